"""The list of devices says what can be used, and why the rest cannot."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from vision.detection.compute_device import ComputeDevice, list_compute_devices


def by_name(devices: list[ComputeDevice]) -> dict[str, ComputeDevice]:
    return {device.device: device for device in devices}


def test_the_processor_always_comes_first() -> None:
    first = list_compute_devices(probe_torch=False)[0]
    assert (first.adapter, first.device, first.is_usable) == ("openvino", "CPU", True)
    assert first.title


def test_every_device_has_a_reason() -> None:
    devices = by_name(list_compute_devices(probe_torch=False))
    assert {"CPU", "cuda:0"} <= set(devices)
    assert any(name.startswith("GPU") for name in devices)
    assert all(str(device.reason).strip() for device in devices.values())


def test_without_torch_the_reason_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "torch" else real(name, *rest)
    )
    device = by_name(list_compute_devices())["cuda:0"]
    assert not device.is_usable
    assert "pip install 'expoflow[torch]'" in str(device.reason)


def test_without_openvino_the_processor_is_not_usable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    device = by_name(list_compute_devices(probe_torch=False))["CPU"]
    assert not device.is_usable
    assert "OpenVINO cannot be loaded" in str(device.reason)

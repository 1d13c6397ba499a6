"""The devices of this machine that can run detection, with the reasons for missing ones."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from analytics.domain.errors import Phrase
from vision.detection.telemetry_opt_out import refuse_openvino_telemetry


@dataclass(frozen=True, slots=True)
class ComputeDevice:
    """One device, present or missing.

    Attributes:
        adapter: the detector for it.
        device: its name for that adapter.
        title: name of the hardware.
        is_usable: whether it can be chosen now.
        reason: why it can or cannot be chosen, one sentence.
    """

    adapter: str
    device: str
    title: str
    is_usable: bool
    reason: Phrase


def list_compute_devices(*, probe_torch: bool = True) -> list[ComputeDevice]:
    """List devices in the order of preference; imports OpenVINO, and torch where it is installed.

    Args:
        probe_torch: whether to import torch, which takes seconds, to find NVIDIA devices.
    """
    return [*_openvino_devices(), _cuda_device(probe_torch=probe_torch)]


def _openvino_devices() -> list[ComputeDevice]:
    refuse_openvino_telemetry()
    try:
        import openvino as ov

        core = ov.Core()
        titles = {name: str(core.get_property(name, "FULL_DEVICE_NAME")) for name in core.available_devices}
    except (ImportError, OSError, RuntimeError) as error:
        reason = Phrase("OpenVINO cannot be loaded: {cause}", {"cause": str(error)})
        return [ComputeDevice("openvino", "CPU", "processor", is_usable=False, reason=reason)]
    devices = [
        ComputeDevice("openvino", name, title.strip(), is_usable=True, reason=_openvino_reason(name))
        for name, title in titles.items()
    ]
    if not any(name.startswith("GPU") for name in titles):
        devices.append(
            ComputeDevice(
                "openvino",
                "GPU",
                "Intel graphics",
                is_usable=False,
                reason=Phrase(
                    "OpenVINO sees no Intel graphics; it needs the hardware and Intel's compute driver."
                ),
            )
        )
    return devices


def _openvino_reason(name: str) -> Phrase:
    if name == "CPU":
        return Phrase("Every machine has one; 8-bit models run best on it.")
    return Phrase("OpenVINO lists it; choose it with the device {name}.", {"name": name})


def _cuda_device(*, probe_torch: bool) -> ComputeDevice:
    def missing(reason: Phrase) -> ComputeDevice:
        return ComputeDevice("ultralytics", "cuda:0", "NVIDIA graphics", is_usable=False, reason=reason)

    if any(importlib.util.find_spec(package) is None for package in ("torch", "ultralytics")):
        return missing(Phrase("PyTorch and Ultralytics are not installed: pip install 'expoflow[torch]'"))
    if not probe_torch:
        return missing(Phrase("PyTorch is installed but was not queried."))
    try:
        import torch
    except (ImportError, OSError) as error:
        return missing(Phrase("PyTorch cannot be loaded: {cause}", {"cause": str(error)}))
    if torch.version.cuda is None:
        return missing(Phrase("The installed PyTorch was built for the processor only."))
    if not torch.cuda.is_available():
        return missing(Phrase("PyTorch sees no NVIDIA device, or its driver is too old."))
    title = torch.cuda.get_device_name(0)
    return ComputeDevice("ultralytics", "cuda:0", title, is_usable=True, reason=Phrase("PyTorch can use it."))

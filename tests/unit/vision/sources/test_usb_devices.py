from __future__ import annotations

from pathlib import Path

import pytest

from vision.sources.usb_devices import UsbDevice, list_usb_devices


def plug_in(folder: Path, node: str, *, name: str, index: str) -> None:
    (folder / node).mkdir(parents=True)
    (folder / node / "name").write_text(f"{name}\n", encoding="utf-8")
    (folder / node / "index").write_text(f"{index}\n", encoding="utf-8")


def test_cameras_are_listed_by_number_without_their_metadata(tmp_path: Path) -> None:
    plug_in(tmp_path, "video10", name="Desk  cam", index="0")
    plug_in(tmp_path, "video2", name="HD cam: HD cam", index="0")
    plug_in(tmp_path, "video3", name="HD cam: HD cam", index="1")
    plug_in(tmp_path, "videoX", name="no number", index="0")
    (tmp_path / "video4").mkdir()
    assert list_usb_devices(platform="linux", folder=tmp_path) == (
        UsbDevice("usb:2", "HD cam: HD cam"),
        UsbDevice("usb:10", "Desk cam"),
    )


def test_without_any_there_are_none(tmp_path: Path) -> None:
    assert list_usb_devices(platform="linux", folder=tmp_path / "absent") == ()


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_other_systems_do_not_tell(platform: str, tmp_path: Path) -> None:
    assert list_usb_devices(platform=platform, folder=tmp_path) is None

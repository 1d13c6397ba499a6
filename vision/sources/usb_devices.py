"""USB cameras that are plugged in, as reported by the system without opening them."""

from __future__ import annotations

import contextlib
import re
import sys
from dataclasses import dataclass
from pathlib import Path

_DEVICES = Path("/sys/class/video4linux")
_NODE = re.compile(r"video(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class UsbDevice:
    """A USB camera.

    Attributes:
        address: address for a source, such as ``usb:0``.
        name: name by the make.
    """

    address: str
    name: str


def list_usb_devices(
    *, platform: str = sys.platform, folder: Path = _DEVICES
) -> tuple[UsbDevice, ...] | None:
    """Return this machine's cameras by number; None on Windows and macOS, where no list is available.

    A camera has several nodes, of which the first provides pictures and the others metadata.

    Args:
        platform: see ``sys.platform``.
        folder: Linux's folder of video devices; absent where there are none.
    """
    if platform != "linux":
        return None
    found = []
    for node in folder.glob("video*"):
        match = _NODE.fullmatch(node.name)
        # the camera may be unplugged meanwhile
        with contextlib.suppress(OSError):
            if match and (node / "index").read_text(encoding="utf-8").strip() == "0":
                name = (node / "name").read_text(encoding="utf-8", errors="replace")
                found.append((int(match["number"]), " ".join(name.split())))
    return tuple(UsbDevice(f"usb:{number}", name) for number, name in sorted(found))

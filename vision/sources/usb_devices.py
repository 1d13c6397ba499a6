"""Which USB cameras are plugged in, as far as the system tells without opening them."""

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
    """One camera.

    Attributes:
        address: as a source is addressed, ``usb:0``.
        name: the make's.
    """

    address: str
    name: str


def list_usb_devices(
    *, platform: str = sys.platform, folder: Path = _DEVICES
) -> tuple[UsbDevice, ...] | None:
    """The cameras of this machine by their numbers; None on Windows and macOS, which are not asked.

    A camera has several nodes, of which the first gives pictures and the others metadata.

    Args:
        platform: as ``sys.platform``.
        folder: where Linux describes its video devices; absent where there are none.
    """
    if platform != "linux":
        return None
    found = []
    for node in folder.glob("video*"):
        match = _NODE.fullmatch(node.name)
        # it may be unplugged meanwhile
        with contextlib.suppress(OSError):
            if match and (node / "index").read_text(encoding="utf-8").strip() == "0":
                name = (node / "name").read_text(encoding="utf-8", errors="replace")
                found.append((int(match["number"]), " ".join(name.split())))
    return tuple(UsbDevice(f"usb:{number}", name) for number, name in sorted(found))

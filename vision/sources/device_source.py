"""USB cameras, read by FFmpeg through the system's own interface.

Written without a USB camera: the interface names and options are FFmpeg's documented ones, and the reading is
tested with a replaced opener only. Opening a real device is untested on Linux, Windows and macOS alike.
"""

from __future__ import annotations

import sys

import av

from analytics.domain.clock import Clock
from analytics.domain.errors import SourceError
from analytics.domain.identifiers import CameraId
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import ReportListener, SourceAddress
from vision.sources.live_source import LiveSource, Opener
from vision.sources.source_faults import SourceFault
from vision.sources.stream_profile import StreamProfile

_PREFIX = "usb:"
_OPEN_LIMIT_S = 10.0
_SILENCE_LIMIT_S = 5.0


class DeviceSource(LiveSource):
    """One USB camera, by number or name."""

    def __init__(
        self,
        *,
        address: SourceAddress,
        camera: CameraId,
        sampler: FrameSampler,
        clock: Clock,
        listener: ReportListener | None = None,
        opener: Opener = av.open,
        platform: str = sys.platform,
    ) -> None:
        """Prepare without opening.

        Raises:
            SourceError: the platform requires the camera's name and the address has only a number.
        """
        self._file, self._format = name_device(address.location, platform=platform)
        super().__init__(
            camera=camera,
            location=address.location,
            transport="USB",
            profile=StreamProfile({}, {}, _OPEN_LIMIT_S, _SILENCE_LIMIT_S),
            sampler=sampler,
            clock=clock,
            listener=listener,
            opener=opener,
        )

    def _target(self) -> tuple[str, str | None]:
        return self._file, self._format

    def _refine(self, fault: SourceFault) -> SourceFault:
        absent = (SourceFault.NOT_FOUND, SourceFault.UNREACHABLE)
        return SourceFault.NO_DEVICE if fault in absent else fault


def name_device(location: str, *, platform: str) -> tuple[str, str]:
    """Return FFmpeg's name for a device, and the name of its interface.

    Args:
        location: ``usb:0``, ``usb:Name of the camera`` or ``/dev/video0``.
        platform: see ``sys.platform``.

    Raises:
        SourceError: Windows identifies cameras by name only.
    """
    name = location[len(_PREFIX) :] if location.lower().startswith(_PREFIX) else location
    if platform == "win32":
        if name.isdigit():
            raise SourceError(
                "On Windows a USB camera is found by its name, not by the number {number}.",
                "Enter usb: followed by the camera's name in the Device Manager.",
                number=name,
            )
        return f"video={name}", "dshow"
    if platform == "darwin":
        return f"{name}:none", "avfoundation"
    return (f"/dev/video{name}" if name.isdigit() else name), "v4l2"

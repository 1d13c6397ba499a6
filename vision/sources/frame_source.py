"""The protocol of every camera, stream and recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame
from vision.sources.redaction import redact_url


class SourceKind(StrEnum):
    """Kind of an address, by the way it is read."""

    RTSP = "rtsp"
    HTTP = "http"
    DEVICE = "device"
    VIDEO = "video"
    IMAGES = "images"
    CLIP = "clip"
    """A short video file, shown over and over as if it were a camera."""

    @property
    def is_recording(self) -> bool:
        """Return whether it ends, and every due frame counts; of a camera only the newest matters."""
        return self in (SourceKind.VIDEO, SourceKind.IMAGES)

    @property
    def is_file(self) -> bool:
        """Return whether the location is a path on this machine."""
        return self.is_recording or self is SourceKind.CLIP


class Pacing(StrEnum):
    """Playback speed of a recording."""

    AS_FAST_AS_POSSIBLE = "as_fast_as_possible"
    REAL_TIME = "by_its_own_time"


@dataclass(frozen=True, slots=True, repr=False)
class SourceAddress:
    """A location to open, with its options; may hold a password, so its repr hides it.

    Attributes:
        location: URL without credentials, device name, file or folder.
        user, password: filled in when the pipeline starts, never read from a venue file.
        transport: for RTSP, ``tcp`` or ``udp``.
        images_fps: for image sequences, pictures per second.
        video_fps: for video files with wrong time stamps, their true number of frames per second; None: as
            stamped.
        start_utc_s: for recordings, the time of the first frame, if known.
        open_limit_s: time limit for a network stream's answer; None: the default.
    """

    kind: SourceKind
    location: str
    user: str | None = None
    password: str | None = None
    transport: str = "tcp"
    pacing: Pacing = Pacing.AS_FAST_AS_POSSIBLE
    images_fps: float | None = None
    video_fps: float | None = None
    start_utc_s: float | None = None
    open_limit_s: float | None = None

    @property
    def is_live(self) -> bool:
        """Return whether only the newest frame matters (a camera), or every due frame (a recording)."""
        return not self.kind.is_recording

    def __repr__(self) -> str:
        return f"SourceAddress({self.kind.value}, {redact_url(self.location)!r})"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A report of a running source, as text for users without any password."""

    camera: CameraId
    state: str
    detail: str


class FrameSource(Protocol):
    """Source that opens, gives frames in the order of time, and closes; the caller reconnects."""

    def open(self) -> None:
        """Connect, within a time limit.

        Raises:
            SourceError: with the cause and a remedy.
        """

    def read(self) -> Frame | None:
        """Return the next frame, or None at the end of a recording.

        Raises:
            SourceError: the source was lost, or has been silent for longer than its time limit.
        """

    def close(self) -> None:
        """Release the connection; may be called at any time, more than once."""


ReportListener = Callable[[SourceReport], None]

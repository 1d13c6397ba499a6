"""The one protocol behind which every camera, stream and recording stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from analytics.domain.identifiers import CameraId
from vision.pixel_types import Frame
from vision.sources.redaction import redact_url


class SourceKind(StrEnum):
    """How an address is read."""

    RTSP = "rtsp"
    HTTP = "http"
    DEVICE = "device"
    VIDEO = "video"
    IMAGES = "images"
    RENDERED = "rendered"
    """A camera of the demo exhibition, drawn as it is read; the location is the file of its crowd."""


class Pacing(StrEnum):
    """How fast a recording plays."""

    AS_FAST_AS_POSSIBLE = "as_fast_as_possible"
    BY_ITS_OWN_TIME = "by_its_own_time"


@dataclass(frozen=True, slots=True, repr=False)
class SourceAddress:
    """What to open, and how; may hold a password, so it never shows it.

    Attributes:
        location: URL without credentials, device name, file or folder.
        user, password: put in by whoever starts the pipeline, never read from a venue file.
        transport: for RTSP, ``tcp`` or ``udp``.
        images_fps: for image sequences and rendered scenes, pictures per second.
        start_utc_s: for recordings, when the first frame was taken, if known.
        open_limit_s: how long a network stream may take to answer; None: as long as is usual.
    """

    kind: SourceKind
    location: str
    user: str | None = None
    password: str | None = None
    transport: str = "tcp"
    pacing: Pacing = Pacing.AS_FAST_AS_POSSIBLE
    images_fps: float | None = None
    start_utc_s: float | None = None
    open_limit_s: float | None = None

    @property
    def is_live(self) -> bool:
        """Whether the newest frame wins (a camera), or every due frame counts (a recording)."""
        return self.kind in (SourceKind.RTSP, SourceKind.HTTP, SourceKind.DEVICE, SourceKind.RENDERED)

    def __repr__(self) -> str:
        return f"SourceAddress({self.kind.value}, {redact_url(self.location)!r})"


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What a source says of itself while it runs; words for people, without any password."""

    camera: CameraId
    state: str
    detail: str


class FrameSource(Protocol):
    """Opens, gives frames in the order of time, and closes; reconnecting is the business of its caller."""

    def open(self) -> None:
        """Connect, within a time limit.

        Raises:
            SourceError: with the cause and a remedy.
        """

    def read(self) -> Frame | None:
        """The next frame, or None at the end of a recording.

        Raises:
            SourceError: the source was lost, or has been silent for longer than its time limit.
        """

    def close(self) -> None:
        """Let go of the connection; may be called at any time, more than once."""


ReportListener = Callable[[SourceReport], None]

"""Define the protocols for writing and reading a venue's history."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from analytics.domain.event_sink import EventSink
from analytics.domain.identifiers import CameraId, TrackletId

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Recording:
    """An imported file, identified by its checksum.

    Attributes:
        sha256: hexadecimal checksum of the file.
        camera: camera whose view it shows.
        start_s: time of its first frame, seconds since the epoch; None if unknown.
        imported_s: time of import, seconds since the epoch.
    """

    name: str
    sha256: str
    camera: CameraId
    start_s: float | None
    imported_s: float


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A half-open period from ``start_s`` (inclusive) to ``end_s`` (exclusive)."""

    start_s: float
    end_s: float


class EventWriter(EventSink, Protocol):
    """The single writer of a history."""

    @property
    def dropped_points(self) -> int:
        """Return the number of points lost because they could not be written for too long."""

    @property
    def refused_points(self) -> int:
        """Return the number of points rejected as invalid (not finite, or farther away than any hall is
        wide).
        """

    def reserve_tracklets(self, count: int) -> TrackletId:
        """Reserve ``count`` consecutive tracklet numbers and return the first."""

    def write_recording(self, recording: Recording) -> None:
        """Record that a file was imported, replacing one with the same checksum."""


class EventReader(Protocol):
    """A reader of a history, also while it is being written.

    Periods are half-open [start_s, end_s); None means no limit. ``cameras`` None means all cameras. Data that
    the writer has not flushed may be missing.
    """

    def read_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return track points (``TRACK_COLUMNS``) ordered by time, camera, tracklet; ``visitor`` is
        missing.
        """

    def iterate_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """Yield track points by hours of UTC, for periods that do not fit into memory."""

    def read_spans(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return observed spans (``SPAN_COLUMNS``) that overlap the period, uncut, ordered by start."""

    def read_gaps(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return gaps (``GAP_COLUMNS``) that overlap the period, uncut, ordered by start."""

    def read_events(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Return the cameras' log (``EVENT_COLUMNS``) ordered by time."""

    def last_observed_end(self, camera: CameraId) -> float | None:
        """Return when a camera was last observed, seconds since the epoch; None if never."""

    def check_tracks(self, start_s: float | None = None, end_s: float | None = None) -> bool:
        """Check all points of a period, so that spans and gaps reflect damaged files.

        Call it before reading spans to count from points, or read the points first.

        Returns:
            Whether everything is present.
        """

    def time_range(self) -> TimeRange | None:
        """Return the period with points or observed spans; None for an empty history."""

    def find_recording(self, sha256: str) -> Recording | None:
        """Return the imported recording with a checksum; None if unknown."""

    def list_recordings(self) -> list[Recording]:
        """Return all imported recordings, the oldest import first."""

    def points_since(self) -> float | None:
        """Return the time before which points were deleted because of their age, seconds; None if none
        were.
        """

    def count_points(self, start_s: float, end_s: float) -> int:
        """Estimate the number of track points in a period; 0 only if there are none."""

    def close(self) -> None:
        """Release all resources."""

"""What may be written to and read from a venue's history, whatever keeps it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from analytics.domain.event_sink import EventSink
from analytics.domain.identifiers import CameraId, TrackletId


@dataclass(frozen=True, slots=True)
class Recording:
    """A file that was taken into the history; its checksum tells when somebody takes it in again.

    Attributes:
        sha256: of the file, hexadecimal.
        camera: which camera it shows.
        start_s: when its first frame was taken, seconds since the epoch; None where nobody knows.
        imported_s: when it was taken in, seconds since the epoch.
    """

    name: str
    sha256: str
    camera: CameraId
    start_s: float | None
    imported_s: float


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From the first moment of a history to just after its last: ``start_s`` is in it, ``end_s`` is not."""

    start_s: float
    end_s: float


class EventWriter(EventSink, Protocol):
    """Adds to a history. There is one at a time."""

    @property
    def dropped_points(self) -> int:
        """How many points were lost because they could not be written for too long."""

    @property
    def refused_points(self) -> int:
        """How many points were no positions (not finite, or farther off than any hall is wide)."""

    def reserve_tracklets(self, count: int) -> TrackletId:
        """The first of ``count`` numbers that no tracklet of this history has or will have otherwise."""

    def write_recording(self, recording: Recording) -> None:
        """Remember that a file was taken in; one with the same checksum is replaced."""


class EventReader(Protocol):
    """Reads a history, also while it is being written.

    Periods are half open: a moment at ``start_s`` is in, one at ``end_s`` is not; None is without limit.
    ``cameras`` None is all cameras. What a writer has not flushed may be missing.
    """

    def read_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Track points (``TRACK_COLUMNS``) ordered by time, camera, tracklet; ``visitor`` is missing."""

    def iterate_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """The same, one hour of UTC after the other, for periods that do not fit into memory."""

    def read_spans(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Observed spans (``SPAN_COLUMNS``) that overlap the period, not cut to it, ordered by start."""

    def read_gaps(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Gaps (``GAP_COLUMNS``) that overlap the period, not cut to it, ordered by start."""

    def read_events(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """The cameras' log (``EVENT_COLUMNS``) ordered by time."""

    def last_observed_end(self, camera: CameraId) -> float | None:
        """When the camera was last observed, seconds; None if never."""

    def check_tracks(self, start_s: float | None = None, end_s: float | None = None) -> bool:
        """Look at all that is kept of a period's points, so that spans and gaps tell of what is damaged.

        Whoever counts from points calls it before it reads spans, or reads the points first.

        Returns:
            Whether all is there.
        """

    def time_range(self) -> TimeRange | None:
        """The period that has points or observed spans; None for an empty history."""

    def find_recording(self, sha256: str) -> Recording | None:
        """The recording with this checksum, if it was taken in before."""

    def points_since(self) -> float | None:
        """Track points before this moment, seconds, were deleted for their age; None: none was."""

    def count_points(self, start_s: float, end_s: float) -> int:
        """About how many track points a period has, to tell how long it takes; 0 only if there is none."""

    def close(self) -> None:
        """Let go of every resource."""

"""A history that is gone with the process: for demos, tests and analyses that write only files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

import pandas as pd

from analytics.columns import (
    EVENT_COLUMNS,
    GAP_COLUMNS,
    SPAN_COLUMNS,
    TRACK_COLUMNS,
    Column,
    empty_table,
)
from analytics.domain.event_sink import CameraEvent, Gap, ObservedSpan
from analytics.domain.history_condition import HistoryCondition
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint
from analytics.store.event_store import Recording, TimeRange
from analytics.store.microseconds import HOUR_US, hour_of, to_s, to_us
from analytics.store.point_encoding import EncodedPoint, encode_point

Stretch = TypeVar("Stretch", ObservedSpan, Gap)
_ALL_US = (-(1 << 62), 1 << 62)


class MemoryEventStore:
    """EventWriter and EventReader in one, with the same rounding as the others; see the protocols."""

    def __init__(self) -> None:
        self.refused_points = 0
        self.dropped_points = 0
        self._points: list[EncodedPoint] = []
        self._spans: dict[tuple[str, int], ObservedSpan] = {}
        self._gaps: dict[tuple[str, int], Gap] = {}
        self._events: list[CameraEvent] = []
        self._recordings: dict[str, Recording] = {}
        self._next_tracklet = 0

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Add track points."""
        encoded = [encode_point(point) for point in points]
        self._points += [point for point in encoded if point is not None]
        self.refused_points += encoded.count(None)

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend a stretch of observation."""
        self._spans[span.camera, to_us(span.start_s)] = span

    def write_gap(self, gap: Gap) -> None:
        """Record or extend a stretch without observation."""
        self._gaps[gap.camera, to_us(gap.start_s)] = gap

    def write_event(self, event: CameraEvent) -> None:
        """Add a line to the log."""
        self._events.append(event)

    def flush(self) -> None:
        """Nothing to do: memory is as durable as it gets."""

    def close(self) -> None:
        """Nothing to let go of."""

    def reserve_tracklets(self, count: int) -> TrackletId:
        """The first of ``count`` numbers of tracklets."""
        first = self._next_tracklet
        self._next_tracklet += count
        return TrackletId(first)

    def write_recording(self, recording: Recording) -> None:
        """Remember that a file was taken in."""
        self._recordings[recording.sha256] = recording

    def read_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Track points ordered by time, camera, tracklet."""
        start_us, end_us = _bounds(start_s, end_s)
        rows = [
            {
                "time_s": to_s(point.time_us),
                "camera": point.camera,
                "tracklet": point.tracklet,
                "visitor": None,
                "x_m": point.x_mm / 1000,
                "y_m": point.y_mm / 1000,
                "sigma_m": point.sigma_mm / 1000,
                "height_m": None if point.height_mm is None else point.height_mm / 1000,
                "state": point.state,
            }
            for point in sorted(self._points, key=lambda point: (point.time_us, point.camera, point.tracklet))
            if start_us <= point.time_us < end_us and (cameras is None or point.camera in cameras)
        ]
        return _to_table(rows, TRACK_COLUMNS)

    def iterate_tracks(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> Iterator[pd.DataFrame]:
        """The same by the hour."""
        start_us, end_us = _bounds(start_s, end_s)
        for hour_us in sorted({hour_of(point.time_us) for point in self._points}):
            first_us, last_us = max(hour_us, start_us), min(hour_us + HOUR_US, end_us)
            hour = self.read_tracks(to_s(first_us), to_s(last_us), cameras)
            if len(hour):
                yield hour

    def read_spans(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Observed spans that overlap the period."""
        rows = [
            {"camera": span.camera, "start_s": span.start_s, "end_s": span.end_s, "frames": span.frames}
            for span in _overlapping(self._spans, start_s, end_s, cameras)
        ]
        return _to_table(rows, SPAN_COLUMNS)

    def check_tracks(self, start_s: float | None = None, end_s: float | None = None) -> bool:  # noqa: ARG002
        """Return True: memory is never damaged."""
        return True

    def read_gaps(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """Gaps that overlap the period."""
        rows = [
            {"camera": gap.camera, "start_s": gap.start_s, "end_s": gap.end_s, "cause": gap.cause}
            for gap in _overlapping(self._gaps, start_s, end_s, cameras)
        ]
        return _to_table(rows, GAP_COLUMNS)

    def read_events(
        self,
        start_s: float | None = None,
        end_s: float | None = None,
        cameras: Collection[CameraId] | None = None,
    ) -> pd.DataFrame:
        """The cameras' log."""
        start_us, end_us = _bounds(start_s, end_s)
        rows = [
            {
                "time_s": event.time_s,
                "camera": event.camera,
                "kind": event.kind.value,
                "detail": event.detail,
                "count": event.count,
            }
            for event in sorted(self._events, key=lambda event: (to_us(event.time_s), event.camera))
            if start_us <= to_us(event.time_s) < end_us and (cameras is None or event.camera in cameras)
        ]
        return _to_table(rows, EVENT_COLUMNS)

    def last_observed_end(self, camera: CameraId) -> float | None:
        """When the camera was last observed, seconds."""
        return max((span.end_s for span in self._spans.values() if span.camera == camera), default=None)

    def last_gap_cause(self, camera: CameraId) -> str:
        """Return the cause of the gap that ends the camera's record; empty if a span ends it."""
        gaps = [gap for gap in self._gaps.values() if gap.camera == camera]
        last = max(gaps, key=lambda gap: gap.end_s, default=None)
        observed_s = self.last_observed_end(camera)
        return "" if last is None or (observed_s is not None and observed_s >= last.end_s) else last.cause

    def observed_from(self, camera: CameraId, time_s: float) -> Sequence[tuple[float, float]]:
        """Return start and end of the camera's spans that end after a time, seconds since the epoch."""
        spans = self.read_spans(time_s, None, (camera,))
        return list(zip(spans["start_s"].tolist(), spans["end_s"].tolist(), strict=True))

    def condition(self) -> HistoryCondition:
        """Return that nothing waits to be written."""
        return HistoryCondition()

    def time_range(self) -> TimeRange | None:
        """The period that has points or observed spans."""
        moments = [point.time_us for point in self._points]
        moments += [to_us(end) for span in self._spans.values() for end in (span.start_s, span.end_s)]
        return TimeRange(to_s(min(moments)), to_s(max(moments) + 1)) if moments else None

    def find_recording(self, sha256: str) -> Recording | None:
        """The recording with this checksum."""
        return self._recordings.get(sha256)

    def list_recordings(self) -> list[Recording]:
        """All imported recordings, the oldest import first."""
        return sorted(self._recordings.values(), key=lambda one: (one.imported_s, one.name))

    def points_since(self) -> float | None:
        """Nothing is deleted for its age."""
        return None

    def count_points(self, start_s: float, end_s: float) -> int:
        """How many track points a period has."""
        start_us, end_us = _bounds(start_s, end_s)
        return sum(start_us <= point.time_us < end_us for point in self._points)


def _bounds(start_s: float | None, end_s: float | None) -> tuple[int, int]:
    return (
        _ALL_US[0] if start_s is None else to_us(start_s),
        _ALL_US[1] if end_s is None else to_us(end_s),
    )


def _overlapping(
    kept: dict[tuple[str, int], Stretch],
    start_s: float | None,
    end_s: float | None,
    cameras: Collection[CameraId] | None,
) -> list[Stretch]:
    start_us, end_us = _bounds(start_s, end_s)
    return [
        stretch
        for (camera, first_us), stretch in sorted(kept.items(), key=lambda item: item[0][::-1])
        if to_us(stretch.end_s) >= start_us and first_us < end_us and (cameras is None or camera in cameras)
    ]


def _to_table(rows: list[dict[str, Any]], columns: tuple[Column, ...]) -> pd.DataFrame:
    if not rows:
        return empty_table(columns)
    return pd.DataFrame(rows).astype({column.name: column.dtype for column in columns})

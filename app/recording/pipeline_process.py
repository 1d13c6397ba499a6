"""Connect a pipeline's processes to the history they write.

The functions are referenced in the plan that a child process receives, and called there; referencing them
imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.event_sink import CameraEvent, Gap, ObservedSpan
from analytics.domain.history_condition import HistoryCondition
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackPoint
from vision.pipeline.pipeline_parts import PipelineParts, PipelineSink

if TYPE_CHECKING:
    from analytics.store.sql_event_reader import SqlEventReader
    from analytics.store.sql_event_writer import SqlEventWriter


def make_parts(store_folder: Path) -> PipelineParts:
    """Return the parts of a pipeline that writes into the history in a folder."""
    return PipelineParts(open_sink=partial(open_sink, store_folder))


def open_sink(store_folder: Path) -> PipelineSink:
    """Open the history in a folder for a pipeline; called in the inference process.

    Raises:
        StoreError: as `analytics.store.sql_event_store.open_store`.
    """
    from analytics.store.sql_event_store import open_store

    return HistorySink(open_store(store_folder), store_folder)


class HistorySink:
    """An adapter from `PipelineSink` to the history of a venue."""

    def __init__(self, writer: SqlEventWriter, folder: Path) -> None:
        self._writer = writer
        self._folder = folder

    def reserve_tracklets(self, count: int) -> int:
        """Reserve ``count`` consecutive tracklet numbers and return the first."""
        return self._writer.reserve_tracklets(count)

    def last_observed_end(self, camera: CameraId) -> float | None:
        """Return the end of the recorded observations and gaps of a camera, seconds since the epoch."""
        from analytics.store.sql_event_store import open_reader

        reader = open_reader(self._folder)
        try:
            observed_s = reader.last_observed_end(camera)
            if observed_s is None:
                return None
            gaps = reader.read_gaps(observed_s, None, (camera,))
            return max(observed_s, float(gaps["end_s"].max())) if len(gaps) else observed_s
        finally:
            reader.close()

    def last_gap_cause(self, camera: CameraId) -> str:
        """Return the cause of the gap that ends the camera's record; empty if a span ends it."""
        from analytics.store.sql_event_store import open_reader

        reader = open_reader(self._folder)
        try:
            return find_last_gap_cause(reader, camera)
        finally:
            reader.close()

    def observed_from(self, camera: CameraId, time_s: float) -> Sequence[tuple[float, float]]:
        """Return start and end of the observations of a camera that end after a time, seconds since the
        epoch.
        """
        from analytics.store.sql_event_store import open_reader

        reader = open_reader(self._folder)
        try:
            spans = reader.read_spans(time_s, None, (camera,))
            return list(zip(spans["start_s"].tolist(), spans["end_s"].tolist(), strict=True))
        finally:
            reader.close()

    def condition(self) -> HistoryCondition:
        """Return the write condition of the history."""
        return HistoryCondition(waiting_points=self._writer.pending_points)

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Add track points."""
        self._writer.write_points(points)

    def write_span(self, span: ObservedSpan) -> None:
        """Begin or extend a span of observation."""
        self._writer.write_span(span)

    def write_gap(self, gap: Gap) -> None:
        """Record a gap of observation."""
        self._writer.write_gap(gap)

    def write_event(self, event: CameraEvent) -> None:
        """Add an event to the log."""
        self._writer.write_event(event)

    def flush(self) -> None:
        """Make everything written so far durable."""
        self._writer.flush()

    def close(self) -> None:
        """Flush and close the history."""
        self._writer.close()


def find_last_gap_cause(reader: SqlEventReader, camera: CameraId) -> str:
    """Return the cause of the gap that ends a camera's record; empty if a span ends it, or there is none."""
    observed_s = reader.last_observed_end(camera)
    if observed_s is None:
        return ""
    gaps = reader.read_gaps(observed_s, None, (camera,))
    gaps = gaps[gaps["end_s"] > observed_s]
    return str(gaps["cause"].iloc[int(gaps["end_s"].argmax())]) if len(gaps) else ""

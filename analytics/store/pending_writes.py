"""What a writer was given and has not made durable yet: bounded, and counting what it has to turn away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from analytics.domain.event_sink import CameraEvent, CameraEventKind, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackPoint
from analytics.store.microseconds import to_s, to_us
from analytics.store.point_encoding import EncodedPoint, encode_point

MOST_EVENTS = 10_000


@dataclass(slots=True)
class _Loss:
    first_us: int
    last_us: int
    count: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """What one flush makes durable."""

    points: tuple[EncodedPoint, ...]
    spans: tuple[ObservedSpan, ...]
    gaps: tuple[Gap, ...]
    events: tuple[CameraEvent, ...]

    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.points or self.spans or self.gaps or self.events)


@dataclass(slots=True)
class PendingWrites:
    """Points, spans, gaps and events since the last flush.

    Attributes:
        most_points: more than these are turned away, the newest, until a flush succeeds.
        refused_points: points that are no positions.
        dropped_points: points that were turned away.
    """

    most_points: int
    points: list[EncodedPoint] = field(default_factory=list)
    spans: dict[tuple[CameraId, int], ObservedSpan] = field(default_factory=dict)
    gaps: dict[tuple[CameraId, int], Gap] = field(default_factory=dict)
    events: list[CameraEvent] = field(default_factory=list)
    refused_points: int = 0
    dropped_points: int = 0
    dropped_events: int = 0
    _losses: dict[CameraId, _Loss] = field(default_factory=dict)

    def add_points(self, points: Sequence[TrackPoint]) -> None:
        """Add points; counts those that are no positions and those for which there is no room."""
        for point in points:
            encoded = encode_point(point)
            if encoded is None:
                self.refused_points += 1
            elif len(self.points) < self.most_points:
                self.points.append(encoded)
            else:
                self._lose(encoded)

    def add_span(self, span: ObservedSpan) -> None:
        """Add a span or extend the one of the same camera and start."""
        self.spans[span.camera, to_us(span.start_s)] = span

    def add_gap(self, gap: Gap) -> None:
        """Add a gap or extend the one of the same camera and start."""
        self.gaps[gap.camera, to_us(gap.start_s)] = gap

    def add_event(self, event: CameraEvent) -> None:
        """Add a line to the log, as long as there is room."""
        if len(self.events) < MOST_EVENTS:
            self.events.append(event)
        else:
            self.dropped_events += 1

    def take(self) -> Batch:
        """Everything there is, for a flush; points stay here until ``confirm``, because they are counted.

        What was turned away comes along, as a gap and a line of the log for each camera.
        """
        for camera, loss in self._losses.items():
            detail = "Track points could not be written for too long."
            first_s, last_s = to_s(loss.first_us), to_s(loss.last_us)
            self.events.append(CameraEvent(last_s, camera, CameraEventKind.DROPPED, detail, loss.count))
            self.add_gap(Gap(camera, first_s, last_s, "store"))
        batch = Batch(
            tuple(self.points), tuple(self.spans.values()), tuple(self.gaps.values()), tuple(self.events)
        )
        self._losses.clear()
        self.spans.clear()
        self.gaps.clear()
        self.events.clear()
        return batch

    def confirm(self, batch: Batch) -> None:
        """Let go of a batch's points; they are durable."""
        del self.points[: len(batch.points)]

    def put_back(self, batch: Batch) -> None:
        """Keep a batch that could not be written; what came in since is newer and counts."""
        self.spans = {(s.camera, to_us(s.start_s)): s for s in batch.spans} | self.spans
        self.gaps = {(g.camera, to_us(g.start_s)): g for g in batch.gaps} | self.gaps
        self.events[:0] = batch.events

    def _lose(self, point: EncodedPoint) -> None:
        self.dropped_points += 1
        loss = self._losses.setdefault(CameraId(point.camera), _Loss(point.time_us, point.time_us))
        loss.first_us = min(loss.first_us, point.time_us)
        loss.last_us = max(loss.last_us, point.time_us)
        loss.count += 1

"""Write less of the observations while disk space is low, and record what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analytics.domain.event_sink import EventSink, Gap, ObservedSpan
from analytics.domain.history_condition import HistoryMode
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint

DISK_FULL = "disk full"
"""Cause of a gap in which frames were analysed but could not be stored."""
THINNED_TO_S = 1.0
_MAX_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class _Pause:
    """A pause of one camera: its start, its end, and the frames of its span at the end."""

    from_s: float
    until_s: float
    frames: int
    is_over: bool = False


class SpaceSaving:
    """A filter that passes points and spans on to a sink according to its mode.

    Spans are passed repeatedly as they grow. A pause is cut out of them: the part before it stays, a gap
    follows, and later observations form a new span.
    """

    def __init__(self, sink: EventSink) -> None:
        self._sink = sink
        self._mode = HistoryMode.FULL
        self._last_kept: dict[TrackletId, int] = {}
        self._pauses: dict[CameraId, _Pause] = {}
        self._last_ends: dict[CameraId, tuple[float, int]] = {}

    @property
    def mode(self) -> HistoryMode:
        """Return the current mode."""
        return self._mode

    def change_mode(self, mode: HistoryMode) -> None:
        """Change the mode."""
        if self._mode is HistoryMode.PAUSED and mode is not HistoryMode.PAUSED:
            self._pauses = {camera: replace(pause, is_over=True) for camera, pause in self._pauses.items()}
        self._mode = mode
        if mode is not HistoryMode.THINNED:
            self._last_kept.clear()

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        """Pass on all points, the first per person and second, or none."""
        if self._mode is HistoryMode.FULL:
            self._sink.write_points(points)
        elif self._mode is HistoryMode.THINNED:
            self._sink.write_points([point for point in points if self._is_kept(point)])

    def write_span(self, span: ObservedSpan) -> None:
        """Pass on a span of observation without the time of a pause."""
        pause = self._pauses.get(span.camera)
        if self._mode is not HistoryMode.PAUSED:
            self._pass_on(span, pause)
            self._last_ends[span.camera] = span.end_s, span.frames
            return
        if pause is None or pause.is_over or span.start_s > pause.until_s:
            # points are stored up to the end of the span before the pause
            from_s, frames = self._last_ends.get(span.camera, (span.start_s, 0))
            if from_s < span.start_s:
                from_s, frames = span.start_s, 0
            pause = _Pause(from_s, from_s, frames)
        self._pauses[span.camera] = replace(pause, until_s=span.end_s, frames=span.frames)
        if span.end_s > pause.from_s:
            self._sink.write_gap(Gap(span.camera, pause.from_s, span.end_s, DISK_FULL))

    def _pass_on(self, span: ObservedSpan, pause: _Pause | None) -> None:
        """Write a span, or its part after the last pause."""
        if pause is None or span.start_s >= pause.until_s:
            self._sink.write_span(span)
        elif span.end_s > pause.until_s and span.frames > pause.frames:
            rest = replace(span, start_s=pause.until_s, frames=span.frames - pause.frames)
            self._sink.write_span(rest)

    def _is_kept(self, point: TrackPoint) -> bool:
        interval = int(point.time_s // THINNED_TO_S)
        if interval <= self._last_kept.get(point.tracklet, -1):
            return False
        if len(self._last_kept) >= _MAX_REMEMBERED:
            self._last_kept.clear()
        self._last_kept[point.tracklet] = interval
        return True


_GIB, _MIB = 2**30, 2**20


@dataclass(frozen=True, slots=True)
class DiskLimits:
    """Limits of free disk space in bytes.

    Attributes:
        thin_below: limit for thinning positions, which reduces the data of a busy hall to a fifth.
        pause_below: limit for pausing positions; the rest is reserved for gaps, the log and other
            programs.
        recover_at: factor of a limit that must be free again before the former mode returns, as
            hysteresis.
    """

    thin_below: int
    pause_below: int
    recover_at: float = 1.5


def choose_limits(total_bytes: int) -> DiskLimits:
    """Return the limits for a disk: 2 GiB and 256 MiB, or 5 % and 1 % of a small disk."""
    return DiskLimits(min(2 * _GIB, total_bytes // 20), min(256 * _MIB, total_bytes // 100))


def choose_mode(free_bytes: int, *, present: HistoryMode, limits: DiskLimits) -> HistoryMode:
    """Return the mode of writing for the free disk space."""
    pause_below, thin_below = limits.pause_below, limits.thin_below
    if present is HistoryMode.PAUSED:
        pause_below = round(pause_below * limits.recover_at)
    if present is not HistoryMode.FULL:
        thin_below = round(thin_below * limits.recover_at)
    if free_bytes < pause_below:
        return HistoryMode.PAUSED
    return HistoryMode.THINNED if free_bytes < thin_below else HistoryMode.FULL

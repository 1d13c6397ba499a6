"""The record of one track beside its motion: sightings, and points not reported yet."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackState
from vision.pixel_types import FootPoint, TrackedBox
from vision.tracking.sightings import Box
from vision.tracking.weak_places import REMEMBERED_S, WeakPlace

MOST_HELD = 1000
"""Points of one track that are held back at most."""
_CONFIRMED = TrackState.CONFIRMED
"""Constant for speed: the enumeration's lookup takes as long as the rest of a sighting."""


@dataclass(slots=True)
class TrackRecord:
    """One track of one camera.

    Attributes:
        begun_s, seen_s, seen_strongly_s: times of the first and last sighting and of the last one in which
            the detector was sure.
        box: box of the last sighting.
        sightings: number of sightings; weak ones before confirmation are not counted.
        tracklet: None until confirmation.
        unseen_times_s: times of frames since the last sighting.
        mean_score: mean over all sightings.
        is_reported: whether any point was reported.
        hidden_s, hidden_frames: the longest unreported stretch without a sighting.
        place: motion at one place of a person who was only ever detected weakly; None for others.
        watched: sightings until any point was reported, which tell whether the boxes only tremble.
        recent: time and box of each sighting of the last ``REMEMBERED_S``.
        back_s, back_sightings, back_misses: its end, and frames with and without a sighting since.
    """

    begun_s: float
    seen_s: float
    seen_strongly_s: float
    box: Box
    sightings: int = 0
    tracklet: TrackletId | None = None
    unseen_times_s: list[float] = field(default_factory=list)
    mean_score: float = 0.0
    is_reported: bool = False
    hidden_s: float = 0.0
    hidden_frames: int = 0
    back_s: float = 0.0
    back_sightings: int = 0
    back_misses: int = 0
    place: WeakPlace | None = None
    watched: WeakPlace | None = None
    recent: deque[tuple[float, Box]] = field(default_factory=deque)
    _scored: int = 0
    _held: list[tuple[float, Box, float, TrackState, FootPoint | None]] = field(default_factory=list)

    def see(
        self,
        time_s: float,
        box: Box,
        score: float,
        *,
        is_strong: bool,
        foot: FootPoint | None = None,
        feet_between: Sequence[FootPoint | None] = (),
    ) -> None:
        """Add a sighting; frames since the previous one get boxes on a straight line between the two.

        Args:
            feet_between: one for each of ``unseen_times_s``, or empty.
        """
        if self.unseen_times_s:
            self._come_back(time_s)
            self._fill_in(time_s, box, feet_between)
        self.back_sightings += 1
        self._held.append((time_s, box, score, _CONFIRMED, foot))
        self.recent.append((time_s, box))
        while time_s - self.recent[0][0] > REMEMBERED_S:
            self.recent.popleft()
        if not self.is_reported:
            self._watch(time_s, box, score)
        self.box = box
        self.seen_s = time_s
        if is_strong:
            self.seen_strongly_s = time_s
        self.sightings += is_strong or self.tracklet is not None
        self._scored += 1
        self.mean_score += (score - self.mean_score) / self._scored

    def _watch(self, time_s: float, box: Box, score: float) -> None:
        if self.watched is None:
            self.watched = WeakPlace(np.array(box), time_s)
        self.watched.see(time_s, np.array(box), score)
        if len(self._held) > MOST_HELD:
            # nobody needs to know since when a coat that is never reported hangs there
            del self._held[: MOST_HELD // 2]

    def _come_back(self, time_s: float) -> None:
        missed, hidden_s = len(self.unseen_times_s), time_s - self.seen_s
        self.back_misses += missed
        if hidden_s > self.hidden_s:
            self.hidden_s, self.hidden_frames = hidden_s, missed
            self.back_s, self.back_sightings, self.back_misses = time_s, 0, 0

    def _fill_in(self, time_s: float, box: Box, feet_between: Sequence[FootPoint | None]) -> None:
        span_s = time_s - self.seen_s
        for number, hidden_s in enumerate(self.unseen_times_s):
            share = (hidden_s - self.seen_s) / span_s
            left, top, right, bottom = (a + share * (b - a) for a, b in zip(self.box, box, strict=True))
            between = feet_between[number] if feet_between else None
            self._held.append((hidden_s, (left, top, right, bottom), 0.0, TrackState.INTERPOLATED, between))
        self.unseen_times_s.clear()

    def release(self) -> list[TrackedBox]:
        """Return and clear the unreported points; the track must have a tracklet."""
        held, tracklet = self._held, self.tracklet
        if not held:
            return []
        assert tracklet is not None
        released = [TrackedBox(tracklet, *point) for point in held]
        held.clear()
        self.is_reported, self.hidden_s, self.watched = True, 0.0, None
        return released

    def measure_way(self) -> float:
        """Return the distance from the first to the last unreported place, floor units; 0 if unknown."""
        first, last = self._held[0][-1], self._held[-1][-1]
        if first is None or last is None:
            return 0.0
        return math.hypot(last.x_m - first.x_m, last.y_m - first.y_m)

    @property
    def is_waiting(self) -> bool:
        """Return whether there are points to report."""
        return bool(self._held)


def to_box(values: Sequence[float]) -> Box:
    """Return the edges of a box as a tuple."""
    left, top, right, bottom = values
    return left, top, right, bottom

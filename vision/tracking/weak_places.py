"""Find people who are never found surely: weak detections that repeat at one place and move as bodies do.

A seated or half-hidden person is found faintly for as long as they sit. So is a coat on a chair; but its box
trembles around one place, frame by frame anew, while whoever breathes, leans and turns is next where they
were last.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from vision.tracking.association import compute_overlaps

SAME_OVERLAP = 0.4
"""Intersection over union from which a detection is at a place."""
MEAN_OVER_SIGHTINGS = 5.0
SEAT_SIGMAS = 2.0
"""The same as ``MOVING_SIGMAS`` where people are known to sit. With one test and a quarter of the frames, two
points more of them would count in time, and as many coats and chairs."""
MIN_SIGHTINGS, MIN_S = 8, 3.0
MIN_FOUND_SHARE = 0.4
"""Share of the frames since the first sighting in which a person is found."""
STATURES, WIDTHS = (0.4, 1.15), (0.5, 1.8)
"""Between what the boxes of seated, half-hidden and standing people lie, in heights and usual widths of a
standing person whose feet are at the lower edge. A poster hung high would be taller there, since the floor
below its lower edge is farther away."""
TREMBLE, MOVING_SIGMAS = 2.0, 3.0
"""Mean square of the step between the ranks of successive values over the variance of ranks (Bartels, 1982):
2 for errors that are independent, and by how many standard deviations it is less for whoever moves. Ranks,
since a passer-by throws a few boxes of an object far off."""
MIN_WANDERING, MIN_WANDERING_PX = 0.02, 1.5
"""So far, in heights of the box, and in pixels, somebody's box wanders beyond its errors. Coats on the
racks of a shop in which people walked stayed below one of them (two clips of CAVIAR, 30 to 45 px high)."""
NEARLY_SURE_SCORE = 0.4
"""With so high a mean score a person need not move."""
SIGMA_PER_MEDIAN = 1.4826
"""Standard deviation of normal errors over the median of their amounts."""
RIGID_SIGHTINGS, RIGID_SIGMAS = 30, 1.5
"""From so many sightings on, a ratio as near to that of an object shows one."""
REMEMBERED_S, FORGOTTEN_S = 10.0, 3.0
JUDGED_EVERY_S = 0.5
INSIDE_PART = 0.7
"""Share of a box that lies in one that is found more surely, from which it may be a part of that person."""

BESIDE_PART = 0.2
"""Share of a walker's width and height within which they may change the box of what they pass."""
MIRRORED_WIDTHS, MIRRORED_PARTS = (0.8, 1.25), 0.25
"""A box as wide as somebody's, in their widths, that begins within this share of their height and width of
where theirs ends shows them upside down in a shining floor."""
TESTS = 2
"""So many tests in a row must find a person."""
PERSON_WEIGHTS = np.array([-8.3, 1.5, -3.6])
"""Logistic regression of whether a place that repeats is a person's, in 20 rooms of
``tools/scenes/seated_rooms.py``, on ``sigmas`` and on the share of the frames in which something is found
there: whoever is found in most of them and moves has a track by then."""
ALIKE_LAG_S, ALIKE_STEPS = 1.0, 12
ALIKE_EACH, ALIKE_TOGETHER, ALIKE_PER_STEP = 0.15, 0.8, 3.0
"""Two boxes move alike if the steps over this lag of their middles, either way round, and of their widths are
correlated, by so much each and together, the more the fewer steps there are. A body and its reflection are in
87 % of spans of 5 s and 99 % of 10 s, two people who sit there in 2.6 and 0.3 %, in the noise of
``tools/scenes/seated_rooms.py``. Where a camera shakes, widths are not correlated."""
ALIKE_FOR_S = 2.0
"""Whatever moved alike is taken for a reflection for so long."""


@dataclass(slots=True)
class WeakPlace:
    """Sightings at one place over the last ``REMEMBERED_S``: time, box and score of each.

    Attributes:
        box_xyxy: mean of the last ones.
        passed: tests in a row that found a person.
        sigmas: how surely boxes are next where they were last, in standard deviations, at ``judged_s``.
        moves: the boxes wander as those of a body do.
        is_seat: people sit there.
        alike_s: when the boxes moved as those of somebody else the last time.
    """

    box_xyxy: FloatArray
    seen_s: float
    passed: int = 0
    judged_s: float = -math.inf
    sigmas: float = 0.0
    moves: bool = False
    is_seat: bool = False
    alike_s: float = -math.inf
    sightings: deque[tuple[float, FloatArray, float]] = field(default_factory=deque)

    def see(self, time_s: float, xyxy: FloatArray, score: float) -> None:
        """Add a sighting."""
        self.box_xyxy = self.box_xyxy + (xyxy - self.box_xyxy) / MEAN_OVER_SIGHTINGS
        self.seen_s = time_s
        self.sightings.append((time_s, xyxy, score))
        while time_s - self.sightings[0][0] > REMEMBERED_S:
            self.sightings.popleft()
        if time_s - self.judged_s >= JUDGED_EVERY_S and self.is_repeated:
            self.judged_s = time_s
            self._judge()

    @property
    def is_repeated(self) -> bool:
        """Return whether the place was seen often and long enough to tell what is there."""
        return len(self.sightings) >= MIN_SIGHTINGS and self.seen_s - self.sightings[0][0] >= MIN_S

    @property
    def mean_score(self) -> float:
        """Mean of the remembered sightings."""
        return sum(score for *_, score in self.sightings) / len(self.sightings)

    @property
    def is_rigid(self) -> bool:
        """Return whether the boxes only tremble, as those of an object do, over many sightings."""
        return len(self.sightings) >= RIGID_SIGHTINGS and self.sigmas < RIGID_SIGMAS

    def _judge(self) -> None:
        left, top, right, bottom = np.array([xyxy for _, xyxy, _ in self.sightings]).T
        features = np.array([(left + right) / 2, right - left, top])
        ranks = features.argsort(axis=1).argsort(axis=1) - (len(left) - 1) / 2
        ratio = float(np.square(np.diff(ranks, axis=1)).sum() / np.square(ranks).sum())
        self.sigmas = (TREMBLE - ratio) * math.sqrt(features.size) / TREMBLE
        self.moves = False
        if self.sigmas > (SEAT_SIGMAS if self.is_seat else MOVING_SIGMAS):
            away = np.abs(features - np.median(features, axis=1, keepdims=True))
            steps = np.abs(np.diff(features, axis=1))
            spread2 = np.square(np.median(away, axis=1)) - np.square(np.median(steps, axis=1)) / 2
            wandering_px = SIGMA_PER_MEDIAN * math.sqrt(max(float(spread2.sum()), 0.0))
            height_px = float(np.median(bottom - top))
            self.moves = wandering_px > max(MIN_WANDERING * height_px, MIN_WANDERING_PX)


def move_alike(
    one: Iterable[tuple[float, Sequence[float]]], other: Iterable[tuple[float, Sequence[float]]]
) -> bool:
    """Return whether two boxes move and grow at once, as somebody and a reflection do.

    Args:
        one, other: times and boxes.
    """
    known = dict(other)
    shared = [(time_s, (*box, *known[time_s])) for time_s, box in one if time_s in known]
    if len(shared) <= ALIKE_STEPS:
        return False
    times_s, boxes = np.array([time_s for time_s, _ in shared]), np.array([box for _, box in shared])
    lag = max(1, round(ALIKE_LAG_S / float(np.median(np.diff(times_s)))))
    steps = boxes[lag:] - boxes[:-lag]
    if len(steps) < ALIKE_STEPS:
        return False
    middles, widths = steps[:, [0, 4]] + steps[:, [2, 6]], steps[:, [2, 6]] - steps[:, [0, 4]]
    if not (middles.std(axis=0).all() and widths.std(axis=0).all()):
        return False
    across, growth = (float(np.corrcoef(values.T)[0, 1]) for values in (middles, widths))
    together = ALIKE_TOGETHER + ALIKE_PER_STEP / len(steps)
    return min(abs(across), growth) >= ALIKE_EACH and abs(across) + growth >= together


class WeakPlaces:
    """The places of one camera where weak detections that no track wanted repeat."""

    def __init__(self) -> None:
        self._places: list[WeakPlace] = []
        self._times_s: deque[float] = deque()

    def watch(
        self, time_s: float, xyxy: FloatArray, score: FloatArray, is_seat: BoolArray | None = None
    ) -> list[WeakPlace | None]:
        """Add a frame's weak detections that no track wanted, shape (k, 4), none as well.

        Args:
            is_seat: which of them are where people sit; None for none.

        Returns:
            The place of each that may be a person's now, and None for the others.
        """
        times_s = self._times_s
        times_s.append(time_s)
        while time_s - times_s[0] > REMEMBERED_S:
            times_s.popleft()
        if self._places:
            self._places = [place for place in self._places if time_s - place.seen_s <= FORGOTTEN_S]
        found: list[WeakPlace | None] = [None] * len(score)
        if not len(score):
            return found
        free = set(range(len(self._places)))
        overlaps = compute_overlaps(xyxy, np.array([p.box_xyxy for p in self._places]).reshape(-1, 4))
        for number in range(len(score)):
            best = max(free, key=overlaps[number].__getitem__, default=None)
            if best is None or overlaps[number, best] < SAME_OVERLAP:
                place = WeakPlace(xyxy[number], time_s)
                self._places.append(place)
            else:
                free.remove(best)
                place = self._places[best]
            place.is_seat = is_seat is not None and bool(is_seat[number])
            place.see(time_s, xyxy[number], float(score[number]))
            if place.judged_s == time_s:
                place.passed = place.passed + 1 if self._is_person(place) else 0
                if place.passed >= TESTS:
                    found[number] = place
        return found

    def estimate_people(self) -> float:
        """Return how many people there probably are at the places."""
        chances = (
            float(PERSON_WEIGHTS @ (1.0, place.sigmas, math.log(len(place.sightings) / len(self._times_s))))
            for place in self._places
            if place.is_repeated
        )
        return sum(1.0 / (1.0 + math.exp(-chance)) for chance in chances)

    def take(self, place: WeakPlace) -> Sequence[float]:
        """Forget a place whose person has a track now; returns the frames since its first sighting."""
        self._places = [other for other in self._places if other is not place]
        return [time_s for time_s in self._times_s if time_s >= place.sightings[0][0]]

    def clear(self) -> None:
        """Forget everything."""
        self._places.clear()
        self._times_s.clear()

    def _is_person(self, place: WeakPlace) -> bool:
        first_s = place.sightings[0][0]
        frames = sum(time_s >= first_s for time_s in self._times_s)
        return len(place.sightings) >= MIN_FOUND_SHARE * frames and (
            place.moves or (place.mean_score >= NEARLY_SURE_SCORE and not place.is_rigid)
        )


def have_body_size(stature: FloatArray, relative_width: FloatArray) -> BoolArray:
    """Return which boxes are as large as people who stand, sit or are half hidden there, shape (k,).

    Args:
        stature: height of each box for a mean person whose feet are at its bottom.
        relative_width: width of each box over the usual one there.
    """
    is_high = (stature >= STATURES[0]) & (stature <= STATURES[1])
    is_body: BoolArray = is_high & (relative_width >= WIDTHS[0]) & (relative_width <= WIDTHS[1])
    return is_body


def find_parts(xyxy: FloatArray, score: FloatArray, numbers: IndexArray, known_xyxy: FloatArray) -> BoolArray:
    """Return which of the boxes ``numbers`` lie inside others that are found more surely, or in known ones.

    Args:
        known_xyxy: last boxes of people who have a track, shape (n, 4).
    """
    own, others = xyxy[numbers, None], np.concatenate([xyxy, known_xyxy])[None]
    sides = np.minimum(own[..., 2:], others[..., 2:]) - np.maximum(own[..., :2], others[..., :2])
    shared = np.prod(np.maximum(sides, 0.0), axis=2)
    areas = np.prod(xyxy[numbers, 2:] - xyxy[numbers, :2], axis=1)
    is_surer = np.concatenate([score, np.ones(len(known_xyxy))])[None] > score[numbers, None]
    is_part: BoolArray = ((shared > INSIDE_PART * areas[:, None]) & is_surer).any(axis=1)
    return is_part


def touch_any(xyxy: FloatArray, others_xyxy: FloatArray) -> BoolArray:
    """Return which of the boxes, shape (k, 4), touch one of the others, or nearly."""
    margin = BESIDE_PART * (others_xyxy[:, 2:] - others_xyxy[:, :2])
    low, high = others_xyxy[:, :2] - margin, others_xyxy[:, 2:] + margin
    reaches = np.concatenate([xyxy[:, None, :2] < high, xyxy[:, None, 2:] > low], axis=2)
    touches = np.asarray(reaches.all(axis=2))
    return np.asarray(touches.any(axis=1))


def are_mirrored(xyxy: FloatArray, others_xyxy: FloatArray) -> BoolArray:
    """Return which of the boxes, shape (k, 4), are those of the others reflected by the floor."""
    own, others = xyxy[:, None], others_xyxy[None]
    width, height = np.moveaxis(others[..., 2:] - others[..., :2], -1, 0)
    is_as_wide = own[..., 2] - own[..., 0] >= MIRRORED_WIDTHS[0] * width
    is_as_wide &= own[..., 2] - own[..., 0] <= MIRRORED_WIDTHS[1] * width
    is_below = np.abs(own[..., 1] - others[..., 3]) <= MIRRORED_PARTS * height
    aside = (own[..., 0] + own[..., 2] - others[..., 0] - others[..., 2]) / 2
    mirrored: BoolArray = (is_as_wide & is_below & (np.abs(aside) <= MIRRORED_PARTS * width)).any(axis=1)
    return mirrored

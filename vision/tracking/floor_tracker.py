"""Tracking of detections on the floor, in metres and seconds, strong detections first.

The two stages are ByteTrack's (Zhang et al., ECCV 2022): weak detections cannot begin a track, but continue
one. People move in metres (``floor_motion``), are located by visible or inferred feet (``foot_hypotheses``),
and a standing person's track survives while another person stands in front.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import shapely

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from analytics.domain.camera import NEW_TRACK_SCORE
from analytics.domain.identifiers import TrackletId
from vision.pixel_types import Detections, FootPoint, TrackedBox
from vision.tracking.association import assign, compute_overlaps
from vision.tracking.box_looks import LooksPersistence, describe_looks, describe_offsets
from vision.tracking.floor_association import (
    NO_MATCH_COST,
    Pairs,
    find_candidates,
    find_newcomer_costs,
    weigh_pairs,
)
from vision.tracking.floor_people import FloorPeople
from vision.tracking.floor_tracker_settings import FloorTrackerSettings
from vision.tracking.floor_view import FloorView
from vision.tracking.foot_hypotheses import FootFinder, FootHypotheses, RoughPlaces, UprightBoxes
from vision.tracking.sightings import Sightings, look_at
from vision.tracking.track_appearance import Likeness
from vision.tracking.track_record import TrackRecord, to_box
from vision.tracking.upright_bodies import STATURE_SIGMA, UprightBodies
from vision.tracking.weak_past import WeakPast
from vision.tracking.weak_places import (
    ALIKE_FOR_S,
    FORGOTTEN_S,
    REMEMBERED_S,
    WeakPlace,
    WeakPlaces,
    are_mirrored,
    find_parts,
    have_body_size,
    move_alike,
    touch_any,
)

MIN_OVERLAP = 0.3
"""Minimum intersection over union of a faint box that may be a second one of the same person."""
FREQUENT_SHARE = 0.08
"""Share of second boxes per visible person at which they are frequent. People behind others, never seen
alone, produce such boxes too: up to 0.015 in crowds."""
PRIOR_SIGHTINGS = 200.0
"""Number of visible people, none with a second box, that the prior counts as."""
REMEMBERED_SIGHTINGS = 5000.0


def make_settings(view: FloorView) -> FloorTrackerSettings:
    """Return the settings for a camera; whatever begins a track also confirms it."""
    settings = FloorTrackerSettings(new_track_score=view.new_track_score)
    return replace(settings, high_score=min(settings.high_score, settings.new_track_score))


class FaintDoubles:
    """Frequency of second, faint boxes on one person, learned for one camera's detector."""

    def __init__(self) -> None:
        self._sightings, self._doubles = PRIOR_SIGHTINGS, 0.0

    @property
    def are_frequent(self) -> bool:
        """Return whether a faint box over a person who is seen is likely a second box of that person."""
        return self._doubles > FREQUENT_SHARE * self._sightings

    def learn(self, sightings: int, doubles: int) -> None:
        """Learn from a frame's visible people, and the faint boxes over them that nobody else explains."""
        self._sightings += sightings
        self._doubles += doubles
        if self._sightings > REMEMBERED_SIGHTINGS:
            self._doubles *= REMEMBERED_SIGHTINGS / self._sightings
            self._sightings = REMEMBERED_SIGHTINGS


def find_over(faint_xyxy: FloatArray, seen_xyxy: FloatArray) -> BoolArray:
    """Return which faint boxes, shape (k, 4), overlap one of the visible people, shape (n, 4)."""
    is_over: BoolArray = compute_overlaps(faint_xyxy, seen_xyxy).max(axis=1, initial=0.0) > MIN_OVERLAP
    return is_over


UNFOUND_PER_FAINT = 0.33
"""People not followed for each who is followed and found below .45 on average, in simulated rooms in which as
many are found as of 634 people on 44 pictures, mostly seated: .80 at score .10, .66 at .25 and .48 at .45."""

_NO_BOXES, _NO_SCORES = np.empty((0, 4)), np.empty(0)
ROUNDING_S = 5e-4
"""Tolerance for times such as 0.3 in binary."""


class FloorTracker:
    """Tracker of one calibrated camera; implements ``vision.tracking.tracker.Tracker``.

    Boxes are reported as they were detected, with a foot point that is the filter's estimate. A stretch in
    which a confirmed person was hidden is reported when they are found again, as a straight line between the
    two sightings (state interpolated, score 0); a track that is not found again ends at its last sighting.
    Uncertain points are held back: of a faint and motionless track for its first seconds, and of a person
    who reappears after a long time hidden.

    Attributes:
        skipped_frames: frames refused because their time was not after that of the frame before. After a
            clock was set back, call ``finish`` first.
        skipped_boxes: boxes refused because they were not finite or had no area.
        off_floor: boxes left out because no person on the floor in front of the camera could have them.
    """

    def __init__(
        self,
        next_tracklet: Callable[[], TrackletId],
        view: FloorView,
        settings: FloorTrackerSettings | None = None,
    ) -> None:
        self._next_tracklet = next_tracklet
        self._view = view
        self._settings = settings or make_settings(view)
        self._bodies = UprightBodies(view)
        self._finder = FootFinder(view, self._bodies)
        self._likeness = Likeness()
        self._persistence = LooksPersistence()
        self._people = self._follow_nobody()
        self._doubles = FaintDoubles()
        self._weak_past = WeakPast(self._settings.weak_past_s)
        self._weak_places = WeakPlaces()
        self._time_s: float | None = None
        self.skipped_frames = 0
        self.skipped_boxes = 0
        self.off_floor = 0

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        """Process one analysed frame; see the protocol for the returned value."""
        if not math.isfinite(time_s) or (self._time_s is not None and time_s <= self._time_s):
            self.skipped_frames += 1
            return ()
        people, before_s = self._people, self._time_s
        if before_s is not None:
            people.predict(time_s - before_s)
        self._time_s = time_s
        people.end_lost(time_s, self._settings)
        if not len(people) and not len(detections):
            self._weak_past.remember(time_s, _NO_BOXES, _NO_SCORES)
            self._weak_places.watch(time_s, _NO_BOXES, _NO_SCORES)
            return ()
        boxes, rough = self._look(detections)
        sightings = boxes.sightings
        pairs, newcomers = self._pair(time_s, before_s, boxes, rough)
        rows, columns = self._assign(sightings, pairs)
        left = self._find_left(sightings, columns)
        begun = self._find_newcomers(sightings, columns, left)
        unwanted = left[sightings.score.take(left) < self._settings.new_track_score]
        is_body = have_body_size(newcomers.stature, rough.relative_width)
        bodies = unwanted[is_body[unwanted]]
        faint = self._find_faint(time_s, sightings, np.append(columns, begun), bodies, newcomers)
        people.see(
            time_s, rows=rows, columns=columns, sightings=sightings, pairs=pairs, settings=self._settings
        )
        if (change := self._bodies.take_change()) != 1.0:
            people.statures.rescale(change)
        if len(begun):
            records = [
                self._weak_past.begin_record(time_s, sightings.xyxy[row], find_foot=self._find_foot)
                for row in begun
            ]
            people.add(time_s, records, begun, sightings, newcomers.select(begun))
        if faint:
            records = [self._begin_faint(place) for place in faint.values()]
            begun = np.array(list(faint), np.intp)
            people.add(time_s, records, begun, sightings, newcomers.select(begun))
            unwanted = unwanted[~np.isin(unwanted, begun)]
        self._weak_past.remember(
            time_s, sightings.xyxy.take(unwanted, axis=0), sightings.score.take(unwanted)
        )
        return self._report()

    def finish(self) -> Sequence[TrackedBox]:
        """Discard all people, the time, and points held back as uncertain.

        The learned properties of the camera's people stay.
        """
        self._people = self._follow_nobody()
        self._weak_past.clear()
        self._weak_places.clear()
        self._time_s = None
        return ()

    def estimate_people(self) -> tuple[int, float]:
        """Return how many people are counted at this moment, and how many more there probably are.

        Those are the weak places that may be people, and whoever is found nowhere: a detector that finds some
        people faintly misses others.
        """
        records = [record for record in self._people.records if record.is_reported]
        faint = sum(record.mean_score < NEW_TRACK_SCORE for record in records)
        uncounted = self._weak_places.estimate_people()
        return len(records), uncounted + UNFOUND_PER_FAINT * (faint + uncounted)

    def _follow_nobody(self) -> FloorPeople:
        return FloorPeople(
            self._view, self._bodies, self._finder, likeness=self._likeness, persistence=self._persistence
        )

    def _look(self, detections: Detections) -> tuple[UprightBoxes, RoughPlaces]:
        """Return the usable boxes of a frame, and the approximate places of people of mean height in them."""
        xyxy = detections.xyxy.astype(np.float64, order="F")
        score = detections.score.astype(np.float64)
        appearance = detections.appearance
        is_used = self._find_usable(xyxy, score)
        if np.count_nonzero(is_used) < len(score):
            xyxy, score = xyxy[is_used], score[is_used]
            appearance = None if appearance is None else appearance[is_used]
        boxes, rough = self._find_rough(look_at(self._view, xyxy, score, appearance))
        is_off_floor = rough.is_off_floor
        if off_floor := np.count_nonzero(is_off_floor):
            self.off_floor += int(off_floor)
            is_on_floor = ~is_off_floor
            appearance = None if appearance is None else appearance[is_on_floor]
            sightings = look_at(self._view, xyxy[is_on_floor], score[is_on_floor], appearance)
            boxes, rough = self._find_rough(sightings)
        return boxes, rough

    def _find_usable(self, xyxy: FloatArray, score: FloatArray) -> BoolArray:
        """Return which boxes are valid and have a sufficient score."""
        edges = xyxy.T
        is_positive, is_finite = edges[2:] > edges[:2], np.isfinite(edges)
        is_used: BoolArray = score >= self._settings.low_score
        is_scored = np.isfinite(score)
        if not (_are_all(is_positive) and _are_all(is_finite) and _are_all(is_scored)):
            is_box = is_positive.all(axis=0) & is_finite.all(axis=0) & is_scored
            self.skipped_boxes += len(score) - int(np.count_nonzero(is_box))
            is_used &= is_box
        return is_used

    def _find_rough(self, sightings: Sightings) -> tuple[UprightBoxes, RoughPlaces]:
        if len(sightings) and not self._bodies.is_known:
            is_whole = ~sightings.is_cut.any(axis=0)
            if is_whole.any():
                self._bodies.learn(sightings.xyxy[is_whole], 0.1, np.ones(int(np.count_nonzero(is_whole))))
            else:
                self._bodies.guess(sightings.xyxy)
        self._people.motion.unit_m = self._bodies.unit_m
        boxes = self._finder.describe(sightings)
        return boxes, self._finder.find_roughly(boxes)

    def _pair(
        self, time_s: float, before_s: float | None, boxes: UprightBoxes, rough: RoughPlaces
    ) -> tuple[Pairs, FootHypotheses]:
        """Return tracks and sightings that may belong together, and the costs of newcomers."""
        people, count = self._people, len(boxes.sightings)
        if len(people) and count:
            keys = find_candidates(people.motion, rough, time_s - people.seen_s)
        else:
            keys = np.empty(0, np.intp)
        missed_s = (time_s if before_s is None else before_s) - people.seen_s
        rows = keys // max(count, 1)
        columns = keys - rows * count
        # statures and their variances, of the pairs and then of newcomers
        statures = np.empty((2, len(keys) + count))
        statures[:, : len(keys)] = people.statures.take(rows)
        statures[0, len(keys) :], statures[1, len(keys) :] = 1.0, STATURE_SIGMA**2
        of_all = self._finder.find(boxes, np.concatenate([columns, np.arange(count)]), *statures)
        newcomers = of_all.select(slice(len(keys), None))
        pairs = weigh_pairs(
            people.motion,
            rows,
            keys,
            of_all.select(slice(len(keys))),
            newcomer_cost=find_newcomer_costs(newcomers).take(columns),
            missed_s=missed_s,
        )
        people.appearance.weigh(boxes.sightings, pairs)
        looks = describe_looks(boxes.sightings, rough.relative_width)
        offsets = describe_offsets(people.stand().take(rows, axis=1), boxes.sightings, columns)
        pairs.costs += people.looks.weigh(looks, offsets, rows, columns, missed_s=missed_s)
        return pairs, newcomers

    def _assign(self, sightings: Sightings, pairs: Pairs) -> tuple[IndexArray, IndexArray]:
        """Return the matched rows of tracks and columns of sightings, strong sightings first."""
        settings, records = self._settings, self._people.records
        costs = pairs.find_costs(len(records), len(sightings))
        tentative = [row for row, record in enumerate(records) if record.tracklet is None]
        if tentative:
            # the handicap alone neither rejects a pair nor makes two pairs equal
            of_tentative = costs[tentative]
            last = NO_MATCH_COST + 0.003 * (of_tentative - NO_MATCH_COST) - 1e-6
            handicapped = np.minimum(of_tentative + settings.tentative_cost, last)
            costs[tentative] = np.maximum(of_tentative, handicapped)
        is_strong = sightings.score >= settings.high_score
        if np.count_nonzero(is_strong) == len(is_strong):
            self._doubles.learn(len(is_strong), 0)
            return assign(costs, no_match_cost=NO_MATCH_COST)
        strong, weak = is_strong.nonzero()[0], (~is_strong).nonzero()[0]
        rows, columns = assign(costs[:, strong], no_match_cost=NO_MATCH_COST)
        columns = strong[columns]
        found = set(rows.tolist())
        waiting = np.array(
            [
                row
                for row in range(len(records))
                if row not in found and self._people.may_be_faint(row, settings)
            ],
            dtype=np.intp,
        )
        faint_costs = self._weigh_faint(costs, sightings, waiting=waiting, weak=weak, seen=columns)
        weak_rows, weak_columns = assign(faint_costs, no_match_cost=NO_MATCH_COST)
        return (np.concatenate([rows, waiting[weak_rows]]), np.concatenate([columns, weak[weak_columns]]))

    def _weigh_faint(
        self,
        costs: FloatArray,
        sightings: Sightings,
        *,
        waiting: IndexArray,
        weak: IndexArray,
        seen: IndexArray,
    ) -> FloatArray:
        """Return costs of tracks ``waiting`` and ``weak`` sightings, possibly second ones of ``seen``."""
        faint_costs: FloatArray = costs[np.ix_(waiting, weak)]
        for number, row in enumerate(waiting.tolist()):
            place = self._people.records[row].place
            if place is not None and len(weak):
                is_elsewhere = compute_overlaps(place.box_xyxy[None], sightings.xyxy[weak])[0] < MIN_OVERLAP
                faint_costs[number, is_elsewhere] = np.inf
        is_over = find_over(sightings.xyxy[weak], sightings.xyxy[seen])
        is_awaited = (faint_costs < NO_MATCH_COST).any(axis=0)
        self._doubles.learn(len(seen), int(np.count_nonzero(is_over & ~is_awaited)))
        if self._doubles.are_frequent:
            faint_costs[:, is_over] = np.inf
        elif is_over.any():
            # an unconfirmed track may be a second box of a visible person
            records = self._people.records
            is_tentative = np.array([records[row].tracklet is None for row in waiting], np.bool_)
            faint_costs[is_tentative[:, None] & is_over] = np.inf
        return faint_costs

    @staticmethod
    def _find_left(sightings: Sightings, columns: IndexArray) -> IndexArray:
        """Return which sightings are not among the matched ``columns``."""
        if len(columns) == len(sightings):
            return np.empty(0, np.intp)
        is_left = np.ones(len(sightings), dtype=bool)
        is_left[columns] = False
        return is_left.nonzero()[0]

    def _find_newcomers(self, sightings: Sightings, columns: IndexArray, left: IndexArray) -> IndexArray:
        """Return which of the unmatched sightings ``left`` begin a track; ``columns`` are matched."""
        begun: list[int] = []
        candidates = left[sightings.score[left] >= self._settings.new_track_score]
        if len(candidates):
            taken = np.sort(columns).tolist()
            for candidate in candidates[np.argsort(-sightings.score[candidates], kind="stable")]:
                overlaps = compute_overlaps(sightings.xyxy[[candidate]], sightings.xyxy[taken + begun])
                if overlaps.size and overlaps.max() > self._settings.duplicate_overlap:
                    continue
                begun.append(int(candidate))
        return np.array(begun, np.intp)

    def _find_faint(
        self,
        time_s: float,
        sightings: Sightings,
        taken: IndexArray,
        unwanted: IndexArray,
        newcomers: FootHypotheses,
    ) -> dict[int, WeakPlace]:
        """Which of the weak sightings ``unwanted`` begin a track, as repeated ones; others are ``taken``."""
        if len(unwanted):
            known_xyxy, is_walking = self._people.list_boxes(time_s - FORGOTTEN_S)
            is_someone = find_parts(sightings.xyxy, sightings.score, unwanted, known_xyxy)
            is_someone |= touch_any(sightings.xyxy[unwanted], known_xyxy[is_walking])
            is_someone |= are_mirrored(sightings.xyxy[unwanted], known_xyxy)
            unwanted = unwanted[~is_someone]
        is_seat = self._find_seats(newcomers, unwanted)
        xyxy, score = sightings.xyxy[unwanted], sightings.score[unwanted]
        places = self._weak_places.watch(time_s, xyxy, score, is_seat)
        begun: dict[int, WeakPlace] = {}
        for column, place in zip(unwanted.tolist(), places, strict=True):
            if place is None:
                continue
            if self._is_reflection(place):
                place.passed = 0
                continue
            seen = sightings.xyxy[[*taken.tolist(), *begun]]
            if not find_over(sightings.xyxy[[column]], seen).any():
                begun[column] = place
        return begun

    def _find_seats(self, newcomers: FootHypotheses, numbers: IndexArray) -> BoolArray | None:
        """Return which of the newcomers ``numbers`` are where people sit; None without such floor."""
        if not len(numbers) or shapely.is_empty(self._view.seats):
            return None
        likeliest = newcomers.cost[:, numbers].argmin(axis=0)
        x_m, y_m = newcomers.choose(likeliest, numbers)[:2]
        is_seat: BoolArray = shapely.contains_xy(self._view.seats, x_m, y_m)
        return is_seat

    def _begin_faint(self, place: WeakPlace) -> TrackRecord:
        """The record of somebody who was never found surely, with all but the last of their sightings."""
        times_s = self._weak_places.take(place)
        past = list(place.sightings)[:-1]
        record = TrackRecord(past[0][0], past[0][0], past[0][0], to_box(past[0][1].tolist()), place=place)
        seen = {earlier_s: (box, score) for earlier_s, box, score in past}
        for earlier_s in times_s[:-1]:
            if earlier_s in seen:
                box, score = seen[earlier_s]
                foot = self._find_foot(box)
                record.see(earlier_s, to_box(box.tolist()), score, is_strong=True, foot=foot)
            else:
                record.unseen_times_s.append(earlier_s)
        return record

    def _find_foot(self, box_xyxy: FloatArray) -> FootPoint | None:
        """Return the foot point of one box by itself, of a person of mean height."""
        sightings = look_at(self._view, box_xyxy[None], np.ones(1))
        only = np.zeros(1, np.intp)
        hypotheses = self._finder.find(self._finder.describe(sightings), only, 1.0, STATURE_SIGMA**2)
        (foot,) = self._people.find_feet(hypotheses.choose(hypotheses.cost.argmin(axis=0), only))
        return foot

    def _report(self) -> list[TrackedBox]:
        reported: list[TrackedBox] = []
        for row, record in enumerate(self._people.records):
            if record.tracklet is None:
                if not self._counts(row, record):
                    continue
                record.tracklet = self._next_tracklet()
            if record.is_waiting and self._is_back(record) and (record.is_reported or self._is_sure(record)):
                reported += record.release()
        return reported

    def _counts(self, row: int, record: TrackRecord) -> bool:
        settings = self._settings
        lasted = record.seen_s - record.begun_s >= settings.confirm_s - ROUNDING_S
        return record.sightings >= settings.confirm_sightings and lasted and not self._people.is_double(row)

    def _is_back(self, record: TrackRecord) -> bool:
        """Return whether a person who was hidden for long is seen again, beyond a single box."""
        settings = self._settings
        if (
            record.hidden_s < settings.doubted_s - ROUNDING_S
            or record.hidden_frames < settings.confirm_sightings
        ):
            return True
        back_for_s = record.seen_s - record.back_s + ROUNDING_S
        return (
            record.back_sightings >= settings.confirm_sightings
            and back_for_s >= settings.confirm_s
            and (record.back_sightings >= record.back_misses or back_for_s >= settings.sure_s)
        )

    def _is_sure(self, record: TrackRecord) -> bool:
        """Return whether a confirmed track is certainly a person despite faint boxes.

        Who stays at one place must move as people do if found less surely than whoever begins a track.
        """
        settings, watched = self._settings, record.watched
        if (
            record.mean_score >= settings.sure_score
            or record.measure_way() >= settings.sure_m * self._people.motion.unit_m
        ):
            return True
        if record.seen_s - record.begun_s < settings.sure_s:
            return False
        if watched is None or record.mean_score >= settings.new_track_score:
            return True
        if not watched.is_repeated:
            return record.seen_s - record.begun_s >= REMEMBERED_S
        if watched.judged_s != record.seen_s:
            return False
        return (record.place is not None or watched.moves) and not self._is_reflection(watched, record)

    def _is_reflection(self, place: WeakPlace, own: TrackRecord | None = None) -> bool:
        """Return whether boxes move, or moved a moment ago, at once with somebody found more surely.

        Args:
            own: the track of the boxes, if any.
        """
        seen = [(time_s, box.tolist()) for time_s, box, _ in place.sightings]
        if any(
            other is not own and other.mean_score > place.mean_score and move_alike(seen, other.recent)
            for other in self._people.records
        ):
            place.alike_s = place.seen_s
        return place.seen_s - place.alike_s <= ALIKE_FOR_S


def _are_all(is_so: BoolArray) -> bool:
    """Return the same as ``numpy.all``, in a fifth of the time for the few boxes of a frame."""
    return bool(np.count_nonzero(is_so) == is_so.size)

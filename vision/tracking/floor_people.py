"""The people whom one camera's floor tracker follows: motion, stature and record of each."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IndexArray
from vision.pixel_types import FootPoint
from vision.tracking.association import compute_overlaps
from vision.tracking.box_looks import BoxLooks, LooksPersistence, describe_offsets
from vision.tracking.companions import LASTS_S, Companions
from vision.tracking.floor_association import Pairs
from vision.tracking.floor_motion import WALKING, FloorMotion
from vision.tracking.floor_tracker_settings import SURE_SCORE, FloorTrackerSettings
from vision.tracking.floor_view import FloorView
from vision.tracking.foot_hypotheses import FEET_HIDDEN, TOP_UNSURE, WHOLE, FootFinder, FootHypotheses
from vision.tracking.sightings import BOTTOM, LEFT, RIGHT, TOP, Sightings
from vision.tracking.track_appearance import Likeness, TrackAppearance
from vision.tracking.track_record import TrackRecord
from vision.tracking.upright_bodies import STATURE_SIGMA, UprightBodies
from vision.tracking.visible_floor import HIDDEN_FEET_CHANCE

MEASURED_SIGMA, CORRELATED_S = 0.05, 0.5
"""Relative standard deviation of a box's height, and the correlation time of such an error."""
MIN_SIGMA = 0.02
OTHER_SIGMA = 0.06
"""Standard deviation of a stature from boxes that contradict the previous one."""
OTHER_RANGE = 0.1
"""Relative range within which contradicting boxes agree on another stature."""
OTHER_AFTER_S, OTHER_AFTER_M = 1.0, 1.5
"""Duration with visible feet, or distance walked, after which contradicting boxes count: a person hidden by a
counter changes in height when they walk on."""


class Statures:
    """Statures of people; parallel to the tracks of one camera.

    Attributes:
        value, variance: relative to the mean person, shape (n,).
    """

    def __init__(self) -> None:
        self._hold(np.empty((4, 0)))

    def _hold(self, state: FloatArray) -> None:
        """Store the attributes as rows of one array, so that people are selected and replaced together."""
        self._state = state
        self.value, self.variance, self._other, self._evidence = state

    def add(self, measured: FloatArray, is_odd: BoolArray) -> None:
        """Add people; odd boxes with visible feet determine the stature, others begin at the mean."""
        state = np.array(
            [
                np.where(is_odd, measured, 1.0),
                np.where(is_odd, OTHER_SIGMA**2, STATURE_SIGMA**2),
                measured,
                np.zeros(len(measured)),
            ]
        )
        self._hold(np.concatenate([self._state, state], axis=1))

    def keep(self, is_kept: BoolArray) -> None:
        """Remove the people who are not marked."""
        self._hold(self._state.compress(is_kept, axis=1))

    def rescale(self, ratio: float) -> None:
        """Convert all statures to another mean person; ``ratio`` is the former mean over the new one."""
        self._state[:3] *= np.array([[ratio], [ratio**2], [ratio]])

    def take(self, rows: IndexArray) -> FloatArray:
        """Return values and variances of the people ``rows``, shape (2, k)."""
        taken: FloatArray = self._state[:2].take(rows, axis=1)
        return taken

    def measure(self, rows: IndexArray, measured: FloatArray, dt_s: float) -> tuple[FloatArray, FloatArray]:
        """Update the people ``rows``, each row once, with heights of boxes that show them whole.

        Returns:
            The relative deviations, and the relative variances before.
        """
        state = self._state.take(rows, axis=1)
        value, variance, _, evidence = state
        off = measured - value
        relative, before = off / value, variance / (value * value)
        noise = MEASURED_SIGMA**2 * max(1.0, CORRELATED_S / max(dt_s, 1e-3))
        gain = variance / (variance + noise)
        value += gain * off
        variance *= 1 - gain
        np.maximum(variance, MIN_SIGMA**2, out=variance)
        evidence -= dt_s / OTHER_AFTER_S
        np.maximum(evidence, 0.0, out=evidence)
        self._state[:, rows] = state
        return relative, before

    def doubt(self, rows: IndexArray, measured: FloatArray, *, weight: FloatArray) -> None:
        """Record heights of boxes that contradict the people ``rows``.

        Args:
            weight: weight of each box, shape (k,): seconds over ``OTHER_AFTER_S`` where the feet are visible,
                metres over ``OTHER_AFTER_M`` where they may be hidden.
        """
        goes_on = np.abs(measured / self._other[rows] - 1) < OTHER_RANGE
        self._evidence[rows] = np.where(goes_on, self._evidence[rows] + weight, 0.0)
        self._other[rows] = np.where(goes_on, 0.8 * self._other[rows] + 0.2 * measured, measured)
        changed = rows[self._evidence[rows] >= 1.0]
        self.value[changed] = self._other[changed]
        self.variance[changed] = OTHER_SIGMA**2
        self._evidence[changed] = 0.0


class FloorPixels:
    """Projection of the floor into one camera's picture."""

    def __init__(self, view: FloorView) -> None:
        pixel_from_floor = np.linalg.inv(view.geometry.floor_from_pixel)
        self._rows = pixel_from_floor.tolist()
        self._columns = tuple(
            np.ascontiguousarray(column) for column in np.split(pixel_from_floor, 3, axis=1)
        )
        self._geometry = view.geometry
        self._size_wh = view.frame_size_wh

    def find_homogeneous(self, places: FloatArray) -> FloatArray:
        """Return scaled pixels of places, shape (2 or more, n), and the scales: shape (3, n)."""
        by_x, by_y, fixed = self._columns
        homogeneous: FloatArray = by_x * places[0]
        homogeneous += by_y * places[1]
        homogeneous += fixed
        return homogeneous

    def find_feet(
        self, places: FloatArray, homogeneous: FloatArray, heights_m: Sequence[float | None]
    ) -> list[FootPoint | None]:
        """Return foot points of people of known or unknown heights at places, shape (5, n).

        Args:
            places: see ``FloorMotion``.
            homogeneous: see ``find_homogeneous``.

        Returns:
            None for places behind the camera.
        """
        w = homogeneous[2]
        is_behind = bool(w.size and np.minimum.reduce(w) <= 1e-12)
        if is_behind:
            w = np.where(w > 1e-12, w, np.nan)
        u, v = (homogeneous[:2] / w).tolist()
        x, y = places[:2].tolist()
        variance = (places[2] + places[3]) * 0.5
        variance += self._geometry.compute_calibration_variance(places[:2].T)
        sigma = np.sqrt(variance).tolist()
        feet: list[FootPoint | None] = list(
            map(FootPoint._make, zip(u, v, x, y, sigma, heights_m, strict=True))
        )
        if is_behind:
            return [foot if foot and math.isfinite(foot.u_px + foot.v_px) else None for foot in feet]
        return feet

    def is_outside(self, x_m: float, y_m: float) -> bool:
        """Return whether a place is outside the picture."""
        u, v, w = (a * x_m + b * y_m + c for a, b, c in self._rows)
        width, height = self._size_wh
        return not (w > 0 and 0 <= u / w <= width and 0 <= v / w <= height)


HIDES_SHARE = 0.6
"""Hidden share above which a person is rarely detected: half of those hidden by 0.5 to 0.7 are missed, more
if a detector misses in bursts."""


def stand_people(homogeneous: FloatArray, stature: FloatArray, bodies: UprightBodies) -> FloatArray:
    """Return left, top, right and bottom, shape (4, k), of people whose feet are at pixels, shape (3, k).

    Args:
        homogeneous: see ``FloorPixels.find_homogeneous``.
        stature: shape (k,), relative to the mean.
    """
    edges = np.empty((4, homogeneous.shape[1]))
    w = np.maximum(homogeneous[2], 1e-12)
    u = homogeneous[0] / w
    bottom = np.divide(homogeneous[1], w, out=edges[BOTTOM])
    top = edges[TOP] = bodies.find_top(bottom, stature / w)
    half = bodies.width_heights * (bottom - top) / 2
    np.subtract(u, half, out=edges[LEFT])
    np.add(u, half, out=edges[RIGHT])
    return edges


def find_in_sight(edges: FloatArray, own: IndexArray, sightings: Sightings) -> FloatArray:
    """Return the visible share of people in this frame, shape (k,): 1 in full view, 0 behind others.

    Args:
        edges: left, top, right and bottom of the predicted people in the picture, shape (4, k), pixels.
        own: index of each person's sighting, -1 for none.
    """
    if not len(sightings):
        return np.ones(edges.shape[1])
    upper_left, lower_right = edges[:2, :, None], edges[2:, :, None]
    shared = np.minimum(lower_right, sightings.edges[2:, None])
    shared -= np.maximum(upper_left, sightings.edges[:2, None])
    np.maximum(shared, 0.0, out=shared)
    width, height = edges[2:] - edges[:2]
    is_in_front = sightings.edges[BOTTOM] > (edges[BOTTOM] - 0.02 * height)[:, None]
    found = (own >= 0).nonzero()[0]
    if len(found):
        is_in_front[found, own[found]] = False
    hidden = np.add.reduce(shared[0] * shared[1] * is_in_front, axis=1) / np.maximum(width * height, 1e-9)
    in_sight: FloatArray = 1.0 - np.minimum(hidden / HIDES_SHARE, 1.0)
    return in_sight


STRAIGHT_LINE_M2_PER_S = 0.04
"""Variance along each axis, in the middle of a hidden second, of a person around the straight line between
two sightings, for each quarter of the second: a walker who turns meanwhile is about 0.2 m off."""


def interpolate(
    time_s: float,
    hidden: Sequence[tuple[int, TrackRecord]],
    before: FloatArray,
    after: FloatArray,
    *,
    unit_m: float,
) -> tuple[list[int], FloatArray]:
    """Return places on straight lines, one for each of the records' ``unseen_times_s``.

    Args:
        hidden: the tracks seen again at ``time_s``, with their numbers.
        before, after: state at the last and at this sighting of all tracks, by number, shape (6, n): the
            probability that the person stands, and the place as in ``FloorMotion``.

    Returns:
        The number of the track of each place, and the places, shape (5, k).
    """
    rows = [row for row, record in hidden for _ in record.unseen_times_s]
    since_s, span_s = np.array(
        [
            (unseen_s - record.seen_s, time_s - record.seen_s)
            for _, record in hidden
            for unseen_s in record.unseen_times_s
        ]
    ).T
    share = since_s / span_s
    of_rows = np.array(rows)
    before, after = before.take(of_rows, axis=1), after.take(of_rows, axis=1)
    stands = np.minimum(before[0], after[0])
    density = 4 * STRAIGHT_LINE_M2_PER_S * (1 - 0.75 * stands) * unit_m**2
    places = np.empty((5, len(rows)))
    places[:2] = before[1:3] + share * (after[1:3] - before[1:3])
    places[2:] = (1 - share) * before[3:] + share * after[3:]
    places[2:4] += density * span_s * share * (1 - share)
    return rows, places


KNOWN_STATURE_SIGMA = 0.04
"""Maximum uncertainty of a stature that is reported as the person's height."""
KNOWN_DOUBTED_TIMES = 15.0
"""Factor on the time before a known stature is doubted: people bend down for some seconds."""


class FloorPeople:
    """All state of one camera's tracks, in parallel arrays in the order of their beginnings."""

    def __init__(
        self,
        view: FloorView,
        bodies: UprightBodies,
        finder: FootFinder,
        *,
        likeness: Likeness,
        persistence: LooksPersistence,
    ) -> None:
        self._bodies = bodies
        self._finder = finder
        self._pixels = FloorPixels(view)
        self.motion = FloorMotion()
        self.records: list[TrackRecord] = []
        self.statures = Statures()
        self.appearance = TrackAppearance(likeness)
        self.looks, self._companions = BoxLooks(persistence), Companions()
        self._hold(np.empty((12, 0)))
        self._dt_s = 0.0

    def _hold(self, marks: FloatArray) -> None:
        """Store the other state of each track (beside motion and stature) in one array, shape (12, n).

        The last six rows are of the last sighting: the probability that the person stood, and the place; the
        row before them is the variance along each axis that the motion model does not include.
        """
        self._marks = marks
        self.seen_s, self._doubled, self._missed_s, self._faint_s, self._learned_s = marks[:5]
        self._lasting_m2, self._last = marks[5], marks[6:]

    def __len__(self) -> int:
        return len(self.records)

    def predict(self, dt_s: float) -> None:
        """Predict the state of all people."""
        self._dt_s = dt_s
        self.motion.predict(dt_s)

    def stand(self) -> FloatArray:
        """Return boxes of all people at their predicted places, as of ``stand_people``."""
        places = self._pixels.find_homogeneous(self.motion.combine())
        return stand_people(places, self.statures.value, self._bodies)

    def list_boxes(self, since_s: float) -> tuple[FloatArray, BoolArray]:
        """Return the last boxes, shape (k, 4), of people seen since then, and which of them walk."""
        seen = (self.seen_s >= since_s).nonzero()[0]
        boxes = np.array([self.records[row].box for row in seen.tolist()]).reshape(-1, 4)
        return boxes, np.asarray(self._last[0, seen] <= 0.5, np.bool_)

    def may_be_faint(self, row: int, settings: FloorTrackerSettings) -> bool:
        """Return whether a weak detection may be the person of a track.

        A mostly hidden person is seen only faintly, for any time; a person in full view is not, except
        people who were never detected strongly, as long as they move as people do.
        """
        record = self.records[row]
        if record.place is not None:
            return not record.place.is_rigid
        return bool(
            (
                self._missed_s[row] <= settings.doubted_s
                or len(record.unseen_times_s) < settings.confirm_sightings
            )
            and self._faint_s[row] <= settings.weak_s
        )

    def end_lost(self, time_s: float, settings: FloorTrackerSettings) -> None:
        """Remove lost tracks that may not be found again."""
        lost = [
            row
            for row, record in enumerate(self.records)
            if record.unseen_times_s and self._is_lost(row, record, time_s, settings)
        ]
        if not lost:
            return
        is_kept = np.ones(len(self), dtype=bool)
        is_kept[lost] = False
        self.motion.keep(is_kept)
        self.records = [record for record, kept in zip(self.records, is_kept, strict=True) if kept]
        self.statures.keep(is_kept)
        self.appearance.keep(is_kept)
        self.looks.keep(is_kept)
        self._companions.keep(is_kept)
        self._hold(self._marks.compress(is_kept, axis=1))

    def _is_lost(self, row: int, record: TrackRecord, time_s: float, settings: FloorTrackerSettings) -> bool:
        missed = len(record.unseen_times_s)
        unseen_s = time_s - record.seen_s
        if record.tracklet is None:
            return unseen_s > settings.tentative_lost_s and missed >= settings.min_missed_tentative
        is_standing = self._last[0, row] > 0.5
        in_company_s = settings.awaited_s if self._companions.has_any(row) else 0.0
        hidden_s = settings.standing_hidden_s if is_standing else max(settings.walking_hidden_s, in_company_s)
        lost_s = settings.standing_lost_s if is_standing else settings.walking_lost_s
        if record.place is not None:
            lost_s = settings.awaited_s
        elif not is_standing and self._pixels.is_outside(*self.motion.mean[:2, WALKING, row].tolist()):
            lost_s = settings.outside_lost_s
        return unseen_s > hidden_s or (
            bool(self._missed_s[row] > lost_s) and missed >= settings.confirm_sightings
        )

    def add(
        self,
        time_s: float,
        records: Sequence[TrackRecord],
        columns: IndexArray,
        sightings: Sightings,
        hypotheses: FootHypotheses,
    ) -> None:
        """Add tracks with the sightings ``columns``, of which there are ``hypotheses``, one each."""
        count = len(records)
        best = hypotheses.cost.argmin(axis=0)
        places = hypotheses.choose(best, np.arange(count))
        feet = self.find_feet(places)
        boxes, scores = sightings.list_boxes(columns)
        for record, box, score, foot in zip(records, boxes, scores, feet, strict=True):
            record.see(time_s, box, score, is_strong=True, foot=foot)
        self.motion.add(places)
        self.records.extend(records)
        is_odd = (best == TOP_UNSURE) & ~sightings.is_cut[TOP, columns]
        self.statures.add(hypotheses.stature, is_odd)
        self.appearance.add(columns, sightings, self._dt_s)
        self.looks.add(columns)
        self._companions.add(count)
        marks = np.zeros((len(self._marks), count))
        self._hold(np.concatenate([self._marks, marks], axis=1))
        self.seen_s[-count:] = self._learned_s[-count:] = time_s
        self._last[1:, -count:] = places

    def see(
        self,
        time_s: float,
        *,
        rows: IndexArray,
        columns: IndexArray,
        sightings: Sightings,
        pairs: Pairs,
        settings: FloorTrackerSettings,
    ) -> None:
        """Update the tracks ``rows``, each once, with the sightings ``columns``, and record misses.

        Misses include people seen only faintly, with the time for which they could have been seen.
        """
        if len(rows):
            self._take_measurements(
                time_s, rows=rows, columns=columns, sightings=sightings, pairs=pairs, settings=settings
            )
        now = np.empty((6, len(self)))
        now[0], now[1:] = self.motion.standing, self.motion.combine()
        now[3:5] += self._lasting_m2
        homogeneous = self._pixels.find_homogeneous(now[1:])
        edges = stand_people(homogeneous, self.statures.value, self._bodies)
        if len(rows):
            offsets = describe_offsets(edges.take(rows, axis=1), sightings, columns)
            self.looks.see(rows, columns, offsets, time_s - self.seen_s.take(rows), self._dt_s)
            self._write_records(
                time_s,
                rows=rows,
                columns=columns,
                sightings=sightings,
                now=now,
                homogeneous=homogeneous,
                high_score=settings.high_score,
            )
            self.seen_s[rows] = time_s
            self._missed_s[rows] = 0.0
            self._last[:, rows] = now.take(rows, axis=1)
        self._miss(time_s, rows=rows, columns=columns, sightings=sightings, edges=edges)
        self._companions.lead(self.motion, rows, self._last[0] <= 0.5, self._dt_s)

    def _take_measurements(
        self,
        time_s: float,
        *,
        rows: IndexArray,
        columns: IndexArray,
        sightings: Sightings,
        pairs: Pairs,
        settings: FloorTrackerSettings,
    ) -> None:
        at, best = pairs.find_pairs(len(sightings), rows, columns)
        hypotheses = pairs.hypotheses
        places = hypotheses.choose(best, at)
        self.motion.correct(rows, places)
        lasting_m2 = self._finder.find_lasting_share(best, self.statures.variance.take(rows))
        lasting_m2 *= (places[2] + places[3]) / 2
        lasting_m2 -= self._lasting_m2.take(rows)
        self._lasting_m2[rows] += min(self._dt_s / LASTS_S, 1.0) * lasting_m2
        self._measure_statures(
            time_s, rows=rows, columns=columns, sightings=sightings, best=best, hypotheses=hypotheses, at=at
        )
        self._count_doubles(rows, columns, sightings, settings.duplicate_overlap)
        self.appearance.see(rows, columns, sightings, self._dt_s)

    def _write_records(
        self,
        time_s: float,
        *,
        rows: IndexArray,
        columns: IndexArray,
        sightings: Sightings,
        now: FloatArray,
        homogeneous: FloatArray,
        high_score: float,
    ) -> None:
        """Add a sighting to the records of the tracks ``rows``.

        Args:
            now: state of all tracks as in ``_last``, and ``homogeneous`` of their places.
        """
        heights_m = self._find_heights_m()
        of_rows = rows.tolist()
        records = [self.records[row] for row in of_rows]
        hidden = [
            (row, record) for row, record in zip(of_rows, records, strict=True) if record.unseen_times_s
        ]
        places = now[1:]
        if hidden:
            again, between = interpolate(time_s, hidden, self._last, now, unit_m=self.motion.unit_m)
            places = np.concatenate([places, between], axis=1)
            homogeneous = np.concatenate([homogeneous, self._pixels.find_homogeneous(between)], axis=1)
            heights_m += [heights_m[row] for row in again]
        feet = self._pixels.find_feet(places, homogeneous, heights_m)
        begin = len(self)
        boxes, scores = sightings.list_boxes(columns)
        for row, record, box, score in zip(of_rows, records, boxes, scores, strict=True):
            end = begin + len(record.unseen_times_s)
            feet_between = feet[begin:end] if end > begin else ()
            is_strong = score >= high_score
            if record.place is not None:
                record.place.see(time_s, np.array(box), score)
            record.see(time_s, box, score, is_strong=is_strong, foot=feet[row], feet_between=feet_between)
            begin = end

    def _miss(
        self, time_s: float, *, rows: IndexArray, columns: IndexArray, sightings: Sightings, edges: FloatArray
    ) -> None:
        faint = [row for row, record in enumerate(self.records) if record.seen_strongly_s != time_s]
        if not faint:
            self._faint_s[:] = 0.0
            return
        seen_in = dict(zip(rows.tolist(), columns.tolist(), strict=True))
        at, own = np.array([(row, seen_in.get(row, -1)) for row in faint]).T
        in_sight_s = self._dt_s * find_in_sight(edges.take(at, axis=1), own, sightings)
        faint_s = self._faint_s.take(at) + in_sight_s
        self._faint_s[:] = 0.0
        self._faint_s[at] = faint_s
        is_unseen = own < 0
        unseen = at[is_unseen]
        self._missed_s[unseen] += in_sight_s[is_unseen]
        for row in unseen.tolist():
            self.records[row].unseen_times_s.append(time_s)

    def is_double(self, row: int) -> bool:
        """Return whether half of a track's sightings overlapped a person who was seen as well."""
        return bool(2 * self._doubled[row] >= self.records[row].sightings)

    def find_feet(self, places: FloatArray) -> list[FootPoint | None]:
        """Return foot points of newcomers at places, shape (5, k)."""
        homogeneous = self._pixels.find_homogeneous(places)
        return self._pixels.find_feet(places, homogeneous, [None] * places.shape[1])

    def _find_heights_m(self) -> list[float | None]:
        if not self._bodies.has_pose:
            return [None] * len(self)
        mean_m, known_variance = self._bodies.mean_height_m, KNOWN_STATURE_SIGMA**2
        return [
            mean_m * value if variance < known_variance else None
            for value, variance in zip(
                self.statures.value.tolist(), self.statures.variance.tolist(), strict=True
            )
        ]

    def _measure_statures(
        self,
        time_s: float,
        *,
        rows: IndexArray,
        columns: IndexArray,
        sightings: Sightings,
        best: IndexArray,
        hypotheses: FootHypotheses,
        at: IndexArray,
    ) -> None:
        measured = hypotheses.stature.take(at)
        is_plain = sightings.covered.take(columns) == 0
        if sightings.are_cut:
            is_plain &= ~(sightings.is_cut[TOP] | sightings.is_cut[BOTTOM])[columns]
        is_whole = best == WHOLE
        is_whole &= is_plain
        if np.count_nonzero(is_whole) < np.count_nonzero(is_plain):
            is_odd = is_plain & ~is_whole
            # a person who went behind another is judged as a newcomer once visible
            is_rather_short = hypotheses.cost[TOP_UNSURE, at] < hypotheses.cost[FEET_HIDDEN, at]
            is_short = (best == TOP_UNSURE) | (is_rather_short & ~self._is_known(rows))
            self._doubt_statures(
                rows[is_odd], sightings.xyxy[columns[is_odd]], measured[is_odd], is_short[is_odd]
            )
        is_whole &= hypotheses.hidden_chance.take(at) <= 1.5 * HIDDEN_FEET_CHANCE
        whole = is_whole.nonzero()[0]
        if len(whole):
            relative, variance = self.statures.measure(rows.take(whole), measured.take(whole), self._dt_s)
            self._finder.learn_noise(relative, variance, hypotheses.edge_weight.take(at[whole]))
        # usually one or none
        is_due = self._learned_s <= time_s - LASTS_S
        if not np.count_nonzero(is_due):
            return
        is_due = is_due.take(rows)
        is_due &= is_plain
        is_due &= sightings.score[columns] >= SURE_SCORE
        is_due &= ~(sightings.is_cut[LEFT] | sightings.is_cut[RIGHT])[columns]
        if not np.count_nonzero(is_due):
            return
        self._learned_s[rows[is_due]] = time_s
        is_walking = is_due & (self._last[0].take(rows) <= 0.5)
        if np.count_nonzero(is_walking):
            self._finder.learn_floor(sightings, columns[is_walking])
        is_due &= is_whole
        if np.count_nonzero(is_due):
            xyxy = sightings.xyxy[columns[is_due]]
            feet = np.array([(xyxy[:, LEFT] + xyxy[:, RIGHT]) / 2, xyxy[:, BOTTOM]])
            self._bodies.learn(xyxy, LASTS_S, self._finder.visible_floor.find_novelty(feet))

    def _doubt_statures(
        self, rows: IndexArray, xyxy: FloatArray, measured: FloatArray, is_short: BoolArray
    ) -> None:
        feet = self._bodies.find_feet(xyxy, self.statures.value[rows])
        hidden = self._finder.visible_floor.find_hidden_chance(feet)
        surely_seen = np.maximum(1.0 - hidden / HIDDEN_FEET_CHANCE, 0.0)
        in_sight = np.where(is_short, 1.0, surely_seen)
        speed = np.hypot(*self.motion.mean[2:, WALKING, rows]) * self.motion.probability[WALKING, rows]
        walked = speed / (OTHER_AFTER_M * self.motion.unit_m)
        weight = self._dt_s * np.maximum(in_sight / OTHER_AFTER_S, walked)
        weight /= np.where(self._is_known(rows), KNOWN_DOUBTED_TIMES, 1.0)
        self.statures.doubt(rows, measured, weight=weight)

    def _is_known(self, rows: IndexArray) -> BoolArray:
        return np.asarray(self.statures.variance[rows] < KNOWN_STATURE_SIGMA**2, np.bool_)

    def _count_doubles(
        self, rows: IndexArray, columns: IndexArray, sightings: Sightings, duplicate_overlap: float
    ) -> None:
        tentative = [number for number, row in enumerate(rows.tolist()) if self.records[row].tracklet is None]
        if not tentative or len(tentative) == len(rows):
            return
        others = np.delete(columns, tentative)
        overlaps = compute_overlaps(sightings.xyxy[columns[tentative]], sightings.xyxy[others])
        self._doubled[rows[tentative]] += overlaps.max(axis=1) > duplicate_overlap

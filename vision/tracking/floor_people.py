"""The people whom one camera's floor tracker follows: motion, stature and record of each."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vision.pixel_types import FootPoint
from vision.tracking.association import compute_overlaps
from vision.tracking.floor_association import Pairs
from vision.tracking.floor_motion import WALKING, FloorMotion
from vision.tracking.floor_tracker_settings import FloorTrackerSettings
from vision.tracking.floor_view import FloorView
from vision.tracking.foot_hypotheses import (
    FEET_HIDDEN,
    TOP_UNSURE,
    WHOLE,
    FootFinder,
    FootHypotheses,
    Sightings,
)
from vision.tracking.hidden_people import find_in_sight
from vision.tracking.statures import OTHER_AFTER_M, OTHER_AFTER_S, Statures
from vision.tracking.track_record import TrackRecord, to_box
from vision.tracking.upright_bodies import UprightBodies

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IndexArray = npt.NDArray[np.intp]

KNOWN_STATURE_SIGMA = 0.04
"""A stature known better is reported as the person's height."""
STRAIGHT_LINE_M2_PER_S = 0.04
"""Variance along each axis, in the middle of a hidden second, of a person around the straight line between
two sightings, for each quarter of the second: a walker who turns meanwhile is some 0.2 m off."""
SURE_FEET_SEEN = 4.0
"""Feet were seen so often where a person's would be hidden: nothing can hide them there for long."""
KNOWN_DOUBTED_TIMES = 15.0
"""A known stature is doubted so many times as long as that of a newcomer: people bend for some seconds."""
LEARNING_SCORE = 0.6
"""Of a box from which the heights of people are learned."""
LEARNING_EVERY_S = 1.0


class FloorPeople:
    """Everything about the tracks of one camera, parallel and in the order in which they began."""

    def __init__(self, view: FloorView, bodies: UprightBodies, finder: FootFinder) -> None:
        self._view = view
        self._bodies = bodies
        self._finder = finder
        self._pixel_from_floor = np.linalg.inv(view.geometry.floor_from_pixel)
        self.motion = FloorMotion.empty()
        self.records: list[TrackRecord] = []
        self.statures = Statures()
        self._doubled = np.empty(0)
        self._missed_s = np.empty(0)
        self._faint_s = np.empty(0)
        self._standing_then = np.empty(0)
        self._learned_s = np.empty(0)
        self._last_xy_m = np.empty((2, 0))
        self._last_covariance_m2 = np.empty((3, 0))
        self._dt_s = 0.0

    def __len__(self) -> int:
        return len(self.records)

    def predict(self, dt_s: float) -> None:
        """Move everybody on."""
        self._dt_s = dt_s
        self.motion.predict(dt_s)

    def find_unseen_s(self, time_s: float) -> FloatArray:
        """Seconds since each track's last sighting."""
        return np.array([time_s - record.seen_s for record in self.records])

    def find_missed_s(self) -> FloatArray:
        """For how long each track had not been seen in the frame before this one."""
        return np.array(
            [
                record.unseen_times_s[-1] - record.seen_s if record.unseen_times_s else 0.0
                for record in self.records
            ]
        )

    def may_be_faint(self, row: int, settings: FloorTrackerSettings) -> bool:
        """Whether a weak detection may be the person of a track.

        Who is hidden for the most part is seen only faintly, for however long; who is in full view, is not.
        """
        return bool(
            (
                self._missed_s[row] <= settings.weak_unseen_s
                or len(self.records[row].unseen_times_s) < settings.fewest_missed
            )
            and self._faint_s[row] <= settings.weak_s
        )

    def keep(self, is_kept: BoolArray) -> None:
        """Forget the tracks that are not marked."""
        if is_kept.all():
            return
        self.motion.keep(is_kept)
        self.records = [record for record, kept in zip(self.records, is_kept, strict=True) if kept]
        self.statures.keep(is_kept)
        self._doubled = self._doubled[is_kept]
        self._missed_s = self._missed_s[is_kept]
        self._faint_s = self._faint_s[is_kept]
        self._standing_then = self._standing_then[is_kept]
        self._learned_s = self._learned_s[is_kept]
        self._last_xy_m = self._last_xy_m[:, is_kept]
        self._last_covariance_m2 = self._last_covariance_m2[:, is_kept]

    def find_alive(self, time_s: float, settings: FloorTrackerSettings) -> BoolArray:
        """Which tracks may still be found again, shape (n,)."""
        is_alive = np.ones(len(self), dtype=bool)
        for row, record in enumerate(self.records):
            missed = len(record.unseen_times_s)
            if not missed:
                continue
            unseen_s = time_s - record.seen_s
            if record.tracklet is None:
                is_alive[row] = (
                    unseen_s <= settings.tentative_lost_s or missed < settings.fewest_missed_tentative
                )
                continue
            is_standing = self._standing_then[row] > 0.5
            hidden_s = settings.standing_hidden_s if is_standing else settings.walking_hidden_s
            lost_s = settings.standing_lost_s if is_standing else settings.walking_lost_s
            if not is_standing and self._is_outside(row):
                lost_s = settings.outside_lost_s
            is_alive[row] = unseen_s <= hidden_s and (
                self._missed_s[row] <= lost_s or missed < settings.fewest_missed
            )
        return is_alive

    def add(
        self,
        time_s: float,
        records: Sequence[TrackRecord],
        columns: IndexArray,
        sightings: Sightings,
        hypotheses: FootHypotheses,
    ) -> None:
        """Begin tracks with the sightings ``columns``, of which there are ``hypotheses``, one each."""
        count = len(records)
        best = hypotheses.cost.argmin(axis=0)
        number = np.arange(count)
        xy_m, covariance_m2 = hypotheses.xy_m[:, best, number], hypotheses.covariance_m2[:, best, number]
        feet = self.to_feet(xy_m, covariance_m2, [None] * count)
        for record, column, foot in zip(records, columns.tolist(), feet, strict=True):
            box, score = sightings.xyxy[column].tolist(), float(sightings.score[column])
            record.see(time_s, to_box(box), score, is_strong=True, foot=foot)
        self.motion.add(xy_m, covariance_m2)
        self.records.extend(records)
        is_odd = (best == TOP_UNSURE) & ~sightings.is_cut_top[columns]
        self.statures.add(hypotheses.stature, is_odd)
        zeros = np.zeros(count)
        self._doubled = np.concatenate([self._doubled, zeros])
        self._missed_s = np.concatenate([self._missed_s, zeros])
        self._faint_s = np.concatenate([self._faint_s, zeros])
        self._standing_then = np.concatenate([self._standing_then, zeros])
        self._learned_s = np.concatenate([self._learned_s, np.full(count, time_s)])
        self._last_xy_m = np.concatenate([self._last_xy_m, xy_m], axis=1)
        self._last_covariance_m2 = np.concatenate([self._last_covariance_m2, covariance_m2], axis=1)

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
        """Take the sightings ``columns`` of the tracks ``rows``, each once."""
        if not len(rows):
            return
        at = pairs.find_pairs(len(sightings), rows, columns)
        best = pairs.best[at]
        hypotheses = pairs.hypotheses
        self.motion.correct(rows, hypotheses.xy_m[:, best, at], hypotheses.covariance_m2[:, best, at])
        self._measure_statures(
            time_s,
            rows=rows,
            columns=columns,
            sightings=sightings,
            measured=hypotheses.stature[at],
            best=best,
            is_rather_short=hypotheses.cost[TOP_UNSURE, at] < hypotheses.cost[FEET_HIDDEN, at],
        )
        self._count_doubles(rows, columns, sightings, settings.duplicate_overlap)
        xy_m, covariance_m2 = self.motion.combine(rows)
        heights_m = self._find_heights_m(rows)
        feet = self.to_feet(xy_m, covariance_m2, heights_m)
        records = [self.records[row] for row in rows.tolist()]
        between = self._interpolate(time_s, rows, xy_m, covariance_m2, heights_m)
        boxes, scores = sightings.xyxy[columns].tolist(), sightings.score[columns].tolist()
        for number, record in enumerate(records):
            score = scores[number]
            record.see(
                time_s,
                to_box(boxes[number]),
                score,
                is_strong=score >= settings.high_score,
                foot=feet[number],
                feet_between=between.get(number, ()),
            )
        self._missed_s[rows] = 0.0
        self._standing_then[rows] = self.motion.standing[rows]
        self._last_xy_m[:, rows] = xy_m
        self._last_covariance_m2[:, rows] = covariance_m2

    def miss(self, time_s: float, *, rows: IndexArray, columns: IndexArray, sightings: Sightings) -> None:
        """Note who was not seen in this frame, or only faintly, and for how long they could have been.

        Args:
            rows, columns: as they were given to ``see``.
        """
        is_clear = np.array([record.seen_strongly_s == time_s for record in self.records], dtype=bool)
        self._faint_s[is_clear] = 0.0
        if is_clear.all():
            return
        own = np.full(len(self), -1)
        own[rows] = columns
        faint = np.flatnonzero(~is_clear)
        is_unseen = own[faint] < 0
        for row in faint[is_unseen].tolist():
            self.records[row].unseen_times_s.append(time_s)
        in_sight_s = self._dt_s * self._find_in_sight(faint, own[faint], sightings)
        self._faint_s[faint] += in_sight_s
        self._missed_s[faint[is_unseen]] += in_sight_s[is_unseen]

    def is_double(self, row: int) -> bool:
        """Whether half of a track's sightings lay over a person who was seen as well."""
        return bool(2 * self._doubled[row] >= self.records[row].sightings)

    def to_feet(
        self, xy_m: FloatArray, covariance_m2: FloatArray, heights_m: Sequence[float | None]
    ) -> list[FootPoint | None]:
        """Foot points in the picture of places, shape (2, k), and their covariances, shape (3, k)."""
        g = self._pixel_from_floor
        homogeneous = g[:, :1] * xy_m[0] + g[:, 1:2] * xy_m[1] + g[:, 2:]
        w = homogeneous[2]
        if len(w) and w.min() <= 1e-12:
            w = np.where(w > 1e-12, w, np.nan)
        uv = homogeneous[:2] / w
        by_x, by_y = (g[:2, :1] - uv * g[2, 0]) / w, (g[:2, 1:2] - uv * g[2, 1]) / w
        variance = by_x * (by_x * covariance_m2[0] + 2 * by_y * covariance_m2[2])
        sigma = np.sqrt(variance + by_y * by_y * covariance_m2[1])
        return [
            FootPoint(u, v, sigma_u, sigma_v, height_m) if math.isfinite(u + v) else None
            for u, v, sigma_u, sigma_v, height_m in zip(*uv.tolist(), *sigma.tolist(), heights_m, strict=True)
        ]

    def _find_heights_m(self, rows: IndexArray) -> list[float | None]:
        if not self._bodies.has_pose:
            return [None] * len(rows)
        heights = (self._bodies.mean_height_m * self.statures.value[rows]).tolist()
        is_known = self._is_known(rows).tolist()
        return [height if known else None for height, known in zip(heights, is_known, strict=True)]

    def _measure_statures(
        self,
        time_s: float,
        *,
        rows: IndexArray,
        columns: IndexArray,
        sightings: Sightings,
        measured: FloatArray,
        best: IndexArray,
        is_rather_short: BoolArray,
    ) -> None:
        is_plain = sightings.covered.take(columns) == 0
        if sightings.are_cut:
            is_plain &= ~(sightings.is_cut_top | sightings.is_cut_bottom)[columns]
        is_whole = best == WHOLE
        is_odd = is_plain & ~is_whole
        if is_odd.any():
            # whoever came behind somebody is judged as a newcomer once they are in sight
            is_short = (best == TOP_UNSURE) | (is_rather_short & ~self._is_known(rows))
            odd, xyxy = rows[is_odd], sightings.xyxy[columns[is_odd]]
            self._doubt_statures(odd, xyxy, measured[is_odd], is_short[is_odd])
            self._learn_hidden_floor(time_s, odd, xyxy, best[is_odd] == FEET_HIDDEN)
        is_whole &= is_plain
        if not is_whole.any():
            return
        chosen, measured = rows[is_whole], measured[is_whole]
        relative = measured / self.statures.value[chosen] - 1
        self._finder.learn_noise(relative, self.statures.variance[chosen])
        self.statures.measure(chosen, measured, self._dt_s)
        is_due = is_whole & (time_s - self._learned_s[rows] >= LEARNING_EVERY_S)
        is_due &= sightings.score[columns] >= LEARNING_SCORE
        is_due &= ~(sightings.is_cut_left | sightings.is_cut_right)[columns]
        if is_due.any():
            self._learned_s[rows[is_due]] = time_s
            xyxy = sightings.xyxy[columns[is_due]]
            self._bodies.learn(xyxy, LEARNING_EVERY_S)
            self._finder.visible_floor.learn(np.stack([(xyxy[:, 0] + xyxy[:, 2]) / 2, xyxy[:, 3]]))

    def _doubt_statures(
        self, rows: IndexArray, xyxy: FloatArray, measured: FloatArray, is_short: BoolArray
    ) -> None:
        feet = self._find_feet_below(rows, xyxy)
        looks, hidden = self._finder.visible_floor.count(feet), self._finder.visible_floor.count_hidden(feet)
        surely_seen = np.minimum(looks / SURE_FEET_SEEN, 1.0) * looks / np.maximum(looks + hidden, 1.0)
        in_sight = np.where(is_short, 1.0, surely_seen)
        speed = np.hypot(*self.motion.mean[2:, WALKING, rows]) * self.motion.probability[WALKING, rows]
        walked = speed / (OTHER_AFTER_M * self.motion.unit_m)
        weight = self._dt_s * np.maximum(in_sight / OTHER_AFTER_S, walked)
        weight /= np.where(self._is_known(rows), KNOWN_DOUBTED_TIMES, 1.0)
        self.statures.doubt(rows, measured, weight=weight)

    def _learn_hidden_floor(
        self, time_s: float, rows: IndexArray, xyxy: FloatArray, is_hidden: BoolArray
    ) -> None:
        """Take people of known stature whose feet nobody hides, and that are not seen."""
        is_due = is_hidden & self._is_known(rows) & (time_s - self._learned_s[rows] >= LEARNING_EVERY_S)
        if is_due.any():
            self._learned_s[rows[is_due]] = time_s
            feet = self._find_feet_below(rows[is_due], xyxy[is_due])
            self._finder.visible_floor.learn_hidden(feet, xyxy[is_due])

    def _find_feet_below(self, rows: IndexArray, xyxy: FloatArray) -> FloatArray:
        """Where the feet of people are if the tops of boxes are theirs, shape (2, k), pixels."""
        middle_u = (xyxy[:, 0] + xyxy[:, 2]) / 2
        return np.stack([middle_u, self._bodies.find_feet(middle_u, xyxy[:, 1], self.statures.value[rows])])

    def _is_known(self, rows: IndexArray) -> BoolArray:
        return np.asarray(self.statures.variance[rows] < KNOWN_STATURE_SIGMA**2, np.bool_)

    def _count_doubles(
        self, rows: IndexArray, columns: IndexArray, sightings: Sightings, duplicate_overlap: float
    ) -> None:
        is_tentative = np.array([self.records[row].tracklet is None for row in rows.tolist()], dtype=bool)
        if not is_tentative.any() or is_tentative.all():
            return
        overlaps = compute_overlaps(
            sightings.xyxy[columns[is_tentative]], sightings.xyxy[columns[~is_tentative]]
        )
        self._doubled[rows[is_tentative]] += overlaps.max(axis=1) > duplicate_overlap

    def _interpolate(
        self,
        time_s: float,
        rows: IndexArray,
        xy_m: FloatArray,
        covariance_m2: FloatArray,
        heights_m: Sequence[float | None],
    ) -> dict[int, list[FootPoint | None]]:
        """Foot points for the frames in which tracks were not seen, in the middle between two places.

        Returns:
            By the number among the ``rows``, whose places are now ``xy_m``, shape (2, k).
        """
        unseen = {
            number: record
            for number, row in enumerate(rows.tolist())
            if (record := self.records[row]).unseen_times_s
        }
        if not unseen:
            return {}
        records = list(unseen.values())
        counts = [len(record.unseen_times_s) for record in records]
        span_s = np.repeat([time_s - record.seen_s for record in records], counts)
        since_s = [t - record.seen_s for record in records for t in record.unseen_times_s]
        share = np.array(since_s) / span_s
        numbers = np.repeat(list(unseen), counts)
        of_rows = rows[numbers]
        before_m = self._last_xy_m[:, of_rows]
        places = before_m + share * (xy_m[:, numbers] - before_m)
        stands = np.minimum(self._standing_then[of_rows], self.motion.standing[of_rows])
        density = 4 * STRAIGHT_LINE_M2_PER_S * (1 - 0.75 * stands) * self.motion.unit_m**2
        covariance = (1 - share) * self._last_covariance_m2[:, of_rows] + share * covariance_m2[:, numbers]
        covariance[:2] += density * span_s * share * (1 - share)
        feet = iter(self.to_feet(places, covariance, [heights_m[number] for number in numbers.tolist()]))
        return {
            number: list(itertools.islice(feet, count)) for number, count in zip(unseen, counts, strict=True)
        }

    def _is_outside(self, row: int) -> bool:
        x_m, y_m = self.motion.mean[:2, WALKING, row].tolist()
        u, v, w = (a * x_m + b * y_m + c for a, b, c in self._pixel_from_floor.tolist())
        width, height = self._view.frame_size_wh
        return not (w > 0 and 0 <= u / w <= width and 0 <= v / w <= height)

    def _find_in_sight(self, rows: IndexArray, own: IndexArray, sightings: Sightings) -> FloatArray:
        g = self._pixel_from_floor
        (x_m, y_m), _ = self.motion.combine(rows)
        u, bottom, w = g[:, :1] * x_m + g[:, 1:2] * y_m + g[:, 2:]
        w = np.maximum(w, 1e-12)
        u, bottom = u / w, bottom / w
        top = self._bodies.find_top(u, bottom, self.statures.value[rows])
        half = self._bodies.width_heights * (bottom - top) / 2
        return find_in_sight(np.stack([u - half, top, u + half, bottom]), own, sightings)

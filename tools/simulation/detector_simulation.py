"""Simulated detections of a crowd by a camera, frame by frame, with realistic errors.

What is different from independent errors: a person is missed in bursts, a box's error drifts, a score hangs
on for a second, what looks like a person (a banner) is reported for minutes, two people who overlap are
reported as one for a while. The numbers are plausible for small networks, not fitted to one; YOLO11n on clips
of a hall and of a mall lies around them: edges of people who stand err by 0.5 to 3 % of the box's height,
correlated by 0.6 over 0.15 s and not at all over 1 s, and 0.01 to 0.3 times a second a person is missed,
half of the time for no more than 0.2 s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from tools.simulation.body_boxes import COLUMNS, ROWS, hide_behind_each_other, place_body_points

NO_PERSON = -1
"""Visitor number of a false detection."""
_DRIFTS = 6
"""Number of drifting errors: four edges, the score, and the guess of hidden feet."""
_SCORE_LIMITS = (0.02, 0.97)


@dataclass(frozen=True, slots=True)
class DetectorErrors:
    """Error parameters of a detector; "cover" is the hidden share of a body, 0 to 1.

    Attributes:
        missed_share: of people in plain view, in each frame and independent of each other.
        half_missed_cover, cover_slope: a body with this cover is missed every second time; the share rises
            with cover along a logistic curve of this slope.
        smallest_px, large_enough_px: height of what is seen; below the first never found, above the second
            as in plain view, between them in proportion.
        bursts_per_s, bursts_per_s_cover: rate at which a visible person is lost for a while, in plain view
            and additionally per unit of cover.
        burst_median_s, burst_spread: of the log-normal length of such an outage.
        edge_sigma_parts, edge_sigma_px: standard deviation of each edge, in heights of the box and pixels.
        edge_sigma_doubles_m: distance at which it has doubled, in parts of the box.
        drift_share, drift_s: part of that variance which drifts, and its correlation time.
        guessed_feet_share: how much of hidden feet the box shows nonetheless, on average (detectors that
            learned whole bodies guess them).
        plain_score, hidden_score_loss, distant_score_loss, score_sigma: mean score nearby in plain view,
            what it loses per unit of cover and per 10 m, and its standard deviation, half of it drifting.
        score_threshold: boxes below are not reported.
        ghosts_per_s, ghost_s: how often a box comes from nothing, and how long it stays on average.
        banners_per_s, banner_s, banner_share: how often a banner begins to be taken for a person, for how
            long on average, and in which share of the frames then.
        duplicates_per_s, duplicate_s: of a second box on one person.
        merged_overlap, merges_per_s, merge_s: two boxes with this intersection over union begin so often to
            be reported as one, for so long on average.
    """

    missed_share: float = 0.02
    half_missed_cover: float = 0.62
    cover_slope: float = 9.0
    smallest_px: float = 12.0
    large_enough_px: float = 30.0
    bursts_per_s: float = 0.012
    bursts_per_s_cover: float = 0.15
    burst_median_s: float = 0.7
    burst_spread: float = 0.6
    edge_sigma_parts: float = 0.012
    edge_sigma_px: float = 0.8
    edge_sigma_doubles_m: float = 15.0
    drift_share: float = 0.5
    drift_s: float = 1.0
    guessed_feet_share: float = 0.3
    plain_score: float = 0.84
    hidden_score_loss: float = 0.45
    distant_score_loss: float = 0.06
    score_sigma: float = 0.07
    score_threshold: float = 0.1
    ghosts_per_s: float = 0.03
    ghost_s: float = 0.3
    banners_per_s: float = 0.004
    banner_s: float = 150.0
    banner_share: float = 0.75
    duplicates_per_s: float = 0.006
    duplicate_s: float = 0.4
    merged_overlap: float = 0.45
    merges_per_s: float = 0.25
    merge_s: float = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class BodiesInFrame:
    """People in front of the camera at a time.

    Attributes:
        number: of the visitor, counted from 0, shape (n,).
        xyxy: whole boxes, shape (n, 4).
        distance_m: shape (n,).
        hidden: body points hidden by furniture or outside the picture, shape (n, ROWS * COLUMNS).
    """

    time_s: float
    number: IntArray
    xyxy: FloatArray
    distance_m: FloatArray
    hidden: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class ReportedBoxes:
    """Detections of one frame, best score first.

    Attributes:
        number: whom each box shows, or `NO_PERSON`.
    """

    time_s: float
    xyxy: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    number: IntArray


class DetectorSimulation:
    """A simulated detector of one camera, with errors that persist across frames.

    Args:
        count: of visitors; their numbers are 0 to ``count - 1``.
        banners: boxes of things that can be taken for people, shape (m, 4).
    """

    def __init__(
        self,
        *,
        errors: DetectorErrors,
        size_wh: tuple[int, int],
        count: int,
        banners: FloatArray,
        rng: np.random.Generator,
    ) -> None:
        self._errors = errors
        self._size_wh = size_wh
        self._rng = rng
        self._last_s: float | None = None
        self._lost_until_s = np.full(count, -np.inf)
        self._twice_until_s = np.full(count, -np.inf)
        self._drift = np.zeros((count, _DRIFTS))
        self._drifted_s = np.full(count, -np.inf)
        self._merged_until_s: dict[tuple[int, int], float] = {}
        self._ghosts: list[tuple[float, FloatArray]] = []
        self._banners = banners
        self._banner_until_s = np.full(len(banners), -np.inf)

    def report(self, bodies: BodiesInFrame) -> ReportedBoxes:
        """Return boxes and scores of the next frame; times must rise."""
        errors, rng = self._errors, self._rng
        now_s = bodies.time_s
        elapsed_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        who, n = bodies.number, len(bodies.number)
        drift = self._let_drift(who, now_s)
        hidden = bodies.hidden | hide_behind_each_other(
            xyxy=bodies.xyxy, distance_m=bodies.distance_m, points=place_body_points(bodies.xyxy)
        )
        cover = np.count_nonzero(hidden, axis=1) / (ROWS * COLUMNS)
        seen = self._cut_to_seen(bodies.xyxy, hidden, drift[:, 5])
        is_found = self._find(who, cover, seen, elapsed_s, now_s)
        sigma_parts = errors.edge_sigma_parts * (1 + bodies.distance_m / errors.edge_sigma_doubles_m)
        sigma = sigma_parts * (bodies.xyxy[:, 3] - bodies.xyxy[:, 1]) + errors.edge_sigma_px
        boxes = seen + sigma[:, None] * self._mix(drift[:, :4], rng.normal(0, 1, (n, 4)))
        score = errors.plain_score - errors.hidden_score_loss * cover
        score -= errors.distant_score_loss * bodies.distance_m / 10
        score += errors.score_sigma * (drift[:, 4] + rng.normal(0, 1, n)) / np.sqrt(2)
        boxes, score, who = self._merge(boxes[is_found], score[is_found], who[is_found], elapsed_s, now_s)
        others = (
            self._duplicate(boxes, score, who, elapsed_s, now_s),
            self._imagine_banners(elapsed_s, now_s),
            self._imagine_ghosts(elapsed_s, now_s),
        )
        parts = [(boxes, score, who), *(part for part in others if part is not None)]
        if len(parts) > 1:
            boxes, score, who = (np.concatenate([part[i] for part in parts]) for i in range(3))
        return self._finish(now_s, boxes, score, who)

    def _let_drift(self, who: IntArray, now_s: float) -> FloatArray:
        """Return slowly varying errors, shape (n, _DRIFTS): Ornstein-Uhlenbeck, of unit variance."""
        kept = np.exp((self._drifted_s[who] - now_s) / self._errors.drift_s)[:, None]
        fresh = self._rng.normal(0, 1, (len(who), _DRIFTS))
        self._drift[who] = kept * self._drift[who] + np.sqrt(1 - kept**2) * fresh
        self._drifted_s[who] = now_s
        return np.asarray(self._drift[who], np.float64)

    def _mix(self, drift: FloatArray, white: FloatArray) -> FloatArray:
        share = self._errors.drift_share
        return drift * float(np.sqrt(share)) + white * float(np.sqrt(1 - share))

    def _cut_to_seen(self, xyxy: FloatArray, hidden: BoolArray, feet_drift: FloatArray) -> FloatArray:
        """Return the box of each body's visible part; hidden feet are partly guessed."""
        columns = hidden.reshape(-1, ROWS, COLUMNS)
        seen_rows = ~(columns[:, :, 0] & columns[:, :, 1] & columns[:, :, 2])
        height = xyxy[:, 3] - xyxy[:, 1]
        first = seen_rows.argmax(axis=1)
        below = seen_rows[:, ::-1].argmax(axis=1)
        guessed = np.minimum(np.maximum(self._errors.guessed_feet_share + 0.3 * feet_drift, 0.0), 1.0)
        seen = xyxy.copy()
        seen[:, 1] += height * first / ROWS
        seen[:, 3] -= height * below / ROWS * (1 - guessed)
        return seen

    def _find(
        self, who: IntArray, cover: FloatArray, seen: FloatArray, elapsed_s: float, now_s: float
    ) -> BoolArray:
        errors, rng = self._errors, self._rng
        rate = errors.bursts_per_s + errors.bursts_per_s_cover * cover
        begins = rng.random(len(who)) < 1 - np.exp(-rate * elapsed_s)
        length_s = errors.burst_median_s * np.exp(rng.normal(0, errors.burst_spread, len(who)))
        is_lost = now_s < self._lost_until_s[who]
        begins &= ~is_lost
        self._lost_until_s[who[begins]] = now_s + length_s[begins]
        chance = compute_detection_chance(cover=cover, height_px=seen[:, 3] - seen[:, 1], errors=errors)
        is_found = (rng.random(len(who)) < chance) & (cover < 1) & ~is_lost & ~begins
        return np.asarray(is_found, np.bool_)

    def _merge(
        self, boxes: FloatArray, score: FloatArray, who: IntArray, elapsed_s: float, now_s: float
    ) -> tuple[FloatArray, FloatArray, IntArray]:
        """Merge the boxes of two people who overlap much, with the number of the lower one."""
        errors = self._errors
        first, second = np.nonzero(compute_overlap(boxes) > errors.merged_overlap)
        gone = np.zeros(len(who), bool)
        for i, j in zip(first.tolist(), second.tolist(), strict=True):
            if i >= j or gone[i] or gone[j]:
                continue
            pair = (int(min(who[i], who[j])), int(max(who[i], who[j])))
            until_s = self._merged_until_s.get(pair, -np.inf)
            if now_s >= until_s and self._rng.random() < 1 - np.exp(-errors.merges_per_s * elapsed_s):
                until_s = now_s + float(self._rng.exponential(errors.merge_s))
                self._merged_until_s[pair] = until_s
            if now_s < until_s:
                front, back = (i, j) if boxes[i, 3] >= boxes[j, 3] else (j, i)
                low = np.minimum(boxes[i, :2], boxes[j, :2])
                boxes[front] = np.concatenate([low, np.maximum(boxes[i, 2:], boxes[j, 2:])])
                gone[back] = True
        if not gone.any():
            return boxes, score, who
        return boxes[~gone], score[~gone], who[~gone]

    def _duplicate(
        self, boxes: FloatArray, score: FloatArray, who: IntArray, elapsed_s: float, now_s: float
    ) -> tuple[FloatArray, FloatArray, IntArray] | None:
        errors, rng = self._errors, self._rng
        begins = rng.random(len(who)) < 1 - np.exp(-errors.duplicates_per_s * elapsed_s)
        self._twice_until_s[who[begins]] = now_s + rng.exponential(errors.duplicate_s, int(begins.sum()))
        is_twice = now_s < self._twice_until_s[who]
        if not is_twice.any():
            return None
        own = boxes[is_twice]
        size = np.tile(own[:, 2:] - own[:, :2], 2)
        return (
            own + size * rng.normal(0, 0.12, own.shape),
            score[is_twice] * rng.uniform(0.4, 0.8, len(own)),
            who[is_twice],
        )

    def _imagine_banners(
        self, elapsed_s: float, now_s: float
    ) -> tuple[FloatArray, FloatArray, IntArray] | None:
        errors, rng = self._errors, self._rng
        count = len(self._banners)
        if not count:
            return None
        begins = (rng.random(count) < 1 - np.exp(-errors.banners_per_s * elapsed_s)) & (
            now_s >= self._banner_until_s
        )
        lasts_s = rng.exponential(errors.banner_s, count)
        self._banner_until_s[begins] = now_s + lasts_s[begins]
        shown = (now_s < self._banner_until_s) & (rng.random(count) < errors.banner_share)
        own = self._banners[shown]
        height = own[:, 3:] - own[:, 1:2]
        boxes = own + 0.01 * height * rng.normal(0, 1, own.shape)
        return boxes, rng.normal(0.45, 0.08, len(own)), np.full(len(own), NO_PERSON)

    def _imagine_ghosts(
        self, elapsed_s: float, now_s: float
    ) -> tuple[FloatArray, FloatArray, IntArray] | None:
        errors, rng = self._errors, self._rng
        self._ghosts = [ghost for ghost in self._ghosts if now_s < ghost[0]]
        for _ in range(int(rng.poisson(errors.ghosts_per_s * elapsed_s))):
            width, height = self._size_wh
            tall = rng.uniform(0.06, 0.35) * height
            left, bottom = rng.uniform(0, width - 0.4 * tall), rng.uniform(tall, height)
            box = np.array([left, bottom - tall, left + 0.4 * tall, bottom])
            self._ghosts.append((now_s + float(rng.exponential(errors.ghost_s)), box))
        if not self._ghosts:
            return None
        boxes = np.array([box for _, box in self._ghosts])
        boxes += 0.02 * (boxes[:, 3:] - boxes[:, 1:2]) * rng.normal(0, 1, boxes.shape)
        return boxes, rng.uniform(0.1, 0.55, len(boxes)), np.full(len(boxes), NO_PERSON)

    def _finish(self, now_s: float, boxes: FloatArray, score: FloatArray, who: IntArray) -> ReportedBoxes:
        width, height = self._size_wh
        boxes = np.minimum(np.maximum(boxes, 0.0), np.array((width, height, width, height), np.float64))
        score = np.minimum(np.maximum(score, _SCORE_LIMITS[0]), _SCORE_LIMITS[1])
        kept = (boxes[:, 2] - boxes[:, 0] > 2) & (boxes[:, 3] - boxes[:, 1] > 4)
        kept &= score >= self._errors.score_threshold
        order = kept.nonzero()[0]
        order = order[(-score[order]).argsort(kind="stable")]
        return ReportedBoxes(
            now_s, boxes[order].astype(np.float32), score[order].astype(np.float32), who[order]
        )


def compute_detection_chance(
    *, cover: FloatArray, height_px: FloatArray, errors: DetectorErrors
) -> FloatArray:
    """Return the detection probability outside bursts, shape (n,); it falls with cover and small size."""
    by_cover = 1 / (1 + np.exp(errors.cover_slope * (cover - errors.half_missed_cover)))
    in_plain_view = 1 / (1 + np.exp(-errors.cover_slope * errors.half_missed_cover))
    by_size = (height_px - errors.smallest_px) / (errors.large_enough_px - errors.smallest_px)
    by_size = np.minimum(np.maximum(by_size, 0.0), 1.0)
    return np.asarray((1 - errors.missed_share) * by_cover / in_plain_view * by_size, np.float64)


def compute_overlap(xyxy: FloatArray) -> FloatArray:
    """Return the intersection over union of every two boxes, shape (n, n)."""
    left, top, right, bottom = xyxy.T
    across = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    down = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    common = np.maximum(across, 0.0) * np.maximum(down, 0.0)
    area = (right - left) * (bottom - top)
    return np.asarray(common / np.maximum(area[:, None] + area - common, 1e-9), np.float64)

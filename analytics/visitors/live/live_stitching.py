"""Live identification of visitors: the likelihoods of the history, decided once after a bounded delay.

A tracklet waits until its path is known; then it is someone whom another camera sees too, someone who was
lost, or someone new. Two visitors who turn out to be one are merged. With two cameras visitors are never
split; of three and more, two can outvote one (``LiveRegrouping``).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from scipy.optimize import linear_sum_assignment

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.track import TrackPoint, TrackState
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.coverage import CameraView
from analytics.visitors.cameras.overlap_fusion import compute_log_overlap
from analytics.visitors.cameras.overlap_grouping import PairEvidence, group_pairs
from analytics.visitors.doors import LearnedDoor, draw_doors, outline_learned
from analytics.visitors.gap_stitching import compute_evidence
from analytics.visitors.link_assignment import are_found, choose_links, compute_link_probabilities
from analytics.visitors.switches.turnover_map import TurnoverPrior, outline_of
from analytics.visitors.tracklet_ends import WINDOW_S, estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_pairs import TrackletPairs, find_pairs, sample_tracklets
from analytics.visitors.tracklet_rows import MIN_SIGMA_M, UNKNOWN_SIGMA_M, TrackletRows
from analytics.visitors.visitor_settings import LIVE, OVERLAP, SCALES

Sample = tuple[float, float, float, float, float, bool]
"""(time_s, x_m, y_m, sigma_m, height_m, whether it was seen)."""


@dataclass(slots=True)
class LiveTracklet:
    """The stored samples of one tracklet.

    Attributes:
        camera: number of the camera.
        beginning: its first samples, for its state there.
        recent: its latest samples.
        visitor: None while it waits.
    """

    number: int
    camera: int
    beginning: list[Sample] = field(default_factory=list)
    recent: deque[Sample] = field(default_factory=deque)
    visitor: int | None = None

    @property
    def begun_s(self) -> float:
        """Time of its first sample."""
        return self.beginning[0][0]

    @property
    def seen_s(self) -> float:
        """Time of its latest sample."""
        return self.recent[-1][0]


@dataclass(slots=True)
class CameraShift:
    """Running mean of two cameras' disagreement, the second's position minus the first's, metres."""

    x_m: float = 0.0
    y_m: float = 0.0
    looks: float = 0.0

    def learn(self, x_m: float, y_m: float, *, max_looks: float) -> None:
        """Update the mean with one observation of a person seen by both."""
        self.looks = min(self.looks + 1.0, max_looks)
        self.x_m += (x_m - self.x_m) / self.looks
        self.y_m += (y_m - self.y_m) / self.looks


def read_sample(point: TrackPoint) -> Sample | None:
    """Return a sample of a track point; None without a finite position or time."""
    if not (np.isfinite(point.x_m) and np.isfinite(point.y_m) and np.isfinite(point.time_s)):
        return None
    is_known = np.isfinite(point.sigma_m) and point.sigma_m >= 0
    return (
        point.time_s,
        point.x_m,
        point.y_m,
        max(point.sigma_m, MIN_SIGMA_M) if is_known else UNKNOWN_SIGMA_M,
        point.height_m if point.height_m is not None else np.nan,
        point.state not in {TrackState.INTERPOLATED, TrackState.COASTED},
    )


def collect_rows(tracklets: list[tuple[LiveTracklet, list[Sample]]]) -> TrackletRows:
    """Return samples of live tracklets as rows for the likelihoods."""
    samples = [sample for _, own in tracklets for sample in own]
    table = np.array(samples, np.float64).reshape(-1, 6)
    length = np.array([len(own) for _, own in tracklets], np.int64)
    ends = np.cumsum(length)
    return TrackletRows(
        source=np.arange(len(table)),
        time_s=table[:, 0],
        x_m=table[:, 1],
        y_m=table[:, 2],
        sigma_m=table[:, 3],
        height_m=table[:, 4],
        is_seen=table[:, 5] > 0,
        starts=ends - length,
        ends=ends,
        camera=np.array([t.camera for t, _ in tracklets], np.int64),
        number=np.array([t.number for t, _ in tracklets], np.int64),
        camera_names=(),
    )


PARTS_AFTER_LOOKS = 4
"""Number of consecutive comparisons after which one visitor is split into two."""


class LiveRegrouping:
    """Groups tracklets and gives each group the number that most of its tracklets had."""

    def __init__(self) -> None:
        self._looks: dict[int, int] = {}

    def find_visitors(
        self, tracklets: Sequence[LiveTracklet], rows: TrackletRows, found: PairEvidence, *, next_visitor: int
    ) -> list[int]:
        """Return the visitor of each tracklet, numbered from ``next_visitor`` for new ones.

        Args:
            tracklets: those with a visitor; ``rows`` are their latest samples, in the same order.
            found: pairs of different cameras among them.
        """
        own = np.array([tracklet.visitor for tracklet in tracklets], np.int64)
        stays = SCALES.sure_log_ratio * (own[found.pairs.a] == own[found.pairs.b])
        found = replace(found, log_ratio=found.log_ratio + stays)
        label = group_pairs(rows, [found]).label
        visitors, visitor = np.unique(own, return_inverse=True)
        groups, group = np.unique(label, return_inverse=True)
        shared = np.zeros((len(groups), len(visitors)), np.int64)
        np.add.at(shared, (group, visitor), 1)
        number = np.zeros(len(groups), np.int64)
        kept, of = linear_sum_assignment(shared, maximize=True)
        is_shared = shared[kept, of] > 0
        number[kept[is_shared]] = visitors[of[is_shared]]
        self._number_parted(number, shared, visitors, next_visitor)
        return [int(each) for each in number[group]]

    def _number_parted(
        self, number: IntArray, shared: IntArray, visitors: IntArray, next_visitor: int
    ) -> None:
        """Fill in the numbers of the groups that have none, which are 0."""
        looks: dict[int, int] = {}
        for group in np.flatnonzero(number == 0).tolist():
            before = visitors[shared[group] > 0].tolist()
            if len(before) == 1:
                looks[before[0]] = self._looks.get(before[0], 0) + 1
                if looks[before[0]] < PARTS_AFTER_LOOKS:
                    number[group] = before[0]
                    continue
            number[group] = next_visitor
            next_visitor += 1
        self._looks = looks


@dataclass(frozen=True, slots=True)
class LiveVisitor:
    """A person who is on the floor now.

    Attributes:
        seen_s: time of the latest detection.
    """

    visitor: int
    x_m: float
    y_m: float
    sigma_m: float
    seen_s: float


class LiveStitcher:
    """Turns the track points of all cameras into visitors in real time."""

    def __init__(
        self,
        *,
        views: Sequence[CameraView] = (),
        zones: Sequence[Zone] = (),
        lines: Sequence[CountingLine] = (),
    ) -> None:
        """Begin with an empty floor; ``views``, ``zones`` and ``lines`` as for ``identify_visitors``."""
        self._views = views
        self._drawn_doors = self._doors = draw_doors(zones, lines)
        self._cameras: dict[str, int] = {}
        self._tracklets: dict[int, LiveTracklet] = {}
        self._of_visitor: dict[int, list[LiveTracklet]] = {}
        self._next_visitor = 1
        self._time_s: float | None = None
        self._begun_s = 0.0
        self._compared_s = 0.0
        self._regrouping = LiveRegrouping()
        self._beginnings = 0
        self._shifts: dict[tuple[int, int], CameraShift] = {}
        self._low_m, self._high_m = np.full(2, np.inf), np.full(2, -np.inf)
        self._turnover: TurnoverPrior | None = None

    def update(self, time_s: float, points: Iterable[TrackPoint]) -> tuple[LiveVisitor, ...]:
        """Process the points of all cameras since the last call, and return the people present now.

        Args:
            time_s: now, on the clock of the points; a clock that was set back clears the floor.
            points: those of one tracklet in time order; late points are accepted.

        Returns:
            Recently seen visitors, by number, each once; new ones wait for about ``LiveSettings.wait_s``.
        """
        if self._time_s is not None and time_s < self._time_s - LIVE.clock_slack_s:
            self._forget_all()
        if self._time_s is None:
            self._begun_s = self._compared_s = time_s
        self._time_s = time_s
        for point in points:
            self._take(point)
        waiting = [t for t in self._tracklets.values() if t.visitor is None]
        ready = [t for t in waiting if time_s - t.begun_s >= LIVE.wait_s or time_s - t.seen_s > SCALES.sure_s]
        if ready:
            self._decide(ready)
        if time_s - self._compared_s >= SCALES.lasting_s and len(self._cameras) > 1:
            self._compared_s = time_s
            self._join_seen_twice()
        self._forget_old(time_s)
        return tuple(self._show(time_s))

    def learn_doors(self, learned: Sequence[LearnedDoor]) -> None:
        """Join nobody across these doors from now on, besides those that are drawn."""
        learned_floor = outline_learned(learned)
        self._doors, self._turnover = shapely.union_all([self._drawn_doors, learned_floor]), None

    def find_visitor(self, tracklet: int) -> int | None:
        """Return the visitor of a recent tracklet; None while it waits, and after it has expired."""
        known = self._tracklets.get(tracklet)
        return None if known is None else known.visitor

    def _take(self, point: TrackPoint) -> None:
        sample = read_sample(point)
        if sample is None:
            return
        tracklet = self._tracklets.get(point.tracklet)
        if tracklet is None:
            camera = self._cameras.setdefault(str(point.camera), len(self._cameras))
            tracklet = self._tracklets[point.tracklet] = LiveTracklet(int(point.tracklet), camera)
            self._beginnings += 1
        elif point.time_s <= tracklet.seen_s:
            return
        if not tracklet.beginning or point.time_s - tracklet.begun_s <= WINDOW_S:
            tracklet.beginning.append(sample)
        tracklet.recent.append(sample)
        while point.time_s - tracklet.recent[0][0] > SCALES.recent_s:
            tracklet.recent.popleft()
        place = np.array([point.x_m, point.y_m])
        if (place < self._low_m).any() or (place > self._high_m).any():
            # the map of the edges is rebuilt for a larger floor
            self._low_m = np.minimum(self._low_m, place - LIVE.map_margin_m)
            self._high_m = np.maximum(self._high_m, place + LIVE.map_margin_m)
            self._turnover = None

    def _decide(self, ready: list[LiveTracklet]) -> None:
        """Assign each tracklet a visitor: also seen by another camera, lost before, or new."""
        for tracklet in self._find_seen_twice(ready, at_least=0.0):
            ready = [other for other in ready if other is not tracklet]
        if not ready:
            return
        lost = self._find_lost(before_s=max(tracklet.begun_s for tracklet in ready))
        partner = self._match_lost(ready, lost) if lost else {}
        for place, tracklet in enumerate(ready):
            if place in partner:
                self._assign(tracklet, partner[place])
            else:
                self._assign(tracklet, self._next_visitor)
                self._next_visitor += 1

    def _match_lost(self, ready: list[LiveTracklet], lost: dict[int, LiveTracklet]) -> dict[int, int]:
        """Return visitors of those of ``ready`` who were lost before, by their index in the list."""
        first = estimate_first_states(collect_rows([(t, t.beginning) for t in ready]))
        last = estimate_last_states(collect_rows([(t, list(t.recent)) for t in lost.values()]))
        end, beginning = (axis.ravel() for axis in np.indices((len(last), len(first))))
        gap_s = first.time_s[beginning] - last.time_s[end]
        possible = np.flatnonzero((gap_s >= -SCALES.lasting_s) & (gap_s <= SCALES.gone_s))
        if not len(possible):
            return {}
        end, beginning = end[possible], beginning[possible]
        turnover = self._map_turnover()
        leaving, coming = turnover.estimate(last, forward=True), turnover.estimate(first, forward=False)
        log_ratio = (
            compute_evidence(last.take(end), first.take(beginning))
            + np.log((1 - leaving) / leaving)[end]
            - np.log(coming * self._measure_beginnings())[beginning]
        )
        usable = np.flatnonzero(np.isfinite(log_ratio))
        end, beginning, log_ratio = end[usable], beginning[usable], log_ratio[usable]
        sizes = {"ends": len(last), "beginnings": len(first)}
        probability = compute_link_probabilities(end=end, beginning=beginning, log_ratio=log_ratio, **sizes)
        chosen = choose_links(end=end, beginning=beginning, gain=log_ratio, **sizes)
        chosen &= are_found(
            end=end, beginning=beginning, probability=probability, least=SCALES.majority, **sizes
        )
        visitors = list(lost)
        return {int(beginning[link]): visitors[int(end[link])] for link in np.flatnonzero(chosen).tolist()}

    def _measure_beginnings(self) -> float:
        """Return the rate of tracklet beginnings, per m² and second."""
        assert self._time_s is not None
        area_m2 = float(np.prod(np.maximum(self._high_m - self._low_m - 2 * LIVE.map_margin_m, 1.0)))
        elapsed_s = max(self._time_s - self._begun_s, LIVE.learning_s)
        return max(self._beginnings, 1) / (area_m2 * elapsed_s)

    def _map_turnover(self) -> TurnoverPrior:
        if self._turnover is None:
            corners = np.stack([self._low_m, self._high_m])
            self._turnover = TurnoverPrior(
                views=self._views, doors=self._doors, outline=outline_of(corners, margin_m=0.0)
            )
        return self._turnover

    def _find_lost(self, *, before_s: float) -> dict[int, LiveTracklet]:
        """Return the last tracklet of every visitor whom no camera sees any more."""
        lost = {}
        for visitor, members in self._of_visitor.items():
            latest = max(members, key=lambda tracklet: (tracklet.seen_s, -tracklet.number))
            if latest.seen_s < before_s + SCALES.lasting_s:
                lost[visitor] = latest
        return lost

    def _find_seen_twice(self, ready: list[LiveTracklet], *, at_least: float) -> list[LiveTracklet]:
        """Return tracklets that joined a visitor whom another camera sees at the same time."""
        joined = []
        known = [t for t in self._tracklets.values() if t.visitor is not None and not self._is_over(t)]
        for one, other, log_ratio in self._compare(ready, [*known, *ready]):
            if log_ratio <= at_least:
                continue
            if one.visitor is None and other.visitor is None:
                self._assign(one, self._next_visitor)
                self._next_visitor += 1
                joined.append(one)
            if one.visitor is not None and other.visitor is not None:
                continue
            waits, has = (one, other) if one.visitor is None else (other, one)
            assert has.visitor is not None
            if self._can_join([waits], self._of_visitor[has.visitor]):
                self._assign(waits, has.visitor)
                joined.append(waits)
        return joined

    def _join_seen_twice(self) -> None:
        """Merge visitors whom different cameras see at one place."""
        known = [t for t in self._tracklets.values() if t.visitor is not None and not self._is_over(t)]
        if len({t.camera for t in known}) > 2:
            self._regroup(known)
            return
        for one, other, log_ratio in self._compare(known, known):
            if log_ratio <= LIVE.join_log_ratio or one.visitor == other.visitor:
                continue
            assert one.visitor is not None
            assert other.visitor is not None
            kept, gone = sorted((one.visitor, other.visitor))
            if self._can_join(self._of_visitor[kept], self._of_visitor[gone]):
                for tracklet in self._of_visitor.pop(gone):
                    self._assign(tracklet, kept)

    def _regroup(self, known: list[LiveTracklet]) -> None:
        """Regroup the recently seen tracklets; earlier tracklets of a visitor follow the majority."""
        tracklets = sorted(known, key=lambda t: t.number)
        rows = collect_rows([(t, list(t.recent)) for t in tracklets])
        pairs, log_ratio = self._weigh(tracklets, rows, np.ones(len(tracklets), bool))
        found = PairEvidence(pairs, log_ratio, np.zeros(len(log_ratio), bool))
        visitors = self._regrouping.find_visitors(tracklets, rows, found, next_visitor=self._next_visitor)
        self._next_visitor = max(self._next_visitor, *(visitor + 1 for visitor in visitors))
        became: dict[int, list[int]] = {}
        for tracklet, visitor in zip(tracklets, visitors, strict=True):
            assert tracklet.visitor is not None
            became.setdefault(tracklet.visitor, []).append(visitor)
            self._of_visitor[tracklet.visitor].remove(tracklet)
            self._assign(tracklet, visitor)
        for before, after in became.items():
            if before in visitors:
                continue
            for tracklet in self._of_visitor.pop(before):
                self._assign(tracklet, max(after, key=after.count))

    def _compare(
        self, some: list[LiveTracklet], others: list[LiveTracklet]
    ) -> list[tuple[LiveTracklet, LiveTracklet, float]]:
        """Return pairs of tracklets of different cameras and log ratios of one person to two, best first."""
        tracklets = sorted({t.number: t for t in (*some, *others)}.values(), key=lambda t: t.number)
        if len({t.camera for t in tracklets}) < 2:
            return []
        rows = collect_rows([(t, list(t.recent)) for t in tracklets])
        wanted = {t.number for t in some}
        is_wanted = np.array([t.number in wanted for t in tracklets])
        pairs, log_ratio = self._weigh(tracklets, rows, is_wanted)
        order = np.argsort(-log_ratio, kind="stable")
        return [(tracklets[pairs.a[k]], tracklets[pairs.b[k]], float(log_ratio[k])) for k in order.tolist()]

    def _weigh(
        self, tracklets: list[LiveTracklet], rows: TrackletRows, is_wanted: BoolArray
    ) -> tuple[TrackletPairs, FloatArray]:
        """Return pairs of a wanted tracklet with one of another camera, and their log ratios."""
        pairs = find_pairs(
            sample_tracklets(rows),
            members_a=is_wanted,
            members_b=np.ones(len(tracklets), bool),
            reach_m=OVERLAP.reach_m,
        )
        pairs = pairs.take(
            np.flatnonzero((rows.camera[pairs.a] != rows.camera[pairs.b]) & (pairs.samples > 0))
        )
        log_ratio = np.empty(len(pairs.a))
        for place in range(len(pairs.a)):
            a, b = tracklets[pairs.a[place]], tracklets[pairs.b[place]]
            log_ratio[place] = self._compare_pair(pairs.take(np.array([place])), a, b)
        return pairs, log_ratio

    def _compare_pair(self, pair: TrackletPairs, a: LiveTracklet, b: LiveTracklet) -> float:
        sign = 1.0 if a.camera < b.camera else -1.0
        shift = self._shifts.setdefault((min(a.camera, b.camera), max(a.camera, b.camera)), CameraShift())
        known = shift.looks / (shift.looks + LIVE.shift_looks)
        unknown_m2 = (1 - known) * OVERLAP.first_shift_sigma_m**2 + known * LIVE.shift_sigma_m**2
        log_ratio = compute_log_overlap(
            pair,
            shift_m=(sign * known * shift.x_m, sign * known * shift.y_m),
            shift_sigma_m=float(np.sqrt(unknown_m2)),
            crowding_per_m2=max(OVERLAP.min_crowding_per_m2, LIVE.crowding_per_m2),
        )
        if a.visitor is not None and a.visitor == b.visitor:
            x_m, y_m = sign * float(pair.middle_x_m[0]), sign * float(pair.middle_y_m[0])
            shift.learn(x_m, y_m, max_looks=LIVE.max_looks)
        return float(log_ratio[0])

    def _can_join(self, some: list[LiveTracklet], others: list[LiveTracklet]) -> bool:
        """Return whether no camera would see the joined person in two places at once."""
        return not any(
            one.camera == other.camera and self._clash(one, other) for one in some for other in others
        )

    def _clash(self, one: LiveTracklet, other: LiveTracklet) -> bool:
        """Return whether two tracklets of a camera were both seen for too long, or still are."""
        assert self._time_s is not None
        seen_s = min(one.seen_s, other.seen_s)
        both_s = seen_s - max(one.begun_s, other.begun_s)
        are_seen = both_s > 0 and self._time_s - seen_s <= SCALES.lasting_s
        return are_seen or both_s > SCALES.lasting_s

    def _assign(self, tracklet: LiveTracklet, visitor: int) -> None:
        tracklet.visitor = visitor
        self._of_visitor.setdefault(visitor, []).append(tracklet)

    def _is_over(self, tracklet: LiveTracklet) -> bool:
        assert self._time_s is not None
        return self._time_s - tracklet.seen_s > SCALES.recent_s

    def _show(self, time_s: float) -> Iterable[LiveVisitor]:
        for visitor, members in sorted(self._of_visitor.items()):
            fresh = [t.recent for t in members if time_s - t.seen_s <= SCALES.sure_s]
            if not fresh:
                continue
            newest_s = max(recent[-1][0] for recent in fresh)
            samples = [
                sample for recent in fresh for sample in recent if newest_s - sample[0] <= LIVE.smoothing_s
            ]
            precision = np.array([1 / sample[3] ** 2 for sample in samples])
            places = np.array([sample[1:3] for sample in samples])
            x_m, y_m = (precision @ places / precision.sum()).tolist()
            seen_s = max((s[0] for recent in fresh for s in recent if s[5]), default=newest_s)
            yield LiveVisitor(visitor, x_m, y_m, float(min(sample[3] for sample in samples)), seen_s)

    def _forget_old(self, time_s: float) -> None:
        limit_s = SCALES.gone_s + LIVE.wait_s
        old = [t for t in self._tracklets.values() if time_s - t.seen_s > limit_s]
        for tracklet in old:
            del self._tracklets[tracklet.number]
            if tracklet.visitor is not None:
                members = [t for t in self._of_visitor[tracklet.visitor] if t is not tracklet]
                if members:
                    self._of_visitor[tracklet.visitor] = members
                else:
                    del self._of_visitor[tracklet.visitor]

    def _forget_all(self) -> None:
        self._tracklets.clear()
        self._of_visitor.clear()
        self._regrouping = LiveRegrouping()
        self._time_s = None
        self._beginnings = 0

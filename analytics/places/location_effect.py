"""Share of a stand's visitors that its place decides, estimated from who stops at two stands of a day.

Visitors who made up their minds before go through their lists by the shortest ways: their moves depend on
distances, but who is visited does not. Those who choose on the way make the same moves. The two differ in who
visits both of two stands: with lists, far stands share as many visitors as near ones; if the choice is made
on the way, ever fewer. The *reach* of the model is therefore measured by how the joint visits of stands apart
fall with the distance, relative to what the fitted model gives (indirect inference, Gourieroux, Monfort and
Renault 1993, J. Applied Econometrics 8, S85).

Stops on impulse follow the traffic past a stand. How far, the *impulse* elasticity, is measured by comparing
visitors who came by different entrances: they pass each stand more or less often, for no reason of their
own. In a hall with one entrance it is how much of the surplus of those who pass a stand near another is found
again among those who stop there.

Tracks that are lost on the way tell of near pairs of stands rather than of far ones: each pair stands for as
many as were lost between, exp(h t) (inverse probability of censoring).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.places.choice_model import ChoiceModel, expected_moves, simulate_been
from analytics.places.itineraries import Itineraries, measure_losses
from analytics.places.layout import Layout, measure_ways
from analytics.places.passing import PassingModel, expected_passages

SIMULATED = 6000
"""Visitors simulated for the model's side."""
MIN_STOPS = 2
MIN_VISITORS = 100
MIN_PASSAGES = 100
"""Passages without a stop below which the share of impulses is not measurable."""
NEAR_M = 15.0
"""Stands farther apart are not passed on the same way."""
NEAR_STEP_M = 5.0
MIN_IMPULSE = 0.1
MAX_IMPULSE = 0.3
"""Stands of one theme share visitors like stands on one way: beyond this, forecasts over-reacted in simulated
halls. For halls with one entrance."""
ROUNDS = 4
MAX_WEIGHT = 20.0
"""Most pairs that one pair of stands stands for; beyond it hardly any track would have lasted."""
GROUPS = 12
"""Groups of visitors for the errors (a jackknife)."""


@dataclass(frozen=True, slots=True)
class LocationEffect:
    """Change of stops with a changed layout.

    Attributes:
        reach: elasticity with the choices of the model, 0 (lists) to 1 (choices on the way).
        impulse: elasticity with the traffic past the stand, 0 to 1.
        reach_error, impulse_error: standard errors.
    """

    reach: float = 1.0
    impulse: float = 0.0
    reach_error: float = 0.0
    impulse_error: float = 0.0


def measure_location_effect(
    itineraries: Itineraries,
    layout: Layout,
    model: ChoiceModel,
    passing: PassingModel,
    arrivals: FloatArray,
) -> LocationEffect:
    """Return the effect in a hall; that of the model itself where too few visitors were followed."""
    stands = [stand.name for stand in layout.stands]
    distance_m = measure_ways(layout).distance_m[: len(stands), : len(stands)]
    marks = Marks(itineraries, stands)
    chosen = np.flatnonzero(marks.stopped.sum(axis=1) >= MIN_STOPS)
    if len(chosen) < MIN_VISITORS:
        return LocationEffect()
    simulated = simulate_been(
        model, layout, arrivals, visitors=SIMULATED, rng=np.random.default_rng(20_260_330)
    )
    group = np.full(len(itineraries), -1)
    group[chosen] = np.arange(len(chosen)) % GROUPS
    pairs, each = marks.count_pairs(group)

    def join(left_out: int | None = None) -> tuple[_Joint, _Joint]:
        own = chosen if left_out is None else chosen[group[chosen] != left_out]
        stops, passages = pairs.sum(axis=0) - (0.0 if left_out is None else pairs[left_out])
        included = _include(marks.stopped[own])
        return (
            _Joint(stops, each[0] * included.T @ included),
            _Joint(passages, each[1] * included.T @ _include(marks.passed[own])),
        )

    whole, rest = join(), [join(one) for one in range(GROUPS)]
    impulse, impulse_error = 0.0, 0.0
    if marks.passed[chosen].sum() >= MIN_PASSAGES:
        impulse = _measure_impulse(*whole, distance_m)
        impulse_error = _find_error(np.clip([_measure_impulse(*one, distance_m) for one in rest], 0.0, 1.0))
    # what impulses explain is no sign of choices on the way
    from_m = NEAR_M if impulse >= MIN_IMPULSE else 0.0
    simulated = simulated[simulated.sum(axis=1) >= MIN_STOPS]
    included = _include(simulated)
    together = _Joint(simulated.T.astype(np.float64) @ simulated, included.T @ included)
    expected = _measure_fall(together, distance_m, from_m)
    reach, reach_error = 1.0, 0.0
    if expected > 1e-3:
        left_out = np.array([_measure_fall(one[0], distance_m, from_m) for one in rest]) / expected
        found = _measure_fall(whole[0], distance_m, from_m) / expected
        reach, reach_error = expect_share(found, _find_error(left_out))
    compared = _compare_entrances(itineraries, layout, model, passing, arrivals, reach, marks)
    # who chooses on the way does so by what is near: the model has it already
    limit, error = compared or (MAX_IMPULSE * (1.0 - reach), MAX_IMPULSE * (1.0 - reach) / 2)
    # either measure can be too large: visitors of one theme, and those of one entrance, resemble each other
    return LocationEffect(
        reach,
        float(np.clip(impulse, 0.0, limit)),
        reach_error,
        min(error, impulse_error) if impulse < limit else error,
    )


def _compare_entrances(  # noqa: PLR0917
    itineraries: Itineraries,
    layout: Layout,
    model: ChoiceModel,
    passing: PassingModel,
    arrivals: FloatArray,
    reach: float,
    marks: Marks,
) -> tuple[float, float] | None:
    """Return the elasticity of stops with the traffic past a stand, and its error, from its entrances.

    Regression of the logarithm of a stand's share of the stops of each entrance's visitors, without what they
    choose by their way, on that of the passages they would make if all had the same goals.

    Returns:
        None with fewer than two entrances of ``MIN_VISITORS``.
    """
    stands = [stand.name for stand in layout.stands]
    used = [
        door
        for door in range(len(layout.entrances))
        if (itineraries.is_start_seen & (itineraries.entrance == door)).sum() >= MIN_VISITORS
    ]
    if len(used) < 2:
        return None
    zone_at = np.flatnonzero([zone.is_stand for zone in layout.zones])
    goals = expected_moves(model, layout, arrivals).visits[0] / arrivals.sum()
    found, chosen, passed = (np.empty((len(used), len(stands))) for _ in range(3))
    for row, door in enumerate(used):
        own = itineraries.is_start_seen & (itineraries.entrance == door)
        rows = np.flatnonzero(marks.is_stop & own[marks.visitor])
        found[row] = np.bincount(marks.stand[rows], _weigh(marks.entering[rows]), len(stands)) + 0.5
        of_door, through = np.zeros(len(arrivals)), np.zeros(len(arrivals))
        of_door[door], through[door] = arrivals[door], passing.through[door]
        moves = expected_moves(model, layout, of_door)
        chosen[row] = moves.visits[0]
        parameters = model.parameters[None, :].copy()
        for _ in range(ROUNDS):
            parameters[0, : len(stands)] += np.log(
                goals * arrivals[door] / np.maximum(moves.visits[0], 1e-9)
            ).clip(-2.0, 2.0)
            moves = expected_moves(model, layout, of_door, parameters)
        passed[row] = expected_passages(layout, measure_ways(layout), moves, passing, through)[0, zone_at]
    weight = 1.0 / (1.0 / found).sum(axis=0)

    def compare(values: FloatArray) -> FloatArray:
        logs = np.log(np.maximum(values, 1e-9))
        logs -= logs.mean(axis=0)
        return np.asarray(logs - (logs @ weight / weight.sum())[:, None], np.float64)

    traffic, stops = compare(passed), compare(found) - reach * compare(chosen)
    squares = float((weight * traffic**2).sum())
    if squares <= 0:
        return None
    slope = float((weight * traffic * stops).sum()) / squares
    freedom = len(stands) * (len(used) - 1) - 1
    error = np.sqrt(float((weight * (stops - slope * traffic) ** 2).sum()) / max(1, freedom) / squares)
    return expect_share(slope, float(error))


@dataclass(frozen=True, slots=True, eq=False)
class _Joint:
    """Visitors with both marks of two stands, and as many as there would be by chance, (stands, stands)."""

    seen: FloatArray
    chance: FloatArray


class Marks:
    """The first stop of each visitor at each stand, or the first passage without one, in order of time.

    Attributes:
        visitor, stand: shape (marks,).
        is_stop: shape (marks,).
        entering, leaving: tracks expected to be lost since the visitor came, shape (marks,).
        stopped, passed: shape (visitors, stands).
    """

    def __init__(self, itineraries: Itineraries, stands: list[str]) -> None:
        codes = {name: code for code, name in enumerate(stands)}
        of_zone = np.array([codes.get(name, -1) for name in itineraries.zones] or [-1], np.int64)
        stand, visitor, is_stop = of_zone[itineraries.zone], itineraries.visitor, itineraries.stopped
        at = np.flatnonzero(stand >= 0)
        at = at[np.argsort(~is_stop[at], kind="stable")]
        at = np.sort(at[np.unique(visitor[at] * len(stands) + stand[at], return_index=True)[1]])
        self.visitor, self.stand, self.is_stop = visitor[at], stand[at], is_stop[at]
        self.stopped, self.passed = np.zeros((2, len(itineraries), len(stands)), bool)
        self.stopped[self.visitor[self.is_stop], self.stand[self.is_stop]] = True
        self.passed[self.visitor[~self.is_stop], self.stand[~self.is_stop]] = True
        walking_per_s, staying_per_s = measure_losses(itineraries)
        lasts_s = itineraries.left_utc_s - itineraries.entered_utc_s
        stood_s = np.append(0.0, np.cumsum(lasts_s * is_stop))
        stood_s = stood_s[:-1] - stood_s[itineraries.first[visitor]]
        walked_s = itineraries.entered_utc_s - itineraries.start_utc_s[visitor] - stood_s
        self.entering = (walking_per_s * walked_s + staying_per_s * stood_s)[at]
        self.leaving = self.entering + (lasts_s * np.where(is_stop, staying_per_s, walking_per_s))[at]

    def count_pairs(self, group: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the pairs of stops, and of a stop and a passage, by groups of visitors.

        Args:
            group: number of each visitor's group, or -1, shape (visitors,).

        Returns:
            Pairs with those lost between, shape (groups, 2, stands, stands), and how many one of either kind
            stands for on average, shape (2,).
        """
        stands = self.stopped.shape[1]
        shape = (GROUPS, 2, stands, stands)
        pairs, seen = np.zeros((2, *shape))
        for apart in range(1, stands):
            rows = np.flatnonzero(self.visitor[apart:] == self.visitor[:-apart])
            if not len(rows):
                break
            rows = rows[group[self.visitor[rows]] >= 0]
            weight = _weigh(self.entering[rows + apart] - self.leaving[rows])
            for one, other in ((rows, rows + apart), (rows + apart, rows)):
                own = self.is_stop[one]
                place = group[self.visitor[one]], 1 - self.is_stop[other], self.stand[one], self.stand[other]
                at = np.ravel_multi_index([column[own] for column in place], shape)
                pairs += np.bincount(at, weight[own], pairs.size).reshape(shape)
                seen += np.bincount(at, minlength=seen.size).reshape(shape)
        return pairs, pairs.sum(axis=(0, 2, 3)) / np.maximum(seen.sum(axis=(0, 2, 3)), 1.0)


def _weigh(lost: FloatArray) -> FloatArray:
    return np.exp(np.clip(lost, 0.0, np.log(MAX_WEIGHT)))


def _include(marks: BoolArray) -> FloatArray:
    """Return the probability of each mark of visitors who make as many by chance."""
    total = marks.sum(axis=0).astype(np.float64)
    share = total / max(float(total.sum()), 1.0)
    included = 1.0 - (1.0 - share[None, :]) ** marks.sum(axis=1)[:, None]
    return np.asarray(included * (total / np.maximum(included.sum(axis=0), 1e-9)), np.float64)


def _measure_fall(joint: _Joint, distance_m: FloatArray, from_m: float) -> float:
    """Return how fast the joint visits of stands apart fall with their distance, per metre.

    The slope of the logarithm of the joint visits over those by chance, weighted with the latter.
    """
    apart = np.triu(distance_m >= from_m, 1) & (distance_m < 1e3)
    weight = joint.chance[apart]
    if not len(weight) or weight.sum() <= 0:
        return 0.0
    lift = np.log((joint.seen[apart] + 0.5) / (weight + 0.5))
    away = distance_m[apart] - np.average(distance_m[apart], weights=weight)
    return float(-(weight * away * lift).sum() / max(float((weight * away**2).sum()), 1e-9))


def _measure_impulse(stops: _Joint, passages: _Joint, distance_m: FloatArray) -> float:
    """Return the surplus of stops at near stands over that of passages there, relative to stands apart."""
    other = ~np.eye(len(distance_m), dtype=bool)
    apart = (distance_m >= NEAR_M) & other

    def find_surplus(joint: _Joint, is_near: BoolArray) -> float:
        level = joint.seen[apart].sum() / max(float(joint.chance[apart].sum()), 1e-9)
        near = joint.seen[is_near].sum() / max(float(joint.chance[is_near].sum()), 1e-9)
        return float(near / max(level, 1e-9)) - 1.0

    above = below = 0.0
    for from_m in np.arange(0.0, NEAR_M, NEAR_STEP_M).tolist():
        is_near = (distance_m >= from_m) & (distance_m < from_m + NEAR_STEP_M) & other
        weight = float(passages.chance[is_near].sum())
        if weight > 0:
            passing = find_surplus(passages, is_near)
            above += weight * passing * find_surplus(stops, is_near)
            below += weight * passing**2
    # without a surplus of passages nothing can be told
    return above / below if below > 0.01 * float(passages.chance[other].sum()) else 0.0


def _find_error(left_out: FloatArray) -> float:
    count = len(left_out)
    return float(np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum()))


def expect_share(found: float, error: float) -> tuple[float, float]:
    """Return mean and standard deviation of a share measured with an error, if all were as likely before.

    In a small hall the error is larger than the share can be: what was found may lie far outside 0 to 1.
    """
    share = np.linspace(0.0, 1.0, 201)
    fit = -0.5 * ((share - found) / max(error, 0.01)) ** 2
    weight = np.exp(fit - fit.max())
    weight /= weight.sum()
    mean = float(weight @ share)
    return mean, float(np.sqrt(weight @ (share - mean) ** 2))

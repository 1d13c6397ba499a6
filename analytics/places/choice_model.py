"""Sequential choice of the next stand, estimated from the moves of visitors (a multinomial logit)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.places.itineraries import Itineraries, Moves, list_moves, measure_losses
from analytics.places.layout import FAR_M, Layout, LayoutWays, measure_ways

RIDGE = 1.0
"""Precision of the attractions about their mean: keeps stands of few stops finite."""
COMMON_RIDGE = 0.01
"""The same for the common parameters, which the data decide unless they say nothing about one."""
MAX_MOVES = 40_000
"""Moves used for the estimate; more make it slower, not noticeably better."""
BLOCK_S = 1800.0
"""Block length for errors."""
MAX_STEPS = 60
LEAST_INSIDE = 1e-3
"""Share of the visitors inside below which the expectation stops."""
WALKING_M_S = 0.8
COMMON = (
    "beta_per_m",
    "gamma_seen",
    "delta_kind",
    "log_nu",
    "leave",
    "leave_per_min",
    "exit_per_m",
    "beta_first_per_m",
)


@dataclass(frozen=True, slots=True, eq=False)
class ChoiceModel:
    """Choice of the next stand, P(j | i) in proportion to exp(a_j - beta walk_ij + gamma seen_ij + ...).

    Attributes:
        attraction_by_zone: a_j of each stand.
        beta_per_m: resistance of a metre of walking.
        gamma_seen: attraction of a stand that is fully seen from where the visitor is.
        delta_kind: attraction of a stand of the same kind as the last one.
        nu_memory: factor of the odds of a stand where the visitor has been.
        beta_first_per_m: the same as ``beta_per_m`` for the way from the entrance to the first stand.
        leave, leave_per_min, exit_per_m: of leaving, at once, per minute of the visit, per metre to the exit.
        dwell_s_by_zone: mean time of a stop.
        covariance: of the attractions in order, then of ``COMMON``.
        moves: number of moves from which it was estimated.
    """

    attraction_by_zone: Mapping[str, float]
    beta_per_m: float
    gamma_seen: float
    delta_kind: float
    nu_memory: float
    leave: float
    leave_per_min: float
    exit_per_m: float
    size_by_zone_m2: Mapping[str, float]
    dwell_s_by_zone: Mapping[str, float]
    covariance: FloatArray
    moves: int
    walking_m_s: float = WALKING_M_S
    beta_first_per_m: float = 0.0

    @property
    def parameters(self) -> FloatArray:
        """Return the attractions in order, then the parameters of ``COMMON``."""
        common = (
            self.beta_per_m,
            self.gamma_seen,
            self.delta_kind,
            float(np.log(self.nu_memory)),
            self.leave,
            self.leave_per_min,
            self.exit_per_m,
            self.beta_first_per_m,
        )
        return np.array([*self.attraction_by_zone.values(), *common])


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedMoves:
    """Expected moves of the visitors of a day, for one or many sets of parameters.

    Attributes:
        visits: stops at each stand, shape (sets, stands).
        moves: from place (stands, then entrances) to stand, and at last out; shape (sets, places,
            stands + 1).
    """

    visits: FloatArray
    moves: FloatArray


def fit_choice_model(itineraries: Itineraries, layout: Layout) -> ChoiceModel:
    """Estimate the model by penalised maximum likelihood, with the robust covariance of visitors.

    A move of t seconds is seen whole with the probability exp(-h t) if h tracks are lost per second. Its
    logarithm is added to the utility of every choice; as it falls with the metres like the resistances, it
    is only to be taken off these.
    """
    stands = layout.stands
    moves = _thin(list_moves(itineraries, [stand.name for stand in stands]))
    ways = measure_ways(layout)
    design = _Design(moves, layout, ways)
    estimate, covariance = design.maximise()
    count = len(stands)
    common = dict(zip(COMMON, estimate[count:].tolist(), strict=True))
    walking_m_s = _measure_walking(moves, ways)
    for name in ("beta_per_m", "beta_first_per_m", "exit_per_m"):
        common[name] -= measure_losses(itineraries)[0] / walking_m_s
    return ChoiceModel(
        attraction_by_zone={
            stand.name: float(value) for stand, value in zip(stands, estimate[:count], strict=True)
        },
        beta_per_m=common["beta_per_m"],
        gamma_seen=common["gamma_seen"],
        delta_kind=common["delta_kind"],
        nu_memory=float(np.exp(common["log_nu"])),
        leave=common["leave"],
        leave_per_min=common["leave_per_min"],
        exit_per_m=common["exit_per_m"],
        size_by_zone_m2={stand.name: float(stand.polygon.to_shape().area) for stand in stands},
        dwell_s_by_zone=dict(zip((s.name for s in stands), moves.dwell_s.tolist(), strict=True)),
        covariance=covariance,
        moves=len(moves.chosen),
        walking_m_s=walking_m_s,
        beta_first_per_m=common["beta_first_per_m"],
    )


def expected_moves(
    model: ChoiceModel, layout: Layout, arrivals: FloatArray, parameters: FloatArray | None = None
) -> ExpectedMoves:
    """Return the expected moves of a layout's visitors.

    The chain keeps, for the visitors at each stand, the share who have been at each other one: what a
    simulation of visitors with memory gives, without its noise.

    Args:
        parameters: sets of parameters like ``ChoiceModel.parameters`` for the layout's stands, shape (sets,
            stands + 8); those of the model by default.
    """
    names = [stand.name for stand in layout.stands]
    if parameters is None:
        order = list(model.attraction_by_zone)
        own = model.parameters
        at = [order.index(name) for name in names]
        parameters = np.concatenate([own[at], own[len(order) :]])[None, :]
    ways = measure_ways(layout)
    dwell_s = np.array([model.dwell_s_by_zone.get(name, _mean_dwell_s(model)) for name in names])
    return _expect(_Utilities(layout, ways), parameters, arrivals, dwell_s, model.walking_m_s)


def draw_parameters(model: ChoiceModel, draws: int, rng: np.random.Generator) -> FloatArray:
    """Return the estimate and draws about it, shape (1 + draws, parameters)."""
    centre = model.parameters
    values, vectors = np.linalg.eigh(model.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.vstack([centre, centre + rng.standard_normal((draws, len(centre))) @ root.T])


def simulate_been(
    model: ChoiceModel, layout: Layout, arrivals: FloatArray, *, visitors: int, rng: np.random.Generator
) -> BoolArray:
    """Simulate visitors of a layout, one choice after the other, and return where they stopped.

    Returns:
        Shape (visitors, stands).
    """
    of = _Utilities(layout, measure_ways(layout))
    names = [stand.name for stand in layout.stands]
    attraction = np.array([model.attraction_by_zone[name] for name in names])
    dwell_min = np.array([model.dwell_s_by_zone[name] for name in names]) / 60.0
    walk_min = of.walk_m / model.walking_m_s / 60.0
    beta = np.where(np.arange(len(of.walk_m)) < of.stands, model.beta_per_m, model.beta_first_per_m)
    pull = attraction - beta[:, None] * of.walk_m + model.gamma_seen * of.seen
    pull = np.where(of.is_self, -np.inf, pull + model.delta_kind * of.same)
    been = np.zeros((visitors, of.stands), bool)
    place = of.stands + rng.choice(of.entrances, size=visitors, p=arrivals / arrivals.sum())
    minutes = np.zeros(visitors)
    inside = np.arange(visitors)
    memory = float(np.log(max(model.nu_memory, 1e-12)))
    for _ in range(MAX_STEPS):
        at = place[inside]
        utility = np.empty((len(inside), of.stands + 1))
        utility[:, :-1] = pull[at] + memory * been[inside]
        out = model.leave + model.leave_per_min * minutes[inside] - model.exit_per_m * of.exit_m[at]
        utility[:, -1] = np.where(at < of.stands, out, -np.inf)
        # the largest of utilities with Gumbel errors is a choice by the logit
        chosen = (utility + rng.gumbel(size=utility.shape)).argmax(axis=1)
        stays = chosen < of.stands
        inside, chosen, at = inside[stays], chosen[stays], at[stays]
        if not len(inside):
            break
        minutes[inside] += walk_min[at, chosen] + dwell_min[chosen]
        been[inside, chosen] = True
        place[inside] = chosen
    return been


def _mean_dwell_s(model: ChoiceModel) -> float:
    return float(np.mean(list(model.dwell_s_by_zone.values()))) if model.dwell_s_by_zone else 60.0


class _Utilities:
    """Attributes of the choices in a layout: ways, sight, kinds and the way out."""

    def __init__(self, layout: Layout, ways: LayoutWays) -> None:
        stands = layout.stands
        self.stands, self.entrances = len(stands), len(layout.entrances)
        places = self.stands + self.entrances
        metres = np.minimum(ways.distance_m, FAR_M)
        self.walk_m = metres[:places, : self.stands]
        self.seen = ways.seen[:places].copy()
        kinds = [stand.kind for stand in stands]
        self.same = np.zeros((places, self.stands))
        if len(set(kinds)) > 1:
            self.same[: self.stands] = np.array([[float(one is other) for other in kinds] for one in kinds])
        exits = metres[:places, places:]
        self.exit_m = exits.min(axis=1) if exits.shape[1] else np.zeros(places)
        if not self.entrances:
            # a hall without a drawn entrance: every stand is as near
            self.walk_m = np.vstack([self.walk_m, np.zeros((1, self.stands))])
            self.seen = np.vstack([self.seen, np.zeros((1, self.stands))])
            self.same = np.vstack([self.same, np.zeros((1, self.stands))])
            self.exit_m = np.append(self.exit_m, 0.0)
            self.entrances = 1
        self.is_self = np.zeros((self.stands + self.entrances, self.stands), bool)
        self.is_self[np.arange(self.stands), np.arange(self.stands)] = True


class _Design:
    """The likelihood of all moves, its gradient and its curvature."""

    def __init__(self, moves: Moves, layout: Layout, ways: LayoutWays) -> None:
        of = _Utilities(layout, ways)
        self._moves, self._stands = moves, of.stands
        rows, count = len(moves.chosen), of.stands + 1
        origin = np.minimum(moves.origin, of.stands + of.entrances - 1)
        self._features = np.zeros((len(COMMON), rows, count))
        is_first = (origin >= of.stands)[:, None]
        self._features[0, :, :-1] = np.where(is_first, 0.0, -of.walk_m[origin])
        self._features[7, :, :-1] = np.where(is_first, -of.walk_m[origin], 0.0)
        self._features[1, :, :-1] = of.seen[origin]
        self._features[2, :, :-1] = of.same[origin]
        self._features[3, :, :-1] = moves.been
        self._features[4, :, -1] = 1.0
        self._features[5, :, -1] = moves.minutes
        self._features[6, :, -1] = -of.exit_m[origin]
        self._is_out = np.zeros((rows, count), bool)
        self._is_out[:, :-1] = of.is_self[origin]
        # who has just come does not leave without a stop: only visitors who stopped are here
        self._is_out[origin >= of.stands, -1] = True
        self._chosen = np.zeros((rows, count))
        self._chosen[np.arange(rows), moves.chosen] = 1.0
        self._of_chosen = self._features[:, np.arange(rows), moves.chosen].T
        self._precision = np.concatenate([np.full(of.stands, RIDGE), np.full(len(COMMON), COMMON_RIDGE)])

    def maximise(self) -> tuple[FloatArray, FloatArray]:
        """Return the estimate and its covariance; Newton's method, as the likelihood is concave."""
        theta = np.zeros(self._stands + len(COMMON))
        value, slope, curvature, scores = self._evaluate(theta)
        for _ in range(50):
            step = np.linalg.solve(curvature, slope)
            size = 1.0
            while True:
                tried = self._evaluate(theta + size * step)
                if tried[0] >= value - 1e-9 * abs(value) or size < 1e-4:
                    break
                size /= 2
            gain = tried[0] - value
            theta = theta + size * step
            value, slope, curvature, scores = tried
            if gain < 1e-6 * max(1.0, abs(value)):
                break
        inverse = np.linalg.inv(curvature)
        of_visitor = _sum_by(scores, self._moves.visitor)
        # visitors of one time resemble each other: more variance than if each came for themselves
        blocks = ((self._moves.at_utc_s - self._moves.at_utc_s.min()) // BLOCK_S).astype(np.int64)
        of_block = _sum_by(scores, blocks)
        more = float(np.median((of_block**2).sum(axis=0) / np.maximum((of_visitor**2).sum(axis=0), 1e-12)))
        scatter = max(1.0, more) * of_visitor.T @ of_visitor
        return theta, inverse @ (scatter + np.diag(self._precision)) @ inverse

    def _evaluate(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray, FloatArray]:
        """Return the penalised log likelihood, its gradient, minus its curvature, and each row's score."""
        stands = self._stands
        utility = np.tensordot(theta[stands:], self._features, axes=1)
        utility[:, :-1] += theta[:stands]
        utility[self._is_out] = -np.inf
        utility -= utility.max(axis=1, keepdims=True)
        share = np.exp(utility)
        total = share.sum(axis=1, keepdims=True)
        share /= total
        own = utility[np.arange(len(utility)), self._moves.chosen] - np.log(total[:, 0])
        value = float(own.sum()) - 0.5 * float(self._precision @ theta**2)
        mean = np.einsum("krj,rj->rk", self._features, share)
        scores = np.column_stack([self._chosen[:, :-1] - share[:, :-1], self._of_chosen - mean])
        slope = scores.sum(axis=0) - self._precision * theta
        stand_share = share[:, :-1]
        curvature = np.diag(self._precision).astype(np.float64)
        curvature[:stands, :stands] += np.diag(stand_share.sum(axis=0)) - stand_share.T @ stand_share
        cross = np.einsum("krj,rj->kj", self._features, share)[:, :-1] - mean.T @ stand_share
        curvature[stands:, :stands] += cross
        curvature[:stands, stands:] += cross.T
        for k in range(len(COMMON)):
            products = np.einsum("krj,rj->k", self._features, self._features[k] * share)
            curvature[stands + k, stands:] += products - mean.T @ mean[:, k]
        return value, slope, curvature, scores


def _expect(
    of: _Utilities,
    parameters: FloatArray,
    arrivals: FloatArray,
    dwell_s: FloatArray,
    walking_m_s: float,
) -> ExpectedMoves:
    """Expect the moves of visitors for sets of parameters; see ``expected_moves``."""
    sets, stands = len(parameters), of.stands
    attraction, common = parameters[:, :stands], parameters[:, stands:]
    beta, gamma, delta, log_nu, leave, per_min, per_m, beta_first = (
        common[:, k, None, None] for k in range(len(COMMON))
    )
    is_door = (np.arange(len(of.walk_m)) >= stands)[:, None]
    resistance = np.where(is_door, beta_first, beta) * of.walk_m
    pull = np.exp(
        np.clip(attraction[:, None, :] - resistance + gamma * of.seen + delta * of.same, -60.0, 60.0)
    )
    pull[:, of.is_self] = 0.0
    from_door, from_stand = pull[:, stands:], pull[:, :stands]
    forgotten = 1.0 - np.minimum(np.exp(log_nu), 50.0)
    moves = np.zeros((sets, stands + of.entrances, stands + 1))
    first = from_door / np.maximum(from_door.sum(axis=2, keepdims=True), 1e-300)
    moves[:, stands:, :-1] = arrivals[None, :, None] * first
    here = moves[:, stands:, :-1].sum(axis=1)
    walk_min = of.walk_m / walking_m_s / 60.0
    minutes = (moves[:, stands:, :-1] * walk_min[stands:]).sum(axis=1) / np.maximum(here, 1e-300)
    minutes = minutes + dwell_s / 60.0
    visits = here.copy()
    index = np.arange(stands)
    been = np.zeros((sets, stands, stands))
    been[:, index, index] = here
    total = float(arrivals.sum())
    for _ in range(MAX_STEPS):
        known = been / np.maximum(here, 1e-300)[:, :, None]
        weight = from_stand * np.maximum(1.0 - known * forgotten, 0.0)
        out = np.exp(
            np.clip(
                leave[:, :, 0] + per_min[:, :, 0] * minutes - per_m[:, :, 0] * of.exit_m[:stands], -60, 60
            )
        )
        shared = weight.sum(axis=2) + out
        going = here[:, :, None] * weight / shared[:, :, None]
        moves[:, :stands, :-1] += going
        moves[:, :stands, -1] += here * out / shared
        after = going.sum(axis=1)
        minutes = (going * (minutes[:, :, None] + walk_min[:stands])).sum(axis=1) / np.maximum(
            after, 1e-300
        ) + dwell_s / 60.0
        been = np.matmul((weight / shared[:, :, None]).transpose(0, 2, 1), been)
        here = after
        been[:, index, index] = here
        visits += here
        if float(here.sum(axis=1).max()) < LEAST_INSIDE * total:
            break
    return ExpectedMoves(visits, moves)


def _sum_by(values: FloatArray, number: IntArray) -> FloatArray:
    """Return the sums of the rows of each number, shape (numbers, columns)."""
    sums = np.zeros((int(number.max(initial=0)) + 1, values.shape[1]))
    np.add.at(sums, number, values)
    return sums


def _thin(moves: Moves) -> Moves:
    """Return every n-th visitor's moves where there are too many; deterministic."""
    if len(moves.chosen) <= MAX_MOVES:
        return moves
    every = int(np.ceil(len(moves.chosen) / MAX_MOVES))
    rows: IntArray = np.flatnonzero(moves.visitor % every == 0)
    return Moves(
        visitor=moves.visitor[rows],
        origin=moves.origin[rows],
        chosen=moves.chosen[rows],
        minutes=moves.minutes[rows],
        seconds=moves.seconds[rows],
        been=moves.been[rows],
        at_utc_s=moves.at_utc_s[rows],
        dwell_s=moves.dwell_s,
    )


def _measure_walking(moves: Moves, ways: LayoutWays) -> float:
    """Return the metres of the shortest way made per second between two stops."""
    stands = len(moves.dwell_s)
    rows = np.flatnonzero((moves.origin < stands) & (moves.chosen < stands))
    metres = ways.distance_m[moves.origin[rows], moves.chosen[rows]]
    seconds = float(moves.seconds[rows].sum())
    if seconds <= 0 or not len(rows):
        return WALKING_M_S
    return float(np.clip(metres.sum() / seconds, 0.2, 1.6))

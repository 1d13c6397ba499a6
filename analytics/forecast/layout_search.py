"""Search for better layouts: which stands should exchange their places.

Simulated annealing (Kirkpatrick et al. 1983) over exchanges of two stands, of three in a circle and of
whole blocks, judged by an absorbing Markov chain, which takes less than 0.1 ms for a layout. The chain knows
no memory and no fatigue, and what is best in it is best in part by chance: its promises are never shown. The
best layouts are judged again by the model of the forecast, with parameters drawn from their distribution.

What choosing the best still promises too much is measured: the model is fitted to either half of the time,
and what the best layout of one half promises is compared with what the other half expects of it.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray, Interval
from analytics.forecast.choice_model import draw_parameters, expected_moves
from analytics.forecast.layout import FAR_M, measure_ways
from analytics.forecast.layout_forecast import ForecastBasis, expect_response, pivot
from analytics.forecast.passing import expected_passages
from analytics.forecast.placement_rules import PlacementSpace

Placement = IntArray
"""Place of each stand, shape (stands,); place k is where stand k is today."""
Progress = Callable[[float], None]
"""Takes the share done, 0 to 1; may raise to cancel."""
LEAST_GAIN = 0.02
"""A smaller gain is not worth moving stands."""
REALISED = 0.84
"""Share of the gain in the model that came true in simulated halls: visitors differ more than it knows."""
GAIN_ERROR = 0.12
"""Standard error of that share, relative to it."""
CONSTANT_ERROR = 0.0025
"""Standard error of a gain however small it is."""
PARTS = (0.5, 0.75, 0.9)
"""Parts of the best gain for which the fewest moves are shown."""
NORMAL_80 = 1.2816
"""Half the width of an interval of 80 % in standard deviations."""


class Goal(StrEnum):
    """The goal that a better layout has more of."""

    VISITS = "visits"
    WEAKEST_THIRD = "weakest-third"
    """Visits of the third of the stands with the fewest visits, whichever these are in a layout."""
    PERSON_SECONDS = "person-seconds"
    RENT = "rent-weighted"
    """Visits, each counted by the rent of its stand."""


@dataclass(frozen=True, slots=True, eq=False)
class GoalMeasure:
    """The extent to which a layout reaches a goal.

    Attributes:
        amounts: of the goal at each stand, as observed, shape (stands,).
        stop_share: share of each amount that comes from stops, the rest from passing by, shape (stands,).
        counts: stands that count, shape (stands,).
    """

    goal: Goal
    amounts: FloatArray
    stop_share: FloatArray
    counts: BoolArray

    def measure(self, growth: FloatArray) -> FloatArray:
        """Return the goal for a growth of each stand's amount, shape (..., stands)."""
        amounts = growth[..., self.counts] * self.amounts[self.counts]
        if self.goal is Goal.WEAKEST_THIRD:
            third = max(1, math.ceil(amounts.shape[-1] / 3))
            amounts = np.partition(amounts, third - 1, axis=-1)[..., :third]
        return np.asarray(amounts.sum(axis=-1), np.float64)


class FastChain:
    """Expected stops by an absorbing Markov chain without memory, for many layouts at once."""

    def __init__(self, basis: ForecastBasis) -> None:
        """Prepare the weights of the model's estimate; leaving is as likely as gives the stops of today."""
        model, layout = basis.model, basis.layout
        stands = layout.stands
        count, doors = len(stands), max(1, len(layout.entrances))
        ways = measure_ways(layout)
        self._shares = basis.arrivals / basis.arrivals.sum()
        between = -model.beta_per_m * ways.distance_m[:count, :count]
        self._between = np.exp(between + model.gamma_seen * ways.seen[:count])
        arriving = np.zeros((doors, count))
        if layout.entrances:
            rows = slice(count, count + doors)
            arriving = model.gamma_seen * ways.seen[rows]
            arriving = arriving - model.beta_first_per_m * ways.distance_m[rows, :count]
        self._arriving = np.exp(arriving)
        exit_m = ways.distance_m[:count, count + len(layout.entrances) :].min(axis=1, initial=FAR_M)
        self._leaving = np.exp(-model.exit_per_m * exit_m) if layout.exits else np.ones(count)
        attraction = np.array([model.attraction_by_zone[stand.name] for stand in stands])
        self._attraction = np.exp(attraction)
        categories = np.array([stand.category for stand in stands])
        is_same = (categories[:, None] == categories[None]) & (len(set(categories.tolist())) > 1)
        self._pull = np.exp(model.delta_category * is_same) * self._attraction
        np.fill_diagonal(self._pull, 0.0)
        arrivals = float(basis.arrivals.sum())
        stops = float(expected_moves(model, layout, basis.arrivals).visits.sum()) / arrivals
        self._leaving *= self._match_leaving(stops)

    def _match_leaving(self, stops: float) -> float:
        """Return the odds of leaving at which visitors make as many stops as in the model with memory."""
        low, high = 1e-9, 1e9
        leaving, today = self._leaving, np.arange(len(self._leaving))[None]
        for _ in range(50):
            middle = math.sqrt(low * high)
            self._leaving = leaving * middle
            if float(self.expect_visits(today).sum()) > stops:
                low = middle
            else:
                high = middle
        self._leaving = leaving
        return high

    def expect_visits(self, places: IntArray) -> FloatArray:
        """Return the expected visits of each stand by one arrival.

        Args:
            places: place of each stand, shape (layouts, stands).

        Returns:
            Shape (layouts, stands).
        """
        weights = self._between[places[:, :, None], places[:, None, :]] * self._pull
        away = weights.sum(axis=2) + self._leaving[places]
        weights /= -away[:, :, None]
        stands = np.arange(places.shape[1])
        weights[:, stands, stands] += 1.0
        arriving = self._arriving[:, places] * self._attraction
        arriving /= arriving.sum(axis=2, keepdims=True)
        first = np.einsum("d,dls->ls", self._shares, arriving)
        return np.asarray(np.linalg.solve(weights.transpose(0, 2, 1), first[:, :, None])[:, :, 0])


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """Parameters of the search.

    Attributes:
        chains: of the annealing, which run side by side.
        steps: of each chain.
        hottest, coldest: temperatures, as shares of the goal today.
        shortlist: layouts that are judged by the forecast's model.
        shown: most layouts that are proposed.
    """

    chains: int = 24
    steps: int = 1200
    hottest: float = 0.01
    coldest: float = 0.0002
    shortlist: int = 20
    shown: int = 5
    draws: int = 16


class LayoutSearch:
    """Annealing over the placements that the rules allow, with the best of each number of moved stands."""

    _KEPT = 60
    """Layouts kept for each number of moved stands."""
    _BLOCKS = (2, 3, 4)
    """Stands of a block."""

    def __init__(
        self,
        space: PlacementSpace,
        chain: FastChain,
        measure: GoalMeasure,
        *,
        most_moves: int,
        kept_stands: Sequence[int] = (),
    ) -> None:
        """Prepare the exchanges that the rules allow.

        Args:
            most_moves: maximum number of stands that are not where they are today.
            kept_stands: stands that may not lose visits.
        """
        self._space, self._chain, self._measure = space, chain, measure
        self._most_moves = most_moves
        self._kept = np.array(kept_stands, np.int64)
        count = len(space.names)
        self._stay = np.arange(count)
        self._visits_today = chain.expect_visits(self._stay[None])
        self.today = float(measure.measure(np.ones(count)))
        allowed = space.is_allowed & space.is_allowed.T
        self._partners = [np.flatnonzero(row & (self._stay != stand)) for stand, row in enumerate(allowed)]
        self._movable = np.array([stand for stand, one in enumerate(self._partners) if len(one)], np.int64)
        self._blocks = self._list_blocks(allowed)
        self._found: dict[int, dict[bytes, float]] = {}

    @property
    def can_move(self) -> bool:
        """Return whether any two stands may exchange their places."""
        return len(self._movable) > 1 and self._most_moves > 1

    def run(self, settings: SearchSettings, rng: np.random.Generator, on_progress: Progress) -> None:
        """Search; what was found is in ``best``."""
        if not self.can_move:
            return
        pairs = [
            (stand, int(other)) for stand in self._movable for other in self._partners[stand] if stand < other
        ]
        swaps = np.tile(self._stay, (len(pairs), 1))
        for row, (stand, other) in enumerate(pairs):
            swaps[row, [stand, other]] = other, stand
        values = np.concatenate([self._value(part) for part in np.array_split(swaps, len(swaps) // 200 + 1)])
        # half of the chains begin at the best exchanges, the others at today's layout
        places = np.tile(self._stay, (settings.chains, 1))
        value = np.full(settings.chains, self.today)
        best = np.argsort(-values)[: settings.chains // 2]
        begins = best[np.isfinite(values[best])]
        places[: len(begins)], value[: len(begins)] = swaps[begins], values[begins]
        cooling = np.geomspace(settings.hottest, settings.coldest, settings.steps) * abs(self.today)
        for step, temperature in enumerate(cooling.tolist()):
            proposed = np.array([self._propose(row, rng) for row in places])
            changed = np.flatnonzero((proposed != places).any(axis=1))
            new = np.full(settings.chains, -np.inf)
            new[changed] = self._value(proposed[changed])
            odds = np.exp(np.minimum((new - value) / temperature, 0.0))
            accepted = rng.random(settings.chains) < odds
            places[accepted], value[accepted] = proposed[accepted], new[accepted]
            if step % 25 == 0:
                on_progress(step / settings.steps)
        for placement in self.list_best(5):
            self._undo_moves(placement)

    def list_best(self, count: int) -> list[Placement]:
        """Return the best layouts whatever the number of moved stands, the best first."""
        ranked = sorted(
            ((value, key) for found in self._found.values() for key, value in found.items()), reverse=True
        )
        return [np.frombuffer(key, np.int64) for _, key in ranked[:count]]

    def list_candidates(self, count: int) -> list[Placement]:
        """Return the best layouts for any number of moved stands that is worth it, in turns."""
        ranked: list[list[tuple[float, bytes]]] = []
        best = self.today
        for moves in sorted(self._found):
            found = sorted(((value, key) for key, value in self._found[moves].items()), reverse=True)
            if found[0][0] > best:
                best = found[0][0]
                ranked.append(found)
        turns = [one for turn in range(count) for found in reversed(ranked) for one in found[turn : turn + 1]]
        return [np.frombuffer(key, np.int64) for _, key in turns[:count]]

    def _value(self, places: IntArray) -> FloatArray:
        """Return the goal of layouts, minus infinity where a rule is broken, and keep the good ones."""
        value = np.full(len(places), -np.inf)
        moves = (places != self._stay).sum(axis=1)
        valid = (moves <= self._most_moves) & self._space.is_allowed[self._stay, places].all(axis=1)
        valid &= self._space.keeps_neighbours(places)
        rows = np.flatnonzero(valid)
        if not len(rows):
            return value
        growth = self._chain.expect_visits(places[rows]) / self._visits_today
        keeps = (growth[:, self._kept] >= 1.0).all(axis=1)
        rows = rows[keeps]
        value[rows] = self._measure.measure(growth[keeps])
        for row in rows[(value[rows] > self.today) & (moves[rows] > 0)].tolist():
            found = self._found.setdefault(int(moves[row]), {})
            found[places[row].tobytes()] = float(value[row])
            if len(found) > 2 * self._KEPT:
                limit = sorted(found.values())[-self._KEPT]
                self._found[int(moves[row])] = {key: one for key, one in found.items() if one >= limit}
        return value

    def _propose(self, places: Placement, rng: np.random.Generator) -> Placement:
        """Return a layout with one exchange more, or one less."""
        proposed = places.copy()
        kind = rng.random()
        moved = np.flatnonzero(places != self._stay)
        if kind < 0.2 and len(moved):
            stand = int(moved[rng.integers(len(moved))])
            other = int(np.flatnonzero(places == stand)[0])
            proposed[[stand, other]] = stand, places[stand]
        elif kind < 0.35 and self._blocks:
            here, there = self._blocks[int(rng.integers(len(self._blocks)))]
            stands = np.argsort(places)
            proposed[stands[here]], proposed[stands[there]] = there, here
        else:
            stand = int(self._movable[rng.integers(len(self._movable))])
            partners = self._partners[stand]
            other = int(partners[rng.integers(len(partners))])
            third = int(partners[rng.integers(len(partners))])
            if kind < 0.75 or third == other:
                proposed[[stand, other]] = places[[other, stand]]
            else:
                proposed[[stand, other, third]] = places[[other, third, stand]]
        return proposed

    def _undo_moves(self, placement: Placement) -> None:
        """Bring stands home one after the other, each time the one that costs least."""
        while len(moved := np.flatnonzero(placement != self._stay)) > 2:
            fewer = np.tile(placement, (len(moved), 1))
            for row, stand in enumerate(moved.tolist()):
                other = int(np.flatnonzero(placement == stand)[0])
                fewer[row, [stand, other]] = stand, placement[stand]
            values = self._value(fewer)
            if not np.isfinite(values.max()):
                return
            placement = fewer[int(np.argmax(values))]

    def _list_blocks(self, allowed: BoolArray) -> list[tuple[IntArray, IntArray]]:
        """Return pairs of blocks of neighbouring places that can be exchanged as they are."""
        centres = np.array([[one.centroid.x, one.centroid.y] for one in self._space.outlines])
        distance_m = np.hypot(*(centres[:, None] - centres[None]).transpose(2, 0, 1))
        blocks = []
        for here in self._movable.tolist():
            near = np.argsort(distance_m[here], kind="stable")
            for there in self._partners[here][self._partners[here] > here].tolist():
                shifted = centres + (centres[there] - centres[here])
                for size in self._BLOCKS:
                    first = near[:size]
                    to_m = np.hypot(*(shifted[first][:, None] - centres[None]).transpose(2, 0, 1))
                    second = to_m.argmin(axis=1)
                    fits = to_m.min(axis=1).max(initial=0.0) < 1.0 and len({*first, *second}) == 2 * size
                    if len(first) == size and fits and allowed[first, second].all():
                        blocks.append((first, second))
        return blocks


class ForecastJudge:
    """The growth of each stand in the model of the forecast, at its estimate and at draws about it."""

    def __init__(self, basis: ForecastBasis, *, draws: int, rng: np.random.Generator) -> None:
        self._basis = basis
        self._parameters = draw_parameters(basis.model, draws, rng)
        self._names = [stand.name for stand in basis.layout.stands]
        zones = [zone.name for zone in basis.layout.zones]
        self._zone_of = np.array([zones.index(name) for name in self._names])
        self._before: tuple[FloatArray, FloatArray] | None = None
        self._before = self._expect(np.arange(len(self._names)))

    def measure(self, places: Placement, goal: GoalMeasure) -> FloatArray:
        """Return the goal in a layout over that of today, shape (1 + draws,)."""
        assert self._before is not None
        (stops, passages), (stops_before, passages_before) = self._expect(places), self._before
        growth = goal.stop_share * pivot(1.0, stops_before, stops)
        growth += (1 - goal.stop_share) * pivot(1.0, passages_before, passages)
        return np.asarray(goal.measure(growth) / goal.measure(np.ones_like(growth)), np.float64)

    def _expect(self, places: Placement) -> tuple[FloatArray, FloatArray]:
        """Return the stops at each stand and the walks past it, shape (1 + draws, stands).

        Stands at other places are as good as other stands at today's places, whose ways are known.
        """
        basis, count = self._basis, len(self._names)
        stand_at = np.argsort(places)
        name_at = {self._names[place]: self._names[stand] for place, stand in enumerate(stand_at.tolist())}
        dwell_s = basis.model.dwell_s_by_zone
        model = dataclasses.replace(
            basis.model, dwell_s_by_zone={name: dwell_s[name_at.get(name, name)] for name in dwell_s}
        )
        category = {stand.name: stand.category for stand in basis.layout.stands}
        layout = basis.layout
        if len(set(category.values())) > 1:
            zones = [
                dataclasses.replace(zone, category=category[name_at[zone.name]]) if zone.is_stand else zone
                for zone in layout.zones
            ]
            layout = dataclasses.replace(layout, zones=tuple(zones))
        parameters = np.hstack([self._parameters[:, stand_at], self._parameters[:, count:]])
        moves = expected_moves(model, layout, basis.arrivals, parameters)
        if self._before is None:
            passages = expected_passages(
                layout, measure_ways(layout), moves, basis.passing, basis.passing.through
            )
            return moves.visits, passages[:, self._zone_of]
        visits, passages = expect_response(
            basis,
            model,
            layout,
            parameters=parameters,
            arrivals=basis.arrivals,
            through=basis.passing.through,
            moves=moves,
            stops_before=self._before[0][:, stand_at],
            passed_before=self._before[1][:, stand_at],
            rng=np.random.default_rng(20_260_330),
        )
        return visits[:, places], passages[:, self._zone_of[places]]


@dataclass(frozen=True, slots=True, eq=False)
class LayoutPromise:
    """A layout that was found, and what it promises.

    Attributes:
        gain: expected growth of the goal, as a share.
        gain_interval: of 80 %.
    """

    places: Placement
    gain: float
    gain_interval: Interval

    @property
    def moves(self) -> int:
        """Return the number of stands that are elsewhere."""
        return int((self.places != np.arange(len(self.places))).sum())


@dataclass(frozen=True, slots=True)
class FoundLayouts:
    """The layouts that a search found.

    Attributes:
        layouts: different ones, that with the fewest moves first; none if there is no better one.
        tried: number of layouts that the forecast's model judged.
        best_gain: largest gain that the forecast's model expects, also where it is not worth it.
        curse: growth that the best layout promises too much, as measured between the halves of the time and
            already taken off.
    """

    layouts: tuple[LayoutPromise, ...]
    tried: int
    best_gain: float
    curse: float


def search_layouts(
    basis: ForecastBasis,
    halves: Sequence[tuple[ForecastBasis, GoalMeasure]],
    goal: GoalMeasure,
    space: PlacementSpace,
    *,
    most_moves: int,
    kept_stands: Sequence[int] = (),
    settings: SearchSettings | None = None,
    rng: np.random.Generator,
    on_progress: Progress = lambda _share: None,
) -> FoundLayouts:
    """Search for layouts with more of a goal.

    Args:
        halves: the same from either half of the time.
        kept_stands: stands that may not lose visits.
    """
    settings = settings or SearchSettings()

    def find(of: ForecastBasis, measure: GoalMeasure, share: tuple[float, float]) -> list[Placement]:
        search = LayoutSearch(space, FastChain(of), measure, most_moves=most_moves, kept_stands=kept_stands)
        search.run(settings, rng, lambda done: on_progress(share[0] + (share[1] - share[0]) * done))
        return [
            places
            for places in search.list_candidates(settings.shortlist)
            if space.find_conflict(places.tolist()) is None
        ]

    candidates = find(basis, goal, (0.0, 0.25))
    judge = ForecastJudge(basis, draws=settings.draws, rng=rng)
    judged: list[tuple[Placement, FloatArray]] = []
    for row, places in enumerate(candidates):
        judged.append((places, judge.measure(places, goal) - 1.0))
        on_progress(0.25 + 0.25 * row / len(candidates))
    best_gain = max((float(gains[1:].mean()) for _, gains in judged), default=0.0)
    if best_gain < LEAST_GAIN:
        return FoundLayouts((), len(judged), best_gain, 0.0)
    curses = []
    judges = [ForecastJudge(half, draws=settings.draws // 2, rng=rng) for half, _ in halves]
    for row, (half, measure) in enumerate(halves):
        own = find(half, measure, (0.5 + row / 4, 0.6 + row / 4))[: settings.shortlist // 3]
        gains = [float(judges[row].measure(places, measure)[1:].mean()) for places in own]
        if gains:
            best = int(np.argmax(gains))
            other = judges[1 - row].measure(own[best], halves[1 - row][1])
            curses.append(gains[best] - float(other[1:].mean()))
    # the errors of half of the time have twice the variance, and what is best by chance grows with it
    curse = float(np.mean(curses)) / 2 if curses else 0.0
    promises = [_promise(places, gains, curse) for places, gains in judged]
    best_gain = max(promise.gain for promise in promises)
    return FoundLayouts(_choose(promises, settings.shown), len(judged), best_gain, curse)


def _promise(places: Placement, gains: FloatArray, curse: float) -> LayoutPromise:
    gain = REALISED * (float(gains[1:].mean()) - curse)
    error = math.hypot(float(gains[1:].std()), GAIN_ERROR * gain, CONSTANT_ERROR)
    return LayoutPromise(places, gain, (gain - NORMAL_80 * error, gain + NORMAL_80 * error))


def _choose(promises: Sequence[LayoutPromise], most: int) -> tuple[LayoutPromise, ...]:
    """Return different layouts that promise a gain, that with the fewest moves first.

    Beside the best one these are the layouts with the fewest moves that promise a good part of its gain.
    """
    worth = sorted(
        (one for one in promises if one.gain >= LEAST_GAIN and one.gain_interval[0] > 0),
        key=lambda promise: -promise.gain,
    )
    chosen = worth[:1]
    parts = [
        min((one for one in worth if one.gain >= share * worth[0].gain), key=lambda one: one.moves)
        for share in PARTS
        if worth
    ]
    for one in (*parts, *worth):
        is_new = all(
            one.moves != other.moves or int((one.places != other.places).sum()) > one.moves // 2 + 1
            for other in chosen
        )
        if len(chosen) < most and is_new:
            chosen.append(one)
    return tuple(sorted(chosen, key=lambda promise: (promise.moves, -promise.gain)))

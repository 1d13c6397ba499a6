"""Search for better layouts, the rules that it keeps, and the values of places, in halls drawn at random."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import shapely

from analytics.domain.errors import GeometryError
from analytics.domain.floor_geometry import Polygon
from analytics.forecast.choice_model import expected_moves
from analytics.forecast.layout_forecast import ForecastBasis, forecast_layout
from analytics.forecast.layout_search import (
    FastChain,
    ForecastJudge,
    Goal,
    LayoutSearch,
    SearchSettings,
    search_layouts,
)
from analytics.forecast.location_effect import LocationEffect
from analytics.forecast.place_value import (
    FEW_STANDS,
    NO_RESISTANCE,
    estimate_place_values,
    refuse,
    share_rents,
)
from analytics.forecast.placement_rules import (
    FireLane,
    NeighbourRule,
    PlacementRules,
    PlacementSpace,
    SizeClass,
    find_move,
    make_space,
)
from app.core.job import JobCancelled
from benchmarks.layout_search import Hall, draw_hall, measure_goal, name_stands, observe, simulate_day

VISITORS = 1500


@cache
def _hall() -> Hall:
    return draw_hall(3)


@cache
def _basis(part: int | None = None) -> ForecastBasis:
    hall = _hall()
    day = simulate_day(hall, np.arange(hall.stands), visitors=VISITORS, seed=1)
    number = np.arange(VISITORS)
    return observe(hall, day, number >= 0 if part is None else number % 2 == part)


def _space(rules: PlacementRules | None = None) -> PlacementSpace:
    hall = _hall()
    return make_space(
        names=name_stands(hall),
        outlines=hall.outlines,
        can_move=[True] * hall.stands,
        hall=shapely.box(0, 0, *hall.size_m),
        obstacles=hall.walls,
        rules=rules or PlacementRules(),
    )


def _search(space: PlacementSpace, *, most_moves: int, seed: int = 1, steps: int = 150) -> LayoutSearch:
    search = LayoutSearch(
        space, FastChain(_basis()), measure_goal(_basis(), Goal.VISITS), most_moves=most_moves
    )
    search.run(SearchSettings(steps=steps), np.random.default_rng(seed), lambda _share: None)
    return search


def test_an_exchange_is_judged_as_the_forecast_of_the_same_layout() -> None:
    """Two stands of one size change places: the search's growth is that of the forecast's rows."""
    basis, hall = _basis(), _hall()
    space = _space()
    stand, other = next(zip(*np.nonzero(np.triu(space.is_allowed, 1)), strict=True))
    places = np.arange(hall.stands)
    places[[stand, other]] = other, stand
    goal = measure_goal(basis, Goal.VISITS)
    growth = float(ForecastJudge(basis, draws=2, rng=np.random.default_rng(1)).measure(places, goal)[0])
    zones = list(basis.layout.zones)
    first, second = zones[stand], zones[other]
    zones[stand] = replace(first, polygon=second.polygon)
    zones[other] = replace(second, polygon=first.polygon)
    forecast = forecast_layout(basis, replace(basis.layout, zones=tuple(zones)))
    before = sum(row.visits_before or 0.0 for row in forecast.rows)
    assert growth == pytest.approx(sum(row.visits for row in forecast.rows) / before, rel=1e-3)
    assert abs(growth - 1.0) > 1e-4


def test_the_fast_chain_makes_as_many_stops_as_the_model_with_memory() -> None:
    basis = _basis()
    visits = FastChain(basis).expect_visits(np.arange(_hall().stands)[None])[0]
    stops = expected_moves(basis.model, basis.layout, basis.arrivals).visits[0] / basis.arrivals.sum()
    assert visits.sum() == pytest.approx(stops.sum(), rel=1e-3)
    assert np.corrcoef(visits, stops)[0, 1] > 0.95


def test_a_search_finds_the_best_exchange_of_two() -> None:
    """With two moves allowed nothing is better than the best of all exchanges, tried one after the other."""
    space, basis = _space(), _basis()
    chain, goal = FastChain(basis), measure_goal(basis, Goal.VISITS)
    today = chain.expect_visits(np.arange(_hall().stands)[None])
    best = 0.0
    for stand, other in zip(*np.nonzero(np.triu(space.is_allowed, 1)), strict=True):
        places = np.arange(_hall().stands)
        places[[stand, other]] = other, stand
        best = max(best, float(goal.measure(chain.expect_visits(places[None]) / today)[0]))
    found = _search(space, most_moves=2, steps=5)
    (first,) = found.list_best(1)
    assert (first != np.arange(len(first))).sum() == 2
    assert float(goal.measure(chain.expect_visits(first[None]) / today)[0]) == pytest.approx(best)
    assert best > found.today


def test_more_moves_find_more_and_rules_are_kept() -> None:
    hall, names = _hall(), name_stands(_hall())
    lane = Polygon(((0.0, 0.0), (hall.size_m[0], 0.0), (hall.size_m[0], 1.0), (0.0, 1.0)))
    rules = PlacementRules(
        fixed=(names[0], names[5]),
        size_classes=(SizeClass("front", (names[1], names[2])),),
        neighbours=(NeighbourRule((names[3], names[4]), 8.0, is_wanted=False),),
        fire_lanes=(FireLane("south", lane),),
        least_aisle_m=3.0,
    )
    space = _space(rules)
    assert space.is_allowed[0].sum() == space.is_allowed[5].sum() == 1
    assert not space.is_allowed[1, 3:].any()
    best = _search(space, most_moves=hall.stands).list_best(20)
    assert len(best) == 20
    for places in best:
        assert sorted(places) == list(range(hall.stands))
        assert space.is_allowed[np.arange(hall.stands), places].all()
        assert space.gaps_m[places[3], places[4]] >= 8.0
        assert space.find_conflict(places) is None


def test_equal_seeds_find_equal_layouts_and_a_search_can_be_cancelled() -> None:
    one, other = (_search(_space(), most_moves=6, steps=20).list_candidates(5) for _ in range(2))
    assert [places.tolist() for places in one] == [places.tolist() for places in other]

    def cancel(_share: float) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        _promise(cancel)


def _promise(on_progress=lambda _share: None):
    return search_layouts(
        _basis(),
        [(_basis(part), measure_goal(_basis(part), Goal.VISITS)) for part in (0, 1)],
        measure_goal(_basis(), Goal.VISITS),
        _space(),
        most_moves=8,
        settings=SearchSettings(steps=150, shortlist=6),
        rng=np.random.default_rng(1),
        on_progress=on_progress,
    )


def test_promises_are_of_different_layouts_and_lower_than_what_the_fast_chain_says() -> None:
    found = _promise()
    assert 1 <= len(found.layouts) <= 5
    moves = [layout.moves for layout in found.layouts]
    assert moves == sorted(moves)
    assert len({layout.places.tobytes() for layout in found.layouts}) == len(found.layouts)
    goal, chain = measure_goal(_basis(), Goal.VISITS), FastChain(_basis())
    today = chain.expect_visits(np.arange(_hall().stands)[None])
    for layout in found.layouts:
        low, high = layout.gain_interval
        assert 0 < low < layout.gain < high
        fast = goal.measure(chain.expect_visits(layout.places[None]) / today)[0]
        assert layout.gain < fast / goal.measure(np.ones(_hall().stands)) - 1.0


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        (PlacementRules(fixed=("nowhere",)), "'nowhere', which is not on the plan"),
        (
            PlacementRules(size_classes=(SizeClass("a", ("stand 1",)), SizeClass("b", ("stand 1",)))),
            "'stand 1' is in two size classes",
        ),
        (PlacementRules(neighbours=(NeighbourRule(("stand 1",), 2.0, True),)), "names 1 stands"),
        (
            PlacementRules(neighbours=(NeighbourRule(("stand 1", "stand 2"), -2.0, True),)),
            "The distance -2 m",
        ),
        (PlacementRules(least_aisle_m=0.0), "The least aisle width 0 m"),
    ],
)
def test_rules_that_cannot_be_are_refused(rules: PlacementRules, problem: str) -> None:
    with pytest.raises(GeometryError, match=problem):
        _space(rules)


def test_a_stand_of_another_outline_is_turned_and_conflicts_are_named() -> None:
    """A class of two sizes: the smaller stand fits the place of the larger one, not the other way round."""
    long, short = shapely.box(2, 2, 8, 5), shapely.box(11, 2, 14, 8)
    turned = shapely.affinity.affine_transform(long, find_move(long, short))
    assert turned.symmetric_difference(short).area < 0.01
    small = shapely.box(11, 2, 14, 5)
    outlines = (long, small, shapely.box(14.5, 2, 17, 8))
    names = ("long", "small", "other")
    rules = PlacementRules(
        size_classes=(SizeClass("both", ("long", "small")),),
        fire_lanes=(FireLane("lane", Polygon(((11.0, 6.0), (14.0, 6.0), (14.0, 9.0), (11.0, 9.0)))),),
    )
    space = make_space(
        names=names,
        outlines=outlines,
        can_move=[True] * 3,
        hall=shapely.box(0, 0, 20, 10),
        obstacles=(),
        rules=rules,
    )
    assert space.is_allowed[1, 0]
    assert not space.is_allowed[0, 1]
    conflict = space.find_conflict([1, 0, 2])
    assert conflict is not None
    assert conflict.fields["stand"] == "long"


def test_the_value_of_a_place_follows_the_planted_one_and_rents_add_up() -> None:
    hall, basis = _hall(), _basis()
    found = estimate_place_values(basis)
    assert found.refusal is None
    areas = np.array([one.area for one in hall.outlines])
    near = np.array([found.values[name].visits.value or 0.0 for name in name_stands(hall)])
    # an average exhibitor's visits in the truth, for the three cheapest and the three dearest places
    order = np.argsort(near)
    truth = []
    for stand in (*order[:3], *order[-3:]):
        attraction = hall.attraction.copy()
        attraction[stand] = hall.attraction[np.abs(areas - areas[stand]) < 1].mean()
        day = simulate_day(
            replace(hall, attraction=attraction), np.arange(hall.stands), visitors=6000, seed=9
        )
        truth.append((day.stand == stand).mean() * len(day.stand) / 6000 * VISITORS)
    assert max(truth[:3]) < min(truth[3:])
    for stand, true in zip((*order[:3], *order[-3:]), truth, strict=True):
        low, high = found.values[f"stand {stand}"].visits.interval or (0.0, 0.0)
        assert 0.9 * low < true < 1.1 * high
    rents = {f"stand {number}": 1000.0 for number in range(4)}
    fair = share_rents(found, rents, dict(zip(name_stands(hall), areas.tolist(), strict=True)))
    assert sum(fair[name][0].value or 0.0 for name in rents) == pytest.approx(4000.0)
    for name in rents:
        low, high = fair[name][0].interval or (0.0, 0.0)
        assert low < (fair[name][0].value or 0.0) < high


def test_places_are_not_told_apart_without_enough_stands_or_where_ways_do_not_matter() -> None:
    basis = _basis()
    few = replace(basis, layout=replace(basis.layout, zones=basis.layout.zones[:11]))
    assert estimate_place_values(few).refusal == refuse(FEW_STANDS).refusal
    indifferent = replace(basis, model=replace(basis.model, beta_per_m=0.0))
    assert estimate_place_values(indifferent).refusal == refuse(NO_RESISTANCE).refusal


def test_places_differ_no_more_than_forecasts_say() -> None:
    basis = _basis()
    listed = replace(basis, location_effect=LocationEffect(reach=0.0, impulse=0.0))
    spreads = []
    for one in (basis, listed):
        values = estimate_place_values(one).values
        booths = [values[stand.name].visits.value or 1.0 for stand in basis.layout.stands]
        spreads.append(float(np.log(booths).std()))
    # only what the size does is left where visitors come with lists
    assert spreads[1] < 0.5 * spreads[0]

"""Halls with truths of their own: ways round what blocks them, the visit rule, and days by their seeds."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from analytics.domain.zone import ZoneKind
from tools.layout_truth.hall_ways import find_ways
from tools.layout_truth.layout_changes import CHANGES, change_hall
from tools.layout_truth.true_halls import (
    TrueHall,
    check_hall,
    draw_court_hall,
    draw_islands_hall,
    draw_rows_hall,
)
from tools.layout_truth.truth_cases import run_agents, run_groups
from tools.layout_truth.visitor_legs import count_samples

HALLS = [draw_rows_hall, draw_islands_hall, draw_court_hall]


def draw(draw_hall: object) -> TrueHall:
    return draw_hall(np.random.default_rng(3))  # type: ignore[no-any-return,operator]


@pytest.mark.parametrize("draw_hall", HALLS, ids=lambda f: f.__name__)
def test_every_change_gives_a_hall_without_overlap(draw_hall: object) -> None:
    hall = draw(draw_hall)
    for change in CHANGES:
        changed, what = change_hall(hall, change, np.random.default_rng(1))
        check_hall(changed)
        assert what
        assert changed != hall


def test_ways_lead_round_stands_and_a_wall_makes_them_longer() -> None:
    hall = draw(draw_rows_hall)
    ways = find_ways(hall)
    bodies = shapely.union_all([shapely.box(*area).buffer(-0.1) for _, area in hall.blocks])
    assert np.isfinite(ways.length_m).all()
    assert not shapely.contains_xy(bodies, ways.points[..., 0], ways.points[..., 1]).any()
    closed, _ = change_hall(hall, "closed aisle", np.random.default_rng(1))
    longer_m = find_ways(closed).length_m - ways.length_m
    assert longer_m.min() > -1.0
    assert longer_m.max() > 10.0


def test_visits_of_samples_follow_the_visit_rule() -> None:
    hall = draw(draw_court_hall)
    stand = next(stand for stand in hall.stands if stand.kind is ZoneKind.BOOTH)
    inside, outside = stand.spot.centre, (hall.size_m[0] / 2, 11.0)
    stays = {
        0: [(10.0, 12.0)],
        1: [(10.0, 14.0)],
        2: [(10.0, 12.0), (13.0, 15.0)],
        3: [(5.0, 10.0), (20.0, 30.0)],
    }
    times_s = np.arange(0.0, 40.0, 0.25)
    person, xy = np.repeat(list(stays), len(times_s)), []
    for own in stays.values():
        xy += [inside if any(start <= t < end for start, end in own) else outside for t in times_s]
    totals = count_samples(
        hall, person, np.tile(times_s, len(stays)), np.array(xy), np.zeros(len(stays), np.int64), days=1
    )
    index = hall.stands.index(stand)
    # too short; one; left for a second and one; two
    assert totals.visits[0, index] == 0 + 1 + 1 + 2
    assert totals.person_s[0, index] == pytest.approx(2 + 4 + 4 + 15)


@pytest.mark.parametrize("run", [run_agents, run_groups], ids=lambda f: f.__name__)
def test_days_are_repeated_by_their_seed_and_all_positions_lie_in_the_hall(run: object) -> None:
    hall = draw(draw_rows_hall)
    first, again = (run(hall, days=2, seed=4, layout=0, visitors=150) for _ in range(2))  # type: ignore[operator]
    assert np.array_equal(first.totals.visits, again.totals.visits)
    assert first.totals.visits[:, : len(hall.stands)].sum() > 2 * 150
    person, time_s, xy = first.observed
    assert len(np.unique(person)) >= 150
    assert (np.diff(time_s)[np.diff(person) == 0] == 1.0).all()
    assert (xy > 0).all()
    assert (xy < hall.size_m).all()

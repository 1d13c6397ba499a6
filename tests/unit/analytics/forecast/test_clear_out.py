"""Clear-out times against what distances, speeds and the capacity of a door allow."""

from __future__ import annotations

import pytest
import shapely

from analytics.domain.errors import ForecastError
from analytics.forecast import clear_out
from analytics.forecast.clear_out import ClearOut, simulate_clear_out

HALL = shapely.box(0.0, 0.0, 30.0, 12.0)
DOOR = shapely.box(0.0, 5.4, 0.6, 6.6)
POSTS = (shapely.box(0.5, 0.0, 1.0, 5.5), shapely.box(0.5, 6.5, 1.0, 12.0))
"""A door of one metre."""
FAR = shapely.box(24.0, 4.0, 28.0, 8.0)


def leave(people: int, *, walls: tuple[shapely.Polygon, ...] = (), runs: int = 2) -> ClearOut:
    return simulate_clear_out(
        hall=HALL, obstacles=[*POSTS, *walls], doors=[DOOR], groups=[(FAR, people, 0)], seed=1, runs=runs
    )


def test_few_people_need_the_time_of_their_way_and_many_that_of_the_door() -> None:
    pytest.importorskip("jupedsim")
    few, many = leave(5), leave(120)
    assert (few.people, few.left, many.people, many.left) == (5, 0, 120, 0)
    # 24 to 28 m at 0.6 to 2 m/s
    assert 24 / 2.0 <= few.shortest_s <= few.longest_s <= 28 / 0.6 + 2
    # a door of 1 m lets 1 to 2.5 people pass a second (Seyfried et al. 2009)
    assert 120 / 2.5 <= many.shortest_s <= many.longest_s <= few.longest_s + 120
    assert few.densest_per_m2 < many.densest_per_m2 < 8.0
    assert leave(5) == few


def test_people_behind_a_wall_do_not_get_out() -> None:
    pytest.importorskip("jupedsim")
    closed = shapely.box(20.0, 0.0, 20.4, 12.0)
    found = leave(4, walls=(closed,), runs=1)
    assert (found.people, found.left) == (4, 4)


def test_without_the_simulator_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clear_out, "is_simulator_installed", lambda: False)
    with pytest.raises(ForecastError, match="JuPedSim is not installed") as refused:
        leave(1)
    assert "--no-deps jupedsim" in refused.value.remedy_template

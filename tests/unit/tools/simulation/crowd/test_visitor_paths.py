from __future__ import annotations

import numpy as np
import pytest

from tools.simulation.crowd.visitor_paths import (
    STEP_S,
    VisitorPath,
    VisitorPaths,
    simulate_visitors,
)
from tools.simulation.crowd.walk_hall import WalkHall, make_demo_hall


@pytest.fixture(scope="module")
def hall() -> WalkHall:
    return make_demo_hall()


@pytest.fixture(scope="module")
def paths(hall: WalkHall) -> VisitorPaths:
    return simulate_visitors(hall=hall, duration_s=60.0, seed=3)


def all_moments(paths: VisitorPaths) -> list[np.ndarray]:
    return [
        np.array([moment.xy_m for moment in paths.at(time_s)]).reshape(-1, 2)
        for time_s in np.arange(0, paths.duration_s, STEP_S)
    ]


@pytest.mark.slow
def test_visitors_stay_in_the_hall_and_off_the_stands(hall: WalkHall, paths: VisitorPaths) -> None:
    places = np.vstack(all_moments(paths))
    assert len(places) > 1000
    assert (places > 0).all()
    assert (places < hall.size_m).all()
    for stand in hall.stands:
        left, low, right, high = stand.footprint
        x, y = places.T
        assert not ((x > left) & (x < right) & (y > low) & (y < high)).any()


def test_positions_are_interpolated_within_the_path() -> None:
    path = VisitorPath(
        7, 1.0, np.array([[0.0, 0.0], [0.2, 0.4]]), np.array([0.0, 1.0]), np.array([0.0, 0.45])
    )
    middle = path.state_at(1.0 + STEP_S / 4)
    assert middle is not None
    assert middle.visitor == 7
    assert middle.xy_m == pytest.approx((0.05, 0.1))
    assert middle.heading_rad == pytest.approx(0.25)
    assert middle.speed_m_s == pytest.approx(4.5)
    assert path.state_at(0.99) is None
    assert path.state_at(1.0 + STEP_S + 0.01) is None
    assert VisitorPaths(5.0, (path,)).at(4.0) == []

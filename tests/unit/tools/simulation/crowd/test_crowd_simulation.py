from __future__ import annotations

import sys

import numpy as np
import pytest
import shapely

from analytics.domain.errors import ExpoFlowError
from tests.support.simulator import needs_simulator
from tools.simulation.crowd.crowd_settings import CrowdSettings
from tools.simulation.crowd.crowd_simulation import (
    simulate_crowd,
    simulate_endless_crowd,
)
from tools.simulation.crowd.exhibition_hall import make_exhibition
from tools.simulation.crowd.truth import make_true_crossings, make_true_visits
from tools.simulation.crowd.visitor_paths import VisitorPaths

BUSY = CrowdSettings(arrivals_per_s=0.3, warm_up_s=60.0)


@pytest.fixture(scope="module")
def paths() -> VisitorPaths:
    return simulate_crowd(layout=make_exhibition("A"), duration_s=120.0, seed=3, settings=BUSY)


@pytest.mark.slow
@needs_simulator
def test_the_same_seed_gives_the_same_crowd_and_another_seed_another(paths: VisitorPaths) -> None:
    again, other = (
        simulate_crowd(layout=make_exhibition("A"), duration_s=120.0, seed=seed, settings=BUSY)
        for seed in (3, 4)
    )
    assert [path.visitor for path in again.paths] == [path.visitor for path in paths.paths]
    assert all(np.array_equal(a.xy_m, b.xy_m) for a, b in zip(again.paths, paths.paths, strict=True))
    assert [p.start_s for p in other.paths] != [p.start_s for p in paths.paths]


@needs_simulator
def test_visitors_avoid_furniture_at_walking_speed(paths: VisitorPaths) -> None:
    blocked = shapely.union_all([shapely.box(*item.footprint) for item in make_exhibition("A").furniture])
    assert len(paths.paths) > 20
    for path in paths.paths:
        assert not shapely.contains_xy(blocked, path.xy_m[:, 0], path.xy_m[:, 1]).any()
        speed = np.hypot(*np.diff(path.xy_m, axis=0).T) / 0.1
        assert speed.max() < 3.0


@needs_simulator
def test_visitors_enter_by_the_entrance_and_stay_at_stands(paths: VisitorPaths) -> None:
    layout = make_exhibition("A")
    visits = make_true_visits(paths=paths, zones=layout.zones)
    crossings = make_true_crossings(paths=paths, lines=layout.hall.lines, step_s=0.1)
    came = sum(path.start_s > 0 for path in paths.paths)
    entered = ((crossings["line"] == "Entrance") & (crossings["direction"] == "in")).sum()
    assert abs(came - entered) <= 4
    assert not ((crossings["line"] == "Entrance") & (crossings["direction"] == "out")).any()
    assert visits["zone"].nunique() >= 8
    assert (visits["seconds"] > 15).sum() > 10


@pytest.mark.slow
@needs_simulator
def test_an_endless_crowd_has_complete_paths_of_one_period() -> None:
    paths = simulate_endless_crowd(
        layout=make_exhibition("B"), period_s=60.0, seed=2, settings=BUSY, max_visit_s=240.0
    )
    assert paths.duration_s == 60.0
    assert all(0 <= path.start_s < 60 for path in paths.paths)
    assert sum(path.times_s[-1] > 60 for path in paths.paths) > 0.8 * len(paths.paths)


@needs_simulator
def test_the_listener_can_stop_a_simulation() -> None:
    def stop(share: float) -> None:
        if share > 0.2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        simulate_crowd(layout=make_exhibition("A"), duration_s=120.0, seed=1, on_progress=stop)


def test_a_missing_simulator_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jupedsim", None)
    with pytest.raises(ExpoFlowError) as caught:
        simulate_crowd(layout=make_exhibition("A"), duration_s=1.0, seed=1)
    assert "JuPedSim is not installed" in caught.value.problem
    assert "--no-deps jupedsim" in caught.value.remedy

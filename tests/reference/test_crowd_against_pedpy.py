"""Speed, density and flow beside PedPy's, an independent program, on simulated crowds."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from analytics.density.crowd_moments import CrowdMoments, sample_crowd_moments
from analytics.density.voronoi_density import measure_individual_density
from analytics.domain.floor_geometry import Polyline
from analytics.domain.identifiers import LineId
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.flows.line_flow import compute_line_flow
from analytics.metrics.presence import PresenceRows, order_by_person
from analytics.metrics.speed import measure_speed
from tests.support.halls.simulated_walks import (
    STEP_S,
    SimulatedWalk,
    walk_along_corridor,
    walk_in_hall,
    walk_through_bottleneck,
)
from tests.support.simulator import needs_simulator

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pedpy = pytest.importorskip("pedpy")

pytestmark = needs_simulator

LINES = {
    walk_through_bottleneck: [(8.5, 2.4), (8.5, 3.6)],
    walk_along_corridor: [(10.0, 0.0), (10.0, 3.0)],
    walk_in_hall: [(2.4, 6.9), (2.4, 10.1)],
}
both = pytest.mark.parametrize("walk", LINES, ids=lambda walk: walk.__name__)


def order(walk: SimulatedWalk) -> PresenceRows:
    return order_by_person(tracks=walk.tracks, longest_gap_s=1.5)


def number_frames(walk: SimulatedWalk) -> pedpy.TrajectoryData:
    table = walk.tracks
    return pedpy.TrajectoryData(
        pd.DataFrame(
            {
                "id": table["visitor"].astype(int),
                "frame": (table["time_s"] / STEP_S).round().astype(int),
                "x": table["x_m"].astype(float),
                "y": table["y_m"].astype(float),
            }
        ),
        frame_rate=1 / STEP_S,
    )


def take_seconds(walk: SimulatedWalk) -> tuple[CrowdMoments, pedpy.TrajectoryData]:
    """Sample one moment a second, at the same frames: 5, 15, 25 …"""
    last_s = float(walk.tracks["time_s"].max())
    moments = sample_crowd_moments(rows=order(walk), observed=None, period_s=(0.0, last_s))
    frames = np.round(moments.time_s / STEP_S).astype(int)
    whole = number_frames(walk)
    return moments, pedpy.TrajectoryData(
        whole.data[whole.data["frame"].isin(frames)][["id", "frame", "x", "y"]], frame_rate=1.0
    )


@both
def test_speeds_are_pedpys(walk: Callable[[], SimulatedWalk]) -> None:
    rows = order(walk())
    ours = pd.DataFrame(
        {
            "id": rows.person_ids[rows.person],
            "frame": np.round(rows.time_s / STEP_S).astype(int),
            "ours": measure_speed(rows),
        }
    )
    theirs = pedpy.compute_individual_speed(traj_data=number_frames(walk()), frame_step=5)
    both = ours.merge(theirs, on=["id", "frame"])
    assert len(both) == len(theirs) > 1000
    assert both["ours"].to_numpy() == pytest.approx(both["speed"].to_numpy(), rel=0.01, abs=1e-4)


@both
def test_voronoi_densities_are_pedpys(walk: Callable[[], SimulatedWalk]) -> None:
    simulated = walk()
    moments, trajectories = take_seconds(simulated)
    individual = measure_individual_density(moments, floor=simulated.floor, quad_segments=8)
    theirs = pedpy.compute_individual_voronoi_polygons(
        traj_data=trajectories,
        walkable_area=pedpy.WalkableArea(simulated.floor),
        cut_off=pedpy.Cutoff(radius=1.0, quad_segments=8),
    )
    rows = order(simulated)
    ours = pd.DataFrame(
        {
            "id": rows.person_ids[moments.person],
            "frame": np.round(moments.time_s[moments.moment()] / STEP_S).astype(int),
            "ours": individual.per_m2,
        }
    )
    both = ours.merge(theirs, on=["id", "frame"])
    assert len(both) == len(ours) == len(theirs) > 100
    assert both["ours"].to_numpy() == pytest.approx(both["density"].to_numpy(), rel=0.01)


@both
def test_passings_and_the_flow_are_pedpys(walk: Callable[[], SimulatedWalk]) -> None:
    line = CountingLine(LineId("gate"), ZoneKind.OTHER, Polyline.from_points(LINES[walk], what="gate"))
    simulated = walk()
    crossings = compute_crossings(
        tracks=simulated.tracks, lines=[line], settings=CrossingSettings(sigma_factor=0.0)
    )
    trajectories = number_frames(simulated)
    passed, frames = pedpy.compute_n_t(
        traj_data=trajectories, measurement_line=pedpy.MeasurementLine(LINES[walk])
    )
    assert len(crossings) == len(frames) > 4
    theirs_s = np.sort(frames["frame"].to_numpy()) * STEP_S
    # PedPy dates a passing to the frame after it
    assert np.sort(crossings["time_s"].to_numpy()) == pytest.approx(theirs_s, abs=STEP_S)

    # PedPy divides those who passed within some frames by the frames from the first passing to the last
    frame = np.sort(frames["frame"].to_numpy())
    theirs = pedpy.compute_flow(
        nt=passed,
        crossing_frames=frames,
        individual_speed=pedpy.compute_individual_speed(traj_data=trajectories, frame_step=5),
        delta_frame=int(frame[-1] - frame[0]) // 2,
        frame_rate=1 / STEP_S,
    )
    first, count = int(frame[0]), int((frame <= frame[0] + (frame[-1] - frame[0]) // 2).sum())
    last = int(frame[count - 1])
    period_s = ((first - 1) * STEP_S, last * STEP_S)
    own = crossings[crossings["time_s"].between(*period_s)]
    ways = (np.asarray(own["direction"] == way, np.float64) for way in ("in", "out"))
    ours = compute_line_flow(
        own["time_s"].to_numpy(), *ways, line=line, observed=None, period_s=period_s, step_s=last * STEP_S
    )
    assert ours["per_minute"].iloc[0] == pytest.approx(theirs["flow"].iloc[0] * 60, rel=0.01)
    assert ours["per_minute_m"].iloc[0] == pytest.approx(
        theirs["flow"].iloc[0] * 60 / np.hypot(*np.diff(LINES[walk], axis=0)[0]), rel=0.01
    )

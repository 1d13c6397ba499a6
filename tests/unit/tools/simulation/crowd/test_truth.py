from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from tools.simulation.crowd.truth import make_true_crossings, make_true_tracks, make_true_visits
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath, VisitorPaths

ZONE = Zone(
    ZoneId("A"), ZoneKind.BOOTH, Polygon.from_points([(2, 0), (8, 0), (8, 2), (2, 2)], what="zone 'A'")
)
LINE = CountingLine(
    LineId("door"), ZoneKind.ENTRANCE, Polyline.from_points([(3, 0), (3, 2)], what="line 'door'")
)
CAMERA = CameraId("cam")


def walk(*stops: tuple[float, float], start_s: float = 0.0, visitor: int = 1, y: float = 1.0) -> VisitorPath:
    """A way along x through (time_s, x_m), straight in between."""
    times_s = np.arange(stops[0][0], stops[-1][0] + STEP_S / 2, STEP_S)
    x = np.interp(times_s, [time for time, _ in stops], [place for _, place in stops])
    walked = np.concatenate([[0], np.cumsum(np.abs(np.diff(x)))])
    return VisitorPath(
        visitor, start_s + stops[0][0], np.column_stack([x, np.full_like(x, y)]), np.zeros_like(x), walked
    )


def visits_of(*paths: VisitorPath, duration_s: float = 100.0) -> pd.DataFrame:
    return make_true_visits(paths=VisitorPaths(duration_s, paths), zones=(ZONE,))


def test_a_walk_through_is_a_visit_from_edge_to_edge() -> None:
    visits = visits_of(walk((0, 0), (10, 10)))
    assert visits["entered_s"].tolist() == pytest.approx([2.0], abs=0.03)
    assert visits["left_s"].tolist() == pytest.approx([8.0], abs=0.03)
    assert visits["seconds"].tolist() == pytest.approx([6.0], abs=0.05)
    assert visits[["visitor", "zone", "censored_start", "censored_end"]].to_numpy().tolist() == [
        [1, "A", 0, 0]
    ]


def test_a_stay_below_three_seconds_is_no_visit() -> None:
    assert visits_of(walk((0, 0), (1, 1.9), (2, 2.5), (3, 1.5), (4, 0))).empty


@pytest.mark.parametrize(("outside_s", "expected"), [(2.6, 1), (3.4, 2)])
def test_a_short_absence_continues_the_visit(outside_s: float, expected: int) -> None:
    half = outside_s / 2
    # two thirds of the time are beyond the band, which ends at 1.5
    way = walk((0, 4), (5, 4), (6, 2.01), (6 + half, 0.5), (6 + outside_s, 2.01), (10, 4), (15, 4), (20, 0))
    assert len(visits_of(way)) == expected


def test_stays_beyond_the_period_are_cut_and_marked() -> None:
    visits = visits_of(walk((-5, 4), (6, 4), (8, 0)), walk((90, 0), (92, 4), (120, 4), visitor=2))
    assert visits["censored_start"].tolist() == [1, 0]
    assert visits["censored_end"].tolist() == [0, 1]
    assert visits["entered_s"].iloc[0] == 0.0
    assert visits["left_s"].iloc[1] == 100.0


def test_crossings_have_a_direction() -> None:
    paths = VisitorPaths(100.0, (walk((0, 2.0), (2, 4.0), (4, 2.0)),))
    crossings = make_true_crossings(paths=paths, lines=(LINE,))
    # the line runs upwards, so its left is towards smaller x
    assert crossings["direction"].tolist() == ["in", "out"]
    assert crossings["time_s"].tolist() == pytest.approx([1.0, 3.0], abs=0.03)


@pytest.mark.parametrize(("reached_m", "expected"), [(3.2, []), (3.3, ["in", "out"])])
def test_a_reversal_within_the_band_is_no_crossing(reached_m: float, expected: list[str]) -> None:
    way = walk((0, 2.0), (2, 2.9), (3, reached_m), (4, 2.9), (6, 2.0))
    crossings = make_true_crossings(paths=VisitorPaths(100.0, (way,)), lines=(LINE,))
    assert crossings["direction"].tolist() == expected


def test_swaying_on_the_line_gives_one_crossing() -> None:
    way = walk((0, 2.0), (2, 2.9), (3, 3.1), (4, 2.9), (5, 3.1), (6, 5.0))
    crossings = make_true_crossings(paths=VisitorPaths(100.0, (way,)), lines=(LINE,))
    assert crossings["direction"].tolist() == ["in"]
    assert crossings["time_s"].tolist() == pytest.approx([4.5], abs=0.03)


def test_passing_beside_the_end_of_a_line_is_no_crossing() -> None:
    paths = VisitorPaths(100.0, (walk((0, 0), (10, 10), y=2.5),))
    assert make_true_crossings(paths=paths, lines=(LINE,)).empty


def test_tracks_hold_the_exact_position_at_every_time() -> None:
    tracks = make_true_tracks(
        paths=VisitorPaths(10.0, (walk((0, 0), (10, 10)),)), times_s=np.array([0.0, 2.55, 9.0]), camera=CAMERA
    )
    assert tracks["x_m"].tolist() == pytest.approx([0.0, 2.55, 9.0], abs=1e-5)
    assert set(tracks["state"]) == {"truth"}
    assert set(tracks["camera"]) == {"cam"}

"""Positions of a moved camera are kept and flagged as doubtful."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.domain.event_sink import CameraEventKind
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.moved_views import find_moved_spans, flag_doubtful, measure_doubtful_shares
from analytics.results.summary import describe_moved_cameras

MOVED, STEADY, BLINDED = CameraEventKind.MOVED, CameraEventKind.STEADY_AGAIN, CameraEventKind.BLINDED


def make_events(*events: tuple[float, str, CameraEventKind]) -> pd.DataFrame:
    return pd.DataFrame(
        [(time_s, camera, kind.value, "", 1) for time_s, camera, kind in events],
        columns=["time_s", "camera", "kind", "detail", "count"],
    )


def spans_of(
    events: pd.DataFrame, period_s: tuple[float, float] = (0.0, 100.0)
) -> list[tuple[str, float, float]]:
    return list(find_moved_spans(events, period_s).itertuples(index=False, name=None))


def test_a_move_is_doubtful_until_the_view_is_a_calibrations_again() -> None:
    events = make_events((1.0, "a", STEADY), (20.0, "a", MOVED), (50.0, "a", STEADY), (60.0, "b", STEADY))
    assert spans_of(events) == [("a", 20.0, 50.0)]


def test_a_moved_view_stays_doubtful_after_a_restart_until_the_period_ends() -> None:
    events = make_events((20.0, "a", MOVED), (40.0, "a", MOVED), (70.0, "b", MOVED))
    assert spans_of(events) == [("a", 20.0, 100.0), ("b", 70.0, 100.0)]


def test_a_move_from_before_the_period_is_cut_to_it() -> None:
    events = make_events((-500.0, "a", MOVED), (30.0, "a", STEADY))
    assert spans_of(events) == [("a", 0.0, 30.0)]
    assert spans_of(events, (40.0, 100.0)) == []


def test_a_lens_that_is_covered_meanwhile_ends_no_doubt() -> None:
    events = make_events((20.0, "a", MOVED), (30.0, "a", BLINDED))
    assert spans_of(events) == [("a", 20.0, 100.0)]
    assert spans_of(make_events((30.0, "a", BLINDED))) == []


def test_points_are_flagged_by_camera_and_time_and_zones_say_their_share() -> None:
    rows = [(t, camera, 1.0 if camera == "a" else 5.0) for t in (10.0, 30.0) for camera in ("a", "b")]
    tracks = pd.DataFrame(rows, columns=["time_s", "camera", "x_m"]).assign(
        tracklet=1, visitor=1, y_m=1.0, sigma_m=0.1, height_m=1.7, state="confirmed"
    )
    moved = find_moved_spans(make_events((20.0, "a", MOVED)), (0.0, 100.0))
    assert flag_doubtful(tracks, moved).tolist() == [False, False, True, False]
    zones = [make_zone("left", 0.0), make_zone("right", 4.0), make_zone("nobody", 20.0)]
    shares = measure_doubtful_shares(tracks, moved, zones)
    assert shares == pytest.approx({"left": 0.5, "right": 0.0, "nobody": 0.0})


def make_zone(name: str, x_m: float) -> Zone:
    outline = Polygon.from_points([(x_m, 0), (x_m + 2, 0), (x_m + 2, 2), (x_m, 2)], what=name)
    return Zone(ZoneId(name), ZoneKind.BOOTH, outline)


def test_the_summary_says_when_and_which_zones_on_the_periods_clock() -> None:
    events = make_events((1020.0, "a", MOVED), (1050.0, "a", STEADY))
    tracks = pd.DataFrame({"time_s": [30.0, 60.0], "camera": "a", "x_m": 1.0, "y_m": 1.0}).assign(
        tracklet=1, visitor=1, sigma_m=0.1, height_m=1.7, state="confirmed"
    )
    moved = find_moved_spans(events, (1000.0, 1100.0))
    zones = [make_zone("left", 0.0), make_zone("right", 4.0)]
    assert describe_moved_cameras(moved, tracks, zones, 1000.0) == {
        "moved_cameras": {
            "spans": [{"camera": "a", "start_s": 20.0, "end_s": 50.0}],
            "doubtful_share": {"left": 0.5},
        }
    }

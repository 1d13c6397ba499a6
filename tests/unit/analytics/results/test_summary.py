from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from analytics.columns import CROSSING_COLUMNS, SPAN_COLUMNS, TRACK_COLUMNS, VISIT_COLUMNS, empty_table
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polyline
from analytics.domain.identifiers import CameraId, LineId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.coverage import CameraView
from analytics.metrics.estimate import Estimate
from analytics.results.summary import compute_results
from analytics.results.zone_figures import describe_zone_figures
from tests.support.halls.known_crowd import STAND, make_track_table

DOOR = CountingLine(
    LineId("entrance"), ZoneKind.ENTRANCE, Polyline.from_points([(-1, -1), (-1, 5)], what="entrance")
)
ZONE_KEYS = [
    "visits",
    "visits_interval",
    "mean_dwell_s",
    "mean_dwell_interval_s",
    "median_dwell_s",
    "median_dwell_interval_s",
    "p90_dwell_s",
    "person_seconds",
    "coverage",
    "experts",
]
EXPERT_KEYS = ["surplus_visits", "missing_visits", "unsure_visits", "unseen_share"]


def walk_through(*, visitors: int, stop_s: float = 10.0) -> pd.DataFrame:
    """Persons half a minute apart who come from x = -3, stop at x = 3 and go on to x = 9, at 1 m/s."""
    times, who, where = [], [], []
    for number in range(visitors):
        moments = np.arange(0.0, 12.0 + stop_s, 0.2)
        times.append(5.0 + 30 * number + moments)
        who.append(np.full(len(moments), number + 1))
        where.append(np.interp(moments, [0.0, 6.0, 6.0 + stop_s, 12.0 + stop_s], [-3.0, 3.0, 3.0, 9.0]))
    x = np.concatenate(where)
    ids = np.concatenate(who)
    return make_track_table(
        time_s=np.concatenate(times), tracklet=ids, visitor=ids, x_m=x, y_m=np.full(len(x), 2.0), sigma_m=0.1
    )


def make_spans(*rows: tuple[str, float, float, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=[column.name for column in SPAN_COLUMNS])


def test_the_summary_has_its_keys_in_order() -> None:
    results = compute_results(
        tracks=walk_through(visitors=4),
        spans=make_spans(("cam", 0.0, 150.0, 750)),
        zones=[STAND],
        lines=[DOOR],
        duration_s=150.0,
        start_utc="2026-11-25T09:00:00.000Z",
        skipped_rows={"nan_box": 3},
        parameters={"detector": "a"},
        versions={"expoflow": "0.1.0"},
    )
    summary = results.summary
    assert list(summary) == [
        "format",
        "start_utc",
        "duration_s",
        "analysed_frames",
        "cameras",
        "identities",
        "people_in_view",
        "zones",
        "lines",
        "transitions",
        "skipped_rows",
        "parameters",
        "versions",
    ]
    zone = summary["zones"]["stand"]
    assert list(zone) == ZONE_KEYS
    assert list(zone["experts"]) == EXPERT_KEYS
    assert summary["cameras"] == {"cam": {"frames": 750, "observed_s": 150.0}}
    assert summary["analysed_frames"] == 750
    assert summary["identities"] == 4
    assert summary["lines"] == {"entrance": {"in": 4, "out": 0, "coverage": 1.0}}
    # 4 persons of 22 s each
    assert summary["people_in_view"]["mean"] == pytest.approx(4 * 22 / 150, abs=0.01)
    assert zone["visits"] == 4
    assert zone["mean_dwell_s"] == pytest.approx(16.0, abs=0.3)
    assert zone["median_dwell_s"] == pytest.approx(16.0, abs=1.0)
    assert zone["person_seconds"] == pytest.approx(64.0, abs=1.0)
    low, high = zone["mean_dwell_interval_s"]
    assert low < 16.0 < high
    assert zone["coverage"] == 1.0
    assert summary["parameters"]["metrics"]["visits"]["longest_gap_s"] == 10.0
    assert summary["parameters"]["zones"]["stand"] == {
        "minimum_stay_s": 3.0,
        "leave_distance_m": 0.5,
        "leave_time_s": 2.0,
    }
    json.dumps(summary, allow_nan=False)
    assert list(results.visits.columns) == [column.name for column in VISIT_COLUMNS]
    assert list(results.crossings.columns) == [column.name for column in CROSSING_COLUMNS]
    assert len(results.visits) == 4


def test_an_empty_period_has_zero_visits_and_no_times() -> None:
    results = compute_results(
        tracks=empty_table(TRACK_COLUMNS),
        spans=make_spans(("cam", 0.0, 60.0, 300)),
        zones=[STAND],
        lines=[DOOR],
        duration_s=60.0,
    )
    zone = results.summary["zones"]["stand"]
    assert (zone["visits"], zone["person_seconds"]) == (0, 0.0)
    assert [zone[key] for key in ZONE_KEYS if "dwell" in key] == [None] * 5
    assert results.summary["people_in_view"] == {"mean": 0.0, "peak_1min": 0.0}
    assert results.summary["lines"] == {"entrance": {"in": 0, "out": 0, "coverage": 1.0}}
    json.dumps(results.summary, allow_nan=False)


def test_an_unobserved_zone_has_no_values() -> None:
    far = CameraView(
        CameraId("cam"),
        CameraGeometry(np.array([[0.01, 0, 100.0], [0, -0.01, 4.0], [0, 0, 1.0]])),
        (600, 400),
    )
    results = compute_results(
        tracks=empty_table(TRACK_COLUMNS),
        spans=make_spans(("cam", 0.0, 60.0, 300)),
        zones=[STAND],
        lines=[],
        duration_s=60.0,
        views=[far],
    )
    zone = results.summary["zones"]["stand"]
    assert zone["coverage"] == 0.0
    assert [zone[key] for key in ZONE_KEYS[:8]] == [None] * 8
    assert set(zone["experts"].values()) == {None}


def test_an_unobserved_period_has_no_numbers() -> None:
    results = compute_results(
        tracks=empty_table(TRACK_COLUMNS),
        spans=empty_table(SPAN_COLUMNS),
        zones=[STAND],
        lines=[],
        duration_s=60.0,
    )
    assert results.summary["people_in_view"] == {"mean": None, "peak_1min": None}
    assert results.summary["zones"]["stand"]["visits"] is None
    assert results.summary["analysed_frames"] == 0


def test_tracks_that_begin_in_an_entrance_count_as_entries() -> None:
    tracks = walk_through(visitors=5)
    tracks = tracks[tracks["x_m"] > 2.9]
    door_zone = Zone(STAND.name, ZoneKind.ENTRANCE, STAND.outline)
    options = {"spans": make_spans(("cam", 0.0, 200.0, 1000)), "lines": [], "duration_s": 200.0}
    at_door = compute_results(tracks=tracks, zones=[door_zone], **options).summary["zones"]["stand"]
    assert at_door["visits"] == 5
    assert at_door["mean_dwell_s"] == pytest.approx(13.0, abs=0.3)
    assert at_door["experts"]["missing_visits"] == 0.0


def test_counts_of_a_zone_are_whole_and_nothing_is_null_where_nothing_was_observed() -> None:
    figures = ZoneFigures("stand", 0.5, Estimate(12, (11.0, 13.0)), Estimate(83.456789, (70.0, 97.0)))
    described = describe_zone_figures(figures)
    assert (repr(described["visits"]), repr(described["visits_interval"])) == ("12", "[11, 13]")
    assert (described["mean_dwell_s"], described["mean_dwell_interval_s"]) == (83.4568, [70.0, 97.0])
    unseen = describe_zone_figures(ZoneFigures("attic"))
    assert set(unseen) == set(described)
    assert {name for name, value in unseen.items() if value is not None} == {"coverage", "experts"}

"""The visit rule, case by case; every walk is along y = 2 through the stand from x = 0 to x = 6."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
import shapely

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS, VISIT_COLUMNS, empty_table
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.visits import VisitSettings, compute_stays, find_layers, list_presence
from analytics.metrics.coverage import NOWHERE, CameraView, ViewEdge
from analytics.metrics.presence import Identity, order_rows
from tests.support.halls.known_crowd import STAND, make_track_table
from tests.support.oracles import compute_visits


def walk(x: list[float], *, from_s: float = 10.0, step_s: float = 0.5, sigma_m: float = 0.0) -> pd.DataFrame:
    moments = from_s + step_s * np.arange(len(x))
    return make_track_table(time_s=moments, tracklet=[1] * len(x), x_m=x, y_m=[2.0] * len(x), sigma_m=sigma_m)


def make_spans(*pairs: tuple[float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [("cam", start, end, 1) for start, end in pairs], columns=[column.name for column in SPAN_COLUMNS]
    )


LONG = make_spans((0.0, 2000.0))
BACK_TO_BACK = Zone(
    ZoneId("back"), ZoneKind.BOOTH, Polygon.from_points([(6, 0), (12, 0), (12, 4), (6, 4)], what="back")
)


def visits_of(tracks: pd.DataFrame, settings: VisitSettings | None = None, **options: object) -> list[tuple]:
    spans = options.pop("spans", LONG)
    zones = options.pop("zones", [STAND])
    table = compute_visits(tracks=tracks, zones=zones, spans=spans, settings=settings or VisitSettings())
    table[["entered_s", "left_s"]] = table[["entered_s", "left_s"]].round(3)
    return list(
        table[["zone", "entered_s", "left_s", "censored_start", "censored_end"]].itertuples(
            index=False, name=None
        )
    )


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        pytest.param([-2, -1, 1, *[2] * 7, 5, 7, 8], [(10.75, 15.25, 0, 0)], id="walk through with a stop"),
        pytest.param([-1, 1, 2, 3, 3, 4, 5, 7], [(10.25, 13.25, 0, 0)], id="exactly the minimum"),
        pytest.param(
            [-2, 1, 1, 1, 0.2, -0.2, 0.1, -0.2, 1, 1, -2], [(10.333, 14.667, 0, 0)], id="sways inside"
        ),
        pytest.param(
            [-2, -1, 0.1, -0.1, 0.2, -0.2, 0.1, -0.1, 0.1, 0.1, -2],
            [(10.955, 14.524, 0, 0)],
            id="sways at the outline",
        ),
        # 1.75 s beyond the band
        pytest.param([-2, *[1] * 3, *[-1] * 4, *[1] * 3, -1], [(10.333, 15.25, 0, 0)], id="leaves for 2 s"),
        pytest.param(
            [-2, *[1] * 7, *[-0.4] * 20, *[1] * 7, -1], [(10.333, 27.25, 0, 0)], id="stands in the band"
        ),
        pytest.param([-2, *[1] * 7, *[-0.4] * 20, -1], [(10.333, 13.857, 0, 0)], id="ends in the band"),
        pytest.param(
            [-2, *[1] * 7, *[-1] * 5, *[1] * 7, -1],
            [(10.333, 13.75, 0, 0), (16.25, 19.75, 0, 0)],
            id="leaves for longer",
        ),
        # half a step before the first row and after the last: nine rows of half a second are 4.5 s
        pytest.param([2.0] * 9, [(9.75, 14.25, 1, 1)], id="begins and ends inside"),
        pytest.param([0.1, 0.1, *[2] * 7, 7], [(9.75, 14.4, 1, 0)], id="begins near the outline, goes in"),
        pytest.param(
            [0.02, 0.02, -1, -1, *[2] * 7, 7],
            [(9.75, 15.4, 1, 0)],
            id="begins at the outline, goes out first",
        ),
        pytest.param([-2, 2, 2, 2, 2, np.nan, 2, 2, 2, 7], [(10.25, 14.4, 0, 0)], id="row without position"),
    ],
)
def test_visits_of_a_walk(x: list[float], expected: list[tuple]) -> None:
    assert visits_of(walk(x)) == [("stand", *visit) for visit in expected]


def test_a_stay_under_three_seconds_is_no_visit_and_is_kept_as_a_stay() -> None:
    tracks = walk([-2, 1, 2, 3, 4, 5, 7])
    assert visits_of(tracks) == []
    stays = compute_stays(tracks=tracks, zones=[STAND], spans=LONG, settings=VisitSettings())
    assert stays["seconds"].tolist() == pytest.approx([12.75 - 10 - 0.5 * 2 / 3])


def test_the_minimum_is_the_zone_s_own() -> None:
    patient = Zone(STAND.name, STAND.kind, STAND.outline, minimum_stay_s=5.0)
    assert visits_of(walk([-2, 1, 2, 3, 3, 4, 5, 7]), zones=[patient]) == []


@pytest.mark.parametrize(
    ("distance_m", "time_s", "visits"), [(0.5, 2.0, 2), (1.0, 2.0, 1), (0.5, 3.0, 1), (0.0, 0.0, 2)]
)
def test_distance_and_time_of_leaving_are_the_zone_s_own(
    distance_m: float, time_s: float, visits: int
) -> None:
    zone = dataclasses.replace(STAND, leave_distance_m=distance_m, leave_time_s=time_s)
    # 2.25 s beyond half a metre, 2.5 s beyond the outline, never beyond a metre
    assert len(visits_of(walk([-2, *[1] * 7, *[-1] * 5, *[1] * 7, -1]), zones=[zone])) == visits


def test_who_sways_at_the_edge_of_two_stands_is_in_the_one_they_came_to() -> None:
    tracks = walk([-2, *[5.8, 5.8, 6.2, 6.2] * 5, 5.8, 5.8, -2])
    assert visits_of(tracks, zones=[STAND, BACK_TO_BACK]) == [("stand", 10.128, 21.372, 0, 0)]
    assert visits_of(tracks, zones=[BACK_TO_BACK, STAND]) == [("stand", 10.128, 21.372, 0, 0)]


def test_who_goes_over_to_the_next_stand_leaves_the_first_at_the_shared_edge() -> None:
    tracks = walk([-2, *[5] * 10, *[7] * 10, 14])
    assert visits_of(tracks, zones=[STAND, BACK_TO_BACK]) == [
        ("stand", 10.143, 15.25, 0, 0),
        ("back", 15.25, 20.357, 0, 0),
    ]


def test_after_a_while_in_the_next_stand_a_return_is_a_new_visit() -> None:
    # within the first stand's band all the time
    tracks = walk([-2, *[5.8] * 10, *[6.2] * 8, *[5.8] * 10, -2])
    assert [(zone, entered_s, left_s) for zone, entered_s, left_s, *_ in visits_of(
        tracks, zones=[STAND, BACK_TO_BACK]
    )] == [("stand", 10.128, 15.25), ("back", 15.25, 19.25), ("stand", 19.25, 24.372)]  # fmt: skip


def test_an_aisle_beside_a_stand_does_not_end_a_stay_in_it() -> None:
    aisle = dataclasses.replace(BACK_TO_BACK, name=ZoneId("aisle"), kind=ZoneKind.AISLE)
    tracks = walk([-2, *[5.8] * 10, *[6.2] * 8, *[5.8] * 10, -2])
    assert [row[0] for row in visits_of(tracks, zones=[STAND, aisle])] == ["stand", "aisle"]


@pytest.mark.parametrize("seed", range(5))
def test_nobody_is_in_two_stands_at_once(seed: int) -> None:
    random = np.random.default_rng(seed)
    x = 6.0 + np.cumsum(random.normal(0, 0.15, 2000))
    x = 6.0 + 1.5 * np.sin(x)
    visits = compute_visits(
        tracks=walk(x.tolist()), zones=[STAND, BACK_TO_BACK], spans=LONG, settings=VisitSettings()
    )
    assert set(visits["zone"]) == {"stand", "back"}
    assert (visits["entered_s"].to_numpy()[1:] >= visits["left_s"].to_numpy()[:-1] - 1e-9).all()


def test_no_time_is_added_beyond_the_observation() -> None:
    assert visits_of(walk([2.0] * 9), spans=make_spans((10.0, 14.0))) == [("stand", 10.0, 14.0, 1, 1)]


def test_a_single_row_and_a_gap_between_rows_add_no_time() -> None:
    zones = [Zone(STAND.name, STAND.kind, STAND.outline, minimum_stay_s=0.0)]
    assert visits_of(walk([2.0]), zones=zones) == [("stand", 10.0, 10.0, 1, 1)]
    late = pd.concat([walk([2.0]), walk([2.0], from_s=18.0)])
    assert visits_of(late, zones=zones) == [("stand", 9.5, 18.5, 1, 1)]


@pytest.mark.parametrize("hidden_s", [18.0, 60.0, 600.0])
def test_who_is_hidden_and_found_in_the_same_zone_has_stayed(hidden_s: float) -> None:
    first = walk([-2, *[2] * 9])
    later = walk([*[2] * 9, 7], from_s=hidden_s)
    assert visits_of(pd.concat([first, later])) == [("stand", 10.25, hidden_s + 4.4, 0, 0)]


def test_who_is_hidden_and_found_elsewhere_left_unseen() -> None:
    first = walk([-2, *[2] * 9])
    assert visits_of(pd.concat([first, walk([-3, -3], from_s=60.0)])) == [("stand", 10.25, 14.75, 0, 1)]
    # came back unseen
    away = walk([-3, -3, -3, -3, -3, -3], from_s=40.0)
    assert visits_of(pd.concat([first, away, walk([*[2] * 9, 7], from_s=60.0)])) == [
        ("stand", 10.25, 14.75, 0, 1),
        ("stand", 59.75, 64.4, 1, 0),
    ]


def test_an_outage_of_the_observation_cuts_an_absence_that_sightings_alone_would_not() -> None:
    first = walk([-2, *[2] * 9])
    later = walk([*[2] * 9, 7], from_s=20.0)
    assert visits_of(pd.concat([first, later])) == [("stand", 10.25, 24.4, 0, 0)]
    spans = make_spans((0.0, 14.6), (19.8, 2000.0))
    assert visits_of(pd.concat([first, later]), spans=spans) == [
        ("stand", 10.25, 14.5, 0, 1),
        ("stand", 20.0, 24.4, 1, 0),
    ]


def test_a_busy_computer_makes_no_two_visits_of_one() -> None:
    first = walk([-2, *[2] * 9])
    later = walk([*[2] * 9, 7], from_s=18.0)
    spans = make_spans((0.0, 14.6), (17.8, 2000.0))
    assert visits_of(pd.concat([first, later]), spans=spans) == [("stand", 10.25, 22.4, 0, 0)]


def test_stitched_tracklets_are_one_visitor_and_unstitched_ones_are_not() -> None:
    x = [-2.0, *[2.0] * 10, 7.0]
    moments = 10 + 0.5 * np.arange(12)
    options = {"time_s": moments, "tracklet": [4] * 6 + [9] * 6, "x_m": x, "y_m": [2.0] * 12}
    stitched = make_track_table(visitor=[4] * 12, **options)
    assert visits_of(stitched) == [("stand", 10.25, 15.4, 0, 0)]
    zones = [Zone(STAND.name, STAND.kind, STAND.outline, minimum_stay_s=1.0)]
    assert visits_of(make_track_table(**options), zones=zones) == [
        ("stand", 10.25, 12.75, 0, 1),
        ("stand", 12.75, 15.4, 1, 0),
    ]
    by_tracklet = compute_stays(
        tracks=stitched, zones=[STAND], spans=LONG, settings=VisitSettings(), identity=Identity.TRACKLET
    )
    assert by_tracklet["visitor"].tolist() == [4, 9]


def test_a_visitor_and_an_unstitched_tracklet_of_the_same_number_are_two_persons() -> None:
    stitched = walk([-2.0, *[2.0] * 8, 7.0])
    stitched["visitor"] = pd.array([7] * 10, dtype="Int64")
    single = walk([2.0] * 10)
    single["tracklet"] = 7
    assert visits_of(pd.concat([stitched, single])) == [
        ("stand", 9.75, 14.75, 1, 1),
        ("stand", 10.25, 14.4, 0, 0),
    ]


def test_the_more_certain_of_two_simultaneous_rows_counts() -> None:
    sure = walk([-2.0, *[2.0] * 8, 7.0], sigma_m=0.1)
    unsure = walk([-9.0] * 10, sigma_m=0.5)
    unsure["camera"] = pd.Series(["other"] * 10, dtype="str")
    assert visits_of(pd.concat([sure, unsure])) == [("stand", 10.25, 14.4, 0, 0)]


def test_a_person_in_two_overlapping_zones_visits_both() -> None:
    corner = Zone(
        ZoneId("corner"), ZoneKind.OTHER, Polygon.from_points([(1, 1), (3, 1), (3, 3), (1, 3)], what="corner")
    )
    assert [row[0] for row in visits_of(walk([-2, *[2] * 8, 7]), zones=[STAND, corner])] == [
        "stand",
        "corner",
    ]


def test_a_narrow_zone_can_be_entered() -> None:
    narrow = Zone(
        ZoneId("strip"),
        ZoneKind.OTHER,
        Polygon.from_points([(1, 0), (1.3, 0), (1.3, 4), (1, 4)], what="strip"),
    )
    assert [row[0] for row in visits_of(walk([-2, *[1.15] * 8, 7]), zones=[narrow])] == ["strip"]


def test_no_rows_give_an_empty_table_with_every_column() -> None:
    visits = compute_visits(
        tracks=empty_table(TRACK_COLUMNS), zones=[STAND], spans=None, settings=VisitSettings()
    )
    assert len(visits) == 0
    assert {name: str(kind) for name, kind in visits.dtypes.items()} == {
        column.name: column.dtype for column in VISIT_COLUMNS
    }


def edges_of(tracks: pd.DataFrame, geometry: CameraGeometry, doors: shapely.Geometry = NOWHERE) -> list[str]:
    """Return the start and end edge of the only stay before a camera of 2000 by 1000 pixels."""
    view = CameraView(CameraId("cam"), geometry, (2000, 1000))
    (edges,) = compute_stays(
        tracks=tracks, zones=[STAND], spans=LONG, settings=VisitSettings(),
        view_edge=ViewEdge(views=[view], around=STAND.outline, doors=doors),
    )[["start_edge", "end_edge"]].values.tolist()  # fmt: skip
    return list(edges)


WALKS_OUT = [8.0, 7.0, 5.0, 4.0, 3.5, 3.1, 2.8, 2.5, 2.2]
STOPS = [8.0, 7.0, 5.0, 4.0, 3.0, 2.2, 2.2, 2.2, 2.2]


@pytest.mark.parametrize(
    ("x", "left_edge_x_m", "expected"),
    [(WALKS_OUT, 1.8, "view"), (STOPS, 1.8, "lost"), (WALKS_OUT, -5.0, "lost")],
)
def test_a_track_that_ends_walking_to_unseen_floor_left_the_view(
    x: list[float], left_edge_x_m: float, expected: str
) -> None:
    geometry = CameraGeometry(np.array([[0.01, 0.0, left_edge_x_m], [0.0, 0.01, -3.0], [0.0, 0.0, 1.0]]))
    assert edges_of(walk(x), geometry) == ["seen", expected]
    assert edges_of(walk(x[::-1]), geometry) == [expected, "seen"]


@pytest.mark.parametrize(("door_x_m", "expected"), [(1.0, "door"), (0.0, "lost")])
def test_a_track_that_ends_a_few_steps_from_a_door_mostly_left_by_it(door_x_m: float, expected: str) -> None:
    above = CameraGeometry(np.array([[0.01, 0.0, -5.0], [0.0, 0.01, -3.0], [0.0, 0.0, 1.0]]))
    assert edges_of(walk(STOPS), above, shapely.Point(door_x_m, 2.0).buffer(0.1)) == ["seen", expected]


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        pytest.param(
            [2.0, 2.2, 2.4, 2.6, 3.1, 3.6, 4.1, 4.6], "view", id="walks along an edge, then across one"
        ),
        pytest.param([2.0, 2.2, 2.4, 2.6, 2.6, 2.6, 2.6, 2.6], "lost", id="stands beside an edge"),
        pytest.param([0.5, 0.7, 0.9, 1.1, 1.6, 2.1, 2.6, 3.1], "lost", id="walks along an edge"),
    ],
)
def test_a_walk_along_one_edge_of_the_view_may_lead_across_another(x: list[float], expected: str) -> None:
    # up to x = 5, and from y = 1.5 on, half a metre beside the walk
    geometry = CameraGeometry(np.array([[0.01, 0.0, -15.0], [0.0, 0.01, 1.5], [0.0, 0.0, 1.0]]))
    assert edges_of(walk([7.0, 6.0, 1.0, *x]), geometry)[1] == expected


def test_a_track_that_begins_walking_into_the_view_came_across_its_edge() -> None:
    geometry = CameraGeometry(np.array([[0.01, 0.0, -15.0], [0.0, 0.01, 2.5], [0.0, 0.0, 1.0]]))
    moments = 10.0 + 0.5 * np.arange(12)
    tracks = make_track_table(
        time_s=moments,
        tracklet=[1] * 12,
        x_m=np.linspace(1, 3, 12).tolist(),
        y_m=np.minimum(1.2 + 0.7 * np.arange(12), 2.6).tolist(),
    )
    assert edges_of(tracks, geometry)[0] == "view"


def test_a_stay_at_the_end_of_the_period_was_cut_by_it() -> None:
    stays = compute_stays(
        tracks=walk([-2, *[2] * 9]), zones=[STAND], spans=make_spans((0, 15.0)), settings=VisitSettings()
    )
    assert stays["end_edge"].tolist() == ["period"]


def test_presence_ends_with_every_step_over_the_outline() -> None:
    tracks = walk([-2, 1, 1, 1, 0.2, -0.2, 0.1, -0.2, 1, 1, -2])
    inside = list_presence(ordered=order_rows(tracks), zones=[STAND], spans=LONG, settings=VisitSettings())
    assert inside[["entered_s", "left_s"]].to_numpy() == pytest.approx(
        np.array([(10 + 1 / 3, 12.25), (12.833, 13.167), (13.583, 14.667)]), abs=1e-3
    )


def test_zones_of_one_layer_do_not_overlap() -> None:
    inner = Zone(
        ZoneId("table"), ZoneKind.OTHER, Polygon.from_points([(1, 1), (2, 1), (2, 2), (1, 2)], what="table")
    )
    aisle = dataclasses.replace(BACK_TO_BACK, name=ZoneId("aisle"), kind=ZoneKind.AISLE)
    assert find_layers([STAND, BACK_TO_BACK, inner, aisle]).tolist() == [0, 0, 1, 2]

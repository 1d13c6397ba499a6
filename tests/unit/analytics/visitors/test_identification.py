from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.columns import TRACK_COLUMNS, empty_table
from analytics.domain.errors import ExpoFlowError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.visitors.identification import LINK_COLUMNS, identify_visitors
from tests.unit.analytics.visitors.walks import join, spans, walk, with_types


def visitors_of(tracks: pd.DataFrame) -> dict[int, set[int]]:
    return {int(tracklet): set(rows["visitor"].astype(int)) for tracklet, rows in tracks.groupby("tracklet")}


def together(tracks: pd.DataFrame, *tracklets: int) -> bool:
    visitors = visitors_of(tracks)
    return len(set.union(*(visitors[tracklet] for tracklet in tracklets))) == 1


def test_a_standing_visitor_is_found_again() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=20, at_m=(3, 3), seed=1),
        walk(2, start_s=24, end_s=60, at_m=(3.1, 3), seed=2),
    )
    result = identify_visitors(tracks=tracks)
    assert together(result.tracks, 1, 2)
    link = result.links.iloc[0]
    assert (link["from_tracklet"], link["to_tracklet"], link["kind"]) == (1, 2, "stitch")
    assert link["gap_s"] == pytest.approx(4.0)
    assert 0.9 < link["confidence"] <= 1.0


def test_somebody_who_sits_is_found_again_after_two_minutes_hidden() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=120, at_m=(3, 3), sigma_m=0.08, seed=1),
        walk(2, start_s=0, end_s=400, at_m=(4, 3), sigma_m=0.08, seed=2),
        walk(3, start_s=235, end_s=400, at_m=(3.1, 3), sigma_m=0.08, seed=3),
    )
    visitors = identify_visitors(tracks=tracks).tracks
    assert together(visitors, 1, 3)
    assert not together(visitors, 1, 2)


def test_a_walker_is_found_where_the_way_leads() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=8, velocity_m_s=(1.1, 0), seed=1),
        walk(2, start_s=11, end_s=20, velocity_m_s=(1.1, 0), seed=2),
        walk(3, start_s=11, end_s=20, at_m=(22, -2), velocity_m_s=(-1.1, 0.2), seed=3),
    )
    result = identify_visitors(tracks=tracks)
    assert together(result.tracks, 1, 2)
    assert not together(result.tracks, 1, 3)


def test_two_people_who_cross_unseen_keep_their_identity() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=8, velocity_m_s=(1, 0), seed=1),
        walk(2, start_s=0, end_s=8, at_m=(20, 0.3), velocity_m_s=(-1, 0), seed=2),
        walk(3, start_s=12, end_s=20, velocity_m_s=(1, 0), seed=3),
        walk(4, start_s=12, end_s=20, at_m=(20, 0.3), velocity_m_s=(-1, 0), seed=4),
    )
    result = identify_visitors(tracks=tracks)
    assert together(result.tracks, 1, 3)
    assert together(result.tracks, 2, 4)
    assert not together(result.tracks, 1, 2)


def test_tracklets_too_far_apart_for_a_sprinter_are_not_linked() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=10, at_m=(0, 0)),
        walk(2, start_s=11, end_s=20, at_m=(9, 0)),
    )
    result = identify_visitors(tracks=tracks)
    assert not together(result.tracks, 1, 2)
    assert not len(result.links)


def test_a_different_height_prevents_a_link() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=10, at_m=(5, 0), height_m=1.9, seed=1),
        walk(2, start_s=12, end_s=30, at_m=(5.3, 0), height_m=1.5, seed=2),
        walk(3, start_s=12, end_s=30, at_m=(4.6, 0), height_m=1.9, seed=3),
    )
    assert together(identify_visitors(tracks=tracks).tracks, 1, 3)


def test_a_rival_lowers_the_confidence() -> None:
    lost = walk(1, start_s=0, end_s=10, at_m=(5, 0), seed=1)
    near = walk(2, start_s=13, end_s=30, at_m=(5.3, 0), seed=2)
    rival = walk(3, start_s=13, end_s=30, at_m=(4.6, 0), seed=3)
    alone = identify_visitors(tracks=join(lost, near)).links["confidence"].max()
    contested = identify_visitors(tracks=join(lost, near, rival)).links["confidence"].max()
    assert contested < alone


@pytest.mark.parametrize(
    ("second_camera", "on", "is_linked"),
    [
        pytest.param("cam", spans(("cam", 0, 60)), True, id="no outage"),
        pytest.param("cam", spans(("cam", 0, 20), ("cam", 28, 60)), False, id="outage"),
        pytest.param(
            "east", spans(("cam", 0, 20), ("east", 0, 60), ("cam", 28, 60)), True, id="another camera saw it"
        ),
    ],
)
def test_no_link_over_a_long_outage(second_camera: str, on: pd.DataFrame, is_linked: bool) -> None:
    tracks = join(
        walk(1, start_s=0, end_s=20, at_m=(3, 3)),
        walk(2, start_s=28, end_s=60, at_m=(3, 3), camera=second_camera),
    )
    assert together(identify_visitors(tracks=tracks, spans=on).tracks, 1, 2) == is_linked


def test_people_who_enter_through_a_door_are_not_linked() -> None:
    outline = Polygon.from_points([(0, 0), (2, 0), (2, 2), (0, 2)], what="door")
    door = Zone(ZoneId("door"), ZoneKind.ENTRANCE, outline)
    pieces = []
    for number in range(8):
        left_s, came_s = 20.0 * number, 20.0 * number + 10
        pieces.append(
            walk(2 * number, start_s=left_s, end_s=left_s + 7, at_m=(8 + left_s, 1), velocity_m_s=(-1, 0))
        )
        pieces.append(
            walk(2 * number + 1, start_s=came_s, end_s=came_s + 7, at_m=(1 - came_s, 1), velocity_m_s=(1, 0))
        )
    links = identify_visitors(tracks=join(*pieces), zones=[door]).links
    assert not (links["from_tracklet"] % 2 == 0).any()


def test_two_cameras_make_one_visitor() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=20, velocity_m_s=(0.8, 0), seed=1),
        walk(2, start_s=8.07, end_s=40, velocity_m_s=(0.8, 0), camera="east", seed=2),
    )
    result = identify_visitors(tracks=tracks)
    assert together(result.tracks, 1, 2)
    assert result.links["kind"].tolist() == ["overlap"]
    both = result.tracks[result.tracks["time_s"].between(8.1, 19.9)]
    assert both["tracklet"].nunique() == 1
    assert np.diff(both["time_s"]).min() > 0.15


def test_cameras_that_disagree_are_brought_together() -> None:
    pieces = []
    for number in range(12):
        start_s = 15.0 * number
        place = (0.0, 1.5 * (number % 5))
        way = (0.7 if number % 2 else -0.7, 0.1)
        origin = (place[0] - way[0] * start_s, place[1] - way[1] * start_s)
        moved = (origin[0] + 0.5, origin[1] - 0.3)
        pieces.append(
            walk(number, start_s=start_s, end_s=start_s + 20, at_m=origin, velocity_m_s=way, seed=number)
        )
        pieces.append(
            walk(100 + number, start_s=start_s + 0.1, end_s=start_s + 19, at_m=moved, velocity_m_s=way,
                 camera="east", seed=100 + number)
        )  # fmt: skip
    result = identify_visitors(tracks=join(*pieces))
    assert result.tracks["visitor"].nunique() == 12
    (shift,) = result.parameters["camera_disagreement_m"].values()  # type: ignore[attr-defined]
    assert shift == pytest.approx([0.5, -0.3], abs=0.15)


def test_a_table_without_rows() -> None:
    result = identify_visitors(tracks=empty_table(TRACK_COLUMNS))
    assert not len(result.tracks)
    assert list(result.tracks.columns) == [column.name for column in TRACK_COLUMNS]
    assert list(result.links.columns) == [column.name for column in LINK_COLUMNS]


def test_types_of_the_result() -> None:
    tracks = join(walk(1, start_s=0, end_s=5), walk(2, start_s=7, end_s=9))
    result = identify_visitors(tracks=tracks)
    for column in TRACK_COLUMNS:
        assert str(result.tracks[column.name].dtype) == column.dtype
    for column in LINK_COLUMNS:
        assert str(result.links[column.name].dtype) == column.dtype


def test_rows_that_are_no_positions_are_left_out() -> None:
    tracks = join(walk(1, start_s=0, end_s=10, seed=1), walk(2, start_s=0, end_s=10, at_m=(9, 9), seed=2))
    broken = tracks.copy()
    broken.loc[5, "x_m"] = np.nan
    broken.loc[8, "time_s"] = np.inf
    result = identify_visitors(tracks=broken)
    assert result.tracks[["time_s", "x_m", "y_m"]].notna().all(axis=None)
    assert result.tracks["visitor"].nunique() == 2


def test_an_unknown_position_error_is_taken_as_an_ordinary_one() -> None:
    tracks = walk(1, start_s=0, end_s=10, seed=1)
    tracks.loc[3:6, "sigma_m"] = [np.nan, -1.0, np.inf, 0.0]
    result = identify_visitors(tracks=with_types(tracks, TRACK_COLUMNS))
    assert (result.tracks["sigma_m"] > 0).all()
    assert np.isfinite(result.tracks["sigma_m"]).all()


def test_rows_twice_are_rows_once() -> None:
    tracks = walk(1, start_s=0, end_s=10, seed=1)
    twice = pd.concat([tracks, tracks], ignore_index=True)
    pd.testing.assert_frame_equal(
        identify_visitors(tracks=twice).tracks, identify_visitors(tracks=tracks).tracks
    )


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ExpoFlowError, match="sigma_m"):
        identify_visitors(tracks=walk(1, start_s=0, end_s=1).drop(columns="sigma_m"))

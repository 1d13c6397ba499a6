from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.visitors import identification
from analytics.visitors.identification import make_visitor_tracks
from analytics.visitors.tracklet_rows import read_tracklet_rows
from analytics.visitors.visitor_settings import PATHS, PathSettings
from tests.unit.analytics.visitors.walks import join, walk


def make_path(tracks: pd.DataFrame, visitor: list[int], *, smoothing_s: float = 0.0) -> pd.DataFrame:
    rows = read_tracklet_rows(tracks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identification, "PATHS", PathSettings(smoothing_s=smoothing_s))
        return make_visitor_tracks(tracks=tracks, rows=rows, visitor=np.array(visitor))


def test_a_short_gap_is_filled_on_a_straight_line() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=4, velocity_m_s=(1, 0)), walk(2, start_s=6, end_s=9, velocity_m_s=(1, 0))
    )
    path = make_path(tracks, [1, 1])
    filled = path[path["state"] == "interpolated"]
    assert filled["time_s"].tolist() == pytest.approx(np.arange(4.2, 5.9, 0.2).tolist())
    assert filled["x_m"].tolist() == pytest.approx(filled["time_s"].tolist(), abs=1e-5)
    assert filled["height_m"].isna().all()
    assert filled["sigma_m"].max() > tracks["sigma_m"].max()


def test_a_long_gap_of_a_walker_stays_open() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=4, velocity_m_s=(1, 0)), walk(2, start_s=10, end_s=14, velocity_m_s=(1, 0))
    )
    assert not (make_path(tracks, [1, 1])["state"] == "interpolated").any()


def test_a_gap_between_coasted_tracks_is_filled() -> None:
    tracks = join(walk(1, start_s=0, end_s=4), walk(2, start_s=5, end_s=7)).assign(state="coasted")
    assert make_path(tracks, [1, 1])["time_s"].between(4.1, 4.9).sum() == 4


def test_a_path_lasts_from_the_first_to_the_last_detection() -> None:
    tracks = join(walk(1, start_s=2, end_s=4), walk(2, start_s=5, end_s=7))
    path = make_path(tracks, [1, 1], smoothing_s=PATHS.smoothing_s)
    assert (path["time_s"].min(), path["time_s"].max()) == (2.0, 7.0)


def test_different_visitors_are_not_joined() -> None:
    tracks = join(walk(1, start_s=0, end_s=4), walk(2, start_s=5, end_s=7))
    assert len(make_path(tracks, [1, 2])) == len(tracks)


def test_overlapping_cameras_give_one_row_a_moment_weighted_by_precision() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=4, at_m=(0, 0), sigma_m=0.1),
        walk(2, start_s=0.07, end_s=6, at_m=(0.5, 0), sigma_m=0.2, camera="east"),
    )
    path = make_path(tracks, [1, 1])
    both = path[path["time_s"].between(0.1, 3.9)]
    assert set(both["tracklet"]) == {1}
    assert both["x_m"].tolist() == pytest.approx([0.1] * len(both), abs=1e-5)
    assert both["sigma_m"].max() < 0.1
    alone = path[path["time_s"] > 4.0]
    assert set(alone["tracklet"]) == {2}
    assert alone["x_m"].tolist() == pytest.approx([0.5] * len(alone), abs=1e-5)


def test_smoothing_leaves_a_straight_walk_where_it_was() -> None:
    tracks = walk(1, start_s=0, end_s=9, velocity_m_s=(1.2, -0.4))
    path = make_path(tracks, [1], smoothing_s=PATHS.smoothing_s)
    assert path["x_m"].tolist() == pytest.approx(tracks["x_m"].tolist(), abs=1e-4)


def test_smoothing_lowers_noise() -> None:
    tracks = walk(1, start_s=0, end_s=60, seed=5)
    path = make_path(tracks, [1], smoothing_s=PATHS.smoothing_s)
    assert path["x_m"].std() < 0.6 * tracks["x_m"].std()


def test_rows_of_nested_tracklets_stay_in_time_order() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=10, sigma_m=0.3),
        walk(2, start_s=4, end_s=6, sigma_m=0.1),
        walk(3, start_s=0, end_s=9),
    )
    path = make_path(tracks, [1, 1, 2])
    assert path.loc[path["visitor"] == 1, "time_s"].is_monotonic_increasing
    assert not path.duplicated(["visitor", "time_s"]).any()
    assert set(path.loc[path["time_s"].between(4, 6) & (path["visitor"] == 1), "tracklet"]) == {2}

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.visitors.identification import identify_visitors
from analytics.visitors.switches.takeover_splitting import cut_takeovers
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows
from tests.unit.analytics.visitors.walks import join, walk

STANDER_SINCE_S, TAKEN_S, FOUND_S = 0.0, 10.0, 11.0


def pass_by_a_stander() -> pd.DataFrame:
    """Make a stander at (5, 5) whose tracklet 1 follows a passing walker from 10 s on.

    The walker came in tracklet 2; who stands is found again in tracklet 3.
    """
    return join(
        walk(1, start_s=STANDER_SINCE_S, end_s=TAKEN_S - 0.2, at_m=(5.0, 5.0), velocity_m_s=(0, 0), seed=1),
        walk(1, start_s=TAKEN_S, end_s=20, at_m=(-4.8, 5.2), velocity_m_s=(1, 0), seed=2),
        walk(2, start_s=2, end_s=TAKEN_S - 0.2, at_m=(-4.8, 5.2), velocity_m_s=(1, 0), seed=3),
        walk(3, start_s=FOUND_S, end_s=25, at_m=(5.0, 5.0), velocity_m_s=(0, 0), seed=4),
    )


def cut(tracks: pd.DataFrame) -> TrackletRows:
    return cut_takeovers(
        read_tracklet_rows(tracks),
    )


def test_a_tracklet_is_split_where_it_switches_to_another_person() -> None:
    rows = cut(pass_by_a_stander())
    assert rows.number.tolist() == [1, 1, 2, 3]
    assert abs(rows.time_s[rows.starts[1]] - TAKEN_S) < 1


def test_both_keep_their_ways_through_a_takeover() -> None:
    tracks = identify_visitors(tracks=pass_by_a_stander()).tracks
    assert tracks["visitor"].nunique() == 2
    stands = tracks[tracks["tracklet"] == 3]["visitor"].unique()
    way_m = tracks[tracks["visitor"] == stands[0]][["x_m", "y_m"]].agg(np.ptp)
    assert len(stands) == 1
    assert (way_m < 1.5).all()


def test_a_new_track_beside_a_walker_causes_no_split() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=20, at_m=(-5.0, 5.0), velocity_m_s=(1, 0), seed=1),
        walk(2, start_s=10, end_s=25, at_m=(5.2, 5.3), velocity_m_s=(0, 0), seed=2),
    )
    assert cut(tracks).number.tolist() == [1, 2]


def test_a_tracklet_of_another_camera_causes_no_split() -> None:
    tracks = pass_by_a_stander()
    tracks["camera"] = tracks["camera"].where(tracks["tracklet"] != 3, "east")
    assert cut(tracks).number.tolist() == [1, 2, 3]

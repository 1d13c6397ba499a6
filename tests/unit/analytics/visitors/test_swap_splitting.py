from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.visitors.identification import identify_visitors
from analytics.visitors.switches.swap_splitting import cut_handovers
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows, split_pieces
from tests.unit.analytics.visitors.walks import join, walk


def cross_with_swap() -> pd.DataFrame:
    """Make two people who meet at x = 10 at 10 s; the first camera swaps their tracklets."""
    tracks = join(
        walk(1, start_s=0, end_s=30, at_m=(0, 5.0), velocity_m_s=(1, 0), seed=1),
        walk(2, start_s=0, end_s=30, at_m=(20, 5.6), velocity_m_s=(-1, 0), seed=2),
        walk(3, start_s=0.1, end_s=30, at_m=(0, 5.0), velocity_m_s=(1, 0), camera="east", seed=3),
        walk(4, start_s=0.1, end_s=30, at_m=(20, 5.6), velocity_m_s=(-1, 0), camera="east", seed=4),
    )
    is_later = tracks["time_s"] >= 10
    swapped = tracks["tracklet"].where(~(is_later & (tracks["tracklet"] <= 2)), 3 - tracks["tracklet"])
    tracks["tracklet"] = swapped
    return tracks


def cut(tracks: pd.DataFrame) -> TrackletRows:
    return cut_handovers(read_tracklet_rows(tracks))


def count_cuts(tracks: pd.DataFrame) -> dict[int, int]:
    rows = cut(tracks)
    numbers, pieces = np.unique(rows.number, return_counts=True)
    return {int(number): int(count) - 1 for number, count in zip(numbers, pieces, strict=True) if count > 1}


def test_a_handover_is_cut_where_it_happened() -> None:
    rows = cut(cross_with_swap())
    begins = {
        int(number): begin_s
        for number, begin_s in zip(rows.number, rows.time_s[rows.starts], strict=True)
        if begin_s > 1
    }
    assert {1, 2} <= set(begins)
    assert all(abs(begin_s - 10) < 2.5 for begin_s in begins.values())


def test_heights_identify_the_swapped_pair() -> None:
    tracks = cross_with_swap()
    is_tall = tracks["tracklet"].isin([1, 3])
    is_later = (tracks["time_s"] >= 10) & (tracks["tracklet"] <= 2)
    tracks["height_m"] = np.where(is_tall ^ is_later, 1.85, 1.65)
    assert set(count_cuts(tracks)) == {1, 2}


def test_a_third_camera_prevents_wrong_splits() -> None:
    witness = (
        walk(5, start_s=0.2, end_s=30, at_m=(0, 5.0), velocity_m_s=(1, 0), camera="west", seed=5),
        walk(6, start_s=0.2, end_s=30, at_m=(20, 5.6), velocity_m_s=(-1, 0), camera="west", seed=6),
    )
    assert set(count_cuts(cross_with_swap())) == {1, 2, 3, 4}
    assert set(count_cuts(join(cross_with_swap(), *witness))) == {1, 2}


def test_people_keep_their_ways_through_a_handover() -> None:
    result = identify_visitors(tracks=cross_with_swap())
    ways = result.tracks.groupby("visitor")["x_m"].agg(["first", "last"])
    assert len(ways) == 2
    assert (abs(ways["last"] - ways["first"]) > 25).all()


def test_agreeing_cameras_cause_no_split() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=30, velocity_m_s=(0.8, 0), seed=1),
        walk(2, start_s=0, end_s=30, at_m=(0, 1.0), velocity_m_s=(0.8, 0), seed=2),
        walk(3, start_s=5.1, end_s=35, velocity_m_s=(0.8, 0), camera="east", seed=3),
        walk(4, start_s=5.1, end_s=35, at_m=(0, 1.0), velocity_m_s=(0.8, 0), camera="east", seed=4),
    )
    assert count_cuts(tracks) == {}


def test_a_single_camera_is_left_alone() -> None:
    tracks = cross_with_swap()
    assert count_cuts(tracks[tracks["camera"] == "cam"].reset_index(drop=True)) == {}


def test_a_cut_leaves_every_row() -> None:
    rows = read_tracklet_rows(join(walk(5, start_s=0, end_s=4), walk(9, start_s=1, end_s=3)))
    cut = split_pieces(rows, piece=np.array([0, 0, 1, 1]), at_s=np.array([2.0, 99.0, 1.0, 2.1]))
    assert cut.number.tolist() == [5, 5, 9, 9]
    assert cut.time_s[cut.starts].tolist() == [0.0, 2.0, 1.0, 2.2]
    assert (cut.ends - cut.starts).sum() == len(rows.time_s)


def test_two_who_stay_in_place_are_not_exchanged_by_a_camera_that_mixes_them() -> None:
    tracks = join(
        walk(1, start_s=0, end_s=120, at_m=(5, 7), sigma_m=0.08, seed=1),
        walk(2, start_s=0, end_s=120, at_m=(5, 8), sigma_m=0.08, seed=2),
        walk(3, start_s=0.1, end_s=59.9, at_m=(5, 7.3), camera="east", sigma_m=0.08, seed=3),
        walk(4, start_s=60.1, end_s=120, at_m=(5, 7.7), camera="east", sigma_m=0.08, seed=4),
    )
    # the other camera, in whose line of sight both stand, follows one of them and then the other
    tracks["tracklet"] = tracks["tracklet"].replace(4, 3)
    assert count_cuts(tracks) == {}
    visitors = identify_visitors(tracks=tracks).tracks
    assert visitors.loc[visitors["tracklet"] == 2, "visitor"].nunique() == 1

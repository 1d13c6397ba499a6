from __future__ import annotations

import pytest

from analytics.columns import TRACK_COLUMNS, empty_table
from analytics.metrics.track_breaks import measure_mean_gap
from tests.support.halls.known_crowd import make_track_table


def test_the_mean_gap_is_between_the_pieces_of_one_visitor() -> None:
    tracks = make_track_table(
        time_s=[0, 1, 3, 4, 9, 0, 5],
        tracklet=[1, 1, 2, 2, 3, 4, 4],
        visitor=[1, 1, 1, 1, 1, 4, 4],
        x_m=[0] * 7,
        y_m=[0] * 7,
    )
    assert measure_mean_gap(tracks=tracks, longest_gap_s=10.0) == pytest.approx(3.5)
    assert measure_mean_gap(tracks=tracks, longest_gap_s=4.0) == pytest.approx(2.0)


def test_without_stitching_only_unambiguous_gaps_count() -> None:
    # 2 follows 1 after 2 s; 3 or 4 may follow 2; 5 begins too far away, 6 too late
    tracks = make_track_table(
        time_s=[0, 1, 3, 4, 7, 8, 7, 8, 2, 9, 20],
        tracklet=[1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6],
        x_m=[0, 0, 1, 1, 1.5, 1.5, 1.2, 1.2, 30, 30, 1.5],
        y_m=[0] * 11,
    )
    assert measure_mean_gap(tracks=tracks, longest_gap_s=10.0) == pytest.approx(2.0)


def test_tracks_without_a_continuation_have_no_gap() -> None:
    assert measure_mean_gap(tracks=empty_table(TRACK_COLUMNS), longest_gap_s=10.0) == 0.0
    alone = make_track_table(time_s=[0, 1, 2], tracklet=[1, 1, 1], x_m=[0] * 3, y_m=[0] * 3)
    assert measure_mean_gap(tracks=alone, longest_gap_s=10.0) == 0.0

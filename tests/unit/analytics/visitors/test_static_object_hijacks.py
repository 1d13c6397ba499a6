"""Tracks of walkers held by a poster, and visitors who stop there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.identifiers import CameraId
from analytics.visitors.false_positives.corrections import correct_tracks
from analytics.visitors.false_positives.false_persons import FalsePlace
from analytics.visitors.false_positives.static_object_hijacks import cut_out_hijacks
from analytics.visitors.identification import identify_visitors
from tests.unit.analytics.visitors.test_false_persons import join, make_poster, make_visitor

PLACE = FalsePlace(CameraId("cam"), 3.0, 4.0, 0.5, 200.0, 3, 0.0, 600.0, is_certain=True)


def cut(tracks: pd.DataFrame, *places: FalsePlace) -> pd.DataFrame:
    return cut_out_hijacks(tracks=tracks, places=places or (PLACE,))


def make_held(*, tracklet: int, from_s: float, held_s: float = 60.0, seed: int = 1) -> pd.DataFrame:
    """Make a track that walks up, is held at the place with detector noise, and walks on."""
    rng = np.random.default_rng(seed)
    held = make_visitor(tracklet=tracklet, from_s=from_s, stands_s=held_s)
    rests = (held["x_m"] - 3.0).abs() < 0.01
    held.loc[rests, "x_m"] += rng.normal(0, 0.08, int(rests.sum())).astype(np.float32)
    held.loc[rests, "y_m"] += rng.normal(0, 0.08, int(rests.sum())).astype(np.float32)
    return held


def find_seconds_at_place(tracks: pd.DataFrame) -> float:
    return 0.2 * int((np.hypot(tracks["x_m"] - 3.0, tracks["y_m"] - 4.0) < 0.3).sum())


def test_the_time_at_a_static_object_is_cut_from_a_walkers_track() -> None:
    tracks = make_held(tracklet=7, from_s=10)
    kept = cut(tracks)
    assert find_seconds_at_place(tracks) > 59
    assert find_seconds_at_place(kept) < 6
    walked = kept[(kept["x_m"] - 3.0).abs() > 0.6]
    assert len(walked) == int(((tracks["x_m"] - 3.0).abs() > 0.6).sum())


def test_the_parts_before_and_after_a_static_object_get_different_numbers() -> None:
    other = make_visitor(tracklet=8, from_s=0, stands_s=30, at=(9.0, 9.0))
    kept = cut(join(make_held(tracklet=7, from_s=10), other))
    before, after = kept[kept["x_m"] < 2.4], kept[kept["x_m"].between(3.6, 7.9) & (kept["y_m"] < 5)]
    assert set(before[before["y_m"] < 5]["tracklet"]) == {7}
    assert len(set(after["tracklet"])) == 1
    assert not set(after["tracklet"]) & {7, 8}
    pd.testing.assert_frame_equal(
        kept[kept["tracklet"] == 8].reset_index(drop=True), other, check_index_type=False
    )


def test_a_track_may_be_held_twice_and_two_tracks_at_once() -> None:
    first, second = make_held(tracklet=7, from_s=0), make_held(tracklet=7, from_s=200)
    kept = cut(join(first, second, make_held(tracklet=9, from_s=90, seed=2)))
    assert find_seconds_at_place(kept) < 15
    assert kept.groupby("tracklet")["time_s"].agg(np.ptp).max() < 140
    assert kept["tracklet"].nunique() == 5


@pytest.mark.parametrize(
    ("at", "held_s", "sigma_m"),
    [
        pytest.param((3.45, 4.0), 60.0, 0.1, id="in front of it"),
        pytest.param((4.0, 4.0), 60.0, 2.5, id="beside it, at an uncertain position"),
        pytest.param((3.0, 4.0), 12.0, 0.1, id="for a short time"),
    ],
)
def test_a_visitor_who_stops_there_is_kept(at: tuple[float, float], held_s: float, sigma_m: float) -> None:
    visitor = make_visitor(tracklet=7, from_s=0, stands_s=held_s, at=at).assign(sigma_m=sigma_m)
    pd.testing.assert_frame_equal(cut(visitor), visitor)


def test_short_drags_of_a_poster_box_make_no_visit() -> None:
    tracks = make_held(tracklet=7, from_s=0, held_s=150)
    for begins_s in (45.0, 90.0, 130.0):
        tracks.loc[tracks["time_s"].between(begins_s, begins_s + 3), "x_m"] += 0.5
    poster = join(
        make_poster(tracklet=1, from_s=-200, seconds=100), make_poster(tracklet=3, from_s=300, seconds=100)
    )
    kept = correct_tracks(tracks=join(poster, tracks)).tracks
    assert kept["tracklet"].nunique() == 2
    identified = identify_visitors(tracks=kept)
    assert find_seconds_at_place(identified.tracks) < 6


def test_rows_without_a_place_neither_count_nor_keep_a_rest() -> None:
    tracks = make_held(tracklet=7, from_s=10)
    tracks.loc[tracks.index[::60], "x_m"] = np.nan
    assert find_seconds_at_place(cut(tracks)) < 6


def test_a_gap_in_the_track_prevents_a_cut() -> None:
    tracks = make_held(tracklet=7, from_s=10, held_s=90)
    rests = (tracks["x_m"] - 3.0).abs() < 0.5
    middle = tracks.index[rests][30:-30]
    assert len(cut(tracks.drop(middle))) == len(tracks) - len(middle)


def test_another_cameras_tracklet_of_the_same_number_keeps_it() -> None:
    tracks = make_held(tracklet=7, from_s=10)
    kept = cut(join(tracks, tracks.assign(camera="other", y_m=tracks["y_m"] + 3)))
    assert set(kept[kept["camera"] == "other"]["tracklet"]) == {7}
    assert kept[kept["camera"] == "cam"]["tracklet"].nunique() == 2


def test_an_empty_table_or_no_places_cause_no_cut() -> None:
    tracks = make_held(tracklet=7, from_s=10)
    assert cut_out_hijacks(tracks=tracks, places=()) is tracks
    assert cut(tracks.iloc[:0]).empty

"""Static objects, and people who stand for a long time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.visitors.false_positives.false_persons import exclude_false_persons, find_false_places
from tests.support.halls.known_crowd import make_track_table


def make_poster(
    *,
    tracklet: int,
    from_s: float,
    seconds: float,
    at: tuple[float, float] = (3.0, 4.0),
    noise_m: float = 0.08,
) -> pd.DataFrame:
    rng = np.random.default_rng(tracklet)
    times_s = np.arange(from_s, from_s + seconds, 0.2)
    return make_track_table(
        time_s=times_s,
        tracklet=[tracklet] * len(times_s),
        x_m=at[0] + rng.normal(0, noise_m, len(times_s)),
        y_m=at[1] + rng.normal(0, noise_m, len(times_s)),
        sigma_m=noise_m,
    )


def make_visitor(
    *, tracklet: int, from_s: float, stands_s: float, at: tuple[float, float] = (3.0, 4.0)
) -> pd.DataFrame:
    """Make a visitor who walks 5 m up to a place, stands still, and walks on."""
    way = np.arange(0, 5, 0.2)
    x_m = np.concatenate([at[0] - 5 + way, np.full(round(stands_s / 0.2), at[0]), at[0] + way])
    times_s = from_s + 0.2 * np.arange(len(x_m))
    y_m = np.full(len(x_m), at[1])
    return make_track_table(time_s=times_s, tracklet=[tracklet] * len(x_m), x_m=x_m, y_m=y_m, sigma_m=0.1)


def join(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True).sort_values("time_s", kind="stable", ignore_index=True)


def test_pieces_at_one_poster_form_one_certain_place() -> None:
    tracks = join(
        make_poster(tracklet=1, from_s=0, seconds=45),
        make_poster(tracklet=2, from_s=110, seconds=45),
    )
    (place,) = find_false_places(tracks=tracks)
    assert place.is_certain
    assert place.pieces == 2
    assert 89 < place.seconds < 91
    assert abs(place.x_m - 3.0) < 0.05
    assert abs(place.y_m - 4.0) < 0.05


@pytest.mark.parametrize(
    ("seconds", "others_from_s", "others_stand_s", "expected"),
    [
        pytest.param(150, 0, 220, [True], id="appears and vanishes while the camera records"),
        pytest.param(150, 40, 180, [False], id="is there when the camera begins to record"),
        pytest.param(150, 0, 110, [False], id="is there when the camera ceases to record"),
        pytest.param(110, 0, 220, [], id="is there for a minute or two only"),
    ],
)
def test_a_track_that_appears_and_vanishes_on_the_spot_is_certain(
    seconds: float, others_from_s: float, others_stand_s: float, expected: list[bool]
) -> None:
    tracks = join(
        make_poster(tracklet=1, from_s=45, seconds=seconds),
        make_visitor(tracklet=2, from_s=others_from_s, stands_s=others_stand_s, at=(9.0, 9.0)),
    )
    assert [place.is_certain for place in find_false_places(tracks=tracks)] == expected


def test_a_poster_with_a_briefly_dragged_box_stays_certain() -> None:
    dragged = make_poster(tracklet=1, from_s=0, seconds=100)
    middle = dragged["time_s"].between(40, 47)
    dragged.loc[middle, "x_m"] += 0.5
    tracks = join(dragged, make_poster(tracklet=2, from_s=170, seconds=45))
    (place,) = find_false_places(tracks=tracks)
    assert place.is_certain
    assert place.pieces == 2
    assert exclude_false_persons(tracks=tracks, places=(place,)).empty


def test_a_visitor_with_a_short_walk_and_a_long_stop_is_kept() -> None:
    poster = join(
        make_poster(tracklet=1, from_s=0, seconds=45), make_poster(tracklet=2, from_s=110, seconds=45)
    )
    (place,) = find_false_places(tracks=poster)
    visitor = make_visitor(tracklet=3, from_s=200, stands_s=600)
    near = visitor[(visitor["x_m"] - 3.0).abs() < 1.0]
    assert find_false_places(tracks=near) == ()
    assert set(exclude_false_persons(tracks=join(poster, near), places=(place,))["tracklet"]) == {3}


def make_shifting_piece(*, shift_m: float) -> pd.DataFrame:
    """Make a track that stands for 200 s, the last of them a little beside."""
    still = make_poster(tracklet=1, from_s=0, seconds=200, noise_m=0.01)
    still.loc[still["time_s"] > 140, "x_m"] += shift_m
    return still


def make_wanderer() -> pd.DataFrame:
    sway = np.cumsum(np.random.default_rng(5).normal(0, 0.03, 1500))
    times_s = 0.2 * np.arange(1500)
    return make_track_table(time_s=times_s, tracklet=[1] * 1500, x_m=3 + sway, y_m=[4] * 1500, sigma_m=0.1)


def make_piece_between_others() -> pd.DataFrame:
    whole = make_visitor(tracklet=1, from_s=0, stands_s=250)
    whole.loc[whole["time_s"] > 60, "tracklet"] = 2
    whole.loc[whole["time_s"] > 170, "tracklet"] = 3
    return whole


@pytest.mark.parametrize(
    ("tracks", "places"),
    [
        pytest.param(make_shifting_piece(shift_m=0.08), 1, id="still"),
        pytest.param(make_shifting_piece(shift_m=0.3), 0, id="shifts their weight"),
        pytest.param(make_wanderer(), 0, id="wanders"),
        pytest.param(make_visitor(tracklet=1, from_s=0, stands_s=600), 0, id="walks up and stands"),
        pytest.param(make_piece_between_others(), 0, id="short piece of a broken track"),
        pytest.param(make_poster(tracklet=1, from_s=0, seconds=40), 0, id="seen briefly"),
        pytest.param(make_poster(tracklet=1, from_s=0, seconds=200).iloc[:0], 0, id="no rows"),
    ],
)
def test_only_long_still_tracks_are_proposed_as_false_persons(tracks: pd.DataFrame, places: int) -> None:
    assert len(find_false_places(tracks=tracks)) == places


def test_excluding_keeps_the_visitor_who_stops_in_front_of_the_poster() -> None:
    tracks = join(
        make_poster(tracklet=1, from_s=0, seconds=200),
        make_visitor(tracklet=2, from_s=50, stands_s=60, at=(3.2, 4.0)),
    )
    places = find_false_places(tracks=tracks)
    kept = exclude_false_persons(tracks=tracks, places=places)
    assert set(kept["tracklet"]) == {2}
    assert len(kept) == int((tracks["tracklet"] == 2).sum())


def test_at_a_place_that_was_found_a_box_may_be_dragged_a_little() -> None:
    poster = make_poster(tracklet=1, from_s=0, seconds=200, noise_m=0.01)
    dragged = make_shifting_piece(shift_m=0.17).assign(tracklet=2)
    dragged["time_s"] += 300
    (place,) = find_false_places(tracks=poster)
    assert find_false_places(tracks=dragged) == ()
    assert len(exclude_false_persons(tracks=dragged, places=[place])) == 0


def test_a_long_standing_visitor_hidden_at_times_is_not_certain() -> None:
    whole = make_visitor(tracklet=1, from_s=0, stands_s=600)
    begin_s = float(whole["time_s"].iloc[0])
    seen_from_s, hidden_s = (30, 300), ((15, 30), (260, 300), (590, 630))
    time_s = whole["time_s"] - begin_s
    for number, from_s in enumerate(seen_from_s, start=2):
        whole.loc[time_s > from_s, "tracklet"] = number
    for from_s, to_s in hidden_s:
        whole = whole[(whole["time_s"] - begin_s <= from_s) | (whole["time_s"] - begin_s >= to_s)]
    (place,) = find_false_places(tracks=whole)
    assert place.pieces == 2
    assert not place.is_certain


def test_two_pieces_at_one_place_but_not_at_the_same_spot_are_not_certain() -> None:
    for beside_m, is_certain in ((0.1, True), (0.4, False)):
        tracks = join(
            make_poster(tracklet=1, from_s=0, seconds=100),
            make_poster(tracklet=2, from_s=200, seconds=100, at=(3.0 + beside_m, 4.0)),
        )
        (place,) = find_false_places(tracks=tracks)
        assert place.is_certain is is_certain, beside_m

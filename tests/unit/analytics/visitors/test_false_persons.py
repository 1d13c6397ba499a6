"""Things that never move, beside people who stand for a long time."""

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
    """Walks 5 m up to a place, stands there without a stir, walks on."""
    way = np.arange(0, 5, 0.2)
    x_m = np.concatenate([at[0] - 5 + way, np.full(round(stands_s / 0.2), at[0]), at[0] + way])
    times_s = from_s + 0.2 * np.arange(len(x_m))
    y_m = np.full(len(x_m), at[1])
    return make_track_table(time_s=times_s, tracklet=[tracklet] * len(x_m), x_m=x_m, y_m=y_m, sigma_m=0.1)


def join(*tables: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(tables, ignore_index=True).sort_values("time_s", kind="stable", ignore_index=True)


def test_a_poster_is_a_certain_place_whose_pieces_are_added_up() -> None:
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
    ("seconds", "others_from_s", "others_stand_s", "is_certain"),
    [
        pytest.param(150, 0, 220, True, id="appears and vanishes before the camera's eyes"),
        pytest.param(150, 40, 180, False, id="is there when the camera begins to watch"),
        pytest.param(150, 0, 110, False, id="is there when the camera ceases to watch"),
    ],
)
def test_what_is_seen_to_appear_and_vanish_where_it_stands_is_no_person(
    seconds: float, others_from_s: float, others_stand_s: float, is_certain: bool
) -> None:
    tracks = join(
        make_poster(tracklet=1, from_s=45, seconds=seconds),
        make_visitor(tracklet=2, from_s=others_from_s, stands_s=others_stand_s, at=(9.0, 9.0)),
    )
    (place,) = find_false_places(tracks=tracks)
    assert place.is_certain == is_certain


def test_what_is_seen_to_appear_for_a_minute_may_be_somebody_lost_before() -> None:
    tracks = join(
        make_poster(tracklet=1, from_s=45, seconds=110),
        make_visitor(tracklet=2, from_s=0, stands_s=220, at=(9.0, 9.0)),
    )
    assert find_false_places(tracks=tracks) == ()


def test_a_poster_whose_box_a_passer_by_drags_along_is_still_a_poster() -> None:
    dragged = make_poster(tracklet=1, from_s=0, seconds=100)
    middle = dragged["time_s"].between(40, 47)
    dragged.loc[middle, "x_m"] += 0.5
    tracks = join(dragged, make_poster(tracklet=2, from_s=170, seconds=45))
    (place,) = find_false_places(tracks=tracks)
    assert place.is_certain
    assert place.pieces == 2
    assert exclude_false_persons(tracks=tracks, places=(place,)).empty


def test_who_stood_long_beside_a_short_way_came_there_all_the_same() -> None:
    poster = join(
        make_poster(tracklet=1, from_s=0, seconds=45), make_poster(tracklet=2, from_s=110, seconds=45)
    )
    (place,) = find_false_places(tracks=poster)
    visitor = make_visitor(tracklet=3, from_s=200, stands_s=600)
    near = visitor[(visitor["x_m"] - 3.0).abs() < 1.0]
    assert find_false_places(tracks=near) == ()
    assert set(exclude_false_persons(tracks=join(poster, near), places=(place,))["tracklet"]) == {3}


def test_a_poster_seen_for_a_moment_is_not_proposed() -> None:
    assert find_false_places(tracks=make_poster(tracklet=1, from_s=0, seconds=40)) == ()


def test_a_visitor_who_stands_without_a_stir_is_no_false_person() -> None:
    tracks = make_visitor(tracklet=1, from_s=0, stands_s=600)
    assert find_false_places(tracks=tracks) == ()


def test_a_piece_of_a_broken_visitor_is_proposed_but_not_certain() -> None:
    whole = make_visitor(tracklet=1, from_s=0, stands_s=300)
    begins_s = float(whole["time_s"].iloc[0]) + 60
    middle = (whole["time_s"] > begins_s) & (whole["time_s"] < begins_s + 150)
    whole.loc[middle, "tracklet"] = 2
    whole.loc[whole["time_s"] >= begins_s + 150, "tracklet"] = 3
    (place,) = find_false_places(tracks=whole)
    assert not place.is_certain
    assert place.pieces == 1


def test_people_who_wander_while_they_stand_are_not_still() -> None:
    rng = np.random.default_rng(5)
    times_s = np.arange(0, 300, 0.2)
    sway = np.cumsum(rng.normal(0, 0.03, len(times_s)))
    tracks = make_track_table(
        time_s=times_s, tracklet=[1] * len(times_s), x_m=3 + sway, y_m=4 + 0 * sway, sigma_m=0.1
    )
    assert float(np.ptp(sway)) > 0.5
    assert find_false_places(tracks=tracks) == ()


def test_excluding_keeps_the_visitor_who_stops_in_front_of_the_poster() -> None:
    tracks = join(
        make_poster(tracklet=1, from_s=0, seconds=200),
        make_visitor(tracklet=2, from_s=50, stands_s=60, at=(3.2, 4.0)),
    )
    places = find_false_places(tracks=tracks)
    kept = exclude_false_persons(tracks=tracks, places=places)
    assert set(kept["tracklet"]) == {2}
    assert len(kept) == int((tracks["tracklet"] == 2).sum())


def test_a_place_of_another_camera_excludes_nothing() -> None:
    tracks = make_poster(tracklet=1, from_s=0, seconds=200)
    (place,) = find_false_places(tracks=tracks)
    other = tracks.assign(camera="another")
    assert len(exclude_false_persons(tracks=other, places=[place])) == len(other)
    assert len(exclude_false_persons(tracks=tracks, places=[place])) == 0


def test_nothing_at_all_is_no_place() -> None:
    assert find_false_places(tracks=make_poster(tracklet=1, from_s=0, seconds=200).iloc[:0]) == ()


def test_every_piece_of_a_long_standing_visitor_is_explained_by_the_next() -> None:
    whole = make_visitor(tracklet=1, from_s=0, stands_s=500)
    begin_s = float(whole["time_s"].iloc[0])
    for number, after_s in enumerate((60, 160, 260, 360), start=2):
        whole.loc[whole["time_s"] > begin_s + after_s, "tracklet"] = number
    (place,) = find_false_places(tracks=whole)
    assert place.pieces == 3
    assert not place.is_certain


def test_a_short_piece_that_a_broken_track_explains_is_not_worth_a_question() -> None:
    whole = make_visitor(tracklet=1, from_s=0, stands_s=250)
    begin_s = float(whole["time_s"].iloc[0]) + 60
    whole.loc[whole["time_s"] > begin_s, "tracklet"] = 2
    whole.loc[whole["time_s"] > begin_s + 110, "tracklet"] = 3
    assert find_false_places(tracks=whole) == ()


def make_shifting_piece(*, shift_m: float) -> pd.DataFrame:
    """Comes from nowhere and stands for 200 s, the last of them a little beside."""
    still = make_poster(tracklet=1, from_s=0, seconds=200, noise_m=0.01)
    still.loc[still["time_s"] > 140, "x_m"] += shift_m
    return still


def test_somebody_who_shifts_their_weight_is_no_false_person() -> None:
    assert find_false_places(tracks=make_shifting_piece(shift_m=0.3)) == ()
    assert len(find_false_places(tracks=make_shifting_piece(shift_m=0.08))) == 1


def test_at_a_place_that_was_found_a_box_may_be_dragged_a_little() -> None:
    poster = make_poster(tracklet=1, from_s=0, seconds=200, noise_m=0.01)
    dragged = make_shifting_piece(shift_m=0.17).assign(tracklet=2)
    dragged["time_s"] += 300
    (place,) = find_false_places(tracks=poster)
    assert find_false_places(tracks=dragged) == ()
    assert len(exclude_false_persons(tracks=dragged, places=[place])) == 0


def test_what_was_seen_once_is_proposed_until_it_was_seen_for_a_quarter_of_an_hour() -> None:
    for seconds, is_certain in ((600, False), (880, False), (920, True)):
        (place,) = find_false_places(tracks=make_poster(tracklet=1, from_s=0, seconds=seconds))
        assert place.is_certain is is_certain, seconds


def test_a_visitor_who_stands_for_ten_minutes_and_is_hidden_for_a_while_is_never_certain() -> None:
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

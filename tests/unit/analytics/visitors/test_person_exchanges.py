"""Two people who left an encounter as each other's tracklet get their own back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.visitors.switches.person_exchanges import undo_exchanges, undo_visitors_exchanges
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows
from analytics.visitors.visitor_settings import ExchangeSettings, MotionSettings
from tests.unit.analytics.visitors.walks import join, walk

NAN = float("nan")


def exchange_of(*walks: pd.DataFrame) -> TrackletRows:
    return undo_exchanges(
        read_tracklet_rows(join(*walks)),
        motion=MotionSettings(),
        settings=ExchangeSettings(),
    )


def whose_rows(rows: TrackletRows, tracks: pd.DataFrame, piece: int) -> list[int]:
    """Tracklets of whose rows a piece consists, in the order of time."""
    source = rows.source[rows.starts[piece] : rows.ends[piece]]
    numbers = tracks["tracklet"].to_numpy()[source]
    return [int(number) for number in numbers[np.append(True, np.diff(numbers) != 0)]]


def pass_by(*, exchanged: bool, heights_m: tuple[float, float] = (NAN, NAN)) -> pd.DataFrame:
    """Tracklet 1 stands at the origin for a minute; tracklet 2 walks past it at 20 s, 0.3 m away."""
    standing = walk(1, start_s=0, end_s=60, height_m=heights_m[0])
    passing = walk(2, start_s=10, end_s=30, at_m=(-20.0, 0.3), velocity_m_s=(1.0, 0.0), height_m=heights_m[1])
    tracks = join(standing, passing)
    if exchanged:
        is_later = tracks["time_s"] >= 20
        tracks.loc[is_later, "tracklet"] = 3 - tracks.loc[is_later, "tracklet"]
    return join(tracks)


def stand_together(*, exchanged: bool, heights_m: tuple[float, float]) -> pd.DataFrame:
    """Two come, stand beside each other for half a minute, and go."""
    parts = []
    for number, (x_m, height_m) in enumerate(zip((0.0, 0.4), heights_m, strict=True), start=1):
        later = 3 - number if exchanged else number
        side = -1.0 if number == 1 else 1.0
        parts += [
            walk(
                number,
                start_s=0,
                end_s=9.8,
                at_m=(x_m + side * 8.0, 0),
                velocity_m_s=(-side * 0.8, 0),
                height_m=height_m,
            ),
            walk(number, start_s=10, end_s=24.8, at_m=(x_m, 0), height_m=height_m),
            walk(later, start_s=25, end_s=40, at_m=(x_m, 0), height_m=height_m),
            walk(later, start_s=40.2, end_s=60, at_m=(x_m, -32.16), velocity_m_s=(0, 0.8), height_m=height_m),
        ]
    return join(*parts)


def test_who_stands_goes_on_standing_and_who_walks_walks_on() -> None:
    tracks = pass_by(exchanged=True)
    rows = exchange_of(tracks)
    assert len(rows) == 2
    assert [whose_rows(rows, tracks, piece) for piece in (0, 1)] == [[1, 2], [2, 1]]
    for piece, way_m in ((0, 0.0), (1, 20.0)):
        own = slice(rows.starts[piece], rows.ends[piece])
        assert np.ptp(rows.x_m[own]) == pytest.approx(way_m, abs=0.3)
        assert (np.diff(rows.time_s[own]) > 0).all()


def test_those_who_were_not_exchanged_stay_as_they_are() -> None:
    tracks = pass_by(exchanged=False)
    rows = exchange_of(tracks)
    assert [whose_rows(rows, tracks, piece) for piece in (0, 1)] == [[1], [2]]


def test_heights_tell_who_left_when_two_stood_together() -> None:
    tracks = stand_together(exchanged=True, heights_m=(1.62, 1.80))
    rows = exchange_of(tracks)
    assert sorted(whose_rows(rows, tracks, piece) for piece in range(len(rows))) == [[1, 2], [2, 1]]
    for piece in range(len(rows)):
        assert rows.height_m[rows.ends[piece] - 1] == rows.height_m[rows.starts[piece]]


@pytest.mark.parametrize("heights_m", [(1.70, 1.70), (NAN, NAN), (1.70, NAN)])
def test_people_of_one_height_who_stood_together_are_left_alone(heights_m: tuple[float, float]) -> None:
    tracks = stand_together(exchanged=True, heights_m=heights_m)
    rows = exchange_of(tracks)
    assert [whose_rows(rows, tracks, piece) for piece in range(len(rows))] == [[1], [2]]


def test_one_who_sits_down_beside_another_is_still_who_they_were() -> None:
    tracks = stand_together(exchanged=False, heights_m=(1.75, 1.70))
    is_seated = (tracks["tracklet"] == 1) & (tracks["time_s"] > 25)
    tracks.loc[is_seated, "height_m"] = 1.35
    rows = exchange_of(tracks)
    assert [whose_rows(rows, tracks, piece) for piece in range(len(rows))] == [[1], [2]]
    assert len(rows) == 2


def test_what_is_known_of_one_of_them_tells_of_both() -> None:
    tracks = stand_together(exchanged=True, heights_m=(1.62, 1.80))
    # of the taller one nothing is known afterwards
    tracks.loc[(tracks["tracklet"] == 1) & (tracks["time_s"] >= 25), "height_m"] = NAN
    rows = exchange_of(tracks)
    assert sorted(whose_rows(rows, tracks, piece) for piece in range(len(rows))) == [[1, 2], [2, 1]]


def test_three_who_changed_places_get_their_own_back() -> None:
    parts = []
    for number, height_m in enumerate((1.55, 1.70, 1.90), start=1):
        angle = 2 * np.pi * number / 3
        x, y = np.cos(angle), np.sin(angle)
        later, at_m = number % 3 + 1, (0.2 * x, 0.2 * y)
        parts += [
            walk(
                number,
                start_s=0,
                end_s=9.8,
                at_m=(8.2 * x, 8.2 * y),
                velocity_m_s=(-0.8 * x, -0.8 * y),
                height_m=height_m,
            ),
            walk(number, start_s=10, end_s=12, at_m=at_m, height_m=height_m),
            walk(later, start_s=12.2, end_s=15, at_m=at_m, height_m=height_m),
            walk(
                later,
                start_s=15.2,
                end_s=35,
                at_m=(0.2 * x + 12.0 * y, 0.2 * y - 12.0 * x),
                velocity_m_s=(-0.8 * y, 0.8 * x),
                height_m=height_m,
            ),
        ]
    tracks = join(*parts)
    rows = exchange_of(tracks)
    numbers = tracks["tracklet"].to_numpy()
    for piece in range(len(rows)):
        own = slice(rows.starts[piece], rows.ends[piece])
        assert rows.height_m[own][0] == rows.height_m[own][-1]
        assert len(set(numbers[rows.source[own]].tolist())) > 1


def taken_over() -> tuple[pd.DataFrame, TrackletRows]:
    """Tracklet 1 stands, and walks on with the one of tracklet 2 who passes; who stood goes on as 3."""
    tracks = join(
        walk(1, start_s=0, end_s=19.8, height_m=1.62),
        walk(2, start_s=10, end_s=19.4, at_m=(-20.0, 0.3), velocity_m_s=(1.0, 0.0), height_m=1.80),
        walk(1, start_s=20, end_s=40, at_m=(-20.0, 0.3), velocity_m_s=(1.0, 0.0), height_m=1.80),
        walk(3, start_s=20.6, end_s=60, height_m=1.62),
    )
    return tracks, read_tracklet_rows(tracks)


def test_who_was_taken_over_is_found_once_the_tracklets_are_linked() -> None:
    tracks, rows = taken_over()
    pieces, visitor = undo_visitors_exchanges(
        rows, np.array([1, 2, 2]), motion=MotionSettings(), settings=ExchangeSettings()
    )
    found = [(whose_rows(pieces, tracks, piece), int(visitor[piece])) for piece in range(len(pieces))]
    assert found == [([1], 1), ([1], 2), ([2], 2), ([3], 1)]
    assert pieces.time_s[pieces.ends[0] - 1] == pytest.approx(20.0, abs=0.7)


def test_visitors_who_kept_their_tracklets_stay_as_they_were_linked() -> None:
    rows = read_tracklet_rows(pass_by(exchanged=False))
    pieces, visitor = undo_visitors_exchanges(
        rows, np.array([4, 7]), motion=MotionSettings(), settings=ExchangeSettings()
    )
    assert pieces is rows
    assert visitor.tolist() == [4, 7]


def test_tracklets_of_two_cameras_do_not_meet() -> None:
    tracks = pass_by(exchanged=True)
    tracks.loc[tracks["tracklet"] == 2, "camera"] = "other"
    rows = exchange_of(tracks)
    assert [whose_rows(rows, tracks, piece) for piece in range(len(rows))] == [[1], [2]]


def test_nobody_meets_nobody() -> None:
    empty = walk(1, start_s=0, end_s=1).iloc[:0]
    rows = read_tracklet_rows(empty)
    assert len(undo_exchanges(rows, motion=MotionSettings(), settings=ExchangeSettings())) == 0

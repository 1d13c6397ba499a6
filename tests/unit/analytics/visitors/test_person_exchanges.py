"""Undoing of exchanges: two people who left an encounter as each other's tracklet."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from analytics.domain.arrays import IntArray
from analytics.visitors.switches.person_exchanges import undo_visitors_exchanges
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows
from analytics.visitors.visitor_settings import ExchangeSettings, MotionSettings
from tests.unit.analytics.visitors.walks import join, walk

NAN = float("nan")


def undo(tracks: pd.DataFrame, linked: list[int]) -> tuple[TrackletRows, IntArray]:
    return undo_visitors_exchanges(
        read_tracklet_rows(tracks), np.array(linked), motion=MotionSettings(), settings=ExchangeSettings()
    )


def list_visitors(tracks: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rows of each visitor in time order, each tracklet linked as a visitor of its own."""
    pieces, visitor = undo(tracks, sorted(set(tracks["tracklet"])))
    own = np.repeat(visitor, pieces.ends - pieces.starts)
    found = tracks.iloc[pieces.source].assign(visitor=own)
    return [rows.sort_values("time_s") for _, rows in found.groupby("visitor")]


def list_tracklets(visitors: list[pd.DataFrame]) -> list[list[int]]:
    """Return the consecutive tracklets of each visitor."""
    return [rows["tracklet"][rows["tracklet"].diff() != 0].tolist() for rows in visitors]


def pass_by(*, exchanged: bool, heights_m: tuple[float, float] = (NAN, NAN)) -> pd.DataFrame:
    """Make a stander (1) at the origin for a minute; tracklet 2 walks past at 20 s, 0.3 m away."""
    standing = walk(1, start_s=0, end_s=60, height_m=heights_m[0])
    passing = walk(2, start_s=10, end_s=30, at_m=(-20.0, 0.3), velocity_m_s=(1.0, 0.0), height_m=heights_m[1])
    tracks = join(standing, passing)
    if exchanged:
        is_later = tracks["time_s"] >= 20
        tracks.loc[is_later, "tracklet"] = 3 - tracks.loc[is_later, "tracklet"]
    return join(tracks)


def stand_together(*, exchanged: bool, heights_m: tuple[float, float]) -> pd.DataFrame:
    """Make two people who come, stand beside each other for half a minute, and leave."""
    parts = []
    for number, (x_m, height_m) in enumerate(zip((0.0, 0.4), heights_m, strict=True), start=1):
        later = 3 - number if exchanged else number
        side = -1.0 if number == 1 else 1.0
        one = partial(walk, height_m=height_m)
        parts += [
            one(number, start_s=0, end_s=9.8, at_m=(x_m + side * 8.0, 0), velocity_m_s=(-side * 0.8, 0)),
            one(number, start_s=10, end_s=24.8, at_m=(x_m, 0)),
            one(later, start_s=25, end_s=40, at_m=(x_m, 0)),
            one(later, start_s=40.2, end_s=60, at_m=(x_m, -32.16), velocity_m_s=(0, 0.8)),
        ]
    return join(*parts)


def test_a_stander_and_a_walker_get_their_own_tracks_back() -> None:
    visitors = list_visitors(pass_by(exchanged=True))
    assert list_tracklets(visitors) == [[1, 2], [2, 1]]
    for rows, way_m in zip(visitors, (0.0, 20.0), strict=True):
        assert np.ptp(rows["x_m"]) == pytest.approx(way_m, abs=0.3)
        assert (rows["time_s"].diff().iloc[1:] > 0).all()


def test_correct_visitors_are_unchanged() -> None:
    rows = read_tracklet_rows(pass_by(exchanged=False))
    pieces, visitor = undo_visitors_exchanges(
        rows, np.array([4, 7]), motion=MotionSettings(), settings=ExchangeSettings()
    )
    assert pieces is rows
    assert visitor.tolist() == [4, 7]


@pytest.mark.parametrize("last_m", [pytest.param(None, id="both known"), pytest.param(NAN, id="one unknown")])
def test_heights_identify_two_who_stood_together(last_m: float | None) -> None:
    tracks = stand_together(exchanged=True, heights_m=(1.62, 1.80))
    if last_m is not None:
        tracks.loc[(tracks["tracklet"] == 1) & (tracks["time_s"] >= 25), "height_m"] = last_m
    assert list_tracklets(list_visitors(tracks)) == [[1, 2], [2, 1]]


@pytest.mark.parametrize("heights_m", [(1.70, 1.70), (NAN, NAN), (1.70, NAN)])
def test_people_of_equal_or_unknown_height_stay_as_they_are(heights_m: tuple[float, float]) -> None:
    tracks = stand_together(exchanged=True, heights_m=heights_m)
    assert list_tracklets(list_visitors(tracks)) == [[1], [2]]


def test_sitting_down_beside_someone_is_no_exchange() -> None:
    tracks = stand_together(exchanged=False, heights_m=(1.75, 1.70))
    tracks.loc[(tracks["tracklet"] == 1) & (tracks["time_s"] > 25), "height_m"] = 1.35
    assert list_tracklets(list_visitors(tracks)) == [[1], [2]]


def test_three_people_who_changed_places_get_their_own_tracks_back() -> None:
    parts = []
    for number, height_m in enumerate((1.55, 1.70, 1.90), start=1):
        angle = 2 * np.pi * number / 3
        x, y = np.cos(angle), np.sin(angle)
        later, at_m = number % 3 + 1, (0.2 * x, 0.2 * y)
        leaves_m = (0.2 * x + 12.0 * y, 0.2 * y - 12.0 * x)
        one = partial(walk, height_m=height_m)
        parts += [
            one(number, start_s=0, end_s=9.8, at_m=(8.2 * x, 8.2 * y), velocity_m_s=(-0.8 * x, -0.8 * y)),
            one(number, start_s=10, end_s=12, at_m=at_m),
            one(later, start_s=12.2, end_s=15, at_m=at_m),
            one(later, start_s=15.2, end_s=35, at_m=leaves_m, velocity_m_s=(-0.8 * y, 0.8 * x)),
        ]
    for rows in list_visitors(join(*parts)):
        assert rows["height_m"].iloc[0] == rows["height_m"].iloc[-1]
        assert rows["tracklet"].nunique() > 1


def test_a_takeover_is_found_once_the_tracklets_are_linked() -> None:
    """Tracklet 1 stands, and walks on with the passing one of tracklet 2; the stander continues as 3."""
    tracks = join(
        walk(1, start_s=0, end_s=19.8, height_m=1.62),
        walk(2, start_s=10, end_s=19.4, at_m=(-20.0, 0.3), velocity_m_s=(1.0, 0.0), height_m=1.80),
        walk(1, start_s=20, end_s=40, at_m=(-20.0, 0.3), velocity_m_s=(1.0, 0.0), height_m=1.80),
        walk(3, start_s=20.6, end_s=60, height_m=1.62),
    )
    pieces, visitor = undo(tracks, [1, 2, 2])
    assert list(zip(pieces.number, visitor, strict=True)) == [(1, 1), (1, 2), (2, 2), (3, 1)]
    assert pieces.time_s[pieces.ends[0] - 1] == pytest.approx(20.0, abs=0.7)

"""Whom one camera alone sees where others see everybody is nobody; everybody else is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.identifiers import CameraId
from analytics.visitors.false_persons import FalsePlace
from analytics.visitors.identification import IdentifiedVisitors, identify_visitors
from analytics.visitors.lone_sights import LoneSights
from analytics.visitors.nobody_settings import LoneSightSettings
from tests.unit.analytics.visitors.walks import join, walk

CAMERAS = ("north", "east", "south", "west")
SETTINGS = LoneSightSettings()
LONE = 900
"""The tracklet that only the first camera has, a step and a half from others."""
LONE_S = SETTINGS.least_s + 4.0


def stand_before(cameras: tuple[str, ...], number: int, at_m: tuple[float, float]) -> pd.DataFrame:
    """Somebody whom several cameras see for two minutes."""
    parts = [
        walk(10 * number + place, start_s=0, end_s=120, at_m=at_m, camera=camera, sigma_m=0.05, seed=number)
        for place, camera in enumerate(cameras)
    ]
    return pd.concat(parts)


def see_alone(
    *, for_s: float = LONE_S, at_m: tuple[float, float] = (5.0, 5.0), **of_walk: object
) -> pd.DataFrame:
    given = {"camera": CAMERAS[0], "sigma_m": 0.05, "seed": 9, **of_walk}
    return walk(LONE, start_s=60.0, end_s=60.0 + for_s, at_m=at_m, **given)  # type: ignore[arg-type]


def gather(*tracks: pd.DataFrame, cameras: tuple[str, ...] = CAMERAS[:3]) -> pd.DataFrame:
    """Four people around the place at (5, 5) before some cameras, and further tracks."""
    places_m = ((4.1, 5.0), (5.9, 5.0), (5.0, 4.1), (5.0, 5.9))
    crowd = [stand_before(cameras, number, at_m) for number, at_m in enumerate(places_m, start=1)]
    return join(*crowd, *tracks)


def identify(
    *tracks: pd.DataFrame, cameras: tuple[str, ...] = CAMERAS[:3], **known: object
) -> IdentifiedVisitors:
    return identify_visitors(tracks=gather(*tracks, cameras=cameras), **known)  # type: ignore[arg-type]


def is_told(result: IdentifiedVisitors) -> bool:
    """Whether anything is told of (5, 5)."""
    return bool((np.hypot(result.tracks["x_m"] - 5.0, result.tracks["y_m"] - 5.0) < 0.5).any())


def test_whom_two_others_should_see_is_left_out_and_counted() -> None:
    result = identify(see_alone())
    assert not is_told(result)
    assert result.lone_sights == LoneSights(1, pytest.approx(LONE_S, abs=0.5))
    assert result.tracks["visitor"].nunique() == 4
    assert len(result.tracks) == 4 * (120 * 5 + 1)


@pytest.mark.parametrize(
    ("lone", "cameras"),
    [
        pytest.param(see_alone(), CAMERAS[:2], id="one witness may have somebody in front"),
        pytest.param(see_alone(for_s=SETTINGS.least_s - 1.0), CAMERAS[:3], id="brief"),
        pytest.param(see_alone(height_m=SETTINGS.short_m - 0.2), CAMERAS[:3], id="child"),
        pytest.param(see_alone(at_m=(9.0, 5.0)), CAMERAS[:3], id="where others saw nobody so far"),
    ],
)
def test_others_are_kept(lone: pd.DataFrame, cameras: tuple[str, ...]) -> None:
    result = identify(lone, cameras=cameras)
    assert LONE in set(result.tracks["tracklet"])
    assert result.lone_sights == LoneSights(0, 0.0)


def test_whom_a_second_camera_sees_now_and_then_is_kept() -> None:
    glimpses = [
        walk(950 + at, start_s=60.0 + at, end_s=60.6 + at, at_m=(5.0, 5.0), camera="east", sigma_m=0.05)
        for at in range(0, int(LONE_S), 3)
    ]
    assert is_told(identify(see_alone(), *glimpses))


def test_what_stands_where_others_never_see_is_kept() -> None:
    """A pillar stands between the place and two of the cameras, which see the four around it."""
    hidden = stand_before(CAMERAS[:1], 7, (20.0, 5.0))
    result = identify(hidden, see_alone(at_m=(20.9, 5.0)))
    assert set(result.tracks["tracklet"]) >= {70, LONE}


@pytest.mark.parametrize(("dark_from_s", "is_kept"), [(50.0, True), (80.0, False)])
def test_a_camera_that_sees_nothing_at_all_is_no_witness(dark_from_s: float, is_kept: bool) -> None:
    crowd = gather(see_alone())
    is_dark = (crowd["camera"] != CAMERAS[0]) & crowd["time_s"].between(dark_from_s, dark_from_s + 30.0)
    assert is_told(identify_visitors(tracks=crowd[~is_dark])) == is_kept


def test_of_a_camera_that_was_moved_the_others_are_believed() -> None:
    beside = [
        stand_before(CAMERAS[:3], number, at_m)
        for number, at_m in enumerate([(7.5, 5.5), (8.5, 5.5), (7.5, 4.5), (8.5, 4.5)], start=11)
    ]
    crowd = gather(*beside)
    is_moved = (crowd["camera"] == CAMERAS[0]) & (crowd["time_s"] > 60.0)
    crowd.loc[is_moved, "x_m"] += np.float32(3.0)
    later = identify_visitors(tracks=crowd).tracks.query("time_s > 61")

    def measure_s(*at_m: float) -> float:
        return float((np.hypot(later["x_m"] - at_m[0], later["y_m"] - at_m[1]) < 0.3).sum() / 5)

    people = measure_s(4.1, 5.0), measure_s(5.9, 5.0), measure_s(5.0, 4.1), measure_s(5.0, 5.9)
    displaced = measure_s(7.1, 5.0), measure_s(8.9, 5.0), measure_s(8.0, 5.9)
    assert min(people) > 45.0
    assert max(displaced) < 5.0


@pytest.mark.parametrize(("at_m", "is_kept"), [((5.1, 5.0), True), ((7.0, 5.0), False)])
def test_where_somebody_looked_nobody_is_left_out(at_m: tuple[float, float], is_kept: bool) -> None:
    place = FalsePlace(CameraId(CAMERAS[0]), *at_m, 0.5, 0.0, 0, 0.0, 0.0, is_certain=False)
    assert is_told(identify(see_alone(), kept_places=[place])) == is_kept


def test_of_a_visitor_only_the_time_alone_is_left_out() -> None:
    """A tracklet that goes on for long after the other cameras saw its person leave."""
    leaving = [
        walk(800 + place, start_s=0, end_s=40, at_m=(5.0, 5.0), camera=camera, sigma_m=0.05, seed=3)
        for place, camera in enumerate(CAMERAS[1:3])
    ]
    staying = walk(LONE, start_s=0, end_s=60, at_m=(5.0, 5.0), camera=CAMERAS[0], sigma_m=0.05, seed=3)
    result = identify(*leaving, staying)
    there = result.tracks[np.hypot(result.tracks["x_m"] - 5.0, result.tracks["y_m"] - 5.0) < 0.5]
    assert there["time_s"].min() == pytest.approx(0.0)
    assert there["time_s"].max() == pytest.approx(40.0, abs=1.0)
    assert result.lone_sights == LoneSights(1, pytest.approx(20.0, abs=1.0))

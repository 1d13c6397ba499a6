"""Tracks that one camera alone sees, at places where other cameras should see them too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView
from analytics.visitors.cameras import uncorroborated_tracks
from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks
from analytics.visitors.false_positives.false_persons import FalsePlace
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks
from analytics.visitors.identification import IdentifiedVisitors, identify_visitors
from analytics.visitors.visitor_settings import FALSE_TRACKS, SCALES
from tests.unit.analytics.visitors.walks import join, walk

CAMERAS = ("north", "east", "south", "west")
LONE = 900
"""The tracklet that only the first camera has, a step and a half from others."""
LONE_S = SCALES.hidden_s + 4.0


def make_view(camera: str, *, to_x_m: float = 20.0) -> CameraView:
    """Make a view from (-5, -5) on, 25 metres high."""
    homography = np.array([[0.01, 0.0, -5.0], [0.0, 0.01, -5.0], [0.0, 0.0, 1.0]])
    return CameraView(CameraId(camera), CameraGeometry(homography), (round((to_x_m + 5) * 100), 2500))


def stand_before(cameras: tuple[str, ...], number: int, at_m: tuple[float, float]) -> pd.DataFrame:
    """Make a person whom several cameras see for two minutes."""
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
    """Join four people around (5, 5) before some cameras and further tracks."""
    places_m = ((4.1, 5.0), (5.9, 5.0), (5.0, 4.1), (5.0, 5.9))
    crowd = [stand_before(cameras, number, at_m) for number, at_m in enumerate(places_m, start=1)]
    return join(*crowd, *tracks)


def identify(
    *tracks: pd.DataFrame, cameras: tuple[str, ...] = CAMERAS[:3], **known: object
) -> IdentifiedVisitors:
    return identify_visitors(tracks=gather(*tracks, cameras=cameras), **known)  # type: ignore[arg-type]


def has_track(result: IdentifiedVisitors) -> bool:
    """Return whether any row lies near (5, 5)."""
    return bool((np.hypot(result.tracks["x_m"] - 5.0, result.tracks["y_m"] - 5.0) < 0.5).any())


def test_a_track_that_two_cameras_should_confirm_is_excluded_and_counted() -> None:
    result = identify(see_alone())
    assert not has_track(result)
    assert result.lone_sights == UncorroboratedTracks(1, pytest.approx(LONE_S, abs=0.5))
    assert result.tracks["visitor"].nunique() == 4
    assert len(result.tracks) == 4 * (120 * 5 + 1)


@pytest.mark.parametrize(
    ("lone", "cameras"),
    [
        pytest.param(see_alone(), CAMERAS[:2], id="one witness may have somebody in front"),
        pytest.param(see_alone(for_s=SCALES.hidden_s - 1.0), CAMERAS[:3], id="brief"),
        pytest.param(see_alone(height_m=1.2), CAMERAS[:3], id="child"),
        pytest.param(see_alone(at_m=(9.0, 5.0)), CAMERAS[:3], id="where others saw nobody so far"),
    ],
)
def test_others_are_kept(lone: pd.DataFrame, cameras: tuple[str, ...]) -> None:
    result = identify(lone, cameras=cameras)
    assert LONE in set(result.tracks["tracklet"])
    assert result.lone_sights == UncorroboratedTracks(0, 0.0)


def test_a_track_confirmed_now_and_then_is_kept() -> None:
    glimpses = [
        walk(950 + at, start_s=60.0 + at, end_s=60.6 + at, at_m=(5.0, 5.0), camera="east", sigma_m=0.05)
        for at in range(0, int(LONE_S), 3)
    ]
    assert has_track(identify(see_alone(), *glimpses))


def test_a_track_hidden_from_the_other_cameras_is_kept() -> None:
    """A pillar stands between the place and two of the cameras, which see the four around it."""
    hidden = stand_before(CAMERAS[:1], 7, (20.0, 5.0))
    result = identify(hidden, see_alone(at_m=(20.9, 5.0)))
    assert set(result.tracks["tracklet"]) >= {70, LONE}


@pytest.mark.parametrize(("dark_from_s", "is_kept"), [(50.0, True), (80.0, False)])
def test_a_blind_camera_does_not_refute_a_track(dark_from_s: float, is_kept: bool) -> None:
    crowd = gather(see_alone())
    is_dark = (crowd["camera"] != CAMERAS[0]) & crowd["time_s"].between(dark_from_s, dark_from_s + 30.0)
    assert has_track(identify_visitors(tracks=crowd[~is_dark])) == is_kept


def test_other_cameras_outvote_a_moved_camera() -> None:
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


def test_cameras_that_place_one_person_each_elsewhere_are_no_witnesses_of_each_other() -> None:
    """None of them sees the feet."""
    angles = np.deg2rad([90.0, 210.0, 330.0])
    places_m = np.column_stack([5.0 + np.cos(angles), 12.0 + np.sin(angles)])
    crowd = [stand_before(CAMERAS[:3], 20 + n, (x, y)) for n, (x, y) in enumerate(places_m)]
    apart = [
        walk(LONE + n, start_s=60.0, end_s=60.0 + LONE_S, at_m=(x, y + 3.0), camera=camera, sigma_m=0.05)
        for n, (camera, (x, y)) in enumerate(zip(CAMERAS, places_m, strict=False))
    ]
    around = [stand_before(CAMERAS[:3], 30 + n, (x, y + 3.9)) for n, (x, y) in enumerate(places_m)]
    result = identify(*crowd, *around, *apart)
    assert result.lone_sights == UncorroboratedTracks(0, 0.0)
    assert {LONE, LONE + 1, LONE + 2} <= set(result.tracks["tracklet"])


def test_a_visitor_seen_by_all_cameras_before_is_kept() -> None:
    """Six seconds before three cameras, then one alone goes on."""
    seen = [
        walk(800 + n, start_s=55.0, end_s=61.0, at_m=(5.0, 5.0), camera=camera, sigma_m=0.05, seed=3)
        for n, camera in enumerate(CAMERAS[1:3])
    ]
    on = walk(LONE, start_s=55.0, end_s=75.0, at_m=(5.0, 5.0), camera=CAMERAS[0], sigma_m=0.05, seed=3)
    result = identify(*seen, on, views=[make_view(camera) for camera in CAMERAS[:3]])
    assert result.lone_sights.count == 1
    assert result.apparitions == ShortFalseTracks(0, 0.0)
    assert has_track(result)


@pytest.mark.parametrize(("alone_s", "is_kept"), [(10.0, True), (40.0, False)])
def test_a_place_confirmed_before_and_after_is_kept(alone_s: float, is_kept: bool) -> None:
    there: dict[str, Any] = {"at_m": (5.0, 5.0), "sigma_m": 0.05, "seed": 3}
    seen = [
        walk(800 + 10 * n + part, start_s=start_s, end_s=end_s, camera=camera, **there)
        for n, camera in enumerate(CAMERAS[1:3])
        for part, (start_s, end_s) in enumerate([(0.0, 40.0), (40.0 + alone_s, 120.0)])
    ]
    result = identify(*seen, walk(LONE, start_s=0, end_s=120, camera=CAMERAS[0], **there))
    near = np.hypot(result.tracks["x_m"] - 5.0, result.tracks["y_m"] - 5.0) < 0.5
    kept_s = near.sum() / 5
    assert result.lone_sights.count == (0 if is_kept else 1)
    assert kept_s == pytest.approx(120.0 if is_kept else 120.0 - alone_s, abs=1.5)
    assert kept_s + result.lone_sights.seconds == pytest.approx(120.0, abs=1.5)


def test_a_camera_without_view_of_the_place_is_ignored() -> None:
    """Its picture ends between the place and the four whom it sees."""
    views = [make_view(camera, to_x_m=4.7 if camera != CAMERAS[0] else 20.0) for camera in CAMERAS[:3]]
    assert has_track(identify(see_alone(), views=views))
    assert not has_track(identify(see_alone(), views=[make_view(camera) for camera in CAMERAS[:3]]))


def test_a_camera_that_misses_most_of_those_there_is_no_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the others sees everybody in four of ten seconds, and both in one."""
    tracks = gather(see_alone())
    moment_s = tracks["time_s"] % 10.0
    is_missed = ((tracks["camera"] == CAMERAS[1]) & (moment_s > 4.0)) | (
        (tracks["camera"] == CAMERAS[2]) & ~moment_s.between(3.0, 7.0)
    )
    monkeypatch.setattr(uncorroborated_tracks, "FALSE_TRACKS", replace(FALSE_TRACKS, awake_s=60.0))
    assert has_track(identify_visitors(tracks=tracks[~is_missed]))


@pytest.mark.parametrize(("learned_over_s", "is_kept"), [(45.0, True), (1000.0, False)])
def test_camera_visibility_is_relearned(
    learned_over_s: float, is_kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wall is built between two of the cameras and the place after 90 of 120 seconds."""
    late = walk(LONE, start_s=95.0, end_s=115.0, at_m=(5.0, 5.0), camera=CAMERAS[0], sigma_m=0.05)
    elsewhere = stand_before(CAMERAS[:3], 7, (12.0, 5.0))
    tracks = gather(late, elsewhere)
    is_hidden = (tracks["camera"] != CAMERAS[0]) & (tracks["time_s"] > 90.0) & (tracks["x_m"] < 8.0)
    monkeypatch.setattr(
        uncorroborated_tracks, "FALSE_TRACKS", replace(FALSE_TRACKS, learned_over_s=learned_over_s)
    )
    assert has_track(identify_visitors(tracks=tracks[~is_hidden])) == is_kept


@pytest.mark.parametrize(("at_m", "is_kept"), [((5.1, 5.0), True), ((7.0, 5.0), False)])
def test_a_place_confirmed_as_real_is_kept(at_m: tuple[float, float], is_kept: bool) -> None:
    place = FalsePlace(CameraId(CAMERAS[0]), *at_m, 0.5, 0.0, 0, 0.0, 0.0, is_certain=False)
    assert has_track(identify(see_alone(), kept_places=[place])) == is_kept


def test_only_the_uncorroborated_part_of_a_visit_is_excluded() -> None:
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
    assert result.lone_sights == UncorroboratedTracks(1, pytest.approx(20.0, abs=1.0))

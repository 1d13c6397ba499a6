from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Point, Polygon, Polyline
from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.metrics.coverage import CameraView
from analytics.results.summary import compute_results
from analytics.visitors.identification import IdentifiedVisitors, identify_visitors
from analytics.visitors.live.live_stitching import LiveStitcher
from benchmarks.tracking_methods import TrackedScene, track_scene
from tests.unit.analytics.visitors.test_live_stitching import play
from tests.unit.analytics.visitors.walks import join, walk
from tools.scenes.door_scene import DOOR_LINE, DOOR_M, make_door_scene
from tools.scenes.scene_files import write_scene
from tools.simulation.crowd.truth import make_true_visits

GEOMETRY = CameraGeometry(np.array([[0.01, 0.0, 0.0], [0.0, 0.01, 4.0], [0.0, 0.0, 1.0]]))
VIEW = CameraView(CameraId("cam"), GEOMETRY, (2000, 1200))
"""From straight above: x from 0 to 20 m, y from 4 to 16 m, six metres on either side of the door."""
DOOR_AT = (10.0, 10.0)
LINE = CountingLine(LineId("door"), ZoneKind.ENTRANCE, Polyline(((9.4, 10.0), (10.6, 10.0))))


def come(tracklet: int, *, at_s: float, way_m_s: tuple[float, float] = (0.0, -1.0)) -> pd.DataFrame:
    """Somebody who appears at the door and walks away from it for six seconds."""
    place = (DOOR_AT[0] - way_m_s[0] * at_s, DOOR_AT[1] - way_m_s[1] * at_s)
    return walk(
        tracklet, start_s=at_s, end_s=at_s + 6, at_m=place, velocity_m_s=way_m_s, sigma_m=0.05, seed=tracklet
    )


def go(tracklet: int, *, at_s: float, way_m_s: tuple[float, float] = (0.0, 1.0)) -> pd.DataFrame:
    """Somebody who walks up to the door for six seconds and vanishes in it."""
    place = (DOOR_AT[0] - way_m_s[0] * at_s, DOOR_AT[1] - way_m_s[1] * at_s)
    return walk(
        tracklet, start_s=at_s - 6, end_s=at_s, at_m=place, velocity_m_s=way_m_s, sigma_m=0.05, seed=tracklet
    )


def use_door(count: int = 12) -> list[pd.DataFrame]:
    """People who go every 12 s, each followed after two seconds by one who comes."""
    return [
        track
        for number in range(count)
        for track in (
            go(2 * number + 1, at_s=12.0 * number + 10),
            come(2 * number + 2, at_s=12.0 * number + 12),
        )
    ]


def identify(
    *tracks: pd.DataFrame, lines: tuple[CountingLine, ...] = (), not_doors: tuple[Point, ...] = ()
) -> IdentifiedVisitors:
    return identify_visitors(tracks=join(*tracks), views=[VIEW], lines=lines, not_doors=not_doors)


def find_visitors(tracks: pd.DataFrame) -> dict[int, set[int]]:
    return {int(name): set(rows["visitor"].astype(int)) for name, rows in tracks.groupby("tracklet")}


def test_a_door_is_learned_and_nobody_is_joined_across_it() -> None:
    found = identify(*use_door())
    (door,) = found.doors.learned
    assert door.place_m == pytest.approx(DOOR_AT, abs=0.3)
    assert (door.appeared, door.disappeared) == (12, 12)
    assert found.tracks["visitor"].nunique() == 24


def test_a_door_is_learned_where_the_view_ends_a_metre_behind_it() -> None:
    view = CameraView(CameraId("cam"), GEOMETRY, (2000, 700))
    found = identify_visitors(tracks=join(*use_door()), views=[view])
    (door,) = found.doors.learned
    assert door.place_m == pytest.approx(DOOR_AT, abs=0.3)
    assert found.tracks["visitor"].nunique() == 24


def test_no_door_is_learned_where_a_user_said_that_there_is_none() -> None:
    found = identify(*use_door(), not_doors=((10.3, 10.2),))
    assert found.doors.learned == ()
    assert found.tracks["visitor"].nunique() < 24
    assert len(identify(*use_door(), not_doors=((14.0, 10.0),)).doors.learned) == 1


def test_a_line_makes_a_door_of_which_too_little_was_seen_to_learn_it() -> None:
    tracks = use_door(3)
    assert identify(*tracks).doors.learned == ()
    found = identify(*tracks, lines=(LINE,))
    assert found.tracks["visitor"].nunique() == 6
    assert found.doors.learned == ()


def test_a_line_across_an_aisle_is_no_door() -> None:
    passing = [
        walk(n, start_s=8.0 * n, end_s=8.0 * n + 12, at_m=(10, 4 - 8.0 * n), velocity_m_s=(0, 1), seed=n)
        for n in range(1, 8)
    ]
    assert identify(*passing, lines=(LINE,)).doors.floor.area == 0.0


def test_a_pillar_that_hides_walkers_is_no_door() -> None:
    hidden = []
    for number in range(12):
        since_s, way = 15.0 * number + 10, 1.0 if number % 2 else -1.0
        hidden.append(go(2 * number + 1, at_s=since_s, way_m_s=(0, way)))
        start_s, place = since_s + 1.5, (DOOR_AT[0], DOOR_AT[1] - way * since_s)
        hidden.append(
            walk(2 * number + 2, start_s=start_s, end_s=start_s + 5, at_m=place, velocity_m_s=(0, way))
        )
    found = identify(*hidden)
    assert found.doors.learned == ()
    assert found.tracks["visitor"].nunique() == 12


def test_the_seam_of_two_cameras_is_no_door() -> None:
    geometry = CameraGeometry(np.array([[0.01, 0.0, 0.0], [0.0, 0.01, 10.0], [0.0, 0.0, 1.0]]))
    views = [VIEW, CameraView(CameraId("next"), geometry, (2000, 1200))]
    tracks = []
    for number in range(12):
        since_s, way = 20.0 * number, 1.0 if number % 2 else -1.0
        place = (DOOR_AT[0], 13.0 - way * (since_s + 8))
        spans = [("cam", -0.8, 10), ("next", 6, 16.8)] if way > 0 else [("next", -0.8, 10), ("cam", 6, 16.8)]
        for camera, start_s, end_s in spans:
            track = walk(
                2 * number + (camera == "next"),
                start_s=since_s + start_s,
                end_s=since_s + end_s,
                at_m=place,
                velocity_m_s=(0, way),
                sigma_m=0.05,
                seed=number,
            )
            tracks.append(track.assign(camera=camera))
    found = identify_visitors(tracks=join(*tracks), views=views)
    assert found.doors.learned == ()
    assert found.tracks["visitor"].nunique() == 12


def test_two_people_who_pass_each_other_in_a_doorway_stay_two() -> None:
    passing = join(go(101, at_s=200.0), come(102, at_s=199.6))
    visitors = find_visitors(identify(*use_door(), passing).tracks)
    assert len(visitors[101]) == len(visitors[102]) == 1
    assert visitors[101].isdisjoint(visitors[102])


def test_a_track_held_until_the_next_person_comes_is_cut_at_the_door() -> None:
    after = come(101, at_s=201.4)
    held = walk(101, start_s=200.2, end_s=201.2, at_m=DOOR_AT, sigma_m=0.05)
    held["state"] = "interpolated"
    held = join(go(101, at_s=200.0), held, after)
    visitors = find_visitors(identify(*use_door(), held).tracks)
    assert len(visitors[101]) == 2
    # without a door, somebody who turned round
    alone = find_visitors(identify(held, walk(1, start_s=0, end_s=210, at_m=(3, 3))).tracks)
    assert len(alone[101]) == 1


@pytest.mark.parametrize("door", ["none", "drawn", "learned"])
def test_live_visitors_are_not_joined_across_a_door(door: str) -> None:
    live = LiveStitcher(views=[VIEW], lines=[LINE] if door == "drawn" else [])
    if door == "learned":
        live.learn_doors(identify(*use_door()).doors.learned)
    play(live, join(go(1, at_s=10.0), come(2, at_s=12.0)))
    assert (live.find_visitor(2) == live.find_visitor(1)) == (door == "none")


@pytest.fixture(scope="module")
def door_scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[TrackedScene, float, float, float]:
    """A tracked scene of 8 people a minute, with its true visits, mean dwell and person-seconds."""
    scene = make_door_scene(people_per_minute=8, seed=3, duration_s=480)
    folder = Path(tmp_path_factory.mktemp("door"))
    write_scene(scene, folder)
    visits = make_true_visits(paths=scene.paths, zones=scene.zones)
    seconds = visits["seconds"]
    return track_scene(folder), len(visits), float(seconds.mean()), float(seconds.sum())


@pytest.mark.parametrize("drawn", ["line", "line before it", "zone", "both", "nothing"])
def test_figures_before_a_busy_door_are_right(
    door_scene: tuple[TrackedScene, float, float, float], drawn: str
) -> None:
    tracked, true_visits, true_mean_s, true_seconds = door_scene
    x_m, y_m = DOOR_M
    corners = [(x_m - 0.7, y_m - 0.3), (x_m + 0.7, y_m - 0.3), (x_m + 0.7, y_m + 0.4), (x_m - 0.7, y_m + 0.4)]
    zones = tracked.scene.geometry.zones
    if drawn in {"zone", "both"}:
        zones = (*zones, Zone(ZoneId("door"), ZoneKind.EXIT, Polygon.from_points(corners, what="door")))
    lines = (DOOR_LINE,) if drawn in {"line", "both"} else ()
    if drawn == "line before it":
        path = Polyline.from_points([(x_m - 0.8, y_m - 0.5), (x_m + 0.8, y_m - 0.5)], what="line 'Door'")
        lines = (replace(DOOR_LINE, path=path),)
    views = tracked.scene.views({c.name: c.frame_size_wh for c in tracked.scene.cameras if c.frame_size_wh})
    found = identify_visitors(
        tracks=tracked.tracks, spans=tracked.spans, views=views, zones=zones, lines=lines
    )
    results = compute_results(
        tracks=found.tracks,
        spans=tracked.spans,
        zones=zones,
        lines=lines,
        duration_s=tracked.duration_s,
        views=views,
        doors=found.doors,
    )
    summary = results.summary["zones"]["Foyer"]  # type: ignore[index]
    assert len(found.doors.learned) == (drawn == "nothing")
    assert summary["visits"] / true_visits == pytest.approx(1.0, abs=0.07)
    assert summary["mean_dwell_s"] / true_mean_s == pytest.approx(1.0, abs=0.05)
    assert summary["person_seconds"] / true_seconds == pytest.approx(1.0, abs=0.05)
    low, high = summary["visits_interval"]
    assert low <= true_visits <= high

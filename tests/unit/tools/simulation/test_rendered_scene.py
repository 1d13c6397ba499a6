from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import OutputError
from analytics.domain.identifiers import CameraId
from tools.simulation.crowd.visitor_paths import VisitorPaths, simulate_visitors
from tools.simulation.crowd.walk_hall import WalkHall, make_demo_hall
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendered_scene import RenderedSceneSource
from tools.simulation.rendering.backdrop import Backdrop, Face, cast_backdrop
from tools.simulation.rendering.clip_writer import write_video
from tools.simulation.rendering.demo_scene import dress_visitor
from tools.simulation.rendering.figure import Pose
from tools.simulation.rendering.hall import Block, build_block
from tools.simulation.rendering.scene_renderer import Look, RenderedPerson, SceneRenderer

CAMERA = PinholeCamera((5.0, -2.0, 3.0), math.pi / 2, 0.35, math.radians(70), (480, 270))
CLEAN = Look(blur_px=0.0, noise=0.0, shadow=0.0, vignette=0.0)


@pytest.fixture(scope="module")
def visitor_hall() -> WalkHall:
    return make_demo_hall()


@pytest.fixture(scope="module")
def visitors(visitor_hall: WalkHall) -> VisitorPaths:
    return simulate_visitors(hall=visitor_hall, duration_s=1.0, seed=5)


def empty_backdrop(camera: PinholeCamera, faces: tuple[Face, ...] = ()) -> Backdrop:
    return cast_backdrop(faces=faces, camera=camera)


def render(
    *places: tuple[float, float], faces: tuple[Face, ...] = (), look: Look = CLEAN
) -> tuple[np.ndarray, list[RenderedPerson]]:
    renderer = SceneRenderer(camera=CAMERA, backdrop=empty_backdrop(CAMERA, faces), look=look, seed=1)
    people = [(dress_visitor(visitor=n, seed=0), Pose(place, -math.pi / 2)) for n, place in enumerate(places)]
    return renderer.render(people)


def test_the_nearer_face_hides_the_farther() -> None:
    def wall(y: float, grey: int) -> Face:
        texture = np.full((4, 4, 3), grey, np.uint8)
        return Face((2.0, y, 3.0), (6.0, 0.0, 0.0), (0.0, 0.0, -3.0), texture, hides_people=True)

    for faces in ((wall(3.0, 200), wall(6.0, 60)), (wall(6.0, 60), wall(3.0, 200))):
        backdrop = empty_backdrop(CAMERA, faces)
        u, v, _ = CAMERA.project(np.array([[5.0, 3.0, 1.5]]))[0]
        assert backdrop.picture[int(v), int(u)].tolist() == [200, 200, 200]
        assert backdrop.obstacle_distance_m[int(v), int(u)] == pytest.approx(5.0, abs=0.02)


def test_boxes_enclose_exactly_what_changed_in_the_picture() -> None:
    empty, nobody = render()
    picture, people = render((4.0, 5.0))
    assert nobody == []
    changed = (np.abs(picture.astype(int) - empty) > 40).any(axis=2)
    rows, columns = np.nonzero(changed)
    box = people[0].visible_xyxy
    assert box is not None
    assert box == pytest.approx((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1), abs=2)
    assert people[0].whole_xyxy == box
    assert people[0].covered_share == 0.0


def test_only_people_behind_others_are_covered() -> None:
    _, people = render((5.0, 3.0), (5.02, 5.0), (3.0, 5.0))
    assert people[0].covered_share == 0.0
    assert people[1].covered_share > 0.4
    assert people[2].covered_share == 0.0


def test_a_counter_hides_only_people_behind_it() -> None:
    counter = Block((5.0, 4.0), (2.0, 0.5, 1.1))
    faces = tuple(build_block(block=counter, colour=(90.0, 90.0, 90.0), rng=np.random.default_rng(0)))
    _, people = render((5.0, 5.0), (5.5, 3.2), faces=faces)
    assert people[0].covered_share > 0.25
    assert people[0].visible_xyxy is not None
    assert people[0].visible_xyxy[3] < people[0].whole_xyxy[3] - 10
    assert people[1].covered_share == 0.0


def test_a_source_gives_reproducible_numbered_frames(visitor_hall: WalkHall, visitors: VisitorPaths) -> None:
    source = RenderedSceneSource(
        camera=CameraId("cam"), hall=visitor_hall, paths=visitors, fps=4.0, size_wh=(320, 180), seed=2
    )
    runs = []
    for _ in range(2):
        source.open()
        frames = []
        while (frame := source.read()) is not None:
            frames.append(frame)
            inside = {moment.visitor for moment in visitors.at(frame.time_s)}
            assert {visitor for visitor, _ in source.people} <= inside
            assert len(source.people) >= len(inside) - 2
        source.close()
        runs.append(frames)
    assert [frame.number for frame in runs[0]] == [0, 1, 2, 3]
    assert [frame.time_s for frame in runs[0]] == [0.0, 0.25, 0.5, 0.75]
    assert {frame.size_wh for frame in runs[0]} == {(320, 180)}
    for first, second in zip(*runs, strict=True):
        np.testing.assert_array_equal(first.picture, second.picture)
    assert not np.array_equal(runs[0][0].picture, runs[0][3].picture)


def test_a_closed_source_does_not_read(visitor_hall: WalkHall, visitors: VisitorPaths) -> None:
    source = RenderedSceneSource(camera=CameraId("cam"), hall=visitor_hall, paths=visitors, fps=4.0)
    with pytest.raises(RuntimeError):
        source.read()


def test_an_unwritable_clip_is_named(tmp_path: Path) -> None:
    pictures = [np.zeros((64, 64, 3), np.uint8)]
    with pytest.raises(OutputError, match=r"clip\.mp4"):
        write_video(tmp_path / "absent" / "clip.mp4", pictures=pictures, fps=10.0, size_wh=(64, 64))
    assert list(tmp_path.glob("**/*.mp4")) == []

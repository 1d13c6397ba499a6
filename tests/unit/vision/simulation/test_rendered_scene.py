from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import av
import numpy as np
import pytest

from analytics.domain.errors import OutputError
from analytics.domain.identifiers import CameraId
from vision.simulation.crowd.visitor_paths import VisitorMoment, VisitorPaths, WalkSettings, simulate_visitors
from vision.simulation.crowd.walk_hall import WalkHall, make_demo_hall
from vision.simulation.demo_clip import render_demo_clip
from vision.simulation.pinhole_camera import PinholeCamera
from vision.simulation.rendered_scene import RenderedSceneSource
from vision.simulation.rendering.backdrop import Backdrop, Face, cast_backdrop
from vision.simulation.rendering.clip_writer import write_video
from vision.simulation.rendering.demo_scene import dress_visitor, pose_visitor
from vision.simulation.rendering.figure import Pose, build_parts, draw_appearance
from vision.simulation.rendering.figure_painter import paint_figure
from vision.simulation.rendering.hall import Block, build_block
from vision.simulation.rendering.scene_renderer import Look, RenderedPerson, SceneRenderer

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


def test_a_camera_looking_along_y_sees_x_to_the_right_and_height_upwards() -> None:
    middle, right, above = CAMERA.project(np.array([[5.0, 6.0, 1.0], [6.0, 6.0, 1.0], [5.0, 6.0, 2.0]]))
    assert middle[0] == pytest.approx(240)
    assert right[0] > middle[0]
    assert right[1] == pytest.approx(middle[1])
    assert above[1] < middle[1]


def test_floor_geometry_and_projection_agree() -> None:
    floor = np.array([[3.0, 4.0], [5.0, 6.0], [7.5, 2.0]])
    seen = CAMERA.project(np.column_stack([floor, np.zeros(3)]))[:, :2]
    geometry = CAMERA.to_geometry()
    np.testing.assert_allclose(geometry.project_to_pixel(floor), seen, atol=1e-6)
    np.testing.assert_allclose(geometry.project_to_floor(seen), floor, atol=1e-9)
    assert np.isnan(geometry.project_to_floor(np.array([[240.0, -300.0]]))).all()


def test_rays_pass_through_the_pixels_that_points_are_projected_to() -> None:
    rays = CAMERA.cast_rays(100, 50, 103, 52)
    points = np.asarray(CAMERA.position_m) + 4.0 * rays.reshape(-1, 3)
    seen = CAMERA.project(points)
    np.testing.assert_allclose(seen[:, 0].reshape(2, 3)[0], [100.5, 101.5, 102.5], atol=1e-2)
    np.testing.assert_allclose(seen[:, 1].reshape(2, 3)[:, 0], [50.5, 51.5], atol=1e-2)
    np.testing.assert_allclose(seen[:, 2], 4.0, atol=1e-4)


def test_the_nearer_face_hides_the_farther() -> None:
    def wall(y: float, grey: int) -> Face:
        texture = np.full((4, 4, 3), grey, np.uint8)
        return Face((2.0, y, 3.0), (6.0, 0.0, 0.0), (0.0, 0.0, -3.0), texture, hides_people=True)

    for faces in ((wall(3.0, 200), wall(6.0, 60)), (wall(6.0, 60), wall(3.0, 200))):
        backdrop = empty_backdrop(CAMERA, faces)
        u, v, _ = CAMERA.project(np.array([[5.0, 3.0, 1.5]]))[0]
        assert backdrop.picture[int(v), int(u)].tolist() == [200, 200, 200]
        assert backdrop.obstacle_distance_m[int(v), int(u)] == pytest.approx(5.0, abs=0.02)


def test_a_body_is_as_tall_as_it_should_be_and_stands_on_the_floor() -> None:
    for seed in range(6):
        appearance = draw_appearance(np.random.default_rng(seed))
        for swing in (0.0, 0.4):
            parts = build_parts(
                appearance=appearance, pose=Pose((2.0, 3.0), 0.7, step_rad=0.9, swing_rad=swing)
            )
            top = max(float((part.centres_m[:, 2] + part.radii_m).max()) for part in parts)
            bottom = min(float((part.centres_m[:, 2] - part.radii_m).min()) for part in parts)
            assert top == pytest.approx(appearance.height_m, rel=0.06)
            assert bottom == pytest.approx(0.0, abs=0.03)


def test_a_sprite_covers_the_person_from_foot_to_head() -> None:
    appearance = dress_visitor(visitor=3, seed=0)
    sprite = paint_figure(appearance=appearance, pose=Pose((5.0, 4.0), 0.0), camera=CAMERA)
    assert sprite is not None
    foot, head = CAMERA.project(np.array([[5.0, 4.0, 0.0], [5.0, 4.0, appearance.height_m]]))
    rows = np.nonzero((sprite.alpha > 0.5).any(axis=1))[0] + sprite.top
    assert rows[0] == pytest.approx(head[1], abs=4)
    assert rows[-1] == pytest.approx(foot[1], abs=4)


def test_nobody_is_painted_behind_the_camera_or_outside_its_picture() -> None:
    appearance = dress_visitor(visitor=3, seed=0)
    for place in ((5.0, -4.0), (40.0, 2.0)):
        assert paint_figure(appearance=appearance, pose=Pose(place, 0.0), camera=CAMERA) is None


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


def test_a_person_behind_another_is_covered_and_one_beside_is_not() -> None:
    _, people = render((5.0, 3.0), (5.02, 5.0), (3.0, 5.0))
    assert people[0].covered_share == 0.0
    assert people[1].covered_share > 0.4
    assert people[2].covered_share == 0.0


def test_a_counter_hides_those_behind_it_and_not_those_before_it() -> None:
    counter = Block((5.0, 4.0), (2.0, 0.5, 1.1))
    faces = tuple(build_block(block=counter, colour=(90.0, 90.0, 90.0), rng=np.random.default_rng(0)))
    _, people = render((5.0, 5.0), (5.5, 3.2), faces=faces)
    assert people[0].covered_share > 0.25
    assert people[0].visible_xyxy is not None
    assert people[0].visible_xyxy[3] < people[0].whole_xyxy[3] - 10
    assert people[1].covered_share == 0.0


def test_the_part_outside_the_picture_counts_as_covered() -> None:
    edge = CAMERA.to_geometry().project_to_floor(np.array([[8.0, 200.0]]))[0]
    _, people = render((float(edge[0]), float(edge[1])))
    assert people[0].whole_xyxy[0] < 0
    assert 0.2 < people[0].covered_share < 0.8


def test_noise_and_shadows_change_the_picture_but_not_the_boxes() -> None:
    clean, exact = render((4.0, 5.0))
    rough, same = render((4.0, 5.0), look=Look(noise=4.0, blur_px=1.0, shadow=0.5))
    assert exact == same
    assert np.abs(clean.astype(int) - rough).mean() > 2
    foot = CAMERA.project(np.array([[4.0, 4.85, 0.0]]))[0]
    u, v = int(foot[0]), int(foot[1]) + 2
    assert rough[v, u].mean() < clean[v, u].mean() - 8


def test_who_stands_does_not_swing_the_legs() -> None:
    standing = pose_visitor(VisitorMoment(4, (1.0, 1.0), 0.0, 0.0, 3.0))
    walking = pose_visitor(VisitorMoment(4, (1.0, 1.0), 0.0, 1.1, 3.0))
    assert standing.swing_rad < 0.1 < 0.35 < walking.swing_rad
    assert walking.raised_arms == 0


def test_a_source_gives_numbered_frames_at_its_rate_and_the_same_again(
    visitor_hall: WalkHall, visitors: VisitorPaths
) -> None:
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


def test_the_demo_has_a_clip_and_everything_to_check_it_by(tmp_path: Path) -> None:
    progress: list[float] = []
    clip = render_demo_clip(
        tmp_path / "demo", seed=3, on_progress=progress.append, duration_s=1.2, size_wh=(480, 270)
    )
    with av.open(str(clip.video)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert stream.codec_context.name == "h264"
        assert float(stream.average_rate or 0) == 10.0
    assert len(frames) == 12
    assert [round(frame.time or 0.0, 3) for frame in frames] == [round(n / 10, 3) for n in range(12)]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    features = json.loads(clip.zones.read_text(encoding="utf-8"))["features"]
    summary = json.loads((clip.truth_folder / "summary.json").read_text(encoding="utf-8"))
    names = {feature["properties"]["name"] for feature in features}
    assert names == set(summary["zones"]) | set(summary["lines"])
    assert {feature["geometry"]["type"] for feature in features} == {"Polygon", "LineString"}


def test_the_demo_pairs_and_boxes_lie_where_the_truth_stands(tmp_path: Path) -> None:
    clip = render_demo_clip(tmp_path / "demo", seed=3, duration_s=0.5)
    with clip.calibration.open(encoding="utf-8") as file:
        pairs = [[float(row[key]) for key in ("u_px", "v_px", "x_m", "y_m")] for row in csv.DictReader(file)]
    assert len(pairs) >= 6
    source = RenderedSceneSource(
        camera=CameraId("demo"),
        hall=make_demo_hall(),
        paths=VisitorPaths(0.0, ()),
        fps=10.0,
        size_wh=(960, 540),
    )
    geometry = source.view.to_geometry()
    table = np.array(pairs)
    np.testing.assert_allclose(geometry.project_to_floor(table[:, :2]), table[:, 2:], atol=0.01)
    paths = simulate_visitors_of_demo()
    truth = {moment.visitor: moment.xy_m for moment in paths.at(0.0)}
    with clip.labels.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if float(row["time_s"]) == 0.0]
    assert len(rows) > 3
    for row in rows:
        foot = np.array([[(float(row["x1"]) + float(row["x2"])) / 2, float(row["y2"])]])
        place = geometry.project_to_floor(foot)[0]
        assert np.hypot(*(place - truth[int(row["visitor"])])) < 0.6


def simulate_visitors_of_demo() -> VisitorPaths:
    return simulate_visitors(
        hall=make_demo_hall(), duration_s=0.5, seed=3, settings=WalkSettings(arrivals_per_s=0.15)
    )


def test_a_clip_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    pictures = [np.zeros((64, 64, 3), np.uint8)]
    with pytest.raises(OutputError, match=r"clip\.mp4"):
        write_video(tmp_path / "absent" / "clip.mp4", pictures=pictures, fps=10.0, size_wh=(64, 64))
    assert list(tmp_path.glob("**/*.mp4")) == []

"""What cameras see of a floor, against figures that were computed by hand or from bodies in space."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.domain.camera import Camera
from analytics.domain.camera_geometry import MEAN_HEIGHT_M
from analytics.domain.floor_plan import Obstacle
from analytics.domain.identifiers import CameraId
from app.core.document import VenueCamera
from app.coverage.camera_mounting import list_mounted_cameras, mount_installed, mount_planned
from app.coverage.coverage_map import (
    CoverageLayer,
    CoverageSurvey,
    cast_shadow,
    combine_hidden,
    compute_detector_scale,
    measure_camera,
    measure_zones,
)
from app.coverage.coverage_report import report_coverage
from tests.support.halls.planned_hall import HALL, box, install, make_planned_venue, plan_camera, zone
from tools.simulation.pinhole_camera import PinholeCamera

WEST = plan_camera()
AHEAD = np.array([[4.0, 6.0], [8.0, 6.0], [10.0, 8.0]])


def test_a_planned_camera_looks_where_its_figures_say() -> None:
    """The middle of the picture is the floor at height / tan(tilt) ahead."""
    geometry = mount_planned(plan_camera(heading_deg=90.0, x_m=5.0, y_m=1.0), hall=HALL).view.geometry
    middle = geometry.project_to_floor(np.array([[960.0, 540.0]]))[0]
    assert middle == pytest.approx((5.0, 1.0 + 4.0 / math.tan(math.radians(30))), abs=1e-9)
    side = geometry.project_to_floor(np.array([[1920.0, 540.0]]))[0]
    # at 90 degrees across, the picture's side is as far to the right as the middle is away
    assert side[0] - 5.0 == pytest.approx(4.0 / math.sin(math.radians(30)), abs=1e-9)


def test_people_are_as_tall_as_bodies_in_space_are_drawn() -> None:
    view = PinholeCamera((0.0, 6.0, 4.0), 0.0, math.radians(30), math.radians(90), (1920, 1080))
    upright = view.project(np.column_stack([AHEAD, np.full(3, MEAN_HEIGHT_M)]))
    feet = view.project(np.column_stack([AHEAD, np.zeros(3)]))
    figures = measure_camera(mount_planned(WEST, hall=HALL), AHEAD)
    # 1920 pixels across are shrunk to the 640 of the network
    assert figures.person_px == pytest.approx(np.hypot(*(upright - feet)[:, :2].T) / 3, rel=1e-6)


@pytest.mark.parametrize(
    ("size_wh", "shrinking"),
    [((640, 360), 1.0), ((1920, 1080), 1 / 3), ((320, 240), 1.0), ((480, 960), 2 / 3)],
)
def test_pictures_are_shrunk_to_fit_the_network_and_never_blown_up(
    size_wh: tuple[int, int], shrinking: float
) -> None:
    assert compute_detector_scale(size_wh) == pytest.approx(shrinking)


def test_pixels_per_metre_are_the_focal_length_over_the_depth() -> None:
    figures = measure_camera(mount_planned(WEST, hall=HALL), AHEAD[:2])
    tilt = math.radians(30)
    depth = AHEAD[:2, 0] * math.cos(tilt) + 4.0 * math.sin(tilt)
    assert figures.pixels_per_metre == pytest.approx(960 / depth, rel=1e-9)


def test_the_hidden_share_is_that_of_a_crowd_thrown_at_random() -> None:
    """Against 20,000 crowds, in each of which it is looked whether anybody stands in a strip."""
    rng = np.random.default_rng(7)
    point = np.array([[8.0, 6.0]])
    cameras = [
        mount_planned(camera, hall=HALL)
        for camera in (WEST, plan_camera("south", 8.0, 0.0, heading_deg=90.0))
    ]
    figures = [measure_camera(camera, point) for camera in cameras]
    trials, rate = 20_000, 0.25
    hidden = np.zeros((2, trials), bool)
    counts = rng.poisson(rate * 100, trials)
    for trial, count in enumerate(counts):
        crowd = rng.uniform((3.0, 1.0), (13.0, 11.0), (count, 2)) - point[0]
        for number, figure in enumerate(figures):
            towards = figure.towards[0]
            along, across = crowd @ towards, crowd @ np.array([-towards[1], towards[0]])
            hidden[number, trial] = ((along > 0) & (along < figure.strip_m[0]) & (abs(across) < 0.25)).any()
    for number, figure in enumerate(figures):
        assert figure.measure_hidden(rate)[0] == pytest.approx(hidden[number].mean(), abs=0.015)
    both = combine_hidden(figures, people_per_m2=rate)[0]
    truth = hidden.all(axis=0).mean()
    assert truth - 0.01 < both < truth + 0.04, "never too favourable, and near"


def test_the_shadow_of_a_wall_is_as_long_as_its_height_makes_it() -> None:
    """Behind a wall of 2 m that is 4 m away, a camera at 4 m sees the floor again from 8 m on."""
    wall = Obstacle("wall", box(3.9, 5.0, 4.0, 7.0), height_m=2.0)
    shadow = cast_shadow((0.0, 6.0, 4.0), wall)
    assert shadow.bounds[2] == pytest.approx(8.0)
    assert shadow.contains(cast_shadow((0.0, 6.0, 8.0), wall)), "higher, less is hidden"
    points = np.array([[3.0, 6.0], [5.0, 6.0], [7.9, 6.0], [8.1, 6.0], [5.0, 8.0]])
    camera = mount_planned(plan_camera(fov_deg=110.0), hall=HALL)
    assert measure_camera(camera, points, obstacles=[wall]).is_blocked.tolist() == [
        False, True, True, False, False,
    ]  # fmt: skip
    high = Obstacle("hall wall", wall.outline, height_m=5.0)
    assert cast_shadow((0.0, 6.0, 4.0), high).bounds[2] > 1000.0, "as high as the camera: for ever"
    assert cast_shadow((0.0, 6.0, 4.0), Obstacle("rope", wall.outline)).area == pytest.approx(0.2)


def test_how_an_installed_camera_hangs_is_found_in_its_calibration() -> None:
    planned = plan_camera("n", 3.0, 2.0, height_m=5.2, tilt_deg=38.0, heading_deg=25.0, fov_deg=75.0)
    camera = mount_installed(install(planned))
    assert camera is not None
    assert camera.mounting is not None
    pose = camera.mounting.pose
    assert (pose.x_m, pose.y_m, pose.height_m) == pytest.approx((3.0, 2.0, 5.2), abs=1e-6)
    assert math.degrees(pose.tilt_rad) == pytest.approx(38.0, abs=1e-6)
    assert math.degrees(pose.heading_rad) == pytest.approx(25.0, abs=1e-6)
    assert pose.roll_rad == pytest.approx(0.0, abs=1e-9)
    there = np.array([[8.0, 5.0]])
    figures, wanted = measure_camera(camera, there), measure_camera(mount_planned(planned, hall=HALL), there)
    assert figures.person_px == pytest.approx(wanted.person_px, rel=1e-6)
    assert figures.strip_m == pytest.approx(wanted.strip_m, rel=1e-6)


def test_a_map_counts_cameras_and_leaves_what_nobody_sees_unknown() -> None:
    venue = make_planned_venue(
        planned=[
            plan_camera(tilt_deg=45.0),
            plan_camera("east", 20.0, 6.0, tilt_deg=45.0, heading_deg=180.0),
        ],
        obstacles=[Obstacle("pillar", box(9.5, 5.5, 10.5, 6.5))],
    )
    found = CoverageSurvey(venue.plan).survey(list_mounted_cameras(venue))
    assert found.grid.shape == (48, 80)
    centre = found.grid.find_cells(np.array([10.0]), np.array([8.0]))[0]
    corner = found.grid.find_cells(np.array([0.1]), np.array([0.1]))[0]
    pillar = found.grid.find_cells(np.array([10.0]), np.array([6.0]))[0]
    assert found.cameras.ravel()[[centre, corner, pillar]].tolist() == [2, 0, 0]
    assert not found.is_floor.ravel()[pillar]
    for layer in CoverageLayer:
        values = found.layer(layer).ravel()
        assert np.isfinite(values[centre])
        assert np.isnan(values[[corner, pillar]]).all()
        assert np.isfinite(values).sum() == (found.cameras > 0).sum()


def test_zones_say_what_is_missed_of_them() -> None:
    seen, unseen = zone("seen", box(6.0, 5.0, 8.0, 7.0)), zone("corner", box(0.0, 0.0, 1.0, 1.0))
    half = zone("half", box(2.0, 10.0, 4.0, 14.0))
    venue = make_planned_venue(zones=[seen, unseen, half], planned=[WEST])
    found = {z.name: z for z in measure_zones(list_mounted_cameras(venue), [seen, unseen, half], venue.plan)}
    assert found["seen"].area_m2 == pytest.approx(4.0)
    assert found["seen"].unseen_m2 == 0.0
    assert found["seen"].cameras == ("west",)
    # 1.7 / 4 of 7 m are hidden by whoever stands there: 1 - exp(-0.2476 * 0.5 * 2.975)
    assert found["seen"].hidden_m2 / 4.0 == pytest.approx(0.308, abs=0.01)
    assert found["corner"].unseen_m2 == pytest.approx(1.0)
    assert found["corner"].missed_m2 == pytest.approx(1.0)
    assert found["corner"].unseen_middle_m == pytest.approx((0.5, 0.5))
    assert found["corner"].person_px is None
    assert found["half"].area_m2 == pytest.approx(4.0), "without what lies outside the hall"


def test_a_plan_that_has_come_true_counts_once() -> None:
    """Where a camera of its name hangs and is calibrated, the planned one is no longer looked through."""
    bare = VenueCamera(Camera(CameraId("west"), (1920, 1080)))
    planned = [plan_camera("west"), plan_camera("east", 20.0, 6.0, heading_deg=180.0)]
    hung = make_planned_venue(planned=planned, cameras=[install(plan_camera("west", 1.0))])
    assert [(c.name, c.is_planned) for c in list_mounted_cameras(hung)] == [("west", False), ("east", True)]
    waiting = make_planned_venue(planned=planned, cameras=[bare])
    assert [(c.name, c.is_planned) for c in list_mounted_cameras(waiting)] == [("west", True), ("east", True)]
    report = report_coverage(waiting)
    assert [(c.name, c.is_planned, c.mounted is None) for c in report.cameras] == [
        ("west", False, True), ("west", True, False), ("east", True, False),
    ]  # fmt: skip

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError, VenueError
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import Lens
from app.calibration.calibrate_camera import (
    fit_chessboard,
    fit_lens,
    fit_rectangle,
    fit_walkers,
    store_calibrations,
)
from app.calibration.calibration_preview import report_calibration
from app.core.change_set import ChangeSet
from app.core.document import Venue, VenueCamera
from app.core.file_format import create_venue, read_venue
from tests.support.halls.bent_views import bend_as_fisheye, click_lines, click_pairs
from tests.support.halls.walking_people import MEAN_HEIGHT_M, film_walkers
from tools.simulation.pinhole_camera import PinholeCamera
from vision.calibration.homography import estimate_homography
from vision.calibration.pose_pairs import make_pose_pairs

SIZE_WH = (1280, 720)
VIEW = PinholeCamera((10.0, 1.0, 4.2), 1.5, math.radians(28), math.radians(80), SIZE_WH)
TRUTH = VIEW.to_geometry()
HALL = Polygon.from_points([(0, 0), (20, 0), (20, 15), (0, 15)], what="the hall")
PLACES_M = np.array([[8, 5], [12, 5], [7, 9], [13, 9], [10, 7], [9, 12], [11.5, 4]], dtype=np.float64)
CHANGED = ChangeSet(cameras=True)


def pair_at(xy_m: np.ndarray) -> PointPair:
    return PointPair(*TRUTH.project_to_pixel(xy_m[None])[0].tolist(), *xy_m.tolist())


PAIRS = tuple(pair_at(place) for place in PLACES_M)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "hall.expoflow"
    create_venue(
        made,
        Exhibition("Fair", "UTC"),
        FloorPlan(HALL),
        cameras=(
            VenueCamera(Camera(CameraId("north"), SIZE_WH)),
            VenueCamera(Camera(CameraId("unknown size"))),
        ),
    )
    return made


def stored(folder: Path, name: str = "north") -> Camera:
    return read_venue(folder).camera(name).camera


def store(folder: Path, pairs: Sequence[PointPair], name: str = "north") -> tuple[Venue, ChangeSet]:
    return store_calibrations(folder, [Camera(CameraId(name), SIZE_WH, tuple(pairs))])


def test_pairs_that_give_nothing_leave_the_venue_alone(folder: Path) -> None:
    store(folder, PAIRS)
    with pytest.raises(CalibrationError, match="camera 'north' has 3"):
        store(folder, PAIRS[:3])
    with pytest.raises(VenueError, match="no camera 'south'"):
        store(folder, PAIRS, "south")
    assert stored(folder).pairs == PAIRS


def test_a_lens_is_estimated_from_lines_and_the_cameras_pairs() -> None:
    rng = np.random.default_rng(0)
    camera = Camera(CameraId("north"), SIZE_WH, tuple(click_pairs(bend_as_fisheye, rng, count=8)))
    fit = fit_lens(camera, click_lines(bend_as_fisheye, rng))
    assert -0.35 < fit.lens.division < -0.22
    with pytest.raises(CalibrationError, match="frame size of camera 'x' is unknown"):
        fit_lens(Camera(CameraId("x")), [])


def test_a_rectangle_calibrates_with_two_known_points() -> None:
    corners_m = np.array([[9.0, 5.0], [11.0, 5.0], [11.0, 8.0], [9.0, 8.0]])
    corners = [tuple(uv) for uv in TRUTH.project_to_pixel(corners_m).tolist()]
    known = [pair_at(corners_m[0]), pair_at(PLACES_M[3])]
    north = Camera(CameraId("north"), SIZE_WH)
    pairs = fit_rectangle(north, corners, width_m=2.0, depth_m=3.0, known=known)
    assert len(pairs) == 5
    np.testing.assert_allclose([(p.x_m, p.y_m) for p in pairs][:4], corners_m, atol=1e-6)
    pairs = fit_rectangle(
        north, corners, width_m=2.0, depth_m=3.0, known=known[:1], towards=(corners[1], 0.0)
    )
    np.testing.assert_allclose([(p.x_m, p.y_m) for p in pairs], corners_m, atol=1e-6)


def test_a_chessboard_on_the_floor_gives_all_its_corners(folder: Path) -> None:
    board_m = np.array([[(10 + 0.2 * column, 6 - 0.2 * row) for column in range(7)] for row in range(5)])
    corners = TRUTH.project_to_pixel(board_m.reshape(-1, 2)).reshape(5, 7, 2)
    known = [PAIRS[1], PAIRS[3]]
    pairs = fit_chessboard(Camera(CameraId("north"), SIZE_WH), corners, square_m=0.2, known=known)
    places = np.array([(pair.x_m, pair.y_m) for pair in pairs])
    np.testing.assert_allclose(places, [*board_m.reshape(-1, 2), *PLACES_M[[1, 3]]], atol=1e-6)


def test_walkers_and_two_points_become_pairs() -> None:
    rng = np.random.default_rng(1)
    turned = dataclasses.replace(VIEW, position_m=(0.0, 0.0, 4.2), heading_rad=math.pi / 2)
    refined = fit_walkers(
        Camera(CameraId("north"), SIZE_WH),
        film_walkers(turned, rng),
        horizontal_fov_rad=VIEW.horizontal_fov_rad,
        mean_height_m=MEAN_HEIGHT_M,
        mean_height_sigma_m=0.01,
        known=[PAIRS[0], PAIRS[3]],
    )
    told = make_pose_pairs(refined, SIZE_WH)
    assert 0.5 < told.sigma_px < 30
    geometry = estimate_homography(told.pairs).geometry
    off = np.linalg.norm(geometry.project_to_floor(TRUTH.project_to_pixel(PLACES_M)) - PLACES_M, axis=1)
    assert off.max() < 0.5


def test_the_report_says_which_point_spoils_it() -> None:
    wrong = dataclasses.replace(PAIRS[2], x_m=PAIRS[2].x_m + 1.0)
    camera = Camera(CameraId("north"), SIZE_WH, (*PAIRS[:2], wrong, *PAIRS[3:]))
    report = report_calibration(camera, outline=HALL)
    assert [pair.number for pair in report.pairs if pair.is_outlier] == [3]
    assert str(report.warnings[0]) == "Point 3 is wrong: without it the others agree to 0 cm."
    assert report.pairs[2].left_out_m == pytest.approx(1.0, abs=1e-6)
    assert report.rms_m > 0.1


def test_four_pairs_are_told_to_be_unchecked() -> None:
    near = tuple(pair_at(np.array(place)) for place in ((9.5, 4.0), (10.5, 4.0), (10.5, 4.8), (9.5, 4.8)))
    report = report_calibration(Camera(CameraId("north"), SIZE_WH, near), outline=HALL)
    said = [str(warning) for warning in report.warnings]
    assert "Four points always fit" in said[0]
    assert "accurate to half a metre" in said[1]
    assert [pair.left_out_m for pair in report.pairs] == [None] * 4


def test_five_pairs_that_disagree_are_told_to_do_so() -> None:
    wrong = dataclasses.replace(PAIRS[0], x_m=PAIRS[0].x_m + 2.0)
    report = report_calibration(Camera(CameraId("north"), SIZE_WH, (wrong, *PAIRS[1:5])))
    assert "disagree by more than clicking errors" in str(report.warnings[0])
    assert report.floor_shares is None


def test_several_cameras_are_stored_together_or_not_at_all(folder: Path) -> None:
    north = Camera(CameraId("north"), SIZE_WH, PAIRS, lens=Lens(-0.1))
    sized = Camera(CameraId("unknown size"), (640, 360), PAIRS)
    with pytest.raises(CalibrationError, match="has 3 point pairs"):
        store_calibrations(folder, [north, dataclasses.replace(sized, pairs=PAIRS[:3])])
    assert stored(folder).pairs == ()
    assert store_calibrations(folder, [north, sized])[1] == CHANGED
    assert stored(folder).lens == Lens(-0.1)
    assert stored(folder, "unknown size").frame_size_wh == (640, 360)
    assert store_calibrations(folder, [north, sized])[1] == ChangeSet()

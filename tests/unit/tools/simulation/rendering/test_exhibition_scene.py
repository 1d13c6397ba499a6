from __future__ import annotations

import numpy as np
import pytest
import shapely

from tools.simulation.crowd.crowd_samples import CrowdSamples
from tools.simulation.crowd.exhibition_hall import LAYOUT_NAMES, make_exhibition
from tools.simulation.rendering.exhibition_scene import (
    FRAME_SIZE_WH,
    HALL_CAMERAS,
    HallCamera,
    calibrate_hall_camera,
)
from tools.simulation.simulated_detections import simulate_detections
from vision.calibration.homography import estimate_homography


def find_seen(camera: HallCamera, xy_m: np.ndarray, *, with_mask: bool = True) -> np.ndarray:
    """Which floor points are in the picture, and with the mask: are counted by this camera."""
    width, height = FRAME_SIZE_WH
    uv = camera.to_pinhole().to_geometry().project_to_pixel(xy_m)
    seen = (uv[:, 0] >= 0) & (uv[:, 0] <= width) & (uv[:, 1] >= 0) & (uv[:, 1] <= height)
    for polygon in calibrate_hall_camera(camera, analysed_fps=5.0).mask if with_mask else ():
        seen &= ~shapely.contains_xy(shapely.Polygon(polygon), uv[:, 0], uv[:, 1])
    return seen


@pytest.fixture(scope="module")
def floor() -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(0.1, 40, 0.2), np.arange(0.1, 25, 0.2)), axis=-1).reshape(-1, 2)


def test_cameras_overlap_but_count_in_separate_areas(floor: np.ndarray) -> None:
    stage, way_out = HALL_CAMERAS[2:]
    both = find_seen(stage, floor, with_mask=False) & find_seen(way_out, floor, with_mask=False)
    assert both.sum() * 0.04 > 50, "two views overlap, in square metres"
    counted = np.sum([find_seen(camera, floor) for camera in HALL_CAMERAS], axis=0)
    # a mask is rounded to a tenth of a pixel: up to a few centimetres at the far edge
    assert (counted > 1).mean() < 0.002
    assert 0.55 < (counted > 0).mean() < 0.8, "the aisles and stands are seen, the corners are not"


@pytest.mark.parametrize("layout", LAYOUT_NAMES)
def test_every_zone_lies_in_one_cameras_area(layout: str, floor: np.ndarray) -> None:
    counted = [find_seen(camera, floor) for camera in HALL_CAMERAS]
    for zone in make_exhibition(layout).zones:
        inside = shapely.contains_xy(zone.outline.to_shape().buffer(-0.1), floor[:, 0], floor[:, 1])
        shares = [float(seen[inside].mean()) for seen in counted]
        assert max(shares) > 0.97, (zone.name, shares)
        assert sorted(shares)[-2] < 0.02, (zone.name, shares)


def test_the_pairs_calibrate_each_camera_exactly() -> None:
    for camera in HALL_CAMERAS:
        calibrated = calibrate_hall_camera(camera, analysed_fps=5.0)
        fit = estimate_homography(calibrated.pairs, what=str(camera.name)).geometry
        points = np.array([(pair.x_m, pair.y_m) for pair in calibrated.pairs])
        uv = camera.to_pinhole().to_geometry().project_to_pixel(points)
        assert len(points) >= 8
        np.testing.assert_allclose(fit.project_to_floor(uv), points, atol=0.02)


def make_standing(places: list[tuple[float, float]], *, frames: int) -> CrowdSamples:
    count = len(places)
    return CrowdSamples(
        np.arange(frames) / 2,
        np.repeat(np.arange(frames), count),
        np.tile(np.arange(1, count + 1), frames),
        np.tile(np.array(places), (frames, 1)),
    )


def test_detections_match_visible_people() -> None:
    camera = HALL_CAMERAS[0]
    layout = make_exhibition("A")
    # in the open, right behind them as seen by the camera, and out of its view
    samples = make_standing([(10.0, 8.0), (10.0, 8.5), (39.0, 24.0)], frames=200)
    view = camera.to_pinhole()
    found = list(simulate_detections(samples=samples, layout=layout, camera=camera.name, view=view, seed=4))
    assert [time_s for time_s, _ in found[:3]] == [0.0, 0.5, 1.0]
    geometry = camera.to_pinhole().to_geometry()
    boxes = np.vstack([detections.xyxy for _, detections in found])
    feet = geometry.project_to_floor(np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]]))
    near = np.hypot(*(feet - (10.0, 8.0)).T)
    assert 150 < (near < 0.35).sum() <= 205
    assert len(boxes) < 330, "who stands behind is found less often"

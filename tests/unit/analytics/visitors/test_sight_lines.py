"""Directions in which cameras look at places on the floor, and how positions stray along them."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import CameraId
from analytics.metrics.coverage import CameraView
from analytics.visitors.cameras.sight_lines import SightLines, compute_log_along
from analytics.visitors.tracklet_rows import read_tracklet_rows
from tests.unit.analytics.visitors.walks import join, walk


def tilt(*, down: float, distance_m: float) -> CameraView:
    """Make a camera above (0, 0) that looks along y; ``down`` is the scale change a pixel downwards."""
    floor_from_pixel = np.array([[1.0, 0.0, -500.0], [0.0, 0.0, distance_m], [0.0, down, 0.0]])
    return CameraView(CameraId("east"), CameraGeometry(floor_from_pixel), (1000, 1000))


def test_lines_lead_away_from_the_camera() -> None:
    rows = read_tracklet_rows(join(walk(1, start_s=0, end_s=1, camera="east"), walk(2, start_s=0, end_s=1)))
    sight = SightLines.of(rows, [tilt(down=1.0, distance_m=1000.0)])
    number = {int(one): piece for piece, one in enumerate(rows.number)}
    east, unknown = number[1], number[2]
    lines = sight.find(np.array([east, east, unknown]), np.array([0.0, 3.0, 3.0]), np.array([4.0, 4.0, 4.0]))
    assert lines == pytest.approx(np.array([[0.0, 1.0], [0.6, 0.8], [0.0, 0.0]]), abs=0.02)


def test_a_place_behind_the_camera_has_no_line() -> None:
    rows = read_tracklet_rows(walk(1, start_s=0, end_s=1, camera="east"))
    sight = SightLines.of(rows, [tilt(down=1.0, distance_m=1000.0)])
    assert not sight.find(np.array([0]), np.array([0.0]), np.array([-4.0])).any()


@pytest.mark.parametrize("line", [(0.0, 0.0), (1.0, 0.0), (0.6, -0.8)])
def test_the_density_is_one(line: tuple[float, float]) -> None:
    axis_m = np.linspace(-6, 6, 601)
    x_m, y_m = (part.ravel() for part in np.meshgrid(axis_m, axis_m))
    lines = np.tile(np.array(line), (len(x_m), 1))
    found = compute_log_along(x_m, y_m, line=lines, variance=np.full(len(x_m), 0.02), along_m=0.8)
    assert np.exp(found).sum() * 0.02**2 == pytest.approx(1.0, abs=1e-3)


def test_positions_stray_along_the_line() -> None:
    lines = np.tile(np.array([0.6, 0.8]), (2, 1))
    along, across = compute_log_along(
        np.array([0.6, 0.8]), np.array([0.8, -0.6]), line=lines, variance=np.full(2, 0.02), along_m=0.8
    )
    assert along > across + 10

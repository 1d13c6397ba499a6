from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import CameraId
from analytics.domain.lens import Lens
from vision.calibration.camera_fit import fit_camera

PAIRS = tuple(PointPair(u, v, u / 100, v / 50) for u, v in ((100, 100), (1100, 150), (1000, 600), (200, 700)))


def test_a_camera_without_a_lens_is_straight() -> None:
    geometry = fit_camera(Camera(CameraId("north"), pairs=PAIRS)).geometry
    assert geometry.lens is None
    np.testing.assert_allclose(geometry.project_to_floor(np.array([[600.0, 300.0]])), [[6.0, 6.0]])


def test_a_lens_is_placed_in_the_cameras_pictures() -> None:
    camera = Camera(CameraId("north"), (1280, 720), PAIRS, lens=Lens(-0.2))
    assert fit_camera(camera).geometry.lens == Lens(-0.2).in_picture((1280, 720))


def test_a_lens_without_a_size_is_refused() -> None:
    with pytest.raises(CalibrationError, match="'north' has a lens"):
        fit_camera(Camera(CameraId("north"), pairs=PAIRS, lens=Lens(-0.2)))


def test_an_error_names_the_camera() -> None:
    with pytest.raises(CalibrationError, match="camera 'north' has 3 point pairs"):
        fit_camera(Camera(CameraId("north"), pairs=PAIRS[:3]))

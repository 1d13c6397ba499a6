from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.domain.camera import PointPair
from analytics.domain.camera_geometry import CameraGeometry
from vision.calibration.floor_placement import Placement, place_by_direction, place_by_points

LOCAL = CameraGeometry(np.array([[0.01, 0.002, -3.0], [0.0, -0.02, 30.0], [0.0, 0.004, -0.4]]))
METRES = st.floats(-200, 200)
PLACEMENTS = st.builds(Placement, st.floats(-math.pi, math.pi), st.tuples(METRES, METRES))
PIXELS = st.tuples(st.floats(0, 1900), st.floats(150, 1000))


def pair_at(uv_px: tuple[float, float], placement: Placement) -> PointPair:
    (x_m, y_m) = placement.move(LOCAL.project_to_floor(np.array([uv_px])))[0].tolist()
    return PointPair(*uv_px, x_m, y_m)


@settings(deadline=None)
@given(placement=PLACEMENTS, pixels=st.lists(PIXELS, min_size=2, max_size=5))
def test_known_points_give_any_placement_back(
    placement: Placement, pixels: list[tuple[float, float]]
) -> None:
    pixels = [*pixels, (0.0, 1000.0), (1900.0, 400.0)]
    found = place_by_points(LOCAL, [pair_at(uv_px, placement) for uv_px in pixels])
    look = LOCAL.project_to_floor(np.array(pixels))
    np.testing.assert_allclose(found.move(look), placement.move(look), atol=1e-6)


@settings(deadline=None)
@given(placement=PLACEMENTS, first=PIXELS)
def test_a_point_and_a_direction_give_any_placement_back(
    placement: Placement, first: tuple[float, float]
) -> None:
    towards = (first[0] + 50.0, first[1])
    here, there = pair_at(first, placement), pair_at(towards, placement)
    heading_rad = math.atan2(there.y_m - here.y_m, there.x_m - here.x_m)
    found = place_by_direction(LOCAL, here, towards, heading_rad)
    look = LOCAL.project_to_floor(np.array([first, towards]))
    np.testing.assert_allclose(found.move(look), placement.move(look), atol=1e-5)

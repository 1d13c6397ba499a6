"""The plan in a camera's picture, and places in the picture on the plan."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import GeometryError
from analytics.domain.floor_geometry import Polygon
from analytics.domain.lens import Lens
from app.cameras.pictured_shapes import draw_corners, draw_direction, draw_path, find_floor_points
from tools.simulation.rendering.exhibition_scene import FRAME_SIZE_WH, HALL_CAMERAS

SIZE_WH = FRAME_SIZE_WH
STRAIGHT = HALL_CAMERAS[0].to_pinhole().to_geometry()
BENT = CameraGeometry(STRAIGHT.floor_from_pixel, 0.0, Lens(-0.25).in_picture(SIZE_WH))
WALL = ((5.0, 6.0), (14.0, 6.0))
HALL = Polygon(((0.0, 0.0), (40.0, 0.0), (40.0, 25.0), (0.0, 25.0)))


def measure_bend(path: tuple[tuple[float, float], ...]) -> float:
    """The farthest that points lie from the straight line between the ends, pixels."""
    points = np.array(path)
    along = points[-1] - points[0]
    across = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    return float(np.abs((points - points[0]) @ across).max())


def test_a_straight_edge_of_the_floor_bends_where_the_lens_bends_it() -> None:
    (straight,) = draw_path(STRAIGHT, SIZE_WH, WALL, is_closed=False)
    (bent,) = draw_path(BENT, SIZE_WH, WALL, is_closed=False)
    assert measure_bend(straight) < 1e-6
    assert measure_bend(bent) > 3.0
    floor = BENT.project_to_floor(np.array(bent))
    np.testing.assert_allclose(floor[:, 1], 6.0, atol=1e-6)


def test_what_lies_behind_the_camera_or_beside_the_picture_is_not_drawn() -> None:
    pieces = draw_path(STRAIGHT, SIZE_WH, HALL.points, is_closed=True)
    assert pieces
    for piece in pieces:
        inside = [0 <= u <= SIZE_WH[0] and 0 <= v <= SIZE_WH[1] for u, v in piece]
        assert all(inside[1:-1])
    seen = draw_corners(STRAIGHT, SIZE_WH, (WALL[0], (-500.0, -500.0)))
    assert seen[0] is not None
    assert seen[1] is None


@pytest.mark.parametrize("geometry", [STRAIGHT, BENT])
def test_an_arrow_shows_which_way_counts_as_in(geometry: CameraGeometry) -> None:
    for path in (WALL, WALL[::-1]):
        arrow = draw_direction(geometry, SIZE_WH, path)
        assert arrow is not None
        (x0, y0), (x1, y1) = geometry.project_to_floor(np.array(arrow)).tolist()
        assert math.dist((x0, y0), (x1, y1)) == pytest.approx(0.8, abs=0.02)
        along = path[1][0] - path[0][0]
        # seen along the line, in is from its left to its right
        assert (y1 - y0) * along < 0
        assert abs(x1 - x0) < 0.02
    assert draw_direction(geometry, SIZE_WH, ((-90.0, -90.0), (-80.0, -90.0))) is None


@pytest.mark.parametrize("geometry", [STRAIGHT, BENT])
def test_what_is_drawn_in_the_picture_lies_on_the_plan_to_the_centimetre(geometry: CameraGeometry) -> None:
    places = ((5.0, 9.0), (9.0, 9.0), (9.0, 11.25))
    pixels = [(float(u), float(v)) for u, v in geometry.project_to_pixel(np.array(places))]
    assert find_floor_points(pixels, geometry=geometry, outline=HALL) == places


def test_a_place_a_little_outside_of_the_hall_is_on_its_edge() -> None:
    hall = Polygon(((0.0, 0.0), (40.0, 0.0), (40.0, 10.0), (0.0, 10.0)))
    pixel = STRAIGHT.project_to_pixel(np.array([[8.0, 10.3]]))[0]
    ((x_m, y_m),) = find_floor_points([tuple(pixel)], geometry=STRAIGHT, outline=hall)
    assert (x_m, y_m) == (pytest.approx(8.0, abs=0.01), 10.0)


def test_places_without_a_floor_are_refused_in_words() -> None:
    good = tuple(STRAIGHT.project_to_pixel(np.array([[8.0, 9.0]]))[0])
    with pytest.raises(GeometryError, match="Corner 2 is above the horizon"):
        find_floor_points([good, (100.0, -400.0)], geometry=STRAIGHT, outline=HALL)
    small = Polygon(((0.0, 0.0), (40.0, 0.0), (40.0, 5.0), (0.0, 5.0)))
    with pytest.raises(GeometryError, match=r"Corner 1 is 4\.0 m outside the hall"):
        find_floor_points([good], geometry=STRAIGHT, outline=small)
    wide = Polygon(((-9e3, -9e3), (9e3, -9e3), (9e3, 9e3), (-9e3, 9e3)))
    far = tuple(STRAIGHT.project_to_pixel(np.array([[10.0, 900.0]]))[0])
    with pytest.raises(GeometryError, match="one pixel there covers more than 1 m"):
        find_floor_points([far], geometry=STRAIGHT, outline=wide)

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.domain.errors import GeometryError
from app.plan.rectangles import Rectangle, draw_rectangle, find_rectangle

lengths = st.floats(0.1, 100)
places = st.tuples(st.floats(-100, 100), st.floats(-100, 100))


def test_a_rectangle_is_drawn_from_corner_to_corner_in_any_direction() -> None:
    for first, opposite in (((1, 2), (4, 7)), ((4, 7), (1, 2)), ((1, 7), (4, 2)), ((4, 2), (1, 7))):
        assert draw_rectangle(first, opposite) == Rectangle((1, 2), 3, 5)


@example(corner_m=(0.0, 5.0), width_m=1.0, depth_m=1.0, rotation_deg=-45.0)
@given(corner_m=places, width_m=lengths, depth_m=lengths, rotation_deg=st.floats(-45, 44.9))
def test_a_rectangle_comes_back_from_its_corners(
    corner_m: tuple[float, float], width_m: float, depth_m: float, rotation_deg: float
) -> None:
    rectangle = Rectangle(corner_m, width_m, depth_m, rotation_deg)
    points = rectangle.to_points()
    for corners in (points, points[2:] + points[:2], points[::-1]):
        found = find_rectangle(corners)
        assert found is not None
        if abs(rotation_deg + 45) < 1e-6:
            continue
        assert found.corner_m == pytest.approx(corner_m, abs=1e-6)
        assert (found.width_m, found.depth_m) == pytest.approx((width_m, depth_m), rel=1e-6)
        assert found.rotation_deg == pytest.approx(rotation_deg, abs=1e-3)
    drawn = draw_rectangle(points[0], points[2], rotation_deg=rotation_deg)
    assert (drawn.width_m, drawn.depth_m) == pytest.approx((width_m, depth_m), abs=1e-6)


@pytest.mark.parametrize(
    "points",
    [
        ((0, 0), (3, 0), (3, 2)),
        ((0, 0), (3, 0), (4, 2), (1, 2)),
        ((0, 0), (3, 0), (3, 2), (0, 2.1)),
        ((0, 0), (0, 0), (3, 2), (0, 2)),
        ((0, 0), (3, 0), (3, 1), (3, 2), (0, 2)),
    ],
)
def test_other_polygons_are_none(points: tuple[tuple[float, float], ...]) -> None:
    assert find_rectangle(points) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"width_m": 0.0}, "width of the rectangle is 0 m"),
        ({"depth_m": math.nan}, "depth of the rectangle is nan m"),
        ({"rotation_deg": math.inf}, "angle"),
    ],
)
def test_numbers_that_make_no_rectangle_are_refused(change: dict[str, float], said: str) -> None:
    with pytest.raises(GeometryError, match=said):
        dataclasses.replace(Rectangle((0, 0), 3, 2), **change).to_points()

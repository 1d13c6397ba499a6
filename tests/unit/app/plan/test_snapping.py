from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.domain.errors import GeometryError
from analytics.domain.floor_geometry import Point
from app.plan.rectangles import Rectangle, draw_rectangle, find_rectangle
from app.plan.snapping import Outline, SnapKind, SnapSettings, snap_move, snap_point

STAND = Outline(((2.0, 2.0), (5.0, 2.0), (5.0, 5.0), (2.0, 5.0)))
WALL = Outline(((0.0, 0.0), (10.0, 10.0)), is_closed=False)
SETTINGS = SnapSettings(tolerance_m=0.3)
ON_GRID = SnapSettings(tolerance_m=0.3, grid_m=0.5)


@pytest.mark.parametrize(
    ("point", "kind", "snapped"),
    [
        ((5.2, 5.1), SnapKind.VERTEX, (5.0, 5.0)),
        ((3.4, 1.9), SnapKind.EDGE, (3.4, 2.0)),
        ((1.9, 3.0), SnapKind.EDGE, (2.0, 3.0)),
        ((8.0, 3.0), SnapKind.NONE, (8.0, 3.0)),
    ],
)
def test_corners_go_before_sides(point: Point, kind: SnapKind, snapped: Point) -> None:
    snap = snap_point(point, outlines=[STAND], settings=SETTINGS)
    assert snap.kind is kind
    assert snap.point == pytest.approx(snapped)


def test_an_open_line_has_no_closing_side() -> None:
    bent = Outline(((0.0, 0.0), (4.0, 0.0), (4.0, 4.0)), is_closed=False)
    assert snap_point((2.0, 2.1), outlines=[bent], settings=SETTINGS).kind is SnapKind.NONE


def test_the_grid_comes_last_and_only_where_it_is_wanted() -> None:
    assert snap_point((8.1, 3.4), outlines=[STAND], settings=ON_GRID).point == (8.0, 3.5)
    assert snap_point((8.1, 3.4), outlines=[STAND], settings=SETTINGS).kind is SnapKind.NONE


def test_a_side_is_drawn_at_a_right_angle_to_the_one_before() -> None:
    snap = snap_point(
        (7.1, 9.2), outlines=[], settings=SETTINGS, previous=(8.0, 8.0), before_previous=(6.0, 6.0)
    )
    assert snap.kind is SnapKind.RIGHT_ANGLE
    assert snap.point == pytest.approx((6.95, 9.05))
    assert snap.guides == (((8.0, 8.0), snap.point),)


def test_a_side_is_drawn_along_a_wall() -> None:
    snap = snap_point((11.0, 8.2), outlines=[WALL], settings=SETTINGS, previous=(8.0, 5.0))
    assert snap.kind is SnapKind.PARALLEL
    assert snap.point[0] - snap.point[1] == pytest.approx(3.0)


def test_a_right_angle_ends_on_a_side_that_is_near() -> None:
    snap = snap_point((4.85, 8.1), outlines=[WALL], settings=SETTINGS, previous=(5.0, 1.0))
    assert snap.point == (5.0, 8.1)
    snap = snap_point((4.9, 4.85), outlines=[WALL], settings=SETTINGS, previous=(5.0, 1.0))
    assert snap.point == pytest.approx((5.0, 5.0))
    assert len(snap.guides) == 2


def test_a_right_angle_has_a_length_on_the_grid() -> None:
    snap = snap_point((1.1, 4.6), outlines=[], settings=ON_GRID, previous=(1.03, 1.0))
    assert snap.point == pytest.approx((1.03, 4.5))


def test_beside_the_corner_before_no_direction_was_meant() -> None:
    snap = snap_point((8.1, 8.1), outlines=[], settings=SETTINGS, previous=(8.0, 8.0))
    assert snap.kind is SnapKind.NONE


def test_nothing_is_drawn_to_what_is_switched_off() -> None:
    off = SnapSettings(0.3, None, to_edges=False, to_angles=False)
    assert snap_point((6.5, 5.1), outlines=[STAND], settings=off, previous=(6.4, 0.0)).kind is SnapKind.NONE


def test_a_figure_moves_so_that_a_corner_lands_on_a_corner() -> None:
    square = [(20.0, 20.0), (23.0, 20.0), (23.0, 23.0), (20.0, 23.0)]
    by_m = snap_move(square, by_m=(-14.9, -18.1), outlines=[STAND], settings=SETTINGS)
    assert by_m == pytest.approx((-15.0, -18.0))
    assert snap_move(square, by_m=(1.0, 1.0), outlines=[STAND], settings=SETTINGS) == (1.0, 1.0)


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

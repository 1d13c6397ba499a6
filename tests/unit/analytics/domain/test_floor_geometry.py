from __future__ import annotations

import math

import pytest

from analytics.domain.errors import GeometryError
from analytics.domain.floor_geometry import Polygon, Polyline

SQUARE = ((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0))


def test_a_polygon_keeps_its_corners_and_drops_a_repeated_last_one() -> None:
    assert Polygon.from_points(SQUARE, what="zone 'A1'").points == SQUARE
    assert Polygon.from_points([*SQUARE, (0, 0)], what="zone 'A1'").points == SQUARE
    assert Polygon(SQUARE).to_shape().area == 4.0


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([], "has 0 different points"),
        ([(0, 0), (1, 0), (1, 0), (0, 0)], "has 2 different points"),
        ([(0, 0), (2, 2), (2, 0), (0, 2)], r"crosses itself at x = 1\.00 m, y = 1\.00 m"),
        ([(0, 0), (1, 0), (2, 0)], "crosses itself|no area"),
        # a corner on another side, and a side that goes back on the one before
        ([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)], r"at x = 2\.00 m, y = 0\.00 m"),
        ([(0, 0), (6, 0), (5, 0), (5, 3)], r"at x = 5\.\d\d m, y = 0\.00 m"),
        ([(0, 0), (0.05, 0), (0, 0.05)], "encloses only 0.0013 m²"),
        ([(0, 0), (1, 0), (1, math.inf)], "not a number"),
        ([(0, 0), (1, 0), (math.nan, 1)], "not a number"),
    ],
)
def test_a_useless_outline_is_refused_by_name(points: list[tuple[float, float]], words: str) -> None:
    with pytest.raises(GeometryError, match=words) as caught:
        Polygon.from_points(points, what="zone 'A1'")
    assert "zone 'A1'" in caught.value.problem


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([(1, 1), (1, 1)], "fewer than two different points"),
        ([(0, 0), (2, 2), (2, 0), (0, 2)], "crosses itself"),
        ([(0, 0), (math.nan, 1)], "not a number"),
    ],
)
def test_a_useless_line_is_refused_by_name(points: list[tuple[float, float]], words: str) -> None:
    with pytest.raises(GeometryError, match=f"line 'door'.*{words}"):
        Polyline.from_points(points, what="line 'door'")


def test_a_line_keeps_the_order_of_its_points() -> None:
    assert Polyline.from_points([(3, 0), (0, 4)], what="x").points == ((3.0, 0.0), (0.0, 4.0))
    assert Polyline(((3.0, 0.0), (0.0, 4.0))).to_shape().length == 5.0

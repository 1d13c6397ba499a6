"""Depths in polygons by half planes against those by sides."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.metrics.floor_distance import find_half_planes, measure_depth, measure_depth_near

SQUARE = ((2.0, 2.0), (5.0, 2.0), (5.0, 4.0), (2.0, 4.0))
TILTED = ((2.0, 2.5), (2.5, 2.5), (5.0, 3.0), (4.0, 5.0), (4.0, 5.0), (1.0, 4.0))
CORNER = ((1.0, 1.0), (6.0, 1.0), (6.0, 3.0), (3.0, 3.0), (3.0, 6.0), (1.0, 6.0))


@pytest.mark.parametrize("points", [SQUARE, SQUARE[::-1], TILTED, TILTED[::-1], CORNER])
def test_depths_within_reach_are_those_of_the_sides(points: tuple[tuple[float, float], ...]) -> None:
    x, y = np.random.default_rng(1).uniform(0, 7, (2, 20_000))
    expected = measure_depth(x, y, points=points)
    planes = find_half_planes(points)
    assert (planes is None) == (points is CORNER)
    depth = measure_depth_near(x, y, points=points, half_planes=planes, reach_m=0.6)
    is_near = expected >= -0.6
    assert depth[is_near] == pytest.approx(expected[is_near], abs=1e-12)
    assert (depth[~is_near] < -0.6).all()


def test_a_polygon_without_area_has_no_half_planes() -> None:
    assert find_half_planes(((1.0, 1.0), (2.0, 2.0), (3.0, 3.0))) is None

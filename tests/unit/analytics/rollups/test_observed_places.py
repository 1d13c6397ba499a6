"""Observed time of many places at once against each alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.coverage import CameraView, FloorGrid, compute_observed_seconds, compute_zone_coverage
from analytics.rollups.observed_places import ObservedPlaces

PERIOD_S = (100.0, 700.0)


def box(left: float, bottom: float, right: float, top: float) -> Polygon:
    return Polygon.from_points([(left, bottom), (right, bottom), (right, top), (left, top)], what="box")


def make_views() -> tuple[CameraView, ...]:
    """Make ten cameras in a row, each of 10 m x 10 m, overlapping by half; pixels are decimetres."""
    views = []
    for number in range(10):
        floor_from_pixel = np.array([[0.1, 0.0, 5.0 * number], [0.0, 0.1, 0.0], [0.0, 0.0, 1.0]])
        views.append(CameraView(CameraId(f"c{number}"), CameraGeometry(floor_from_pixel), (100, 100)))
    return tuple(views)


def make_spans() -> pd.DataFrame:
    random = np.random.default_rng(5)
    starts = random.uniform(0, 700, 40)
    return pd.DataFrame(
        {
            "camera": [f"c{number % 11}" for number in range(40)],
            "start_s": starts,
            "end_s": starts + random.uniform(0, 60, 40),
            "frames": 1,
        }
    )


@pytest.mark.parametrize("views", [make_views(), ()], ids=["views", "no views"])
def test_places_are_observed_as_each_alone(views: tuple[CameraView, ...]) -> None:
    spans = make_spans()
    zones = [
        Zone(ZoneId(f"z{number}"), ZoneKind.BOOTH, box(number * 7.0, 2.0, number * 7.0 + 5.3, 13.0))
        for number in range(7)
    ]
    places = ObservedPlaces(spans=spans, views=views, period_s=PERIOD_S)
    shares = [
        compute_zone_coverage(outline=zone.outline, views=views, spans=spans, period_s=PERIOD_S)
        for zone in zones
    ]
    np.testing.assert_allclose(places.measure_zones(zones) / 600.0, shares, rtol=1e-9)
    assert min(shares) > 0
    grid = FloorGrid(-3.0, -3.0, 1.3, 50, 12)
    cells = compute_observed_seconds(grid=grid, views=views, spans=spans, period_s=PERIOD_S)
    np.testing.assert_allclose(places.measure_seconds(grid.centres()).reshape(grid.shape), cells)


def test_no_place_is_no_place() -> None:
    places = ObservedPlaces(spans=make_spans(), views=make_views(), period_s=PERIOD_S)
    assert len(places.measure_zones([])) == len(places.measure_seconds(np.empty((0, 2)))) == 0

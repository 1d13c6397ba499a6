from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely

from analytics.columns import TRACK_COLUMNS, empty_table
from analytics.density.crowd_moments import CrowdMoments, sample_crowd_moments
from analytics.density.level_of_service import FRUIN_WALKWAY, Level, map_service
from analytics.density.voronoi_density import find_nearest_people, measure_individual_density
from analytics.domain.floor_geometry import Polygon
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.presence import order_by_person
from tests.support.halls.known_crowd import make_track_table

ROOM = shapely.Polygon([(0, 0), (8, 0), (8, 6), (0, 6)], [[(3, 2), (5, 2), (5, 4), (3, 4)]])


def place(*moments_xy: list[tuple[float, float]]) -> CrowdMoments:
    """Place people at given positions, one moment a second."""
    xy = np.array([place for moment in moments_xy for place in moment]).reshape(-1, 2)
    counts = [len(moment) for moment in moments_xy]
    return CrowdMoments(
        time_s=np.arange(len(counts)) + 0.5,
        step_s=1.0,
        first=np.append(0, np.cumsum(counts)),
        person=np.arange(len(xy)),
        x_m=xy[:, 0],
        y_m=xy[:, 1],
    )


def test_people_are_placed_between_their_rows_and_only_while_followed() -> None:
    tracks = make_track_table(
        time_s=[0.0, 1.0, 2.0, 2.2, 3.2, 9.0],
        tracklet=[1, 1, 1, 2, 2, 1],
        x_m=[0, 1, 2, 7, 7, 4],
        y_m=[0] * 6,
    )
    rows = order_by_person(tracks=tracks, longest_gap_s=1.5)
    moments = sample_crowd_moments(rows=rows, observed=None, period_s=(0.0, 6.0))
    seen = [
        sorted(zip(moments.person[begin:end].tolist(), moments.x_m[begin:end].tolist(), strict=True))
        for begin, end in itertools.pairwise(moments.first.tolist())
    ]
    assert seen == [[(0, 0.5)], [(0, 1.5)], [(0, 2.0), (1, 7.0)], [(1, 7.0)], [], []]


def test_unobserved_moments_are_left_out() -> None:
    rows = order_by_person(tracks=empty_table(TRACK_COLUMNS), longest_gap_s=1.5)
    moments = sample_crowd_moments(
        rows=rows, observed=np.array([[1.0, 3.0], [5.0, 5.6]]), period_s=(0.0, 10.0)
    )
    assert moments.time_s.tolist() == [1.5, 2.5, 5.5]
    assert moments.first.tolist() == [0, 0, 0, 0]


def test_a_lattice_of_a_metre_has_one_person_a_square_metre() -> None:
    lattice = [(x + 0.5, y + 0.5) for x in range(10) for y in range(10)]
    moments = place(lattice)
    floor = shapely.box(0, 0, 10, 10)
    individual = measure_individual_density(moments, floor=floor)
    assert individual.per_m2 == pytest.approx(np.ones(100))


def test_cells_are_the_floor_nearest_to_each_person() -> None:
    """Compare with counting the points of a fine grid; the people see all of their floor."""
    random = np.random.default_rng(3)
    people = random.uniform((0.2, 0.2), (7.8, 1.9), (25, 2))
    moments = place([tuple(xy) for xy in people])
    individual = measure_individual_density(moments, floor=shapely.box(0, 0, 8, 2), cut_off_m=0.8)
    step_m = 0.01
    x, y = np.meshgrid(np.arange(0, 8, step_m) + step_m / 2, np.arange(0, 2, step_m) + step_m / 2)
    distance = np.hypot(x.ravel()[:, None] - people[:, 0], y.ravel()[:, None] - people[:, 1])
    nearest = distance.argmin(axis=1)
    is_near = distance[np.arange(len(nearest)), nearest] <= 0.8
    area = np.bincount(nearest[is_near], minlength=25) * step_m**2
    assert 1 / individual.per_m2 == pytest.approx(area, rel=0.01)


def test_one_person_alone_has_the_circle_and_two_at_one_place_share_it() -> None:
    moments = place([(1.5, 1.5)], [(1.5, 4.5), (1.5, 4.5)], [])
    individual = measure_individual_density(moments, floor=ROOM, quad_segments=64)
    assert individual.per_m2 == pytest.approx(np.array([1, 2, 2]) / np.pi, rel=1e-3)


def test_an_obstacle_cuts_a_cell_to_the_part_with_the_person() -> None:
    # a thin wall at x = 1: the circle reaches beyond it, the person's floor does not
    floor = shapely.box(0, 0, 4, 2).difference(shapely.box(1.0, -1, 1.1, 3))
    individual = measure_individual_density(place([(0.8, 1.0)]), floor=floor)
    assert individual.cells[0].bounds[2] == pytest.approx(1.0)


def test_a_person_off_the_floor_has_no_density() -> None:
    individual = measure_individual_density(place([(4.0, 3.0), (1.0, 1.0)]), floor=ROOM)
    assert np.isnan(individual.per_m2).tolist() == [True, False]


def test_each_grid_cell_has_its_nearest_person() -> None:
    moments = place([(1.0, 1.0), (1.4, 1.0)])
    grid = FloorGrid.around(Polygon.from_points([(0, 0), (8, 0), (8, 6), (0, 6)], what="room"), cell_m=0.5)
    nearest = np.full(grid.shape, -1)
    cell, person = find_nearest_people(moments, slice(0, 1), grid)
    nearest.reshape(-1)[cell] = person
    assert (nearest[1, 1], nearest[1, 3], nearest[8, 12]) == (0, 1, -1)


def test_levels_of_fruins_walkway() -> None:
    space_m2 = np.array([10.0, 3.26, 3.24, 2.31, 1.38, 0.92, 0.45, np.nan])
    assert FRUIN_WALKWAY.classify(1 / space_m2).tolist() == [0, 0, 1, 2, 3, 4, 5, -1]
    assert FRUIN_WALKWAY.classify(np.array([0.0])).tolist() == [Level.A]


def test_limits_of_fruins_walkway_are_the_published_ones_in_feet() -> None:
    feet = np.array([35.0, 25.0, 15.0, 10.0, 5.0]) * 0.09290304
    assert pytest.approx(feet, abs=0.006) == FRUIN_WALKWAY.space_m2


def test_the_map_has_crowded_free_and_unobserved_cells() -> None:
    crowd = [(1.0 + 0.4 * column, 1.0 + 0.4 * row) for column in range(3) for row in range(3)]
    moments = place(*[crowd] * 60, *[[]] * 60)
    individual = measure_individual_density(moments, floor=ROOM)
    grid = FloorGrid.around(Polygon.from_points([(0, 0), (8, 0), (8, 6), (0, 6)], what="room"), cell_m=1.0)
    observed_s = np.full(grid.shape, 120.0)
    observed_s[:, 7] = 0.0
    service = map_service(
        moments=moments, individual=individual, grid=grid, floor=ROOM, period_s=(0.0, 120.0),
        observed_s=observed_s,
    )  # fmt: skip
    worse = service.minutes_at_or_below(Level.D)
    assert worse[1, 1] == pytest.approx(1.0)
    assert worse[5, 5] == 0.0
    assert np.isnan(worse[:, 7]).all()
    assert np.isnan(worse[2, 3])  # the obstacle
    assert service.minutes.sum(axis=0)[0, 0] == pytest.approx(2.0)

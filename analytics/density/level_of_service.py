"""Levels of service, A (free) to F (jammed), and the time that cells spend at each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from shapely.geometry.base import BaseGeometry

from analytics.density.crowd_moments import CrowdMoments
from analytics.density.voronoi_density import IndividualDensity, find_nearest_people
from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.coverage import FloorGrid

MIN_OBSERVED = 0.2
"""A cell observed for a smaller share of the period has no value, as in the heatmap."""


class Level(IntEnum):
    """A level of service, rising with discomfort."""

    A = 0
    B = 1
    C = 2
    D = 3
    E = 4
    F = 5


@dataclass(frozen=True, slots=True)
class ServiceScheme:
    """The limits between levels of service.

    Attributes:
        space_m2: minimum floor of one person at A, B, C, D and E; less is F.
    """

    space_m2: tuple[float, float, float, float, float]

    def classify(self, per_m2: FloatArray) -> IntArray:
        """Return the level, 0 (A) to 5 (F), of densities in persons per m², any shape; -1 for NaN."""
        worst_of_level = 1.0 / np.array(self.space_m2)
        level = np.searchsorted(worst_of_level, np.nan_to_num(per_m2), side="right")
        return np.where(np.isnan(per_m2), -1, level).astype(np.int64)


FRUIN_WALKWAY = ServiceScheme((3.25, 2.32, 1.39, 0.93, 0.46))
"""Fruin 1971, Pedestrian Planning and Design, walkways: 35, 25, 15, 10 and 5 ft² per person."""


@dataclass(frozen=True, slots=True, eq=False)
class ServiceMap:
    """Minutes per cell at each level; arrays of shape (rows, columns), row 0 at the lowest y.

    Attributes:
        minutes: shape (6, rows, columns), of the observed time; NaN where too little was observed and off the
            floor.
    """

    minutes: FloatArray

    def minutes_at_or_below(self, level: Level) -> FloatArray:
        """Return the minutes at a level or a worse one, shape (rows, columns); NaN if not observed."""
        return np.asarray(self.minutes[level:].sum(axis=0), np.float64)


def map_service(
    *,
    moments: CrowdMoments,
    individual: IndividualDensity,
    grid: FloorGrid,
    floor: BaseGeometry,
    period_s: tuple[float, float],
    observed_s: FloatArray,
) -> ServiceMap:
    """Compute for how long each cell was at each level, by the Voronoi density of the nearest person.

    If only some of the moments were seen by a camera, the times at B and worse are what was seen, and the
    rest of the observed time is A.

    Args:
        floor: walkable floor; other cells have no value.
        observed_s: of ``compute_observed_seconds`` on this grid.
    """
    cells = grid.rows * grid.columns
    times = np.zeros(len(Level) * cells, np.int64)
    for batch in moments.batches():
        cell, person = find_nearest_people(moments, batch, grid)
        level = FRUIN_WALKWAY.classify(np.nan_to_num(individual.per_m2[person]))
        times += np.bincount(level * cells + cell, minlength=len(times))
    seconds = times.reshape(len(Level), *grid.shape) * moments.step_s
    worse_s = seconds[1:].sum(axis=0)
    seconds[0] = np.maximum(observed_s - worse_s, 0.0)
    is_floor = grid.measure_share(floor) > 0
    enough = is_floor & (observed_s >= MIN_OBSERVED * (period_s[1] - period_s[0])) & (observed_s > 0)
    return ServiceMap(np.where(enough, seconds / 60.0, np.nan))

"""Levels of service, A (free) to F (jammed), and for how long a place was at a level or worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from shapely.geometry.base import BaseGeometry

from analytics.density.crowd_moments import CrowdMoments
from analytics.density.voronoi_density import IndividualDensity, find_nearest_people
from analytics.domain.arrays import FloatArray, IntArray
from analytics.metrics.coverage import CameraView, FloorGrid, compute_observed_seconds

MIN_OBSERVED = 0.2
"""A cell that was observed for a smaller share of the period has no value, as in the heatmap."""
UNSTABLE_PER_M2 = 4.0
"""From so many persons per m² on a crowd may move as a mass (Fruin 1993, The causes and prevention of crowd
disasters)."""


class Level(IntEnum):
    """Rising with discomfort."""

    A = 0
    B = 1
    C = 2
    D = 3
    E = 4
    F = 5


@dataclass(frozen=True, slots=True)
class ServiceScheme:
    """Where the levels begin.

    Attributes:
        name: to be named in every legend.
        source: where the limits are from.
        space_m2: the least floor of one person at A, B, C, D and E; less is F.
    """

    name: str
    source: str
    space_m2: tuple[float, float, float, float, float]

    def classify(self, per_m2: FloatArray) -> IntArray:
        """The level, 0 (A) to 5 (F), of each density in persons per m², any shape; -1: not observed (NaN)."""
        worst_of_level = 1.0 / np.array(self.space_m2)
        level = np.searchsorted(worst_of_level, np.nan_to_num(per_m2), side="right")
        return np.where(np.isnan(per_m2), -1, level).astype(np.int64)


FRUIN_WALKWAY = ServiceScheme(
    "Fruin, walkway",
    "Fruin 1971, Pedestrian Planning and Design: 35, 25, 15, 10 and 5 ft² per person",
    (3.25, 2.32, 1.39, 0.93, 0.46),
)
FRUIN_QUEUE = ServiceScheme(
    "Fruin, queueing",
    "Fruin 1971, Pedestrian Planning and Design: 13, 10, 7, 3 and 2 ft² per person",
    (1.21, 0.93, 0.65, 0.28, 0.19),
)
HCM_WALKWAY = ServiceScheme(
    "HCM, walkway",
    "Highway Capacity Manual 2000, exhibit 18-3",
    (5.6, 3.7, 2.2, 1.4, 0.75),
)
HCM_QUEUE = ServiceScheme(
    "HCM, queueing",
    "Highway Capacity Manual 2000, queueing areas",
    (1.2, 0.9, 0.6, 0.3, 0.2),
)
SCHEMES = (FRUIN_WALKWAY, FRUIN_QUEUE, HCM_WALKWAY, HCM_QUEUE)


@dataclass(frozen=True, slots=True)
class ZoneService:
    """A zone's time at each level.

    Attributes:
        minutes: at each of the six levels, of the observed time.
        observed_minutes: their sum.
    """

    scheme: ServiceScheme
    minutes: tuple[float, ...]
    observed_minutes: float

    def minutes_at_or_below(self, level: Level) -> float | None:
        """Minutes at a level or a worse one; None where nothing was observed."""
        return sum(self.minutes[level:]) if self.observed_minutes > 0 else None


def measure_zone_service(
    *, density_per_m2: FloatArray, step_s: float, scheme: ServiceScheme = FRUIN_WALKWAY
) -> ZoneService:
    """The time that a zone spent at each level.

    Args:
        density_per_m2: of the zone at each observed moment, shape (m,), classic or Voronoi; NaN: not seen.
        step_s: for how long each moment stands.
    """
    level = scheme.classify(density_per_m2)
    minutes = np.bincount(level[level >= 0], minlength=len(Level)) * (step_s / 60.0)
    return ZoneService(scheme, tuple(minutes.tolist()), float(minutes.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class ServiceMap:
    """Minutes per cell at each level; arrays of shape (rows, columns), row 0 at the lowest y.

    Attributes:
        minutes: shape (6, rows, columns), of the observed time; not a number where too little was observed
            and off the floor.
        observed_minutes: seen by a camera.
    """

    grid: FloorGrid
    scheme: ServiceScheme
    minutes: FloatArray
    observed_minutes: FloatArray

    def minutes_at_or_below(self, level: Level) -> FloatArray:
        """Minutes at a level or a worse one, shape (rows, columns); not a number: not observed."""
        return np.asarray(self.minutes[level:].sum(axis=0), np.float64)

    def share_at_or_below(self, level: Level) -> FloatArray:
        """The same over the observed time, 0 to 1: for periods of different length and coverage."""
        share: FloatArray = self.minutes_at_or_below(level) / self.minutes.sum(axis=0)
        return share


def map_service(
    *,
    moments: CrowdMoments,
    individual: IndividualDensity,
    grid: FloorGrid,
    floor: BaseGeometry,
    period_s: tuple[float, float],
    views: Sequence[CameraView] = (),
    observed_s: FloatArray | None = None,
    scheme: ServiceScheme = FRUIN_WALKWAY,
) -> ServiceMap:
    """How long each cell of the floor was at each level, by the Voronoi density of who is nearest.

    Where only a part of the moments was seen by a camera, the times at B and worse are what was seen, and
    the rest of the seen time is A.

    Args:
        floor: where one can walk; other cells have no value.
        observed_s: of ``compute_observed_seconds`` on this grid; None: all the moments, where a view sees.
    """
    cells = grid.rows * grid.columns
    times = np.zeros(len(Level) * cells, np.int64)
    for batch in moments.batches():
        cell, person = find_nearest_people(moments, batch, grid)
        level = scheme.classify(np.nan_to_num(individual.per_m2[person]))
        times += np.bincount(level * cells + cell, minlength=len(times))
    seconds = times.reshape(len(Level), *grid.shape) * moments.step_s
    if observed_s is None:
        observed_s = np.minimum(
            compute_observed_seconds(grid=grid, views=views, spans=None, period_s=period_s),
            len(moments.time_s) * moments.step_s,
        )
    worse_s = seconds[1:].sum(axis=0)
    seconds[0] = np.maximum(observed_s - worse_s, 0.0)
    is_floor = grid.measure_share(floor) > 0
    enough = is_floor & (observed_s >= MIN_OBSERVED * (period_s[1] - period_s[0])) & (observed_s > 0)
    return ServiceMap(
        grid=grid,
        scheme=scheme,
        minutes=np.where(enough, seconds / 60.0, np.nan),
        observed_minutes=observed_s / 60.0,
    )

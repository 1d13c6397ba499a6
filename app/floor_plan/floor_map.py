"""Plain values of floor layers, of visitor movement and of all results of a period, ready to be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import shapely

from analytics.domain.arrays import BoolArray, FloatArray, Interval
from analytics.domain.errors import Phrase
from analytics.domain.floor_plan import FloorGeometry
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import Estimate

if TYPE_CHECKING:
    from analytics.density.heatmap import Heatmap
    from analytics.metrics.coverage import FloorGrid
    from app.floor_plan.corrected_period import CorrectedPeriod


TOP_SHARE = 0.995
"""Quantile of the visited floor at which the scale ends, so that single cells do not fade the rest."""


class FloorLayer(StrEnum):
    """Kind of value shown by the colours of the floor."""

    PRESENCE = "presence"
    VISITORS = "visitors"
    STOP_TIME = "stop-time"
    STOP_SHARE = "stop-share"
    SPEED = "speed"
    CROWDING = "crowding"
    OF_PLACE = "of-place"
    """Stands by their figures; the floor itself has no values."""
    PLACE_WORTH = "place-worth"
    """Places by what they are worth, whoever stands there; the floor itself has no values."""


PLACE_LAYERS = frozenset({FloorLayer.OF_PLACE, FloorLayer.PLACE_WORTH})
"""Layers in which stands have values, and the floor itself has none."""


@dataclass(frozen=True, slots=True, eq=False)
class FloorMap:
    """Values on the floor; arrays of shape (rows, columns), row 0 at the lowest y.

    Attributes:
        values: person-seconds per m², visitors per m², seconds, a share, m/s or minutes; NaN off the
            floor, and where too little time or too few people were observed.
        shown: values extended to the walls for drawing.
        unobserved: closed rings around unobserved floor, shape (n, 2) in metres, even-odd.
        coverage: share of the observed time in which a camera saw a cell, 0 to 1.
        observed_s: seconds in which any camera was analysed.
        top: end of the scale.
        is_by_hours: computed from hourly sums: visitors count once an hour, and a speed is a
            mean instead of a median.
    """

    layer: FloorLayer
    grid: FloorGrid
    values: FloatArray
    shown: FloatArray
    unobserved: tuple[FloatArray, ...]
    coverage: FloatArray
    is_floor: BoolArray
    observed_s: float
    top: float
    is_by_hours: bool = False

    @property
    def rect(self) -> tuple[float, float, float, float]:
        """Left, bottom, width and height of the grid, metres."""
        return self.grid.rect

    def find_cell(self, x_m: float, y_m: float) -> int:
        """Return the raveled cell index of a place; -1 off the floor."""
        cell = int(self.grid.find_cells(np.array([x_m]), np.array([y_m]))[0])
        return cell if cell >= 0 and bool(self.is_floor.ravel()[cell]) else -1


def make_floor_map(
    layer: FloorLayer,
    *,
    grid: FloorGrid,
    values: FloatArray,
    is_unobserved: BoolArray,
    is_floor: BoolArray,
    coverage: FloatArray,
    observed_s: float,
    is_by_hours: bool = False,
) -> FloorMap:
    """Make a floor map with its drawn values, rings and scale.

    Args:
        is_unobserved: floor with too little observation.
    """
    on_floor = np.where(is_floor & ~is_unobserved, values, np.nan)
    positive = on_floor[np.isfinite(on_floor) & (on_floor > 0)]
    return FloorMap(
        layer=layer,
        grid=grid,
        values=on_floor,
        shown=_carry_to_walls(on_floor, is_floor),
        unobserved=trace_cells(is_unobserved & is_floor, grid),
        coverage=np.minimum(coverage, 1.0),
        is_floor=is_floor,
        observed_s=observed_s,
        top=float(np.quantile(positive, TOP_SHARE)) if len(positive) else 0.0,
        is_by_hours=is_by_hours,
    )


def map_presence(heatmap: Heatmap, *, is_by_hours: bool = False) -> FloorMap:
    """Convert a heatmap to a layer."""
    return make_floor_map(
        FloorLayer.PRESENCE,
        grid=heatmap.grid,
        values=heatmap.person_seconds_per_m2,
        is_unobserved=heatmap.is_unobserved(),
        is_floor=heatmap.is_floor,
        coverage=heatmap.observed_s / heatmap.duration_s,
        observed_s=heatmap.duration_s,
        is_by_hours=is_by_hours,
    )


def _carry_to_walls(values: FloatArray, is_floor: BoolArray) -> FloatArray:
    """Extend values off the floor from the nearest floor, so that smooth drawing keeps its colour."""
    from scipy import ndimage

    row, column = ndimage.distance_transform_edt(~is_floor, return_distances=False, return_indices=True)
    return np.asarray(values[row, column], np.float64)


def trace_cells(mask: BoolArray, grid: FloorGrid) -> tuple[FloatArray, ...]:
    """Trace rings around the cells of a mask, joined from runs along the rows."""
    steps = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    from_row, first = np.nonzero(steps == 1)
    _, after = np.nonzero(steps == -1)
    boxes = shapely.box(
        grid.x_m + first * grid.cell_m,
        grid.y_m + from_row * grid.cell_m,
        grid.x_m + after * grid.cell_m,
        grid.y_m + (from_row + 1) * grid.cell_m,
    )
    return tuple(
        np.asarray(shapely.get_coordinates(ring))
        for part in shapely.get_parts(shapely.union_all(boxes))
        for ring in (part.exterior, *part.interiors)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Arrows:
    """Mean walking directions; arrays of shape (n,).

    Attributes:
        vx_m_s, vy_m_s: mean velocity.
        agreement: 0 (all directions alike) to 1 (one direction).
    """

    x_m: FloatArray
    y_m: FloatArray
    vx_m_s: FloatArray
    vy_m_s: FloatArray
    agreement: FloatArray


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A frequent step from zone to zone.

    Attributes:
        from_zone, to_zone: their names.
        start, end: centres of the zones, metres.
        visitors: at least five.
        share: of the visitors with at least one zone.
    """

    from_zone: str
    to_zone: str
    start: tuple[float, float]
    end: tuple[float, float]
    visitors: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class FloorMovement:
    """Directions, common routes and sampled paths of a period.

    Attributes:
        routes: the most frequent first.
        paths: an anonymous sample of walked paths, each of shape (n, 2) in metres.
        paths_s: time of the paths, seconds since the epoch; the last hours of a long period.
        people: number of people sampled from.
    """

    arrows: Arrows
    routes: tuple[RouteLine, ...]
    paths: tuple[FloatArray, ...]
    paths_s: Interval
    people: int


@dataclass(frozen=True, slots=True, eq=False)
class FloorResults:
    """The results of a period on the floor plan.

    Attributes:
        period_s: first to last observation in the requested period, seconds since the epoch; the
            requested period where nothing was observed.
        history_s: first and last observation of the whole history; None where there is none.
        geometry: zones and lines in force at the end of the period.
        have_zones_changed: whether zones changed within the period, which count since their own change.
        observed_s: seconds of the period in which any camera was analysed, short pauses included.
        heatmap: on a clock that stops while no camera is analysed, so that nights do not count as
            unobserved; None where nothing was observed in the period.
        requested_s: the requested period up to now, whose identified tracks are cached.
        layer: the requested layer.
        floor: values of the layer; None where nothing was observed.
        zones: empty where nothing was observed or no figures were requested.
        mean_people, peak_people: people in view, mean of the period and of its fullest minute.
        of_place: of each compared stand, what a layer of ``PLACE_LAYERS`` shows; only in these.
        places_note: why there are none there; else None.
        corrected: identified tracks and exclusions; None where nothing was observed, and for a period
            of more than about a day, which uses hourly sums.
    """

    period_s: Interval
    history_s: Interval | None
    geometry: FloorGeometry
    have_zones_changed: bool = False
    observed_s: float = 0.0
    heatmap: Heatmap | None = None
    requested_s: Interval | None = None
    layer: FloorLayer = FloorLayer.PRESENCE
    floor: FloorMap | None = None
    zones: tuple[ZoneFigures, ...] = ()
    mean_people: float | None = None
    peak_people: float | None = None
    of_place: Mapping[str, Estimate] = field(default_factory=dict)
    places_note: Phrase | None = None
    corrected: CorrectedPeriod | None = None

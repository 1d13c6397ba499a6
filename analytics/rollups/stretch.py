"""A stretch of observed time with one geometry, from which a rollup is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial, wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import shapely

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.dwell.dwell import CountErrors, DwellSettings, count_errors
from analytics.dwell.engagement import EngagementSettings, classify_visits
from analytics.dwell.stops import StopSettings, find_stops, measure_stop_seconds
from analytics.dwell.visits import VisitSettings, compute_stays, list_presence, select_visits
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.flows.transitions import TransitionSettings
from analytics.flows.ways import list_journeys
from analytics.metrics.coverage import (
    NOWHERE,
    CameraView,
    FloorGrid,
    ViewEdge,
    map_floor_edge,
    map_zones_edge,
)
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.metrics.presence import OrderedRows, order_rows

T = TypeVar("T")

FLOOR_CELL_M = 0.5
"""Cell size of the stored floor layers."""


@dataclass(frozen=True, slots=True)
class RollupSettings:
    """Parameters of all stored tables; part of a rollup's key."""

    visits: VisitSettings = field(default_factory=VisitSettings)
    crossings: CrossingSettings = field(default_factory=CrossingSettings)
    stops: StopSettings = field(default_factory=StopSettings)
    engagement: EngagementSettings = field(default_factory=EngagementSettings)
    transitions: TransitionSettings = field(default_factory=TransitionSettings)
    dwell: DwellSettings = field(default_factory=DwellSettings)
    floor_cell_m: float = FLOOR_CELL_M


@dataclass(frozen=True, eq=False)
class Stretch:
    """Identified tracks of a stretch of time and derived tables; all times count from its start.

    Attributes:
        tracks: columns of ``TRACK_COLUMNS``, one row per visitor and moment.
        spans: columns of ``SPAN_COLUMNS``, cut to the stretch.
        start_utc_s: of the stretch, seconds since the epoch.
        duration_s: of the stretch, seconds.
        geometry: its zones and lines.
        views: the cameras' fields of view; empty if no camera is calibrated.
        doors: floor in view at which people come and go.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    start_utc_s: float
    duration_s: float
    plan: FloorPlan
    geometry: FloorGeometry
    views: tuple[CameraView, ...]
    doors: shapely.Geometry = NOWHERE
    settings: RollupSettings = field(default_factory=RollupSettings)

    @property
    def period_s(self) -> tuple[float, float]:
        """The interval from 0 to the duration."""
        return 0.0, self.duration_s

    @cached_property
    def observed(self) -> FloatArray:
        """Intervals in which any camera was analysed, shape (m, 2), disjoint and ordered."""
        return clip_intervals(unite_spans(self.spans), start_s=0.0, end_s=self.duration_s)

    @cached_property
    def ordered(self) -> OrderedRows:
        """The tracks ordered by visitor."""
        return order_rows(self.tracks)

    @cached_property
    def floor_edge(self) -> ViewEdge | None:
        """The edge of the view over the whole floor."""
        return map_floor_edge(self.tracks, self.views, self.doors)

    @cached_property
    def _find_stays(self) -> Callable[..., pd.DataFrame]:
        return partial(
            compute_stays,
            tracks=self.tracks,
            zones=self.geometry.zones,
            spans=self.spans,
            settings=self.settings.visits,
            view_edge=map_zones_edge(self.geometry.zones, self.views, self.doors),
            ordered=self.ordered,
        )

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Stays by visitor, columns of ``STAY_COLUMN_NAMES``."""
        return self._find_stays()

    @cached_property
    def visit_errors(self) -> dict[str, CountErrors]:
        """Evidence of errors in the visits of every zone."""
        return count_errors(
            zones=self.geometry.zones,
            stays=self.stays,
            find_shifted=lambda shift_m: self._find_stays(shift_m=shift_m),
            settings=self.settings.dwell,
        )

    @cached_property
    def presence(self) -> pd.DataFrame:
        """When somebody was inside an outline: ``zone``, ``entered_s``, ``left_s``."""
        return list_presence(
            ordered=self.ordered,
            zones=self.geometry.zones,
            spans=self.spans,
            settings=self.settings.visits,
        )

    @cached_property
    def stops(self) -> pd.DataFrame:
        """Stops, columns of ``STOP_COLUMN_NAMES``."""
        return find_stops(
            tracks=self.tracks, spans=self.spans, settings=self.settings.stops, ordered=self.ordered
        )

    @cached_property
    def visits(self) -> pd.DataFrame:
        """Visits as they are counted, columns of ``VISIT_COLUMNS`` with ``stop_s`` and those of tiers."""
        visits = select_visits(stays=self.stays, zones=self.geometry.zones)
        return classify_visits(
            visits=visits.assign(stop_s=measure_stop_seconds(visits=visits, stops=self.stops)),
            settings=self.settings.engagement,
        )

    @cached_property
    def journeys(self) -> pd.DataFrame:
        """Journeys, columns of ``JOURNEY_COLUMN_NAMES``."""
        return list_journeys(
            ordered=self.ordered,
            visits=self.visits,
            zones=self.geometry.zones,
            spans=self.spans,
            view_edge=self.floor_edge,
            settings=self.settings.visits,
        )

    @cached_property
    def crossings(self) -> pd.DataFrame:
        """Crossings of all lines, columns of ``CROSSING_COLUMNS``."""
        return compute_crossings(
            tracks=self.tracks,
            lines=self.geometry.lines,
            settings=self.settings.crossings,
            spans=self.spans,
            ordered=self.ordered,
        )

    @cached_property
    def grid(self) -> FloorGrid:
        """The cells of the floor's layers, the same for the same plan outline."""
        return make_floor_grid(self.plan.outline, cell_m=self.settings.floor_cell_m)


def cache_by_stretch(compute: Callable[[Stretch], T]) -> Callable[[Stretch], T]:
    """Return a function that caches its result for each stretch, for the lifetime of the stretch."""
    known: WeakKeyDictionary[Stretch, T] = WeakKeyDictionary()

    @wraps(compute)
    def find(stretch: Stretch) -> T:
        if stretch not in known:
            known[stretch] = compute(stretch)
        return known[stretch]

    return find


def make_floor_grid(outline: Polygon, *, cell_m: float = FLOOR_CELL_M) -> FloorGrid:
    """Return the cells of the stored floor layers."""
    return FloorGrid.around(outline, cell_m=cell_m)


def find_zone_cameras(outline: Polygon, views: Sequence[CameraView]) -> set[str] | None:
    """Return the cameras that see most of a zone, or else any of it; None (all) without a known view."""
    if not views:
        return None
    shape = outline.to_shape()
    grid = FloorGrid.around(outline, cell_m=float(np.sqrt(shape.area)) / _CELLS_ACROSS)
    weight = grid.measure_share(shape).ravel()
    shares = {
        str(view.camera): float(weight @ view.sees(grid.centres())) / float(weight.sum()) for view in views
    }
    return {name for name, share in shares.items() if share >= _MAIN_SHARE} or {
        name for name, share in shares.items() if share > 0
    }


_CELLS_ACROSS = 12
_MAIN_SHARE = 0.5

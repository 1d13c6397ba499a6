"""Facts of a period, joined from the rollups of its stretches, which pages, findings and reports read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.block_ratio import BlockSettings, PeriodBlocks, make_period_blocks
from analytics.metrics.coverage import CameraView, FloorGrid, list_line_points
from analytics.metrics.observation import clip_intervals, unite_intervals, unite_spans
from analytics.rollups.clock_steps import STEP_S
from analytics.rollups.observed_places import ObservedPlaces
from analytics.rollups.stretch import RollupSettings, Stretch, make_floor_grid
from analytics.rollups.table_codec import filter_rows, join_tables, shift_table, to_arrow
from analytics.rollups.tables import TABLES
from analytics.rollups.zone_blocks import BlockSums

_VISITORS_APART = 1_000_000_000
EARLIER_TABLES = ("zone_blocks", "zone_uses")
"""Tables that also keep rows from before a zone changed: what a stand earned under its name."""


@dataclass(frozen=True, slots=True, eq=False)
class StretchFacts:
    """The stored tables of one stretch.

    Attributes:
        start_utc_s, end_utc_s: of the stretch, seconds since the epoch.
        tables: of ``TABLES``, by name; times count from the stretch's start. DataFrames as computed, or Arrow
            tables as read from disk.
    """

    start_utc_s: float
    end_utc_s: float
    geometry: FloorGeometry
    tables: Mapping[str, pd.DataFrame | pa.Table]


@dataclass(frozen=True, eq=False)
class PeriodFacts:
    """A period in tables; all times are seconds since the epoch.

    Attributes:
        period_s: the requested period.
        stretches_s: the computed stretches, shape (n, 2): days, cut where the zones changed and by the
            period.
        plan, geometry, views: those at the end of the period; the tables contain its zones. A zone that was
            different earlier has no rows from then: ``zone_since_s`` is when it starts to count.
        tables: of ``TABLES``, by name. A visitor's number is unique in the period; a person who comes on two
            days is two visitors.
        line_since_s: the same for the counting lines.
        lacking_s: by table, stretches that have other tables but no longer this one, shape (n, 2); a table
            that no stretch has is not in ``tables``.
        missing_s: observed time for which neither tables nor tracks are left, shape (n, 2); anything that
            shows the period must say so.
        geometries: geometry of each of ``stretches_s``; empty: ``geometry`` in all of them.
        earlier: by name of ``EARLIER_TABLES``, the rows left out of ``tables`` of stands that changed since.
    """

    period_s: tuple[float, float]
    stretches_s: FloatArray
    plan: FloorPlan
    geometry: FloorGeometry
    views: tuple[CameraView, ...]
    zone_since_s: Mapping[str, float]
    tables: Mapping[str, pd.DataFrame]
    settings: RollupSettings
    missing_s: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    line_since_s: Mapping[str, float] = field(default_factory=dict)
    lacking_s: Mapping[str, FloatArray] = field(default_factory=dict)
    geometries: tuple[FloorGeometry, ...] = ()
    earlier: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones at the end of the period."""
        return self.geometry.zones

    @cached_property
    def observed(self) -> FloatArray:
        """Intervals in which any camera was analysed, shape (m, 2), disjoint and ordered."""
        spans = unite_spans(self.tables["spans"])
        return clip_intervals(spans, start_s=self.period_s[0], end_s=self.period_s[1])

    @cached_property
    def observed_s(self) -> float:
        """Seconds for which any camera was analysed."""
        return float(np.diff(self.observed, axis=1).sum())

    @cached_property
    def block_sums(self) -> BlockSums:
        """Sums of the table ``zone_blocks``."""
        return BlockSums(self.tables["zone_blocks"])

    @property
    def grid(self) -> FloorGrid:
        """The cells of ``floor_hours``."""
        return make_floor_grid(self.plan.outline, cell_m=self.settings.floor_cell_m)

    def measure_missing(self, start_s: float, end_s: float) -> float:
        """Return the seconds of a part of the period for which nothing is stored any more."""
        return float(np.diff(clip_intervals(self.missing_s, start_s=start_s, end_s=end_s), axis=1).sum())

    def is_lacking(self, name: str, start_s: float, end_s: float) -> bool:
        """Return whether a table is not stored any more for a part of the period, although others are."""
        if name not in self.tables:
            return True
        lacking_s = self.lacking_s.get(name, np.empty((0, 2)))
        return len(clip_intervals(lacking_s, start_s=start_s, end_s=end_s)) > 0

    def measure_coverage(self, zone: Zone) -> float:
        """Return the observed share of a zone's floor while any camera was analysed, 0 to 1."""
        if zone not in self._coverages:
            if not len(self.observed):
                return 0.0
            seconds = self._places.measure_zones([zone])[0]
            self._coverages[zone] = min(1.0, float(seconds) / self.observed_s)
        return self._coverages[zone]

    def read_with_earlier(self, name: str) -> pd.DataFrame:
        """Return a table of ``EARLIER_TABLES`` including every stand's rows from before it changed."""
        earlier = self.earlier.get(name)
        return self.tables[name] if earlier is None else pd.concat([self.tables[name], earlier])

    def measure_stand_steps(self, names: Sequence[str], edges_s: FloatArray) -> FloatArray:
        """Return the observed time of each stand's floor in each step, by the outline of that time.

        It is 0 where a stand did not exist yet, or where there are no tables.

        Args:
            edges_s: shape (steps + 1,), seconds since the epoch.

        Returns:
            Mean seconds of the floor, shape (names, steps).
        """
        steps_s = np.column_stack([edges_s[:-1], edges_s[1:]])
        geometries = self.geometries or (self.geometry,) * len(self.stretches_s)
        found = np.zeros((len(names), len(steps_s)))
        for geometry in dict.fromkeys(geometries):
            zones = {str(zone.name): zone for zone in geometry.zones if zone.is_stand}
            own = [row for row, name in enumerate(names) if name in zones]
            spans_s = unite_intervals(self.stretches_s[[one == geometry for one in geometries]])
            spans_s = clip_intervals(spans_s, start_s=self.period_s[0], end_s=self.period_s[1])
            # all at once, as finding the cameras that see a place is what takes time
            parts = [np.clip(steps_s, start_s, end_s) for start_s, end_s in spans_s.tolist()]
            some = [np.flatnonzero(part[:, 1] > part[:, 0]) for part in parts]
            pieces_s = [part[rows] for part, rows in zip(parts, some, strict=True)]
            seconds = self._places.measure_zones_in(
                [zones[names[row]] for row in own], np.concatenate([np.empty((0, 2)), *pieces_s])
            )
            steps = np.concatenate([np.empty(0, np.int64), *some])
            for row, own_s in zip(own, seconds.T, strict=True):
                found[row] += np.bincount(steps, own_s, len(steps_s))
        return found

    def is_line_observed(self, line: CountingLine) -> bool:
        """Return whether any part of a counting line was observed."""
        return bool((self._places.measure_seconds(list_line_points(line)) > 0).any())

    def measure_observed_cells(self) -> FloatArray:
        """Return the observed seconds of each cell of ``grid``, shape (rows, columns)."""
        return self._places.measure_seconds(self.grid.centres()).reshape(self.grid.shape)

    @cached_property
    def _places(self) -> ObservedPlaces:
        return ObservedPlaces(spans=self.tables["spans"], views=self.views, period_s=self.period_s)

    @cached_property
    def _coverages(self) -> dict[Zone, float]:
        """Coverage of all zones, computed at once, as finding the cameras that see a place takes time."""
        if not len(self.observed):
            return {}
        seconds = self._places.measure_zones(self.zones)
        return {
            zone: min(1.0, float(observed_s) / self.observed_s)
            for zone, observed_s in zip(self.zones, seconds, strict=True)
        }

    def make_blocks(self, settings: BlockSettings | None = None) -> PeriodBlocks:
        """Return the period in blocks, for intervals of ratios.

        They consist of whole steps of stored sums (``clock_steps``), so that each sum falls into one block:
        the first and the last may reach beyond the period.
        """
        settings = settings or BlockSettings()
        start_s, end_s = self.period_s
        expected_s = min(settings.block_s, (end_s - start_s) / settings.wanted_blocks)
        block_s = STEP_S * max(1.0, np.floor(expected_s / STEP_S))
        first, last = (
            np.floor(start_s / block_s),
            max(np.ceil(end_s / block_s), np.floor(start_s / block_s) + 1),
        )
        return make_period_blocks(
            period_s=(first * block_s, last * block_s),
            observed=self.observed,
            settings=dataclasses.replace(settings, block_s=block_s, wanted_blocks=1),
        )


def compute_stretch_facts(stretch: Stretch, names: Sequence[str] = tuple(TABLES)) -> StretchFacts:
    """Compute the tables of a stretch, all or those named."""
    return StretchFacts(
        stretch.start_utc_s,
        stretch.start_utc_s + stretch.duration_s,
        stretch.geometry,
        {name: TABLES[name].compute(stretch) for name in names},
    )


def join_stretches(
    stretches: Sequence[StretchFacts],
    *,
    period_s: tuple[float, float],
    plan: FloorPlan,
    views: tuple[CameraView, ...],
    geometry: FloorGeometry,
    missing_s: Sequence[tuple[float, float]] = (),
) -> PeriodFacts:
    """Join the facts of a period's stretches, given in time order.

    Args:
        stretches: a table that only some of them have covers only those (``lacking_s``).
        geometry: at the end of the period; zones and lines that differ from it are left out.
        missing_s: observed stretches for which nothing is stored any more.
    """
    tables: dict[str, list[pa.Table]] = {name: [] for name in TABLES}
    earlier: dict[str, list[pa.Table]] = {name: [] for name in EARLIER_TABLES}
    stands = {str(zone.name) for zone in geometry.zones if zone.is_stand}
    since_s = {str(zone.name): period_s[0] for zone in geometry.zones}
    lines_since_s = {str(line.name): period_s[0] for line in geometry.lines}
    for index, stretch in enumerate(stretches):
        same = find_same_shapes(geometry.zones, stretch.geometry.zones)
        same_lines = find_same_shapes(geometry.lines, stretch.geometry.lines)
        for known, unchanged in ((since_s, same), (lines_since_s, same_lines)):
            known.update(dict.fromkeys(known.keys() - unchanged, stretch.end_utc_s))
        for name, table in stretch.tables.items():
            arrow = to_arrow(table) if isinstance(table, pd.DataFrame) else table
            moved = {str(z.name) for z in stretch.geometry.zones if z.is_stand} & stands - same
            if name in earlier and moved:
                rows = filter_rows(arrow, "zone", moved)
                earlier[name].append(
                    shift_table(rows, times=TABLES[name].times, by_s=stretch.start_utc_s, visitors_by=0)
                )
            if "zone" in arrow.column_names and not same >= {str(z.name) for z in stretch.geometry.zones}:
                arrow = filter_rows(arrow, "zone", [*same, ""])
            if "line" in arrow.column_names and not same_lines >= {
                str(o.name) for o in stretch.geometry.lines
            }:
                arrow = filter_rows(arrow, "line", same_lines)
            tables[name].append(
                shift_table(
                    arrow,
                    times=TABLES[name].times,
                    by_s=stretch.start_utc_s,
                    visitors_by=index * _VISITORS_APART,
                )
            )
    names = dict.fromkeys(name for stretch in stretches for name in stretch.tables)
    lacking = {
        name: [(s.start_utc_s, s.end_utc_s) for s in stretches if name not in s.tables] for name in names
    }
    return PeriodFacts(
        period_s=period_s,
        stretches_s=np.array([(s.start_utc_s, s.end_utc_s) for s in stretches], np.float64).reshape(-1, 2),
        plan=plan,
        geometry=geometry,
        views=views,
        zone_since_s=since_s,
        tables={
            name: join_tables(parts, categories=TABLES[name].categories)
            for name, parts in tables.items()
            if parts
        },
        settings=RollupSettings(),
        missing_s=np.array(missing_s, np.float64).reshape(-1, 2),
        line_since_s=lines_since_s,
        lacking_s={name: np.array(parts, np.float64) for name, parts in lacking.items() if parts},
        geometries=tuple(stretch.geometry for stretch in stretches),
        earlier={
            name: join_tables(parts, categories=TABLES[name].categories)
            for name, parts in earlier.items()
            if parts
        },
    )


def find_same_shapes(now: Sequence[Zone | CountingLine], then: Sequence[Zone | CountingLine]) -> set[str]:
    """Return the names of shapes that were the same then, apart from their colour."""
    before = {dataclasses.replace(shape, colour=None) for shape in then}
    return {str(shape.name) for shape in now if dataclasses.replace(shape, colour=None) in before}

"""All that is known of a period, from the rollups of its stretches: what pages, findings and reports read."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.zone import CountingLine, Zone
from analytics.metrics.block_ratio import BlockSettings, PeriodBlocks, make_period_blocks
from analytics.metrics.coverage import CameraView, FloorGrid, compute_observed_seconds, compute_zone_coverage
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.rollups.stretch import RollupSettings, Stretch, make_floor_grid
from analytics.rollups.tables import TABLES

FloatArray = npt.NDArray[np.float64]

_VISITORS_APART = 1_000_000_000
_WITH_ZONES = {"stays", "tracklet_stays", "visits", "exposed", "minutes", "queue_tails"}
_WITH_VISITORS = {"stays", "visits", "stops", "journeys", "crossings", "moves", "exposed", "first_turns"}
_WITH_LINES = {"crossings", "first_turns"}


@dataclass(frozen=True, slots=True, eq=False)
class StretchFacts:
    """What was kept of one stretch.

    Attributes:
        start_utc_s, end_utc_s: of the stretch, seconds since the epoch.
        tables: of ``TABLES``, by name; times count from the stretch's start.
    """

    start_utc_s: float
    end_utc_s: float
    geometry: FloorGeometry
    tables: Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True, eq=False)
class PeriodFacts:
    """A period in tables; all times are seconds since the epoch.

    Attributes:
        period_s: what was asked for.
        stretches_s: what was computed, shape (n, 2): days, cut where the zones changed and by the period.
        plan, geometry, views: those at the end of the period; the zones of these are in the tables. A zone
            that was another one earlier has no rows of then: ``zone_since_s`` says from when it counts.
        tables: of ``TABLES``, by name. A visitor's number is unique in the period; who comes on two days is
            two visitors.
    """

    period_s: tuple[float, float]
    stretches_s: FloatArray
    plan: FloorPlan
    geometry: FloorGeometry
    views: tuple[CameraView, ...]
    zone_since_s: Mapping[str, float]
    tables: Mapping[str, pd.DataFrame]
    settings: RollupSettings

    @property
    def zones(self) -> tuple[Zone, ...]:
        """The zones at the end of the period."""
        return self.geometry.zones

    @property
    def observed(self) -> FloatArray:
        """When any camera was analysed, shape (m, 2), disjoint and ordered."""
        spans = unite_spans(self.tables["spans"])
        return clip_intervals(spans, start_s=self.period_s[0], end_s=self.period_s[1])

    @property
    def observed_s(self) -> float:
        """For how long any camera was analysed."""
        return float(np.diff(self.observed, axis=1).sum())

    @property
    def grid(self) -> FloorGrid:
        """The cells of ``floor_hours``."""
        return make_floor_grid(self.plan.outline, cell_m=self.settings.floor_cell_m)

    def measure_coverage(self, zone: Zone) -> float:
        """Observed share of a zone's floor in the time in which any camera was analysed, 0 to 1."""
        observed = self.observed
        if not len(observed):
            return 0.0
        whole_s = (float(observed[0, 0]), float(observed[-1, 1]))
        share = compute_zone_coverage(
            outline=zone.outline, views=self.views, spans=self.tables["spans"], period_s=whole_s
        )
        return min(1.0, share * (whole_s[1] - whole_s[0]) / self.observed_s)

    def measure_observed_cells(self) -> FloatArray:
        """For how many seconds somebody looked at each cell of ``grid``, shape (rows, columns)."""
        return compute_observed_seconds(
            grid=self.grid, views=self.views, spans=self.tables["spans"], period_s=self.period_s
        )

    def make_blocks(self, settings: BlockSettings | None = None) -> PeriodBlocks:
        """The period in blocks, for intervals of ratios."""
        return make_period_blocks(
            period_s=self.period_s, observed=self.observed, settings=settings or BlockSettings()
        )


def compute_stretch_facts(stretch: Stretch, names: Sequence[str] = tuple(TABLES)) -> StretchFacts:
    """The tables of a stretch, all or those named."""
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
    settings: RollupSettings | None = None,
) -> PeriodFacts:
    """The facts of a period from those of its stretches, in the order of time.

    Args:
        geometry: at the end of the period; zones and lines that differ from it are left out.
    """
    tables: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    since_s = {str(zone.name): period_s[0] for zone in geometry.zones}
    for index, stretch in enumerate(stretches):
        same = _find_same(geometry.zones, stretch.geometry.zones)
        same_lines = _find_same(geometry.lines, stretch.geometry.lines)
        for name in since_s:
            if name not in same:
                since_s[name] = stretch.end_utc_s
        for name, table in stretch.tables.items():
            kept = table
            if name in _WITH_ZONES:
                kept = kept[kept["zone"].isin([*same, ""])]
            elif name in _WITH_LINES:
                kept = kept[kept["line"].isin(same_lines)]
            tables[name].append(_shift(name, kept, stretch.start_utc_s, index * _VISITORS_APART))
    return PeriodFacts(
        period_s=period_s,
        stretches_s=np.array([(s.start_utc_s, s.end_utc_s) for s in stretches], np.float64).reshape(-1, 2),
        plan=plan,
        geometry=geometry,
        views=views,
        zone_since_s=since_s,
        tables={name: pd.concat(parts, ignore_index=True) for name, parts in tables.items() if parts},
        settings=settings or RollupSettings(),
    )


def _find_same(now: Sequence[Zone | CountingLine], then: Sequence[Zone | CountingLine]) -> set[str]:
    """Names of those that were the same then, but for their colour."""
    before = {dataclasses.replace(shape, colour=None) for shape in then}
    return {str(shape.name) for shape in now if dataclasses.replace(shape, colour=None) in before}


def _shift(name: str, table: pd.DataFrame, start_utc_s: float, first_visitor: int) -> pd.DataFrame:
    shifted = table.copy(deep=False)
    for column in TABLES[name].times:
        values = table[column]
        if values.dtype == object:
            moved = [tuple(at + start_utc_s for at in times) for times in values]
            shifted[column] = pd.Series(moved, index=table.index, dtype=object)
        else:
            shifted[column] = values + start_utc_s
    if name in _WITH_VISITORS and first_visitor:
        shifted["visitor"] = table["visitor"] + first_visitor
    return shifted

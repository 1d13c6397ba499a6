"""Table of the zones of a period."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from analytics.domain.arrays import Interval
from analytics.dwell.zone_figures import ZoneFigures
from analytics.results.content import CellKind
from analytics.results.zone_figures import DWELL_COLUMNS, MEAN_DWELL, MEAN_DWELL_RANGE, ZoneColumn
from app.dwell.dwell_figures import ZoneDwell
from app.gui.session.cell_text import ABSENT, format_duration
from app.gui.tables.figure_table import FigureTable

MEAN_COLUMN = DWELL_COLUMNS.index(MEAN_DWELL)


class ZoneTable(FigureTable[ZoneFigures]):
    """Dwell times by zone in the order of the plan; the name carries the zone's colour."""

    def __init__(self, parent: QObject | None = None) -> None:
        self._colours: dict[str, int] = {}
        super().__init__(DWELL_COLUMNS, parent, zone="name")

    def show_zones(self, zones: Sequence[ZoneDwell]) -> None:
        """Replace all rows."""
        self._colours = {zone.name: zone.colour for zone in zones}
        self.show([zone.figures for zone in zones])

    def find_colour(self, zone: ZoneFigures) -> int:
        return self._colours.get(zone.name, 0)

    def show_cell(self, column: ZoneColumn, zone: ZoneFigures) -> str:
        if column is MEAN_DWELL_RANGE:
            return format_interval(zone.mean_dwell_s.interval)
        return super().show_cell(column, zone)

    def export_cell(self, column: ZoneColumn, zone: ZoneFigures) -> str:
        """Return a number with three decimals, or an interval."""
        value, interval = column.read(zone), zone.mean_dwell_s.interval
        if column is MEAN_DWELL_RANGE:
            return "" if interval is None else f"{interval[0]:.1f}-{interval[1]:.1f}"
        if value is None or column.kind is CellKind.TEXT:
            return value or ""
        if column.kind is CellKind.SHARE:
            return f"{value:.4f}"
        return f"{round(value, 3):g}" if abs(value) < 1e5 else f"{value:.1f}"

    def sort_cell(self, column: ZoneColumn, zone: ZoneFigures) -> float | str | None:
        if column is MEAN_DWELL_RANGE:
            interval = zone.mean_dwell_s.interval
            return None if interval is None else interval[1] - interval[0]
        return super().sort_cell(column, zone)


def format_interval(interval: Interval | None) -> str:
    if interval is None:
        return ABSENT
    return f"{format_duration(interval[0])}–{format_duration(interval[1])}"

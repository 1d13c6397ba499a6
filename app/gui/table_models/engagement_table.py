"""What visits were worth, zone by zone, as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from analytics.metrics.engagement_tier import Tier
from app.gui.table_models.cell_text import format_number, format_seconds, format_share
from app.gui.table_models.record_table import Index, RecordTable, TableColumn, make_name_column
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.units import current_units
from app.operations.engagement_figures import EngagementFigures, find_holding_power

LEAST_EXPORTED = 5
"""Shares of fewer visits than this are left out of files, so that nobody is told by them."""


@dataclass(frozen=True, slots=True)
class EngagementRow:
    """One zone; ``needed_s``: how long a visitor needs for it."""

    name: str
    colour: int
    figures: EngagementFigures
    needed_s: float | None

    def find_share(self, tier: Tier) -> float | None:
        """Share of the visits that reached a tier."""
        return next((entry.share.value for entry in self.figures.tiers if entry.tier is tier), None)

    @property
    def visits(self) -> int:
        """All of them."""
        return next((entry.reached for entry in self.figures.tiers if entry.tier is Tier.VISIT), 0)


class EngagementTable(RecordTable[EngagementRow]):
    """One row a zone; the name carries the zone's colour."""

    def make_columns(self) -> Sequence[TableColumn[EngagementRow]]:
        """The columns in the window's language."""
        per_area = current_units().area_symbol
        return (
            make_name_column(tr("Zone"), lambda row: row.name),
            TableColumn(
                tr("Visits"),
                lambda row: format_number(row.visits),
                lambda row: row.visits,
                lambda row: str(row.visits) if row.visits >= LEAST_EXPORTED else f"<{LEAST_EXPORTED}",
            ),
            _share(tr("Capture"), lambda row: row.figures.capture_rate.value),
            _share(tr("Attraction"), lambda row: row.figures.attraction_power.value),
            _share(tr("Engaged"), lambda row: row.find_share(Tier.ENGAGED)),
            _share(tr("Long"), lambda row: row.find_share(Tier.LONG)),
            _share(tr("Bounce"), lambda row: row.figures.bounce),
            _number(
                tr("Median stop"),
                lambda row: row.figures.median_stop_s,
                format_seconds,
                tr("Median stop (s)"),
            ),
            _number(
                tr("Holding"),
                lambda row: find_holding_power(row.figures.median_stop_s, row.needed_s),
                lambda value: format_number(value, decimals=2),
            ),
            _share(tr("Penetration"), lambda row: row.figures.penetration.value),
            _number(
                tr("Load (s/{area}·h)", area=per_area),
                lambda row: row.figures.stand_load,
                lambda value: format_number(None if value is None else value * current_units().per_m2),
                tr("Stand load (person-s per m² and h)"),
            ),
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; the zone's colour beside its name."""
        if role == Qt.ItemDataRole.DecorationRole and index.isValid() and index.column() == 0:
            palette = current_theme().zones
            return QColor(palette[self.record(index.row()).colour % len(palette)])
        return super().data(index, role)


Value = Callable[[EngagementRow], float | None]


def _share(title: str, value: Value) -> TableColumn[EngagementRow]:
    return _number(title, value, format_share, tr("{title} (share)", title=title))


def _number(
    title: str, value: Value, show: Callable[[float | None], str], exported_title: str = ""
) -> TableColumn[EngagementRow]:
    def export(row: EngagementRow) -> str:
        known = value(row)
        return "" if known is None or row.visits < LEAST_EXPORTED else f"{known:.4g}"

    return TableColumn(title, lambda row: show(value(row)), value, export, exported_title)

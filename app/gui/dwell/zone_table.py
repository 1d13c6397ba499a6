"""The zones of a period as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.dwell.dwell_figures import DwellFigures, ZoneFigures
from app.gui.session.cell_text import ABSENT, format_duration, format_number, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.tables.record_table import Index, RecordTable, TableColumn, make_name_column

Value = Callable[[DwellFigures], float | None]


class ZoneTable(RecordTable[ZoneFigures]):
    """One row a zone; the name carries the zone's colour."""

    def make_columns(self) -> Sequence[TableColumn[ZoneFigures]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Zone"), lambda z: z.name),
            _count(tr("Visits"), lambda f: f.visits),
            _number(tr("People, mean"), lambda f: f.people_mean, decimals=2),
            _duration(tr("Mean dwell"), tr("Mean dwell (s)"), lambda f: f.mean_dwell_s),
            TableColumn(
                tr("95 % interval"),
                lambda z: format_interval(z.figures.mean_dwell_interval_s),
                lambda z: _width(z.figures.mean_dwell_interval_s),
                lambda z: _export_interval(z.figures.mean_dwell_interval_s),
                tr("95 % interval (s)"),
            ),
            _duration(tr("Median dwell"), tr("Median dwell (s)"), lambda f: f.median_dwell_s),
            _count(tr("Person-seconds"), lambda f: f.person_seconds),
            TableColumn(
                tr("Time and floor seen"),
                lambda z: format_share(z.coverage),
                lambda z: z.coverage,
                lambda z: f"{z.coverage:.4f}",
                tr("Time and floor seen (share)"),
                meaning=tr("Share of the period's time and of the zone's floor that a camera looked at."),
            ),
            TableColumn(
                tr("Estimates"),
                lambda z: _describe_agreement(z.figures),
                lambda z: float(z.figures.estimates_disagree),
                is_number=False,
            ),
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; the zone's colour beside its name."""
        if role == Qt.ItemDataRole.DecorationRole and index.isValid() and index.column() == 0:
            palette = current_theme().zones
            return QColor(palette[self.record(index.row()).colour % len(palette)])
        return super().data(index, role)


def format_interval(interval: tuple[float, float] | None) -> str:
    """From shortest to longest duration."""
    if interval is None:
        return ABSENT
    return f"{format_duration(interval[0])}–{format_duration(interval[1])}"


def _describe_agreement(figures: DwellFigures) -> str:
    if figures.mean_dwell_s is None:
        return ABSENT
    return tr("disagree") if figures.estimates_disagree else tr("agree")


def _count(title: str, value: Value) -> TableColumn[ZoneFigures]:
    return _number(title, value, decimals=0)


def _number(title: str, value: Value, *, decimals: int) -> TableColumn[ZoneFigures]:
    return TableColumn(
        title,
        lambda z: format_number(value(z.figures), decimals=decimals),
        lambda z: value(z.figures),
        lambda z: _export(value(z.figures)),
    )


def _duration(title: str, exported_title: str, value: Value) -> TableColumn[ZoneFigures]:
    return TableColumn(
        title,
        lambda z: format_duration(value(z.figures)),
        lambda z: value(z.figures),
        lambda z: _export(value(z.figures)),
        exported_title,
    )


def _export(value: float | None) -> str:
    return "" if value is None else f"{round(value, 3):g}" if abs(value) < 1e5 else f"{value:.1f}"


def _export_interval(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.1f}-{interval[1]:.1f}"


def _width(interval: tuple[float, float] | None) -> float | None:
    return None if interval is None else interval[1] - interval[0]

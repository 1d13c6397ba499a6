"""Table of the zones of a period."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.results.content import CellKind
from analytics.results.zone_figures import (
    COVERAGE,
    MEAN_DWELL,
    MEDIAN_DWELL,
    PEOPLE,
    PERSON_SECONDS,
    VISITS,
    ZoneColumn,
)
from app.dwell.dwell_figures import ZoneDwell
from app.gui.session.cell_text import ABSENT, format_duration, format_figure
from app.gui.session.translation import tr, translate_phrase
from app.gui.tables.record_table import RecordTable, TableColumn, make_name_column

MEAN_COLUMN = 3


class ZoneTable(RecordTable[ZoneDwell]):
    """Dwell times by zone; the name carries the zone's colour."""

    def find_zone(self, record: ZoneDwell) -> str | None:
        return record.name

    def make_columns(self) -> Sequence[TableColumn[ZoneDwell]]:
        return (
            make_name_column(tr("Zone"), lambda z: z.name),
            _make_column(VISITS),
            _make_column(PEOPLE),
            _make_column(MEAN_DWELL, tr("Mean dwell (s)")),
            TableColumn(
                tr("Likely range"),
                lambda z: format_interval(z.figures.mean_dwell_s.interval),
                lambda z: _width(z.figures.mean_dwell_s.interval),
                lambda z: _export_interval(z.figures.mean_dwell_s.interval),
                tr("Likely range (s)"),
                meaning=tr("95 % interval of the mean of these visits."),
                is_expert=True,
            ),
            _make_column(MEDIAN_DWELL, tr("Median dwell (s)")),
            _make_column(PERSON_SECONDS, is_expert=True),
            _make_column(COVERAGE, tr("Time and floor seen (share)")),
        )

    def find_colour(self, zone: ZoneDwell) -> int:
        return zone.colour


def format_interval(interval: tuple[float, float] | None) -> str:
    if interval is None:
        return ABSENT
    return f"{format_duration(interval[0])}–{format_duration(interval[1])}"


def _make_column(
    column: ZoneColumn, exported_title: str = "", *, is_expert: bool = False
) -> TableColumn[ZoneDwell]:
    return TableColumn(
        translate_phrase(column.title),
        lambda z: format_figure(column.read(z.figures), column),
        lambda z: column.read(z.figures),
        lambda z: _export(column.read(z.figures), column.kind),
        exported_title,
        meaning=translate_phrase(column.definition),
        is_expert=is_expert,
    )


def _export(value: float | None, kind: CellKind) -> str:
    if value is None:
        return ""
    if kind is CellKind.SHARE:
        return f"{value:.4f}"
    return f"{round(value, 3):g}" if abs(value) < 1e5 else f"{value:.1f}"


def _export_interval(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{interval[0]:.1f}-{interval[1]:.1f}"


def _width(interval: tuple[float, float] | None) -> float | None:
    return None if interval is None else interval[1] - interval[0]

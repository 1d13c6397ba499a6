"""The zones of this moment and the alarms as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from analytics.alarms.alarm import AlarmKey
from app.gui.table_models.cell_text import ABSENT, format_duration, format_number, format_share
from app.gui.table_models.record_table import Index, RecordTable, TableColumn, make_name_column
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.units import current_units
from app.operations.live_figures import ZoneNow

USE_COLUMN, LEVEL_COLUMN = 2, 4
FULL, NEARLY_FULL = 1.0, 0.9


class NowZoneTable(RecordTable[ZoneNow]):
    """One row a zone, in the order of the plan until somebody sorts it."""

    def make_columns(self) -> Sequence[TableColumn[ZoneNow]]:
        """The columns in the window's language."""
        units = current_units()
        return (
            make_name_column(tr("Zone"), lambda z: z.name),
            TableColumn(tr("People"), lambda z: format_number(z.people), lambda z: z.people),
            TableColumn(tr("Capacity in use"), _describe_use, lambda z: z.use),
            TableColumn(
                tr("{area} each", area=units.area_symbol),
                lambda z: format_number(_to_area(z.space_m2), decimals=1),
                lambda z: z.space_m2,
            ),
            TableColumn(tr("Level"), lambda z: z.level or ABSENT, lambda z: z.level or "", is_number=False),
            TableColumn(tr("Wait"), lambda z: format_duration(z.wait_s), lambda z: z.wait_s),
        )

    def show(self, records: Sequence[ZoneNow]) -> None:
        """Replace all rows; the selection stays where the zones are the same."""
        new = tuple(records)
        if [row.name for row in new] != [row.name for row in self._records]:
            super().show(new)
        elif new != self._records:
            self._records = new
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, self.columnCount() - 1))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; a zone that is full, or nearly, stands out."""
        if role == Qt.ItemDataRole.ForegroundRole and index.isValid() and index.column() == USE_COLUMN:
            use = self.record(index.row()).use
            if use is not None and use >= NEARLY_FULL:
                return QColor(current_theme().bad if use > FULL else current_theme().warning)
        return super().data(index, role)

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """A column's title, and how its figure is defined."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return _explain(section)
        return super().headerData(section, orientation, role)


def _explain(column: int) -> str:
    return (
        tr("Only zones of the geometry that holds now"),
        tr("Confirmed people in the zone at this moment; a dash while less than 80 % of it is observed"),
        tr("People as a share of those who may be there at once, as set with the alarm rules"),
        tr("Observed floor of the zone without obstacles, per person"),
        tr("Level of service after Fruin, walkways, of the zone's mean density"),
        tr("Of zones of kind queue: Little's law over the last 15 minutes; holds while the queue is steady"),
    )[column]


def _describe_use(zone: ZoneNow) -> str:
    if zone.capacity is None:
        return ABSENT
    capacity = format_number(zone.capacity)
    return tr("{share} of {capacity}", share=format_share(zone.use), capacity=capacity)


def _to_area(area_m2: float | None) -> float | None:
    return None if area_m2 is None else area_m2 / current_units().per_m2


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm in words.

    Attributes:
        is_new: it holds, and nobody has acknowledged it.
    """

    key: AlarmKey
    raised_utc_s: float
    since: str
    words: str
    standing: str
    is_open: bool
    is_new: bool


class AlarmTable(RecordTable[AlarmRow]):
    """One row an alarm; those that hold come first."""

    def make_columns(self) -> Sequence[TableColumn[AlarmRow]]:
        """The columns in the window's language."""
        return (
            TableColumn(tr("Since"), lambda a: a.since, lambda a: a.raised_utc_s, is_number=False),
            TableColumn(tr("Alarm"), lambda a: a.words, lambda a: a.words, is_number=False),
            TableColumn(tr("State"), lambda a: a.standing, lambda a: a.standing, is_number=False),
        )

    def show(self, records: Sequence[AlarmRow]) -> None:
        """Replace all rows; the selection stays where the alarms are the same."""
        new = tuple(records)
        if [(r.key, r.raised_utc_s) for r in new] != [(r.key, r.raised_utc_s) for r in self._records]:
            super().show(new)
        elif new != self._records:
            self._records = new
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, self.columnCount() - 1))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; what nobody knows of stands out, what is over steps back."""
        if index.isValid() and index.row() < len(self._records):
            record = self._records[index.row()]
            if role == Qt.ItemDataRole.ForegroundRole:
                theme = current_theme()
                return QColor(
                    theme.bad if record.is_new else theme.text if record.is_open else theme.text_muted
                )
            if role == Qt.ItemDataRole.ToolTipRole:
                return record.words
        return super().data(index, role)

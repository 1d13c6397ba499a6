"""A table model of records; each column formats, sorts and exports its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.gui.session.cell_text import format_number
from app.gui.session.experts_view import is_experts_view
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name

R = TypeVar("R")
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_LONG_WORDS = 20
"""Length above which a text may be elided."""
SORT_ROLE = int(Qt.ItemDataRole.UserRole)
"""A float or a text; rows without a value come last in descending order."""
_ROLES = frozenset(
    {
        int(Qt.ItemDataRole.DisplayRole),
        int(Qt.ItemDataRole.DecorationRole),
        int(Qt.ItemDataRole.ForegroundRole),
        int(Qt.ItemDataRole.TextAlignmentRole),
        int(Qt.ItemDataRole.ToolTipRole),
        SORT_ROLE,
    }
)
"""Roles that a cell answers; Qt asks for as many again of every cell that it measures."""


@dataclass(frozen=True)  # no slots: Python 3.11 cannot combine them with frozen in a generic class
class TableColumn(Generic[R]):
    """One column.

    Attributes:
        title: as it is shown, already translated.
        shown: the text of a cell.
        sorted_by: what rows are ordered by; None for no value.
        exported: the plain value for a file, by default what is shown.
        exported_title: with the unit, where the shown text carries it otherwise.
        is_number: aligned to the right.
        meaning: how the value is defined, for who points at the title.
        is_expert: shown in the experts' view only, and exported always.
    """

    title: str
    shown: Callable[[R], str]
    sorted_by: Callable[[R], float | str | None]
    exported: Callable[[R], str] | None = None
    exported_title: str = ""
    is_number: bool = True
    meaning: str = ""
    is_expert: bool = False


def make_name_column(title: str, name: Callable[[R], str], *, meaning: str = "") -> TableColumn[R]:
    """Return a column of names: displayed and sorted as translated, exported as in every file."""
    return TableColumn(
        title,
        lambda record: display_name(name(record)),
        lambda record: display_name(name(record)).casefold(),
        name,
        is_number=False,
        meaning=meaning,
    )


def make_text_column(
    title: str, text: Callable[[R], str], exported: Callable[[R], str] | None = None, *, meaning: str = ""
) -> TableColumn[R]:
    """Return a column of texts, sorted alphabetically."""
    return TableColumn(
        title, text, lambda record: text(record).casefold(), exported, is_number=False, meaning=meaning
    )


def make_number_column(
    title: str,
    value: Callable[[R], float | None],
    show: Callable[[float | None], str] = format_number,
    *,
    digits: int = 5,
    exported_title: str = "",
    meaning: str = "",
    is_expert: bool = False,
) -> TableColumn[R]:
    """Return a column of numbers.

    Args:
        show: gives the text of a value, which may be None.
        digits: significant ones in a file, where what is not known is empty.
    """
    return TableColumn(
        title,
        lambda record: show(value(record)),
        value,
        lambda record: export_number(value(record), digits),
        exported_title,
        meaning=meaning,
        is_expert=is_expert,
    )


def export_number(value: float | None, digits: int) -> str:
    """Format a number for a file: decimal point, no separators; empty for None."""
    return "" if value is None else f"{value:.{digits}g}"


class RecordTable(QAbstractTableModel, Generic[R]):
    """Table model of frozen records, replaced as a whole."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._records: tuple[R, ...] = ()
        self._columns: Sequence[TableColumn[R]] = self.make_columns()

    def make_columns(self) -> Sequence[TableColumn[R]]:
        raise NotImplementedError

    def find_colour(self, _record: R) -> int | None:
        """Return the index of the zone's colour beside a record's name; None for none."""
        return None

    def find_zone(self, _record: R) -> str | None:
        """Return the zone whose page the record's name opens; None for none."""
        return None

    def show(self, records: Sequence[R]) -> None:
        self.beginResetModel()
        self._records = tuple(records)
        self.endResetModel()

    def retranslate(self) -> None:
        self._columns = self.make_columns()
        if self._columns:
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._columns) - 1)
        if self._records:
            self.dataChanged.emit(
                self.index(0, 0), self.index(len(self._records) - 1, len(self._columns) - 1)
            )

    def record(self, row: int) -> R:
        """Return the record of a row of this model, not of a sorting proxy."""
        return self._records[row]

    def list_texts(self, column: int) -> list[str]:
        shown = self._columns[column].shown
        return [shown(record) for record in self._records]

    def is_number_column(self, column: int) -> bool:
        return self._columns[column].is_number

    def is_expert_column(self, column: int) -> bool:
        """Return whether a column is shown in the experts' view only."""
        return self._columns[column].is_expert

    def describe_columns(self) -> list[tuple[str, str]]:
        return [
            (column.title, column.meaning)
            for column in self._columns
            if column.meaning and (is_experts_view() or not column.is_expert)
        ]

    def export_titles(self) -> list[str]:
        return [column.exported_title or column.title for column in self._columns]

    def export_row(self, row: int) -> list[str]:
        record = self._records[row]
        return [(column.exported or column.shown)(record) for column in self._columns]

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._records)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role not in _ROLES or not index.isValid() or index.row() >= len(self._records):
            return None
        column, record = self._columns[index.column()], self._records[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.shown(record)
        if role == SORT_ROLE:
            value = column.sorted_by(record)
            # Qt orders only values of one type
            return value if isinstance(value, str) else float("-inf") if value is None else float(value)
        if index.column() == 0 and role in (Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.ForegroundRole):
            return self._decorate(record, role)
        if role == Qt.ItemDataRole.ToolTipRole and not column.is_number:
            words = column.shown(record)
            return words if len(words) > _LONG_WORDS else None
        return _align(column) if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _decorate(self, record: R, role: int) -> QColor | None:
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(current_theme().accent) if self.find_zone(record) else None
        colour, palette = self.find_colour(record), current_theme().zones
        return None if colour is None else QColor(palette[colour % len(palette)])

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._columns[section].title
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._columns[section].meaning or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _align(self._columns[section])
        return None


def _align(column: TableColumn[Any]) -> int:
    return _RIGHT if column.is_number else _LEFT


class KeyedRecordTable(RecordTable[R]):
    """Table model that keeps the selection while its rows describe the same objects."""

    def identify(self, record: R) -> object:
        """Return the object that a row describes; by default the record itself."""
        return record

    def show(self, records: Sequence[R]) -> None:
        new = tuple(records)
        if list(map(self.identify, new)) != list(map(self.identify, self._records)):
            super().show(new)
        elif new != self._records:
            self._records = new
            self.dataChanged.emit(self.index(0, 0), self.index(len(new) - 1, self.columnCount() - 1))

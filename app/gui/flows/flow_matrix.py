"""The transition matrix as a table: from the places of its rows to those of its columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.flows.flow_figures import LEAST_COUNT, Place, Transition
from app.gui.flows.flow_text import (
    export_count,
    export_number,
    format_share_interval,
    name_place,
)
from app.gui.session.cell_text import format_number, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, trn

Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DARKEST = 0.62
"""Of the accent's colour behind the largest share, so that its text can still be read."""


class FlowMatrix(QAbstractTableModel):
    """A share above a count in every cell, on a ground the darker the larger the share."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._places: tuple[Place, ...] = ()
        self._few: frozenset[Place] = frozenset()
        self._cells: dict[tuple[Place, Place], Transition] = {}
        self._largest = 0.0

    def show(
        self, places: Sequence[Place], transitions: Sequence[Transition], few_from: Sequence[Place]
    ) -> None:
        """Replace everything.

        Args:
            few_from: places of which the row is not told.
        """
        self.beginResetModel()
        self._places, self._few = tuple(places), frozenset(few_from)
        self._cells = {(cell.origin, cell.destination): cell for cell in transitions}
        told = [cell.share.value or 0.0 for cell in transitions if not cell.is_small]
        self._largest = max(told, default=0.0)
        self.endResetModel()

    def retranslate(self) -> None:
        """Take names and texts in the language in force."""
        if self._places:
            last = len(self._places) - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, last)
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))

    def cell(self, row: int, column: int) -> Transition | None:
        """What is in a cell; None where nobody went there."""
        return self._cells.get((self._places[row], self._places[column]))

    def describe(self, row: int, column: int) -> str:
        """A cell in words: from where to where, how many, which share."""
        origin, destination = self._places[row], self._places[column]
        way = tr("{origin} → {destination}", origin=name_place(origin), destination=name_place(destination))
        cell = self.cell(row, column)
        if row == column:
            return tr("{way}: coming back to the same place is no move", way=way)
        if origin in self._few:
            return tr(
                "{way}: fewer than {n} moves lead from there, which is not told", way=way, n=LEAST_COUNT
            )
        if cell is None:
            return tr("{way}: nobody was seen to go there", way=way)
        if cell.is_small:
            return tr("{way}: fewer than {n} moves, which is not told", way=way, n=LEAST_COUNT)
        return trn(
            "{way}: {share} of the moves from there; {count} move was seen",
            "{way}: {share} of the moves from there; {count} moves were seen",
            cell.moves,
            way=way,
            share=format_share_interval(cell.share),
            count=format_number(cell.moves),
        )

    def list_rows(self) -> tuple[list[str], list[list[str]]]:
        """Titles and rows as they are shown, the names of the places first."""
        titles = [tr("From \\ to"), *(name_place(place) for place in self._places)]
        rows = [
            [name_place(place), *(self._say(row, column, " ") for column in range(len(self._places)))]
            for row, place in enumerate(self._places)
        ]
        return titles, rows

    def list_export(self) -> tuple[list[str], list[list[str]]]:
        """Titles and a row for every move that was seen; few are not told."""
        titles = [tr("From"), tr("To"), tr("Moves"), tr("Share"), tr("Share, low"), tr("Share, high")]
        rows = []
        for (origin, destination), cell in self._cells.items():
            share = cell.share
            low, high = share.interval or (None, None)
            told = ["", "", ""] if cell.is_small else [export_number(v) for v in (share.value, low, high)]
            rows.append([_export(origin), _export(destination), export_count(cell.moves), *told])
        return titles, rows

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """One for every place."""
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        """One for every place."""
        return 0 if parent.isValid() else len(self._places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, words and ground of a cell."""
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.describe(row, column)
        makers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._say(row, column, "\n"),
            Qt.ItemDataRole.TextAlignmentRole: lambda: int(Qt.AlignmentFlag.AlignCenter),
            Qt.ItemDataRole.BackgroundRole: lambda: self._find_ground(row, column),
            Qt.ItemDataRole.ForegroundRole: lambda: self._find_ink(row, column),
        }
        return makers[role]() if role in makers else None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """The places' names; zones beside their colour."""
        if not 0 <= section < len(self._places):
            return None
        place = self._places[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return name_place(place)
        if role == Qt.ItemDataRole.DecorationRole and orientation is Qt.Orientation.Vertical and place.zone:
            palette = current_theme().zones
            return QColor(palette[section % len(palette)])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_row = orientation is Qt.Orientation.Vertical
            side = Qt.AlignmentFlag.AlignLeft if is_row else Qt.AlignmentFlag.AlignHCenter
            return int(side | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
        return None

    def _say(self, row: int, column: int, between: str) -> str:
        cell = self.cell(row, column)
        if row == column:
            return ""
        if cell is None:
            return "" if self._places[row] in self._few else "0"
        if cell.is_small:
            return f"<{LEAST_COUNT}"
        return f"{format_share(cell.share.value)}{between}({format_number(cell.moves)})"

    def _find_ink(self, row: int, column: int) -> QColor:
        cell, theme = self.cell(row, column), current_theme()
        return QColor(theme.text if cell is not None and not cell.is_small else theme.text_muted)

    def _find_ground(self, row: int, column: int) -> QColor | None:
        theme, cell = current_theme(), self.cell(row, column)
        if row == column or self._places[row] in self._few:
            return QColor(theme.raised)
        if cell is None or cell.is_small or not self._largest:
            return None
        part = _DARKEST * (cell.share.value or 0.0) / self._largest
        ground, ink = QColor(theme.surface), QColor(theme.accent)
        mixed = [
            (1 - part) * below + part * above
            for below, above in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)  # type: ignore[index]
        ]
        return QColor(*(round(value) for value in mixed))


def _export(place: Place) -> str:
    return place.zone or place.kind.value

"""List of zones beside the floor plan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QLabel, QPushButton, QTableView, QWidget

from analytics.results.zone_figures import MEAN_DWELL, VISITS
from app.floor_plan.floor_map import FloorLayer
from app.gui.floor_plan.text import PLACE_FIGURES, describe_of_place, format_of_place
from app.gui.session.cell_text import ABSENT, format_duration, format_number
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr, translate_phrase, trn
from app.gui.tables.column_widths import measure_column
from app.gui.tables.record_table import SORT_ROLE, Index, KeyedRecordTable, TableColumn, make_name_column
from app.gui.tables.table_copy import copy_table
from app.gui.widgets.layouts import fill, make_column, name_button, select_row, set_roles, set_up_rows
from app.plan.floor_scene import ZoneRow

NOW_COLUMN, VISITS_COLUMN, MEAN_COLUMN, PLACE_COLUMN = 1, 2, 3, 4


class FloorZoneTable(KeyedRecordTable[ZoneRow]):
    """Table of zones in the order of the plan, which determines their colours."""

    layer = FloorLayer.OF_PLACE
    """The layer whose figure of stands and places the last column shows."""

    def make_columns(self) -> Sequence[TableColumn[ZoneRow]]:
        figure = PLACE_FIGURES[self.layer]
        return (
            make_name_column(tr("Zone"), lambda z: z.name),
            TableColumn(
                tr("Now"),
                lambda z: format_number(z.people_now),
                lambda z: z.people_now,
                meaning=tr("People in the zone at this moment, while it is recorded."),
            ),
            TableColumn(
                tr("Visits"),
                lambda z: format_number(z.figures.visits.value),
                lambda z: z.figures.visits.value,
                meaning=translate_phrase(VISITS.definition),
            ),
            TableColumn(
                tr("Mean dwell"),
                lambda z: format_duration(z.figures.mean_dwell_s.value),
                lambda z: z.figures.mean_dwell_s.value,
                meaning=translate_phrase(MEAN_DWELL.definition),
            ),
            TableColumn(
                translate_phrase(figure.title),
                lambda z: format_of_place(z.of_place, has_interval=True),
                # the worst stands first, the best places first, those that cannot be compared last
                lambda z: (
                    z.of_place.value
                    if z.of_place.value is None or self.layer is FloorLayer.PLACE_WORTH
                    else -z.of_place.value
                ),
                meaning=translate_phrase(figure.definition),
            ),
        )

    def identify(self, record: ZoneRow) -> object:
        return record.name

    def row_of(self, name: str | None) -> int | None:
        """Return the row of a zone, if present."""
        return next((row for row, record in enumerate(self._records) if record.name == name), None)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and index.row() < len(self._records):
            row = self._records[index.row()]
            if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
                palette = current_theme().zones
                return QColor(palette[index.row() % len(palette)])
            if role == Qt.ItemDataRole.ToolTipRole:
                return _explain(row, index.column(), self.layer)
        return super().data(index, role)


def _explain(row: ZoneRow, column: int, layer: FloorLayer) -> str:
    visits, mean_dwell_s = row.figures.visits, row.figures.mean_dwell_s
    if column == VISITS_COLUMN and visits.interval is not None:
        low, high = (format_number(limit) for limit in visits.interval)
        return tr("Likely range (95 %): {low} to {high}", low=low, high=high)
    if column == MEAN_COLUMN and mean_dwell_s.interval is not None:
        low, high = (format_duration(limit) for limit in mean_dwell_s.interval)
        return tr("Likely range (95 %): {low} to {high}", low=low, high=high)
    if column == PLACE_COLUMN:
        return describe_of_place(row.of_place, layer)
    value = (row.name, row.people_now, visits.value, mean_dwell_s.value)[column]
    return (
        display_name(row.name)
        if column == 0
        else ("" if value is not None else tr("Not known ({dash})", dash=ABSENT))
    )


class ZoneList(QTableView):
    """Table whose Enter key opens the zone of its row, and which is copied as a whole."""

    row_activated = Signal(QModelIndex)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.row_activated.emit(self.currentIndex())
            event.accept()
        elif event.matches(QKeySequence.StandardKey.Copy):
            copy_table(self)
            event.accept()
        else:
            super().keyPressEvent(event)


class FloorZonePanel(QFrame):
    """Panel of `ZoneRow`s; emits the chosen and opened ones."""

    zone_chosen = Signal(object)
    """Name of a zone."""
    zone_activated = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = FloorZoneTable(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self.table)
        self._sorted.setSortRole(SORT_ROLE)
        self.zone_list = ZoneList()
        self.people_now = QLabel()
        self._title, self._hint = QLabel(), QLabel()
        self.open = QPushButton()
        self._rows: tuple[ZoneRow, ...] = ()
        self._selected: str | None = None
        self.open.clicked.connect(self._open_selected)
        self._people: int | None = None
        self._shows_places = False
        self._delay = ""
        self._build()
        self.zone_list.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        self.zone_list.doubleClicked.connect(self._on_row_activated)
        self.zone_list.row_activated.connect(self._on_row_activated)

    def show_layer(self, layer: FloorLayer) -> None:
        """Show what a layer of ``PLACE_LAYERS`` shows of stands and places."""
        if layer in PLACE_FIGURES and layer is not self.table.layer:
            self.table.layer = layer
            self.table.retranslate()

    def show_rows(
        self, rows: Sequence[ZoneRow], *, selected: str | None, people_now: int | None, delay: str = ""
    ) -> None:
        """Show the zones and mark one; without people, ``delay`` says why none are known."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self._show_zones()
        select_row(self.zone_list, self.row_of(selected))
        self._people, self._delay, self._selected = people_now, delay, selected
        self._show_open()
        self._show_people()

    def _show_zones(self) -> None:
        rows = self._rows
        self.table.show(rows)
        self.zone_list.setColumnHidden(NOW_COLUMN, all(row.people_now is None for row in rows))
        shows_places = any(row.of_place.value is not None for row in rows)
        self.zone_list.setColumnHidden(PLACE_COLUMN, not shows_places)
        for hidden in (VISITS_COLUMN, MEAN_COLUMN):
            self.zone_list.setColumnHidden(hidden, shows_places)
        if shows_places is not self._shows_places:
            self._shows_places = shows_places
            shown = PLACE_COLUMN if shows_places else MEAN_COLUMN
            self.zone_list.sortByColumn(shown, Qt.SortOrder.DescendingOrder)
        self._fit_columns()

    def row_of(self, name: str | None) -> int | None:
        """Return the row in which a zone is listed, if present."""
        row = self.table.row_of(name)
        return None if row is None else self._sorted.mapFromSource(self.table.index(row, 0)).row()

    def retranslate(self) -> None:
        self._title.setText(tr("Zones"))
        self._hint.setText(tr("Double-click a zone, or press Enter, to open its page."))
        self._show_open()
        self.zone_list.setAccessibleName(tr("Zones"))
        self.table.retranslate()
        self._fit_columns()
        self._show_people()

    def _fit_columns(self) -> None:
        for column in range(1, self.table.columnCount()):
            width_px = measure_column(self.zone_list, column, pad_px=current_theme().space_xs)
            self.zone_list.setColumnWidth(column, width_px)

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = make_column(self, margins=theme.space_m)
        set_roles((self._title, "title"), (self.people_now, "muted"))
        self.people_now.setWordWrap(True)
        self._hint.setProperty("role", "small")
        self._hint.setWordWrap(True)
        zones = self.zone_list
        set_up_rows(zones, self._sorted, stretched=0)
        header = zones.horizontalHeader()
        for number_column in range(1, self.table.columnCount()):
            header.setSectionResizeMode(number_column, QHeaderView.ResizeMode.Interactive)
        header.sortIndicatorChanged.connect(self._fit_columns)
        zones.setSortingEnabled(True)
        zones.sortByColumn(MEAN_COLUMN, Qt.SortOrder.DescendingOrder)
        # narrow, as the plan needs the room; names come first
        zones.setProperty("role", "tight")
        zones.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        zones.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        zones.setFrameShape(QFrame.Shape.NoFrame)
        zones.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 14)
        fill(column, self._title, self.people_now, (zones, 1), self.open, self._hint)
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0") * 56)

    def _show_open(self) -> None:
        self.open.setVisible(self._selected is not None)
        name_button(self.open, tr("Open '{name}'", name=display_name(self._selected or "")))

    def _open_selected(self) -> None:
        if self._selected is not None:
            self.zone_activated.emit(self._selected)

    def _show_people(self) -> None:
        people = self._people
        self.people_now.setText(
            (f"{ABSENT} {self._delay}" if self._delay else tr("No live picture"))
            if people is None
            else trn("{n} person in view now", "{n} people in view now", people)
        )

    def _on_row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid():
            self.zone_chosen.emit(self.table.record(self._sorted.mapToSource(current).row()).name)

    def _on_row_activated(self, index: QModelIndex) -> None:
        self.zone_activated.emit(self.table.record(self._sorted.mapToSource(index).row()).name)

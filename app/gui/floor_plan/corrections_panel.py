"""Panel of false positives and staff."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QFrame,
    QLabel,
    QPushButton,
    QTableView,
    QWidget,
)

from analytics.results.zone_figures import MEAN_DWELL, VISITS, ZoneColumn
from app.access.roles import Permission
from app.floor_plan.corrected_period import DECISION_RADIUS_M, ListedPlace, PlaceState, StaffZone
from app.gui.canvas.floor_plan_items import PlaceMark
from app.gui.floor_plan.corrections import CorrectionsState, CorrectionsViewModel
from app.gui.session.cell_text import format_duration, format_figure, format_number
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr, trn
from app.gui.session.units import current_units
from app.gui.tables.record_table import Index, KeyedRecordTable, TableColumn, make_name_column
from app.gui.tables.table_copy import copy_table
from app.gui.widgets.layouts import fill, make_column, make_row, name_buttons, select_row, set_up_rows
from app.gui.widgets.scrolled_content import scroll_content


class PlaceTable(KeyedRecordTable[ListedPlace]):
    def make_columns(self) -> Sequence[TableColumn[ListedPlace]]:
        return (
            make_name_column(tr("Camera"), lambda place: str(place.camera)),
            TableColumn(
                tr("x; y in {unit}", unit=current_units().symbol),
                _describe_place,
                lambda place: place.x_m,
                meaning=tr("Place on the plan, from its lower left corner."),
            ),
            TableColumn(
                tr("Seen"),
                lambda place: format_duration(place.seconds),
                lambda place: place.seconds,
                meaning=tr("Time for which somebody seemed to stand here."),
            ),
            TableColumn(tr("State"), _name_state, lambda place: place.state.value, is_number=False),
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        is_explained = role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole)
        if is_explained and index.isValid() and index.row() < len(self._records):
            return _explain_state(self._records[index.row()])
        return super().data(index, role)


class StaffTable(KeyedRecordTable[StaffZone]):
    """Visits and mean dwell by zone, with staff and without."""

    def make_columns(self) -> Sequence[TableColumn[StaffZone]]:
        return (
            make_name_column(tr("Zone"), lambda zone: zone.without.name),
            TableColumn(
                tr("Visits"),
                partial(_describe_both, VISITS),
                lambda zone: zone.without.visits.value,
                meaning=tr("With staff / without staff."),
            ),
            TableColumn(
                tr("Mean dwell"),
                partial(_describe_both, MEAN_DWELL),
                lambda zone: zone.without.mean_dwell_s.value,
                meaning=tr("With staff / without staff."),
            ),
        )


def _describe_both(column: ZoneColumn, zone: StaffZone) -> str:
    return " / ".join(format_figure(column.read(one), column) for one in (zone.with_staff, zone.without))


def _describe_place(place: ListedPlace) -> str:
    units = current_units()
    x, y = (format_number(units.from_metres(length_m), decimals=1) for length_m in (place.x_m, place.y_m))
    return f"{x}; {y}"


def _name_state(place: ListedPlace) -> str:
    return {
        PlaceState.PROPOSED: tr("To be decided"),
        PlaceState.LEFT_OUT: tr("Left out"),
        PlaceState.KEPT: tr("A person"),
    }[place.state]


def _explain_state(place: ListedPlace) -> str:
    if place.state is PlaceState.PROPOSED:
        return tr("Counted until you decide that it is not a person.")
    if place.state is PlaceState.KEPT:
        return tr("You confirmed that it is a person; it is counted.")
    if place.is_decided:
        return tr("You decided that it is not a person; it is left out of all numbers.")
    return tr("Detected as not a person; it is left out of all numbers.")


_MIN_ROWS = 3
"""Minimum rows of each table, heading included; a small window scrolls."""


class ShortList(QTableView):
    """Table with a small size hint that takes the remaining height."""

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(super().sizeHint().width(), self.minimumHeight())


class CorrectionsPanel(Translated, QFrame):
    """Panel of corrections; renders a `CorrectionsState`."""

    marks_changed = Signal(object)
    """`PlaceMark`s for the plan; none while the panel is hidden."""
    title_changed = Signal()

    def __init__(self, viewmodel: CorrectionsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = CorrectionsState()
        self.places, self.staff = PlaceTable(self), StaffTable(self)
        self.place_list, self.staff_list = ShortList(), ShortList()
        self.summary, self.staff_text = QLabel(), QLabel()
        self._title, self._hint, self._staff_title, self._compared = (QLabel() for _ in range(4))
        self.leave_out, self.count_as_person, self.undo = QPushButton(), QPushButton(), QPushButton()
        for button in (self.leave_out, self.count_as_person, self.undo):
            require_permission(button, Permission.EDIT_PLAN)
        self.staff_box = QCheckBox()
        self._build()
        self._bind()
        self.retranslate()

    def describe_title(self) -> tuple[str, str]:
        count = self._viewmodel.state.proposals
        if not count:
            return tr("Not people"), tr("Objects mistaken for people, and staff")
        waits = trn("{n} place to be decided", "{n} places to be decided", count)
        return tr("{name} ({count})", name=tr("Not people"), count=count), tr(
            "{name}: {value}", name=tr("Objects mistaken for people, and staff"), value=waits
        )

    def retranslate(self) -> None:
        self._title.setText(tr("Objects mistaken for people"))
        self._hint.setText(
            tr("Posters and mannequins never move. Check the camera's picture before you decide.")
        )
        self._staff_title.setText(tr("Staff"))
        self._compared.setText(tr("With staff / without"))
        self.staff_box.setText(tr("Leave staff out of all numbers"))
        self.staff_box.setAccessibleName(self.staff_box.text())
        name_buttons(
            (self.leave_out, tr("Leave out"), tr("Leave the chosen place out of all numbers")),
            (self.count_as_person, tr("Is a person"), tr("Count the chosen place as a person")),
            (self.undo, tr("Undo"), tr("Undo the last decision")),
        )
        self.place_list.setAccessibleName(tr("Objects mistaken for people"))
        self.staff_list.setAccessibleName(tr("Zones with and without staff"))
        self.places.retranslate()
        self.staff.retranslate()
        self._viewmodel.retranslate()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._viewmodel.set_active(True)
        self._mark()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._viewmodel.set_active(False)
        self.marks_changed.emit(())

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        content = QWidget()
        column = make_column(content, margins=theme.space_m)
        scroll_content(self, content)
        for title in (self._title, self._staff_title):
            title.setProperty("role", "title")
        for label, role in (
            (self.summary, "muted"),
            (self._hint, "small"),
            (self.staff_text, "muted"),
            (self._compared, "small"),
        ):
            label.setProperty("role", role)
            label.setWordWrap(True)
        for table, model, stretched in ((self.place_list, self.places, 0), (self.staff_list, self.staff, 0)):
            _set_up(table, stretched=stretched, model=model)
        buttons = fill(make_row(spacing=theme.space_s), self.leave_out, self.count_as_person, 1, self.undo)
        fill(column, self._title, self.summary, (self.place_list, 3), buttons, self._hint)
        column.addSpacing(theme.space_s)
        fill(column, self._staff_title, self.staff_box, self.staff_text, self._compared, (self.staff_list, 2))
        column.addStretch(0)

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        self.place_list.selectionModel().currentRowChanged.connect(self._on_row_chosen)
        self.leave_out.clicked.connect(model.leave_out)
        self.count_as_person.clicked.connect(model.count_as_person)
        self.undo.clicked.connect(model.undo)
        self.staff_box.clicked.connect(model.leave_staff_out)

    def _render(self) -> None:
        state = self._viewmodel.state
        with QSignalBlocker(self.place_list.selectionModel()):
            self.places.show(state.places)
            select_row(self.place_list, state.selected)
        self.staff.show(state.staff_zones)
        self.summary.setText(state.summary)
        self.staff_text.setText(state.staff_text)
        of_staff: tuple[QWidget, ...] = (self._compared, self.staff_list)
        of_places: tuple[QWidget, ...] = (self.place_list, self.leave_out, self.count_as_person, self._hint)
        for widgets, is_shown in ((of_staff, state.staff_zones), (of_places, state.places)):
            for widget in widgets:
                widget.setVisible(bool(is_shown))
        self.undo.setVisible(bool(state.places) or state.can_undo)
        self.leave_out.setEnabled(state.can_leave_out)
        self.count_as_person.setEnabled(state.can_count_as_person)
        self.undo.setEnabled(state.can_undo)
        self.staff_box.setEnabled(state.has_venue)
        self.staff_box.setChecked(state.leaves_staff_out)
        if state.proposals != self._rendered.proposals:
            self.title_changed.emit()
        self._rendered = state
        self._mark()

    def _mark(self) -> None:
        state = self._viewmodel.state
        if self.isVisible():
            self.marks_changed.emit(
                tuple(
                    PlaceMark(place.x_m, place.y_m, DECISION_RADIUS_M, place.state, row == state.selected)
                    for row, place in enumerate(state.places)
                )
            )

    def _on_row_chosen(self, current: QModelIndex, _previous: QModelIndex) -> None:
        self._viewmodel.choose(current.row() if current.isValid() else None)


def _set_up(table: ShortList, *, model: PlaceTable | StaffTable, stretched: int) -> None:
    set_up_rows(table, model, stretched=stretched)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    row_px = table.fontMetrics().height() + 14
    table.verticalHeader().setDefaultSectionSize(row_px)
    table.setMinimumHeight(_MIN_ROWS * row_px)
    copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
    copy.setContext(Qt.ShortcutContext.WidgetShortcut)
    copy.activated.connect(lambda: copy_table(table))

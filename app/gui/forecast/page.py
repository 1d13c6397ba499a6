"""The page What if: a draft of the layout on the plan, and what it would do."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QFrame,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QWidget,
)

from analytics.domain.exhibition import Exhibition
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.forecast.layout_forecast import ZoneForecast
from analytics.forecast.placement_rules import FireLane
from app.access.roles import Permission
from app.forecast.drafts import MAX_ARRIVALS_SCALE
from app.forecast.forecast_rows import find_ratio, find_reach, is_proven, rank_rows, scale_change
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.canvas.floor_plan_items import PlanPicture, read_plan_picture
from app.gui.canvas.heatmap_layer import HeatLegend, interpolate_difference
from app.gui.canvas.linked_plans import LinkedPlans
from app.gui.canvas.plan_editor_canvas import PlanEditorCanvas
from app.gui.canvas.plan_editor_items import EditorTool, Grip, MovesItem, ShapeMove, find_shape_at
from app.gui.canvas.rectangle_fields import MAX_LENGTH, RectangleFields
from app.gui.canvas.zoomed_view import HoverNote, ZoomButtons
from app.gui.forecast.model import WhatIfState, WhatIfViewModel
from app.gui.forecast.rules_panel import FireLanesItem, RulesPanel
from app.gui.forecast.search_panel import SearchPanel
from app.gui.forecast.text import (
    describe_basis,
    describe_empty_page,
    describe_entrance,
    describe_headline,
    describe_outcome,
    describe_shares,
    format_visits,
    format_visits_interval,
    format_zone_change,
    list_outcomes,
    list_sentences,
    rename_fault,
    translate_statement,
)
from app.gui.session.cell_text import format_number, format_share
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, join_sentences, tr, translate_phrase
from app.gui.session.units import current_units
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.tables.record_table import (
    RecordTable,
    TableColumn,
    export_number,
    make_name_column,
    make_number_column,
)
from app.gui.widgets.date_time_field import DateTimeField
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.layouts import (
    bind_key,
    fill,
    fill_combo_box_values,
    make_column,
    make_dialog_buttons,
    make_label,
    make_row,
    name_button,
    name_field,
    name_tools,
    open_dialog,
    show_choice,
    show_steps,
    show_text,
    style_message,
    style_tools,
)
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.side_panels import SidePanels
from app.gui.widgets.work_row import JobRow
from app.plan.edit_geometry import InsertVertex, MoveVertex, RemoveVertex
from app.plan.floor_scene import FloorScene, PlanShape, Point
from app.plan.plan_shapes import ZONE_KIND_NAMES, EditableShape, Part, PlanItem, Shape, list_points
from app.plan.rectangles import Rectangle, SetRectangle

if TYPE_CHECKING:
    from app.forecast.forecast_layout import EntranceArrivals

_SIDE_PX = 472
LEAST_ROWS = 4
"""Rows of gains and losses that are always there; in a low window the panel scrolls."""
_TOOL_KEYS = {EditorTool.SELECT: "S", EditorTool.RECTANGLE: "R", EditorTool.LINE: "L"}


class DraftCanvas(PlanEditorCanvas):
    """The plan editor's canvas, on which a stand is moved in one go, with the former places."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.movable: frozenset[Shape] = frozenset()
        self._moves, self._lanes = MovesItem(), FireLanesItem()
        self._overlays = ((self._lanes, 18), (self._moves, 19), *self._overlays)

    @property
    def moves(self) -> tuple[ShapeMove, ...]:
        """The moves shown."""
        return self._moves.moves

    def show_moves(self, moves: tuple[ShapeMove, ...]) -> None:
        """Show where something stood before."""
        self._moves.set_moves(moves)

    def show_lanes(self, lanes: tuple[FireLane, ...]) -> None:
        """Show the fire lanes."""
        self._lanes.set_lanes(lanes)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Select a stand before it is dragged, unless a selected obstacle in it is."""
        if event.button() is Qt.MouseButton.LeftButton and self.tool is EditorTool.SELECT:
            point, chosen = self.map_to_content(event.position()).toTuple(), self._chosen
            below = self.shape_at(point)
            is_obstacle = chosen is not None and chosen.shape.part is Part.OBSTACLES and chosen.covers(point)
            if below in self.movable and not self.is_selected(below) and not is_obstacle:
                self.shape_selected.emit(below)
        super().mousePressEvent(event)

    def shape_at(self, point: Point) -> Shape | None:
        """Return the stand at a point, whatever stands inside it, else another shape."""
        stands = [shape for shape in self._shapes if shape.shape in self.movable]
        return find_shape_at(stands, point, reach_m=self._tolerance_m()) or super().shape_at(point)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Select the next or previous stand by ] and [."""
        if event.key() in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.stand_requested.emit(1 if event.key() == Qt.Key.Key_BracketRight else -1)
            event.accept()
        else:
            super().keyPressEvent(event)

    def drop_moved(self) -> None:
        """Show a moved shape at its saved place again."""
        super().drop_moved()
        self.shape_dragged.emit(None)

    def _drag(self, point: Point) -> None:
        super()._drag(point)
        if self._grip is Grip.FIGURE:
            self.shape_dragged.emit(self._by_m)

    stand_requested = Signal(int)
    """The next stand (1) or the previous one (-1) is to be selected."""
    shape_dragged = Signal(object)
    """Metres to the right and up while it is dragged; None if it was put back."""


class ForecastTable(RecordTable[ZoneForecast]):
    """Table of the zones, those that gain most first."""

    def show_dragged(self, records: Sequence[ZoneForecast]) -> None:
        """Replace the rows while a stand is dragged: the widths of the columns stay, which take time."""
        parent = QModelIndex()
        if len(records) != len(self._records):
            # a reset would measure the columns
            if self._records:
                self.beginRemoveRows(parent, 0, len(self._records) - 1)
                self._records = ()
                self.endRemoveRows()
            self.beginInsertRows(parent, 0, len(records) - 1)
            self._records = tuple(records)
            self.endInsertRows()
            return
        self._records = tuple(records)
        last = self.index(len(records) - 1, len(self._columns) - 1)
        self.dataChanged.emit(self.index(0, 0), last)

    def make_columns(self) -> Sequence[TableColumn[ZoneForecast]]:
        """Return the columns in the current language."""
        return (
            make_name_column(tr("Zone"), lambda row: row.zone),
            make_number_column(
                tr("Now"),
                lambda row: row.visits_before,
                format_visits,
                meaning=tr("Visits observed in the period."),
            ),
            make_number_column(
                tr("Expected"),
                lambda row: row.visits,
                format_visits,
                meaning=tr("Visits with the draft, in the same hours."),
            ),
            TableColumn(
                tr("Change"),
                format_zone_change,
                lambda row: row.visits - (row.visits_before or 0.0),
                lambda row: export_number(find_ratio(row), 5),
                tr("Ratio of expected visits to those now"),
                meaning=tr("Sorted by the number of visits gained or lost."),
            ),
            TableColumn(
                tr("Likely range"),
                format_visits_interval,
                lambda row: row.visits_high - row.visits_low,
                lambda row: f"{row.visits_low:.1f}-{row.visits_high:.1f}",
                meaning=tr("95 % interval: the expected visits lie in it in 95 of 100 forecasts."),
            ),
        )


class KeepDraftDialog(QDialog):
    """The dialog that asks from when on a draft is the plan."""

    def __init__(
        self, name: str, exhibition: Exhibition, *, start_utc_s: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keep as a plan"))
        self.valid_from_utc_s = start_utc_s
        text = make_label(
            "",
            wraps=True,
            text=tr(
                "From this time on, '{name}' is the layout by which everything is counted. Earlier days "
                "keep theirs. Walls and other obstacles have no history: they change for every day.",
                name=display_name(name),
            ),
        )
        self.start = DateTimeField(self)
        self.start.show_time(start_utc_s, exhibition)
        self.start.time_chosen.connect(self._on_time_chosen)
        name_field(self.start, tr("Valid from (venue time)"))
        form = QFormLayout()
        form.addRow(tr("Valid from (venue time)"), self.start)
        buttons, self.accept_button = make_dialog_buttons(self, tr("Keep as a plan"))
        theme = current_theme()
        column = make_column(self, margins=theme.space_l, spacing=theme.space_m)
        fill(column, text, form, buttons)
        self.setMinimumWidth(420)

    def _on_time_chosen(self, time_utc_s: float) -> None:
        self.valid_from_utc_s = time_utc_s


class StandPanel(Translated, QFrame):
    """The numbers of the selected stand, wall or other shape; leaving a field changes the draft."""

    def __init__(self, viewmodel: WhatIfViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered: WhatIfState | None = None
        self.chooser, self.kind, self.other = QComboBox(), QComboBox(), QComboBox()
        self.name = QLineEdit()
        self.left_edge, self.lower_edge = (
            NumberField(minimum=-MAX_LENGTH, maximum=MAX_LENGTH, decimals=2, unit="m") for _ in range(2)
        )
        self.swap, self.remove = QPushButton(), QPushButton()
        self.fixed = QCheckBox()
        self._hint, self._sentence = QLabel(), QLabel()
        self._form = QFormLayout()
        self.rectangle = RectangleFields(self._form)
        fields = (self.chooser, self.name, self.kind, self.left_edge, self.lower_edge, self.other)
        self._labels = {field: QLabel() for field in fields}
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Update all texts and units."""
        for field, text in (
            (self.chooser, tr("Selected")),
            (self.name, tr("Name")),
            (self.kind, tr("Kind")),
            (self.left_edge, tr("Left edge")),
            (self.lower_edge, tr("Lower edge")),
            (self.other, tr("Swap with")),
        ):
            self._labels[field].setText(text)
            field.setAccessibleName(text)
        self.rectangle.retranslate()
        fill_combo_box_values(
            self.kind, [(kind, translate_phrase(name)) for kind, name in ZONE_KIND_NAMES.items()]
        )
        for number in (self.left_edge, self.lower_edge):
            with QSignalBlocker(number):
                number.setSuffix(f" {current_units().symbol}")
        name_button(self.swap, tr("Swap"), tr("Swap both stands"))
        name_button(self.fixed, tr("Stays here when better layouts are searched"))
        name_button(self.remove, tr("Delete"), tr("Take it out of the draft (Delete)"))
        self._hint.setText(tr("Select a stand on the plan or in the list."))
        self._rendered = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: WhatIfState) -> None:
        """Show the selection."""
        was, self._rendered = self._rendered, state
        if was is None or state.shapes is not was.shapes:
            self._fill_lists(state)
        rows = [None, *(shape.shape for shape in state.shapes if shape.shape.part is not Part.OUTLINE)]
        with QSignalBlocker(self.chooser):
            self.chooser.setCurrentIndex(rows.index(state.selected) if state.selected in rows else 0)
        self.fixed.setVisible(state.selected in state.movable)
        with QSignalBlocker(self.fixed):
            self.fixed.setChecked(state.selected is not None and state.selected.name in state.rules.fixed)
        row = _find_row(state, state.selected)
        show_text(self._sentence, "" if row is None else join_sentences(list_sentences(row)))
        if was is None or was.item != state.item or was.selected != state.selected:
            self._show_item(state.item)

    def _fill_lists(self, state: WhatIfState) -> None:
        with QSignalBlocker(self.chooser), QSignalBlocker(self.other):
            self.chooser.clear()
            self.chooser.addItem(tr("Nothing"), None)
            for shape in state.shapes:
                if shape.shape.part is not Part.OUTLINE:
                    self.chooser.addItem(display_name(shape.shape.name), shape.shape)
            chosen = self.other.currentData()
            self.other.clear()
            for shape in state.shapes:
                if shape.shape in state.movable:
                    self.other.addItem(display_name(shape.shape.name), shape.shape.name)
            self.other.setCurrentIndex(max(0, self.other.findData(chosen)))

    def _show_item(self, item: PlanItem | None) -> None:
        has_item, is_zone = item is not None, isinstance(item, Zone)
        points = () if item is None else list_points(item)
        for field in self._labels:
            self._form.setRowVisible(field, has_item or field is self.chooser)
        self.rectangle.show_item(item)
        self._form.setRowVisible(self.kind, isinstance(item, Zone | CountingLine))
        if isinstance(item, Zone | CountingLine):
            show_choice(self.kind, item.kind)
        self._form.setRowVisible(self.other, is_zone and self.other.count() > 1)
        self.swap.setVisible(is_zone and self.other.count() > 1)
        self.remove.setVisible(has_item)
        self._hint.setVisible(not has_item)
        if item is None:
            return
        units = current_units()
        left, bottom = min(x for x, _y in points), min(y for _x, y in points)
        for number, value_m in ((self.left_edge, left), (self.lower_edge, bottom)):
            with QSignalBlocker(number):
                number.setValue(units.from_metres(value_m))
        with QSignalBlocker(self.name):
            self.name.setText(str(getattr(item, "name", "")))

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        content = QWidget()
        column = make_column(content, margins=theme.space_m, spacing=theme.space_s)
        for label, role in ((self._hint, "muted"), (self._sentence, "")):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setProperty("role", role)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for field, label in self._labels.items():
            if field is self.other:
                self.rectangle.add_rows()
            self._form.addRow(label, field)
        for box in (self.chooser, self.kind, self.other):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(8)
        buttons = fill(make_row(spacing=theme.space_s), self.swap, self.remove, 1)
        fill(column, self._form, self._hint, buttons, self.fixed, self._sentence, 0)
        for control in (self.swap, self.remove, self.fixed):
            require_permission(control, Permission.EDIT_PLAN)
        scroll_content(self, content)

    def _bind(self) -> None:
        model = self._viewmodel
        self.chooser.activated.connect(lambda _row: model.select(self.chooser.currentData()))
        self.name.editingFinished.connect(self._on_name_left)
        self.left_edge.valueChanged.connect(lambda value: self._move_to(x=value))
        self.lower_edge.valueChanged.connect(lambda value: self._move_to(y=value))
        self.kind.activated.connect(lambda _row: model.set_kind(ZoneKind(self.kind.currentData())))
        self.rectangle.entered.connect(self._on_rectangle_entered)
        self.swap.clicked.connect(lambda: model.swap(self.other.currentData()))
        self.remove.clicked.connect(model.remove_selected)
        self.fixed.toggled.connect(model.fix_selected)

    def _move_to(self, *, x: float | None = None, y: float | None = None) -> None:
        item = self._viewmodel.state.item
        if item is None:
            return
        points, units = list_points(item), current_units()
        left, bottom = min(x for x, _y in points), min(y for _x, y in points)
        self._viewmodel.move(
            (
                0.0 if x is None else round(units.to_metres(x) - left, 6),
                0.0 if y is None else round(units.to_metres(y) - bottom, 6),
            )
        )

    def _on_rectangle_entered(self, rectangle: Rectangle) -> None:
        if not self._viewmodel.edit_selected(partial(SetRectangle, rectangle=rectangle)):
            self.rectangle.show_item(self._viewmodel.state.item)

    def _on_name_left(self) -> None:
        item = self._viewmodel.state.item
        name = getattr(item, "name", None)
        typed = self.name.text().strip()
        if name is not None and typed != name and not self._viewmodel.rename_selected(typed):
            self.name.setText(str(name))


class EntrancePanel(Translated, QWidget):
    """The shares of the arrivals by entrance, which the manager gives; hidden where none are asked for."""

    def __init__(self, viewmodel: WhatIfViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rows: tuple[EntranceArrivals, ...] = ()
        self.fields: dict[str, NumberField] = {}
        self._title, self.sum = make_label("", wraps=True), make_label("small", wraps=True)
        self.clear = QPushButton()
        self._form = QFormLayout()
        column = make_column(self, margins=0, spacing=current_theme().space_xs)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        fill(column, self._title, self._form, fill(make_row(), (self.sum, 1), self.clear))
        require_permission(self.clear, Permission.EDIT_PLAN)
        self.clear.clicked.connect(viewmodel.clear_entrance_shares)
        self.retranslate()

    def retranslate(self) -> None:
        """Update all texts."""
        self._title.setText(tr("How many of the visitors will come by each entrance?"))
        name_button(self.clear, tr("As observed"), tr("Have the entrances share the arrivals as observed"))
        self._rows = ()
        self.show_entrances(self._viewmodel.state.entrances)

    def show_entrances(self, entrances: tuple[EntranceArrivals, ...]) -> None:
        """Show the shares of these entrances."""
        self.setVisible(bool(entrances))
        if entrances == self._rows:
            return
        was, self._rows = self._rows, entrances
        if [(one.name, one.observed) for one in was] != [(one.name, one.observed) for one in entrances]:
            self._fill_form()
        for one in entrances:
            with QSignalBlocker(self.fields[one.name]):
                self.fields[one.name].setValue(100 * one.share)
        show_text(self.sum, describe_shares(entrances))
        self.clear.setVisible(any(one.is_given for one in entrances))

    def _fill_form(self) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        self.fields = {}
        for one in self._rows:
            name = display_name(one.name)
            field = NumberField(minimum=0, maximum=100, decimals=0, unit="%")
            label = QLabel(describe_entrance(one))
            label.setBuddy(field)
            name_field(field, tr("Share of the arrivals by {entrance}", entrance=name))
            require_permission(field, Permission.EDIT_PLAN)
            field.valueChanged.connect(partial(self._on_share_entered, one.name))
            self._form.addRow(label, field)
            self.fields[one.name] = field

    def _on_share_entered(self, name: str, percent: float) -> None:
        self._viewmodel.set_entrance_share(name, percent / 100)


class ResultPanel(Translated, QFrame):
    """The gains and losses, with what is to be said about them; or why there is no forecast."""

    def __init__(self, viewmodel: WhatIfViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered: WhatIfState | None = None
        self.headline, self.basis, self.outcome, self.sentence, self.statements = (
            make_label(role, wraps=True) for role in ("title", "small", "", "", "small")
        )
        self.entrances = EntrancePanel(viewmodel)
        self.refusal = FailureNote(self)
        self.job = JobRow(self, keeps_place=False)
        self.table = ForecastTable(self)
        self.list = RecordList(self.table, table_name="", parent=self)
        self.keep, self.report = QPushButton(), QPushButton()
        self._row: ZoneForecast | None = None
        self._build()
        self.retranslate()

    def retranslate(self) -> None:
        """Update all texts."""
        self.list.set_table_name(tr("Who gains and who loses"))
        name_button(self.report, tr("Show in the report"), tr("Open Reports, which have a section on drafts"))
        name_button(self.keep, tr("Keep as a plan for…"), tr("Make this draft the layout from a day on"))
        self.list.retranslate()
        self._rendered = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: WhatIfState) -> None:
        """Show the forecast."""
        was, self._rendered = self._rendered, state
        show_text(self.headline, describe_headline(state))
        show_text(self.basis, describe_basis(state))
        fault = None if state.fault is None else rename_fault(state.fault).render(tr)
        remedy = tr("Last observed day") if state.basis_s is None else ""
        if state.overlapped is not None:
            remedy = tr("Swap both")
        self.refusal.show_failure(
            "" if fault is None else fault.problem,
            "" if fault is None else fault.remedy,
            "" if fault is None else remedy,
        )
        self.job.show_job(
            tr("Reading the visits of the period") if state.is_reading else "",
            done=state.progress or 0.0,
            total=0.0 if state.progress is None else 1.0,
            can_stop=True,
        )
        self.entrances.show_entrances(state.entrances)
        forecast = state.forecast
        self.list.setVisible(forecast is not None)
        self.statements.setVisible(forecast is not None)
        if was is None or forecast is not was.forecast:
            is_dragged = state.is_dragged and forecast is not None
            show = self.table.show_dragged if is_dragged else self.table.show
            show(() if forecast is None else rank_rows(forecast))
            self.list.fit_height_to_rows(LEAST_ROWS)
            said = () if forecast is None else forecast.statements
            self.statements.setText("\n".join(f"• {translate_statement(phrase)}" for phrase in said))
        show_text(self.outcome, "\n".join(list_outcomes(state)))
        self._row = _find_row(state, state.selected)
        sentences = () if self._row is None else list_sentences(self._row)
        outcome = "" if self._row is None else describe_outcome(state, self._row.zone)
        show_text(self.sentence, join_sentences((*sentences, outcome)))
        if self._row is not None and forecast is not None:
            self.list.set_current_row(rank_rows(forecast).index(self._row))
        else:
            self.list.set_current_row(None)

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        content, scrolled = QWidget(), QWidget()
        column = make_column(content, margins=theme.space_m, spacing=theme.space_s)
        fill(column, self.headline, self.basis, self.outcome, self.job, self.entrances, self.refusal)
        fill(column, (self.list, 1), self.sentence, self.statements)
        column.addStretch(0)
        scroll_content(scrolled, content)
        self.keep.setProperty("role", "primary")
        buttons = fill(make_row(margins=theme.space_m, spacing=theme.space_s), 1, self.report, self.keep)
        fill(make_column(self, margins=0), (scrolled, 1), buttons)


class WhatIfView(FiguresPage):
    """The page What if, for a `WhatIfState`."""

    report_requested = Signal()
    """Page Reports is to be shown, which has a section on drafts."""

    def __init__(self, viewmodel: WhatIfViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("what-if.csv"), parent=parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._rendered = WhatIfState()
        self._drawn: tuple[object, ...] = ()
        self._coloured: tuple[EditableShape, ...] = ()
        self.canvas, self.today = DraftCanvas(), FloorPlanCanvas()
        self.plans = LinkedPlans(self.canvas, self.today)
        self.side = SidePanels()
        self.result, self.stand = ResultPanel(viewmodel), StandPanel(viewmodel)
        self.search, self.rules = SearchPanel(viewmodel), RulesPanel(viewmodel)
        self.chooser = QComboBox()
        self.add, self.more = QPushButton(), QToolButton()
        self.note = HoverNote(self.canvas)
        self.undo, self.redo, self.beside, self.changes = (QToolButton() for _ in range(4))
        self._menu = QMenu(self)
        self.rename, self.duplicate, self.delete, self.from_file = (QAction(self) for _ in range(4))
        self.arrivals = NumberField(minimum=1.0, maximum=100 * MAX_ARRIVALS_SCALE, decimals=0, unit="%")
        self._arrivals_label = QLabel()
        self.tools = {tool: QToolButton() for tool in _TOOL_KEYS}
        self._tool_group = QButtonGroup(self)
        self._zoom = ZoomButtons(self.canvas)
        self.legend = HeatLegend()
        self.message, self.hint, self.place = QLabel(), QLabel(), QLabel()
        self._empty = EmptyPage("plan", self)
        self._pages = QStackedWidget(self)
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Update all texts to the current language."""
        self.chooser.setAccessibleName(tr("Draft"))
        name_button(self.add, tr("New draft"), tr("Begin a draft with today's plan"))
        name_button(
            self.more, tr("Draft…"), tr("Rename, duplicate or delete the draft; open one from a file")
        )
        self.rename.setText(tr("Rename…"))
        self.duplicate.setText(tr("Duplicate"))
        self.delete.setText(tr("Delete"))
        self.from_file.setText(tr("From a file…"))
        self.undo.setText(tr("Undo"))
        self.redo.setText(tr("Redo"))
        self._arrivals_label.setText(tr("Arrivals"))
        name_field(self.arrivals, tr("Expected visitors, compared with the observed days"))
        name_button(self.beside, tr("Today beside it"), tr("Show today's plan beside the draft"))
        name_button(self.changes, tr("Changes"), tr("Colour the zones by the expected change of visits"))
        names = {
            EditorTool.SELECT: (tr("Move"), tr("Select and move stands")),
            EditorTool.RECTANGLE: (tr("Stand"), tr("Add a stand")),
            EditorTool.LINE: (tr("Wall"), tr("Add a wall along a line")),
        }
        name_tools(self.tools, names, _TOOL_KEYS)
        self._zoom.show_names(tr("Show the whole floor (0)"))
        self.canvas.setAccessibleName(tr("Draft of the layout"))
        self.canvas.setAccessibleDescription(
            tr(
                "[ and ] select a stand, the arrow keys move it by 0.1 m, with Shift by 1 m, Delete takes it "
                "out; when drawing, the arrow keys move the pointer, Space sets a corner, Enter finishes"
            )
        )
        self.today.setAccessibleName(tr("Today's plan"))
        self.plans.captions[0].setText(tr("Draft"))
        self.plans.captions[1].setText(tr("Today"))
        self.legend.setAccessibleName(tr("Scale of the changes"))
        self.side.name_buttons()
        self._show_hint()
        self._viewmodel.retranslate()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802, D102
        super().showEvent(event)
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._menu.addActions([self.rename, self.duplicate, self.delete, self.from_file])
        self.more.setMenu(self._menu)
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(14)
        self.arrivals.setMinimumWidth(84)
        self._arrivals_label.setBuddy(self.arrivals)
        style_tools("layer", *self.tools.values(), self.beside, self.changes)
        style_tools("button", self.undo, self.redo, self.more)
        for button in self.tools.values():
            self._tool_group.addButton(button)
        self.tools[EditorTool.SELECT].setChecked(True)
        self.changes.setChecked(True)
        for control in (self.add, self.result.keep, self.more, *self.tools.values()):
            require_permission(control, Permission.EDIT_PLAN)
        card = QFrame()
        card.setProperty("role", "card")
        column = make_column(card, margins=theme.space_m, spacing=theme.space_s)
        top, tools, below = (make_row(spacing=theme.space_xs) for _ in range(3))
        fill(top, self.chooser, self.add, self.more, self.undo, self.redo, 1)
        fill(top, self._arrivals_label, self.arrivals)
        fill(tools, *self.tools.values(), self.beside, self.changes, 1, self._zoom)
        style_message(self.message)
        for label in (self.hint, self.place):
            label.setProperty("role", "small")
        # the plan must not jump under the pointer when the first forecast comes
        policy = self.legend.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.legend.setSizePolicy(policy)
        self.hint.setWordWrap(True)
        fill(below, (self.hint, 1), self.place, self.legend)
        fill(column, top, tools, self.message, (self.plans, 1), below)
        self.side.add_panel(self.result, lambda: (tr("Forecast"), tr("Who gains and who loses")))
        self.side.add_panel(self.stand, lambda: (tr("Selected"), tr("Numbers of the selected stand")))
        self.side.add_panel(self.search, lambda: (tr("Better layouts"), tr("Find better layouts")))
        self.side.add_panel(self.rules, lambda: (tr("Rules"), tr("Rules for better layouts")))
        self.side.setFixedWidth(_SIDE_PX)
        content = QWidget()
        fill(make_row(content, margins=0, spacing=theme.space_m), (card, 1), self.side)
        self._pages.addWidget(content)
        self._pages.addWidget(self._empty)
        outer = self._make_column()
        outer.addWidget(self._pages, 1)
        self._bind_keys(card)

    def _bind_keys(self, card: QWidget) -> None:
        """Bind shortcuts separately, as those of buttons are lost with every new text."""
        for keys, button, place in (
            *((_TOOL_KEYS[tool], button, card) for tool, button in self.tools.items()),
            ("Ctrl+Z", self.undo, self),
            ("Ctrl+Shift+Z", self.redo, self),
        ):
            bind_key(keys, place, button.click)

    def _bind(self) -> None:
        model, canvas = self._viewmodel, self.canvas
        model.state_changed.connect(self._render)
        model.kept.connect(self._on_kept)
        self.chooser.activated.connect(lambda _row: model.show_draft(self.chooser.currentData()))
        self.add.clicked.connect(model.add_draft)
        self.rename.triggered.connect(self._on_rename_triggered)
        self.duplicate.triggered.connect(model.duplicate_draft)
        self.delete.triggered.connect(self._on_delete_triggered)
        self.from_file.triggered.connect(self._on_file_triggered)
        self.result.keep.clicked.connect(self._on_keep_clicked)
        self.result.report.clicked.connect(self.report_requested)
        self.undo.clicked.connect(model.undo)
        self.redo.clicked.connect(model.redo)
        self.arrivals.valueChanged.connect(lambda value: model.set_arrivals(value / 100.0))
        self.beside.toggled.connect(self._on_beside_toggled)
        self.changes.toggled.connect(self._render)
        for tool, button in self.tools.items():
            button.clicked.connect(lambda _on, tool=tool: self._on_tool_chosen(tool))
        canvas.tool_changed.connect(self._on_tool_changed)
        canvas.shape_selected.connect(self._on_shape_chosen)
        canvas.stand_requested.connect(self._select_next)
        canvas.shape_dragged.connect(self._on_dragged)
        self.rules.lane_requested.connect(lambda: self._on_tool_chosen(EditorTool.POLYGON))
        canvas.drawn.connect(self._on_draft_finished)
        canvas.shape_moved.connect(lambda by: None if model.move(by) else canvas.drop_moved())
        canvas.vertex_moved.connect(lambda at, to: self._settle(partial(MoveVertex, vertex=at, to_m=to)))
        canvas.vertex_inserted.connect(
            lambda after, at: self._settle(partial(InsertVertex, after=after, at_m=at))
        )
        canvas.nudged.connect(self._on_nudged)
        canvas.remove_requested.connect(self._on_remove_requested)
        canvas.pointed.connect(self._on_pointed)
        canvas.hovered.connect(self._on_hovered)
        self.result.list.record_chosen.connect(self._select_zone)
        for table in (self.result.list, self.search.found):
            table.export_requested.connect(self._write_table)
        self.result.job.stop_requested.connect(model.cancel)
        self.result.refusal.action_chosen.connect(
            lambda: model.swap_overlapped() if model.state.overlapped else model.show_last_observed_day()
        )
        self.banner.action_chosen.connect(model.undo)

    def _render(self) -> None:
        # other pages must not wait for this one
        if not self.isVisible():
            return
        state, was = self._viewmodel.state, self._rendered
        self._rendered = state
        title, text = describe_empty_page(state)
        self._empty.show_texts(title, text)
        self._pages.setCurrentIndex(1 if title else 0)
        if state.scene is not was.scene:
            self.canvas.show_scene(state.scene)
            path = None if state.scene is None else state.scene.picture
            self._viewmodel.read_picture(path, read_plan_picture, self._show_picture)
        self._show_shapes(state)
        self._show_today(state)
        self._show_drafts(state)
        self.stand.show_state(state)
        self.result.show_state(state)
        self.search.show_state(state)
        self.rules.show_state(state)
        self.canvas.show_lanes(state.rules.fire_lanes)
        show_text(self.message, state.message)
        show_steps(self.undo, self.redo, state.steps)
        for control in (self.result.keep, self.result.report):
            control.setEnabled(state.draft is not None)
        for action in (self.rename, self.duplicate, self.delete):
            action.setEnabled(state.draft is not None)

    def _show_shapes(self, state: WhatIfState) -> None:
        is_map = self.changes.isChecked() and state.forecast is not None
        drawn = (state.shapes, state.forecast if is_map else None, current_theme())
        if drawn != self._drawn:
            self._drawn = drawn
            self._coloured = colour_shapes(state, is_map=is_map)
            self.canvas.show_moves(state.moves)
        self.canvas.movable = state.movable
        self.canvas.show_shapes(self._coloured, state.selected)
        reach = find_reach(state.forecast)
        low, high = (format_share(sign * reach / 100) for sign in (-1, 1))
        self.legend.set_scale(
            unit=tr("Change of visits"),
            labels=(low.replace("-", "−"), format_share(0.0), f"+{high}"),
            is_difference=True,
        )
        self.legend.setVisible(is_map)

    def _show_today(self, state: WhatIfState) -> None:
        if not self.plans.shows_both or state.scene is None:
            return
        walls = tuple(
            PlanShape(shape.shape.name, shape.points)
            for shape in state.shapes
            if shape.shape.part is Part.OBSTACLES
        )
        zones = tuple(PlanShape(str(zone.name), zone.outline.points, zone.colour) for zone in state.today)
        scene: FloorScene = dataclasses.replace(state.scene, zones=zones, obstacles=walls)
        if scene != self.today.scene_shape:
            self.today.show_scene(scene)
        name = state.selected.name if state.selected is not None else None
        self.today.show_selected(name)

    def _show_drafts(self, state: WhatIfState) -> None:
        first = tr("Today's plan") if state.preview is None else tr("Found layout")
        entries = [(None, first), *((draft.name, draft.name) for draft in state.drafts)]
        with QSignalBlocker(self.chooser):
            box = self.chooser
            known = [(box.itemData(row), box.itemText(row)) for row in range(box.count())]
            if entries != known:
                self.chooser.clear()
                for name, text in entries:
                    self.chooser.addItem(text, name)
            shown = None if state.draft is None else state.draft.name
            self.chooser.setCurrentIndex([name for name, _text in entries].index(shown))
        with QSignalBlocker(self.arrivals):
            self.arrivals.setValue(100.0 if state.draft is None else 100.0 * state.draft.arrivals_scale)

    def _show_picture(self, picture: PlanPicture) -> None:
        scene = self._viewmodel.state.scene
        if scene is not None and scene.picture == picture.path and scene.picture_place is not None:
            self.canvas.show_picture(picture.image, size_px=picture.size_px, place=scene.picture_place)

    def _settle(self, make: object) -> None:
        if callable(make) and not self._viewmodel.edit_selected(make):
            self.canvas.drop_moved()

    def _on_beside_toggled(self, is_on: bool) -> None:
        self.plans.show_both(is_on)
        self._render()

    def _on_tool_chosen(self, tool: EditorTool) -> None:
        self.canvas.set_tool(tool)
        self.canvas.setFocus()

    def _on_tool_changed(self, tool: EditorTool) -> None:
        if tool in self.tools:
            self.tools[tool].setChecked(True)
        self._show_hint()

    def _show_hint(self) -> None:
        self.hint.setText(
            {
                EditorTool.RECTANGLE: tr("Drag from one corner to the opposite one; Esc to cancel."),
                EditorTool.LINE: tr("Click point by point; Enter or double-click to finish, Esc to cancel."),
                EditorTool.POLYGON: tr("Click the corners of the fire lane; Enter to finish, Esc to cancel."),
            }.get(self.canvas.tool, tr("Drag a stand to another place; arrows lead from its old place."))
        )

    def _on_shape_chosen(self, shape: Shape | None) -> None:
        self.canvas.choose_vertex(None)
        self._viewmodel.select(shape)

    def _select_next(self, step: int) -> None:
        state = self._viewmodel.state
        stands = [shape.shape for shape in state.shapes if shape.shape in state.movable]
        if stands:
            at = stands.index(state.selected) if state.selected in stands else (-1 if step > 0 else 0)
            self._viewmodel.select(stands[(at + step) % len(stands)])

    def _select_zone(self, row: ZoneForecast) -> None:
        self._viewmodel.select_zone(row.zone)

    def _on_draft_finished(self, tool: EditorTool, points: tuple[tuple[float, float], ...]) -> None:
        model = self._viewmodel
        add = {EditorTool.LINE: model.add_wall, EditorTool.POLYGON: model.add_fire_lane}.get(
            tool, model.add_stand
        )
        self.canvas.finish_draft(is_taken=add(points))

    def _on_nudged(self, vertex: int | None, by_m: tuple[float, float]) -> None:
        item = self._viewmodel.state.item
        if vertex is None or item is None:
            self._viewmodel.nudge(by_m)
            return
        x, y = list_points(item)[vertex]
        to_m = (round(x + by_m[0], 6), round(y + by_m[1], 6))
        self._viewmodel.edit_selected(partial(MoveVertex, vertex=vertex, to_m=to_m))

    def _on_remove_requested(self, vertex: int | None) -> None:
        if vertex is None:
            self._viewmodel.remove_selected()
        else:
            self._viewmodel.edit_selected(partial(RemoveVertex, vertex=vertex))

    def _on_rename_triggered(self) -> None:
        draft = self._viewmodel.state.draft
        if draft is not None:
            name, is_given = QInputDialog.getText(self, tr("Rename the draft"), tr("Name"), text=draft.name)
            if is_given:
                self._viewmodel.rename_draft(name)

    def _on_delete_triggered(self) -> None:
        draft = self._viewmodel.state.draft
        if draft is not None:
            self._viewmodel.delete_draft()
            name = draft.name
            self.banner.show_message(
                lambda: tr("The draft '{name}' was deleted.", name=name),
                tone="neutral",
                action=lambda: tr("Undo"),
            )

    def _on_file_triggered(self) -> None:
        title, kinds = tr("Open a layout as a draft"), tr("Layouts (*.geojson *.json)")
        chosen, _kind = QFileDialog.getOpenFileName(self, title, "", kinds)
        if chosen:
            self._viewmodel.add_file(Path(chosen))

    def _on_keep_clicked(self) -> None:
        state = self._viewmodel.state
        if state.draft is None or state.exhibition is None:
            return
        dialog = KeepDraftDialog(
            state.draft.name,
            state.exhibition,
            start_utc_s=self._viewmodel.propose_start(),
            parent=self.window(),
        )
        dialog.accepted.connect(lambda: self._viewmodel.keep(dialog.valid_from_utc_s))
        open_dialog(dialog)

    def _on_kept(self, name: str, _valid_from_utc_s: float) -> None:
        self.banner.show_message(
            lambda: tr("'{name}' is now a layout version.", name=name),
            lambda: tr("Once days with it were observed, this page says how right the forecast was."),
            tone="good",
            action=lambda: tr("Undo"),
        )

    def _on_dragged(self, by_m: Point | None) -> None:
        self.note.hide()
        self._viewmodel.drag(by_m)

    def _on_hovered(self, place: tuple[float, float] | None) -> None:
        """Say what the stand under the pointer is, as its name has seldom room."""
        shape = None if place is None else self.canvas.shape_at(place)
        if shape is None or place is None or shape.part is not Part.ZONES:
            self.note.hide()
            return
        row = _find_row(self._viewmodel.state, shape)
        self.note.show_at(place, display_name(shape.name) if row is None else "\n".join(list_sentences(row)))

    def _on_pointed(self, point: tuple[float, float], length_m: float | None) -> None:
        units = current_units()
        x, y = (format_number(units.from_metres(value), decimals=2) for value in point)
        words = tr("x {x} {unit}, y {y} {unit}", x=x, y=y, unit=units.symbol)
        if length_m is not None:
            length = format_number(units.from_metres(length_m), decimals=2)
            words = tr("{place}, moved {length} {unit}", place=words, length=length, unit=units.symbol)
        self.place.setText(words)


def colour_shapes(state: WhatIfState, *, is_map: bool) -> tuple[EditableShape, ...]:
    """Return the shapes with the colours and numbers of the forecast; stands are always named."""
    theme, forecast = current_theme(), state.forecast if is_map else None
    rows = {} if forecast is None else {row.zone: row for row in rank_rows(forecast)}
    reach = find_reach(forecast)
    shown = []
    for shape in state.shapes:
        row = rows.get(shape.shape.name) if shape.shape.part is Part.ZONES else None
        fill, note = None, ""
        if row is not None:
            fill = interpolate_difference(theme, scale_change(row, reach)).name(QColor.NameFormat.HexArgb)
            note = format_zone_change(row) if is_proven(row) or row.visits_before is None else ""
        needs_label = shape.shape in state.movable
        shown.append(dataclasses.replace(shape, fill=fill, note=note, needs_label=needs_label))
    return tuple(shown)


def _find_row(state: WhatIfState, shape: Shape | None) -> ZoneForecast | None:
    if state.forecast is None or shape is None or shape.part is not Part.ZONES:
        return None
    return next((row for row in state.forecast.rows if row.zone == shape.name), None)

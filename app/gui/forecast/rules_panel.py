"""The panel with the rules that a search for better layouts keeps to, and its fire lanes on the plan."""

from __future__ import annotations

import dataclasses
from enum import StrEnum

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QListWidget,
    QPushButton,
    QWidget,
)

from analytics.forecast.placement_rules import (
    MAX_DISTANCE_M,
    FireLane,
    NeighbourRule,
    Rule,
    SizeClass,
)
from app.access.roles import Permission
from app.gui.canvas.scene_item import SceneItem, make_pen, make_polygon
from app.gui.forecast.model import WhatIfState, WhatIfViewModel
from app.gui.forecast.text import describe_rule
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.session.units import current_units
from app.gui.widgets.layouts import (
    fill,
    fill_combo_box_values,
    make_column,
    make_label,
    make_row,
    name_button,
)
from app.gui.widgets.number_field import NumberField


class RuleKind(StrEnum):
    """A kind of rule that is entered about stands."""

    FIXED = "fixed"
    NEAR = "near"
    APART = "apart"
    EXCHANGE = "exchange"


class FireLanesItem(SceneItem):
    """The fire lanes, hatched."""

    def __init__(self) -> None:
        super().__init__()
        self._lanes: tuple[FireLane, ...] = ()

    def set_lanes(self, lanes: tuple[FireLane, ...]) -> None:
        """Show these fire lanes."""
        if lanes == self._lanes:
            return
        self.prepareGeometryChange()
        self._lanes = lanes
        points = make_polygon([point for lane in lanes for point in lane.outline.points])
        self._bounds = points.boundingRect().adjusted(-1, -1, 1, 1)
        self.update()

    def _draw(self, painter: QPainter) -> None:
        colour = QColor(current_theme().bad)
        painter.setPen(make_pen(colour.name(), 1.4, Qt.PenStyle.DashLine))
        colour.setAlphaF(0.25)
        painter.setBrush(colour)
        for lane in self._lanes:
            painter.drawPolygon(make_polygon(lane.outline.points))


class RulesPanel(Translated, QFrame):
    """Least aisle width, sponsors, and the rules about stands and floor; all in the undo history."""

    lane_requested = Signal()
    """A fire lane is to be drawn on the plan."""

    def __init__(self, viewmodel: WhatIfViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._rendered: WhatIfState | None = None
        self._rules: tuple[Rule, ...] = ()
        self.aisle, self.distance = (
            NumberField(minimum=0.0, maximum=MAX_DISTANCE_M, decimals=2, unit="m") for _ in range(2)
        )
        self.sponsors = QCheckBox()
        self.kind, self.first, self.second = QComboBox(), QComboBox(), QComboBox()
        self.add, self.draw_lane, self.remove = QPushButton(), QPushButton(), QPushButton()
        self.list = QListWidget()
        self._intro = make_label("muted", wraps=True)
        self._labels = {
            field: QLabel() for field in (self.aisle, self.kind, self.first, self.second, self.distance)
        }
        self._form = QFormLayout()
        self._build()
        self._bind()
        self.retranslate()

    def retranslate(self) -> None:
        """Update all texts and units."""
        self._intro.setText(tr("Searches for better layouts keep to these rules."))
        for field, text in (
            (self.aisle, tr("Least aisle width")),
            (self.kind, tr("Rule")),
            (self.first, tr("Stand")),
            (self.second, tr("Other stand")),
            (self.distance, tr("Distance")),
        ):
            self._labels[field].setText(text)
            field.setAccessibleName(text)
        for number in (self.aisle, self.distance):
            with QSignalBlocker(number):
                number.setSuffix(f" {current_units().symbol}")
        with QSignalBlocker(self.aisle):
            self.aisle.setSpecialValueText(tr("not set"))
        self.distance.setValue(current_units().from_metres(5.0))
        fill_combo_box_values(
            self.kind,
            [
                (RuleKind.NEAR, tr("Stay together")),
                (RuleKind.APART, tr("Stay apart")),
                (RuleKind.EXCHANGE, tr("Exchange places only with each other")),
                (RuleKind.FIXED, tr("Stays where it is")),
            ],
        )
        name_button(self.sponsors, tr("No sponsor may lose visits"))
        name_button(self.add, tr("Add the rule"))
        name_button(self.draw_lane, tr("Draw a fire lane"), tr("Draw floor that no stand may take"))
        name_button(self.remove, tr("Delete"), tr("Delete the selected rule (Delete)"))
        self.list.setAccessibleName(tr("Rules"))
        self._rendered = None
        self.show_state(self._viewmodel.state)

    def show_state(self, state: WhatIfState) -> None:
        """Show the rules."""
        was, self._rendered = self._rendered, state
        if was is not None and was.rules == state.rules and was.movable == state.movable:
            return
        rules, units = state.rules, current_units()
        with QSignalBlocker(self.aisle), QSignalBlocker(self.sponsors):
            self.aisle.setValue(units.from_metres(rules.least_aisle_m or 0.0))
            self.sponsors.setChecked(rules.keeps_sponsors)
        stands = sorted((shape.name for shape in state.movable), key=display_name)
        for box in (self.first, self.second):
            fill_combo_box_values(box, [(name, display_name(name)) for name in stands])
        self._rules = rules.listed
        row = self.list.currentRow()
        self.list.clear()
        self.list.addItems([describe_rule(rule) for rule in self._rules])
        self.list.setCurrentRow(min(row, len(self._rules) - 1))
        self._enable()

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = make_column(self, margins=theme.space_m, spacing=theme.space_s)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        top = QFormLayout()
        top.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        top.addRow(self._labels[self.aisle], self.aisle)
        for field in (self.kind, self.first, self.second, self.distance):
            self._form.addRow(self._labels[field], field)
        for box in (self.kind, self.first, self.second):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.list.setWordWrap(True)
        for control in (self.aisle, self.sponsors, self.add, self.draw_lane):
            require_permission(control, Permission.EDIT_PLAN)
        require_permission(self.remove, Permission.EDIT_PLAN)
        fill(column, self._intro, top, self.sponsors, self._form)
        fill(column, fill(make_row(), self.add, self.draw_lane, 1), (self.list, 1))
        fill(column, fill(make_row(), self.remove, 1))

    def _bind(self) -> None:
        self.aisle.valueChanged.connect(self._on_aisle_changed)
        self.sponsors.toggled.connect(lambda is_on: self._change(keeps_sponsors=is_on))
        self.kind.currentIndexChanged.connect(lambda _row: self._enable())
        self.add.clicked.connect(self._on_add_clicked)
        self.draw_lane.clicked.connect(self.lane_requested)
        self.remove.clicked.connect(self._on_remove_clicked)
        self.list.currentRowChanged.connect(lambda _row: self._enable())
        delete = QShortcut(QKeySequence(Qt.Key.Key_Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._on_remove_clicked)

    def _enable(self) -> None:
        kind = self.kind.currentData()
        self._form.setRowVisible(self.second, kind != RuleKind.FIXED)
        self._form.setRowVisible(self.distance, kind in (RuleKind.NEAR, RuleKind.APART))
        self.remove.setEnabled(self.list.currentRow() >= 0)

    def _change(self, **changes: object) -> None:
        rules = self._viewmodel.state.rules
        self._viewmodel.change_rules(dataclasses.replace(rules, **changes))  # type: ignore[arg-type]

    def _on_aisle_changed(self, value: float) -> None:
        width_m = round(current_units().to_metres(value), 4)
        self._change(least_aisle_m=width_m or None)

    def _on_add_clicked(self) -> None:
        first, second, kind = self.first.currentData(), self.second.currentData(), self.kind.currentData()
        if first is None:
            return
        rule: Rule = str(first)
        if kind == RuleKind.EXCHANGE:
            rule = SizeClass(f"{first}, {second}", (str(first), str(second)))
        elif kind != RuleKind.FIXED:
            distance_m = round(current_units().to_metres(self.distance.value()), 4)
            rule = NeighbourRule((str(first), str(second)), distance_m, is_wanted=kind == RuleKind.NEAR)
        if self._viewmodel.add_rule(rule):
            self.list.setCurrentRow(self._rules.index(rule) if rule in self._rules else -1)

    def _on_remove_clicked(self) -> None:
        row = self.list.currentRow()
        if 0 <= row < len(self._rules):
            rules = self._viewmodel.state.rules
            self._viewmodel.change_rules(rules.without_rule(self._rules[row]))

"""Assemble the page Now with its alarms and the dialog of alarm rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSettings, QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from analytics.domain.zone_targets import MAX_PEOPLE, MAX_S, AlarmMeasure
from app.gui.now.alarm_desk import AlarmDeskViewModel
from app.gui.now.alarm_rules_model import AlarmRulesViewModel, RuleFields
from app.gui.now.model import NowViewModel
from app.gui.now.panels import NowView
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.widgets.choice_list import ChoiceList
from app.gui.widgets.layouts import fill, make_column, make_row, set_roles, style_labels
from app.gui.widgets.number_field import NumberField
from app.plan.floor_scene import LiveDot

_SIZE_WH = (900, 470)
_MAX_PEOPLE = float(MAX_PEOPLE)
_FIELDS = ("above", "below", "raise_after_s", "clear_after_s")


class _RuleRow:
    """The controls of one alarm rule."""

    def __init__(self, measure: AlarmMeasure, viewmodel: AlarmRulesViewModel, parent: QWidget) -> None:
        self.measure = measure
        self._viewmodel = viewmodel
        self.switch = QCheckBox(parent)
        limits = (_MAX_PEOPLE, _MAX_PEOPLE, MAX_S, MAX_S)
        self.fields = {
            name: NumberField(minimum=0.0, maximum=most, decimals=0, unit="s", parent=parent)
            for name, most in zip(_FIELDS, limits, strict=True)
        }
        self._shown: RuleFields | None = None
        self.switch.toggled.connect(partial(viewmodel.switch_rule, measure))
        for name, field in self.fields.items():
            field.editingFinished.connect(partial(self._on_edited, name))

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        return (self.switch, *self.fields.values())

    def show(self, rule: RuleFields) -> None:
        self._shown = rule
        with QSignalBlocker(self.switch):
            self.switch.setChecked(rule.is_on)
        self.switch.setText(rule.title)
        self.switch.setEnabled(not rule.is_fixed)
        names = (tr("alarm above"), tr("clear at"), tr("raise after"), tr("clear after"))
        for (name, field), title in zip(self.fields.items(), names, strict=True):
            with QSignalBlocker(field):
                if name in ("above", "below"):
                    field.setDecimals(rule.decimals)
                    field.setSuffix(f" {rule.unit}" if rule.unit else "")
                else:
                    field.setSuffix(f" {tr('s')}")
                field.setValue(getattr(rule, name))
            field.setEnabled(rule.is_on)
            field.setAccessibleName(tr("{rule}: {field}", rule=rule.title, field=title))

    def _on_edited(self, name: str) -> None:
        value = self.fields[name].value()
        shown = self._shown
        # the field rounds its value: only typed changes are edits
        if shown is not None and round(getattr(shown, name), shown.decimals) != round(value, shown.decimals):
            self._viewmodel.change_rule(self.measure, **{name: value})


class AlarmRulesDialog(Translated, QDialog):
    """A dialog of alarm rules without confirmation; every edit is saved at once."""

    def __init__(self, viewmodel: AlarmRulesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.places = ChoiceList(self)
        self.capacity = NumberField(minimum=0.0, maximum=_MAX_PEOPLE, decimals=0, unit="", parent=self)
        self.rows = {measure: _RuleRow(measure, viewmodel, self) for measure in AlarmMeasure}
        self._headings = tuple(QLabel(self) for _ in _FIELDS)
        self._capacity_label, self._note, self.fault = QLabel(self), QLabel(self), QLabel(self)
        self.undo, self.redo = QPushButton(self), QPushButton(self)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        self._build()
        self.places.chosen.connect(viewmodel.choose)
        self.capacity.editingFinished.connect(self._on_capacity_edited)
        self.undo.clicked.connect(viewmodel.undo)
        self.redo.clicked.connect(viewmodel.redo)
        self._buttons.rejected.connect(self.reject)
        for keys, act in (
            (QKeySequence.StandardKey.Undo, viewmodel.undo),
            (QKeySequence.StandardKey.Redo, viewmodel.redo),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(act)
        viewmodel.state_changed.connect(self._render)
        self.resize(*_SIZE_WH)
        self.retranslate()

    def retranslate(self) -> None:
        self.setWindowTitle(tr("Capacities and alarm rules"))
        self.places.setAccessibleName(tr("Zones and the whole hall"))
        self._capacity_label.setText(tr("Capacity (people at once)"))
        self.capacity.setAccessibleName(tr("Capacity (people at once)"))
        self.capacity.setSpecialValueText(tr("not set"))
        titles = (tr("Alarm above"), tr("Clear at or below"), tr("Raise after"), tr("Clear after"))
        tips = (
            tr("The alarm is raised when the value stays above this limit for the set time"),
            tr("The alarm is cleared when the value stays at or below this limit for the set time"),
            tr("Continuously observed seconds above the upper limit"),
            tr("Continuously observed seconds at or below the lower limit"),
        )
        for label, title, tip in zip(self._headings, titles, tips, strict=True):
            label.setText(title)
            label.setToolTip(tip)
        self._note.setText(
            tr("Alarms are neither raised nor cleared without observation. Changes apply at once.")
        )
        close = self._buttons.button(QDialogButtonBox.StandardButton.Close)
        close.setText(tr("Close"))
        close.setAccessibleName(tr("Close"))
        self._viewmodel.retranslate()
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        capacity = QFormLayout()
        capacity.addRow(self._capacity_label, self.capacity)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space_m)
        grid.setVerticalSpacing(theme.space_s)
        for column, label in enumerate(self._headings, start=1):
            label.setProperty("role", "small")
            grid.addWidget(label, 0, column)
        for number, row in enumerate(self.rows.values(), start=1):
            for column, widget in enumerate(row.widgets):
                grid.addWidget(widget, number, column)
        grid.setColumnStretch(0, 1)
        style_labels("", self._note, self.fault)
        set_roles((self._note, "small"), (self.fault, "bad"))
        right = fill(make_column(spacing=theme.space_m), capacity, grid, self.fault, self._note, 1)
        body = fill(make_row(spacing=theme.space_l), (self.places, 1), (right, 3))
        foot = fill(make_row(), self.undo, self.redo, 1, self._buttons)
        for button in (self.undo, self.redo):
            button.setAutoDefault(False)
        fill(make_column(self, margins=theme.space_l), (body, 1), foot)

    def _render(self) -> None:
        state = self._viewmodel.state
        names = [(place, display_name(place) if place else tr("Whole hall")) for place in state.places]
        self.places.show_choices(names, state.chosen)
        with QSignalBlocker(self.capacity):
            self.capacity.setValue(float(state.capacity or 0))
        shown = {rule.measure: rule for rule in state.rules}
        for measure, row in self.rows.items():
            for widget in row.widgets:
                widget.setVisible(measure in shown)
            if measure in shown:
                row.show(shown[measure])
        self.fault.setText(state.fault)
        self.fault.setVisible(bool(state.fault))
        for button, text, empty in (
            (self.undo, state.undo_text, tr("Undo")),
            (self.redo, state.redo_text, tr("Redo")),
        ):
            button.setText(text or empty)
            button.setAccessibleName(text or empty)
            button.setEnabled(bool(text))

    def _on_capacity_edited(self) -> None:
        people = int(self.capacity.value()) or None
        if people != self._viewmodel.state.capacity:
            self._viewmodel.set_capacity(people)


@dataclass(frozen=True, slots=True)
class NowPageParts:
    """The objects that the page needs; ``memory`` stores whether the alarm sound is on."""

    app_state: AppState
    job_runner: JobRunner
    monitor: PipelineMonitor
    memory: QSettings


def make_now_page(
    parts: NowPageParts, *, find_dots: Callable[[], tuple[LiveDot, ...]], parent: QWidget
) -> tuple[NowView, NowViewModel, AlarmDeskViewModel]:
    """Return the page, its view-model and that of its alarms, which other parts use, too.

    Args:
        find_dots: returns the visitors on the floor at the last status, each once.
    """
    app_state, job_runner = parts.app_state, parts.job_runner
    desk = AlarmDeskViewModel(app_state=app_state, job_runner=job_runner, memory=parts.memory)
    now = NowViewModel(
        app_state=app_state, job_runner=job_runner, monitor=parts.monitor, desk=desk, find_dots=find_dots
    )
    page = NowView(now, desk, app_state, parent=parent)
    # outlives its dialog, so that edits can be undone later
    rules = AlarmRulesViewModel(app_state=app_state, job_runner=job_runner, parent=page)

    def open_rules() -> None:
        dialog = AlarmRulesDialog(rules, page.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    page.rules_requested.connect(open_rules)
    return page, now, desk

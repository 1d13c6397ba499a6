"""The alarms beside the plan: acknowledged by a button, or by Enter or Space on their rows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.gui.permissions import needs
from app.gui.table_models.now_tables import AlarmRow, AlarmTable
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.widgets.table_copy import copy_table

_PRESSED = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class _AlarmView(QTableView):
    pressed_on_rows = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in _PRESSED:
            self.pressed_on_rows.emit()
        elif event.matches(QKeySequence.StandardKey.Copy):
            copy_table(self)
        else:
            super().keyPressEvent(event)
            return
        event.accept()


class AlarmList(QFrame):
    """Shows `AlarmRow`s, and says which of them a person acknowledges."""

    acknowledged = Signal(object)
    """A list of `AlarmKey`s."""
    sound_chosen = Signal(bool)
    rules_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.model = AlarmTable(self)
        self.table = _AlarmView(self)
        self.title, self._none = QLabel(self), QLabel(self)
        self.acknowledge = QPushButton(self)
        self.sound = QToolButton(self)
        self.rules = QPushButton(self)
        self._build()
        self.table.pressed_on_rows.connect(self._on_acknowledged)
        self.acknowledge.clicked.connect(self._on_acknowledged)
        self.sound.toggled.connect(self._on_sound_toggled)
        self.rules.clicked.connect(self.rules_asked)
        needs(self.acknowledge, Permission.NOTE)
        needs(self.rules, Permission.EDIT_PLAN)
        self.retranslate()

    def show_alarms(self, rows: Sequence[AlarmRow], *, is_sound_on: bool) -> None:
        """Show alarms, those that hold first."""
        self.model.show(rows)
        held = sum(row.is_open for row in rows)
        self.title.setText(tr("Alarms: {count} active", count=held) if held else tr("Alarms"))
        self.acknowledge.setEnabled(any(row.is_new for row in rows))
        self.table.setVisible(bool(rows))
        self._none.setVisible(not rows)
        with QSignalBlocker(self.sound):
            self.sound.setChecked(is_sound_on)
        self._name_sound()

    def retranslate(self) -> None:
        """Take the window's language."""
        self.model.retranslate()
        self._none.setText(tr("No alarm so far."))
        self.acknowledge.setText(tr("Acknowledge"))
        self.acknowledge.setToolTip(
            tr("Say that you know of the selected alarms, or of all where none is selected (Enter)")
        )
        self.rules.setText(tr("Alarm rules…"))
        self.rules.setToolTip(tr("Capacities of zones, and when somebody has to be told"))
        for button in (self.acknowledge, self.rules):
            button.setAccessibleName(button.text())
        self.table.setAccessibleName(tr("Alarms"))
        self._name_sound()

    def _build(self) -> None:
        theme = current_theme()
        self.title.setProperty("role", "title")
        self._none.setProperty("role", "muted")
        self.sound.setCheckable(True)
        self.sound.setProperty("role", "layer")
        self.sound.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.acknowledge)
        head.addWidget(self.sound)
        head.addWidget(self.rules)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_m)
        column.setSpacing(theme.space_s)
        column.addLayout(head)
        column.addWidget(self._none)
        column.addWidget(self.table, 1)
        column.addStretch(0)

    def _name_sound(self) -> None:
        is_on = self.sound.isChecked()
        self.sound.setText(tr("Sound on") if is_on else tr("Sound off"))
        self.sound.setAccessibleName(tr("Sound of new alarms"))
        self.sound.setToolTip(tr("Beep every ten seconds until every alarm is acknowledged"))

    def _on_acknowledged(self) -> None:
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        chosen = rows or range(self.model.rowCount())
        keys = [self.model.record(row).key for row in chosen if self.model.record(row).is_new]
        if keys:
            self.acknowledged.emit(keys)

    def _on_sound_toggled(self, is_on: bool) -> None:
        self._name_sound()
        self.sound_chosen.emit(is_on)

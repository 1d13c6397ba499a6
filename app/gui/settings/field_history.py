"""Undo and redo of what was chosen or typed in fields, by setting them as a person would."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLineEdit, QSpinBox, QWidget

Field = QComboBox | QCheckBox | QDoubleSpinBox | QSpinBox | QLineEdit
_FIELDS = (QComboBox, QCheckBox, QDoubleSpinBox, QSpinBox, QLineEdit)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field and the value that it gets when the change is undone, or done again."""

    field: Field
    value: object


class FieldHistory(QObject):
    """Changes of fields by a person, the last of which can be undone and done again.

    A field's value is taken when it gets the focus, since values also change by themselves.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._before: dict[Field, object] = {}
        self._changes: list[FieldChange] = []
        self._undone: list[FieldChange] = []

    @property
    def last(self) -> FieldChange | None:
        return self._changes[-1] if self._changes else None

    @property
    def last_undone(self) -> FieldChange | None:
        return self._undone[-1] if self._undone else None

    def watch(self, card: QWidget) -> None:
        for field in card.findChildren(QWidget):
            if not isinstance(field, _FIELDS):
                continue
            field.installEventFilter(self)
            record = partial(self._record, field)
            if isinstance(field, QComboBox):
                field.activated.connect(record)
            elif isinstance(field, QCheckBox):
                field.clicked.connect(record)
            elif not isinstance(field.parent(), QComboBox | QDoubleSpinBox | QSpinBox):
                field.editingFinished.connect(record)

    def undo(self) -> None:
        """Set the last changed field back, which writes its value as if it had been chosen."""
        self._move(self._changes, self._undone)

    def redo(self) -> None:
        self._move(self._undone, self._changes)

    def _move(self, source: list[FieldChange], to: list[FieldChange]) -> None:
        while source:
            change = source.pop()
            now = _read(change.field)
            # a change may have been refused or taken back by an answer
            if now != change.value:
                to.append(FieldChange(change.field, now))
                # first, so that setting it back is no change of its own
                self._before[change.field] = change.value
                _write(change.field, change.value)
                break
        self.changed.emit()

    def clear(self) -> None:
        for kept in (self._changes, self._undone, self._before):
            kept.clear()
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() is QEvent.Type.FocusIn and isinstance(watched, _FIELDS):
            self._before[watched] = _read(watched)
        elif (
            event.type() is QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and isinstance(watched, QLineEdit)
            and (
                (event.matches(QKeySequence.StandardKey.Undo) and not watched.isUndoAvailable())
                or (event.matches(QKeySequence.StandardKey.Redo) and not watched.isRedoAvailable())
            )
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _record(self, field: Field, *_value: object) -> None:
        now, before = _read(field), self._before.get(field)
        if field not in self._before or now == before:
            return
        self._before[field] = now
        self._changes.append(FieldChange(field, before))
        self._undone.clear()
        self.changed.emit()


def _read(field: Field) -> object:
    match field:
        case QComboBox():
            return field.currentData()
        case QCheckBox():
            return field.isChecked()
        case QLineEdit():
            return field.text()
    return field.value()


def _write(field: Field, value: object) -> None:
    match field:
        case QComboBox():
            field.setCurrentIndex(field.findData(value))
            field.activated.emit(field.currentIndex())
        case QCheckBox():
            field.click()
        case QLineEdit():
            field.setText(str(value))
            field.editingFinished.emit()
        case _:
            field.setValue(value)  # type: ignore[arg-type]
            field.editingFinished.emit()

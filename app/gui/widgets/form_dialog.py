"""A dialog of declared fields, which stays open with what was typed until everything in it is accepted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeVar

from PySide6.QtCore import QTime
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QTimeEdit,
    QWidget,
)

from analytics.domain.errors import ExpoFlowError
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.job_runner import JobHandle
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, translate_report
from app.gui.widgets.date_time_field import DateTimeField
from app.gui.widgets.forms import name_control, set_style_property
from app.gui.widgets.layouts import fill, make_column, make_dialog_buttons, make_label, make_row, show_text
from app.gui.widgets.number_field import NumberField

Submit = Callable[[Any], JobHandle | None]
"""Saves what was entered in a dialog; returns the job that does so, or None if it is done or has none.

May raise an `ExpoFlowError`.
"""
FieldWidget = TypeVar("FieldWidget", bound=QWidget)


class CheckBoxes(QWidget):
    """Boxes of which several can be checked, one below the other."""

    def __init__(self, entries: Iterable[tuple[Any, str]], checked: Iterable[Any]) -> None:
        super().__init__()
        self.boxes = {value: make_check_box(words) for value, words in entries}
        for value in checked:
            self.boxes[value].setChecked(True)
        fill(make_column(self, margins=0), *self.boxes.values())
        self.setFocusProxy(next(iter(self.boxes.values())))

    @property
    def checked(self) -> frozenset[Any]:
        return frozenset(value for value, box in self.boxes.items() if box.isChecked())


def make_text_field(text: str = "", *, hint: str = "", is_secret: bool = False) -> QLineEdit:
    field = QLineEdit(text)
    field.setPlaceholderText(hint)
    if is_secret:
        field.setEchoMode(QLineEdit.EchoMode.Password)
    return field


def make_number_field(
    value: float, *, minimum: float, maximum: float, decimals: int = 0, unit: str = "", zero: str = ""
) -> NumberField:
    """Return a field for a number; ``zero`` are the words for the smallest."""
    field = NumberField(minimum=minimum, maximum=maximum, decimals=decimals, unit=unit)
    field.setSpecialValueText(zero)
    field.setValue(value)
    return field


def make_choice(entries: Iterable[tuple[Any, str]], chosen: Any = None) -> QComboBox:
    """Return a box of values and their words, with a value chosen, or the first."""
    box = QComboBox()
    for value, words in entries:
        box.addItem(words, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    return box


def make_check_box(words: str, *, is_checked: bool = False) -> QCheckBox:
    box = QCheckBox()
    name_control(box, words)
    box.setChecked(is_checked)
    return box


def make_clock_field(at: time) -> QTimeEdit:
    field = QTimeEdit(QTime(at.hour, at.minute))
    field.setDisplayFormat("HH:mm")
    field.lineEdit().setTextMargins(current_theme().space_s, 0, 0, 0)
    return field


def read_field(field: QWidget) -> Any:  # noqa: PLR0911 - one for each kind
    """Return the value of a field: a text without spaces around it, a number, a choice, a time."""
    match field:
        case QLineEdit():
            return field.text().strip()
        case QComboBox():
            return field.currentData()
        case QCheckBox():
            return field.isChecked()
        case CheckBoxes():
            return field.checked
        case NumberField():
            return field.value() if field.decimals() else round(field.value())
        case DateTimeField():
            return field.time_s
        case QTimeEdit():
            return time(field.time().hour(), field.time().minute())
    raise TypeError(type(field).__name__)


@dataclass(frozen=True, slots=True)
class _Row:
    field: QWidget
    place: QWidget
    """The field, or the row of it and what stands beside it."""
    fault: QLabel
    is_needed: bool


class FormDialog(QDialog):
    """A form: fields are added with their labels; faults stand below the field that they concern.

    The accepting button is always enabled: pressing it says what is missing. While the work goes on that
    saves what was entered, and after it failed, the dialog stays as it is.
    """

    def __init__(
        self,
        title: str,
        *,
        accept: str = "",
        width_px: int = 520,
        submit: Submit | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Set up the dialog.

        Args:
            accept: words of the accepting button; "Save" by default.
            submit: saves what was entered; None if it is read afterwards.
        """
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(width_px)
        self._submit = submit
        self._is_busy = False
        self._rows: dict[str, _Row] = {}
        self._form = QFormLayout()
        self.failure = make_label(role="bad", wraps=True, is_selectable=True)
        self.buttons, self.accepting = make_dialog_buttons(self, accept or tr("Save"))
        self._column = fill(make_column(self, spacing=current_theme().space_m), self._form)
        fill(self._column, self.failure, self.buttons)
        self.failure.hide()

    @property
    def values(self) -> dict[str, Any]:
        """The entered values by the names of their fields, without those of hidden ones."""
        return {
            name: read_field(row.field)
            for name, row in self._rows.items()
            if self._form.isRowVisible(row.place)
        }

    @property
    def faults(self) -> list[str]:
        """The complaints that are shown, from the top."""
        labels = (*(row.fault for row in self._rows.values()), self.failure)
        return [label.text() for label in labels if not label.isHidden()]

    def add(
        self,
        name: str,
        label: str,
        field: FieldWidget,
        *,
        is_needed: bool = False,
        hint: str = "",
        beside: QWidget | None = None,
    ) -> FieldWidget:
        """Add a row; a field that is needed is not left empty. Return the field."""
        place: QWidget = field
        if beside is not None:
            place = QWidget()
            fill(make_row(place, margins=0), (field, 1), beside)
        fault = make_label(role="bad", wraps=True)
        fault.hide()
        self._form.addRow(label, place)
        self._form.addRow("", fault)
        self._form.setRowVisible(fault, False)
        if label or not field.accessibleName():
            field.setAccessibleName(label)
        field.setToolTip(hint)
        self._rows[name] = _Row(field, place, fault, is_needed)
        self._connect(field, name)
        return field

    def add_folder(self, name: str, label: str, field: QLineEdit, *, title: str) -> QPushButton:
        """Add a row for a folder, with a button that chooses one; return the button."""
        button = QPushButton(tr("Choose…"))
        button.setAccessibleName(title)
        button.setAutoDefault(False)
        self.add(name, label, field, is_needed=True, beside=button)

        def choose() -> None:
            path = QFileDialog.getExistingDirectory(self, title, field.text())
            if path:
                field.setText(path)

        button.clicked.connect(choose)
        return button

    def add_note(self, text: str = "") -> QLabel:
        note = make_label(role="muted", wraps=True, text=text)
        self._form.addRow(note)
        return note

    def add_part(self, part: QWidget | QLayout, *, stretch: int = 0) -> None:
        """Add a part below the fields."""
        at = self._column.count() - 2
        if isinstance(part, QWidget):
            self._column.insertWidget(at, part, stretch)
        else:
            self._column.insertLayout(at, part, stretch)

    def show_row(self, name: str, is_shown: bool) -> None:
        row = self._rows[name]
        self._form.setRowVisible(row.place, is_shown)
        self._grow()
        if not is_shown:
            self._show_fault(name, "")

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._grow()

    def check(self) -> None:
        """Raise an `ExpoFlowError` if what was entered cannot be saved; for a subclass."""

    def accept(self) -> None:
        if self._is_busy or not self.is_right():
            return
        try:
            job = None if self._submit is None else self._submit(self)
        except ExpoFlowError as error:
            self.show_failure(describe_error(error, translate=tr))
            return
        if job is None:
            super().accept()
            return
        self._set_busy(True)
        job.follow(self._on_ended)

    def is_right(self) -> bool:
        """Return whether everything is filled in and valid; say what is not, and lead to it."""
        show_text(self.failure, "")
        wrong = []
        for name, row in self._rows.items():
            if isinstance(row.field, QAbstractSpinBox) and not _complain(row):
                row.field.interpretText()
            self._show_fault(name, _complain(row) if self._form.isRowVisible(row.place) else "")
            wrong += [row.field] if not row.fault.isHidden() else []
        if wrong:
            wrong[0].setFocus()
            return False
        try:
            self.check()
        except ExpoFlowError as error:
            self.show_failure(describe_error(error, translate=tr))
            return False
        return True

    def show_failure(self, report: ErrorReport) -> None:
        """Show an error below the field whose content it names, or at the end."""
        details = () if report.words is None else report.words.details.values()
        for name, row in self._rows.items():
            if isinstance(row.field, QLineEdit | NumberField) and self._form.isRowVisible(row.place):
                value = read_field(row.field)
                if value != "" and value in details:
                    self._show_fault(name, translate_report(report))
                    row.field.setFocus()
                    return
        show_text(self.failure, translate_report(report))
        self._grow()

    def _on_ended(self, report: ErrorReport | None) -> None:
        self._set_busy(False)
        if report is None:
            super().accept()
        else:
            self.show_failure(report)

    def _set_busy(self, is_busy: bool) -> None:
        self._is_busy = is_busy
        self.accepting.setEnabled(not is_busy)
        self.accepting.setToolTip(tr("Please wait") if is_busy else "")

    def _show_fault(self, name: str, text: str) -> None:
        row = self._rows[name]
        row.fault.setText(text)
        self._form.setRowVisible(row.fault, bool(text))
        set_style_property(row.field, "tone", "bad" if text else "")
        row.field.setAccessibleDescription(text)
        self._grow()

    def _grow(self) -> None:
        if self.isVisible():
            # wrapped labels do not raise a dialog's least height by themselves
            self.resize(self.width(), max(self.height(), self._column.totalHeightForWidth(self.width())))

    def _connect(self, field: QWidget, name: str) -> None:
        def forget(*_value: object) -> None:
            if self._rows[name].fault.text():
                self._show_fault(name, "")

        match field:
            case QLineEdit():
                field.textChanged.connect(forget)
            case QComboBox():
                field.currentIndexChanged.connect(forget)
            case CheckBoxes():
                for box in field.boxes.values():
                    box.toggled.connect(forget)
            case NumberField():
                field.lineEdit().textChanged.connect(forget)


def _complain(row: _Row) -> str:
    if isinstance(row.field, NumberField):
        return row.field.complaint
    if row.is_needed and read_field(row.field) in ("", None, frozenset()):
        return tr("Select at least one.") if isinstance(row.field, CheckBoxes) else tr("Fill this in.")
    return ""

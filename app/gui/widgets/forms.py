"""Parts of forms and cards, with a uniform appearance."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.gui.widgets.layouts import make_column


def make_combo_box(parent: QWidget | None = None) -> QComboBox:
    choice = QComboBox(parent)
    choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return choice


def fill_combo_box(choice: QComboBox, entries: Iterable[tuple[str, object]]) -> None:
    choice.clear()
    for words, value in entries:
        choice.addItem(words, value)


def name_control(control: QAbstractButton | QLabel, text: str) -> None:
    control.setText(text)
    control.setAccessibleName(text)


def set_style_property(widget: QWidget, name: str, value: str) -> None:
    """Set a property used by the style sheet, such as ``role`` or ``tone``, and update the style."""
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def make_form(*rows: tuple[QWidget, QWidget]) -> QGridLayout:
    form = make_grid(stretched=2)
    for number, (label, control) in enumerate(rows):
        form.addWidget(label, number, 0)
        form.addWidget(control, number, 1)
    return form


def make_grid(*, stretched: int, vertical_px: int = 10) -> QGridLayout:
    """Return an empty grid of a card; column ``stretched`` takes the free space."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(24)
    grid.setVerticalSpacing(vertical_px)
    grid.setColumnStretch(stretched, 1)
    return grid


def make_body(body: QWidget, *, spacing_px: int = 14) -> QVBoxLayout:
    """Return a column without margins that fills a part of a card."""
    return make_column(body, margins=0, spacing=spacing_px)


def clear_grid(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()

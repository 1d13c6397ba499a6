"""Parts of forms and cards, with a uniform appearance, and the choice of a video file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFileDialog,
    QGridLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.gui.session.translation import tr
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


def ask_for_video(parent: QWidget, chosen: str) -> str:
    """Return the file that a person chooses, beside the one ``chosen`` so far; empty for none."""
    kinds = f"{tr('Videos')} (*.mp4 *.mkv *.avi *.mov *.ts *.webm);;{tr('All files')} (*)"
    return QFileDialog.getOpenFileName(parent, tr("Choose a video file"), find_videos(chosen), kinds)[0]


def find_videos(chosen: str) -> str:
    """Return the file chosen so far if it exists, else the person's folder of videos."""
    if chosen and Path(chosen).exists():
        return chosen
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
    return folder if Path(folder).is_dir() else str(Path.home())

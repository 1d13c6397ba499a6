"""Values with their names, one pair per row."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.gui.session.theme import current_theme
from app.gui.widgets.forms import make_label


class FigureList(QWidget):
    """A list of values, empty until `show_figures`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Sequence[tuple[str, str]], Sequence[str]] = ((), ())
        self._labels: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(current_theme().space_m)
        self._grid.setColumnStretch(1, 1)

    def show_figures(self, figures: Sequence[tuple[str, str]], explanations: Sequence[str] = ()) -> None:
        """Replace all rows by these translated names and values.

        Args:
            explanations: of the figures, as tool tips; none, or one for each.
        """
        if (figures, explanations) == self._figures:
            return
        self._figures = (figures, explanations)
        for label in self._labels:
            self._grid.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._labels = []
        for row, (name, value) in enumerate(figures):
            tip = explanations[row] if explanations else ""
            self._add_label(row, 0, name, role="muted", tip=tip)
            self._add_label(row, 1, value, role="", tip=tip)
        self.setAccessibleName("; ".join(f"{name}: {value}" for name, value in figures))

    def _add_label(self, row: int, column: int, text: str, *, role: str, tip: str) -> None:
        label = make_label(text, is_plain=True, parent=self)
        label.setWordWrap(column == 1)
        label.setProperty("role", role)
        label.setToolTip(tip)
        self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
        self._labels.append(label)

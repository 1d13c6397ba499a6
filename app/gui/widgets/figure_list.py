"""Values with their names and definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QToolButton, QWhatsThis, QWidget

from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, tr
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import make_label


class InfoButton(Translated, QToolButton):
    """The (i) beside a number: its definition as tool tip, and as a note when pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "info")
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setIcon(make_icon("info"))
        self.clicked.connect(self._show_note)
        self.hide()

    def explain(self, title: str, definition: str) -> None:
        """Set the button's name and the definition; without a definition the button is hidden."""
        self.setToolTip(definition)
        self.setAccessibleName(title)
        self.setAccessibleDescription(definition)
        self.setVisible(bool(definition))

    def _recolour(self) -> None:
        self.setIcon(make_icon("info"))

    def _show_note(self) -> None:
        QWhatsThis.showText(self.mapToGlobal(QPoint(0, self.height())), self.toolTip(), self)


class FigureList(QWidget):
    """A list of values, empty until `show_figures`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[Sequence[tuple[str, str]], Sequence[str]] = ((), ())
        self._labels: list[QWidget] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(current_theme().space_m)
        self._grid.setColumnStretch(2, 1)

    def show_figures(self, figures: Sequence[tuple[str, str]], explanations: Sequence[str] = ()) -> None:
        """Replace all rows by these translated names and values.

        Args:
            explanations: definitions of the figures; none, or one for each.
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
            if tip:
                info = InfoButton(self)
                info.explain(tr("Definition: {name}", name=name), tip)
                self._grid.addWidget(info, row, 1, Qt.AlignmentFlag.AlignTop)
                self._labels.append(info)
            self._add_label(row, 2, value, role="", tip=tip)
        self.setAccessibleName(
            "; ".join(tr("{name}: {value}", name=name, value=value) for name, value in figures)
        )

    def _add_label(self, row: int, column: int, text: str, *, role: str, tip: str) -> None:
        label = make_label(text=text, parent=self)
        label.setWordWrap(column == 2)
        label.setProperty("role", role)
        label.setToolTip(tip)
        self._grid.addWidget(label, row, column, Qt.AlignmentFlag.AlignTop)
        self._labels.append(label)


@dataclass(frozen=True, slots=True)
class LiveFigure:
    title: str
    value: str
    detail: str


class LiveStrip(QFrame):
    """Figures of this moment in a row; hidden while nothing is recorded."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        theme = current_theme()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.space_m, theme.space_s, theme.space_m, theme.space_s)
        self._grid.setHorizontalSpacing(theme.space_l)
        self._labels: list[tuple[QLabel, QLabel]] = []
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(
            tr("{name}: {value}", name=title.text(), value=value.text())
            for title, value in self._labels
            if title.text()
        )

    def show_figures(self, figures: tuple[LiveFigure, ...]) -> None:
        """Show figures from left to right; none hide the strip."""
        while len(self._labels) < len(figures):
            column = len(self._labels)
            pair = (
                make_label(role="small", parent=self),
                make_label(role="title", parent=self),
            )
            for row, label in enumerate(pair):
                self._grid.addWidget(label, row, column)
            self._labels.append(pair)
        for number, (title, value) in enumerate(self._labels):
            figure = figures[number] if number < len(figures) else LiveFigure("", "", "")
            title.setText(figure.title)
            value.setText(figure.value)
            value.setToolTip(figure.detail)
            value.setAccessibleName(tr("{name}: {value}", name=figure.title, value=figure.value))
        self.setVisible(bool(figures))

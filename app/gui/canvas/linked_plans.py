"""Two plans beside or above each other with linked zoom."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.session.theme import current_theme
from app.gui.widgets.layouts import fill, make_column, make_row


class LinkedPlans(QWidget):
    """Two plans with linked zoom; the second, beside or below, is present only while both are shown."""

    def __init__(
        self, first: FloorPlanCanvas, second: FloorPlanCanvas, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.first, self.second = first, second
        self.captions = (QLabel(), QLabel())
        self._sides = (QWidget(), QWidget())
        self._is_following = False
        self._row = make_row(self, margins=0, spacing=current_theme().space_s)
        for side, caption, canvas in zip(self._sides, self.captions, (first, second), strict=True):
            column = make_column(side, margins=0, spacing=current_theme().space_xs)
            caption.setProperty("role", "small")
            caption.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            fill(column, caption, (canvas, 1))
            self._row.addWidget(side, 1)
        first.view_moved.connect(lambda: self._follow(first, second))
        second.view_moved.connect(lambda: self._follow(second, first))
        self.show_both(False)

    @property
    def shows_both(self) -> bool:
        return not self._sides[1].isHidden()

    def show_both(self, is_both: bool) -> None:
        self._sides[1].setVisible(is_both)
        for caption in self.captions:
            caption.setVisible(is_both)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the plans beside or above each other, whichever shows them larger."""
        hall = self.first.content_rect
        width, height = max(hall.width(), 1e-6), max(hall.height(), 1e-6)
        beside = min(self.width() / 2 / width, self.height() / height)
        above = min(self.width() / width, self.height() / 2 / height)
        ways = QBoxLayout.Direction
        self._row.setDirection(ways.TopToBottom if above > beside else ways.LeftToRight)

    def _follow(self, moved: FloorPlanCanvas, other: FloorPlanCanvas) -> None:
        if self._is_following or not self.shows_both or not self.isVisible():
            return
        self._is_following = True
        if moved.is_fitted:
            other.fit()
        else:
            middle = moved.map_to_content(QPointF(moved.viewport().rect().center()))
            other.show_part(moved.transform(), middle)
        self._is_following = False

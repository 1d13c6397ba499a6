"""Marks on the plan for places where something never moves."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.floor_plan.corrected_period import PlaceState
from app.gui.session.theme import Theme, current_theme

_LEAST_PX = 9.0
_CROSS = 0.5
"""Of the radius: half the length of a stroke."""


@dataclass(frozen=True, slots=True)
class PlaceMark:
    """One place, metres."""

    x_m: float
    y_m: float
    radius_m: float
    state: PlaceState
    is_selected: bool = False


class PlaceMarksItem(QGraphicsItem):
    """A ring for each place: with a cross where it is left out, with a dot where it waits for a decision."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: tuple[PlaceMark, ...] = ()
        self._bounds = QRectF()

    @property
    def marks(self) -> tuple[PlaceMark, ...]:
        """What is drawn."""
        return self._marks

    def set_marks(self, marks: tuple[PlaceMark, ...], floor: QRectF) -> None:
        """Draw these, on a floor that is so large."""
        self.prepareGeometryChange()
        self._bounds = floor.adjusted(-2, -2, 2, 2)
        self._marks = marks
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        return self._bounds

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        least = _LEAST_PX / abs(painter.worldTransform().m11() or 1.0)
        # the selected one over the others
        for mark in sorted(self._marks, key=lambda mark: mark.is_selected):
            colour = _find_colour(mark.state, theme)
            radius = max(mark.radius_m, least)
            place = QPointF(mark.x_m, mark.y_m)
            painter.setBrush(QColor(theme.surface))
            painter.setPen(_make_pen(QColor(theme.accent), 7.0) if mark.is_selected else Qt.PenStyle.NoPen)
            painter.drawEllipse(place, radius, radius)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(_make_pen(colour, 2.5))
            painter.drawEllipse(place, radius, radius)
            if mark.state is PlaceState.LEFT_OUT:
                arm = radius * _CROSS
                painter.drawLine(place + QPointF(-arm, -arm), place + QPointF(arm, arm))
                painter.drawLine(place + QPointF(-arm, arm), place + QPointF(arm, -arm))
            elif mark.state is PlaceState.PROPOSED:
                painter.setBrush(colour)
                painter.drawEllipse(place, radius / 4, radius / 4)


def _find_colour(state: PlaceState, theme: Theme) -> QColor:
    return QColor(
        {
            PlaceState.PROPOSED: theme.warning,
            PlaceState.LEFT_OUT: theme.text_muted,
            PlaceState.KEPT: theme.good,
        }[state]
    )


def _make_pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen

"""Zones and counting lines over a tile's picture: thin, so that people are seen through them."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from app.gui.widgets.camera_picture_items import find_colour, make_pen, make_polygon, paint_arrow
from app.operations.pictured_figures import PicturedFigure


class TilePlan:
    """Made once for many paintings."""

    def __init__(self) -> None:
        self._figures: tuple[PicturedFigure, ...] = ()
        self._drawn: list[tuple[PicturedFigure, QColor, list[QPolygonF]]] = []

    @property
    def figures(self) -> tuple[PicturedFigure, ...]:
        """What is drawn."""
        return self._figures

    def set_figures(self, figures: tuple[PicturedFigure, ...]) -> None:
        """Draw these, in pixels of the full frame."""
        if figures is not self._figures:
            self._figures = figures
            self._drawn = [(f, find_colour(f), [make_polygon(piece) for piece in f.pieces]) for f in figures]

    def paint(self, painter: QPainter, area: QRect, frame_wh: tuple[int, int]) -> None:
        """Paint them over a picture of a frame of this size that fills ``area``."""
        if not self._drawn:
            return
        painter.save()
        painter.translate(area.topLeft())
        painter.setClipRect(0, 0, area.width(), area.height())
        painter.scale(area.width() / frame_wh[0], area.height() / frame_wh[1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for figure, colour, polygons in self._drawn:
            painter.setPen(make_pen(colour, 1.4))
            for polygon in polygons:
                painter.drawPolyline(polygon)
            if figure.direction is not None:
                paint_arrow(painter, figure.direction, colour)
        painter.restore()

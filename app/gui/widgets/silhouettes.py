"""People without their picture: a figure in the place of each box, on an empty ground."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath

from app.gui.widgets.preview_picture import Box

GROUND = QColor("#10161f")
FIGURE = QColor("#7d8ea5")
"""Light on dark in every theme, as the strips over pictures are."""

_HEAD_PART = 0.16
"""Of a standing person's height."""
_HEAD_WIDTHS = 0.45
"""Of a box whose legs are out of the picture, of its width."""


def fit_frame(frame_wh: tuple[int, int], room: QRect) -> QRect:
    """The largest place of a frame's shape in the middle of a tile."""
    size = QSize(*frame_wh).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    area = QRect(0, 0, size.width(), size.height())
    area.moveCenter(room.center())
    return area


def paint_silhouettes(
    painter: QPainter, area: QRect, frame_wh: tuple[int, int], boxes: Iterable[Box]
) -> None:
    """Paint the ground, and a head and a body for each box, in pixels of a frame of ``frame_wh``."""
    painter.save()
    painter.fillRect(area, GROUND)
    painter.setClipRect(area)
    painter.translate(area.topLeft())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(FIGURE)
    across, down = area.width() / frame_wh[0], area.height() / frame_wh[1]
    # one path: where figures overlap, nobody is nearer than the other
    figures = QPainterPath()
    figures.setFillRule(Qt.FillRule.WindingFill)
    for left, top, right, bottom in boxes:
        _add_figure(
            figures, QRectF(left * across, top * down, (right - left) * across, (bottom - top) * down)
        )
    painter.drawPath(figures)
    painter.restore()


def _add_figure(path: QPainterPath, box: QRectF) -> None:
    head = min(box.height(), max(_HEAD_PART * box.height(), _HEAD_WIDTHS * box.width()))
    radius = head / 2
    path.addEllipse(QPointF(box.center().x(), box.top() + radius), 0.9 * radius, radius)
    body = QRectF(box.left(), box.top() + head, box.width(), box.height() - head)
    rounding = min(body.width() / 2, body.height() / 3)
    path.addRoundedRect(body, rounding, rounding)

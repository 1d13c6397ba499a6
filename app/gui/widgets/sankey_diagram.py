"""Steps of many ways as columns of places, with streams from each to the next."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from app.gui.theme import Theme
from app.gui.widgets.sankey_layout import SankeyLayout, SankeyStream, arrange_sankey
from app.gui.widgets.stream_diagram import StreamDiagram

_NODE_PX = 12.0
_GAP_PX = 9.0
_APART_PX = 5.0
_MARGIN_PX = 8.0
_MOST_LABEL_SHARE = 0.2


class SankeyDiagram(StreamDiagram):
    """As high at every place as people were there; titles stand above the columns."""

    _titles: tuple[str, ...] = ()
    _boxes: tuple[QRectF, ...] = ()
    _lefts: tuple[float, ...] = ()

    def show_titles(self, titles: tuple[str, ...]) -> None:
        """What each column is."""
        self._titles = titles
        self.update()

    def arrange(self, size: QRectF) -> tuple[list[QPainterPath], list[QPainterPath]]:
        """Columns from left to right, each from the top, labels to the right of the nodes."""
        metrics = QFontMetricsF(self.small_font())
        columns = 1 + max((place.column for place in self._places), default=0)
        self._label_px = min(
            max((metrics.horizontalAdvance(place.label) for place in self._places), default=0.0),
            _MOST_LABEL_SHARE * size.width(),
        )
        top = _MARGIN_PX + 1.6 * metrics.height()
        height = max(40.0, size.height() - top - _MARGIN_PX)
        right = size.width() - _MARGIN_PX - self._label_px - _APART_PX - _NODE_PX
        step = (right - _MARGIN_PX) / max(1, columns - 1)
        self._lefts = tuple(_MARGIN_PX + step * column for column in range(columns))
        members = [
            [number for number, place in enumerate(self._places) if place.column == column]
            for column in range(columns)
        ]
        row_of = {number: row for numbers in members for row, number in enumerate(numbers)}
        layout = arrange_sankey(
            [[self._places[number].size for number in numbers] for numbers in members],
            [
                SankeyStream(
                    self._places[s.origin].column, row_of[s.origin], row_of[s.destination], s.size
                )
                for s in self._streams
            ],
            height=height,
            gap=_GAP_PX,
        )  # fmt: skip
        self._boxes = tuple(
            QRectF(
                self._lefts[place.column],
                top + layout.nodes[place.column][row_of[number]][0],
                _NODE_PX,
                layout.scale * place.size,
            )
            for number, place in enumerate(self._places)
        )
        return [_make_box(box) for box in self._boxes], self._make_bands(layout, top)

    def draw_labels(self, painter: QPainter, theme: Theme) -> None:
        """Beside each node that leaves room for it; titles above."""
        metrics = QFontMetricsF(painter.font())
        painter.setPen(QColor(theme.text_muted))
        for left, title in zip(self._lefts, self._titles, strict=False):
            painter.drawText(QPointF(left, _MARGIN_PX + metrics.ascent()), title)
        painter.setPen(QColor(theme.text))
        below: dict[int, float] = {}
        for place, box in zip(self._places, self._boxes, strict=True):
            text = metrics.elidedText(place.label, Qt.TextElideMode.ElideRight, self._label_px + 1)
            top = box.center().y() - metrics.height() / 2
            if top < below.get(place.column, 0.0):
                continue
            below[place.column] = top + 0.85 * metrics.height()
            room = QRectF(box.right() + _APART_PX, top, self._label_px + 2, metrics.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)

    def _make_bands(self, layout: SankeyLayout, top: float) -> list[QPainterPath]:
        paths = []
        for stream, band in zip(self._streams, layout.bands, strict=True):
            left = self._boxes[stream.origin].right() + 1.0
            right = self._boxes[stream.destination].left() - 1.0
            middle = (left + right) / 2
            (left_top, left_bottom), (right_top, right_bottom) = (
                (top + a, top + b) for a, b in (band.left, band.right)
            )
            path = QPainterPath(QPointF(left, left_top))
            path.cubicTo(QPointF(middle, left_top), QPointF(middle, right_top), QPointF(right, right_top))
            path.lineTo(QPointF(right, right_bottom))
            path.cubicTo(
                QPointF(middle, right_bottom), QPointF(middle, left_bottom), QPointF(left, left_bottom)
            )
            path.closeSubpath()
            paths.append(path)
        return paths


def _make_box(box: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRect(box)
    return path

"""Steps of many ways as columns of places, with streams from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from app.gui.flows.stream_diagram import StreamDiagram
from app.gui.session.theme import Theme

_LARGEST_GAPS = 0.4
"""Of the height may be left between nodes, so that many small ones leave room for themselves."""


@dataclass(frozen=True, slots=True)
class SankeyStream:
    """A stream between a node of ``column`` and one of the next, by their numbers in their columns."""

    column: int
    origin: int
    destination: int
    size: float


@dataclass(frozen=True, slots=True)
class SankeyBand:
    """Where a stream begins and ends: from top to bottom at the one node and at the other."""

    left: tuple[float, float]
    right: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SankeyLayout:
    """``scale``: height of one; ``nodes``: (top, bottom) by column; ``bands``: one for each stream."""

    scale: float
    nodes: tuple[tuple[tuple[float, float], ...], ...]
    bands: tuple[SankeyBand, ...]


def arrange_sankey(
    sizes: Sequence[Sequence[float]], streams: Sequence[SankeyStream], *, height: float, gap: float
) -> SankeyLayout:
    """Nodes below each other in the order given, and streams side by side at their ends.

    One scale holds for all columns, so that the same width is the same number everywhere. At a node streams
    lie in the order of what is at their other end. Where streams are fewer than a node's size, the rest of
    its height stays free.

    Args:
        sizes: of the nodes, by column; those of a node's streams on one side are together no larger.
        height: of the whole, and ``gap`` between two nodes, which shrinks where there are many.
    """
    most = max((len(column) for column in sizes), default=0)
    if most > 1:
        gap = min(gap, _LARGEST_GAPS * height / (most - 1))
    scales = [(height - gap * (len(column) - 1)) / sum(column) for column in sizes if sum(column) > 0]
    scale = min(scales, default=0.0)
    nodes: list[tuple[tuple[float, float], ...]] = []
    for column in sizes:
        at, places = 0.0, []
        for size in column:
            places.append((at, at + scale * size))
            at += scale * size + gap
        nodes.append(tuple(places))
    left = _stack(nodes, streams, scale, is_right=False)
    right = _stack(nodes, streams, scale, is_right=True)
    return SankeyLayout(
        scale, tuple(nodes), tuple(SankeyBand(*ends) for ends in zip(left, right, strict=True))
    )


def _stack(
    nodes: Sequence[Sequence[tuple[float, float]]],
    streams: Sequence[SankeyStream],
    scale: float,
    *,
    is_right: bool,
) -> list[tuple[float, float]]:
    """Top and bottom of each stream at one of its ends."""
    filled: dict[tuple[int, int], float] = {}
    found = [(0.0, 0.0)] * len(streams)
    for number in sorted(
        range(len(streams)), key=lambda n: streams[n].origin if is_right else streams[n].destination
    ):
        stream = streams[number]
        node = (stream.column + 1, stream.destination) if is_right else (stream.column, stream.origin)
        top = filled.get(node, nodes[node[0]][node[1]][0])
        filled[node] = top + scale * stream.size
        found[number] = (top, filled[node])
    return found


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

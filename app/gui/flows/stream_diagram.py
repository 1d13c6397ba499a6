"""Base of chord and Sankey diagrams, and the Sankey diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from app.gui.session.theme import Theme, current_theme
from app.gui.widgets.export_menu import ExportMenu

_MIN_SIZE_WH = (320, 260)
_ALPHA, _ALPHA_CHOSEN, _ALPHA_OTHER = 0.45, 0.85, 0.10


@dataclass(frozen=True, slots=True)
class DiagramPlace:
    """Place of a diagram, ready to draw.

    Attributes:
        label: text beside it.
        colour: index in the palette of zones; None for other places.
        size: size of a Sankey node; a chord diagram sums up its streams.
        column: column in a Sankey diagram.
    """

    label: str
    colour: int | None
    description: str
    size: float = 0.0
    column: int = 0


@dataclass(frozen=True, slots=True)
class DiagramStream:
    """Stream between two places given by index, ready to draw.

    Attributes:
        size: from ``origin`` to ``destination``; ``back``: the reverse, in a chord diagram.
    """

    origin: int
    destination: int
    size: float
    description: str
    back: float = 0.0


class StreamDiagram(QWidget):
    """Diagram of streams, chosen by the pointer or the arrow keys while the others fade."""

    stream_chosen = Signal(int)
    """Index of the stream that was clicked or reached with the keys."""
    description_changed = Signal(str)
    """Description of the pointed or chosen item; empty for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(*_MIN_SIZE_WH)
        self.export_menu = ExportMenu(self, list_table=lambda: None)
        self._places: tuple[DiagramPlace, ...] = ()
        self._streams: tuple[DiagramStream, ...] = ()
        self._paths: list[QPainterPath] = []
        self._place_paths: list[QPainterPath] = []
        self._pointed: int | None = None
        self._place_pointed: int | None = None
        self._chosen: int | None = None

    @property
    def streams(self) -> tuple[DiagramStream, ...]:
        return self._streams

    @property
    def chosen(self) -> int | None:
        return self._chosen

    def show_streams(self, places: Sequence[DiagramPlace], streams: Sequence[DiagramStream]) -> None:
        """Draw places and streams; the choice is kept only if just the language changed."""
        is_same = [(s.origin, s.destination, s.size) for s in streams] == [
            (s.origin, s.destination, s.size) for s in self._streams
        ]
        self._places, self._streams = tuple(places), tuple(streams)
        if not is_same:
            self._chosen = None
        self._pointed = self._place_pointed = None
        self._lay_out()

    def choose_stream(self, number: int | None) -> None:
        """Highlight a stream, or none, without emitting `stream_chosen`."""
        self._chosen = number if number is not None and 0 <= number < len(self._streams) else None
        self._describe()
        self.update()

    def find_middle(self, number: int) -> QPointF:
        """Return a point of a stream in widget pixels."""
        path = self._paths[number]
        box = path.boundingRect()
        for share in range(5, 100, 5):
            for other in range(5, 100, 10):
                point = QPointF(
                    box.left() + box.width() * share / 100, box.top() + box.height() * other / 100
                )
                if path.contains(point) and self._find_stream(point) == number:
                    return point
        return path.pointAtPercent(0.0)

    def arrange(self, size: QRectF) -> tuple[list[QPainterPath], list[QPainterPath]]:
        raise NotImplementedError

    def draw_labels(self, painter: QPainter, theme: Theme) -> None:
        raise NotImplementedError

    def place_colour(self, number: int, theme: Theme) -> QColor:
        """Return the colour of a place: that of its zone, or a neutral one."""
        colour = self._places[number].colour
        return QColor(theme.text_muted if colour is None else theme.zones[colour % len(theme.zones)])

    def small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(current_theme().font_small_pt)
        return font

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        marked = self._list_marked()
        order = sorted(range(len(self._streams)), key=lambda n: (n in marked, -self._streams[n].size))
        for number in order:
            stream = self._streams[number]
            is_back = stream.back > stream.size
            colour = self.place_colour(stream.destination if is_back else stream.origin, theme)
            colour.setAlphaF(_ALPHA if not marked else _ALPHA_CHOSEN if number in marked else _ALPHA_OTHER)
            painter.setPen(QPen(theme.surface) if number not in marked else QPen(QColor(theme.text), 1.0))
            painter.fillPath(self._paths[number], colour)
            if number in marked:
                painter.strokePath(self._paths[number], painter.pen())
        for number, path in enumerate(self._place_paths):
            painter.fillPath(path, self.place_colour(number, theme))
        painter.setFont(self.small_font())
        self.draw_labels(painter, theme)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.radius_s, theme.radius_s
            )
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() is QEvent.Type.FontChange and hasattr(self, "_places"):
            self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = event.position()
        place = next((n for n, path in enumerate(self._place_paths) if path.contains(at)), None)
        stream = None if place is not None else self._find_stream(at)
        if (stream, place) == (self._pointed, self._place_pointed):
            return
        self._pointed, self._place_pointed = stream, place
        description = (
            self._streams[stream].description
            if stream is not None
            else self._places[place].description
            if place is not None
            else ""
        )
        self.setToolTip(description)
        self.description_changed.emit(description or self.accessibleDescription())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        super().leaveEvent(event)
        self._pointed = self._place_pointed = None
        self.description_changed.emit(self.accessibleDescription())
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose(self._find_stream(event.position()))
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = Qt.Key(event.key())
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Left: -1}
        last = len(self._streams) - 1
        if key in steps and last >= 0:
            start = -1 if steps[key] > 0 else last + 1
            self._choose(min(last, max(0, (start if self._chosen is None else self._chosen) + steps[key])))
        elif key is Qt.Key.Key_Escape and self._chosen is not None:
            self._choose(None)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(560, 420)

    def _lay_out(self) -> None:
        self._place_paths, self._paths = self.arrange(QRectF(self.rect()))
        self._describe()
        self.update()

    def _find_stream(self, at: QPointF) -> int | None:
        under = [number for number, path in enumerate(self._paths) if path.contains(at)]
        return min(under, key=lambda number: self._streams[number].size, default=None)

    def _list_marked(self) -> set[int]:
        if self._place_pointed is not None:
            ends = self._place_pointed
            return {n for n, s in enumerate(self._streams) if ends in (s.origin, s.destination)}
        marked = self._pointed if self._pointed is not None else self._chosen
        return set() if marked is None else {marked}

    def _choose(self, number: int | None) -> None:
        self.choose_stream(number)
        self.stream_chosen.emit(-1 if number is None else number)

    def _describe(self) -> None:
        chosen = None if self._chosen is None else self._streams[self._chosen]
        self.setAccessibleDescription("" if chosen is None else chosen.description)
        self.description_changed.emit(self.accessibleDescription())


_MAX_GAPS_SHARE = 0.4
"""Maximum share of the height for gaps between nodes, so that many small nodes have room."""


@dataclass(frozen=True, slots=True)
class SankeyStream:
    """Stream between a node of ``column`` and one of the next, by their indices in their columns."""

    column: int
    origin: int
    destination: int
    size: float


@dataclass(frozen=True, slots=True)
class SankeyBand:
    """Top and bottom of a stream at both of its nodes."""

    left: tuple[float, float]
    right: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SankeyLayout:
    """``scale``: height of one unit; ``nodes``: (top, bottom) by column; ``bands``: one per stream."""

    scale: float
    nodes: tuple[tuple[tuple[float, float], ...], ...]
    bands: tuple[SankeyBand, ...]


def arrange_sankey(
    sizes: Sequence[Sequence[float]], streams: Sequence[SankeyStream], *, height: float, gap: float
) -> SankeyLayout:
    """Arrange nodes below each other in the given order, with streams side by side at their ends.

    All columns share one scale, so that equal widths mean equal numbers. At a node streams
    are ordered by their other end. Where streams are smaller than the node, the rest of
    its height stays empty.

    Args:
        sizes: sizes of the nodes by column, not below the sum of a node's streams on either side.
        height: total height; ``gap``: between two nodes, reduced if there are many.
    """
    most = max((len(column) for column in sizes), default=0)
    if most > 1:
        gap = min(gap, _MAX_GAPS_SHARE * height / (most - 1))
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
_MAX_LABEL_SHARE = 0.2


class SankeyDiagram(StreamDiagram):
    """Sankey diagram with titles above its columns."""

    _titles: tuple[str, ...] = ()
    _boxes: tuple[QRectF, ...] = ()
    _lefts: tuple[float, ...] = ()

    def show_titles(self, titles: tuple[str, ...]) -> None:
        self._titles = titles
        self.update()

    def arrange(self, size: QRectF) -> tuple[list[QPainterPath], list[QPainterPath]]:
        metrics = QFontMetricsF(self.small_font())
        columns = 1 + max((place.column for place in self._places), default=0)
        self._label_px = min(
            max((metrics.horizontalAdvance(place.label) for place in self._places), default=0.0),
            _MAX_LABEL_SHARE * size.width(),
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

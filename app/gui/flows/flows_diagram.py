"""Chord diagram of moves and Sankey diagram of first steps, each beside a table of its streams."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from analytics.flows.places import OUTSIDE
from analytics.results.figure_columns import Row
from app.flows.flow_figures import MIN_COUNT, STREAM_COLUMNS, FlowFigures, is_few
from app.gui.flows.stream_diagram import DiagramPlace, DiagramStream, SankeyDiagram, StreamDiagram
from app.gui.flows.text import (
    describe_chord,
    describe_node,
    describe_pair,
    describe_step,
    describe_steps,
    name_place,
    name_steps,
)
from app.gui.session.cell_text import format_number
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import Translated, tr
from app.gui.tables.figure_table import FigureTable
from app.gui.tables.record_list import RecordList
from app.gui.widgets.layouts import fill, make_splitter
from app.gui.widgets.side_panels import SidePanels

GAP_SHARE = 0.12
"""Total share of the circle left between arcs."""


@dataclass(frozen=True, slots=True)
class ChordEnd:
    """End of a ribbon on its arc, radians clockwise from the top; equal angles for a point."""

    place: int
    start_rad: float
    end_rad: float


@dataclass(frozen=True, slots=True)
class ChordRibbon:
    """Ribbon between two places, as wide at each end as the flow out of it."""

    one: ChordEnd
    other: ChordEnd


@dataclass(frozen=True, slots=True)
class ChordLayout:
    """Arcs ``(start_rad, end_rad)`` by place, and the ribbons of all pairs with flow."""

    arcs: tuple[tuple[float, float], ...]
    ribbons: tuple[ChordRibbon, ...]


def arrange_chord(flows: Sequence[Sequence[float]], *, gap_share: float = GAP_SHARE) -> ChordLayout:
    """Arrange arcs as long as the flow out of each place, with ribbon ends side by side on them.

    Ends are in the order in which the other places follow around the circle, so that ribbons
    cross as little as the order of the places allows (as in D3's chord layout, except for that order).

    Args:
        flows: square matrix from row to column, without negative values, zero on the diagonal.
    """
    places = len(flows)
    total = sum(sum(row) for row in flows)
    if not total > 0:
        return ChordLayout(((0.0, 0.0),) * places, ())
    gap_rad = 2 * math.pi * gap_share / places
    scale = 2 * math.pi * (1 - gap_share) / total
    arcs: list[tuple[float, float]] = []
    ends: dict[tuple[int, int], ChordEnd] = {}
    at_rad = gap_rad / 2
    for place in range(places):
        start_rad = at_rad
        for offset in range(places - 1, 0, -1):
            other = (place + offset) % places
            width_rad = scale * flows[place][other]
            ends[place, other] = ChordEnd(place, at_rad, at_rad + width_rad)
            at_rad += width_rad
        arcs.append((start_rad, at_rad))
        at_rad += gap_rad
    ribbons = tuple(
        ChordRibbon(ends[one, other], ends[other, one])
        for one in range(places)
        for other in range(one + 1, places)
        if flows[one][other] > 0 or flows[other][one] > 0
    )
    return ChordLayout(tuple(arcs), ribbons)


_ARC_PX = 14.0
_APART_PX = 5.0
_MAX_LABEL_SHARE = 0.28
_BESIDE = 0.2
"""Sine of the angle from the top beyond which a label stands beside its place."""


class ChordDiagram(StreamDiagram):
    """Chord diagram: arcs as long as the flow out of a place, ribbons as wide as the flow between places."""

    _layout: ChordLayout = ChordLayout((), ())
    _centre = QPointF()
    _radius_px = 0.0

    def arrange(self, size: QRectF) -> tuple[list[QPainterPath], list[QPainterPath]]:
        count = len(self._places)
        flows = [[0.0] * count for _ in range(count)]
        for stream in self._streams:
            flows[stream.origin][stream.destination] = stream.size
            flows[stream.destination][stream.origin] = stream.back
        self._layout = arrange_chord(flows) if count else ChordLayout((), ())
        metrics = QFontMetricsF(self.small_font())
        self._label_px = min(
            max((metrics.horizontalAdvance(place.label) for place in self._places), default=0.0),
            _MAX_LABEL_SHARE * size.width(),
        )
        room_px = self._label_px + 2 * _APART_PX
        self._radius_px = max(
            40.0, min(size.width() / 2 - room_px, size.height() / 2 - metrics.height() - 2 * _APART_PX)
        )
        self._centre = size.center()
        ends = {(r.one.place, r.other.place): r for r in self._layout.ribbons}
        ribbons = []
        for stream in self._streams:
            pair = min(stream.origin, stream.destination), max(stream.origin, stream.destination)
            ribbon = ends.get(pair)
            ribbons.append(QPainterPath() if ribbon is None else self._make_ribbon(ribbon.one, ribbon.other))
        return [self._make_arc(*arc) for arc in self._layout.arcs], ribbons

    def draw_labels(self, painter: QPainter, theme: Theme) -> None:
        metrics = QFontMetricsF(painter.font())
        placed: list[QRectF] = []
        painter.setPen(QColor(theme.text))
        for place, (start_rad, end_rad) in zip(self._places, self._layout.arcs, strict=True):
            if not end_rad > start_rad:
                continue
            middle_rad = (start_rad + end_rad) / 2
            text = metrics.elidedText(place.label, Qt.TextElideMode.ElideRight, self._label_px + 1)
            width = metrics.horizontalAdvance(text)
            at = self._point(middle_rad, self._radius_px + _APART_PX)
            # outwards from the point: left of it on the left half, above it at the top
            side = max(-1.0, min(1.0, math.sin(middle_rad) / _BESIDE))
            left = at.x() - width * (1 - side) / 2
            top = at.y() - metrics.height() * (1 + math.cos(middle_rad)) / 2
            box = QRectF(left, top, width + 1, metrics.height())
            if any(box.intersects(other) for other in placed):
                continue
            placed.append(box)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _make_arc(self, start_rad: float, end_rad: float) -> QPainterPath:
        path = QPainterPath()
        if not end_rad > start_rad:
            return path
        outer, inner = self._circle(self._radius_px), self._circle(self._radius_px - _ARC_PX)
        start, span = _degrees(start_rad), -math.degrees(end_rad - start_rad)
        path.arcMoveTo(outer, start)
        path.arcTo(outer, start, span)
        path.arcTo(inner, start + span, -span)
        path.closeSubpath()
        return path

    def _make_ribbon(self, one: ChordEnd, other: ChordEnd) -> QPainterPath:
        radius_px = self._radius_px - _ARC_PX - 1.0
        circle = self._circle(radius_px)
        path = QPainterPath(self._point(one.start_rad, radius_px))
        path.arcTo(circle, _degrees(one.start_rad), -math.degrees(one.end_rad - one.start_rad))
        path.quadTo(self._centre, self._point(other.start_rad, radius_px))
        path.arcTo(circle, _degrees(other.start_rad), -math.degrees(other.end_rad - other.start_rad))
        path.quadTo(self._centre, self._point(one.start_rad, radius_px))
        path.closeSubpath()
        return path

    def _circle(self, radius_px: float) -> QRectF:
        return QRectF(
            self._centre.x() - radius_px, self._centre.y() - radius_px, 2 * radius_px, 2 * radius_px
        )

    def _point(self, angle_rad: float, radius_px: float) -> QPointF:
        return self._centre + QPointF(math.sin(angle_rad), -math.cos(angle_rad)) * radius_px


def _degrees(angle_rad: float) -> float:
    """Convert an angle clockwise from the top to Qt's, counterclockwise from three o'clock."""
    return 90.0 - math.degrees(angle_rad)


class FlowDiagramPanel(Translated, QWidget):
    export_requested = Signal(object, object)
    """Export request with titles and rows as plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self.chord, self.sankey = ChordDiagram(self), SankeyDiagram(self)
        self.panels = SidePanels(self, is_page_wide=True)
        self._notes: dict[QWidget, QLabel] = {}
        self._rows: dict[QWidget, tuple[Row, ...]] = {}
        self._pages: dict[QWidget, StreamDiagram] = {}
        for diagram, title in (
            (self.chord, lambda: (tr("Moves"), tr("Moves between zones"))),
            (self.sankey, lambda: (tr("First steps"), tr("First steps of visitors"))),
        ):
            self.panels.add_panel(self._make_page(diagram), title)
        self.model = FigureTable(STREAM_COLUMNS, self, show_name=name_place, export_name=name_place)
        self.list = RecordList(self.model, table_name="", parent=self)
        self.list.export_requested.connect(self.export_requested)
        self.list.current_record_changed.connect(self._on_row_reached)
        self.panels.panel_shown.connect(self._on_panel_shown)
        splitter = make_splitter(
            Qt.Orientation.Horizontal,
            (self.panels, 6),
            (self.list, 5),
            parent=self,
            sizes_px=[600, 550],
            handle_px=current_theme().space_m,
        )
        fill(QVBoxLayout(self), splitter, margins=0)
        self.retranslate()

    @property
    def current(self) -> StreamDiagram:
        page = self.panels.shown
        return self.chord if page is None else self._pages[page]

    def show_figures(self, figures: FlowFigures | None) -> None:
        self._figures = figures
        self._draw()
        self._list()

    def retranslate(self) -> None:
        self.list.set_table_name(tr("Streams"))
        self.chord.setAccessibleName(tr("Moves between zones; choose a stream with the arrow keys"))
        self.sankey.setAccessibleName(tr("First steps of visitors; choose a stream with the arrow keys"))
        self.panels.name_buttons()
        self._draw()

    def _make_page(self, diagram: StreamDiagram) -> QWidget:
        page, note = QWidget(self), QLabel(self)
        note.setProperty("role", "small")
        note.setWordWrap(True)
        note.setTextFormat(Qt.TextFormat.PlainText)
        column = fill(QVBoxLayout(page), note, (diagram, 1), margins=0)
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        # two lines from the start, so that the diagram keeps its size
        label.setMinimumHeight(2 * label.fontMetrics().lineSpacing())
        diagram.description_changed.connect(label.setText)
        column.addWidget(label)
        self._notes[diagram], self._pages[page] = note, diagram
        diagram.stream_chosen.connect(lambda number, of=diagram: self._on_stream_chosen(of, number))
        return page

    def _draw(self) -> None:
        figures = self._figures
        self._notes[self.chord].setText("" if figures is None else describe_chord(figures))
        self._notes[self.sankey].setText("" if figures is None else describe_steps(figures))
        self.sankey.show_titles(name_steps())
        if figures is None:
            for diagram in (self.chord, self.sankey):
                diagram.show_streams((), ())
            self._rows = {}
            return
        self._draw_chord(figures)
        self._draw_steps(figures)

    def _draw_chord(self, figures: FlowFigures) -> None:
        places = (*figures.zones, OUTSIDE)
        number_of = {place: number for number, place in enumerate(places)}
        cells = [cell for cell in figures.transitions if not is_few(cell["moves"])]
        cells.sort(key=lambda cell: -cell["moves"])
        cell_of = {(cell["from"], cell["to"]): cell for cell in cells}
        streams: list[DiagramStream] = []
        number_of_pair: dict[frozenset[str], int] = {}
        for cell in cells:
            begin, end, moves = cell["from"], cell["to"], cell["moves"]
            back = cell_of.get((end, begin))
            if back is None or (back["moves"], number_of[end]) <= (moves, number_of[begin]):
                number_of_pair[frozenset((begin, end))] = len(streams)
                moves_back = 0.0 if back is None else float(back["moves"])
                streams.append(
                    DiagramStream(
                        number_of[begin], number_of[end], float(moves), describe_pair(cell, back), moves_back
                    )
                )
        self.chord.show_streams(
            [
                DiagramPlace(name_place(place), figures.colours.get(place), name_place(place))
                for place in places
            ],
            streams,
        )
        self._rows[self.chord] = tuple(
            {
                **cell,
                "number": number_of_pair[frozenset((cell["from"], cell["to"]))],
                "count": cell["moves"],
                "share": cell["share"].value,
            }
            for cell in cells
        )

    def _draw_steps(self, figures: FlowFigures) -> None:
        nodes, steps = figures.first_steps.nodes, figures.first_steps.streams
        number_of = {(node["step"], node["place"]): number for number, node in enumerate(nodes)}
        streams, rows = [], []
        for number, stream in enumerate(steps):
            begin = number_of[stream["step"], stream["from"]]
            end = number_of[stream["step"] + 1, stream["to"]]
            share = stream["visitors"] / nodes[begin]["visitors"]
            size = float(stream["visitors"])
            streams.append(DiagramStream(begin, end, size, describe_step(stream, share=share)))
            rows.append({**stream, "number": number, "count": stream["visitors"], "share": share})
        self.sankey.show_streams(
            [
                DiagramPlace(
                    f"{name_place(node['place'])} {_count(node['visitors'])}",
                    figures.colours.get(node["place"]),
                    describe_node(node),
                    float(node["visitors"]),
                    node["step"],
                )
                for node in nodes
            ],
            streams,
        )
        self._rows[self.sankey] = tuple(rows)

    def _list(self) -> None:
        self.model.show(self._rows.get(self.current, ()))

    def _on_panel_shown(self, _page: QWidget) -> None:
        self._list()
        self._mark_row(self.current.chosen)

    def _on_row_reached(self, row: Row) -> None:
        self.current.choose_stream(row["number"])

    def _on_stream_chosen(self, diagram: StreamDiagram, number: int) -> None:
        if diagram is self.current:
            self._mark_row(number)

    def _mark_row(self, number: int | None) -> None:
        rows = self._rows.get(self.current, ())
        found = next((row for row, stream in enumerate(rows) if stream["number"] == number), None)
        self.list.set_current_row(found)


def _count(visitors: int) -> str:
    return f"<{MIN_COUNT}" if visitors < MIN_COUNT else format_number(visitors)

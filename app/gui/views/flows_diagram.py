"""Moves as a chord diagram, first steps as a Sankey diagram, and beside either its streams as a table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from app.gui.table_models.cell_text import format_number
from app.gui.table_models.flow_tables import StreamRow, StreamTable
from app.gui.table_models.flow_text import name_place
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.flow_words import (
    describe_chord,
    describe_node,
    describe_pair,
    describe_step,
    describe_steps,
    name_steps,
)
from app.gui.widgets.chord_diagram import ChordDiagram
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.sankey_diagram import SankeyDiagram
from app.gui.widgets.side_panels import SidePanels
from app.gui.widgets.stream_diagram import DrawnPlace, DrawnStream, StreamDiagram
from app.operations.flow_figures import LEAST_COUNT, FlowFigures, Place, PlaceKind, Share


class FlowDiagramPanel(QWidget):
    """A stream that is chosen in the picture is chosen in the table, and the other way round."""

    export_requested = Signal(object, object)
    """(titles, rows) as plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self.chord, self.sankey = ChordDiagram(self), SankeyDiagram(self)
        self.panels = SidePanels(self, is_page_wide=True)
        self._notes: dict[QWidget, QLabel] = {}
        self._rows: dict[QWidget, tuple[StreamRow, ...]] = {}
        self._pages: dict[QWidget, StreamDiagram] = {}
        for diagram, title in (
            (self.chord, lambda: (tr("Moves"), tr("Moves between zones"))),
            (self.sankey, lambda: (tr("First steps"), tr("First steps of visitors"))),
        ):
            self.panels.add_panel(self._make_page(diagram), title)
        self.model = StreamTable(self)
        self.list = RecordList(self.model, table_name="", parent=self)
        self.list.export_requested.connect(self.export_requested)
        self.list.record_reached.connect(self._on_row_reached)
        self.panels.panel_shown.connect(self._on_panel_shown)
        splitter = QSplitter(Qt.Orientation.Horizontal, self)
        splitter.addWidget(self.panels)
        splitter.addWidget(self.list)
        splitter.setStretchFactor(0, 6)
        splitter.setStretchFactor(1, 5)
        splitter.setSizes([600, 550])
        splitter.setHandleWidth(current_theme().space_m)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(splitter)
        self.retranslate()

    @property
    def shown(self) -> StreamDiagram:
        """The diagram that is looked at."""
        page = self.panels.shown
        return self.chord if page is None else self._pages[page]

    def show_figures(self, figures: FlowFigures | None) -> None:
        """Draw the moves and the first steps."""
        self._figures = figures
        self._draw()
        self._list()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.list.set_table_name(tr("Streams"))
        self.chord.setAccessibleName(tr("Moves between zones; arrow keys go from stream to stream"))
        self.sankey.setAccessibleName(tr("First steps of visitors; arrow keys go from stream to stream"))
        self.panels.name_buttons()
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _make_page(self, diagram: StreamDiagram) -> QWidget:
        page, note = QWidget(self), QLabel(self)
        note.setProperty("role", "small")
        note.setWordWrap(True)
        note.setTextFormat(Qt.TextFormat.PlainText)
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(note)
        column.addWidget(diagram, 1)
        told = QLabel(self)
        told.setTextFormat(Qt.TextFormat.PlainText)
        told.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        # two lines from the start, so that the picture keeps its size
        told.setMinimumHeight(2 * told.fontMetrics().lineSpacing())
        diagram.words_told.connect(told.setText)
        column.addWidget(told)
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
        places = [*(Place(PlaceKind.ZONE, name) for name in figures.zones), Place(PlaceKind.OUTSIDE)]
        told = {(c.origin, c.destination): c for c in figures.transitions if not c.is_small}
        number_of = {place: number for number, place in enumerate(places)}
        streams, rows = [], []
        for cell in sorted(told.values(), key=lambda cell: -cell.moves):
            back = told.get((cell.destination, cell.origin))
            is_drawn = back is not None and (
                (back.moves, number_of[back.origin]) > (cell.moves, number_of[cell.origin])
            )
            if not is_drawn:
                streams.append(
                    DrawnStream(
                        number_of[cell.origin],
                        number_of[cell.destination],
                        float(cell.moves),
                        describe_pair(cell, back),
                        0.0 if back is None else float(back.moves),
                    )
                )
        drawn = {frozenset((s.origin, s.destination)): number for number, s in enumerate(streams)}
        for cell in sorted(told.values(), key=lambda cell: -cell.moves):
            pair = frozenset((number_of[cell.origin], number_of[cell.destination]))
            rows.append(StreamRow(drawn[pair], None, cell.origin, cell.destination, cell.moves, cell.share))
        self.chord.show_streams(
            [
                DrawnPlace(name_place(place), figures.colours.get(place.zone), name_place(place))
                for place in places
            ],
            streams,
        )
        self._rows[self.chord] = tuple(rows)

    def _draw_steps(self, figures: FlowFigures) -> None:
        nodes, streams = figures.first_steps.nodes, figures.first_steps.streams
        number_of = {(node.step, node.place): number for number, node in enumerate(nodes)}
        self.sankey.show_streams(
            [
                DrawnPlace(
                    f"{name_place(node.place)} {_count(node.visitors)}",
                    figures.colours.get(node.place.zone),
                    describe_node(node),
                    float(node.visitors),
                    node.step,
                )
                for node in nodes
            ],
            [
                DrawnStream(
                    number_of[stream.step, stream.origin],
                    number_of[stream.step + 1, stream.destination],
                    float(stream.visitors),
                    describe_step(stream, of=nodes[number_of[stream.step, stream.origin]].visitors),
                )
                for stream in streams
            ],
        )
        self._rows[self.sankey] = tuple(
            StreamRow(
                number,
                stream.step,
                stream.origin,
                stream.destination,
                stream.visitors,
                Share(stream.visitors / nodes[number_of[stream.step, stream.origin]].visitors),
            )
            for number, stream in enumerate(streams)
        )

    def _list(self) -> None:
        self.model.show(self._rows.get(self.shown, ()))

    def _on_panel_shown(self, _page: QWidget) -> None:
        self._list()
        self._mark_row(self.shown.chosen)

    def _on_row_reached(self, row: StreamRow) -> None:
        self.shown.choose_stream(row.number)

    def _on_stream_chosen(self, diagram: StreamDiagram, number: int) -> None:
        if diagram is self.shown:
            self._mark_row(number)

    def _mark_row(self, number: int | None) -> None:
        rows = self._rows.get(self.shown, ())
        found = next((row for row, stream in enumerate(rows) if stream.number == number), None)
        self.list.reach_row(found)


def _count(visitors: int) -> str:
    return f"<{LEAST_COUNT}" if visitors < LEAST_COUNT else format_number(visitors)

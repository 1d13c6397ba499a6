"""One stand: what an exhibitor's report says of it, with the plan, its figures and advice, in the window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Unpack

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.arrays import Interval
from analytics.results.content import (
    BarChart,
    Block,
    Bullets,
    CellKind,
    FloorMap,
    KeyFigures,
    LineChart,
    Paragraph,
    Section,
    Table,
    Weight,
)
from app.core.document import Venue
from app.core.job import JobContext
from app.dwell.dwell_figures import OccupancySeries
from app.error_reporting import ErrorReport
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas, PlanLayer
from app.gui.charts.occupancy_chart import OccupancyChart
from app.gui.session.cell_text import format_number, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, current_language, display_name, tr, translate_report
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.widgets.layouts import fill, make_label, make_splitter
from app.gui.widgets.scrolled_content import scroll_content
from app.plan.floor_scene import FloorScene, describe_floor

if TYPE_CHECKING:
    from app.reports.report_source import ReportSource


@dataclass(frozen=True, slots=True, eq=False)
class StandPageState:
    """State of the page.

    Attributes:
        zone: stand of the sections.
        sections: in the window's language; empty while unknown.
        scene: floor at the end of the period.
        problem: why there are none.
    """

    zone: str = ""
    sections: tuple[Section, ...] = ()
    scene: FloorScene | None = None
    time_zone: str = "UTC"
    is_computing: bool = False
    problem: str = ""


class StandPageViewModel(VenueViewModel[StandPageState]):
    """View-model of the page; reads a period once for all of its stands, and only while it is shown."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(StandPageState(), **parts)
        self._source: tuple[Venue, Interval, ReportSource] | None = None
        self._wanted: tuple[Venue, Interval, str] | None = None

    def show_stand(self, zone: str | None, period_s: Interval | None) -> None:
        """Show a stand in a period; nothing without either."""
        venue = self._app_state.venue
        if venue is None or zone is None or period_s is None:
            self._wanted = None
            self._replace_state(zone="", sections=(), problem="", is_computing=False)
            return
        language = current_language()
        wanted = (venue, period_s, f"{zone}\n{language}")
        if wanted == self._wanted:
            return
        self._wanted = wanted
        known = self._source

        def work(context: JobContext) -> tuple[ReportSource, tuple[Section, ...], FloorScene]:
            # imported here because pandas is slow to load
            from app.reports.make_report import write_stand_page
            from app.reports.report_source import ReportSource
            from app.reports.report_text import ReportText

            if known is not None and known[:2] == (venue, period_s):
                source = known[2].translate_to(language)
            else:
                source = ReportSource(venue, period_s, ReportText.of(venue, language), context)
            return source, write_stand_page(source, zone), describe_floor(venue, source.facts.geometry)

        def done(found: tuple[ReportSource, tuple[Section, ...], FloorScene]) -> None:
            if self._wanted is not wanted:
                # the history changed meanwhile
                return
            source, sections, scene = found
            self._source = (venue, period_s, source)
            self._replace_state(
                zone=zone,
                sections=sections,
                scene=scene,
                time_zone=venue.exhibition.time_zone,
                is_computing=False,
                problem="",
            )

        self._replace_state(is_computing=True, problem="")
        self._job_runner.run_latest(
            "stand page",
            lambda: tr("Computing the figures of the stands"),
            work,
            on_done=done,
            on_failed=self._on_failed,
        )

    def forget(self) -> None:
        """Compute anew when shown next, after a change of the history or the venue."""
        self._source = self._wanted = None

    def _on_failed(self, report: ErrorReport) -> None:
        self._source = self._wanted = None
        self._replace_state(sections=(), is_computing=False, problem=translate_report(report))


class StandPage(Translated, QWidget):
    """The page: figures, moves and advice at the left, the plan and the people over time at the right."""

    zone_chosen = Signal(str)
    """Another stand is to be shown, by its name."""

    def __init__(self, viewmodel: StandPageViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._shown: StandPageState | None = None
        self.choice, self._message = QComboBox(), QLabel()
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._message.setProperty("role", "muted")
        self._message.setWordWrap(True)
        self.canvas, self.people = FloorPlanCanvas(), OccupancyChart()
        for layer in (PlanLayer.CAMERAS, PlanLayer.PEOPLE):
            self.canvas.show_layer(layer, False)
        self._left, self._content = QWidget(), QWidget()
        self._words = QVBoxLayout(self._content)
        scroll_content(self._left, self._content)
        right = QWidget()
        fill(QVBoxLayout(right), (self.canvas, 3), (self.people, 2), margins=0)
        self._both = make_splitter(
            Qt.Orientation.Horizontal, (self._left, 1), (right, 1), sizes_px=[560, 560]
        )
        fill(
            QVBoxLayout(self),
            (self.choice, 0, Qt.AlignmentFlag.AlignLeft),
            self._message,
            (self._both, 1),
            margins=0,
        )
        self.choice.activated.connect(lambda: self.zone_chosen.emit(str(self.choice.currentData())))
        self.canvas.zone_clicked.connect(self._on_zone_clicked)
        self.canvas.zone_activated.connect(self._on_zone_clicked)
        viewmodel.state_changed.connect(self._render)
        self.retranslate()

    def show_choices(self, zones: Sequence[str], chosen: str | None) -> None:
        if [self.choice.itemData(row) for row in range(self.choice.count())] != list(zones):
            self.choice.clear()
            for zone in zones:
                self.choice.addItem(display_name(zone), zone)
        self.choice.setCurrentIndex(self.choice.findData(chosen))

    def retranslate(self) -> None:
        self.choice.setAccessibleName(tr("Stand"))
        for row in range(self.choice.count()):
            self.choice.setItemText(row, display_name(str(self.choice.itemData(row))))
        self.canvas.setAccessibleName(tr("Plan with the stand"))
        self.people.setAccessibleName(tr("People at the stand over time"))
        self._render()

    def _on_zone_clicked(self, zone: str | None) -> None:
        if zone is not None and self.choice.findData(zone) >= 0:
            self.zone_chosen.emit(zone)

    def _render(self) -> None:
        state = self._viewmodel.state
        message = state.problem
        if not message and not state.sections:
            message = (
                tr("Computing the figures of this period.")
                if state.is_computing
                else tr("Choose a stand in the list, in a table or on the plan.")
            )
        self._message.setText(message)
        self._message.setVisible(bool(message))
        self._both.setVisible(bool(state.sections))
        if self._shown is not None and self._shown.sections is state.sections:
            return
        self._shown = state
        while (item := self._words.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.canvas.show_scene(state.scene)
        self.canvas.show_selected(state.zone)
        for section in state.sections:
            shown = [widget for block in section.blocks if (widget := self._show_block(block)) is not None]
            if shown:
                parts = (make_label("title", text=section.title), *shown)
                fill(self._words, *parts)
                for part in parts:
                    part.show()
        self._words.addStretch(1)

    def _show_block(self, block: Block) -> QWidget | None:
        """Return a widget for a block of the text; maps and curves have their own place."""
        match block:
            case Paragraph():
                role = {Weight.WARNING: "warning", Weight.SMALL: "small"}.get(block.weight, "")
                return make_label(role, wraps=True, text=block.text)
            case Bullets():
                return make_label("", wraps=True, text="\n".join(f"• {one}" for one in block.sentences))
            case KeyFigures():
                return _make_tiles(block)
            case Table():
                titled = QWidget()
                title = make_label("muted", text=block.title)
                fill(QVBoxLayout(titled), title, self._make_table(block), margins=0, spacing=2)
                return titled
            case BarChart():
                return _make_bars(block)
            case FloorMap() if block.values is not None:
                rows, columns = block.values.shape
                rect = QRectF(*block.corner_m, columns * block.cell_m, rows * block.cell_m)
                self.canvas.show_heat(block.values, rect, top=block.top)
                self.canvas.show_unobserved(block.unobserved)
            case LineChart():
                step_s = float(block.x[1] - block.x[0]) if len(block.x) > 1 else 60.0
                edges_s = np.append(block.x, block.x[-1] + step_s)
                series = OccupancySeries(self._viewmodel.state.zone, 0, edges_s, block.lines[0].values)
                self.people.show_series((series,), time_zone=self._viewmodel.state.time_zone)
        return None

    def _make_table(self, table: Table) -> QTableWidget:
        shown = QTableWidget(len(table.rows), len(table.columns))
        shown.setAccessibleName(table.title)
        shown.verticalHeader().hide()
        shown.setShowGrid(False)
        shown.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        shown.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        shown.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        shown.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for place, column in enumerate(table.columns):
            is_text = column.kind is CellKind.TEXT
            side = Qt.AlignmentFlag.AlignLeft if is_text else Qt.AlignmentFlag.AlignRight
            cells = [cells[place] for cells in table.rows]
            words = [str(cell) if is_text else _format_cell(cell, column.kind) for cell in cells]
            for row, text in enumerate([column.title, *words]):
                item = QTableWidgetItem(text)
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                if row:
                    shown.setItem(row - 1, place, item)
                else:
                    shown.setHorizontalHeaderItem(place, item)
        shown.setFixedHeight(
            shown.horizontalHeader().sizeHint().height() + len(table.rows) * shown.rowHeight(0) + 4
        )
        shown.cellActivated.connect(lambda row, _column: self._open_named(str(table.rows[row][0])))
        shown.cellClicked.connect(lambda row, _column: self._open_named(str(table.rows[row][0])))
        return shown

    def _open_named(self, name: str) -> None:
        row = self.choice.findText(name)
        if row >= 0:
            self.zone_chosen.emit(str(self.choice.itemData(row)))


def _format_cell(cell: object, kind: CellKind) -> str:
    value = float(cell) if isinstance(cell, int | float) else None
    return format_share(value) if kind is CellKind.SHARE else format_number(value)


_TILES_PER_ROW = 4


def _make_tiles(block: KeyFigures) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "card")
    grid = QGridLayout(frame)
    grid.setHorizontalSpacing(current_theme().space_l)
    for number, figure in enumerate(block.figures):
        name = make_label("small", wraps=True, text=figure.name)
        value = make_label("title", text=figure.shown)
        interval = make_label("muted", text=figure.interval)
        row, column = divmod(number, _TILES_PER_ROW)
        for line, label in enumerate((name, value, interval)):
            label.setToolTip(figure.definition)
            grid.addWidget(label, 3 * row + line, column)
        grid.setColumnStretch(column, 1)
    return frame


def _make_bars(block: BarChart) -> QLabel:
    numbers = [
        f"{name} {format_number(float(value), decimals=0 if value >= 10 else 2)} {block.unit}".rstrip()
        for name, value in zip(block.categories, block.values, strict=True)
    ]
    return make_label(
        "", wraps=True, text=tr("{name}: {value}", name=block.title, value=tr(", ").join(numbers))
    )

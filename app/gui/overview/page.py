"""The overview: five sentences, the stands by rank, a small map, and what needs somebody."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas, PlanLayer
from app.gui.canvas.heatmap_layer import HeatLegend
from app.gui.charts.occupancy_chart import OccupancyChart
from app.gui.overview.model import OverviewState, OverviewViewModel
from app.gui.overview.text import (
    RATE_COLUMN,
    TREND_COLUMN,
    AttentionRow,
    RankedStandTable,
    TrendCells,
    describe_entries,
)
from app.gui.session.cell_text import format_number, format_period
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.session.units import current_units
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.figure_list import LiveStrip
from app.gui.widgets.layouts import fill, make_button, make_label, make_open_card, name_button
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.titled_card import TitledCard
from app.gui.widgets.work_row import JobRow
from app.overview.overview_figures import OverviewFigures, RankedStand

_LEFT, _RIGHT = 5, 3
_TALL_PX = 900
"""Height from which there is room for the people over time below the stands."""
_MIN_MAP_PX = 160
_S_PER_H, _DAYS_PER_WEEK = 3600.0, 7


class AttentionList(QWidget):
    """List of what needs somebody, each with a button that opens its page."""

    link_opened = Signal(object)
    """A `ViewLink`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = fill(QVBoxLayout(self), margins=0, spacing=current_theme().space_s)
        self._shown: object = ()

    def show_rows(self, rows: tuple[AttentionRow, ...] | None, *, when_empty: str) -> None:
        """Show rows; ``when_empty`` if there are none."""
        if self._shown == (rows, when_empty):
            return
        self._shown = (rows, when_empty)
        parts = [self._make_row(row) for row in rows or ()]
        _replace_parts(self._column, parts or [make_label("muted", wraps=True, parent=self, text=when_empty)])
        self._column.addStretch(1)

    def _make_row(self, row: AttentionRow) -> QWidget:
        holder = QWidget(self)
        label = make_label(row.tone, wraps=True, parent=holder, text=row.text)
        row_layout = fill(QHBoxLayout(holder), (label, 1), margins=0)
        if row.link is None:
            return holder
        button = make_button(tr("Open"), holder)
        # several rows have the same button
        button.setAccessibleName(tr("Open: {what}", what=row.text))
        button.clicked.connect(partial(self.link_opened.emit, row.link))
        fill(row_layout, (button, 0, Qt.AlignmentFlag.AlignTop))
        return holder


class OverviewView(FiguresPage):
    """The overview page; renders an `OverviewState`."""

    link_opened = Signal(object)
    """A `ViewLink`."""

    def __init__(self, viewmodel: OverviewViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("stands.csv"), parent=parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._shown: OverviewFigures | None = None
        self.live, self.figures = LiveStrip(self), LiveStrip(self)
        self.sentences = QWidget()
        self._sentences = fill(QVBoxLayout(self.sentences), margins=0, spacing=current_theme().space_xs)
        self._shown_sentences: tuple[str, ...] = ()
        self.stand_table = RankedStandTable(self)
        self.stands = RecordList(self.stand_table, table_name="", parent=self)
        self.stands.table.setItemDelegateForColumn(TREND_COLUMN, TrendCells(self))
        self.stands.table.sortByColumn(RATE_COLUMN, Qt.SortOrder.DescendingOrder)
        self.quality = AttentionList(self)
        self.map, self.legend = FloorPlanCanvas(self, is_small=True), HeatLegend(self)
        for layer in PlanLayer:
            self.map.show_layer(layer, layer in (PlanLayer.HEAT, PlanLayer.UNOBSERVED, PlanLayer.ZONES))
        self.attention = AttentionList(self)
        self.failure, self.work = FailureNote(self), JobRow(self, keeps_place=False)
        self._told, self._ranked = TitledCard(self.sentences), TitledCard(self.stands)
        self.compared, self.compare = QComboBox(self), QPushButton(self)
        for days_back in (None, _DAYS_PER_WEEK):
            self.compared.addItem("", days_back)
        self._ranked.add_tool(self.compared)
        self._ranked.add_tool(self.compare)
        self._needs = TitledCard(self.attention)
        self.people = OccupancyChart(self)
        self._over_time = TitledCard(self.people)
        self._empty, self._pages = EmptyPage("overview", self), QStackedWidget(self)
        self._build()
        viewmodel.state_changed.connect(self._render)
        for listed in (self.attention, self.quality):
            listed.link_opened.connect(self.link_opened)
        self.compared.activated.connect(lambda: viewmodel.set_days_back(self.compared.currentData()))
        self.compare.clicked.connect(self._on_compare_clicked)
        self.map.zone_clicked.connect(self._on_zone_clicked)
        self.map.view_moved.connect(self._fit_map)
        self.stands.record_chosen.connect(self._on_stand_chosen)
        self.stands.export_requested.connect(self._write_table)
        self.retranslate()

    def retranslate(self) -> None:
        self._ranked.show_texts(tr("Stands"))
        self._needs.show_texts(tr("What needs attention"))
        names = (tr("Compare with: period before"), tr("Compare with: a week before"))
        for row, name in enumerate(names):
            self.compared.setItemText(row, name)
        self.compared.setAccessibleName(tr("Compare with"))
        name_button(self.compare, tr("Details"), tr("Both periods on Compare, with the statistics"))
        self._over_time.show_texts(tr("People over time"))
        self.stands.set_table_name(tr("Stands by visitors who stop per hour"))
        self.map.setAccessibleName(tr("Presence on the floor plan"))
        self.map.setAccessibleDescription(tr("Click a zone to see it on the floor plan"))
        self._shown = None
        self._viewmodel.refresh()

    def _build(self) -> None:
        theme = current_theme()
        map_card, column = make_open_card(theme.space_m, spacing=theme.space_s)
        fill(column, self.map, self.legend)
        left = fill(QVBoxLayout(), self._told, (self._ranked, 3), (self._over_time, 2), spacing=theme.space_m)
        right = fill(QVBoxLayout(), map_card, (self._needs, 1), spacing=theme.space_m)
        content, scrolled = QWidget(), QWidget()
        fill(QHBoxLayout(content), (left, _LEFT), (right, _RIGHT), margins=0, spacing=theme.space_m)
        scroll_content(scrolled, content)
        self._pages.addWidget(scrolled)
        self._pages.addWidget(self._empty)
        self._empty.add_button(self._viewmodel.show_last_observed_day, is_primary=True)
        outer = self._make_column()
        fill(
            outer,
            self.live,
            self.failure,
            self.quality,
            self.figures,
            (self._pages, 1),
            self.work,
            spacing=theme.space_s,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._over_time.setVisible(self.height() >= _TALL_PX)
        self._fit_map()

    def _fit_map(self) -> None:
        """Make the map as high as its floor, half of the page at most."""
        room_px = max(_MIN_MAP_PX, self.height() // 2)
        self.map.setFixedHeight(min(self.map.find_height(self.map.width()), room_px))

    def _render(self) -> None:
        state = self._viewmodel.state
        figures = state.figures
        is_computing = state.phase is PeriodPhase.COMPUTING
        self.work.show_job(
            tr("Computing the overview") if is_computing else "",
            done=state.progress,
            total=1.0 if state.progress else 0.0,
            can_stop=False,
        )
        fault = None if state.fault is None else state.fault.render(tr)
        self.failure.show_failure(
            "" if fault is None else fault.problem, "" if fault is None else fault.remedy, ""
        )
        self.live.show_figures(state.live)
        self.figures.show_figures(() if figures is None else describe_entries(figures))
        self._render_empty_state(state)
        title = "" if state.period is None else format_period(*state.period, time_zone=state.time_zone)
        self._told.show_texts(title)
        self._show_sentences(state.sentences)
        self.quality.setVisible(state.quality is not None)
        if state.quality is not None:
            self.quality.show_rows((state.quality,), when_empty="")
        self.attention.show_rows(
            state.attention,
            when_empty=tr("Searching for findings") if state.attention is None else tr("Nothing."),
        )
        self.compared.setCurrentIndex(self.compared.findData(state.days_back))
        self.compare.setEnabled(figures is not None and figures.before_s is not None)
        if figures is not self._shown:
            self._shown = figures
            self.stand_table.quality = None if figures is None else figures.quality
            self.stand_table.show(() if figures is None else figures.stands)
            self.people.show_series(() if figures is None else (figures.people,), time_zone=state.time_zone)
            self._show_map(figures)

    def _render_empty_state(self, state: OverviewState) -> None:
        has_history = state.history is not None
        match state.phase:
            case PeriodPhase.NOTHING_OBSERVED:
                self._empty.show_texts(
                    tr("No data for this period"),
                    tr("Choose a period with observations.")
                    if has_history
                    else tr("Start recording, or import a recording."),
                    tr("Show the last observed day") if has_history else "",
                )
                self._pages.setCurrentIndex(1)
            case PeriodPhase.FAILED:
                self._empty.show_texts(tr("The figures could not be computed"), "", "")
                self._pages.setCurrentIndex(1)
            case _:
                self._pages.setCurrentIndex(0)

    def _show_sentences(self, sentences: tuple[str, ...]) -> None:
        if sentences == self._shown_sentences:
            return
        self._shown_sentences = sentences
        labels = [make_label("", wraps=True, parent=self.sentences, text=sentence) for sentence in sentences]
        _replace_parts(self._sentences, labels)

    def _show_map(self, figures: OverviewFigures | None) -> None:
        self.map.show_scene(None if figures is None else figures.scene)
        floor = None if figures is None else figures.floor
        if floor is None or not floor.observed_s:
            self.map.show_heat(None, QRectF(), top=0.0)
            self.map.show_unobserved(())
            self.legend.hide()
            return
        units = current_units()
        factor = units.per_m2 * _S_PER_H / floor.observed_s
        self.map.show_heat(floor.shown * factor, QRectF(*floor.rect), top=floor.top * factor)
        self.map.show_unobserved(floor.unobserved)
        self.legend.set_scale(
            unit=tr("person-seconds per {area} and hour", area=units.area_symbol),
            labels=("0", "", f"≥ {format_number(floor.top * factor)}"),
        )
        self.legend.show()

    def _on_zone_clicked(self, name: str | None) -> None:
        self.link_opened.emit(ViewLink(LinkTarget.FLOOR_PLAN, zone=name))

    def _on_compare_clicked(self) -> None:
        figures = self._viewmodel.state.figures
        if figures is not None and figures.before_s is not None:
            link = ViewLink(LinkTarget.COMPARE, period_s=figures.period_s, other_period_s=figures.before_s)
            self.link_opened.emit(link)

    def _on_stand_chosen(self, stand: RankedStand) -> None:
        self.link_opened.emit(ViewLink(LinkTarget.EXHIBITION, LinkPart.STAND, zone=stand.row.zone))


def _replace_parts(column: QVBoxLayout, parts: Sequence[QWidget]) -> None:
    """Replace everything in a column; the parts are visible at once."""
    while (item := column.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
    for part in parts:
        column.addWidget(part)
        part.show()

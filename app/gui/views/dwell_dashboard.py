"""The dwell page: how long visitors stay, where, and when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.error_reporting import ErrorReport
from app.gui.table_models.zone_table import ZoneTable
from app.gui.theme import current_theme
from app.gui.translation import display_name, tr, trn
from app.gui.viewmodels.dwell_dashboard import DwellDashboardViewModel, Phase
from app.gui.viewmodels.dwell_tiles import (
    describe_disagreement,
    describe_emptiness,
    describe_notes,
    describe_period,
    describe_pooled_zones,
    describe_tiles,
)
from app.gui.views.visit_panel import VisitPanel
from app.gui.widgets.chart_legend import ChartLegend, LegendEntry, SwatchKind
from app.gui.widgets.dwell_chart import DwellChart
from app.gui.widgets.key_figure_tile import KeyFigureTile
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.occupancy_chart import OccupancyChart, is_dashed, zone_colour
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.zone_interval_chart import ZoneIntervalChart
from app.operations.dwell_figures import DwellView, VisitRecord, ZoneFigures

_TILES = 5
_SCROLL_BAR_PX = 24
_MOST_ZONES_UNSCROLLED = 20


class DwellDashboardView(QWidget):
    """Shows a `DwellState`; every choice goes to the view-model."""

    def __init__(self, viewmodel: DwellDashboardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._shown_view: DwellView | None = None
        self._shown_fault: ErrorReport | None = None
        self.banner = NotificationBanner(self)
        self._period = QLabel(self)
        self._period.setProperty("role", "title")
        self.zone_choice = QComboBox(self)
        self.zone_choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.zone_choice.setMinimumContentsLength(14)
        self.zone_choice.activated.connect(self._on_zone_activated)
        self._progress = QProgressBar(self)
        self._progress.setRange(0, 0)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(140)
        self._again = QPushButton(self)
        self._again.clicked.connect(viewmodel.compute)
        self.tiles = tuple(KeyFigureTile(self) for _ in range(_TILES))
        self.disagreement = QLabel(self)
        self.disagreement.setProperty("role", "warning")
        self.disagreement.setWordWrap(True)
        self._notes = QLabel(self)
        self._notes.setProperty("role", "small")
        self._notes.setWordWrap(True)
        self._notes.setTextFormat(Qt.TextFormat.PlainText)
        self.histogram = DwellChart(self)
        self.histogram.bar_chosen.connect(self._on_bar_chosen)
        self.boxes = ZoneIntervalChart(self)
        self.occupancy = OccupancyChart(self)
        self._histogram_legend, self._boxes_legend = ChartLegend(self), ChartLegend(self)
        self._occupancy_legend = ChartLegend(self)
        self.zone_model = ZoneTable(self)
        self.zone_list = RecordList(self.zone_model, table_name="", parent=self)
        self.zone_list.record_chosen.connect(self._on_zone_row_chosen)
        self.visit_panel = VisitPanel(self)
        self.visit_panel.closed.connect(self.histogram.clear_choice)
        for shown in (self.zone_list, self.visit_panel.list):
            shown.export_requested.connect(self._on_export_requested)
        self._titles = {name: QLabel(self) for name in ("histogram", "boxes", "occupancy", "zones")}
        for label in self._titles.values():
            label.setProperty("role", "title")
        self.empty_text = QLabel(self)
        self.empty_text.setProperty("role", "muted")
        self.empty_text.setWordWrap(True)
        self.empty_text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.last_day = QPushButton(self)
        self.last_day.setProperty("role", "primary")
        self.last_day.clicked.connect(viewmodel.show_last_observed_day)
        self._arrange()
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.exported.connect(self._on_exported)
        viewmodel.export_failed.connect(self._show_fault)
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._titles["histogram"].setText(tr("Distribution of dwell times"))
        self._titles["boxes"].setText(tr("Dwell times by zone"))
        self._titles["occupancy"].setText(tr("People over time"))
        self._titles["zones"].setText(tr("Zones"))
        self.zone_choice.setAccessibleName(tr("Zone"))
        self.zone_list.set_table_name(tr("Zones"))
        self._progress.setAccessibleName(tr("Computing dwell times"))
        self._again.setText(tr("Compute again"))
        self._again.setAccessibleName(tr("Compute again"))
        self.last_day.setText(tr("Show the last observed day"))
        self.last_day.setAccessibleName(tr("Show the last observed day"))
        self._show_state()
        self._show_legends()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language and the theme."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
            if self.visit_panel.isVisible():
                self._make_room_for_visits(is_new=False)
        elif event.type() is QEvent.Type.PaletteChange and hasattr(self, "empty_text"):
            self._show_legends()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Compute what is looked at."""
        super().showEvent(event)
        self._viewmodel.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Compute nothing for nobody."""
        super().hideEvent(event)
        self._viewmodel.set_watched(False)

    def _arrange(self) -> None:
        theme = current_theme()
        head = QHBoxLayout()
        head.addWidget(self._period)
        head.addStretch(1)
        for widget in (self._progress, self._again, self.zone_choice):
            head.addWidget(widget)
        tiles = QHBoxLayout()
        tiles.setSpacing(theme.space_m)
        for tile in self.tiles:
            tiles.addWidget(tile, 1)
        grid = QGridLayout()
        grid.setSpacing(theme.space_m)
        grid.addWidget(self._make_card("histogram", self.histogram, self._histogram_legend), 0, 0)
        grid.addWidget(self._make_card("boxes", self.boxes, self._boxes_legend), 0, 1)
        grid.addWidget(self._make_card("occupancy", self.occupancy, self._occupancy_legend), 1, 0, 1, 2)
        grid.addWidget(self._make_card("zones", self.zone_list, None), 2, 0, 1, 2)
        for side in range(2):
            grid.setColumnStretch(side, 1)
        for row, weight in enumerate((4, 3, 0)):
            grid.setRowStretch(row, weight)
        self._content = content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, theme.space_s, 0)
        column.setSpacing(theme.space_m)
        column.addLayout(tiles)
        column.addWidget(self.disagreement)
        column.addWidget(self._notes)
        column.addLayout(grid, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        content.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.addWidget(scroll)
        self._splitter.addWidget(self.visit_panel)
        self._splitter.setCollapsible(0, False)
        self._splitter.setCollapsible(1, False)
        self._splitter.setStretchFactor(0, 5)
        self._splitter.setStretchFactor(1, 3)
        self._splitter.setHandleWidth(theme.space_m)
        empty = QWidget()
        middle = QVBoxLayout(empty)
        middle.addStretch(1)
        middle.addWidget(self.empty_text)
        middle.addWidget(self.last_day, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(2)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._splitter)
        self._pages.addWidget(empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        layout.setSpacing(theme.space_m)
        layout.addWidget(self.banner)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)

    def _make_card(self, title: str, content: QWidget, legend: ChartLegend | None) -> QFrame:
        theme = current_theme()
        card = QFrame(self)
        card.setProperty("role", "card")
        layout = QVBoxLayout(card)
        layout.setContentsMargins(theme.space_m, theme.space_m, theme.space_m, theme.space_m)
        layout.setSpacing(theme.space_s)
        layout.addWidget(self._titles[title])
        if legend is not None:
            layout.addWidget(legend)
        layout.addWidget(content, 1)
        return card

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._period.setText(describe_period(state))
        self._progress.setVisible(state.phase is Phase.COMPUTING)
        self._again.setVisible(state.phase is Phase.FAILED)
        self._show_zone_choice()
        for tile, text in zip(self.tiles, describe_tiles(state), strict=True):
            tile.show_figure(
                title=text.title, value=text.value, detail=text.detail,
                change=text.change, tone=text.tone, explanation=text.explanation,
            )  # fmt: skip
        emptiness = describe_emptiness(state)
        self.empty_text.setText(emptiness)
        self.last_day.setVisible(state.phase is Phase.NOTHING_OBSERVED and state.history is not None)
        self._pages.setCurrentIndex(1 if emptiness else 0)
        disagreement = describe_disagreement(state)
        self.disagreement.setText(disagreement)
        self.disagreement.setVisible(bool(disagreement))
        self._notes.setText("  ".join(describe_notes(state)))
        self._notes.setToolTip(describe_pooled_zones(state))
        if state.fault is not self._shown_fault:
            self._show_computing_fault(state.fault)
        if state.view is not self._shown_view:
            self._show_view(state.view)

    def _show_computing_fault(self, fault: ErrorReport | None) -> None:
        if fault is not None:
            self._show_fault(fault)
        elif (
            self._shown_fault is not None and self.banner.problem == self._shown_fault.tell_again(tr).problem
        ):
            self.banner.hide()
        self._shown_fault = fault

    def _show_view(self, view: DwellView | None) -> None:
        before, self._shown_view = self._shown_view, view
        if view is None or before is None or (view.zone, view.period[0]) != (before.zone, before.period[0]):
            self.visit_panel.close_panel()
        self.histogram.show_bars(
            () if view is None else view.histogram,
            median_s=None if view is None else view.figures.median_dwell_s,
        )
        zones = () if view is None else view.zones
        self.boxes.show_zones(zones)
        self.zone_model.show(zones)
        self.zone_list.show_all_rows(_MOST_ZONES_UNSCROLLED)
        self.occupancy.show_series(
            () if view is None else view.occupancy, time_zone=self._viewmodel.state.time_zone
        )
        self._show_legends()

    def _show_zone_choice(self) -> None:
        state = self._viewmodel.state
        names: list[str | None] = [None, *state.zone_names]
        if state.zone not in names:
            names.append(state.zone)
        self.zone_choice.clear()
        for name in names:
            self.zone_choice.addItem(tr("All zones") if name is None else display_name(name), name)
        self.zone_choice.setCurrentIndex(names.index(state.zone))

    def _show_legends(self) -> None:
        theme = current_theme()
        self._histogram_legend.show_entries(
            (
                LegendEntry(tr("complete visits"), theme.accent),
                LegendEntry(tr("cut: start or end not seen"), theme.accent, SwatchKind.HATCHED),
                LegendEntry(tr("median"), theme.warning, SwatchKind.DASHED),
            )
        )
        self._boxes_legend.show_entries(
            (
                LegendEntry(tr("middle half, with the median"), theme.text_muted),
                LegendEntry(tr("10 to 90 %"), theme.text_muted, SwatchKind.LINE),
                LegendEntry(tr("mean with its 95 % interval"), theme.text, SwatchKind.DIAMOND),
            )
        )
        entries = [
            LegendEntry(
                tr("all cameras") if series.zone is None else display_name(series.zone),
                zone_colour(series, theme),
                SwatchKind.DASHED if is_dashed(series, theme) else SwatchKind.LINE,
            )
            for series in self.occupancy.series
        ]
        entries.append(LegendEntry(tr("not observed"), theme.text_muted, SwatchKind.HATCHED))
        self._occupancy_legend.show_entries(entries)

    def _on_zone_activated(self, index: int) -> None:
        self._viewmodel.select_zone(self.zone_choice.itemData(index))

    def _on_bar_chosen(self, number: int) -> None:
        bar = self.histogram.bars[number]
        visits = self._viewmodel.visits_of_bar(bar)
        self._list_visits(visits, what=lambda: self.histogram.describe_range(bar))

    def _on_zone_row_chosen(self, zone: ZoneFigures) -> None:
        self.histogram.clear_choice()
        self._list_visits(self._viewmodel.visits_of_zone(zone.name), what=lambda: display_name(zone.name))

    def _list_visits(self, visits: tuple[VisitRecord, ...], *, what: Callable[[], str]) -> None:
        was_hidden = self.visit_panel.isHidden()
        self.visit_panel.show_visits(
            visits,
            describe=lambda: trn("{n} visit: {what}", "{n} visits: {what}", len(visits), what=what()),
            time_zone=self._viewmodel.state.time_zone,
        )
        self._make_room_for_visits(is_new=was_hidden)

    def _make_room_for_visits(self, *, is_new: bool) -> None:
        """Make their panel as wide as its list asks for, as far as the key figures beside it allow."""
        width = self._splitter.width()
        least = self._content.minimumSizeHint().width() + _SCROLL_BAR_PX
        panel = round(min(max(0.4 * width, self.visit_panel.measure_width()), width - least))
        if is_new or panel > self.visit_panel.width():
            self._splitter.setSizes([width - panel, panel])
        self.visit_panel.fit_into(max(panel, 0 if is_new else self.visit_panel.width()))

    def _on_export_requested(self, titles: list[str], rows: list[list[str]]) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, tr("Export the table"), tr("dwell.csv"), tr("CSV table (*.csv)")
        )
        if path:
            chosen = Path(path)
            self._viewmodel.export_table(
                chosen if chosen.suffix else chosen.with_suffix(".csv"), titles, rows
            )

    def _on_exported(self, path: str) -> None:
        self.banner.show_message(lambda: tr("The table was written to {path}.", path=path), tone="good")

    def _show_fault(self, fault: ErrorReport) -> None:
        self.banner.show_message(lambda: fault.tell_again(tr).problem, lambda: fault.tell_again(tr).remedy)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for two charts side by side."""
        return QSize(1100, 700)

"""The flows page: movements of visitors between zones."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QGuiApplication,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from analytics.flows.places import OUTSIDE
from app.access.roles import Permission
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.flows.flow_figures import (
    FIRST_STOP_COLUMNS,
    FUNNEL_COLUMNS,
    MIN_COUNT,
    ORIGIN_COLUMNS,
    FlowFigures,
)
from app.gui.charts.funnel_chart import FunnelBar, FunnelChart
from app.gui.flows.flow_tables import FlowMatrix, make_route_table
from app.gui.flows.flows_map import FlowMapPanel
from app.gui.flows.flows_passages import FlowPassagesPanel
from app.gui.flows.model import FlowMap, FlowsState, FlowsViewModel
from app.gui.flows.text import (
    define_key_figures,
    describe_empty_state,
    describe_funnel_step,
    describe_key_figures,
    describe_matrix,
    describe_notes,
    describe_origins,
    describe_period,
    describe_undecided,
)
from app.gui.session.experts_view import is_experts_view
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.tables.figure_table import FigureTable
from app.gui.tables.figures_page import FiguresPage
from app.gui.tables.record_list import RecordList
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.export_menu import PERIOD
from app.gui.widgets.figure_list import InfoButton
from app.gui.widgets.layouts import fill, make_label, make_splitter, name_button
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.side_panels import SidePanels
from app.gui.widgets.titled_card import TitledCard
from app.gui.widgets.work_row import JobRow

_MIN_TABLE_PX = 150
"""Room for the tools and a few rows; a smaller window scrolls."""


class FlowFunnelPanel(Translated, QWidget):
    """Panel with the path at the left and the funnel at the right."""

    export_requested = Signal(object, object)
    """Export request with titles and rows as plain values."""

    def __init__(self, viewmodel: FlowsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._state = FlowsState()
        self.steps = QListWidget(self)
        self.steps.setTabKeyNavigation(False)
        self.steps.currentRowChanged.connect(self._enable)
        self.zone_choice = QComboBox(self)
        self.add, self.remove = QPushButton(self), QPushButton(self)
        self.earlier, self.later = QPushButton(self), QPushButton(self)
        self.add.clicked.connect(lambda _is_checked: viewmodel.add_step(self.zone_choice.currentData()))
        self.remove.clicked.connect(lambda _is_checked: viewmodel.remove_step(self.steps.currentRow()))
        self.earlier.clicked.connect(lambda _is_checked: self._move(-1))
        self.later.clicked.connect(lambda _is_checked: self._move(1))
        self.chart = FunnelChart(self)
        self._warning = make_label("warning", wraps=True, parent=self)
        self._model = FigureTable(FUNNEL_COLUMNS, self)
        self.table = RecordList(self._model, table_name="", parent=self)
        self.table.export_requested.connect(self.export_requested)
        self._arrange()
        self.retranslate()

    def show_state(self, state: FlowsState) -> None:
        before, self._state = self._state, state
        zones = () if state.figures is None else state.figures.zones
        if zones != (() if before.figures is None else before.figures.zones):
            self._list_zones()
        if state.path != before.path:
            self._list_steps()
        if (state.funnel, state.path) != (before.funnel, before.path):
            self._show_funnel()
        self._enable()

    def retranslate(self) -> None:
        self._path_card.show_texts(
            tr("Path"),
            tr("Visitors count at a step if they reached it after all earlier steps, through any zones."),
        )
        self._result_card.show_texts(
            tr("Funnel"),
            tr(
                "Shares are relative to the first step: bars show visitors seen at a step, hatching "
                "shows those lost before. 'Share of decided' excludes lost visitors and is too high "
                "if many are lost."
            ),
        )
        self.steps.setAccessibleName(tr("Steps of the path"))
        self.zone_choice.setAccessibleName(tr("Zone to add"))
        self.chart.setAccessibleName(tr("Funnel"))
        self.table.set_table_name(tr("Funnel"))
        for button, text, name in (
            (self.add, tr("Add"), tr("Add the zone to the path")),
            (self.remove, tr("Remove"), tr("Remove the step")),
            (self.earlier, "▲", tr("Move the step up")),
            (self.later, "▼", tr("Move the step down")),
        ):
            button.setText(text)
            button.setAccessibleName(name)
            button.setToolTip(name)
        self._list_zones()
        self._list_steps()
        self._show_funnel()

    def _arrange(self) -> None:
        path = QWidget(self)
        tools = fill(QHBoxLayout(), self.remove, self.earlier, self.later)
        adding = fill(QHBoxLayout(), (self.zone_choice, 1), self.add)
        fill(QVBoxLayout(path), adding, (self.steps, 1), tools, margins=0)
        result, scrolled = QWidget(self), QWidget()
        scroll_content(result, scrolled)
        fill(
            QVBoxLayout(scrolled),
            self._warning,
            self.chart,
            (self.table, 1),
            spacing=current_theme().space_m,
            margins=0,
        )
        self.table.setMinimumHeight(_MIN_TABLE_PX)
        self._path_card, self._result_card = TitledCard(path), TitledCard(result)
        splitter = make_splitter(
            Qt.Orientation.Horizontal,
            (self._path_card, 1),
            (self._result_card, 3),
            parent=self,
            handle_px=current_theme().space_m,
        )
        fill(QVBoxLayout(self), splitter, margins=0)

    def _list_zones(self) -> None:
        figures, chosen = self._state.figures, self.zone_choice.currentData()
        self.zone_choice.clear()
        for name in () if figures is None else figures.zones:
            self.zone_choice.addItem(display_name(name), name)
        self.zone_choice.setCurrentIndex(max(0, self.zone_choice.findData(chosen)))

    def _list_steps(self) -> None:
        row = self.steps.currentRow()
        self.steps.clear()
        self.steps.addItems([f"{n}  {display_name(name)}" for n, name in enumerate(self._state.path, 1)])
        self.steps.setCurrentRow(min(max(row, 0), len(self._state.path) - 1))

    def _show_funnel(self) -> None:
        funnel, figures = self._state.funnel, self._state.figures
        colours = {} if figures is None else figures.colours
        self.chart.show_bars(
            [
                FunnelBar(
                    step.zone,
                    display_name(step.zone),
                    step.share_of_start or 0.0,
                    step.maybe_of_start or 0.0,
                    figure,
                    tr("{name}: {value}", name=display_name(step.zone), value=figure),
                    colour=colours.get(step.zone, 0),
                )
                for number, step in enumerate(funnel)
                for figure in (describe_funnel_step(step, is_first=number == 0),)
            ]
        )
        self._model.show(funnel)
        warning = describe_undecided(funnel)
        self._warning.setText(warning)
        self._warning.setVisible(bool(warning))

    def _move(self, by: int) -> None:
        row = self.steps.currentRow()
        self._viewmodel.move_step(row, by)
        self.steps.setCurrentRow(min(max(row + by, 0), self.steps.count() - 1))

    def _enable(self) -> None:
        row, count = self.steps.currentRow(), self.steps.count()
        self.remove.setEnabled(row >= 0)
        self.earlier.setEnabled(row > 0)
        self.later.setEnabled(0 <= row < count - 1)
        self.add.setEnabled(self.zone_choice.count() > 0)


_MIN_CELL_PX = 58
_MAX_CELL_PX = 120
_MAX_NAME_PX = 130


class FlowMatrixPanel(Translated, QWidget):
    """Panel of the matrix, with a description of the current cell; copying takes the whole matrix."""

    export_requested = Signal(object, object)
    """Export request with titles and rows as plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self.model = FlowMatrix(self)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.setCornerButtonEnabled(False)
        self.table.setWordWrap(True)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        for names in (header, self.table.verticalHeader()):
            names.setProperty("role", "narrow")
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._explanation, self._cell = QLabel(self), QLabel(self)
        for label in (self._explanation, self._cell):
            label.setProperty("role", "small")
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._copy, self._export = QPushButton(self), QPushButton(self)
        self._copy.clicked.connect(self.copy)
        require_permission(self._export, Permission.EXPORT_REPORTS)
        self._export.clicked.connect(lambda: self.export_requested.emit(*self.model.list_export()))
        self.table.selectionModel().currentChanged.connect(self._on_cell_reached)
        shortcut = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)
        tools = fill(
            QHBoxLayout(),
            (self._explanation, 1),
            (self._copy, 0, Qt.AlignmentFlag.AlignTop),
            (self._export, 0, Qt.AlignmentFlag.AlignTop),
        )
        fill(QVBoxLayout(self), tools, (self.table, 1), self._cell, margins=0)
        self.retranslate()

    def show_figures(self, figures: FlowFigures | None) -> None:
        """Show the moves between all places."""
        self._figures = figures
        if figures is None:
            self.model.show((), (), ())
        else:
            self.model.show((*figures.zones, OUTSIDE), figures.transitions, figures.few_from)
        self._cell.setText("")
        self._describe_content()
        self._fit()

    def copy(self) -> None:
        from app.core.table_file import format_tsv

        titles, rows = self.model.list_rows()
        QGuiApplication.clipboard().setText(format_tsv(titles=titles, rows=rows))
        self._cell.setText(tr("Matrix copied."))

    def retranslate(self) -> None:
        self.table.setAccessibleName(tr("Moves from zone to zone"))
        self._copy.setText(tr("Copy"))
        self._copy.setAccessibleName(tr("Copy the matrix"))
        self._export.setText(tr("Export CSV"))
        self._export.setAccessibleName(tr("Export the matrix as CSV"))
        self.model.retranslate()
        self._on_cell_reached(self.table.currentIndex())
        self._describe_content()
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(900, 420)

    def _describe_content(self) -> None:
        self._explanation.setText("" if self._figures is None else describe_matrix(self._figures))

    def _on_cell_reached(self, index: QModelIndex, _former: QModelIndex | None = None) -> None:
        self._cell.setText(self.model.describe(index.row(), index.column()) if index.isValid() else "")

    def _fit(self) -> None:
        columns = self.model.columnCount()
        if not columns:
            return
        font = QFont(self.font())
        font.setPointSizeF(current_theme().font_small_pt)
        rows = self.table.verticalHeader()
        for part in (self.table, rows, self.table.horizontalHeader()):
            part.setFont(font)
        metrics = self.table.fontMetrics()
        rows.setFixedWidth(min(rows.sizeHint().width(), _MAX_NAME_PX) + current_theme().space_s)
        scroll_px = self.table.verticalScrollBar().sizeHint().width()
        room = self.width() - rows.width() - scroll_px - 2 * self.table.frameWidth() - 2
        titles = (str(self.model.headerData(number, Qt.Orientation.Horizontal)) for number in range(columns))
        # a title is wrapped between its words only
        word_px = max(metrics.horizontalAdvance(word) for title in titles for word in title.split())
        wide = max(_MIN_CELL_PX, word_px + current_theme().space_s, min(_MAX_CELL_PX, room // columns))
        for column in range(columns):
            self.table.setColumnWidth(column, wide)
        high = 2 * metrics.lineSpacing() + 6
        for row in range(columns):
            self.table.setRowHeight(row, high)
        self.table.horizontalHeader().setFixedHeight(3 * metrics.lineSpacing() + 8)


_MIN_BOTH_PX = 480
"""Room for rows in both tables; a smaller window scrolls."""


class FlowRoutesPanel(Translated, QWidget):
    """Panel of routes, pairs of first and last zone, and first stops."""

    export_requested = Signal(object, object)
    """Export request with titles and rows as plain values."""
    plan_requested = Signal()
    """Request to show the common routes on the floor plan."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self._routes, self._origins = make_route_table(self), FigureTable(ORIGIN_COLUMNS, self)
        self._first_stops = FigureTable(FIRST_STOP_COLUMNS, self, zone="zone")
        self.routes = RecordList(self._routes, table_name="", parent=self)
        self.origins = RecordList(self._origins, table_name="", parent=self)
        self.first_stops = RecordList(self._first_stops, table_name="", parent=self)
        self._cards = tuple(TitledCard(table) for table in (self.routes, self.origins, self.first_stops))
        for table in (self.routes, self.origins, self.first_stops):
            table.export_requested.connect(self.export_requested)
        self.show_plan = QPushButton(self)
        self.show_plan.clicked.connect(lambda _is_checked: self.plan_requested.emit())
        self._cards[0].add_tool(self.show_plan)
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self._cards[1])
        right.addWidget(self._cards[2])
        across = QSplitter(Qt.Orientation.Horizontal, self)
        across.addWidget(self._cards[0])
        scrolled = QWidget()
        scroll_content(scrolled, right)
        right.setMinimumHeight(_MIN_BOTH_PX)
        across.addWidget(scrolled)
        for splitter in (right, across):
            splitter.setHandleWidth(current_theme().space_m)
            splitter.setChildrenCollapsible(False)
            for part in range(2):
                splitter.setStretchFactor(part, 1)
        fill(QVBoxLayout(self), across, margins=0)
        self.retranslate()

    def show_figures(self, figures: FlowFigures | None) -> None:
        self._figures = figures
        self._routes.show(() if figures is None else figures.routes)
        self._origins.show(() if figures is None else figures.origins)
        self._first_stops.show(() if figures is None else figures.first_stops)
        self.show_plan.setEnabled(figures is not None)
        self._describe_content()

    def retranslate(self) -> None:
        self.routes.set_table_name(tr("Common routes"))
        self.origins.set_table_name(tr("First and last zone"))
        self.first_stops.set_table_name(tr("First stops"))
        name_button(self.show_plan, tr("Show on the floor plan"))
        self._describe_content()

    def _describe_content(self) -> None:
        figures = self._figures
        self._cards[0].show_texts(
            tr("Common routes"),
            tr(
                "Successive zones visited by at least {n} visitors, as a share of all visitors to "
                "zones. Long routes are undercounted where tracks break.",
                n=MIN_COUNT,
            ),
        )
        self._cards[1].show_texts(
            tr("First and last zone"), "" if figures is None else describe_origins(figures)
        )
        self._cards[2].show_texts(
            tr("First stops"),
            tr("Zones where visitors whose entry was seen first stop for 3 s, as a share of those who stop."),
        )


class FlowsView(FiguresPage):
    """The flows page; renders a `FlowsState`."""

    link_opened = Signal(object)
    """``ViewLink`` to another page."""
    routes_requested = Signal()
    """Request to show the common routes on the floor plan."""

    def __init__(self, viewmodel: FlowsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(viewmodel, name_file=lambda: tr("flows.csv"), parent=parent)
        self._viewmodel = viewmodel
        self._filled: dict[QWidget, FlowFigures | FlowMap | None] = {}
        self._period, self._key_figures, self._notes = QLabel(self), QLabel(self), QLabel(self)
        self._period.setProperty("role", "title")
        self._period.setObjectName(PERIOD)
        self._key_figures.setProperty("role", "muted")
        self._info = InfoButton(self)
        self._notes.setProperty("role", "warning")
        self._notes.setWordWrap(True)
        for label in (self._key_figures, self._notes):
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.work = JobRow(self)
        self.work.stop_requested.connect(viewmodel.stop)
        self.map = FlowMapPanel(self)
        self.matrix = FlowMatrixPanel(self)
        self.routes, self.passages = FlowRoutesPanel(self), FlowPassagesPanel(self)
        self.funnel = FlowFunnelPanel(viewmodel, self)
        self.tabs = SidePanels(self)
        for panel, title in (
            (self.map, lambda: tr("Map")),
            (self.routes, lambda: tr("Routes")),
            (self.funnel, lambda: tr("Funnel")),
            (self.passages, lambda: tr("Zones and lines")),
            (self.matrix, lambda: tr("Matrix")),
        ):
            self.tabs.add_panel(panel, lambda title=title: (title(), title()))  # type: ignore[misc]
            panel.export_requested.connect(self._write_table)
        self.tabs.panel_shown.connect(lambda _panel: self._fill())
        self.routes.plan_requested.connect(self.routes_requested)
        self.empty = EmptyPage("flows", self)
        self._action = self.empty.add_button(self._on_action, is_primary=True)
        self._arrange()
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()

    def retranslate(self) -> None:
        self.tabs.name_buttons()
        self.tabs.show_button(self.matrix, is_experts_view())
        self._info.explain(tr("Definition of the figures"), define_key_figures())
        self._show_state()

    def show_link(self, link: ViewLink) -> None:
        if link.shown is LinkTarget.FLOWS and link.part is LinkPart.ROUTES:
            self.tabs.show_panel(self.routes)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(1000, 640)

    def _arrange(self) -> None:
        theme = current_theme()
        head = fill(QHBoxLayout(), self._period, 1, (self.work, 2))
        content = QWidget(self)
        fill(
            QVBoxLayout(content),
            fill(QHBoxLayout(), self._key_figures, self._info, 1),
            self._notes,
            (self.tabs, 1),
            spacing=theme.space_s,
            margins=0,
        )
        self._pages = QStackedWidget(self)
        self._pages.addWidget(content)
        self._pages.addWidget(self.empty)
        layout = self._make_column()
        layout.setSpacing(theme.space_s)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._period.setText(describe_period(state))
        is_computing = state.phase is PeriodPhase.COMPUTING
        done, total = state.progress
        self.work.show_job(
            tr("Computing flows") if is_computing else "", done=done, total=total, can_stop=True
        )
        emptiness = describe_empty_state(state)
        self._pages.setCurrentIndex(0 if emptiness is None else 1)
        if emptiness is not None:
            self.empty.show_texts(emptiness.title, emptiness.text, emptiness.action)
        figures = state.figures
        self._key_figures.setText("" if figures is None else describe_key_figures(figures))
        notes = "" if figures is None else describe_notes(figures, time_zone=state.time_zone)
        self._notes.setText(notes)
        self._notes.setVisible(bool(notes))
        self._fill()

    def _fill(self) -> None:
        """Show the figures in the visible tab only, as all of them would block the window."""
        state, panel = self._viewmodel.state, self.tabs.shown
        if isinstance(panel, FlowMapPanel):
            if self._filled.get(panel) is not state.map:
                self._filled[panel] = state.map
                panel.show_map(state.map)
        elif isinstance(panel, FlowMatrixPanel | FlowRoutesPanel):
            if self._filled.get(panel) is not state.figures:
                self._filled[panel] = state.figures
                panel.show_figures(state.figures)
        elif isinstance(panel, FlowFunnelPanel | FlowPassagesPanel):
            panel.show_state(state)

    def _on_action(self) -> None:
        state = self._viewmodel.state
        if not state.has_zones:
            self.link_opened.emit(ViewLink(LinkTarget.EDIT_PLAN))
        elif state.phase is PeriodPhase.NOTHING_OBSERVED:
            self._viewmodel.show_last_observed_day()
        else:
            self._viewmodel.compute()

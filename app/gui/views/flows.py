"""The page of flows: from where to where visitors go."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.flow_words import (
    describe_emptiness,
    describe_key_figures,
    describe_notes,
    describe_period,
    explain_key_figures,
)
from app.gui.viewmodels.flows import FlowsPhase, FlowsViewModel
from app.gui.views.flows_diagram import FlowDiagramPanel
from app.gui.views.flows_funnel import FlowFunnelPanel
from app.gui.views.flows_matrix import FlowMatrixPanel
from app.gui.views.flows_passages import FlowPassagesPanel
from app.gui.views.flows_routes import FlowRoutesPanel
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.side_panels import SidePanels
from app.gui.widgets.table_file_question import ask_for_table_file
from app.gui.widgets.work_row import WorkRow
from app.operations.flow_figures import FlowFigures
from app.operations.view_link import Shown, ViewLink


class FlowsView(QWidget):
    """Shows a `FlowsState`; every choice goes to the view-model."""

    link_opened = Signal(object)
    """A ``ViewLink`` to another page."""
    routes_asked = Signal()
    """The common routes are to be shown on the floor plan."""

    def __init__(self, viewmodel: FlowsViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._filled: dict[QWidget, FlowFigures | None] = {}
        self.banner = NotificationBanner(self)
        self._period, self._key_figures, self._notes = QLabel(self), QLabel(self), QLabel(self)
        self._period.setProperty("role", "title")
        self._key_figures.setProperty("role", "muted")
        self._notes.setProperty("role", "warning")
        for label in (self._key_figures, self._notes):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.work = WorkRow(self)
        self.work.stop_requested.connect(viewmodel.stop)
        self.matrix, self.diagram = FlowMatrixPanel(self), FlowDiagramPanel(self)
        self.routes, self.passages = FlowRoutesPanel(self), FlowPassagesPanel(self)
        self.funnel = FlowFunnelPanel(viewmodel, self)
        self.tabs = SidePanels(self, is_page_wide=True)
        for panel, title in (
            (self.matrix, lambda: tr("Matrix")),
            (self.diagram, lambda: tr("Diagram")),
            (self.routes, lambda: tr("Routes")),
            (self.funnel, lambda: tr("Funnel")),
            (self.passages, lambda: tr("Zones and lines")),
        ):
            self.tabs.add_panel(panel, lambda title=title: (title(), title()))  # type: ignore[misc]
            panel.export_requested.connect(self._on_export_requested)
        self.tabs.panel_shown.connect(lambda _panel: self._fill())
        self.routes.plan_asked.connect(self.routes_asked)
        self.empty = EmptyPage("flows", self)
        self._way_out = self.empty.add_button(self._on_way_out, is_primary=True)
        self._arrange()
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.exported.connect(self._on_exported)
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.tabs.name_buttons()
        self._key_figures.setToolTip(explain_key_figures())
        self._show_state()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Compute what is looked at."""
        super().showEvent(event)
        self._viewmodel.set_watched(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Compute nothing for nobody."""
        super().hideEvent(event)
        self._viewmodel.set_watched(False)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for a table beside a diagram."""
        return QSize(1000, 640)

    def _arrange(self) -> None:
        theme = current_theme()
        head = QHBoxLayout()
        head.addWidget(self._period)
        head.addStretch(1)
        head.addWidget(self.work, 2)
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space_s)
        column.addWidget(self._key_figures)
        column.addWidget(self._notes)
        column.addWidget(self.tabs, 1)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(content)
        self._pages.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        layout.setSpacing(theme.space_s)
        layout.addWidget(self.banner)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._period.setText(describe_period(state))
        is_computing = state.phase is FlowsPhase.COMPUTING
        done, total = state.progress
        self.work.show_work(
            tr("Computing flows") if is_computing else "", done=done, total=total, can_stop=True
        )
        emptiness = describe_emptiness(state)
        self._pages.setCurrentIndex(0 if emptiness is None else 1)
        if emptiness is not None:
            self.empty.show_texts(emptiness.title, emptiness.text, emptiness.way_out)
        figures = state.figures
        self._key_figures.setText("" if figures is None else describe_key_figures(figures))
        notes = "" if figures is None else describe_notes(figures, time_zone=state.time_zone)
        self._notes.setText(notes)
        self._notes.setVisible(bool(notes))
        self._fill()

    def _fill(self) -> None:
        """Show the figures in the part that is looked at: all five together keep the window waiting."""
        state, panel = self._viewmodel.state, self.tabs.shown
        if isinstance(panel, FlowMatrixPanel | FlowDiagramPanel | FlowRoutesPanel):
            if self._filled.get(panel) is not state.figures:
                self._filled[panel] = state.figures
                panel.show_figures(state.figures)
        elif isinstance(panel, FlowFunnelPanel | FlowPassagesPanel):
            panel.show_state(state)

    def _on_way_out(self) -> None:
        state = self._viewmodel.state
        if not state.has_zones:
            self.link_opened.emit(ViewLink(Shown.EDIT_PLAN))
        elif state.phase is FlowsPhase.NOTHING_OBSERVED:
            self._viewmodel.show_last_observed_day()
        else:
            self._viewmodel.compute()

    def _on_export_requested(self, titles: list[str], rows: list[list[str]]) -> None:
        path = ask_for_table_file(self, tr("flows.csv"))
        if path is not None:
            self._viewmodel.export_table(path, titles, rows)

    def _on_exported(self, path: str) -> None:
        self.banner.show_message(lambda: tr("The table was written to {path}.", path=path), tone="good")

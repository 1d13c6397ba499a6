"""Common routes, first and last zones of whole journeys, and where visitors stop first."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QPushButton, QSplitter, QVBoxLayout, QWidget

from app.gui.table_models.flow_tables import FirstStopTable, OriginTable, RouteTable
from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.flow_words import describe_origins
from app.gui.widgets.record_list import RecordList
from app.gui.widgets.scrolled_content import scroll_content
from app.gui.widgets.titled_card import TitledCard
from app.operations.flow_figures import LEAST_COUNT, FlowFigures

_LEAST_BOTH_PX = 480
"""Rows in both tables; a lower window scrolls."""


class FlowRoutesPanel(QWidget):
    """Three tables."""

    export_requested = Signal(object, object)
    """(titles, rows) as plain values."""
    plan_asked = Signal()
    """The common routes are to be shown on the floor plan."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: FlowFigures | None = None
        self._routes, self._origins = RouteTable(self), OriginTable(self)
        self._first_stops = FirstStopTable(self)
        self.routes = RecordList(self._routes, table_name="", parent=self)
        self.origins = RecordList(self._origins, table_name="", parent=self)
        self.first_stops = RecordList(self._first_stops, table_name="", parent=self)
        self._cards = tuple(TitledCard(table) for table in (self.routes, self.origins, self.first_stops))
        for table in (self.routes, self.origins, self.first_stops):
            table.export_requested.connect(self.export_requested)
        self.show_plan = QPushButton(self)
        self.show_plan.clicked.connect(lambda _is_checked: self.plan_asked.emit())
        self._cards[0].add_tool(self.show_plan)
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self._cards[1])
        right.addWidget(self._cards[2])
        across = QSplitter(Qt.Orientation.Horizontal, self)
        across.addWidget(self._cards[0])
        scrolled = QWidget()
        scroll_content(scrolled, right)
        right.setMinimumHeight(_LEAST_BOTH_PX)
        across.addWidget(scrolled)
        for splitter in (right, across):
            splitter.setHandleWidth(current_theme().space_m)
            splitter.setChildrenCollapsible(False)
            for part in range(2):
                splitter.setStretchFactor(part, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(across)
        self.retranslate()

    def show_figures(self, figures: FlowFigures | None) -> None:
        """Show the three tables of a period."""
        self._figures = figures
        self._routes.show(() if figures is None else figures.routes)
        self._origins.show(() if figures is None else figures.origins)
        self._first_stops.show(() if figures is None else figures.first_stops)
        self.show_plan.setEnabled(figures is not None)
        self._say()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self.routes.set_table_name(tr("Common routes"))
        self.origins.set_table_name(tr("First and last zone"))
        self.first_stops.set_table_name(tr("First stops"))
        self.show_plan.setText(tr("Show on the floor plan"))
        self.show_plan.setAccessibleName(tr("Show on the floor plan"))
        self._say()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def _say(self) -> None:
        figures = self._figures
        self._cards[0].show_texts(
            tr("Common routes"),
            tr(
                "Zones one after the other without another between, by at least {n} visitors; the share is "
                "of all visitors of a zone. Long routes are counted too low where tracks break.",
                n=LEAST_COUNT,
            ),
        )
        self._cards[1].show_texts(
            tr("First and last zone"), "" if figures is None else describe_origins(figures)
        )
        self._cards[2].show_texts(
            tr("First stops"),
            tr(
                "Where visitors who were seen to come in first stand still for 3 s; of those who stop at all."
            ),
        )

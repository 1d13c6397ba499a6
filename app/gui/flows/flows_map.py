"""Map of the moves between zones, beside a table of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from analytics.results.figure_columns import Row
from app.floor_plan.floor_map import RouteLine
from app.flows.flow_figures import MIN_COUNT
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas, PlanLayer
from app.gui.canvas.floor_plan_items import describe_route
from app.gui.canvas.zoomed_view import HoverNote
from app.gui.flows.flow_tables import make_route_table
from app.gui.flows.model import FlowMap
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.tables.record_list import RecordList
from app.gui.widgets.layouts import fill, make_label, make_splitter

MAX_ARROWS = 15
"""Maximum number of moves drawn; more would hide one another."""


class FlowMapPanel(Translated, QWidget):
    """Panel of the plan with arrows for the most frequent moves, of all zones or of one."""

    export_requested = Signal(object, object)
    """Export request with titles and rows as plain values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map: FlowMap | None = None
        self._routes: tuple[RouteLine, ...] = ()
        self._zone: str | None = None
        self.canvas = FloorPlanCanvas()
        for layer in PlanLayer:
            self.canvas.show_layer(layer, layer in (PlanLayer.ZONES, PlanLayer.ROUTES))
        self._hover = HoverNote(self.canvas)
        self.canvas.hovered.connect(self._on_hovered)
        self.canvas.zone_clicked.connect(self.choose_zone)
        self.zone_choice = QComboBox(self)
        self.zone_choice.activated.connect(lambda index: self.choose_zone(self.zone_choice.itemData(index)))
        self._explanation = make_label("small", wraps=True, parent=self)
        self._model = make_route_table(self)
        self.table = RecordList(self._model, table_name="", parent=self)
        self.table.export_requested.connect(self.export_requested)
        self.table.current_record_changed.connect(self._on_row_reached)
        side = QWidget(self)
        fill(QVBoxLayout(side), self.zone_choice, self._explanation, (self.table, 1), margins=0)
        splitter = make_splitter(
            Qt.Orientation.Horizontal,
            (self.canvas, 3),
            (side, 2),
            parent=self,
            sizes_px=[640, 420],
            handle_px=current_theme().space_m,
        )
        fill(QVBoxLayout(self), splitter, margins=0)
        self.retranslate()

    @property
    def routes(self) -> tuple[RouteLine, ...]:
        return self._routes

    def show_map(self, flow_map: FlowMap | None) -> None:
        self._map = flow_map
        self.canvas.show_scene(None if flow_map is None else flow_map.scene)
        names = self._list_names()
        self._zone = self._zone if self._zone in names else None
        self._list_zones()
        self._show_routes()

    def choose_zone(self, name: str | None) -> None:
        self._zone = name
        self.zone_choice.setCurrentIndex(self.zone_choice.findData(name))
        self._show_routes()

    def retranslate(self) -> None:
        self.canvas.setAccessibleName(tr("Map of the moves between zones"))
        self.canvas.setAccessibleDescription(
            tr("Zoom with + and -, move with the arrow keys, fit with 0; choose zones in the list")
        )
        self.zone_choice.setAccessibleName(tr("Zone"))
        self.table.set_table_name(tr("Moves on the map"))
        self.table.set_hint(tr("No move between zones by at least {n} visitors.", n=MIN_COUNT))
        self._explanation.setText(
            tr(
                "The most frequent moves between zones, by at least {n} visitors each; the wider an arrow, "
                "the more. Click a zone to see its moves alone. Shares are of all visitors with a zone.",
                n=MIN_COUNT,
            )
        )
        self._list_zones()

    def _list_names(self) -> list[str]:
        return [] if self._map is None else [zone.name for zone in self._map.scene.zones]

    def _list_zones(self) -> None:
        self.zone_choice.clear()
        self.zone_choice.addItem(tr("All zones"), None)
        for name in self._list_names():
            self.zone_choice.addItem(display_name(name), name)
        self.zone_choice.setCurrentIndex(max(0, self.zone_choice.findData(self._zone)))

    def _show_routes(self) -> None:
        routes = () if self._map is None else self._map.routes
        self._routes = tuple(
            route for route in routes if self._zone in (None, route.from_zone, route.to_zone)
        )[:MAX_ARROWS]
        self.canvas.show_selected(self._zone)
        self.canvas.routes.set_routes(self._routes, self.canvas.content_rect)
        self._model.show(
            [
                {
                    "route": (route.from_zone, route.to_zone),
                    "visitors": route.visitors,
                    "share": route.share,
                }
                for route in self._routes
            ]
        )

    def _on_row_reached(self, row: Row) -> None:
        self.canvas.routes.choose(
            next(route for route in self._routes if (route.from_zone, route.to_zone) == row["route"])
        )

    def _on_hovered(self, place: tuple[float, float] | None) -> None:
        route = None if place is None else self.canvas.route_at(*place)
        if place is None or route is None:
            self._hover.hide()
        else:
            self._hover.show_at(place, describe_route(route))

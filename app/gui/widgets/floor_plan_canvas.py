"""A floor plan to look at: a scene in metres, y upwards, that is zoomed and moved by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainterPath,
)
from PySide6.QtWidgets import QGraphicsItem, QWidget

from analytics.domain.floor_plan import PlanPicture
from app.gui.widgets.floor_plan_items import (
    CamerasItem,
    DotsItem,
    FloorItem,
    LinesItem,
    WallsItem,
    ZoneItem,
)
from app.gui.widgets.floor_plan_labels import LabelItem, LabelKind, arrange_labels, label_line, label_zone
from app.gui.widgets.floor_ways_items import DirectionsItem, PathsItem, RoutesItem
from app.gui.widgets.heatmap_layer import FloatArray, HeatmapLayer, make_path
from app.gui.widgets.place_marks import PlaceMark, PlaceMarksItem
from app.gui.widgets.zoomed_view import ZoomedView
from app.operations.floor_scene import FloorScene, LiveDot
from app.operations.floor_ways import FloorWays, RouteLine

LARGEST_ZOOM = 40.0
"""Against the whole floor in the window: a few centimetres a pixel in a hall."""
_MARGIN_PX = 26
_PAN_SHARE = 0.12
_ROUTE_REACH_PX = 7
_PAN_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class PlanLayer(StrEnum):
    """What can be shown and hidden."""

    HEAT = "heat"
    UNOBSERVED = "unobserved"
    ZONES = "zones"
    CAMERAS = "cameras"
    PEOPLE = "people"
    DIRECTIONS = "directions"
    ROUTES = "routes"
    PATHS = "paths"


HIDDEN_AT_FIRST = (PlanLayer.DIRECTIONS, PlanLayer.ROUTES, PlanLayer.PATHS)


class FloorPlanCanvas(ZoomedView):
    """Shows a `FloorScene`; knows nothing of venues."""

    hovered = Signal(object)
    """(x_m, y_m) below the pointer, or None where it has left."""
    zone_clicked = Signal(object)
    """A zone's name, or None for a click beside all zones."""
    zone_activated = Signal(str)
    """A zone was clicked twice, or Enter was pressed while it was selected."""

    space_pressed = Signal()
    view_moved = Signal()
    """Another part of the floor is shown, or at another scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            parent, margin_px=_MARGIN_PX, smallest_zoom=0.5, largest_zoom=LARGEST_ZOOM, is_y_up=True
        )
        self._pressed_at: QPointF | None = None
        self._has_moved = False
        self._selected: str | None = None
        self._shown = {layer: layer not in HIDDEN_AT_FIRST for layer in PlanLayer}
        self._zones: list[ZoneItem] = []
        self._labels: list[LabelItem] = []
        self._floor: FloorItem | None = None
        self._heat = HeatmapLayer()
        self._dots, self.marks = DotsItem(), PlaceMarksItem()
        self.paths, self.directions, self.routes = PathsItem(), DirectionsItem(), RoutesItem()
        self._by_layer: dict[PlanLayer, list[QGraphicsItem]] = {layer: [] for layer in PlanLayer}
        self._scene_shape: FloorScene | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(280, 220)

    @property
    def heat_layer(self) -> HeatmapLayer:
        """The layer of presence."""
        return self._heat

    @property
    def dots(self) -> tuple[LiveDot, ...]:
        """The people that are drawn."""
        return self._dots.dots

    @property
    def scene_shape(self) -> FloorScene | None:
        """What stands still."""
        return self._scene_shape

    def is_layer_shown(self, layer: PlanLayer) -> bool:
        """Whether a layer is shown, empty or not."""
        return self._shown[layer]

    def visible_labels(self) -> tuple[str, ...]:
        """The names that can be read, in the order of the zones."""
        return tuple(
            label.text for label in self._labels if label.isVisible() and label.kind is LabelKind.ZONE
        )

    def label_places(self) -> tuple[tuple[LabelKind, str, QRectF], ...]:
        """Every name that can be read, and what it covers of the viewport, pixels."""
        transform = self.viewportTransform()
        return tuple(
            (label.kind, label.text, label.boundingRect().translated(transform.map(label.pos())))
            for label in self._labels
            if label.isVisible()
        )

    def sizeHint(self) -> QSize:  # noqa: N802, D102
        return QSize(800, 560)

    def show_scene(self, scene: FloorScene | None) -> None:
        """Draw another floor; the zoom is kept if the outline is the same."""
        was = self._scene_shape
        self._scene_shape = scene
        for kept in (self._heat, self._dots, self.marks, self.paths, self.directions, self.routes):
            if kept.scene() is not None:
                self.scene().removeItem(kept)
        self.scene().clear()
        self._zones, self._labels, self._floor = [], [], None
        self._by_layer = {layer: [] for layer in PlanLayer}
        if scene is None:
            return
        floor = make_path([scene.outline])
        free = QPainterPath(floor)
        for obstacle in scene.obstacles:
            free = free.subtracted(make_path([obstacle.points]))
        self.content_rect = floor.boundingRect()
        self._heat.set_floor(free)
        self._dots.set_dots((), self.content_rect)
        self.marks.set_marks(self.marks.marks, self.content_rect)
        cameras = CamerasItem(scene.cameras)
        self._zones = [ZoneItem(shape, number) for number, shape in enumerate(scene.zones)]
        self._labels = [
            *(label_zone(zone) for zone in scene.zones),
            *(label_line(line) for line in scene.lines),
            *(LabelItem(camera.name, camera.place, LabelKind.CAMERA) for camera in scene.cameras),
        ]
        self._floor = FloorItem(scene)
        layers: tuple[Sequence[QGraphicsItem], ...] = (
            [self._floor],
            [self._heat],
            [self.paths],
            [cameras],
            [WallsItem(scene)],
            self._zones,
            [LinesItem(scene.lines)],
            [self.directions],
            [self.routes],
            [self._dots],
            [self.marks],
            self._labels,
        )
        for height, items in enumerate(layers):
            for item in items:
                item.setZValue(height)
                self.scene().addItem(item)
        self._by_layer[PlanLayer.CAMERAS] = [cameras]
        self._by_layer[PlanLayer.ZONES] = [*self._zones]
        self._by_layer[PlanLayer.PEOPLE] = [self._dots]
        self._by_layer[PlanLayer.DIRECTIONS] = [self.directions]
        self._by_layer[PlanLayer.ROUTES] = [self.routes]
        self._by_layer[PlanLayer.PATHS] = [self.paths]
        for layer in PlanLayer:
            self.show_layer(layer, self._shown[layer])
        self.show_selected(self._selected)
        margin = max(self.content_rect.width(), self.content_rect.height()) * 2
        self.setSceneRect(self.content_rect.adjusted(-margin, -margin, margin, margin))
        if was is None or was.outline != scene.outline or self.is_fitted:
            self.fit()
        else:
            self._place_labels()

    def show_picture(self, picture: QImage, *, size_px: tuple[int, int], place: PlanPicture) -> None:
        """Lay the plan's picture below everything, as `FloorItem.set_picture`."""
        if self._floor is not None:
            self._floor.set_picture(picture, size_px=size_px, place=place)

    def show_heat(
        self,
        values: FloatArray | None,
        rect: QRectF,
        *,
        top: float,
        fades: bool = True,
        is_difference: bool = False,
    ) -> None:
        """Show values on the floor, as `HeatmapLayer.set_values`."""
        self._heat.set_values(values, rect, top=top, fades=fades, is_difference=is_difference)

    def show_unobserved(self, rings: Sequence[FloatArray]) -> None:
        """Hatch the floor within these rings."""
        self._heat.set_unobserved(rings)

    def show_dots(self, dots: tuple[LiveDot, ...]) -> None:
        """Show the people of this moment."""
        self._dots.set_dots(dots, self.content_rect)

    def show_ways(self, ways: FloorWays | None) -> None:
        """Show the ways that people take, as far as their layers are shown."""
        self.directions.set_arrows(None if ways is None else ways.arrows, self.content_rect)
        self.routes.set_routes(() if ways is None else ways.routes, self.content_rect)
        self.paths.set_paths(() if ways is None else ways.paths, self.content_rect)

    def route_at(self, x_m: float, y_m: float) -> RouteLine | None:
        """The route that is shown at a place."""
        if not self._shown[PlanLayer.ROUTES]:
            return None
        return self.routes.find_near(x_m, y_m, within_m=_ROUTE_REACH_PX / abs(self.transform().m11()))

    def show_marks(self, marks: tuple[PlaceMark, ...]) -> None:
        """Mark places where something never moves."""
        self.marks.set_marks(marks, self.content_rect)

    def show_notes(
        self, fills: Mapping[str, str], notes: Mapping[str, str], *, scale_by: float = 1.0
    ) -> None:
        """Fill zones with colours that say something, and note it after their names; others as usual."""
        for zone in self._zones:
            zone.set_fill(fills.get(zone.name))
        changed = False
        for label in self._labels:
            if label.kind is not LabelKind.ZONE:
                continue
            note = notes.get(label.text, "")
            if (note, scale_by) != (label.note, label.scale_by):
                label.set_note(note, scale_by=scale_by)
                changed = True
        if changed:
            self._place_labels()

    def show_layer(self, layer: PlanLayer, is_shown: bool) -> None:
        """Show or hide one layer."""
        self._shown[layer] = is_shown
        if layer is PlanLayer.HEAT:
            self._heat.shows_heat = is_shown
            self._heat.update()
        elif layer is PlanLayer.UNOBSERVED:
            self._heat.shows_unobserved = is_shown
            self._heat.update()
        for item in self._by_layer[layer]:
            item.setVisible(is_shown)
        if layer in (PlanLayer.ZONES, PlanLayer.CAMERAS):
            self._place_labels()

    def show_selected(self, name: str | None) -> None:
        """Mark one zone, or none."""
        self._selected = name
        for zone in self._zones:
            zone.set_chosen(zone.name == name)
        for label in self._labels:
            label.is_strong = label.kind is LabelKind.ZONE and label.text == name
            label.update()
        self._place_labels()

    def follow_view(self) -> None:
        """Put the names where they can be read."""
        self._place_labels()
        self.view_moved.emit()

    def zone_at(self, x_m: float, y_m: float) -> str | None:
        """The smallest zone at a place, so that one within another can be reached."""
        if not self._shown[PlanLayer.ZONES]:
            return None
        hit = [zone for zone in self._zones if zone.covers(x_m, y_m)]
        if not hit:
            return None
        return min(hit, key=lambda zone: zone.extent_m2).name

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102
        key = event.key()
        if self.press_zoom_key(event):
            pass
        elif key in _PAN_KEYS:
            right, down = _PAN_KEYS[Qt.Key(key)]
            step = _PAN_SHARE * min(self.viewport().width(), self.viewport().height())
            self.pan_by(right * step, down * step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._selected is not None:
            self.zone_activated.emit(self._selected)
        elif key == Qt.Key.Key_Space:
            self.space_pressed.emit()
        elif key == Qt.Key.Key_Escape and self._selected is not None:
            self.zone_clicked.emit(None)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
            self._has_moved = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        position = event.position()
        if self._pressed_at is not None:
            moved = position - self._pressed_at
            if self._has_moved or moved.manhattanLength() > 5:
                self._has_moved = True
                self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
                self.pan_by(-moved.x(), -moved.y())
                self._pressed_at = position
            return
        at = self.mapToScene(position.toPoint())
        over = self.zone_at(at.x(), at.y())
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if over is not None else Qt.CursorShape.ArrowCursor
        )
        self.hovered.emit((at.x(), at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        if self._pressed_at is None:
            return
        self._pressed_at = None
        self.viewport().unsetCursor()
        if not self._has_moved:
            at = self.mapToScene(event.position().toPoint())
            self.zone_clicked.emit(self.zone_at(at.x(), at.y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102
        at = self.mapToScene(event.position().toPoint())
        name = self.zone_at(at.x(), at.y())
        if name is not None:
            self.zone_activated.emit(name)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        self.hovered.emit(None)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802, D102
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            for zone in self._zones:
                zone.recolour()
            self._heat.recolour()
            for item in self.scene().items():
                item.update()
        elif event.type() is QEvent.Type.LanguageChange:
            self._place_labels()

    def _place_labels(self) -> None:
        transform = self.viewportTransform()
        kinds = set(LabelKind) if self._shown[PlanLayer.ZONES] else {LabelKind.CAMERA}
        if not self._shown[PlanLayer.CAMERAS]:
            kinds.discard(LabelKind.CAMERA)
        zones_px = {zone.name: transform.mapRect(zone.polygon().boundingRect()) for zone in self._zones}
        for label in self._labels:
            if label.kind is LabelKind.ZONE:
                label.fit_into(zones_px[label.text].width())
        arrange_labels(
            self._labels,
            kinds=kinds,
            zones_px=zones_px,
            floor_px=transform.mapRect(self.content_rect),
            view_px=QRectF(self.viewport().rect()),
            selected=self._selected,
            transform=transform,
        )

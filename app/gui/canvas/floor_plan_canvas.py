"""A floor plan view: a scene in metres, y upwards, zoomed and moved by mouse and keyboard."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum, StrEnum
from functools import lru_cache, partial

import shapely
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QGraphicsItem, QWidget

from analytics.domain.arrays import FloatArray
from analytics.domain.floor_plan import PlanPicture
from app.floor_plan.floor_map import FloorMovement, RouteLine
from app.gui.canvas.floor_plan_items import (
    ARROW_PX,
    CamerasItem,
    DirectionsItem,
    DotsItem,
    FloorItem,
    LinesItem,
    PathsItem,
    PlaceMark,
    PlaceMarksItem,
    RoutesItem,
    WallsItem,
    ZoneItem,
    find_arrow,
)
from app.gui.canvas.heatmap_layer import HeatmapLayer, make_path
from app.gui.canvas.scene_item import SceneItem, fade, make_polygon, paint_pill
from app.gui.canvas.zoomed_view import ZoomedView
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.gui.session.units import current_units
from app.gui.widgets.export_menu import ExportMenu
from app.plan.floor_scene import FloorScene, LiveDot, PlanShape, Point

_APART_PX = 2.0


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """A name to place, in pixels.

    Attributes:
        centres: where its middle may be, the best first.
        avoids_areas: it covers avoided areas only where nothing else is free, and then as few as it can.
    """

    size: QSizeF
    centres: tuple[QPointF, ...]
    avoids_areas: bool = False

    def rect_at(self, centre: QPointF) -> QRectF:
        return QRectF(QPointF(0, 0), self.size).translated(
            centre.x() - self.size.width() / 2, centre.y() - self.size.height() / 2
        )


def place_labels(
    requests: Sequence[LabelRequest], *, avoided: Sequence[QRectF] = (), taken: Sequence[QRectF] = ()
) -> list[QPointF | None]:
    """Return the centre of every name, in the given order of priority; None for names without room.

    Args:
        avoided: areas that names cover only where nothing else is free.
        taken: areas that they never cover.
    """
    taken = list(taken)
    places: list[QPointF | None] = []
    for request in requests:
        # try one after the other, since the first place is nearly always free
        free: Iterator[QPointF] = (c for c in request.centres if not _covers(request, taken, c))
        if request.avoids_areas:
            free = iter(sorted(free, key=partial(_count_covered, request, avoided)))
        place = next(free, None)
        places.append(place)
        if place is not None:
            taken.append(request.rect_at(place).adjusted(-_APART_PX, -_APART_PX, _APART_PX, _APART_PX))
    return places


def _covers(request: LabelRequest, areas: Sequence[QRectF], centre: QPointF) -> bool:
    return _count_covered(request, areas, centre) > 0


def _count_covered(request: LabelRequest, areas: Sequence[QRectF], centre: QPointF) -> int:
    place = request.rect_at(centre)
    return sum(place.intersects(area) for area in areas)


def list_centres_around(place: QPointF, size: QSizeF, *, gap_px: float) -> tuple[QPointF, ...]:
    """Return places beside a mark: above, below, right and left, then at the corners."""
    across, down = size.width() / 2 + gap_px, size.height() / 2 + gap_px
    ways = ((0, -1), (0, 1), (1, 0), (-1, 0), (1, -1), (-1, -1), (1, 1), (-1, 1))
    return tuple(place + QPointF(x * across, y * down) for x, y in ways)


_ARROW_PX = 1.2 * ARROW_PX
"""Distance from a line to the tip of its arrow."""
_WALL_PX = 4.0
_MARK_PX = 9.0
"""Distance from a camera's mark or the middle of a line to its name."""


class LabelKind(Enum):
    """The kind of object that a name belongs to, in order of priority."""

    ZONE = "zone"
    LINE = "line"
    CAMERA = "camera"


class LabelItem(SceneItem):
    """A name in a pill of constant size on the screen, beside its object."""

    def __init__(
        self, text: str, at: Point, kind: LabelKind, *, outward: tuple[float, float] | None = None
    ) -> None:
        """Set up the label; ``outward`` is its preferred direction from its mark, in the scene."""
        super().__init__()
        self.outward_px = None if outward is None else QPointF(outward[0], -outward[1])
        self.text = text
        self.note = ""
        self.scale_by = 1.0
        self._form, self._scale = 0, 1.0
        self.kind = kind
        self._offset_px = QPointF()
        self.is_strong = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setPos(*at)

    @property
    def shown_text(self) -> str:
        """The name with its note beside or below it; without room for both, the name or else the note."""
        name = display_name(self.text)
        forms = (f"{name}  {self.note}", f"{name}\n{self.note}", name, self.note)
        return forms[self._form] if self.note else name

    def set_note(self, note: str, *, scale_by: float) -> None:
        """Show a note after the name, both larger where there is room."""
        self.prepareGeometryChange()
        self.note, self.scale_by, self._scale = note, scale_by, scale_by

    def fit_into(self, room_px: QSizeF) -> None:
        """Place a note below the name, write both smaller, or leave one out, as the zone's size requires."""
        before, large = (self._form, self._scale), self.scale_by
        tried = ((0, large), (1, large), (0, 1.0), (1, 1.0), (2, large), (2, 1.0), (3, large), (3, 1.0))
        for form, scale in tried:
            self._form, self._scale = form, scale
            size = self.size_px
            if not self.note or (size.width() <= room_px.width() and size.height() <= room_px.height()):
                break
        if before != (self._form, self._scale):
            self.prepareGeometryChange()

    def shorten(self) -> bool:
        """Leave out the note below a name; return False if there is none."""
        if not self.note or self._form != 1:
            return False
        self.prepareGeometryChange()
        self._form = 2
        return True

    @property
    def size_px(self) -> QSizeF:
        return _measure_pill(
            self.shown_text,
            QGuiApplication.font().family(),
            current_theme().font_small_pt * self._scale,
            self.kind is LabelKind.ZONE,
        )

    def set_offset(self, offset_px: QPointF) -> None:
        """Move the label right and down from the middle of its object."""
        if offset_px != self._offset_px:
            self.prepareGeometryChange()
            self._offset_px = offset_px

    def boundingRect(self) -> QRectF:  # noqa: N802
        size = self.size_px
        middle = QPointF(size.width() / 2, size.height() / 2)
        return QRectF(self._offset_px - middle, size)

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inks = {LabelKind.ZONE: theme.text, LabelKind.LINE: theme.bad, LabelKind.CAMERA: theme.accent}
        ink = QColor(theme.accent_text if self.is_strong else inks[self.kind])
        painter.setFont(self._font())
        fill = QColor(theme.accent) if self.is_strong else fade(theme.surface, 230)
        paint_pill(painter, self.boundingRect(), self.shown_text, fill=fill, ink=ink)

    def _font(self) -> QFont:
        return _make_font(current_theme().font_small_pt * self._scale, self.kind is LabelKind.ZONE)


def _make_font(size_pt: float, is_strong: bool) -> QFont:
    font = QFont()
    font.setPointSizeF(size_pt)
    font.setWeight(QFont.Weight.DemiBold if is_strong else QFont.Weight.Normal)
    return font


@lru_cache(maxsize=2048)
def _measure_pill(text: str, _family: str, size_pt: float, is_strong: bool) -> QSizeF:
    """Return the size of a text's pill in pixels; cached, as Qt asks for it in every turn."""
    metrics, lines = QFontMetricsF(_make_font(size_pt, is_strong)), text.split("\n")
    width_px = max(map(metrics.horizontalAdvance, lines))
    return QSizeF(width_px + 12, metrics.height() * len(lines) + 4)


def label_zone(zone: PlanShape) -> LabelItem:
    middle = shapely.Polygon(zone.points).representative_point()
    return LabelItem(zone.name, (float(middle.x), float(middle.y)), LabelKind.ZONE)


def label_line(line: PlanShape) -> LabelItem:
    """Return the label of a counting line, preferably on the side away from its arrow."""
    middle, inward = find_arrow(make_polygon(line.points))
    return LabelItem(line.name, middle.toTuple(), LabelKind.LINE, outward=(-inward).toTuple())


def arrange_labels(
    labels: Sequence[LabelItem],
    *,
    kinds: AbstractSet[LabelKind],
    zones_px: dict[str, QRectF],
    floor_px: QRectF,
    view_px: QRectF,
    selected: str | None,
    transform: QTransform,
    taken_px: Sequence[QRectF] = (),
) -> None:
    """Show the names that do not overlap.

    The selected zone's comes first, then those with a figure, of wider zones (stands before aisles), of
    lines and of cameras; these two move out of the way of zones and of the floor's edges where they can.

    Args:
        zones_px: the rectangle round every zone, in the viewport's pixels.
        floor_px: the rectangle round the floor.
        view_px: what can be seen; a name that can stand inside does.
        transform: from the scene to the viewport.
        taken_px: places of other names, which are never covered.
    """

    def rank(label: LabelItem) -> tuple[int, bool, bool, float]:
        kind = list(LabelKind).index(label.kind)
        if label.kind is not LabelKind.ZONE:
            return kind, False, False, 0.0
        area = zones_px[label.text]
        return kind, label.text != selected, not label.note, -min(area.width(), area.height())

    def request(label: LabelItem) -> LabelRequest:
        at = transform.map(label.pos())
        return _make_request(label, at, zones_px, view_px, is_selected=label.text == selected)

    visible = sorted((label for label in labels if label.kind in kinds), key=rank)
    requests = [request(label) for label in visible]
    zones = zones_px.values() if LabelKind.ZONE in kinds else ()
    avoided = [*_outline_walls(floor_px), *zones]
    for label in labels:
        label.setVisible(False)
    places = place_labels(requests, avoided=avoided, taken=taken_px)
    # each of them, so that one more try is enough
    if sum(label.shorten() for label, place in zip(visible, places, strict=True) if place is None):
        requests = [request(label) for label in visible]
        places = place_labels(requests, avoided=avoided, taken=taken_px)
    for label, place in zip(visible, places, strict=True):
        if place is not None:
            label.set_offset(place - transform.map(label.pos()))
            label.setVisible(True)


def _holds(zone_px: QRectF | None, label: LabelItem) -> bool:
    size = label.size_px
    return zone_px is not None and size.width() <= zone_px.width() and size.height() <= zone_px.height()


def _make_request(
    label: LabelItem, at: QPointF, zones_px: dict[str, QRectF], view_px: QRectF, *, is_selected: bool
) -> LabelRequest:
    size = label.size_px
    if label.kind is not LabelKind.ZONE:
        centres = list_centres_around(at, size, gap_px=_MARK_PX)
        outward = label.outward_px
        if outward is not None:
            beyond = at - outward * (_ARROW_PX + _MARK_PX + _measure_edge_distance(size, outward))
            centres = tuple(sorted(centres, key=lambda centre: _measure_deviation(centre - at, outward)))
            centres = (centres[0], beyond, *centres[1:])
        seen = tuple(centre for centre in centres if view_px.contains(LabelRequest(size, ()).rect_at(centre)))
        return LabelRequest(size, seen or centres, avoids_areas=True)
    zone_px = zones_px[label.text]
    if label.note and not is_selected and size.width() > zone_px.width() and size.height() > zone_px.height():
        # nothing of the colour that the figure stands for would be left
        return LabelRequest(size, ())
    # a name outside its zone would seem to belong to another
    step = QPointF(0, size.height() + 4)
    moved = [centre for centre in (at - step, at + step) if zone_px.contains(centre)]
    return LabelRequest(size, tuple(_keep_inside(centre, size, view_px) for centre in (at, *moved)))


def _keep_inside(centre: QPointF, size: QSizeF, view_px: QRectF) -> QPointF:
    """Return a place at which a name beside an edge of the view is not cut off."""
    if not view_px.contains(centre):
        return centre
    room = view_px.adjusted(size.width() / 2, 0, -size.width() / 2, 0)
    return QPointF(max(room.left(), min(room.right(), centre.x())), centre.y())


def _outline_walls(floor_px: QRectF) -> tuple[QRectF, ...]:
    thin = _WALL_PX
    left, top, right, bottom = floor_px.left(), floor_px.top(), floor_px.right(), floor_px.bottom()
    across, down = QSizeF(floor_px.width(), thin), QSizeF(thin, floor_px.height())
    return (
        QRectF(QPointF(left, top - thin / 2), across),
        QRectF(QPointF(left, bottom - thin / 2), across),
        QRectF(QPointF(left - thin / 2, top), down),
        QRectF(QPointF(right - thin / 2, top), down),
    )


def _measure_edge_distance(size: QSizeF, direction: QPointF) -> float:
    return abs(direction.x()) * size.width() / 2 + abs(direction.y()) * size.height() / 2


def _measure_deviation(way: QPointF, direction: QPointF) -> float:
    """Return how far a vector deviates from a direction: -1 along it, 1 against it."""
    return -QPointF.dotProduct(way, direction) / math.hypot(way.x(), way.y())


MAX_ZOOM = 40.0
"""Relative to the whole floor in the window: a few centimetres per pixel in a hall."""
_MARGIN_PX, _SMALL_MARGIN_PX = 26, 6
_PAN_SHARE = 0.12
_ROUTE_REACH_PX = 7
_PAN_KEYS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class PlanLayer(StrEnum):
    """Layers that can be shown and hidden."""

    HEAT = "heat"
    UNOBSERVED = "unobserved"
    ZONES = "zones"
    CAMERAS = "cameras"
    PEOPLE = "people"
    DIRECTIONS = "directions"
    ROUTES = "routes"
    PATHS = "paths"


INITIALLY_HIDDEN = (PlanLayer.DIRECTIONS, PlanLayer.ROUTES, PlanLayer.PATHS)


_MAX_BAR_PX, _BAR_MARGIN_PX = 120, 8


def find_bar_length(longest: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20, 50, … and their decimal parts up to a length above 0."""
    step = 10.0 ** math.floor(math.log10(longest))
    return max(factor * step for factor in (1.0, 2.0, 5.0) if factor * step <= longest)


class FloorPlanCanvas(ZoomedView):
    """View of a `FloorScene`, independent of venues."""

    hovered = Signal(object)
    """(x_m, y_m) below the pointer, or None once it has left."""
    zone_clicked = Signal(object)
    """A zone's name, or None for a click outside all zones."""
    zone_activated = Signal(str)
    """A zone was double-clicked, or Enter was pressed while it was selected."""

    space_pressed = Signal()
    view_moved = Signal()
    """The visible part of the floor or its scale changed."""

    def __init__(self, parent: QWidget | None = None, *, is_small: bool = False) -> None:
        """Set up an empty view; a small one fills its width and names the zones that hold their names."""
        margin_px = _SMALL_MARGIN_PX if is_small else _MARGIN_PX
        super().__init__(parent, margin_px=margin_px, min_zoom=0.5, max_zoom=MAX_ZOOM, is_y_up=True)
        self._is_small = is_small
        self._pressed_at: QPointF | None = None
        self._has_moved = False
        self._selected: str | None = None
        self._shown = {layer: layer not in INITIALLY_HIDDEN for layer in PlanLayer}
        self._zones: list[ZoneItem] = []
        self._labels: list[LabelItem] = []
        self._floor: FloorItem | None = None
        self._heat = HeatmapLayer()
        self._dots, self.marks = DotsItem(), PlaceMarksItem()
        self.paths, self.directions, self.routes = PathsItem(), DirectionsItem(), RoutesItem()
        self._by_layer: dict[PlanLayer, list[QGraphicsItem]] = {layer: [] for layer in PlanLayer}
        self._scene_shape: FloorScene | None = None
        self._overlays: tuple[tuple[QGraphicsItem, float], ...] = ()
        self.setMouseTracking(True)
        self.setMinimumSize(280, 220)
        self.export_menu = ExportMenu(self, list_table=lambda: None)

    @property
    def heat_layer(self) -> HeatmapLayer:
        return self._heat

    @property
    def dots(self) -> tuple[LiveDot, ...]:
        return self._dots.dots

    @property
    def scene_shape(self) -> FloorScene | None:
        return self._scene_shape

    @property
    def middle_m(self) -> Point:
        centre = self.mapToScene(self.viewport().rect().center())
        return round(centre.x(), 1), round(centre.y(), 1)

    def is_layer_shown(self, layer: PlanLayer) -> bool:
        """Return whether a layer is switched on, even if empty."""
        return self._shown[layer]

    def visible_labels(self) -> tuple[str, ...]:
        """Return the visible zone names in order."""
        return tuple(name for kind, name, _place in self.label_places() if kind is LabelKind.ZONE)

    def label_places(self) -> tuple[tuple[LabelKind, str, QRectF], ...]:
        """Return every visible name and its rectangle in the viewport, pixels."""
        transform = self.viewportTransform()
        return tuple(
            (label.kind, label.text, label.boundingRect().translated(transform.map(label.pos())))
            for label in self._labels
            if label.isVisible()
        )

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(800, 560)

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        super().drawForeground(painter, rect)
        if self._scene_shape is None:
            return
        units, theme = current_units(), current_theme()
        px_per_unit = abs(self.transform().m11()) / units.per_metre
        length = find_bar_length(_MAX_BAR_PX / px_per_unit)
        words, metrics = f"{length:g} {units.symbol}", self.fontMetrics()
        bar_px, height_px = length * px_per_unit, metrics.height()
        width_px = max(bar_px, metrics.horizontalAdvance(words)) + 2 * theme.space_xs
        top_px = self.viewport().height() - _BAR_MARGIN_PX - height_px - 8
        place = QRectF(_BAR_MARGIN_PX, top_px, width_px, height_px + 8)
        painter.resetTransform()
        painter.fillRect(place, fade(theme.surface, 200))
        painter.setPen(QPen(QColor(theme.text), 1))
        painter.setFont(self.font())
        painter.drawText(place.adjusted(theme.space_xs, 0, 0, 0), Qt.AlignmentFlag.AlignTop, words)
        left, base = place.left() + theme.space_xs, place.bottom() - 2
        painter.drawPolyline(
            [
                QPointF(left, base - 4),
                QPointF(left, base),
                QPointF(left + bar_px, base),
                QPointF(left + bar_px, base - 4),
            ]
        )

    def show_scene(self, scene: FloorScene | None) -> None:
        """Draw another floor; the zoom is kept if the outline is the same."""
        was = self._scene_shape
        self._scene_shape = scene
        own = (item for item, _height in self._overlays)
        for kept in (self._heat, self._dots, self.marks, self.paths, self.directions, self.routes, *own):
            if kept.scene() is not None:
                self.scene().removeItem(kept)
        self.scene().clear()
        self._zones, self._labels, self._floor = [], [], None
        self._by_layer = {layer: [] for layer in PlanLayer}
        if scene is not None:
            self._draw_scene(scene, is_new=was is None or was.outline != scene.outline)
        for item, height in self._overlays:
            item.setZValue(height)
            self.scene().addItem(item)

    def _draw_scene(self, scene: FloorScene, *, is_new: bool) -> None:
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
        self._by_layer |= {
            PlanLayer.CAMERAS: [cameras],
            PlanLayer.ZONES: [*self._zones],
            PlanLayer.PEOPLE: [self._dots],
            PlanLayer.DIRECTIONS: [self.directions],
            PlanLayer.ROUTES: [self.routes],
            PlanLayer.PATHS: [self.paths],
        }
        for layer in PlanLayer:
            self._apply_layer(layer)
        self._mark_selected()
        margin = max(self.content_rect.width(), self.content_rect.height()) * 2
        self.setSceneRect(self.content_rect.adjusted(-margin, -margin, margin, margin))
        if is_new or self.is_fitted:
            self.fit()
        else:
            self._place_labels()

    def show_picture(self, picture: QImage, *, size_px: tuple[int, int], place: PlanPicture) -> None:
        """Show the plan's picture below everything, as `FloorItem.set_picture`."""
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
        self._heat.set_unobserved(rings)

    def show_dots(self, dots: tuple[LiveDot, ...]) -> None:
        self._dots.set_dots(dots, self.content_rect)

    def update_route_layers(self, ways: FloorMovement | None) -> None:
        """Show routes, paths and directions if their layers are on."""
        self.directions.set_arrows(None if ways is None else ways.arrows, self.content_rect)
        self.routes.set_routes(() if ways is None else ways.routes, self.content_rect)
        self.paths.set_paths(() if ways is None else ways.paths, self.content_rect)

    def route_at(self, x_m: float, y_m: float) -> RouteLine | None:
        if not self._shown[PlanLayer.ROUTES]:
            return None
        return self.routes.find_near(x_m, y_m, within_m=_ROUTE_REACH_PX / abs(self.transform().m11()))

    def show_marks(self, marks: tuple[PlaceMark, ...]) -> None:
        self.marks.set_marks(marks, self.content_rect)

    def show_notes(
        self,
        fills: Mapping[str, str],
        notes: Mapping[str, str],
        *,
        unsure: AbstractSet[str] = frozenset(),
        scale_by: float = 1.0,
    ) -> None:
        """Fill zones with meaningful colours and add notes to their names; others look as usual.

        Args:
            unsure: zones whose outline is dashed.
        """
        for zone in self._zones:
            zone.set_fill(fills.get(zone.name), is_sure=zone.name not in unsure)
            name, note = display_name(zone.name), notes.get(zone.name)
            zone.setToolTip(tr("{name}: {value}", name=name, value=note) if note else name)
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
        self._shown[layer] = is_shown
        self._apply_layer(layer)
        if layer in (PlanLayer.ZONES, PlanLayer.CAMERAS):
            self._place_labels()

    def _apply_layer(self, layer: PlanLayer) -> None:
        self._heat.shows_heat = self._shown[PlanLayer.HEAT]
        self._heat.shows_unobserved = self._shown[PlanLayer.UNOBSERVED]
        self._heat.update()
        for item in self._by_layer[layer]:
            item.setVisible(self._shown[layer])

    def show_selected(self, name: str | None) -> None:
        if name == self._selected:
            return
        self._selected = name
        self._mark_selected()
        self._place_labels()

    def _mark_selected(self) -> None:
        for zone in self._zones:
            zone.set_selected(zone.name == self._selected)
        for label in self._labels:
            label.is_strong = label.kind is LabelKind.ZONE and label.text == self._selected
            label.update()

    def on_view_changed(self) -> None:
        self._place_labels()
        self.view_moved.emit()

    def zone_at(self, x_m: float, y_m: float) -> str | None:
        """Return the smallest zone at a place, so that nested zones can be reached."""
        if not self._shown[PlanLayer.ZONES]:
            return None
        hit = (zone for zone in self._zones if zone.covers(x_m, y_m))
        smallest = min(hit, key=lambda zone: zone.extent_m2, default=None)
        return None if smallest is None else smallest.name

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
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

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed_at = event.position()
            self._has_moved = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
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

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._pressed_at is None:
            return
        self._pressed_at = None
        self.viewport().unsetCursor()
        if not self._has_moved:
            at = self.mapToScene(event.position().toPoint())
            self.zone_clicked.emit(self.zone_at(at.x(), at.y()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = self.mapToScene(event.position().toPoint())
        name = self.zone_at(at.x(), at.y())
        if name is not None:
            self.zone_activated.emit(name)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        self.hovered.emit(None)
        super().leaveEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
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
        named = []
        for zone in self._zones if self._is_small else ():
            zone.setToolTip(display_name(zone.name))
        for label in self._labels:
            if label.kind is LabelKind.ZONE:
                label.fit_into(zones_px[label.text].size())
            if not self._is_small or _holds(zones_px.get(label.text), label):
                named.append(label)
            else:
                label.setVisible(False)
        arrange_labels(
            named,
            kinds=kinds,
            zones_px=zones_px,
            floor_px=transform.mapRect(self.content_rect),
            view_px=QRectF(self.viewport().rect()),
            selected=self._selected,
            transform=transform,
            taken_px=self.list_taken(transform),
        )

    def find_height(self, width_px: int) -> int:
        """Return the height at which a fitted floor is as wide as the view, with room for the scale bar."""
        floor = self.content_rect
        room_px = 2 * (self.fontMetrics().height() + 2 * _BAR_MARGIN_PX)
        return round((width_px - 2 * self._margin_px) * floor.height() / floor.width()) + room_px

    def list_taken(self, _transform: QTransform) -> list[QRectF]:
        """Return the places where a canvas of a kind of its own paints names, in the viewport's pixels."""
        return []

"""Items of the plan editor: selectable shapes, handles, and the current drawing."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.core.change_set import Part
from app.gui.canvas.floor_plan_items import find_arrow
from app.gui.canvas.scene_item import SceneItem, fade, make_pen, make_polygon, measure_pixel, paint_pill
from app.gui.session.theme import current_theme
from app.gui.session.translation import display_name, tr
from app.plan.floor_scene import Point
from app.plan.plan_shapes import EditableShape, Shape
from app.plan.rectangles import draw_rectangle
from app.plan.snapping import Segment, Snap


class EditorTool(StrEnum):
    SELECT = "select"
    POLYGON = "polygon"
    RECTANGLE = "rectangle"
    LINE = "line"
    SCALE = "scale"
    """Mark two points of the picture whose distance is known."""
    CROP = "crop"
    """Choose the part of the picture to show."""


_RECTANGLES = (EditorTool.RECTANGLE, EditorTool.CROP)


class Draft:
    """The current drawing of one tool, independent of widgets."""

    def __init__(self, tool: EditorTool) -> None:
        self.tool = tool
        self.corners: list[Point] = []
        self.pointer: Point | None = None
        self.guides: tuple[Segment, ...] = ()

    @property
    def points(self) -> tuple[Point, ...]:
        return tuple(self.corners)

    @property
    def outline(self) -> tuple[Point, ...]:
        pointer = () if self.pointer is None else (self.pointer,)
        if self.tool in _RECTANGLES and self.corners and pointer:
            return self._span(self.corners[0], pointer[0])
        return (*self.corners, *pointer)

    @property
    def closes(self) -> bool:
        return self.tool is EditorTool.POLYGON or self.tool in _RECTANGLES

    @property
    def length_m(self) -> float | None:
        if not self.corners or self.pointer is None:
            return None
        return math.dist(self.corners[-1], self.pointer)

    @property
    def can_finish(self) -> bool:
        return len(self.corners) >= (2 if self.tool in (EditorTool.LINE, EditorTool.SCALE) else 3)

    def point_at(self, snap: Snap) -> None:
        self.pointer, self.guides = snap.point, snap.guides

    def press(self, snap: Snap, *, tolerance_m: float, by_key: bool) -> bool:
        """Set a corner; return whether that completes the drawing."""
        self.point_at(snap)
        if self.tool is EditorTool.SCALE and self.can_finish:
            # start again with two other points
            self.corners = []
        if self.tool in _RECTANGLES:
            if self.corners:
                return self._span_to(snap.point, tolerance_m)
            self.corners = [snap.point]
            return False
        is_back = bool(self.corners) and math.dist(self.corners[0], snap.point) <= tolerance_m
        if self.tool is EditorTool.POLYGON and self.can_finish and is_back:
            return True
        # the second press of a double click repeats the first point
        if not self.corners or math.dist(self.corners[-1], snap.point) > (0.0 if by_key else tolerance_m):
            self.corners.append(snap.point)
        return self.tool is EditorTool.SCALE and self.can_finish

    def release(self, snap: Snap, *, tolerance_m: float) -> bool:
        """Handle the button's release; return whether that completes a rectangle drawn by dragging."""
        if self.tool not in _RECTANGLES or len(self.corners) != 1:
            return False
        return self._span_to(snap.point, tolerance_m)

    def remove_last(self) -> None:
        if self.corners:
            self.corners.pop()

    def finish(self) -> tuple[Point, ...]:
        self.pointer, self.guides = None, ()
        return tuple(self.corners)

    def reopen(self) -> None:
        """Continue a drawing that was refused; a rectangle starts again."""
        if self.tool in _RECTANGLES:
            self.corners = []

    def _span_to(self, opposite: Point, tolerance_m: float) -> bool:
        (x0, y0), (x1, y1) = self.corners[0], opposite
        if min(abs(x1 - x0), abs(y1 - y0)) <= tolerance_m:
            return False
        self.corners = list(self._span(self.corners[0], opposite))
        return True

    def _span(self, first: Point, opposite: Point) -> tuple[Point, ...]:
        if first[0] == opposite[0] or first[1] == opposite[1]:
            return first, opposite
        return draw_rectangle(first, opposite).to_points()


class Grip(StrEnum):
    """The part of a shape that the mouse drags."""

    NOTHING = "nothing"
    VERTEX = "vertex"
    SIDE = "side"
    FIGURE = "figure"


def find_grip(figure: EditableShape | None, point: Point, *, reach_m: float) -> tuple[Grip, int]:
    """Return the part of a shape at a point, and the index of the corner or of the corner before the side."""
    if figure is None:
        return Grip.NOTHING, 0
    for grip, places in ((Grip.VERTEX, figure.points), (Grip.SIDE, figure.middles)):
        distance_m, number = min((math.dist(place, point), number) for number, place in enumerate(places))
        if distance_m <= reach_m:
            return grip, number
    # dragging the hall would conflict with panning
    if figure.shape.part is not Part.OUTLINE and (
        figure.measure_distance(point) <= reach_m or figure.covers(point)
    ):
        return Grip.FIGURE, 0
    return Grip.NOTHING, 0


def find_shape_at(figures: Sequence[EditableShape], point: Point, *, reach_m: float) -> Shape | None:
    """Return the shape at a click: a near line, else the smallest area there; never the hall."""
    hit: list[tuple[float, Shape]] = []
    for figure in figures:
        if figure.is_line:
            if figure.measure_distance(point) <= reach_m:
                return figure.shape
        elif figure.shape.part is not Part.OUTLINE and figure.covers(point):
            hit.append((figure.extent_m2, figure.shape))
    return min(hit, key=lambda pair: pair[0])[1] if hit else None


HANDLE_PX = 9.0
_ARROW_PX = 30.0
_OVERHANG_SHARE = 0.5
"""A zone's name may be this much wider than the zone where nothing is covered: its share of the name."""
_REACH_PX = 60.0
"""Margin in pixels that names, handles and arrows need around their points."""


@dataclass(frozen=True, slots=True)
class _DrawnShape:
    figure: EditableShape
    polygon: QPolygonF
    bounds: QRectF
    labels: tuple[tuple[str, tuple[float, float]], ...]
    """Texts for its middle with their sizes in pixels, the most telling first."""


class EditableShapesItem(QGraphicsItem):
    """All zones, lines and obstacles in one item, since a thousand items would be slow to replace."""

    def __init__(self) -> None:
        super().__init__()
        self._drawn: tuple[_DrawnShape, ...] = ()
        self._bounds = QRectF()
        self._hidden: Shape | None = None
        self._names_at: dict[Shape, tuple[str, QPointF]] = {}
        self._names_for: object = None
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)

    def set_shapes(self, figures: Sequence[EditableShape]) -> None:
        """Show these shapes; unchanged ones keep their cached paths while their names are the same."""
        known = {drawn.figure.shape: drawn for drawn in self._drawn}
        made = []
        for figure in figures:
            before, texts = known.get(figure.shape), list_labels(figure)
            if before is None or before.figure != figure or tuple(dict(before.labels)) != texts:
                polygon = make_polygon(figure.points)
                labels = tuple((label, measure_label(label)) for label in texts)
                before = _DrawnShape(figure, polygon, polygon.boundingRect(), labels)
            made.append(before)
        self.prepareGeometryChange()
        self._drawn = tuple(made)
        bounds = QRectF()
        for drawn in made:
            bounds = bounds.united(drawn.bounds)
        self._bounds = bounds.adjusted(-5, -5, 5, 5)
        self.update()

    def hide_shape(self, shape: Shape | None) -> None:
        """Hide one shape: the selected one, which is drawn with its handles."""
        if shape == self._hidden:
            return
        reach = _REACH_PX / self._scale()
        changed = [drawn for drawn in self._drawn if drawn.figure.shape in (shape, self._hidden)]
        self._hidden = shape
        for drawn in changed:
            self.update(drawn.bounds.adjusted(-reach, -reach, reach, reach))

    def _scale(self) -> float:
        views = self.scene().views() if self.scene() is not None else []
        return abs(views[0].transform().m11()) if views else 1.0

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        reach = _REACH_PX / abs(painter.worldTransform().m11() or 1.0)
        exposed = option.exposedRect.adjusted(-reach, -reach, reach, reach)
        seen = [
            drawn
            for drawn in self._drawn
            if drawn.figure.shape != self._hidden
            and drawn.figure.shape.part is not Part.OUTLINE
            and (drawn.figure.is_line or exposed.intersects(drawn.bounds))
        ]
        for drawn in seen:
            paint_shape(painter, drawn.figure, drawn.polygon, find_colour(drawn.figure))
        shifts = self._find_names(painter.worldTransform())
        for drawn in seen:
            placed = shifts.get(drawn.figure.shape)
            if placed is not None:
                label, shift = placed
                paint_name(painter, drawn.figure, drawn.polygon, label=label, shift=shift)

    def list_names(self, transform: QTransform) -> dict[Shape, QRectF]:
        """Return the rectangles of the shapes' names in viewport pixels."""
        shifts = self._find_names(transform)
        return {
            drawn.figure.shape: _place_name(
                transform, drawn.figure, drawn.polygon, *shifts[drawn.figure.shape]
            )
            for drawn in self._drawn
            if drawn.figure.shape in shifts
        }

    def _find_names(self, transform: QTransform) -> dict[Shape, tuple[str, QPointF]]:
        """Return each shape's label and its offset from the middle in pixels; none for one without room.

        Names of zones come first; one of an obstacle gives way to them within the obstacle, or is left out,
        and so is a line's: a door that is drawn as a zone and a line has one name.
        """
        wanted_for = (self._drawn, transform.m11(), transform.m22())
        if wanted_for != self._names_for:
            self._names_for = wanted_for
            self._names_at = _place_names(self._drawn, transform.m11(), transform.m22())
            areas = list(self.list_names(transform).values())
            for drawn in self._drawn:
                placed = drawn.labels[0][0], QPointF()
                if drawn.figure.is_line and not any(
                    _place_name(transform, drawn.figure, drawn.polygon, *placed).intersects(area)
                    for area in areas
                ):
                    self._names_at[drawn.figure.shape] = placed
        return self._names_at


def _place_names(
    drawn: Sequence[_DrawnShape], x_px_m: float, y_px_m: float
) -> dict[Shape, tuple[str, QPointF]]:
    shifts: dict[Shape, tuple[str, QPointF]] = {}
    taken = np.empty((0, 4))
    areas = [one for one in drawn if not one.figure.is_line and one.figure.shape.part is not Part.OUTLINE]

    def measure_room(one: _DrawnShape) -> tuple[float, float]:
        return one.bounds.width() * abs(x_px_m), one.bounds.height() * abs(y_px_m)

    def list_fitting(one: _DrawnShape, share: float = 1.0) -> list[tuple[str, tuple[float, float]]]:
        width, height = measure_room(one)
        return [label for label in one.labels if share * label[1][0] <= width and label[1][1] <= height]

    # those that need no room beyond their shapes first, so that the others find what is left
    order = sorted(
        areas,
        key=lambda one: (
            one.figure.shape.part is not Part.ZONES, not one.figure.note, not list_fitting(one)
        ),
    )  # fmt: skip
    for one in order:
        room, fitting = measure_room(one), list_fitting(one)
        is_near = one.figure.shape.part is Part.ZONES and bool(list_fitting(one, _OVERHANG_SHARE))
        if not fitting and not is_near and not one.figure.needs_label:
            continue
        label, (width, height) = fitting[0] if fitting else one.labels[-1]
        spare_x, spare_y = (room[0] - width) / 2, (room[1] - height) / 2
        middle = one.bounds.center()
        is_zone = one.figure.shape.part is Part.ZONES
        for x, y in ((0, 0), *(() if is_zone else ((0, -1), (0, 1), (-1, 0), (1, 0)))):
            left = middle.x() * x_px_m + x * spare_x - width / 2
            top = middle.y() * y_px_m + y * spare_y - height / 2
            box = np.array([left, top, left + width, top + height])
            is_free = not ((taken[:, :2] < box[2:]) & (taken[:, 2:] > box[:2])).all(axis=1).any()
            if is_free or (is_zone and fitting):
                shifts[one.figure.shape] = label, QPointF(x * spare_x, y * spare_y)
                taken = np.vstack([taken, box])
                break
    return shifts


def find_colour(figure: EditableShape) -> QColor:
    """Return a shape's colour: its own, or one that differs from its neighbours."""
    theme = current_theme()
    if figure.colour is not None:
        return QColor(figure.colour)
    if figure.is_line:
        return QColor(theme.bad)
    if figure.shape.part is Part.ZONES:
        return QColor(theme.zones[figure.number % len(theme.zones)])
    return QColor(theme.text_muted)


def paint_shape(
    painter: QPainter, figure: EditableShape, polygon: QPolygonF, colour: QColor, *, is_chosen: bool = False
) -> None:
    """Paint a shape; a line has an arrow."""
    painter.setPen(make_pen(colour, 3.0 if is_chosen or figure.is_line else 1.6))
    if figure.is_line:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(polygon)
        _paint_arrow(painter, polygon, colour, is_chosen=is_chosen)
        return
    shade = fade(colour, 70 if is_chosen else 36)
    painter.setBrush(shade if figure.fill is None else QColor(figure.fill))
    painter.drawPolygon(polygon)


def paint_band(painter: QPainter, polygon: QPolygonF, colour: QColor, band_m: float) -> None:
    """Paint the strip along a line in which a person counts as on neither side."""
    fill = fade(colour, 45)
    pen = QPen(fill, band_m)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(polygon)


def list_labels(figure: EditableShape) -> tuple[str, ...]:
    """Return the texts for a shape: its name with its note beside or below it, one of them, or nothing."""
    name, note = display_name(figure.shape.name), figure.note
    return (f"{name}  {note}", f"{name}\n{note}", note) if note else (name,)


def measure_label(label: str) -> tuple[float, float]:
    """Return width and height of a shape's label in pixels, with some margin."""
    metrics, lines = QFontMetricsF(_make_font()), label.split("\n")
    return max(map(metrics.horizontalAdvance, lines)) + 8, metrics.height() * len(lines) + 2


def _make_font() -> QFont:
    font = QFont()
    font.setPointSizeF(current_theme().font_small_pt)
    return font


def paint_name(
    painter: QPainter, figure: EditableShape, polygon: QPolygonF, *, label: str, shift: QPointF
) -> None:
    """Paint a label in the middle of an area, or beside a line on the side away from its arrow, all in view.

    Args:
        shift: from the middle of an area, in pixels.
    """
    place, view = _place_name(painter.worldTransform(), figure, polygon, label, shift), painter.viewport()
    if figure.is_line and place.intersects(QRectF(view)):
        # doors are at the edge of the plan, with little room outside
        place.moveLeft(min(max(place.left(), view.left()), view.right() - place.width()))
        place.moveTop(min(max(place.top(), view.top()), view.bottom() - place.height()))
    painter.save()
    painter.resetTransform()
    theme = current_theme()
    painter.setFont(_make_font())
    paint_pill(painter, place, label, fill=fade(theme.surface, 215), ink=QColor(theme.text))
    painter.restore()


def _place_name(
    transform: QTransform, figure: EditableShape, polygon: QPolygonF, label: str, shift: QPointF
) -> QRectF:
    """Return the rectangle of a label in pixels."""
    rect = transform.mapRect(polygon.boundingRect())
    width, height = measure_label(label)
    at = rect.center() + shift
    if figure.is_line:
        foot, inward = find_arrow(polygon)
        outward = transform.map(foot - inward) - transform.map(foot)
        length = math.hypot(outward.x(), outward.y()) or 1.0
        # keep clear of the line in any direction
        reach = 8 + abs(outward.x() / length) * width / 2 + abs(outward.y() / length) * height / 2
        at = transform.map(foot) + outward * (reach / length)
    return QRectF(at.x() - width / 2, at.y() - height / 2, width, height)


def _paint_arrow(painter: QPainter, polygon: QPolygonF, colour: QColor, *, is_chosen: bool) -> None:
    """Paint an arrow from the middle of a line to the side that counts as in, labelled if selected."""
    foot, inward = find_arrow(polygon)
    size = _ARROW_PX / abs(painter.worldTransform().m11() or 1.0)
    tip = foot + inward * size
    side = QPointF(-inward.y(), inward.x()) * (0.28 * size)
    painter.drawLine(foot, tip)
    painter.setBrush(colour)
    back = tip - inward * (0.4 * size)
    painter.drawPolygon(QPolygonF([tip + inward * (0.1 * size), back + side, back - side]))
    if not is_chosen:
        return
    at = painter.worldTransform().map(tip + inward * (0.5 * size))
    painter.save()
    painter.resetTransform()
    font = QFont()
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.drawText(QRectF(at.x() - 40, at.y() - 12, 80, 24), Qt.AlignmentFlag.AlignCenter, tr("in"))
    painter.restore()


class HandlesItem(SceneItem):
    """The selected shape with its handles, and the current drawing, above everything."""

    def __init__(self) -> None:
        super().__init__()
        self._bounds, self._reach_m = QRectF(), 1.0
        self._figure: EditableShape | None = None
        self._points: tuple[Point, ...] = ()
        self._vertex: int | None = None
        self._draft: tuple[Point, ...] = ()
        self._draft_closes = False
        self._guides: tuple[Segment, ...] = ()

    def set_scale(self, pixels_per_metre: float) -> None:
        """Set the size of a pixel, since handles and names have a constant size on the screen."""
        self._reach_m = _REACH_PX / pixels_per_metre
        self._measure()

    def _measure(self) -> None:
        """Update the bounds, so that only the drawing is repainted."""
        self.prepareGeometryChange()
        ends = [point for guide in self._guides for point in guide]
        points = make_polygon((*self._points, *self._draft, *ends))
        reach = self._reach_m
        self._bounds = points.boundingRect().adjusted(-reach, -reach, reach, reach)
        self.update()

    def show_shape(
        self, figure: EditableShape | None, points: Sequence[Point], *, vertex: int | None
    ) -> None:
        self._figure, self._points, self._vertex = figure, tuple(points), vertex
        self._measure()

    def show_draft(self, points: Sequence[Point], *, closes: bool, guides: Sequence[Segment] = ()) -> None:
        self._draft, self._draft_closes, self._guides = tuple(points), closes, tuple(guides)
        self._measure()

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        figure = self._figure
        if figure is not None:
            polygon = make_polygon(self._points)
            colour = find_colour(figure)
            if figure.band_m:
                paint_band(painter, polygon, colour, figure.band_m)
            paint_shape(painter, figure, polygon, colour, is_chosen=True)
            if figure.shape.name:
                paint_name(painter, figure, polygon, label=list_labels(figure)[0], shift=QPointF())
            self._paint_handles(painter, figure)
        painter.setPen(make_pen(theme.accent, 1, Qt.PenStyle.DashLine))
        for start, end in self._guides:
            painter.drawLine(QPointF(*start), QPointF(*end))
        self._paint_draft(painter)

    def _paint_handles(self, painter: QPainter, figure: EditableShape) -> None:
        theme = current_theme()
        size = HANDLE_PX * measure_pixel(painter)
        painter.setPen(make_pen(theme.accent, 1.5))
        painter.setBrush(QColor(theme.surface))
        for x, y in dataclasses.replace(figure, points=self._points).middles:
            painter.drawEllipse(QPointF(x, y), 0.35 * size, 0.35 * size)
        for number, (x, y) in enumerate(self._points):
            painter.setBrush(QColor(theme.accent if number == self._vertex else theme.surface))
            painter.drawRect(QRectF(x - size / 2, y - size / 2, size, size))

    def _paint_draft(self, painter: QPainter) -> None:
        if not self._draft:
            return
        theme = current_theme()
        polygon = make_polygon(self._draft)
        painter.setPen(make_pen(theme.accent, 2))
        fill = fade(theme.accent, 40)
        painter.setBrush(fill if self._draft_closes else Qt.BrushStyle.NoBrush)
        if self._draft_closes:
            painter.drawPolygon(polygon)
        else:
            painter.drawPolyline(polygon)
        size = HANDLE_PX * measure_pixel(painter)
        painter.setBrush(QColor(theme.surface))
        for x, y in self._draft:
            painter.drawRect(QRectF(x - size / 2, y - size / 2, size, size))

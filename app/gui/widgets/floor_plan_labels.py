"""The names on a floor plan: of zones, counting lines and cameras, of constant size on the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from enum import Enum

import shapely
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.gui.theme import current_theme
from app.gui.translation import display_name
from app.gui.widgets.floor_plan_items import ARROW_PX, find_arrow
from app.gui.widgets.label_placement import LabelWish, list_centres_around, place_labels
from app.operations.floor_scene import PlanShape, Point

_ARROW_PX = 1.2 * ARROW_PX
"""From a line to the tip of its arrow."""
_WALL_PX = 4.0
_MARK_PX = 9.0
"""From the middle of a camera's mark or a line to its name."""


class LabelKind(Enum):
    """What a name belongs to, the most important first."""

    ZONE = "zone"
    LINE = "line"
    CAMERA = "camera"


class LabelItem(QGraphicsItem):
    """A name in a pill of constant size on the screen, whatever the zoom, beside what it belongs to."""

    def __init__(
        self, text: str, at: Point, kind: LabelKind, *, outward: tuple[float, float] | None = None
    ) -> None:
        """``outward``: the direction, in the scene, in which the name is best beside its mark."""
        super().__init__()
        self.outward_px = None if outward is None else QPointF(outward[0], -outward[1])
        self.text = text
        self.note = ""
        self.scale_by = 1.0
        self._is_short = False
        self.kind = kind
        self._offset_px = QPointF()
        self.is_strong = False
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setPos(*at)

    @property
    def shown_text(self) -> str:
        """The name, and what is noted after it, or that alone where there is no room for both."""
        if self._is_short:
            return self.note
        return f"{display_name(self.text)}  {self.note}" if self.note else display_name(self.text)

    def set_note(self, note: str, *, scale_by: float) -> None:
        """Write something after the name, and all of it larger."""
        self.prepareGeometryChange()
        self.note, self.scale_by = note, scale_by

    def fit_into(self, width_px: float) -> None:
        """Leave the name out where it would reach beyond its zone, if something is noted."""
        was_short, self._is_short = self._is_short, False
        self._is_short = bool(self.note) and self.size_px.width() > width_px
        if was_short != self._is_short:
            self.prepareGeometryChange()

    @property
    def size_px(self) -> QSizeF:
        """Of the pill."""
        metrics = QFontMetricsF(self._font())
        return QSizeF(metrics.horizontalAdvance(self.shown_text) + 12, metrics.height() + 4)

    def set_offset(self, offset_px: QPointF) -> None:
        """Stand so far to the right and below, from the middle of what it belongs to."""
        if offset_px != self._offset_px:
            self.prepareGeometryChange()
            self._offset_px = offset_px

    def boundingRect(self) -> QRectF:  # noqa: N802, D102
        size = self.size_px
        middle = QPointF(size.width() / 2, size.height() / 2)
        return QRectF(self._offset_px - middle, size)

    def paint(  # noqa: D102
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        theme = current_theme()
        rect, fill = self.boundingRect(), QColor(theme.surface)
        fill.setAlpha(230)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent) if self.is_strong else fill)
        painter.drawRoundedRect(rect, 4, 4)
        inks = {LabelKind.ZONE: theme.text, LabelKind.LINE: theme.bad, LabelKind.CAMERA: theme.accent}
        painter.setPen(QColor(theme.accent_text if self.is_strong else inks[self.kind]))
        painter.setFont(self._font())
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.shown_text)

    def _font(self) -> QFont:
        font = QFont()
        font.setPointSizeF(current_theme().font_small_pt * self.scale_by)
        is_zone = self.kind is LabelKind.ZONE
        font.setWeight(QFont.Weight.DemiBold if is_zone else QFont.Weight.Normal)
        return font


def label_zone(zone: PlanShape) -> LabelItem:
    """The name of a zone, in it."""
    middle = shapely.Polygon(zone.points).representative_point()
    return LabelItem(zone.name, (float(middle.x), float(middle.y)), LabelKind.ZONE)


def label_line(line: PlanShape) -> LabelItem:
    """The name of a counting line, best on the side away from its arrow."""
    middle, inward = find_arrow(line)
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
) -> None:
    """Show the names that do not cover one another.

    The selected zone's comes first, then those of the larger zones, of lines and of cameras; these two move
    out of the way of zones and of the floor's edges where they can.

    Args:
        zones_px: the rectangle round every zone, in the viewport's pixels.
        floor_px: the rectangle round the floor.
        view_px: what can be seen; a name that can stand inside does.
        transform: from the scene to the viewport.
    """

    def rank(label: LabelItem) -> tuple[int, bool, float]:
        kind = list(LabelKind).index(label.kind)
        if label.kind is not LabelKind.ZONE:
            return kind, False, 0.0
        area = zones_px[label.text]
        return kind, label.text != selected, -area.width() * area.height()

    wanted = sorted((label for label in labels if label.kind in kinds), key=rank)
    wishes = [_wish(label, transform.map(label.pos()), zones_px, view_px) for label in wanted]
    avoided = [*_outline_walls(floor_px), *(zones_px.values() if LabelKind.ZONE in kinds else ())]
    for label in labels:
        label.setVisible(False)
    for label, place in zip(wanted, place_labels(wishes, avoided=avoided), strict=True):
        if place is not None:
            label.set_offset(place - transform.map(label.pos()))
            label.setVisible(True)


def _wish(label: LabelItem, at: QPointF, zones_px: dict[str, QRectF], view_px: QRectF) -> LabelWish:
    size = label.size_px
    if label.kind is not LabelKind.ZONE:
        centres = list_centres_around(at, size, gap_px=_MARK_PX)
        outward = label.outward_px
        if outward is not None:
            beyond = at - outward * (_ARROW_PX + _MARK_PX + _reach(size, outward))
            centres = tuple(sorted(centres, key=lambda centre: _deviate(centre - at, outward)))
            centres = (centres[0], beyond, *centres[1:])
        seen = tuple(centre for centre in centres if view_px.contains(_surround(centre, size)))
        return LabelWish(size, seen or centres, is_shy=True)
    # a name that has left its zone would belong to another
    step = QPointF(0, size.height() + 4)
    moved = [centre for centre in (at - step, at + step) if zones_px[label.text].contains(centre)]
    return LabelWish(size, (at, *moved))


def _surround(centre: QPointF, size: QSizeF) -> QRectF:
    return QRectF(centre - QPointF(size.width() / 2, size.height() / 2), size)


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


def _reach(size: QSizeF, direction: QPointF) -> float:
    """From the middle of a name to its edge, in a direction."""
    return abs(direction.x()) * size.width() / 2 + abs(direction.y()) * size.height() / 2


def _deviate(way: QPointF, direction: QPointF) -> float:
    """How far a way leads off a direction: -1 along it, 1 against it."""
    return -QPointF.dotProduct(way, direction) / math.hypot(way.x(), way.y())

"""A floor plan with camera coverage, on which planned cameras are moved and turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.coverage.coverage_report import CameraGlyph, ShownLayer
from app.gui.canvas.floor_plan_canvas import FloorPlanCanvas
from app.gui.canvas.heatmap_layer import interpolate_heat, make_path, paint_hatching, paint_scale_labels
from app.gui.canvas.scene_item import SceneItem, fade, make_pen, paint_pill
from app.gui.canvas.zoomed_view import ARROWS_Y_UP
from app.gui.session.theme import Theme, current_theme
from app.gui.session.translation import display_name

LEVELS = 255
"""Levels of a shade; level 0 is floor without a value."""
_ALPHA = 150
"""Opacity that keeps zones, names and walls visible below."""
_HATCHING_ALPHA = 120
_COUNT_ALPHAS = (70, 130, 190)
"""Opacity for one camera, two, and three or more."""


def shade_share(share: float) -> QColor:
    """Return the colour of a share from good (0) to bad (1)."""
    colour = interpolate_heat(share)
    colour.setAlpha(_ALPHA)
    return colour


def shade_count(theme: Theme, count: int) -> QColor:
    colour = QColor(theme.accent)
    colour.setAlpha(_COUNT_ALPHAS[min(count, len(_COUNT_ALPHAS)) - 1])
    return colour


class CoverageLayerItem(SceneItem):
    """The coverage cells as a picture; unseen floor is hatched."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: ShownLayer | None = None
        self._image = QImage()
        self._unseen = QPainterPath()

    @property
    def image(self) -> QImage:
        """Picture with one pixel per cell, the lowest row first; null if empty."""
        return self._image

    def set_layer(self, shown: ShownLayer | None) -> None:
        """Set the layer, or None."""
        self.prepareGeometryChange()
        if shown is not None and (self._shown is None or shown.is_unseen is not self._shown.is_unseen):
            self._unseen = _cover_cells(shown)
        self._shown = shown
        self._bounds = QRectF() if shown is None else QRectF(*shown.rect_m)
        if shown is None:
            self._unseen = QPainterPath()
        self.recolour()

    def recolour(self) -> None:
        self._image = QImage() if self._shown is None else _paint_cells(self._shown)
        self.update()

    def _draw(self, painter: QPainter) -> None:
        if self._image.isNull():
            return
        paint_hatching(painter, self._unseen, alpha=_HATCHING_ALPHA)
        painter.drawImage(self._bounds, self._image, QRectF(self._image.rect()))


class CoverageLegend(QWidget):
    """The legend of the colours and the hatching."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts: tuple[str, str, str, str] = ("", "", "", "")
        self._unseen = ""
        self._is_count = True
        self.setSizePolicy(QSizePolicy.Policy.MinimumExpanding, QSizePolicy.Policy.Fixed)

    @property
    def texts(self) -> tuple[str, ...]:
        return (*self._texts, self._unseen)

    def show_scale(self, title: str, labels: tuple[str, str, str], *, unseen: str, is_count: bool) -> None:
        """Show a title above labels at the left, in the middle and at the right."""
        self._texts, self._unseen, self._is_count = (title, *labels), unseen, is_count
        self.setAccessibleName(title)
        self.setAccessibleDescription(f"{' – '.join(labels)}; {unseen}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        metrics = self.fontMetrics()
        beside = metrics.horizontalAdvance(self._unseen) + 40
        return QSize(max(metrics.horizontalAdvance(self._texts[0]), 220 + beside), metrics.height() * 2 + 16)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def paintEvent(self, _event: object) -> None:  # noqa: N802
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        line = self.fontMetrics().height()
        beside = self.fontMetrics().horizontalAdvance(self._unseen) + 40
        width = min(self.width() - beside - 24, 420)
        painter.setPen(QColor(theme.text_muted))
        painter.drawText(QRectF(2, 0, self.width() - 4, line), Qt.AlignmentFlag.AlignLeft, self._texts[0])
        bar = QRectF(2, line + 3, width, 9)
        # beside each other without seams
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        steps = 3 if self._is_count else 70
        for step in range(steps):
            colour = shade_count(theme, step + 1) if self._is_count else shade_share(1 - (step + 0.5) / steps)
            painter.fillRect(
                QRectF(bar.left() + bar.width() * step / steps, bar.top(), bar.width() / steps, bar.height()),
                colour,
            )
        paint_scale_labels(painter, QRectF(2, bar.bottom() + 3, width, line), self._texts[1:])
        swatch = QRectF(bar.right() + 24, bar.top() - 2, 26, 13)
        hatched = fade(theme.text_muted, _HATCHING_ALPHA)
        painter.fillRect(swatch, QBrush(hatched, Qt.BrushStyle.BDiagPattern))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.drawRect(swatch)
        painter.setPen(QColor(theme.text))
        painter.drawText(
            QRectF(swatch.right() + 8, swatch.center().y() - line / 2, beside, line),
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter,
            self._unseen,
        )
        painter.end()


def _paint_cells(shown: ShownLayer) -> QImage:
    theme = current_theme()
    shares = shown.shares
    is_known = np.isfinite(shares)
    if shown.is_count:
        levels = np.where(is_known, np.clip(np.nan_to_num(shares), 0, len(_COUNT_ALPHAS)), 0)
        colours = [shade_count(theme, count + 1) for count in range(len(_COUNT_ALPHAS))]
    else:
        levels = np.where(is_known, 1 + np.clip(np.nan_to_num(shares), 0, 1) * (LEVELS - 1), 0)
        colours = [shade_share(level / (LEVELS - 1)) for level in range(LEVELS)]
    content = np.ascontiguousarray(levels.astype(np.uint8))
    rows, columns = content.shape
    indexed = QImage(content.data, columns, rows, columns, QImage.Format.Format_Indexed8)
    indexed.setColorTable([0, *(colour.rgba() for colour in colours)])
    return indexed.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


def _cover_cells(shown: ShownLayer) -> QPainterPath:
    left, bottom, width, height = shown.rect_m
    rows, columns = shown.is_unseen.shape
    wide, high = width / columns, height / rows
    edges = np.diff(np.pad(shown.is_unseen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    starts, ends = np.nonzero(edges == 1), np.nonzero(edges == -1)
    for row, start, end in zip(starts[0].tolist(), starts[1].tolist(), ends[1].tolist(), strict=True):
        path.addRect(QRectF(left + start * wide, bottom + row * high, (end - start) * wide, high))
    return path


STEP_M, LONG_STEP_M = 0.1, 1.0
TURN_DEG, LONG_TURN_DEG = 1.0, 10.0
"""Degrees per arrow key with Ctrl, alone and with Shift."""
REACH_PX = 12.0
HANDLE_PX = 46.0
"""Distance from a camera to its rotation handle."""
_WEDGE_PX = 26.0
_CLICK_PX = 5.0


class CoverageGrip(StrEnum):
    """The part of a camera at the mouse pointer."""

    NOTHING = "nothing"
    CAMERA = "camera"
    HANDLE = "handle"


class CameraGlyphsItem(SceneItem):
    """All cameras at a constant screen size: installed ones filled, planned ones hollow."""

    def __init__(self) -> None:
        super().__init__()
        self.glyphs: tuple[CameraGlyph, ...] = ()

    def set_glyphs(self, glyphs: tuple[CameraGlyph, ...], floor: QRectF) -> None:
        self.prepareGeometryChange()
        self.glyphs = glyphs
        margin = max(floor.width(), floor.height())
        self._bounds = floor.adjusted(-margin, -margin, margin, margin)
        self.update()

    def _draw(self, painter: QPainter) -> None:
        theme = current_theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for glyph in self.glyphs:
            if glyph.view:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(make_pen(theme.accent, 1.6, Qt.PenStyle.DashLine))
                painter.drawPath(make_path(glyph.view))
        transform = painter.worldTransform()
        painter.save()
        painter.resetTransform()
        for glyph in sorted(self.glyphs, key=lambda known: known.is_selected):
            painter.save()
            painter.translate(transform.map(QPointF(glyph.x_m, glyph.y_m)))
            _paint_glyph(painter, glyph)
            painter.restore()
        painter.restore()


class CoverageCanvas(FloorPlanCanvas):
    """The coverage canvas; requests edits by signals."""

    camera_chosen = Signal(str)
    """A camera's name, or an empty text for none."""
    dragged = Signal(str, object)
    """(planned camera, (x_m, y_m))"""
    turned = Signal(str, float)
    """(planned camera, heading in degrees)"""
    dropped = Signal(bool)
    """True if the drag is to be saved, False if it is to be undone."""
    nudged = Signal(float, float, float)
    """(metres to the right, metres up, degrees to the left), by a key."""
    remove_requested = Signal()
    placed = Signal(object)
    """(x_m, y_m) of a click while a camera is to be added."""
    placing_ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layer_item, self.glyphs_item = CoverageLayerItem(), CameraGlyphsItem()
        # the layer lies on the floor and below the walls
        self._overlays = ((self.layer_item, 1.5), (self.glyphs_item, 30))
        self._grip = CoverageGrip.NOTHING
        self._gripped = ""
        self._grip_at = QPointF()
        self._offset_m = (0.0, 0.0)
        self._is_dragging = False
        self._is_placing = False

    def set_placing(self, is_placing: bool) -> None:
        self._is_placing = is_placing
        self.viewport().setCursor(Qt.CursorShape.CrossCursor if is_placing else Qt.CursorShape.ArrowCursor)
        if not is_placing:
            self.placing_ended.emit()

    def show_coverage(self, shown: ShownLayer | None) -> None:
        self.layer_item.set_layer(shown)

    def show_glyphs(self, glyphs: tuple[CameraGlyph, ...]) -> None:
        self.glyphs_item.set_glyphs(glyphs, self.content_rect)

    def find_grip(self, at_px: QPointF) -> tuple[CoverageGrip, str]:
        """Return the camera and its part at a place of the viewport; planned ones can be dragged."""
        chosen = [glyph for glyph in self._glyphs if glyph.is_selected and glyph.is_planned]
        for glyph in chosen:
            if _distance(self.place_handle(glyph), at_px) <= REACH_PX:
                return CoverageGrip.HANDLE, glyph.name
        near = [(_distance(self._place(glyph), at_px), glyph.name) for glyph in self._glyphs]
        distance, name = min(near, default=(math.inf, ""))
        return (CoverageGrip.CAMERA, name) if distance <= REACH_PX else (CoverageGrip.NOTHING, "")

    def place_handle(self, glyph: CameraGlyph) -> QPointF:
        towards = QPointF(math.cos(glyph.heading_rad), -math.sin(glyph.heading_rad))
        return self._place(glyph) + towards * HANDLE_PX

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if self._is_placing:
            at = self.mapToScene(event.position().toPoint())
            self.set_placing(False)
            self.placed.emit((at.x(), at.y()))
            return
        self._grip, self._gripped = self.find_grip(event.position())
        self._grip_at, self._is_dragging = event.position(), False
        if self._grip is CoverageGrip.NOTHING:
            super().mousePressEvent(event)
            return
        glyph = self._find(self._gripped)
        at = self.mapToScene(event.position().toPoint())
        if glyph is not None:
            self._offset_m = (glyph.x_m - at.x(), glyph.y_m - at.y())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = self.mapToScene(event.position().toPoint())
        if self._grip is CoverageGrip.NOTHING:
            super().mouseMoveEvent(event)
            if not event.buttons():
                self._show_cursor(event.position())
            return
        glyph = self._find(self._gripped)
        if glyph is None or not glyph.is_planned:
            return
        if not self._is_dragging and (event.position() - self._grip_at).manhattanLength() <= _CLICK_PX:
            return
        self._is_dragging = True
        if self._grip is CoverageGrip.CAMERA:
            self.dragged.emit(glyph.name, (at.x() + self._offset_m[0], at.y() + self._offset_m[1]))
        else:
            heading = math.degrees(math.atan2(at.y() - glyph.y_m, at.x() - glyph.x_m))
            self.turned.emit(glyph.name, heading)
        self.hovered.emit((at.x(), at.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        grip, self._grip = self._grip, CoverageGrip.NOTHING
        if grip is CoverageGrip.NOTHING:
            was_click = self._pressed_at is not None and not self._has_moved
            super().mouseReleaseEvent(event)
            if was_click:
                self.camera_chosen.emit("")
        elif self._is_dragging:
            self._is_dragging = False
            self.dropped.emit(True)
        else:
            self.camera_chosen.emit(self._gripped)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._press_key(event):
            event.accept()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.layer_item.recolour()

    @property
    def _glyphs(self) -> Sequence[CameraGlyph]:
        return self.glyphs_item.glyphs

    def _press_key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if self._is_placing and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.set_placing(False)
            if key != Qt.Key.Key_Escape:
                self.placed.emit(self.middle_m)
            return True
        if self._is_dragging and key == Qt.Key.Key_Escape:
            self._grip, self._is_dragging = CoverageGrip.NOTHING, False
            self.dropped.emit(False)
            return True
        chosen = next((glyph for glyph in self._glyphs if glyph.is_selected), None)
        if key in (Qt.Key.Key_N, Qt.Key.Key_P) and self._glyphs:
            self._choose_next(chosen, 1 if key == Qt.Key.Key_N else -1)
        elif chosen is None:
            return False
        elif key == Qt.Key.Key_Escape:
            self.camera_chosen.emit("")
        elif not chosen.is_planned:
            return False
        elif key in ARROWS_Y_UP:
            self._nudge(key, event.modifiers())
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_requested.emit()
        else:
            return False
        return True

    def _choose_next(self, chosen: CameraGlyph | None, step: int) -> None:
        names = [glyph.name for glyph in self._glyphs]
        start = min(-step, 0) if chosen is None else names.index(chosen.name)
        self.camera_chosen.emit(names[(start + step) % len(names)])

    def _nudge(self, key: int, modifiers: Qt.KeyboardModifier) -> None:
        is_long = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        right, up = ARROWS_Y_UP[key]
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            step = LONG_TURN_DEG if is_long else TURN_DEG
            self.nudged.emit(0.0, 0.0, -right * step)
            return
        step = LONG_STEP_M if is_long else STEP_M
        self.nudged.emit(right * step, up * step, 0.0)

    def _show_cursor(self, at_px: QPointF) -> None:
        if self._is_placing:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
            return
        grip, _name = self.find_grip(at_px)
        shape = Qt.CursorShape.ArrowCursor if grip is CoverageGrip.NOTHING else Qt.CursorShape.SizeAllCursor
        self.viewport().setCursor(shape)

    def _find(self, name: str) -> CameraGlyph | None:
        return next((glyph for glyph in self._glyphs if glyph.name == name), None)

    def _place(self, glyph: CameraGlyph) -> QPointF:
        return self.viewportTransform().map(QPointF(glyph.x_m, glyph.y_m))


def _distance(first: QPointF, second: QPointF) -> float:
    return math.hypot(first.x() - second.x(), first.y() - second.y())


def _paint_glyph(painter: QPainter, glyph: CameraGlyph) -> None:
    """Paint a camera at the origin, in pixels, v down."""
    theme = current_theme()
    colour = QColor(theme.accent if glyph.is_planned else theme.text)
    wedge = QPainterPath()
    wedge.moveTo(0, 0)
    around = QRectF(-_WEDGE_PX, -_WEDGE_PX, 2 * _WEDGE_PX, 2 * _WEDGE_PX)
    start = math.degrees(glyph.heading_rad - glyph.half_fov_rad)
    wedge.arcTo(around, start, math.degrees(2 * glyph.half_fov_rad))
    wedge.closeSubpath()
    faded = fade(colour, 90)
    painter.fillPath(wedge, faded)
    painter.setPen(make_pen(colour, 1.4))
    painter.drawPath(wedge)
    radius = 7.0 if glyph.is_selected else 5.5
    painter.setPen(make_pen(theme.surface if not glyph.is_planned else colour, 2.0))
    painter.setBrush(QColor(theme.surface) if glyph.is_planned else colour)
    painter.drawEllipse(QPointF(0, 0), radius, radius)
    if glyph.is_selected:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(make_pen(theme.accent, 2.0))
        painter.drawEllipse(QPointF(0, 0), radius + 4, radius + 4)
        if glyph.is_planned:
            towards = QPointF(math.cos(glyph.heading_rad), -math.sin(glyph.heading_rad))
            painter.drawLine(towards * (radius + 4), towards * (HANDLE_PX - 6))
            painter.setBrush(QColor(theme.surface))
            painter.drawEllipse(towards * HANDLE_PX, 6.0, 6.0)
    _paint_name(painter, glyph, colour)


def _paint_name(painter: QPainter, glyph: CameraGlyph, colour: QColor) -> None:
    theme = current_theme()
    font = QFont(painter.font())
    font.setPointSizeF(theme.font_small_pt)
    font.setBold(glyph.is_selected)
    text = display_name(glyph.name)
    size = QFontMetricsF(font).size(0, text)
    # behind the camera's back, where it does not look
    towards = QPointF(math.cos(glyph.heading_rad), -math.sin(glyph.heading_rad))
    centre = QPointF(-towards.x() * (size.width() / 2 + 16), -towards.y() * (size.height() / 2 + 14))
    pill = QRectF(
        centre.x() - size.width() / 2 - 5,
        centre.y() - size.height() / 2 - 1,
        size.width() + 10,
        size.height() + 2,
    )
    painter.setFont(font)
    paint_pill(painter, pill, text, fill=fade(theme.surface, 225), ink=colour)

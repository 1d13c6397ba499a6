"""Show one camera on the wall: its picture with boxes and trails, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from app.access.roles import Permission
from app.cameras.pictured_shapes import PicturedShape
from app.gui.canvas.camera_picture_items import find_colour, paint_arrow
from app.gui.canvas.scene_item import TextPixmaps, make_pen, make_polygon
from app.gui.live.preview_feed import Box
from app.gui.session.camera_words import CameraHealth
from app.gui.session.experts_view import is_experts_view
from app.gui.session.permissions import require_permission
from app.gui.session.theme import DARK, Theme, current_theme
from app.gui.session.translation import display_name, tr


def draw_paragraphs(
    painter: QPainter, room: QRect, parts: Sequence[tuple[str, QFont, str]], *, gap_px: int
) -> None:
    """Draw centred paragraphs, as many as fit completely.

    Args:
        parts: text, font and colour of each; the first is drawn in any case.
        gap_px: between two of them.
    """
    flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
    placed: list[tuple[str, QFont, str, int]] = []
    used = 0
    for text, font, colour in parts:
        bounds = QFontMetrics(font).boundingRect(QRect(0, 0, room.width(), 10000), int(flags), text)
        if placed and used + bounds.height() > room.height():
            break
        placed.append((text, font, colour, bounds.height()))
        used += bounds.height() + gap_px
    y = room.top() + max(0, (room.height() - used) // 2)
    for text, font, colour, height in placed:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        painter.drawText(QRect(room.left(), y, room.width(), height), int(flags), text)
        y += height + gap_px


@dataclass(frozen=True, slots=True)
class TileTrack:
    """A person in the picture: box and foot points in pixels of the full frame, oldest first."""

    number: int
    box: Box
    trail: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class TileContent:
    """The content of a tile with translated texts.

    Attributes:
        problem, remedy: why the picture is missing or unreliable; empty without a problem.
        since: start of the problem.
        people, figures: short texts over the picture.
        found: boxes of all detections, counted or not.
        zones: zones and lines to draw over the picture.
        stale_after_s: age of a picture after which it must be removed.
        silhouettes_wh: frame size of the camera if silhouettes replace its pictures.
    """

    camera: str
    tone: CameraHealth
    problem: str = ""
    remedy: str = ""
    since: str = ""
    people: str = ""
    figures: str = ""
    tracks: tuple[TileTrack, ...] = ()
    found: tuple[Box, ...] = ()
    zones: tuple[PicturedShape, ...] = ()
    shows_tracks: bool = True
    is_blurred: bool = True
    stale_after_s: float = 3.0
    silhouettes_wh: tuple[int, int] | None = None

    @property
    def people_boxes(self) -> tuple[Box, ...]:
        """Return the boxes of everybody in the picture; tracks and their detections may both occur."""
        return (*(track.box for track in self.tracks), *self.found)


GROUND = QColor("#10161f")
FIGURE = QColor("#7d8ea5")
"""Light on dark in every theme, like the strips over pictures."""
_HEAD_PART = 0.16
"""Height of a head relative to a standing person."""
_HEAD_WIDTHS = 0.45
"""Height of a head in box widths, for people whose legs are outside the picture."""


def fit_frame(frame_wh: tuple[int, int], room: QRect) -> QRect:
    """Return the largest centred rectangle with a frame's aspect ratio."""
    size = QSize(*frame_wh).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    area = QRect(0, 0, size.width(), size.height())
    area.moveCenter(room.center())
    return area


def paint_silhouettes(
    painter: QPainter, area: QRect, frame_wh: tuple[int, int], boxes: Iterable[Box]
) -> None:
    """Paint the background and a head and body for each box, in pixels of a frame of ``frame_wh``."""
    painter.save()
    painter.fillRect(area, GROUND)
    painter.setClipRect(area)
    painter.translate(area.topLeft())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(FIGURE)
    across, down = area.width() / frame_wh[0], area.height() / frame_wh[1]
    # one path, so that overlapping silhouettes merge
    figures = QPainterPath()
    figures.setFillRule(Qt.FillRule.WindingFill)
    for left, top, right, bottom in boxes:
        _add_silhouette(
            figures, QRectF(left * across, top * down, (right - left) * across, (bottom - top) * down)
        )
    painter.drawPath(figures)
    painter.restore()


def _add_silhouette(path: QPainterPath, box: QRectF) -> None:
    head = min(box.height(), max(_HEAD_PART * box.height(), _HEAD_WIDTHS * box.width()))
    radius = head / 2
    path.addEllipse(QPointF(box.center().x(), box.top() + radius), 0.9 * radius, radius)
    body = QRectF(box.left(), box.top() + head, box.width(), box.height() - head)
    rounding = min(body.width() / 2, body.height() / 3)
    path.addRoundedRect(body, rounding, rounding)


class TilePlan:
    """Zones and lines over a picture, prepared once for repeated painting."""

    def __init__(self) -> None:
        self._figures: tuple[PicturedShape, ...] = ()
        self._drawn: list[tuple[PicturedShape, QColor, list[QPolygonF]]] = []

    @property
    def figures(self) -> tuple[PicturedShape, ...]:
        return self._figures

    def set_shapes(self, figures: tuple[PicturedShape, ...]) -> None:
        """Set the shapes, in pixels of the full frame."""
        if figures is not self._figures:
            self._figures = figures
            self._drawn = [(f, find_colour(f), [make_polygon(piece) for piece in f.pieces]) for f in figures]

    def paint(self, painter: QPainter, area: QRect, frame_wh: tuple[int, int]) -> None:
        """Paint the shapes over a picture of a frame of this size that fills ``area``."""
        if not self._drawn:
            return
        painter.save()
        painter.translate(area.topLeft())
        painter.setClipRect(0, 0, area.width(), area.height())
        painter.scale(area.width() / frame_wh[0], area.height() / frame_wh[1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for figure, colour, polygons in self._drawn:
            painter.setPen(make_pen(colour, 1.4))
            for polygon in polygons:
                painter.drawPolyline(polygon)
            if figure.direction is not None:
                paint_arrow(painter, figure.direction, colour)
        painter.restore()


def make_tile_menu(tile: VideoTile) -> QMenu:
    menu = QMenu(tile)
    camera = tile.camera
    menu.addAction(tr("Enlarge or shrink"), lambda: tile.enlarge_requested.emit(camera))
    save = menu.addAction(tr("Save this picture"), lambda: tile.snapshot_requested.emit(camera))
    save.setEnabled(tile.has_picture)
    calibrate = menu.addAction(tr("Calibrate"), lambda: tile.calibration_requested.emit(camera))
    menu.addAction(tr("Masks, zones and lines"), lambda: tile.drawing_requested.emit(camera))
    detection = menu.addAction(tr("Detection…"), lambda: tile.detection_requested.emit(camera))
    menu.addAction(tr("Check for movement"), lambda: tile.view_requested.emit(camera))
    menu.addAction(tr("Diagnose"), lambda: tile.doctor_requested.emit(camera))
    menu.addSeparator()
    remove = menu.addAction(tr("Remove camera…"), lambda: tile.removal_requested.emit(camera))
    require_permission(save, Permission.EXPORT_PERSONS)
    require_permission(calibrate, Permission.EDIT_CAMERAS)
    require_permission(detection, Permission.EDIT_CAMERAS)
    require_permission(remove, Permission.EDIT_CAMERAS)
    menu.setToolTipsVisible(True)
    return menu


_STRIP = QColor(10, 14, 20, 190)
"""Strips over pictures are dark in every theme, and use the colours of the dark theme."""
_ON_STRIP = "#ffffff"
_ON_STRIP_MUTED = "#c9d2de"
_NUMBERS_FROM_PX = 520
"""Minimum width for track numbers; on narrower tiles they would cover the people."""
_TRAIL_ALPHA = 150
_Shapes = tuple[int, QRectF, QPolygonF]
"""Number, box and trail of a track in pixels of the full frame, prepared once for repeated painting."""


class VideoTile(QWidget):
    """A camera tile painted by hand from prepared pixmaps."""

    enlarge_requested = Signal(str)
    """Name of the camera, on double click, Enter, Space or from the menu."""
    snapshot_requested = Signal(str)
    calibration_requested = Signal(str)
    drawing_requested = Signal(str)
    """Name of the camera whose masks, zones and lines are to be drawn."""
    detection_requested = Signal(str)
    """Name of the camera whose network and scores are to be set."""
    view_requested = Signal(str)
    """Name of the camera whose views before and after a movement are to be shown."""
    doctor_requested = Signal(str)
    removal_requested = Signal(str)

    def __init__(self, content: TileContent, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self._image: QImage | None = None
        self._frame_wh = (1, 1)
        self._shapes: list[_Shapes] | None = None
        self._texts, self._plan = TextPixmaps(), TilePlan()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    @property
    def camera(self) -> str:
        return self._content.camera

    @property
    def content(self) -> TileContent:
        return self._content

    @property
    def has_picture(self) -> bool:
        return self._image is not None

    @property
    def needs_picture(self) -> bool:
        """Return whether the camera is live, its pictures may be shown, and the tile is visible."""
        return self._is_live and self._content.silhouettes_wh is None and self.isVisible()

    @property
    def stale_after_s(self) -> float:
        """Return the age after which a picture must be removed."""
        return self._content.stale_after_s

    @property
    def blurred_boxes(self) -> tuple[Box, ...]:
        """Return the boxes of people whose heads must be pixelated."""
        return self._content.people_boxes if self._content.is_blurred else ()

    @property
    def _is_live(self) -> bool:
        return self._content.tone in (CameraHealth.LIVE, CameraHealth.CAUTION)

    def picture_size(self) -> QSize:
        """Return the available size in device pixels."""
        ratio = self.devicePixelRatioF()
        return QSize(max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio)))

    def set_content(self, content: TileContent) -> None:
        """Set the content; the picture stays if it is of the same camera."""
        if content == self._content:
            return
        before, self._content = self._content, content
        self._plan.set_shapes(content.zones)
        if content.tracks != before.tracks:
            self._shapes = None
        if content.camera != before.camera or not self._is_live or content.silhouettes_wh is not None:
            self._image = None
        words = (content.camera, content.tone, content.problem, content.remedy, content.since)
        if words != (before.camera, before.tone, before.problem, before.remedy, before.since):
            self._describe()
        self.update()

    def set_picture(self, image: QImage, frame_wh: tuple[int, int]) -> None:
        """Show a picture of at most ``picture_size``."""
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._image, self._frame_wh = image, frame_wh
        self.update()

    def drop_picture(self) -> None:
        if self._image is not None:
            self._image = None
            self.update()

    def retranslate(self) -> None:
        self._describe()

    def make_menu(self) -> QMenu:
        return make_tile_menu(self)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(480, 270)

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(160, 90)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        self.enlarge_requested.emit(self.camera)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.enlarge_requested.emit(self.camera)
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 - Qt's name
        menu = self.make_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._texts.clear()
            self.update()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        theme = current_theme()
        painter = QPainter(self)
        silhouettes_wh = self._content.silhouettes_wh if self._is_live else None
        if self._image is not None or silhouettes_wh is not None:
            painter.fillRect(self.rect(), QColor("#05080c"))
            if self._image is not None:
                area = self._picture_area(self._image)
                painter.drawImage(area.topLeft(), self._image)
            elif silhouettes_wh is not None:
                self._frame_wh, area = silhouettes_wh, fit_frame(silhouettes_wh, self.rect())
                paint_silhouettes(painter, area, silhouettes_wh, self._content.people_boxes)
            self._plan.paint(painter, area, self._frame_wh)
            if self._content.shows_tracks:
                self._paint_tracks(painter, area, theme)
            self._paint_strips(painter, theme)
        else:
            self._paint_texts(painter, theme)
        self._paint_frame(painter, theme)
        painter.end()

    def _picture_area(self, image: QImage) -> QRect:
        size = image.deviceIndependentSize().toSize()
        area = QRect(0, 0, size.width(), size.height())
        area.moveCenter(self.rect().center())
        return area

    def _paint_tracks(self, painter: QPainter, area: QRect, theme: Theme) -> None:
        across, down = area.width() / self._frame_wh[0], area.height() / self._frame_wh[1]
        if self._shapes is None:
            self._shapes = [_make_shapes(track) for track in self._content.tracks]
        painter.save()
        painter.translate(area.topLeft())
        painter.setClipRect(0, 0, area.width(), area.height())
        painter.scale(across, down)
        pen = QPen()
        pen.setCosmetic(True)
        pen.setWidthF(2 * self.devicePixelRatioF())
        for number, box, trail in self._shapes:
            colour = QColor(theme.zones[number % len(theme.zones)])
            pen.setColor(colour)
            painter.setPen(pen)
            painter.drawRect(box)
            colour.setAlpha(_TRAIL_ALPHA)
            pen.setColor(colour)
            painter.setPen(pen)
            painter.drawPolyline(trail)
        painter.scale(1 / across, 1 / down)
        if self.width() >= _NUMBERS_FROM_PX and is_experts_view():
            self._paint_numbers(painter, area, theme)
        painter.restore()

    def _paint_numbers(self, painter: QPainter, area: QRect, theme: Theme) -> None:
        across, down = area.width() / self._frame_wh[0], area.height() / self._frame_wh[1]
        occupied: list[QRectF] = []
        # the nearest person first: overlapping numbers are skipped
        for track in sorted(self._content.tracks, key=lambda track: -track.box[3]):
            number = self._text(f"#{track.number}", _ON_STRIP, self._font(theme.font_small_pt))
            size = number.deviceIndependentSize()
            left = max(0.0, min(track.box[0] * across, area.width() - size.width()))
            place = QRectF(QPointF(left, max(0.0, track.box[1] * down - size.height())), size)
            if not any(place.intersects(other) for other in occupied):
                occupied.append(place)
                painter.fillRect(place, _STRIP)
                painter.drawPixmap(place.topLeft(), number)

    def _paint_strips(self, painter: QPainter, theme: Theme) -> None:
        content, pad = self._content, theme.space_s
        bold = self._font(theme.font_pt, is_bold=True)
        height = QFontMetrics(bold).height() + theme.space_s
        top = QRect(0, 0, self.width(), height)
        painter.fillRect(top, _STRIP)
        people_width = 0
        if content.people:
            people = self._text(content.people, _ON_STRIP, bold)
            people_width = round(people.deviceIndependentSize().width()) + pad
            painter.drawPixmap(
                QPointF(self.width() - people_width, (height - people.deviceIndependentSize().height()) / 2),
                people,
            )
        tone = QColor(DARK.good if content.tone is CameraHealth.LIVE else DARK.warning)
        self._paint_dot(painter, QPointF(pad + 4, height / 2), tone)
        room = self.width() - people_width - 3 * pad - 8
        name = QFontMetrics(bold).elidedText(
            display_name(content.camera), Qt.TextElideMode.ElideRight, max(room, 0)
        )
        if name:
            text = self._text(name, _ON_STRIP, bold)
            painter.drawPixmap(
                QPointF(2 * pad + 8, (height - text.deviceIndependentSize().height()) / 2), text
            )
        self._paint_bottom_strip(painter, theme)

    def _paint_bottom_strip(self, painter: QPainter, theme: Theme) -> None:
        content, pad = self._content, theme.space_s
        small = self._font(theme.font_small_pt)
        metrics = QFontMetrics(small)
        lines = [(content.figures, _ON_STRIP_MUTED)] if content.figures else []
        if content.problem:
            lines.insert(0, (content.problem, DARK.warning))
        height = len(lines) * metrics.height() + theme.space_s
        if not lines:
            return
        painter.fillRect(QRect(0, self.height() - height, self.width(), height), _STRIP)
        y = self.height() - height + theme.space_xs
        for line, colour in lines:
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width() - 2 * pad)
            painter.drawPixmap(QPointF(pad, y), self._text(shown, colour, small))
            y += metrics.height()

    def _paint_texts(self, painter: QPainter, theme: Theme) -> None:
        content, pad = self._content, theme.space_m
        painter.fillRect(self.rect(), QColor(theme.raised))
        bold, small = self._font(theme.font_pt, is_bold=True), self._font(theme.font_small_pt)
        line = QFontMetrics(bold).height()
        tone = theme.bad if content.tone is CameraHealth.OFFLINE else theme.text_muted
        self._paint_dot(painter, QPointF(pad + 4, pad + line / 2), QColor(tone))
        painter.setFont(bold)
        painter.setPen(QColor(theme.text))
        name_area = QRect(pad + 16, pad, self.width() - 2 * pad - 16, line)
        name = QFontMetrics(bold).elidedText(
            display_name(content.camera), Qt.TextElideMode.ElideRight, name_area.width()
        )
        painter.drawText(name_area, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        problem = content.problem or tr("Waiting for a picture")
        parts = [(problem, bold, tone if content.tone is CameraHealth.OFFLINE else theme.text)]
        if content.since:
            parts.append((tr("Since {time}", time=content.since), small, theme.text_muted))
        if content.remedy:
            parts.append((content.remedy, small, theme.text_muted))
        room = self.rect().adjusted(pad, 2 * pad + line, -pad, -pad)
        draw_paragraphs(painter, room, parts, gap_px=theme.space_xs)

    def _paint_dot(self, painter: QPainter, centre: QPointF, colour: QColor) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(centre, 4.0, 4.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _paint_frame(self, painter: QPainter, theme: Theme) -> None:
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.accent), 4))
        elif self._content.tone is CameraHealth.CAUTION and self._image is not None:
            painter.setPen(QPen(QColor(DARK.warning), 4))
        else:
            painter.setPen(QPen(QColor(theme.border), 2))
        painter.drawRect(self.rect())

    def _font(self, size_pt: float, *, is_bold: bool = False) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(size_pt)
        font.setBold(is_bold)
        return font

    def _text(self, text: str, colour: str, font: QFont) -> QPixmap:
        return self._texts.draw(text, colour=colour, font=font, ratio=self.devicePixelRatioF())

    def _describe(self) -> None:
        content = self._content
        since = tr("Since {time}", time=content.since) if content.since else ""
        words = "\n".join(text for text in (content.problem, since, content.remedy) if text)
        self.setToolTip(words)
        self.setAccessibleName(tr("Camera {camera}", camera=display_name(content.camera)))
        self.setAccessibleDescription(words or tr("Live picture"))


def _make_shapes(track: TileTrack) -> _Shapes:
    left, top, right, bottom = track.box
    trail = QPolygonF([QPointF(u, v) for u, v in track.trail])
    return track.number, QRectF(left, top, right - left, bottom - top), trail

"""Moves the newest pictures from shared memory onto tiles, scaled in workers, one at a time for each tile."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QImage, QImageWriter, QPainter

from analytics.domain.clock import Clock, SystemClock
from vision.pipeline.frame_slots import PreviewRows
from vision.pixel_types import Picture

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the full frame."""

HEAD_PART = 1 / 3
"""Of a box's height, from its top: head and shoulders of somebody who stands."""

HEAD_WIDTHS = 0.75
"""Of somebody whose legs are out of the picture the head takes at least so many box widths of the height."""

MARGIN_PART = 0.2
"""Of a box's size, around its head: people have moved on a little since their boxes were found."""

MOSAIC_ACROSS = 4
"""Cells across a head; nobody is recognised in four by three grey levels."""

_MIN_CELL_PX = 4


def scale_picture(picture: Picture, size: QSize, *, frame_wh: tuple[int, int]) -> QImage:
    """A picture of ``size`` device pixels; rows may have been left out of ``picture``.

    Args:
        picture: shape (any, width, 3), BGR, contiguous.
        frame_wh: the full frame's size, whose shape the result keeps within ``size``.
    """
    height, width = picture.shape[:2]
    view = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_BGR888)
    opaque = view.convertToFormat(QImage.Format.Format_RGB32)  # a copy: the frame's memory is let go of here
    wanted = QSize(*frame_wh).scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
    return opaque.scaled(
        wanted.expandedTo(QSize(1, 1)),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def find_head(box: Box) -> Box:
    """The part of a person's box that holds the head, with a margin, in the box's own pixels."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    head = min(height, max(height * HEAD_PART, width * HEAD_WIDTHS))
    return (
        left - MARGIN_PART * width,
        top - MARGIN_PART * head,
        right + MARGIN_PART * width,
        top + (1 + MARGIN_PART) * head,
    )


def pixelate_heads(image: QImage, boxes: Iterable[Box], *, frame_wh: tuple[int, int]) -> None:
    """Replace the heads of people by a few coarse squares, in place.

    Args:
        boxes: in pixels of a frame of ``frame_wh``, of which ``image`` is a scaled picture.
    """
    across, down = image.width() / frame_wh[0], image.height() / frame_wh[1]
    painter = QPainter(image)
    for box in boxes:
        left, top, right, bottom = find_head(box)
        area = QRect(
            int(left * across),
            int(top * down),
            int((right - left) * across) + 1,
            int((bottom - top) * down) + 1,
        ).intersected(image.rect())
        if area.isEmpty():
            continue
        cell_px = max(_MIN_CELL_PX, area.width() // MOSAIC_ACROSS)
        cells = QSize(max(1, area.width() // cell_px), max(1, area.height() // cell_px))
        coarse = image.copy(area).scaled(
            cells, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage(area, coarse)
    painter.end()


def encode_png(picture: Picture, blurred: Iterable[Box]) -> bytes:
    """A whole frame as a PNG file's content, the heads in ``blurred`` made unrecognisable."""
    height, width = picture.shape[:2]
    image = scale_picture(picture, QSize(width, height), frame_wh=(width, height))
    pixelate_heads(image, blurred, frame_wh=(width, height))
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    buffer.close()
    return bytes(content.data())


_LOG = logging.getLogger(__name__)

POLL_INTERVAL_MS = 33
"""Twice as often as most cameras give pictures; a look without a new picture costs nothing."""

_WORKERS = 2


class PreviewSource(Protocol):
    """What `vision.pipeline.frame_slots.FramePreview` offers."""

    def copy_rows(self, fit_height_px: int | None, *, unlike_s: float | None) -> PreviewRows | None:
        """The newest picture, rows left out; None if there is no other one."""


class PictureTile(Protocol):
    """Something that shows one camera's picture."""

    @property
    def camera(self) -> str:
        """The camera's name."""

    @property
    def wants_picture(self) -> bool:
        """Whether the camera gives pictures now, and the tile can be seen."""

    @property
    def stale_after_s(self) -> float:
        """After how long without a new picture the old one must go."""

    @property
    def blurred_boxes(self) -> tuple[Box, ...]:
        """The people whose heads must not be recognised."""

    def picture_size(self) -> QSize:
        """How many device pixels the picture may take."""

    def set_picture(self, image: QImage, frame_wh: tuple[int, int]) -> None:
        """Show a picture."""

    def drop_picture(self) -> None:
        """Show none."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scaled:
    image: QImage
    frame_wh: tuple[int, int]
    time_s: float


@dataclass(slots=True)
class _Progress:
    """What is known of one camera's pictures.

    Attributes:
        shown_s: capture time of the picture that the tile has in its present size.
        newest_s: capture time of the newest picture so far.
        changed_s: when that came, by the monotonic clock; None once it is too old to be shown.
    """

    under_way: Future[_Scaled | None] | None = None
    shown_s: float | None = None
    size: QSize | None = None
    newest_s: float | None = None
    changed_s: float | None = None


class PreviewFeed(QObject):
    """A precise timer that hands out what is ready and orders what is new; no picture is ever in a signal."""

    def __init__(
        self,
        find_source: Callable[[str], PreviewSource | None],
        *,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._find_source = find_source
        self._clock = clock or SystemClock()
        self._tiles: tuple[PictureTile, ...] = ()
        self._progress: dict[str, _Progress] = {}
        self._workers: ThreadPoolExecutor | None = None
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.look)

    @property
    def is_running(self) -> bool:
        """Whether pictures are moved."""
        return self._timer.isActive()

    def set_tiles(self, tiles: tuple[PictureTile, ...]) -> None:
        """Serve these tiles from now on; each camera at most once."""
        self._tiles = tiles
        known = {tile.camera for tile in tiles}
        self._progress = {camera: p for camera, p in self._progress.items() if camera in known}
        for progress in self._progress.values():
            progress.shown_s = None

    def start(self) -> None:
        """Begin to move pictures."""
        if self._workers is None:
            self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="preview")
        self._timer.start()

    def stop(self) -> None:
        """Move no more; a picture that is being scaled is thrown away."""
        self._timer.stop()
        self._progress.clear()
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._workers = None

    def look(self) -> None:
        """Hand out what is ready, take old pictures away, order what is new."""
        for tile in self._tiles:
            progress = self._progress.setdefault(tile.camera, _Progress())
            if not tile.wants_picture:
                progress.shown_s = progress.changed_s = None
                tile.drop_picture()
                continue
            self._hand_out(tile, progress)
            self._order(tile, progress)

    def _hand_out(self, tile: PictureTile, progress: _Progress) -> None:
        now_s = self._clock.monotonic_s()
        if progress.under_way is not None and progress.under_way.done():
            scaled = _result(progress.under_way)
            progress.under_way = None
            if scaled is not None:
                progress.shown_s = scaled.time_s
                if scaled.time_s != progress.newest_s:
                    progress.newest_s, progress.changed_s = scaled.time_s, now_s
                if progress.changed_s is not None:  # otherwise it is the one that was taken away as old
                    tile.set_picture(scaled.image, scaled.frame_wh)
        if progress.changed_s is not None and now_s - progress.changed_s > tile.stale_after_s:
            progress.changed_s = None
            tile.drop_picture()

    def _order(self, tile: PictureTile, progress: _Progress) -> None:
        source = self._find_source(tile.camera)
        if progress.under_way is not None or self._workers is None or source is None:
            return
        size = tile.picture_size()
        if size != progress.size:
            progress.size, progress.shown_s = size, None
        progress.under_way = self._workers.submit(
            _prepare, source, size, progress.shown_s, tile.blurred_boxes
        )


def _prepare(
    source: PreviewSource, size: QSize, shown_s: float | None, blurred: tuple[Box, ...]
) -> _Scaled | None:
    copied = source.copy_rows(size.height(), unlike_s=shown_s)
    if copied is None:
        return None
    image = scale_picture(copied.rows, size, frame_wh=copied.frame_wh)
    pixelate_heads(image, blurred, frame_wh=copied.frame_wh)
    return _Scaled(image, copied.frame_wh, copied.time_s)


def _result(future: Future[_Scaled | None]) -> _Scaled | None:
    error = future.exception()
    if error is not None:
        _LOG.debug("a preview could not be made: %s", error)
        return None
    return future.result()

"""Scale the newest pictures from shared memory in workers and pass them to tiles."""

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
"""Share of a box's height, from its top, that covers head and shoulders of a standing person."""

HEAD_WIDTHS = 0.75
"""Minimum height of a head in box widths, for people whose legs are outside the picture."""

MARGIN_PART = 0.2
"""Margin around a head relative to the box, because people have moved since their detection."""

MOSAIC_ACROSS = 4
"""Cells across a head; four by three grey levels are not recognisable."""

_MIN_CELL_PX = 4


def scale_picture(picture: Picture, size: QSize, *, frame_wh: tuple[int, int]) -> QImage:
    """Return a picture scaled to at most ``size`` device pixels; ``picture`` may omit rows.

    Args:
        picture: shape (any, width, 3), BGR, contiguous.
        frame_wh: size of the full frame, whose aspect ratio is kept.
    """
    height, width = picture.shape[:2]
    image = QImage(picture.data, width, height, 3 * width, QImage.Format.Format_BGR888)
    opaque = image.convertToFormat(
        QImage.Format.Format_RGB32
    )  # a copy, so that the frame's memory is released
    scaled_size = QSize(*frame_wh).scaled(size, Qt.AspectRatioMode.KeepAspectRatio)
    return opaque.scaled(
        scaled_size.expandedTo(QSize(1, 1)),
        Qt.AspectRatioMode.IgnoreAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )


def find_head(box: Box) -> Box:
    """Return the part of a person's box that contains the head, with a margin, in the same pixels."""
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
    """Pixelate the heads of people in place.

    Args:
        boxes: boxes in pixels of a frame of ``frame_wh``, of which ``image`` is a scaled picture.
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
    """Return a whole frame as PNG content, with the heads in ``blurred`` pixelated."""
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
"""Interval of polling, twice the frame rate of most cameras; polling without a new picture costs nothing."""

_WORKERS = 2


class PreviewSource(Protocol):
    """A source of pictures, as `vision.pipeline.frame_slots.FramePreview`."""

    def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> PreviewRows | None:
        """Return the newest picture with rows left out; None without a new one."""


class PictureTile(Protocol):
    @property
    def camera(self) -> str:
        """Return the camera's name."""

    @property
    def needs_picture(self) -> bool:
        """Return whether the camera is live and the tile is visible."""

    @property
    def stale_after_s(self) -> float:
        """Return the age after which a picture must be removed."""

    @property
    def blurred_boxes(self) -> tuple[Box, ...]:
        """Return the boxes of people whose heads must be pixelated."""

    def picture_size(self) -> QSize:
        """Return the available size in device pixels."""

    def set_picture(self, image: QImage, frame_wh: tuple[int, int]) -> None:
        """Show a picture."""

    def drop_picture(self) -> None:
        """Remove the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scaled:
    image: QImage
    frame_wh: tuple[int, int]
    time_s: float


@dataclass(slots=True)
class _Progress:
    """The state of one camera's pictures.

    Attributes:
        shown_s: capture time of the displayed picture at the current size.
        newest_s: capture time of the newest picture so far.
        changed_s: arrival of that picture by the monotonic clock; None once it is too old.
    """

    under_way: Future[_Scaled | None] | None = None
    shown_s: float | None = None
    size: QSize | None = None
    newest_s: float | None = None
    changed_s: float | None = None


class PreviewFeed(QObject):
    """A timer that scales new pictures and passes them to tiles; no picture is sent through a signal."""

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
        self._timer.timeout.connect(self.poll)

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def set_tiles(self, tiles: tuple[PictureTile, ...]) -> None:
        """Set the tiles to serve, at most one per camera."""
        self._tiles = tiles
        known = {tile.camera for tile in tiles}
        self._progress = {camera: p for camera, p in self._progress.items() if camera in known}
        for progress in self._progress.values():
            progress.shown_s = None

    def start(self) -> None:
        if self._workers is None:
            self._workers = ThreadPoolExecutor(_WORKERS, thread_name_prefix="preview")
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._progress.clear()
        if self._workers is not None:
            self._workers.shutdown(wait=False, cancel_futures=True)
            self._workers = None

    def poll(self) -> None:
        """Deliver finished pictures, remove old ones and order new ones."""
        for tile in self._tiles:
            progress = self._progress.setdefault(tile.camera, _Progress())
            if not tile.needs_picture:
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
                if progress.changed_s is not None:  # otherwise it was already removed as too old
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
    copied = source.copy_rows(size.height(), known_time_s=shown_s)
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

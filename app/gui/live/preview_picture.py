"""From a frame of shared memory to a picture of a tile's size, with heads made unrecognisable on the way."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter

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

_LEAST_CELL_PX = 4


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
        cell_px = max(_LEAST_CELL_PX, area.width() // MOSAIC_ACROSS)
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

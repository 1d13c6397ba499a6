"""The picture of a plan, read in a form that is quick to paint."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QImageReader

from analytics.domain.errors import VenueError

LONGEST_SIDE_PX = 4096
"""A screen shows no more, and a scan of a large sheet would fill the memory."""


@dataclass(frozen=True, slots=True, eq=False)
class PlanPicture:
    """A picture whose lowest row comes first, for a scene whose y goes up.

    Attributes:
        size_px: of the file, which may be larger.
    """

    path: str
    image: QImage
    size_px: tuple[int, int]


def read_plan_picture(path: str) -> PlanPicture:
    """Read a PNG or JPEG file; may be called from any thread.

    Raises:
        VenueError: the file is absent, or no picture.
    """
    reader = QImageReader(path)
    size = reader.size()
    if max(size.width(), size.height()) > LONGEST_SIDE_PX:
        most = QSize(LONGEST_SIDE_PX, LONGEST_SIDE_PX)
        reader.setScaledSize(size.scaled(most, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise VenueError(
            "The plan's picture '{name}' cannot be read: {reason}.",
            "Put a PNG or JPEG picture in its place in the venue's folder.",
            name=Path(path).name,
            reason=reader.errorString().rstrip("."),
        )
    upright = image.flipped(Qt.Orientation.Vertical)
    fast = upright.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)
    return PlanPicture(path, fast, (size.width(), size.height()))

"""Privacy masks: areas of a camera's picture that are blackened before the picture is used anywhere."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.arrays import BoolArray
from analytics.domain.camera import Camera, PixelPolygon
from analytics.domain.errors import CalibrationError
from vision.pixel_types import Frame, Picture

_MARGIN_PX = 2
"""Margin around each polygon, for rounded corners and imprecisely drawn sides."""
_BAND_ROWS = 48
"""Rows blackened together: few enough steps for Python, narrow enough to follow slanted sides."""

_Bytes = npt.NDArray[np.uint8]


class PrivacyMask:
    """Privacy mask of one camera, for pictures of any size with the aspect ratio it was drawn in.

    A picture of another aspect ratio shows something else at the mask's place, so it is blackened as a whole.
    The plan of the blackening is computed once for each size; after that a picture of 1920 x 1080 costs 0.05
    to 0.3 ms of one core, depending on the mask's size (on an Intel Xeon of 2023).
    """

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self._size_wh: tuple[int, int] | None = None
        self._fits = True
        self._black: list[tuple[slice, slice]] = []
        self._edges: list[tuple[slice, slice, _Bytes]] = []

    @property
    def fits(self) -> bool:
        """Return whether the last picture had the mask's aspect ratio; True without a mask."""
        return self._fits

    def cover(self, frame: Frame) -> Frame:
        """Return the frame with the masked areas blackened; do not use the original afterwards.

        Its picture is overwritten if writable, and copied if not.
        """
        if not self._camera.privacy_mask:
            return frame
        if frame.size_wh != self._size_wh:
            self._plan(frame.size_wh)
        picture = frame.picture
        if not (picture.flags.writeable and picture.flags.c_contiguous):
            picture = np.array(picture, order="C")
            frame = replace(frame, picture=picture)
        self._blacken(picture)
        return frame

    def _blacken(self, picture: Picture) -> None:
        lines = picture.reshape(picture.shape[0], -1)
        for rows, columns in self._black:
            lines[rows, columns] = 0
        for rows, columns, kept in self._edges:
            edge = lines[rows, columns]
            np.bitwise_and(edge, kept, out=edge)

    def _plan(self, size_wh: tuple[int, int]) -> None:
        """Split the hidden area of pictures of this size into black rectangles and pieces of its edge."""
        try:
            hidden = find_hidden_pixels(self._camera.scaled_to(size_wh).privacy_mask, size_wh)
            self._fits = True
        except CalibrationError:
            hidden = np.ones((size_wh[1], size_wh[0]), bool)
            self._fits = False
        self._black, self._edges = [], []
        for top in range(0, len(hidden), _BAND_ROWS):
            band = np.repeat(hidden[top : top + _BAND_ROWS], 3, axis=1)
            rows = slice(top, top + len(band))
            is_whole: BoolArray = np.all(band, axis=0)
            is_part: BoolArray = np.any(band, axis=0) & ~is_whole
            self._black += [(rows, columns) for columns in _find_runs(is_whole)]
            for columns in _find_runs(is_part):
                kept = np.where(band[:, columns], np.uint8(0), np.uint8(255))
                self._edges.append((rows, columns, np.ascontiguousarray(kept)))
        self._size_wh = size_wh


def find_hidden_pixels(polygons: tuple[PixelPolygon, ...], size_wh: tuple[int, int]) -> BoolArray:
    """Return which pixels polygons touch, with a margin of about two pixels; shape (height, width)."""
    width, height = size_wh
    hidden = np.zeros((height, width), np.uint8)
    # OpenCV's coordinates overflow far outside the picture
    room = shapely.box(-_MARGIN_PX - 1, -_MARGIN_PX - 1, width + _MARGIN_PX + 1, height + _MARGIN_PX + 1)
    for polygon in polygons:
        for part in shapely.get_parts(shapely.Polygon(polygon).intersection(room)):
            if isinstance(part, shapely.Polygon):
                corners = np.rint(shapely.get_coordinates(part)).astype(np.int32)
                cv2.fillPoly(hidden, [corners], 1)
    side = 2 * _MARGIN_PX + 1
    return np.asarray(cv2.dilate(hidden, np.ones((side, side), np.uint8)), bool)


def _find_runs(is_in: BoolArray) -> list[slice]:
    changes = np.flatnonzero(np.diff(np.concatenate([[0], is_in.astype(np.int8), [0]])))
    return [slice(int(first), int(end)) for first, end in changes.reshape(-1, 2)]

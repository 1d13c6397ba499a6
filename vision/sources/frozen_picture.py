"""A picture that no longer changes: a camera that sends, but shows the past."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from vision.pixel_types import Picture

THUMBNAIL_WH = (64, 36)


class FrozenPictureWatch:
    """Compares a small grey copy of the picture with the last one that differed from it.

    A frozen source is encoded again and again, so its pictures differ by a little within each group of
    pictures; hence a tolerance instead of an exact comparison. Comparing with the picture at which the
    stillness began, not with the one before, lets slow daylight count as change. An empty hall under even
    light looks the same: stillness is a hint for people, not a proof of a fault.
    """

    def __init__(self, *, after_s: float = 60.0, every_s: float = 1.0, tolerance_levels: int = 6) -> None:
        """Say when a still picture is called frozen.

        Args:
            after_s: so long must the picture have stood still.
            every_s: time between two comparisons.
            tolerance_levels: largest difference of a thumbnail pixel, of 255, that is still the same picture.
        """
        self._after_s = after_s
        self._every_s = every_s
        self._tolerance_levels = tolerance_levels
        self.reset()

    def reset(self) -> None:
        """Begin anew, as after a reconnect."""
        self._reference: npt.NDArray[np.int16] | None = None
        self._still_since_s = 0.0
        self._compared_s = 0.0
        self._still_for_s = 0.0

    @property
    def still_for_s(self) -> float:
        """How long the picture has not changed, seconds of capture time, at the last comparison."""
        return self._still_for_s

    def observe(self, picture: Picture, *, time_s: float) -> bool:
        """Whether the picture has stood still for long enough to be called frozen.

        Args:
            picture: shape (height, width, 3), any size.
            time_s: its capture time; time that goes back begins anew.
        """
        if self._reference is not None and 0 <= time_s - self._compared_s < self._every_s:
            return self._still_for_s >= self._after_s
        thumbnail = _make_thumbnail(picture)
        is_same = (
            self._reference is not None
            and time_s >= self._compared_s
            and int(np.abs(thumbnail - self._reference).max()) <= self._tolerance_levels
        )
        if not is_same:
            self._reference, self._still_since_s = thumbnail, time_s
        self._compared_s = time_s
        self._still_for_s = time_s - self._still_since_s
        return self._still_for_s >= self._after_s


def _make_thumbnail(picture: Picture) -> npt.NDArray[np.int16]:
    """Grey levels of a 64 x 36 copy, shape (36, 64), signed so that they can be subtracted."""
    small = cv2.resize(picture, THUMBNAIL_WH, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    return np.asarray(grey, np.int16)

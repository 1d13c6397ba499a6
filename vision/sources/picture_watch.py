"""Pictures that show nothing of now: a camera that sends, but shows the past, or darkness."""

from __future__ import annotations

import math
import zlib

import cv2
import numpy as np
import numpy.typing as npt

from vision.pixel_types import DARK, FROZEN, Picture, PictureDoubt

FROZEN_AFTER_S = 20.0
"""Of pictures that come again and again."""
REPEATED_AFTER_S = 60.0
"""Of one picture: an encoder may repeat what it has until its next key frame, because nothing moves."""
DARK_AFTER_S = 3.0
"""A single black picture is a hiccup of the camera."""

LOOK_BACK_S = 10.0
"""An encoder takes some key frames until it makes the same of the same picture; for so long nothing moved."""
_MEMORY_S = 15.0
"""Longer than from key frame to key frame; shorter than most films that are played as a camera in a loop."""
_CHANGED_LEVELS = 6
"""Of a thumbnail's pixel: a picture that is encoded anew differs by less, a person by more."""
_SAME_LEVELS = 0.05
"""In the mean: an encoder that refines what it repeats changes less, noise ten times as much."""
_THUMBNAIL_WH = (64, 36)
_SAMPLES_WH = (320, 180)
"""About so many pixels are looked at, with all their noise; bit by bit all pixels of so many rows."""

_BLACK_LEVEL, _BLACK_SPREAD = 24.0, 6.0
_LIT_LEVEL, _LIT_SPREAD = 28.0, 9.0
"""A dark picture is lit only above these, so that it does not flicker between the two."""
_DIM_LEVEL = 48.0
"""Where it may be dark: below this an encoder repeats what a camera really sees, for it leaves no noise."""

GreyPicture = npt.NDArray[np.uint8]
"""Shape (height, width)."""
GreyThumbnail = npt.NDArray[np.int16]
"""Shape (36, 64), signed so that they can be subtracted."""


class PictureWatch:
    """Says of each picture whether it may be no observation, and since when.

    Frozen: pictures come again bit by bit although others came between, and nothing has visibly changed. A
    sensor's noise never does that, however empty and evenly lit the hall; a picture that an encoder is given
    again and again does it from key frame to key frame. Or one picture stays for longer than from key frame
    to key frame, as a JPEG that is sent again. Stillness alone proves nothing. An encoder that is short of
    bits and makes something else of the same picture each time is not found out.

    Dark: nearly black, and without anything in it that is brighter than the rest. The few percent that a
    clock in the picture or a privacy mask take do not matter, and noise is averaged away. A dim hall has
    brighter and darker places, and counts as seen.
    """

    def __init__(self, *, may_be_dark: bool = False, can_freeze: bool = True) -> None:
        """Begin without a picture.

        Args:
            may_be_dark: darkness is what the camera is there to see, so that it counts as observed.
            can_freeze: False of pictures that are drawn, which have no noise.
        """
        self.may_be_dark = may_be_dark
        self._can_freeze = can_freeze
        self.reset()

    def reset(self) -> None:
        """Begin anew, as after a reconnect."""
        self._last_s: float | None = None
        self._dark_since_s: float | None = None
        self._forget_stillness()

    def observe(self, picture: Picture, *, time_s: float) -> PictureDoubt | None:
        """Return what speaks against a picture, or None for one that shows what is there.

        Args:
            picture: shape (height, width, 3), any size.
            time_s: its capture time; time that goes back begins anew.
        """
        if self._last_s is not None and time_s < self._last_s:
            self.reset()
        before_s, self._last_s = time_s if self._last_s is None else self._last_s, time_s
        (height, width), (columns, lines) = picture.shape[:2], _SAMPLES_WH
        rows = np.ascontiguousarray(picture[:: max(1, height // lines)])
        some = np.ascontiguousarray(rows[:, :: max(1, width // columns)])
        samples = np.asarray(cv2.cvtColor(some, cv2.COLOR_BGR2GRAY), np.uint8)
        thumbnail = np.asarray(cv2.resize(samples, _THUMBNAIL_WH, interpolation=cv2.INTER_AREA), np.int16)
        if self._is_dark(thumbnail):
            self._forget_stillness()
            if self._dark_since_s is None:
                self._dark_since_s = before_s
            if self.may_be_dark:
                return None
            return PictureDoubt(DARK, self._dark_since_s, time_s - self._dark_since_s >= DARK_AFTER_S)
        self._dark_since_s = None
        if not self._can_freeze or (self.may_be_dark and thumbnail.mean() < _DIM_LEVEL):
            self._forget_stillness()
            return None
        return self._watch_stillness(rows, samples, thumbnail, before_s=before_s, time_s=time_s)

    def _forget_stillness(self) -> None:
        self._reference: GreyThumbnail | None = None
        self._seen_s: dict[int, float] = {}
        self._digest: int | None = None
        self._repeated: GreyPicture | None = None
        self._repeated_since_s: float | None = None
        self._quiet_since_s: float | None = None
        self._frozen_since_s: float | None = None
        self._recurred_s = 0.0

    def _is_dark(self, thumbnail: GreyThumbnail) -> bool:
        was_dark = self._dark_since_s is not None
        level = _LIT_LEVEL if was_dark else _BLACK_LEVEL
        low, middle, high = np.percentile(thumbnail, (5, 50, 95))
        return bool(middle <= level and high - low <= (_LIT_SPREAD if was_dark else _BLACK_SPREAD))

    def _watch_stillness(
        self,
        rows: Picture,
        samples: GreyPicture,
        thumbnail: GreyThumbnail,
        *,
        before_s: float,
        time_s: float,
    ) -> PictureDoubt | None:
        # with the picture at which the stillness began, so that slow daylight is a change
        if self._reference is None or np.abs(thumbnail - self._reference).max() > _CHANGED_LEVELS:
            self._forget_stillness()
            self._reference = thumbnail
        digest = zlib.crc32(rows.data)
        has_recurred = digest != self._digest and digest in self._seen_s
        self._digest = digest
        self._seen_s[digest] = time_s
        self._seen_s = {one: at for one, at in self._seen_s.items() if time_s - at <= _MEMORY_S}
        self._follow_repetition(samples, before_s)
        repeated_since_s, quiet_since_s = self._repeated_since_s, self._quiet_since_s
        is_repeated = repeated_since_s is not None and time_s - repeated_since_s >= REPEATED_AFTER_S
        doubted_since_s = None
        if quiet_since_s is not None:
            doubted_since_s = max(quiet_since_s, time_s - LOOK_BACK_S)
            if repeated_since_s is not None:
                doubted_since_s = min(doubted_since_s, repeated_since_s)
        if has_recurred or is_repeated:
            self._recurred_s = time_s
            if self._frozen_since_s is None:
                self._frozen_since_s = before_s if doubted_since_s is None else doubted_since_s
        elif repeated_since_s is None and time_s - self._recurred_s >= FROZEN_AFTER_S:
            self._frozen_since_s = None
        since_s = self._frozen_since_s
        if since_s is not None:
            return PictureDoubt(FROZEN, since_s, time_s - since_s >= FROZEN_AFTER_S)
        return None if doubted_since_s is None else PictureDoubt(FROZEN, doubted_since_s, False)

    def _follow_repetition(self, samples: GreyPicture, before_s: float) -> None:
        """Note since when the same picture comes, and since when it does but for single ones: key frames."""
        is_same = self._repeated is not None and _measure_change(samples, self._repeated) <= _SAME_LEVELS
        if is_same:
            if self._repeated_since_s is None:
                self._repeated_since_s = before_s
            if self._quiet_since_s is None:
                self._quiet_since_s = before_s
        else:
            if self._repeated_since_s is None:
                self._quiet_since_s = None
            self._repeated, self._repeated_since_s = samples, None


def _measure_change(samples: GreyPicture, before: GreyPicture) -> float:
    """Grey levels by which samples differ in the mean; of pictures of another size infinitely many."""
    return float(cv2.absdiff(samples, before).mean()) if samples.shape == before.shape else math.inf

"""Detection of pictures that are no observation: a frozen camera, or darkness."""

from __future__ import annotations

import math
import zlib

import cv2
import numpy as np
import numpy.typing as npt

from vision.pixel_types import DARK, FROZEN, Picture, PictureDoubt

FROZEN_AFTER_S = 20.0
"""Seconds of a repeated sequence of pictures after which a camera counts as frozen."""
REPEATED_AFTER_S = 60.0
"""Seconds of one repeated picture; encoders may repeat one until the next key frame while nothing moves."""
DARK_AFTER_S = 3.0
"""Seconds of darkness; a single black picture is only a glitch of the camera."""

LOOK_BACK_S = 10.0
"""Seconds without motion that repeats prove: encoders need some key frames to converge on a picture."""
_MEMORY_S = 150.0
"""Several key frame intervals: an encoder short of bits makes the same of a picture only now and then."""
_CHANGED_LEVELS = 6
"""Grey levels of a thumbnail's pixel: re-encoding changes it by less, a person by more."""
_SAME_LEVELS = 0.05
"""Mean grey levels: re-encoding a repeated picture changes less, sensor noise ten times as much."""
_THUMBNAIL_WH = (64, 36)
_SAMPLES_WH = (320, 180)
"""Number of pixels sampled, with all their noise; over time all pixels of these rows."""

_BLACK_LEVEL, _BLACK_SPREAD = 24.0, 6.0
_LIT_LEVEL, _LIT_SPREAD = 28.0, 9.0
"""Thresholds above which a dark picture counts as lit again, to prevent flicker between the two."""
_DIM_LEVEL = 48.0
"""Level, where darkness is allowed, below which encoders remove the noise that identifies live pictures."""

GreyPicture = npt.NDArray[np.uint8]
"""Shape (height, width)."""
GreyThumbnail = npt.NDArray[np.int16]
"""Shape (36, 64), signed so that they can be subtracted."""


class PictureWatch:
    """Watch over a camera's pictures that reports which may be no observation, and since when.

    Frozen: identical pictures return although others came between, and nothing has visibly changed. Sensor
    noise never repeats, however empty and evenly lit the hall; an encoder that receives the same picture
    again and again repeats it from key frame to key frame. Or one picture stays for longer than a key frame
    interval, such as a JPEG that is sent again. Stillness alone proves nothing. An encoder that is short of
    bits makes the same of a picture only now and then, and is found late, or not at all.

    Dark: nearly black, and without anything in it that is brighter than the rest. The few percent that a
    clock in the picture or a privacy mask take do not matter, and noise is averaged away. A dim hall has
    brighter and darker places, and counts as seen.
    """

    def __init__(self, *, may_be_dark: bool = False, can_freeze: bool = True) -> None:
        """Begin without a picture.

        Args:
            may_be_dark: the camera may see darkness, which then counts as observed.
            can_freeze: False for rendered pictures, which have no noise.
        """
        self.may_be_dark = may_be_dark
        self._can_freeze = can_freeze
        self.reset()

    def reset(self) -> None:
        """Restart, as after a reconnect."""
        self._last_s: float | None = None
        self._dark_since_s: float | None = None
        self._forget_stillness()

    def observe(self, picture: Picture, *, time_s: float) -> PictureDoubt | None:
        """Return the doubt about a picture, or None if it shows the present.

        Args:
            picture: shape (height, width, 3), any size.
            time_s: its capture time; a step back resets the watch.
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
        self._lag_s = 0.0

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
        # compared with the picture at the beginning of the stillness, so that slow daylight is a change
        if self._reference is None or np.abs(thumbnail - self._reference).max() > _CHANGED_LEVELS:
            self._forget_stillness()
            self._reference = thumbnail
        # two checksums: among the pictures of minutes one alone is the same by chance once in a week
        digest = zlib.crc32(rows.data) << 32 | zlib.adler32(rows.data)
        known_s = self._seen_s.pop(digest, None)
        recurred_from_s = None if digest == self._digest else known_s
        self._digest = digest
        self._seen_s[digest] = time_s
        while time_s - next(iter(self._seen_s.values())) > _MEMORY_S:
            del self._seen_s[next(iter(self._seen_s))]
        self._follow_repetition(samples, before_s)
        repeated_since_s, quiet_since_s = self._repeated_since_s, self._quiet_since_s
        is_repeated = repeated_since_s is not None and time_s - repeated_since_s >= REPEATED_AFTER_S
        doubted_since_s = None
        if quiet_since_s is not None:
            doubted_since_s = max(quiet_since_s, time_s - LOOK_BACK_S)
            if repeated_since_s is not None:
                doubted_since_s = min(doubted_since_s, repeated_since_s)
        if recurred_from_s is not None or is_repeated:
            self._recurred_s = time_s
            begun_s = before_s if doubted_since_s is None else doubted_since_s
            if recurred_from_s is not None:
                self._lag_s = time_s - recurred_from_s
                # nothing new came between the two
                begun_s = min(begun_s, recurred_from_s)
            if self._frozen_since_s is None or begun_s < self._frozen_since_s:
                self._frozen_since_s = begun_s
        elif repeated_since_s is None and time_s - self._recurred_s >= max(FROZEN_AFTER_S, 2 * self._lag_s):
            self._frozen_since_s = None
        since_s = self._frozen_since_s
        if since_s is not None:
            return PictureDoubt(FROZEN, since_s, time_s - since_s >= FROZEN_AFTER_S)
        return None if doubted_since_s is None else PictureDoubt(FROZEN, doubted_since_s, False)

    def _follow_repetition(self, samples: GreyPicture, before_s: float) -> None:
        """Update since when the same picture repeats, with and without tolerance for key frames."""
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
    """Return the mean difference of samples in grey levels; infinite for pictures of another size."""
    return float(cv2.absdiff(samples, before).mean()) if samples.shape == before.shape else math.inf

"""Frames and boxes in pixels of the full frame (u right, v down)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackState

Picture = npt.NDArray[np.uint8]
"""Shape (height, width, 3), BGR."""


FROZEN, DARK = "frozen", "dark"
"""Causes of a doubt, and of the resulting gap."""


class PictureDoubt(NamedTuple):
    """A reason why a picture may not show the present.

    Attributes:
        cause: ``FROZEN`` or ``DARK``.
        since_s: capture time of the last picture that did.
        is_certain: until then it may yet turn out to be a picture like any other.
    """

    cause: str
    since_s: float
    is_certain: bool


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of one camera. The picture is not written to once it is in a frame.

    Attributes:
        time_s: capture time, seconds since the epoch in UTC, or since the first frame of a recording.
        number: counts the frames that the source decoded, so a missing number is a frame not analysed.
        doubt: what speaks against it; None for a picture that shows what is there.
    """

    camera: CameraId
    picture: Picture
    time_s: float
    number: int
    doubt: PictureDoubt | None = None

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.picture.shape[1], self.picture.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """The people found in one frame.

    Attributes:
        xyxy: shape (n, 4) float32, left, top, right, bottom in pixels of the full frame.
        score: shape (n,) float32, 0 to 1, in descending order.
        appearance: shape (n, d) float32, of length 1 each, NaN where unknown: what the people look like, from
            a detector that has the picture; None of detections without one. Never stored, never sent.
    """

    xyxy: npt.NDArray[np.float32]
    score: npt.NDArray[np.float32]
    appearance: npt.NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        if self.xyxy.ndim != 2 or self.xyxy.shape[1] != 4 or self.score.shape != self.xyxy.shape[:1]:
            raise ValueError(
                f"boxes must have shape (n, 4) and scores (n,), not {self.xyxy.shape} and {self.score.shape}"
            )
        if self.appearance is not None and len(self.appearance) != len(self.score):
            raise ValueError(f"{len(self.appearance)} appearances of {len(self.score)} boxes")

    def __len__(self) -> int:
        return len(self.score)

    @staticmethod
    def empty() -> Detections:
        """Return detections without people."""
        return Detections(np.empty((0, 4), np.float32), np.empty(0, np.float32))


# named tuples, as they are created for every person in every frame, in a fifth of the time of a
# frozen dataclass


class FootPoint(NamedTuple):
    """A person's floor contact point by the tracker; more reliable than the box where feet are hidden.

    Attributes:
        u_px, v_px: the point between the feet; it may lie outside the box and below the picture.
        x_m, y_m: the same on the floor.
        sigma_m: its standard deviation with the calibration's errors, the root mean square of the error
            ellipse's axes.
        height_m: the person's height where it is known.
    """

    u_px: float
    v_px: float
    x_m: float
    y_m: float
    sigma_m: float
    height_m: float | None = None


class TrackedBox(NamedTuple):
    """One person of one confirmed track in the picture at one time.

    A tracker reports the past of a track when it confirms it, so ``time_s`` may lie before the frame that
    the tracker was just given.

    Attributes:
        foot: None where the tracker knows no more than the box.
    """

    tracklet: TrackletId
    time_s: float
    xyxy: tuple[float, float, float, float]
    score: float
    state: TrackState
    foot: FootPoint | None = None

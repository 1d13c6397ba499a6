"""What is known of a camera's view, in words and figures; loads no OpenCV, for the window shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ViewVerdict(StrEnum):
    """What is known of a camera's view."""

    UNKNOWN = "unknown"
    """Too little to compare: too dark, too plain, or too crowded."""
    STEADY = "steady"
    MOVED = "moved"
    BLINDED = "blinded"


class BlindCause(StrEnum):
    """Why a camera sees nothing."""

    DARK = "dark"
    COVERED = "covered"
    DEFOCUSED = "out of focus"


Motion = tuple[tuple[float, float, float], ...]
"""Rows of a homography."""


@dataclass(frozen=True, slots=True)
class ViewReport:
    """What is known of a camera's view at one moment; small, and without a picture.

    Attributes:
        steady_until_s: the last moment at which the view was known to be the reference's; of a view that is
            blinded, the last moment at which something was seen.
        noticed_s: when the verdict came.
        reference_from_now: homography of pixels from the picture of now to the reference, in pictures of
            ``size_wh``, of straightened pixels where the camera has a lens; None where it is not known.
        shift_part: root mean square shift of the picture, of its width.
        rotation_rad: of the picture's content, clockwise, from now to the reference.
        rms_px: of the points that agree with it, in pictures of ``size_wh``.
        points: how many agree.
    """

    verdict: ViewVerdict = ViewVerdict.UNKNOWN
    steady_until_s: float | None = None
    noticed_s: float | None = None
    reference_from_now: Motion | None = None
    shift_part: float = 0.0
    rotation_rad: float = 0.0
    rms_px: float = 0.0
    points: int = 0
    size_wh: tuple[int, int] | None = None
    cause: BlindCause | None = None


NOTHING_KNOWN = ViewReport()


@dataclass(frozen=True, slots=True)
class ViewPictures:
    """The empty floor as it was when the view last stood, and as it is; held in memory alone.

    Attributes:
        before, after: grey levels, row by row, ``size_wh`` of them; empty where there is no such picture.
    """

    size_wh: tuple[int, int]
    before: bytes = b""
    after: bytes = b""

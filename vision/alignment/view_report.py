"""The state of a camera's view; loads no OpenCV, as the window shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ViewVerdict(StrEnum):
    """The verdict on a camera's view."""

    UNKNOWN = "unknown"
    """Not comparable: too dark, too plain, or too crowded."""
    STEADY = "steady"
    MOVED = "moved"
    BLINDED = "blinded"


class BlindCause(StrEnum):
    """The reason why a camera sees nothing."""

    DARK = "dark"
    COVERED = "covered"
    DEFOCUSED = "out of focus"


Motion = tuple[tuple[float, float, float], ...]
"""Rows of a homography."""


@dataclass(frozen=True, slots=True)
class ViewReport:
    """The state of a camera's view at one time; small, and without a picture.

    Attributes:
        steady_until_s: last time at which the view was known to match; of a blind one, at which it was not
            blind.
        noticed_s: time of the verdict.
        reference_from_now: pixel homography of straightened pictures of ``size_wh``; None if unknown.
        shift_part: root mean square shift, as a share of the picture's width.
        rotation_rad: of the picture's content, clockwise, from now to the reference.
        rms_px: of the matching points, in pictures of ``size_wh``.
        points: number of matching points.
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


UNKNOWN_VIEW = ViewReport()


@dataclass(frozen=True, slots=True)
class ViewPictures:
    """The empty floor when the view was last unchanged, and now; held in memory only.

    Attributes:
        before, after: grey levels, row by row, of ``size_wh``; empty without a picture.
    """

    size_wh: tuple[int, int]
    before: bytes = field(default=b"", repr=False)
    after: bytes = field(default=b"", repr=False)

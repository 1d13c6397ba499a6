"""Doubts about a recording that would make its results wrong: its calibration and its clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.identifiers import CameraId
from app.calibration.contradiction import find_contradiction

if TYPE_CHECKING:
    import pandas as pd

USUAL_WALKING_M_PER_S = (0.5, 2.5)
"""Limits of a plausible median walking speed."""
_STEP_M = 1.0
_LEAVING_M = 0.25
"""Distance from where a person stood beyond which they walk."""
_MIN_WALKED_M = 10.0
"""Distance walked by all people together, below which a median says nothing."""


@dataclass(frozen=True, slots=True)
class RecordingWarning:
    """A doubt about a recording.

    Attributes:
        kind: ``calibration`` or ``clock``, for programs.
        camera: the affected camera; None if all are.
    """

    kind: str
    sentence: Phrase
    camera: CameraId | None = None

    def to_dict(self) -> dict[str, object]:
        """Return the warning as it stands in ``summary.json``."""
        return {"kind": self.kind, "camera": self.camera, "text": str(self.sentence)}


def check_calibrations(cameras: Sequence[Camera], *, accepts_wrong_pairs: bool) -> list[RecordingWarning]:
    """Return a warning for each camera whose point pairs contradict each other.

    Raises:
        CalibrationError: one pair of a camera is wrong, and wrong pairs are not accepted; or its pairs give
            no homography.
    """
    warnings = []
    for camera in cameras:
        found = find_contradiction(camera)
        if found is None:
            continue
        fields = {"camera": camera.name, "rms_cm": 100 * found.rms_m, "cause": found.sentence}
        if found.wrong_pair is not None and not accepts_wrong_pairs:
            raise CalibrationError(
                "The calibration of camera '{camera}' is {rms_cm:.0f} cm off (root mean square). {cause}",
                "Correct or remove point {number}, or add --keep-going to use it as it is.",
                number=found.wrong_pair,
                **fields,
            )
        warnings.append(
            RecordingWarning(
                "calibration",
                Phrase(
                    "The calibration of camera '{camera}' is {rms_cm:.0f} cm off (root mean square). {cause}",
                    fields,
                ),
                camera.name,
            )
        )
    return warnings


def check_clock(tracks: pd.DataFrame) -> list[RecordingWarning]:
    """Return a warning if the walking speed is implausible, as where a file's clock is wrong.

    Args:
        tracks: columns of ``TRACK_COLUMNS``.
    """
    speed_m_per_s = measure_walking_speed(tracks)
    low, high = USUAL_WALKING_M_PER_S
    if speed_m_per_s is None or low <= speed_m_per_s <= high:
        return []
    return [
        RecordingWarning(
            "clock",
            Phrase(
                "People walk at {speed:.1f} m/s (median), which is implausible: the recording's clock or the "
                "calibration is wrong. Check the calibration, or state the true rate with --fps "
                "(--images-fps for pictures).",
                {"speed": speed_m_per_s},
            ),
        )
    ]


def measure_walking_speed(tracks: pd.DataFrame) -> float | None:
    """Return the median speed of the metres that are walked, metres per second; None for too few.

    Paths are cut by distance, so that a wrong clock does not change which parts count; time spent standing
    is left out.

    Args:
        tracks: columns of ``TRACK_COLUMNS``.
    """
    ordered = tracks.sort_values(["tracklet", "time_s"], kind="stable")
    borders = np.flatnonzero(np.diff(ordered["tracklet"].to_numpy(), prepend=-1, append=-1))
    rows = ordered[["time_s", "x_m", "y_m"]].to_numpy(np.float64)
    steps = [
        step for start, end in pairwise(borders.tolist()) for step in _cut_path(rows[start:end].tolist())
    ]
    if not steps:
        return None
    walked_m, speeds_m_per_s = np.array(steps).T
    if walked_m.sum() < _MIN_WALKED_M:
        return None
    order = np.argsort(speeds_m_per_s)
    reached_m = np.cumsum(walked_m[order])
    return float(speeds_m_per_s[order][np.searchsorted(reached_m, reached_m[-1] / 2)])


def _cut_path(rows: Sequence[Sequence[float]]) -> Iterator[tuple[float, float]]:
    """Yield length and speed of each step of a path of (seconds, x, y), from where the person left."""
    _, from_x, from_y = rows[0]
    left_s, left_m = rows[0][0], 0.0
    for time_s, x, y in rows[1:]:
        away_m = float(np.hypot(x - from_x, y - from_y))
        if away_m <= _LEAVING_M:
            left_s, left_m = time_s, away_m
        elif away_m >= _STEP_M:
            yield away_m - left_m, (away_m - left_m) / (time_s - left_s)
            from_x, from_y, left_s, left_m = x, y, time_s, 0.0

"""Boxes of people who walk through the picture, and what is known of them before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray
from vision.calibration.walkers import EDGE_MARGIN_PARTS
from vision.pipeline.pipeline_status import CameraStatus

ENOUGH_WALKERS, ENOUGH_BOXES = 25, 400
"""The mean stature of this many people is known to 2 cm."""
MIN_BOX_INTERVAL_S = 0.4
"""Minimum time between two boxes of one person; closer ones add nothing."""


class WalkerBoxes:
    """Boxes of walkers from the pipeline, without those cut off by the picture's edge.

    Attributes:
        frame_wh: size in whose pixels boxes are given.
    """

    def __init__(self, frame_wh: tuple[int, int]) -> None:
        self.frame_wh = frame_wh
        self._boxes: dict[int, list[tuple[float, ...]]] = {}
        self._last_s: dict[int, float] = {}

    @property
    def walkers(self) -> int:
        return len(self._boxes)

    @property
    def boxes(self) -> int:
        return sum(map(len, self._boxes.values()))

    @property
    def progress(self) -> float:
        """Progress from 0 to 1 (enough)."""
        return min(1.0, self.walkers / ENOUGH_WALKERS, self.boxes / ENOUGH_BOXES)

    def add(self, status: CameraStatus) -> bool:
        """Add the newest boxes of a camera; return whether there were any."""
        time_s, size_wh = status.tracks_time_s, status.size_wh
        if time_s is None or size_wh is None:
            return False
        scale = np.tile(np.asarray(self.frame_wh) / size_wh, 2)
        margin = np.asarray(size_wh) * EDGE_MARGIN_PARTS
        is_new = False
        for track in status.tracks:
            number, box = int(track.tracklet), np.asarray(track.xyxy)
            is_complete = bool((box[:2] > margin).all() and (box[2:] < size_wh - margin).all())
            if is_complete and time_s - self._last_s.get(number, -np.inf) >= MIN_BOX_INTERVAL_S:
                self._last_s[number] = time_s
                self._boxes.setdefault(number, []).append(tuple((box * scale).tolist()))
                is_new = True
        return is_new

    def list_tracks(self) -> list[FloatArray]:
        """Return boxes (left, top, right, bottom), shape (n, 4), of each person."""
        return [np.array(boxes, np.float64) for boxes in self._boxes.values()]


@dataclass(frozen=True, slots=True)
class WalkersPrior:
    horizontal_fov_deg: float
    mean_height_m: float
    mean_height_sigma_m: float

"""Boxes of people who walk through a camera's picture while it records, gathered in memory. Qt-free."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.calibration.walkers import EDGE_MARGIN_PARTS
from vision.pipeline.pipeline_status import CameraStatus

FloatArray = npt.NDArray[np.float64]

WALKERS_WANTED, BOXES_WANTED = 25, 400
"""The statures of so many people average to 2 cm, which is what their mean height is known to."""
APART_S = 0.4
"""Between two boxes of one person: nearer ones say the same."""


class WalkerBoxes:
    """Takes what the pipeline shows; a box that the picture's edge cuts is left out.

    Attributes:
        frame_wh: in whose pixels boxes are kept.
    """

    def __init__(self, frame_wh: tuple[int, int]) -> None:
        self.frame_wh = frame_wh
        self._boxes: dict[int, list[tuple[float, ...]]] = {}
        self._last_s: dict[int, float] = {}

    @property
    def walkers(self) -> int:
        """How many people."""
        return len(self._boxes)

    @property
    def boxes(self) -> int:
        """Of all of them."""
        return sum(map(len, self._boxes.values()))

    @property
    def progress(self) -> float:
        """From 0 to 1, which is enough."""
        return min(1.0, self.walkers / WALKERS_WANTED, self.boxes / BOXES_WANTED)

    def add(self, status: CameraStatus) -> bool:
        """Take the newest boxes of a camera; whether there were any."""
        time_s, size_wh = status.tracks_time_s, status.size_wh
        if time_s is None or size_wh is None:
            return False
        scale = np.tile(np.asarray(self.frame_wh) / size_wh, 2)
        margin = np.asarray(size_wh) * EDGE_MARGIN_PARTS
        is_new = False
        for track in status.tracks:
            number, box = int(track.tracklet), np.asarray(track.xyxy)
            is_whole = bool((box[:2] > margin).all() and (box[2:] < size_wh - margin).all())
            if is_whole and time_s - self._last_s.get(number, -np.inf) >= APART_S:
                self._last_s[number] = time_s
                self._boxes.setdefault(number, []).append(tuple((box * scale).tolist()))
                is_new = True
        return is_new

    def list_tracks(self) -> list[FloatArray]:
        """Boxes (left, top, right, bottom), shape (n, 4), of each person."""
        return [np.array(boxes, np.float64) for boxes in self._boxes.values()]

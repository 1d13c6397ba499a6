"""ByteTrack and BoT-SORT as Ultralytics ships them, behind our protocol, to compare with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackState
from vision.detection.ultralytics_runtime import import_ultralytics
from vision.pixel_types import Detections, TrackedBox

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class _Boxes:
    """What those trackers ask of a result: scores, classes and boxes, to be picked by a mask.

    Attributes:
        xywh: shape (n, 4), centre and size.
    """

    xyxy: FloatArray
    conf: FloatArray

    @property
    def cls(self) -> FloatArray:
        return np.zeros(len(self.conf), np.float32)

    @property
    def xywh(self) -> FloatArray:
        corner, opposite = self.xyxy[:, :2], self.xyxy[:, 2:]
        return np.hstack([(corner + opposite) / 2, opposite - corner])

    def __len__(self) -> int:
        return len(self.conf)

    def __getitem__(self, chosen: Any) -> _Boxes:
        return _Boxes(self.xyxy[chosen], self.conf[chosen])


class UltralyticsTracker:
    """ByteTrack or BoT-SORT with Ultralytics' own defaults; satisfies ``vision.tracking.tracker.Tracker``.

    They count frames, not seconds, and report a track from its second sighting on, without its past; that is
    how they are meant to be used, so it is left so. BoT-SORT runs without its compensation of the camera's
    motion and without appearance: our cameras are fixed, and a tracker is given no picture.

    Attributes:
        skipped_frames: frames refused because their time was not after that of the frame before.
        skipped_boxes: boxes refused because they were not finite.
    """

    def __init__(self, name: str, next_tracklet: Callable[[], TrackletId]) -> None:
        """Make the tracker ``bytetrack`` or ``botsort``.

        Raises:
            ModelError: torch or Ultralytics is not installed.
        """
        import_ultralytics()
        from ultralytics.trackers import BOTSORT, BYTETracker
        from ultralytics.utils import YAML, IterableSimpleNamespace
        from ultralytics.utils.checks import check_yaml

        self._next_tracklet = next_tracklet
        self._tracklets: dict[int, TrackletId] = {}
        self._time_s: float | None = None
        self.skipped_frames = 0
        self.skipped_boxes = 0
        find: Any = check_yaml
        load: Any = YAML.load
        options = load(find(f"{name}.yaml")) | {"gmc_method": "none", "with_reid": False}
        kind = {"bytetrack": BYTETracker, "botsort": BOTSORT}[name]
        self._tracker: Any = kind(IterableSimpleNamespace(**options))

    def update(self, time_s: float, detections: Detections) -> Sequence[TrackedBox]:
        """Take one analysed frame; only points of this frame are ever returned."""
        if not np.isfinite(time_s) or (self._time_s is not None and time_s <= self._time_s):
            self.skipped_frames += 1
            return ()
        self._time_s = time_s
        is_box = np.isfinite(detections.xyxy).all(axis=1) & np.isfinite(detections.score)
        self.skipped_boxes += int(len(detections) - is_box.sum())
        boxes = _Boxes(detections.xyxy[is_box], detections.score[is_box])
        return [
            TrackedBox(
                self._tracklet(int(number)),
                time_s,
                (float(left), float(top), float(right), float(bottom)),
                float(score),
                TrackState.CONFIRMED,
            )
            for left, top, right, bottom, number, score, _, _ in self._tracker.update(boxes).tolist()
        ]

    def finish(self) -> Sequence[TrackedBox]:
        """Forget everything, the time included."""
        self._tracker.reset()
        self._tracklets.clear()
        self._time_s = None
        return ()

    def _tracklet(self, number: int) -> TrackletId:
        if number not in self._tracklets:
            self._tracklets[number] = self._next_tracklet()
        return self._tracklets[number]

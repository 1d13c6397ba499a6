"""Privacy masks, and whether it may be dark, that were changed while a pipeline runs: they hold at once."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Sequence
from dataclasses import replace

from analytics.domain.camera import Camera
from vision.pipeline.plan import CameraFeed


class ChangedMasks:
    """The feeds of a plan with the newest privacy masks; asked in one thread, told from any.

    Only what is blackened changes, and whether it may be dark. Where feet do not count belongs to the
    calibration that the pipeline was started with, and stays.
    """

    def __init__(self, feeds: Sequence[CameraFeed]) -> None:
        self._told: queue.SimpleQueue[tuple[Camera, ...]] = queue.SimpleQueue()
        self._feeds = list(feeds)

    def tell(self, cameras: Sequence[Camera]) -> None:
        """How the cameras are now; returns at once."""
        self._told.put(tuple(cameras))

    def feed(self, index: int) -> CameraFeed:
        """What a capture process that is started now is to read."""
        return self._feeds[index]

    def take(self) -> list[tuple[int, Camera]]:
        """By index, the feeds' cameras of which that has changed since the last call."""
        changed: dict[int, Camera] = {}
        with contextlib.suppress(queue.Empty):
            while True:
                for camera in self._told.get_nowait():
                    changed |= self._change(camera)
        return list(changed.items())

    def _change(self, camera: Camera) -> dict[int, Camera]:
        for index, feed in enumerate(self._feeds):
            was = feed.camera
            is_same = (was.privacy_mask, was.may_be_dark) == (camera.privacy_mask, camera.may_be_dark)
            if was.name != camera.name or is_same:
                continue
            now = replace(was, may_be_dark=camera.may_be_dark)
            if was.privacy_mask != camera.privacy_mask:
                # in the size of the picture that it was drawn in, which may be another than the calibration's
                now = replace(now, frame_size_wh=camera.frame_size_wh, privacy_mask=camera.privacy_mask)
            self._feeds[index] = replace(feed, camera=now)
            return {index: now}
        return {}

"""Privacy masks that were drawn while a pipeline runs: they hold for the processes that read the cameras."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Sequence
from dataclasses import replace

from analytics.domain.camera import Camera
from vision.pipeline.plan import CameraFeed


class ChangedMasks:
    """The feeds of a plan with the newest privacy masks; asked in one thread, told from any.

    Only what is blackened changes. Where feet do not count belongs to the calibration that the pipeline was
    started with, and stays.
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
        """By index, the feeds' cameras whose masks have changed since the last call."""
        changed: dict[int, Camera] = {}
        with contextlib.suppress(queue.Empty):
            while True:
                for camera in self._told.get_nowait():
                    changed |= self._change(camera)
        return list(changed.items())

    def _change(self, camera: Camera) -> dict[int, Camera]:
        for index, feed in enumerate(self._feeds):
            was = feed.camera
            if was.name != camera.name or was.privacy_mask == camera.privacy_mask:
                continue
            # in the size of the picture that it was drawn in, which may be another than the calibration's
            now = replace(was, frame_size_wh=camera.frame_size_wh, privacy_mask=camera.privacy_mask)
            self._feeds[index] = replace(feed, camera=now)
            return {index: now}
        return {}

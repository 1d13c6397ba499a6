"""Cameras that somebody wants to be connected again now, rather than when their next attempt is due."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Iterable, Sequence

from vision.pipeline.messages import ConnectAgain
from vision.pipeline.plan import CameraFeed
from vision.pipeline.process_unit import ProcessUnit


class ConnectRequests:
    """Told from any thread, passed on in the supervisor's."""

    def __init__(self, feeds: Sequence[CameraFeed]) -> None:
        self._indices = {str(feed.camera.name): index for index, feed in enumerate(feeds)}
        self._told: queue.SimpleQueue[str] = queue.SimpleQueue()

    def tell(self, camera: str) -> None:
        """Ask for a camera, by its name; returns at once. One that the plan does not have is passed over."""
        self._told.put(camera)

    def pass_on(self, units: Iterable[ProcessUnit], *, now_s: float) -> None:
        """Tell the processes that read the cameras; one that waits to be started again is started now."""
        asked: set[str] = set()
        with contextlib.suppress(queue.Empty):
            while True:
                asked.add(self._told.get_nowait())
        if not asked:
            return
        for unit in units:
            for camera in asked:
                if self._indices.get(camera) not in unit.cameras:
                    continue
                if unit.process is not None:
                    unit.process.send(ConnectAgain(camera))
                elif unit.start_at_s is not None:
                    unit.start_at_s = min(unit.start_at_s, now_s)

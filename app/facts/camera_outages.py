"""For how long each camera has not been analysed while it should have been."""

from __future__ import annotations

from vision.alignment.view_report import ViewVerdict
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus

STALE_S = 2.0
"""An analysed frame older than this is no longer what happens now."""


class CameraOutages:
    """Follows the looks at a pipeline; a video file that has ended is not down.

    A camera whose frames are analysed late, since the machine has too much to do, is not down either.
    """

    def __init__(self) -> None:
        self._seen_s: dict[str, float] = {}
        self._analysed: dict[str, int] = {}

    def clear(self) -> None:
        """Begin anew: the pipeline was stopped, or is another."""
        self._seen_s.clear()
        self._analysed.clear()

    def update(self, status: PipelineStatus, *, now_s: float) -> dict[str, float | None]:
        """Seconds without another analysed frame of every camera; None where none is expected.

        Args:
            now_s: of a clock that only goes forward.
        """
        if not status.is_running or not status.is_analysing:
            # loading a model, or restarting: no camera is to blame
            self._seen_s = dict.fromkeys(self._seen_s, now_s)
            return {str(camera.camera): None for camera in status.cameras}
        down_s: dict[str, float | None] = {}
        for camera in status.cameras:
            name = str(camera.camera)
            if camera.state is CameraState.ENDED:
                down_s[name] = None
                continue
            if camera.state is CameraState.STREAMING and camera.analysed != self._analysed.get(name, 0):
                self._seen_s[name] = now_s
            self._analysed[name] = camera.analysed
            down_s[name] = now_s - self._seen_s.setdefault(name, now_s)
        return down_s


def is_live(camera: CameraStatus) -> bool:
    """Whether a camera is analysed at this moment."""
    if camera.state is not CameraState.STREAMING or camera.view.verdict is ViewVerdict.BLINDED:
        return False
    return camera.age_s is None or camera.age_s <= STALE_S


def find_lateness(status: PipelineStatus) -> float | None:
    """How far the analysis is behind at the camera that is best, seconds; None where nothing is analysed."""
    ages = [
        camera.age_s
        for camera in status.cameras
        if camera.state is CameraState.STREAMING and camera.age_s is not None
    ]
    return min(ages) if ages and status.is_running and status.is_analysing else None


def list_live(status: PipelineStatus) -> frozenset[str]:
    """The cameras that are analysed at this moment."""
    if not status.is_running or not status.is_analysing:
        return frozenset()
    return frozenset(str(camera.camera) for camera in status.cameras if is_live(camera))

"""Time for which each camera has not been analysed."""

from __future__ import annotations

from vision.alignment.view_report import ViewVerdict
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus

STALE_S = 2.0
"""Maximum age of an analysed frame to count as live."""


class CameraOutages:
    """Tracker of camera outages over successive pipeline statuses.

    A camera that is analysed late, or a video file that has ended, is not down.
    """

    def __init__(self) -> None:
        self._seen_s: dict[str, float] = {}
        self._analysed: dict[str, int] = {}

    def clear(self) -> None:
        """Reset after the pipeline was stopped or replaced."""
        self._seen_s.clear()
        self._analysed.clear()

    def update(self, status: PipelineStatus, *, now_s: float) -> dict[str, float | None]:
        """Return seconds since each camera's last analysed frame; None where none is expected.

        Args:
            now_s: time of a monotonic clock.
        """
        if not status.is_running or not status.is_analysing:
            # loading a model or restarting is no camera outage
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
    """Return whether a camera is currently analysed."""
    if camera.state is not CameraState.STREAMING or camera.view.verdict is ViewVerdict.BLINDED:
        return False
    return camera.age_s is None or camera.age_s <= STALE_S


def measure_lag(status: PipelineStatus) -> float | None:
    """Return the smallest lag of the analysis among the cameras, seconds; None if nothing is analysed."""
    ages = [
        camera.age_s
        for camera in status.cameras
        if camera.state is CameraState.STREAMING and camera.age_s is not None
    ]
    return min(ages) if ages and status.is_running and status.is_analysing else None


def list_live_cameras(status: PipelineStatus) -> frozenset[str]:
    """Return the cameras currently analysed."""
    if not status.is_running or not status.is_analysing:
        return frozenset()
    return frozenset(str(camera.camera) for camera in status.cameras if is_live(camera))

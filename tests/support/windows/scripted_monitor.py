"""A pipeline's monitor that shows what a test says, and pictures that a test made."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject

from analytics.domain.identifiers import CameraId, TrackletId
from app.gui.session.pipeline_monitor import PipelineMonitor
from vision.pipeline.frame_slots import PreviewRows
from vision.pipeline.messages import CameraState, LiveTrack
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus
from vision.pixel_types import Picture


class PicturePreview:
    """Gives one picture again and again, each time as if it were taken later; or none."""

    def __init__(self, picture: Picture | None, *, time_s: float = 1.0) -> None:
        self.picture = picture
        self.time_s = time_s
        self.asked: list[int | None] = []

    def copy_newest(self) -> tuple[Picture, float] | None:
        return None if self.picture is None else (self.picture.copy(), self.time_s)

    def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> PreviewRows | None:
        self.asked.append(fit_height_px)
        if self.picture is None or known_time_s == self.time_s:
            return None
        height, width = self.picture.shape[:2]
        step = 1 if fit_height_px is None else max(1, height // max(1, fit_height_px))
        return PreviewRows(np.ascontiguousarray(self.picture[::step]), (width, height), self.time_s)


class ScriptedMonitor(PipelineMonitor):
    """Starts and stops at once, without any process."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shown: PipelineStatus | None = None
        self.is_shown_active = False
        self.is_shown_stopping = False
        self.pictures: dict[str, PicturePreview] = {}

    @property
    def status(self) -> PipelineStatus | None:
        return self.shown

    @property
    def is_active(self) -> bool:
        return self.is_shown_active

    @property
    def is_stopping(self) -> bool:
        return self.is_shown_stopping

    def preview(self, camera: str) -> PicturePreview | None:  # type: ignore[override]
        return self.pictures.get(camera) if self.is_shown_active else None

    def show_starting(self) -> None:
        self.is_shown_active, self.shown = True, None
        self.started.emit()

    def show_status(self, *cameras: CameraStatus, is_loading: bool = False) -> None:
        """The pipeline runs and its cameras are so."""
        self.is_shown_active = True
        inference = ProcessStatus("inference", 1, 5.0, 0, is_loading, "")
        self.shown = PipelineStatus(cameras=cameras, processes=(inference,))
        self.updated.emit(self.shown)

    def show_stopped(self) -> None:
        self.is_shown_active = False
        self.stopped.emit()


def make_status(camera: str, state: CameraState = CameraState.STREAMING, **fields: object) -> CameraStatus:
    """A camera that is well unless said otherwise."""
    usual: dict[str, object] = {
        "detail": "",
        "fps_in": 15.0,
        "fps_analysed": 5.0,
        "fps_dropped": 0.0,
        "decoded": 900,
        "analysed": 300,
        "dropped": 0,
        "corrupt": 0,
        "points": 0,
        "reconnects": 0,
        "age_s": 0.2,
        "people": 0,
        "media_s": 60.0,
        "duration_s": None,
        "size_wh": (1280, 720),
    }
    return CameraStatus(CameraId(camera), state, **{**usual, **fields})  # type: ignore[arg-type]


def make_track(number: int, box: tuple[float, float, float, float]) -> LiveTrack:
    """Somebody who is seen well, without a place on the floor."""
    return LiveTrack(TrackletId(number), box, None, None, 0.9)

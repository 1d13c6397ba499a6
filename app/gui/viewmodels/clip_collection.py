"""Takes clips from the live cameras, one after the other, as chance and the plan want them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.error_reporting import describe_error
from app.gui.pipeline_monitor import PipelineMonitor
from app.gui.translation import tr
from app.jobs.job import JobCancelled, JobContext
from app.operations.validation_clips import ClipStore
from app.operations.validation_recording import PreviewClipFrames, take_clip
from vision.pipeline.messages import CameraState

LOOK_EVERY_MS = 500
END_WITHIN_S = 2.0
DrawClip = Callable[[Mapping[CameraId, float]], Clip | None]
"""Gives the clip that begins now, of cameras with so many people in view; None where none is wanted."""


class ClipCollection(QObject):
    """A thread of its own takes a clip, as one lasts longer than a job may keep others waiting."""

    changed = Signal()
    """Something is taken now, or no longer, or it has gone on."""
    taken = Signal(object)
    """A `Clip` that is there to be labelled."""
    failed = Signal(object)
    """An `ErrorReport`; nothing more is taken until somebody starts it again."""

    _ended = Signal(object, object, object)

    def __init__(
        self, *, monitor: PipelineMonitor, clock: Clock | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._monitor, self._clock = monitor, clock or SystemClock()
        self._store: ClipStore | None = None
        self._draw: DrawClip | None = None
        self._clip: Clip | None = None
        self._done_s = 0.0
        self._cancelled = threading.Event()
        self._thread: threading.Thread | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def is_active(self) -> bool:
        """Whether clips are taken as they are wanted."""
        return self._timer.isActive()

    @property
    def clip(self) -> Clip | None:
        """The one that is being taken."""
        return self._clip

    @property
    def done_s(self) -> float:
        """How much of it there is."""
        return self._done_s

    def start(self, store: ClipStore, draw: DrawClip) -> None:
        """Take clips from now on."""
        self._store, self._draw = store, draw
        self._timer.start()
        self.look()
        self.changed.emit()

    def stop(self) -> None:
        """Take no more; of a clip that is being taken nothing is kept."""
        self._timer.stop()
        self._cancelled.set()
        if self._thread is not None:
            self._thread.join(END_WITHIN_S)
        self._thread, self._clip, self._store = None, None, None
        self.changed.emit()

    def look(self) -> None:
        """Begin with the next clip where one is wanted and none is being taken."""
        store, draw = self._store, self._draw
        if store is None or draw is None:
            return
        if self._clip is None:
            people = self._find_people()
            clip = draw(people) if people else None
            preview = None if clip is None else self._monitor.preview(str(clip.camera))
            if clip is not None and preview is not None:
                self._begin(store, clip, PreviewClipFrames(clip.camera, preview))
        self.changed.emit()

    def _find_people(self) -> dict[CameraId, float]:
        status = self._monitor.status
        if status is None or not self._monitor.is_active or self._monitor.is_stopping:
            return {}
        return {
            camera.camera: float(camera.people)
            for camera in status.cameras
            if camera.state is CameraState.STREAMING and camera.analysed
        }

    def _begin(self, store: ClipStore, clip: Clip, frames: PreviewClipFrames) -> None:
        self._clip, self._done_s = clip, 0.0
        self._cancelled = cancelled = threading.Event()

        def note(done_s: float, total_s: float) -> None:
            if total_s:
                self._done_s = done_s

        def work() -> None:
            error: BaseException | None = None
            try:
                take_clip(
                    store,
                    clip,
                    frames,
                    now_utc_s=self._clock.now_utc_s,
                    wait=cancelled.wait,
                    context=JobContext(is_cancelled=cancelled.is_set, on_progress=note),
                )
            except BaseException as raised:
                error = raised
            self._ended.emit(cancelled, clip, error)

        self._thread = threading.Thread(target=work, name="clip", daemon=True)
        self._thread.start()

    @Slot(object, object, object)
    def _on_ended(self, cancelled: threading.Event, clip: Clip, error: BaseException | None) -> None:
        if cancelled is not self._cancelled or cancelled.is_set():
            return
        self._clip, self._thread = None, None
        if error is None:
            self.taken.emit(clip)
        elif not isinstance(error, JobCancelled):
            self._timer.stop()
            self.failed.emit(describe_error(error, translate=tr))
        self.changed.emit()

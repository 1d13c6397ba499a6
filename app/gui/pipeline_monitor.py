"""The pipeline as the window sees it: started and stopped without waiting, looked at ten times a second."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from analytics.domain.camera import Camera
from app.error_reporting import ErrorReport, describe_error
from app.gui.translation import tr
from vision.pipeline.frame_slots import FramePreview
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.pipeline_status import PipelineStatus
from vision.pipeline.plan import PipelinePlan
from vision.pipeline.supervisor import Supervisor

LOOK_EVERY_MS = 100


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    supervisor: Supervisor
    plan: PipelinePlan


class PipelineMonitor(QObject):
    """One pipeline at a time; starting and stopping happen in a thread, signals come on the monitor's own."""

    updated = Signal(object)
    """A `PipelineStatus`, ten times a second while a pipeline runs, and once when it has stopped."""
    failed = Signal(object)
    """An `ErrorReport`: the pipeline could not be started or stopped because of this."""
    started = Signal()
    stopped = Signal()

    _start_ended = Signal(object, object)
    _stop_ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: _Running | None = None
        self._status: PipelineStatus | None = None
        self._previews: dict[str, FramePreview] = {}
        self._is_busy = False
        self._stops_when_started = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._start_ended.connect(self._on_start_ended, Qt.ConnectionType.QueuedConnection)
        self._stop_ended.connect(self._on_stop_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def status(self) -> PipelineStatus | None:
        """How everything was at the last look; None before the first pipeline."""
        return self._status

    @property
    def is_active(self) -> bool:
        """Whether a pipeline runs, is being started or is being stopped."""
        return self._running is not None or self._is_busy

    @property
    def is_stopping(self) -> bool:
        """Whether it was asked to stop and has not yet."""
        return self._stops_when_started or (self._is_busy and self._running is not None)

    def start(self, plan: PipelinePlan, parts: PipelineParts) -> None:
        """Start a pipeline; does nothing while one is active."""
        if self.is_active:
            return
        self._is_busy = True
        self._status = None

        def begin() -> None:
            try:
                supervisor = Supervisor(plan, parts)
                supervisor.start()
            except Exception as error:
                self._start_ended.emit(None, error)
            else:
                self._start_ended.emit(_Running(supervisor, plan), None)

        threading.Thread(target=begin, name="pipeline start", daemon=True).start()

    def stop(self) -> None:
        """Ask the pipeline to make its results durable and stop; `stopped` comes when it has."""
        if self._running is None:
            self._stops_when_started = self._is_busy
            return
        if self._is_busy:
            return
        self._is_busy = True
        self._timer.stop()
        self._previews.clear()
        supervisor = self._running.supervisor

        def end() -> None:
            self._stop_ended.emit(supervisor.stop())

        threading.Thread(target=end, name="pipeline stop", daemon=True).start()

    def change_masks(self, cameras: Sequence[Camera]) -> None:
        """Let the privacy masks of these cameras hold in the pipeline that runs, if one does."""
        if self._running is not None:
            self._running.supervisor.change_masks(cameras)

    def connect_again(self, camera: str) -> None:
        """Let a camera be connected again now, in the pipeline that runs, if one does."""
        if self._running is not None:
            self._running.supervisor.connect_again(camera)

    def preview(self, camera: str) -> FramePreview | None:
        """Copies of a camera's newest frame; None while there can be none."""
        if self._running is None or self._is_busy:
            return None
        known = self._previews.get(camera)
        if known is not None:
            return known
        feeds = self._running.plan.feeds
        for feed, slots in zip(feeds, self._running.supervisor.slot_names, strict=False):
            if feed.camera.name == camera:
                try:
                    preview = FramePreview(slots, is_lossless=feed.is_lossless)
                except FileNotFoundError:
                    return None
                self._previews[camera] = preview
                return preview
        return None

    @Slot(object, object)
    def _on_start_ended(self, running: _Running | None, error: BaseException | None) -> None:
        self._is_busy = False
        if running is None:
            self._stops_when_started = False
            self.stopped.emit()
            if error is not None:
                self.failed.emit(describe_error(error, translate=tr))
            return
        self._running = running
        self._timer.start()
        self.started.emit()
        if self._stops_when_started:
            self._stops_when_started = False
            self.stop()

    @Slot(object)
    def _on_stop_ended(self, status: PipelineStatus) -> None:
        self._is_busy = False
        self._running = None
        self._publish(status)
        self.stopped.emit()

    def _look(self) -> None:
        if self._running is None:
            return
        status = self._running.supervisor.poll()
        self._publish(status)
        if not status.is_running:
            failure = status.failure
            self.stop()
            if failure is not None:
                self.failed.emit(describe_error(failure, translate=tr))

    def _publish(self, status: PipelineStatus) -> None:
        self._status = status
        self.updated.emit(status)


__all__ = ["ErrorReport", "PipelineMonitor"]

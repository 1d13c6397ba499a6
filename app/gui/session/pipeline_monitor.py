"""The pipeline of the window: started and stopped asynchronously, polled ten times a second.

It may also be the pipeline of another process, a service for example: that one is looked at, and neither
started nor stopped.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.identifiers import CameraId
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.translation import tr
from app.recording.announcement import Announcement, RecorderKind, find_recorder
from app.recording.recording_entries import audit_recording_end
from app.recording.recording_session import RecordingSession
from app.recording.status_board import BoardReader
from vision.pipeline.frame_slots import FramePreview
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.pipeline_status import PipelineStatus
from vision.pipeline.plan import PipelinePlan
from vision.pipeline.supervisor import Supervisor

POLL_INTERVAL_MS = 100
POLLS_PER_PUBLISH = 3
"""Number of polls between publications of the status to other processes and checks of their requests."""
UNRESPONSIVE_S = 10.0
"""Time without an update after which another recorder counts as unresponsive."""


@dataclass(frozen=True, slots=True, eq=False)
class _Running:
    supervisor: Supervisor
    plan: PipelinePlan
    session: RecordingSession | None = None
    folder: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Attached:
    """Another process that records; without a board if its account does not share its status."""

    folder: Path
    recorder: Announcement
    board: BoardReader | None


class PipelineMonitor(QObject):
    """Controls one pipeline; starting and stopping run in a thread, signals come on the monitor's own."""

    updated = Signal(object)
    """A `PipelineStatus`, ten times a second while a pipeline runs, and once when it has stopped."""
    failed = Signal(object)
    """An `ErrorReport`: the pipeline could not be started or stopped."""
    started = Signal()
    """A pipeline has started, or one of another process was attached."""
    stopped = Signal()
    external_stop_requested = Signal()
    """Another program requested the end of this recording, which is being stopped."""

    _start_ended = Signal(object, object)
    _stop_ended = Signal(object)

    def __init__(self, parent: QObject | None = None, *, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self._clock = clock or SystemClock()
        self._running: _Running | None = None
        self._stopping: threading.Thread | None = None
        self._attached: _Attached | None = None
        self._polls = 0
        self._status: PipelineStatus | None = None
        self._previews: dict[str, FramePreview] = {}
        self._is_busy = False
        self._stops_when_started, self._stop_cause = False, ""
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self._poll)
        self._start_ended.connect(self._on_start_ended, Qt.ConnectionType.QueuedConnection)
        self._stop_ended.connect(self._on_stop_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def status(self) -> PipelineStatus | None:
        """The latest status; None before the first pipeline."""
        return self._status

    @property
    def is_active(self) -> bool:
        return self._running is not None or self._is_busy or self._attached is not None

    @property
    def recorder(self) -> Announcement | None:
        """The other process whose pipeline is attached; None if there is none."""
        return None if self._attached is None else self._attached.recorder

    @property
    def hides_status(self) -> bool:
        """Return whether another process records and its account does not share its status."""
        return self._attached is not None and self._attached.board is None

    @property
    def is_stopping(self) -> bool:
        return self._stops_when_started or (self._is_busy and self._running is not None)

    def start(self, plan: PipelinePlan, parts: PipelineParts, venue_folder: Path | None = None) -> None:
        """Start a pipeline; does nothing while one is active.

        Args:
            venue_folder: of the venue that it records, where others may look on; None: nobody may.
        """
        if self.is_active:
            return
        self._is_busy = True
        self._status = None

        def begin() -> None:
            try:
                supervisor = Supervisor(plan, parts)
                supervisor.start()
                session = (
                    None
                    if venue_folder is None
                    else RecordingSession(venue_folder, RecorderKind.WINDOW, slots=supervisor.slots)
                )
            except Exception as error:
                self._start_ended.emit(None, error)
            else:
                self._start_ended.emit(_Running(supervisor, plan, session, venue_folder), None)

        threading.Thread(target=begin, name="pipeline start", daemon=True).start()

    def attach(self, folder: Path, recorder: Announcement) -> None:
        """Attach to the pipeline of another process; does nothing while one is active."""
        if self.is_active:
            return
        try:
            board: BoardReader | None = BoardReader(recorder.board)
        except FileNotFoundError:
            # it has just ended
            return
        except PermissionError:
            board = None
        self._status = None
        self._attached = _Attached(folder, recorder, board)
        self._timer.start()
        self.started.emit()

    def detach(self) -> None:
        attached, self._attached = self._attached, None
        if attached is None:
            return
        self._timer.stop()
        self._previews.clear()
        if attached.board is not None:
            attached.board.close()
        self._status = None
        self.stopped.emit()

    @property
    def logins(self) -> dict[str, tuple[str, str]]:
        feeds = () if self._running is None else self._running.plan.feeds
        return {
            str(feed.camera.name): (feed.address.user or "", feed.address.password)
            for feed in feeds
            if feed.address.password is not None
        }

    @property
    def is_recording_here(self) -> bool:
        """Return whether this process records or is about to, and was not asked to stop."""
        return self.is_active and self._attached is None and not self.is_stopping

    def stop(self, cause: str = "") -> None:
        """Stop the pipeline after it has stored its results; `stopped` follows.

        One of another process goes on, and is looked at no more.

        Args:
            cause: of the gap that begins, where nobody stopped the recording.
        """
        if self._attached is not None:
            self.detach()
            return
        if self._running is None:
            self._stops_when_started, self._stop_cause = self._is_busy, cause
            return
        if self._is_busy:
            return
        self._is_busy = True
        self._timer.stop()
        self._previews.clear()
        running = self._running
        self._stopping = threading.Thread(
            target=lambda: self._stop_ended.emit(_end(running, cause)), name="pipeline stop", daemon=True
        )
        self._stopping.start()

    def stop_now(self, cause: str) -> None:
        """Stop a running pipeline synchronously, for when no event loop runs any more.

        Args:
            cause: of the gap that begins.
        """
        if self._stopping is not None:
            self._stopping.join()
        elif self._running is not None:
            _end(self._running, cause)
        self._running = None

    def change_masks(self, cameras: Sequence[Camera]) -> None:
        """Apply the privacy masks of these cameras to the running pipeline, if any."""
        if self._running is not None:
            self._running.supervisor.change_masks(cameras)

    @property
    def calibrations(self) -> dict[CameraId, tuple[object, ...]]:
        feeds = () if self._running is None else self._running.plan.feeds
        return {feed.camera.name: feed.camera.calibration for feed in feeds}

    def change_cameras(self, plan: PipelinePlan) -> None:
        """Read the cameras of this plan from now on, by its calibrations; see `Supervisor.change_feeds`."""
        if self._running is not None and not self.is_stopping:
            self._running = replace(self._running, plan=plan)
            self._running.supervisor.change_feeds(plan.feeds)

    def connect_again(self, camera: str) -> None:
        if self._running is not None:
            self._running.supervisor.connect_again(camera)

    def preview(self, camera: str) -> FramePreview | None:
        """Return copies of a camera's newest frame; None while there is none."""
        place = self._find_slots(camera)
        if place is None:
            self._previews.pop(camera, None)
            return None
        slots, is_lossless = place
        known = self._previews.get(camera)
        if known is not None and known.name == slots:
            return known
        try:
            preview = FramePreview(slots, is_lossless=is_lossless)
        except (FileNotFoundError, PermissionError):
            # of another account: its pictures stay there
            return None
        self._previews[camera] = preview
        return preview

    def _find_slots(self, camera: str) -> tuple[str, bool] | None:
        if self._attached is not None:
            # only live cameras are recorded; recordings are analysed
            slots = dict(self._attached.recorder.slots).get(camera)
            return None if slots is None else (slots, False)
        if self._running is None or self._is_busy:
            return None
        by_camera = dict(self._running.supervisor.slots)
        for feed in self._running.plan.feeds:
            if feed.camera.name == camera and camera in by_camera:
                return by_camera[camera], feed.is_lossless
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
            self.stop(self._stop_cause)

    @Slot(object)
    def _on_stop_ended(self, status: PipelineStatus) -> None:
        self._is_busy = False
        self._running = self._stopping = None
        self._publish(status)
        self.stopped.emit()

    def _poll(self) -> None:
        self._polls += 1
        if self._attached is not None:
            self._poll_other(self._attached)
            return
        if self._running is None:
            return
        status = self._running.supervisor.poll()
        self._publish(status)
        session = self._running.session
        if session is not None and self._polls % POLLS_PER_PUBLISH == 0:
            session.show(status)
            session.change_slots(self._running.supervisor.slots)
            if session.is_stop_requested and not self.is_stopping:
                self.external_stop_requested.emit()
                self.stop()
                return
        if not status.is_running:
            failure = status.failure
            self.stop()
            if failure is not None:
                self.failed.emit(describe_error(failure, translate=tr))

    def _poll_other(self, attached: _Attached) -> None:
        if self._polls % POLLS_PER_PUBLISH == 0:
            recorder = find_recorder(attached.folder)
            if recorder is None or recorder != attached.recorder:
                self.detach()
                return
            self._attached = replace(attached, recorder=recorder)
        shown = None if attached.board is None else attached.board.read()
        if shown is None:
            return
        status, written_utc_s = shown
        is_silent = self._clock.now_utc_s() - written_utc_s > UNRESPONSIVE_S
        self._publish(PipelineStatus() if is_silent else status)

    def _publish(self, status: PipelineStatus) -> None:
        self._status = status
        self.updated.emit(status)


def _end(running: _Running, cause: str) -> PipelineStatus:
    status = running.supervisor.stop(cause)
    if running.session is not None:
        running.session.close()
    if running.folder is not None:
        audit_recording_end(running.folder, RecorderKind.WINDOW, has_failed=status.failure is not None)
    return status


__all__ = ["ErrorReport", "PipelineMonitor"]

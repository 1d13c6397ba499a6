"""View-model of the frame around the pages: the venue, its cameras, the recording."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Qt, Signal

from analytics.domain.errors import CalibrationError, ModelError, StoreError, fill_template
from analytics.domain.exhibition import OpeningHours
from analytics.domain.history_condition import HEALTHY_HISTORY, HistoryCondition
from app.access.guard import doing
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue, is_in_site
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.camera_words import describe_problem, describe_recorder, describe_remedy, needs_attention
from app.gui.session.cell_text import format_date_time
from app.gui.session.exported_files import exported_files
from app.gui.session.job_runner import JobHandle
from app.gui.session.notification import Notification
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr, trn
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.settings.model import MODEL_CHOICE
from app.maintenance.choose_detector import needs_another_model
from app.maintenance.upgrade_venue import upgrade_venue
from app.plan.edit_venue import create_hall
from app.recording.record_venue import map_calibrations, plan_recording
from app.recording.recorded_history import find_termination, make_recording_parts
from app.recording.recording_entries import stop_recorder
from app.recording.recording_session import require_no_other_recorder
from vision.alignment.view_report import ViewReport
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.pipeline_status import PipelineStatus
from vision.pipeline.plan import PipelinePlan


def make_error_notification(report: ErrorReport, *, leads_to_models: bool = False) -> Notification:
    told = report.render(tr)
    if not leads_to_models:
        return Notification(told.problem, told.remedy)
    # the error's own remedy is for the command line
    remedy = tr("The model that comes with ExpoFlow does, too; Settings, Models, has others.")
    return Notification(told.problem, remedy, leads_to_models=True)


def make_part_notification() -> Notification:
    """Return the notification that this machine records what falls to it in its site."""
    return Notification(
        tr("This machine takes part in the site, and records the cameras that fall to it."),
        tr("Settings, Site, shows which machine reads which camera."),
        tone="good",
    )


def make_demo_model_notification() -> Notification:
    """Return the warning that a real camera is read with a model trained on drawn people."""
    return Notification(
        tr("This venue has a real camera but uses the demo's model, which misses people."),
        tr("The model that comes with ExpoFlow finds real people."),
        tone="neutral",
        leads_to_models=True,
    )


def make_view_notification(camera: str, view: ViewReport) -> Notification:
    return Notification(
        tr("{camera}: {trouble}", camera=display_name(camera), trouble=describe_problem(view)),
        describe_remedy(view),
        leads_to_view_of=camera,
    )


def make_restart_notification() -> Notification:
    return Notification(
        tr("The counting process ended unexpectedly and restarts automatically."),
        tr("Results are kept; the seconds without counting are recorded as a gap."),
        tone="neutral",
    )


def make_history_notification(condition: HistoryCondition) -> Notification:
    """Return the notification about a failure, repair or recovery of writing the history."""
    told = condition.describe()
    if told is None:
        return Notification(tr("Results are being saved again."), tone="good")
    return Notification(fill_template(told.template, told.fields, tr))


def make_stop_notification() -> Notification:
    """Return the notification that another program requested the end of the recording."""
    return Notification(
        tr("Another program asked this recording to stop."),
        tr("Results are kept. You can start it again at any time."),
        tone="neutral",
    )


def make_termination_notification(ended_s: float, *, time_zone: str) -> Notification:
    """Return the notification that the last recording was terminated by log-out, shutdown or a crash."""
    return Notification(
        tr(
            "The last recording ended at {moment}: the system closed the program, as on log-out or shutdown.",
            moment=format_date_time(ended_s, time_zone=time_zone),
        ),
        tr("Results are kept. This venue is not being recorded: start recording again."),
    )


def make_other_recorder_notification() -> Notification:
    """Return the notification that a change takes effect only in another program."""
    return Notification(
        tr("Another program is recording this venue with the camera settings from its start."),
        tr("Stop and restart that recording to apply the change."),
        tone="neutral",
    )


def describe_recording(*, is_recording: bool, people: int, restarts: int) -> str:
    if not is_recording:
        return tr("Not recording")
    words = trn("Recording, {n} person in view", "Recording, {n} people in view", people)
    if restarts:
        words += " · " + trn("{n} restart", "{n} restarts", restarts)
    return words


@dataclass(frozen=True, slots=True)
class NewVenue:
    """A venue to create; ``size_m`` is the hall's width and depth."""

    folder: Path
    name: str
    time_zone: str
    size_m: tuple[float, float]
    opening_hours: tuple[OpeningHours, ...] = ()


ANNOUNCE_EVERY_POLLS = 100
"""Ten seconds between two announcements of new history to the pages."""


@dataclass(frozen=True, slots=True)
class ShellState:
    """The state of the frame.

    Attributes:
        title: the exhibition's name; empty without a venue.
        cameras_live: cameras that show pictures, of ``cameras``.
        fps_analysed: frames a second of all cameras together.
        is_waiting: recording was asked to start or stop and has not yet.
        restarts: of processes, since recording began.
        recorded_by: who records where it is another process than this one, in words; empty otherwise.
    """

    title: str = ""
    has_venue: bool = False
    cameras: int = 0
    cameras_live: int = 0
    fps_analysed: float = 0.0
    people: int = 0
    is_recording: bool = False
    is_waiting: bool = False
    is_loading: bool = False
    restarts: int = 0
    recorded_by: str = ""


class ShellViewModel(VenueViewModel[ShellState]):
    """Opens and creates venues, starts and stops the recording, and reports errors."""

    notified = Signal(object)
    """A `Notification`."""
    venue_shown = Signal(object)
    """The folder of a venue that was just opened, for the list of recent ones."""

    def __init__(
        self,
        *,
        monitor: PipelineMonitor,
        make_plan: Callable[[Venue], PipelinePlan] | None = None,
        make_pipeline_parts: Callable[[Path], PipelineParts] = make_recording_parts,
        **parts: Unpack[VenueParts],
    ) -> None:
        super().__init__(ShellState(), **parts)
        self._monitor = monitor
        self._make_plan = make_plan or plan_recording
        self._make_parts = make_pipeline_parts
        self._is_planning = False
        self._planned_later: Path | None = None
        self._polls = 0
        self._restarts = 0
        self._views: dict[str, ViewReport] = {}
        self._history = HEALTHY_HISTORY
        self._starts_again = False
        self._recorded_from_utc_s: float | None = None
        self.take_part: Callable[[bool], bool] | None = None
        """Starts or ends this machine's part in a site, and returns whether it did."""
        self.confirm_leaving: Callable[[Callable[[], None]], None] | None = None
        """Asks before another venue replaces one that this window records, and continues once agreed.

        None: the recording is stopped without a question.
        """
        exported_files().written.connect(self._on_exported)
        exported_files().failed.connect(self.report_error)
        self._app_state.venue_opened.connect(self._refresh)
        self._app_state.changed.connect(self._on_changed)
        self._job_runner.job_failed.connect(self._on_job_failed)
        # queued: the job's result is delivered first
        self._job_runner.job_finished.connect(self._plan_later, Qt.ConnectionType.QueuedConnection)
        monitor.updated.connect(self._on_pipeline_updated)
        monitor.started.connect(self._on_pipeline_started)
        monitor.stopped.connect(self._on_pipeline_stopped)
        monitor.failed.connect(self.report_error)
        monitor.external_stop_requested.connect(lambda: self._notify(make_stop_notification))

    def leave_venue(self, then: Callable[[], None]) -> None:
        """Call ``then``, which shows another venue; if this window is recording, ask first."""
        if self.confirm_leaving is not None and self._monitor.is_recording_here:
            self.confirm_leaving(then)
        else:
            then()

    def open_venue(self, folder: Path) -> None:
        """Read a venue's folder and show it; if that fails, the open venue stays."""
        self.leave_venue(partial(self._open_venue, folder))

    def _open_venue(self, folder: Path) -> None:
        self._job_runner.run_latest(
            "open venue",
            tr("Opening the venue"),
            lambda _context: _read_venue(folder),
            on_done=self._on_venue_read,
            on_failed=self.report_error,
        )

    def _on_venue_read(self, read: tuple[Venue, ErrorReport | None]) -> None:
        venue, trouble = read
        self.show_venue(venue)
        if trouble is not None:
            self.report_error(trouble)
        else:
            self._check_last_recording(venue)

    def _check_last_recording(self, venue: Venue) -> None:
        """Notify that the system ended the last recording, if it did."""

        def notify_termination(ended_s: float | None) -> None:
            shown = self._app_state.venue
            if ended_s is None or shown is None or shown.folder != venue.folder or self._monitor.is_active:
                return
            self._notify(
                partial(make_termination_notification, ended_s, time_zone=venue.exhibition.time_zone)
            )

        self._job_runner.run_latest(
            "last recording",
            lambda: tr("Checking how the last recording ended"),
            lambda _context: find_termination(venue),
            on_done=notify_termination,
            # the next reader of the history reports its errors
            on_failed=lambda _report: None,
        )

    def create_venue(self, new: NewVenue) -> JobHandle | None:
        """Create a venue and show it; return the job, or None if a question comes first."""
        begun: list[JobHandle] = []

        def create() -> None:
            job = self._job_runner.run(
                tr("Creating the venue"),
                lambda _context: create_hall(
                    new.folder,
                    name=new.name,
                    time_zone=new.time_zone,
                    size_m=new.size_m,
                    opening_hours=new.opening_hours,
                ),
                on_done=self.show_venue,
                on_failed=self.report_error,
            )
            begun.append(job)

        self.leave_venue(create)
        return begun[0] if begun else None

    def toggle_recording(self) -> None:
        if self._monitor.is_active or self._is_planning:
            self.stop_recording()
        else:
            self.start_recording()

    def start_recording(self) -> None:
        venue = self._app_state.venue
        if venue is None or self._is_planning or self._monitor.is_active:
            return
        if self.take_part is not None and self.take_part(True):
            self._notify(make_part_notification)
            return
        self._is_planning = True
        self._polls = 0
        if self._job_runner.is_busy(MODEL_CHOICE):
            # the venue shown has its former model until the choice is written
            self._planned_later = venue.folder
        else:
            self._plan(venue)
        self._refresh()

    def _plan_later(self) -> None:
        folder = self._planned_later
        if folder is None or self._job_runner.is_busy(MODEL_CHOICE):
            return
        self._planned_later = None
        venue = self._app_state.venue
        if venue is not None and venue.folder == folder:
            self._plan(venue)
        else:
            self._is_planning = False
            self._refresh()

    def _plan(self, venue: Venue) -> None:
        missing_models: list[ModelError] = []

        def plan(_context: JobContext) -> PipelinePlan:
            require_no_other_recorder(venue.folder)
            try:
                with doing(venue.folder, Permission.RECORD, "recording started", must_be_recorded=False):
                    return self._make_plan(venue)
            except ModelError as error:
                missing_models.append(error)
                raise

        self._job_runner.run(
            tr("Preparing the cameras"),
            plan,
            on_done=partial(self._start_pipeline, venue),
            on_failed=lambda report: self._on_plan_failed(report, lacks_model=bool(missing_models)),
        )

    def stop_recording(self) -> None:
        """Stop counting; results are kept."""
        self._monitor.stop()
        self._refresh()

    def end_part(self) -> bool:
        """End this machine's part in a site, and so its recording; return whether this window ran it."""
        return self.take_part is not None and self.take_part(False)

    def stop_other_recording(self) -> None:
        """Request the other process that records this venue to stop; its results are kept."""
        venue, recorder = self._app_state.venue, self._monitor.recorder
        if venue is None or recorder is None:
            return
        self._job_runner.run(
            tr("Stopping the other recording"),
            lambda _context: stop_recorder(venue.folder, recorder),
            on_done=lambda _nothing: None,
            on_failed=self.report_error,
        )

    def restart_recording(self) -> None:
        """Restart a running recording so that changes apply; does nothing if none runs."""
        if self._monitor.recorder is not None:
            self._notify(make_other_recorder_notification)
        elif self._monitor.is_active and not self._monitor.is_stopping:
            self._starts_again = True
            self.stop_recording()

    def report_error(self, report: ErrorReport) -> None:
        self._notify(partial(make_error_notification, report))

    def notify(self, notification: Notification) -> None:
        self.notified.emit(notification)

    def _on_exported(self, path: str) -> None:
        self._notify(lambda: Notification(tr("Saved to {path}.", path=path), tone="good"))

    def _notify(self, word: Callable[[], Notification]) -> None:
        self.notify(replace(word(), rebuild=word))

    def show_venue(self, venue: Venue) -> None:
        """Show a venue that was read already; a recording of this window stops."""
        self._monitor.stop()
        self._app_state.show_venue(venue)
        self.venue_shown.emit(venue.folder)

    def _start_pipeline(self, venue: Venue, plan: PipelinePlan) -> None:
        self._is_planning = False
        self._restarts = 0
        shown = self._app_state.venue
        if shown is not None and shown.folder == venue.folder:
            self._recorded_from_utc_s = self._clock.now_utc_s()
            self._monitor.start(plan, self._make_parts(venue.folder), venue.folder)
            self._warn_about_demo_model()
        self._refresh()

    def _on_plan_failed(self, report: ErrorReport, *, lacks_model: bool) -> None:
        self._is_planning = False
        self._refresh()
        self._notify(partial(make_error_notification, report, leads_to_models=lacks_model))

    def _on_job_failed(self, _job: object, report: ErrorReport) -> None:
        self.report_error(report)

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.cameras:
            self._apply_masks()
            self._change_recorded_cameras()
            self._warn_about_demo_model()
        self._refresh()

    def _on_pipeline_started(self) -> None:
        if self._monitor.recorder is not None:
            self._recorded_from_utc_s = self._clock.now_utc_s()
        # masks and cameras of the time since the recording was planned
        self._apply_masks()
        self._change_recorded_cameras()
        self._refresh()

    def _apply_masks(self) -> None:
        venue = self._app_state.venue
        if venue is not None:
            self._monitor.change_masks([entry.camera for entry in venue.cameras])

    def _change_recorded_cameras(self) -> None:
        """Follow cameras that were added, switched off or calibrated, while the others go on."""
        venue = self._app_state.venue
        if venue is None or not self._monitor.is_recording_here or not self._monitor.calibrations:
            return
        wanted = map_calibrations(venue)
        if wanted and self._monitor.calibrations != wanted:
            self._job_runner.run_latest(
                "recorded cameras",
                tr("Preparing the cameras"),
                lambda _context: self._make_plan(venue),
                on_done=partial(self._change_plan, venue),
                on_failed=self.report_error,
            )

    def _change_plan(self, venue: Venue, plan: PipelinePlan) -> None:
        shown = self._app_state.venue
        if shown is not None and shown.folder == venue.folder:
            self._monitor.change_cameras(plan)

    def _warn_about_demo_model(self) -> None:
        venue = self._app_state.venue
        if venue is not None and needs_another_model(venue):
            self._notify(make_demo_model_notification)

    def _notify_restarts(self, status: PipelineStatus) -> None:
        # restarts of the analysis first; failing readers are reported on their tiles
        restarts = status.processes[0].restarts if status.processes else 0
        if restarts > self._restarts:
            self._notify(make_restart_notification)
        self._restarts = restarts

    def _notify_history(self, status: PipelineStatus) -> None:
        if not status.is_analysing:
            return
        condition, before = status.history, self._history
        self._history = condition
        if condition.trouble != before.trouble:
            self._notify(partial(make_history_notification, condition))

    def _notify_views(self, status: PipelineStatus) -> None:
        for camera in status.cameras:
            known, self._views[camera.camera] = self._views.get(camera.camera), camera.view
            has_changed = known is None or (known.verdict, known.cause) != (
                camera.view.verdict,
                camera.view.cause,
            )
            if has_changed and needs_attention(camera.view):
                self._notify(partial(make_view_notification, str(camera.camera), camera.view))

    def _on_pipeline_updated(self, status: PipelineStatus) -> None:
        self._polls += 1
        if self._polls % ANNOUNCE_EVERY_POLLS == 0:
            self._announce_growth()
        self._notify_restarts(status)
        self._notify_views(status)
        self._notify_history(status)
        self._refresh()

    def _on_pipeline_stopped(self) -> None:
        self._announce_growth()
        self._views.clear()
        self._history = HEALTHY_HISTORY
        self._refresh()
        if self._starts_again:
            self._starts_again = False
            self.start_recording()

    def _announce_growth(self) -> None:
        grown = ChangeSet(events=True, events_from_utc_s=self._recorded_from_utc_s)
        self._app_state.announce(grown, initiator=self)

    def _refresh(self) -> None:
        venue = self._app_state.venue
        status = self._monitor.status if self._monitor.is_active else None
        recorder = self._monitor.recorder
        cameras = status.cameras if status is not None else ()
        processes = status.processes if status is not None else ()
        state = ShellState(
            title=venue.title(venue.exhibition.name) if venue is not None else "",
            has_venue=venue is not None,
            # the others of a site are read by other machines
            cameras=0
            if venue is None
            else len(cameras)
            if cameras and is_in_site(venue.folder)
            else len(venue.cameras),
            cameras_live=sum(camera.state is CameraState.STREAMING for camera in cameras),
            fps_analysed=round(sum(camera.fps_analysed for camera in cameras), 1),
            people=sum(camera.people for camera in cameras),
            is_recording=self._monitor.is_active,
            is_waiting=self._is_planning or self._monitor.is_stopping,
            is_loading=bool(processes) and status is not None and not status.is_analysing,
            restarts=sum(process.restarts for process in processes),
            recorded_by=""
            if venue is None or recorder is None
            else describe_recorder(recorder, time_zone=venue.exhibition.time_zone),
        )
        self._set_state(state)


def _read_venue(folder: Path) -> tuple[Venue, ErrorReport | None]:
    """Return a venue and the problem of its history, if any, which does not prevent opening it."""
    trouble = None
    try:
        upgrade_venue(folder)
    except StoreError as error:
        trouble = describe_error(error, translate=tr)
    venue = read_venue(folder)
    for name in venue.camera_names:
        # cached so that drawing the floor does not wait; errors are reported where it is used
        with contextlib.suppress(CalibrationError):
            venue.camera_geometry(name)
    return venue, trouble

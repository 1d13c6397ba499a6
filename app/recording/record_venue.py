"""Record a venue's cameras into its history until stopped."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import CredentialError, ExpoFlowError, PipelineError, VenueError
from analytics.domain.identifiers import CameraId
from app.core.credentials import (
    Credential,
    CredentialStore,
    MemoryCredentialStore,
    add_credential,
    open_credential_store,
)
from app.core.document import Venue
from app.core.file_format import FILE_NAME, read_venue
from app.recording.announcement import RecorderKind
from app.recording.held_cameras import HELD_NAME, read_held_cameras
from app.recording.recorded_history import make_recording_parts
from app.recording.recording_entries import audited_recording
from app.recording.recording_session import RecordingSession, require_no_other_recorder
from app.settings.file import models_folder, read_settings
from app.settings.paths import cache_folder
from vision.alignment.reference_place import locate_reference
from vision.detection.detector_choice import DetectorChoice
from vision.detection.model_catalogue import locate_model
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_parts import AUTOMATIC, PipelineParts
from vision.pipeline.pipeline_status import PipelineStatus
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.pipeline.supervisor import Supervisor
from vision.sources.frame_source import Pacing

SOCKET_VARIABLE = "NOTIFY_SOCKET"
WATCHDOG_VARIABLE = "WATCHDOG_USEC"
_NOTIFICATIONS_PER_LIMIT = 3.0


class ServiceNotifier:
    """A notifier of the service manager; does nothing without one."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, clock: Clock | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._clock = clock or SystemClock()
        self._address = environment.get(SOCKET_VARIABLE, "")
        limit = environment.get(WATCHDOG_VARIABLE, "")
        self._notify_interval_s = int(limit) / 1e6 / _NOTIFICATIONS_PER_LIMIT if limit.isdigit() else None
        self._notified_s: float | None = None
        self._is_ready = False

    def notify_ready(self, text: str) -> None:
        """Report once that the service is ready."""
        if not self._is_ready:
            self._is_ready = True
            self._send(f"READY=1\nSTATUS={text}")

    def notify_alive(self) -> None:
        """Report that the service is alive, or it is restarted; cheap enough for frequent calls."""
        now_s = self._clock.monotonic_s()
        if self._notify_interval_s is None or (
            self._notified_s is not None and now_s - self._notified_s < self._notify_interval_s
        ):
            return
        self._notified_s = now_s
        self._send("WATCHDOG=1")

    def notify_stopping(self) -> None:
        """Report that the service is stopping."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address or not hasattr(socket, "AF_UNIX"):
            return
        # a leading @ stands for the zero byte of Linux's abstract names
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(address)
            sender.sendall(message.encode())


_LOG = logging.getLogger(__name__)
_POLL_INTERVAL_S = 0.25
_TAKEOVER_POLL_INTERVAL_S = 0.05
_RETRY_S = 5.0


class StopRequested(PipelineError):  # noqa: N818 - a normal end, no error
    """A recording that ended because another program requested it."""


@dataclass(frozen=True, slots=True)
class Takeover:
    """A recording that a window hands over to this process.

    Attributes:
        credentials: logins of its cameras.
        notify_ready: called when the model is loaded and the window should stop.
        notify_recording: called when this process records and is announced.
    """

    credentials: CredentialStore
    notify_ready: Callable[[], None]
    notify_recording: Callable[[], None]


def record(
    venue_folder: Path,
    *,
    duration_s: float | None = None,
    on_status: Callable[[PipelineStatus], None] | None = None,
    stop_event: threading.Event | None = None,
    parts: PipelineParts | None = None,
    clock: Clock | None = None,
    kind: RecorderKind = RecorderKind.COMMAND,
    notice: ServiceNotifier | None = None,
    stop_cause: Callable[[], str] = str,
    takeover: Takeover | None = None,
) -> PipelineStatus:
    """Read every camera of a venue and write the positions of visitors into its history.

    Other programs can attach meanwhile (`app.recording.announcement`) and request a stop, which raises
    `StopRequested`.

    Args:
        duration_s: duration from the time the model is loaded; None until ``stop_event`` is set.
        on_status: called four times a second.
        parts: pipeline parts other than the real ones, for tests.
        kind: kind of recorder to announce.
        notice: notifier of a service manager.
        stop_cause: returns the cause of the gap that begins when ``stop_event`` is set; empty for a
            normal stop.
        takeover: recording of a window to continue; None begins a new one.

    Returns:
        The final status.

    Raises:
        StopRequested: another process requested the stop; what was recorded is kept.
        VenueError: there is no such venue, or none of its cameras has an address.
        ModelError, StoreError, CalibrationError, CredentialError, PipelineError: as described by the
            error.
    """
    clock = clock or SystemClock()
    stop_event = stop_event or threading.Event()
    notice = notice or ServiceNotifier(clock=clock)
    watcher = _VenueWatcher(venue_folder, takeover)
    venue = read_venue(venue_folder)
    if takeover is None:
        require_no_other_recorder(venue.folder)
    plan = plan_recording(venue, None if takeover is None else takeover.credentials)
    watcher.calibrations = {feed.camera.name: feed.camera.calibration for feed in plan.feeds}
    parts = parts or make_recording_parts(venue.folder)
    ends_s = None
    is_stop_requested = False
    with (
        audited_recording(venue.folder, kind) as audit_begin,
        Supervisor(plan, replace(parts, takes_over=takeover is not None)) as supervisor,
        _announcing_takeover(takeover, supervisor, stop_event),
        RecordingSession(venue.folder, kind, slots=supervisor.slots, clock=clock) as session,
    ):
        shown: PipelineStatus | None = None
        audit_begin()
        if takeover is not None:
            takeover.notify_recording()
        while not stop_event.is_set() and not supervisor.wait(0.0):
            status = supervisor.poll()
            if status.cameras and status is not shown:
                # a hanging supervisor publishes nothing new, so the service manager is not notified
                shown = status
                session.show(status)
                notice.notify_alive()
                if status.is_analysing:
                    notice.notify_ready(f"recording {venue.name}")
                elif status.history.problem is not None:
                    # waiting for disk space is no failed start, after which a service manager would kill the
                    # process
                    notice.notify_ready(f"waiting to record {venue.name}: {status.history.problem}")
                if on_status is not None:
                    on_status(status)
            watcher.pass_changes(supervisor)
            session.change_slots(supervisor.slots)
            if session.is_stop_requested:
                is_stop_requested = True
                break
            now_s = clock.monotonic_s()
            if ends_s is None and duration_s is not None and status.is_analysing:
                ends_s = now_s + duration_s
            if ends_s is not None and now_s >= ends_s:
                break
            pause_s = _POLL_INTERVAL_S if ends_s is None else min(_POLL_INTERVAL_S, max(0.0, ends_s - now_s))
            # not on the event: a signal handler that sets it would wait for the lock held by its waiter
            supervisor.wait(pause_s)
        notice.notify_stopping()
        status = supervisor.stop(stop_cause() if stop_event.is_set() else "")
        if status.failure is not None:
            raise status.failure
    if is_stop_requested:
        raise StopRequested(
            "The recording of '{venue}' was stopped at the request of another program.",
            "Start it again with: python -m app record --venue {folder}",
            venue=venue.name,
            folder=str(venue.folder),
        )
    return status


@contextmanager
def _announcing_takeover(
    takeover: Takeover | None, supervisor: Supervisor, stop_event: threading.Event
) -> Iterator[None]:
    """Wait until the preceding recording has ended and this one runs, before it is announced."""
    if takeover is None:
        yield
        return
    has_notified = False
    while not stop_event.is_set() and not supervisor.wait(_TAKEOVER_POLL_INTERVAL_S):
        status = supervisor.poll()
        if status.is_waiting and not has_notified:
            has_notified = True
            takeover.notify_ready()
        if status.is_analysing:
            for camera in status.cameras:
                if camera.state in (CameraState.LOST, CameraState.REFUSED):
                    # a camera that serves a single reader refused this one until now
                    supervisor.connect_again(str(camera.camera))
            yield
            return
    raise supervisor.stop().failure or StopRequested(
        "The recording was not taken over, at the request of another program.",
        "The previous recording continues.",
    )


class _PassedLogins(MemoryCredentialStore):
    """Logins of the machine's store, which may have changed; where it is locked, those that were passed."""

    def __init__(self, passed: CredentialStore) -> None:
        super().__init__()
        self._passed = passed

    def find(self, key: str) -> Credential | None:
        with contextlib.suppress(CredentialError):
            if (found := open_credential_store().find(key)) is not None:
                return found
        return self._passed.find(key)


class _VenueWatcher:
    """A watcher of what is to be recorded: the venue's file, and in a site the cameras of this machine.

    Attributes:
        calibrations: those by which cameras are recorded, by name.
    """

    def __init__(self, folder: Path, takeover: Takeover | None) -> None:
        self._folder, self._files = folder, (folder / FILE_NAME, folder / HELD_NAME)
        self._credentials = None if takeover is None else _PassedLogins(takeover.credentials)
        self._seen = self._stamp()
        self._waits_until_s = 0.0
        self.calibrations: dict[CameraId, tuple[object, ...]] = {}

    def pass_changes(self, supervisor: Supervisor) -> None:
        """Apply changed privacy masks, calibrations and cameras, if a file changed since the last call.

        What cannot be applied, as a store of passwords is locked, is tried again.
        """
        stamp = self._stamp()
        if stamp == self._seen or time.monotonic() < self._waits_until_s:
            return
        try:
            venue = read_venue(self._folder)
            supervisor.change_masks([entry.camera for entry in venue.cameras])
            wanted = map_calibrations(venue)
            if wanted != self.calibrations or wanted.keys() != dict(supervisor.slots).keys():
                supervisor.change_feeds(plan_recording(venue, self._credentials).feeds)
                self.calibrations = wanted
            self._seen = stamp
        except ExpoFlowError as error:
            self._waits_until_s = time.monotonic() + _RETRY_S
            _LOG.warning("The venue was changed, but not what is recorded: %s", error)

    def _stamp(self) -> list[tuple[int, int]]:
        stamps = []
        for file in self._files:
            try:
                status = file.stat()
            except OSError:
                stamps.append((0, 0))
            else:
                stamps.append((status.st_mtime_ns, status.st_size))
        return stamps


def list_recorded(venue: Venue) -> list[CameraId]:
    """Return the names of the cameras with an address, in a site of those that this machine reads."""
    held = read_held_cameras(venue.folder)
    return [
        entry.name
        for entry in venue.cameras
        if entry.address is not None and (held is None or entry.name in held)
    ]


def map_calibrations(venue: Venue) -> dict[CameraId, tuple[object, ...]]:
    """Return the calibration of each camera of `list_recorded`, by name."""
    return {name: venue.camera(name).camera.calibration for name in list_recorded(venue)}


def plan_recording(venue: Venue, credentials: CredentialStore | None = None) -> PipelinePlan:
    """Return the pipeline plan of a venue with this machine's settings; reading passwords may take a while.

    Args:
        credentials: store of the cameras' passwords; None for that of this machine.

    Raises:
        VenueError, ModelError, CalibrationError, CredentialError: as `make_recording_plan`.
    """
    return make_recording_plan(
        venue,
        credentials=open_credential_store() if credentials is None else credentials,
        user_models=models_folder(),
        open_limit_s=read_settings().settings.connect_timeout_s,
    )


def make_recording_plan(
    venue: Venue, *, credentials: CredentialStore, user_models: Path, open_limit_s: float | None = None
) -> PipelinePlan:
    """Return the pipeline plan of a venue, including the cameras' passwords.

    Args:
        open_limit_s: timeout for connecting to a network camera; None for the default.

    Raises:
        VenueError: none of its cameras has an address.
        ModelError: the venue's model, or one of a camera, is not on this machine.
        CalibrationError: a camera's point pairs give no homography.
        CredentialError: the password store cannot be read.
    """
    feeds = []
    for name in list_recorded(venue):
        entry, address = venue.camera(name), venue.address_of(name)
        if address is not None:
            address = add_credential(address, camera=entry.name, store=credentials)
            address = replace(address, open_limit_s=open_limit_s)
            if not address.is_live:
                address = replace(address, pacing=Pacing.REAL_TIME)
            geometry = venue.camera_geometry(entry.name)
            reference_file = locate_reference(venue.views_folder, entry.camera)
            own = entry.camera.model_name
            detector = _choose_detector(own, venue, user_models) if own else None
            camera = replace(
                entry.camera, seats=venue.geometry_at(None).seats, obstacles=venue.plan.occluders
            )
            feeds.append(CameraFeed(camera, address, geometry, False, reference_file, detector))
    if not feeds:
        raise VenueError(
            "No camera of the venue '{venue}' has an address.",
            "Add one with: python -m app venue add-camera {folder} NAME URL",
            venue=venue.name,
            folder=str(venue.folder),
        )
    return PipelinePlan(tuple(feeds), _choose_detector(venue.settings.model_name, venue, user_models))


def _choose_detector(model_name: str, venue: Venue, user_models: Path) -> DetectorChoice:
    model_path = locate_model(model_name, user_folder=user_models)
    device = venue.settings.device
    return DetectorChoice(model_path, adapter=AUTOMATIC, device=device, cache_folder=cache_folder())

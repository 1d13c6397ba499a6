"""Record a venue's cameras into its history until told to stop."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import PipelineError, VenueError
from app.core.credentials import CredentialStore, add_credential, open_credential_store
from app.core.document import Venue
from app.core.file_format import FILE_NAME, read_venue
from app.recording.announcement import RecorderKind
from app.recording.recorded_history import make_recording_parts
from app.recording.recording_entries import recording_noted
from app.recording.recording_session import RecordingSession, require_no_other_recorder
from app.settings.file import models_folder, read_settings
from app.settings.paths import cache_folder, settings_folder
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
_BEATS_PER_LIMIT = 3.0


class ServiceNotice:
    """Does nothing where no service manager listens."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, clock: Clock | None = None) -> None:
        environment = os.environ if environment is None else environment
        self._clock = clock or SystemClock()
        self._address = environment.get(SOCKET_VARIABLE, "")
        limit = environment.get(WATCHDOG_VARIABLE, "")
        self._beat_every_s = int(limit) / 1e6 / _BEATS_PER_LIMIT if limit.isdigit() else None
        self._beaten_s: float | None = None
        self._is_ready = False

    @property
    def is_heard(self) -> bool:
        """Whether a service manager listens."""
        return bool(self._address)

    def tell_ready(self, words: str) -> None:
        """The service does its work now; said once."""
        if not self._is_ready:
            self._is_ready = True
            self._send(f"READY=1\nSTATUS={words}")

    def beat(self) -> None:
        """The service lives: without this, in time, it is started again. Costs nothing when called often."""
        now_s = self._clock.monotonic_s()
        if self._beat_every_s is None or (
            self._beaten_s is not None and now_s - self._beaten_s < self._beat_every_s
        ):
            return
        self._beaten_s = now_s
        self._send("WATCHDOG=1")

    def tell_stopping(self) -> None:
        """It ends because it was told to."""
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
_LOOK_FOR_TURN_EVERY_S = 0.05


class StopAsked(PipelineError):  # noqa: N818 - it is a wish that was granted, not a fault
    """Another program asked the recording to stop."""


@dataclass(frozen=True, slots=True)
class TakenOver:
    """A recording that a window hands to this process.

    Attributes:
        credentials: of its cameras.
        tell_ready: called once the model is loaded: the window is to stop now.
        tell_recording: called once this process records, and others can find it.
    """

    credentials: CredentialStore
    tell_ready: Callable[[], None]
    tell_recording: Callable[[], None]


def record(
    venue_folder: Path,
    *,
    duration_s: float | None = None,
    on_status: Callable[[PipelineStatus], None] | None = None,
    stop_event: threading.Event | None = None,
    parts: PipelineParts | None = None,
    clock: Clock | None = None,
    kind: RecorderKind = RecorderKind.COMMAND,
    notice: ServiceNotice | None = None,
    stop_cause: Callable[[], str] = str,
    taken_over: TakenOver | None = None,
) -> PipelineStatus:
    """Read every camera of a venue and write who stood where into its history.

    Others can look on meanwhile (`app.recorder`), and ask it to stop, which raises `StopAsked`.

    Args:
        duration_s: how long, from the moment when the model is loaded; None until ``stop_event`` is set.
        on_status: called four times a second.
        parts: other than those of a real pipeline, for tests.
        kind: what this process calls itself to others.
        notice: told that the recording runs and lives, for a service manager.
        stop_cause: gives the cause of the gap that begins when ``stop_event`` is set; empty where somebody
            stopped the recording.
        taken_over: goes on with the recording of a window as soon as that lets go; None: begins one.

    Returns:
        How everything was in the end.

    Raises:
        StopAsked: another process asked for it; what was recorded is kept.
        VenueError: there is no such venue, or none of its cameras has an address.
        ModelError, StoreError, CalibrationError, CredentialError, PipelineError: what failed, in words.
    """
    clock = clock or SystemClock()
    stop_event = stop_event or threading.Event()
    notice = notice or ServiceNotice(clock=clock)
    venue = read_venue(venue_folder)
    if taken_over is None:
        require_no_other_recorder(venue.folder)
    plan = make_recording_plan(
        venue,
        credentials=open_credential_store(settings_folder())
        if taken_over is None
        else taken_over.credentials,
        user_models=models_folder(),
        open_limit_s=read_settings().settings.connect_timeout_s,
    )
    parts = parts or make_recording_parts(venue.folder)
    ends_s = None
    is_asked = False
    with (
        recording_noted(venue.folder, kind) as note_begin,
        Supervisor(plan, replace(parts, takes_over=taken_over is not None)) as supervisor,
        _taking_over(taken_over, supervisor, stop_event),
        RecordingSession(
            venue.folder, kind, slots=name_slots(plan, supervisor.slot_names), clock=clock
        ) as session,
    ):
        shown: PipelineStatus | None = None
        masks = _MaskWatch(venue.folder)
        note_begin()
        if taken_over is not None:
            taken_over.tell_recording()
        while not stop_event.is_set() and not supervisor.wait(0.0):
            status = supervisor.poll()
            if status.cameras and status is not shown:
                # a supervisor that hangs shows nothing new, and so the service manager hears nothing
                shown = status
                session.show(status)
                notice.beat()
                if status.is_analysing:
                    notice.tell_ready(f"recording {venue.name}")
                elif status.history.problem is not None:
                    # waiting for room is no failed start, after which a service manager would kill it
                    notice.tell_ready(f"waiting to record {venue.name}: {status.history.problem}")
                if on_status is not None:
                    on_status(status)
            supervisor.change_masks(masks.look())
            if session.is_asked_to_stop:
                is_asked = True
                break
            now_s = clock.monotonic_s()
            if ends_s is None and duration_s is not None and status.is_analysing:
                ends_s = now_s + duration_s
            if ends_s is not None and now_s >= ends_s:
                break
            pause_s = _POLL_INTERVAL_S if ends_s is None else min(_POLL_INTERVAL_S, max(0.0, ends_s - now_s))
            # not on the event: a signal's handler that sets it would wait for the lock that its waiter holds
            supervisor.wait(pause_s)
        notice.tell_stopping()
        status = supervisor.stop(stop_cause() if stop_event.is_set() else "")
        if status.failure is not None:
            raise status.failure
    if is_asked:
        raise StopAsked(
            "The recording of '{venue}' was stopped, as another program asked.",
            "Start it again with: python -m app record --venue {folder}",
            venue=venue.name,
            folder=str(venue.folder),
        )
    return status


@contextmanager
def _taking_over(
    taken_over: TakenOver | None, supervisor: Supervisor, stop_event: threading.Event
) -> Iterator[None]:
    """Wait until the recording before this one has ended and this one has begun, before it is announced."""
    if taken_over is None:
        yield
        return
    is_told = False
    while not stop_event.is_set() and not supervisor.wait(_LOOK_FOR_TURN_EVERY_S):
        status = supervisor.poll()
        if status.is_waiting and not is_told:
            is_told = True
            taken_over.tell_ready()
        if status.is_analysing:
            for camera in status.cameras:
                if camera.state in (CameraState.LOST, CameraState.REFUSED):
                    # a camera that serves a single reader had refused this one
                    supervisor.connect_again(str(camera.camera))
            yield
            return
    raise supervisor.stop().failure or StopAsked(
        "The recording was not taken over, as another program asked.", "It goes on where it was."
    )


class _MaskWatch:
    """Privacy masks and the like that others change while this process records: they hold at once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / FILE_NAME
        self._seen = self._stamp()

    def look(self) -> tuple[Camera, ...]:
        """The cameras of the venue if its file was written since the last look; else none."""
        stamp = self._stamp()
        if stamp == self._seen:
            return ()
        self._seen = stamp
        try:
            return tuple(entry.camera for entry in read_venue(self._folder).cameras)
        except VenueError as error:
            _LOG.warning("The venue was changed and cannot be read; its masks stay as they were: %s", error)
            return ()

    def _stamp(self) -> tuple[int, int]:
        try:
            status = self._file.stat()
        except OSError:
            return 0, 0
        return status.st_mtime_ns, status.st_size


def name_slots(plan: PipelinePlan, slot_names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The names of the cameras of a plan, each with the shared memory that has its newest picture."""
    return tuple((str(feed.camera.name), slots) for feed, slots in zip(plan.feeds, slot_names, strict=False))


def make_recording_plan(
    venue: Venue, *, credentials: CredentialStore, user_models: Path, open_limit_s: float | None = None
) -> PipelinePlan:
    """What the pipeline of a venue is to do, with the cameras' passwords in it.

    Args:
        open_limit_s: how long a network camera may take to answer; None: as long as is usual.

    Raises:
        VenueError: none of its cameras has an address.
        ModelError: the venue's model is not on this machine.
        CalibrationError: a camera's pairs give no homography.
        CredentialError: the store of passwords cannot be asked.
    """
    feeds = []
    for entry in venue.cameras:
        address = venue.address_of(entry.name)
        if address is not None:
            address = add_credential(address, camera=entry.name, store=credentials)
            address = replace(address, open_limit_s=open_limit_s)
            if not address.is_live:
                address = replace(address, pacing=Pacing.BY_ITS_OWN_TIME)
            geometry = venue.camera_geometry(entry.name)
            reference_file = locate_reference(venue.views_folder, entry.camera)
            feeds.append(CameraFeed(entry.camera, address, geometry, False, reference_file))
    if not feeds:
        raise VenueError(
            "No camera of the venue '{venue}' has an address.",
            "Add one with: python -m app venue add-camera {folder} NAME URL",
            venue=venue.name,
            folder=str(venue.folder),
        )
    settings = venue.settings
    model_path = locate_model(settings.model_name, user_folder=user_models)
    choice = DetectorChoice(
        model_path, adapter=AUTOMATIC, device=settings.device, cache_folder=cache_folder()
    )
    return PipelinePlan(tuple(feeds), choice)

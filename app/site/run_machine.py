"""Run a machine's part in its site until stopped: what it reads follows from the site."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Engine, func, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import SQLAlchemyError

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from analytics.store.sql_event_store import open_reader, open_store
from app.core.credentials import CredentialStore, find_credential, make_credential_key
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.core.versions import find_expoflow_version
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.hall_watch import HallWatch
from app.now.alarm_journal import AlarmEvaluator
from app.recording.announcement import Announcement, find_recorder
from app.recording.background_recorder import BackgroundRecorder, Logins
from app.recording.held_cameras import (
    LAST_HELD_NAME,
    forget_held_cameras,
    read_held_cameras,
    write_held_cameras,
)
from app.recording.record_venue import list_recorded
from app.recording.stop_request import request_stop
from app.site.hall_jobs import HallJobs
from app.site.hub_folder import HallFolder, list_hall_folders
from app.site.hub_writer import HUB_DUTY, HubWriter
from app.site.jobs import JobWorker
from app.site.join import synchronise
from app.site.node_agent import Holdings, MachineState, NodeAgent
from app.site.node_service import NodeService
from app.site.schema import duty, hall_state
from app.site.site_document import Membership, is_shut_out, open_site, require_membership

LOOK_EVERY_S = 5.0
_SNAPSHOT = TypeAdapter(HallSnapshot)


@dataclass(frozen=True, slots=True)
class _Observation:
    """The part of a hall's present day that is in the history.

    Attributes:
        until_s: end of the observations; None without any.
        gap_s: seconds missing today, for the average camera.
    """

    until_s: float | None
    gap_s: float


class HallStates:
    """The states of all halls, written by the machine that writes the hub's history; for one thread.

    Args:
        server: engine of the site's database.
        membership: of this machine.
        hub_folder: storage of the hub's history.
    """

    def __init__(
        self, server: Engine, membership: Membership, hub_folder: Path, *, clock: Clock | None = None
    ) -> None:
        self._server = server
        self._machine = membership.machine_id
        self._hub_folder = hub_folder
        self._clock = clock or SystemClock()
        self._watches: dict[int, HallWatch] = {}

    def update(self) -> bool:
        """Write the state of every hall that has a folder; return False: nothing is left to do.

        Raises:
            SQLAlchemyError: the server does not answer.
        """
        with self._server.connect() as connection:
            is_due = connection.scalar(
                select(func.count()).where(
                    duty.c.name == HUB_DUTY, duty.c.owner == self._machine, duty.c.until_utc > func.now()
                )
            )
        for one in list_hall_folders(self._hub_folder) if is_due else ():
            try:
                self._write(one)
            except (ExpoFlowError, OSError) as error:
                # the page says how old its last state is
                _LOG.warning("The state of %s is not known: %s", one.name, error)
        return False

    def close(self) -> None:
        """Release the histories."""
        for watch in self._watches.values():
            watch.close()
        self._watches.clear()

    def _write(self, one: HallFolder) -> None:
        if one.hall_id not in self._watches:
            self._watches[one.hall_id] = HallWatch(
                one.folder, clock=self._clock, judge=AlarmEvaluator(), computes_history_in_thread=False
            )
        snapshot = self._watches[one.hall_id].take_snapshot()
        observed = measure_observation(one.folder, now_s=self._clock.now_utc_s())
        until = None if observed.until_s is None else datetime.fromtimestamp(observed.until_s, UTC)
        values = {
            "at_utc": func.clock_timestamp(),
            "observed_until_utc": until,
            "gap_s": observed.gap_s,
            "body": _SNAPSHOT.dump_python(snapshot, mode="json"),
        }
        statement = postgresql.insert(hall_state).values(hall=one.hall_id, **values)
        with self._server.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["hall"], set_=values))


def measure_observation(folder: Path, *, now_s: float) -> _Observation:
    """Measure how much of a hall's present day is in the history.

    Raises:
        ExpoFlowError: the venue or its history cannot be read.
    """
    venue = read_venue(folder)
    day_s = venue.exhibition.day_interval_utc(venue.exhibition.local_day(now_s))[0]
    with closing(open_reader(folder)) as reader:
        extent, gaps = reader.time_range(), reader.read_gaps(day_s, now_s)
    missing_s = (gaps["end_s"].clip(day_s, now_s) - gaps["start_s"].clip(day_s, now_s)).sum()
    cameras = max(1, len(venue.cameras))
    return _Observation(None if extent is None else extent.end_s, float(missing_s) / cameras)


SYNCHRONISE_EVERY_S = 5.0
OFFER_DAYS_EVERY_S = 300.0
OFFER_REPORTS_EVERY_S = 60.0
_POOL_SIZE = 5
_POLL_INTERVAL_S = 0.25
CHECK_RECORDER_EVERY_S = 0.25
FOLLOW_S = 5.0
"""Time in which a recorder reads the cameras that it was told; twice that, and it is replaced."""
RETRY_S = 5.0
_STOP_TIMEOUT_S = 20.0
SHUT_OUT_S = 60.0
"""Time of refused logins after which a machine counts as removed; a single one may be a fault."""
_LOG = logging.getLogger(__name__)


def run_machine(
    folder: Path, *, store: CredentialStore, stop_event: threading.Event, hub_folder: Path | None = None
) -> None:
    """Take part in the site of a venue: read the cameras that fall to this machine, and forward their data.

    Args:
        store: store of the cameras' and the database's passwords.
        hub_folder: storage for the hub's history, if this machine may write it.

    Raises:
        SiteError: the venue is in no site, or this machine has no access to it.
        StoreError: the venue's history cannot be opened.
    """
    membership = require_membership(folder, is_own=True)
    server = open_site(membership, store=store, pool_size=_POOL_SIZE)
    if find_recorder(folder) is None:
        # creates or repairs the history, which is then forwarded
        open_store(folder).close()
    agent = NodeAgent(membership.machine_id, lambda: measure_machine(folder))
    hub = None if hub_folder is None else HubWriter(server, hub_folder)
    control: RecorderControl | None = None

    def hold(holdings: Holdings) -> None:
        # what is read goes on until cameras that are free again can be taken
        if control is not None and (holdings.names or holdings.is_settled):
            control.hold(frozenset(holdings.names.values()))

    def go_on(error: SQLAlchemyError) -> None:
        if control is not None:
            control.go_on(is_shut_out=is_shut_out(error, membership.address))

    def exchange() -> bool:
        synchronise(folder, store=store)
        return False

    others: list[tuple[Callable[[], bool], float, str]] = [(exchange, SYNCHRONISE_EVERY_S, "settings")]
    worker: JobWorker | None = None
    states: HallStates | None = None
    if hub_folder is not None:
        jobs = HallJobs(server, folder, hub_folder, store=store)
        states = HallStates(server, membership, hub_folder)
        others.append((states.update, LOOK_EVERY_S, "state of the halls"))
        others.append((jobs.offer_days, OFFER_DAYS_EVERY_S, "day preparation"))
        others.append((jobs.offer_reports, OFFER_REPORTS_EVERY_S, "scheduled reports"))
        worker = JobWorker(server, membership.machine_id, jobs.kinds)
    service = NodeService(
        folder,
        server,
        membership.site_id,
        agent,
        on_holdings=hold,
        on_failure=go_on,
        hub=hub,
        others=others,
    )
    control = RecorderControl(folder, lambda: find_logins(folder, store))
    try:
        service.start()
        if worker is not None:
            worker.start()
        while not stop_event.is_set():
            # not on the event: a signal handler that sets it would wait for the lock held by its waiter
            time.sleep(_POLL_INTERVAL_S)
    finally:
        control.close()
        if worker is not None:
            worker.stop()
        service.stop()
        if states is not None:
            states.close()
        server.dispose()


def find_logins(folder: Path, store: CredentialStore) -> Logins:
    """Return user and password of a venue's cameras that have some.

    Raises:
        VenueError: the venue cannot be read.
        CredentialError: the store cannot be asked.
    """
    found = {}
    for entry in read_venue(folder).cameras:
        if entry.address is None:
            continue
        login = find_credential(make_credential_key(entry.address, camera=entry.name), store=store)
        if login is not None:
            found[str(entry.name)] = (login.user, login.password)
    return found


def measure_machine(folder: Path) -> MachineState:
    """Return this machine's cores, load and free disk."""
    import psutil

    cores = os.cpu_count() or 1
    return MachineState(
        cores=cores,
        load=psutil.cpu_percent(None) / 100 * cores,
        disk_free_gb=shutil.disk_usage(folder).free / 1e9,
        program_version=find_expoflow_version(),
    )


class RecorderControl:
    """Starts, replaces and stops the recorder of one venue, in a thread.

    A recorder follows the cameras that it is told while it runs. It outlives this process, and is replaced
    only if it does not follow, as one of an earlier version: another one then loads its model beside it.

    Args:
        find_logins: returns the cameras' logins.
    """

    def __init__(
        self, folder: Path, find_logins: Callable[[], Logins], *, clock: Clock | None = None
    ) -> None:
        self._clock = clock or SystemClock()
        self._refused_s: float | None = None
        self._folder = folder
        self._find_logins = find_logins
        self._wanted: frozenset[str] | None = None
        self._kept: frozenset[str] | None = None
        self._looked_s = 0.0
        self._is_behind = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder")
        self._thread.start()

    def hold(self, names: frozenset[str]) -> None:
        """Record these cameras from now on, also after a start while the server is away.

        Raises:
            OSError: they cannot be kept for that.
        """
        self._wanted, self._refused_s = names, None
        if names != self._kept:
            write_held_cameras(self._folder, names, LAST_HELD_NAME)
            self._kept = names

    def go_on(self, *, is_shut_out: bool) -> None:
        """Record without the server: what is recorded, or after a start the cameras held last.

        Args:
            is_shut_out: the server did not let this machine in. Where that lasts, the site removed it, and it
                records nothing after its next start.
        """
        if not is_shut_out:
            self._refused_s = None
            if self._wanted is None and find_recorder(self._folder) is None:
                self._wanted = read_held_cameras(self._folder, LAST_HELD_NAME)
        elif self._refused_s is None:
            self._refused_s = self._clock.monotonic_s()
        elif self._clock.monotonic_s() - self._refused_s >= SHUT_OUT_S:
            forget_held_cameras(self._folder, LAST_HELD_NAME)
            self._kept = None

    def close(self) -> None:
        """Stop the recorder, and wait until its data is safe; the next one records every camera."""
        self._stop.set()
        self._thread.join()
        recorder = find_recorder(self._folder)
        if recorder is not None:
            request_stop(self._folder, recorder)
            waited = threading.Event()
            for _look in range(round(_STOP_TIMEOUT_S / CHECK_RECORDER_EVERY_S)):
                if find_recorder(self._folder) != recorder:
                    break
                waited.wait(CHECK_RECORDER_EVERY_S)
        # not before, as the recorder would begin to read every camera
        forget_held_cameras(self._folder)

    def _run(self) -> None:
        pause_s = CHECK_RECORDER_EVERY_S
        while not self._stop.wait(pause_s):
            pause_s = CHECK_RECORDER_EVERY_S
            wanted = self._wanted
            if wanted is None:
                continue
            recorder = find_recorder(self._folder)
            try:
                if not wanted:
                    if recorder is not None and read_held_cameras(self._folder):
                        request_stop(self._folder, recorder)
                        write_held_cameras(self._folder, wanted)
                elif recorder is None:
                    write_held_cameras(self._folder, wanted)
                    self._replace(None)
                else:
                    self._tell(recorder, wanted)
            except (ExpoFlowError, OSError) as error:
                _LOG.warning("The recorder could not be given its cameras: %s", error)
                pause_s = RETRY_S

    def _tell(self, recorder: Announcement, wanted: frozenset[str]) -> None:
        now_s = time.monotonic()
        if read_held_cameras(self._folder) != wanted:
            write_held_cameras(self._folder, wanted)
            self._looked_s, self._is_behind = now_s, False
        elif now_s - self._looked_s >= FOLLOW_S:
            self._looked_s, was_behind = now_s, self._is_behind
            self._is_behind = dict(recorder.slots).keys() != set(list_recorded(read_venue(self._folder)))
            if was_behind and self._is_behind:
                self._replace(recorder)

    def _replace(self, before: Announcement | None) -> None:
        started = BackgroundRecorder(self._folder, self._find_logins())
        try:
            if before is not None:
                started.wait_until_ready(JobContext())
                request_stop(self._folder, before)
            started.wait_until_recording(JobContext())
        except BaseException:
            started.abandon()
            raise

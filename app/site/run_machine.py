"""Run a machine's part in its site until stopped: what it reads follows from the site."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from analytics.store.sql_event_store import open_store
from app.core.credentials import CredentialStore, find_credential, make_credential_key
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.core.versions import find_expoflow_version
from app.facts.prepared_facts import find_unprepared, prepare_facts_in_child
from app.recording.announcement import find_recorder
from app.recording.background_recorder import Logins
from app.site.hall_states import LOOK_EVERY_S, HallStates
from app.site.hub_folder import write_hall_folders
from app.site.hub_writer import HubWriter
from app.site.jobs import JobWorker, add_job, create_queue, list_jobs
from app.site.join import synchronise
from app.site.node_agent import Holdings, MachineState, NodeAgent
from app.site.node_service import NodeService
from app.site.recorder_control import RecorderControl
from app.site.site_document import open_site, require_membership

SYNCHRONISE_EVERY_S = 5.0
OFFER_EVERY_S = 300.0
PREPARE = "prepare days"
"""Kind of the jobs that prepare past days."""
_POOL_SIZE = 5
_POLL_INTERVAL_S = 0.25


def run_machine(
    folder: Path, *, store: CredentialStore, stop_event: threading.Event, hub_folder: Path | None = None
) -> None:
    """Take part in the site of a venue: read the cameras that fall to this machine, and forward their data.

    Args:
        folder: venue folder, which is in a site.
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
        if control is not None:
            control.hold(frozenset(holdings.names.values()))

    def exchange() -> bool:
        synchronise(folder, store=store)
        return False

    others: list[tuple[Callable[[], bool], float, str]] = [(exchange, SYNCHRONISE_EVERY_S, "settings")]
    worker: JobWorker | None = None
    states: HallStates | None = None
    if hub_folder is not None:
        preparation = HallPreparation(server, folder, hub_folder, store=store)
        states = HallStates(server, membership, hub_folder)
        others.append((states.update, LOOK_EVERY_S, "state of the halls"))
        others.append((preparation.offer, OFFER_EVERY_S, "day preparation"))
        worker = JobWorker(server, membership.machine_id, {PREPARE: preparation.prepare})
    service = NodeService(folder, server, membership.site_id, agent, on_holdings=hold, hub=hub, others=others)
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


class HallPreparation:
    """The preparation of the halls' past days as jobs of the site.

    Args:
        server: engine of the site's database.
        folder: venue of this machine.
        hub_folder: storage of the hub's history, which every machine that prepares days reaches.
    """

    def __init__(self, server: Engine, folder: Path, hub_folder: Path, *, store: CredentialStore) -> None:
        self._server = server
        self._hub_folder = hub_folder
        self._folder = folder
        self._store = store

    def offer(self) -> bool:
        """Add a job for every day without tables that is in no job yet; return False: nothing is left."""
        create_queue(self._server)
        halls = write_hall_folders(self._folder, self._hub_folder, store=self._store)
        running = [job.arguments for job in list_jobs(self._server) if job.status in {"todo", "doing"}]
        for folder in (hall.folder for hall in halls):
            for start_s, end_s in find_unprepared(read_venue(folder)):
                arguments = {"hall": folder.name, "start_s": start_s, "end_s": end_s}
                if arguments not in running:
                    add_job(self._server, PREPARE, arguments, key=f"{folder.name} {start_s:.0f}")
        return False

    def prepare(self, arguments: Mapping[str, Any], context: JobContext) -> None:
        """Prepare a day of a hall, in a child process of low priority.

        Raises:
            StoreError: the history cannot be read, or the tables not be written.
            JobCancelled: the job was cancelled.
        """
        folder = self._hub_folder / Path(str(arguments["hall"])).name
        period_s = float(arguments["start_s"]), float(arguments["end_s"])
        prepare_facts_in_child(folder, context, period_s=period_s)


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

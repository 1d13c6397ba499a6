"""Spread work over a site's machines by a queue in its database: each job once, also when machines die."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued, JobAborted
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, Engine, delete, text
from sqlalchemy.dialects import postgresql

from analytics.domain.clock import SystemClock
from app.core.job import JobCancelled, JobContext
from app.site.schema import JOBS_SCHEMA, job_progress

QUEUE = "site"
PREPARE, REPORT = "prepare days", "send reports"
"""Kinds of the jobs that `HallJobs` does."""
HEARTBEAT_S = 2.0
DEAD_S = 10.0
"""Age of a worker's heartbeat at which its job is given to another."""
UNFINISHED = frozenset({"todo", "doing", "aborting"})
CANCELLED = frozenset({"cancelled", "aborted"})
KEPT_HOURS = 7 * 24
"""Time for which finished jobs are listed."""
_POLL_INTERVAL_S = 1.0
_CREATION_KEY = 0x4A6F6273  # "Jobs"
_LOG = logging.getLogger(__name__)

Work = Callable[[Mapping[str, Any], JobContext], None]
"""Work of a kind of job, with its arguments; after a death it is done again from the start."""


@dataclass(frozen=True, slots=True)
class JobState:
    """A job of the queue.

    Attributes:
        status: ``todo``, ``doing``, ``succeeded``, ``failed``, ``cancelled``, ``aborting`` or ``aborted``.
        done, total: progress in any unit; total is 0 while it is unknown.
    """

    number: int
    kind: str
    arguments: Mapping[str, Any]
    status: str
    done: float = 0.0
    total: float = 0.0


def create_queue(server: Engine) -> None:
    """Create the queue's tables if missing; safe on several machines at once."""
    with server.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CREATION_KEY})
        connection.execute(text(f"SET LOCAL search_path TO {JOBS_SCHEMA}"))
        if connection.scalar(text(f"SELECT to_regclass('{JOBS_SCHEMA}.procrastinate_jobs')")) is None:
            driver: Any = connection.connection.driver_connection
            driver.execute(SchemaManager.get_schema())


def add_job(
    server: Engine, kind: str, arguments: Mapping[str, Any], *, key: str, priority: int = 0
) -> int | None:
    """Add a job and return its number; None if one with the same key waits already.

    Args:
        priority: jobs with a higher one are done first.
    """
    connector = procrastinate.SyncPsycopgConnector(kwargs=_find_options(server))
    with procrastinate.App(connector=connector).open() as app:
        try:
            return app.configure_task(kind, queue=QUEUE, queueing_lock=key, priority=priority).defer(
                **arguments
            )
        except AlreadyEnqueued:
            return None


def cancel_job(server: Engine, number: int) -> bool:
    """Cancel a job that waits, or ask the machine that does it to stop; return whether there was one."""
    connector = procrastinate.SyncPsycopgConnector(kwargs=_find_options(server))
    with procrastinate.App(connector=connector).open() as app:
        return app.job_manager.cancel_job_by_id(number, abort=True)


def list_jobs(server: Engine) -> list[JobState]:
    """Return every job, oldest first."""
    with server.connect() as connection:
        return read_jobs(connection)


def read_jobs(connection: Connection) -> list[JobState]:
    """Return every job, oldest first; none before a machine did the first one."""
    if connection.scalar(text(f"SELECT to_regclass('{JOBS_SCHEMA}.procrastinate_jobs')")) is None:
        return []
    statement = f"""
        SELECT id, task_name, args, done, total,
            CASE WHEN abort_requested AND status = 'doing' THEN 'aborting' ELSE status::text END
        FROM {JOBS_SCHEMA}.procrastinate_jobs LEFT JOIN site.job_progress ON job = id
        WHERE queue_name = :queue ORDER BY id
    """  # noqa: S608
    rows = connection.execute(text(statement), {"queue": QUEUE})
    return [
        JobState(number, kind, arguments, status, done or 0.0, total or 0.0)
        for number, kind, arguments, done, total, status in rows
    ]


class JobWorker:
    """Does jobs one after the other, in a thread, and takes over what dead machines left.

    Args:
        server: engine of the site's database.
        machine: this machine's number.
        kinds: work of each kind of job that this machine can do.
    """

    def __init__(self, server: Engine, machine: str, kinds: Mapping[str, Work]) -> None:
        self._server = server
        self._machine = machine
        self._kinds = kinds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs")

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Stop after asking a running job to end; it stays in the queue."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                create_queue(self._server)
                asyncio.run(self._work())
            except Exception as error:
                _LOG.warning("The site's jobs wait for the server: %s", type(error).__name__)
                self._stop.wait(_POLL_INTERVAL_S)

    async def _work(self) -> None:
        app = procrastinate.App(connector=procrastinate.PsycopgConnector(kwargs=_find_options(self._server)))
        for kind, work in self._kinds.items():
            self._register(app, kind, work)
        async with app.open_async():
            await app.job_manager.delete_old_jobs(
                KEPT_HOURS, QUEUE, include_failed=True, include_cancelled=True, include_aborted=True
            )
            worker = asyncio.create_task(
                app.run_worker_async(
                    name=self._machine,
                    queues=[QUEUE],
                    listen_notify=False,
                    fetch_job_polling_interval=_POLL_INTERVAL_S,
                    abort_job_polling_interval=_POLL_INTERVAL_S,
                    update_heartbeat_interval=HEARTBEAT_S,
                    stalled_worker_timeout=DEAD_S * 100,
                    install_signal_handlers=False,
                )
            )
            while not self._stop.is_set() and not worker.done():
                for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_S):
                    _LOG.warning("Job %s of a machine that is gone is done again", job.id)
                    await app.job_manager.retry_job(job)
                await asyncio.sleep(_POLL_INTERVAL_S)
            if worker.done():
                worker.result()
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    def _register(self, app: procrastinate.App, kind: str, work: Work) -> None:
        @app.task(name=kind, queue=QUEUE, pass_context=True)
        def _do(context: procrastinate.JobContext, /, **arguments: Any) -> None:
            number = context.job.id or 0
            progress = _Progress(self._server, number)
            try:
                work(
                    arguments,
                    JobContext(
                        is_cancelled=lambda: self._stop.is_set() or context.should_abort(),
                        on_progress=progress.show,
                    ),
                )
            except JobCancelled:
                raise JobAborted from None
            finally:
                progress.forget()


class _Progress:
    """A job's progress in the database, at most once a second."""

    def __init__(self, server: Engine, number: int) -> None:
        self._server = server
        self._number = number
        self._clock = SystemClock()
        self._shown_s = -1.0

    def show(self, done: float, total: float) -> None:
        now_s = self._clock.monotonic_s()
        if now_s - self._shown_s < 1.0:
            return
        self._shown_s = now_s
        values = {"done": done, "total": total}
        statement = postgresql.insert(job_progress).values(job=self._number, **values)
        with self._server.begin() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["job"], set_=values))

    def forget(self) -> None:
        with self._server.begin() as connection:
            connection.execute(delete(job_progress).where(job_progress.c.job == self._number))


def _find_options(server: Engine) -> dict[str, Any]:
    """Return what libpq needs to connect as an engine does, to the queue's tables."""
    with server.connect() as connection:
        driver: Any = connection.connection.driver_connection
        info = driver.info
        options = {**info.get_parameters(), "password": info.password}
        role = connection.scalar(text("SELECT current_user"))
    options["options"] = f"-c search_path={JOBS_SCHEMA} -c role={role}"
    return {name: value for name, value in options.items() if value}

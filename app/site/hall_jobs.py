"""Jobs of a site's halls: past days and scheduled reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from app.access.guard import doing
from app.access.roles import Permission
from app.core.child_command import run_child_command
from app.core.credentials import CredentialStore
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.facts.prepared_facts import find_unprepared
from app.reports.report_due import is_report_due
from app.reports.report_outbox import read_outbox
from app.reports.schedule_file import read_schedules
from app.site.hub_folder import HallFolder, list_hall_folders, write_hall_folders
from app.site.hub_writer import name_hall_folder
from app.site.jobs import (
    CANCELLED,
    PREPARE,
    REPORT,
    UNFINISHED,
    Work,
    add_job,
    cancel_job,
    create_queue,
    list_jobs,
)
from app.site.schema import SiteError
from app.site.site_document import require_membership, using_site

_PRIORITIES = {PREPARE: 0, REPORT: 1}


class HallJobs:
    """Work that a machine which reaches the hub's storage offers and does for the halls.

    Args:
        server: engine of the site's database.
        folder: venue of this machine.
        hub_folder: storage of the hub's history, which every machine that does jobs reaches.
    """

    def __init__(
        self,
        server: Engine,
        folder: Path,
        hub_folder: Path,
        *,
        store: CredentialStore,
        clock: Clock | None = None,
    ) -> None:
        self._server = server
        self._folder = folder
        self._hub_folder = hub_folder
        self._store = store
        self._clock = clock or SystemClock()
        self.kinds: Mapping[str, Work] = {kind: self._make_work(kind) for kind in _PRIORITIES}

    def offer_days(self) -> bool:
        """Add a job for every day without tables, such as after a change of zones; return False.

        A day whose job a person cancelled is left out for as long as that job is listed.
        """
        halls = write_hall_folders(self._folder, self._hub_folder, store=self._store)
        self._offer(PREPARE, halls)
        return False

    def offer_reports(self) -> bool:
        """Add a job for every hall with a report to make or send; return False."""
        self._offer(REPORT, list_hall_folders(self._hub_folder))
        return False

    def _offer(self, kind: str, halls: Sequence[HallFolder]) -> None:
        create_queue(self._server)
        without = UNFINISHED | CANCELLED if kind == PREPARE else UNFINISHED
        jobs = [job for job in list_jobs(self._server) if job.kind == kind and job.status in without]
        known = [job.arguments for job in jobs]
        for one in halls:
            for found in self._find_work(kind, one.folder):
                arguments = {"hall": one.hall_id, **found}
                if arguments not in known:
                    request_job(self._server, kind, arguments)

    def _find_work(self, kind: str, folder: Path) -> list[dict[str, Any]]:
        venue = read_venue(folder)
        if kind == PREPARE:
            return [{"start_s": start_s, "end_s": end_s} for start_s, end_s in find_unprepared(venue)]
        schedules, outbox = read_schedules(folder).schedules, read_outbox(folder)
        now_s = self._clock.now_utc_s()
        return [{}] if is_report_due(schedules, outbox, venue.exhibition, now_utc_s=now_s) else []

    def _make_work(self, kind: str) -> Work:
        def work(arguments: Mapping[str, Any], context: JobContext) -> None:
            folder = name_hall_folder(self._hub_folder, int(arguments["hall"]))
            run_child_command(name_command(kind, folder, arguments), context, kind=ExpoFlowError)

        return work


def request_job(server: Engine, kind: str, arguments: Mapping[str, Any]) -> int | None:
    """Add a job of a hall and return its number; None if the same one waits already.

    Args:
        arguments: ``hall``, its number, and those of the kind.
    """
    key = " ".join([kind, *(f"{arguments[name]}" for name in sorted(arguments))])
    return add_job(server, kind, arguments, key=key, priority=_PRIORITIES[kind])


def name_command(kind: str, folder: Path, arguments: Mapping[str, Any]) -> list[str]:
    """Return the command that does a job in a hall's folder, each in a process of its own."""
    if kind == PREPARE:
        period = ("--from", f"@{arguments['start_s']!r}", "--to", f"@{arguments['end_s']!r}")
        return ["venue", "prepare", str(folder), *period, "--json"]
    return ["schedule", "run", "--venue", str(folder)]


def stop_job(folder: Path, number: int, *, store: CredentialStore) -> None:
    """Cancel a job of the site that waits, or ask the machine that does it to stop.

    Raises:
        SiteError: there is no such job, or the server cannot be used.
        AccessError: the current user may not do this.
    """
    with (
        doing(folder, Permission.EDIT_PLAN, "job of the site cancelled", {"job": number}),
        using_site(require_membership(folder), store=store) as server,
    ):
        if not cancel_job(server, number):
            raise SiteError(
                "No job {number} waits or is being done.",
                "List the jobs: python -m app site status",
                number=number,
            )

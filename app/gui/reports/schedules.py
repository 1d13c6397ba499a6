"""View-model of scheduled reports, which are made and sent while a window is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import QTimer, Signal

from analytics.domain.exhibition import Exhibition
from analytics.results.content import ReportContent
from app.access.guard import require
from app.access.roles import Permission
from app.core.credentials import Credential, CredentialStore, open_credential_store
from app.core.job import JobContext
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.reports.report_due import ScheduleRow, make_schedule_row
from app.reports.report_outbox import Outbox, read_outbox
from app.reports.report_template import ReportFormat
from app.reports.schedule_file import FILE_NAME, MailServer, Schedule, Schedules, read_schedules

POLL_INTERVAL_MS = 60_000
RUN_KEY = "scheduled reports"
"""Key of the job that makes and sends reports."""


@dataclass(frozen=True, slots=True)
class SchedulesState:
    """The state of a venue's schedules.

    Attributes:
        stands: zones that can have a report of their own.
        is_sending: reports are being made or sent.
    """

    exhibition: Exhibition | None = None
    rows: tuple[ScheduleRow, ...] = ()
    mail: MailServer | None = None
    stands: tuple[str, ...] = ()
    is_sending: bool = False


class SchedulesViewModel(VenueViewModel[SchedulesState]):
    """A view-model that makes and sends due reports in the background, checking every minute."""

    failed = Signal(object)
    """Emitted with an ``ErrorReport``."""
    succeeded = Signal(object)
    """Emitted with a function that describes a success in the window's language."""

    def __init__(
        self,
        *,
        write_file: Callable[[Path, ReportContent, ReportFormat], Path],
        open_credentials: Callable[[], CredentialStore] | None = None,
        **parts: Unpack[VenueParts],
    ) -> None:
        """``write_file`` is called in the background."""
        super().__init__(SchedulesState(), **parts)
        self._write_file = write_file
        self._open_credentials = open_credentials or open_credential_store
        self._outbox, self._written_ns = Outbox({}), 0
        self._job: JobHandle | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self._look)
        self._job_runner.job_finished.connect(self._on_job_finished)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._on_venue_opened()

    def save(self, schedule: Schedule, *, former: Schedule | None, secret: str = "") -> JobHandle | None:
        """Add or change a schedule.

        Args:
            secret: a webhook's secret for the keyring; empty leaves the stored one.
        """

        def work(folder: Path) -> None:
            from app.core.signed_post import make_webhook_key
            from app.reports.schedule_file import remove_schedule, save_schedule

            save_schedule(folder, schedule, clock=self._clock)
            if former is not None and former.name != schedule.name:
                remove_schedule(folder, former.name)
            if secret:
                self._open_credentials().store(make_webhook_key(schedule.to), Credential("", secret))

        return self._change(work)

    def remove(self, name: str) -> None:
        def work(folder: Path) -> None:
            from app.reports.schedule_file import remove_schedule

            remove_schedule(folder, name)

        self._change(work)

    def set_mail_server(self, mail: MailServer, *, password: str = "") -> JobHandle | None:
        """Set the mail server; an empty password leaves the stored one."""

        def work(folder: Path) -> None:
            from app.reports.report_outbox import make_mail_key
            from app.reports.schedule_file import set_mail_server

            require(folder, Permission.SCHEDULE, action="mail server set", what={"host": mail.host})
            if password:
                self._open_credentials().store(make_mail_key(mail), Credential(mail.user, password))
            set_mail_server(folder, mail)

        return self._change(work)

    def send_now(self, name: str) -> None:
        self._run(at_once=name)

    def cancel(self) -> None:
        """Stop making and sending; finished reports wait."""
        if self._job is not None:
            self._job.cancel()

    def _look(self) -> None:
        """Make due reports; start no visible job if none are due."""
        venue, now_s = self._app_state.venue, self._clock.now_utc_s()
        if venue is None:
            return
        is_due = any(row.next_s is not None and row.next_s <= now_s for row in self._state.rows)
        if _find_written(venue.folder) != self._written_ns:
            self.refresh()
        elif is_due or self._outbox.list_waiting(now_s):
            self._run(at_once=None)

    def _run(self, *, at_once: str | None) -> None:
        venue = self._app_state.venue
        if venue is None or self._state.is_sending:
            return

        def work(context: JobContext) -> Outbox:
            # pandas loads slowly
            from app.reports.scheduled_reports import run_schedules

            return run_schedules(
                venue.folder,
                write_file=self._write_file,
                credentials=self._open_credentials(),
                clock=self._clock,
                context=context,
                at_once=at_once,
            )

        self._replace_state(is_sending=True)
        self._job = self._job_runner.run_latest(
            RUN_KEY,
            lambda: tr("Creating scheduled reports"),
            work,
            on_done=lambda outbox: self._on_run(outbox, at_once),
            on_failed=self.failed.emit,
        )

    def _on_job_finished(self, job: JobHandle) -> None:
        if job.key == RUN_KEY and self._state.is_sending:
            self._replace_state(is_sending=False)

    def _on_run(self, outbox: Outbox, at_once: str | None) -> None:
        self.refresh()
        of_it = [one for one in outbox.deliveries if one.schedule == at_once]
        if of_it and of_it[-1].sent_s is not None and not of_it[-1].problem:
            title = of_it[-1].title
            self.succeeded.emit(lambda: tr("Sent: {name}", name=title))

    def _change(self, work: Callable[[Path], None]) -> JobHandle | None:
        venue = self._app_state.venue
        if venue is None:
            return None
        return self._job_runner.run(
            lambda: tr("Changing the schedules"),
            lambda _context: work(venue.folder),
            on_done=lambda _result: self.refresh(),
            on_failed=self.failed.emit,
        )

    def _on_venue_opened(self) -> None:
        self._outbox, self._state = Outbox({}), SchedulesState()
        self._timer.stop()
        self.state_changed.emit()
        if self._app_state.venue is not None:
            self._timer.start()
            self.refresh()

    def refresh(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def work(_context: JobContext) -> tuple[Schedules, Outbox, int]:
            written_ns = _find_written(venue.folder)
            return read_schedules(venue.folder), read_outbox(venue.folder), written_ns

        def on_done(read: tuple[Schedules, Outbox, int]) -> None:
            if self._app_state.venue is not None and self._app_state.venue.folder == venue.folder:
                self._take(*read)

        self._job_runner.run(
            lambda: tr("Reading the schedules"), work, on_done=on_done, on_failed=self.failed.emit
        )

    def _take(self, schedules: Schedules, outbox: Outbox, written_ns: int) -> None:
        venue, now_s = self._app_state.venue, self._clock.now_utc_s()
        if venue is None:
            return
        self._outbox, self._written_ns = outbox, written_ns
        self._replace_state(
            exhibition=venue.exhibition,
            rows=tuple(
                make_schedule_row(one, venue.exhibition, outbox, now_s) for one in schedules.schedules
            ),
            mail=schedules.mail,
            stands=tuple(str(zone.name) for zone in venue.geometry_at(now_s).zones),
        )


def _find_written(folder: Path) -> int:
    """Return the modification time of the schedule file, 0 if there is none."""
    try:
        return (folder / FILE_NAME).stat().st_mtime_ns
    except OSError:
        return 0

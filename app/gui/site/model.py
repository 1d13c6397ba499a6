"""View-model of the site that the open venue is in: its halls, machines and cameras, and its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, Unpack

from PySide6.QtCore import QTimer, Signal

from analytics.domain.errors import PipelineError
from analytics.store.history_folder import SERVER_NAME, read_server_mark
from app.access.guard import doing, require
from app.access.roles import Permission
from app.core.change_set import ChangeSet, compare_venues, summarise_changes
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import is_in_site
from app.core.file_format import read_venue
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import BackgroundCommand, JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel

if TYPE_CHECKING:
    from app.core.document import Venue
    from app.site.join import JoinCode, JoinPreview
    from app.site.settings_sync import SentChange
    from app.site.site_status import SiteStatus

T = TypeVar("T")
POLL_INTERVAL_MS = 5000
RETRY_INTERVAL_MS = 30_000
"""Milliseconds until a server that did not answer is asked again; each try may take seconds of a thread."""


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """A person's input to join a site.

    Attributes:
        hall: counts if the code is for a new one.
        folder: of the venue to create, where none is open; empty for the open one.
    """

    code: str
    address: str
    machine: str
    hall: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """A person's input to create a site."""

    address: str
    user: str
    password: str
    name: str
    machine: str
    hall: str

    def __repr__(self) -> str:
        return f"CreateRequest({self.name!r})"


@dataclass(frozen=True, slots=True)
class SiteState:
    """The site.

    Attributes:
        is_member: whether the open venue is in a site.
        is_from_server: whether it is a hall's folder at the hub rather than this machine's venue.
        is_taking_part: whether this window runs this machine's part in the site.
        status: as last read; None before.
        changes: the newest changes of the hall's settings, newest first.
        failure: why it could not be read lately; None if it is current.
    """

    has_venue: bool = False
    is_member: bool = False
    is_from_server: bool = False
    is_busy: bool = False
    is_taking_part: bool = False
    status: SiteStatus | None = None
    changes: tuple[SentChange, ...] = ()
    failure: ErrorReport | None = None


class SiteViewModel(VenueViewModel[SiteState]):
    """The view-model of the site; it exchanges the settings of a venue that is in one every few seconds."""

    failed = Signal(object)
    """An `ErrorReport` of what a person wanted to do."""
    notified = Signal(object)
    """A function that returns a translated sentence about what was done."""
    code_made = Signal(object, str)
    """(`JoinCode`, the database's address to enter with it)."""
    venue_created = Signal(object)
    """The folder of a venue that was created by joining a hall."""
    previewed = Signal(object, object)
    """(`JoinPreview`, `JoinRequest`): joining waits for `join`."""

    def __init__(self, *, store: CredentialStore | None = None, **parts: Unpack[VenueParts]) -> None:
        super().__init__(SiteState(), **parts)
        self._given_store = store
        self._part_of: Path | None = None
        self._child = BackgroundCommand(
            PipelineError("This machine's part in the site cannot be started.", "Install ExpoFlow again."),
            self,
        )
        self._child.changed.connect(
            lambda: self._change_state(is_taking_part=self._child.is_running and not self._child.is_ending)
        )
        self._child.failed.connect(self.failed)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.update)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._on_venue_opened()

    def take_part(self, is_on: bool) -> None:
        """Record the cameras that fall to this machine while the window is open, or stop doing so."""
        folder = self._find_folder()
        if folder is None or not is_on:
            self._child.stop()
            return
        self._part_of = folder

        def work(folder: Path) -> list[str]:
            from app.site.site_document import find_known_site, require_membership

            require(folder, Permission.RECORD, action="part in the site started")
            hub = find_known_site(require_membership(folder, is_own=True).site_id).get("hub")
            return ["--venue", str(folder), *([] if hub is None else ["--hub", hub])]

        self._act(work, lambda options: self._child.start("site", "run", *options))

    def record_for_site(self, is_on: bool) -> bool:
        """Take part if the site answers, or stop doing so; return False where that is no matter of a site."""
        state = self._state
        if not state.is_member or (state.failure is not None if is_on else not state.is_taking_part):
            return False
        self.take_part(is_on)
        return True

    def keep_history(self, hub_folder: Path) -> None:
        """Keep the history of all halls in a folder whenever this machine takes part, from now on."""

        def work(folder: Path) -> None:
            from app.site.site_document import remember_site, require_membership

            with doing(folder, Permission.ADMINISTER_USERS, "history of the halls placed"):
                remember_site(folder, require_membership(folder, is_own=True), hub_folder=hub_folder)

        def finish(_none: None) -> None:
            self.notified.emit(
                lambda: tr(
                    "The history of all halls is kept in {folder} while this machine takes part.",
                    folder=str(hub_folder),
                )
            )
            if self._state.is_taking_part:
                self.take_part(False)
                self.take_part(True)

        self._act(work, finish)

    def undo(self, change: int) -> None:
        """Undo a change of the hall's settings on all its machines."""

        def work(folder: Path) -> Venue:
            from app.site.join import undo_site_change

            undo_site_change(folder, change, store=self._store)
            return read_venue(folder)

        self._act(work, self._show_venue)

    def close(self) -> None:
        """End this machine's part in the site; the last call."""
        self._timer.stop()
        self._child.close()

    @property
    def hall_name(self) -> str:
        venue = self._app_state.venue
        return "" if venue is None else venue.name

    @property
    def folder(self) -> Path | None:
        return self._find_folder()

    def update(self) -> None:
        """Exchange settings with the site and read its state, if the venue is in one."""
        folder = self._find_folder()
        if folder is None or self._state.is_busy:
            return
        if not is_in_site(folder):
            self._timer.stop()
            self._change_state(is_member=False, status=None, failure=None)
            return
        self._timer.start()
        shown = self._app_state.venue

        def work() -> tuple[SiteStatus, tuple[SentChange, ...], Venue | None]:
            from app.site.join import read_changes, synchronise
            from app.site.site_status import read_status

            synchronise(folder, store=self._store)
            venue = read_venue(folder)
            changes = tuple(read_changes(folder, store=self._store))
            return read_status(folder, store=self._store), changes, None if venue == shown else venue

        def finish(found: tuple[SiteStatus, tuple[SentChange, ...], Venue | None]) -> None:
            if self._find_folder() != folder:
                return
            status, changes, venue = found
            self._timer.setInterval(POLL_INTERVAL_MS)
            self._change_state(is_member=True, status=status, changes=changes, failure=None)
            # an edit that was made meanwhile is newer
            if venue is not None and self._app_state.venue is shown:
                self._show_venue(venue)

        def fail(report: ErrorReport) -> None:
            if self._find_folder() == folder:
                self._timer.setInterval(RETRY_INTERVAL_MS)
                self._change_state(is_member=True, failure=report)

        self._job_runner.run_latest(
            "site", lambda: tr("Reading the site"), lambda _job: work(), on_done=finish, on_failed=fail
        )

    def create(self, request: CreateRequest) -> JobHandle | None:
        def work(folder: Path) -> None:
            from app.site.join import create_site, synchronise
            from app.site.site_document import parse_address

            create_site(
                folder,
                address=parse_address(request.address).with_login(request.user, request.password),
                name=request.name,
                hall=request.hall,
                machine=request.machine,
                store=self._store,
            )
            synchronise(folder, store=self._store)

        def finish(_none: None) -> None:
            self.notified.emit(lambda: tr("The site '{site}' was created.", site=request.name))
            self._app_state.announce(ChangeSet(settings=True), initiator=self)

        return self._act(work, finish)

    def preview(self, request: JoinRequest) -> JobHandle | None:
        """Find out what joining would do, and emit `previewed`."""

        def work(folder: Path) -> JoinPreview:
            from app.site.join import preview_join
            from app.site.site_document import parse_address

            return preview_join(
                folder,
                address=parse_address(request.address),
                code=request.code,
                hall=request.hall,
                machine=request.machine,
            )

        return self._act(work, lambda preview: self.previewed.emit(preview, request), folder=request.folder)

    def join(self, request: JoinRequest) -> None:
        def work(folder: Path) -> Venue:
            from app.site.join import join_site, synchronise
            from app.site.site_document import parse_address

            join_site(
                folder,
                address=parse_address(request.address),
                code=request.code,
                hall=request.hall,
                machine=request.machine,
                store=self._store,
            )
            synchronise(folder, store=self._store)
            return read_venue(folder)

        def finish(venue: Venue) -> None:
            if request.folder:
                self.venue_created.emit(venue.folder)
                return
            self._show_venue(venue)
            self._app_state.announce(ChangeSet(settings=True), initiator=self)
            self.notified.emit(
                lambda: tr("This machine is in the site now. It records its cameras once it takes part.")
            )

        self._act(work, finish, folder=request.folder)

    def make_code(self, hall: str | None) -> None:
        """Make a join code for a hall, or for a new one, and emit `code_made`."""

        def work(folder: Path) -> tuple[JoinCode, str]:
            from app.site.join import describe_address, make_join_code

            return make_join_code(folder, hall=hall, store=self._store), describe_address(folder)

        self._act(work, lambda made: self.code_made.emit(*made))

    def drain(self, machine: str, *, is_draining: bool) -> None:
        """Hand a machine's cameras over to the others, or let it take cameras again."""

        def work(folder: Path) -> None:
            from app.site.join import drain_machine

            drain_machine(folder, machine, is_draining=is_draining, store=self._store)

        self._act(work)

    def remove(self, machine: str) -> None:
        def work(folder: Path) -> None:
            from app.site.join import remove_machine

            remove_machine(folder, machine, store=self._store)

        self._act(work)

    def move(self, camera: str, hall: str, machine: str | None) -> None:
        """Choose the machine that reads a camera; None: the site chooses."""

        def work(folder: Path) -> None:
            from app.site.join import move_camera

            move_camera(folder, camera, machine=machine, hall=hall, store=self._store)

        self._act(work)

    def cancel_job(self, number: int) -> None:
        def work(folder: Path) -> None:
            from app.site.hall_jobs import stop_job

            stop_job(folder, number, store=self._store)

        self._act(work)

    def leave(self, *, offline: bool) -> None:
        """Leave the site, without its server if that is gone."""

        self._child.stop()

        def work(folder: Path) -> None:
            from app.site.join import leave_site

            leave_site(folder, store=self._store, offline=offline)

        def finish(_none: None) -> None:
            self.notified.emit(lambda: tr("This machine has left the site."))
            self._app_state.announce(ChangeSet(settings=True), initiator=self)

        self._act(work, finish)

    @property
    def _store(self) -> CredentialStore:
        """The credential store, opened in a worker since a keyring may not answer."""
        if self._given_store is None:
            self._given_store = open_credential_store()
        return self._given_store

    def _act(
        self, work: Callable[[Path], T], on_done: Callable[[T], object] = lambda _: None, *, folder: str = ""
    ) -> JobHandle | None:
        shown = self._find_folder()
        used = Path(folder).expanduser() if folder else shown
        if used is None or self._state.is_busy:
            return None
        self._change_state(is_busy=True)

        def finish(made: T) -> None:
            self._change_state(is_busy=False)
            if self._find_folder() == shown:
                on_done(made)
                self.update()

        def fail(report: ErrorReport) -> None:
            self._change_state(is_busy=False)
            self.failed.emit(report)

        return self._job_runner.run(
            lambda: tr("Changing the site"), lambda _job: work(used), on_done=finish, on_failed=fail
        )

    def _show_venue(self, venue: Venue) -> None:

        shown = self._app_state.venue
        if shown is not None and shown.folder == venue.folder:
            changes = summarise_changes(compare_venues(shown, venue))
            self._app_state.replace_venue(venue, changes, initiator=self)

    def _is_of_part(self, folder: Path) -> bool:
        if folder == self._part_of:
            return True
        site = read_server_mark(folder).get("site_id")
        if site is None or self._part_of is None:
            return False
        from app.site.site_document import find_known_site

        return find_known_site(str(site)).get("venue") == str(self._part_of.absolute())

    def _on_venue_opened(self) -> None:
        folder = self._find_folder()
        self._timer.stop()
        if folder is None or not self._is_of_part(folder):
            self._child.stop()
        self._set_state(
            SiteState(
                folder is not None,
                folder is not None and is_in_site(folder),
                is_from_server=folder is not None and (folder / SERVER_NAME).exists(),
                is_taking_part=self._child.is_running and not self._child.is_ending,
            )
        )
        if self._state.is_member:
            self.update()

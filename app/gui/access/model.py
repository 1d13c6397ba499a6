"""Provide the view-models of users, signing in, locking and the audit log."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import QTimer, Signal

from analytics.domain.errors import ExpoFlowError
from app.access.access_file import DEFAULT_LOCK_AFTER_MIN, VenueAccess, read_access
from app.access.audit_entries import export_entries, list_entries
from app.access.audit_log import AuditEntry
from app.access.guard import WALL, Actor, act_as, describe_roles, match_actor
from app.access.roles import Permission, Role
from app.access.signing_in import sign_in, sign_out
from app.access.users import (
    add_user,
    change_own_secret,
    change_role,
    change_secret,
    remove_user,
    set_locking,
)
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.job_runner import JobHandle
from app.gui.session.permissions import apply_permissions
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel


class AuditLogViewModel(VenueViewModel[tuple[AuditEntry, ...]]):
    """The view-model of the audit log; the signal is emitted after each reading, also without new entries."""

    exported = Signal(str)
    """Path of the written file."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__((), **parts)

    @property
    def time_zone(self) -> str:
        venue = self._app_state.venue
        return "UTC" if venue is None else venue.exhibition.time_zone

    def read(self) -> None:
        folder = self._find_folder()
        if folder is not None:
            self._job_runner.run_latest(
                "audit log",
                lambda: tr("Reading the audit log"),
                lambda _context: list_entries(folder),
                on_done=self._show,
                on_failed=self.failed.emit,
            )

    def export(self, file: Path) -> None:
        folder = self._find_folder()
        if folder is not None:
            self._job_runner.run(
                lambda: tr("Writing {name}", name=file.name),
                lambda _context: export_entries(folder, file),
                on_done=lambda _count: self.exported.emit(str(file)),
                on_failed=self.failed.emit,
            )

    def _show(self, entries: tuple[AuditEntry, ...]) -> None:
        self._state = entries
        self.state_changed.emit()


POLL_INTERVAL_MS = 5000


@dataclass(frozen=True, slots=True)
class AccessState:
    """The access state of the window.

    Attributes:
        is_open: whether the venue has no users and everybody may do everything.
        is_locked: whether no user is signed in and the pages are hidden.
        last_user: user before the window was locked.
        is_wall: whether the window is a public screen.
        users: names and roles.
        fault: reason why signing in failed.
    """

    has_venue: bool = False
    is_open: bool = True
    user: str = ""
    role: Role = Role.EVERYBODY
    is_locked: bool = False
    last_user: str = ""
    is_wall: bool = False
    users: tuple[tuple[str, Role], ...] = ()
    lock_after_min: int = DEFAULT_LOCK_AFTER_MIN
    wall_needs_no_sign_in: bool = False
    is_busy: bool = False
    fault: ErrorReport | None = None

    def may(self, permission: Permission) -> bool:
        return not self.is_locked and Actor(self.user, self.role).may(permission)


class AccessViewModel(VenueViewModel[AccessState]):
    """The view-model of access; it locks the window of a venue with users until one signs in."""

    signed_in = Signal(bool)
    """Emitted after sign-in, with True for the same user as before."""
    failed = Signal(object)
    """An `ErrorReport` of a failed change."""
    notified = Signal(str)
    """A translated sentence about a completed change."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(AccessState(), **parts)
        self._active_s = self._clock.monotonic_s()
        self._begins_as_wall = False
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_INTERVAL_MS)
        self._timer.timeout.connect(self.update)
        self._timer.start()
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._refresh()

    def note_activity(self) -> None:
        """Restart the time until the window locks."""
        self._active_s = self._clock.monotonic_s()

    def update(self) -> None:
        """Lock an idle window, and apply changes of users by other programs."""
        self._refresh()
        state = self._state
        if not state.user or state.is_locked or not state.lock_after_min:
            return
        if self._clock.monotonic_s() - self._active_s >= state.lock_after_min * 60.0:
            self.lock()

    def start_wall_screen(self) -> None:
        self._begins_as_wall = True
        self._try_wall()

    def sign_in(self, name: str, secret: str) -> None:
        folder = self._find_folder()
        if folder is None or self._state.is_busy:
            return
        last_user = self._state.last_user
        self._change_state(is_busy=True, fault=None)

        def finish(actor: Actor) -> None:
            self.note_activity()
            self._change_state(is_busy=False, is_wall=False)
            self._refresh()
            self.signed_in.emit(not last_user or actor.name == last_user)
            self._try_wall()

        self._job_runner.run(
            lambda: tr("Signing in"),
            lambda _context: sign_in(folder, name, secret),
            on_done=finish,
            on_failed=lambda report: self._change_state(is_busy=False, fault=report),
        )

    def lock(self) -> None:
        """Hide the pages until a user signs in."""
        self._sign_out(last_user=self._state.user)

    def sign_out(self) -> None:
        self._sign_out(last_user="")

    def show_on_wall(self) -> None:
        """Turn the window into a public screen for viewing only."""
        folder = self._find_folder()
        if folder is not None and not self._state.is_locked:
            act_as(folder, WALL)
            self._change_state(is_wall=True)
            self._refresh()

    def leave_wall(self) -> bool:
        """Leave the wall screen; return False if a sign-in is required first."""
        folder = self._find_folder()
        if folder is None or read_access(folder).is_open:
            if folder is not None:
                act_as(folder, None)
            self._change_state(is_wall=False)
            self._refresh()
            return True
        return False

    def add_user(self, name: str, role: Role, secret: str) -> JobHandle | None:
        """Add a user; the first one is signed in at once."""
        was_open = self._state.is_open

        def work(folder: Path) -> None:
            add_user(folder, name=name, role=role, secret=secret)
            if was_open:
                sign_in(folder, name, secret)

        return self._change(work, lambda: _describe_role_change(name, role))

    def remove_user(self, name: str) -> None:
        self._change(
            partial(remove_user, name=name), lambda: tr("'{name}' may no longer use the venue.", name=name)
        )

    def change_role(self, name: str, role: Role) -> JobHandle | None:
        return self._change(
            lambda folder: change_role(folder, name, role),
            lambda: _describe_role_change(name, role),
        )

    def change_secret(self, name: str, secret: str) -> JobHandle | None:
        """Change a user's PIN or password."""
        return self._change(
            lambda folder: change_secret(folder, name, secret),
            lambda: tr("The password of '{name}' was changed.", name=name),
        )

    def change_own_secret(self, current: str, new: str) -> JobHandle | None:
        """Change the PIN or password of the current user."""
        name = self._state.user
        return self._change(
            lambda folder: change_own_secret(folder, current=current, new=new),
            lambda: tr("The password of '{name}' was changed.", name=name),
        )

    def set_locking(
        self, *, lock_after_min: int | None = None, wall_needs_no_sign_in: bool | None = None
    ) -> None:
        """Set when the window locks, and whether a wall screen starts without sign-in."""
        self._change(
            lambda folder: set_locking(
                folder, lock_after_min=lock_after_min, wall_needs_no_sign_in=wall_needs_no_sign_in
            ),
            None,
        )

    def _change(self, work: Callable[[Path], object], describe: Callable[[], str] | None) -> JobHandle | None:
        folder = self._find_folder()
        if folder is None:
            return None

        def finish(_nothing: object) -> None:
            self._refresh()
            if describe is not None:
                self.notified.emit(describe())

        def report_error(report: ErrorReport) -> None:
            self._refresh()
            # resets the control, which already shows the refused value
            self.state_changed.emit()
            self.failed.emit(report)

        return self._job_runner.run(
            lambda: tr("Saving users"),
            lambda _context: work(folder),
            on_done=finish,
            on_failed=report_error,
        )

    def _sign_out(self, *, last_user: str) -> None:
        folder = self._find_folder()
        if folder is None or self._state.is_open or self._state.is_locked:
            return
        sign_out(folder)
        self._change_state(last_user=last_user, fault=None, is_wall=False)
        self._refresh()

    def _try_wall(self) -> None:
        folder = self._find_folder()
        if not self._begins_as_wall or folder is None:
            return
        if self._state.is_locked and self._state.wall_needs_no_sign_in:
            act_as(folder, WALL)
            self._refresh()
        if not self._state.is_locked:
            self._begins_as_wall = False
            self.show_on_wall()

    def _on_venue_opened(self) -> None:
        self.note_activity()
        self._state = dataclasses.replace(self._state, last_user="", fault=None, is_wall=False, is_busy=False)
        self._refresh()
        self._try_wall()

    def _refresh(self) -> None:
        folder = self._find_folder()
        if folder is None:
            self._show_access(VenueAccess(), None)
            return
        try:
            access = read_access(folder)
        except ExpoFlowError as error:
            self._change_state(is_open=False, is_locked=True, fault=describe_error(error, translate=tr))
            apply_permissions(frozenset(Permission), explain_refusal)
            return
        self._show_access(access, match_actor(folder, access))

    def _show_access(self, access: VenueAccess, actor: Actor | None) -> None:
        has_venue = self._find_folder() is not None
        is_locked = has_venue and actor is None
        self._change_state(
            has_venue=has_venue,
            is_open=access.is_open,
            user="" if actor is None else actor.name,
            role=Role.EVERYBODY if actor is None else actor.role,
            is_locked=is_locked,
            users=tuple((user.name, user.role) for user in access.users),
            lock_after_min=access.lock_after_min,
            wall_needs_no_sign_in=access.wall_needs_no_sign_in,
        )
        # the pages of a locked window are hidden; their views decide what is enabled
        permissions = {p for p in Permission if actor is None or actor.may(p)}
        apply_permissions(frozenset(permissions), explain_refusal)


def _describe_role_change(name: str, role: Role) -> str:
    return tr("'{name}' may use the venue as {role}.", name=name, role=tr(role.value))


def explain_refusal(permission: Permission) -> str:
    from analytics.domain.errors import fill_template

    phrase = describe_roles(permission)
    return tr(
        "Your role does not permit this: {permission}. Permitted roles: {roles}.",
        permission=tr(permission.value),
        roles=fill_template(phrase.template, phrase.fields, tr),
    )

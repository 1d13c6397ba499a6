"""The window of a venue with users: locked until somebody signs in, and then as their role has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from app.access import guard, secrets
from app.access.access_file import FILE_NAME, read_access, write_access
from app.access.audit_log import read_entries
from app.access.roles import PERMISSIONS, ROLES_OF_PEOPLE, Permission, Role
from app.gui.access.model import AccessViewModel, explain_refusal
from app.gui.access.page import AuditDialog, UserDialog
from app.gui.session.permissions import apply_permissions
from app.gui.settings.page import Section
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import Page
from app.gui.window.window_guard import WindowGuard
from app.plan.edit_venue import choose_model
from tests.support.halls.guarded_venue import SECRETS, make_guarded_venue
from tests.support.windows.shown_window import ANSWERS_WITHIN_MS, click, find_button, list_words, show_window
from tests.support.windows.wizard_venue import make_venue_on_disk

WAIT = ANSWERS_WITHIN_MS


@pytest.fixture(autouse=True)
def nobody_at_work(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(secrets, "_hasher", lambda: hasher)
    monkeypatch.setattr(secrets, "_placeholder_hash", lambda: hasher.hash("nobody"))
    guard.clear_actors()
    guard.set_sign_in_prompt(None)
    yield
    guard.clear_actors()
    apply_permissions(frozenset(Permission), explain_refusal)


class ShownGuard:
    def __init__(self, qtbot: QtBot, window: MainWindow, parts: WindowParts) -> None:
        (found,) = window.findChildren(WindowGuard)
        self.qtbot, self.window, self.parts, self.guard = qtbot, window, parts, found

    @property
    def access(self) -> AccessViewModel:
        return self.guard.access

    def open(self, folder: Path) -> None:
        self.parts.shell.open_venue(folder)
        self.qtbot.waitUntil(lambda: self.parts.app_state.venue is not None, timeout=WAIT)

    def sign_in(self, role: Role, secret: str | None = None) -> None:
        view = self.guard.sign_in
        view.name.setCurrentText(role.value)
        self.qtbot.keyClicks(view.secret, secret or SECRETS[role])
        self.qtbot.keyClick(view.secret, Qt.Key.Key_Return)
        self.qtbot.waitUntil(lambda: not self.access.state.is_busy, timeout=WAIT)

    def list_pages(self) -> set[Page]:
        buttons = {b.accessibleName(): b for b in self.window.findChildren(QToolButton) if b.isCheckable()}
        names = {Page.EDIT_PLAN: "Edit plan", Page.COVERAGE: "Coverage", Page.ACCURACY: "Accuracy"}
        return {page for page, name in names.items() if buttons[name].isEnabled()}


def test_each_role_sees_the_window_that_it_may_use(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_guarded_venue(tmp_path)
    with show_window(qtbot, Page.LIVE) as (window, parts):
        shown = ShownGuard(qtbot, window, parts)
        shown.open(venue.folder)
        assert window.covering is shown.guard.sign_in
        assert "Sign in" in list_words(window)
        assert not any(
            b.isEnabled() for b in window.findChildren(QToolButton) if b.isCheckable() and b.isVisible()
        )
        shown.sign_in(Role.STAFF, "something else")
        qtbot.waitUntil(lambda: any("Wrong user name or password" in text for text in list_words(window)))
        assert window.covering is not None
        for role in ROLES_OF_PEOPLE:
            shown.sign_in(role)
            qtbot.waitUntil(lambda: window.covering is None, timeout=WAIT)
            wanted = {
                Page.EDIT_PLAN: Permission.EDIT_PLAN,
                Page.COVERAGE: Permission.EDIT_CAMERAS,
                Page.ACCURACY: Permission.VALIDATE,
            }
            held = PERMISSIONS[role]
            assert shown.list_pages() == {page for page, needed in wanted.items() if needed in held}
            window.show_page(Page.LIVE)
            add = find_button(window, "Add a camera")
            assert add.isEnabled() == (Permission.EDIT_CAMERAS in held)
            window.show_settings(Section.USERS)
            card = shown.guard.card
            assert card.add.isEnabled() == (Permission.ADMINISTER_USERS in held)
            assert card.audit.isEnabled() == (Permission.SEE_AUDIT in held)
            # the window refuses what a button would not have asked for
            parts.settings.choose_connect_timeout(7.0 + len(held))
            changed = parts.settings.state.connect_timeout_s == 7.0 + len(held)
            assert changed == (Permission.CHANGE_SETTINGS in held)
            assert role.value in list_words(window)
            shown.access.sign_out()
            assert window.covering is shown.guard.sign_in
            assert "figures" not in " ".join(list_words(window))


def test_the_window_locks_and_hides_what_lies_above_it(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_guarded_venue(tmp_path)
    with show_window(qtbot, Page.LIVE) as (window, parts):
        shown = ShownGuard(qtbot, window, parts)
        shown.open(venue.folder)
        shown.sign_in(Role.ADMINISTRATOR)
        qtbot.waitUntil(lambda: window.covering is None, timeout=WAIT)
        window.show_settings(Section.USERS)
        shown.guard.card.add.click()
        (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, UserDialog)]
        clock = shown.access._clock
        now_s = clock.monotonic_s()
        shown.access._clock = _Later(now_s + 9.9 * 60)  # type: ignore[assignment]
        shown.access.update()
        assert window.covering is None
        # a key in any window of the program counts
        handle = dialog.windowHandle()
        shown.guard._watch(handle)
        QApplication.sendEvent(
            handle, QKeyEvent(QEvent.Type.KeyPress, 0, Qt.KeyboardModifier.NoModifier, "a")
        )
        shown.access._clock = _Later(now_s + 19.8 * 60)  # type: ignore[assignment]
        shown.access.update()
        assert window.covering is None
        shown.access._clock = _Later(now_s + 20.1 * 60)  # type: ignore[assignment]
        shown.access.update()
        assert window.covering is shown.guard.sign_in
        assert not dialog.isVisible()
        assert any("Last user: 'administrator'" in text for text in list_words(window))
        shown.sign_in(Role.ADMINISTRATOR)
        qtbot.waitUntil(dialog.isVisible, timeout=WAIT)
        shown.access.lock()
        shown.sign_in(Role.STAFF)
        # of whoever else signs in, it is no business
        qtbot.waitUntil(lambda: not _is_there(UserDialog), timeout=WAIT)


@pytest.mark.slow
def test_the_wall_shows_figures_and_is_left_by_signing_in(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_guarded_venue(tmp_path)
    with show_window(qtbot) as (window, parts):
        shown = ShownGuard(qtbot, window, parts)
        shown.guard.start_wall_screen()
        shown.open(venue.folder)
        assert window.covering is shown.guard.sign_in
        shown.sign_in(Role.MANAGER)
        qtbot.waitUntil(lambda: shown.access.state.is_wall, timeout=WAIT)
        assert window.isFullScreen()
        assert window.page == Page.NOW
        assert not window.header.isVisible()
        shown.guard.show_next_page()
        assert window.page == Page.FLOOR_PLAN
        with pytest.raises(Exception, match="role 'wall' does not permit"):
            choose_model(venue.folder, "yolo11n")
        assert not window.close()
        assert window.covering is shown.guard.sign_in
        click(qtbot, window, "Resume the wall screen")
        assert window.covering is None
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: window.covering is not None, timeout=WAIT)
        shown.sign_in(Role.STAFF)
        qtbot.waitUntil(lambda: not shown.access.state.is_wall, timeout=WAIT)
        assert window.header.isVisible()
        assert shown.access.state.role is Role.STAFF


@pytest.mark.slow
def test_the_first_user_is_set_up_and_at_work(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_venue_on_disk(tmp_path)
    with show_window(qtbot) as (window, parts):
        shown = ShownGuard(qtbot, window, parts)
        shown.open(venue.folder)
        assert window.covering is None
        window.show_settings(Section.USERS)
        click(qtbot, window, "Set up users…")
        (dialog,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, UserDialog)]
        fields = {field.accessibleName(): field for field in dialog.findChildren(QLineEdit)}
        fields["Name"].setText("Ann")
        fields["New PIN or password"].setText("correct horse")
        fields["Repeat"].setText("correct hors")
        click(qtbot, dialog, "Save")
        assert dialog.faults == ["The entries do not match. Enter the same text in both fields."]
        fields["Repeat"].setText("correct horse")
        click(qtbot, dialog, "Save")
        qtbot.waitUntil(lambda: shown.access.state.user == "Ann", timeout=WAIT)
        assert read_access(venue.folder).users[0].role is Role.ADMINISTRATOR
        assert window.covering is None
        click(qtbot, window, "Audit log…")
        (log,) = [w for w in QApplication.topLevelWidgets() if isinstance(w, AuditDialog)]
        qtbot.waitUntil(lambda: log.list.table.model().rowCount() == 2, timeout=WAIT)
        log.accept()
    entries = read_entries(venue.folder)
    assert [entry.action for entry in entries] == ["user added", "signed in"]


class _Later:
    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def monotonic_s(self) -> float:
        return self.now_s

    def now_utc_s(self) -> float:
        return self.now_s


def _is_there(kind: type) -> bool:
    return any(isinstance(w, kind) and w.isVisible() for w in QApplication.topLevelWidgets())


@pytest.mark.slow
def test_a_wall_starts_by_itself_where_that_is_allowed(qtbot: QtBot, tmp_path: Path) -> None:
    venue = make_guarded_venue(tmp_path)
    access = read_access(venue.folder)
    write_access(venue.folder, replace(access, wall_needs_no_sign_in=True))
    with show_window(qtbot) as (window, parts):
        shown = ShownGuard(qtbot, window, parts)
        shown.guard.start_wall_screen((Page.NOW, Page.LIVE))
        shown.open(venue.folder)
        qtbot.waitUntil(lambda: shown.access.state.is_wall, timeout=WAIT)
        assert window.covering is None
        shown.guard.show_next_page()
        assert window.page == Page.LIVE
        assert not find_button(window, "Add a camera").isEnabled()
        # figures of a zone are on a page that is not the wall's
        window.open_zone("Stand")
        assert window.page == Page.LIVE
        (venue.folder / FILE_NAME).unlink()
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        # without users there is nobody to sign in
        qtbot.waitUntil(lambda: not shown.access.state.is_wall, timeout=WAIT)
        assert window.header.isVisible()
        assert find_button(window, "Add a camera").isEnabled()

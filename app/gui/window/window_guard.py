"""Hides the pages of a venue that has users until a user signs in, and runs the wall screen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QDialog

from app.gui.access.model import AccessViewModel, AuditLogViewModel, explain_refusal
from app.gui.access.page import AccessCard, AuditDialog, SignInView
from app.gui.session.job_runner import JobRunner
from app.gui.session.notification import Notification
from app.gui.settings.page import Section
from app.gui.widgets.layouts import open_dialog
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import PAGES, WALL_PAGES

PAGE_INTERVAL_MS = 20_000
"""Time for which each page of the wall screen is shown."""
WALL_RESUME_AFTER_MS = 60_000
"""Time without a sign-in after which the wall screen continues."""
_ACTIVITY = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
    }
)


class WindowGuard(QObject):
    def __init__(self, window: MainWindow, parts: WindowParts) -> None:
        super().__init__(window)
        self._window, self._parts = window, parts
        # an own runner, so that signing in does not wait behind long computations
        self._job_runner = JobRunner(self)
        window.closed.connect(self._job_runner.shutdown)
        self.access = AccessViewModel(app_state=parts.app_state, job_runner=self._job_runner, parent=self)
        self.sign_in = SignInView(self.access, window)
        self.sign_in.hide()
        self.card = AccessCard(self.access, window)
        window.add_settings_card(self.card, Section.USERS)
        self._hidden: list[QDialog] = []
        self._was_locked, self._was_wall = False, False
        self._wall_pages: tuple[int, ...] = WALL_PAGES
        self._page_timer, self._wall_resume = QTimer(self), QTimer(self)
        self._page_timer.setInterval(PAGE_INTERVAL_MS)
        self._page_timer.timeout.connect(self.show_next_page)
        self._wall_resume.setSingleShot(True)
        self._wall_resume.setInterval(WALL_RESUME_AFTER_MS)
        self._wall_resume.timeout.connect(self._resume_wall)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        self._escape.setEnabled(False)
        self._escape.activated.connect(self.leave_wall_screen)
        self._bind()
        self._show_state()

    def start_wall_screen(
        self, pages: Sequence[int] = WALL_PAGES, *, page_interval_ms: int = PAGE_INTERVAL_MS
    ) -> None:
        """Become a wall screen as soon as a venue is open and its users permit it."""
        self._wall_pages = tuple(pages) or WALL_PAGES
        self._page_timer.setInterval(page_interval_ms)
        self.access.start_wall_screen()

    def leave_wall_screen(self) -> None:
        """Return from the wall screen to the window, after signing in if needed."""
        if not self.access.state.is_wall or self.access.leave_wall():
            return
        self._page_timer.stop()
        self._window.cover_pages(self.sign_in)
        self._wall_resume.start()

    def show_next_page(self) -> None:
        if self._window.covering is None:
            now = self._wall_pages.index(self._window.page) if self._window.page in self._wall_pages else -1
            self._window.show_page(self._wall_pages[(now + 1) % len(self._wall_pages)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in _ACTIVITY:
            self.access.note_activity()
            if self._wall_resume.isActive():
                self._wall_resume.start()
        return super().eventFilter(watched, event)

    def _bind(self) -> None:
        access, header = self.access, self._window.header
        access.state_changed.connect(self._show_state)
        access.signed_in.connect(self._on_signed_in)
        access.failed.connect(self._parts.shell.report_error)
        access.notified.connect(lambda text: self._parts.shell.notify(Notification(text, tone="good")))
        header.lock_requested.connect(access.lock)
        header.sign_out_requested.connect(access.sign_out)
        header.wall_requested.connect(access.show_on_wall)
        header.password_requested.connect(self.card.own.click)
        self.card.audit_log_requested.connect(self._show_audit)
        self.sign_in.cancelled.connect(self._resume_wall)
        self._window.may_close = self._may_close
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._watch)

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            # installing a filter twice on a window has no effect
            window.installEventFilter(self)

    def _show_state(self) -> None:
        state = self.access.state
        self._window.header.set_user(state.user, state.role.value if state.user else "")
        self._window.disable_pages(
            {}
            if state.is_locked
            else {
                page: explain_refusal(spec.permission)
                for page, spec in PAGES.items()
                if spec.permission is not None and not state.may(spec.permission)
            }
        )
        if state.is_locked != self._was_locked:
            self._was_locked = state.is_locked
            self._hide_dialogs() if state.is_locked else None
            self._window.cover_pages(self.sign_in if state.is_locked else None)
        if state.is_wall != self._was_wall:
            self._was_wall = state.is_wall
            self._show_wall(state.is_wall)

    def _show_wall(self, is_wall: bool) -> None:
        self._escape.setEnabled(is_wall)
        self._wall_resume.stop()
        self._window.cover_pages(None)
        self._window.set_kiosk_mode(is_wall)
        if not is_wall:
            self._page_timer.stop()
            return
        self._hide_dialogs()
        self._close_dialogs()
        self._parts.app_state.set_period(None)
        self._window.show_page(self._wall_pages[0])
        if len(self._wall_pages) > 1:
            self._page_timer.start()

    def _resume_wall(self) -> None:
        self._wall_resume.stop()
        if self.access.state.is_wall:
            self._window.cover_pages(None)
            if len(self._wall_pages) > 1:
                self._page_timer.start()

    def _hide_dialogs(self) -> None:
        """Hide open dialogs with the pages; they return for the same user."""
        popup = QApplication.activePopupWidget()
        while popup is not None:
            popup.close()
            popup = QApplication.activePopupWidget()
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, QDialog) and widget.isVisible():
                self._hidden.append(widget)
                widget.destroyed.connect(lambda _gone=None, dialog=widget: self._forget(dialog))
                widget.hide()

    def _forget(self, dialog: QDialog) -> None:
        if dialog in self._hidden:
            self._hidden.remove(dialog)

    def _close_dialogs(self) -> None:
        hidden, self._hidden = self._hidden, []
        for dialog in hidden:
            dialog.reject()
            dialog.close()

    def _on_signed_in(self, is_same: bool) -> None:
        if not is_same:
            self._close_dialogs()
            return
        hidden, self._hidden = self._hidden, []
        for dialog in hidden:
            dialog.show()

    def _may_close(self) -> bool:
        state = self.access.state
        if state.is_wall and not state.is_open:
            self.leave_wall_screen()
            return False
        # passers-by must not end the recording
        return not (state.is_locked and self._parts.monitor.is_active)

    def _show_audit(self) -> None:
        viewmodel = AuditLogViewModel(app_state=self._parts.app_state, job_runner=self._parts.job_runner)
        dialog = AuditDialog(viewmodel, self._window)
        viewmodel.setParent(dialog)
        open_dialog(dialog)

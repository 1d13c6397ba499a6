"""Hides the pages of a venue that has users until somebody signs in, and shows the wall."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut, QWindow
from PySide6.QtWidgets import QApplication, QDialog

from app.gui.access.model import AccessViewModel, AuditLogViewModel, explain_refusal
from app.gui.access.page import AccessCard, AuditDialog
from app.gui.access.sign_in import SignInView
from app.gui.session.job_runner import JobRunner
from app.gui.session.notification import Notification
from app.gui.widgets.layouts import open_dialog
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.pages import PAGES, WALL_PAGES

TURN_EVERY_MS = 20_000
"""Long enough to read a page of the wall."""
WALL_AGAIN_AFTER_MS = 60_000
"""Nobody signed in: the wall goes on."""
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
    """One for each window; lives as long as it."""

    def __init__(self, window: MainWindow, parts: WindowParts) -> None:
        super().__init__(window)
        self._window, self._parts = window, parts
        # of its own: nobody is to wait behind the figures of a month to get in
        self._job_runner = JobRunner(self)
        window.closed.connect(self._job_runner.shutdown)
        self.access = AccessViewModel(app_state=parts.app_state, job_runner=self._job_runner, parent=self)
        self.sign_in = SignInView(self.access, window)
        self.sign_in.hide()
        self.card = AccessCard(self.access, window)
        window.add_settings_card(self.card)
        self._hidden: list[QDialog] = []
        self._was_locked, self._was_wall = False, False
        self._wall_pages: tuple[int, ...] = WALL_PAGES
        self._turn, self._wall_again = QTimer(self), QTimer(self)
        self._turn.setInterval(TURN_EVERY_MS)
        self._turn.timeout.connect(self.turn_page)
        self._wall_again.setSingleShot(True)
        self._wall_again.setInterval(WALL_AGAIN_AFTER_MS)
        self._wall_again.timeout.connect(self._go_on_with_wall)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), window)
        self._escape.setEnabled(False)
        self._escape.activated.connect(self.ask_to_leave_wall)
        self._bind()
        self._show_state()

    def begin_as_wall(self, pages: Sequence[int] = WALL_PAGES, *, turn_every_ms: int = TURN_EVERY_MS) -> None:
        """Become the wall as soon as a venue is open and that may be."""
        self._wall_pages = tuple(pages) or WALL_PAGES
        self._turn.setInterval(turn_every_ms)
        self.access.begin_as_wall()

    def ask_to_leave_wall(self) -> None:
        """Be a window again, or ask somebody to sign in for that."""
        if not self.access.state.is_wall or self.access.leave_wall():
            return
        self._turn.stop()
        self._window.cover_pages(self.sign_in)
        self._wall_again.start()

    def turn_page(self) -> None:
        """Show the next page of the wall."""
        if self._window.covering is None:
            now = self._wall_pages.index(self._window.page) if self._window.page in self._wall_pages else -1
            self._window.show_page(self._wall_pages[(now + 1) % len(self._wall_pages)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """See that somebody is there, in whatever window of the program."""
        if event.type() in _ACTIVITY:
            self.access.note_activity()
            if self._wall_again.isActive():
                self._wall_again.start()
        return super().eventFilter(watched, event)

    def _bind(self) -> None:
        access, header = self.access, self._window.header
        access.state_changed.connect(self._show_state)
        access.signed_in.connect(self._on_signed_in)
        access.failed.connect(self._parts.shell.complain)
        access.told.connect(lambda text: self._parts.shell.notify(Notification(text, tone="good")))
        header.lock_asked.connect(access.lock)
        header.sign_out_asked.connect(access.sign_out)
        header.wall_asked.connect(access.show_on_wall)
        header.password_asked.connect(self.card.own.click)
        self.card.audit_asked.connect(self._show_audit)
        self.sign_in.cancelled.connect(self._go_on_with_wall)
        self._window.may_close = self._may_close
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._watch)

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            # twice on the same window is once
            window.installEventFilter(self)

    def _show_state(self) -> None:
        state = self.access.state
        self._window.header.set_user(state.user, state.role.value if state.user else "")
        self._window.refuse_pages(
            {}
            if state.is_locked
            else {
                page: explain_refusal(spec.needed)
                for page, spec in PAGES.items()
                if spec.needed is not None and not state.may(spec.needed)
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
        self._wall_again.stop()
        self._window.cover_pages(None)
        self._window.set_bare(is_wall)
        if not is_wall:
            self._turn.stop()
            return
        self._hide_dialogs()
        self._close_dialogs()
        self._parts.app_state.set_period(None)
        self._window.show_page(self._wall_pages[0])
        if len(self._wall_pages) > 1:
            self._turn.start()

    def _go_on_with_wall(self) -> None:
        self._wall_again.stop()
        if self.access.state.is_wall:
            self._window.cover_pages(None)
            if len(self._wall_pages) > 1:
                self._turn.start()

    def _hide_dialogs(self) -> None:
        """What lies above the pages is hidden with them, and comes back to who was at work."""
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
            self.ask_to_leave_wall()
            return False
        # whoever passes by is not to end the recording
        return not (state.is_locked and self._parts.monitor.is_active)

    def _show_audit(self) -> None:
        viewmodel = AuditLogViewModel(app_state=self._parts.app_state, job_runner=self._parts.job_runner)
        dialog = AuditDialog(viewmodel, self._window)
        viewmodel.setParent(dialog)
        open_dialog(dialog)

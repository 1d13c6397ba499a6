"""Closing a window that records: ask, stop, or continue recording in the background.

Where the desktop has a tray, the process goes on behind an icon there. Where it has none, a recorder of its
own process takes over.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QLabel,
    QMenu,
    QMessageBox,
    QProgressDialog,
    QPushButton,
    QSystemTrayIcon,
    QWidget,
)

from analytics.domain.errors import ExpoFlowError
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import CloseBehaviour
from app.core.job import JobCancelled, JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.notification import Notification
from app.gui.session.permissions import has_permission, require_permission
from app.gui.session.theme import LIGHT
from app.gui.session.translation import display_name, tr, trn
from app.gui.widgets.forms import fill_combo_box, make_combo_box, make_form
from app.gui.widgets.icons import make_icon
from app.gui.widgets.settings_card import SettingsCard
from app.gui.window.main_window import MainWindow, WindowParts
from app.gui.window.shell import ShellViewModel, describe_recording
from app.plan.edit_venue import choose_when_closing
from app.recording.background_recorder import BackgroundRecorder
from vision.pipeline.observation_log import HANDED_OVER


class ClosingCard(SettingsCard):
    """Card with the open venue's setting for closing; a choice applies at once."""

    def __init__(self, app_state: AppState, shell: ShellViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._shell = app_state, shell
        self._label, self._choice = QLabel(self), make_combo_box(self)
        self._choice.activated.connect(
            lambda index: self._choose(CloseBehaviour(self._choice.itemData(index)))
        )
        require_permission(self._choice, Permission.CHANGE_SETTINGS)
        self._label.setBuddy(self._choice)
        self.column.addLayout(make_form((self._label, self._choice)))
        app_state.venue_opened.connect(self._show_state)
        app_state.changed.connect(self._show_state)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(tr("Closing the window"))
        self._label.setText(tr("If this venue is being recorded"))
        self._choice.setAccessibleName(tr("If this venue is being recorded when the window is closed"))
        fill_combo_box(
            self._choice,
            (
                (tr("Ask every time"), CloseBehaviour.ASK),
                (tr("Keep recording in the background"), CloseBehaviour.KEEP_RECORDING),
                (tr("Stop recording and close"), CloseBehaviour.STOP),
            ),
        )
        self._show_state()

    def _show_state(self) -> None:
        venue = self._app_state.venue
        self._choice.setEnabled(venue is not None)
        self._text.setText(
            tr("Open a venue to choose what happens to its recording when the window is closed.")
            if venue is None
            else tr("Logging out or shutting down this computer ends the recording without asking.")
        )
        choice = CloseBehaviour.ASK if venue is None else venue.settings.when_closing
        self._choice.setCurrentIndex(self._choice.findData(choice))

    def _choose(self, choice: CloseBehaviour) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        try:
            changed = choose_when_closing(venue.folder, choice)
        except ExpoFlowError as error:
            self._shell.report_error(describe_error(error, translate=tr))
            self._show_state()
            return
        self._app_state.replace_venue(changed, ChangeSet(settings=True), initiator=self)


class WindowClosing(QObject):
    def __init__(self, window: MainWindow, parts: WindowParts) -> None:
        super().__init__(window)
        self._window, self._parts = window, parts
        self.has_tray: Callable[[], bool] = QSystemTrayIcon.isSystemTrayAvailable
        """True if the desktop has a system tray."""
        # an own runner, so that closing does not wait behind long computations
        self._job_runner = JobRunner(self)
        window.closed.connect(self._on_closed)
        self._question: QMessageBox | None = None
        self._tray: RecordingTray | None = None
        self._hand_over: _HandOver | None = None
        self._after_hand_over: Callable[[], None] = window.end
        self._is_stop_requested = False
        window.confirm_closing = self.ask
        parts.shell.confirm_leaving = self.confirm_leaving_page
        parts.monitor.external_stop_requested.connect(self._on_external_stop)
        parts.monitor.stopped.connect(self._on_recording_stopped)

    @property
    def question(self) -> QMessageBox | None:
        return self._question

    @property
    def tray(self) -> RecordingTray | None:
        """The tray icon, while the window is hidden."""
        return self._tray

    def ask(self) -> None:
        if self._question is not None or self._hand_over is not None:
            return
        venue = self._parts.app_state.venue
        match CloseBehaviour.ASK if venue is None else venue.settings.when_closing:
            case CloseBehaviour.KEEP_RECORDING:
                self._keep_recording()
            case CloseBehaviour.STOP if has_permission(Permission.RECORD):
                # Qt ignores that a window is closed while it is being closed
                QTimer.singleShot(0, self, self._window.end)
            case _:
                self._show_question()

    def confirm_leaving_page(self, then: Callable[[], None]) -> None:
        """Ask what happens to the recording before another venue is opened.

        Args:
            then: opens it; called once a person agreed.
        """
        if self._question is not None or self._hand_over is not None:
            return
        title = tr("This venue is being recorded. Keep recording after another venue is opened?")
        question = QMessageBox(
            QMessageBox.Icon.Question, tr("Open another venue"), title, parent=self._window
        )
        question.setInformativeText(
            tr(
                "In the background, a program without a window takes over; a gap of a few seconds is "
                "recorded. Open this venue again to see or stop it. Its alarms are not evaluated meanwhile. "
                "Results are kept in any case."
            )
        )
        keep, stop = self._add_answers(question, tr("Stop recording and open"))

        def finish() -> None:
            self._question = None
            clicked = question.clickedButton()
            question.deleteLater()
            if clicked is keep and self._parts.monitor.is_recording_here:
                self._start_hand_over(
                    tr("The recording moves to the background. The other venue opens afterwards."), then
                )
            elif clicked in (keep, stop):
                then()

        question.finished.connect(finish)
        self._question = question
        question.open()

    def _add_answers(self, question: QMessageBox, stop_text: str) -> tuple[QPushButton, QPushButton]:
        keep = question.addButton(tr("Keep recording in the background"), QMessageBox.ButtonRole.AcceptRole)
        stop = question.addButton(stop_text, QMessageBox.ButtonRole.DestructiveRole)
        cancel = question.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        for button in (keep, stop, cancel):
            button.setAccessibleName(button.text())
        require_permission(stop, Permission.RECORD)
        question.setDefaultButton(keep)
        question.setEscapeButton(cancel)
        return keep, stop

    def _show_question(self) -> None:
        title = tr("This venue is being recorded. Keep recording after the window closes?")
        question = QMessageBox(QMessageBox.Icon.Question, tr("Close the window"), title, parent=self._window)
        question.setInformativeText(
            tr(
                "In the background, an icon beside the clock shows the state of the recording; use "
                "it to reopen the window or to stop recording. Results are kept in any case."
            )
            if self.has_tray()
            else tr(
                "In the background, a program without a window takes over; a gap of a few seconds is "
                "recorded. Open ExpoFlow again to see or stop it. Alarms and connections to other "
                "systems end with the window. Results are kept in any case."
            )
        )
        keep, stop = self._add_answers(question, tr("Stop recording and close"))
        remember = QCheckBox(tr("Do not ask again for this venue"), question)
        remember.setAccessibleName(remember.text())
        remember.setToolTip(tr("You can change this in Settings."))
        remember.setAccessibleDescription(remember.toolTip())
        remember.setEnabled(self._parts.app_state.venue is not None)
        require_permission(remember, Permission.CHANGE_SETTINGS)
        question.setCheckBox(remember)

        def finish() -> None:
            self._question = None
            clicked, is_for_ever = question.clickedButton(), remember.isChecked() and remember.isEnabled()
            question.deleteLater()
            if clicked is keep:
                self._remember(CloseBehaviour.KEEP_RECORDING) if is_for_ever else None
                self._keep_recording()
            elif clicked is stop:
                self._remember(CloseBehaviour.STOP) if is_for_ever else None
                self._window.end()

        question.finished.connect(finish)
        self._question = question
        question.open()

    def _remember(self, choice: CloseBehaviour) -> None:
        venue = self._parts.app_state.venue
        if venue is None:
            return
        try:
            changed = choose_when_closing(venue.folder, choice)
        except ExpoFlowError as error:
            # the question is asked again next time
            self._parts.shell.report_error(describe_error(error, translate=tr))
            return
        self._parts.app_state.replace_venue(changed, ChangeSet(settings=True), initiator=self)

    def _keep_recording(self) -> None:
        if not self._parts.monitor.is_recording_here:
            # it has ended while the question was open
            self._window.close()
        elif self.has_tray():
            self._tray = RecordingTray(self._window, self._parts)
            self._tray.opened.connect(self._restore_from_tray)
            self._tray.show_with_hint()
            self._window.hide()
        else:
            self._start_hand_over(
                tr(
                    "Moving the recording to the background. This window closes once the recording "
                    "continues there."
                ),
                self._window.end,
            )

    def _start_hand_over(self, note: str, then: Callable[[], None]) -> None:
        self._after_hand_over = then
        self._hand_over = _HandOver(self._window, self._parts, self._job_runner, note)
        self._hand_over.ended.connect(self._on_hand_over_ended)
        self._hand_over.start()

    def _restore_from_tray(self) -> None:
        tray, self._tray = self._tray, None
        if tray is None:
            return
        tray.hide()
        tray.deleteLater()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _on_external_stop(self) -> None:
        self._is_stop_requested = True

    def _on_recording_stopped(self) -> None:
        is_requested, self._is_stop_requested = self._is_stop_requested, False
        if self._tray is None or self._window.is_ending:
            return
        if is_requested:
            self._window.end()
        else:
            # it failed or its videos ended: show that now, not days later
            self._restore_from_tray()

    def _on_hand_over_ended(self, report: ErrorReport | None, is_cancelled: bool) -> None:
        hand_over, self._hand_over = self._hand_over, None
        if hand_over is not None:
            hand_over.deleteLater()
        if report is None and not is_cancelled:
            self._after_hand_over()
            return
        if report is not None:
            rendered = report.render(tr)
            self._parts.shell.notify(
                Notification(
                    tr(
                        "The recording cannot continue in the background: {problem}", problem=rendered.problem
                    ),
                    tr("This window stays open and keeps recording.") + " " + rendered.remedy,
                )
            )

    def _on_closed(self) -> None:
        if self._hand_over is not None:
            self._hand_over.abandon()
        if self._tray is not None:
            self._tray.hide()
        self._job_runner.shutdown()


class RecordingTray(QSystemTrayIcon):
    """Tray icon with the state of the recording while its window is hidden."""

    opened = Signal()
    """The window is requested."""

    def __init__(self, window: MainWindow, parts: WindowParts) -> None:
        super().__init__(make_icon("brand", LIGHT.accent), window)
        self._window, self._parts = window, parts
        self._menu = QMenu(window)
        self.open_action, self.stop_action = QAction(self._menu), QAction(self._menu)
        self._menu.addActions([self.open_action, self.stop_action])
        self.open_action.triggered.connect(self.opened)
        self.stop_action.triggered.connect(self._stop)
        require_permission(self.stop_action, Permission.RECORD)
        self.setContextMenu(self._menu)
        self.activated.connect(self._on_activated)
        self.messageClicked.connect(self.opened)
        parts.shell.state_changed.connect(self._show_state)
        self._show_state()

    def show_with_hint(self) -> None:
        self.show()
        self.showMessage(
            tr("ExpoFlow keeps recording"),
            tr("Use this icon to reopen the window or to stop recording."),
            self.icon(),
        )

    def _show_state(self) -> None:
        state = self._parts.shell.state
        self.open_action.setText(tr("Open"))
        self.stop_action.setText(tr("Stop recording"))
        cameras = trn(
            "{live} of {n} camera online",
            "{live} of {n} cameras online",
            state.cameras,
            live=state.cameras_live,
        )
        recording = describe_recording(
            is_recording=state.is_recording and not state.is_waiting,
            people=state.people,
            restarts=state.restarts,
        )
        self.setToolTip(f"{display_name(state.title)} — ExpoFlow\n{recording} · {cameras}")

    def _stop(self) -> None:
        # a locked window must not let passers-by end the recording
        if self._window.may_close():
            self._window.end()
        else:
            self.opened.emit()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.opened.emit()


class _HandOver(QObject):
    """One attempt to hand the recording over to another process; the window records until that is ready."""

    ended = Signal(object, bool)
    """The `ErrorReport`, or None; and whether the hand-over was cancelled."""

    def __init__(self, window: MainWindow, parts: WindowParts, job_runner: JobRunner, note: str) -> None:
        super().__init__(window)
        self._parts, self._job_runner = parts, job_runner
        self._recorder: BackgroundRecorder | None = None
        self._job: JobHandle | None = None
        self._has_stopped = False
        self._shown = QProgressDialog(window)
        self._shown.setWindowTitle(tr("Keep recording in the background"))
        self._shown.setLabelText(note)
        self._shown.setAccessibleName(self._shown.labelText())
        self._shown.setCancelButtonText(tr("Cancel"))
        self._shown.setRange(0, 0)
        self._shown.setMinimumDuration(0)
        self._shown.setWindowModality(Qt.WindowModality.WindowModal)
        self._shown.canceled.connect(self._on_cancelled)

    def start(self) -> None:
        self._shown.show()
        venue, logins = self._parts.app_state.venue, self._parts.monitor.logins
        assert venue is not None

        def begin(context: JobContext) -> None:
            recorder = self._recorder = BackgroundRecorder(venue.folder, logins)
            try:
                recorder.wait_until_ready(context)
            except JobCancelled:
                recorder.abandon()
                raise

        self._job = self._job_runner.run(
            tr("Preparing the background recording"),
            begin,
            on_done=lambda _nothing: self._stop_here(),
            on_failed=self._fail,
        )

    def abandon(self) -> None:
        """End the other process, unless the recording was already handed over."""
        if self._job is not None:
            self._job.cancel()
        if self._recorder is not None and not self._has_stopped:
            self._recorder.abandon()

    def _stop_here(self) -> None:
        self._has_stopped = True
        # the hand-over can no longer be cancelled
        self._shown.setCancelButton(None)
        monitor = self._parts.monitor
        if monitor.is_active:
            monitor.stopped.connect(self._wait_for_other, Qt.ConnectionType.SingleShotConnection)
            monitor.stop(HANDED_OVER)
        else:
            self._wait_for_other()

    def _wait_for_other(self) -> None:
        recorder = self._recorder
        assert recorder is not None
        self._job = self._job_runner.run(
            tr("Waiting for the background recording"),
            recorder.wait_until_recording,
            on_done=lambda _nothing: self._end(None),
            on_failed=self._fail,
        )

    def _fail(self, report: ErrorReport) -> None:
        if self._recorder is not None:
            self._recorder.abandon()
        if self._has_stopped:
            self._parts.shell.start_recording()
        self._end(report)

    def _on_cancelled(self) -> None:
        if not self._has_stopped:
            self.abandon()
            self._end(None, is_cancelled=True)

    def _end(self, report: ErrorReport | None, *, is_cancelled: bool = False) -> None:
        self._shown.canceled.disconnect(self._on_cancelled)
        self._shown.close()
        self._shown.deleteLater()
        self.ended.emit(report, is_cancelled)

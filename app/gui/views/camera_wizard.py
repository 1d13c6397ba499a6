"""The wizard that adds a camera: one step at a time, and nothing saved before the last."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.camera_wizard import CameraWizardViewModel
from app.gui.viewmodels.camera_wizard_state import WizardStep
from app.gui.viewmodels.camera_wizard_words import name_step
from app.gui.views.camera_wizard_login import LoginPage
from app.gui.views.camera_wizard_name import NamePage
from app.gui.views.camera_wizard_stream import StreamPage
from app.gui.views.camera_wizard_trial import TrialPage
from app.gui.views.camera_wizard_where import WherePage
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.work_row import WorkRow

_SIZE_WH = (820, 580)
"""Fits beside the task bar of a screen of 1366x768."""


class CameraWizard(QDialog):
    """Open it with ``open``; it owns its view-model, whose ``added`` or ``changed`` tells the end."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._step: WizardStep | None = None
        self._was_busy = False
        self.setWindowTitle(tr("Add a camera"))
        self.resize(*_SIZE_WH)
        self._position = QLabel(self)
        self._position.setProperty("role", "small")
        self._title = QLabel(self)
        self._title.setProperty("role", "title")
        self._trial = TrialPage(viewmodel, self)
        self._pages: dict[WizardStep, WherePage | LoginPage | StreamPage | TrialPage | NamePage] = {
            WizardStep.WHERE: WherePage(viewmodel, self),
            WizardStep.LOGIN: LoginPage(viewmodel, self),
            WizardStep.STREAM: StreamPage(viewmodel, self),
            WizardStep.TRIAL: self._trial,
            WizardStep.NAME: NamePage(viewmodel, self),
        }
        self._stack = QStackedWidget(self)
        for page in self._pages.values():
            self._stack.addWidget(page)
        self._failure = FailureNote(self)
        self._work = WorkRow(self)
        self._cancel = self._add_button(tr("Cancel"))
        self._back = self._add_button(tr("Back"))
        self._skip = self._add_button(tr("Go on without a picture"))
        self._next = self._add_button(tr("Next"))
        self._next.setProperty("role", "primary")
        self._next.setDefault(True)
        self._arrange()
        self._connect()
        self._render()

    @property
    def failure(self) -> FailureNote:
        """Where it is said what went wrong."""
        return self._failure

    @property
    def has_picture(self) -> bool:
        """Whether the camera's picture is shown."""
        return self._trial.has_picture

    def reject(self) -> None:
        """Leave without saving; what is being saved already is waited for."""
        if self._viewmodel.state.is_saving:
            return
        self._viewmodel.close()
        super().reject()

    def _add_button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text)
        return button

    def _arrange(self) -> None:
        theme = current_theme()
        buttons = QHBoxLayout()
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        for button in (self._skip, self._back, self._next):
            buttons.addWidget(button)
        # who goes on by Tab and Enter must not leave the wizard with all that was typed
        for before, after in pairwise((self._next, self._back, self._skip, self._cancel)):
            self.setTabOrder(before, after)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.space_l, theme.space_l, theme.space_l, theme.space_l)
        column.setSpacing(theme.space_m)
        column.addWidget(self._position)
        column.addWidget(self._title)
        column.addWidget(self._stack, 1)
        column.addWidget(self._failure)
        column.addWidget(self._work)
        column.addLayout(buttons)

    def _connect(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        for signal in (viewmodel.added, viewmodel.changed):
            signal.connect(lambda _name: self.accept())
        self._cancel.clicked.connect(self.reject)
        self._back.clicked.connect(viewmodel.go_back)
        self._skip.clicked.connect(viewmodel.skip_trial)
        self._next.clicked.connect(viewmodel.go_on)
        self._work.stop_requested.connect(viewmodel.stop)
        self._failure.action_chosen.connect(self._on_mend_chosen)

    def _render(self) -> None:
        state = self._viewmodel.state
        place, steps = state.position
        self._position.setText(tr("Step {place} of {steps}", place=place, steps=steps))
        self._title.setText(name_step(state.step))
        page = self._pages[state.step]
        page.render_state(state)
        self._stack.setCurrentWidget(page)
        done, total = state.progress
        self._work.show_work(state.busy, done=done, total=total, can_stop=not state.is_saving)
        failure = state.failure
        if failure is None:
            self._failure.show_failure("", "", "")
        else:
            self._failure.show_failure(failure.problem, failure.remedy, failure.mend)
        if state.step is not WizardStep.NAME:
            text = tr("Next")
        else:
            text = tr("Change the camera") if state.is_change else tr("Add the camera")
        self._next.setText(text)
        self._next.setAccessibleName(text)
        self._next.setEnabled(state.can_go_on)
        self._back.setEnabled(not state.is_first and not state.is_saving)
        self._skip.setVisible(state.can_skip)
        self._cancel.setEnabled(not state.is_saving)
        self._place_focus()

    def _place_focus(self) -> None:
        """Follow the step and its work with the keyboard; otherwise leave it where a person has put it."""
        state = self._viewmodel.state
        is_new = state.step is not self._step or state.is_busy is not self._was_busy
        self._step, self._was_busy = state.step, state.is_busy
        if not is_new:
            return
        if state.is_busy:
            self._work.focus_stop()
        elif state.step is WizardStep.TRIAL and state.can_go_on:
            self._next.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._pages[state.step].focus_first()

    def _on_mend_chosen(self) -> None:
        failure = self._viewmodel.state.failure
        if failure is not None and failure.mend_step is not None:
            self._viewmodel.go_back_to(failure.mend_step)

"""The set-up of a venue as a checklist above the pages, with one button for the next step."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Unpack

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton, QWidget

from app.access.roles import Permission
from app.gui.session.permissions import has_permission
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import make_icon
from app.gui.widgets.layouts import fill, make_label, make_row, style_tools
from app.recording.set_up_steps import SetUpStep, find_uncalibrated, list_missing_steps

_PERMISSIONS = {
    SetUpStep.PLAN: Permission.EDIT_PLAN,
    SetUpStep.CAMERA: Permission.EDIT_CAMERAS,
    SetUpStep.CALIBRATION: Permission.EDIT_CAMERAS,
    SetUpStep.ZONES: Permission.EDIT_PLAN,
    SetUpStep.RECORDING: Permission.RECORD,
}
_ICON_PX = 16
_TEXT, _BESIDE = Qt.ToolButtonStyle.ToolButtonTextOnly, Qt.ToolButtonStyle.ToolButtonTextBesideIcon


@dataclass(frozen=True, slots=True)
class SetUpState:
    """The state of the checklist.

    Attributes:
        missing: steps that are not done, in order; empty without a venue, and when all are.
        camera: name of the first camera without a calibration; empty if there is none.
        is_hidden: the user has put the checklist away, until a venue is opened.
    """

    missing: tuple[SetUpStep, ...] = ()
    camera: str = ""
    is_hidden: bool = False

    @property
    def next_step(self) -> SetUpStep | None:
        return self.missing[0] if self.missing else None


class SetUpViewModel(VenueViewModel[SetUpState]):
    """Follows what the open venue lacks."""

    step_requested = Signal(object)
    """The `SetUpStep` that the user wants to do."""

    def __init__(self, *, monitor: PipelineMonitor, **parts: Unpack[VenueParts]) -> None:
        super().__init__(SetUpState(), **parts)
        self._monitor = monitor
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._show)
        monitor.started.connect(self._show)
        monitor.stopped.connect(self._show)

    def do(self, step: SetUpStep) -> None:
        self.step_requested.emit(step)

    def hide(self) -> None:
        """Put the checklist away until a venue is opened."""
        self._change_state(is_hidden=True)

    def _on_venue_opened(self) -> None:
        self._change_state(is_hidden=False)
        self._show()

    def _show(self, *_change: object) -> None:
        venue = self._app_state.venue
        missing = () if venue is None else list_missing_steps(venue)
        if self._monitor.is_active:
            missing = tuple(step for step in missing if step is not SetUpStep.RECORDING)
        self._change_state(missing=missing, camera="" if venue is None else find_uncalibrated(venue))


class SetUpStrip(Translated, QFrame):
    """The checklist in one line; hidden when nothing is missing."""

    def __init__(self, viewmodel: SetUpViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._is_allowed = True
        self.setProperty("role", "banner")
        theme = current_theme()
        self._title = make_label(role="muted", parent=self)
        self._steps = {step: QToolButton(self) for step in SetUpStep}
        style_tools("quiet", *self._steps.values())
        for step, button in self._steps.items():
            button.setIconSize(QSize(_ICON_PX, _ICON_PX))
            button.clicked.connect(partial(viewmodel.do, step))
        self._next, self._close = QPushButton(self), QToolButton(self)
        self._next.setProperty("role", "primary")
        self._next.clicked.connect(self._on_next_clicked)
        style_tools("quiet", self._close)
        self._close.clicked.connect(viewmodel.hide)
        row = make_row(
            self, margins=(theme.space_m, theme.space_s, theme.space_s, theme.space_s), spacing=theme.space_xs
        )
        fill(row, self._title)
        for number, button in enumerate(self._steps.values()):
            if number:
                row.addWidget(QLabel("›", self))
            row.addWidget(button)
        fill(row, 1, self._next, self._close)
        viewmodel.state_changed.connect(self._render)
        self.retranslate()

    def allow(self, is_allowed: bool) -> None:
        """Set whether the page in front may show the checklist."""
        self._is_allowed = is_allowed
        self._show()

    def retranslate(self) -> None:
        self._title.setText(tr("Set up"))
        self._close.setAccessibleName(tr("Hide the checklist"))
        self._close.setToolTip(tr("Hide the checklist"))
        self._render()

    def _recolour(self) -> None:
        self._render()

    def _render(self) -> None:
        state, theme = self._viewmodel.state, current_theme()
        for step, button in self._steps.items():
            is_done, is_next = step not in state.missing, step is state.next_step
            name = _name_step(step)
            button.setText(name)
            button.setToolButtonStyle(_BESIDE if is_done else _TEXT)
            button.setIcon(make_icon("well", theme.good))
            button.setAccessibleName(
                tr("Set-up step {step}, done", step=name) if is_done else tr("Set-up step {step}", step=name)
            )
            font = button.font()
            font.setBold(is_next)
            button.setFont(font)
            button.setEnabled(has_permission(_PERMISSIONS[step]))
        self._close.setIcon(make_icon("close"))
        following = state.next_step
        if following is not None:
            name_control(self._next, _name_next(following, state.camera))
            self._next.setEnabled(has_permission(_PERMISSIONS[following]))
        self._show()

    def _show(self) -> None:
        state = self._viewmodel.state
        self.setVisible(self._is_allowed and state.next_step is not None and not state.is_hidden)

    def _on_next_clicked(self) -> None:
        step = self._viewmodel.state.next_step
        if step is not None:
            self._viewmodel.do(step)


def _name_step(step: SetUpStep) -> str:
    return {
        SetUpStep.PLAN: tr("Hall plan"),
        SetUpStep.CAMERA: tr("Camera"),
        SetUpStep.CALIBRATION: tr("Calibration"),
        SetUpStep.ZONES: tr("Zones"),
        SetUpStep.RECORDING: tr("Recording"),
    }[step]


def _name_next(step: SetUpStep, camera: str) -> str:
    return {
        SetUpStep.PLAN: tr("Next: import the plan"),
        SetUpStep.CAMERA: tr("Next: add a camera"),
        SetUpStep.CALIBRATION: tr("Next: calibrate {camera}", camera=display_name(camera)),
        SetUpStep.ZONES: tr("Next: draw zones"),
        SetUpStep.RECORDING: tr("Next: start recording"),
    }[step]

"""What the frame around the pages shows of a recording: header, rail and status bar."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.gui.translation import tr, trn
from app.gui.viewmodels.shell import ShellState, ShellViewModel
from app.gui.viewmodels.shell_words import describe_recording
from app.gui.widgets.job_status_bar import JobStatusBar
from app.gui.widgets.navigation_rail import NavigationRail
from app.gui.widgets.window_header import WindowHeader


def show_pipeline(
    state: ShellState, header: WindowHeader, rail: NavigationRail, status: JobStatusBar
) -> None:
    """Say whether a venue is recorded, how many of its cameras give pictures, and how fast."""
    header.set_recording(
        is_recording=state.is_recording,
        is_waiting=state.is_waiting,
        is_possible=state.is_recording or (state.has_venue and state.cameras > 0),
    )
    live, total = state.cameras_live, state.cameras
    if not state.has_venue:
        pill, tone = tr("No venue is open"), "muted"
    elif not state.is_recording:
        pill, tone = tr("Not recording"), "muted"
    elif state.is_loading:
        pill, tone = tr("Loading the model"), "warning"
    else:
        pill = trn("{live} of {n} camera online", "{live} of {n} cameras online", total, live=live)
        tone = "good" if live == total else "warning" if live else "bad"
    rail.set_status(pill, tone)
    recording = state.is_recording and not state.is_waiting
    status.set_pipeline(
        cameras=trn("{n} camera", "{n} cameras", total) if state.has_venue else "",
        rate=tr("{fps:.1f} frames a second", fps=state.fps_analysed) if recording else "",
        recording=(
            describe_recording(is_recording=recording, people=state.people, restarts=state.restarts)
            + (f" · {state.recorded_by}" if state.recorded_by else "")
        )
        if state.has_venue
        else "",
    )


def ask_to_stop(window: QWidget, shell: ShellViewModel) -> None:
    """Ask whether the recording of another process is to stop."""
    question = QMessageBox(QMessageBox.Icon.Question, "ExpoFlow", shell.state.recorded_by, parent=window)
    question.setInformativeText(
        tr("Let it stop? What it has counted is kept. A service begins again with the machine.")
    )
    stop = question.addButton(tr("Stop the recording"), QMessageBox.ButtonRole.DestructiveRole)
    go_on = question.addButton(tr("Let it go on"), QMessageBox.ButtonRole.RejectRole)
    question.setDefaultButton(go_on)
    stop.clicked.connect(shell.stop_other_recording)
    question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    question.open()

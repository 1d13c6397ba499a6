"""Fourth step of the wizard that adds a camera: its first picture, and what it sends at what cost."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.camera_wizard import CameraWizardViewModel
from app.gui.viewmodels.camera_wizard_state import CameraWizardState
from app.gui.widgets.figure_list import FigureList
from app.gui.widgets.still_picture import StillPicture


class TrialPage(QWidget):
    """The trial itself begins when the step is taken."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = StillPicture(self)
        self._figures = FigureList(self)
        self._advice = QLabel(self)
        self._advice.setProperty("role", "warning")
        self._advice.setTextFormat(Qt.TextFormat.PlainText)
        self._advice.setWordWrap(True)
        self._transport = QComboBox(self)
        self._transport.setAccessibleName(tr("Transport"))
        self._transport.addItem(tr("TCP: nothing gets lost (usual)"), "tcp")
        self._transport.addItem(tr("UDP: for cameras that offer no TCP"), "udp")
        self._again = QPushButton(tr("Try again"), self)
        self._again.setAccessibleName(tr("Try again"))
        beside = QVBoxLayout()
        beside.addWidget(self._figures)
        beside.addStretch(1)
        beside.addWidget(self._transport)
        beside.addWidget(self._again)
        row = QHBoxLayout()
        row.setSpacing(current_theme().space_l)
        row.addWidget(self._picture, 6, Qt.AlignmentFlag.AlignTop)
        row.addLayout(beside, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_theme().space_m)
        column.addLayout(row, 1)
        column.addWidget(self._advice)
        self._again.clicked.connect(viewmodel.try_camera)
        self._transport.activated.connect(
            lambda _row: viewmodel.choose_transport(self._transport.currentData())
        )

    @property
    def has_picture(self) -> bool:
        """Whether the camera's picture is shown."""
        return self._picture.has_picture

    def focus_first(self) -> None:
        """Put the keyboard where this step is repeated."""
        self._again.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        """Show what came of the trial."""
        report = state.report
        if report is None:
            words = tr("The first picture appears here.") if state.is_busy else tr("No picture")
            self._picture.show_picture(b"", (0, 0), words=words)
        else:
            words = tr("First picture of the camera")
            self._picture.show_picture(report.preview_rgb, report.preview_wh, words=words)
        self._figures.show_figures(state.figures)
        self._advice.setText("\n".join(state.advice))
        self._advice.setVisible(bool(state.advice))
        self._transport.setVisible(state.has_transport)
        self._transport.setCurrentIndex(self._transport.findData(state.draft.transport))
        for control in (self._transport, self._again):
            control.setEnabled(not state.is_busy)

"""Last step of the wizard that adds a camera: its name, and what will be saved."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.camera_wizard import CameraWizardViewModel
from app.gui.viewmodels.camera_wizard_state import CameraWizardState
from app.gui.widgets.figure_list import FigureList


class NamePage(QWidget):
    """A camera's place on the floor is not asked for: its calibration gives it."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = QLineEdit(self)
        self._name.setAccessibleName(tr("Name"))
        self._summary = FigureList(self)
        placement = QLabel(
            tr(
                "Name it after what it looks at. Its place on the floor plan comes from its calibration: "
                "until then its picture is shown, but nobody in it is counted."
            ),
            self,
        )
        placement.setProperty("role", "muted")
        placement.setWordWrap(True)
        self._change = QLabel(self)
        self._change.setProperty("role", "warning")
        self._change.setTextFormat(Qt.TextFormat.PlainText)
        self._change.setWordWrap(True)
        form = QFormLayout()
        form.addRow(tr("Name"), self._name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_theme().space_m)
        column.addWidget(placement)
        column.addLayout(form)
        column.addWidget(self._change)
        column.addWidget(self._summary)
        column.addStretch(1)
        self._name.textEdited.connect(lambda text: viewmodel.enter(replace(viewmodel.state.draft, name=text)))

    def focus_first(self) -> None:
        """Put the keyboard into the name, ready to be replaced."""
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)
        self._name.selectAll()

    def render_state(self, state: CameraWizardState) -> None:
        """Show the name and what will be saved with it."""
        if self._name.text() != state.draft.name:
            self._name.setText(state.draft.name)
        self._change.setText(
            tr(
                "There is a camera of this name. It gets this address and login; its calibration and what "
                "was counted stay."
            )
        )
        self._change.setVisible(state.is_change)
        self._summary.show_figures(state.summary)
        self.setEnabled(not state.is_busy)

"""Third step of the wizard that adds a camera: main stream or sub-stream, and why."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.gui.theme import current_theme
from app.gui.translation import tr
from app.gui.viewmodels.camera_wizard import CameraWizardViewModel
from app.gui.viewmodels.camera_wizard_state import CameraWizardState
from app.gui.widgets.choice_list import ChoiceList
from app.operations.find_cameras import SUB_STREAM_EXPLANATION


class StreamPage(QWidget):
    """Lists what the camera offers."""

    def __init__(self, viewmodel: CameraWizardViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._streams = ChoiceList(self)
        self._streams.setAccessibleName(tr("Streams of the camera"))
        explanation = QLabel(tr(SUB_STREAM_EXPLANATION), self)
        explanation.setProperty("role", "muted")
        explanation.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(current_theme().space_m)
        column.addWidget(explanation)
        column.addWidget(self._streams, 1)
        self._streams.chosen.connect(
            lambda location: viewmodel.enter(replace(viewmodel.state.draft, stream=location))
        )

    def focus_first(self) -> None:
        """Put the keyboard where this step begins."""
        self._streams.setFocus(Qt.FocusReason.OtherFocusReason)

    def render_state(self, state: CameraWizardState) -> None:
        """Show the streams and which is chosen."""
        offered = [
            (stream.location, words) for stream, words in zip(state.streams, state.stream_words, strict=True)
        ]
        self._streams.show_choices(offered, state.draft.stream)

"""Asks which recording clips are to be taken of, and when it began."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QDateTime, QTimeZone, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDateTimeEdit,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from analytics.domain.identifiers import CameraId
from app.gui.translation import display_name, tr
from app.gui.viewmodels.validation_state import RecordingChoices
from app.operations.validation_recorded import Recording

_MS = 1000


class RecordingDialog(QDialog):
    """Open it with ``open``."""

    chosen = Signal(object)
    """A `Recording`."""

    def __init__(self, choices: RecordingChoices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices = choices
        self.setWindowTitle(tr("Clips of a recording"))
        self.camera, self.file, self.begins = QComboBox(self), QLineEdit(self), QDateTimeEdit(self)
        self._browse = QPushButton(tr("Choose"), self)
        hint = QLabel(
            tr(
                "The recording must have been analysed into this venue's history. Only stretches whose time "
                "is in the history can be compared."
            ),
            self,
        )
        hint.setWordWrap(True)
        hint.setProperty("role", "muted")
        self.begins.setTimeZone(QTimeZone(choices.time_zone.encode()))
        self.begins.setDisplayFormat("yyyy-MM-dd HH:mm:ss")
        for camera in choices.cameras:
            self.camera.addItem(display_name(camera.name), camera.name)
        file_row = QHBoxLayout()
        file_row.addWidget(self.file, 1)
        file_row.addWidget(self._browse)
        form = QFormLayout()
        for text, control, field in (
            (tr("Camera"), self.camera, self.camera),
            (tr("Video file"), self.file, file_row),
            (tr("Began at ({zone})", zone=choices.time_zone), self.begins, self.begins),
        ):
            form.addRow(text, field)
            control.setAccessibleName(text)
        self._browse.setAccessibleName(tr("Choose a video file"))
        buttons = QDialogButtonBox(self)
        self.take = buttons.addButton(tr("Take clips"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.take.setProperty("role", "primary")
        cancel = buttons.addButton(tr("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        for button in (self.take, cancel):
            button.setAccessibleName(button.text())
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(hint)
        column.addWidget(buttons)
        self.resize(560, self.sizeHint().height())
        self.camera.currentIndexChanged.connect(self._on_camera_chosen)
        self._browse.clicked.connect(self._on_browse_clicked)
        self.file.textChanged.connect(self._show_take)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        self._on_camera_chosen(0)
        self._show_take()

    def _on_camera_chosen(self, row: int) -> None:
        if 0 <= row < len(self._choices.cameras):
            known = self._choices.cameras[row]
            self.file.setText(known.file)
            moment = QDateTime.fromMSecsSinceEpoch(round(_MS * known.start_utc_s))
            self.begins.setDateTime(moment.toTimeZone(QTimeZone(self._choices.time_zone.encode())))

    def _on_browse_clicked(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(
            self,
            tr("Choose a video file"),
            self.file.text(),
            f"{tr('Videos')} (*.mp4 *.mkv *.avi *.mov *.ts *.webm);;{tr('All files')} (*)",
        )
        if file:
            self.file.setText(file)

    def _show_take(self) -> None:
        self.take.setEnabled(bool(self.file.text().strip()))

    def _on_accepted(self) -> None:
        self.accept()
        self.chosen.emit(
            Recording(
                Path(self.file.text().strip()),
                CameraId(self.camera.currentData()),
                self.begins.dateTime().toMSecsSinceEpoch() / _MS,
            )
        )

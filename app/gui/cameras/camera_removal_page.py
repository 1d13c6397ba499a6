"""Confirmation of removing a camera, and a notice with undo."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from app.error_reporting import ErrorReport
from app.gui.cameras.camera_removal_model import CameraRemovalViewModel
from app.gui.session.translation import display_name, tr
from app.gui.widgets.notification_banner import NotificationBanner


class CameraRemovalNotice(NotificationBanner):
    """A notice that is hidden until a camera was removed, or could not be."""

    def __init__(self, viewmodel: CameraRemovalViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewmodel.setParent(self)
        self._viewmodel = viewmodel
        self._question: QMessageBox | None = None
        viewmodel.removed.connect(self._on_removed)
        viewmodel.restored.connect(self._on_restored)
        viewmodel.failed.connect(self._on_failed)
        viewmodel.undo_expired.connect(self.hide)
        self.action_chosen.connect(viewmodel.undo)

    @property
    def open_question(self) -> QMessageBox | None:
        return self._question

    def ask(self, camera: str) -> None:
        if self._question is not None or not self._viewmodel.is_possible(camera):
            return
        title = tr("Remove {camera}?", camera=display_name(camera))
        dialog = QMessageBox(
            QMessageBox.Icon.Warning, title, title, QMessageBox.StandardButton.Cancel, self.window()
        )
        dialog.setInformativeText(
            tr(
                "Its address, calibration and masks will be removed. Recorded data remains, but "
                "floor seen only by this camera counts as not observed, also in the past. Its "
                "password is kept. You can undo this until the venue is closed."
            )
        )
        remove = dialog.addButton(tr("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        dialog.setDefaultButton(QMessageBox.StandardButton.Cancel)
        dialog.setEscapeButton(QMessageBox.StandardButton.Cancel)

        def finish() -> None:
            self._question = None
            is_agreed = dialog.clickedButton() is remove
            dialog.deleteLater()
            if is_agreed:
                self._viewmodel.remove(camera)

        self._question = dialog
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.finished.connect(finish)
        dialog.open()

    def _on_removed(self, camera: str) -> None:
        self.show_message(
            lambda: tr("{camera} was removed.", camera=display_name(camera)),
            lambda: tr("Recorded data remains."),
            tone="neutral",
            action=lambda: tr("Undo"),
        )

    def _on_restored(self, camera: str) -> None:
        self.show_message(lambda: tr("{camera} was restored.", camera=display_name(camera)), tone="good")

    def _on_failed(self, report: ErrorReport) -> None:
        self.show_message(lambda: report.render(tr).problem, lambda: report.render(tr).remedy)

"""A picture of visitors leaves the program only after a person was told what that means, and asked twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from app.gui.translation import display_name, tr

_SUFFIX = ".png"


class SnapshotQuestions(QWidget):
    """Three windows, one after the other: what it means, where to, and once more; each may end it."""

    confirmed = Signal(str, str)
    """(camera, file): both questions were answered with yes."""
    refused = Signal(str)
    """A camera's name: nothing is saved."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self._open: QDialog | None = None

    @property
    def open_dialog(self) -> QDialog | None:
        """The question that is asked now."""
        return self._open

    def ask(self, camera: str, *, is_blurred: bool) -> None:
        """Begin with the first question, unless one is open."""
        if self._open is not None:
            return
        heads = (
            tr("The heads of people who were found are made unrecognisable; others' heads are not.")
            if is_blurred
            else tr("Blurring is off: people in it can be recognised.")
        )
        self._ask_yes_or_no(
            camera,
            tr("Save a picture of visitors?"),
            tr(
                "ExpoFlow counts people without keeping pictures. A saved picture shows people who did not "
                "agree to it, and you become responsible for where it goes and when it is deleted."
            )
            + "\n\n"
            + heads,
            lambda: self._ask_where(camera),
        )

    def _ask_where(self, camera: str) -> None:
        dialog = QFileDialog(self.window(), tr("Save the picture of {camera}", camera=display_name(camera)))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("PNG picture") + f" (*{_SUFFIX})")
        dialog.setDefaultSuffix(_SUFFIX[1:])
        dialog.selectFile(f"{_make_file_name(camera)}{_SUFFIX}")

        def finish(result: int) -> None:
            files = dialog.selectedFiles()
            self._close(dialog)
            if result == QDialog.DialogCode.Accepted and files:
                self._ask_again(camera, files[0])
            else:
                self.refused.emit(camera)

        self._show(dialog, finish)

    def _ask_again(self, camera: str, file: str) -> None:
        self._ask_yes_or_no(
            camera,
            tr("Really save this picture?"),
            tr(
                "The picture that camera {camera} shows at this moment is written to {file}.",
                camera=display_name(camera),
                file=Path(file).name,
            ),
            lambda: self.confirmed.emit(camera, file),
        )

    def _ask_yes_or_no(self, camera: str, title: str, text: str, on_yes: Callable[[], None]) -> None:
        dialog = QMessageBox(
            QMessageBox.Icon.Warning,
            title,
            title,
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            self.window(),
        )
        dialog.setInformativeText(text)
        dialog.setDefaultButton(QMessageBox.StandardButton.No)
        dialog.setEscapeButton(QMessageBox.StandardButton.No)

        def finish(result: int) -> None:
            self._close(dialog)
            if result == QMessageBox.StandardButton.Yes:
                on_yes()
            else:
                self.refused.emit(camera)

        self._show(dialog, finish)

    def _show(self, dialog: QDialog, finish: Callable[[int], None]) -> None:
        self._open = dialog
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.finished.connect(finish)
        dialog.open()

    def _close(self, dialog: QDialog) -> None:
        self._open = None
        dialog.deleteLater()


def _make_file_name(camera: str) -> str:
    """A camera's name without what a file's name may not hold."""
    return "".join(letter if letter.isalnum() or letter in "-_ " else "_" for letter in camera)

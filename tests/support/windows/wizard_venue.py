"""The wizard that adds a camera over a venue on disk, operated by what a person sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.cameras.probe_camera import find_cameras
from app.core.credentials import MemoryCredentialStore
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.gui.cameras.camera_wizard_model import CameraWizardViewModel, FindCameras
from app.gui.cameras.camera_wizard_page import CameraWizard
from app.gui.cameras.camera_wizard_text import CameraWizardState, WizardStep
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from tests.support.halls.live_venue import make_live_venue
from vision.sources.usb_devices import UsbDevice

Kind = TypeVar("Kind", bound=QWidget)
ANSWERS_WITHIN_MS = 60_000
"""A trial starts a program of its own; on a busy machine that takes a while."""


def make_venue_on_disk(folder: Path, cameras: int = 0) -> Venue:
    venue = make_live_venue(folder, cameras)
    venue.folder.mkdir()
    write_venue(venue)
    return venue


class OpenedWizard:
    """The wizard, and everything around it that a test sets."""

    def __init__(
        self,
        qtbot: QtBot,
        venue: Venue,
        job_runner: JobRunner,
        *,
        find: FindCameras = find_cameras,
        list_usb: Callable[[], tuple[UsbDevice, ...] | None] = lambda: (),
    ) -> None:
        self.qtbot = qtbot
        self.folder = venue.folder
        self.store = MemoryCredentialStore()
        self.app_state = AppState()
        self.app_state.show_venue(venue)
        self.job_runner = job_runner
        self.viewmodel = CameraWizardViewModel(
            app_state=self.app_state,
            job_runner=job_runner,
            open_credentials=lambda: self.store,
            find=find,
            list_usb=list_usb,
        )
        self.dialog = CameraWizard(self.viewmodel)
        qtbot.addWidget(self.dialog)
        self.dialog.show()
        with qtbot.waitActive(self.dialog):
            self.dialog.activateWindow()

    @property
    def state(self) -> CameraWizardState:
        return self.viewmodel.state

    @property
    def saved(self) -> Venue:
        """What is on disk."""
        return read_venue(self.folder)

    def button(self, name: str) -> QAbstractButton:
        (button,) = [
            b
            for b in self.dialog.findChildren(QAbstractButton)
            if b.accessibleName() == name and b.isVisible()
        ]
        return button

    def click(self, name: str) -> None:
        self.qtbot.waitUntil(lambda: not self.button(name).rect().isEmpty())
        assert self.button(name).isEnabled(), name
        self.qtbot.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def line(self, name: str) -> QLineEdit:
        return self._find(QLineEdit, name)

    def write(self, name: str, text: str) -> None:
        line = self.line(name)
        line.setFocus()
        line.selectAll()
        self.qtbot.keyClicks(line, text)

    def choose(self, name: str, words: str) -> None:
        box = self._find(QComboBox, name)
        row = box.findText(words)
        assert row >= 0, [box.itemText(n) for n in range(box.count())]
        box.setCurrentIndex(row)
        box.activated.emit(row)

    def number(self, name: str) -> QDoubleSpinBox:
        return self._find(QDoubleSpinBox, name)

    def list(self, name: str) -> list[str]:
        found = self._find(QListWidget, name)
        return [found.item(row).text() for row in range(found.count())]

    def press(self, key: Qt.Key) -> None:
        """Press a key wherever the keyboard is."""
        self.qtbot.keyClick(QApplication.focusWidget() or self.dialog, key)

    def type(self, text: str) -> None:
        """Type wherever the keyboard is."""
        self.qtbot.keyClicks(QApplication.focusWidget(), text)

    def wait_for(self, step: WizardStep) -> None:
        """Until a step is shown and nothing is being done."""
        self.qtbot.waitUntil(
            lambda: self.state.step is step and not self.state.is_busy, timeout=ANSWERS_WITHIN_MS
        )

    def words(self) -> str:
        """All that can be read."""
        labels = [label.text() for label in self.dialog.findChildren(QLabel) if label.isVisible()]
        return "\n".join(labels)

    def _find(self, kind: type[Kind], name: str) -> Kind:
        (widget,) = [
            w for w in self.dialog.findChildren(kind) if w.accessibleName() == name and w.isVisible()
        ]
        return widget

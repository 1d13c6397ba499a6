"""View-model of the welcome page."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from analytics.domain.errors import ExpoFlowError
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.demo.ready_venue import is_demo_venue
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.translation import tr
from app.gui.settings.model import SettingsViewModel
from app.gui.window.shell import NewVenue, ShellViewModel

if TYPE_CHECKING:
    from app.gui.cameras.camera_wizard_model import CameraWizardViewModel


@dataclass(frozen=True, slots=True)
class RecentVenue:
    """A recently opened venue.

    Attributes:
        name: the exhibition's; the folder's until that is read, and where it cannot be.
        is_demonstration: its name is shown in the window's language.
    """

    folder: Path
    name: str
    is_demonstration: bool = False


@dataclass(frozen=True, slots=True)
class WelcomeState:
    """The recently opened venues, the latest first."""

    recent_venues: tuple[RecentVenue, ...] = ()
    has_demonstration: bool = False


class WelcomeViewModel(QObject):
    state_changed = Signal()
    demonstration_requested = Signal()

    def __init__(
        self,
        *,
        app_state: AppState,
        shell: ShellViewModel,
        settings: SettingsViewModel,
        job_runner: JobRunner,
        has_demonstration: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state = app_state
        self._shell = shell
        self._settings = settings
        self._job_runner = job_runner
        self._has_demonstration = has_demonstration
        self._known: dict[Path, RecentVenue] = {}
        self._asked: set[Path] = set()
        settings.state_changed.connect(self._on_settings_changed)

    @property
    def state(self) -> WelcomeState:
        folders = self._settings.state.recent_venues
        recent = tuple(self._known.get(folder) or RecentVenue(folder, folder.stem) for folder in folders)
        return WelcomeState(recent, self._has_demonstration)

    def read_names(self) -> None:
        unread = [folder for folder in self._settings.state.recent_venues if folder not in self._asked]
        if unread:
            self._asked.update(unread)
            self._job_runner.run(
                lambda: tr("Reading the names of recent venues"),
                lambda context: _read_names(unread, context),
                on_done=self._on_names_read,
            )

    def open_venue(self, folder: Path) -> None:
        self._shell.open_venue(folder)

    def create_venue(self, new: NewVenue) -> JobHandle | None:
        return self._shell.create_venue(new)

    def try_camera(self) -> CameraWizardViewModel:
        """Return the wizard for a camera that is tried before there is a venue."""
        from app.gui.cameras.camera_wizard_model import CameraWizardViewModel

        return CameraWizardViewModel(app_state=self._app_state, job_runner=self._job_runner)

    def open_demonstration(self) -> None:
        """Open the demo, which needs no cameras."""
        self.demonstration_requested.emit()

    def _on_names_read(self, venues: tuple[RecentVenue, ...]) -> None:
        self._known.update({venue.folder: venue for venue in venues})
        self.state_changed.emit()

    def _on_settings_changed(self) -> None:
        self.state_changed.emit()


def _read_names(folders: list[Path], context: JobContext) -> tuple[RecentVenue, ...]:
    venues = []
    for number, folder in enumerate(folders):
        context.checkpoint(number, len(folders))
        # a missing folder stays in the list; opening it reports the error
        with contextlib.suppress(ExpoFlowError):
            venue = read_venue(folder)
            venues.append(RecentVenue(folder, venue.exhibition.name, is_demo_venue(venue)))
    return tuple(venues)

"""The ways into the program while no venue is open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.gui.viewmodels.settings import SettingsViewModel
from app.gui.viewmodels.shell import ShellViewModel


@dataclass(frozen=True, slots=True)
class WelcomeState:
    """The venues that were open lately, the latest first."""

    recent_venues: tuple[Path, ...] = ()
    has_demonstration: bool = False


class WelcomeViewModel(QObject):
    """Passes on what a person chooses."""

    state_changed = Signal()
    demonstration_asked = Signal()

    def __init__(
        self,
        *,
        shell: ShellViewModel,
        settings: SettingsViewModel,
        has_demonstration: bool,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._shell = shell
        self._settings = settings
        self._has_demonstration = has_demonstration
        settings.state_changed.connect(self._on_settings_changed)

    @property
    def state(self) -> WelcomeState:
        """What to show now."""
        return WelcomeState(self._settings.state.recent_venues, self._has_demonstration)

    def open_venue(self, folder: Path) -> None:
        """Open a venue's folder."""
        self._shell.open_venue(folder)

    def create_venue(self, folder: Path, *, name: str, time_zone: str, size_m: tuple[float, float]) -> None:
        """Create a venue and open it; ``size_m`` is width and depth in metres."""
        self._shell.create_venue(folder, name=name, time_zone=time_zone, size_m=size_m)

    def open_demonstration(self) -> None:
        """Show a hall that needs no cameras."""
        self.demonstration_asked.emit()

    def _on_settings_changed(self) -> None:
        self.state_changed.emit()

"""Looks whether another process records the open venue, and lets the window look at it if so."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.gui.session.app_state import AppState
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.recording.announcement import find_other_recorder

LOOK_EVERY_MS = 2000


class RecorderWatch(QObject):
    """Looks when a venue is opened, and every two seconds while nothing is recorded."""

    def __init__(
        self, *, app_state: AppState, monitor: PipelineMonitor, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._app_state, self._monitor = app_state, monitor
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)
        app_state.venue_opened.connect(self._on_venue_opened)

    def look(self) -> None:
        """Let the window look at whoever records the venue, unless it looks at somebody already."""
        venue = self._app_state.venue
        if venue is None or self._monitor.is_active:
            return
        recorder = find_other_recorder(venue.folder)
        if recorder is not None:
            self._monitor.attach(venue.folder, recorder)

    def _on_venue_opened(self) -> None:
        if self._app_state.venue is None:
            self._timer.stop()
            return
        self._timer.start()
        self.look()

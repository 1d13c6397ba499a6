"""How the recording of the open venue is, now and over the last hours."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QObject

from analytics.domain.errors import fill_template
from app.error_reporting import ErrorReport
from app.gui.doctor.health_text import HealthLine, describe_lines
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_moment
from app.gui.session.job_runner import JobRunner
from app.gui.session.recorder_words import describe_own_recording, describe_recorder
from app.gui.session.translation import tr
from app.gui.session.view_model import ViewModel
from app.gui.session.watch_timer import WatchTimer
from app.recording.recorder_health import RecorderHealth, find_health
from app.recording.recording_session import is_own_recording
from vision.pipeline.pipeline_status import CameraStatus

LOOK_EVERY_MS = 10_000
_KEY = "health"


@dataclass(frozen=True, slots=True)
class HealthState:
    """The page at one moment; texts are translated.

    Attributes:
        headline: who records, or that nobody does.
        note: what of it needs attention.
        lines: of the last hours, from ``from_s`` (by the venue's clock in ``from_words``) to ``to_s``.
    """

    has_venue: bool = False
    headline: str = ""
    note: str = ""
    cameras: tuple[CameraStatus, ...] = ()
    lines: tuple[HealthLine, ...] = ()
    from_s: float = 0.0
    from_words: str = ""
    to_s: float = 0.0
    problem: str = ""
    remedy: str = ""


class HealthViewModel(ViewModel[HealthState]):
    """Looks every ten seconds while the page is seen."""

    def __init__(self, *, app_state: AppState, job_runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._found: RecorderHealth | None = None
        self._failure: ErrorReport | None = None
        self._state = HealthState()
        self._watch = WatchTimer(self.look, every_ms=LOOK_EVERY_MS, parent=self)
        app_state.venue_opened.connect(self._on_venue_opened)

    def set_active(self, is_active: bool) -> None:
        """Say whether anybody looks at the page."""
        self._watch.set_active(is_active)

    def look(self) -> None:
        """Look again."""
        venue = self._app_state.venue
        if venue is None:
            self.refresh()
            return
        self._job_runner.run_latest(
            _KEY,
            lambda: tr("Looking at the health of the recording"),
            lambda _context: find_health(venue.folder),
            on_done=self._on_found,
            on_failed=self._on_failed,
        )

    def refresh(self) -> None:
        """Put the state together anew, in the present language."""
        state = self._compose()
        if state != self._state:
            self._state = state
            self.state_changed.emit()

    def _compose(self) -> HealthState:
        venue, found = self._app_state.venue, self._found
        if venue is None:
            return HealthState()
        state = HealthState(has_venue=True)
        if self._failure is not None:
            told = self._failure.tell_again(tr)
            state = replace(state, problem=told.problem, remedy=told.remedy)
        if found is None:
            return state
        recorder, status = found.recorder, found.status
        if recorder is None:
            headline = tr("Nobody records this venue on this machine.")
        elif is_own_recording(recorder):
            headline = describe_own_recording(recorder, time_zone=venue.exhibition.time_zone)
        else:
            headline = describe_recorder(recorder, time_zone=venue.exhibition.time_zone)
        note = ""
        if status is not None and (phrase := status.history.describe()) is not None:
            note = fill_template(phrase.template, phrase.fields, tr)
        elif recorder is not None and status is None:
            note = tr("Its account shares nothing with yours: join the group of that name, or ask root.")
        from_s = found.samples[0].at_utc_s if found.samples else found.at_utc_s
        return replace(
            state,
            headline=headline,
            note=note,
            cameras=() if status is None else status.cameras,
            lines=describe_lines(found.samples),
            from_s=from_s,
            from_words=format_moment(from_s, time_zone=venue.exhibition.time_zone),
            to_s=found.at_utc_s,
        )

    def _on_found(self, found: RecorderHealth) -> None:
        self._found, self._failure = found, None
        self.refresh()

    def _on_failed(self, report: ErrorReport) -> None:
        self._failure = report
        self.refresh()

    def _on_venue_opened(self) -> None:
        self._found, self._failure = None, None
        self.refresh()
        self._watch.look_if_active()

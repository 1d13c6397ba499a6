"""View-model of the REST interface of the open venue: its settings, tokens and server process."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Unpack

from PySide6.QtCore import QObject, Signal

from analytics.domain.errors import PipelineError
from app.access.guard import require
from app.access.roles import Permission
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import BackgroundCommand, JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel, WatchTimer
from app.integrations.rest.access_tokens import AccessToken, Scope, read_tokens
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest, revoke_token, save_rest
from app.integrations.serving import is_served


@dataclass(frozen=True, slots=True)
class PublisherReport:
    """The state of one publisher; ``failure`` in words, empty while there is none."""

    name: str
    published: int
    failed: int
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ServingReport:
    """The latest state of the server process.

    Attributes:
        last_utc_s: time of the last request; None if there was none.
        tokens_utc_s: time of each token's last request, by token identifier.
    """

    publishers: tuple[PublisherReport, ...] = ()
    answered: int = 0
    refused: int = 0
    last_utc_s: float | None = None
    tokens_utc_s: dict[str, float] = field(default_factory=dict)


class ServingChild(BackgroundCommand):
    """A server process; at most one runs at a time."""

    def __init__(self, parent: QObject | None = None) -> None:
        error = PipelineError("The server for other systems cannot be started.", "Install ExpoFlow again.")
        super().__init__(error, parent)
        self._report: ServingReport | None = None
        self.line_read.connect(self._take_report)

    @property
    def report(self) -> ServingReport | None:
        """Return its latest report; None before the first."""
        return self._report if self.is_running else None

    def serve(self, folder: Path) -> None:
        """Serve a venue, after a process that is ending has ended. Does nothing while one runs."""
        self.start("serve", "--venue", str(folder), "--json")

    def _take_report(self, line: bytes) -> None:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            self._report = _unpack(json.loads(line))
        self.changed.emit()

    def _forget(self) -> None:
        self._report = None
        super()._forget()


def _unpack(line: dict[str, Any]) -> ServingReport:
    rest = line["rest"] or {}
    return ServingReport(
        tuple(
            PublisherReport(
                str(one["name"]), int(one["published"]), int(one["failed"]), str(one["failure"] or "")
            )
            for one in line["publishers"]
        ),
        int(rest.get("admitted", 0)),
        int(rest.get("refused", 0)),
        rest.get("last_utc_s"),
        {str(key): float(value) for key, value in rest.get("tokens_utc_s", {}).items()},
    )


POLL_INTERVAL_MS = 5000


class Serving(Enum):
    """Location of the server, if it runs."""

    OFF = "off"
    STARTING = "starting"
    HERE = "here"
    """A child process of this window, which ends with it."""
    STOPPING = "stopping"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class OtherSystemsState:
    """The state of the card.

    Attributes:
        report: state of this window's server process; None before its first report.
        failure: why the settings cannot be read; nothing is served then.
    """

    folder: Path | None = None
    time_zone: str = "UTC"
    settings: RestSettings = field(default_factory=RestSettings)
    tokens: tuple[AccessToken, ...] = ()
    serving: Serving = Serving.OFF
    report: ServingReport | None = None
    failure: ErrorReport | None = None


class OtherSystemsViewModel(VenueViewModel[OtherSystemsState]):
    """A view-model that saves every change at once; another program's server applies it after a restart."""

    token_created = Signal(str, str)
    """Emitted with (name, secret); the secret is not stored and must be shown now."""
    failed = Signal(object)
    """Emitted with an `ErrorReport`."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(OtherSystemsState(), **parts)
        self._child = ServingChild(self)
        self._child.changed.connect(self._on_child_changed)
        self._child.failed.connect(self.failed)
        self._watch = WatchTimer(self.refresh, every_ms=POLL_INTERVAL_MS, parent=self)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Set whether the card is visible; changes by other programs are polled only then."""
        self._watch.set_active(is_active)

    def refresh(self) -> None:
        """Read the settings and the server's state again."""
        folder = self._state.folder
        if folder is None:
            return

        def work(_context: JobContext) -> tuple[RestSettings, tuple[AccessToken, ...], bool]:
            return read_rest(folder), read_tokens(folder), is_served(folder)

        self._job_runner.run_latest(
            "other systems",
            lambda: tr("Reading the settings of other systems"),
            work,
            on_done=lambda read: self._on_read(folder, *read),
            on_failed=lambda report: self._change_state(failure=report),
        )

    def save(self, settings: RestSettings) -> None:
        """Save the REST settings and restart a server of this window."""

        def work(folder: Path) -> RestSettings:
            return save_rest(folder, settings)

        self._edit(work, lambda _saved: self.restart_serving())

    def add_token(self, name: str, scopes: Collection[Scope]) -> JobHandle | None:
        """Add a token; its secret is emitted by `token_created`."""
        return self._edit(
            lambda folder: add_token(folder, name, scopes),
            lambda added: self.token_created.emit(added[0].name, added[1]),
        )

    def revoke(self, token_id: str) -> None:
        self._edit(lambda folder: revoke_token(folder, token_id), lambda _token: None)

    def start_serving(self) -> None:
        def work(folder: Path) -> Path:
            require(folder, Permission.INTEGRATE, action="serving started")
            return folder

        self._edit(work, self._child.serve)

    def restart_serving(self) -> None:
        """Restart a server of this window with changed settings; end it if no publisher is enabled."""
        if not self._child.is_running:
            return

        def work(folder: Path) -> bool:
            from app.integrations.enabled_publishers import is_any_publisher_enabled

            return is_any_publisher_enabled(folder)

        def on_done(is_enabled: bool) -> None:
            folder = self._state.folder
            self._child.stop()
            if is_enabled and folder is not None:
                self._child.serve(folder)

        self._edit(work, on_done)

    def stop_serving(self) -> None:
        self._child.stop()

    def close(self) -> None:
        """End the server process of this window and wait for it; the last call."""
        self._watch.stop()
        self._child.close()

    def _edit(self, work: Callable[[Path], object], on_done: Callable[..., object]) -> JobHandle | None:
        folder = self._state.folder
        if folder is None:
            return None

        def finish(result: object) -> None:
            on_done(result)
            self.refresh()

        def fail(report: ErrorReport) -> None:
            self.failed.emit(report)
            # reset the fields to the saved settings
            self.state_changed.emit()

        return self._job_runner.run(
            lambda: tr("Changing the access of other systems"),
            lambda _context: work(folder),
            on_done=finish,
            on_failed=fail,
        )

    def _on_venue_opened(self) -> None:
        venue = self._app_state.venue
        folder = None if venue is None else venue.folder
        if folder == self._state.folder:
            return
        self._child.stop()
        self._state = OtherSystemsState(folder, "UTC" if venue is None else venue.exhibition.time_zone)
        self.state_changed.emit()
        self._watch.run_if_active()

    def _on_read(
        self, folder: Path, settings: RestSettings, tokens: tuple[AccessToken, ...], is_served_elsewhere: bool
    ) -> None:
        if folder != self._state.folder:
            return
        serving = self._state.serving
        if not self._child.is_running:
            serving = Serving.ELSEWHERE if is_served_elsewhere else Serving.OFF
        self._change_state(settings=settings, tokens=tokens, serving=serving, failure=None)

    def _on_child_changed(self) -> None:
        report = self._child.report
        if not self._child.is_running:
            self._change_state(serving=Serving.OFF, report=None)
        elif self._child.is_ending:
            self._change_state(serving=Serving.STOPPING)
        else:
            self._change_state(serving=Serving.STARTING if report is None else Serving.HERE, report=report)

"""Which other systems may ask about the open venue, their tokens, and the program that answers them."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Unpack

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from analytics.domain.errors import PipelineError
from app.access.guard import require
from app.access.roles import Permission
from app.core.child_command import PROGRAM_FOLDER, find_failure, name_program
from app.core.job import JobContext
from app.error_reporting import PACKED_ERRORS, ErrorReport, describe_error
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel, WatchTimer
from app.integrations.rest.access_tokens import AccessToken, Scope, read_tokens
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest, revoke_token, save_rest
from app.integrations.serving import is_served

END_WITHIN_MS = 5000
CLOSE_WITHIN_MS = 2000
"""Of a window that closes; whatever the child was doing, killing it breaks nothing."""


@dataclass(frozen=True, slots=True)
class PublisherReport:
    """How one way of telling does; ``failure`` in words, empty while there is none."""

    name: str
    published: int
    failed: int
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ServingReport:
    """How the program does, of late.

    Attributes:
        last_utc_s: when somebody last asked; None: nobody has.
        tokens_utc_s: the same of each token, by its identifier.
    """

    publishers: tuple[PublisherReport, ...] = ()
    answered: int = 0
    refused: int = 0
    last_utc_s: float | None = None
    tokens_utc_s: dict[str, float] = field(default_factory=dict)


class ServingChild(QObject):
    """At most one child at a time."""

    changed = Signal()
    failed = Signal(object)
    """An `ErrorReport`: it could not be started, or ended by itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._report: ServingReport | None = None
        self._complained = b""
        self._is_ending = False
        self._next: Path | None = None
        self._limit = QTimer(self)
        self._limit.setSingleShot(True)
        self._limit.setInterval(END_WITHIN_MS)
        self._limit.timeout.connect(self._kill)

    @property
    def is_running(self) -> bool:
        """Whether there is a child, also one that was asked to end and has not yet."""
        return self._process is not None

    @property
    def is_ending(self) -> bool:
        """Whether the child was asked to end."""
        return self._is_ending

    @property
    def report(self) -> ServingReport | None:
        """What it said last; None before its first word."""
        return self._report

    def start(self, folder: Path) -> None:
        """Serve a venue; where a child is ending, as soon as it has. Does nothing while one runs."""
        if self._process is not None:
            self._next = folder if self._is_ending else None
            return
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert(PACKED_ERRORS, "1")
        process.setProcessEnvironment(environment)
        process.setWorkingDirectory(str(PROGRAM_FOLDER))
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_complaints)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process, self._report, self._complained, self._is_ending = process, None, b"", False
        command = [*name_program(), "serve", "--venue", str(folder), "--json"]
        process.start(command[0], command[1:])
        self.changed.emit()

    def stop(self) -> None:
        """Ask it to end; it is ended if it does not soon."""
        self._next = None
        if self._process is not None and not self._is_ending:
            self._is_ending = True
            self._process.terminate()
            self._limit.start()
            self.changed.emit()

    def close(self) -> None:
        """End it, and wait for that; for the end of the window."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_finished)
            process.errorOccurred.disconnect(self._on_error)
            process.terminate()
            if not process.waitForFinished(CLOSE_WITHIN_MS):
                process.kill()
                process.waitForFinished(CLOSE_WITHIN_MS)

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _read(self) -> None:
        process = self._process
        while process is not None and process.canReadLine():
            line = bytes(process.readLine().data())
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._report = _unpack(json.loads(line))
        self.changed.emit()

    def _read_complaints(self) -> None:
        if self._process is not None:
            self._complained += bytes(self._process.readAllStandardError().data())

    def _on_finished(self, status: int) -> None:
        self._read_complaints()
        was_asked, begins = self._is_ending, self._next
        self._forget()
        if begins is not None:
            self.start(begins)
        elif status != 0 and not was_asked:
            lines = self._complained.decode(errors="replace").splitlines()
            error = find_failure(lines, command="serve", kind=PipelineError)
            self.failed.emit(describe_error(error, translate=tr))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._forget()
            told = PipelineError(
                "The program that answers other systems cannot be started.", "Install ExpoFlow again."
            )
            self.failed.emit(describe_error(told, translate=tr))

    def _forget(self) -> None:
        self._limit.stop()
        process, self._process, self._report = self._process, None, None
        self._is_ending, self._next = False, None
        if process is not None:
            process.deleteLater()
        self.changed.emit()


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


LOOK_EVERY_MS = 5000


class Serving(Enum):
    """Whether a program answers other systems now."""

    OFF = "off"
    STARTING = "starting"
    HERE = "here"
    """A child of this window, which ends with it."""
    STOPPING = "stopping"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class OtherSystemsState:
    """What the card shows.

    Attributes:
        report: of the program that this window started; None before its first word.
        failure: why the settings cannot be read; nothing is answered then.
    """

    folder: Path | None = None
    time_zone: str = "UTC"
    settings: RestSettings = field(default_factory=RestSettings)
    tokens: tuple[AccessToken, ...] = ()
    serving: Serving = Serving.OFF
    report: ServingReport | None = None
    failure: ErrorReport | None = None


class OtherSystemsViewModel(VenueViewModel[OtherSystemsState]):
    """Every change is written at once; a server of another program takes it when it starts again."""

    token_made = Signal(str, str)
    """(name, secret): to be shown once; it is kept nowhere."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(OtherSystemsState(), **parts)
        self._child = ServingChild(self)
        self._child.changed.connect(self._on_child_changed)
        self._child.failed.connect(self.failed)
        self._watch = WatchTimer(self.refresh, every_ms=LOOK_EVERY_MS, parent=self)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Say whether anybody looks; other programs' changes are looked for only then."""
        self._watch.set_active(is_active)

    def refresh(self) -> None:
        """Read again what is allowed, and whether somebody answers."""
        folder = self._state.folder
        if folder is None:
            return

        def work(_context: JobContext) -> tuple[RestSettings, tuple[AccessToken, ...], bool]:
            return read_rest(folder), read_tokens(folder), is_served(folder)

        self._job_runner.run_latest(
            "other systems",
            lambda: tr("Looking at other systems"),
            work,
            on_done=lambda read: self._take(folder, *read),
            on_failed=lambda report: self._change_state(failure=report),
        )

    def save(self, settings: RestSettings) -> None:
        """Say whether and where other systems may ask; a server of this window starts again with it."""

        def work(folder: Path) -> RestSettings:
            return save_rest(folder, settings)

        self._edit(work, lambda _saved: self.restart_serving())

    def add_token(self, name: str, scopes: Collection[Scope]) -> None:
        """Let another system ask; its secret comes by `token_made`."""
        self._edit(
            lambda folder: add_token(folder, name, scopes),
            lambda made: self.token_made.emit(made[0].name, made[1]),
        )

    def revoke(self, token_id: str) -> None:
        """Let a token open nothing any more, at once."""
        self._edit(lambda folder: revoke_token(folder, token_id), lambda _token: None)

    def start_serving(self) -> None:
        """Answer other systems in a program of its own, until this window ends."""

        def work(folder: Path) -> Path:
            require(folder, Permission.INTEGRATE, action="serving started")
            return folder

        self._edit(work, self._child.start)

    def restart_serving(self) -> None:
        """Let a server of this window take changed settings; it ends where nobody is told any more."""
        if not self._child.is_running:
            return

        def work(folder: Path) -> bool:
            from app.integrations.enabled_publishers import is_anybody_told

            return is_anybody_told(folder)

        def on_done(is_told: bool) -> None:
            folder = self._state.folder
            self._child.stop()
            if is_told and folder is not None:
                self._child.start(folder)

        self._edit(work, on_done)

    def stop_serving(self) -> None:
        """End the program that this window started."""
        self._child.stop()

    def close(self) -> None:
        """End the program that this window started, and wait for that; the last call."""
        self._watch.stop()
        self._child.close()

    def _edit(self, work: Callable[[Path], object], on_done: Callable[..., object]) -> None:
        folder = self._state.folder
        if folder is None:
            return

        def finish(result: object) -> None:
            on_done(result)
            self.refresh()

        def fail(report: ErrorReport) -> None:
            self.failed.emit(report)
            # a field shows what was entered; it is to show again what holds
            self.state_changed.emit()

        self._job_runner.run(
            lambda: tr("Changing what other systems may ask"),
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
        self._watch.look_if_active()

    def _take(
        self, folder: Path, settings: RestSettings, tokens: tuple[AccessToken, ...], is_busy: bool
    ) -> None:
        if folder != self._state.folder:
            return
        serving = self._state.serving
        if not self._child.is_running:
            serving = Serving.ELSEWHERE if is_busy else Serving.OFF
        self._change_state(settings=settings, tokens=tokens, serving=serving, failure=None)

    def _on_child_changed(self) -> None:
        report = self._child.report
        if not self._child.is_running:
            self._change_state(serving=Serving.OFF, report=None)
        elif self._child.is_ending:
            self._change_state(serving=Serving.STOPPING)
        else:
            self._change_state(serving=Serving.STARTING if report is None else Serving.HERE, report=report)

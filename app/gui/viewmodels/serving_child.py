"""``python -m app serve`` as a child of the window: started, listened to, and ended with it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from analytics.domain.errors import PipelineError
from app.error_reporting import PACKED_ERRORS, describe_error
from app.gui.translation import tr
from app.operations.child_command import PROGRAM_FOLDER, find_failure, name_program

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

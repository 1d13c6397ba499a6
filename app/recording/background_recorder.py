"""Continue the recording of a closed window in a separate process.

The process prepares while the window still records, reports that it is ready, and starts as soon as the
window has released the history. Camera logins go through a pipe, so that they appear neither in arguments,
nor in the environment of a process, nor in a file.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from analytics.domain.errors import CredentialError, PipelineError
from app.core.child_command import PROGRAM_FOLDER, find_failure, name_program
from app.core.credentials import Credential, MemoryCredentialStore, make_credential_key
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.error_reporting import PACKED_ERRORS

READY, RECORDING = "ready", "recording"
START_TIMEOUT_S = 30.0
"""Seconds after the end of the window's recording, the model being loaded already."""
_POLL_INTERVAL_S = 0.05
_END_TIMEOUT_S = 5.0

Logins = Mapping[str, tuple[str, str]]
"""User and password by camera name."""


class BackgroundRecorder:
    """A recording process that outlives this one, unless `abandon` is called."""

    def __init__(self, folder: Path, logins: Logins) -> None:
        """Start the process and pass it the camera logins.

        Raises:
            PipelineError: it cannot be started.
        """
        command = [*name_program(), "record", "--venue", str(folder), "--take-over"]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=PROGRAM_FOLDER,
                env={**os.environ, PACKED_ERRORS: "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                # detached from the terminal, so that Ctrl+C and closing it do not end the process
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise PipelineError(
                "The background recorder cannot be started: {cause}.",
                "Try again, or leave the window open.",
                cause=error.strerror or type(error).__name__,
            ) from error
        self._error_lines: list[str] = []
        self._states: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._state = ""
        self._readers = [
            threading.Thread(target=self._listen, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for thread in (*self._readers, threading.Thread(target=self._process.wait, daemon=True)):
            thread.start()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as given:
            given.write(json.dumps({name: list(login) for name, login in logins.items()}))

    @property
    def pid(self) -> int:
        """Process number."""
        return self._process.pid

    def wait_until_ready(self, context: JobContext) -> None:
        """Wait until the model is loaded and only the history is missing.

        Raises:
            PipelineError: it ended before, in its own words.
            JobCancelled: the context was cancelled.
        """
        # without a preceding recording it starts at once
        self._wait_for((READY, RECORDING), context, ends_s=None)

    def wait_until_recording(self, context: JobContext) -> None:
        """Wait until the recording has started and is announced, after the preceding recording ended.

        Raises:
            PipelineError: it ended before, in its own words, or does not begin in time.
            JobCancelled: the context was cancelled.
        """
        self._wait_for((RECORDING,), context, ends_s=time.monotonic() + START_TIMEOUT_S)

    def abandon(self) -> None:
        """Terminate the process without waiting; the preceding recording continues."""
        if self._process.poll() is None:
            self._process.terminate()
            threading.Thread(target=self._kill_if_running, daemon=True).start()

    def _kill_if_running(self) -> None:
        try:
            self._process.wait(_END_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _wait_for(self, states: tuple[str, ...], context: JobContext, *, ends_s: float | None) -> None:
        while self._state not in states:
            context.checkpoint(0.0, 0.0)
            with contextlib.suppress(queue.Empty):
                self._state = self._states.get(timeout=_POLL_INTERVAL_S)
                continue
            if self._process.poll() is not None:
                for reader in self._readers:
                    reader.join(_END_TIMEOUT_S)
                raise find_failure(self._error_lines, command="record", kind=PipelineError)
            if ends_s is not None and time.monotonic() > ends_s:
                raise PipelineError(
                    "The background recorder did not start within {limit:g} seconds.",
                    "Try again, or leave the window open.",
                    limit=START_TIMEOUT_S,
                )

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    self._states.put(str(json.loads(line)["state"]))

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            self._error_lines.extend(lines)


def unpack_logins(folder: Path, text: str) -> MemoryCredentialStore:
    """Return a store with the camera logins that a window passed on.

    Raises:
        CredentialError: they are incomplete, as when the window ended meanwhile.
        VenueError: there is no such venue.
    """
    store = MemoryCredentialStore()
    try:
        logins = {
            str(name): (str(user), str(password)) for name, (user, password) in json.loads(text).items()
        }
    except (ValueError, TypeError, AttributeError):
        raise CredentialError(
            "The camera logins were not received.", "Start the recording again in the window."
        ) from None
    for entry in read_venue(folder).cameras:
        login = logins.get(str(entry.name))
        if login is not None and entry.address is not None:
            store.store(make_credential_key(entry.address, camera=entry.name), Credential(*login))
    return store

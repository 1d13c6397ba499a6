"""A recorder of its own process, to which a window that is closed leaves its recording.

It gets everything ready while the window still records, says so, and goes on the moment that the window's
recording has let go of the history. Logins of cameras go through a pipe: nobody sees them among the arguments
or in the environment of a process, and no file has them.
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
BEGINS_WITHIN_S = 30.0
"""From the end of the window's recording on; it has its model loaded by then."""
_POLL_INTERVAL_S = 0.05
_END_WITHIN_S = 5.0

Logins = Mapping[str, tuple[str, str]]
"""User and password of each camera that has them, by the camera's name."""


class BackgroundRecorder:
    """One process; it goes on when this one ends, unless `abandon` is called."""

    def __init__(self, folder: Path, logins: Logins) -> None:
        """Start the process, and give it the logins of the cameras.

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
                # so that neither Ctrl+C in a terminal nor its end is for it
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        except OSError as error:
            raise PipelineError(
                "The recorder in the background cannot be started: {cause}.",
                "Try again, or leave the window open.",
                cause=error.strerror or type(error).__name__,
            ) from error
        self._complaints: list[str] = []
        self._states: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._state = ""
        self._readers = [
            threading.Thread(target=self._listen, daemon=True),
            threading.Thread(target=self._collect_complaints, daemon=True),
        ]
        for thread in (*self._readers, threading.Thread(target=self._process.wait, daemon=True)):
            thread.start()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError), self._process.stdin as given:
            given.write(json.dumps({name: list(login) for name, login in logins.items()}))

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def wait_until_ready(self, context: JobContext) -> None:
        """Wait until it has its model loaded and only waits for the history.

        Raises:
            PipelineError: it ended before, in its own words.
            JobCancelled: the context was cancelled.
        """
        # where the recording before it had not begun to write, it records at once
        self._wait_for((READY, RECORDING), context, ends_s=None)

    def wait_until_recording(self, context: JobContext) -> None:
        """Wait until it records and others can find it, once the recording before it has ended.

        Raises:
            PipelineError: it ended before, in its own words, or does not begin in time.
            JobCancelled: the context was cancelled.
        """
        self._wait_for((RECORDING,), context, ends_s=time.monotonic() + BEGINS_WITHIN_S)

    def abandon(self) -> None:
        """End the process, without waiting: what it would have taken over goes on where it is."""
        if self._process.poll() is None:
            self._process.terminate()
            threading.Thread(target=self._see_to_end, daemon=True).start()

    def _see_to_end(self) -> None:
        try:
            self._process.wait(_END_WITHIN_S)
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
                    reader.join(_END_WITHIN_S)
                raise find_failure(self._complaints, command="record", kind=PipelineError)
            if ends_s is not None and time.monotonic() > ends_s:
                raise PipelineError(
                    "The recorder in the background did not begin within {limit:g} seconds.",
                    "Try again, or leave the window open.",
                    limit=BEGINS_WITHIN_S,
                )

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    self._states.put(str(json.loads(line)["state"]))

    def _collect_complaints(self) -> None:
        assert self._process.stderr is not None
        with self._process.stderr as lines:
            self._complaints.extend(lines)


def unpack_logins(folder: Path, text: str) -> MemoryCredentialStore:
    """Return a store with the logins that a window gave to the recorder of a venue.

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
            "The logins of the cameras did not arrive.", "Start the recording again in the window."
        ) from None
    for entry in read_venue(folder).cameras:
        login = logins.get(str(entry.name))
        if login is not None and entry.address is not None:
            store.store(make_credential_key(entry.address, camera=entry.name), Credential(*login))
    return store

"""Keep a venue's recorder running with exactly the cameras that this machine holds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from analytics.domain.errors import ExpoFlowError
from app.core.job import JobContext
from app.recording.announcement import find_recorder
from app.recording.background_recorder import BackgroundRecorder, Logins
from app.recording.held_cameras import forget_held_cameras, read_held_cameras, write_held_cameras
from app.recording.stop_request import request_stop

CHECK_EVERY_S = 0.25
RETRY_S = 5.0
_STOP_TIMEOUT_S = 20.0
_LOG = logging.getLogger(__name__)


class RecorderControl:
    """Starts, replaces and stops the recorder of one venue, in a thread.

    Other cameras need another recorder, which loads its model while the present one goes on, so that the
    cameras that stay miss a second at most. A recorder outlives this process, and is kept if it records the
    right cameras.

    Args:
        folder: venue folder.
        find_logins: returns the cameras' logins.
    """

    def __init__(self, folder: Path, find_logins: Callable[[], Logins]) -> None:
        self._folder = folder
        self._find_logins = find_logins
        self._wanted: frozenset[str] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder")
        self._thread.start()

    def hold(self, names: frozenset[str]) -> None:
        """Record these cameras from now on."""
        self._wanted = names

    def close(self) -> None:
        """Stop the recorder, and wait until its data is safe; the next one records every camera."""
        self._stop.set()
        self._thread.join()
        forget_held_cameras(self._folder)
        recorder = find_recorder(self._folder)
        if recorder is not None:
            request_stop(self._folder, recorder)
            waited = threading.Event()
            for _look in range(round(_STOP_TIMEOUT_S / CHECK_EVERY_S)):
                if find_recorder(self._folder) != recorder:
                    return
                waited.wait(CHECK_EVERY_S)

    def _run(self) -> None:
        pause_s = CHECK_EVERY_S
        while not self._stop.wait(pause_s):
            pause_s = CHECK_EVERY_S
            wanted = self._wanted
            if wanted is None:
                continue
            recorder = find_recorder(self._folder)
            try:
                if not wanted:
                    if recorder is not None and read_held_cameras(self._folder):
                        write_held_cameras(self._folder, wanted)
                        request_stop(self._folder, recorder)
                elif recorder is None or read_held_cameras(self._folder) != wanted:
                    self._replace(wanted)
            except (ExpoFlowError, OSError) as error:
                _LOG.warning("The recorder could not be given its cameras: %s", error)
                pause_s = RETRY_S

    def _replace(self, wanted: frozenset[str]) -> None:
        before = find_recorder(self._folder)
        write_held_cameras(self._folder, wanted)
        started = BackgroundRecorder(self._folder, self._find_logins())
        try:
            if before is not None:
                started.wait_until_ready(JobContext())
                request_stop(self._folder, before)
            started.wait_until_recording(JobContext())
        except BaseException:
            started.abandon()
            # unlike what is recorded now, so that it is tried again
            write_held_cameras(self._folder, ())
            raise

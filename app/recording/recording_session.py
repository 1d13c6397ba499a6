"""Announce a recording process, publish its status, log its health and receive stop requests."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import PipelineError, StoreError
from app.recording.announcement import (
    Announcement,
    RecorderKind,
    announce,
    find_other_recorder,
    make_announcement,
    withdraw,
)
from app.recording.health_log import SAMPLE_EVERY_S, HealthLog
from app.recording.health_sample import HealthProbe
from app.recording.status_board import StatusBoard
from app.recording.stop_request import clear_request, is_stop_requested
from resources.group_sharing import share_with_group
from vision.pipeline.pipeline_status import PipelineStatus

_LOG = logging.getLogger(__name__)
FIRST_SAMPLE_S = 5.0
_JOIN_TIMEOUT_S = 5.0


class RecordingSession:
    """The announcement and status of a recording; failures here do not stop the recording.

    The status is published by the thread that polls it. Samples are taken in a separate thread, because a
    driver may take seconds to respond.
    """

    def __init__(
        self,
        folder: Path,
        kind: RecorderKind,
        *,
        slots: Sequence[tuple[str, str]],
        clock: Clock | None = None,
        sample_every_s: float = SAMPLE_EVERY_S,
    ) -> None:
        self._folder = folder
        self._clock = clock or SystemClock()
        self._sample_every_s = sample_every_s
        self._board: StatusBoard | None = None
        self._status: PipelineStatus | None = None
        self._ended = threading.Event()
        try:
            self._board = StatusBoard()
        except (OSError, PipelineError) as error:
            _LOG.warning("Nobody can look on: there is no shared memory for the status (%s).", error)
        self.announcement: Announcement | None = None
        if self._board is not None:
            self.announcement = make_announcement(
                kind, board=self._board.name, slots=tuple(slots), clock=self._clock
            )
            clear_request(folder)
            self._announce(self.announcement)
        self._sampling = threading.Thread(target=self._sample, name="health", daemon=True)
        self._sampling.start()

    @property
    def is_stop_requested(self) -> bool:
        """Return whether another process requested this recorder to stop."""
        return self.announcement is not None and is_stop_requested(self._folder, self.announcement)

    def show(self, status: PipelineStatus) -> None:
        """Publish the status to other processes."""
        self._status = status
        if self._board is not None:
            self._board.show(status, now_utc_s=self._clock.now_utc_s())

    def change_slots(self, slots: Sequence[tuple[str, str]]) -> None:
        """Announce the cameras that are recorded from now on, if they are others than before."""
        if self.announcement is not None and self.announcement.slots != tuple(slots):
            changed = replace(self.announcement, slots=tuple(slots))
            if self._announce(changed):
                self.announcement = changed

    def _announce(self, announcement: Announcement) -> bool:
        try:
            announce(self._folder, announcement)
        except OSError as error:
            _LOG.warning("Nobody can look on: %s cannot be written to (%s).", self._folder, error.strerror)
            return False
        return True

    def close(self) -> None:
        """Stop sampling and withdraw the announcement."""
        self._ended.set()
        self._sampling.join(_JOIN_TIMEOUT_S)
        if self.announcement is not None:
            withdraw(self._folder, self.announcement)
            if self.is_stop_requested:
                clear_request(self._folder)
        if self._board is not None:
            self._board.close()

    def __enter__(self) -> RecordingSession:
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    def _sample(self) -> None:
        log, probe = HealthLog(self._folder), HealthProbe(self._folder)
        has_reported = False
        pause_s = min(FIRST_SAMPLE_S, self._sample_every_s)
        while not self._ended.wait(pause_s):
            pause_s = self._sample_every_s
            # includes the history and other files that this account may have created meanwhile
            share_with_group(self._folder)
            status = self._status
            if status is None:
                continue
            try:
                log.add(probe.measure(status, now_utc_s=self._clock.now_utc_s()))
                has_reported = False
            except OSError as error:
                # reported once, not twice a minute
                if not has_reported:
                    _LOG.warning("The health of the recording cannot be written: %s", error)
                has_reported = True


def is_own_recording(recorder: Announcement) -> bool:
    """Return whether this process is the recorder."""
    return recorder.pid == os.getpid()


def require_no_other_recorder(folder: Path) -> None:
    """Raise an error if another process records the venue.

    Raises:
        StoreError: another process of this machine records it.
    """
    other = find_other_recorder(folder)
    if other is not None:
        raise StoreError(
            "This venue is already being recorded by a service (account {account}, process {process})."
            if other.kind is RecorderKind.SERVICE
            else "This venue is already being recorded by the command line (account {account}, process "
            "{process})."
            if other.kind is RecorderKind.COMMAND
            else "This venue is already being recorded in the background (account {account}, process "
            "{process})."
            if other.kind is RecorderKind.BACKGROUND
            else "This venue is already being recorded by a window (account {account}, process {process}).",
            "Open the venue to watch, or stop that recording first: python -m app record --stop --venue "
            "{folder}",
            account=other.account,
            process=other.pid,
            folder=str(folder),
        )

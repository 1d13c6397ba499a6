"""What a process that records does besides: tells who it is, shows how it is, and can be asked to stop."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
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
from app.recording.stop_request import clear_request, is_asked_to_stop
from resources.group_sharing import share_with_group
from vision.pipeline.pipeline_status import PipelineStatus

_LOG = logging.getLogger(__name__)
FIRST_SAMPLE_S = 5.0
_MAX_JOIN_S = 5.0


class RecordingSession:
    """From the start of a recording to its end; nothing that fails here stops the recording.

    Showing the status is for the thread that has it. Samples are taken by a thread of their own, for a
    driver may take seconds to answer.
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
            try:
                announce(folder, self.announcement)
            except OSError as error:
                _LOG.warning("Nobody can look on: %s cannot be written to (%s).", folder, error.strerror)
        self._sampling = threading.Thread(target=self._sample, name="health", daemon=True)
        self._sampling.start()

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether another process asked this recorder to stop."""
        return self.announcement is not None and is_asked_to_stop(self._folder, self.announcement)

    def show(self, status: PipelineStatus) -> None:
        """Let others see how everything is."""
        self._status = status
        if self._board is not None:
            self._board.show(status, now_utc_s=self._clock.now_utc_s())

    def close(self) -> None:
        """Tell no more."""
        self._ended.set()
        self._sampling.join(_MAX_JOIN_S)
        if self.announcement is not None:
            withdraw(self._folder, self.announcement)
            if self.is_asked_to_stop:
                clear_request(self._folder)
        if self._board is not None:
            self._board.close()

    def __enter__(self) -> RecordingSession:
        return self

    def __exit__(self, *_details: object) -> None:
        self.close()

    def _sample(self) -> None:
        log, probe = HealthLog(self._folder), HealthProbe(self._folder)
        has_complained = False
        pause_s = min(FIRST_SAMPLE_S, self._sample_every_s)
        while not self._ended.wait(pause_s):
            pause_s = self._sample_every_s
            # the history and its neighbours, which this account may just have made
            share_with_group(self._folder)
            status = self._status
            if status is None:
                continue
            try:
                log.add(probe.take(status, now_utc_s=self._clock.now_utc_s()))
                has_complained = False
            except OSError as error:
                # a full disk: said once, not twice a minute
                if not has_complained:
                    _LOG.warning("The health of the recording cannot be written: %s", error)
                has_complained = True


def is_own_recording(recorder: Announcement) -> bool:
    """Whether it is this very process that records."""
    return recorder.pid == os.getpid()


def require_no_other_recorder(folder: Path) -> None:
    """Say who records a venue before another recording is started in vain.

    Raises:
        StoreError: another process of this machine records it.
    """
    other = find_other_recorder(folder)
    if other is not None:
        raise StoreError(
            "This venue is recorded already, by a service (account {account}, process {process})."
            if other.kind is RecorderKind.SERVICE
            else "This venue is recorded already, by the command line (account {account}, process {process})."
            if other.kind is RecorderKind.COMMAND
            else "This venue is recorded already, in the background (account {account}, process {process})."
            if other.kind is RecorderKind.BACKGROUND
            else "This venue is recorded already, by a window (account {account}, process {process}).",
            "Open the venue to look on. Or stop that recording first: "
            "python -m app record --stop --venue {folder}",
            account=other.account,
            process=other.pid,
            folder=str(folder),
        )

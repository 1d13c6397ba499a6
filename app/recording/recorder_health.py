"""Report the health of a venue's recorder, now and over the last hours."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from app.core.file_format import read_venue
from app.recording.announcement import Announcement, find_recorder
from app.recording.health_log import SAMPLE_EVERY_S, read_health
from app.recording.health_sample import HealthSample, measure_write_lag_s
from app.recording.status_board import BoardReader
from vision.pipeline.pipeline_status import PipelineStatus

HOURS = 6.0
MAX_PAUSE_S = 3.0 * SAMPLE_EVERY_S
"""Maximum distance of two samples that a chart connects; a longer one means that nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Minimum, median and maximum of measured values."""

    minimum: float
    median: float
    maximum: float


@dataclass(frozen=True, slots=True)
class RecorderHealth:
    """The health of a venue's recorder.

    Attributes:
        at_utc_s: time of this report.
        recorder: recorder on this machine; None without one.
        status: current status of its pipeline; None without a recorder, or if its account does not share
            it.
        samples: samples of the last hours, oldest first.
        write_lag_s: age of the newest observation on disk; None without a recorder.
    """

    at_utc_s: float
    recorder: Announcement | None
    status: PipelineStatus | None
    samples: tuple[HealthSample, ...]
    write_lag_s: float | None


def find_health(venue_folder: Path, *, hours: float = HOURS, clock: Clock | None = None) -> RecorderHealth:
    """Return the health of a venue's recorder without changing anything.

    Raises:
        VenueError: there is no such venue.
    """
    folder = read_venue(venue_folder).folder
    now_utc_s = (clock or SystemClock()).now_utc_s()
    recorder = find_recorder(folder)
    return RecorderHealth(
        at_utc_s=now_utc_s,
        recorder=recorder,
        status=None if recorder is None else _read_status(recorder),
        samples=read_health(folder, start_utc_s=now_utc_s - hours * 3600.0, end_utc_s=now_utc_s),
        write_lag_s=None if recorder is None else measure_write_lag_s(folder, now_utc_s=now_utc_s),
    )


def measure_spread(values: Sequence[float | None]) -> Spread | None:
    """Return the spread of the known values; None without any."""
    known = [value for value in values if value is not None]
    return Spread(min(known), statistics.median(known), max(known)) if known else None


def _read_status(recorder: Announcement) -> PipelineStatus | None:
    try:
        board = BoardReader(recorder.board)
    except (FileNotFoundError, PermissionError):
        return None
    try:
        shown = board.read()
    finally:
        board.close()
    return None if shown is None else shown[0]

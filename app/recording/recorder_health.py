"""How the recorder of a venue is, now and over the last hours."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from app.core.file_format import read_venue
from app.recording.announcement import Announcement, find_recorder
from app.recording.health_log import SAMPLE_EVERY_S, read_health
from app.recording.health_sample import HealthSample, find_write_lag_s
from app.recording.status_board import BoardReader
from vision.pipeline.pipeline_status import PipelineStatus

HOURS = 6.0
MAX_PAUSE_S = 3.0 * SAMPLE_EVERY_S
"""Between two samples; where more is missing nobody recorded, and a line is broken there."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Least, median and most of what was measured; None where nothing was."""

    least: float
    median: float
    most: float


@dataclass(frozen=True, slots=True)
class RecorderHealth:
    """A venue's recorder.

    Attributes:
        at_utc_s: when this was put together.
        recorder: who records on this machine; None: nobody.
        status: of its pipeline at this moment; None where nobody records, or its account does not share it.
        samples: of the last hours, oldest first.
        write_lag_s: age of the newest moment that is safe on disk; None where nobody records.
    """

    at_utc_s: float
    recorder: Announcement | None
    status: PipelineStatus | None
    samples: tuple[HealthSample, ...]
    write_lag_s: float | None


def find_health(venue_folder: Path, *, hours: float = HOURS, clock: Clock | None = None) -> RecorderHealth:
    """Look at a venue's recorder; changes nothing, and needs no recorder.

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
        write_lag_s=None if recorder is None else find_write_lag_s(folder, now_utc_s=now_utc_s),
    )


def measure_spread(values: Sequence[float | None]) -> Spread | None:
    """Of those that are known."""
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

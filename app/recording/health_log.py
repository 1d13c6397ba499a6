"""Log a recorder's health as JSON lines, one file per day, and delete old files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.recording.health_sample import HealthSample, pack_sample, unpack_sample

FOLDER_NAME = "health"
SAMPLE_EVERY_S = 30.0
RETENTION_DAYS = 7
_SHARED_MODE = 0o664
_DAY_S = 86_400.0


class HealthLog:
    """A log of health samples; readers skip a line that was cut off by a kill."""

    def __init__(self, venue_folder: Path) -> None:
        self._folder = venue_folder / FOLDER_NAME
        self._day = ""

    def add(self, sample: HealthSample) -> None:
        """Append a sample to the file of its day, and delete old files when a day begins.

        Raises:
            OSError: the folder cannot be written to, or the disk is full.
        """
        day = _name_day(sample.at_utc_s)
        self._folder.mkdir(exist_ok=True)
        file = self._folder / f"{day}.jsonl"
        is_new = not file.exists()
        with file.open("a", encoding="utf-8", newline="\n") as lines:
            # a leading line break, so that a line that was cut off does not damage the next one
            lines.write("\n" + json.dumps(pack_sample(sample), separators=(",", ":"), ensure_ascii=False))
        if is_new:
            with contextlib.suppress(OSError):
                file.chmod(_SHARED_MODE)
        if day != self._day:
            self._day = day
            self._delete_old(sample.at_utc_s)

    def _delete_old(self, now_utc_s: float) -> None:
        oldest = _name_day(now_utc_s - RETENTION_DAYS * _DAY_S)
        for file in self._folder.glob("*.jsonl"):
            if file.stem < oldest:
                with contextlib.suppress(OSError):
                    file.unlink()


def read_health(venue_folder: Path, *, start_utc_s: float, end_utc_s: float) -> tuple[HealthSample, ...]:
    """Return the samples of a period, oldest first."""
    return tuple(
        sample
        for sample in _iterate(venue_folder / FOLDER_NAME, start_utc_s, end_utc_s)
        if start_utc_s <= sample.at_utc_s <= end_utc_s
    )


def _iterate(folder: Path, start_utc_s: float, end_utc_s: float) -> Iterator[HealthSample]:
    day = datetime.fromtimestamp(start_utc_s, tz=UTC).date()
    last = datetime.fromtimestamp(end_utc_s, tz=UTC).date()
    while day <= last:
        with (
            contextlib.suppress(FileNotFoundError),
            (folder / f"{day}.jsonl").open(encoding="utf-8") as lines,
        ):
            for line in lines:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    yield unpack_sample(json.loads(line))
        day += timedelta(days=1)


def _name_day(utc_s: float) -> str:
    return datetime.fromtimestamp(utc_s, tz=UTC).date().isoformat()

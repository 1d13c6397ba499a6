"""Create a support bundle with logs, settings, versions and health, but no pictures, tracks or secrets.

All content is redacted text, and is listed before the bundle is written.
"""

from __future__ import annotations

import contextlib
import json
import platform
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import ExpoFlowError, OutputError, Phrase
from app.access.guard import require
from app.access.roles import Permission
from app.core.file_format import FILE_NAME as VENUE_NAME
from app.core.job import JobContext
from app.core.versions import collect_versions
from app.error_reporting import convert_error, describe_error
from app.logging_setup import redact
from app.recording.health_sample import pack_sample
from app.recording.public_status import describe_health
from app.recording.recorder_health import find_health
from app.settings.file import FILE_NAME as SETTINGS_NAME
from app.settings.paths import logs_folder, settings_folder
from resources.atomic_file import replace_file

MAX_LOG_BYTES = 2_000_000
"""Maximum size of a log's tail in the bundle."""
HEALTH_HOURS = 24.0
EVENT_DAYS = 7.0
OWNER_ONLY = 0o600
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class BundlePart:
    """A file of a support bundle.

    Attributes:
        name: name within the bundle.
        what: description for the user who decides whether to send it.
        read: returns the text before redaction; called when the bundle is written.
    """

    name: str
    what: Phrase
    read: Callable[[], str]


def plan_bundle(
    venue_folder: Path | None, *, findings: str, clock: Clock | None = None
) -> tuple[BundlePart, ...]:
    """List the parts of a support bundle without reading them.

    Args:
        venue_folder: folder of the venue concerned, if any.
        findings: report of the checks as text.

    Raises:
        AccessError: the venue has users, and none is signed in.
    """
    if venue_folder is not None:
        require(venue_folder, Permission.SEE_FIGURES, action="support bundle made")
    now_utc_s = (clock or SystemClock()).now_utc_s()
    parts = [
        BundlePart("about.json", Phrase("versions of ExpoFlow, its libraries and the system"), _read_about),
        BundlePart("doctor.txt", Phrase("results of the checks"), lambda: findings),
    ]
    settings = settings_folder() / SETTINGS_NAME
    if settings.exists():
        parts.append(BundlePart("settings.toml", Phrase("settings of this machine"), _read_file(settings)))
    if venue_folder is not None:
        parts += _plan_venue(venue_folder, now_utc_s)
    parts += [
        BundlePart(f"logs/{file.name}", Phrase("a log"), _read_file(file, MAX_LOG_BYTES))
        for file in sorted(logs_folder().glob("*.log*"))
    ]
    return tuple(parts)


def write_bundle(
    file: Path, parts: tuple[BundlePart, ...], context: JobContext | None = None
) -> tuple[str, ...]:
    """Write a bundle, completely or not at all, readable by its owner only.

    A part that cannot be read contains the reason instead.

    Returns:
        Names of the parts.

    Raises:
        OutputError: the file cannot be written.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    try:
        with (
            replace_file(file, mode=OWNER_ONLY) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as bundle,
        ):
            for number, part in enumerate(parts):
                context.checkpoint(number, len(parts))
                bundle.writestr(part.name, redact(_read(part)))
            context.checkpoint(len(parts), len(parts))
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error
    return tuple(part.name for part in parts)


def _read(part: BundlePart) -> str:
    try:
        return part.read()
    except (ExpoFlowError, OSError, ValueError) as error:
        return describe_error(error).problem


def _read_about() -> str:
    about = {
        "versions": collect_versions(),
        "system": platform.platform(),
        "processor": platform.processor() or platform.machine(),
    }
    return json.dumps(about, indent=1)


def _read_file(file: Path, max_bytes: int | None = None) -> Callable[[], str]:
    def read() -> str:
        with file.open("rb") as content:
            if max_bytes is not None:
                content.seek(0, 2)
                content.seek(max(0, content.tell() - max_bytes))
                if content.tell():
                    # skip a partial line, which redaction might not recognise
                    content.readline()
            return content.read().decode("utf-8", errors="replace")

    return read


def _plan_venue(folder: Path, now_utc_s: float) -> Iterator[BundlePart]:
    yield BundlePart(
        "venue.toml",
        Phrase("venue: plan, zones, cameras without passwords"),
        _read_file(folder / VENUE_NAME),
    )
    yield BundlePart("files.txt", Phrase("names and sizes of the venue's files"), lambda: _list_files(folder))
    yield BundlePart(
        "events.jsonl",
        Phrase("camera events of the last {days:g} days", {"days": EVENT_DAYS}),
        lambda: _read_events(folder, now_utc_s),
    )
    yield BundlePart(
        "health.jsonl",
        Phrase("health of the recording in the last {hours:g} h", {"hours": HEALTH_HOURS}),
        lambda: _read_health(folder),
    )


def _list_files(folder: Path) -> str:
    lines = []
    for file in sorted(folder.rglob("*")):
        with contextlib.suppress(FileNotFoundError):
            if file.is_file():
                lines.append(f"{file.stat().st_size:>12} {file.relative_to(folder).as_posix()}")
    return "\n".join(lines) + "\n"


def _read_events(folder: Path, now_utc_s: float) -> str:
    from analytics.store.sql_event_store import open_reader

    reader = open_reader(folder)
    try:
        start_s = now_utc_s - EVENT_DAYS * _DAY_S
        events, gaps = reader.read_events(start_s, None), reader.read_gaps(start_s, None)
    finally:
        reader.close()
    rows = [
        *({"time_utc": format_utc(row["time_s"]), **row} for row in events.to_dict("records")),
        *(
            {"gap_from_utc": format_utc(row["start_s"]), "gap_to_utc": format_utc(row["end_s"]), **row}
            for row in gaps.to_dict("records")
        ),
    ]
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"


def _read_health(folder: Path) -> str:
    health = find_health(folder, hours=HEALTH_HOURS)
    lines = [describe_health(health), *(pack_sample(sample) for sample in health.samples)]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n"

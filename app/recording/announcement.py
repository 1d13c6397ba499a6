"""Announce the recorder of a venue in a small file, so that other windows and commands can attach to it."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from resources.atomic_file import write_text_atomically
from vision.pipeline.shared_segment import is_segment_name

ANNOUNCEMENT_NAME = "recorder.json"
"""Name in the venue's folder; a file that a killed recorder left is recognised by its process."""
SHARED_MODE = 0o664
MAX_BYTES = 65_536
_START_TOLERANCE_S = 2.0
"""Tolerance for the start time of a process, which the system rounds."""


class RecorderKind(StrEnum):
    """A kind of program that records."""

    WINDOW = "window"
    COMMAND = "command"
    BACKGROUND = "background"
    """A separate process that continues the recording of a closed window."""
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Announcement:
    """The recorder of a venue.

    Attributes:
        pid, began_s: process and its start time, which distinguishes a reused process number.
        since_utc_s: start of the recording.
        account: account of the operating system.
        board: name of the shared memory with the recorder's status.
        slots: name of the shared memory with the newest picture, by camera; changes with what is recorded.
    """

    kind: RecorderKind
    pid: int
    began_s: float
    machine: str
    account: str
    since_utc_s: float
    board: str
    slots: tuple[tuple[str, str], ...] = field(default=(), compare=False)


def make_announcement(
    kind: RecorderKind, *, board: str, slots: tuple[tuple[str, str], ...], clock: Clock | None = None
) -> Announcement:
    """Return the announcement of this process, which begins to record now."""
    import psutil

    return Announcement(
        kind=kind,
        pid=os.getpid(),
        began_s=psutil.Process().create_time(),
        machine=platform.node(),
        account=get_account_name(),
        since_utc_s=(clock or SystemClock()).now_utc_s(),
        board=board,
        slots=slots,
    )


def announce(folder: Path, announcement: Announcement) -> None:
    """Write the announcement of a recorder, replacing what a killed recorder left.

    Raises:
        OSError: the folder cannot be written to.
    """
    text = json.dumps(asdict(announcement), ensure_ascii=False)
    write_text_atomically(folder / ANNOUNCEMENT_NAME, text, mode=SHARED_MODE)


def withdraw(folder: Path, announcement: Announcement) -> None:
    """Remove an announcement, unless another recorder wrote it."""
    if _read(folder) == announcement:
        with contextlib.suppress(OSError):
            (folder / ANNOUNCEMENT_NAME).unlink(missing_ok=True)


def find_recorder(folder: Path) -> Announcement | None:
    """Return the recorder of a venue on this machine, this process included; None without one."""
    found = _read(folder)
    if found is None or found.machine != platform.node():
        return None
    import psutil

    try:
        process = psutil.Process(found.pid)
        began_s = process.create_time()
        if process.status() == psutil.STATUS_ZOMBIE:
            # a zombie has ended and was not reaped by its parent yet
            return None
    except psutil.Error:
        return None
    return found if abs(began_s - found.began_s) <= _START_TOLERANCE_S else None


def find_other_recorder(folder: Path) -> Announcement | None:
    """Return the recorder of a venue unless it is this process."""
    found = find_recorder(folder)
    return None if found is None or found.pid == os.getpid() else found


def _read(folder: Path) -> Announcement | None:
    # the folder may come from anywhere, so every field is validated
    try:
        with (folder / ANNOUNCEMENT_NAME).open("rb") as file:
            raw = json.loads(file.read(MAX_BYTES))
        found = Announcement(
            kind=RecorderKind(raw["kind"]),
            pid=int(raw["pid"]),
            began_s=float(raw["began_s"]),
            machine=str(raw["machine"]),
            account=str(raw["account"]),
            since_utc_s=float(raw["since_utc_s"]),
            board=str(raw["board"]),
            slots=tuple((str(camera), str(name)) for camera, name in raw["slots"]),
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    names = (found.board, *(name for _camera, name in found.slots))
    return found if found.pid > 0 and all(is_segment_name(name) for name in names) else None


def get_account_name() -> str:
    """Return the name of the operating system account of this process."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # an account without a name, as in containers
        return "?"

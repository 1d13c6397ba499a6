"""Who records a venue: told in a small file beside it, so that a window or another command can look on."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from analytics.domain.clock import Clock, SystemClock
from resources.atomic_file import write_text_atomically
from vision.pipeline.shared_segment import is_segment_name

ANNOUNCEMENT_NAME = "recorder.json"
"""In the venue's folder while it is recorded; what a killed recorder left is told from its process."""
SHARED_MODE = 0o664
LARGEST_BYTES = 65_536
_SAME_START_S = 2.0
"""The system rounds when a process began."""


class RecorderKind(StrEnum):
    """What records."""

    WINDOW = "window"
    COMMAND = "command"
    BACKGROUND = "background"
    """A process of its own, to which a window that was closed left its recording."""
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Announcement:
    """One recorder of a venue.

    Attributes:
        pid, began_s: its process, and when that began, so that another process of the same number is none.
        since_utc_s: since when it records.
        account: of the operating system.
        board: name of the shared memory that shows its status.
        slots: of each camera, the name of the shared memory that shows its newest picture.
    """

    kind: RecorderKind
    pid: int
    began_s: float
    machine: str
    account: str
    since_utc_s: float
    board: str
    slots: tuple[tuple[str, str], ...] = ()


def make_announcement(
    kind: RecorderKind, *, board: str, slots: tuple[tuple[str, str], ...], clock: Clock | None = None
) -> Announcement:
    """Of this process, that begins to record now."""
    return Announcement(
        kind=kind,
        pid=os.getpid(),
        began_s=psutil.Process().create_time(),
        machine=platform.node(),
        account=name_account(),
        since_utc_s=(clock or SystemClock()).now_utc_s(),
        board=board,
        slots=slots,
    )


def announce(folder: Path, announcement: Announcement) -> None:
    """Tell others that a venue is recorded, in place of what a killed recorder left.

    Raises:
        OSError: the folder cannot be written to.
    """
    text = json.dumps(asdict(announcement), ensure_ascii=False)
    write_text_atomically(folder / ANNOUNCEMENT_NAME, text, mode=SHARED_MODE)


def withdraw(folder: Path, announcement: Announcement) -> None:
    """Tell no more; the announcement of another recorder stays."""
    if _read(folder) == announcement:
        with contextlib.suppress(OSError):
            (folder / ANNOUNCEMENT_NAME).unlink(missing_ok=True)


def find_recorder(folder: Path) -> Announcement | None:
    """Who records a venue on this machine now, this process included; None where nobody does."""
    found = _read(folder)
    if found is None or found.machine != platform.node():
        return None
    try:
        process = psutil.Process(found.pid)
        began_s = process.create_time()
        if process.status() == psutil.STATUS_ZOMBIE:
            # it has ended, and whoever started it has not asked how
            return None
    except psutil.Error:
        return None
    return found if abs(began_s - found.began_s) <= _SAME_START_S else None


def find_other_recorder(folder: Path) -> Announcement | None:
    """The same, unless it is this process."""
    found = find_recorder(folder)
    return None if found is None or found.pid == os.getpid() else found


def _read(folder: Path) -> Announcement | None:
    # the folder may come from anywhere, so nothing in it is believed that this program cannot have written
    try:
        with (folder / ANNOUNCEMENT_NAME).open("rb") as file:
            raw = json.loads(file.read(LARGEST_BYTES))
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


def name_account() -> str:
    """The account of the operating system that this process has."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # an account without a name: a container's number
        return "?"

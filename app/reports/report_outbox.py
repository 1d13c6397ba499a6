"""Reports on their way: made once, kept until they have arrived, tried again when they have not."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from analytics.domain.errors import StoreError
from app.error_reporting import describe_error, explain_error, pack_words, unpack_words
from app.reports.mail_refusals import PartlyTakenError
from resources.atomic_file import write_text_atomically

FOLDER_NAME = "outbox"
STATE_FILE = "outbox.json"
LOCK_NAME = ".outbox.lock"
FORMAT = 1
RETRY_AFTER_S = (60.0, 300.0, 900.0, 3600.0, 3 * 3600.0, 6 * 3600.0)
"""After the first failures; from then on every six hours."""
MOST_TRIES = 40
"""About a week: then somebody has to look."""
MOST_SENT = 200
"""Of those that have arrived, so many are remembered."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One report on its way.

    Attributes:
        file: its name in the outbox; empty once it has arrived and was deleted there.
        made_s, next_try_s, sent_s: seconds since the epoch; None: not yet.
        problem: why the last try failed, as `pack_words` packs it; empty: it did not.
        taken_by: who has got it, where others were refused.
    """

    schedule: str
    due_s: float
    file: str
    title: str
    made_s: float
    tries: int = 0
    next_try_s: float | None = None
    sent_s: float | None = None
    problem: dict[str, Any] = field(default_factory=dict)
    taken_by: tuple[str, ...] = ()

    def tell_problem(self, translate: Callable[[str], str] = lambda text: text) -> str:
        """Why it has not arrived and what to do; ``translate`` as for `describe_error`."""
        if not self.problem:
            return ""
        told = describe_error(unpack_words(StoreError, self.problem), translate=translate)
        return f"{told.problem} {told.remedy}"

    @property
    def is_given_up(self) -> bool:
        """It has failed too often."""
        return self.sent_s is None and self.tries >= MOST_TRIES


@dataclass(frozen=True, slots=True)
class Outbox:
    """The state of a venue's deliveries.

    Attributes:
        looked_s: by schedule, up to when its due reports were made.
    """

    looked_s: dict[str, float]
    deliveries: tuple[Delivery, ...] = ()

    def list_waiting(self, now_utc_s: float) -> tuple[Delivery, ...]:
        """Those to be tried now."""
        return tuple(
            one
            for one in self.deliveries
            if one.sent_s is None
            and not one.is_given_up
            and (one.next_try_s is None or one.next_try_s <= now_utc_s)
        )


@contextlib.contextmanager
def lock_outbox(folder: Path) -> Iterator[None]:
    """Be the one program that makes and sends; held by the system for a process.

    Raises:
        filelock.Timeout: another program does so.
        StoreError: the folder cannot be written to.
    """
    place = folder / FOLDER_NAME
    try:
        place.mkdir(exist_ok=True)
        with FileLock(place / LOCK_NAME, timeout=0):
            yield
    except OSError as error:
        if isinstance(error, Timeout):
            raise
        raise explain_error(StoreError, error, file=place) from error


def read_outbox(folder: Path) -> Outbox:
    """The outbox of a venue; empty where there is none.

    Raises:
        StoreError: it cannot be read; what waits in the folder is still there.
    """
    file = folder / FOLDER_NAME / STATE_FILE
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        return Outbox(
            {str(name): float(at_s) for name, at_s in document["looked_s"].items()},
            tuple(
                Delivery(**{**entry, "taken_by": tuple(entry.get("taken_by", ()))})
                for entry in document["deliveries"]
            ),
        )
    except FileNotFoundError:
        return Outbox({})
    except OSError as error:
        raise explain_error(StoreError, error, file=file) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            "{file} cannot be understood.",
            "Take it away; reports that were not sent are in the same folder.",
            file=file,
        ) from error


def write_outbox(folder: Path, outbox: Outbox) -> None:
    """Keep the state, whole or not at all.

    Raises:
        StoreError: it cannot be written.
    """
    file = folder / FOLDER_NAME / STATE_FILE
    sent = [one for one in outbox.deliveries if one.sent_s is not None][-MOST_SENT:]
    waiting = [one for one in outbox.deliveries if one.sent_s is None]
    document = {
        "format": FORMAT,
        "looked_s": outbox.looked_s,
        "deliveries": [asdict(one) for one in (*sent, *waiting)],
    }
    try:
        file.parent.mkdir(exist_ok=True)
        write_text_atomically(file, json.dumps(document, ensure_ascii=False, indent=1))
    except OSError as error:
        raise explain_error(StoreError, error, file=file) from error


def try_delivery(delivery: Delivery, send: Callable[[Delivery], object], *, now_utc_s: float) -> Delivery:
    """Send a report, and say what came of it; an error is kept with the delivery."""
    try:
        send(delivery)
    except Exception as error:
        taken_by = error.taken_by if isinstance(error, PartlyTakenError) else ()
        wait_s = RETRY_AFTER_S[min(delivery.tries, len(RETRY_AFTER_S) - 1)]
        return replace(
            delivery,
            tries=delivery.tries + 1,
            next_try_s=now_utc_s + wait_s,
            problem=pack_words(error),
            taken_by=(*delivery.taken_by, *taken_by),
        )
    return replace(delivery, tries=delivery.tries + 1, next_try_s=None, sent_s=now_utc_s, problem={}, file="")

"""Queue of webhook messages on disk; it survives a kill, after which a message may be sent twice.

``outbox/webhooks.json`` is replaced as a whole at every change, together with the conditions that hold, so
that no event is lost or repeated.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from analytics.domain.errors import OutputError, StoreError
from app.error_reporting import convert_error, pack_error, unpack_error
from app.reports.report_outbox import FOLDER_NAME
from resources.atomic_file import write_text_atomically

FILE_NAME = "webhooks.json"
FORMAT = 1
MAX_WAITING = 500
"""Maximum messages per webhook; the oldest are dropped and counted."""
MAX_WAIT_S = 86_400.0
"""Seconds after which an undelivered message is dropped and counted."""
MAX_REFUSALS = 3
"""Rejections (4xx) after which a message is dropped."""
RETRY_AFTER_S = (1.0, 5.0, 30.0, 60.0, 300.0, 900.0)
"""Delays after the first failures; later ones come every 15 minutes."""
SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """One message for one webhook.

    Attributes:
        post_id: the same at every attempt, so that the receiver recognises repeats.
        kind: a value of ``EventKind``, or ``SNAPSHOT``.
        made_s, next_try_s: seconds since the epoch.
        body: JSON values.
        refusals: number of rejections by the receiver.
    """

    post_id: str
    kind: str
    made_s: float
    body: dict[str, Any]
    tries: int = 0
    refusals: int = 0
    next_try_s: float = 0.0


@dataclass(frozen=True, slots=True)
class WebhookState:
    """The state of a webhook's deliveries.

    Attributes:
        dropped: number of messages that were discarded.
        sent_s: time of the last accepted message; None if there was none.
        snapshot_s: time of the last queued snapshot.
        problem: error of the last attempt as packed by `pack_words`; empty if it succeeded.
    """

    waiting: tuple[WaitingPost, ...] = ()
    sent: int = 0
    dropped: int = 0
    sent_s: float | None = None
    snapshot_s: float = 0.0
    problem: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> OutputError | None:
        """Error of the last attempt; None if it succeeded."""
        return unpack_error(OutputError, self.problem) if self.problem else None


class WebhookQueue:
    """The messages of all webhooks of a venue; safe for several threads of one process."""

    def __init__(self, folder: Path) -> None:
        """Read the waiting messages.

        Raises:
            StoreError: the file cannot be read or understood.
        """
        self._file = folder / FOLDER_NAME / FILE_NAME
        self._lock = threading.Lock()
        self._holding, self._states = _read(self._file)

    @property
    def holding(self) -> dict[str, dict[str, object]]:
        """Conditions that held in the hall when the last event was queued."""
        with self._lock:
            return {name: dict(detail) for name, detail in self._holding.items()}

    def find(self, name: str) -> WebhookState:
        """Return the state of a webhook."""
        with self._lock:
            return self._states.get(name, WebhookState())

    def add(
        self,
        posts: Sequence[tuple[str, str, dict[str, Any]]],
        *,
        holding: Mapping[str, Mapping[str, object]],
        now_utc_s: float,
    ) -> None:
        """Add messages; of the kind ``SNAPSHOT`` only the newest waits.

        Args:
            posts: name of the webhook, kind and body of each.
            holding: conditions that hold in the hall now.

        Raises:
            StoreError: the file cannot be written; nothing was added.
        """
        with self._lock:
            states = dict(self._states)
            for name, kind, body in posts:
                state = states.get(name, WebhookState())
                waiting = [one for one in state.waiting if kind != SNAPSHOT or one.kind != SNAPSHOT]
                waiting.append(WaitingPost(uuid.uuid4().hex, kind, now_utc_s, body))
                excess = max(0, len(waiting) - MAX_WAITING)
                states[name] = replace(
                    state,
                    waiting=tuple(waiting[excess:]),
                    dropped=state.dropped + excess,
                    snapshot_s=now_utc_s if kind == SNAPSHOT else state.snapshot_s,
                )
            conditions = {name: dict(detail) for name, detail in holding.items()}
            self._write(conditions, states)

    def record_result(
        self, name: str, post: WaitingPost, error: Exception | None, *, is_refusal: bool, now_utc_s: float
    ) -> None:
        """Record the result of an attempt: remove an accepted message, or schedule a retry.

        Raises:
            StoreError: the file cannot be written; the message is retried again.
        """
        with self._lock:
            state = self._states.get(name, WebhookState())
            if error is None:
                state = replace(state, sent=state.sent + 1, sent_s=now_utc_s, problem={})
                retried = None
            else:
                retried = replace(
                    post,
                    tries=post.tries + 1,
                    refusals=post.refusals + is_refusal,
                    next_try_s=now_utc_s + RETRY_AFTER_S[min(post.tries, len(RETRY_AFTER_S) - 1)],
                )
                state = replace(state, problem=pack_error(error))
                if retried.refusals >= MAX_REFUSALS or now_utc_s - post.made_s > MAX_WAIT_S:
                    state, retried = replace(state, dropped=state.dropped + 1), None
            waiting = [
                retried if one.post_id == post.post_id else one
                for one in state.waiting
                if one.post_id != post.post_id or retried is not None
            ]
            state = replace(state, waiting=tuple(one for one in waiting if one is not None))
            self._write(self._holding, {**self._states, name: state})

    def discard_others(self, names: Sequence[str]) -> None:
        """Discard all other webhooks.

        Raises:
            StoreError: the file cannot be written.
        """
        with self._lock:
            if self._states.keys() - set(names):
                self._write(
                    self._holding, {name: state for name, state in self._states.items() if name in names}
                )

    def _write(self, holding: dict[str, dict[str, object]], states: dict[str, WebhookState]) -> None:
        document = {
            "format": FORMAT,
            "holding": holding,
            "webhooks": {name: asdict(state) for name, state in states.items()},
        }
        try:
            self._file.parent.mkdir(exist_ok=True)
            write_text_atomically(self._file, json.dumps(document, ensure_ascii=False))
        except OSError as error:
            raise convert_error(StoreError, error, file=self._file) from error
        self._holding, self._states = holding, states


def read_states(folder: Path) -> dict[str, WebhookState]:
    """Return the state of every webhook of a venue.

    Raises:
        StoreError: the file cannot be read or understood.
    """
    return _read(folder / FOLDER_NAME / FILE_NAME)[1]


def _read(file: Path) -> tuple[dict[str, dict[str, object]], dict[str, WebhookState]]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            raise ValueError(f"format {document['format']}")
        states = {
            str(name): WebhookState(
                **{**state, "waiting": tuple(WaitingPost(**one) for one in state["waiting"])}
            )
            for name, state in document["webhooks"].items()
        }
        return {str(name): dict(detail) for name, detail in document["holding"].items()}, states
    except FileNotFoundError:
        return {}, {}
    except OSError as error:
        raise convert_error(StoreError, error, file=file) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            "{file} cannot be read: its content is invalid.",
            "Remove the file; it contains the webhook messages that were not sent yet.",
            file=file,
        ) from error

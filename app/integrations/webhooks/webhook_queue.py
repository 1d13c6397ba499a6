"""What webhooks are still to be told, on disk: what was put in is there after a kill, and is told once more.

``outbox/webhooks.json`` is replaced as a whole at every change, together with what holds in the hall, so that
an event is neither forgotten nor made twice.
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
from app.error_reporting import explain_error, pack_words, unpack_words
from app.reports.report_outbox import FOLDER_NAME
from resources.atomic_file import write_text_atomically

FILE_NAME = "webhooks.json"
FORMAT = 1
MAX_WAITING = 500
"""For each webhook; of more the oldest are dropped, and counted."""
MAX_WAIT_S = 86_400.0
"""What nobody took for a day is dropped, and counted."""
MAX_REFUSALS = 3
"""So often a receiver may say that a message is wrong (4xx)."""
RETRY_AFTER_S = (1.0, 5.0, 30.0, 60.0, 300.0, 900.0)
"""After the first failures; from then on every quarter of an hour."""
SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """One message for one webhook.

    Attributes:
        post_id: the same whenever it is tried, so that a receiver knows it again.
        kind: of ``EventKind``, or ``SNAPSHOT``.
        made_s, next_try_s: seconds since the epoch.
        body: JSON values.
        refusals: how often the receiver said that it is wrong.
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
    """How a webhook does.

    Attributes:
        dropped: messages that it was never told.
        sent_s: when it took one last; None: never.
        snapshot_s: when it was last to be told what is now.
        problem: why the last try failed, as `pack_words` packs it; empty: it did not.
    """

    waiting: tuple[WaitingPost, ...] = ()
    sent: int = 0
    dropped: int = 0
    sent_s: float | None = None
    snapshot_s: float = 0.0
    problem: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> OutputError | None:
        """Why the last try failed; None if it did not."""
        return unpack_words(OutputError, self.problem) if self.problem else None


class WebhookQueue:
    """The messages of all webhooks of a venue; for several threads of one process."""

    def __init__(self, folder: Path) -> None:
        """Read what waits.

        Raises:
            StoreError: it cannot be read or understood.
        """
        self._file = folder / FOLDER_NAME / FILE_NAME
        self._lock = threading.Lock()
        self._holding, self._states = _read(self._file)

    @property
    def holding(self) -> dict[str, dict[str, object]]:
        """What held in the hall when the last event was put in."""
        with self._lock:
            return {name: dict(detail) for name, detail in self._holding.items()}

    def find(self, name: str) -> WebhookState:
        """How a webhook does."""
        with self._lock:
            return self._states.get(name, WebhookState())

    def put(
        self,
        posts: Sequence[tuple[str, str, dict[str, Any]]],
        *,
        holding: Mapping[str, Mapping[str, object]],
        now_utc_s: float,
    ) -> None:
        """Add messages; of the kind ``SNAPSHOT`` only the newest waits.

        Args:
            posts: webhook's name, kind and body of each.
            holding: what holds in the hall by now.

        Raises:
            StoreError: it cannot be written; nothing was added.
        """
        with self._lock:
            states = dict(self._states)
            for name, kind, body in posts:
                state = states.get(name, WebhookState())
                waiting = [one for one in state.waiting if kind != SNAPSHOT or one.kind != SNAPSHOT]
                waiting.append(WaitingPost(uuid.uuid4().hex, kind, now_utc_s, body))
                over = max(0, len(waiting) - MAX_WAITING)
                states[name] = replace(
                    state,
                    waiting=tuple(waiting[over:]),
                    dropped=state.dropped + over,
                    snapshot_s=now_utc_s if kind == SNAPSHOT else state.snapshot_s,
                )
            kept = {name: dict(detail) for name, detail in holding.items()}
            self._write(kept, states)

    def settle(
        self, name: str, post: WaitingPost, error: Exception | None, *, is_refusal: bool, now_utc_s: float
    ) -> None:
        """Say what came of a message: None, it was taken; it is forgotten, or tried again later.

        Raises:
            StoreError: it cannot be written; the message is tried again.
        """
        with self._lock:
            state = self._states.get(name, WebhookState())
            if error is None:
                state = replace(state, sent=state.sent + 1, sent_s=now_utc_s, problem={})
                tried = None
            else:
                tried = replace(
                    post,
                    tries=post.tries + 1,
                    refusals=post.refusals + is_refusal,
                    next_try_s=now_utc_s + RETRY_AFTER_S[min(post.tries, len(RETRY_AFTER_S) - 1)],
                )
                state = replace(state, problem=pack_words(error))
                if tried.refusals >= MAX_REFUSALS or now_utc_s - post.made_s > MAX_WAIT_S:
                    state, tried = replace(state, dropped=state.dropped + 1), None
            waiting = [
                tried if one.post_id == post.post_id else one
                for one in state.waiting
                if one.post_id != post.post_id or tried is not None
            ]
            state = replace(state, waiting=tuple(one for one in waiting if one is not None))
            self._write(self._holding, {**self._states, name: state})

    def keep(self, names: Sequence[str]) -> None:
        """Forget all other webhooks.

        Raises:
            StoreError: it cannot be written.
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
            raise explain_error(StoreError, error, file=self._file) from error
        self._holding, self._states = holding, states


def read_states(folder: Path) -> dict[str, WebhookState]:
    """How every webhook of a venue does.

    Raises:
        StoreError: it cannot be read or understood.
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
        raise explain_error(StoreError, error, file=file) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            "{file} cannot be understood.",
            "Take it away; what webhooks were still to be told is in it.",
            file=file,
        ) from error

"""Tells web addresses what begins and ends, and what is now; what cannot be told yet waits on disk."""

from __future__ import annotations

import json
import logging
import threading
import urllib.error
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from analytics.domain.clock import Clock, SystemClock, format_utc
from analytics.domain.errors import OutputError, StoreError
from app.core.credentials import open_credential_store
from app.core.signed_post import make_webhook_key, post_signed
from app.integrations.hall_events import EventWatch
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.rest.rest_models import describe_hall
from app.integrations.webhooks.webhook_queue import SNAPSHOT, WaitingPost, WebhookQueue, WebhookState
from app.integrations.webhooks.webhook_settings import Webhook, read_webhooks
from app.settings.paths import settings_folder

TIMEOUT_S = 10.0
TRIAL = "trial"
EVENT_HEADER = "X-ExpoFlow-Event"
LOOK_EVERY_S = 0.5
_CLOSE_LIMIT_S = 3.0
_TRY_LATER = {408, 425, 429}
"""Answers that say nothing against the message itself."""

_LOG = logging.getLogger(__name__)

FindSecret = Callable[[Webhook], str | None]


class WebhookPublisher:
    """Every webhook is told in a thread of its own, so that one that hangs holds no other.

    A message is a JSON document with ``id`` (the same at every try), ``event``, ``at_utc`` and ``sent_utc``,
    which changes at every try and is signed with the rest: who refuses old ones cannot be told twice.
    """

    name = "Webhooks"

    def __init__(
        self,
        folder: Path,
        webhooks: Sequence[Webhook],
        *,
        find_secret: FindSecret,
        clock: Clock | None = None,
    ) -> None:
        """Go on with what waits.

        Raises:
            StoreError: what waits cannot be read or understood.
        """
        self._webhooks, self._clock = tuple(webhooks), clock or SystemClock()
        self._queue = WebhookQueue(folder)
        self._watch = EventWatch(self._queue.holding)
        self._senders = [_Sender(one, self._queue, find_secret, self._clock) for one in webhooks]

    def publish(self, snapshot: HallSnapshot) -> None:
        """Put what has begun and ended, and what is now where it is time, among what waits.

        Raises:
            StoreError: it cannot be written.
            OutputError: a webhook did not take what it was told last; says which and why.
        """
        now_utc_s = self._clock.now_utc_s()
        holding = self._watch.holding.copy()
        posts = [
            (webhook.name, event.kind.value, event.describe())
            for event in self._watch.compare(snapshot)
            for webhook in self._webhooks
            if event.kind in webhook.events
        ]
        for webhook in self._webhooks:
            since_s = now_utc_s - self._queue.find(webhook.name).snapshot_s
            if webhook.every_min and not 0 <= since_s < 60.0 * webhook.every_min:
                document = describe_hall(snapshot).model_dump(mode="json")
                posts.append((webhook.name, SNAPSHOT, {"event": SNAPSHOT, **document}))
        if posts or self._watch.holding.keys() != holding.keys():
            try:
                self._queue.put(posts, holding=self._watch.holding, now_utc_s=now_utc_s)
            except StoreError:
                # the same changes are found again
                self._watch.holding = holding
                raise
        for sender in self._senders:
            sender.look()
        for webhook in self._webhooks:
            error = self._queue.find(webhook.name).error
            if error is not None:
                raise error

    def find(self, name: str) -> WebhookState:
        """How a webhook does."""
        return self._queue.find(name)

    def close(self) -> None:
        """End the threads; what waits is told the next time."""
        for sender in self._senders:
            sender.end()
        for sender in self._senders:
            sender.join()


class _Sender:
    """Tells one webhook, one message after the other in the order in which they were made."""

    def __init__(self, webhook: Webhook, queue: WebhookQueue, find_secret: FindSecret, clock: Clock) -> None:
        self._webhook, self._queue, self._find_secret, self._clock = webhook, queue, find_secret, clock
        self._wakes, self._is_ended = threading.Event(), threading.Event()
        self._secret: str | None = None
        self._knows_secret = False
        self._thread = threading.Thread(target=self._run, name=f"webhook {webhook.name}", daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Something may be there to be told."""
        self._wakes.set()

    def end(self) -> None:
        self._is_ended.set()
        self._wakes.set()

    def join(self) -> None:
        self._thread.join(_CLOSE_LIMIT_S)

    def _run(self) -> None:
        while not self._is_ended.is_set():
            self._wakes.wait(LOOK_EVERY_S)
            self._wakes.clear()
            try:
                while not self._is_ended.is_set() and self._tell_first():
                    pass
            except StoreError as error:
                # the message stays what it was, and is tried again
                _LOG.warning("%s", error)

    def _tell_first(self) -> bool:
        """Try the oldest message, if it is its time; whether it was taken."""
        waiting = self._queue.find(self._webhook.name).waiting
        now_utc_s = self._clock.now_utc_s()
        if not waiting or waiting[0].next_try_s > now_utc_s:
            return False
        post, is_refusal = waiting[0], False
        error: Exception | None = None
        try:
            if not self._knows_secret:
                self._secret, self._knows_secret = self._find_secret(self._webhook), True
            post_event(self._webhook, post, secret=self._secret, now_utc_s=now_utc_s)
        except Exception as failure:  # whatever it was, the thread goes on and the message waits
            error = failure
            cause = failure.__cause__
            is_refusal = (
                isinstance(cause, urllib.error.HTTPError)
                and 400 <= cause.code < 500
                and cause.code not in _TRY_LATER
            )
            # it may have another one by now
            self._knows_secret = False
        self._queue.settle(
            self._webhook.name, post, error, is_refusal=is_refusal, now_utc_s=self._clock.now_utc_s()
        )
        return error is None


def post_event(webhook: Webhook, post: WaitingPost, *, secret: str | None, now_utc_s: float) -> None:
    """Post one message now.

    Raises:
        OutputError: it was not taken; says by whom and why.
    """
    document = {"id": post.post_id, **post.body, "sent_utc": format_utc(now_utc_s)}
    headers = {"Content-Type": "application/json", "User-Agent": "ExpoFlow", EVENT_HEADER: post.kind}
    content = json.dumps(document, ensure_ascii=False).encode("utf-8")
    try:
        post_signed(webhook.url, content, headers=headers, secret=secret, timeout_s=TIMEOUT_S)
    except OSError as error:
        raise OutputError(
            "The webhook '{name}' ({host}) did not take a message: {reason}.",
            "Look whether the address is right and the service runs; it is tried again by itself.",
            name=webhook.name,
            host=urlsplit(webhook.url).netloc,
            reason=str(error) or type(error).__name__,
        ) from error


def make_trial(venue: str, *, now_utc_s: float) -> WaitingPost:
    """A message that says nothing but that it arrives."""
    body = {"event": TRIAL, "at_utc": format_utc(now_utc_s), "venue": venue}
    return WaitingPost(uuid.uuid4().hex, TRIAL, now_utc_s, body)


def open_webhooks(folder: Path) -> WebhookPublisher | None:
    """For a venue's webhooks; None where none is switched on.

    Raises:
        VenueError, StoreError: the settings or what waits cannot be read.
    """
    known = read_webhooks(folder)
    webhooks = [webhook for webhook in known if webhook.is_enabled]
    if not webhooks:
        return None
    WebhookQueue(folder).keep([webhook.name for webhook in known])
    return WebhookPublisher(folder, webhooks, find_secret=find_secret)


def find_secret(webhook: Webhook) -> str | None:
    """The secret that a webhook's messages are signed with; None: they are not signed.

    Raises:
        CredentialError: the keyring cannot be asked.
    """
    found = open_credential_store(settings_folder()).find(make_webhook_key(webhook.url))
    return None if found is None else found.password

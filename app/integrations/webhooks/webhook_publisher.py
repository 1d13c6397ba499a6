"""Publisher of events and snapshots to webhooks, with a queue on disk for retries."""

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
from app.integrations.rest.rest_models import HallNow
from app.integrations.webhooks.webhook_queue import SNAPSHOT, WaitingPost, WebhookQueue, WebhookState
from app.integrations.webhooks.webhook_settings import Webhook, read_webhooks

TIMEOUT_S = 10.0
TRIAL = "trial"
EVENT_HEADER = "X-ExpoFlow-Event"
POLL_INTERVAL_S = 0.5
_CLOSE_TIMEOUT_S = 3.0
_RETRY_STATUSES = {408, 425, 429}
"""HTTP status codes that call for a retry rather than reject the message."""

_LOG = logging.getLogger(__name__)

FindSecret = Callable[[Webhook], str | None]


class WebhookPublisher:
    """A publisher with one thread per webhook, so that a hanging receiver delays no other.

    A message is a JSON document with ``id`` (the same at every attempt), ``event``, ``at_utc`` and
    ``sent_utc``, which changes at every attempt and is signed, so that receivers can reject replays.
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
        """Resume with the messages that wait.

        Raises:
            StoreError: the queue cannot be read or understood.
        """
        self._webhooks, self._clock = tuple(webhooks), clock or SystemClock()
        self._queue = WebhookQueue(folder)
        self._watch = EventWatch(self._queue.holding)
        self._senders = [_Sender(one, self._queue, find_secret, self._clock) for one in webhooks]

    def publish(self, snapshot: HallSnapshot) -> None:
        """Queue the events since the last snapshot, and the snapshot itself when it is due.

        Raises:
            StoreError: the queue cannot be written.
            OutputError: a webhook did not accept its last message, with its name and the reason.
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
                document = HallNow.model_validate(snapshot).model_dump(mode="json")
                posts.append((webhook.name, SNAPSHOT, {"event": SNAPSHOT, **document}))
        if posts or self._watch.holding.keys() != holding.keys():
            try:
                self._queue.add(posts, holding=self._watch.holding, now_utc_s=now_utc_s)
            except StoreError:
                # the next comparison finds the same changes
                self._watch.holding = holding
                raise
        for sender in self._senders:
            sender.wake()
        for webhook in self._webhooks:
            error = self._queue.find(webhook.name).error
            if error is not None:
                raise error

    def find(self, name: str) -> WebhookState:
        """Return the state of a webhook."""
        return self._queue.find(name)

    def close(self) -> None:
        """End the threads; waiting messages are sent next time."""
        for sender in self._senders:
            sender.end()
        for sender in self._senders:
            sender.join()


class _Sender:
    """The sender of one webhook's messages, in order."""

    def __init__(self, webhook: Webhook, queue: WebhookQueue, find_secret: FindSecret, clock: Clock) -> None:
        self._webhook, self._queue, self._find_secret, self._clock = webhook, queue, find_secret, clock
        self._is_woken, self._is_ended = threading.Event(), threading.Event()
        self._secret: str | None = None
        self._has_secret = False
        self._thread = threading.Thread(target=self._run, name=f"webhook {webhook.name}", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Wake up to check the queue."""
        self._is_woken.set()

    def end(self) -> None:
        self._is_ended.set()
        self._is_woken.set()

    def join(self) -> None:
        self._thread.join(_CLOSE_TIMEOUT_S)

    def _run(self) -> None:
        while not self._is_ended.is_set():
            self._is_woken.wait(POLL_INTERVAL_S)
            self._is_woken.clear()
            try:
                while not self._is_ended.is_set() and self._send_first():
                    pass
            except StoreError as error:
                # the message is unchanged and retried
                _LOG.warning("%s", error)

    def _send_first(self) -> bool:
        """Try the oldest message if it is due; return whether it was accepted."""
        waiting = self._queue.find(self._webhook.name).waiting
        now_utc_s = self._clock.now_utc_s()
        if not waiting or waiting[0].next_try_s > now_utc_s:
            return False
        post, is_refusal = waiting[0], False
        error: Exception | None = None
        try:
            if not self._has_secret:
                self._secret, self._has_secret = self._find_secret(self._webhook), True
            post_event(self._webhook, post, secret=self._secret, now_utc_s=now_utc_s)
        except Exception as failure:  # the thread goes on and the message waits
            error = failure
            cause = failure.__cause__
            is_refusal = (
                isinstance(cause, urllib.error.HTTPError)
                and 400 <= cause.code < 500
                and cause.code not in _RETRY_STATUSES
            )
            # it may have been changed
            self._has_secret = False
        self._queue.record_result(
            self._webhook.name, post, error, is_refusal=is_refusal, now_utc_s=self._clock.now_utc_s()
        )
        return error is None


def post_event(webhook: Webhook, post: WaitingPost, *, secret: str | None, now_utc_s: float) -> None:
    """Post one message now.

    Raises:
        OutputError: the message was not accepted, with the receiver and reason.
    """
    document = {"id": post.post_id, **post.body, "sent_utc": format_utc(now_utc_s)}
    headers = {"Content-Type": "application/json", "User-Agent": "ExpoFlow", EVENT_HEADER: post.kind}
    content = json.dumps(document, ensure_ascii=False).encode("utf-8")
    try:
        post_signed(webhook.url, content, headers=headers, secret=secret, timeout_s=TIMEOUT_S)
    except OSError as error:
        raise OutputError(
            "The webhook '{name}' ({host}) did not accept a message: {reason}.",
            "Check the address and that the service is running; the message is retried automatically.",
            name=webhook.name,
            host=urlsplit(webhook.url).netloc,
            reason=str(error) or type(error).__name__,
        ) from error


def make_trial(venue: str, *, now_utc_s: float) -> WaitingPost:
    """Return a message that only tests the delivery."""
    body = {"event": TRIAL, "at_utc": format_utc(now_utc_s), "venue": venue}
    return WaitingPost(uuid.uuid4().hex, TRIAL, now_utc_s, body)


def open_webhooks(folder: Path) -> WebhookPublisher | None:
    """Return a publisher for a venue's webhooks; None if none is enabled.

    Raises:
        VenueError, StoreError: the settings or the queue cannot be read.
    """
    known = read_webhooks(folder)
    webhooks = [webhook for webhook in known if webhook.is_enabled]
    if not webhooks:
        return None
    WebhookQueue(folder).discard_others([webhook.name for webhook in known])
    return WebhookPublisher(folder, webhooks, find_secret=find_secret)


def find_secret(webhook: Webhook) -> str | None:
    """Return the secret that signs a webhook's messages; None if they are not signed.

    Raises:
        CredentialError: the keyring is not available.
    """
    found = open_credential_store().find(make_webhook_key(webhook.url))
    return None if found is None else found.password

"""Webhooks: signatures, replay protection, retries, crash safety and limits."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.errors import OutputError, VenueError
from analytics.domain.zone_targets import AlarmMeasure
from app.core.file_format import write_venue
from app.integrations.hall_snapshot import HallSnapshot, ZoneSnapshot
from app.integrations.webhooks.webhook_publisher import WebhookPublisher
from app.integrations.webhooks.webhook_queue import MAX_WAIT_S, MAX_WAITING, WebhookQueue, read_states
from app.integrations.webhooks.webhook_settings import (
    EventKind,
    Webhook,
    check_webhook,
    read_webhooks,
    write_webhooks,
)
from app.privacy.privacy_facts import read_privacy_facts
from tests.support.halls.walked_hall import SetClock, make_hall
from tests.support.servers.web_receiver import receive
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[2]
AT_S = 1_773_460_800.0
SECRET = "known-to-both"
ALARM = Alarm(AlarmKey(AlarmMeasure.PEOPLE, "stage"), AT_S, 60.0, 71.0)
CALM = HallSnapshot("Hall 3", AT_S, True, people=12, zones=(ZoneSnapshot("stage", "stage", 3, 60),))
ALARMED = replace(CALM, at_utc_s=AT_S + 1, alarms=(ALARM,))


@contextmanager
def publishing(folder: Path, *webhooks: Webhook, clock: SetClock | None = None) -> Iterator[WebhookPublisher]:
    publisher = WebhookPublisher(
        folder, webhooks, find_secret=lambda _: SECRET, clock=clock or SetClock(AT_S)
    )
    try:
        yield publisher
    finally:
        publisher.close()


def read_bodies(posts: list[tuple[bytes, dict[str, str]]]) -> list[dict[str, object]]:
    return [json.loads(body) for body, _ in posts]


def test_a_message_is_retried_signed_and_dated(tmp_path: Path) -> None:
    clock = SetClock(AT_S)
    with receive() as receiver:
        receiver.answers += [503, 503]
        with publishing(tmp_path, Webhook("ops", receiver.url), clock=clock) as publisher:
            publisher.publish(CALM)
            # the error is raised now or at the next call
            with suppress(OutputError):
                publisher.publish(ALARMED)
            wait_until(lambda: len(receiver.refused) == 1, what="it was not tried")
            wait_until(lambda: publisher.find("ops").problem, what="the failure is not kept")
            with pytest.raises(OutputError, match=r"'ops'.*503"):
                publisher.publish(ALARMED)
            assert len(receiver.refused) == 1  # not before its time
            clock.now_s += 1.1
            wait_until(lambda: len(receiver.refused) == 2, what="it was not tried again")
            wait_until(lambda: publisher.find("ops").waiting[0].tries == 2, what="the failure is not kept")
            clock.now_s += 5.1
            wait_until(lambda: receiver.taken, what="it was not tried a third time")
            wait_until(lambda: not publisher.find("ops").waiting, what="it still waits")
            publisher.publish(ALARMED)  # and fails no more
        ((body, headers),) = receiver.taken
        sent, first = json.loads(body), json.loads(receiver.refused[0][0])
    assert headers["X-Expoflow-Signature".title()] == (
        "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    )
    assert headers["X-Expoflow-Event"] == "alarm_raised"
    assert (sent["event"], sent["zone"], sent["worst"], sent["venue"]) == (
        "alarm_raised",
        "stage",
        71,
        "Hall 3",
    )
    assert sent["id"] == first["id"]
    assert (first["sent_utc"], sent["sent_utc"]) == ("2026-03-14T04:00:00.000Z", "2026-03-14T04:00:06.200Z")
    assert SECRET not in (tmp_path / "outbox" / "webhooks.json").read_text()


PUBLISH_TO_DEAD_RECEIVER = """
import sys, time
from contextlib import suppress
from pathlib import Path
from tests.integration.test_webhooks import ALARMED, CALM, SECRET, OutputError, Webhook, WebhookPublisher
publisher = WebhookPublisher(Path(sys.argv[1]), [Webhook("ops", sys.argv[2])], find_secret=lambda _: SECRET)
for hall in (CALM, ALARMED):
    with suppress(OutputError):  # nobody answers
        publisher.publish(hall)
print("told", flush=True)
time.sleep(30)
"""


def test_a_killed_program_loses_and_repeats_nothing(tmp_path: Path) -> None:
    with receive() as receiver:
        url = receiver.url
    child = subprocess.Popen(
        [sys.executable, "-c", PUBLISH_TO_DEAD_RECEIVER, str(tmp_path), url],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "told\n"
    finally:
        child.kill()
        child.communicate(timeout=10)
    with receive() as receiver:
        webhook = Webhook("ops", receiver.url)
        with publishing(tmp_path, webhook, clock=SetClock(time.time() + 60)) as publisher:
            with suppress(OutputError):  # what failed last is told until the next try
                publisher.publish(ALARMED)  # the alarm holds still, and is no news
            wait_until(lambda: receiver.taken, what="what waited is lost")
            wait_until(lambda: not publisher.find("ops").waiting, what="it still waits")
        assert [body["event"] for body in read_bodies(receiver.taken)] == ["alarm_raised"]


def test_chosen_events_and_periodic_snapshots_are_sent(tmp_path: Path) -> None:
    clock = SetClock(AT_S)
    with receive() as receiver, receive() as other:
        cleared = Webhook("cleared", other.url, frozenset({EventKind.ALARM_CLEARED}))
        minutely = Webhook("minutely", receiver.url, frozenset(), every_min=1)
        with publishing(tmp_path, cleared, minutely, clock=clock) as publisher:
            for at_s, hall in enumerate([CALM, ALARMED, CALM, *[CALM] * 60]):
                clock.now_s = AT_S + at_s
                publisher.publish(replace(hall, at_utc_s=AT_S + at_s))
                if at_s == 0:
                    wait_until(lambda: receiver.taken, what="what is now was not told")
            wait_until(lambda: len(receiver.taken) == 2, what="what is now was not told again")
            wait_until(lambda: other.taken, what="the end was not told")
        assert [body["event"] for body in read_bodies(other.taken)] == ["alarm_cleared"]
        first, second = read_bodies(receiver.taken)
        assert (first["event"], first["people"], first["at_utc"]) == ("snapshot", 12, "2026-03-14T04:00:00Z")
        assert second["at_utc"] == "2026-03-14T04:01:00Z"
        # no individual data
        assert "visitor" not in json.dumps([first, second])


def test_a_hanging_receiver_delays_no_other(tmp_path: Path) -> None:
    import socket

    with socket.socket() as silent, receive() as receiver:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        hanging = Webhook("hanging", f"http://127.0.0.1:{silent.getsockname()[1]}/")
        with publishing(tmp_path, hanging, Webhook("ops", receiver.url)) as publisher:
            began_s = time.monotonic()
            publisher.publish(CALM)
            publisher.publish(ALARMED)
            wait_until(lambda: receiver.taken, what="the other was not told")
            assert time.monotonic() - began_s < 5
        assert len(read_states(tmp_path)["hanging"].waiting) == 1


def count_tries(publisher: WebhookPublisher) -> int:
    """Of the first message that waits; 3 once it is dropped."""
    state = publisher.find("ops")
    return 3 if state.dropped else state.waiting[0].tries


@pytest.mark.parametrize("status", [302, 404])
def test_redirects_and_rejections_are_not_acceptance(tmp_path: Path, status: int) -> None:
    clock = SetClock(AT_S)
    with receive() as receiver:
        receiver.answers += [status] * 10
        with publishing(tmp_path, Webhook("ops", receiver.url), clock=clock) as publisher:
            publisher.publish(CALM)
            # the error is raised now or at the next call
            with suppress(OutputError):
                publisher.publish(ALARMED)
            for tries in (1, 2, 3):
                # time stands still after the last, or a fourth may be tried
                clock.now_s += 31 * (tries > 1)
                wait_until(lambda tries=tries: count_tries(publisher) == tries, what="it was not tried")
                with pytest.raises(OutputError, match=f"did not accept a message.*{status}"):
                    publisher.publish(ALARMED)
            # three rejections drop a message; redirects do not
            assert publisher.find("ops").dropped == (1 if status == 404 else 0)
        assert receiver.taken == []
        assert len(receiver.refused) == 3


def test_the_queue_is_bounded_and_counts_dropped_messages(tmp_path: Path) -> None:
    queue = WebhookQueue(tmp_path)
    posts = [("ops", "alarm_raised", {"number": number}) for number in range(MAX_WAITING + 3)]
    queue.add(posts, holding={}, now_utc_s=AT_S)
    queue.add([("ops", "snapshot", {}), ("ops", "snapshot", {})], holding={}, now_utc_s=AT_S)
    state = read_states(tmp_path)["ops"]
    assert (len(state.waiting), state.dropped) == (MAX_WAITING, 4)
    assert state.waiting[0].body == {"number": 4}
    assert [post.kind for post in state.waiting].count("snapshot") == 1
    error = OutputError("No.", "Nothing.")
    queue.record_result("ops", state.waiting[0], error, is_refusal=False, now_utc_s=AT_S + MAX_WAIT_S + 1)
    assert (len(queue.find("ops").waiting), queue.find("ops").dropped) == (MAX_WAITING - 1, 5)


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://example.com/hall"},
        {"url": "http://127.0.0.1.example.com/"},
        {"url": "https://user:word@example.com/"},
        {"url": "https://example.com/展"},
        {"name": "a/b"},
        {"every_min": -1},
        {"events": frozenset()},
    ],
)
def test_invalid_webhooks_are_rejected(changes: dict[str, object]) -> None:
    good = Webhook("ops", "https://example.com/hall")
    check_webhook(good)
    with pytest.raises(VenueError):
        check_webhook(replace(good, **changes))  # type: ignore[arg-type]


def test_saving_webhooks_leaves_other_systems_unchanged(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    (venue.folder / "integrations.toml").write_text("format = 1\n[rest]\nis_enabled = true\n")
    webhooks = (Webhook("ops", "https://example.com/hall", frozenset({EventKind.CAMERA_UP}), 5),)
    write_webhooks(venue.folder, webhooks)
    assert read_webhooks(venue.folder) == webhooks
    assert "is_enabled = true" in (venue.folder / "integrations.toml").read_text()


def test_the_record_of_processing_names_the_receivers(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    on = Webhook("ops", "https://ops.example.com/in?key=unseen")
    write_webhooks(venue.folder, [on, Webhook("old", "https://old.example.com/", is_enabled=False)])
    sent = [str(one.what) for one in read_privacy_facts(venue).recipients]
    assert sent == ["Alarms and counts go to the web address ops.example.com"]

"""Scheduled reports: due times, delivery, retries and commands."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from analytics.domain.errors import VenueError
from analytics.domain.exhibition import Exhibition, OpeningHours
from app.access.guard import clear_actors
from app.cli.program import main
from app.core.credentials import Credential, MemoryCredentialStore
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.signed_post import SIGNATURE_HEADER, make_webhook_key
from app.print.report_files import write_report_file
from app.reports.report_due import MAX_OVERDUE, find_next, list_due
from app.reports.report_outbox import FOLDER_NAME, Outbox, read_outbox
from app.reports.schedule_file import (
    MailServer,
    Rhythm,
    Schedule,
    Target,
    remove_schedule,
    save_schedule,
    set_mail_server,
)
from app.reports.scheduled_reports import run_schedules
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.servers.mail_server import serve_mail

pytestmark = pytest.mark.usefixtures("qapp")

EVENING_S = NOW_UTC_S + 7 * 3600.0
"""19:00 in Shanghai on the day of the hall's history."""
DAY_S = 86_400.0


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=NOW_UTC_S - 7200, duration_s=600, people=20)
    write_venue(venue)
    return venue


def make_schedule(target: Target, to: str, **changes: object) -> Schedule:
    return replace(Schedule("Evening", "daily", Rhythm.DAY, time(18, 30), target, to), **changes)  # type: ignore[arg-type]


def save(hall: Venue, schedule: Schedule) -> None:
    save_schedule(hall.folder, schedule, clock=SetClock(NOW_UTC_S))


def run(hall: Venue, at_s: float, store: MemoryCredentialStore | None = None) -> Outbox:
    return run_schedules(
        hall.folder,
        write_file=write_report_file,
        credentials=store or MemoryCredentialStore(),
        clock=SetClock(at_s),
    )


def test_an_evening_report_is_saved_to_a_folder_once(hall: Venue, tmp_path: Path) -> None:
    out = tmp_path / "share"
    out.mkdir()
    save(hall, make_schedule(Target.FOLDER, str(out), language="zh_CN", formats=("html",)))
    assert run(hall, NOW_UTC_S).deliveries == ()
    (sent,) = run(hall, EVENING_S).deliveries
    assert sent.sent_s == EVENING_S
    assert [file.name for file in out.iterdir()] == ["Evening 2026-03-14.html"]
    assert "每日概要" in (out / "Evening 2026-03-14.html").read_text(encoding="utf-8")
    assert len(run(hall, EVENING_S + 60).deliveries) == 1
    assert [f.suffix for f in (hall.folder / FOLDER_NAME).iterdir() if not f.name.startswith(".")] == [
        ".json"
    ]


def test_a_failed_delivery_is_retried(hall: Venue, tmp_path: Path) -> None:
    out = tmp_path / "not there yet"
    save(hall, make_schedule(Target.FOLDER, str(out)))
    (waiting,) = run(hall, EVENING_S).deliveries
    assert (waiting.sent_s, waiting.tries) == (None, 1)
    assert "not there yet" in waiting.describe_problem()
    assert (hall.folder / FOLDER_NAME / waiting.files[0]).stat().st_size > 1000
    # not before its time
    assert run(hall, EVENING_S + 30).deliveries[0].tries == 1
    out.mkdir()
    (sent,) = run(hall, EVENING_S + 61).deliveries
    assert sent.sent_s is not None
    assert [file.suffix for file in out.iterdir()] == [".pdf"]


def test_mail_is_sent_after_a_refusal(hall: Venue) -> None:
    with serve_mail() as server:
        set_mail_server(hall.folder, MailServer("127.0.0.1", server.port, "", "hall@example.com"))
        save(hall, make_schedule(Target.MAIL, "a@example.com, b@example.com", formats=("pdf", "html")))
        server.refuses = True
        assert "no such mailbox" in run(hall, EVENING_S).deliveries[0].describe_problem()
        server.refuses = False
        assert run(hall, EVENING_S + 61).deliveries[0].sent_s is not None
        (message,) = server.messages
    assert "Subject: Daily summary" in message.replace("=?utf-8?q?", "").replace("_", " ")
    assert "application/pdf" in message
    assert message.count("Content-Disposition: attachment") == 2
    assert [file.name for file in (hall.folder / FOLDER_NAME).glob("Evening*")] == []


@contextmanager
def serve_webhook(failures: int) -> Iterator[tuple[str, list[tuple[bytes, str]]]]:
    received: list[tuple[bytes, str]] = []
    failures_left = [failures]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if failures_left[0]:
                failures_left[0] -= 1
                self.send_response(503)
            else:
                received.append((body, self.headers[SIGNATURE_HEADER]))
                self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/reports", received
        finally:
            server.shutdown()
            thread.join()


def test_a_webhook_delivery_is_signed_and_retried_with_growing_delays(hall: Venue) -> None:
    store = MemoryCredentialStore()
    with serve_webhook(failures=2) as (url, received):
        store.store(make_webhook_key(url), Credential("", "secret"))
        save(hall, make_schedule(Target.WEBHOOK, url))
        attempts = [run(hall, EVENING_S + wait_s, store).deliveries[0] for wait_s in (0, 61, 61 + 301)]
    assert [(one.tries, one.sent_s is not None) for one in attempts] == [(1, False), (2, False), (3, True)]
    assert "503" in attempts[1].describe_problem()
    ((body, signature),) = received
    assert body.startswith(b"%PDF")
    assert signature == "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert b"secret" not in (hall.folder / "schedules.toml").read_bytes()


def test_a_report_that_cannot_be_made_is_not_retried(hall: Venue, tmp_path: Path) -> None:
    save(hall, make_schedule(Target.FOLDER, str(tmp_path), stand="Nobody", template="stand"))
    (delivery,) = run(hall, EVENING_S).deliveries
    assert "Nobody" in delivery.describe_problem()
    assert run(hall, EVENING_S + DAY_S / 2).list_waiting(EVENING_S + DAY_S) == ()


def test_only_the_latest_overdue_reports_are_made() -> None:
    fair = Exhibition("Fair", "Asia/Shanghai")
    schedule = make_schedule(Target.FOLDER, "out")
    due = list_due(schedule, fair, since_s=NOW_UTC_S - 30 * DAY_S, now_utc_s=NOW_UTC_S)
    assert len(due) == MAX_OVERDUE
    assert due[-1].period_s == fair.day_interval_utc(date(2026, 3, 13))


def test_due_times_follow_the_venues_calendar() -> None:
    days = tuple(OpeningHours(date(2026, 3, day), time(9), time(17)) for day in (12, 14))
    fair = Exhibition("Fair", "Asia/Shanghai", days)
    since_s, now_s = (datetime(2026, 3, day, tzinfo=UTC).timestamp() for day in (9, 17))
    periods = {
        rhythm: [
            due.period_s
            for due in list_due(
                make_schedule(Target.FOLDER, "out", rhythm=rhythm),
                fair,
                since_s=since_s,
                now_utc_s=now_s,
            )
        ]
        for rhythm in Rhythm
    }
    whole = fair.day_interval_utc(date(2026, 3, 12))[0], fair.day_interval_utc(date(2026, 3, 14))[1]
    assert periods[Rhythm.SHOW] == [whole]
    assert periods[Rhythm.DAY] == [fair.day_interval_utc(date(2026, 3, day)) for day in (12, 14)]
    # Monday the 16th, of the week before
    assert [start for start, _ in periods[Rhythm.WEEK]][-1] == fair.day_interval_utc(date(2026, 3, 9))[0]
    assert all(end - start == timedelta(days=7).total_seconds() for start, end in periods[Rhythm.WEEK])


def test_the_report_of_a_month_comes_on_the_first() -> None:
    fair = Exhibition("Museum", "Asia/Shanghai", ())
    monthly = make_schedule(Target.FOLDER, "out", rhythm=Rhythm.MONTH)
    since_s, now_s = (datetime(2026, month, 5, tzinfo=UTC).timestamp() for month in (2, 4))
    begins_s = [fair.day_interval_utc(date(2026, month, 1))[0] for month in (2, 3, 4)]
    found = list_due(monthly, fair, since_s=since_s, now_utc_s=now_s)
    assert [due.period_s for due in found] == list(pairwise(begins_s))
    coming = find_next(monthly, fair, now_utc_s=now_s)
    assert coming is not None
    assert datetime.fromtimestamp(coming.due_s, UTC) == datetime(2026, 5, 1, 10, 30, tzinfo=UTC)


def test_the_next_report_is_known_however_far_ahead_the_fair_is() -> None:
    daily = make_schedule(Target.FOLDER, "out")
    fair = Exhibition("Fair", "UTC", (OpeningHours(date(2026, 12, 1), time(9), time(17)),))
    coming = find_next(daily, fair, now_utc_s=NOW_UTC_S)
    assert coming is not None
    assert datetime.fromtimestamp(coming.due_s, UTC) == datetime(2026, 12, 1, 18, 30, tzinfo=UTC)
    assert find_next(daily, fair, now_utc_s=coming.due_s) is None


def test_schedules_and_an_outbox_of_an_earlier_version_are_read(hall: Venue, tmp_path: Path) -> None:
    save(hall, make_schedule(Target.FOLDER, str(tmp_path), formats=("html",)))
    file = hall.folder / "schedules.toml"
    file.write_text(
        file.read_text("utf-8").replace('formats = [\n    "html",\n]', 'file_format = "html"'), "utf-8"
    )
    assert 'file_format = "html"' in file.read_text("utf-8")
    outbox = hall.folder / FOLDER_NAME
    outbox.mkdir()
    (outbox / "old.html").write_text("old")
    (outbox / "outbox.json").write_text(
        '{"format": 1, "looked_s": {}, "deliveries": [{"schedule": "Evening", "due_s": 0.0, '
        '"file": "old.html", "title": "Old", "made_s": 0.0}]}'
    )
    run(hall, EVENING_S)
    assert {file.name for file in tmp_path.glob("*.html")} == {"old.html", "Evening 2026-03-14.html"}


def test_addresses_are_refused_by_name(hall: Venue) -> None:
    with pytest.raises(VenueError, match="'abc' is not a valid email address"):
        save(hall, make_schedule(Target.MAIL, "a@example.com, abc"))
    with pytest.raises(VenueError, match="'hall' is not a valid email address"):
        set_mail_server(hall.folder, MailServer("mail.example.com", 587, "", "hall"))


def test_a_removed_schedule_leaves_nothing_to_send(hall: Venue, tmp_path: Path) -> None:
    save_schedule(
        hall.folder, Schedule("Evening", "daily", Rhythm.DAY, time(18), Target.FOLDER, str(tmp_path))
    )
    assert main(["schedule", "run", "--venue", str(hall.folder)]) == 0
    clear_actors()
    remove_schedule(hall.folder, "Evening")
    with pytest.raises(VenueError):
        remove_schedule(hall.folder, "Evening")
    assert read_outbox(hall.folder).deliveries == ()

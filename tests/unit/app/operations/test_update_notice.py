"""Nobody is asked for newer versions unless an administrator has said so, and then once a day."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from analytics.domain.errors import AccessError
from app.access import secrets
from app.access.access_file import VenueAccess, write_access
from app.access.audit_entry import Outcome
from app.access.audit_log import read_trail
from app.access.roles import Role
from app.cli.program import main
from app.operations.privacy_facts import read_privacy_facts
from app.operations.release_feed import Release, UpdateError
from app.operations.update_notice import (
    LOOK_EVERY_S,
    dismiss_update,
    find_last_venue,
    find_news,
    look_for_update,
    switch_updates,
)
from app.settings.file import read_settings, write_settings
from app.settings.paths import settings_folder
from app.settings.update_file import FILE_NAME, UpdateChoice, read_updates
from app.venue.file_format import read_venue
from tests.conftest import LogGuard
from tests.support.guarded_venue import make_guarded_venue, work_as
from tests.support.release_server import serve_releases
from tests.support.walked_hall import SetClock

FEED = "https://feed.example/latest"


class Feed:
    """Says what a test wants, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.said: Release | UpdateError | None = Release("99.0", "https://example.org/99")

    def __call__(self, address: str) -> Release | None:
        self.asked.append(address)
        if isinstance(self.said, UpdateError):
            raise self.said
        return self.said


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(secrets, "_hasher", lambda: hasher)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_guarded_venue(tmp_path).folder


def test_by_default_nobody_is_asked_and_no_socket_is_opened(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("somebody was spoken to"))
    assert read_updates() == UpdateChoice()
    assert main(["updates", "show"]) == 0
    assert main(["updates", "look"]) == 1
    assert "switched off" in capsys.readouterr().err
    feed = Feed()
    with pytest.raises(UpdateError, match="switched off"):
        look_for_update(ask=feed)
    assert feed.asked == []


def test_it_is_asked_once_a_day_also_when_it_fails(folder: Path) -> None:
    clock, feed = SetClock(), Feed()
    switch_updates(None, is_on=True, address=FEED)
    assert find_news(look_for_update(clock=clock, ask=feed), "0.1.0") == Release(
        "99.0", "https://example.org/99"
    )
    clock.now_s += LOOK_EVERY_S - 1
    assert look_for_update(clock=clock, ask=feed).version == "99.0"
    assert feed.asked == [FEED]
    clock.now_s += 1
    feed.said = UpdateError("It is ill.", "Wait.")
    with pytest.raises(UpdateError, match="ill"):
        look_for_update(clock=clock, ask=feed)
    choice = look_for_update(clock=clock, ask=feed)
    assert choice.has_failed
    assert len(feed.asked) == 2
    # what was known before holds
    assert find_news(choice, "0.1.0") is not None
    assert find_news(choice, "99.0") is None
    assert dismiss_update("99.0").dismissed == read_updates().dismissed == "99.0"
    other = switch_updates(None, is_on=True, address="https://other.example/latest")
    assert (other.version, other.looked_utc_s) == ("", None)
    assert not switch_updates(None, is_on=False).is_on
    assert read_updates().address == "https://other.example/latest"
    clock.now_s -= 10 * LOOK_EVERY_S
    switch_updates(None, is_on=True)
    assert look_for_update(clock=clock, ask=Feed()).version == "99.0"


@pytest.mark.parametrize(
    "address", ["", "http://feed.example/", "https://u:p@feed.example/", "ftp://a", "https://" + "a" * 600]
)
def test_only_an_encrypted_address_is_taken(address: str) -> None:
    with pytest.raises(UpdateError):
        switch_updates(None, is_on=True, address=address)
    assert not read_updates().is_on


def test_an_administrator_decides_and_it_is_recorded(folder: Path) -> None:
    work_as(folder, Role.INSTALLER)
    with pytest.raises(AccessError):
        switch_updates(folder, is_on=True, address=FEED)
    assert not (settings_folder() / FILE_NAME).exists()
    work_as(folder, Role.ADMINISTRATOR)
    switch_updates(folder, is_on=True, address=FEED + "?token=s3cret")
    trail = read_trail(folder)
    assert trail is not None
    refused, done = trail.entries
    assert (refused.action, refused.outcome) == ("looking for updates changed", Outcome.REFUSED)
    assert (done.user, done.what) == ("administrator", {"state": "on", "address": "feed.example"})
    (recipient,) = read_privacy_facts(read_venue(folder)).recipients
    assert "feed.example" in str(recipient.what)


def test_without_a_venue_named_the_last_one_with_users_decides(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "open").mkdir()
    unguarded = make_guarded_venue(tmp_path / "open").folder
    write_access(unguarded, VenueAccess())
    assert find_last_venue() is None
    settings = read_settings().settings
    write_settings(settings.model_copy(update={"recent_venues": (tmp_path / "gone", unguarded)}))
    assert find_last_venue() == unguarded
    write_settings(settings.model_copy(update={"recent_venues": (unguarded, folder)}))
    assert find_last_venue() == folder


def test_a_file_that_nobody_understands_asks_nobody(log_guard: LogGuard) -> None:
    log_guard.expect("no release feed is asked")
    file = settings_folder() / FILE_NAME
    file.parent.mkdir(parents=True)
    for content in (
        "",
        "format = 1\nis_on = 'yes'\n",
        "format = 2\nis_on = true\n",
        "\0",
        "format = 1\nx = 1\n",
    ):
        file.write_text(content)
        assert read_updates() == UpdateChoice()


def test_the_commands_say_what_is_so(capsys: pytest.CaptureFixture[str]) -> None:
    said = {"version": "99.0", "url": "https://example.org/99"}
    with serve_releases(json.dumps(said).encode()) as server:
        assert main(["updates", "on", "--address", server.url]) == 0
        assert main(["updates", "look"]) == 0
        assert main(["updates", "look", "--json"]) == 0
    captured = capsys.readouterr()
    assert len(server.asked) == 1
    assert "ExpoFlow 99.0 is out" in " ".join(captured.err.split())
    assert json.loads(captured.out)["newer_version"] == "99.0"
    assert main(["updates", "off"]) == 0
    assert main(["updates", "on", "--address", "http://feed.example"]) == 1
    assert re.search("no address of a release feed", " ".join(capsys.readouterr().err.split()))

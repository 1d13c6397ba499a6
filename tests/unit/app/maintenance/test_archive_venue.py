"""A venue goes into one file and comes back equal; an archive from a stranger harms nothing."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import time
from pathlib import Path

import pandas as pd
import pytest

from analytics.domain.errors import OutputError, ResultFileError, VenueError
from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.store.sql_event_store import open_reader, open_store
from analytics.store.sql_event_writer import WriterLimits
from app.access.access_file import read_access
from app.access.audit_log import read_entries, record_audit
from app.access.roles import Role
from app.archive.archive_venue import MANIFEST_NAME, archive_venue, list_parts
from app.archive.unarchive_venue import ArchiveContents, inspect_archive, unarchive_venue
from app.core.credentials import MemoryCredentialStore
from app.core.file_format import read_venue
from app.core.job import JobCancelled, JobContext
from app.integrations.enabled_publishers import is_any_publisher_enabled
from app.integrations.mqtt.mqtt_settings import read_mqtt, save_mqtt, suggest_mqtt, switch_mqtt
from app.integrations.public.public_settings import PublicSettings, save_public
from app.integrations.rest.access_tokens import Scope, read_tokens
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest, save_rest
from app.integrations.webhooks.webhook_settings import Webhook, read_webhooks, save_webhook
from app.reports.schedule_file import (
    MailServer,
    Rhythm,
    Schedule,
    Target,
    read_schedules,
    save_schedule,
    set_mail_server,
)
from app.reports.scheduled_reports import run_schedules
from tests.support.halls.guarded_venue import make_guarded_venue, work_as
from tests.support.halls.known_crowd import make_crowd
from tests.support.halls.known_history import CAMERA, FIRST_S, make_known_venue, make_points
from tests.support.halls.walked_hall import SetClock


@pytest.fixture
def venue_folder(tmp_path: Path) -> Path:
    venue = make_known_venue(tmp_path, is_recorded=False)
    crowd = make_crowd(seed=3, duration_s=120.0, arrivals_per_h=120.0)
    writer = open_store(venue.folder, limits=WriterLimits(archive_at_points=100))
    writer.write_points(make_points(crowd, start_s=FIRST_S, first_tracklet=writer.reserve_tracklets(1000)))
    writer.write_event(CameraEvent(FIRST_S, CAMERA, CameraEventKind.CONNECTED, "for the first time"))
    writer.flush()
    writer.close()
    (venue.folder / "rollups").mkdir()
    (venue.folder / "rollups" / "day.json").write_text("{}")
    return venue.folder


@pytest.fixture(scope="module")
def kept_archive(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive of a venue that has never been recorded, made once."""
    folder = tmp_path_factory.mktemp("kept")
    venue = make_known_venue(folder, is_recorded=False)
    (venue.folder / "rollups").mkdir()
    (venue.folder / "rollups" / "day.json").write_text("{}")
    return archive_venue(venue.folder, folder / "fair.expoflow.zip").file.read_bytes()


def read_history(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    reader = open_reader(folder)
    try:
        return reader.read_tracks(), reader.read_events()
    finally:
        reader.close()


def test_a_venue_comes_back_equal(venue_folder: Path, tmp_path: Path) -> None:
    for name in ("recorder.json", "writer.lock", ".venue.lock"):
        (venue_folder / name).write_text("1")
    (venue_folder / "outbox").mkdir()
    (venue_folder / "outbox" / "waits.pdf").write_bytes(b"%PDF")
    (venue_folder / "link").symlink_to("/etc/passwd")
    shares: list[float] = []
    # what is being written is in it, too: the history is open
    writer = open_store(venue_folder)
    try:
        context = JobContext(on_progress=lambda done, total: shares.append(done / total))
        made = archive_venue(venue_folder, tmp_path / "fair.expoflow.zip", context)
    finally:
        writer.close()
    assert made.size_bytes == made.file.stat().st_size
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    with zipfile.ZipFile(made.file) as archive:
        names = set(archive.namelist())
    assert {"venue.toml", "events.sqlite", "rollups/day.json", MANIFEST_NAME} < names
    assert not {
        name for name in names if "lock" in name or "outbox" in name or name in ("link", "recorder.json")
    }
    restored = unarchive_venue(made.file, tmp_path / "again.expoflow").venue
    before = read_venue(venue_folder)
    assert restored.exhibition == before.exhibition
    assert restored.geometry_versions == before.geometry_versions
    for part in list_parts(venue_folder):
        if part.suffix != ".sqlite":
            assert (restored.folder / part).read_bytes() == (venue_folder / part).read_bytes()
    for was, now in zip(read_history(venue_folder), read_history(restored.folder), strict=True):
        assert len(was) > 0
        pd.testing.assert_frame_equal(was, now)
    (venue_folder / "access.toml").write_text("[[users]]")
    assert Path("access.toml") not in list_parts(venue_folder)
    # and it can be recorded into
    open_store(restored.folder).close()


def test_the_audit_log_comes_back_and_says_so(tmp_path: Path) -> None:
    folder = make_guarded_venue(tmp_path).folder
    for user in read_access(folder).users:
        record_audit(folder, "user added", {"user": user.name})
    work_as(folder, Role.ADMINISTRATOR)
    made = archive_venue(folder, tmp_path / "fair.expoflow.zip")
    back = unarchive_venue(made.file, tmp_path / "back.expoflow").venue.folder
    entries = read_entries(back)
    assert (entries[-1].action, dict(entries[-1].what)) == (
        "venue restored from archive",
        {"file": "fair.expoflow.zip"},
    )


def test_neither_half_an_archive_nor_half_a_venue_is_left(venue_folder: Path, tmp_path: Path) -> None:
    file, folder = tmp_path / "fair.expoflow.zip", tmp_path / "again.expoflow"
    with pytest.raises(JobCancelled):
        archive_venue(venue_folder, file, JobContext(is_cancelled=lambda: True))
    assert not file.exists()
    archive_venue(venue_folder, file)
    with pytest.raises(OutputError, match="already exists"):
        archive_venue(venue_folder, file)
    with pytest.raises(JobCancelled):
        unarchive_venue(file, folder, JobContext(is_cancelled=lambda: True))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ResultFileError, match="damaged or not an ExpoFlow archive"):
        unarchive_venue(file, folder)
    with pytest.raises(VenueError, match="already exists"):
        unarchive_venue(file, venue_folder)
    left = {path.name for path in tmp_path.iterdir()} - {"expoflow-home"}
    assert left == {venue_folder.name, file.name}


Change = Callable[[dict[str, bytes], dict[str, object]], None]


def rewrite(file: Path, change: Change, *, mode: int = 0o100644) -> None:
    """The archive with other files in it or another list, and checksums that fit."""
    with zipfile.ZipFile(file) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop(MANIFEST_NAME))
    change(files, manifest)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (mode if name == "evil" else 0o100644) << 16
            archive.writestr(info, content)
        archive.writestr(MANIFEST_NAME, json.dumps(manifest))


def add(name: str, content: bytes = b"x") -> Change:
    def change(files: dict[str, bytes], manifest: dict[str, object]) -> None:
        files[name] = content
        entry = {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        manifest["files"].append(entry)  # type: ignore[attr-defined]

    return change


def hide_a_bomb(files: dict[str, bytes], manifest: dict[str, object]) -> None:
    add("rollups/bomb", b"x")(files, manifest)
    files["rollups/bomb"] = b"\0" * 20_000_000


def hide_a_dense_part(files: dict[str, bytes], manifest: dict[str, object]) -> None:
    add("tracks/date=2026-01-01/hour=0.parquet", b"\0" * 40_000_000)(files, manifest)


def change_a_byte(files: dict[str, bytes], manifest: dict[str, object]) -> None:
    files["rollups/day.json"] = b"[]"


def promise_too_much(files: dict[str, bytes], manifest: dict[str, object]) -> None:
    for entry in manifest["files"]:  # type: ignore[attr-defined]
        entry["bytes"] = 10**12


def lose_the_venue(files: dict[str, bytes], manifest: dict[str, object]) -> None:
    del files["venue.toml"]
    manifest["files"] = [e for e in manifest["files"] if e["path"] != "venue.toml"]  # type: ignore[attr-defined]


def come_from_the_future(files: dict[str, bytes], manifest: dict[str, object]) -> None:
    manifest["format"] = 99


def spoil_the_venue(files: dict[str, bytes], manifest: dict[str, object]) -> None:
    lose_the_venue(files, manifest)
    add("venue.toml", b"format = 3\n[exhibition")(files, manifest)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (add("../evil"), "outside of the venue"),
        (add("/tmp/evil"), "outside of the venue"),
        (add("C:/evil"), "outside of the venue"),
        (add("a\\..\\evil"), "outside of the venue|do not match its manifest"),
        (add("tracks/../../evil"), "outside of the venue"),
        (add(".venue.lock"), "outside of the venue"),
        (add("access.toml"), "outside of the venue"),
        (add("VENUE.toml"), "same name"),
        (add("x" * 500), "outside of the venue"),
        (hide_a_bomb, "more than its manifest lists"),
        (hide_a_dense_part, "far more than any file of a venue"),
        (add("privacy.toml", b"#" * 34_000_000), "far more than any file of a venue"),
        (add("views/north.npz", b"x" * 9_000_000), "far more than any file of a venue"),
        (add("counts/till.csv", b"x" * 50_000_001), "far more than any file of a venue"),
        (change_a_byte, "checksum"),
        (promise_too_much, "more than 500 GB"),
        (lose_the_venue, "does not contain a venue"),
        (come_from_the_future, "format 99"),
        (spoil_the_venue, "damaged or incomplete"),
        (lambda files, _manifest: files.update(more=b"x"), "do not match its manifest"),
        (lambda _files, manifest: manifest.update(files="none"), "manifest cannot be read"),
    ],
)
def test_an_archive_from_a_stranger_is_refused(
    kept_archive: bytes, tmp_path: Path, change: Change, words: str
) -> None:
    file = tmp_path / "fair.expoflow.zip"
    file.write_bytes(kept_archive)
    rewrite(file, change)
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises((ResultFileError, VenueError, OutputError), match=words):
        unarchive_venue(file, tmp_path / "again.expoflow")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_link_in_an_archive_is_refused(kept_archive: bytes, tmp_path: Path) -> None:
    file = tmp_path / "fair.expoflow.zip"
    file.write_bytes(kept_archive)
    rewrite(file, add("evil", b"/etc/passwd"), mode=0o120777)
    with pytest.raises(ResultFileError, match="not a regular file"):
        unarchive_venue(file, tmp_path / "again.expoflow")


def test_a_small_archive_of_a_large_venue_is_asked_about_first(kept_archive: bytes, tmp_path: Path) -> None:
    file = tmp_path / "fair.expoflow.zip"
    file.write_bytes(kept_archive)
    content = (b"SQLite format 3\0" + b"\0" * 4080) * 30_000
    rewrite(file, add("events.sqlite", content))
    contents = inspect_archive(file)
    assert contents.is_large
    assert contents.content_bytes > 120_000_000 > 100 * contents.size_bytes
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(ResultFileError, match=r"expands to 12\d\.\d MB.*--yes"):
        unarchive_venue(file, tmp_path / "again.expoflow")
    assert {path.name for path in tmp_path.iterdir()} == before
    venue = unarchive_venue(file, tmp_path / "again.expoflow", is_agreed=True).venue
    assert (venue.folder / "events.sqlite").stat().st_size == len(content)


def test_a_venue_of_ten_years_is_asked_about_and_no_more() -> None:
    # 64 cameras, ten hours a day, 90 days of tracks, and ten years of days
    contents = ArchiveContents(files=60_000, size_bytes=30_000_000_000, content_bytes=42_000_000_000)
    assert contents.is_large
    assert not ArchiveContents(files=300, size_bytes=20_000_000, content_bytes=90_000_000).is_large
    assert not ArchiveContents(files=900, size_bytes=400_000_000, content_bytes=1_500_000_000).is_large


def fill_with_systems(folder: Path) -> None:
    """Let a venue tell every kind of other system, and let some in."""
    save_rest(folder, RestSettings(is_enabled=True))
    save_public(folder, PublicSettings(is_enabled=True))
    add_token(folder, "dashboard", [Scope.NOW])
    save_mqtt(folder, suggest_mqtt(folder, "broker.example.com"))
    save_webhook(folder, Webhook("desk", "https://desk.example.com/hook"))
    for target, to in (
        (Target.MAIL, "boss@example.com"),
        (Target.WEBHOOK, "https://example.com/report"),
        (Target.FOLDER, "/srv/reports"),
    ):
        save_schedule(folder, Schedule(target.value, "daily", Rhythm.DAY, time(19), target, to))
    set_mail_server(folder, MailServer("mail.example.com", 587, "", "fair@example.com"))


def test_what_sends_and_lets_in_comes_back_switched_off_and_is_told(tmp_path: Path) -> None:
    folder = make_known_venue(tmp_path, is_recorded=False).folder
    fill_with_systems(folder)
    made = archive_venue(folder, tmp_path / "fair.expoflow.zip")
    restored = unarchive_venue(made.file, tmp_path / "back.expoflow")
    back = restored.venue.folder
    assert not read_rest(back).is_enabled
    assert [token.revoked_utc is not None for token in read_tokens(back)] == [True]
    broker = read_mqtt(back)
    assert broker is not None
    assert (broker.host, broker.is_enabled) == ("broker.example.com", False)
    assert [(webhook.name, webhook.is_enabled) for webhook in read_webhooks(back)] == [("desk", False)]
    assert [schedule.is_enabled for schedule in read_schedules(back).schedules] == [False] * 3
    assert not is_any_publisher_enabled(back)
    told = (
        "The following was switched off because it came with the archive: REST interface for other systems, "
        "pages for visitors, tokens: 1, MQTT broker: broker.example.com, webhooks: 1, scheduled reports: 3."
    )
    assert str(restored.describe_switched_off()) == told
    entries = read_entries(back)
    assert str(entries[-1].what["switched off"]) in told
    # years later nothing is due, and each is switched on again by its name
    outbox = run_schedules(
        back,
        write_file=lambda *_: pytest.fail("a report was made"),
        credentials=MemoryCredentialStore(),
        clock=SetClock(FIRST_S + 400 * 86_400.0),
    )
    assert outbox.deliveries == ()
    (webhook,) = read_webhooks(back)
    save_webhook(back, replace(webhook, is_enabled=True))
    (mail,) = [one for one in read_schedules(back).schedules if one.name == "mail"]
    save_schedule(back, replace(mail, is_enabled=True))
    switch_mqtt(back, is_enabled=True)
    assert [webhook.is_enabled for webhook in read_webhooks(back)] == [True]
    assert [s.name for s in read_schedules(back).schedules if s.is_enabled] == ["mail"]
    # the venue that was archived goes on as it was
    assert read_rest(folder).is_enabled
    assert all(schedule.is_enabled for schedule in read_schedules(folder).schedules)


def test_a_venue_that_told_nobody_is_told_nothing_of(kept_archive: bytes, tmp_path: Path) -> None:
    (tmp_path / "fair.expoflow.zip").write_bytes(kept_archive)
    restored = unarchive_venue(tmp_path / "fair.expoflow.zip", tmp_path / "back.expoflow")
    assert restored.describe_switched_off() is None
    assert not (restored.venue.folder / "integrations.toml").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"format = 99\n[[webhooks]]\nname = 'x'",
        b"format = 1\n[rest]\nenabled = true\ncertificate = 3\n[[webhooks]]\nname = 3",
        b"format = 1\nrest = 'on'\nmqtt = 3",
        b"\xff\xfe",
    ],
)
def test_other_systems_that_cannot_be_read_are_left_out(
    kept_archive: bytes, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "fair.expoflow.zip"
    file.write_bytes(kept_archive)
    rewrite(file, add("integrations.toml", content))
    rewrite(file, add("schedules.toml", content))
    restored = unarchive_venue(file, tmp_path / "back.expoflow")
    assert "(unreadable, not restored)" in str(restored.describe_switched_off())
    assert not (restored.venue.folder / "integrations.toml").exists()
    assert [one for one in read_schedules(restored.venue.folder).schedules if one.is_enabled] == []


def test_a_certificate_that_is_not_on_this_machine_keeps_nothing_switched_on(
    kept_archive: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "fair.expoflow.zip"
    file.write_bytes(kept_archive)
    rest = (
        b"format = 1\n[rest]\nenabled = true\nhost = '0.0.0.0'\nport = 8765\nrequests_per_min = 60\n"
        b"tls_certificate = '/etc/ssl/hall.pem'\ntls_key = '/etc/ssl/hall.key'\n"
    )
    rewrite(file, add("integrations.toml", rest))
    back = unarchive_venue(file, tmp_path / "back.expoflow").venue.folder
    assert read_rest(back).tls_certificate == "/etc/ssl/hall.pem"
    assert not is_any_publisher_enabled(back)

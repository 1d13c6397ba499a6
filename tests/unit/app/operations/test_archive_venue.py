"""A venue goes into one file and comes back equal; an archive from a stranger harms nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from analytics.domain.errors import OutputError, ResultFileError, VenueError
from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.store.sql_event_store import open_reader, open_store
from analytics.store.sql_event_writer import WriterLimits
from app.access.access_file import read_access
from app.access.audit_log import read_trail, record_audit
from app.access.audit_verification import verify_audit
from app.access.roles import Role
from app.jobs.job import JobCancelled, JobContext
from app.operations.archive_venue import MANIFEST_NAME, archive_venue, list_parts
from app.operations.unarchive_venue import unarchive_venue
from app.venue.file_format import read_venue
from tests.conftest import LogGuard
from tests.support.guarded_venue import make_guarded_venue, work_as
from tests.support.known_crowd import make_crowd
from tests.support.known_history import CAMERA, FIRST_S, make_known_venue, make_points


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
    restored = unarchive_venue(made.file, tmp_path / "again.expoflow")
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


def test_the_audit_log_of_a_venue_that_comes_back_without_its_users_is_sound(tmp_path: Path) -> None:
    folder = make_guarded_venue(tmp_path).folder
    for user in read_access(folder).users:
        record_audit(folder, "user added", {"user": user.name})
    work_as(folder, Role.ADMINISTRATOR)
    made = archive_venue(folder, tmp_path / "fair.expoflow.zip")
    assert verify_audit(folder).faults == ()
    back = unarchive_venue(made.file, tmp_path / "back.expoflow").folder
    trail = read_trail(back)
    assert trail is not None
    assert (trail.entries[-1].action, dict(trail.entries[-1].what)) == (
        "venue restored from archive",
        {"file": "fair.expoflow.zip"},
    )
    assert verify_audit(back).faults == ()


def test_an_older_archive_in_the_place_of_its_venue_tells_that_entries_are_gone(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    folder = make_known_venue(tmp_path, is_recorded=False).folder
    made = archive_venue(folder, tmp_path / "fair.expoflow.zip")
    record_audit(folder, "zone changed")
    shutil.rmtree(folder)
    unarchive_venue(made.file, folder)
    assert not verify_audit(folder).is_sound
    log_guard.expect("any more, which was written here")
    record_audit(folder, "zone changed")
    assert "entries had been taken away" in str(verify_audit(folder).faults[0])


def test_neither_half_an_archive_nor_half_a_venue_is_left(venue_folder: Path, tmp_path: Path) -> None:
    file, folder = tmp_path / "fair.expoflow.zip", tmp_path / "again.expoflow"
    with pytest.raises(JobCancelled):
        archive_venue(venue_folder, file, JobContext(is_cancelled=lambda: True))
    assert not file.exists()
    archive_venue(venue_folder, file)
    with pytest.raises(OutputError, match="already"):
        archive_venue(venue_folder, file)
    with pytest.raises(JobCancelled):
        unarchive_venue(file, folder, JobContext(is_cancelled=lambda: True))
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(ResultFileError, match="damaged or no archive"):
        unarchive_venue(file, folder)
    with pytest.raises(VenueError, match="something at"):
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
        (add("a\\..\\evil"), "outside of the venue|other files than its list"),
        (add("tracks/../../evil"), "outside of the venue"),
        (add(".venue.lock"), "outside of the venue"),
        (add("access.toml"), "outside of the venue"),
        (add("VENUE.toml"), "same name"),
        (add("x" * 500), "outside of the venue"),
        (hide_a_bomb, "more than its list says"),
        (change_a_byte, "checksum"),
        (promise_too_much, "more than 500 GB"),
        (lose_the_venue, "no venue in it"),
        (come_from_the_future, "format 99"),
        (spoil_the_venue, "damaged or cut off"),
        (lambda files, _manifest: files.update(more=b"x"), "other files than its list"),
        (lambda _files, manifest: manifest.update(files="none"), "list of files cannot be read"),
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
    with pytest.raises(ResultFileError, match="no plain file"):
        unarchive_venue(file, tmp_path / "again.expoflow")

"""A bundle holds what helps, redacted, and is made also where parts of it are broken."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_store
from app.core.credentials import Credential
from app.doctor import support_bundle
from app.doctor.support_bundle import plan_bundle, write_bundle
from app.recording.health_log import HealthLog
from app.recording.health_sample import HealthProbe
from app.settings.paths import logs_folder, settings_folder
from tests.support.halls.known_history import make_known_venue
from vision.pipeline.pipeline_status import PipelineStatus

MAX_FILE_BYTES = 20_000
NOW_S = 1_764_000_000.0
SECRETS = ("Tr4de-Fair", "b34rer-t0ken", "sm/tp?pw")


class Clock:
    def now_utc_s(self) -> float:
        return NOW_S

    def monotonic_s(self) -> float:
        return NOW_S


def test_a_bundle_is_listed_then_made_without_secrets(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(support_bundle, "MAX_LOG_BYTES", MAX_FILE_BYTES)
    venue = make_known_venue(tmp_path, is_recorded=False)
    writer = open_store(venue.folder)
    writer.write_event(CameraEvent(NOW_S - 60.0, CameraId("cam"), CameraEventKind.LOST, "no answer"))
    writer.flush()
    writer.close()
    Credential("anna", SECRETS[0])
    logs_folder().mkdir(parents=True)
    lines = [
        f"cannot open rtsp://anna:{SECRETS[2]}@192.0.2.1/stream",
        f"it said {SECRETS[0]}",
        f"Authorization: Bearer {SECRETS[1]}",
    ]
    old = "word " * 19 + "end.\n"
    (logs_folder() / "expoflow.log").write_text(old * (MAX_FILE_BYTES // 50) + "\n".join(lines))
    settings_folder().mkdir(parents=True)
    (settings_folder() / "settings.toml").write_text("format = 1\n")
    (settings_folder() / "credentials.key").write_text("the key")
    sample = HealthProbe(venue.folder).measure(PipelineStatus(), now_utc_s=NOW_S)
    HealthLog(venue.folder).add(sample)
    parts = plan_bundle(venue.folder, findings=f"password={SECRETS[1]}", clock=Clock())
    assert all(part.what.template for part in parts)
    file = tmp_path / "bundle.zip"
    names = write_bundle(file, parts)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert tuple(texts) == names == tuple(part.name for part in parts)
    assert {"about.json", "doctor.txt", "settings.toml", "venue.toml", "logs/expoflow.log"} <= set(texts)
    assert "numpy" in texts["about.json"]
    assert "no answer" in texts["events.jsonl"]
    assert "events.sqlite" in texts["files.txt"]
    assert len(texts["logs/expoflow.log"]) <= MAX_FILE_BYTES
    assert "cannot open" in texts["logs/expoflow.log"]
    for text in texts.values():
        assert not [secret for secret in (*SECRETS, "the key") if secret in text]


def test_a_bundle_is_made_where_the_venue_is_broken(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    (venue.folder / "venue.toml").write_bytes(b"\xff broken")
    (venue.folder / "events.sqlite").write_bytes(b"no database")
    file = tmp_path / "bundle.zip"
    write_bundle(file, plan_bundle(venue.folder, findings="", clock=Clock()))
    with zipfile.ZipFile(file) as bundle:
        assert "broken" in bundle.read("venue.toml").decode()
        assert "UTF-8" in bundle.read("health.jsonl").decode()
        assert bundle.read("events.jsonl").strip()

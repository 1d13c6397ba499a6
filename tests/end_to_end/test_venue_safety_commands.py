"""A venue is backed up, damaged, repaired and restored, and its tracks are kept no longer than wanted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_reader, open_store
from app.plan.edit_venue import create_hall
from tests.support.command_line import run_app
from tests.unit.analytics.store.store_contents import NINE_S, make_points, read_numbers

pytestmark = pytest.mark.slow

DAYS_AGO_S = 400 * 86_400.0


def make_hall(tmp_path: Path) -> Path:
    """A hall with tracks of long ago and of just now."""
    folder = tmp_path / "hall.expoflow"
    create_hall(folder, name="Hall", time_zone="Asia/Shanghai", size_m=(40, 25))
    writer = open_store(folder)
    writer.write_points(make_points(range(10), step_s=1.0))
    writer.write_points(make_points(range(10, 12), step_s=-DAYS_AGO_S / 10))
    for start_s in (NINE_S, NINE_S - DAYS_AGO_S, NINE_S - 1.1 * DAYS_AGO_S):
        writer.write_span(ObservedSpan(CameraId("cam"), start_s, start_s + 10, 10))
    writer.flush()
    writer.archive_now()
    writer.close()
    return folder


def test_a_venue_is_backed_up_damaged_repaired_and_restored(tmp_path: Path) -> None:
    folder = make_hall(tmp_path)
    made = json.loads(run_app("venue", "backup", folder, "--json").stdout)
    assert made["files"] == 2
    listed = json.loads(run_app("venue", "backup", folder, "--list", "--json").stdout)
    assert listed == [made]
    sound = run_app("venue", "check", folder, "--history", "--minutes", "0")
    assert "The history is intact: databases and 3 track files." in sound.stderr
    assert f"The newest of 1 backups: {made['name']}" in sound.stderr
    (folder / "venue.toml").write_text("not a venue")
    (folder / "events.sqlite").write_bytes(b"not a database" * 1000)
    broken = run_app("export", "--venue", folder, "--out", tmp_path / "out")
    assert broken.returncode == 1
    kept = run_app("venue", "restore", folder, answer="\n")
    assert kept.returncode == 130, kept.stderr
    assert f"return to the backup {made['name']}" in kept.stderr
    assert (folder / "venue.toml").read_text() == "not a venue"
    restored = run_app("venue", "restore", folder, "--yes")
    assert restored.returncode == 0, restored.stderr
    assert f"2 files of the backup {made['name']} were restored" in restored.stderr
    assert read_numbers(folder) == list(range(12))
    (folder / "events.sqlite").write_bytes(b"not a database" * 1000)
    damaged = run_app("venue", "check", folder, "--history", "--minutes", "0")
    assert damaged.returncode == 1
    assert "venue repair" in damaged.stderr
    repaired = run_app("venue", "repair", folder, environment={"LC_ALL": "zh_CN.UTF-8"})
    assert repaired.returncode == 0, repaired.stderr
    assert f"以 {made['name']} 的备份为基础" in repaired.stderr
    assert read_numbers(folder) == list(range(12))
    again = run_app("venue", "repair", folder)
    assert "there was nothing to repair" in again.stderr
    file = next((folder / "tracks").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-20])
    cut = run_app("venue", "check", folder, "--history", "--minutes", "0")
    assert cut.returncode == 1
    assert f"{file.name} with" in cut.stderr
    out = run_app("export", "--venue", folder, "--out", tmp_path / "out")
    assert out.returncode == 0, out.stderr
    assert "(its tracks are lost)" in out.stderr
    set_aside = run_app("venue", "repair", folder)
    assert set_aside.returncode == 0, set_aside.stderr
    assert "1 track files were missing or damaged" in set_aside.stderr
    assert len(list(file.parent.glob(f"{file.name}.*.unreadable"))) == 1
    assert "there was nothing to repair" in run_app("venue", "repair", folder).stderr
    (folder / "events.sqlite").write_bytes(b"")
    emptied = run_app("venue", "check", folder, "--history", "--minutes", "0")
    assert emptied.returncode == 1
    assert "is empty, but other files show that there was a history" in emptied.stderr
    restored = run_app("venue", "repair", folder, environment={"LC_ALL": "zh_CN.UTF-8"})
    assert restored.returncode == 0, restored.stderr
    assert "现已重建" in restored.stderr


def test_tracks_are_deleted_after_the_retention_period(tmp_path: Path) -> None:
    folder = make_hall(tmp_path)
    shown = run_app("venue", "retention", folder)
    assert "Tracks are kept for 90 days." in shown.stderr
    refused = run_app("venue", "retention", folder, "--keep-days", "1e9")
    assert refused.returncode == 1
    assert "not a valid limit for tracks" in refused.stderr
    changed = run_app(
        "venue", "retention", folder, "--keep-days", "0", "--max-gb", "2.5", "--yes", "--apply", "--json"
    )
    assert json.loads(changed.stdout) | {"track_bytes": 0, "oldest_utc_s": 0} == {
        "tracks_kept_days": 0.0,
        "tracks_most_gb": 2.5,
        "track_files": 3,
        "track_bytes": 0,
        "oldest_utc_s": 0,
        "deleted_positions": 0,
    }
    writer = open_store(folder)
    busy = run_app("venue", "retention", folder, "--keep-days", "100", "--yes", "--apply")
    writer.close()
    assert busy.returncode == 1
    assert "only one process can write at a time" in busy.stderr
    applied = run_app("venue", "retention", folder, "--apply", "--json")
    assert json.loads(applied.stdout)["deleted_positions"] == 2
    reader = open_reader(folder)
    assert reader.points_since() is not None
    assert len(reader.read_spans()) == 3
    reader.close()
    assert (folder / "rollups").is_dir()

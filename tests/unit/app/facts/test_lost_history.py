"""Lost track files or database of a venue: checks, exports and figures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.domain.errors import DamagedStoreError
from analytics.domain.event_sink import ObservedSpan
from analytics.results.content import Table
from analytics.store.recovery.lost_tracks import LOST_TRACKS
from analytics.store.sql_event_store import open_reader, open_store
from app.access.audit_log import record_audit
from app.core.document import Venue
from app.doctor.venue_checks import check_stored
from app.facts.period_export import export_period
from app.facts.period_facts import read_period_facts
from app.facts.period_gaps import measure_period_gaps
from app.facts.prepared_facts import find_unprepared, prepare_facts
from app.maintenance.upgrade_venue import upgrade_venue
from app.maintenance.venue_backups import back_up_venue, check_history, repair_history
from app.recording.announcement import RecorderKind
from app.recording.recorded_history import open_recorded_history
from app.recording.recording_entries import audited_recording
from app.reports.make_report import write_cameras
from app.reports.report_source import ReportSource
from app.reports.report_text import ReportText
from tests.conftest import LogGuard
from tests.support.halls.known_crowd import make_crowd
from tests.support.halls.known_history import CAMERA, FIRST_S, make_known_venue, make_points
from tests.support.halls.walked_hall import SetClock
from tests.unit.analytics.store.test_lost_tracks import (
    cut,
    empty,
    flip_one_bit_of_the_content,
    list_files,
    overwrite,
    remove,
)

MINUTES = 6
PERIOD_S = (FIRST_S, FIRST_S + 60.0 * MINUTES)
LOST_MINUTE = 3
Damage = Callable[[Path], None]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """Return six minutes of a busy hall, one file each."""
    venue = make_known_venue(tmp_path_factory.mktemp("whole"), is_recorded=False)
    crowd = make_crowd(seed=3, duration_s=60.0 * MINUTES - 0.5, arrivals_per_h=400.0)
    writer = open_store(venue.folder)
    first = writer.reserve_tracklets(int(crowd["tracklet"].max()) + 1)
    writer.write_span(ObservedSpan(CAMERA, *PERIOD_S, 5 * 60 * MINUTES))
    for minute in range(MINUTES):
        own = crowd[(crowd["time_s"] >= 60.0 * minute) & (crowd["time_s"] < 60.0 * minute + 60.0)]
        writer.write_points(make_points(own, start_s=FIRST_S, first_tracklet=int(first)))
        writer.flush()
        writer._archive.move_journal()
    writer.close()
    return venue


def copy(venue: Venue, folder: Path) -> Venue:
    shutil.copytree(venue.folder, folder / venue.folder.name)
    return replace(venue, folder=folder / venue.folder.name)


def export(venue: Venue, out: Path) -> dict[str, Any]:
    export_period(venue=venue, start_utc_s=PERIOD_S[0], end_utc_s=PERIOD_S[1], out_folder=out)
    return dict(json.loads((out / "summary.json").read_text()))


def find_lost(folder: Path) -> tuple[float, float]:
    """Return start and end of the lost minute, seconds from the period's start."""
    reader = open_reader(folder)
    gaps = reader.read_gaps()
    reader.close()
    assert gaps["cause"].tolist() == [LOST_TRACKS]
    return float(gaps["start_s"].iloc[0]) - FIRST_S, float(gaps["end_s"].iloc[0]) - FIRST_S


@pytest.mark.parametrize(
    "damage",
    [
        remove,
        flip_one_bit_of_the_content,
        *(pytest.param(d, marks=pytest.mark.slow) for d in (cut, empty, overwrite)),
    ],
)
def test_a_lost_minute_is_a_gap_in_check_repair_and_export(
    whole: Venue, tmp_path: Path, log_guard: LogGuard, damage: Damage
) -> None:
    log_guard.expect("track files were missing or damaged")
    venue = copy(whole, tmp_path)
    before = export(venue, tmp_path / "before")
    assert before["gaps"] == []
    damage(list_files(venue.folder)[LOST_MINUTE])
    exported = export(venue, tmp_path / "damaged")
    (gap,) = exported["gaps"]
    assert (gap["camera"], gap["cause"]) == (CAMERA, "tracks lost")
    assert 180.0 <= gap["start_s"] < 181.0
    assert 239.0 < gap["end_s"] <= 240.0
    lost_s = gap["end_s"] - gap["start_s"]
    assert exported["cameras"][CAMERA]["observed_s"] == pytest.approx(360.0 - lost_s, abs=0.01)
    for name, zone in before["zones"].items():
        now = exported["zones"][name]
        assert now["coverage"] == pytest.approx(zone["coverage"] * (360.0 - lost_s) / 360.0, abs=0.002)
        assert now["person_seconds"] < zone["person_seconds"], "nothing is bridged over a lost minute"
    faults = check_history(venue.folder).faults
    assert [fault.fields["start"] for fault in faults] == ["2026-03-14 09:03:00"]
    repairs = repair_history(venue.folder)
    assert [repair.describe().fields["files"] for repair in repairs] == [1]
    assert check_history(venue.folder).faults == ()
    assert repair_history(venue.folder) == ()
    after = export(venue, tmp_path / "repaired")
    assert {**after, "corrections": 0} == {**exported, "corrections": 0}, "a repair changes no number"
    gaps = measure_period_gaps(venue=venue, period_s=PERIOD_S)
    assert gaps is not None
    assert gaps.lost_tracks_s == pytest.approx(lost_s, abs=0.01)


def test_stored_tables_are_recomputed_after_a_repair(
    whole: Venue, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("track files were missing or damaged")
    venue = copy(whole, tmp_path)
    assert prepare_facts(venue=venue).made == 1
    before = read_period_facts(venue=venue, period_s=PERIOD_S)
    assert before is not None
    assert before.observed_s == pytest.approx(360.0, abs=0.01)
    # before it is known that it is damaged, what was kept of it is right
    flip_one_bit_of_the_content(list_files(venue.folder)[LOST_MINUTE])
    stored = read_period_facts(venue=venue, period_s=PERIOD_S)
    assert stored is not None
    assert stored.observed_s == before.observed_s
    repair_history(venue.folder)
    assert len(find_unprepared(venue)) == 1
    after = read_period_facts(venue=venue, period_s=PERIOD_S)
    assert after is not None
    start_s, end_s = find_lost(venue.folder)
    assert after.observed_s == pytest.approx(360.0 - (end_s - start_s), abs=0.01)


def test_a_file_found_damaged_while_computing_is_a_gap(
    whole: Venue, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("track files were missing or damaged")
    venue = copy(whole, tmp_path)
    flip_one_bit_of_the_content(list_files(venue.folder)[LOST_MINUTE])
    facts = read_period_facts(venue=venue, period_s=PERIOD_S)
    assert facts is not None
    start_s, end_s = find_lost(venue.folder)
    assert facts.observed_s == pytest.approx(360.0 - (end_s - start_s), abs=0.01)
    assert find_unprepared(venue) == (), "kept under what is known now"
    repair_history(venue.folder)
    assert find_unprepared(venue) == (), "and under what the repair keeps"


def test_without_track_files_nothing_is_observed(whole: Venue, tmp_path: Path) -> None:
    venue = copy(whole, tmp_path)
    for path in list_files(venue.folder):
        flip_one_bit_of_the_content(path)
    facts = read_period_facts(venue=venue, period_s=PERIOD_S)
    assert facts is None or facts.observed_s < 3.0


def test_a_report_lists_the_lost_minute_with_its_cause(whole: Venue, tmp_path: Path) -> None:
    venue = copy(whole, tmp_path)
    cut(list_files(venue.folder)[LOST_MINUTE])
    source = ReportSource(venue, PERIOD_S, ReportText.of(venue, "en"))
    tables = {block.key: block for block in write_cameras(source) if isinstance(block, Table)}
    start_s, end_s = find_lost(venue.folder)
    (camera,) = tables["cameras"].rows
    assert camera[1] == pytest.approx((360.0 - (end_s - start_s)) / 3600.0, abs=1e-5)
    (gap,) = tables["gaps"].rows
    assert gap[0] == str(CAMERA)
    assert gap[1:3] == pytest.approx((FIRST_S + start_s, (end_s - start_s) / 60.0))
    assert gap[3] == "its tracks are lost"


def test_the_doctor_reports_lost_tracks(whole: Venue, tmp_path: Path) -> None:
    venue = copy(whole, tmp_path)
    assert list(check_stored(venue)) == []
    remove(list_files(venue.folder)[0])
    assert [finding.rule for finding in check_stored(venue)] == ["tracks-lost"]
    venue.events_file.write_bytes(b"")
    assert [finding.rule for finding in check_stored(venue)] == ["history-damaged"]


@pytest.mark.parametrize("kind", ["gone", "empty", "cut"])
def test_a_venue_whose_database_is_lost_is_damaged_and_a_recording_goes_on(
    whole: Venue, tmp_path: Path, log_guard: LogGuard, kind: str
) -> None:
    log_guard.expect("were not listed")
    log_guard.expect("has been rebuilt")
    venue = copy(whole, tmp_path)
    back_up_venue(venue.folder)
    content = venue.events_file.read_bytes()
    if kind == "gone":
        venue.events_file.unlink()
    else:
        venue.events_file.write_bytes(content[: 5000 if kind == "cut" else 0])
    assert len(check_history(venue.folder).faults) == 1
    with pytest.raises(DamagedStoreError):
        upgrade_venue(venue.folder)
    with pytest.raises(DamagedStoreError):
        read_period_facts(venue=venue, period_s=PERIOD_S)
    history = open_recorded_history(venue.folder)
    reported = history.condition().describe()
    history.close()
    assert reported is not None
    assert "has been rebuilt" in str(reported)
    assert check_history(venue.folder).faults == ()
    facts = read_period_facts(venue=venue, period_s=PERIOD_S)
    assert facts is not None
    assert facts.observed_s == pytest.approx(360.0, abs=0.01)


def test_a_history_missing_by_the_audit_log_is_reported(
    whole: Venue, tmp_path: Path, log_guard: LogGuard
) -> None:
    venue = copy(whole, tmp_path)
    venue.events_file.unlink()
    shutil.rmtree(venue.tracks_folder)
    for action, time_s in (("started", 0.0), ("stopped", 60.0), ("started", 90.0)):
        record_audit(venue.folder, f"recording {action}", clock=SetClock(FIRST_S + time_s))
        assert check_history(venue.folder).faults == (), "it may have ended before it wrote anything"
    record_audit(venue.folder, "recording stopped", clock=SetClock(FIRST_S + 300.0))
    assert "The audit log contains recordings" in str(check_history(venue.folder).faults[0])
    log_guard.expect("has been rebuilt")
    assert "was missing" in str(repair_history(venue.folder)[0].describe())
    assert check_history(venue.folder).faults == ()


def test_the_first_recording_of_a_venue_is_no_repair(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    with audited_recording(venue.folder, RecorderKind.COMMAND) as begin:
        begin()
        history = open_recorded_history(venue.folder)
        reported = history.condition().describe()
        history.close()
    assert reported is None


def test_a_venue_that_was_never_recorded_has_nothing_to_repair(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path, is_recorded=False)
    assert repair_history(venue.folder) == ()
    assert check_history(venue.folder).faults == ()
    assert not venue.events_file.exists()
    assert not upgrade_venue(venue.folder)

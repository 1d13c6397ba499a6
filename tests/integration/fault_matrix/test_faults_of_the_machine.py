"""The machine fails: processes are killed, the disk fills, the clock jumps, the history is damaged."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from analytics.store.recovery.folder_backup import make_backup
from analytics.store.recovery.lost_tracks import LOST_TRACKS
from analytics.store.sql_event_store import open_reader, open_store
from tests.integration.fault_matrix.conftest import FRAMES, Row
from tests.integration.fault_matrix.disks import fill, remount, small_disk
from tests.integration.fault_matrix.recording import CAMERAS, VICTIM, Evidence, Recorder, Recording, recording
from tests.integration.fault_matrix.test_faults_of_cameras import find_gap
from tests.integration.fault_matrix.time_limits import MAX_WAIT_S, require_within

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PROCESS_BACK_WITHIN_S = 5.0
RECORDER_BACK_WITHIN_S = 20.0
"""The whole program, which a service manager starts again; on a busy machine it loads for seconds."""
LOST_AT_MOST_S = 1.0
KILLS = 50
Clips = dict[str, Path]


def kill_one(under_test: Recording, part: str) -> float:
    """Kill a part of the recorder; when, seconds since the epoch."""
    pid = under_test.running.pid if part == "recorder" else under_test.running.process_pid(part)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    return time.time()


def test_fifty_kills_at_random_instants_lose_a_second_at_most(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    chance = random.Random(8)
    folder = tmp_path / "hall.expoflow"
    kills: list[tuple[str, float, float]] = []
    with recording(folder, clips["usual"]) as under_test:
        for number in range(KILLS):
            part = ("inference", "capture", "recorder")[number % 3]
            time.sleep(chance.uniform(0.3, 2.0))
            killed_utc_s = kill_one(under_test, part)
            if part == "recorder":
                under_test.running.wait()
                under_test.start()
            else:
                restarts = under_test.running.restarts()
                under_test.wait_for(lambda r, n=restarts: r.restarts() > n, MAX_WAIT_S, what=part)  # type: ignore[misc]
            under_test.wait_until_back(MAX_WAIT_S, CAMERAS)
            back_s = time.time() - killed_utc_s
            limit_s = RECORDER_BACK_WITHIN_S if part == "recorder" else PROCESS_BACK_WITHIN_S
            require_within(back_s, limit_s, what=f"{part}, kill {number}")
            kills.append((part, killed_utc_s, back_s))
    evidence = Evidence.read(folder)
    evidence.check_spans()
    sequences = evidence.tracks.groupby("camera")["time_s"].is_monotonic_increasing
    assert sequences.all()
    for camera in CAMERAS:
        evidence.check_numbers(camera, FRAMES)
        assert evidence.unrecorded_s(camera) <= 0.2
    check_capture_gaps(evidence, [at_s for part, at_s, _ in kills if part == "capture"])
    for part in ("inference", "capture", "recorder"):
        of_part = [kill for kill in kills if kill[0] == part]
        # capture is of one process of two: the last camera is read by the other
        cameras = CAMERAS[:4] if part == "capture" else CAMERAS
        lost_s = max(
            killed_utc_s - evidence.last_before(camera, killed_utc_s)
            for _, killed_utc_s, _ in of_part
            for camera in cameras
        )
        require_within(lost_s, LOST_AT_MOST_S, what=f"the last record before a kill of {part}")
        longest_s = max(back_s for _, _, back_s in of_part)
        table.append(
            Row(f"{part} killed, {len(of_part)} times", longest_s, lost_s, measure_gaps(evidence, of_part))
        )


def check_capture_gaps(evidence: Evidence, kills_utc_s: list[float]) -> None:
    """After each kill the time without frames is a gap, from the last frame to the first, however short."""
    for camera in CAMERAS[:4]:
        gaps = evidence.gaps[evidence.gaps["camera"] == camera]
        for killed_utc_s in kills_utc_s:
            (hole,) = [
                h for h in evidence.holes(camera) if h[0] <= killed_utc_s + 0.5 and h[1] > killed_utc_s
            ]
            assert ((gaps["start_s"] - hole[0]).abs() < 0.2).any(), (camera, hole)
            (gap,) = gaps[(gaps["start_s"] - hole[0]).abs() < 0.2].itertuples()
            assert gap.end_s == pytest.approx(hole[1], abs=0.2)


def measure_gaps(evidence: Evidence, kills: list[tuple[str, float, float]]) -> float:
    """Seconds of gaps that begin at one of these kills, of the first camera."""
    gaps = evidence.gaps[evidence.gaps["camera"] == VICTIM]
    own = [gap for gap in gaps.itertuples() if any(-1.1 < gap.start_s - at_s < 0.5 for _, at_s, _ in kills)]
    return float(sum(gap.end_s - gap.start_s for gap in own))


def test_a_full_disk_costs_the_time_that_it_is_full_and_nothing_else(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    with small_disk(tmp_path / "disk", size_mib=64) as disk:
        folder = disk / "hall.expoflow"
        with recording(folder, clips["usual"]) as under_test:
            filled_utc_s = time.time()
            filler = fill(disk)
            under_test.wait_for(lambda r: r.status["mode"] == "paused", 10.0, what="low-disk mode")
            assert "Free some space" in under_test.running.status["history"]
            time.sleep(6.0)
            assert under_test.running.restarts() == 0, under_test.running.explain()
            filler.unlink()
            freed_s = time.monotonic()
            under_test.wait_for(lambda r: r.status["mode"] == "full", 10.0, what="recovery")
            back_s = time.monotonic() - freed_s
            time.sleep(3.0)
            assert under_test.running.status["history"] == ""
            assert under_test.running.restarts() == 0, under_test.running.explain()
        evidence = Evidence.read(folder)
    evidence.check_spans()
    for camera in CAMERAS:
        assert evidence.unrecorded_s(camera) <= 0.2
        (gap,) = evidence.gaps[evidence.gaps["camera"] == camera].itertuples()
        assert gap.cause == "disk full"
        # what was analysed until the disk was looked at waited in memory, and is there
        assert filled_utc_s - 1.0 <= gap.start_s
    assert (evidence.events["kind"] == "saving_room").sum() == 2
    table.append(Row("disk full", back_s, 0.0, find_gap(evidence, VICTIM)))


@pytest.mark.parametrize("is_known", [False, True], ids=["first recording", "known history"])
def test_a_recording_that_is_started_on_a_full_disk_waits_for_room(
    tmp_path: Path, clips: Clips, table: list[Row], *, is_known: bool
) -> None:
    with small_disk(tmp_path / "disk", size_mib=64) as disk:
        folder = disk / "hall.expoflow"
        with recording(folder, clips["usual"], has_begun=is_known) as under_test:
            if is_known:
                under_test.running.stop()
            filler = fill(disk)
            under_test.start()
            under_test.wait_for(
                lambda r: "continues automatically" in r.status.get("history", ""), MAX_WAIT_S, what="a word"
            )
            time.sleep(6.0)
            assert under_test.running.failure == ""
            assert under_test.running.restarts() == 0, under_test.running.explain()
            assert "disk is full" in under_test.running.status["history"]
            filler.unlink()
            freed_s = time.monotonic()
            under_test.warm_up(MAX_WAIT_S)
            back_s = time.monotonic() - freed_s - 2.0
            assert under_test.running.status["history"] == ""
            assert under_test.running.restarts() == 0, under_test.running.explain()
        evidence = Evidence.read(folder)
    evidence.check_spans()
    for camera in CAMERAS:
        assert evidence.unrecorded_s(camera) <= 0.2
    name = "started on a full disk" if is_known else "first start on a full disk"
    table.append(Row(name, back_s, 0.0, find_gap(evidence, VICTIM) if is_known else 0.0))


def test_a_disk_that_is_nearly_full_gets_coarser_tracks_and_counts_go_on(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    with small_disk(tmp_path / "disk", size_mib=200) as disk:
        folder = disk / "hall.expoflow"
        with recording(folder, clips["usual"]) as under_test:
            filler = fill(disk, leave_bytes=7 * 2**20)
            under_test.wait_for(lambda r: r.status["mode"] == "thinned", 10.0, what="low-disk mode")
            thinned_utc_s = time.time() + 1.0
            time.sleep(8.0)
            until_utc_s = time.time()
            filler.unlink()
            freed_s = time.monotonic()
            under_test.wait_for(lambda r: r.status["mode"] == "full", 10.0, what="recovery")
            back_s = time.monotonic() - freed_s
            time.sleep(2.0)
        evidence = Evidence.read(folder)
    evidence.check_spans()
    assert len(evidence.gaps) == 0
    for camera in CAMERAS:
        assert 0.8 <= evidence.rate(camera, thinned_utc_s, until_utc_s) <= 1.3
    table.append(Row("disk nearly full: a position a second", back_s, 0.0, 0.0))


def test_a_folder_that_is_read_only_is_named_read_and_written_again_later(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    with small_disk(tmp_path / "disk", size_mib=512) as disk:
        folder = disk / "hall.expoflow"
        with recording(folder, clips["usual"]) as under_test:
            stopped_utc_s = time.time()
            under_test.running.stop(signal.SIGTERM)
            remount(disk, "ro")
            refused = under_test.start()
            assert refused.wait() == 1
            assert "cannot be written" in refused.failure
            reader = open_reader(folder)
            known = len(reader.read_tracks())
            reader.close()
            remount(disk, "rw")
            under_test.start()
            back_s = under_test.wait_until_back(MAX_WAIT_S, CAMERAS)
            time.sleep(2.0)
        evidence = Evidence.read(folder)
    evidence.check_spans()
    assert known > 100
    assert len(evidence.tracks) > known
    for camera in CAMERAS:
        # one gap until the recorder had ended, and another until the next one had begun
        gaps = evidence.gaps[evidence.gaps["camera"] == camera].sort_values("start_s")
        assert gaps["cause"].tolist() == ["terminated", "terminated"]
        assert stopped_utc_s - 1.0 < gaps["start_s"].iloc[0] < stopped_utc_s + 5.0
        assert gaps["start_s"].iloc[1] == gaps["end_s"].iloc[0]
    table.append(Row("folder read-only, then not", back_s, 0.0, find_gap(evidence, VICTIM)))


def test_a_history_that_is_damaged_while_nobody_runs_is_made_again_at_the_next_start(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        time.sleep(2.0)
        killed_utc_s = kill_one(under_test, "recorder")
        under_test.running.wait()
        time.sleep(1.5)  # its children end by themselves
        database = folder / "events.sqlite"
        content = bytearray(database.read_bytes())
        # power failed while a page was written: half of it is of another time
        for page in range(4, len(content) // 4096, 3):
            content[page * 4096 + 2048 : (page + 1) * 4096] = os.urandom(2048)
        database.write_bytes(content)
        damaged_s = time.monotonic()
        under_test.start()
        under_test.warm_up()
        back_s = time.monotonic() - damaged_s
        assert "has been rebuilt" in under_test.running.status["history"]
    evidence = Evidence.read(folder)
    evidence.check_spans()
    assert (evidence.events["kind"] == "repaired").sum() == 1
    assert len(list(folder.glob("events.damaged-*.sqlite"))) == 1
    gap_s = find_gap(evidence, VICTIM)
    assert gap_s > 1.0
    lost_s = max(killed_utc_s - evidence.last_before(camera, killed_utc_s) for camera in CAMERAS)
    table.append(Row("database damaged in every third page", back_s, lost_s, gap_s))


@pytest.mark.parametrize("kind", ["emptied", "removed", "cut"])
def test_a_database_that_a_power_cut_took_is_made_again_at_the_next_start(
    tmp_path: Path, clips: Clips, table: list[Row], kind: str
) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        time.sleep(2.0)
        under_test.running.stop()
        archive(folder)
        make_backup(folder, now_s=time.time())
        under_test.start()
        under_test.warm_up()
        killed_utc_s = kill_one(under_test, "recorder")
        under_test.running.wait()
        time.sleep(1.5)  # its children end by themselves
        database = folder / "events.sqlite"
        content = database.read_bytes()
        for file in folder.glob("events.sqlite*"):
            file.unlink()
        if kind != "removed":
            database.write_bytes(content[: len(content) // 2 if kind == "cut" else 0])
        damaged_s = time.monotonic()
        under_test.start()
        under_test.warm_up()
        back_s = time.monotonic() - damaged_s
        told = under_test.running.status["history"]
        assert "has been rebuilt. The repair is based on the backup of" in told
        assert "lost" in told
    evidence = Evidence.read(folder)
    evidence.check_spans()
    aside = [file.read_bytes() for file in folder.glob("events.damaged-*.sqlite")]
    assert aside == ([] if kind == "removed" else [content[: len(content) // 2 if kind == "cut" else 0]])
    # what was in a track file is there; what was in the database since the backup is not, and not observed
    lost_s = max(killed_utc_s - evidence.last_before(camera, killed_utc_s) for camera in CAMERAS)
    for camera in CAMERAS:
        spans = evidence.spans[evidence.spans["camera"] == camera]
        for start_s, end_s in evidence.holes(camera):
            observed_s = (spans["end_s"].clip(upper=end_s) - spans["start_s"].clip(lower=start_s)).clip(
                lower=0.0
            )
            assert observed_s.sum() <= 0.3, "observed, and nobody there"
    table.append(Row(f"database {kind} by a power cut", back_s, lost_s, find_gap(evidence, VICTIM)))


@pytest.mark.parametrize("kind", ["removed", "cut", "overwritten"])
def test_the_time_of_every_track_file_that_is_lost_is_a_gap(
    tmp_path: Path, clips: Clips, table: list[Row], kind: str
) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        for _ in range(2):
            time.sleep(2.0)
            under_test.running.stop()
            archive(folder)
            under_test.start()
            under_test.warm_up()
        under_test.running.stop()
        files = sorted((folder / "tracks").rglob("*.parquet"))
        assert files
        before = Evidence.read(folder)
        content = files[0].read_bytes()
        if kind == "removed":
            files[0].unlink()
        elif kind == "cut":
            files[0].write_bytes(content[: len(content) // 2])
        else:
            files[0].write_bytes(os.urandom(len(content)))
        damaged_s = time.monotonic()
        under_test.start()
        under_test.warm_up()
        back_s = time.monotonic() - damaged_s
        assert "track files were missing or damaged" in under_test.running.status["history"]
    assert len(list(folder.glob("tracks/**/*.unreadable"))) == 1
    for file in folder.glob("tracks/**/*.unreadable"):
        file.unlink()
    evidence = Evidence.read(folder)
    evidence.check_spans()
    lost = evidence.gaps[evidence.gaps["cause"] == LOST_TRACKS]
    assert set(lost["camera"]) == set(CAMERAS)
    gap_s = float((lost["end_s"] - lost["start_s"])[lost["camera"] == VICTIM].sum())
    assert gap_s > 1.0
    for camera in CAMERAS:
        # what came after the file is all there
        after_s = float(lost[lost["camera"] == camera]["end_s"].max())
        now, then = evidence.times(camera), before.times(camera)
        assert set(then[then > after_s]) <= set(now)
        assert not (now < after_s).any()
    table.append(Row(f"track file {kind}", back_s, 0.0, gap_s))


def archive(folder: Path) -> None:
    """Move what was recorded to track files, as a recorder does once a minute."""
    writer = open_store(folder)
    writer.archive_now()
    writer.close()


def make_clock(folder: Path) -> tuple[Path, dict[str, str]]:
    """A file that says by how many seconds the clock of whoever gets this environment is wrong."""
    library = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
    if not library.exists() or shutil.which("faketime") is None:
        pytest.skip("needs Debian's package faketime")
    clock = folder / "clock"
    clock.write_text("+0")
    return clock, {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def test_a_clock_that_is_set_forward_and_back_again_leaves_nothing_observed_within_a_gap(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    clock, environment = make_clock(tmp_path)
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"], environment=environment) as under_test:
        time.sleep(3.0)
        clock.write_text("+3600")
        time.sleep(6.0)
        set_back_utc_s = time.time()
        clock.write_text("+0")
        time.sleep(8.0)
        assert under_test.running.restarts() == 0
    evidence = Evidence.read(folder)
    evidence.check_spans()
    for camera in CAMERAS:
        gaps = evidence.gaps[evidence.gaps["camera"] == camera]
        (gap,) = gaps[gaps["cause"] == "clock"].itertuples()
        assert gap.end_s == pytest.approx(set_back_utc_s, abs=4.0)
    table.append(Row("clock set forward by 3600 s and back", 0.0, 0.0, find_gap(evidence, VICTIM)))


@pytest.mark.parametrize("step_s", [-8.0, 3600.0], ids=["back", "forward"])
def test_a_clock_that_is_set_counts_no_time_twice(
    tmp_path: Path, clips: Clips, table: list[Row], step_s: float
) -> None:
    clock, environment = make_clock(tmp_path)
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"], environment=environment) as under_test:
        time.sleep(3.0)
        set_utc_s = time.time()
        clock.write_text(f"{step_s:+.0f}")
        if step_s < 0:
            under_test.wait_for(
                lambda r: "clock was set back" in r.status["cameras"][VICTIM]["detail"], 5.0, what="a word"
            )
        under_test.wait_for(lambda r: r.status["cameras"][VICTIM]["detail"] == "", 20.0, what="recovery")
        back_s = max(0.0, time.time() - set_utc_s - max(0.0, -step_s))
        time.sleep(4.0)
        assert under_test.running.restarts() == 0
    evidence = Evidence.read(folder)
    evidence.check_spans()
    for camera in CAMERAS:
        times_s = evidence.times(camera)
        assert len(times_s) > 30
        last_s = time.time() + step_s
        assert last_s - 10.0 < times_s[-1] <= last_s
    kinds = evidence.events[evidence.events["kind"] == "clock_set_back"]
    if step_s > 0:
        assert set(evidence.gaps["cause"]) == {"clock"}
    gap_s = find_gap(evidence, VICTIM)
    if step_s < 0:
        assert set(kinds["camera"]) == set(CAMERAS)
    else:
        assert gap_s == pytest.approx(step_s, abs=5.0)
    name = f"clock set {'back' if step_s < 0 else 'forward'} by {abs(step_s):.0f} s"
    table.append(Row(name, back_s, 0.0, gap_s))


def test_a_machine_that_sleeps_records_the_sleep_as_a_gap(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        family = under_test.running.family()
        for process in family:
            process.suspend()
        slept_utc_s = time.time()
        time.sleep(12.0)
        for process in reversed(family):
            process.resume()
        back_s = under_test.wait_until_back(10.0, CAMERAS)
        time.sleep(3.0)
        restarts = under_test.running.restarts()
    evidence = Evidence.read(folder)
    evidence.check_spans()
    lost_s = max(evidence.unrecorded_s(camera) for camera in CAMERAS)
    assert lost_s <= LOST_AT_MOST_S
    assert restarts == 0, "nobody was to blame for the sleep"
    assert evidence.last_before(VICTIM, slept_utc_s) > slept_utc_s - 1.0
    gap_s = find_gap(evidence, VICTIM)
    assert 9.0 < gap_s < 18.0
    table.append(Row("machine sleeps for 12 s", back_s, lost_s, gap_s))


def test_a_second_recorder_is_told_and_the_first_goes_on(
    tmp_path: Path, clips: Clips, table: list[Row]
) -> None:
    folder = tmp_path / "hall.expoflow"
    with recording(folder, clips["usual"]) as under_test:
        began_utc_s = time.time()
        second = Recorder(folder, {})
        assert second.wait() == 1
        assert second.failure
        assert "record" in second.failure
        time.sleep(2.0)
        ended_utc_s = time.time() - 0.5
        assert under_test.running.restarts() == 0
    evidence = Evidence.read(folder)
    evidence.check_spans()
    assert len(evidence.gaps) == 0
    others = min(evidence.rate(camera, began_utc_s, ended_utc_s) / 10.0 for camera in CAMERAS)
    assert others > 0.9
    table.append(Row("second recorder on the same venue: refused", 0.0, 0.0, 0.0, 100 * others))

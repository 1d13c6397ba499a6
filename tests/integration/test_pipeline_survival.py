"""Live cameras through real processes that are killed, wedged, cut off and stopped."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.errors import ModelError, Phrase
from analytics.domain.history_condition import HistoryCondition
from analytics.domain.track import TrackPoint
from analytics.store.store_failures import converting_store_errors
from tests.conftest import LogGuard
from tests.support.scripted_pipeline import (
    PEOPLE,
    Journal,
    JournalSink,
    LoadScripted,
    OpenJournal,
    OpenScripted,
    make_feed,
    make_order_tracker,
    make_pixel_floor,
    make_plan,
)
from tests.support.waiting import wait_until
from vision.detection.detector import Detector
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.frame_slots import FramePreview
from vision.pipeline.heartbeat import LIVE_LIMITS, LifeLimits
from vision.pipeline.messages import CameraState, InferenceBeat
from vision.pipeline.observation_log import NOT_RUNNING
from vision.pipeline.pipeline_parts import PipelineParts, Projection
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus
from vision.pipeline.supervised_process import SupervisedProcess
from vision.pipeline.supervisor import RestartPolicy, Supervisor
from vision.pixel_types import TrackedBox

FPS = 10.0
CAMERAS = ("cam0", "cam1")
BACK_WITHIN_S = 30.0
LOST_AT_MOST_S = 1.0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")


def make_parts(folder: Path, *, pause_s: float = 0.0) -> PipelineParts:
    return PipelineParts(
        open_sink=OpenJournal(folder),
        open_source=OpenScripted(fps=FPS, outages=folder),
        load_detector=LoadScripted(pause_s),
        make_tracker=make_order_tracker,
        make_projection=make_pixel_floor,
    )


def make_supervisor(folder: Path, *, locations: tuple[str, ...] = ("scripted",) * 2) -> Supervisor:
    feeds = [
        make_feed(name, is_lossless=False, fps=FPS, location=where)
        for name, where in zip(CAMERAS, locations, strict=True)
    ]
    return Supervisor(
        make_plan(*feeds), make_parts(folder), policy=RestartPolicy(first_delay_s=0.1, quarantine_after=3)
    )


def wait_for(supervisor: Supervisor, is_so: Callable[[PipelineStatus], bool], within_s: float) -> float:
    """How long it took, in seconds; fails the test when it takes longer."""
    return wait_until(lambda: is_so(supervisor.poll()), within_s, what=supervisor.poll)


def camera(status: PipelineStatus, name: str) -> CameraStatus:
    return next(c for c in status.cameras if c.camera == name)


def is_analysed(status: PipelineStatus, name: str) -> bool:
    return any(c.camera == name and c.analysed > 5 for c in status.cameras)


def process(status: PipelineStatus, name: str) -> ProcessStatus:
    return next(p for p in status.processes if p.name.startswith(name))


@contextmanager
def running(supervisor: Supervisor) -> Iterator[Supervisor]:
    with supervisor:
        wait_for(supervisor, lambda s: bool(s.cameras) and all(c.analysed > 5 for c in s.cameras), 20.0)
        yield supervisor
    left = [name for _, name in supervisor.slots for _ in Path("/dev/shm").glob(f"{name}*")]
    assert left == []


def assert_nothing_missing(journal: Journal, name: str, *, downtime: tuple[float, float] | None) -> None:
    """Each frame of the clock's grid was recorded once, but for the downtime."""
    numbers = journal.numbers(name, FPS)
    assert numbers == sorted(set(numbers))
    missing = set(range(numbers[0], numbers[-1] + 1)) - set(numbers)
    if downtime is None:
        allowed: set[int] = set()
    else:
        first, last = downtime
        allowed = {n for n in missing if first - LOST_AT_MOST_S <= n / FPS <= last}
    # a busy machine may delay a reader by more than an interval of the camera: those frames are counted
    dropped = sum(int(e["count"]) for e in journal.events if e["event"] == "dropped" and e["camera"] == name)
    assert len(missing - allowed) <= dropped, sorted(missing - allowed)


@dataclass(frozen=True)
class OpenOnFullDisk:
    """Opens a journal once there is a file ``room``; before that its disk is as full as /dev/full."""

    folder: Path

    def __call__(self) -> JournalSink:
        with converting_store_errors(str(self.folder)):
            if not (self.folder / "room").exists():
                Path("/dev/full").write_text("history")
        return JournalSink(self.folder)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
@pytest.mark.parametrize(
    "makes_room", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["room comes", "stopped meanwhile"]
)
def test_a_start_on_a_full_disk_waits_for_room(tmp_path: Path, *, makes_room: bool) -> None:
    parts = replace(make_parts(tmp_path), open_sink=OpenOnFullDisk(tmp_path))
    feed = make_feed("cam0", is_lossless=False, fps=FPS)
    with Supervisor(make_plan(feed), parts) as supervisor:
        wait_for(supervisor, lambda s: s.history.problem is not None, 20.0)
        waiting = supervisor.poll()
        assert str(waiting.history.describe()).endswith("Recording continues automatically.")
        assert "disk is full" in str(waiting.history.describe())
        assert waiting.is_running
        assert not waiting.is_analysing
        if makes_room:
            (tmp_path / "room").touch()
            wait_for(supervisor, lambda s: camera(s, "cam0").analysed > 5, 20.0)
            assert supervisor.poll().history.describe() is None
            assert process(supervisor.poll(), "inference").restarts == 0
        assert supervisor.stop().failure is None


def tell_of_a_full_disk(connection: Connection, _assignment: object) -> None:
    """Body of a process that waits for room."""
    connection.send(InferenceBeat(is_loading=True, history=HistoryCondition(problem=Phrase("full"))))
    connection.recv()


def test_the_time_to_load_begins_after_the_wait_for_room() -> None:
    limits = LifeLimits(loading_s=60.0)
    child = SupervisedProcess("x", tell_of_a_full_disk, None, now_s=0.0, limits=limits, is_loading=True)
    try:
        wait_until(lambda: child.receive(1000.0), 20.0)
        assert child.find_reason_to_kill(1020.0) is None
        assert child.find_reason_to_kill(1061.0) == "did not begin to work within 60 s"
    finally:
        child.kill()
        child.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
def test_the_analysis_of_a_file_on_a_full_disk_ends_and_does_not_say_that_it_goes_on(tmp_path: Path) -> None:
    parts = replace(make_parts(tmp_path), open_sink=OpenOnFullDisk(tmp_path))
    with Supervisor(make_plan(make_feed("cam0", is_lossless=True)), parts) as supervisor:
        wait_for(supervisor, lambda s: s.failure is not None, 20.0)
        failure = supervisor.stop().failure
    assert failure is not None
    assert "disk is full" in failure.problem
    assert "by itself" not in failure.remedy


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_inference_is_back_and_nothing_older_than_a_second_is_lost(
    tmp_path: Path, seed: int
) -> None:
    with running(make_supervisor(tmp_path)) as supervisor:
        time.sleep(random.Random(seed).uniform(0.3, 1.3))  # the instant of the kill is the point of the test
        before = supervisor.poll()
        victim = process(before, "inference").pid
        assert victim is not None
        killed_utc_s = time.time()
        os.kill(victim, signal.SIGKILL)
        wait_for(supervisor, lambda s: process(s, "inference").restarts == 1, BACK_WITHIN_S)
        analysed = [c.analysed for c in before.cameras]
        wait_for(
            supervisor,
            lambda s: all(c.analysed > a + 10 for c, a in zip(s.cameras, analysed, strict=True)),
            BACK_WITHIN_S,
        )
        back_utc_s = time.time()
        reading = [process(supervisor.poll(), "capture").restarts, process(before, "capture").pid]
        assert reading == [0, process(supervisor.poll(), "capture").pid]
    journal = Journal.read(tmp_path)
    for name in CAMERAS:
        assert_nothing_missing(journal, name, downtime=(killed_utc_s, back_utc_s))
        spans = journal.spans[name]
        if len(spans) == 2 and spans[1].start_s - spans[0].end_s > 2.0:
            assert [(g.start_s, g.end_s, g.cause) for g in journal.gaps[name]] == [
                (spans[0].end_s, spans[1].start_s, "restarted")
            ]
        tracklets = [
            {row["tracklet"] for row in journal.points[name] if lo <= row["time_s"] <= hi}
            for lo, hi in ((0, killed_utc_s), (killed_utc_s + 0.2, back_utc_s + 60))
        ]
        assert not tracklets[0] & tracklets[1]
    assert {e["camera"] for e in journal.events if e["event"] == "restarted"} == set(CAMERAS)


def test_cameras_come_and_go_while_the_others_miss_nothing(tmp_path: Path) -> None:
    cam0, cam1, cam2 = (make_feed(name, is_lossless=False, fps=FPS) for name in (*CAMERAS, "cam2"))
    with running(make_supervisor(tmp_path)) as supervisor:
        pids = {p.pid for p in supervisor.poll().processes}
        changed_utc_s = time.time()
        supervisor.change_feeds([cam1, cam2])
        wait_for(supervisor, lambda s: {c.camera for c in s.cameras} == {"cam1", "cam2"}, BACK_WITHIN_S)
        wait_for(supervisor, lambda s: is_analysed(s, "cam2"), BACK_WITHIN_S)
        assert [name for name, _ in supervisor.slots] == ["cam1", "cam2"]
        supervisor.change_feeds([cam0, cam1, cam2])
        wait_for(supervisor, lambda s: is_analysed(s, "cam0"), BACK_WITHIN_S)
        supervisor.change_masks([replace(cam2.camera, may_be_dark=True)])
        assert {p.pid for p in supervisor.poll().processes} == pids
        # a process that starts anew reads the cameras of this moment
        supervisor.change_feeds([cam2])
        wait_for(supervisor, lambda s: len(s.cameras) == 1, BACK_WITHIN_S)
        capture = process(supervisor.poll(), "capture of cam2").pid
        assert capture is not None
        os.kill(capture, signal.SIGKILL)
        wait_for(supervisor, lambda s: process(s, "capture of cam2").restarts == 1, BACK_WITHIN_S)
        ended_utc_s = time.time()
        analysed = camera(supervisor.poll(), "cam2").analysed
        wait_for(supervisor, lambda s: camera(s, "cam2").analysed > analysed + 10, BACK_WITHIN_S)
    journal = Journal.read(tmp_path)
    for name in ("cam1", "cam2"):
        assert_nothing_missing(journal, name, downtime=None if name == "cam1" else (ended_utc_s, time.time()))
    assert "cam1" not in journal.gaps
    # nobody became another person
    assert len({row["tracklet"] for row in journal.points["cam1"]}) == len(journal.points["cam1"][:PEOPLE])
    assert [(span.camera, len(journal.spans[span.camera])) for span in journal.spans["cam1"]] == [("cam1", 1)]
    # given up and taken on again: one gap, in which nothing is recorded
    (gap,) = journal.gaps["cam0"]
    before, after = journal.spans["cam0"]
    assert (gap.start_s, gap.end_s, gap.cause) == (before.end_s, after.start_s, NOT_RUNNING)
    assert changed_utc_s - 0.5 <= gap.start_s <= changed_utc_s + 1.5
    for name in CAMERAS:
        assert max(row["time_s"] for row in journal.points[name]) <= ended_utc_s


@dataclass(frozen=True)
class LoadUnlessBroken:
    """Loads any model but one that is called ``broken``, until there is a file ``mended``."""

    folder: Path

    def __call__(self, choice: DetectorChoice) -> Detector:
        if choice.model_path.name == "broken" and not (self.folder / "mended").exists():
            raise ModelError("The network '{name}' is damaged.", "Import it again.", name="broken")
        return LoadScripted(0.0)(choice)


def test_a_camera_whose_model_cannot_be_loaded_leaves_the_others_alone_also_after_a_restart(
    tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("cannot be analysed")
    cam0 = make_feed("cam0", is_lossless=False, fps=FPS)
    added = replace(
        make_feed("added", is_lossless=False, fps=FPS), detector=DetectorChoice(Path("broken"), device="CPU")
    )
    parts = replace(make_parts(tmp_path), load_detector=LoadUnlessBroken(tmp_path))
    with Supervisor(make_plan(cam0), parts, policy=RestartPolicy(first_delay_s=0.1)) as supervisor:
        wait_for(supervisor, lambda s: is_analysed(s, "cam0"), 20.0)
        supervisor.change_feeds([cam0, added])
        told = "The network 'broken' is damaged."
        wait_for(
            supervisor,
            lambda s: len(s.cameras) == 2 and str(camera(s, "added").detail) == told,
            20.0,
        )
        victim = process(supervisor.poll(), "inference").pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        wait_for(supervisor, lambda s: process(s, "inference").restarts == 1, 20.0)
        analysed = camera(supervisor.poll(), "cam0").analysed
        wait_for(supervisor, lambda s: camera(s, "cam0").analysed > analysed + 10, 20.0)
        wait_for(supervisor, lambda s: str(camera(s, "added").detail) == told, 20.0)
        assert process(supervisor.poll(), "inference").restarts == 1
        # once it can be loaded, the next start analyses it
        (tmp_path / "mended").touch()
        victim = process(supervisor.poll(), "inference").pid
        assert victim is not None
        os.kill(victim, signal.SIGKILL)
        wait_for(supervisor, lambda s: is_analysed(s, "added"), 20.0)
        assert camera(supervisor.poll(), "added").detail == ""


def test_a_camera_that_is_added_and_removed_again_and_again_leaves_nothing_behind(tmp_path: Path) -> None:
    cam0, cam1 = (make_feed(name, is_lossless=False, fps=FPS) for name in CAMERAS)
    own = psutil.Process()
    with running(make_supervisor(tmp_path)) as supervisor:

        def change(times: int) -> tuple[int, int]:
            for _ in range(times):
                supervisor.change_feeds([cam0])
                wait_for(supervisor, lambda s: len(s.cameras) == 1, BACK_WITHIN_S)
                supervisor.change_feeds([cam0, cam1])
                wait_for(supervisor, lambda s: len(s.cameras) == 2, BACK_WITHIN_S)
            wait_for(supervisor, lambda s: is_analysed(s, "cam1"), BACK_WITHIN_S)
            segments = len(list(Path("/dev/shm").glob(f"expoflow-{os.getpid()}-*")))
            return own.num_fds(), segments

        before = change(2)
        assert change(20) == before
        assert [p.restarts for p in supervisor.poll().processes] == [0, 0]


def test_a_camera_that_is_removed_and_added_at_once_counts_from_zero(tmp_path: Path) -> None:
    cam0, cam1 = (make_feed(name, is_lossless=False, fps=FPS) for name in CAMERAS)
    limits = replace(LIVE_LIMITS, beat_every_s=0.05)  # many reports of the time before are on their way
    with running(Supervisor(make_plan(cam0, cam1), make_parts(tmp_path), limits=limits)) as supervisor:
        wait_for(supervisor, lambda s: camera(s, "cam1").analysed > 40, 20.0)
        supervisor.change_feeds([cam0])
        wait_for(supervisor, lambda s: len(s.cameras) == 1, BACK_WITHIN_S)
        supervisor.change_feeds([cam0, cam1])
        began_s = time.monotonic()
        seen: list[tuple[float, CameraStatus]] = []

        def watch(status: PipelineStatus) -> bool:
            seen.extend((time.monotonic() - began_s, c) for c in status.cameras if c.camera == "cam1")
            return time.monotonic() - began_s > 3.0

        wait_for(supervisor, watch, 4.0)
        assert seen[-1][1].analysed > 5
        for since_s, status in seen:
            assert status.analysed <= FPS * since_s + 5, (since_s, status)
            assert status.fps_analysed < 2 * FPS


@dataclass(frozen=True)
class ShiftedFloor:
    """Places people by the first pair of their camera's calibration."""

    def __call__(self, camera: Camera, geometry: CameraGeometry, size_wh: tuple[int, int]) -> Projection:
        floor = make_pixel_floor(camera, geometry, size_wh)
        return ShiftedProjection(floor, camera.pairs[0].x_m if camera.pairs else 0.0)


@dataclass(frozen=True)
class ShiftedProjection:
    floor: Projection
    x_m: float

    def project(self, boxes: Sequence[TrackedBox]) -> Sequence[TrackPoint]:
        return [point._replace(x_m=point.x_m + self.x_m) for point in self.floor.project(boxes)]


def test_a_camera_that_is_calibrated_while_it_is_recorded_counts_by_that_at_once(tmp_path: Path) -> None:
    cam0, cam1 = (make_feed(name, is_lossless=False, fps=FPS) for name in CAMERAS)
    pairs = tuple(PointPair(u, v, 5000.0, 0.0) for u, v in ((0, 0), (9, 0), (9, 9), (0, 9)))
    plan = make_plan(replace(cam0, geometry=None), cam1)
    parts = replace(make_parts(tmp_path), make_projection=ShiftedFloor())
    with Supervisor(plan, parts) as supervisor:
        wait_for(supervisor, lambda s: bool(s.cameras) and camera(s, "cam0").decoded > 5, 20.0)
        wait_for(supervisor, lambda s: is_analysed(s, "cam1"), 20.0)
        assert camera(supervisor.poll(), "cam0").detail == "not calibrated"
        pids = {p.pid for p in supervisor.poll().processes}
        # calibrated, and another time; its neighbour stays as it is
        for x_m in (5000.0, 9000.0):
            moved = tuple(replace(pair, x_m=x_m) for pair in pairs)
            now = replace(cam0, camera=replace(cam0.camera, pairs=moved))
            supervisor.change_feeds([now, cam1])
            analysed = camera(supervisor.poll(), "cam0").analysed
            wait_for(
                supervisor,
                lambda s, x_m=x_m: any(  # type: ignore[misc]
                    track.x_m is not None and track.x_m >= x_m for track in camera(s, "cam0").tracks
                ),
                BACK_WITHIN_S,
            )
            wait_for(supervisor, lambda s, a=analysed: camera(s, "cam0").analysed > a + 10, BACK_WITHIN_S)  # type: ignore[misc]
        assert camera(supervisor.poll(), "cam0").detail == ""
        assert {p.pid for p in supervisor.poll().processes} == pids
        final = supervisor.stop()
    journal = Journal.read(tmp_path)
    assert_nothing_missing(journal, "cam1", downtime=None)
    assert "cam1" not in journal.gaps
    assert sum(span.frames for span in journal.spans["cam0"]) == camera(final, "cam0").analysed
    # nobody walked from one calibration into the other
    places = [
        {row["tracklet"] for row in journal.points["cam0"] if lo <= row["x_m"] < lo + 4000}
        for lo in (5000, 9000)
    ]
    assert all(places)
    assert not places[0] & places[1]


def test_a_killed_capture_is_back_and_its_slots_go_on(tmp_path: Path) -> None:
    with running(make_supervisor(tmp_path)) as supervisor:
        before = supervisor.poll()
        names = [name for _, name in supervisor.slots]
        victim = process(before, "capture").pid
        assert victim is not None
        killed_utc_s = time.time()
        os.kill(victim, signal.SIGKILL)
        wait_for(supervisor, lambda s: process(s, "capture").restarts == 1, BACK_WITHIN_S)
        analysed = [c.analysed for c in before.cameras]
        wait_for(
            supervisor,
            lambda s: all(c.analysed > a + 20 for c, a in zip(s.cameras, analysed, strict=True)),
            BACK_WITHIN_S,
        )
        back_utc_s = time.time()
        after = supervisor.poll()
        assert process(after, "inference").pid == process(before, "inference").pid
        assert process(after, "inference").restarts == 0
        assert [name for _, name in supervisor.slots] == names
        preview = FramePreview(names[0], is_lossless=False).copy_newest()
        assert preview is not None
        assert back_utc_s - preview[1] < 2.0
    journal = Journal.read(tmp_path)
    for name in CAMERAS:
        assert_nothing_missing(journal, name, downtime=(killed_utc_s, back_utc_s))


def test_a_wedged_inference_is_killed_and_its_downtime_is_a_gap(tmp_path: Path) -> None:
    with running(make_supervisor(tmp_path)) as supervisor:
        victim = process(supervisor.poll(), "inference").pid
        assert victim is not None
        stopped_utc_s = time.time()
        os.kill(victim, signal.SIGSTOP)
        took_s = wait_for(supervisor, lambda s: process(s, "inference").restarts == 1, BACK_WITHIN_S)
        assert took_s > 3.0
        assert "said nothing" in process(supervisor.poll(), "inference").detail
        analysed = supervisor.poll().cameras[0].analysed
        wait_for(supervisor, lambda s: s.cameras[0].analysed > analysed + 10, BACK_WITHIN_S)
    journal = Journal.read(tmp_path)
    for name in CAMERAS:
        (gap,) = journal.gaps[name]
        assert gap.cause == "restarted"
        assert stopped_utc_s - LOST_AT_MOST_S <= gap.start_s <= stopped_utc_s + 0.2
        first, second = journal.spans[name]
        assert (gap.start_s, gap.end_s) == (first.end_s, second.start_s)


def test_a_lost_camera_is_reported_connected_again_and_leaves_its_neighbour_alone(tmp_path: Path) -> None:
    with running(make_supervisor(tmp_path)) as supervisor:
        (tmp_path / "cam0").touch()
        wait_for(supervisor, lambda s: camera(s, "cam0").state is CameraState.LOST, BACK_WITHIN_S)
        assert "cam0" in camera(supervisor.poll(), "cam0").detail
        assert camera(supervisor.poll(), "cam0").people == 0
        error = camera(supervisor.poll(), "cam0").error
        assert error is not None
        assert "No action is needed" in error.remedy
        time.sleep(2.2)  # the outage lasts
        (tmp_path / "cam0").unlink()
        wait_for(supervisor, lambda s: camera(s, "cam0").state is CameraState.STREAMING, BACK_WITHIN_S)
        assert camera(supervisor.poll(), "cam0").error is None
        analysed = camera(supervisor.poll(), "cam0").analysed
        wait_for(supervisor, lambda s: camera(s, "cam0").analysed > analysed + 5, BACK_WITHIN_S)
        assert camera(supervisor.poll(), "cam0").reconnects >= 1
    journal = Journal.read(tmp_path)
    (gap,) = journal.gaps["cam0"]
    assert gap.cause == "camera lost"
    assert_nothing_missing(journal, "cam1", downtime=None)
    assert "cam1" not in journal.gaps
    # a machine that is busy drops frames, too
    kinds = [e["event"] for e in journal.events if e["camera"] == "cam0" and e["event"] != "dropped"]
    assert kinds[:3] == ["connected", "lost", "connected"]


def test_a_camera_that_crashes_its_process_is_isolated_and_set_aside(tmp_path: Path) -> None:
    with make_supervisor(tmp_path, locations=("scripted", "crash")) as supervisor:
        wait_for(
            supervisor,
            lambda s: bool(s.cameras) and camera(s, "cam1").state is CameraState.QUARANTINED,
            20.0,
        )
        analysed = camera(supervisor.poll(), "cam0").analysed
        wait_for(supervisor, lambda s: camera(s, "cam0").analysed > analysed + 10, BACK_WITHIN_S)
        assert "SIGABRT" in camera(supervisor.poll(), "cam1").detail


@pytest.mark.slow
def test_an_inference_that_somebody_else_stops_is_started_again(tmp_path: Path) -> None:
    with running(make_supervisor(tmp_path)) as supervisor:
        victim = process(supervisor.poll(), "inference").pid
        assert victim is not None
        os.kill(victim, signal.SIGTERM)
        wait_for(supervisor, lambda s: process(s, "inference").restarts == 1, BACK_WITHIN_S)
        analysed = supervisor.poll().cameras[0].analysed
        wait_for(supervisor, lambda s: s.cameras[0].analysed > analysed + 5, BACK_WITHIN_S)
    assert Journal.read(tmp_path).closed == 2


def test_a_camera_that_is_not_calibrated_is_watched_and_counts_nothing(tmp_path: Path) -> None:
    plan = make_plan(
        make_feed("cam0", is_lossless=False, fps=FPS),
        replace(make_feed("cam1", is_lossless=False, fps=FPS), geometry=None),
    )
    with Supervisor(plan, make_parts(tmp_path)) as supervisor:
        wait_for(supervisor, lambda s: bool(s.cameras) and camera(s, "cam0").analysed > 10, 20.0)
        watched = camera(supervisor.poll(), "cam1")
    assert watched.state is CameraState.STREAMING
    assert watched.decoded > 0
    assert (watched.analysed, watched.detail) == (0, "not calibrated")
    journal = Journal.read(tmp_path)
    assert "cam1" not in journal.spans
    assert "cam1" not in journal.points
    assert "cam1" not in journal.gaps


def test_a_clean_stop_makes_everything_durable(tmp_path: Path) -> None:
    with running(make_supervisor(tmp_path)) as supervisor:
        pids = [p.pid for p in supervisor.poll().processes]
    status = supervisor.poll()
    assert not status.is_running
    assert not status.is_finished
    assert status.failure is None
    journal = Journal.read(tmp_path)
    assert journal.closed == 1
    for name in CAMERAS:
        assert len(journal.numbers(name, FPS)) == camera(status, name).analysed
        assert journal.spans[name][-1].frames == camera(status, name).analysed
    assert not any(pid is not None and psutil.pid_exists(pid) for pid in pids)


PARENT = """
import sys, time
from pathlib import Path
from tests.integration.test_pipeline_survival import make_supervisor
if __name__ == "__main__":
    supervisor = make_supervisor(Path(sys.argv[1]))
    supervisor.start()
    while True:
        status = supervisor.poll()
        if status.cameras and all(c.analysed > 5 for c in status.cameras):
            print(*(p.pid for p in status.processes), *(name for _, name in supervisor.slots), flush=True)
            time.sleep(1000)
        time.sleep(0.02)
"""


def test_children_of_a_killed_parent_flush_and_go(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    with parent:
        assert parent.stdout is not None
        inference, capture, *slot_names = parent.stdout.readline().split()
        for pid in (inference, capture):
            assert "s3cret" not in "".join(psutil.Process(int(pid)).cmdline())
            assert "s3cret" not in str(psutil.Process(int(pid)).environ())
        killed_utc_s = time.time()
        parent.kill()
        wait_until(
            lambda: not any(psutil.pid_exists(int(pid)) for pid in (inference, capture)),
            BACK_WITHIN_S,
            what="the end of a killed parent's children",
        )
    journal = Journal.read(tmp_path)
    assert journal.closed == 1
    for name in CAMERAS:
        last_s = journal.numbers(name, FPS)[-1] / FPS
        assert killed_utc_s - last_s < 0.6
        assert_nothing_missing(journal, name, downtime=None)
    assert [name for name in slot_names for _ in Path("/dev/shm").glob(f"{name}*")] == []

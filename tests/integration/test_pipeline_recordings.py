"""Recordings through real processes: every due frame once, in order, or an error in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.errors import PipelineError, SourceError
from tests.support.scripted_pipeline import (
    PEOPLE,
    Journal,
    LoadScripted,
    OpenJournal,
    OpenScripted,
    make_feed,
    make_order_tracker,
    make_pixel_floor,
    make_plan,
)
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.heartbeat import LIVE_LIMITS
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.supervisor import Supervisor

FRAMES = 300
FPS = 25.0


def make_parts(folder: Path, *, frames: int = FRAMES, pause_s: float = 0.0) -> PipelineParts:
    return PipelineParts(
        open_sink=OpenJournal(folder),
        open_source=OpenScripted(fps=FPS, frames=frames, shape=(360, 640, 3)),
        load_detector=LoadScripted(pause_s),
        make_tracker=make_order_tracker,
        make_projection=make_pixel_floor,
    )


def leftovers() -> set[str]:
    folder = Path("/dev/shm")
    return {path.name for path in folder.glob("expoflow-*")} if folder.is_dir() else set()


@pytest.mark.parametrize("files", [1, 3])
def test_every_frame_of_every_file_is_analysed_once_and_in_order(tmp_path: Path, files: int) -> None:
    names = [f"cam{index}" for index in range(files)]
    plan = make_plan(*(make_feed(name, is_lossless=True, fps=FPS) for name in names))
    with Supervisor(plan, make_parts(tmp_path)) as supervisor:
        assert supervisor.wait(30.0)
        status = supervisor.poll()
    assert status.failure is None
    assert status.is_finished
    journal = Journal.read(tmp_path)
    for name in names:
        assert journal.numbers(name, FPS) == list(range(FRAMES))
        assert [(s.start_s, s.end_s, s.frames) for s in journal.spans[name]] == [
            (0.0, (FRAMES - 1) / FPS, FRAMES)
        ]
    assert [camera.analysed for camera in status.cameras] == [FRAMES] * files
    assert [camera.dropped for camera in status.cameras] == [0] * files
    assert journal.gaps == {}
    assert not any(name in leftover for _, name in supervisor.slots for leftover in leftovers())


def test_each_camera_is_analysed_by_its_own_network(tmp_path: Path) -> None:
    small = DetectorChoice(Path("small"), device="CPU")
    feeds = [
        replace(make_feed(name, is_lossless=True, fps=FPS), detector=detector)
        for name, detector in (("usual", None), ("one", small), ("two", small))
    ]
    with Supervisor(make_plan(*feeds), make_parts(tmp_path, frames=50)) as supervisor:
        assert supervisor.wait(30.0)
        assert supervisor.poll().failure is None
    points = Journal.read(tmp_path).points
    assert {name: len(rows) for name, rows in points.items()} == {"usual": 50 * PEOPLE, "one": 50, "two": 50}


def test_a_file_that_cannot_be_read_fails_in_words_and_without_the_password(tmp_path: Path) -> None:
    plan = make_plan(
        make_feed("good", is_lossless=True), make_feed("bad", is_lossless=True, location="broken")
    )
    with Supervisor(plan, make_parts(tmp_path)) as supervisor:
        assert supervisor.wait(30.0)
        failure = supervisor.poll().failure
    assert isinstance(failure, SourceError)
    assert "'bad'" in failure.problem
    assert "s3cret" not in str(failure)
    assert not supervisor.poll().is_finished


def test_a_file_that_crashes_the_decoder_fails_in_words(tmp_path: Path) -> None:
    plan = make_plan(make_feed("bad", is_lossless=True, location="crash"))
    with Supervisor(plan, make_parts(tmp_path)) as supervisor:
        assert supervisor.wait(30.0)
        failure = supervisor.poll().failure
    assert isinstance(failure, PipelineError)
    assert "SIGABRT" in failure.problem


@pytest.mark.slow
def test_a_detector_that_says_nothing_for_long_on_a_busy_machine_is_waited_for(tmp_path: Path) -> None:
    pause_s = LIVE_LIMITS.silent_s + 2.0
    plan = make_plan(make_feed("cam", is_lossless=True, fps=FPS))
    with Supervisor(plan, make_parts(tmp_path, frames=2, pause_s=pause_s)) as supervisor:
        assert supervisor.wait(60.0)
        status = supervisor.poll()
    assert status.failure is None
    assert status.is_finished
    assert Journal.read(tmp_path).numbers("cam", FPS) == [0, 1]

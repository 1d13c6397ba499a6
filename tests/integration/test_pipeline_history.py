"""A pipeline that writes into a venue's real history: killed in the middle, and over recordings."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from analytics.domain.errors import PipelineError
from analytics.store.sql_event_store import open_reader
from app.analysis.analyse_recording import AnalysisProgress, analyse_files
from app.recording.pipeline_process import make_parts
from tests.support.scripted_pipeline import (
    PEOPLE,
    LoadScripted,
    OpenScripted,
    expected_position,
    make_feed,
    make_order_tracker,
    make_pixel_floor,
    make_plan,
)
from tests.support.waiting import wait_until
from vision.pipeline.pipeline_parts import PipelineParts
from vision.pipeline.supervisor import Supervisor

FPS = 10.0


def make_scripted_parts(folder: Path, *, frames: int = 100, pause_s: float = 0.0) -> PipelineParts:
    return PipelineParts(
        open_sink=make_parts(folder).open_sink,
        open_source=OpenScripted(fps=FPS, frames=frames),
        load_detector=LoadScripted(pause_s),
        make_tracker=make_order_tracker,
        make_projection=make_pixel_floor,
    )


def read_numbers(folder: Path, camera: str) -> list[int]:
    """Frames that are in the history, each checked to hold everybody where they are expected."""
    reader = open_reader(folder)
    try:
        tracks = reader.read_tracks(cameras=(camera,))  # type: ignore[arg-type]
    finally:
        reader.close()
    numbers = []
    for time_s, group in tracks.groupby("time_s"):
        number = round(float(time_s) * FPS)  # type: ignore[arg-type]
        found = sorted(zip(group["x_m"].tolist(), group["y_m"].tolist(), strict=True))
        assert found == sorted(expected_position(number, person) for person in range(PEOPLE))
        numbers.append(number)
    return numbers


@pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")
def test_a_killed_inference_leaves_a_history_without_holes_but_its_downtime(tmp_path: Path) -> None:
    plan = make_plan(*(make_feed(f"cam{n}", is_lossless=False, fps=FPS) for n in range(2)))
    with Supervisor(plan, make_scripted_parts(tmp_path)) as supervisor:

        def wait_for_frames(more: int, within_s: float) -> None:
            before = [camera.analysed for camera in supervisor.poll().cameras] or [0, 0]
            deadline_s = time.monotonic() + within_s
            while not supervisor.poll().cameras or not all(
                camera.analysed >= count + more
                for camera, count in zip(supervisor.poll().cameras, before, strict=False)
            ):
                assert time.monotonic() < deadline_s, supervisor.poll()
                time.sleep(0.02)

        wait_for_frames(15, 60.0)
        victim = supervisor.poll().processes[0].pid
        assert victim is not None
        killed_utc_s = time.time()
        os.kill(victim, signal.SIGKILL)
        wait_for_frames(15, 60.0)
    status = supervisor.poll()
    assert status.failure is None
    assert status.processes[0].restarts == 1
    reader = open_reader(tmp_path)
    for name in ("cam0", "cam1"):
        numbers = read_numbers(tmp_path, name)
        missing = sorted(set(range(numbers[0], numbers[-1] + 1)) - set(numbers))
        assert missing, "a killed process cannot have seen what came before its successor"
        assert missing[0] / FPS >= killed_utc_s - 1.0
        assert missing == list(range(missing[0], missing[-1] + 1))
        gaps = reader.read_gaps(cameras=(name,))  # type: ignore[arg-type]
        assert gaps["cause"].tolist() == ["restarted"]
        assert (gaps["end_s"] - gaps["start_s"])[0] == pytest.approx((len(missing) + 1) / FPS, abs=0.05)
    reader.close()


def test_a_second_recording_begins_with_the_gap_since_the_first(tmp_path: Path) -> None:
    plan = make_plan(make_feed("cam0", is_lossless=False, fps=FPS))
    for _ in range(2):
        with Supervisor(plan, make_scripted_parts(tmp_path)) as supervisor:
            wait_until(lambda: supervisor.poll().cameras and supervisor.poll().cameras[0].analysed > 3, 20.0)
        time.sleep(2.1)  # nobody records for longer than a gap
    reader = open_reader(tmp_path)
    spans, gaps = reader.read_spans(), reader.read_gaps()
    reader.close()
    assert gaps["cause"].tolist() == ["not running"]
    assert gaps["start_s"].tolist() == [spans["end_s"].iloc[0]]
    assert gaps["end_s"].tolist() == [spans["start_s"].iloc[1]]


def test_files_are_analysed_to_their_end_with_progress(tmp_path: Path) -> None:
    plan = make_plan(*(make_feed(f"cam{n}", is_lossless=True, fps=FPS) for n in range(2)))
    seen: list[AnalysisProgress] = []
    result = analyse_files(
        plan,
        tmp_path,
        on_progress=seen.append,
        parts=make_scripted_parts(tmp_path, frames=120, pause_s=0.002),
    )
    assert result.is_complete
    assert result.frames == 240
    assert (seen[-1].frames, seen[-1].fraction) == (240, 1.0)
    assert [p.frames for p in seen] == sorted(p.frames for p in seen)
    for name in ("cam0", "cam1"):
        assert read_numbers(tmp_path, name) == list(range(120))


def test_a_cancelled_analysis_keeps_what_it_has(tmp_path: Path) -> None:
    plan = make_plan(make_feed("cam0", is_lossless=True, fps=FPS))
    frames_seen = [0]

    def note(progress: AnalysisProgress) -> None:
        frames_seen[0] = progress.frames

    result = analyse_files(
        plan,
        tmp_path,
        on_progress=note,
        should_cancel=lambda: frames_seen[0] > 0,
        parts=make_scripted_parts(tmp_path, frames=100_000, pause_s=0.01),
    )
    assert not result.is_complete
    assert 0 < result.frames < 100_000
    assert read_numbers(tmp_path, "cam0") == list(range(result.frames))


def test_a_live_camera_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="live camera"):
        analyse_files(make_plan(make_feed("cam0", is_lossless=False)), tmp_path)

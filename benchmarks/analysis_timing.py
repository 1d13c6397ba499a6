"""Seconds of an ``analyse`` command: all, those before its first frame and those after its last."""

from __future__ import annotations

import json
import mmap
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from vision.pipeline.frame_slots import _RELEASED
from vision.pipeline.shared_segment import PAGE_BYTES, PREFIX, attach_segment

PROJECT = Path(__file__).parents[1]
_POLL_INTERVAL_S = 0.01
_SEGMENTS = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class AnalysisTiming:
    """Seconds by the clock.

    Attributes:
        frames: that were analysed.
        seconds: from the start of the command to its end.
        first_frame_s: from the start until the detector has taken its first frame.
        end_s: from when the detector has taken its last frame to the end.
    """

    frames: int
    seconds: float
    first_frame_s: float
    end_s: float


def time_analysis(video: Path, model: Path, truth: Path, out: Path) -> AnalysisTiming:
    """Run the whole command on a clip, as a user does.

    Args:
        truth: folder with the zones and the point pairs of the clip.
        out: where the results go.
    """
    command = [
        sys.executable, "-m", "app", "analyse", video, "--model", model, "--out", out, "--json",
        "--zones", truth / "one-by-one_zones.geojson", "--calibration", truth / "one-by-one_pairs.csv",
    ]  # fmt: skip
    began_s = time.perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    first_s = last_s = began_s
    taken, control = 0, None
    while process.poll() is None:
        now_s = time.perf_counter()
        control = control or _attach(process.pid)
        if control is not None and (count := memoryview(control).cast("q")[_RELEASED]) != taken:
            first_s = first_s if taken else now_s
            taken, last_s = count, now_s
        time.sleep(_POLL_INTERVAL_S)
    ended_s = time.perf_counter()
    printed, errors = process.communicate()
    if process.returncode:
        raise SystemExit(errors)
    frames = int(json.loads(printed[printed.index("{") :])["analysed_frames"])
    return AnalysisTiming(frames, ended_s - began_s, first_s - began_s, ended_s - last_s)


def _attach(pid: int) -> mmap.mmap | None:
    """The control segment of the command's only camera, once there is one."""
    for path in _SEGMENTS.glob(f"{PREFIX}{pid}-*"):
        if path.stat().st_size == PAGE_BYTES:
            return attach_segment(path.name, PAGE_BYTES, is_read_only=True)
    return None

"""What one more camera costs: memory and processor time of the whole pipeline, from one to eight."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from analytics.domain.identifiers import CameraId
from app.analysis.analyse_recording import analyse_files
from app.analysis.recording_scene import read_scene
from vision.calibration.homography import estimate_homography
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.plan import CameraFeed, PipelinePlan
from vision.sources.frame_source import SourceAddress, SourceKind

CAMERAS = (1, 2, 4, 8)
SECONDS_ANALYSED_FPS = 2.0


@dataclass(frozen=True, slots=True)
class Growth:
    """One line of the table; ``more_mib`` is per camera beyond the first."""

    cameras: int
    fps: float
    cpu_ms: float
    memory_mib: float
    more_mib: float


def measure_growth(clip: Path, model: Path, truth: Path) -> Iterator[Growth]:
    """Analyse the clip as so many cameras at once, two frames a second each."""
    first_mib = 0.0
    for cameras in CAMERAS:
        frames, wall_s, cpu_s, memory_mib = _run(clip, model, truth, cameras)
        first_mib = first_mib or memory_mib
        more = (memory_mib - first_mib) / (cameras - 1) if cameras > 1 else 0.0
        yield Growth(cameras, frames / wall_s, 1e3 * cpu_s / frames, memory_mib, more)


def _run(clip: Path, model: Path, truth: Path, cameras: int) -> tuple[int, float, float, float]:
    scene = read_scene(truth / "one-by-one_zones.geojson", truth / "one-by-one_pairs.csv")
    (camera,) = scene.cameras
    geometry = estimate_homography(camera.pairs).geometry
    feeds = tuple(
        CameraFeed(
            camera=replace(camera, name=CameraId(f"cam{i}"), analysed_fps=SECONDS_ANALYSED_FPS),
            address=SourceAddress(SourceKind.VIDEO, str(clip)),
            geometry=geometry,
            is_lossless=True,
        )
        for i in range(cameras)
    )
    watch = ResourceWatch()
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        result = analyse_files(PipelinePlan(feeds, DetectorChoice(model)), Path(folder))
    wall_s = time.perf_counter() - started
    watch.stop()
    return result.frames, wall_s, watch.cpu_s, watch.peak_mib


class ResourceWatch:
    """Peak proportional memory and the processor time of all child processes, sampled."""

    def __init__(self) -> None:
        self.peak_mib = 0.0
        self._cpu_by_process: dict[int, float] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def cpu_s(self) -> float:
        return sum(self._cpu_by_process.values())

    def measure_cpu_s(self) -> float:
        """Processor seconds of all child processes until now."""
        own = psutil.Process(os.getpid())
        spent = (child.cpu_times() for child in own.children(recursive=True))
        return float(sum(times.user + times.system for times in spent))

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        own = psutil.Process(os.getpid())
        while not self._is_over.wait(0.2):
            total = 0.0
            for child in own.children(recursive=True):
                try:
                    total += child.memory_full_info().pss / 2**20
                    times = child.cpu_times()
                    self._cpu_by_process[child.pid] = times.user + times.system
                except psutil.Error:
                    continue
            self.peak_mib = max(self.peak_mib, total)

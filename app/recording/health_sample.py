"""Measure the state of a recorder: its cameras, processes, machine and disk."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from vision.pipeline.pipeline_status import PipelineStatus

EVENTS_NAME = "events.sqlite"
_GPU_TIMEOUT_S = 3.0
_DATABASE_TIMEOUT_S = 0.5


@dataclass(frozen=True, slots=True)
class CameraSample:
    """A health sample of one camera.

    Attributes:
        fps_in, fps_analysed, fps_dropped: recent decoded, analysed and dropped frames per second.
        latency_s: age of the newest analysed picture; None before the first.
    """

    camera: str
    state: str
    fps_in: float
    fps_analysed: float
    fps_dropped: float
    latency_s: float | None
    reconnects: int


@dataclass(frozen=True, slots=True)
class GpuSample:
    """A sample of an NVIDIA device as reported by its driver; shares are 0 to 1."""

    name: str
    share: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class HealthSample:
    """A health sample of a recorder; None means unknown, never zero.

    Attributes:
        cpu_share: use of all cores of the machine by all programs, 0 to 1.
        recorder_cpu_cores: cores used by the recorder and its processes.
        recorder_memory_bytes: resident memory of the recorder and its processes; shared pages count in
            each.
        memory_free_bytes: free memory of the machine.
        disk_free_bytes: free space on the disk of the venue's folder.
        write_lag_s: age of the newest observation on disk; None while nothing is analysed.
        pictures_under_way: pictures passed to the detector without a result yet.
        waiting_points: positions that are not on disk yet.
        restarts: process restarts since the recording began.
    """

    at_utc_s: float
    cpu_share: float | None
    recorder_cpu_cores: float | None
    recorder_memory_bytes: int | None
    memory_free_bytes: int | None
    disk_free_bytes: int | None
    write_lag_s: float | None
    pictures_under_way: int
    waiting_points: int
    restarts: int
    processes: int
    threads: int | None
    cameras: tuple[CameraSample, ...] = ()
    gpus: tuple[GpuSample, ...] = ()


class HealthProbe:
    """A sampler of this process, its children and the machine; keeps the state that rates need."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[int, psutil.Process] = {}
        self._has_gpu_tool = shutil.which("nvidia-smi") is not None
        # the first value of a rate is always 0; the next one covers the time in between
        psutil.cpu_percent(None)
        self._measure_processes()

    def measure(self, status: PipelineStatus, *, now_utc_s: float) -> HealthSample:
        """Measure a sample; takes milliseconds, with an NVIDIA device up to seconds."""
        cores, memory, threads, count = self._measure_processes()
        return HealthSample(
            at_utc_s=now_utc_s,
            cpu_share=psutil.cpu_percent(None) / 100.0,
            recorder_cpu_cores=cores,
            recorder_memory_bytes=memory,
            memory_free_bytes=int(psutil.virtual_memory().available),
            disk_free_bytes=_find_free_bytes(self._folder),
            write_lag_s=measure_write_lag_s(self._folder, now_utc_s=now_utc_s)
            if status.is_analysing
            else None,
            pictures_under_way=status.pictures_under_way,
            waiting_points=status.history.waiting_points,
            restarts=sum(process.restarts for process in status.processes),
            processes=count,
            threads=threads,
            cameras=tuple(
                CameraSample(
                    str(camera.camera),
                    camera.state.value,
                    round(camera.fps_in, 2),
                    round(camera.fps_analysed, 2),
                    round(camera.fps_dropped, 2),
                    None if camera.age_s is None else round(camera.age_s, 3),
                    camera.reconnects,
                )
                for camera in status.cameras
            ),
            gpus=_measure_gpus() if self._has_gpu_tool else (),
        )

    def _measure_processes(self) -> tuple[float, int, int, int]:
        own = psutil.Process(os.getpid())
        found = {process.pid: process for process in (own, *own.children(recursive=True))}
        # reuse the objects of the last call: each keeps the processor time of its last measurement
        self._processes = {pid: self._processes.get(pid, process) for pid, process in found.items()}
        cores, memory, threads = 0.0, 0, 0
        for process in self._processes.values():
            with contextlib.suppress(psutil.Error):
                cores += process.cpu_percent(None) / 100.0
                memory += process.memory_info().rss
                threads += process.num_threads()
        return cores, memory, threads, len(self._processes)


def measure_write_lag_s(folder: Path, *, now_utc_s: float) -> float | None:
    """Return the age of the newest durable observation of a history, s; None without one."""
    file = folder / EVENTS_NAME
    if not file.exists():
        return None
    # without SQLAlchemy, which a supervising process need not load
    address = f"{file.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=_DATABASE_TIMEOUT_S)
    except sqlite3.Error:
        return None
    with contextlib.closing(connection):
        try:
            (end_us,) = connection.execute("SELECT max(end_us) FROM observed_spans").fetchone()
        except sqlite3.Error:
            return None
    return None if end_us is None else max(0.0, now_utc_s - end_us / 1e6)


def pack_sample(sample: HealthSample) -> dict[str, object]:
    """Return a sample as a JSON object."""
    return asdict(sample)


def unpack_sample(packed: Mapping[str, Any]) -> HealthSample:
    """Return the sample of a JSON object.

    Raises:
        KeyError, TypeError: the object is no sample.
    """
    cameras = tuple(CameraSample(**camera) for camera in packed["cameras"])
    gpus = tuple(GpuSample(**gpu) for gpu in packed["gpus"])
    return HealthSample(**{**packed, "cameras": cameras, "gpus": gpus})


def _find_free_bytes(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _measure_gpus() -> tuple[GpuSample, ...]:
    query = "--query-gpu=name,utilization.gpu,memory.used"
    try:
        output = subprocess.run(
            ["nvidia-smi", query, "--format=csv,noheader,nounits"],  # noqa: S607 - the driver's tool, by its name
            capture_output=True,
            text=True,
            timeout=_GPU_TIMEOUT_S,
            check=True,
        ).stdout
        rows = [[part.strip() for part in line.split(",")] for line in output.splitlines() if line.strip()]
        return tuple(
            GpuSample(name, float(share) / 100.0, int(memory) * 1024 * 1024) for name, share, memory in rows
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()

"""How a recorder is at one moment: its cameras, its processes, the machine and the disk."""

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
_ASK_GPU_WITHIN_S = 3.0
_WAIT_FOR_DATABASE_S = 0.5


@dataclass(frozen=True, slots=True)
class CameraSample:
    """One camera.

    Attributes:
        fps_in, fps_analysed, fps_dropped: decoded, analysed and left out frames a second, of late.
        latency_s: since its newest analysed picture was taken; None before the first.
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
    """One NVIDIA device, as its driver tells it; a share is 0 to 1."""

    name: str
    share: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class HealthSample:
    """Everything at one moment; None is not known, never nothing.

    Attributes:
        cpu_share: of all cores of the machine, used by all programs, 0 to 1.
        recorder_cpu_cores: cores that the recorder and its processes used.
        recorder_memory_bytes: resident, of the recorder and its processes; shared pages count in each.
        memory_free_bytes: of the machine.
        disk_free_bytes: where the venue's folder lies.
        write_lag_s: how old the newest moment is that is safe on disk; None while nothing is analysed.
        pictures_under_way: given to the detector, and not yet answered.
        waiting_points: positions that are not on disk yet.
        restarts: of processes, since the recorder began.
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
    """Takes samples of this process, its children and the machine; keeps what rates need between two."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[int, psutil.Process] = {}
        self._has_gpu_tool = shutil.which("nvidia-smi") is not None
        # the first answer of a rate is always 0; the next is of the time in between
        psutil.cpu_percent(None)
        self._measure_processes()

    def take(self, status: PipelineStatus, *, now_utc_s: float) -> HealthSample:
        """A sample now; takes some milliseconds, with an NVIDIA device up to seconds."""
        cores, memory, threads, count = self._measure_processes()
        return HealthSample(
            at_utc_s=now_utc_s,
            cpu_share=psutil.cpu_percent(None) / 100.0,
            recorder_cpu_cores=cores,
            recorder_memory_bytes=memory,
            memory_free_bytes=int(psutil.virtual_memory().available),
            disk_free_bytes=_find_free_bytes(self._folder),
            write_lag_s=find_write_lag_s(self._folder, now_utc_s=now_utc_s) if status.is_analysing else None,
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
            gpus=_ask_gpus() if self._has_gpu_tool else (),
        )

    def _measure_processes(self) -> tuple[float, int, int, int]:
        own = psutil.Process(os.getpid())
        found = {process.pid: process for process in (own, *own.children(recursive=True))}
        # the same objects as the last time: each remembers the processor time up to which it has told
        self._processes = {pid: self._processes.get(pid, process) for pid, process in found.items()}
        cores, memory, threads = 0.0, 0, 0
        for process in self._processes.values():
            with contextlib.suppress(psutil.Error):
                cores += process.cpu_percent(None) / 100.0
                memory += process.memory_info().rss
                threads += process.num_threads()
        return cores, memory, threads, len(self._processes)


def find_write_lag_s(folder: Path, *, now_utc_s: float) -> float | None:
    """How old the newest observation of a history is that is durable, seconds; None where there is none."""
    file = folder / EVENTS_NAME
    if not file.exists():
        return None
    # without SQLAlchemy, which a process that only supervises need not load
    address = f"{file.absolute().as_uri()}?mode=ro"
    try:
        connection = sqlite3.connect(address, uri=True, timeout=_WAIT_FOR_DATABASE_S)
    except sqlite3.Error:
        return None
    with contextlib.closing(connection):
        try:
            (end_us,) = connection.execute("SELECT max(end_us) FROM observed_spans").fetchone()
        except sqlite3.Error:
            return None
    return None if end_us is None else max(0.0, now_utc_s - end_us / 1e6)


def pack_sample(sample: HealthSample) -> dict[str, object]:
    """A sample as a JSON object."""
    return asdict(sample)


def unpack_sample(packed: Mapping[str, Any]) -> HealthSample:
    """The sample that was packed.

    Raises:
        KeyError, TypeError: it is none.
    """
    cameras = tuple(CameraSample(**camera) for camera in packed["cameras"])
    gpus = tuple(GpuSample(**gpu) for gpu in packed["gpus"])
    return HealthSample(**{**packed, "cameras": cameras, "gpus": gpus})


def _find_free_bytes(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _ask_gpus() -> tuple[GpuSample, ...]:
    query = "--query-gpu=name,utilization.gpu,memory.used"
    try:
        said = subprocess.run(
            ["nvidia-smi", query, "--format=csv,noheader,nounits"],  # noqa: S607 - the driver's tool, by its name
            capture_output=True,
            text=True,
            timeout=_ASK_GPU_WITHIN_S,
            check=True,
        ).stdout
        rows = [[part.strip() for part in line.split(",")] for line in said.splitlines() if line.strip()]
        return tuple(
            GpuSample(name, float(share) / 100.0, int(memory) * 1024 * 1024) for name, share, memory in rows
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()

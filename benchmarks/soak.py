"""Record simulated cameras for a long time, and say whether memory, threads, handles and delay stay flat.

    python -m benchmarks.soak --minutes 60
    python -m benchmarks.soak --minutes 25 --cameras 8 --fps 2 --speed 2

The cameras are the drawn hall of the demo, each a loop of JPEG pictures that is decoded as it is read;
capture, detection, tracking and history are the real ones. ``--speed 2`` reads and analyses twice as many
pictures a second, so that an hour has two hours of pictures. What is done once an hour (the hour's files of
tracks become one, a backup) begins threads and libraries: let the warm-up last over a full hour of the clock
(``--warm-up-minutes``) and the run over another. The status is 1 where memory grows by more than 5 % after
the warm-up, where threads or handles become more, where the delay doubles, or where a process had to be
started again.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import av
import cv2
import numpy as np
import psutil

from analytics.domain.clock import Clock
from analytics.domain.identifiers import CameraId
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.demo.ready_venue import unpack_demo_venue
from app.recording.health_sample import measure_write_lag_s
from app.recording.pipeline_process import make_parts
from app.recording.record_venue import record
from vision.pipeline.pipeline_status import PipelineStatus
from vision.pipeline.plan import CameraFeed
from vision.pixel_types import Frame
from vision.sources.source_counters import SourceCounters

LOOP_S = 30.0
LOOP_FPS = 2.0
SAMPLE_EVERY_S = 10.0
WARM_UP_SHARE = 0.2
MAX_WARM_UP_S = 600.0
MAX_GROWTH = 0.05
LATE_FACTOR, LATE_S = 2.0, 0.3
"""The delay may vary with what else the machine does; it has drifted when it is both this much longer."""


@dataclass(frozen=True, slots=True)
class Sample:
    """All processes of the recording together.

    Attributes:
        own_mib: what is in memory of no file and of no shared segment. How many pages of libraries are nobody
            else's (USS) changes with what other programs begin and end.
        delay_s: since the newest analysed picture was taken, median of the cameras.
    """

    at_s: float
    own_mib: float
    resident_mib: float
    processes: int
    threads: int
    handles: int
    delay_s: float
    fps_analysed: float
    dropped: int
    restarts: int
    write_lag_s: float | None
    waiting_points: int


@dataclass(frozen=True)
class LoopSource:
    """Opens a camera of the hall as a loop of JPEG files, live: a picture at each multiple of an interval."""

    folder: Path
    fps: float

    def __call__(self, feed: CameraFeed, clock: Clock) -> LoopCamera:
        return LoopCamera(feed.camera.name, self.folder, clock, fps=self.fps)


class LoopCamera:
    """One camera that shows the same half minute again and again."""

    def __init__(self, camera: CameraId, folder: Path, clock: Clock, *, fps: float) -> None:
        self._camera, self._clock, self._fps = camera, clock, fps
        # 'north 2' shows what 'north' shows
        self._files = sorted((folder / camera.rsplit(" #", 1)[0]).glob("*.jpg"))
        self._last = 0
        self.counters = SourceCounters()

    def open(self) -> None:
        """Begin with the picture of now."""
        self._last = int(self._clock.now_utc_s() * self._fps)

    def read(self) -> Frame | None:
        """The next picture at its time."""
        self._last = max(self._last + 1, int(self._clock.now_utc_s() * self._fps))
        time_s = self._last / self._fps
        time.sleep(max(0.0, time_s - self._clock.now_utc_s()))
        content = np.frombuffer(self._files[self._last % len(self._files)].read_bytes(), np.uint8)
        picture = cv2.imdecode(content, cv2.IMREAD_COLOR)
        assert picture is not None
        self.counters.decoded += 1
        self.counters.delivered += 1
        return Frame(self._camera, picture.astype(np.uint8, copy=False), time_s, self._last)

    def close(self) -> None:
        """Nothing is held."""


def write_loops(venue: Venue, folder: Path) -> None:
    """Write half a minute of each camera's clip into JPEG files."""
    for entry in venue.cameras:
        address = venue.address_of(entry.name)
        assert address is not None
        place = folder / entry.name
        place.mkdir(parents=True)
        with av.open(address.location) as container:
            (stream,) = container.streams.video
            step = round(float(stream.average_rate or 1.0) / LOOP_FPS)
            frames = itertools.islice(container.decode(stream), 0, round(LOOP_S * LOOP_FPS) * step, step)
            for number, frame in enumerate(frames):
                cv2.imwrite(str(place / f"{number:04}.jpg"), frame.to_ndarray(format="bgr24"))


def make_soak_venue(folder: Path, *, cameras: int, fps: float) -> Path:
    """The demo's venue with so many cameras, and their pictures in ``loops/`` beside it."""
    venue = unpack_demo_venue(folder / "soak.expoflow")
    write_loops(venue, folder / "loops")
    entries = []
    for number in range(cameras):
        entry = venue.cameras[number % len(venue.cameras)]
        repeat = number // len(venue.cameras)
        name = entry.name if not repeat else CameraId(f"{entry.name} #{repeat + 1}")
        entries.append(replace(entry, camera=replace(entry.camera, name=name, analysed_fps=fps)))
    write_venue(replace(venue, cameras=tuple(entries)))
    return read_venue(venue.folder).folder


class Watch:
    """Takes a sample of every process each few seconds while the recording runs."""

    def __init__(self, folder: Path, report: Path | None) -> None:
        self._folder, self._report = folder, report
        self._begun_s = self._taken_s = time.monotonic()
        self.samples: list[Sample] = []

    def __call__(self, status: PipelineStatus) -> None:
        now_s = time.monotonic()
        if not status.is_analysing or now_s - self._taken_s < SAMPLE_EVERY_S:
            return
        self._taken_s = now_s
        sample = self._take(status, now_s - self._begun_s)
        self.samples.append(sample)
        if self._report is not None:
            with self._report.open("a") as lines:
                lines.write(json.dumps(asdict(sample)) + "\n")

    def _take(self, status: PipelineStatus, at_s: float) -> Sample:
        own = psutil.Process(os.getpid())
        own_bytes = resident = 0.0
        threads = handles = count = 0
        for process in (own, *own.children(recursive=True)):
            try:
                memory = process.memory_info()
                own_bytes += memory.rss - getattr(memory, "shared", 0)
                resident += memory.rss / 2**20
                threads += process.num_threads()
                handles += process.num_fds()
                count += 1
            except psutil.Error:
                # it ended meanwhile
                continue
        delays = [camera.age_s for camera in status.cameras if camera.age_s is not None]
        return Sample(
            at_s=at_s,
            own_mib=own_bytes / 2**20,
            resident_mib=resident,
            processes=count,
            threads=threads,
            handles=handles,
            delay_s=statistics.median(delays) if delays else float("nan"),
            fps_analysed=sum(camera.fps_analysed for camera in status.cameras),
            dropped=sum(camera.dropped for camera in status.cameras),
            restarts=sum(process.restarts for process in status.processes),
            write_lag_s=measure_write_lag_s(self._folder, now_utc_s=time.time()),
            waiting_points=status.history.waiting_points,
        )


def judge(samples: Sequence[Sample], warm_up_s: float | None = None) -> list[str]:
    """Print what was measured before and after, and give what is wrong with it."""
    if warm_up_s is None:
        warm_up_s = min(MAX_WARM_UP_S, WARM_UP_SHARE * samples[-1].at_s)
    warm = [sample for sample in samples if sample.at_s >= warm_up_s]
    third = len(warm) // 3
    if third < 3:
        return ["too short to say anything; give more minutes"]
    first, last = warm[:third], warm[-third:]

    def median(part: Sequence[Sample], name: str) -> float:
        values = [getattr(sample, name) for sample in part]
        return float(statistics.median([value for value in values if value is not None] or [float("nan")]))

    print(f"warm-up {warm_up_s:.0f} s; then {len(warm)} samples in {warm[-1].at_s - warm[0].at_s:.0f} s")
    print(f"{'':24}{'first third':>14}{'last third':>14}{'change':>10}")
    for name, form in (
        ("own_mib", ".1f"), ("resident_mib", ".1f"), ("processes", ".0f"), ("threads", ".0f"),
        ("handles", ".0f"), ("delay_s", ".3f"), ("fps_analysed", ".1f"), ("write_lag_s", ".2f"),
        ("waiting_points", ".0f"),
    ):  # fmt: skip
        before, after = median(first, name), median(last, name)
        change = f"{100 * (after / before - 1):+.1f} %" if before else ""
        print(f"{name:24}{before:>14{form}}{after:>14{form}}{change:>10}")
    print(f"dropped {warm[-1].dropped - warm[0].dropped}, restarts {samples[-1].restarts}")
    wrong = []
    growth = median(last, "own_mib") / median(first, "own_mib") - 1.0
    if growth > MAX_GROWTH:
        wrong.append(f"memory grew by {100 * growth:.1f} %")
    for name in ("threads", "handles"):
        # a file that is open for a moment is no leak
        before, after = median(first, name), median(last, name)
        if after > before:
            wrong.append(f"{name} became more: {before:.0f} to {after:.0f}")
    before, after = median(first, "delay_s"), median(last, "delay_s")
    if after > LATE_FACTOR * before and after - before > LATE_S:
        wrong.append(f"the delay grew from {before:.2f} to {after:.2f} s")
    if samples[-1].restarts:
        wrong.append(f"{samples[-1].restarts} processes had to be started again")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--cameras", type=int, default=8)
    parser.add_argument("--fps", type=float, default=5.0, help="analysed pictures a second and camera")
    parser.add_argument("--speed", type=float, default=1.0, help="so many times as many pictures a second")
    parser.add_argument(
        "--warm-up-minutes", type=float, help="what is not judged; a fifth, at most ten minutes"
    )
    parser.add_argument("--report", type=Path, help="a file for all samples, a line of JSON each")
    options = parser.parse_args()
    fps = options.fps * options.speed
    with tempfile.TemporaryDirectory(prefix="expoflow-soak-") as place:
        folder = make_soak_venue(Path(place), cameras=options.cameras, fps=fps)
        parts = replace(make_parts(folder), open_source=LoopSource(Path(place) / "loops", fps))
        watch = Watch(folder, options.report)
        print(
            f"{options.cameras} cameras, {fps:g} pictures a second each, {options.minutes:g} minutes",
            flush=True,
        )
        status = record(folder, duration_s=60.0 * options.minutes, on_status=watch, parts=parts)
        print(f"{sum(camera.analysed for camera in status.cameras)} pictures analysed")
    warm_up_min = options.warm_up_minutes
    wrong = judge(watch.samples, None if warm_up_min is None else 60.0 * warm_up_min)
    print("flat" if not wrong else "NOT FLAT: " + "; ".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""A recorder in a process of its own, with cameras that can be made to fail, and what its history proves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

from analytics.domain.camera import Camera, PointPair
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from analytics.store.recovery.database_copy import find_damage
from analytics.store.recovery.track_check import find_track_faults
from analytics.store.sql_event_store import open_reader, open_store
from app.core.document import VenueCamera, VenueSettings
from app.core.file_format import create_venue
from tests.integration.fault_matrix.recorder import USER
from tests.support.servers.faultcam import FaultCam
from vision.sources.frame_source import SourceAddress, SourceKind

PROJECT = Path(__file__).parents[3]
FPS = 10.0
PASSWORD = "s3cret-pass"
VICTIM = "cam0"
"""The camera that is made to fail; it shares its capture process with the next three, not with the last."""
CAMERAS = ("cam0", "cam1", "cam2", "cam3", "cam4")
_CORNERS = ((0.0, 0.0), (640.0, 0.0), (640.0, 360.0), (0.0, 360.0))
HOLE_S = 0.35
"""Between two frames of 10 a second; longer means that one is missing."""


class Recorder:
    """One start of the recorder; its status comes four times a second."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.started_s = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.fault_matrix.recorder", str(folder), PASSWORD],
            cwd=PROJECT,
            env={**os.environ, "EXPOFLOW_HOME": str(folder.parent / "home"), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.status: dict[str, Any] = {"cameras": {}, "processes": []}
        self.failure = ""
        self.complaints: list[str] = []
        self._readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._listen, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def analysed(self, camera: str) -> int:
        return int(self.status["cameras"].get(camera, {}).get("analysed", 0))

    def process_pid(self, name: str) -> int | None:
        found = (p["pid"] for p in self.status["processes"] if p["name"].startswith(name))
        return next(found, None)

    def restarts(self) -> int:
        return sum(p["restarts"] for p in self.status["processes"])

    def explain(self) -> str:
        """What its processes ended of, and what it said."""
        return f"{self.status['processes']} {''.join(self.complaints[-30:])}"

    def kill(self) -> None:
        self._process.kill()
        self.wait()

    def stop(self, number: signal.Signals = signal.SIGINT) -> None:
        """Stop it as a person does with Ctrl+C, or as the system does with SIGTERM."""
        if self._process.poll() is None:
            self._process.send_signal(number)
        self.wait()

    def wait(self) -> int:
        """Wait for its end, and let go of it; the exit status."""
        status = self._process.wait(30)
        for reader, pipe in zip(self._readers, (self._process.stdout, self._process.stderr), strict=True):
            reader.join(5)
            if pipe is not None:
                pipe.close()
        return status

    def family(self) -> list[psutil.Process]:
        """The recorder and all its processes."""
        parent = psutil.Process(self.pid)
        return [parent, *parent.children(recursive=True)]

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = json.loads(line)
            if "failure" in words:
                self.failure = words["failure"]
            else:
                self.status = words

    def _listen(self) -> None:
        assert self._process.stderr is not None
        self.complaints.extend(self._process.stderr)


@dataclass
class Recording:
    """A venue whose five cameras are recorded; who kills the recorder starts it again, as a service does."""

    folder: Path
    servers: dict[str, FaultCam]
    environment: dict[str, str] = field(default_factory=dict)
    recorder: Recorder | None = None

    @property
    def victim(self) -> FaultCam:
        return self.servers[VICTIM]

    def start(self) -> Recorder:
        self.recorder = Recorder(self.folder, self.environment)
        return self.recorder

    @property
    def running(self) -> Recorder:
        assert self.recorder is not None
        return self.recorder

    def wait_for(self, is_so: Callable[[Recorder], bool], within_s: float, *, what: str = "") -> float:
        """How long it took, seconds; fails when it takes longer."""
        began_s = time.monotonic()
        while time.monotonic() - began_s < within_s:
            if is_so(self.running):
                return time.monotonic() - began_s
            time.sleep(0.02)
        raise AssertionError(
            f"{what or 'it'} was not so within {within_s} s: {self.running.status} "
            f"{self.running.failure} {''.join(self.running.complaints[-20:])}"
        )

    def warm_up(self, within_s: float = 60.0) -> None:
        """Wait until every camera is analysed, and for two seconds of that."""
        self.wait_for(lambda r: all(r.analysed(name) > 5 for name in CAMERAS), within_s, what="a start")
        time.sleep(2.0)

    def wait_until_back(self, within_s: float, cameras: tuple[str, ...] = (VICTIM,)) -> float:
        """How long until frames of these cameras are analysed again, seconds."""
        known = {name: self.running.analysed(name) for name in cameras}

        def is_back(recorder: Recorder, name: str) -> bool:
            count = recorder.analysed(name)
            # a restarted recorder counts from nothing
            has_grown = count >= known[name] + 3 or 0 < count < known[name]
            return has_grown and recorder.status["cameras"][name]["state"] == "streaming"

        def has_grown(recorder: Recorder) -> bool:
            return all(is_back(recorder, name) for name in cameras)

        return self.wait_for(has_grown, within_s, what=f"{cameras} back")


@contextmanager
def recording(
    folder: Path, clip: Path, *, environment: dict[str, str] | None = None, has_begun: bool = True
) -> Iterator[Recording]:
    """A venue with five cameras, each a server of its own, that is being recorded."""
    servers = {name: FaultCam({"/cam": clip}, user=USER, password=PASSWORD).start() for name in CAMERAS}
    pairs = tuple(PointPair(x, y, x, y) for x, y in _CORNERS)
    create_venue(
        folder,
        Exhibition("Faults", "Asia/Shanghai"),
        FloorPlan(Polygon.from_points(_CORNERS, what="the floor")),
        cameras=tuple(
            VenueCamera(
                Camera(CameraId(name), (320, 180), pairs, analysed_fps=FPS),
                SourceAddress(SourceKind.RTSP, f"rtsp://127.0.0.1:{server.port}/cam", user=USER),
            )
            for name, server in servers.items()
        ),
        settings=VenueSettings(model_name=str(folder.parent)),
    )
    under_test = Recording(folder, servers, environment or {})
    try:
        if has_begun:
            under_test.start()
            under_test.warm_up()
        yield under_test
    finally:
        if under_test.recorder is not None:
            under_test.recorder.stop()
        for server in servers.values():
            server.kill()


@dataclass(frozen=True)
class Evidence:
    """What a history holds, read back after the recorder has ended."""

    tracks: pd.DataFrame
    spans: pd.DataFrame
    gaps: pd.DataFrame
    events: pd.DataFrame

    @staticmethod
    def read(folder: Path) -> Evidence:
        """Read it as the next writer finds it, which finishes what a kill left; nothing may be damaged."""
        assert find_damage(folder / "events.sqlite", is_thorough=True) == []
        open_store(folder).close()
        assert find_track_faults(folder)[1] == []
        assert not list(folder.glob("tracks/**/*.unreadable"))
        reader = open_reader(folder)
        try:
            return Evidence(
                reader.read_tracks(), reader.read_spans(), reader.read_gaps(), reader.read_events()
            )
        finally:
            reader.close()

    def times(self, camera: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The moments that are recorded, ordered; each has one person, who is there once."""
        times_s = self.tracks[self.tracks["camera"] == camera]["time_s"].to_numpy()
        assert len(np.unique(times_s)) == len(times_s), f"{camera}: a frame is recorded twice"
        return np.sort(times_s)

    def holes(self, camera: str) -> list[tuple[float, float]]:
        """Between which moments frames are missing."""
        times_s = self.times(camera)
        after = np.flatnonzero(np.diff(times_s) > HOLE_S)
        return [(float(times_s[i]), float(times_s[i + 1])) for i in after]

    def check_spans(self) -> None:
        """Nothing is observed twice, or both observed and not."""
        for camera in CAMERAS:
            rows = pd.concat(
                [table[table["camera"] == camera][["start_s", "end_s"]] for table in (self.spans, self.gaps)]
            ).sort_values("start_s")
            overlap_s = (rows["end_s"].shift() - rows["start_s"]).max()
            told = (rows - rows["start_s"].min()).to_string()
            assert not overlap_s > 1e-3, f"{camera}: observed twice or not at all for {overlap_s} s\n{told}"

    def unrecorded_s(self, camera: str) -> float:
        """How long frames are missing, in pauses that a gap should tell of and none does."""
        gaps = self.gaps[self.gaps["camera"] == camera]
        lost_s = 0.0
        for start_s, end_s in self.holes(camera):
            if end_s - start_s <= 2.0 + HOLE_S and self._is_observed(camera, start_s, end_s):
                continue  # by its definition a pause within observation
            covered = sum(
                max(0.0, min(gap.end_s, end_s) - max(gap.start_s, start_s)) for gap in gaps.itertuples()
            )
            lost_s += max(0.0, end_s - start_s - covered - 1 / FPS)
        return lost_s

    def _is_observed(self, camera: str, start_s: float, end_s: float) -> bool:
        spans = self.spans[self.spans["camera"] == camera]
        return bool(((spans["start_s"] <= start_s) & (spans["end_s"] >= end_s)).any())

    def last_before(self, camera: str, moment_s: float) -> float:
        times_s = self.times(camera)
        return float(times_s[times_s <= moment_s].max())

    def rate(self, camera: str, start_s: float, end_s: float) -> float:
        """Frames a second that are recorded of a camera."""
        times_s = self.times(camera)
        return float(((times_s >= start_s) & (times_s < end_s)).sum() / (end_s - start_s))

    def check_numbers(self, camera: str, frames: int) -> None:
        """Pictures follow each other by as many numbers as time passed: none is old, none is shown twice.

        A new connection begins the clip anew, so that numbers tell nothing over a pause.
        """
        rows = self.tracks[self.tracks["camera"] == camera].sort_values("time_s")
        steps = np.diff(rows["x_m"].round().astype(int).to_numpy()) % frames
        seconds = np.diff(rows["time_s"].to_numpy())
        expected = np.round(seconds * FPS).astype(int) % frames
        is_wrong = (steps != expected) & (seconds <= HOLE_S)
        assert is_wrong.mean() < 0.01, f"{camera}: {np.flatnonzero(is_wrong)}"

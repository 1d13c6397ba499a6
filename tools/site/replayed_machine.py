"""Run one machine of a site as a process, with people who walk by plan in place of cameras and a network.

Everything behind the detector is real: the store, the record of what was observed, forwarding, leases and
the hub writer. Where everybody is at a time follows from the camera's name and the time alone, so that every
machine sees the same, and what was recorded can be compared with what there was.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, make_url

from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.sql_event_store import open_reader, open_store
from analytics.store.sql_event_writer import SqlEventWriter
from app.core.job import JobContext
from app.site.hub_writer import HubWriter
from app.site.jobs import JobWorker
from app.site.node_agent import Holdings, MachineState, NodeAgent
from app.site.node_service import NodeService
from app.site.site_document import DatabaseAddress, make_engine
from tools.site.clock_visits import find_visitors
from vision.pipeline.inference_loop import LIVE_FLUSH_INTERVAL_S
from vision.pipeline.observation_log import NOT_RUNNING, ObservationLog
from vision.pipeline.tracklet_numbers import TrackletNumbers

CLOCK = SystemClock()
SITE = "laboratory"
FRAMES_PER_S = 5
WRITE_DOWN = "write down"
"""Kind of a job that takes some time and notes that it was done."""
PERSON_S = 20
"""Time after which a person's place is taken by another one."""


def find_place(name: str, person: int, tick: int) -> tuple[float, float]:
    """Return where a person of a camera is at a frame, metres: on a circle around the camera's place."""
    phase = zlib.crc32(f"{name} {person}".encode()) % 628 / 100 + tick / FRAMES_PER_S * 0.1
    return 10 + 5 * math.cos(phase), 10 + 5 * math.sin(phase)


Person = tuple[int, float, float]
"""Number of a person, who keeps it while the camera sees him, and where he is, metres."""
Scene = Callable[[str, int], Sequence[Person]]
"""Returns the people that a camera sees at a frame."""


def make_walkers(count: int) -> Scene:
    """Return a scene in which every camera always sees as many people, who are others every 20 s."""

    def find(name: str, tick: int) -> list[Person]:
        visit = tick // (PERSON_S * FRAMES_PER_S)
        return [(visit * count + one, *find_place(name, one, tick)) for one in range(count)]

    return find


def replay_history(folder: Path, start_s: float, duration_s: float) -> Scene:
    """Return a scene with the people of a recorded period, again and again."""
    reader = open_reader(folder)
    tracks = reader.read_tracks(start_s, start_s + duration_s)
    reader.close()
    length = round(duration_s * FRAMES_PER_S)
    seen: dict[tuple[str, int], list[Person]] = {}
    ticks = ((tracks["time_s"] - start_s) * FRAMES_PER_S).round().astype(int)
    columns = (tracks["camera"], ticks, tracks["tracklet"], tracks["x_m"], tracks["y_m"])
    for name, tick, tracklet, x_m, y_m in zip(*columns, strict=True):
        seen.setdefault((name, tick), []).append((tracklet, x_m, y_m))

    def find(name: str, tick: int) -> list[Person]:
        again, at = divmod(tick, length)
        # numbers begin anew with every repetition
        return [((again << 32) + who, x_m, y_m) for who, x_m, y_m in seen.get((name, at), ())]

    return find


class ReplayedCameras:
    """Observes whatever cameras it is told to, in a thread, and writes a machine's history."""

    def __init__(self, folder: Path, scene: Scene) -> None:
        self._writer: SqlEventWriter = open_store(folder)
        self._reader = open_reader(folder)
        self._scene = scene
        self._names: frozenset[str] = frozenset()
        self._logs: dict[str, ObservationLog] = {}
        self._numbers = TrackletNumbers(lambda count: int(self._writer.reserve_tracklets(count)))
        self._tracklets: dict[str, dict[int, TrackletId]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Start to observe."""
        self._thread.start()

    def observe(self, names: frozenset[str]) -> None:
        """Observe these cameras from the next frame on."""
        self._names = names

    def stop(self) -> None:
        """End in order."""
        self._stop.set()
        self._thread.join()
        self._reader.close()
        self._writer.close()

    def _run(self) -> None:
        tick = int(CLOCK.now_utc_s() * FRAMES_PER_S) + 1
        flushed_s = CLOCK.monotonic_s()
        while not self._stop.is_set():
            # as often as the analysis of live cameras
            if CLOCK.monotonic_s() - flushed_s >= LIVE_FLUSH_INTERVAL_S:
                for log in self._logs.values():
                    log.write()
                self._writer.flush()
                flushed_s = CLOCK.monotonic_s()
            wait_s = tick / FRAMES_PER_S - CLOCK.now_utc_s()
            due_s = LIVE_FLUSH_INTERVAL_S - (CLOCK.monotonic_s() - flushed_s)
            if wait_s > max(0.0, due_s):
                time.sleep(max(0.0, due_s))
                continue
            if wait_s > 0:
                time.sleep(wait_s)
            elif wait_s < -1 / FRAMES_PER_S:
                # frames that come while nobody looks are lost, as a camera's are
                tick += 1
                continue
            names = self._names
            for name in self._logs.keys() - names:
                self._logs.pop(name).finish(tick / FRAMES_PER_S, is_lost=False)
            for name in names:
                self._observe(name, tick)
            tick += 1

    def _observe(self, name: str, tick: int) -> None:
        camera, time_s = CameraId(name), tick / FRAMES_PER_S
        log = self._logs.get(name)
        if log is None:
            log = self._logs[name] = ObservationLog(
                camera,
                self._writer,
                interval_s=1 / FRAMES_PER_S,
                observed_until_s=self._reader.last_observed_end(camera),
                first_cause=NOT_RUNNING,
            )
        log.observe(time_s, link=1)
        before = self._tracklets.get(name, {})
        now: dict[int, TrackletId] = {}
        points = []
        for person, x_m, y_m in self._scene(name, tick):
            now[person] = before[person] if person in before else self._numbers()
            points.append(TrackPoint(time_s, camera, now[person], x_m, y_m, 0.1, None, TrackState.CONFIRMED))
        self._tracklets[name] = now
        self._writer.write_points(points)


def open_server() -> Engine:
    """Return the engine of the site's database, as a machine of a site has it, but without TLS."""
    url = make_url(os.environ["EXPOFLOW_SITE_URL"])
    address = DatabaseAddress(
        url.host or "", url.port or 0, url.database or "", {"sslmode": "disable"}, url.username or ""
    )
    return make_engine(address, pool_size=5)


def write_down(arguments: Mapping[str, Any], context: JobContext) -> None:
    """Note in a file that a job was begun and, after its time, that it was done."""
    file = Path(str(arguments["file"]))
    for step in range(10):
        context.checkpoint(step, 10)
        with file.open("a") as out:
            out.write("begun\n" if step == 0 else "")
        time.sleep(float(arguments["seconds"]) / 10)
    with file.open("a") as out:
        out.write("done\n")


def main() -> None:
    """Run until SIGTERM; print a line of JSON whenever the cameras change."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--machine", required=True)
    parser.add_argument("--cores", type=int, default=8)
    parser.add_argument("--people", type=int, default=5)
    parser.add_argument("--hub", type=Path)
    parser.add_argument("--jobs", action="store_true", help="also do jobs of the site")
    parser.add_argument("--replay", type=Path, help="folder of a venue whose people to show")
    parser.add_argument("--from-s", type=float, default=0.0)
    parser.add_argument("--duration-s", type=float, default=600.0)
    parser.add_argument("--aisles", action="store_true", help="show the visitors of tools.site.clock_visits")
    parser.add_argument("--clock-error-s", type=float, default=0.0, help="by how much its clock is ahead")
    arguments = parser.parse_args()
    server = open_server()
    scene: Scene = make_walkers(arguments.people)
    if arguments.replay is not None:
        scene = replay_history(arguments.replay, arguments.from_s, arguments.duration_s)
    elif arguments.aisles:
        error_s: float = arguments.clock_error_s

        def scene(name: str, tick: int) -> Sequence[Person]:
            # where people are depends on no clock
            return find_visitors(name, tick / FRAMES_PER_S - error_s)

    cameras = ReplayedCameras(arguments.folder, scene)
    shown: list[str] = []

    def show(holdings: Holdings) -> None:
        names = sorted(holdings.names.values())
        cameras.observe(frozenset(names))
        if names != shown:
            shown[:] = names
            sys.stdout.write(json.dumps({"time_s": CLOCK.now_utc_s(), "cameras": names}) + "\n")
            sys.stdout.flush()

    agent = NodeAgent(arguments.machine, lambda: MachineState(cores=arguments.cores, load=len(shown) / 4))
    hub = None if arguments.hub is None else HubWriter(server, arguments.hub)
    service = NodeService(arguments.folder, server, SITE, agent, on_holdings=show, hub=hub)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_details: ended.set())
    cameras.start()
    service.start()
    worker = JobWorker(server, arguments.machine, {WRITE_DOWN: write_down}) if arguments.jobs else None
    if worker is not None:
        worker.start()
    while not ended.wait(0.5):
        pass
    if worker is not None:
        worker.stop()
    service.stop()
    cameras.stop()


if __name__ == "__main__":
    main()

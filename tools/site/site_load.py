"""Load a site's server and hub writer as a thousand cameras do, and take five of fifty machines away.

    python -m tools.site.site_load [--minutes 10]

Fifty writers send what twenty cameras with ten people each saw, every half second, as machines do; fifty
agents hold the leases of the cameras; one process writes the hub's history. Needs PostgreSQL, and no root.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from analytics.store.database_url import open_url
from analytics.store.outbox import SpanRow, StoredBatch, encode_batch
from analytics.store.track_files import POINT_SCHEMA
from app.site.journal import send_batches
from app.site.node_agent import MachineState, NodeAgent
from app.site.schema import hub_position, journal, lease
from tools.site.laboratory import CLOCK, PROJECT, add_machine, make_site, wait
from tools.site.postgres_server import PostgresServer
from tools.site.site_faults import Row, percentile, print_table, sum_processor_s, until

HALLS, MACHINES, CAMERAS = 8, 50, 1000
PEOPLE = 10
FRAMES_OF_HALF = ((0, 1, 2), (3, 4))
"""Frames in the first and the second half of a second."""
URL_VARIABLE = "EXPOFLOW_SITE_URL"


def make_body(names: list[str], half: int, began_us: int) -> tuple[bytes, int]:
    """Return the batch of half a second of some cameras, and its number of points."""
    second, frames = half // 2, np.array(FRAMES_OF_HALF[half % 2])
    start_us = began_us + second * 1_000_000
    people = len(names) * PEOPLE
    person, frame = np.repeat(np.arange(people), len(frames)), np.tile(frames, people)
    phase = person * 0.7 + (second + frame / 5) * 0.1
    count = len(person)
    points = pa.Table.from_arrays(
        [
            pa.array(start_us + frame * 200_000),
            pa.array(np.repeat(names, PEOPLE * len(frames))),
            pa.array(person + 1 + second // 60 * people),
            *(
                pa.array(np.round(values).astype(np.int32))
                for values in (
                    10_000 + 5_000 * np.cos(phase),
                    10_000 + 5_000 * np.sin(phase),
                    np.full(count, 120),
                    np.full(count, 1_720),
                )
            ),
            pa.array(["confirmed"] * count),
        ],
        schema=POINT_SCHEMA,
    )
    last_us = start_us + int(frames[-1]) * 200_000
    analysed = 5 * second + int(frames[-1]) + 1
    spans = tuple(SpanRow(name, began_us, last_us, analysed) for name in names)
    return encode_batch(StoredBatch(points, spans)), count


def open_one(url: str) -> Engine:
    """Return an engine with one connection, as every writer has."""
    return create_engine(url, pool_size=1, max_overflow=0)


def run_writers() -> None:
    """Send half a second of every machine twice a second, until standard input ends; print what was late."""
    given = json.loads(sys.stdin.readline())
    url, machines, began_us = os.environ[URL_VARIABLE], given["machines"], given["began_us"]
    late: list[float] = []
    sent: Counter[str] = Counter()
    stop = threading.Event()

    def send(name: str, names: list[str], phase_s: float) -> None:
        engine = open_one(url)
        half = 0
        while not stop.is_set():
            due_s = began_us / 1e6 + (half + 1) / 2 + phase_s
            stop.wait(max(0.0, due_s - CLOCK.now_utc_s()))
            body, count = make_body(names, half, began_us)
            with contextlib.suppress(SQLAlchemyError):
                with engine.begin() as connection:
                    send_batches(connection, name, [(1, half + 1, body)])
                half += 1
                sent[name] += count
            late.append(CLOCK.now_utc_s() - due_s)

    threads = [
        threading.Thread(target=send, args=(name, names, number / len(machines) / 2))
        for number, (name, names) in enumerate(machines.items())
    ]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join()
    result = {"late_p95_s": percentile(late, 0.95), "points": sum(sent.values()), "batches": len(late)}
    sys.stdout.write(json.dumps(result) + "\n")


def run_agents() -> None:
    """Hold leases with an agent of every machine; a name on standard input is a machine that dies."""
    given = json.loads(sys.stdin.readline())
    url = os.environ[URL_VARIABLE]
    dead: set[str] = set()

    def take_part(name: str, phase_s: float) -> None:
        engine = open_one(url)
        agent = NodeAgent(name, lambda: MachineState(cores=8))
        wait(phase_s)
        while name not in dead:
            began_s = CLOCK.monotonic_s()
            with contextlib.suppress(SQLAlchemyError), engine.begin() as connection:
                agent.step(connection)
            wait(max(0.0, 1.0 - (CLOCK.monotonic_s() - began_s)))

    names = given["machines"]
    for number, name in enumerate(names):
        threading.Thread(target=take_part, args=(name, number / len(names)), daemon=True).start()
    for line in sys.stdin:
        dead |= set(line.split())


def start(part: str, url: str, given: dict[str, object]) -> subprocess.Popen[str]:
    """Start a part of the load as a process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.site.site_load", "--part", part],
        cwd=PROJECT,
        env={**os.environ, URL_VARIABLE: url, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(given) + "\n")
    process.stdin.flush()
    return process


def main() -> None:
    """Run the load."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--part", choices=["writers", "agents"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.part is not None:
        (run_writers if given.part == "writers" else run_agents)()
        return
    folder = Path(tempfile.mkdtemp(prefix="expoflow-site-load-"))
    folder.chmod(0o755)
    server = PostgresServer(folder / "server", is_durable=True)
    server.start()
    processes = []
    try:
        processes = _run(server, folder, given.minutes)
    finally:
        for process in processes:
            process.kill()
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _run(server: PostgresServer, folder: Path, minutes: float) -> list[subprocess.Popen[str]]:
    url = server.name_url()
    engine = open_url(url)
    names = [f"camera {number:04d}" for number in range(CAMERAS)]
    _id, halls = make_site(engine, {f"Hall {number}": names[number::HALLS] for number in range(HALLS)})
    machines: dict[str, list[str]] = {}
    for number in range(MACHINES):
        name = f"m{number:02d}"
        add_machine(engine, name, halls[f"Hall {number % HALLS}"], folder / name)
    for number in range(HALLS):
        there = [f"m{one:02d}" for one in range(MACHINES) if one % HALLS == number]
        for index, name in enumerate(there):
            machines[name] = names[number::HALLS][index :: len(there)]
    add_machine(engine, "hub", halls["Hall 0"], folder / "hubs")
    hub = subprocess.Popen(
        [
            *(sys.executable, "-m", "tools.site.replayed_machine", str(folder / "hubs"), "--machine", "hub"),
            *("--cores", "0", "--hub", str(folder / "hub")),
        ],
        cwd=PROJECT,
        env={**os.environ, URL_VARIABLE: url, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        text=True,
    )
    agents = start("agents", url, {"machines": sorted(machines)})
    owned_s = until(lambda: _is_placed(engine, set()), 120)
    rows = [Row(f"{MACHINES} machines, {CAMERAS} cameras: all are read", "", f"after {owned_s:.1f} s")]
    began_us = int(CLOCK.now_utc_s()) * 1_000_000
    writers = start("writers", url, {"machines": machines, "began_us": began_us})
    processes = [hub, agents, writers]
    wait(60)
    before, began_s = _measure(server, hub), CLOCK.monotonic_s()
    wait(minutes * 60)
    after, took_s = _measure(server, hub), CLOCK.monotonic_s() - began_s
    used = [(b - a) / took_s for a, b in zip(before, after, strict=True)]
    files = len(list((folder / "hub").rglob("*.minute=*.parquet")))
    with engine.connect() as connection:
        waiting = connection.scalar(select(func.count()).select_from(journal)) or 0
    rows += [
        Row("server's processor time", "0.5 cores", f"{used[0]:.2f} cores", used[0] <= 0.5),
        Row("hub writer's processor time", "keeps up", f"{used[1]:.2f} cores"),
        Row(
            "batches that wait for the hub writer",
            "at most two minutes",
            str(waiting),
            waiting <= 240 * MACHINES,
        ),
        Row(
            "files of a minute in all halls' histories",
            "one a hall and minute",
            f"{files} in {minutes + 1:g} minutes and {HALLS} halls",
            files <= HALLS * (minutes + 2),
        ),
    ]
    assert writers.stdin is not None
    writers.stdin.close()
    assert writers.stdout is not None
    told = json.loads(writers.stdout.readline())
    rows.append(
        Row(
            "points sent",
            "",
            f"{told['points']} in {told['batches']} batches, p95 {told['late_p95_s']:.2f} s",
        )
    )
    dead = sorted(machines)[:: MACHINES // 5][:5]
    assert agents.stdin is not None
    agents.stdin.write(" ".join(dead) + "\n")
    agents.stdin.flush()
    lost_s = until(lambda: _is_placed(engine, set(dead)), 60)
    rows.append(
        Row("5 of 50 machines die: every camera is read by another", "15 s", f"{lost_s:.1f} s", lost_s <= 15)
    )
    loads = Counter(_read_owners(engine).values())
    rows.append(Row("cameras of a machine after that", "", f"{min(loads.values())} to {max(loads.values())}"))
    until(lambda: _is_folded(engine), 130)
    with engine.connect() as connection:
        done = connection.scalar(select(func.sum(hub_position.c.seq))) or 0
        total = sum(
            connection.exec_driver_sql(
                f"SELECT coalesce(sum(points), 0) FROM hall_{number}.archive_files"
            ).scalar_one()
            for number in halls.values()
        )
    rows.append(
        Row(
            "points in the hub's history",
            "those sent",
            f"{total} in {done} batches",
            int(total) == told["points"],
        )
    )
    print_table(rows)
    return processes


def _measure(server: PostgresServer, hub: subprocess.Popen[str]) -> tuple[float, float]:
    return sum_processor_s(server.pid), sum_processor_s(hub.pid)


def _read_owners(engine: Engine) -> dict[int, str]:
    """Return the machine of every camera of the site whose lease is valid."""
    with engine.connect() as connection:
        is_valid = lease.c.owner.is_not(None) & (lease.c.until_utc >= func.now())
        rows = connection.execute(select(lease.c.camera, lease.c.owner).where(is_valid))
        return {row.camera: row.owner for row in rows}


def _is_placed(engine: Engine, dead: set[str]) -> bool:
    owners = _read_owners(engine)
    return len(owners) == CAMERAS and not dead & set(owners.values())


def _is_folded(engine: Engine) -> bool:
    with engine.connect() as connection:
        return not connection.scalar(select(func.count()).select_from(journal))


if __name__ == "__main__":
    main()

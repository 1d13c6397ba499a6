"""Break a site of real processes and a real server in every way, and print what it cost.

    python -m tools.site.site_faults [--quick] [--only kills --only cuts]

Needs PostgreSQL (Debian package postgresql) and about two cores. Without root, links are cut by proxies, and
clocks are set by libfaketime, whose row is left out where it is not installed. Root is needed for a full disk
(a small file system in memory), and for ``--namespaces``, which cuts the links of network namespaces instead.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import numpy as np
import psutil
from sqlalchemy import func, select

from analytics.store.outbox import decode_batch
from app.site.hub_merge import TRACKLETS_PER_MACHINE
from app.site.jobs import add_job, create_queue, list_jobs
from app.site.journal import read_new
from app.site.node_agent import ALIVE_S
from app.site.node_service import Forwarder
from app.site.schema import machine
from tools.site.clock_visits import (
    AHEAD,
    ALONE,
    BEHIND,
    EAST,
    WEST,
    count_aisle,
    name_camera,
    place_cameras,
    shift,
)
from tools.site.laboratory import CLOCK, SITE, Laboratory, MachineProcess, open_local, wait
from tools.site.namespace_link import can_use_namespaces
from tools.site.replayed_machine import FRAMES_PER_S, WRITE_DOWN

PEOPLE = 5
FAKETIME_FOLDERS = ("/usr/lib", "/usr/local/lib")
SERVER_DISK_MB = 160


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    claim: str
    wanted: str
    measured: str
    holds: bool | None = None


def percentile(values: Sequence[float], share: float) -> float:
    """Return a percentile; not a number without values."""
    return float(np.percentile(values, share * 100)) if len(values) else float("nan")


def until(is_true: Callable[[], bool], limit_s: float, every_s: float = 0.2) -> float:
    """Wait until something is true, and return how long it took; infinite after the limit."""
    began_s = CLOCK.monotonic_s()
    while CLOCK.monotonic_s() - began_s < limit_s:
        if is_true():
            return CLOCK.monotonic_s() - began_s
        wait(every_s)
    return float("inf")


def is_complete(lab: Laboratory, cameras: int) -> bool:
    """Return whether every camera is read by exactly one machine."""
    owned = lab.count_owned()
    return len(owned) == cameras and max(owned.values()) == 1


def find_share(lab: Laboratory) -> float:
    """Return the load of the machine with the most cameras, relative to the fair share of those in the site.

    One that was killed and starts again is in it from its first heartbeat.
    """
    with lab.engine.connect() as connection:
        is_recent = machine.c.heartbeat_utc >= func.now() - timedelta(seconds=ALIVE_S)
        there = set(connection.scalars(select(machine.c.id).where(is_recent)))
    alive = [one for one in lab.machines if one.process is not None and one.process.poll() is None]
    counts = [len(one.cameras) for one in alive if one.id in there] or [0]
    return max(counts) / max(1e-9, sum(counts) / len(counts))


def sum_processor_s(pid: int) -> float:
    """Return the processor time so far of a process and all that it started."""
    root = psutil.Process(pid)
    total = 0.0
    for one in (root, *root.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            times = one.cpu_times()
            total += times.user + times.system
            if one == root:
                # of those that ended
                total += times.children_user + times.children_system
    return total


def measure_cpu_s(lab: Laboratory) -> dict[str, float]:
    """Return the processor time so far of the server and the hub writer."""
    assert lab.hub.process is not None
    return {"server": sum_processor_s(lab.server.pid), "hub": sum_processor_s(lab.hub.process.pid)}


def forward_rest(lab: Laboratory, one: MachineProcess) -> None:
    """Forward what a stopped machine stored last."""
    forwarder = Forwarder(one.folder, lab.engine, SITE, one.id)
    while forwarder.forward():
        pass
    forwarder.close()


class DelayProbe:
    """Measures in a thread how long after a frame its points are at the server."""

    def __init__(self, lab: Laboratory) -> None:
        self._lab = lab
        self._stop = threading.Event()
        self.delays_s: list[float] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> list[float]:
        """End, and return the delay of every sampled batch's oldest point."""
        self._stop.set()
        self._thread.join()
        return self.delays_s

    def _run(self) -> None:
        ids = [one.id for one in self._lab.machines]
        seen: dict[str, tuple[int, int]] = {}
        while not self._stop.wait(0.2):
            with self._lab.engine.connect() as connection:
                batches = read_new(connection, ids, max_bytes=1 << 26)
            now_s = CLOCK.now_utc_s()
            for batch in batches:
                if seen and batch.position > seen.get(batch.machine, (0, 0)):
                    times_us = decode_batch(batch.body).points["time_us"].to_numpy()
                    if len(times_us):
                        self.delays_s.append(now_s - float(times_us.min()) / 1e6)
            for batch in batches:
                seen[batch.machine] = max(batch.position, seen.get(batch.machine, (0, 0)))


def check_history(lab: Laboratory, title: str, *, people: int = PEOPLE) -> list[Row]:
    """Stop every machine, compare the hub's history with the union of theirs, and start them again."""
    for one in lab.machines:
        one.stop()
    # a machine that is stopped in order may leave its last second to be forwarded at its next start
    for one in lab.machines:
        forward_rest(lab, one)
    with lab.engine.connect() as connection:
        numbers = {row.id: row.number for row in connection.execute(select(machine.c.id, machine.c.number))}
    held: dict[tuple[str, int], set[int]] = {}
    for one in lab.machines:
        with open_local(one) as reader:
            tracks = reader.read_tracks()
        ticks = (tracks["time_s"].to_numpy() * FRAMES_PER_S).round().astype(np.int64)
        for key in set(zip(tracks["camera"], ticks.tolist(), strict=True)):
            held.setdefault(key, set()).add(numbers[one.id])
    hub = lab.open_reader()
    tracks = hub.read_tracks()
    hub.close()
    ticks = (tracks["time_s"].to_numpy() * FRAMES_PER_S).round().astype(np.int64)
    counts: dict[tuple[str, int], int] = {}
    readers: dict[tuple[str, int], int] = {}
    owners = tracks["tracklet"].to_numpy() // TRACKLETS_PER_MACHINE
    for name, tick, number in zip(tracks["camera"], ticks.tolist(), owners.tolist(), strict=True):
        counts[name, tick] = counts.get((name, tick), 0) + 1
        readers[name, tick] = number

    def is_of_another(key: tuple[str, int]) -> bool:
        """Return whether a later owner was counted right before and after a frame that it missed itself."""
        name, tick = key
        sides = [[readers.get((name, tick + way * step)) for step in (1, 2, 3, 4, 5)] for way in (-1, 1)]
        found = [next((one for one in side if one is not None), None) for side in sides]
        return None not in found and not held[key] & set(found)

    missing = held.keys() - counts.keys()
    missed = sum(map(is_of_another, missing))
    lost = len(missing) - missed
    overlaps = sum(len(by) > 1 for by in held.values())
    double = sum(count > people for count in counts.values())
    partial = sum(count < people for count in counts.values())
    for one in lab.machines:
        lab.start(one)
    return [
        Row(
            f"{title}: frames in the hub's history",
            "the union of the machines', each once",
            f"{len(held)} frames of all machines ({overlaps} by two of them): {lost} lost, {double} double, "
            f"{partial} in part, {len(counts.keys() - held.keys())} unknown; {missed} not counted because a "
            "later owner of the camera missed them",
            lost == double == partial == 0 and counts.keys() <= held.keys(),
        )
    ]


def run_steadily(lab: Laboratory, minutes: float) -> list[Row]:
    """Let the site run, and measure delay and processor time."""
    probe, before, began_s = DelayProbe(lab), measure_cpu_s(lab), CLOCK.monotonic_s()
    wait(minutes * 60)
    after, took_s = measure_cpu_s(lab), CLOCK.monotonic_s() - began_s
    delays = probe.stop()
    used = {name: (after[name] - before[name]) / took_s for name in before}
    p95 = percentile(delays, 0.95)
    return [
        Row(
            f"{minutes:g} minutes: delay from frame to server, oldest of each second",
            "p95 2 s",
            f"p50 {percentile(delays, 0.5):.2f} s, p95 {p95:.2f} s, most {max(delays, default=0):.2f} s",
            p95 <= 2.0,
        ),
        Row(
            "processor time",
            "server and hub writer 0.5 cores",
            f"server {used['server']:.3f}, hub writer {used['hub']:.3f} cores",
            used["server"] + used["hub"] <= 0.5,
        ),
    ]


def kill_machines(lab: Laboratory, times: int, cameras: int, chance: random.Random) -> list[Row]:
    """Kill machines at random, and measure until their cameras are read again and what the gaps say."""
    takeovers: list[float] = []
    shares: list[float] = []
    kills: list[tuple[float, float, str]] = []
    kept: list[tuple[float, set[str]]] = []
    losses: list[tuple[float, frozenset[str]]] = []
    for _number in range(times):
        wait(chance.uniform(1, 5))
        victim = chance.choice(lab.machines)
        readers = lab.count_owned()
        # the others may read one that is being handed over
        lost = frozenset(name for name in victim.cameras if readers[name] == 1)
        kept.append((CLOCK.now_utc_s(), readers.keys() - lost))
        killed_s = victim.kill()
        losses.append((killed_s, lost))
        took_s = until(lambda lost=lost: lost <= lab.count_owned().keys(), 60)  # type: ignore[misc]
        shares.append(find_share(lab))
        for name in lost:
            took = [
                said["time_s"]
                for one in lab.machines
                for said in one.said
                if said["time_s"] > killed_s and name in said["cameras"]
            ]
            if took:
                takeovers.append(min(took) - killed_s)
                kills.append((killed_s, min(took), name))
        if took_s == float("inf"):
            takeovers.append(60.0)
        lab.start(victim)
        until(lambda: is_complete(lab, cameras) and find_share(lab) <= 1.3, 90)
    wait(75)
    hub = lab.open_reader()
    gaps, tracks = hub.read_gaps(), hub.read_tracks()
    hub.close()
    seen_s = {name: np.unique(found["time_s"].to_numpy()) for name, found in tracks.groupby("camera")}
    errors, unsaved_s, rates = [], [], []
    for killed_s, all_names in kept:
        # without those that were killed themselves within these 10 s
        names = all_names.difference(*(lost for at_s, lost in losses if killed_s < at_s < killed_s + 10))
        if not names:
            # everything was suspended
            continue
        counts = [np.count_nonzero(np.abs(seen_s[name] - killed_s - 5) <= 5) for name in names]
        rates.append(sum(counts) / (len(names) * 10 * FRAMES_PER_S))
    for killed_s, taken_s, name in kills:
        before_s = seen_s[name][seen_s[name] <= killed_s]
        unsaved_s.append(killed_s - before_s[-1])
        found = gaps[(gaps["camera"] == name) & (gaps["end_s"] > killed_s) & (gaps["start_s"] < taken_s)]
        recorded_s = float((found["end_s"] - found["start_s"]).sum())
        errors.append(recorded_s - (taken_s - killed_s))
    worst = max(map(abs, errors), default=float("nan"))
    return [
        Row(
            f"{times} kills of a machine: cameras read again",
            "15 s, p95 12 s",
            f"p50 {percentile(takeovers, 0.5):.1f} s, p95 {percentile(takeovers, 0.95):.1f} s, "
            f"most {max(takeovers):.1f} s ({len(takeovers)} cameras)",
            max(takeovers) <= 15 and percentile(takeovers, 0.95) <= 12,
        ),
        Row(
            "recorded gap against the real one",
            "± 1 s",
            f"mean {np.mean(errors):+.2f} s, farthest {worst:.2f} s, "
            f"{np.mean(np.abs(errors) <= 1.0):.1%} within 1 s",
            worst <= 1.0,
        ),
        Row(
            "observed before the kill and not stored",
            "1 s",
            f"p50 {percentile(unsaved_s, 0.5):.2f} s, most {max(unsaved_s):.2f} s",
            max(unsaved_s) <= 1.0,
        ),
        Row(
            "frames of the other machines' cameras in the 10 s after a kill, of five a second",
            "95 %",
            f"{np.mean(rates):.1%}, least {min(rates):.1%}",
            min(rates) >= 0.95,
        ),
        Row(
            "most loaded machine after a loss, of its fair share",
            "1.3",
            f"most {max(shares):.2f}",
            max(shares) <= 1.3,
        ),
    ]


def is_current(lab: Laboratory) -> bool:
    """Return whether the server has everything but what was stored in the last moments."""
    return max(lab.measure_ages_s().values()) <= 2


def stop_server(lab: Laboratory, away_s: float) -> list[Row]:
    """Kill the server for a while."""
    lab.restart_server(away_s)
    took_s = until(lambda: is_current(lab), 120)
    return [
        Row(
            f"server killed for {away_s:g} s: in step again",
            "30 s, and 20 times real time",
            f"after {took_s:.1f} s: {away_s / max(took_s, 1e-9):.0f} times real time",
            took_s <= 30 and away_s / took_s >= 20,
        )
    ]


def cut_links(lab: Laboratory, times: int, chance: random.Random, cameras: int) -> list[Row]:
    """Cut the link of a machine in one direction or both."""
    took: list[float] = []
    for number in range(times):
        victim = chance.choice(lab.machines)
        way = number % 3
        victim.link.cut(to_server=way != 1, to_client=way != 2)
        wait(chance.uniform(8, 25))
        victim.link.mend()
        took.append(until(lambda: is_current(lab), 60))
    until(lambda: is_complete(lab, cameras), 60)
    return [
        Row(
            f"link cut {times} times, both ways or one, for 8 to 25 s: in step again",
            "30 s",
            f"p50 {percentile(took, 0.5):.1f} s, most {max(took):.1f} s",
            max(took) <= 30,
        )
    ]


def own_twice(lab: Laboratory, cameras: int, seconds: float) -> list[Row]:
    """Cut a machine off, so that it and its successors read the same cameras, and compare with them."""
    victim = lab.machines[-1]
    names = sorted(victim.cameras)
    victim.link.cut()
    until(lambda: all(lab.count_owned()[name] == 2 for name in names), 30)
    began_s = CLOCK.now_utc_s() + 3.0
    wait(seconds)
    ended_s = CLOCK.now_utc_s() - 3.0
    victim.link.mend()
    until(lambda: is_current(lab) and is_complete(lab, cameras), 90)
    wait(130)
    hub = lab.open_reader()
    counted = hub.read_tracks(began_s, ended_s)
    hub.close()
    counted = counted[counted["camera"].isin(names)]
    by_frame = (
        counted["tracklet"].floordiv(TRACKLETS_PER_MACHINE).groupby([counted["camera"], counted["time_s"]])
    )
    alone = set()
    for one in lab.machines:
        if one is not victim:
            with open_local(one) as reader:
                tracks = reader.read_tracks(began_s, ended_s)
            own = tracks[tracks["camera"].isin(names)]
            alone |= {
                (one.id, name, tracklet)
                for name, tracklet in zip(own["camera"], own["tracklet"], strict=True)
            }
    with open_local(victim) as reader:
        own = reader.read_tracks(began_s, ended_s)
    twice = len(own[own["camera"].isin(names)][["camera", "time_s"]].drop_duplicates())
    visits = len(counted[["camera", "tracklet"]].drop_duplicates())
    double = int((by_frame.nunique() > 1).sum()) + int((by_frame.size() != PEOPLE).sum())
    return [
        Row(
            f"{len(names)} cameras read by two machines for {ended_s - began_s:.0f} s: people counted",
            "exactly those of one machine",
            f"{visits} of {len(alone)}; of {len(by_frame)} frames {twice} by both, {double} counted wrong",
            visits == len(alone) and double == 0 and twice > 0,
        )
    ]


def find_faketime() -> str | None:
    """Return libfaketime for programs with threads; None where it is not installed."""
    found = [path for folder in FAKETIME_FOLDERS for path in Path(folder).rglob("libfaketimeMT.so.1")]
    return str(found[0]) if found else None


def fake_clock(library: str, seconds: float) -> dict[str, str]:
    """Return the environment of a process whose clock is wrong by as much."""
    return {
        "LD_PRELOAD": library,
        "FAKETIME": f"{seconds:+g}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def set_clock(lab: Laboratory, victim: MachineProcess, seconds: float) -> list[Row]:
    """Start a machine with a clock that is wrong."""
    library = find_faketime()
    if library is None:
        return [Row("clock set wrong", "told within 30 s", "not measured: needs faketime")]
    victim.stop()
    victim.environment = fake_clock(library, seconds)
    lab.start(victim)

    def is_told() -> bool:
        with lab.engine.connect() as connection:
            offset_s = connection.scalar(select(machine.c.clock_offset_s).where(machine.c.id == victim.id))
        return offset_s is not None and abs(offset_s + seconds) < 0.5

    took_s = until(is_told, 60)
    until(lambda: bool(victim.cameras), 90)
    wait(20)
    with lab.engine.connect() as connection:
        ids = [victim.id]
        times_us = [
            int(decode_batch(batch.body).points["time_us"].to_numpy().max()) + batch.clock_offset_us
            for batch in read_new(connection, ids, max_bytes=1 << 26)[-1:]
        ]
    error_s = max((abs(CLOCK.now_utc_s() - time_us / 1e6) for time_us in times_us), default=float("nan"))
    victim.stop()
    victim.environment = {}
    lab.start(victim)
    until(lambda: not is_told(), 60)
    return [
        Row(f"clock {seconds:+g} s: told", "30 s", f"after {took_s:.1f} s", took_s <= 30),
        Row(
            "newest time that it sent, corrected, against the server's clock",
            "as on the others",
            f"{error_s:.2f} s old, delay included",
            error_s <= 1.7,
        ),
    ]


def walk_between_clocks(folder: Path, error_s: float, seconds: float) -> list[Row]:
    """Count people who walk between the cameras of two machines, of which one has a wrong clock."""
    library = find_faketime()
    if library is None:
        return [
            Row("visitors across two machines, one with a wrong clock", "", "not measured: needs faketime")
        ]
    readers = [
        (name_camera(AHEAD, WEST), "right"),
        (name_camera(AHEAD, EAST), "ahead"),
        (name_camera(BEHIND, WEST), "right"),
        (name_camera(BEHIND, EAST), "behind"),
        (name_camera(ALONE, WEST), "alone"),
        (name_camera(ALONE, EAST), "alone"),
    ]
    lab = Laboratory(
        folder,
        machines=["right", "ahead", "behind", "alone"],
        cameras=[name for name, _machine in readers],
        options=["--aisles"],
    )
    try:
        place_cameras(lab.engine, readers)
        for one, own_s in zip(lab.machines, (0.0, error_s, -error_s, 0.0), strict=True):
            one.environment = fake_clock(library, own_s) if own_s else {}
            one.options += ["--clock-error-s", str(own_s)]
        for one in (lab.hub, *lab.machines):
            lab.start(one)
        chosen = {one.id: {name for name, id_ in readers if id_ == one.id} for one in lab.machines}
        until(lambda: all(set(one.cameras) == chosen[one.id] for one in lab.machines), 120)
        wait(10)
        began_s = CLOCK.now_utc_s()
        wait(seconds)
        period_s = (began_s, CLOCK.now_utc_s())
        wait(75)
        hub = lab.open_reader()
        tracks, spans = hub.read_tracks(*period_s), hub.read_spans(*period_s)
        hub.close()
    finally:
        lab.close()
    alone = count_aisle(ALONE, tracks, spans, period_s)
    rows = []
    for aisle, own_s in ((AHEAD, error_s), (BEHIND, -error_s)):
        both = count_aisle(aisle, tracks, spans, period_s)
        shifted = shift((tracks, spans), name_camera(aisle, EAST), own_s)
        wrong = count_aisle(aisle, *shifted, period_s)
        rows.append(
            Row(
                f"visitors across two machines, one of them {own_s:+g} s off",
                "within 2 % of one machine's",
                f"{both.visitors} and {both.visits:.1f} visits; one machine {alone.visitors} and "
                f"{alone.visits:.1f}; uncorrected {wrong.visitors} and {wrong.visits:.1f}",
                max(abs(both.visitors / alone.visitors - 1), abs(both.visits / alone.visits - 1)) <= 0.02,
            )
        )
    return rows


def fill_disk(folder: Path, seconds: float) -> list[Row]:
    """Fill the disk of a server of its own, with three machines, for a while."""
    title = f"server's disk full for {seconds:g} s"
    if os.geteuid() != 0:
        return [Row(title, "nothing lost", "not measured: needs root")]
    disk = folder / "server"
    disk.mkdir(parents=True)
    size = f"size={SERVER_DISK_MB}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "expoflow", str(disk)], check=True)
    try:
        lab = Laboratory(
            folder,
            machines=["d0", "d1", "d2"],
            cameras=[f"camera {number:03d}" for number in range(12)],
            options=["--people", str(PEOPLE)],
        )
        try:
            for one in (lab.hub, *lab.machines):
                lab.start(one)
            until(lambda: is_complete(lab, 12), 60)
            wait(20)
            filling = disk / "filling"
            with contextlib.suppress(OSError), filling.open("wb", buffering=0) as file:
                while file.write(bytes(1 << 16)):
                    pass
            wait(seconds)
            waiting = max(lab.measure_ages_s().values()) if lab.server.is_running else float("nan")
            filling.unlink()
            has_ended = not lab.server.is_running
            if has_ended:
                lab.server.start()
            took_s = until(lambda: is_current(lab), 120)
            said = (
                "the server had ended and was started again" if has_ended else f"up to {waiting:.0f} s waited"
            )
            rows = [
                Row(f"{title}: in step again", "30 s", f"after {took_s:.1f} s ({said})", took_s <= 30),
            ]
            wait(65)
            return rows + check_history(lab, title)
        finally:
            lab.close()
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)


def do_jobs(folder: Path, count: int, kills: int, chance: random.Random) -> list[Row]:
    """Kill machines while they do jobs."""
    lab = Laboratory(folder, machines=["j0", "j1", "j2"], cameras=["camera"], options=["--jobs"])
    try:
        create_queue(lab.engine)
        for one in lab.machines:
            lab.start(one)
        files = [folder / f"job {number}" for number in range(count)]
        for file in files:
            add_job(lab.engine, WRITE_DOWN, {"file": str(file), "seconds": 3.0}, key=file.name)
        for _number in range(kills):
            wait(chance.uniform(2, 8))
            victim = chance.choice(lab.machines)
            victim.kill()
            wait(chance.uniform(0, 4))
            lab.start(victim)
        took_s = until(lambda: {job.status for job in list_jobs(lab.engine)} == {"succeeded"}, 300, every_s=1)
        lines = [file.read_text().split() for file in files]
        done = [line.count("done") for line in lines]
        again = sum(line.count("begun") > 1 for line in lines)
        return [
            Row(
                f"{count} jobs on 3 machines, {kills} kills",
                "each done once",
                f"{done.count(1)} once, {count - done.count(1)} otherwise; {again} begun again after a kill; "
                f"all done {took_s:.0f} s after the last",
                done.count(1) == count,
            )
        ]
    finally:
        lab.close()


def print_table(rows: Sequence[Row]) -> None:
    """Print the table as Markdown."""
    marks = {True: "holds", False: "**fails**", None: ""}
    sys.stdout.write("| what | wanted | measured | |\n|---|---|---|---|\n")
    for row in rows:
        sys.stdout.write(f"| {row.claim} | {row.wanted} | {row.measured} | {marks[row.holds]} |\n")
    sys.stdout.flush()


def main() -> None:
    """Run every fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--machines", type=int, default=5)
    parser.add_argument("--cameras", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--outage-s", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="few machines and short times")
    parser.add_argument("--namespaces", action="store_true", help="cut links of network namespaces (root)")
    parser.add_argument(
        "--only", action="append", help="steady, kills, outage, cuts, twice, clock, visits, disk, jobs"
    )
    parser.add_argument("--keep", type=Path, help="folder for the machines' histories and the server's data")
    given = parser.parse_args()
    if given.quick:
        given.machines, given.cameras, given.minutes = 3, 12, 1.5
        given.kills, given.cuts, given.outage_s = 3, 3, 60.0
    if given.namespaces and not can_use_namespaces():
        parser.error("--namespaces needs root, ip and tc")
    chance = random.Random(given.seed)
    folder = given.keep or Path(tempfile.mkdtemp(prefix="expoflow-site-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    rows: list[Row] = []

    def run(name: str, step: Callable[[], list[Row]]) -> None:
        if given.only is None or name in given.only:
            new = step()
            rows.extend(new)
            print_table(new)

    try:
        if given.only is None or set(given.only) - {"visits", "disk", "jobs"}:
            _break_site(folder / "site", given, chance, run)
        run("visits", lambda: walk_between_clocks(folder / "aisles", 2.0, 60.0 if given.quick else 150.0))
        run("disk", lambda: fill_disk(folder / "disk", min(given.outage_s, 60.0)))
        run("jobs", lambda: do_jobs(folder / "jobs", 50, given.kills // 2, chance))
    finally:
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write("\n")
    print_table(rows)
    if any(row.holds is False for row in rows):
        sys.exit(1)


def _break_site(
    folder: Path,
    given: argparse.Namespace,
    chance: random.Random,
    run: Callable[[str, Callable[[], list[Row]]], None],
) -> None:
    """Run the faults of one site."""
    lab = Laboratory(
        folder,
        machines=[f"m{number}" for number in range(given.machines)],
        cameras=[f"camera {number:03d}" for number in range(given.cameras)],
        options=["--people", str(PEOPLE)],
        has_namespaces=given.namespaces,
    )
    try:
        for one in (lab.hub, *lab.machines):
            lab.start(one)
        took_s = until(lambda: is_complete(lab, given.cameras), 120)
        balanced_s = took_s + until(lambda: is_complete(lab, given.cameras) and find_share(lab) <= 1.3, 120)
        sys.stdout.write(
            f"every camera read after {took_s:.1f} s, by a fair share after {balanced_s:.1f} s\n"
        )
        run("steady", lambda: run_steadily(lab, given.minutes))
        run("steady", lambda: check_history(lab, "steady"))
        run("kills", lambda: kill_machines(lab, given.kills, given.cameras, chance))
        run("outage", lambda: stop_server(lab, given.outage_s))
        run("cuts", lambda: cut_links(lab, given.cuts, chance, given.cameras))
        run("twice", lambda: own_twice(lab, given.cameras, 60.0))
        for name in ("kills", "outage", "cuts"):
            if given.only is None or name in given.only:
                wait(65)
                run(name, lambda: check_history(lab, "after all faults"))
                break
        for seconds in (2.0, -2.0):
            run("clock", lambda seconds=seconds: set_clock(lab, lab.machines[0], seconds))  # type: ignore[misc]
    finally:
        lab.close()


if __name__ == "__main__":
    main()

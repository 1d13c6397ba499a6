"""Break a site of real processes and a real server in every way, and print what it cost.

    python -m tools.site.site_faults [--quick]

Needs PostgreSQL (Debian package postgresql) and about two cores. Nothing here needs root: the server runs as
this user (as ``nobody`` if that is root), links are cut by proxies, and clocks are set by libfaketime, whose
row is left out where it is not installed. Full disks need root (a file system of a few MB); `make faults`
covers them for one machine.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from sqlalchemy import select

from analytics.domain.identifiers import CameraId
from app.site.forwarder import Forwarder
from app.site.journal import read_new
from app.site.schema import machine
from tools.site.laboratory import CLOCK, SITE, Laboratory, MachineProcess, open_local, wait
from tools.site.replayed_machine import FRAMES_PER_S

PEOPLE = 5
TICK_US = 1_000_000 // FRAMES_PER_S


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
    """Return the load of the machine with the most cameras, relative to the fair share."""
    alive = [one for one in lab.machines if one.process is not None and one.process.poll() is None]
    counts = [len(one.cameras) for one in alive]
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
        from analytics.store.outbox import decode_batch

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
    held: set[tuple[str, int]] = set()
    overlaps = 0
    for one in lab.machines:
        with open_local(one) as reader:
            tracks = reader.read_tracks()
        ticks = (tracks["time_s"].to_numpy() * FRAMES_PER_S).round().astype(np.int64)
        own = set(zip(tracks["camera"], ticks.tolist(), strict=True))
        overlaps += len(held & own)
        held |= own
    hub = lab.open_reader()
    tracks = hub.read_tracks()
    hub.close()
    ticks = (tracks["time_s"].to_numpy() * FRAMES_PER_S).round().astype(np.int64)
    counts: dict[tuple[str, int], int] = {}
    for key in zip(tracks["camera"], ticks.tolist(), strict=True):
        counts[key] = counts.get(key, 0) + 1
    lost = len(held - counts.keys())
    double = sum(count > people for count in counts.values())
    partial = sum(count < people for count in counts.values())
    for one in lab.machines:
        lab.start(one)
    return [
        Row(
            f"{title}: frames in the hub's history",
            "the union of the machines', each once",
            f"{len(held)} frames of all machines ({overlaps} by two of them): {lost} lost, {double} double, "
            f"{partial} in part, {len(counts.keys() - held)} unknown",
            lost == double == partial == 0 and counts.keys() <= held,
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
    for _number in range(times):
        wait(chance.uniform(1, 5))
        victim = chance.choice(lab.machines)
        lost = frozenset(victim.cameras)
        killed_s = victim.kill()
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
    gaps = hub.read_gaps()
    hub.close()
    errors = []
    for killed_s, taken_s, name in kills:
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
        victim.proxy.cut(to_server=way != 1, to_client=way != 2)
        wait(chance.uniform(8, 25))
        victim.proxy.mend()
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


def set_clock(lab: Laboratory, victim: MachineProcess, seconds: float) -> list[Row]:
    """Start a machine with a clock that is wrong."""
    if shutil.which("faketime") is None:
        return [Row("clock set wrong", "told within 30 s", "not measured: needs faketime")]
    victim.stop()
    victim.prefix = ["faketime", "-f", f"{seconds:+g}s"]
    lab.start(victim)

    def is_told() -> bool:
        with lab.engine.connect() as connection:
            offset_s = connection.scalar(select(machine.c.clock_offset_s).where(machine.c.id == victim.id))
        return offset_s is not None and abs(offset_s + seconds) < 0.5

    took_s = until(is_told, 60)
    until(lambda: bool(victim.cameras), 90)
    wait(20)
    hub = lab.open_reader()
    ages_s = [CLOCK.now_utc_s() - (hub.last_observed_end(CameraId(name)) or 0.0) for name in victim.cameras]
    hub.close()
    error_s = max((abs(age_s - 1.0) for age_s in ages_s), default=float("nan"))
    return [
        Row(f"clock {seconds:+g} s: told", "30 s", f"after {took_s:.1f} s", took_s <= 30),
        Row(
            "its times in the hub's history, corrected",
            "as on the others",
            f"farthest {error_s:.2f} s off, a second of it delay ({len(ages_s)} cameras)",
            error_s <= 1.5,
        ),
    ]


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
    parser.add_argument("--keep", type=Path, help="folder for the machines' histories and the server's data")
    given = parser.parse_args()
    if given.quick:
        given.machines, given.cameras, given.minutes = 3, 12, 1.5
        given.kills, given.cuts, given.outage_s = 3, 3, 60.0
    chance = random.Random(given.seed)
    folder = given.keep or Path(tempfile.mkdtemp(prefix="expoflow-site-"))
    folder.mkdir(parents=True, exist_ok=True)
    lab = Laboratory(
        folder,
        machines=[f"m{number}" for number in range(given.machines)],
        cameras=[f"camera {number:03d}" for number in range(given.cameras)],
        options=["--people", str(PEOPLE)],
    )
    rows: list[Row] = []
    try:
        for one in (lab.hub, *lab.machines):
            lab.start(one)
        took_s = until(lambda: is_complete(lab, given.cameras), 120)
        rows.append(Row("first start: every camera is read", "", f"after {took_s:.1f} s"))
        share = find_share(lab)
        rows.append(Row("most loaded machine after the first start", "1.3", f"{share:.2f}", share <= 1.3))
        steps: list[Callable[[], list[Row]]] = [
            lambda: run_steadily(lab, given.minutes),
            lambda: check_history(lab, "steady"),
            lambda: kill_machines(lab, given.kills, given.cameras, chance),
            lambda: stop_server(lab, given.outage_s),
            lambda: cut_links(lab, given.cuts, chance, given.cameras),
            lambda: check_history(lab, "after all faults"),
            lambda: set_clock(lab, lab.machines[0], 2.0),
        ]
        for step in steps:
            new = step()
            rows += new
            print_table(new)
    finally:
        lab.close()
        if given.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write("\n")
    print_table(rows)
    if any(row.holds is False for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Machines that agree by the server alone who reads which camera."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app.site.node_agent import HANDOVER_S, SETTLE_S, ClockComparison, Holdings, MachineState, NodeAgent
from app.site.schema import camera, lease, machine
from tests.support.servers.postgres_server import PostgresServer
from tests.support.servers.site_machines import Site


@dataclass
class FakeClock:
    now_s: float = 1000.0
    ahead_s: float = 0.0

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


class Agents:
    """Agents that step in turn; those that died do not, and their leases and heartbeats age at once."""

    def __init__(self, site: Site) -> None:
        self.site, self.clock = site, FakeClock()
        self.agents = {one.id: self.make(one.id) for one in site.machines}

    def make(self, id_: str) -> NodeAgent:
        return NodeAgent(id_, lambda: MachineState(cores=4), clock=self.clock)

    def step(self) -> dict[str, Holdings]:
        self.clock.now_s += 1.0
        held = {}
        for id_, agent in self.agents.items():
            with self.site.engine.begin() as connection:
                held[id_] = agent.step(connection)
        return held

    def kill(self, id_: str) -> None:
        del self.agents[id_]
        with self.site.engine.begin() as connection:
            past = text("now() - interval '6 seconds'")
            connection.execute(update(machine).where(machine.c.id == id_).values(heartbeat_utc=past))
            connection.execute(update(lease).where(lease.c.owner == id_).values(until_utc=past))


@pytest.fixture
def agents(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Agents]:
    url = postgres_server.make_database().replace("postgresql://", "postgresql+psycopg://")
    site = Site(url, tmp_path, cameras=[f"camera {number}" for number in range(12)], machines=3)
    yield Agents(site)
    site.close()


def read_leases(agents: Agents) -> dict[str, set[int]]:
    with agents.site.engine.connect() as connection:
        rows = connection.execute(select(lease.c.owner, lease.c.camera)).all()
    return {
        owner: {row.camera for row in rows if row.owner == owner} for owner in {row.owner for row in rows}
    }


def count(held: dict[str, Holdings]) -> list[int]:
    return sorted(len(one.names) for one in held.values())


def test_cameras_are_shared_out_and_each_has_one_reader(agents: Agents) -> None:
    first = agents.step()["m0"]
    assert (first.names, first.is_settled) == ({}, False)
    for _second in range(int(SETTLE_S) + 2):
        held = agents.step()
    assert all(one.is_settled for one in held.values())
    assert count(held) == [4, 4, 4]
    assert max(Counter(name for one in held.values() for name in one.names.values()).values()) == 1


def test_what_a_dead_machine_read_is_read_by_the_others(agents: Agents) -> None:
    for _second in range(int(SETTLE_S) + 3):
        before = agents.step()
    agents.kill("m1")
    after = agents.step()
    assert count(after) == [6, 6]
    lost = before["m1"].epochs
    new = {id_: epoch for one in after.values() for id_, epoch in one.epochs.items()}
    assert all(new[id_] > epoch for id_, epoch in lost.items())


def test_a_machine_that_is_drained_gives_its_cameras_away(agents: Agents) -> None:
    for _second in range(int(SETTLE_S) + 3):
        agents.step()
    with agents.site.engine.begin() as connection:
        connection.execute(update(machine).where(machine.c.id == "m2").values(draining=True))
    before = read_leases(agents)["m2"]
    for _second in range(3):
        held = agents.step()
        # on both for a while, so that nothing is missed
        assert before <= set(held["m2"].epochs)
    assert "m2" not in read_leases(agents)
    for _second in range(int(HANDOVER_S)):
        held = agents.step()
    assert not held["m2"].names
    assert count(held) == [0, 6, 6]


def test_after_an_outage_of_the_server_everybody_keeps_what_he_read(agents: Agents) -> None:
    for _second in range(int(SETTLE_S) + 3):
        before = agents.step()
    with agents.site.engine.begin() as connection:
        past = text("now() - interval '600 seconds'")
        connection.execute(update(machine).values(heartbeat_utc=past))
        connection.execute(update(lease).values(until_utc=past))
    agents.clock.now_s += 600.0
    for _second in range(int(SETTLE_S) + 3):
        after = agents.step()
    assert {id_: one.epochs for id_, one in after.items()} == {id_: one.epochs for id_, one in before.items()}


def test_a_camera_that_a_person_moved_is_read_there(agents: Agents) -> None:
    for _second in range(int(SETTLE_S) + 3):
        held = agents.step()
    moved = next(iter(held["m0"].epochs))
    with agents.site.engine.begin() as connection:
        connection.execute(update(camera).where(camera.c.id == moved).values(wanted_machine="m1"))
    for agent in agents.agents.values():
        agent._rebalanced = 0
    agents.step()
    assert moved in agents.step()["m1"].epochs


def test_the_clocks_offset_is_measured_and_kept(agents: Agents) -> None:
    agents.step()
    with agents.site.engine.connect() as connection:
        offset_s, now_s = connection.execute(
            select(machine.c.clock_offset_s, text("extract(epoch from now())")).where(machine.c.id == "m0")
        ).one()
    assert offset_s == pytest.approx(float(now_s) - agents.clock.now_s, abs=5.0)


def test_a_wrong_clock_is_corrected_and_a_right_one_left_alone() -> None:
    comparison = ClockComparison(lambda: 100.0)
    for error_s in (0.004, -0.006, 0.002):
        comparison.measure(lambda error_s=error_s: 100.0 + error_s)  # type: ignore[misc]
    assert comparison.choose_correction_s() == 0.0
    comparison.measure(lambda: 102.0)
    assert comparison.choose_correction_s() == pytest.approx(2.0)
    comparison.measure(lambda: 102.01)
    assert comparison.choose_correction_s() == pytest.approx(2.0)
    comparison.measure(lambda: 100.0)
    assert comparison.choose_correction_s() == 0.0

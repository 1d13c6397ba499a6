"""Take part in a site once a second: heartbeat, clock, leases, and who should read which camera."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection, Row, func, select, text, update

from analytics.domain.clock import Clock, SystemClock
from app.site.leases import LEASE_S, read_owners, release_leases, renew_leases, take_leases
from app.site.placement import MAX_SHARE_OF_CORES, Node, PlacedCamera, place_cameras
from app.site.schema import camera, machine

ALIVE_S = LEASE_S
"""Age of a heartbeat up to which a machine counts as alive."""
SETTLE_S = 5.0
"""Time after a start or a reconnection before free cameras are taken, unless every machine is there."""
REBALANCE_EVERY_S = 15.0
MAX_MOVES = 5
"""Cameras of a hall that move at once between machines that are alive."""
HANDOVER_S = 10.0
"""Time for which a machine reads on what it gives to another one, whose recorder has to start first."""
TOLD_S = 0.05
"""Offset above which people are told, and times are corrected."""
_SAMPLES = 15


@dataclass(frozen=True, slots=True)
class MachineState:
    """State of a machine, as it reports it.

    Attributes:
        cores: number of cores that may be used.
        load: busy cores.
    """

    cores: float
    load: float = 0.0
    disk_free_gb: float | None = None
    program_version: str = ""


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """The offset of a clock.

    Attributes:
        offset_s: server's time minus the machine's.
        round_trip_s: duration of the question; half of it bounds the error.
    """

    offset_s: float
    round_trip_s: float

    @property
    def is_told(self) -> bool:
        """Return whether the clock is wrong for certain and by so much that it matters."""
        return abs(self.offset_s) - self.round_trip_s / 2 > TOLD_S


class ClockComparison:
    """The offset of this machine's clock, from the quickest of the last answers."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Begin without a measurement.

        Args:
            now_s: this machine's time, seconds since the epoch.
        """
        self._now_s = now_s
        self._samples: deque[ClockOffset] = deque(maxlen=_SAMPLES)
        self._applied_s = 0.0

    def measure(self, ask_s: Callable[[], float]) -> None:
        """Ask for the server's time, seconds since the epoch."""
        before_s = self._now_s()
        server_s = ask_s()
        after_s = self._now_s()
        self._samples.append(ClockOffset(server_s - (before_s + after_s) / 2, max(0.0, after_s - before_s)))
        newest, best = self._samples[-1], self.best
        if (
            best is not None
            and abs(newest.offset_s - best.offset_s)
            > TOLD_S + newest.round_trip_s / 2 + best.round_trip_s / 2
        ):
            # the clock was set: what was measured before says nothing any more
            self._samples = deque([newest], maxlen=_SAMPLES)

    @property
    def best(self) -> ClockOffset | None:
        """Return the offset by the quickest of the last answers; None before the first."""
        return min(self._samples, key=lambda sample: sample.round_trip_s, default=None)

    def choose_correction_s(self) -> float:
        """Return what to add to this machine's times; it changes only when it is wrong by what is told."""
        best = self.best
        if best is not None and abs(best.offset_s - self._applied_s) - best.round_trip_s / 2 > TOLD_S:
            self._applied_s = best.offset_s if best.is_told else 0.0
        return self._applied_s


@dataclass(frozen=True, slots=True)
class Holdings:
    """The cameras that this machine reads.

    Attributes:
        epochs: epoch of the lease by camera number, also of those that it has just given away.
        names: name of each of them.
        unplaced: cameras of its hall that nobody has room for.
        is_settled: whether it may take free cameras, a while after a start or a reconnection.
    """

    epochs: dict[int, int]
    names: dict[int, str]
    unplaced: tuple[str, ...]
    is_settled: bool


@dataclass(slots=True)
class NodeAgent:
    """The part that one machine has in a site.

    Attributes:
        machine: its number.
        measure: returns its state.
    """

    machine: str
    measure: Callable[[], MachineState]
    clock: Clock = field(default_factory=SystemClock)
    capacity_of: Callable[[int], float] = lambda cores: cores * MAX_SHARE_OF_CORES
    comparison: ClockComparison = field(init=False)
    _connected_s: float | None = None
    _stepped_s: float = 0.0
    _rebalanced: int = 0
    _handed_over: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Epoch of each camera that was given away, and until when it is read on."""

    def __post_init__(self) -> None:
        self.comparison = ClockComparison(self.clock.now_utc_s)

    def step(self, connection: Connection) -> Holdings:
        """Take part once, in the connection's transaction, and return what this machine reads from now on.

        A machine that cannot do so goes on with what it read before.

        Raises:
            SQLAlchemyError: the server does not answer.
        """
        now_s = self.clock.monotonic_s()
        if self._connected_s is None or now_s - self._stepped_s > ALIVE_S:
            self._connected_s = now_s
        self._stepped_s = now_s
        held = renew_leases(connection, self.machine)
        # not the transaction's first statement, which takes two round trips
        self.comparison.measure(lambda: _ask_time_s(connection))
        self._beat(connection)
        machines = _read_machines(connection)
        me = machines[self.machine]
        alive = [one for one in machines.values() if one.is_alive]
        cameras = [
            PlacedCamera(row.id, row.hall, row.wanted_machine or "")
            for row in connection.execute(
                select(camera.c.id, camera.c.hall, camera.c.wanted_machine).where(camera.c.hall == me.hall)
            )
        ]
        placed = place_cameras(
            cameras,
            [
                Node(one.id, one.hall, self.capacity_of(one.cores))
                for one in alive
                if one.hall == me.hall and not one.draining
            ],
            owners := read_owners(connection, me.hall),
            max_moves=MAX_MOVES if self._rebalances(connection) else 0,
        )
        ids_alive = {one.id for one in alive}
        leaving = [id_ for id_ in held if placed.owners.get(id_, self.machine) in ids_alive - {self.machine}]
        if me.draining:
            leaving = leaving[:MAX_MOVES]
        for id_ in leaving:
            self._handed_over[id_] = held[id_], now_s + HANDOVER_S
        known = {one.id for one in cameras}
        leaving += [id_ for id_ in held if id_ not in known]
        release_leases(connection, self.machine, leaving)
        is_settled = now_s - self._connected_s >= SETTLE_S or all(
            one.is_alive for one in machines.values() if one.hall == me.hall
        )
        free = [id_ for id_, owner in placed.owners.items() if owner == self.machine and id_ not in owners]
        taken = take_leases(connection, self.machine, free) if is_settled else {}
        epochs = {id_: epoch for id_, epoch in {**held, **taken}.items() if id_ not in leaving}
        self._handed_over = {
            id_: (epoch, until_s)
            for id_, (epoch, until_s) in self._handed_over.items()
            if now_s < until_s and id_ in known and id_ not in epochs
        }
        epochs |= {id_: epoch for id_, (epoch, _until_s) in self._handed_over.items()}
        names = _read_names(connection, {*epochs, *placed.unplaced})
        return Holdings(
            epochs,
            {id_: names[id_] for id_ in epochs},
            tuple(names[id_] for id_ in placed.unplaced),
            is_settled,
        )

    def _beat(self, connection: Connection) -> None:
        state, offset = self.measure(), self.comparison.best
        connection.execute(
            update(machine)
            .where(machine.c.id == self.machine)
            .values(
                heartbeat_utc=func.clock_timestamp(),
                clock_offset_s=None if offset is None else offset.offset_s,
                round_trip_s=None if offset is None else offset.round_trip_s,
                cores=state.cores,
                load=state.load,
                disk_free_gb=state.disk_free_gb,
                program_version=state.program_version,
            )
        )

    def _rebalances(self, connection: Connection) -> bool:
        """Return whether cameras may move now; at the same time on every machine."""
        period = int(_ask_time_s(connection) // REBALANCE_EVERY_S)
        is_due, self._rebalanced = period != self._rebalanced, period
        return is_due


@dataclass(frozen=True, slots=True)
class _Machine:
    id: str
    hall: int
    cores: int
    draining: bool
    is_alive: bool


def _read_machines(connection: Connection) -> dict[str, _Machine]:
    at = machine.c
    is_alive = func.coalesce(
        at.heartbeat_utc >= func.clock_timestamp() - timedelta(seconds=ALIVE_S), text("false")
    )
    rows = connection.execute(
        select(at.id, at.hall, func.coalesce(at.cores, 1), at.draining, is_alive).where(
            at.removed_utc.is_(None)
        )
    )
    return {row[0]: _Machine(*row) for row in rows}


def _read_names(connection: Connection, ids: set[int]) -> dict[int, str]:
    rows: list[Row[tuple[int, str]]] = list(
        connection.execute(select(camera.c.id, camera.c.name).where(camera.c.id.in_(ids)))
    )
    return {row.id: row.name for row in rows}


def _ask_time_s(connection: Connection) -> float:
    return float(connection.scalar(select(func.extract("epoch", func.clock_timestamp()))) or 0.0)

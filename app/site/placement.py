"""Decide which machine should read which camera. Pure, and the same on every machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

MAX_SHARE_OF_CORES = 0.8
"""Share of a machine's cores that cameras may use; the rest is for what comes unexpectedly."""
CAMERAS_PER_CORE = 4.0
"""Cameras at five frames a second that one core reads, detects and tracks (`docs/site.md`)."""
BALANCED = 1.15
"""Factor above or below the fair share at which cameras move between machines that are alive."""


@dataclass(frozen=True, slots=True)
class Node:
    """A machine that is alive and may read cameras.

    Attributes:
        capacity: load that it can carry, in cores.
    """

    id: str
    hall: int
    capacity: float


@dataclass(frozen=True, slots=True)
class PlacedCamera:
    """A camera of a hall with its cost.

    Attributes:
        wanted: machine that a person chose; empty without a choice.
        cost: load that it causes, in cores.
    """

    id: int
    hall: int
    wanted: str = ""
    cost: float = 1.0 / CAMERAS_PER_CORE


@dataclass(frozen=True, slots=True)
class Placement:
    """Choice of the machines that should read cameras.

    Attributes:
        owners: machine of each camera that has one.
        unplaced: cameras for which no machine of their hall has room, in order of their number.
    """

    owners: Mapping[int, str]
    unplaced: tuple[int, ...]


def place_cameras(
    cameras: Iterable[PlacedCamera],
    nodes: Sequence[Node],
    owners: Mapping[int, str],
    *,
    max_moves: int | None = None,
) -> Placement:
    """Return where each camera should be read, with as few changes as balance allows.

    A camera stays where it is read unless that machine is gone, a person wants another one, or the machine
    carries much more than its fair share. Cameras without a machine go where their rendezvous hash is
    highest among the machines with the least relative load.

    Args:
        cameras: every camera of the site.
        nodes: machines that are alive and are not being drained.
        owners: present machine of each camera, including ones that are gone.
        max_moves: most cameras of a hall to take from a machine that is alive; None for no limit.
    """
    by_hall: dict[int, _Hall] = {}
    for node in (node for node in nodes if node.capacity > 0):
        by_hall.setdefault(node.hall, _Hall()).capacity[node.id] = node.capacity
    chosen: dict[int, str] = {}
    unplaced: list[int] = []
    for camera in sorted(cameras, key=lambda camera: camera.id):
        hall = by_hall.get(camera.hall)
        if hall is None:
            unplaced.append(camera.id)
        else:
            hall.cameras.append(camera)
    for hall in by_hall.values():
        unplaced += hall.place(owners, max_moves)
        chosen |= hall.chosen
    return Placement(chosen, tuple(sorted(unplaced)))


@dataclass(slots=True)
class _Hall:
    """The machines and cameras of one hall while they are placed."""

    capacity: dict[str, float] = field(default_factory=dict)
    cameras: list[PlacedCamera] = field(default_factory=list)
    chosen: dict[int, str] = field(default_factory=dict)
    load: dict[str, float] = field(default_factory=dict)

    def place(self, owners: Mapping[int, str], max_moves: int | None) -> list[int]:
        """Fill ``chosen`` and return the cameras without room."""
        self.load = dict.fromkeys(self.capacity, 0.0)
        moves_left = len(self.cameras) if max_moves is None else max_moves
        waiting = []
        for camera in self.cameras:
            owner = owners.get(camera.id, "")
            wanted = camera.wanted if camera.wanted in self.capacity else ""
            if owner in self.capacity and wanted and owner != wanted:
                if moves_left > 0:
                    moves_left -= 1
                    owner = wanted
            elif wanted:
                owner = wanted
            if owner in self.capacity:
                self._put(camera, owner)
            else:
                waiting.append(camera)
        unplaced = [camera.id for camera in waiting if not self._place_anew(camera)]
        self._balance(moves_left)
        return unplaced

    def _place_anew(self, camera: PlacedCamera) -> bool:
        free = [
            id_ for id_, capacity in self.capacity.items() if self.load[id_] + camera.cost <= capacity + 1e-9
        ]
        if not free:
            return False
        # after it, every machine should carry about the same share of what it can carry
        least = min(self._share_with(camera, id_) for id_ in free)
        even = [id_ for id_ in free if self._share_with(camera, id_) <= least + 1e-9]
        self._put(camera, max(even, key=lambda id_: _weigh(camera.id, id_)))
        return True

    def _balance(self, moves_left: int) -> None:
        """Move cameras from the machine with the most load to the one with the least."""
        whole = sum(self.capacity.values())
        if not whole:
            return
        fair = sum(self.load.values()) / whole
        movable = [camera for camera in self.cameras if not camera.wanted and camera.id in self.chosen]
        while moves_left > 0:
            heaviest = max(self.capacity, key=lambda id_: (self.load[id_] / self.capacity[id_], id_))
            lightest = min(self.capacity, key=lambda id_: (self.load[id_] / self.capacity[id_], id_))
            here = [camera for camera in movable if self.chosen[camera.id] == heaviest]
            is_balanced = (
                self.load[heaviest] / self.capacity[heaviest] <= BALANCED * fair
                and self.load[lightest] / self.capacity[lightest] >= fair / BALANCED
            )
            if is_balanced or not here:
                return
            camera = max(here, key=lambda camera: _weigh(camera.id, lightest))
            if self._share_with(camera, lightest) >= self.load[heaviest] / self.capacity[heaviest] - 1e-9:
                return
            self.load[heaviest] -= camera.cost
            self._put(camera, lightest)
            moves_left -= 1

    def _share_with(self, camera: PlacedCamera, id_: str) -> float:
        return (self.load[id_] + camera.cost) / self.capacity[id_]

    def _put(self, camera: PlacedCamera, id_: str) -> None:
        self.chosen[camera.id] = id_
        self.load[id_] += camera.cost


def _weigh(camera: int, node: str) -> bytes:
    """Return the rendezvous hash of a camera and a machine (Thaler and Ravishankar 1998)."""
    return hashlib.blake2b(f"{camera}\0{node}".encode(), digest_size=8).digest()

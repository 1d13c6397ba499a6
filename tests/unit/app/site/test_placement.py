"""Which machine reads which camera."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from app.site.placement import Node, PlacedCamera, place_cameras

CORES_5 = 5.0


def make_nodes(count: int, *, hall: int = 1, capacity: float = CORES_5) -> list[Node]:
    return [Node(f"m{hall}-{number}", hall, capacity) for number in range(count)]


def make_cameras(count: int, *, hall: int = 1, first: int = 0) -> list[PlacedCamera]:
    return [PlacedCamera(first + number, hall) for number in range(count)]


def test_a_first_start_gives_every_machine_its_fair_share() -> None:
    placed = place_cameras(make_cameras(100), make_nodes(5, capacity=6.4), {})
    assert not placed.unplaced
    assert sorted(Counter(placed.owners.values()).values()) == [20] * 5


def test_a_machine_with_twice_the_cores_gets_twice_the_cameras() -> None:
    nodes = [Node("small", 1, 2.0), Node("large", 1, 4.0)]
    counts = Counter(place_cameras(make_cameras(18), nodes, {}).owners.values())
    assert counts == {"small": 6, "large": 12}


def test_only_the_cameras_of_a_lost_machine_move() -> None:
    cameras, nodes = make_cameras(50), make_nodes(5)
    before = place_cameras(cameras, nodes, {}).owners
    after = place_cameras(cameras, nodes[1:], before).owners
    lost = {camera for camera, owner in before.items() if owner == nodes[0].id}
    assert {camera for camera in before if before[camera] != after[camera]} == lost
    counts = Counter(after.values())
    assert max(counts.values()) <= 1.3 * 50 / 4


def test_a_machine_that_returns_gets_cameras_slowly() -> None:
    cameras, nodes = make_cameras(50), make_nodes(5)
    owners = dict(place_cameras(cameras, nodes[1:], {}).owners)
    for _step in range(20):
        placed = dict(place_cameras(cameras, nodes, owners, max_moves=1).owners)
        assert sum(placed[camera] != owners[camera] for camera in owners) <= 1
        owners = placed
    counts = Counter(owners.values())
    assert counts[nodes[0].id] >= 7
    assert max(counts.values()) <= 1.15 * 10 + 1


def test_nobody_gets_more_than_the_machine_can_carry() -> None:
    placed = place_cameras(make_cameras(30), make_nodes(1, capacity=2.0), {})
    assert len(placed.owners) == 8
    assert len(placed.unplaced) == 22


def test_a_camera_is_read_in_its_own_hall_only() -> None:
    cameras = [*make_cameras(4), *make_cameras(4, hall=2, first=10)]
    placed = place_cameras(cameras, make_nodes(2), {})
    assert set(placed.owners) == {0, 1, 2, 3}
    assert placed.unplaced == (10, 11, 12, 13)


def test_a_person_decides_where_a_camera_is_read_while_that_machine_is_there() -> None:
    cameras = [*make_cameras(7), PlacedCamera(7, 1, wanted="m1-1")]
    nodes = make_nodes(2)
    owners = dict.fromkeys(range(8), "m1-0")
    assert place_cameras(cameras, nodes, owners).owners[7] == "m1-1"
    assert place_cameras(cameras, nodes[:1], owners).owners[7] == "m1-0"


@pytest.mark.parametrize("seed", range(3))
def test_five_of_fifty_machines_with_a_thousand_cameras_are_lost(seed: int) -> None:
    chance = random.Random(seed)
    nodes = [node for hall in range(8) for node in make_nodes(6 if hall < 6 else 7, hall=hall, capacity=8.0)]
    cameras = [PlacedCamera(number, number % 8) for number in range(1000)]
    owners = place_cameras(cameras, nodes, {}).owners
    dead = set(chance.sample([node.id for node in nodes], 5))
    alive = [node for node in nodes if node.id not in dead]
    placed = place_cameras(cameras, alive, owners, max_moves=1)
    assert not placed.unplaced
    assert all(placed.owners[camera] == owner for camera, owner in owners.items() if owner not in dead)
    counts = Counter(placed.owners.values())
    for node in alive:
        in_hall = sum(other.hall == node.hall for other in alive)
        assert counts[node.id] <= 1.3 * 125 / in_hall


@pytest.mark.parametrize(("machines", "cameras"), [(5, 20), (5, 100), (50, 1000)])
def test_who_takes_over_has_a_fair_share_also_while_others_have_just_come_back(
    machines: int, cameras: int
) -> None:
    chance = random.Random(machines)
    nodes, placed = make_nodes(machines, capacity=8.0), make_cameras(cameras)
    owners = place_cameras(placed, nodes, {}).owners
    dead: list[Node] = []
    for _loss in range(6):
        # those that died before are back, and nothing has moved yet
        dead = chance.sample([node for node in nodes if node not in dead], machines // 5)
        alive = [node for node in nodes if node not in dead]
        before = Counter(owners.values())
        owners = place_cameras(placed, alive, owners, max_moves=0).owners
        counts = Counter(owners.values())
        raised = [counts[node.id] for node in alive if counts[node.id] > before[node.id]]
        assert max(raised) <= 1.3 * cameras / len(alive)
        owners = place_cameras(placed, alive, owners, max_moves=5).owners

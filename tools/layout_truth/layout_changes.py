"""Changes of a layout: stands that change places, come or go, another entrance, an aisle that is closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import ZoneKind
from tools.layout_truth.hall_ways import find_ways
from tools.layout_truth.true_halls import Spot, TrueHall, TrueStand, draw_exhibitor


def change_hall(hall: TrueHall, change: str, rng: np.random.Generator) -> tuple[TrueHall, str]:
    """Return the hall after a change, one of ``CHANGES``, and what was changed."""
    return CHANGES[change](hall, rng)


def _swap(hall: TrueHall, rng: np.random.Generator) -> tuple[TrueHall, str]:
    booths = [stand for stand in hall.stands if stand.kind is ZoneKind.BOOTH]
    strength = np.array([stand.fame * stand.appeal for stand in booths])
    traffic = _measure_traffic(hall)[[hall.stands.index(stand) for stand in booths]]
    is_island = all(len(stand.spot.sides) == 4 for stand in booths)
    pairs = [
        (abs(traffic[i] - traffic[j]) * abs(np.log(strength[i] / strength[j])), i, j)
        for i in range(len(booths))
        for j in range(i)
        if is_island or np.allclose(booths[i].spot.size_m, booths[j].spot.size_m)
    ]
    # one of the ten pairs that matter most
    pairs = sorted(pairs, reverse=True)[:10]
    _, i, j = pairs[int(rng.integers(len(pairs)))]
    one, other = booths[i], booths[j]
    changed = _with_stand(hall, _put(one, other.spot))
    return _with_stand(changed, _put(other, one.spot)), f"{one.name} and {other.name} swapped"


def _rearrange(hall: TrueHall, rng: np.random.Generator) -> tuple[TrueHall, str]:
    """Let a third of the stands, each of the same size as another, change places in a circle."""
    booths = [stand for stand in hall.stands if stand.kind is ZoneKind.BOOTH]
    usual = max(booths, key=lambda stand: sum(_fits(other, stand.spot) for other in booths))
    same = [stand for stand in booths if _fits(stand, usual.spot)]
    chosen = [same[index] for index in rng.permutation(len(same))[: len(booths) // 3]]
    changed = hall
    for stand, other in zip(chosen, [*chosen[1:], chosen[0]], strict=True):
        changed = _with_stand(changed, _put(stand, other.spot))
    return changed, f"{len(chosen)} stands changed places"


def _move(hall: TrueHall, rng: np.random.Generator) -> tuple[TrueHall, str]:
    spot = hall.free_spots[0]
    booths = [stand for stand in hall.stands if _fits(stand, spot)]
    far = sorted(booths, key=lambda stand: abs(np.subtract(stand.spot.centre, spot.centre)).sum())
    stand = far[len(far) // 2 + int(rng.integers(max(1, len(far) // 2)))]
    return _with_stand(hall, _put(stand, spot)), f"{stand.name} moved to a free place"


def _remove(hall: TrueHall, rng: np.random.Generator) -> tuple[TrueHall, str]:
    booths = [stand for stand in hall.stands if stand.kind is ZoneKind.BOOTH]
    strong = sorted(booths, key=lambda stand: stand.fame * stand.appeal)[-len(booths) // 3 :]
    stand = strong[int(rng.integers(len(strong)))]
    return replace(hall, stands=tuple(s for s in hall.stands if s is not stand)), f"{stand.name} removed"


def _add(hall: TrueHall, rng: np.random.Generator) -> tuple[TrueHall, str]:
    stand = draw_exhibitor("Stand new", hall.free_spots[1], rng)
    return replace(hall, stands=(*hall.stands, stand)), f"{stand.name} added"


def _move_entrance(hall: TrueHall, _: np.random.Generator) -> tuple[TrueHall, str]:
    middle, inwards = hall.other_door
    first = replace(hall.doors[0], middle=middle, inwards=inwards)
    return replace(hall, doors=(first, *hall.doors[1:])), f"{first.name} moved"


def _close_aisle(hall: TrueHall, rng: np.random.Generator) -> tuple[TrueHall, str]:
    wall = hall.closable[int(rng.integers(len(hall.closable)))]
    return replace(hall, obstacles=(*hall.obstacles, ("Wall", wall))), "an aisle closed by a wall"


CHANGES: Mapping[str, Callable[[TrueHall, np.random.Generator], tuple[TrueHall, str]]] = {
    "swap": _swap,
    "move": _move,
    "removal": _remove,
    "addition": _add,
    "entrance": _move_entrance,
    "closed aisle": _close_aisle,
    "rearrangement": _rearrange,
}


def _fits(stand: TrueStand, spot: Spot) -> bool:
    is_island = len(spot.sides) == 4 and len(stand.spot.sides) == 4
    return stand.kind is ZoneKind.BOOTH and (is_island or np.allclose(stand.spot.size_m, spot.size_m))


def _put(stand: TrueStand, spot: Spot) -> TrueStand:
    """Return a stand of its own size at another spot."""
    (x, y), (width, depth) = spot.centre, stand.spot.size_m
    body = (x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)
    return replace(stand, spot=Spot(body, spot.sides))


def _with_stand(hall: TrueHall, changed: TrueStand) -> TrueHall:
    return replace(hall, stands=tuple(changed if s.name == changed.name else s for s in hall.stands))


def _measure_traffic(hall: TrueHall) -> FloatArray:
    """Return the share of the ways between all places of a hall that lead past each stand."""
    share: FloatArray = (~np.isnan(find_ways(hall).passed_m)).mean(axis=(0, 1))
    return share

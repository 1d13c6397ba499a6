"""Random halls of several kinds, each with its own floor, walls and furniture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tools.simulation.rendering.hall import (
    Block,
    Colour,
    Hall,
    build_block,
    build_floor,
    build_walls,
    lay_sign_on,
)
from tools.simulation.rendering.surfaces import make_cloudy, make_shelf, make_sign, make_tiles
from vision.pixel_types import Picture

TEXELS_PER_M = 40
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class HallKind:
    """How a kind of hall looks.

    Attributes:
        furniture: names of blocks and how often each occurs, relative to the others.
        wall_light: lowest and highest grey of the walls.
    """

    name: str
    floor: Callable[[tuple[int, int], Random], Picture]
    wall_light: tuple[float, float]
    wall_signs: tuple[int, int]
    furniture: dict[str, float]


def _carpet(size_wh: tuple[int, int], rng: Random) -> Picture:
    colour = rng.uniform(40, 170, 3)
    return make_cloudy(size_wh=size_wh, colour=_colour(colour), grain=9, clouds=4, rng=rng)


def _wood(size_wh: tuple[int, int], rng: Random) -> Picture:
    tone = rng.uniform(0.6, 1.2)
    first, second = np.array([80, 120, 165]) * tone, np.array([90, 132, 178]) * tone
    return make_tiles(
        size_wh=size_wh, tile_wh=(60, 6), colour=_colour(first), second=_colour(second), joint=0.85, rng=rng
    )


def _stone_tiles(size_wh: tuple[int, int], rng: Random) -> Picture:
    first = rng.uniform(110, 215) + rng.normal(0, 8, 3)
    second = first * (rng.uniform(0.6, 1.0) if rng.random() < 0.5 else 1.0)
    tile = int(rng.integers(14, 40))
    return make_tiles(
        size_wh=size_wh,
        tile_wh=(tile, tile),
        colour=_colour(first),
        second=_colour(second),
        joint=0.8,
        rng=rng,
    )


def _concrete(size_wh: tuple[int, int], rng: Random) -> Picture:
    colour = rng.uniform(90, 180) + rng.normal(0, 4, 3)
    return make_cloudy(size_wh=size_wh, colour=_colour(colour), grain=5, clouds=12, rng=rng)


def _herringbone(size_wh: tuple[int, int], rng: Random) -> Picture:
    first = np.array([60, 95, 140]) * rng.uniform(0.6, 1.3)
    return make_tiles(
        size_wh=size_wh,
        tile_wh=(8, 24),
        colour=_colour(first),
        second=_colour(first * 0.85),
        joint=0.8,
        rng=rng,
    )


TRAINING_KINDS = (
    HallKind("fair", _carpet, (120, 230), (0, 4), {"counter": 3, "panel": 3, "banner": 2, "screen": 1}),
    HallKind("museum", _wood, (170, 240), (3, 9), {"plinth": 3, "case": 2, "pillar": 1, "bench": 1}),
    HallKind("mall", _stone_tiles, (130, 220), (2, 6), {"pillar": 2, "bench": 2, "plant": 2, "banner": 1}),
    HallKind("foyer", _concrete, (90, 210), (0, 4), {"counter": 1, "banner": 2, "plant": 2, "pillar": 2}),
    HallKind("shop", _stone_tiles, (140, 230), (0, 3), {"shelf": 4, "counter": 1, "screen": 1}),
    HallKind("dim gallery", _carpet, (35, 90), (2, 6), {"case": 3, "screen": 2, "panel": 1}),
)
HELD_OUT_KINDS = (
    HallKind("library", _herringbone, (120, 200), (1, 4), {"shelf": 3, "bench": 2, "plinth": 1, "plant": 1}),
    HallKind("station", _concrete, (70, 190), (4, 9), {"pillar": 3, "panel": 1, "counter": 1, "bench": 2}),
)
"""Never trained on: combinations of floor, walls and furniture that training does not have."""

_SIZES: dict[str, tuple[tuple[float, float], tuple[float, float], tuple[float, float]]] = {
    "counter": ((0.8, 2.0), (0.4, 0.8), (0.9, 1.15)),
    "panel": ((1.0, 3.0), (0.06, 0.12), (1.8, 2.6)),
    "banner": ((0.7, 1.0), (0.05, 0.1), (1.8, 2.2)),
    "screen": ((0.6, 1.4), (0.1, 0.2), (1.5, 2.0)),
    "plinth": ((0.4, 0.9), (0.4, 0.9), (0.7, 1.4)),
    "case": ((0.8, 1.8), (0.5, 0.8), (0.9, 1.9)),
    "pillar": ((0.3, 0.8), (0.3, 0.8), (3.0, 4.0)),
    "bench": ((1.0, 2.0), (0.4, 0.5), (0.4, 0.5)),
    "plant": ((0.3, 0.6), (0.3, 0.6), (0.8, 1.9)),
    "shelf": ((1.0, 3.0), (0.3, 0.6), (1.4, 2.2)),
}


def build_random_hall(*, kind: HallKind, rng: Random) -> Hall:
    """A hall of 7 to 18 m with furniture that leaves room to walk."""
    size = (float(rng.uniform(8, 18)), float(rng.uniform(7, 13)))
    height = float(rng.uniform(3.0, 6.0))
    floor = kind.floor((int(size[0] * TEXELS_PER_M), int(size[1] * TEXELS_PER_M)), rng)
    faces = [build_floor(size_m=size, texture=floor)]
    walls = [_build_wall(kind, length, height, rng) for length in (size[0], size[1], size[0], size[1])]
    faces += build_walls(size_m=size, height_m=height, textures=(walls[0], walls[1], walls[2], walls[3]))
    names = list(kind.furniture)
    weights = np.array([kind.furniture[name] for name in names])
    blocks: list[Block] = []
    for _ in range(int(rng.integers(2, 10))):
        name = str(rng.choice(names, p=weights / weights.sum()))
        block = _place(name, size, rng)
        if any(other.contains(block.corners(), margin_m=0.9).any() for other in blocks):
            continue
        blocks.append(block)
        faces += build_block(
            block=block, colour=_random_colour(name, rng), rng=rng, signs=_signs_for(name, block, rng)
        )
    return Hall(size, tuple(faces), tuple(blocks))


def _place(name: str, size_m: tuple[float, float], rng: Random) -> Block:
    length, depth, height = (float(rng.uniform(*limits)) for limits in _SIZES[name])
    centre = (float(rng.uniform(0.8, size_m[0] - 0.8)), float(rng.uniform(0.8, size_m[1] - 0.8)))
    turn = float(rng.choice([0.0, np.pi / 2, np.pi])) + float(rng.normal(0, 0.3)) * (rng.random() < 0.4)
    return Block(centre, (length, depth, height), turn)


def _signs_for(name: str, block: Block, rng: Random) -> dict[int, Picture]:
    length, _, height = block.size_m
    size = (max(int(length * 60), 12), max(int(height * 60), 12))
    if name == "shelf":
        return {side: make_shelf(size_wh=size, rng=rng) for side in (0, 2)}
    if name == "plant":
        green = (float(rng.uniform(20, 70)), float(rng.uniform(70, 140)), float(rng.uniform(30, 90)))
        leaves = make_cloudy(size_wh=(30, 60), colour=green, grain=30, clouds=10, rng=rng)
        return dict.fromkeys(range(4), leaves)
    if name in ("panel", "banner", "screen") or (name == "counter" and rng.random() < 0.6):
        return {side: make_sign(size_wh=size, rng=rng) for side in (0, 2)}
    return {}


def _build_wall(kind: HallKind, length_m: float, height_m: float, rng: Random) -> Picture:
    grey = rng.uniform(*kind.wall_light)
    colour = np.clip(grey + rng.normal(0, 10, 3), 10, 250)
    width, height = int(length_m * TEXELS_PER_M), int(height_m * TEXELS_PER_M)
    wall = make_cloudy(size_wh=(width, height), colour=_colour(colour), grain=2, clouds=5, rng=rng)
    for _ in range(int(rng.integers(kind.wall_signs[0], kind.wall_signs[1] + 1))):
        sign_size = (int(rng.uniform(0.6, 2.5) * TEXELS_PER_M), int(rng.uniform(0.5, 2.0) * TEXELS_PER_M))
        sign = make_sign(size_wh=sign_size, rng=rng)
        left = int(rng.integers(0, max(width - sign_size[0], 1)))
        top = int(rng.uniform(0.1, 0.5) * height)
        lay_sign_on(wall=wall, sign=sign, left=left, top=top)
    if rng.random() < 0.4:
        door = make_cloudy(
            size_wh=(int(1.2 * TEXELS_PER_M), int(2.1 * TEXELS_PER_M)),
            colour=_colour(rng.uniform(30, 200, 3)),
            grain=2,
            clouds=3,
            rng=rng,
        )
        lay_sign_on(
            wall=wall, sign=door, left=int(rng.integers(0, max(width - 50, 1))), top=height - door.shape[0]
        )
    return wall


def _random_colour(name: str, rng: Random) -> Colour:
    if name in ("pillar", "plinth") and rng.random() < 0.7:
        return _colour(rng.uniform(120, 235) + rng.normal(0, 4, 3))
    return _colour(rng.uniform(30, 225, 3))


def _colour(values: np.typing.ArrayLike) -> Colour:
    b, g, r = np.clip(np.asarray(values, float), 0, 255)
    return float(b), float(g), float(r)

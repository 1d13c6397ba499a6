"""A hall of flat faces: floor, walls, and blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from tools.simulation.rendering.backdrop import Face
from tools.simulation.rendering.surfaces import make_cloudy
from vision.pixel_types import Picture

Colour = tuple[float, float, float]

_SIDE_LIGHT = (1.0, 0.86, 0.94, 0.8)


@dataclass(frozen=True, slots=True)
class Block:
    """A box on the floor, turned about its vertical axis.

    Attributes:
        size_m: along its own first axis, along its second, and height.
    """

    centre_m: tuple[float, float]
    size_m: tuple[float, float, float]
    turn_rad: float = 0.0

    def contains(self, xy_m: FloatArray, *, margin_m: float = 0.0) -> npt.NDArray[np.bool_]:
        """Return which points, shape (n, 2), are on the block or within a margin of it."""
        c, s = math.cos(self.turn_rad), math.sin(self.turn_rad)
        local = np.abs((xy_m - np.asarray(self.centre_m)) @ np.array([[c, -s], [s, c]]))
        inside: npt.NDArray[np.bool_] = (local <= np.asarray(self.size_m[:2]) / 2 + margin_m).all(axis=1)
        return inside

    def corners(self) -> FloatArray:
        """The footprint, shape (4, 2), counter-clockwise."""
        c, s = math.cos(self.turn_rad), math.sin(self.turn_rad)
        half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.asarray(self.size_m[:2]) / 2
        placed: FloatArray = half @ np.array([[c, s], [-s, c]]) + np.asarray(self.centre_m)
        return placed


@dataclass(frozen=True, slots=True, eq=False)
class Hall:
    """A hall with its blocks; people walk from 0 to its size, outside of the blocks."""

    size_m: tuple[float, float]
    faces: tuple[Face, ...]
    blocks: tuple[Block, ...]


def build_floor(*, size_m: tuple[float, float], texture: Picture) -> Face:
    """Return the floor, with its texture's upper left corner in that of the plan."""
    width, depth = size_m
    return Face((0.0, depth, 0.0), (width, 0.0, 0.0), (0.0, -depth, 0.0), texture)


def build_walls(
    *, size_m: tuple[float, float], height_m: float, textures: tuple[Picture, Picture, Picture, Picture]
) -> list[Face]:
    """Return four walls, each seen from inside."""
    w, d = size_m
    down = (0.0, 0.0, -height_m)
    return [
        Face((w, 0, height_m), (-w, 0, 0), down, textures[0], 0.95),
        Face((w, d, height_m), (0, -d, 0), down, textures[1], 0.88),
        Face((0, d, height_m), (w, 0, 0), down, textures[2], 1.0),
        Face((0, 0, height_m), (0, d, 0), down, textures[3], 0.84),
    ]


def build_block(
    *, block: Block, colour: Colour, rng: np.random.Generator, signs: dict[int, Picture] | None = None
) -> list[Face]:
    """Return the sides and top of a block; ``signs`` puts textures on some sides (0 to 3)."""
    ground = block.corners()
    height = block.size_m[2]
    faces = []
    for side in range(4):
        a, b = ground[side], ground[(side + 1) % 4]
        texture = (signs or {}).get(side)
        if texture is None:
            texture = make_cloudy(size_wh=(24, 24), colour=colour, grain=2, clouds=4, rng=rng)
        faces.append(
            Face(
                (float(a[0]), float(a[1]), height),
                (float(b[0] - a[0]), float(b[1] - a[1]), 0.0),
                (0.0, 0.0, -height),
                texture,
                _SIDE_LIGHT[side],
                hides_people=True,
            )
        )
    along, down = ground[1] - ground[0], ground[3] - ground[0]
    top = make_cloudy(size_wh=(24, 24), colour=colour, grain=2, clouds=4, rng=rng)
    faces.append(
        Face(
            (float(ground[0][0]), float(ground[0][1]), height),
            (float(along[0]), float(along[1]), 0.0),
            (float(down[0]), float(down[1]), 0.0),
            top,
            1.08,
            hides_people=True,
        )
    )
    return faces


def lay_sign_on(*, wall: Picture, sign: Picture, left: int, top: int) -> None:
    """Paint a sign onto a wall's texture, cut at its edges."""
    height, width = wall.shape[:2]
    right, bottom = min(left + sign.shape[1], width), min(top + sign.shape[0], height)
    if left < right and top < bottom:
        wall[top:bottom, left:right] = sign[: bottom - top, : right - left]

"""Floor that one camera sees, and floor that furniture hides: by the plan, and learned from walkers' boxes.

The floor behind a counter is hidden where the counter's picture covers it. A place that the plan says
nothing of is taken for hidden once walkers' boxes lack a part of the usual height there again and again:
whoever walks neither sits nor bends. Somebody short lacks as much everywhere.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.arrays import FloatArray
from vision.tracking.floor_view import FloorView
from vision.tracking.vertical_direction import find_vertical

HIDDEN_FEET_CHANCE = 0.06
"""Probability that feet are hidden with nobody in front, where nothing is known."""
LEAST_HIDDEN_CHANCE, MOST_HIDDEN_CHANCE = 0.005, 0.9
"""Limits of that probability: plans and what is learned may be wrong, and counters are moved."""
MEAN_LACK, LACK_SIGMA = 0.11, 0.05
"""Share of the height that boxes lack where furniture hides feet, and its standard deviation: detectors guess
a part of what they do not see. What lacks more counts as much as any such height."""
ODD_SHARE, ODD_RANGE = 0.07, 0.75
"""Share of people, mostly children, whose height says nothing, and the range over which theirs is spread."""
MOST_EVIDENCE = 2.0
"""Limit of the log odds that one walker adds."""
RECENT_LOOKS = 2000
"""Number of remembered observations, over all places: a place is forgotten while others are observed, so that
a morning's school class does not remain the reference for good."""
_COLUMNS, _ROWS_PER_COLUMN = 40, 3
"""Cells across the picture, and how many are as high as one is wide: a step down the picture is a longer way
on the floor than one across."""
_SPREAD = np.outer([0.5, 1.0, 0.5], [0.25, 0.6, 1.0, 0.6, 0.25]).ravel()
"""Weight of a walker in the cells around theirs: what hides feet is as wide as a person or wider."""


class VisibleFloor:
    """Log odds that furniture hides feet in each cell of one camera's picture."""

    def __init__(self, view: FloorView) -> None:
        width, height = view.frame_size_wh
        cell_px = max(width / _COLUMNS, 1.0)
        self._cell_px = np.array([[cell_px], [cell_px / _ROWS_PER_COLUMN]])
        # a border of one cell all around stands for everything outside the picture
        rows, columns = int(height / self._cell_px[1, 0]) + 3, int(width / cell_px) + 3
        self._last = np.array([[columns - 1.0], [rows - 1.0]])
        self._columns = columns
        self._recent, self._recent_looks = np.zeros(rows * columns), 0.0
        chance = np.full(rows * columns, HIDDEN_FEET_CHANCE)
        u, v = np.meshgrid(np.arange(columns) - 0.5, np.arange(rows) - 0.5)
        covered = cover_floor(view)
        if not shapely.is_empty(covered):
            is_covered = shapely.contains_xy(covered, u * self._cell_px[0, 0], v * self._cell_px[1, 0])
            chance[is_covered.reshape(-1)] = MOST_HIDDEN_CHANCE
        self._around = np.add.outer(np.array([-1, 0, 1]) * columns, np.arange(-2, 3)).ravel()
        is_inside = np.zeros((rows, columns), np.bool_)
        is_inside[1:-1, 1:-1] = True
        self._is_inside = is_inside.reshape(-1)
        # precomputed for each cell, since it is read far more often than updated
        self._hidden_chance = chance

    def learn(self, uv: FloatArray, lacking: FloatArray, sigma: FloatArray) -> None:
        """Learn from walkers with nobody in front.

        Args:
            uv: pixels of their feet, where they are hidden below their boxes: shape (2, n).
            lacking: share of the height of a mean person that their boxes lack, shape (n,).
            sigma: its standard deviation where feet are visible, shape (n,).
        """
        cells = self._find_cells(uv).tolist()
        for cell, *lack in zip(cells, lacking.tolist(), sigma.tolist(), strict=True):
            change = weigh_lack(*lack)
            if self._is_inside[cell]:
                around = cell + self._around
                chance = self._hidden_chance.take(around, mode="clip")
                odds = chance / (1 - chance) * np.exp(change * _SPREAD)
                chance = np.minimum(np.maximum(odds / (1 + odds), LEAST_HIDDEN_CHANCE), MOST_HIDDEN_CHANCE)
                self._hidden_chance.put(around, chance, mode="clip")

    def find_novelty(self, uv: FloatArray) -> FloatArray:
        """Return the weight, as evidence of people's heights, of people whose feet are at pixels (2, n).

        Returns:
            Shape (n,): 1 in a place without recent feet, and less with every observation, so that all
            observations of one place sum to at most 1.64 until others are observed. A person who stands for
            an hour is one person.
        """
        cells = self._find_cells(uv)
        novelty: FloatArray = 1.0 / np.square(1.0 + self._recent.take(cells))
        np.add.at(self._recent, cells, 1.0)
        self._recent_looks += len(cells)
        if self._recent_looks > RECENT_LOOKS:
            self._recent *= 0.5
            self._recent_looks *= 0.5
        return novelty

    def find_hidden_chance(self, uv: FloatArray) -> FloatArray:
        """Return the probability that furniture hides feet at pixels, shape (2, n)."""
        chance: FloatArray = self._hidden_chance.take(self._find_cells(uv))
        return chance

    def _find_cells(self, uv: FloatArray) -> npt.NDArray[np.intp]:
        # fmax and fmin put NaN pixels outside
        places = uv / self._cell_px
        places += 1.0
        np.fmax(places, 0.0, out=places)
        np.fmin(places, self._last, out=places)
        columns, rows = places.astype(np.intp)
        cells: npt.NDArray[np.intp] = rows * self._columns + columns
        return cells


def weigh_lack(lacking: float, sigma: float) -> float:
    """Return the log odds that furniture hides feet where a walker's box lacks a share of the height.

    Args:
        sigma: standard deviation of ``lacking`` where feet are visible.
    """
    seen = (1 - ODD_SHARE) * _normal(lacking, sigma) + ODD_SHARE / ODD_RANGE
    hidden = (1 - ODD_SHARE) * _normal(lacking - MEAN_LACK, math.hypot(sigma, LACK_SIGMA))
    hidden += ODD_SHARE / ODD_RANGE
    if lacking > MEAN_LACK:
        hidden = max(hidden, (1 - ODD_SHARE) / ODD_RANGE)
    return min(max(math.log(hidden / seen), -MOST_EVIDENCE), MOST_EVIDENCE)


def _normal(value: float, sigma: float) -> float:
    return math.exp(-0.5 * (value / sigma) ** 2) / (sigma * math.sqrt(2 * math.pi))


def cover_floor(view: FloorView) -> shapely.Geometry:
    """Return the part of the picture in which obstacles of known height hide the floor, pixels.

    An obstacle's picture, as it stands on the floor: the union of the pictures of its footprint, of its top
    and of its sides. Empty where the homography does not determine the camera's pose.
    """
    vertical = find_vertical(view)
    if vertical is None:
        return shapely.GeometryCollection()
    pixel_from_floor = np.linalg.inv(view.geometry.floor_from_pixel)
    pictures = []
    for outline, height_m in view.obstacles:
        ring = shapely.get_coordinates(shapely.get_exterior_ring(outline))
        base = pixel_from_floor @ np.vstack([ring.T, np.ones(len(ring))])
        top = base + height_m * vertical[:, None]
        if min(base[2].min(), top[2].min()) <= 1e-9:
            continue  # reaches behind the camera
        base_uv, top_uv = (base[:2] / base[2]).T, (top[:2] / top[2]).T
        pictures += [
            shapely.MultiPoint([base_uv[i], base_uv[i + 1], top_uv[i], top_uv[i + 1]]).convex_hull
            for i in range(len(ring) - 1)
        ]
        pictures += [shapely.make_valid(shapely.Polygon(uv)) for uv in (base_uv, top_uv)]
    return shapely.union_all(pictures)

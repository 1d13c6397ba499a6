"""Ways between the places of a hall, round all that blocks them, and the stands that they lead past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import distance_transform_edt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.zone import ZoneKind
from tools.layout_truth.true_halls import TrueHall

STEP_M = 0.5
"""Distance between the points of a way."""
SEEN_M = 2.8
"""Depth of the floor in front of a stand on which its visitors-to-be pass it."""
_CELL_M, _BODY_M = 0.25, 0.3
_WANTED_M, _TIGHT_COST = 1.7, 1.5
"""Walkers keep this far from walls where they can."""
_ACCESS_M = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class HallWays:
    """Nodes: one for each open side of each stand, the doors, then the junctions.

    Attributes:
        xy_m: of the nodes, shape (n, 2).
        outwards: away from a stand's side, into the hall at doors, else zero; shape (n, 2).
        front_m: width of a stand's side or door; shape (n,).
        stand: index of the node's stand, or -1; shape (n,).
        length_m: of the ways, infinite where there is none; shape (n, n).
        points: every ``STEP_M`` along each way, repeated at its end; shape (n, n, k, 2).
        passed_m: distance along the way at which it passes a stand, or NaN; shape (n, n, stands).
        nearest: the node of a stand that is nearest to a node; shape (n, stands).
        entrances, exits: nodes, with the entrances' shares of the arrivals.
        sees: whether a stand's front can be seen from a node within 18 m; shape (n, stands).
    """

    xy_m: FloatArray
    outwards: FloatArray
    front_m: FloatArray
    stand: IntArray
    length_m: FloatArray
    points: npt.NDArray[np.float32]
    passed_m: npt.NDArray[np.float32]
    nearest: IntArray
    entrances: IntArray
    exits: IntArray
    entrance_shares: FloatArray
    junctions: IntArray
    sees: BoolArray

    def find_nearest_exit(self, nodes: IntArray) -> IntArray:
        """Return the exit that is nearest to each node."""
        return self.exits[np.argmin(self.length_m[nodes][:, self.exits], axis=1)]

    def measure_to_stands(self, nodes: IntArray) -> FloatArray:
        """Return the way from each node to each stand in metres, shape (m, stands)."""
        return self.length_m[nodes[:, None], self.nearest[nodes]]


def find_ways(hall: TrueHall) -> HallWays:
    """Find all ways of a layout."""
    free, clearance_m = _rasterise(hall)
    xy, outwards, front_m, stand = _list_nodes(hall)
    shape = free.shape
    cells = _find_cells(xy, free)
    graph = _make_graph(free, clearance_m)
    cost, before = dijkstra(graph, directed=False, indices=cells, return_predecessors=True)
    traced = _trace(before, cells)
    length_m, points = _measure(traced, shape, xy)
    length_m[~np.isfinite(cost[:, cells])] = np.inf
    passed = _find_passed(hall, points, length_m, stand)
    count = len(hall.stands)
    nearest = np.empty((len(xy), count), np.int64)
    for index in range(count):
        own = np.flatnonzero(stand == index)
        nearest[:, index] = own[np.argmin(length_m[:, own], axis=1)]
    first_door = len(stand) - len(hall.doors) - len(hall.junctions)
    doors = np.arange(first_door, first_door + len(hall.doors))
    is_entrance = np.array([door.kind is ZoneKind.ENTRANCE for door in hall.doors])
    shares = np.array([door.share for door in hall.doors])[is_entrance]
    return HallWays(
        xy, outwards, front_m, stand, length_m, points, passed, nearest,
        doors[is_entrance], doors[~is_entrance], shares / shares.sum(),
        np.arange(first_door + len(hall.doors), len(xy)), _find_seen(hall, xy),
    )  # fmt: skip


def _rasterise(hall: TrueHall) -> tuple[BoolArray, FloatArray]:
    """Return which cells can be walked on, and their distance from what blocks the way; [y, x]."""
    width, height = (round(side / _CELL_M) for side in hall.size_m)
    blocked = np.zeros((height + 2, width + 2), bool)
    blocked[[0, -1]], blocked[:, [0, -1]] = True, True
    y, x = ((np.arange(count) + 0.5) * _CELL_M for count in (height, width))
    for _, (left, low, right, high) in hall.blocks:
        # cells within; thin walls hold the middle of none
        rows = (y > low - _CELL_M / 2) & (y < high + _CELL_M / 2)
        columns = (x > left - _CELL_M / 2) & (x < right + _CELL_M / 2)
        blocked[1:-1, 1:-1][np.ix_(rows, columns)] = True
    clearance_m = distance_transform_edt(~blocked)[1:-1, 1:-1] * _CELL_M
    return clearance_m > _BODY_M, clearance_m


def _list_nodes(hall: TrueHall) -> tuple[FloatArray, FloatArray, FloatArray, IntArray]:
    rows: list[tuple[float, float, float, float, float, int]] = []
    for index, stand in enumerate(hall.stands):
        for (x, y), (dx, dy), width in stand.spot.list_fronts():
            rows.append((x + _ACCESS_M * dx, y + _ACCESS_M * dy, dx, dy, width, index))
    rows += [(*door.middle, *door.inwards, 2.4, -1) for door in hall.doors]
    rows += [(x, y, 0.0, 0.0, 1.0, -1) for x, y in hall.junctions]
    table = np.array(rows, np.float64)
    return table[:, :2], table[:, 2:4], table[:, 4], table[:, 5].astype(np.int64)


def _find_cells(xy: FloatArray, free: BoolArray) -> IntArray:
    """Return the free cell nearest to each node."""
    _, (row, column) = distance_transform_edt(~free, return_indices=True)
    y = np.clip((xy[:, 1] / _CELL_M).astype(int), 0, free.shape[0] - 1)
    x = np.clip((xy[:, 0] / _CELL_M).astype(int), 0, free.shape[1] - 1)
    cells: IntArray = row[y, x] * free.shape[1] + column[y, x]
    return cells


def _make_graph(free: BoolArray, clearance_m: FloatArray) -> csr_matrix:
    height, width = free.shape
    number = np.arange(height * width).reshape(height, width)
    effort = 1.0 + _TIGHT_COST * np.clip(1.0 - clearance_m / _WANTED_M, 0.0, None)
    starts, ends, costs = [], [], []
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1)):
        rows = slice(0, height - dy)
        left = slice(max(0, -dx), width - max(0, dx))
        right = slice(max(0, dx), width - max(0, -dx))
        a, b = number[rows, left].ravel(), number[dy:, right].ravel()
        both = free.ravel()[a] & free.ravel()[b]
        a, b = a[both], b[both]
        starts.append(a)
        ends.append(b)
        costs.append(np.hypot(dx, dy) * _CELL_M * (effort.ravel()[a] + effort.ravel()[b]) / 2)
    entries = np.concatenate(costs), (np.concatenate(starts), np.concatenate(ends))
    return csr_matrix(entries, shape=(height * width,) * 2)


def _trace(before: IntArray, cells: IntArray) -> IntArray:
    """Return the cells of the way from node i to node j, repeated at its end; shape (n, n, longest)."""
    count = len(cells)
    # the tree of node j leads from everywhere to j
    at = np.tile(cells, (count, 1)).T.copy()
    to = np.tile(cells, (count, 1))
    tree = np.tile(np.arange(count), (count, 1))
    steps = [at]
    for _ in range(4000):
        onward = before[tree, at]
        at = np.where((at == to) | (onward < 0), at, onward)
        if np.array_equal(at, steps[-1]):
            break
        steps.append(at)
    return np.stack(steps, axis=2)


def _measure(
    traced: IntArray, shape: tuple[int, int], xy: FloatArray
) -> tuple[FloatArray, npt.NDArray[np.float32]]:
    """Return the lengths of smoothed ways, and their points every ``STEP_M``."""
    count = len(xy)
    lines: dict[tuple[int, int], FloatArray] = {}
    length_m = np.zeros((count, count))
    kernel = np.ones(5) / 5
    for i in range(count):
        for j in range(count):
            cells = traced[i, j]
            last = int(np.argmax(cells == cells[-1]))
            way = np.column_stack([cells[: last + 1] % shape[1] + 0.5, cells[: last + 1] // shape[1] + 0.5])
            way = way * _CELL_M
            way[0], way[-1] = xy[i], xy[j]
            if len(way) > 5:
                padded = np.vstack([np.repeat(way[:1], 2, 0), way, np.repeat(way[-1:], 2, 0)])
                smooth = np.column_stack([np.convolve(padded[:, axis], kernel, "valid") for axis in (0, 1)])
                smooth[0], smooth[-1] = way[0], way[-1]
                way = smooth
            along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(way, axis=0).T))])
            length_m[i, j] = along[-1]
            at = np.arange(0.0, along[-1] + STEP_M, STEP_M)
            lines[i, j] = np.column_stack([np.interp(at, along, way[:, axis]) for axis in (0, 1)])
    longest = max(len(line) for line in lines.values())
    points = np.empty((count, count, longest + 1, 2), np.float32)
    for (i, j), line in lines.items():
        points[i, j, : len(line)], points[i, j, len(line) :] = line, line[-1]
    return length_m, points


def _find_passed(
    hall: TrueHall, points: npt.NDArray[np.float32], length_m: FloatArray, own: IntArray
) -> npt.NDArray[np.float32]:
    count, _, steps, _ = points.shape
    x, y = points[..., 0], points[..., 1]
    passed = np.full((count, count, len(hall.stands)), np.nan, np.float32)
    at_m = np.arange(steps) * STEP_M
    for index, stand in enumerate(hall.stands):
        left, low, right, high = stand.spot.find_area(SEEN_M)
        inside = (x > left) & (x < right) & (y > low) & (y < high)
        inside &= at_m < length_m[..., None] - 1.0
        total = inside.sum(axis=2)
        # long enough before it to be noticed
        enough = total * STEP_M >= 1.0
        middle = (inside * at_m).sum(axis=2) / np.maximum(total, 1)
        passed[..., index] = np.where(enough, middle, np.nan)
        passed[own == index, :, index] = np.nan
        passed[:, own == index, index] = np.nan
    return passed


def _find_seen(hall: TrueHall, xy: FloatArray) -> BoolArray:
    """Return which fronts are in sight: no body of a stand and no wall between, within 18 m."""
    boxes = np.array([area for _, area in hall.blocks])
    seen = np.zeros((len(xy), len(hall.stands)), bool)
    for index, stand in enumerate(hall.stands):
        for (x, y), (dx, dy), _ in stand.spot.list_fronts():
            goal = np.array([x + 0.1 * dx, y + 0.1 * dy])
            near = np.hypot(*(xy - goal).T) < 18.0
            way = goal - xy
            with np.errstate(divide="ignore", invalid="ignore"):
                first = (boxes[None, :, :2] - xy[:, None]) / way[:, None]
                second = (boxes[None, :, 2:] - xy[:, None]) / way[:, None]
            enter = np.nanmax(np.minimum(first, second), axis=2)
            leave = np.nanmin(np.maximum(first, second), axis=2)
            is_hidden = (np.maximum(enter, 0.0) < np.minimum(leave, 1.0)).any(axis=1)
            seen[:, index] |= near & ~is_hidden
    return seen

"""Crowding of the open floor, and walking speeds in crowded and free minutes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from analytics.density.level_of_service import FRUIN_WALKWAY, Level
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.floor_plan import FloorPlan
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.presence import TIME_TOLERANCE_S, PresenceRows
from analytics.metrics.speed import measure_velocity
from analytics.rollups.open_floor import find_open_floor
from analytics.rollups.queue_tails import find_queueing_stops
from analytics.rollups.stretch import Stretch

CROWDING_COLUMN_NAMES = (
    "slot_s",
    "block",
    "minutes",
    "person_seconds",
    "way_m",
    "visitors",
    "free_person_seconds",
    "free_way_m",
)
"""Columns of the table. ``slot_s``: start of five minutes of the UTC clock. ``block``: raveled index in
``make_crowding_grid`` of the lower left of four cells, a square of 2 m. ``minutes``: those whose mean
density on the block's open floor was worse than level D of Fruin's walkway; ``person_seconds``, ``way_m``
(speed times seconds) and ``visitors`` (different ones, minute by minute) are of these minutes, the
``free`` ones of minutes at level A or B. Only blocks that were crowded in some minute of the stretch have
rows. People in the tail of a queue are left out while they wait, as the queue's finding covers them."""
CELL_M = 1.0
SLOT_S = 300.0
_MINUTE_S = 60.0
MAX_GAP_S = 1.5
CROWDED_PER_M2 = 1.0 / FRUIN_WALKWAY.space_m2[Level.D]
"""Minimum persons per m² of a level worse than D."""
FREE_PER_M2 = 1.0 / FRUIN_WALKWAY.space_m2[Level.B]
MIN_OPEN_M2 = 2.0
"""Minimum open floor of a block with a density: less does not fit a person and their surroundings."""


def make_crowding_grid(plan: FloorPlan) -> FloorGrid:
    """Return the cells of ``crowding``, of 1 m."""
    return FloorGrid.around(plan.outline, cell_m=CELL_M)


def find_block_middles(grid: FloorGrid, block: npt.NDArray[np.int64]) -> FloatArray:
    """Return the middles of blocks, shape (n, 2), metres."""
    row, column = np.divmod(block, grid.columns)
    return np.column_stack(
        [grid.x_m + (column + 1) * grid.cell_m, grid.y_m + (row + 1) * grid.cell_m]
    ).astype(np.float64)


def tabulate_crowding(stretch: Stretch) -> pd.DataFrame:
    """Return one row per slot and block that was ever crowded, columns of ``CROWDING_COLUMN_NAMES``."""
    grid = make_crowding_grid(stretch.plan)
    open_floor = find_open_floor(stretch.plan, stretch.geometry)
    open_m2 = sum_blocks(grid.measure_share(open_floor)[None])[0] * CELL_M**2
    rows = stretch.ordered.cut(longest_gap_s=MAX_GAP_S)
    cells = grid.rows * grid.columns
    first_minute_s = -(stretch.start_utc_s % SLOT_S)
    minutes = max(1, int(np.ceil((stretch.duration_s - first_minute_s) / _MINUTE_S)))
    cell = grid.find_cells(rows.x_m, rows.y_m)
    is_open = (cell >= 0) & contains_approximately(grid, open_floor, rows.x_m, rows.y_m)
    minute = ((rows.time_s - first_minute_s) / _MINUTE_S).astype(np.int64)
    is_open &= ~_find_queueing_rows(stretch, rows)
    used = np.flatnonzero(is_open & (minute >= 0) & (minute < minutes))
    seconds = rows.seconds()
    shape = (minutes, *grid.shape)
    slot = minute[used] * cells + cell[used]

    def add_up(values: FloatArray) -> FloatArray:
        summed = np.bincount(slot, weights=values, minlength=minutes * cells)
        return sum_blocks(summed.astype(np.float64).reshape(shape))

    person_seconds = add_up(seconds[used])
    with np.errstate(divide="ignore", invalid="ignore"):
        density = np.where(open_m2 >= MIN_OPEN_M2, person_seconds / _MINUTE_S / open_m2, np.nan)
    is_crowded = density > CROWDED_PER_M2
    of_block = is_crowded.any(axis=0)
    if not of_block.any():
        return _make_table(0)
    speed = np.nan_to_num(np.hypot(*measure_velocity(rows)))
    way_m = add_up(speed[used] * seconds[used])
    visitors = _count_visitors(minute[used], cell[used], rows.person[used], is_crowded, grid)
    is_free = (density <= FREE_PER_M2) & (person_seconds > 0)
    chosen = np.flatnonzero(of_block.ravel())
    per_slot = int(SLOT_S / _MINUTE_S)
    padding = -minutes % per_slot

    def fold(values: FloatArray) -> FloatArray:
        columns = values.reshape(minutes, -1)[:, chosen]
        padded = np.concatenate([columns, np.zeros((padding, len(chosen)))])
        return np.asarray(padded.reshape(-1, per_slot, len(chosen)).sum(axis=1), np.float64)

    folded = [
        fold(values)
        for values in (
            is_crowded.astype(np.float64),
            np.where(is_crowded, person_seconds, 0.0),
            np.where(is_crowded, way_m, 0.0),
            np.where(is_crowded, visitors, 0.0),
            np.where(is_free, person_seconds, 0.0),
            np.where(is_free, way_m, 0.0),
        )
    ]
    at_slot, at_block = np.nonzero((folded[0] > 0) | (folded[4] > 0))
    table = _make_table(len(at_slot))
    table["slot_s"] = first_minute_s + at_slot * SLOT_S
    rows_at, columns_at = np.divmod(chosen, grid.columns - 1 if grid.columns > 1 else 1)
    table["block"] = (rows_at * grid.columns + columns_at)[at_block].astype(np.int32)
    for name, values in zip(CROWDING_COLUMN_NAMES[2:], folded, strict=True):
        table[name] = values[at_slot, at_block].astype(np.float32)
    return table


def _find_queueing_rows(stretch: Stretch, rows: PresenceRows) -> BoolArray:
    """Return whether each row belongs to someone standing in the tail of a queue then, shape (n,)."""
    stops = find_queueing_stops(stretch)
    # persons one after the other on one clock, more than a stretch apart
    apart_s = 2 * stretch.duration_s + SLOT_S
    clock_s = rows.person * apart_s + rows.time_s
    order = np.argsort(rows.person_ids)
    person = order[np.searchsorted(rows.person_ids, stops["visitor"].to_numpy(np.int64), sorter=order)]
    begin, end = (
        np.searchsorted(clock_s, person * apart_s + stops[name].to_numpy(np.float64) + slack_s)
        for name, slack_s in (("started_s", -TIME_TOLERANCE_S), ("ended_s", TIME_TOLERANCE_S))
    )
    steps = np.zeros(len(clock_s) + 1, np.int64)
    np.add.at(steps, begin, 1)
    np.add.at(steps, end, -1)
    return np.asarray(np.cumsum(steps)[:-1] > 0, bool)


def _count_visitors(
    minute: IntArray, cell: IntArray, person: IntArray, is_crowded: BoolArray, grid: FloorGrid
) -> FloatArray:
    """Count the different people on each block in its crowded minutes, shape of ``is_crowded``.

    Args:
        is_crowded: shape (minutes, rows, columns) of the blocks.
        minute, cell, person: of moments on the open floor, each of shape (n,).
    """
    row, column = np.divmod(cell, grid.columns)
    _, rows, columns = is_crowded.shape
    people = int(person.max()) + 1
    met = []
    for up, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        block_row, block_column = row - up, column - right
        inside = (block_row >= 0) & (block_row < rows) & (block_column >= 0) & (block_column < columns)
        block = (minute * rows + block_row) * columns + block_column
        inside[inside] = is_crowded.ravel()[block[inside]]
        met.append(block[inside] * people + person[inside])
    pairs = np.unique(np.concatenate(met))
    return (
        np.bincount(pairs // people, minlength=is_crowded.size).astype(np.float64).reshape(is_crowded.shape)
    )


def sum_blocks(cells: FloatArray) -> FloatArray:
    """Sum every square of two by two cells; shape (n, rows, columns) becomes one row and column smaller."""
    if cells.shape[1] < 2 or cells.shape[2] < 2:
        return cells
    columns = cells[:, :, 1:] + cells[:, :, :-1]
    return columns[:, 1:] + columns[:, :-1]


def contains_approximately(
    grid: FloorGrid, shape: shapely.Geometry, x_m: FloatArray, y_m: FloatArray
) -> BoolArray:
    """Return whether points lie in a shape, to a tenth of a cell, without geometry for each point."""
    finer = 10
    fine = FloorGrid(grid.x_m, grid.y_m, grid.cell_m / finer, grid.columns * finer, grid.rows * finer)
    shapely.prepare(shape)
    centres = fine.centres()
    is_in = shapely.contains_xy(shape, centres[:, 0], centres[:, 1])
    at = fine.find_cells(x_m, y_m)
    return np.asarray((at >= 0) & is_in[at], bool)


def _make_table(length: int) -> pd.DataFrame:
    table = pd.DataFrame(
        {name: np.zeros(length, np.float32) for name in CROWDING_COLUMN_NAMES},
    )
    return table.astype({"slot_s": "float64", "block": "int32"})

"""The time between one row and the next, of many rows.

They are gone through a part at a time, which stays in a processor's cache.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

STEPS_AT_ONCE = 2**16
SAMPLE = 10_000
"""Of the steps, from which it is guessed where their median lies: within a tenth of them, by ten sigmas."""
GUESSED_SHARE = 0.1


def find_long_steps(time_s: FloatArray, longest_s: float) -> IntArray:
    """Rows that come more than ``longest_s`` after the row before, ascending."""
    found = [begin + 1 + np.flatnonzero(steps_s > longest_s) for begin, steps_s in _walk(time_s)]
    return np.concatenate([np.empty(0, np.int64), *found])


def find_median_step(time_s: FloatArray, starts: IntArray) -> float:
    """The median time between two rows of one segment, seconds; 0 where no segment has two.

    It is exact: only the steps near a guess are put in order, and where the guess fails all of them.

    Args:
        starts: the first row of every segment, ascending, the first row of all among them.
    """
    count = len(time_s) - len(starts)
    if count <= 0:
        return 0.0
    low_s, high_s = _guess_median(time_s, starts)
    middle = np.array([(count - 1) // 2, count // 2])
    below, kept_s = _collect(time_s, starts, low_s, high_s)
    if not below <= middle[0] <= middle[1] < below + len(kept_s):
        below, kept_s = _collect(time_s, starts, -np.inf, np.inf)
    kept_s.partition(middle - below)
    return float(np.mean(kept_s[middle - below]))


def _walk(time_s: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """Parts of the steps, each with the row before its first."""
    for begin in range(0, len(time_s) - 1, STEPS_AT_ONCE):
        yield begin, np.diff(time_s[begin : begin + STEPS_AT_ONCE + 1])


def _guess_median(time_s: FloatArray, starts: IntArray) -> tuple[float, float]:
    if len(time_s) <= 2 * SAMPLE:
        return -np.inf, np.inf
    rows = np.arange(1, len(time_s), len(time_s) // SAMPLE)
    rows = rows[~np.isin(rows, starts)]
    steps_s = np.sort(time_s[rows] - time_s[rows - 1])
    if not len(steps_s):
        return -np.inf, np.inf
    low, high = (round((len(steps_s) - 1) * (0.5 + side * GUESSED_SHARE / 2)) for side in (-1, 1))
    return float(steps_s[low]), float(steps_s[high])


def _collect(time_s: FloatArray, starts: IntArray, low_s: float, high_s: float) -> tuple[int, FloatArray]:
    """How many steps within segments are below a range, and those within it."""
    below, kept = 0, []
    for begin, steps_s in _walk(time_s):
        first, behind = np.searchsorted(starts, (begin + 1, begin + 1 + len(steps_s)))
        steps_s[starts[first:behind] - begin - 1] = np.nan
        below += int(np.count_nonzero(steps_s < low_s))
        kept.append(steps_s[(steps_s >= low_s) & (steps_s <= high_s)])
    return below, np.concatenate(kept)

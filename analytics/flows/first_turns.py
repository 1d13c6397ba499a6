"""First turns: whether visitors go right or left after coming in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import CountingLine
from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.presence import OrderedRows

TURN_DISTANCE_M = 5.0
"""Distance from the line at which visitors are past the door and have chosen."""
STRAIGHT_RAD = np.pi / 6
"""Directions within this angle of straight on are no turn."""


TURN_COLUMN_NAMES = ("line", "visitor", "time_s", "turn")
"""Columns of the table. ``time_s``: when a visitor first came in through the line; ``turn``: a value of
``Turn``."""


class Turn(StrEnum):
    """Direction that a visitor took after coming in."""

    RIGHT = "right"
    LEFT = "left"
    STRAIGHT = "straight"
    LOST = "lost"
    """Track lost before the turn, or stayed nearer."""


@dataclass(frozen=True, slots=True)
class FirstTurns:
    """First turns of the visitors who came in through a line.

    Attributes:
        right, left, straight: number of visitors.
        lost: visitors whose track was lost before the turn, or who stayed nearer.
        share_right: share of those who turned.
    """

    right: int
    left: int
    straight: int
    lost: int
    share_right: Estimate


def list_first_turns(*, ordered: OrderedRows, crossings: pd.DataFrame, line: CountingLine) -> pd.DataFrame:
    """Return the side to which each visitor goes after first coming in, seen from straight ahead.

    Straight ahead is at right angles to the line from its first to its last point, towards its right side
    (the side that ``in`` leads to).

    Args:
        ordered: the tracks by visitor.
        crossings: columns of ``CROSSING_COLUMNS`` of the same visitors.

    Returns:
        Columns of ``TURN_COLUMN_NAMES``, ordered by time.
    """
    came = crossings[(crossings["line"] == str(line.name)) & (crossings["direction"] == "in")]
    came = came.sort_values("time_s", kind="stable").drop_duplicates("visitor")
    (ax, ay), (bx, by) = line.path.points[0], line.path.points[-1]
    straight = np.arctan2(-(bx - ax), by - ay)
    firsts = _find_first_rows(ordered)
    behind = np.append(firsts[1:], len(ordered.time_s)).tolist()
    visitors = ordered.person_ids[ordered.person[firsts]].tolist()
    rows_of = dict(zip(visitors, zip(firsts.tolist(), behind, strict=False), strict=False))
    turns: list[str] = []
    for visitor, at_s in zip(came["visitor"].tolist(), came["time_s"].tolist(), strict=True):
        begin, end = rows_of[visitor]
        since = begin + int(np.searchsorted(ordered.time_s[begin:end], at_s))
        since = min(since, end - 1)
        dx, dy = (values[since:end] - values[since] for values in (ordered.x_m, ordered.y_m))
        far = np.flatnonzero(np.hypot(dx, dy) >= TURN_DISTANCE_M)
        if not len(far):
            turns.append(Turn.LOST.value)
            continue
        angle = np.arctan2(dy[far[0]], dx[far[0]]) - straight
        turns.append(_classify_turn(float((angle + np.pi) % (2 * np.pi) - np.pi)))
    return pd.DataFrame(
        {
            "line": pd.Series([str(line.name)] * len(came), dtype="str"),
            "visitor": came["visitor"].to_numpy(np.int64),
            "time_s": came["time_s"].to_numpy(np.float64),
            "turn": pd.Series(turns, dtype="str"),
        }
    )


def summarise_turns(
    at_s: FloatArray, counts: Mapping[Turn, FloatArray], *, blocks: PeriodBlocks
) -> FirstTurns:
    """Count and share the turns behind one line.

    Args:
        at_s: moments of coming in, shape (n,); ``counts`` holds the visitors of each moment by turn.
    """
    right, left = (blocks.count(at_s, counts[turn]) for turn in (Turn.RIGHT, Turn.LEFT))
    return FirstTurns(
        right=round(right.sum()),
        left=round(left.sum()),
        straight=round(counts[Turn.STRAIGHT].sum()),
        lost=round(counts[Turn.LOST].sum()),
        share_right=blocks.divide(right, right + left, high=1.0),
    )


def _classify_turn(angle_rad: float) -> str:
    """Return the turn at an angle from straight ahead, counter-clockwise, -pi to pi."""
    if abs(angle_rad) <= STRAIGHT_RAD:
        return Turn.STRAIGHT.value
    return Turn.LEFT.value if angle_rad > 0 else Turn.RIGHT.value


def _find_first_rows(ordered: OrderedRows) -> npt.NDArray[np.int64]:
    """Return the first row of every person, shape (persons,)."""
    if not len(ordered.person):
        return np.empty(0, np.int64)
    changes = np.flatnonzero(np.diff(ordered.person)) + 1
    return np.concatenate([[0], changes]).astype(np.int64)

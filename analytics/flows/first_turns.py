"""Whether visitors turn right or left when they have come in."""

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

AFTER_M = 5.0
"""So far from where they came in, visitors are past the door and have chosen."""
STRAIGHT_RAD = np.pi / 6
"""Within this angle of straight on, nobody has turned."""


TURN_COLUMN_NAMES = ("line", "visitor", "time_s", "turn")
"""``time_s``: when a visitor first came in through the line; ``turn``: a value of ``Turn``."""


class Turn(StrEnum):
    """Where a visitor went who came in."""

    RIGHT = "right"
    LEFT = "left"
    STRAIGHT = "straight"
    LOST = "lost"
    """Lost from sight before it could be told, or stayed nearer."""


@dataclass(frozen=True, slots=True)
class FirstTurns:
    """Of visitors who came in through a line and were followed far enough.

    Attributes:
        right, left, straight: how many.
        lost: who were lost from sight before, or stayed nearer.
        share_right: of those who turned.
    """

    right: int
    left: int
    straight: int
    lost: int
    share_right: Estimate


def list_first_turns(
    *, ordered: OrderedRows, crossings: pd.DataFrame, line: CountingLine, after_m: float = AFTER_M
) -> pd.DataFrame:
    """The side to which each visitor goes after they first came in, seen from the way straight in.

    Straight in is at right angles to the line from its first to its last point, towards its right side (the
    side that ``in`` leads to).

    Args:
        ordered: the tracks by visitor.
        crossings: columns of ``CROSSING_COLUMNS`` of the same visitors.
        after_m: the turn is taken from where a visitor is first so far from the place of crossing.

    Returns:
        Columns of ``TURN_COLUMN_NAMES``, ordered by time.
    """
    came = crossings[(crossings["line"] == str(line.name)) & (crossings["direction"] == "in")]
    came = came.sort_values("time_s", kind="stable").drop_duplicates("visitor")
    (ax, ay), (bx, by) = line.path.points[0], line.path.points[-1]
    straight = np.arctan2(-(bx - ax), by - ay)
    firsts = _find_firsts(ordered)
    behind = np.append(firsts[1:], len(ordered.time_s)).tolist()
    visitors = ordered.person_ids[ordered.person[firsts]].tolist()
    rows_of = dict(zip(visitors, zip(firsts.tolist(), behind, strict=False), strict=False))
    turns: list[str] = []
    for visitor, at_s in zip(came["visitor"].tolist(), came["time_s"].tolist(), strict=True):
        begin, end = rows_of[visitor]
        since = begin + int(np.searchsorted(ordered.time_s[begin:end], at_s))
        since = min(since, end - 1)
        dx, dy = (values[since:end] - values[since] for values in (ordered.x_m, ordered.y_m))
        far = np.flatnonzero(np.hypot(dx, dy) >= after_m)
        if not len(far):
            turns.append(Turn.LOST.value)
            continue
        angle = np.arctan2(dy[far[0]], dx[far[0]]) - straight
        turns.append(_name_turn(float((angle + np.pi) % (2 * np.pi) - np.pi)))
    return pd.DataFrame(
        {
            "line": pd.Series([str(line.name)] * len(came), dtype="str"),
            "visitor": came["visitor"].to_numpy(np.int64),
            "time_s": came["time_s"].to_numpy(np.float64),
            "turn": pd.Series(turns, dtype="str"),
        }
    )


def share_turns(at_s: FloatArray, counts: Mapping[Turn, FloatArray], *, blocks: PeriodBlocks) -> FirstTurns:
    """The turns behind one line counted and shared.

    Args:
        at_s: moments, shape (n,), at which so many came in who went to each side.
    """
    right, left = (blocks.count(at_s, counts[turn]) for turn in (Turn.RIGHT, Turn.LEFT))
    return FirstTurns(
        right=round(right.sum()),
        left=round(left.sum()),
        straight=round(counts[Turn.STRAIGHT].sum()),
        lost=round(counts[Turn.LOST].sum()),
        share_right=blocks.divide(right, right + left, high=1.0),
    )


def _name_turn(angle_rad: float) -> str:
    """Of an angle from straight in, counterclockwise, -pi to pi."""
    if abs(angle_rad) <= STRAIGHT_RAD:
        return Turn.STRAIGHT.value
    return Turn.LEFT.value if angle_rad > 0 else Turn.RIGHT.value


def _find_firsts(ordered: OrderedRows) -> npt.NDArray[np.int64]:
    """The first row of every person, shape (persons,)."""
    if not len(ordered.person):
        return np.empty(0, np.int64)
    changes = np.flatnonzero(np.diff(ordered.person)) + 1
    return np.concatenate([[0], changes]).astype(np.int64)

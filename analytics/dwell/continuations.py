"""Joining of lost stays with nearby new ones, so that counts do not depend on re-identification."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import IntArray
from analytics.dwell.visits import UNJOINED_EDGES

_END_NAMES = ("left_s", "end_edge", "end_x_m", "end_y_m", "end_error_s")
OVERLAP_S = 0.5
"""Maximum overlap of a lost track and its continuation, which is credited with its past when confirmed."""


@dataclass(frozen=True, slots=True)
class ContinuationSettings:
    """When a stay that begins inside a zone is taken to continue one that ended inside it.

    Tuned on simulated crowds whose tracks break every 10 to 60 s, with and without stitching: visits come out
    at 0.97 to 1.00 of the truth in all of them.

    Attributes:
        longest_gap_s: after a longer gap, one person is taken to have left and another to have come.
        reach_m: a distance that costs as much as ``gap_s``; nothing is joined over three times as much.
        gap_s: a time that costs as much as ``reach_m``.
    """

    longest_gap_s: float = 10.0
    reach_m: float = 0.5
    gap_s: float = 20.0


def join_continuations(*, stays: pd.DataFrame, settings: ContinuationSettings) -> pd.DataFrame:
    """Join each lost stay with the stay that begins nearby and soon after it.

    This does not identify anyone: two people who change places give the same number of stays and the same
    seconds. Counts and person-seconds thus need no re-identification, and a briefly hidden person counts as
    present. The likeliest pairs are joined first, each end and each start once.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES``, of any zones.

    Returns:
        The same columns; a joined stay has the visitor and the start of its first part, and the sum of the
        parts' ``stop_s`` if there is that column.
    """
    ends, starts = (
        np.flatnonzero(stays[edge].isin(UNJOINED_EDGES).to_numpy(bool)) for edge in ("end_edge", "start_edge")
    )
    if not len(ends) or not len(starts):
        return stays
    entered_s = stays["entered_s"].to_numpy(np.float64)
    before, after = _choose_pairs(stays, ends, starts, settings)
    if not len(before):
        return stays
    following = dict(zip(before.tolist(), after.tolist(), strict=True))
    last = np.arange(len(stays))
    for first in set(following) - set(following.values()):
        end = first
        while end in following:
            end = following[end]
        last[first] = end
    is_kept = np.ones(len(stays), bool)
    is_kept[after] = False
    last = last[is_kept]
    # whole columns: to set single rows in one of text takes several times as long
    joined = stays[is_kept].assign(**{name: stays[name].array.take(last) for name in _END_NAMES})
    joined = joined.assign(seconds=joined["left_s"] - joined["entered_s"])
    if "stop_s" in stays:
        stop_s = stays["stop_s"].to_numpy(np.float64).copy()
        # later parts first, so that each hands on the sum of all behind it
        for part in sorted(following, key=lambda row: -entered_s[row]):
            stop_s[part] += stop_s[following[part]]
        joined = joined.assign(stop_s=stop_s[is_kept])
    return joined


def _choose_pairs(
    stays: pd.DataFrame, ends: IntArray, starts: IntArray, settings: ContinuationSettings
) -> tuple[IntArray, IntArray]:
    """Return pairs of stays to join: indices of the earlier and of the later stays.

    Args:
        ends, starts: indices of the stays that end lost and that begin lost.
    """
    entered_s, left_s, start_x_m, start_y_m, end_x_m, end_y_m = (
        stays[name].to_numpy(np.float64)
        for name in ("entered_s", "left_s", "start_x_m", "start_y_m", "end_x_m", "end_y_m")
    )
    zone, _ = pd.factorize(stays["zone"])
    starts = starts[np.argsort(entered_s[starts], kind="stable")]
    first = np.searchsorted(entered_s[starts], left_s[ends] - OVERLAP_S)
    behind = np.searchsorted(entered_s[starts], left_s[ends] + settings.longest_gap_s, side="right")
    count = behind - first
    before = np.repeat(ends, count)
    offset = np.arange(len(before)) - np.repeat(np.cumsum(count) - count, count)
    after = starts[np.repeat(first, count) + offset]
    # a stay that is cut at both ends starts before it ends, so that no chain becomes a loop
    is_later = (left_s[after] > left_s[before]) & (entered_s[after] > entered_s[before])
    is_later &= zone[after] == zone[before]
    way_x, way_y = start_x_m[after] - end_x_m[before], start_y_m[after] - end_y_m[before]
    gap_s = np.maximum(entered_s[after] - left_s[before], 0.0)
    squared = (way_x**2 + way_y**2) / settings.reach_m**2
    cost = squared + gap_s / settings.gap_s
    candidates = np.flatnonzero(is_later & (squared <= 9.0))
    chosen = []
    is_end_free, is_start_free = np.ones(len(stays), bool), np.ones(len(stays), bool)
    for pair in candidates[np.argsort(cost[candidates], kind="stable")].tolist():
        if is_end_free[before[pair]] and is_start_free[after[pair]]:
            is_end_free[before[pair]] = is_start_free[after[pair]] = False
            chosen.append(pair)
    return before[chosen].astype(np.int64), after[chosen].astype(np.int64)

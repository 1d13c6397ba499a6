"""Routes of visitors: common routes, origins and destinations, funnels, detours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.arrays import IntArray
from analytics.flows.ways import Ways

MIN_SUPPORT = 5
"""Minimum number of visitors of a reported route, so that nobody can be recognised."""
MAX_ROUTE_ZONES = 5

ROUTE_COLUMN_NAMES = ("route", "zones", "visitors", "share")


def count_common_routes(
    ways: Ways, *, min_support: int = MIN_SUPPORT, longest: int = MAX_ROUTE_ZONES, most: int | None = None
) -> pd.DataFrame:
    """Count the sequences of two or more zones that visitors take without another zone between.

    A visitor counts once for a route, however often they took it. An incomplete journey counts with its seen
    part, so that long routes are undercounted where tracks break.

    A route is never more frequent than any part of it (Agrawal and Srikant 1994, Fast algorithms for mining
    association rules): longer ones are searched only where all shorter ones are frequent.

    Args:
        longest: maximum number of zones of a route.
        most: maximum number of routes returned, the most frequent first.

    Returns:
        Columns of ``ROUTE_COLUMN_NAMES``, the most frequent first: ``route`` a tuple of names, ``zones`` its
        length, ``share`` of the visitors of at least one zone. Routes under ``min_support`` are left out.
    """
    # narrow integers: a month of them exceeds the processor's cache
    zone, way, zones = ways.zone.astype(np.int32), ways.way_of_step.astype(np.uint32), len(ways.names)
    # start and index of known routes; at first each zone followed by another is one
    at = np.flatnonzero(way[1:] == way[:-1])
    place = zone[at]
    known: list[tuple[str, ...]] = [(name,) for name in ways.names]
    least = max(1, min_support)
    found: list[tuple[tuple[str, ...], int]] = []
    for length in range(2, longest + 1):
        key = place * np.int32(zones) + zone[at + length - 1]
        routes, counts = _count_ways(key, way[at], (len(known) * zones, len(ways)))
        if most is not None and (counts >= least).sum() >= most:
            least = max(least, int(np.partition(counts, -most)[-most]))
        routes, counts = routes[counts >= least], counts[counts >= least]
        place_of = np.full(len(known) * zones, -1, np.int32)
        place_of[routes] = np.arange(len(routes))
        known = [(*known[code // zones], ways.names[code % zones]) for code in routes.tolist()]
        found += zip(known, counts.tolist(), strict=True)
        place = place_of[key]
        at, place = at[place >= 0], place[place >= 0]
        # the next zone belongs to a route that begins one step later
        goes_on = np.append(at[1:] == at[:-1] + 1, False)[: len(at)]
        at, place = at[goes_on], place[goes_on]
    common = sorted(
        ((names, count) for names, count in found if count >= least),
        key=lambda item: (-item[1], -len(item[0]), item[0]),
    )[:most]
    visitors = int((ways.lengths > 0).sum())
    return pd.DataFrame(
        {
            "route": pd.Series([names for names, _ in common], dtype=object),
            "zones": np.array([len(names) for names, _ in common], np.int64),
            "visitors": np.array([count for _, count in common], np.int64),
            "share": np.array([count / visitors for _, count in common], np.float64),
        }
    )


def _count_ways(
    key: npt.NDArray[np.int32], way: npt.NDArray[np.uint32], below: tuple[int, int]
) -> tuple[IntArray, IntArray]:
    """Return the distinct keys in rising order, and the ways that have each; both are less than ``below``."""
    keys, ways = below
    kind = np.uint32 if keys * ways < 2**32 else np.uint64
    pairs: npt.NDArray[np.integer[Any]] = key.astype(kind)
    pairs *= kind(ways)
    pairs += way
    pairs.sort()
    different = pairs[_find_first(pairs)] // kind(max(ways, 1))
    first = np.flatnonzero(_find_first(different))
    return different[first].astype(np.int64), np.diff(np.append(first, len(different)))


def _find_first(ordered: npt.NDArray[np.integer[Any]]) -> npt.NDArray[np.bool_]:
    """Return which values differ from the previous one, same shape."""
    return np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]


@dataclass(frozen=True, slots=True, eq=False)
class OriginsDestinations:
    """Origins and destinations of whole journeys.

    Attributes:
        counts: ``from``, ``to``, ``visitors``, ``share`` of the whole journeys; the most frequent first.
        whole: journeys from their seen beginning to their seen end, with a zone.
        left_out: of these, the visitors of pairs with too little support.
        cut: journeys with a zone and an unseen end, which are not counted here.
    """

    counts: pd.DataFrame
    whole: int
    left_out: int
    cut: int


def count_origins_destinations(ways: Ways) -> OriginsDestinations:
    """Count the first and last zone of each whole journey, as pairs."""
    has_zone = ways.lengths > 0
    is_counted = has_zone & ways.is_whole
    zones, whole = len(ways.names), int(is_counted.sum())
    first, last = (ways.zone[at[is_counted]] for at in (ways.first[:-1], ways.first[1:] - 1))
    pairs, counts = np.unique(first * zones + last, return_counts=True)
    common = sorted(
        (
            ((ways.names[pair // zones], ways.names[pair % zones]), count)
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
            if count >= MIN_SUPPORT
        ),
        key=lambda item: (-item[1], item[0]),
    )
    listed = sum(count for _, count in common)
    table = pd.DataFrame(
        {
            "from": pd.Series([pair[0] for pair, _ in common], dtype="str"),
            "to": pd.Series([pair[1] for pair, _ in common], dtype="str"),
            "visitors": np.array([count for _, count in common], np.int64),
            "share": np.array([count / whole for _, count in common], np.float64),
        }
    )
    return OriginsDestinations(table, whole, whole - listed, int(has_zone.sum()) - whole)


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of a funnel.

    Attributes:
        reached: visitors who were seen to reach it, after all previous steps.
        undecided: visitors who reached the previous step and were lost since.
        share_of_step: share of those whose step is decided, so that lost tracks do not count as people who
            left; None if there are none. Too high where many are lost, because early arrivals are seen and
            late departures are not.
        share_of_start: ``reached`` over the first step, a lower limit.
        maybe_of_start: share of the first step lost earlier, who may have come here.
    """

    zone: str
    reached: int
    undecided: int
    share_of_step: float | None
    share_of_start: float | None
    maybe_of_start: float | None


def compute_funnel(ways: Ways, *, steps: Sequence[str]) -> tuple[FunnelStep, ...]:
    """Count the visitors who get from each step of a route to the next, other zones between allowed.

    Args:
        steps: names of zones in order, such as entrance, stand, till, exit.
    """
    reached = _count_reached(ways, steps)
    start, lost = int((reached > 0).sum()), 0
    funnel: list[FunnelStep] = []
    for step, zone in enumerate(steps):
        is_here, at_risk = reached > step, reached >= step
        here = int(is_here.sum())
        undecided = int((at_risk & ~is_here & ~ways.is_end_seen).sum()) if step else 0
        decided = int(at_risk.sum()) - undecided if step else 0
        lost += undecided
        of_start = (here / start, lost / start) if start else (None, None)
        funnel.append(FunnelStep(zone, here, undecided, here / decided if decided else None, *of_start))
    return tuple(funnel)


def _count_reached(ways: Ways, steps: Sequence[str]) -> IntArray:
    """Return the number of consecutive steps that each visitor reached, shape (ways,)."""
    reached = np.zeros(len(ways), np.int64)
    # first unused step of each way
    used = ways.first[:-1].copy()
    for step, zone in enumerate(steps):
        of_zone = np.flatnonzero(ways.zone == ways.find(zone))
        place = np.searchsorted(of_zone, used)
        behind = np.append(of_zone, len(ways.zone))[place]
        got_here = (reached == step) & (behind < ways.first[1:])
        reached[got_here] += 1
        used[got_here] = behind[got_here] + 1
    return reached


def find_detours(ways: Ways, *, min_support: int = MIN_SUPPORT) -> pd.DataFrame:
    """Find zones that visitors enter from a zone and leave to the same one.

    Returns:
        ``zone``, ``passages`` (moves in and out of which both neighbours are known), ``returns`` and
        ``share``, the largest first; zones with too few passages are left out. A zone near 1 is a dead end.
    """
    way = ways.way_of_step
    is_between = way[2:] == way[:-2]
    zone = ways.zone[1:-1][is_between]
    does_return = ways.zone[2:][is_between] == ways.zone[:-2][is_between]
    passages = np.bincount(zone, minlength=len(ways.names))
    returns = np.bincount(zone[does_return], minlength=len(ways.names))
    rows = [
        (name, count, back, back / count)
        for name, count, back in zip(ways.names, passages.tolist(), returns.tolist(), strict=True)
        if count >= max(1, min_support)
    ]
    rows.sort(key=lambda row: (-row[3], row[0]))
    table = pd.DataFrame(rows, columns=["zone", "passages", "returns", "share"])
    return table.astype({"passages": "int64", "returns": "int64", "share": "float64"})

"""Which ways visitors take: common routes, origins and destinations, funnels, predictability."""

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
"""What fewer visitors did is not told, so that nobody can be recognised."""
MAX_ROUTE = 5

ROUTE_COLUMN_NAMES = ("route", "zones", "visitors", "share")


def count_common_routes(
    ways: Ways, *, min_support: int = MIN_SUPPORT, longest: int = MAX_ROUTE, most: int | None = None
) -> pd.DataFrame:
    """The sequences of two zones and more that visitors take without another zone between.

    A visitor counts once for a route, however often they took it. A journey that was cut counts with what was
    seen of it, so that long routes are counted too low where tracks break.

    A route is never more frequent than any part of it (Agrawal and Srikant 1994, Fast algorithms for mining
    association rules): longer ones are looked for only where all shorter ones are frequent.

    Args:
        most: so many of the most frequent ones are enough.

    Returns:
        Columns of ``ROUTE_COLUMN_NAMES``, the most frequent first: ``route`` a tuple of names, ``zones`` its
        length, ``share`` of the visitors of at least one zone. Without those under ``min_support``.
    """
    # narrow numbers: a month of them is more than the processor's own memory holds
    zone, way, zones = ways.zone.astype(np.int32), ways.way_of_step.astype(np.uint32), len(ways.names)
    # where known routes begin, and which; at first each zone that another one follows is one
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
        # the next zone is that of a route which begins one step behind
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
    """The different keys in rising order, and how many ways have each; both are less than ``below``."""
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
    """Which values are not the one before, shape as given."""
    return np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]


@dataclass(frozen=True, slots=True, eq=False)
class OriginsDestinations:
    """Where whole journeys began and ended.

    Attributes:
        counts: ``from``, ``to``, ``visitors``, ``share`` of the whole journeys; the most frequent first.
        whole: journeys from their seen beginning to their seen end, with a zone.
        left_out: of these, the visitors of pairs with too little support.
        cut: journeys with a zone of which an end was not seen; they tell nothing here.
    """

    counts: pd.DataFrame
    whole: int
    left_out: int
    cut: int


def count_origins_destinations(ways: Ways, *, min_support: int = MIN_SUPPORT) -> OriginsDestinations:
    """The first and last zone of each whole journey, as pairs."""
    has_zone = ways.lengths > 0
    is_told = has_zone & ways.is_whole
    zones, whole = len(ways.names), int(is_told.sum())
    first, last = (ways.zone[at[is_told]] for at in (ways.first[:-1], ways.first[1:] - 1))
    pairs, counts = np.unique(first * zones + last, return_counts=True)
    common = sorted(
        (
            ((ways.names[pair // zones], ways.names[pair % zones]), count)
            for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True)
            if count >= min_support
        ),
        key=lambda item: (-item[1], item[0]),
    )
    told = sum(count for _, count in common)
    table = pd.DataFrame(
        {
            "from": pd.Series([pair[0] for pair, _ in common], dtype="str"),
            "to": pd.Series([pair[1] for pair, _ in common], dtype="str"),
            "visitors": np.array([count for _, count in common], np.int64),
            "share": np.array([count / whole for _, count in common], np.float64),
        }
    )
    return OriginsDestinations(table, whole, whole - told, int(has_zone.sum()) - whole)


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of a way.

    Attributes:
        reached: visitors who were seen to reach it, after all the steps before.
        undecided: who reached the step before and was lost from sight since.
        share_of_step: of those whose step is decided; None where there are none.
        share_of_start: the product of these shares, so that lost tracks are not taken for people who left
            (Kaplan and Meier 1958, over steps instead of time).
    """

    zone: str
    reached: int
    undecided: int
    share_of_step: float | None
    share_of_start: float | None


def compute_funnel(ways: Ways, *, steps: Sequence[str]) -> tuple[FunnelStep, ...]:
    """How many visitors get from the first zone of a way to each next one, others between allowed.

    Args:
        steps: names of zones in the order of the way, such as entrance, stand, till, exit.
    """
    reached = _count_reached(ways, steps)
    funnel: list[FunnelStep] = []
    product: float | None = 1.0
    for step, zone in enumerate(steps):
        got_here = reached > step
        if step == 0:
            funnel.append(FunnelStep(zone, int(got_here.sum()), 0, None, 1.0 if got_here.any() else None))
            continue
        at_risk = reached >= step
        undecided = int((at_risk & ~got_here & ~ways.is_end_seen).sum())
        decided = int(at_risk.sum()) - undecided
        share = int(got_here.sum()) / decided if decided else None
        product = None if share is None or product is None else product * share
        funnel.append(FunnelStep(zone, int(got_here.sum()), undecided, share, product))
    return tuple(funnel)


def _count_reached(ways: Ways, steps: Sequence[str]) -> IntArray:
    """How many of the steps each visitor came to, one after the other, shape (ways,)."""
    reached = np.zeros(len(ways), np.int64)
    # up to where each way is used up
    used = ways.first[:-1].copy()
    for step, zone in enumerate(steps):
        of_zone = np.flatnonzero(ways.zone == ways.find(zone))
        place = np.searchsorted(of_zone, used)
        behind = np.append(of_zone, len(ways.zone))[place]
        got_here = (reached == step) & (behind < ways.first[1:])
        reached[got_here] += 1
        used[got_here] = behind[got_here] + 1
    return reached


def measure_path_entropy(transitions: pd.DataFrame) -> float | None:
    """How unpredictable the next zone is, bits: 0 where all go one way; None without a move.

    The entropy rate H = - sum_i w_i sum_j p_ij log2 p_ij of the transition matrix, with the shares w_i of the
    moves out of each zone (Shannon 1948, A mathematical theory of communication, section 7).

    Args:
        transitions: columns of ``TRANSITION_COLUMN_NAMES``.
    """
    moves, share = (transitions[name].to_numpy(np.float64) for name in ("weighted_moves", "share"))
    if not moves.sum() > 0:
        return None
    known = share > 0
    return float(-(moves[known] * np.log2(share[known])).sum() / moves.sum()) + 0.0


def find_detours(ways: Ways, *, min_support: int = MIN_SUPPORT) -> pd.DataFrame:
    """Zones that visitors enter from a zone and leave to the same one: ends of a way.

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

"""Which ways visitors take: common routes, origins and destinations, first stops, funnels, predictability."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate
from analytics.metrics.journeys import choose_whole

LEAST_SUPPORT = 5
"""What fewer visitors did is not told, so that nobody can be recognised."""
LONGEST_ROUTE = 5

ROUTE_COLUMN_NAMES = ("route", "zones", "visitors", "share")


def count_common_routes(
    journeys: pd.DataFrame, *, least_support: int = LEAST_SUPPORT, longest: int = LONGEST_ROUTE
) -> pd.DataFrame:
    """The sequences of two zones and more that visitors take without another zone between.

    A visitor counts once for a route, however often they took it. A journey that was cut counts with what was
    seen of it, so that long routes are counted too low where tracks break.

    Returns:
        Columns of ``ROUTE_COLUMN_NAMES``, the most frequent first: ``route`` a tuple of names, ``zones`` its
        length, ``share`` of the visitors of at least one zone. Without those under ``least_support``.
    """
    support: Counter[tuple[str, ...]] = Counter()
    visitors = 0
    for zones, count in Counter(journeys["zones"]).items():
        visitors += count if zones else 0
        for route in {
            zones[begin : begin + length]
            for length in range(2, min(longest, len(zones)) + 1)
            for begin in range(len(zones) - length + 1)
        }:
            support[route] += count
    common = sorted(
        ((route, count) for route, count in support.items() if count >= least_support),
        key=lambda item: (-item[1], -len(item[0]), item[0]),
    )
    return pd.DataFrame(
        {
            "route": pd.Series([route for route, _ in common], dtype=object),
            "zones": np.array([len(route) for route, _ in common], np.int64),
            "visitors": np.array([count for _, count in common], np.int64),
            "share": np.array([count / visitors for _, count in common], np.float64),
        }
    )


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


def count_origins_destinations(
    journeys: pd.DataFrame, *, least_support: int = LEAST_SUPPORT
) -> OriginsDestinations:
    """The first and last zone of each whole journey, as pairs."""
    with_zone = journeys[journeys["zones"].map(len) > 0]
    whole = choose_whole(with_zone)
    pairs = Counter((zones[0], zones[-1]) for zones in whole["zones"])
    common = sorted(
        ((pair, count) for pair, count in pairs.items() if count >= least_support),
        key=lambda item: (-item[1], item[0]),
    )
    told = sum(count for _, count in common)
    counts = pd.DataFrame(
        {
            "from": pd.Series([pair[0] for pair, _ in common], dtype="str"),
            "to": pd.Series([pair[1] for pair, _ in common], dtype="str"),
            "visitors": np.array([count for _, count in common], np.int64),
            "share": np.array([count / len(whole) for _, count in common], np.float64),
        }
    )
    return OriginsDestinations(counts, len(whole), len(whole) - told, len(with_zone) - len(whole))


def estimate_first_stops(
    *, journeys: pd.DataFrame, stopped: pd.DataFrame, blocks: PeriodBlocks
) -> dict[str, Estimate]:
    """At which zone visitors stop first: its share of those who stop at all, the largest first.

    Only visitors whose beginning was seen tell what was first.

    Args:
        stopped: visits with a stop: ``visitor``, ``zone``, ``entered_s``.
    """
    first = choose_first_stops(journeys=journeys, stopped=stopped)
    moments = first["entered_s"].to_numpy(np.float64)
    everybody = blocks.count(moments)
    shares = {
        str(zone): blocks.divide(
            blocks.count(moments[(first["zone"] == zone).to_numpy()]), everybody, high=1.0
        )
        for zone in sorted(set(first["zone"]))
    }
    return dict(sorted(shares.items(), key=lambda item: -(item[1].value or 0.0)))


def choose_first_stops(*, journeys: pd.DataFrame, stopped: pd.DataFrame) -> pd.DataFrame:
    """The first of the visits with a stop of each visitor whose beginning was seen, as in ``stopped``."""
    came = journeys.loc[journeys["is_start_seen"], ["visitor"]]
    first = stopped.sort_values("entered_s", kind="stable").drop_duplicates("visitor")
    return first.merge(came, on="visitor")


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


def compute_funnel(*, journeys: pd.DataFrame, steps: Sequence[str]) -> tuple[FunnelStep, ...]:
    """How many visitors get from the first zone of a way to each next one, others between allowed.

    Args:
        steps: names of zones in the order of the way, such as entrance, stand, till, exit.
    """
    reached = np.zeros(len(journeys), np.int64)
    for row, zones in enumerate(journeys["zones"]):
        for zone in zones:
            if reached[row] < len(steps) and zone == steps[reached[row]]:
                reached[row] += 1
    is_decided = journeys["is_end_seen"].to_numpy(bool)
    funnel: list[FunnelStep] = []
    product: float | None = 1.0
    for step, zone in enumerate(steps):
        got_here = reached > step
        if step == 0:
            funnel.append(FunnelStep(zone, int(got_here.sum()), 0, None, 1.0 if got_here.any() else None))
            continue
        at_risk = reached >= step
        undecided = int((at_risk & ~got_here & ~is_decided).sum())
        decided = int(at_risk.sum()) - undecided
        share = int(got_here.sum()) / decided if decided else None
        product = None if share is None or product is None else product * share
        funnel.append(FunnelStep(zone, int(got_here.sum()), undecided, share, product))
    return tuple(funnel)


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


def find_detours(journeys: pd.DataFrame, *, least_support: int = LEAST_SUPPORT) -> pd.DataFrame:
    """Zones that visitors enter from a zone and leave to the same one: ends of a way.

    Returns:
        ``zone``, ``passages`` (moves in and out of which both neighbours are known), ``returns`` and
        ``share``, the largest first; zones with too few passages are left out. A zone near 1 is a dead end.
    """
    passages: Counter[str] = Counter()
    returns: Counter[str] = Counter()
    for zones, count in Counter(journeys["zones"]).items():
        for before, (zone, after) in zip(zones, itertools.pairwise(zones[1:]), strict=False):
            passages[zone] += count
            returns[zone] += count if before == after else 0
    rows = [
        (zone, count, returns[zone], returns[zone] / count)
        for zone, count in passages.items()
        if count >= least_support
    ]
    rows.sort(key=lambda row: (-row[3], row[0]))
    table = pd.DataFrame(rows, columns=["zone", "passages", "returns", "share"])
    return table.astype({"passages": "int64", "returns": "int64", "share": "float64"})

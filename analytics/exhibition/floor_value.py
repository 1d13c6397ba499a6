"""What each square metre of floor earns: its share of what visitors give, against what its exhibitor pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.metrics.block_ratio import BlockSettings, divide_blocks
from analytics.metrics.estimate import Estimate

MIN_BLOCKS = 4
"""With fewer blocks an interval says more than the data do."""
MANY = 0.5
"""When fewer of the stands were observed, none is compared: a camera at the door may look at night, too."""
MIN_OBSERVED = 0.8
"""Of the time in which many were: a stand that was observed for less is not compared."""
ALIKE = 0.8
"""Who is observed for less of a step than the stand that is observed longest is not observed like it."""


class PriceVerdict(StrEnum):
    """How a rent compares with the fair one."""

    DEAR = "dear"
    """The exhibitor pays more than the interval of the fair rent reaches."""
    CHEAP = "cheap"
    FAIR = "fair"
    """The fair rent's interval holds the rent: no difference is proven."""
    UNKNOWN = "unknown"
    """There is no rent, nothing was observed, or too little for an interval."""
    UNSEEN = "unseen"
    """The stand was not observed for as long as others, and is not compared."""


@dataclass(frozen=True, slots=True)
class StandValue:
    """One stand.

    Attributes:
        rent: for the whole show.
        value: what it had in the common time: exposed visitors, stops or engaged minutes.
        cost: rent of the common time over the value; None where either is not known.
        fair_rent: for the whole show, at which every compared stand pays the same for its value of a day.
        fair_price_m2: the same per m².
    """

    rent: float | None
    value: float
    cost: float | None
    fair_rent: Estimate
    fair_price_m2: Estimate
    verdict: PriceVerdict


@dataclass(frozen=True, slots=True, eq=False)
class SharedTime:
    """The time in which stands can be held against each other, in steps of the clock.

    Attributes:
        is_compared: the stands that were observed like the one that was observed longest for at least
            ``MIN_OBSERVED`` of the time, shape (stands,).
        seconds: of each step that counts, shape (steps,): 0 where any of these was not observed alike.
    """

    is_compared: BoolArray
    seconds: FloatArray


def find_common_time(observed_s: FloatArray) -> SharedTime:
    """Return when all stands were observed alike, but for those that were observed too little.

    Looked at is the time in which at least ``MANY`` of them were.

    Args:
        observed_s: of each stand in each step, shape (stands, steps); 0 in steps that are not to count.
    """
    longest_s = observed_s.max(axis=0, initial=0.0)
    is_alike = (observed_s >= ALIKE * longest_s) & (longest_s > 0)
    longest_s = np.where(is_alike.sum(axis=0) >= MANY * len(observed_s), longest_s, 0.0)
    whole_s = float(longest_s.sum())
    is_compared = is_alike @ longest_s >= MIN_OBSERVED * whole_s if whole_s > 0 else is_alike.any(axis=1)
    is_common = is_alike[is_compared].all(axis=0) & is_compared.any()
    return SharedTime(is_compared, np.where(is_common, longest_s, 0.0))


def value_stands(
    *,
    values: Mapping[str, FloatArray],
    seconds: FloatArray,
    days: IntArray,
    rents: Mapping[str, float],
    areas_m2: Mapping[str, float],
    blocks: IntArray,
    block_s: float,
    show_s: float | None,
) -> dict[str, StandValue]:
    """Fair rents: the total rent shared out by what the stands had in an hour of their common time.

    A day takes as much of the total rent R as it has of the common hours, H_d / sum H, and its part is
    shared out by what the stands with a rent had on it:

        fair rent of stand i = R sum_d (H_d / sum H) (v_id / sum_j v_jd)

    So a day counts by its hours, however many visitors it had. The interval is that of a ratio over blocks,
    with the days as strata (``divide_blocks``); R is fixed. Stands without a rent are shown with the rent
    that the same price would give them.

    Args:
        values: by stand, what it had in each step, shape (steps,).
        seconds: of each step that counts, see ``SharedTime``, shape (steps,).
        days: the number of each step's day, 0 and up, shape (steps,).
        rents: of the stands of which it is known.
        blocks: the number of each step's block, 0 and up, shape (steps,); visitors of one hang together.
        block_s: the length of a block.
        show_s: the open hours of the show; None: not known, and then no cost is given.
    """
    counts = seconds > 0
    priced = [name for name in values if name in rents]
    total_rent = sum(rents[name] for name in priced)
    total = np.where(counts, sum((values[name] for name in priced), np.zeros(len(seconds))), 0.0)
    of_day = np.bincount(days, total)
    # a day on which nobody came shares out nothing
    weight = np.divide(np.bincount(days, seconds), of_day, out=np.zeros_like(of_day), where=of_day > 0)[days]
    count = int(blocks.max(initial=-1)) + 1
    below = np.bincount(blocks, weight * total, count).astype(np.float64)
    looked_s = np.bincount(blocks, np.where(weight > 0, seconds, 0.0), count)
    day_of = np.zeros(count, np.int64)
    day_of[blocks[::-1]] = days[::-1]
    settings = BlockSettings(block_s=block_s)
    is_observed = looked_s >= settings.least_observed * block_s
    used = is_observed | (below > 0)
    enough = int(used.sum()) - len(np.unique(day_of[used])) + 1 >= MIN_BLOCKS
    found = {}
    for name, value in values.items():
        own = np.where(counts, value, 0.0)
        share = divide_blocks(
            np.bincount(blocks, weight * own, count).astype(np.float64),
            below,
            is_observed=is_observed,
            settings=settings,
            high=1.0 if name in rents else np.inf,
            strata=day_of,
        )
        fair = _scale(share, total_rent) if total_rent > 0 else Estimate(None, None)
        if not enough:
            fair = Estimate(fair.value, None)
        rent, amount = rents.get(name), float(own.sum())
        cost = None
        if rent and show_s and amount > 0:
            cost = rent * float(seconds.sum()) / show_s / amount
        found[name] = StandValue(
            rent=rent,
            value=amount,
            cost=cost,
            fair_rent=fair,
            fair_price_m2=_scale(fair, 1.0 / areas_m2[name]),
            verdict=_judge(rent, fair),
        )
    return found


def _judge(rent: float | None, fair: Estimate) -> PriceVerdict:
    if rent is None or fair.interval is None:
        return PriceVerdict.UNKNOWN
    low, high = fair.interval
    if rent > high:
        return PriceVerdict.DEAR
    return PriceVerdict.CHEAP if rent < low else PriceVerdict.FAIR


def _scale(estimate: Estimate, factor: float) -> Estimate:
    limits = estimate.interval
    return Estimate(
        None if estimate.value is None else estimate.value * factor,
        None if limits is None else (limits[0] * factor, limits[1] * factor),
    )

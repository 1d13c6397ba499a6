"""Value of floor area: each stand's share of visitor attention relative to its rent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.exhibition.stand_value import PriceVerdict, StandValue
from analytics.metrics.block_ratio import BlockSettings, divide_blocks
from analytics.metrics.estimate import Estimate

MIN_BLOCKS = 4
"""Minimum number of blocks for an interval."""
MIN_STANDS_SHARE = 0.5
"""Minimum share of stands observed; a single camera may also run at night."""
MIN_OBSERVED = 0.8
"""Minimum observed share of the time for a stand to be compared."""
MIN_STEP_SHARE = 0.8
"""Minimum observed seconds of a stand in a step relative to the longest-observed one."""


@dataclass(frozen=True, slots=True, eq=False)
class SharedTime:
    """Time in which stands can be compared, in clock steps.

    Attributes:
        is_compared: stands observed like the longest-observed one for at least
            ``MIN_OBSERVED`` of the time, shape (stands,).
        seconds: counted seconds of each step, shape (steps,); 0 where any of these was not observed alike.
    """

    is_compared: BoolArray
    seconds: FloatArray


def find_common_time(observed_s: FloatArray) -> SharedTime:
    """Return when all stands were observed alike, without those observed too little.

    Only time in which at least ``MIN_STANDS_SHARE`` of them were observed counts.

    Args:
        observed_s: by stand and step, shape (stands, steps); 0 in steps that do not count.
    """
    longest_s = observed_s.max(axis=0, initial=0.0)
    is_alike = (observed_s >= MIN_STEP_SHARE * longest_s) & (longest_s > 0)
    longest_s = np.where(is_alike.sum(axis=0) >= MIN_STANDS_SHARE * len(observed_s), longest_s, 0.0)
    whole_s = float(longest_s.sum())
    is_compared = is_alike @ longest_s >= MIN_OBSERVED * whole_s if whole_s > 0 else is_alike.any(axis=1)
    is_common = is_alike[is_compared].all(axis=0) & is_compared.any()
    return SharedTime(is_compared, np.where(is_common, longest_s, 0.0))


def estimate_stand_values(
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
    """Compute fair rents: the total rent shared by the stands' values per hour of their common time.

    A day takes a share of the total rent R equal to its share of the common hours, H_d / sum H, and that part
    is divided by the values of the stands with a rent on that day:

        fair rent of stand i = R sum_d (H_d / sum H) (v_id / sum_j v_jd)

    A day thus counts by its hours, whatever its number of visitors. The interval is that of a ratio over
    blocks, with the days as strata (``divide_blocks``); R is fixed. Stands without a rent get the rent
    at the same price.

    Args:
        values: value of each stand in each step, shape (steps,).
        seconds: counted seconds of each step, see ``SharedTime``, shape (steps,).
        days: index of each step's day from 0, shape (steps,).
        rents: known rents by stand.
        blocks: index of each step's block from 0, shape (steps,); visitors within one are not independent.
        block_s: length of a block.
        show_s: open time of the show; None if unknown, which leaves the cost unknown.
    """
    counts = seconds > 0
    priced = [name for name in values if name in rents]
    total_rent = sum(rents[name] for name in priced)
    total = np.where(counts, sum((values[name] for name in priced), np.zeros(len(seconds))), 0.0)
    of_day = np.bincount(days, total)
    # a day without visitors shares out no rent
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
        found[name] = StandValue(cost, fair, _scale(fair, 1.0 / areas_m2[name]), judge_rent(rent, fair))
    return found


def judge_rent(rent: float | None, fair: Estimate) -> PriceVerdict:
    """Return how a rent compares with the interval of the fair one."""
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

"""What each square metre of floor earns: its share of what visitors give, against what its exhibitor pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from analytics.metrics.block_ratio import PeriodBlocks
from analytics.metrics.estimate import Estimate

FloatArray = npt.NDArray[np.float64]

LEAST_BLOCKS = 4
"""With fewer blocks an interval says more than the data do."""


class PriceVerdict(StrEnum):
    """How a rent compares with the fair one."""

    DEAR = "dear"
    """The exhibitor pays more than the interval of the fair rent reaches."""
    CHEAP = "cheap"
    FAIR = "fair"
    """The fair rent's interval holds the rent: no difference is proven."""
    UNKNOWN = "unknown"
    """There is no rent, nothing was observed, or too little for an interval."""


@dataclass(frozen=True, slots=True)
class StandValue:
    """One stand.

    Attributes:
        rent: for the whole show.
        value: what it had in the period: exposed visitors, stops or engaged minutes.
        cost: rent of the period over the value; None where either is not known.
        fair_rent: for the whole show, at which every stand of the comparison pays the same for its value.
        fair_price_m2: the same per m².
    """

    rent: float | None
    value: float
    cost: float | None
    fair_rent: Estimate
    fair_price_m2: Estimate
    verdict: PriceVerdict


def value_stands(
    *,
    values: Mapping[str, FloatArray],
    rents: Mapping[str, float],
    areas_m2: Mapping[str, float],
    blocks: PeriodBlocks,
    share_of_show: float | None,
) -> dict[str, StandValue]:
    """Fair rents: the total rent shared out by what the stands have.

    The fair rent of stand i is R v_i / sum v, with R the sum of the rents and v what the stands with a rent
    had in the period. The share is a ratio over blocks, with the interval of ``PeriodBlocks.divide``
    (Cochran 1977, Sampling Techniques, 6.3); R is fixed. Stands without a rent are shown with the rent that
    the same price would give them.

    Args:
        values: by stand, what it had in each block, shape (blocks,).
        rents: of the stands of which it is known.
        share_of_show: of the open hours of the show, how many lie in the period, 0 to 1; None: not known,
            and then no cost is given.
    """
    nothing = np.zeros(len(blocks.edges_s) - 1)
    priced = [name for name in values if name in rents]
    total_rent = sum(rents[name] for name in priced)
    total = sum((values[name] for name in priced), nothing)
    enough = int((blocks.is_observed | (total > 0)).sum()) >= LEAST_BLOCKS
    found = {}
    for name, value in values.items():
        share = blocks.divide(value, total, high=1.0 if name in rents else np.inf)
        fair = _scale(share, total_rent) if total_rent > 0 else Estimate(None, None)
        if not enough:
            fair = Estimate(fair.value, None)
        rent, amount = rents.get(name), float(value.sum())
        known = rent is not None and share_of_show is not None and amount > 0
        found[name] = StandValue(
            rent=rent,
            value=amount,
            cost=rent * share_of_show / amount if known and rent and share_of_show else None,
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

"""Value of one stand's floor, importable without heavy libraries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.metrics.estimate import UNKNOWN, Estimate


class PriceVerdict(StrEnum):
    """Comparison of a rent with the fair one."""

    DEAR = "dear"
    """The rent is above the interval of the fair rent."""
    CHEAP = "cheap"
    FAIR = "fair"
    """The rent lies within the interval of the fair rent."""
    UNKNOWN = "unknown"
    """No rent, no observation, or too little for an interval."""
    UNSEEN = "unseen"
    """The stand was not observed for as long as others and is not compared."""


@dataclass(frozen=True, slots=True)
class StandValue:
    """Value of one stand.

    Attributes:
        cost: rent of the common time over the value; None if either is unknown.
        fair_rent: for the whole show, at which every compared stand pays the same for its value of a day.
        fair_price_m2: the same per m².
    """

    cost: float | None = None
    fair_rent: Estimate = UNKNOWN
    fair_price_m2: Estimate = UNKNOWN
    verdict: PriceVerdict = PriceVerdict.UNKNOWN

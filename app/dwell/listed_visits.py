"""The visits behind a figure: which are asked for, and what is listed of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.dwell.engagement_tier import Tier


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A visit; a censored one lasted at least ``seconds``.

    Attributes:
        visitor: a random name of this list, see ``analytics/reports/visitor_names``.
        stop_s: seconds of it in which the visitor stood.
        tier: how far it went; ``may_be_higher``: it was cut before it could go further.
    """

    visitor: str
    zone: str
    entered_utc_s: float
    left_utc_s: float
    seconds: float
    is_start_censored: bool
    is_end_censored: bool
    stop_s: float = 0.0
    tier: Tier = Tier.VISIT
    may_be_higher: bool = False

    @property
    def is_complete(self) -> bool:
        """Both its start and its end were seen."""
        return not (self.is_start_censored or self.is_end_censored)


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """Which visits are asked for; what is left out asks for nothing.

    Attributes:
        zones: their names.
        from_s, to_s: of at least ``from_s`` and less than ``to_s`` whole seconds.
        hour, weekday: in which they began by the venue's clock; 0 for Monday.
        tier: that they reached, or a higher one, or were cut before they could.
    """

    zones: frozenset[str]
    from_s: float = 0.0
    to_s: float = math.inf
    hour: int | None = None
    weekday: int | None = None
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class FoundVisits:
    """The first visits that were asked for, in the order of their entry; ``total``: how many there are."""

    visits: tuple[VisitRecord, ...]
    total: int

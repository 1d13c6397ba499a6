"""Filter and records of listed visits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.dwell.engagement_tier import Tier


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A visit; a censored one lasted at least ``seconds``.

    Attributes:
        visitor: a random name for this list, see ``analytics/results/visitor_names``.
        stop_s: seconds in which the visitor stood still.
        tier: highest tier reached; ``may_be_higher``: the visit was cut before it could rise.
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
        """Return whether both start and end were seen."""
        return not (self.is_start_censored or self.is_end_censored)


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """Criteria for listing visits; unset ones do not restrict.

    Attributes:
        zones: their names.
        from_s, to_s: length of at least ``from_s`` and less than ``to_s`` whole seconds.
        hour, weekday: start in venue time; 0 for Monday.
        tier: minimum tier reached, or still possible when the visit was cut.
    """

    zones: frozenset[str]
    from_s: float = 0.0
    to_s: float = math.inf
    hour: int | None = None
    weekday: int | None = None
    tier: Tier | None = None


@dataclass(frozen=True, slots=True)
class VisitList:
    """The first matching visits by time of entry, and the number of all of them."""

    visits: tuple[VisitRecord, ...]
    total: int

"""The visits of a period, column by column: a month of them is chosen from and counted without a table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.metrics.engagement_tier import VISIT_TIERS, Tier

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

NUMBERS_APART = 1_000_000_000
"""The visitors of each later stretch of a period are numbered from a multiple of this on."""


@dataclass(frozen=True, slots=True)
class VisitRecord:
    """A visit; a censored one lasted at least ``seconds``.

    Attributes:
        stop_s: seconds of it in which the visitor stood.
        tier: how far it went; ``may_be_higher``: it was cut before it could go further.
    """

    visitor: int
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


@dataclass(frozen=True, slots=True, eq=False)
class ListedVisits:
    """Visits in the order of their entry; every array has the shape (visits,).

    Attributes:
        zone: index into ``zone_names``.
        tier: index into ``VISIT_TIERS``.
        hour, weekday: in which each began by the venue's clock; 0 for Monday.
    """

    zone_names: tuple[str, ...]
    visitor: IntArray
    zone: IntArray
    entered_utc_s: FloatArray
    left_utc_s: FloatArray
    seconds: FloatArray
    is_start_censored: BoolArray
    is_end_censored: BoolArray
    stop_s: FloatArray
    tier: IntArray
    may_be_higher: BoolArray
    hour: IntArray
    weekday: IntArray

    def __len__(self) -> int:
        return len(self.visitor)

    @property
    def is_complete(self) -> BoolArray:
        """Whose start and end were both seen."""
        return ~(self.is_start_censored | self.is_end_censored)

    def choose(self, is_chosen: BoolArray) -> ListedVisits:
        """Those of a mask, shape (visits,)."""
        return ListedVisits(
            self.zone_names,
            *(
                getattr(self, name)[is_chosen]
                for name in (
                    "visitor",
                    "zone",
                    "entered_utc_s",
                    "left_utc_s",
                    "seconds",
                    "is_start_censored",
                    "is_end_censored",
                    "stop_s",
                    "tier",
                    "may_be_higher",
                    "hour",
                    "weekday",
                )
            ),
        )

    def choose_zones(self, names: frozenset[str]) -> ListedVisits:
        """Those to some zones."""
        numbers = [number for number, name in enumerate(self.zone_names) if name in names]
        return self.choose(np.isin(self.zone, numbers))

    def list_records(self, most: int | None = None) -> tuple[VisitRecord, ...]:
        """One record a visit, the first so many."""
        return tuple(
            VisitRecord(
                visitor=int(self.visitor[row]),
                zone=self.zone_names[self.zone[row]],
                entered_utc_s=float(self.entered_utc_s[row]),
                left_utc_s=float(self.left_utc_s[row]),
                seconds=float(self.seconds[row]),
                is_start_censored=bool(self.is_start_censored[row]),
                is_end_censored=bool(self.is_end_censored[row]),
                stop_s=float(self.stop_s[row]),
                tier=VISIT_TIERS[self.tier[row]],
                may_be_higher=bool(self.may_be_higher[row]),
            )
            for row in range(len(self) if most is None else min(most, len(self)))
        )

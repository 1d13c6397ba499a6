"""Values shown on the dwell page, importable without heavy libraries."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import Interval
from analytics.dwell.engagement_tier import Tier
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import Estimate
from analytics.results.figure_columns import Row

if TYPE_CHECKING:
    from analytics.dwell.engagement import EngagementSettings
    from analytics.metrics.clock_profile import ClockProfile
    from analytics.results.day_quality import DayQuality


@dataclass(frozen=True, slots=True)
class TierFigures:
    """Number of visits that reached a tier or a higher one.

    Attributes:
        undecided: visits cut before they reached it, which may have reached it later.
        share: of all visits; None for the pass-by tier.
    """

    tier: Tier
    reached: int
    undecided: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class EngagementFigures:
    """Engagement of one zone or several; None where not observed or without meaning, as for doors.

    Attributes:
        tiers: in rising order; without pass-bys they begin with the visits.
        pass_bys: visitors who came near without a visit.
        median_stop_s: median of the stops within the outline.
        bounce: share of the visits shorter than ``settings.bounce_s``.
        penetration: share of the exhibition's visitors.
        stand_load: person-seconds per m² and observed hour.
        reach_m: distance within which a visitor counts as exposed.
    """

    tiers: tuple[TierFigures, ...]
    pass_bys: float | None
    capture_rate: Estimate
    attraction_power: Estimate
    penetration: Estimate
    settings: EngagementSettings
    reach_m: float
    median_stop_s: float | None = None
    bounce: float | None = None
    stand_load: float | None = None

    def find_share(self, tier: Tier) -> float | None:
        """Return the share of visits that reached a tier."""
        return next((entry.share.value for entry in self.tiers if entry.tier is tier), None)

    @property
    def visits(self) -> int:
        """All visits."""
        return next((entry.reached for entry in self.tiers if entry.tier is Tier.VISIT), 0)


def find_holding_power(median_stop_s: float | None, needed_s: float | None) -> float | None:
    """Return median stop over the time that an element needs (Serrell 1998); None if either is unknown."""
    return None if median_stop_s is None or not needed_s else median_stop_s / needed_s


@dataclass(frozen=True, slots=True)
class HistogramBar:
    """Number of visits of ``from_s`` to less than ``to_s`` seconds; the last ``to_s`` is infinite."""

    from_s: float
    to_s: float
    complete: int
    censored: int


@dataclass(frozen=True, slots=True, eq=False)
class OccupancySeries:
    """Mean people present in each time step; NaN where not observed.

    Attributes:
        zone: None for the whole observed floor.
        edges_utc_s: shape (steps + 1,).
    """

    zone: str | None
    colour: int
    edges_utc_s: npt.NDArray[np.float64]
    people: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class ZoneDwell:
    """The dwell times of one zone, or of the pooled zones with the people on the whole floor.

    Attributes:
        colour: the zone's place in the plan's order, for the palette.
        complete, cut: listed visits by length in whole seconds, both of the same shape.
        quantiles_s: dwell times at 10, 25, 50, 75 and 90 %; None beyond the observed range.
        by_hour, by_weekday, by_both: 24, 7 and 7 x 24 cells in venue time.
        since_utc_s: start of counting where the zone changed within the period.
        is_way: whether it is a door or an aisle, where dwell times say little.
    """

    figures: ZoneFigures
    colour: int
    complete: npt.NDArray[np.float64]
    cut: npt.NDArray[np.float64]
    quantiles_s: tuple[float | None, ...]
    people: OccupancySeries
    by_hour: ClockProfile
    by_weekday: ClockProfile
    by_both: ClockProfile
    engagement: EngagementFigures
    since_utc_s: float | None = None
    is_way: bool = False

    @property
    def name(self) -> str:
        """The zone's name; empty for the pooled zones."""
        return self.figures.name


@dataclass(frozen=True, slots=True, eq=False)
class DwellAnalysis:
    """Dwell times of a period, and the figures of the period that it is compared with.

    Attributes:
        history: first to last observation of the venue; None for an empty history.
        zones: by name, and the pooled zones by None; empty where nothing was observed.
        pooled_zones: names of the zones counted together.
        observed_s: seconds in which at least one camera was analysed.
        weekdays: number of different weekdays with observations.
        missing_days: observed days whose data were deleted.
        previous: figures of the previous period like ``zones``; empty where none was observed for as long.
        is_compared: whether the previous period was examined.
        quality: who is missed in the period.
    """

    history: Interval | None = None
    zones: Mapping[str | None, ZoneDwell] = field(default_factory=dict)
    pooled_zones: tuple[str, ...] = ()
    observed_s: float = 0.0
    weekdays: int = 1
    missing_days: int = 0
    previous: Mapping[str | None, ZoneFigures] = field(default_factory=dict)
    previous_period: Interval | None = None
    is_compared: bool = True
    quality: DayQuality | None = None

    def list_zones(self) -> tuple[ZoneDwell, ...]:
        """Return every single zone, in the order of the plan."""
        return tuple(zone for name, zone in self.zones.items() if name is not None)

    def list_counted(self, zone: str | None) -> tuple[ZoneDwell, ...]:
        """Return the zones whose visits are counted for a zone, or for all."""
        names = self.pooled_zones if zone is None else (zone,)
        return tuple(self.zones[name] for name in names if name in self.zones)


_WIDTHS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
MAX_BARS = 30
TAIL_SHARE = 0.02
"""Share of visits collected in the last bar, so that single long visits do not flatten the others."""


def count_by_length(
    complete: npt.NDArray[np.float64], cut: npt.NDArray[np.float64]
) -> tuple[HistogramBar, ...]:
    """Return at most ``MAX_BARS`` bars of equal width from zero; the last one is open-ended.

    Args:
        complete, cut: numbers of visits by length in whole seconds, both of the same shape.
    """
    both = complete + cut
    if not both.sum():
        return ()
    reach_s = float(np.searchsorted(np.cumsum(both), (1 - TAIL_SHARE) * both.sum()))
    width_s = next((width for width in _WIDTHS_S if reach_s / width < MAX_BARS), _WIDTHS_S[-1])
    bars = min(MAX_BARS, int(reach_s // width_s) + 1)
    bar = np.minimum(np.arange(len(both)) // int(width_s), bars - 1)
    counts = [np.bincount(bar, part, bars) for part in (complete, cut)]
    return tuple(
        HistogramBar(
            index * width_s,
            (index + 1) * width_s if index + 1 < bars else float("inf"),
            round(float(counts[0][index])),
            round(float(counts[1][index])),
        )
        for index in range(bars)
    )


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
    """The first matching visits by time of entry, and the number of all of them.

    Attributes:
        visits: ``visitor`` (a random name for this list, see ``analytics/results/visitor_names``), ``zone``,
            ``entered_s`` and ``left_s`` (seconds since the epoch), ``seconds`` (at least, where
            ``censored_start`` or ``censored_end``), ``stop_s`` (in which the visitor stood still), ``tier``
            (the highest one reached) and ``is_lower_limit`` (it was cut before it could rise).
    """

    visits: tuple[Row, ...]
    total: int

"""Plain values shown on the dwell page, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from analytics.domain.uncounted_people import UncountedPeople
from analytics.results.zone_figures import ZoneFigures
from app.dwell.engagement_figures import ZoneDetail

if TYPE_CHECKING:
    from analytics.dwell.visit_lengths import SurvivalCurve

Period = tuple[float, float]
"""Start and end, seconds since the epoch; the end is exclusive."""


@dataclass(frozen=True, slots=True)
class DwellRow:
    """One zone's table row and chart box.

    Attributes:
        colour: the zone's place in the plan's order, for the palette.
        quantiles_s: dwell times at 10, 25, 50, 75 and 90 %; None beyond the observed range.
        since_utc_s: start of counting where the zone changed within the period.
    """

    figures: ZoneFigures
    colour: int
    quantiles_s: tuple[float | None, ...]
    since_utc_s: float | None = None

    @property
    def name(self) -> str:
        """The zone's name."""
        return self.figures.name


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
class PeriodFigures:
    """All numbers of one observed period.

    Attributes:
        floor: people on the whole observed floor, and visits of all pooled zones.
        pooled_zones: names of the zones counted together.
        occupancy: the floor first, then each zone.
        observed_s: seconds in which at least one camera was analysed.
        details: by zone name, None for the pooled zones; empty for the previous period.
        weekdays: number of different weekdays with observations.
        missing_days: observed days whose data were deleted.
    """

    period: Period
    floor: ZoneFigures
    pooled_zones: tuple[str, ...]
    zones: tuple[DwellRow, ...]
    occupancy: tuple[OccupancySeries, ...]
    observed_s: float
    details: Mapping[str | None, ZoneDetail] = field(default_factory=dict)
    weekdays: int = 1
    missing_days: int = 0

    def find_figures(self, zone: str | None) -> ZoneFigures | None:
        """Return the figures of a zone, or of the floor for None; None for an unknown zone."""
        if zone is None:
            return self.floor
        return next((entry.figures for entry in self.zones if entry.name == zone), None)


@dataclass(frozen=True, slots=True, eq=False)
class DwellAnalysis:
    """The figures of a period and of the period it is compared with.

    Attributes:
        current: None where nothing was observed.
        previous: None where no comparable period was observed for as long.
        history: first to last observation of the venue; None for an empty history.
        is_compared: whether the previous period was examined.
        low_counts: cameras that probably did not count everybody in the period.
    """

    current: PeriodFigures | None
    previous: PeriodFigures | None
    history: Period | None
    is_compared: bool = True
    low_counts: tuple[UncountedPeople, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class DwellResults:
    """The results of one zone, or of all zones, as shown on the page.

    Attributes:
        previous: the same figures of the previous period; None where not comparable.
        details: by zone name; None for the pooled zones.
        changed_zones: counted zones that changed within the period, with the start of counting.
        is_compared: whether the previous period was examined.
    """

    zone: str | None
    figures: ZoneFigures
    pooled_zones: tuple[str, ...]
    previous: ZoneFigures | None
    previous_period: Period | None
    zones: tuple[DwellRow, ...]
    details: Mapping[str | None, ZoneDetail]
    histogram: tuple[HistogramBar, ...]
    occupancy: tuple[OccupancySeries, ...]
    period: Period
    changed_zones: tuple[tuple[str, float], ...]
    weekdays: int
    missing_days: int
    is_compared: bool = True

    @property
    def detail(self) -> ZoneDetail:
        """Details of the selected zone, or of the pooled zones."""
        return self.details[self.zone]

    @property
    def counted_zones(self) -> frozenset[str]:
        """Names of the zones whose visits are counted."""
        return frozenset(self.pooled_zones if self.zone is None else [self.zone])


@dataclass(frozen=True, slots=True, eq=False)
class ZoneCurve:
    """One zone's survival curve of dwell times, with its colour and quantiles."""

    name: str
    colour: int
    curve: SurvivalCurve
    median_s: float | None
    p90_s: float | None


MAX_CURVES = 3


def select_curves(analysis: DwellAnalysis, names: Sequence[str]) -> tuple[ZoneCurve, ...]:
    """Return the curves of up to three zones, leaving out zones without data.

    Args:
        names: in drawing order; if empty, the zones with the most visits.
    """
    current = analysis.current
    if current is None:
        return ()
    chosen = {entry.name: entry for entry in current.zones}
    if not names:
        pooled = [chosen[name] for name in current.pooled_zones]
        names = [entry.name for entry in sorted(pooled, key=lambda entry: -(entry.figures.visits or 0))]
    curves = []
    for name in names:
        detail = current.details.get(name)
        if detail is not None and detail.survival is not None and name in chosen:
            curves.append(
                ZoneCurve(name, chosen[name].colour, detail.survival, detail.median_s, detail.p90_s)
            )
    return tuple(curves[:MAX_CURVES])


_WIDTHS_S = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
MAX_BARS = 30
TAIL_SHARE = 0.02
"""Share of visits collected in the last bar, so that single long visits do not flatten the others."""


def select_results(analysis: DwellAnalysis, zone: str | None) -> DwellResults | None:
    """Return the results of a zone, or of all; None if not observed or unknown."""
    current = analysis.current
    figures = None if current is None else current.find_figures(zone)
    if current is None or figures is None or zone not in current.details:
        return None
    counted = frozenset(current.pooled_zones if zone is None else [zone])
    previous = None
    if analysis.previous is not None:
        is_same = zone is not None or set(analysis.previous.pooled_zones) == counted
        previous = analysis.previous.find_figures(zone)
        if previous is not None and not is_same:
            previous = ZoneFigures(people_mean=previous.people_mean)
    return DwellResults(
        zone=zone,
        figures=figures,
        pooled_zones=current.pooled_zones,
        previous=previous,
        previous_period=None if previous is None or analysis.previous is None else analysis.previous.period,
        zones=current.zones,
        details=current.details,
        histogram=count_by_length(current.details[zone].complete, current.details[zone].cut),
        occupancy=tuple(series for series in current.occupancy if zone is None or series.zone == zone),
        period=current.period,
        changed_zones=tuple(
            (entry.name, entry.since_utc_s)
            for entry in current.zones
            if entry.since_utc_s is not None and entry.name in counted
        ),
        weekdays=current.weekdays,
        missing_days=current.missing_days,
        is_compared=analysis.is_compared,
    )


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

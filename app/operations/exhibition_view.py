"""Computes what the exhibition page shows of a period: the score card, and every stand's figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.exhibition import Interval
from analytics.rollups.period_ways import (
    WAY_TABLES,
    count_days_without_ways,
    count_stopped_zones,
    read_ways,
)
from app.jobs.job import JobContext
from app.operations.exhibition_figures import Band, CardEntry, CardFigure, ExhibitionFigures, Measured
from app.operations.floor_scene import describe_floor
from app.operations.open_time import find_before
from app.operations.period_arrivals import count_arrivals
from app.operations.period_facts import read_period_facts
from app.operations.stand_figures import LEAST_COVERAGE
from app.venue.document import Venue

if TYPE_CHECKING:
    from analytics.metrics.block_ratio import PeriodBlocks
    from analytics.metrics.estimate import Estimate
    from analytics.metrics.exhibition_use import ExhibitionUse
    from analytics.metrics.published_bands import PublishedBand
    from analytics.rollups.period_facts import PeriodFacts

FloatArray = npt.NDArray[np.float64]

LIKE = 0.8
"""A period observed for a smaller share of the other's time is not compared with it; counts would mislead."""
PEAK_STEP_S = 60.0
LEAST_PARTIES = 20
"""Of fewer nothing is said."""
CARD_TABLES = ("ways", "way_steps", "line_minutes", "zone_uses", "minutes", "parties")
"""Of a period's tables, those of the score card: sums of its days, and the ways as numbers;"""
TABLE_NAMES = (*CARD_TABLES, "zone_blocks")
"""and of the stands."""


def compute_exhibition_view(
    *,
    venue: Venue,
    period_s: Interval,
    context: JobContext | None = None,
    on_current: Callable[[ExhibitionFigures], object] = lambda _figures: None,
) -> ExhibitionFigures | None:
    """The figures of a period, and of the one before; None where nothing was observed.

    Args:
        on_current: called with the figures before those of the period before are begun.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    facts = read_period_facts(
        venue=venue, period_s=period_s, context=context, names=TABLE_NAMES, optional=WAY_TABLES
    )
    if facts is None:
        return None
    figures = describe_exhibition(venue, facts)
    on_current(figures)
    previous_s = find_before(venue.exhibition, period_s)
    earlier = read_period_facts(
        venue=venue,
        period_s=previous_s,
        context=context,
        names=CARD_TABLES,
        optional=WAY_TABLES,
    )
    if earlier is None or not _are_alike(earlier.observed_s, facts.observed_s):
        return figures
    before = {entry.figure: entry.measured for entry in _list_entries(earlier)[0]}
    entries = tuple(replace(entry, before=before.get(entry.figure)) for entry in figures.entries)
    return replace(figures, entries=entries, previous=previous_s)


def describe_exhibition(venue: Venue, facts: PeriodFacts) -> ExhibitionFigures:
    """The figures of the facts of a period, without any of another."""
    from app.operations.stand_figures import list_stands

    entries, use = _list_entries(facts)
    stands = list_stands(venue, facts)
    return ExhibitionFigures(
        period=facts.period_s,
        scene=describe_floor(venue, facts.geometry),
        observed_s=facts.observed_s,
        floor_share=_measure_floor_share(facts),
        entries=entries,
        stands=stands.rows,
        common_s=stands.common_s,
        share_of_show=stands.share_of_show,
        currency=venue.targets_of("").currency,
        whole_journeys=use.whole_journeys,
        cut_journeys=use.cut_journeys,
        days_without_ways=count_days_without_ways(facts, facts.period_s),
        capacity=venue.targets_of("").capacity,
    )


def _list_entries(facts: PeriodFacts) -> tuple[tuple[CardEntry, ...], ExhibitionUse]:
    from analytics.metrics import published_bands
    from analytics.metrics.exhibition_use import measure_exhibition_use
    from analytics.rollups.exposed_visitors import list_elements

    has_all_ways = not count_days_without_ways(facts, facts.period_s)
    blocks = facts.make_blocks()
    # what nobody saw was not left unvisited
    elements = [zone for zone in list_elements(facts.zones) if facts.measure_coverage(zone) >= LEAST_COVERAGE]
    minutes = facts.tables["minutes"]
    hall = minutes[minutes["zone"] == ""]
    start_s = hall["start_s"].to_numpy(np.float64)
    names = [str(zone.name) for zone in elements]
    ways, came, nothing = read_ways(facts), count_arrivals(facts, blocks), Measured()
    uses = facts.tables["zone_uses"]
    uses = uses[uses["zone"].isin(names)]
    used_s = uses["start_s"].to_numpy(np.float64)
    area_m2 = _measure_floor(facts) * _measure_floor_share(facts)
    net_m2 = sum(zone.outline.to_shape().area for zone in elements)
    use = measure_exhibition_use(
        ways=ways,
        came=came if came is not None or has_all_ways else np.zeros(len(blocks.edges_s) - 1),
        visited=blocks.count(used_s, uses["came"].to_numpy(np.float64)),
        stopped=blocks.count(used_s, uses["stopped"].to_numpy(np.float64)),
        stops=count_stopped_zones(facts, ways, names),
        elements=len(names),
        area_m2=max(area_m2, 1e-6),
        net_area_m2=max(net_m2, 1e-6),
        person_seconds=blocks.count(start_s, hall["person_seconds"].to_numpy(np.float64)),
        observed_s=blocks.count(start_s, hall["observed_s"].to_numpy(np.float64)),
        blocks=blocks,
    )
    entries = (
        CardEntry(CardFigure.FOOTFALL, nothing if came is None else Measured(float(came.sum()))),
        CardEntry(CardFigure.VISITORS, Measured(float(len(ways)) or None) if has_all_ways else nothing),
        CardEntry(CardFigure.TOTAL_TIME, _measured(use.mean_total_time_s)),
        CardEntry(CardFigure.PEAK, Measured(_find_peak(hall["person_seconds"], hall["observed_s"]))),
        CardEntry(
            CardFigure.SWEEP_RATE,
            _measured(use.sweep_rate_m2_min) if area_m2 > 0 else nothing,
            band=_band(published_bands.SWEEP_RATE),
        ),
        CardEntry(
            CardFigure.MINUTES_PER_100_M2,
            _measured(use.minutes_per_100_m2) if area_m2 > 0 else nothing,
            band=_band(published_bands.MINUTES_PER_100_M2),
        ),
        CardEntry(
            CardFigure.DILIGENT,
            _measured(use.diligent) if has_all_ways else nothing,
            band=_band(published_bands.DILIGENT_VISITORS),
        ),
        CardEntry(
            CardFigure.STOPS_PER_ELEMENT,
            _measured(use.stops_per_element),
            band=_band(published_bands.STOPS_PER_ELEMENT),
        ),
        CardEntry(CardFigure.ZONES_VISITED, _measured(use.zones_visited)),
        CardEntry(
            CardFigure.TRAFFIC_DENSITY,
            _measured(use.traffic_density) if net_m2 > 0 else nothing,
            band=_band(published_bands.TRAFFIC_DENSITY),
        ),
        CardEntry(CardFigure.PARTY_SIZE, _measure_parties(facts, blocks)),
    )
    return entries, use


def _measure_parties(facts: PeriodFacts, blocks: PeriodBlocks) -> Measured:
    """Visitors whose coming was seen over their parties; None with fewer than ``LEAST_PARTIES``."""
    parties = facts.tables["parties"]
    if len(parties) < LEAST_PARTIES:
        return Measured()
    start_s, size = (parties[name].to_numpy(np.float64) for name in ("start_s", "size"))
    return _measured(blocks.divide(blocks.count(start_s, size), blocks.count(start_s), low=1.0))


def _find_peak(person_seconds: object, observed_s: object) -> float | None:
    people, seconds = np.asarray(person_seconds, np.float64), np.asarray(observed_s, np.float64)
    enough = seconds >= PEAK_STEP_S / 2
    return float((people[enough] / seconds[enough]).max()) if enough.any() else None


def _measure_floor(facts: PeriodFacts) -> float:
    """The floor without what stands on it, m²."""
    taken = shapely.union_all([obstacle.outline.to_shape() for obstacle in facts.plan.obstacles])
    return float(facts.plan.outline.to_shape().difference(taken).area)


def _measure_floor_share(facts: PeriodFacts) -> float:
    """Which share of the open floor was observed at all, 0 to 1."""
    taken = shapely.union_all([obstacle.outline.to_shape() for obstacle in facts.plan.obstacles])
    floor = facts.grid.measure_share(facts.plan.outline.to_shape().difference(taken))
    seen = facts.measure_observed_cells() > 0
    return float(floor[seen].sum() / floor.sum()) if floor.sum() > 0 else 0.0


def _are_alike(one_s: float, other_s: float) -> bool:
    return min(one_s, other_s) >= LIKE * max(one_s, other_s)


def _measured(estimate: Estimate) -> Measured:
    return Measured(estimate.value, estimate.interval)


def _band(band: PublishedBand) -> Band:
    return Band(band.low, band.high, band.typical, band.source)

"""The blocks of a comparison read from venues' histories: matched hours of days, or halves of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import numpy as np
import pandas as pd

from analytics.comparison.block_figures import WHOLE_HALL, Block, Metric, Side, ZoneBlock
from analytics.comparison.matched_hours import MatchedHours
from analytics.domain.exhibition import Interval
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.metrics.dwell import DwellSettings
from analytics.metrics.exposure import find_exposed, make_exposure_area
from analytics.metrics.footfall import CrossingSettings, compute_crossings
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.metrics.pooled_zones import PASSAGES, choose_pooled_zones, pool_zones
from analytics.metrics.presence import order_rows
from analytics.metrics.visits import StayEdge
from analytics.metrics.zone_summary import ZoneSummary
from analytics.reports.summary import PeriodResults
from analytics.store.event_store import EventReader
from app.operations.camera_views import find_views
from app.operations.identified_period import IdentifiedPeriod, read_identified_period
from app.operations.identified_results import compute_identified_results
from app.venue.document import Venue

_FOLLOWED = [StayEdge.SEEN.value, StayEdge.VIEW.value]
"""Edges at which a stay is known to have begun or ended."""


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One side of a comparison.

    Attributes:
        period_s: start and end, seconds since the epoch.
        geometry: the zones and lines that held in it.
    """

    side: Side
    venue: Venue
    period_s: Interval
    geometry: FloorGeometry

    def list_days(self) -> tuple[date, ...]:
        """The days of the period in the venue's own time."""
        local_day = self.venue.exhibition.local_day
        first, last = local_day(self.period_s[0]), local_day(self.period_s[1] - 1e-3)
        return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))

    def list_entrances(self) -> tuple[CountingLine, ...]:
        """The lines across which the exhibition is entered."""
        return tuple(line for line in self.geometry.lines if line.kind is ZoneKind.ENTRANCE)


def find_open_days(side: ComparedSide, reader: EventReader) -> dict[date, tuple[Interval, ...]]:
    """When the exhibition was open on each observed day of a period.

    An exhibition without opening hours is taken as open from the first to the last observation of a day.

    Raises:
        StoreError: the history cannot be read.
    """
    start_s, end_s = side.period_s
    observed = clip_intervals(unite_spans(reader.read_spans(start_s, end_s)), start_s=start_s, end_s=end_s)
    exhibition = side.venue.exhibition
    found: dict[date, tuple[Interval, ...]] = {}
    for day in side.list_days():
        from_s, to_s = exhibition.day_interval_utc(day)
        own = clip_intervals(observed, start_s=from_s, end_s=to_s)
        hours = exhibition.opening_intervals_utc(day)
        if exhibition.opening_hours:
            own = np.vstack(
                [np.empty((0, 2)), *(clip_intervals(observed, start_s=a, end_s=b) for a, b in hours)]
            )
        if not len(own):
            continue
        if not exhibition.opening_hours:
            hours = ((float(own[0, 0]), float(own[-1, 1])),)
        within = ((max(opens, start_s), min(closes, end_s)) for opens, closes in hours)
        found[day] = tuple((opens, closes) for opens, closes in within if opens < closes)
    return found


def read_block(
    side: ComparedSide,
    reader: EventReader,
    *,
    day: date,
    hours: MatchedHours,
    part: int,
    metrics: Collection[Metric],
    counts_footfall: bool,
) -> Block:
    """What was observed in one block.

    Args:
        hours: those of the part.
        counts_footfall: take for visitors who came in across the entrance lines, not the identities.

    Raises:
        StoreError: the history cannot be read.
    """
    venue, zones = side.venue, side.geometry.zones
    period_s = hours.find_interval_utc(day, time_zone=venue.exhibition.time_zone)
    duration_s = period_s[1] - period_s[0]
    period = read_identified_period(
        venue=venue,
        reader=reader,
        spans=reader.read_spans(*period_s),
        period_s=period_s,
        zones=zones,
        read_tracks=lambda: reader.read_tracks(*period_s),
    )
    results = compute_identified_results(period, zones=zones, duration_s=duration_s, views=find_views(venue))
    summaries = cast(Mapping[str, ZoneSummary], results.summary["zones"])
    passbys = _count_passbys(side, period, results) if Metric.CAPTURE in metrics else {}
    figures = {
        str(zone.name): _collect_zone(zone, summaries[str(zone.name)], results, passbys) for zone in zones
    }
    figures[WHOLE_HALL] = _collect_hall(zones, summaries, results, duration_s)
    footfall = _count_footfall(side.list_entrances(), period)
    return Block(
        side=side.side,
        day=day,
        part=part,
        open_h=duration_s / 3600.0,
        zones=figures,
        visitors=footfall if counts_footfall else cast(int, results.summary["identities"]),
        footfall=footfall,
        observed_share=_measure_observed(period.spans, duration_s),
    )


def _measure_observed(spans: pd.DataFrame, duration_s: float) -> float:
    observed = clip_intervals(unite_spans(spans), start_s=0.0, end_s=duration_s)
    return float(np.diff(observed, axis=1).sum()) / duration_s


def _collect_zone(
    zone: Zone, summary: ZoneSummary, results: PeriodResults, passbys: Mapping[str, float]
) -> ZoneBlock:
    stays = results.stays[results.stays["zone"] == str(zone.name)]
    entered = stays[stays["start_edge"].isin(_FOLLOWED) & (stays["seconds"] >= zone.minimum_stay_s)]
    return ZoneBlock(
        coverage=summary["coverage"],
        visits=summary["visits"],
        mean_dwell_s=summary["mean_dwell_s"],
        median_dwell_s=summary["median_dwell_s"],
        person_seconds=summary["person_seconds"],
        passbys=passbys.get(str(zone.name)),
        tracked_share=summary["tracked_share"],
        entered_stays_s=entered["seconds"].to_numpy(np.float64),
        is_end_seen=entered["end_edge"].isin(_FOLLOWED).to_numpy(bool),
    )


def _collect_hall(
    zones: Sequence[Zone], summaries: Mapping[str, ZoneSummary], results: PeriodResults, duration_s: float
) -> ZoneBlock:
    """All zones to visit together; as well observed as they are on the average."""
    chosen = choose_pooled_zones(zones)
    coverages = [summaries[str(zone.name)]["coverage"] for zone in chosen]
    pooled = pool_zones(
        zones=[zone for zone, share in zip(chosen, coverages, strict=True) if share > 0],
        stays=results.stays,
        period_s=(0.0, duration_s),
        settings=DwellSettings(),
    )
    return ZoneBlock(
        # an exhibition without zones has its footfall nevertheless
        coverage=float(np.mean(coverages)) if coverages else 1.0,
        visits=None if pooled.visits.value is None else round(pooled.visits.value),
        mean_dwell_s=pooled.mean_dwell_s.value,
        median_dwell_s=pooled.median_dwell_s,
        person_seconds=pooled.person_seconds,
    )


def _count_footfall(lines: Sequence[CountingLine], period: IdentifiedPeriod) -> int | None:
    if not lines:
        return None
    crossings = compute_crossings(
        tracks=period.tracks, lines=lines, settings=CrossingSettings(), spans=period.spans
    )
    return int((crossings["direction"] == "in").sum())


def _count_passbys(side: ComparedSide, period: IdentifiedPeriod, results: PeriodResults) -> dict[str, float]:
    zones = [zone for zone in side.geometry.zones if zone.kind not in PASSAGES]
    ordered = order_rows(period.tracks)
    visits: pd.DataFrame = results.visits
    found = {}
    for zone in zones:
        elsewhere = [other.outline for other in zones if other is not zone]
        area = make_exposure_area(
            zone,
            floor=side.venue.plan.outline,
            elsewhere=[*elsewhere, *(obstacle.outline for obstacle in side.venue.plan.obstacles)],
        )
        exposure = find_exposed(ordered=ordered, zone=zone, area=area, visits=visits)
        found[str(zone.name)] = exposure.pass_bys
    return found

"""Hourly or daily visits and mean dwell of every zone, and the gaps, for other systems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import Interval
from analytics.domain.errors import ExpoFlowError
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.results.data_sets import MIN_VISITORS
from analytics.results.figure_columns import Row, list_rows
from app.core.document import Venue
from app.core.job import JobContext
from app.facts.period_facts import read_period_facts

if TYPE_CHECKING:
    from analytics.rollups.period_facts import PeriodFacts

StepFigures = tuple[Interval, ZoneFigures]
"""A step cut to the requested period, seconds since the epoch, and a zone in it."""

HOUR_S = 3600.0
TIME_STEP_S = 300.0
"""Step in seconds to which the current time is rounded down, so that repeated requests use cached results."""
MAX_DAYS = {"hour": 31, "day": 366}


class HistoryStep(StrEnum):
    """The length of a row's step."""

    HOUR = "hour"
    DAY = "day"


def check_period(period_s: Interval, *, max_days: int) -> Interval:
    """Return a requested period.

    Raises:
        ExpoFlowError: it is empty, or longer than allowed.
    """
    if period_s[1] <= period_s[0]:
        raise ExpoFlowError("The period ends before it begins.", "Choose a 'from' that is before 'to'.")
    if period_s[1] - period_s[0] > max_days * 86400.0 + 1.0:
        raise ExpoFlowError(
            "The period is longer than {max_days} days.", "Request it in shorter parts.", max_days=max_days
        )
    return period_s


def read_history_gaps(venue: Venue, *, period_s: Interval) -> tuple[Row, ...]:
    """Return ``camera``, ``from_s``, ``to_s`` and ``cause`` of the gaps in a period, in order of time.

    The times are cut to the period; the cause is as stored, such as ``frozen`` or ``tracks lost``.

    Raises:
        StoreError: the history cannot be read.
    """
    from analytics.store.sql_event_store import open_reader

    if not venue.has_history:
        return ()
    with closing(open_reader(venue.folder)) as reader:
        found = reader.read_gaps(*period_s)
    found = found.assign(
        from_s=found["start_s"].clip(lower=period_s[0]), to_s=found["end_s"].clip(upper=period_s[1])
    )
    return list_rows(found.loc[found["to_s"] > found["from_s"], ["camera", "from_s", "to_s", "cause"]])


def read_hourly_summary(
    venue: Venue, *, period_s: Interval, step: HistoryStep, now_utc_s: float
) -> tuple[StepFigures, ...]:
    """Return the figures of every zone and step of a period, in order of time.

    Days and hours are local. A zone that was changed has figures since the change. ``coverage`` is of the
    step; by day also of the zone's floor. The mean dwell is left out for fewer than ``MIN_VISITORS``
    visits.

    Raises:
        ExpoFlowError: the period is empty, or longer than allowed.
        StoreError: the history cannot be read, or its data were deleted.
        JobCancelled: the job was cancelled.
    """
    check_period(period_s, max_days=MAX_DAYS[step.value])
    until_s = np.floor(now_utc_s / TIME_STEP_S) * TIME_STEP_S
    requested = (period_s[0], min(period_s[1], float(until_s)))
    if requested[1] <= requested[0]:
        return ()
    context = JobContext()
    if step is HistoryStep.DAY:
        return tuple(row for part in _list_days(venue, requested) for row in _count_day(venue, part, context))
    facts = read_period_facts(venue=venue, period_s=requested, names=("zone_blocks",), context=context)
    return () if facts is None else _count_hours(venue, requested, facts)


def _list_days(venue: Venue, period_s: Interval) -> Iterator[Interval]:
    day = venue.exhibition.local_day(period_s[0])
    while True:
        start_s, end_s = venue.exhibition.day_interval_utc(day)
        if start_s >= period_s[1]:
            return
        yield max(start_s, period_s[0]), min(end_s, period_s[1])
        day += timedelta(days=1)


def _count_day(venue: Venue, period_s: Interval, context: JobContext) -> Iterator[StepFigures]:
    from analytics.rollups.period_zones import summarise_period_zones

    facts = read_period_facts(venue=venue, period_s=period_s, names=("zone_days",), context=context)
    if facts is None:
        return
    for figures in summarise_period_zones(facts).values():
        is_few = (figures.visits.value or 0) < MIN_VISITORS
        yield period_s, replace(figures, mean_dwell_s=UNKNOWN) if is_few else figures


def _count_hours(venue: Venue, period_s: Interval, facts: PeriodFacts) -> tuple[StepFigures, ...]:
    from analytics.metrics.block_ratio import BlockSettings
    from analytics.metrics.clock_profile import profile_cells
    from analytics.rollups.zone_blocks import BlockSums

    starts = [
        max(hour_s, period_s[0])
        for start_s, end_s in _list_days(venue, period_s)
        for hour_s in _list_hours(venue, start_s, end_s)
    ]
    edges_s = np.array([*starts, period_s[1]], np.float64)
    sums = BlockSums(facts.tables["zone_blocks"])
    is_in = (sums.starts_s >= np.floor(edges_s[0] / TIME_STEP_S) * TIME_STEP_S) & (
        sums.starts_s < edges_s[-1]
    )
    cell = np.clip(np.searchsorted(edges_s, sums.starts_s, side="right") - 1, 0, len(starts) - 1)
    rows = []
    for zone in facts.zones:
        of_zone = sums.read_visits(str(zone.name))
        chosen = type(of_zone)(
            **{name: np.where(is_in, getattr(of_zone, name), 0.0) for name in of_zone.__slots__}
        )
        profile = profile_cells(
            sums=chosen,
            cell=cell,
            cells=len(starts),
            minimum_stay_s=zone.minimum_stay_s,
            settings=BlockSettings(),
        )
        for at in range(len(starts)):
            length_s = float(edges_s[at + 1] - edges_s[at])
            observed_s = float(profile.observed_s[at])
            has_dwell = observed_s > 0 and int(profile.visits[at]) >= MIN_VISITORS
            dwell = profile.mean_dwell_s
            rows.append(
                (
                    (float(edges_s[at]), float(edges_s[at + 1])),
                    ZoneFigures(
                        str(zone.name),
                        coverage=round(min(1.0, observed_s / length_s), 4),
                        visits=Estimate(int(profile.visits[at])) if observed_s > 0 else UNKNOWN,
                        mean_dwell_s=Estimate(_number(dwell.value[at])) if has_dwell else UNKNOWN,
                    ),
                )
            )
    return tuple(sorted(rows, key=lambda row: row[0][0]))


def _list_hours(venue: Venue, start_s: float, end_s: float) -> Iterator[float]:
    """Return the full local hours that overlap a part of a day."""
    midnight_s = venue.exhibition.day_interval_utc(venue.exhibition.local_day(start_s))[0]
    hour = int((start_s - midnight_s) // HOUR_S)
    while (hour_s := midnight_s + hour * HOUR_S) < end_s:
        yield hour_s
        hour += 1


def _number(value: float) -> float | None:
    return float(round(value, 3)) if np.isfinite(value) else None

"""``compare``: compare two periods, layouts or halls."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, show_progress
from app.console.language import tr, translate

if TYPE_CHECKING:
    from analytics.comparison.block_figures import Metric
    from analytics.comparison.period_comparison import ZoneChange
    from analytics.domain.exhibition import Interval
    from app.comparison.period_comparison import ComparisonResults
    from app.core.document import Venue


def compare(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    a: Annotated[str, typer.Option(help="FROM/TO as days or times, or a layout version by label or number.")],
    b: Annotated[str, typer.Option(help="The other side, in the same form.")],
    other_venue: Annotated[
        Path | None, typer.Option(help="The venue folder of B, if it is another hall.")
    ] = None,
    zone: Annotated[list[str] | None, typer.Option(help="A zone to compare; all by default.")] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="visits, visits_per_100, mean_dwell, median_dwell, person_seconds, capture or footfall."
        ),
    ] = None,
    unchanged: Annotated[
        list[str] | None, typer.Option(help="An unchanged zone, used as a reference for the others.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print machine-readable output.")] = False,
) -> None:
    """Compare two periods: changes, their certainty, and the smallest detectable changes."""
    from app.comparison.comparison_figures import PRIMARY_METRICS
    from app.comparison.period_comparison import ComparisonPeriod, compare_periods
    from app.core.file_format import read_venue
    from app.core.job import JobContext

    first = read_venue(venue)
    second = first if other_venue is None else read_venue(other_venue)
    with show_progress(tr("Comparing"), is_hidden=as_json) as listen:
        compared = compare_periods(
            ComparisonPeriod(first, parse_side(first, a)),
            ComparisonPeriod(second, parse_side(second, b)),
            metrics=_parse_metrics(metric) if metric else PRIMARY_METRICS,
            zones=zone or (),
            unchanged=unchanged or (),
            job=JobContext(on_progress=listen),
        )
    if as_json:
        print_json(_describe(compared))
        return
    _print_comparison(compared)


def parse_side(venue: Venue, text: str) -> Interval:
    """Parse one side of a comparison, seconds since the epoch; a day without a time means the whole day.

    Raises:
        ExpoFlowError: a time cannot be read, or there is no such version.
    """
    from app.comparison.period_comparison import find_version_period

    start, separator, end = text.partition("/")
    if not separator:
        return find_version_period(venue, text)
    return parse_time(venue, start, is_end=False), parse_time(venue, end, is_end=True)


def parse_period(venue: Venue, start: str, end: str) -> Interval:
    """Parse ``--from`` and ``--to``, seconds since the epoch; a day alone means the whole day.

    Raises:
        ExpoFlowError: a time cannot be read, or the end is not after the start.
    """
    from analytics.domain.errors import OutputError

    period_s = parse_time(venue, start, is_end=False), parse_time(venue, end, is_end=True)
    if period_s[1] <= period_s[0]:
        raise OutputError("The period ends before it begins.", "Choose a '--from' before '--to'.")
    return period_s


def parse_time(venue: Venue, text: str, *, is_end: bool) -> float:
    """Parse a time or day, seconds since the epoch; the end of a day is its midnight.

    Raises:
        ExpoFlowError: it cannot be read.
    """
    from analytics.domain.clock import parse_utc

    try:
        day = date.fromisoformat(text)
    except ValueError:
        return parse_utc(text)
    return venue.exhibition.day_interval_utc(day + timedelta(days=int(is_end)))[0]


def _parse_metrics(names: list[str]) -> tuple[Metric, ...]:
    from analytics.comparison.block_figures import Metric

    known = {metric.value: metric for metric in Metric}
    for name in names:
        if name not in known:
            raise typer.BadParameter(tr("'{name}' is not one of: {names}", name=name, names=", ".join(known)))
    return tuple(known[name] for name in dict.fromkeys(names))


def _print_comparison(compared: ComparisonResults) -> None:
    from analytics.domain.errors import fill_template

    for sentence in (*compared.notes, *(change.sentence for change in compared.changes)):
        print_message(fill_template(sentence.template, sentence.fields, translate))


def _describe(compared: ComparisonResults) -> dict[str, object]:
    comparison, hours = compared.comparison, compared.hours
    return {
        "unit": None if comparison.unit is None else comparison.unit.value,
        "hours": None if hours is None else [hours.start_s / 3600, hours.end_s / 3600],
        "days_a": [] if hours is None else [day.isoformat() for day in hours.days_a],
        "days_b": [] if hours is None else [day.isoformat() for day in hours.days_b],
        "left_out": [] if hours is None else [day.isoformat() for day in hours.left_out],
        "unchanged": list(comparison.controls),
        "redrawn": list(compared.redrawn),
        "notes": [str(note) for note in compared.notes],
        "changes": [
            {**_describe_change(found.change), "sentence": str(found.sentence)} for found in compared.changes
        ],
    }


def _describe_change(change: ZoneChange) -> dict[str, object]:
    effect = change.effect
    return {
        "zone": change.zone or None,
        "metric": change.metric.value,
        "verdict": change.verdict.value,
        "refusal": None if change.refusal is None else change.refusal.value,
        "level_a": _round(change.level_a, 3),
        "level_b": _round(change.level_b, 3),
        "ratio": None if effect is None else round(effect.ratio, 4),
        "ratio_interval": None if effect is None else [round(limit, 4) for limit in effect.interval],
        "p_value": None if effect is None else round(effect.p_value, 5),
        "adjusted_p_value": _round(change.adjusted_p, 5),
        "permutation_p_value": None if effect is None else round(effect.permutation_p, 5),
        "dwell_curves_p_value": _round(change.dwell_curves_p, 5),
        "smallest_noticed_ratio": None if effect is None else round(effect.min_detectable_ratio, 4),
        "coverage_a": _round(change.coverage_a, 4),
        "coverage_b": _round(change.coverage_b, 4),
        "tracked_differently": change.is_tracked_differently,
    }


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)

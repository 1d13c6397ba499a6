"""``compare``: compare two periods, layouts or halls."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.domain.errors import VenueError
from app.console.console import print_json, print_message, show_progress
from app.console.language import tr, translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analytics.comparison.block_figures import Metric
    from analytics.comparison.period_comparison import ZoneChange
    from analytics.domain.errors import Phrase
    from analytics.domain.exhibition import Interval
    from app.comparison.period_comparison import ComparisonResults, DescribedChange
    from app.core.document import Venue


def compare(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    a: Annotated[str, typer.Option(help="FROM/TO as days or times, or a layout version by label or number.")],
    b: Annotated[str, typer.Option(help="The other side, in the same form.")],
    other_venue: Annotated[
        Path | None, typer.Option(help="The venue folder of B, if it is another hall.")
    ] = None,
    other_halls: Annotated[
        bool, typer.Option("--other-halls", help="B is the mean of all other halls of the site.")
    ] = False,
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
    show_all: Annotated[
        bool,
        typer.Option("--all", help="Print a sentence on every comparison, not only on changes."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Compare two periods: changes, their certainty, and the smallest detectable changes."""
    from analytics.store.history_folder import list_sibling_folders
    from app.comparison.comparison_figures import PRIMARY_METRICS
    from app.comparison.comparison_view import describe_hidden, find_other_halls
    from app.comparison.period_comparison import ComparisonPeriod, compare_periods
    from app.core.file_format import read_venue
    from app.core.job import JobContext

    first = read_venue(venue)
    if other_halls and (other_venue is not None or zone or unchanged):
        raise typer.BadParameter(
            tr("--other-halls compares whole halls: it takes no other hall and no zones.")
        )
    folders = [one for one in list_sibling_folders(venue.absolute()) if one != venue.absolute()]
    if other_halls and not folders:
        raise VenueError(
            "'{venue}' is not a hall of a site with other halls.",
            "Give the folder of a hall in the hub's folder, such as HUB/hall_1.expoflow.",
            venue=first.name,
        )
    others = folders if other_halls else [] if other_venue is None else [other_venue]
    found, hidden = find_other_halls(first, others)
    second, *more = found or (first,)
    with show_progress(tr("Comparing"), is_hidden=as_json) as listen:
        compared = compare_periods(
            ComparisonPeriod(first, parse_side(first, a)),
            ComparisonPeriod(second, parse_side(second, b), tuple(more)),
            metrics=_parse_metrics(metric) if metric else PRIMARY_METRICS,
            zones=zone or (),
            unchanged=unchanged or (),
            job=JobContext(on_progress=listen),
        )
    compared = dataclasses.replace(compared, notes=(*compared.notes, *describe_hidden(hidden)))
    if as_json:
        print_json(_describe(compared))
        return
    _print_comparison(compared, show_all=show_all)


def parse_side(venue: Venue, text: str) -> Interval:
    """Parse one side of a comparison, seconds since the epoch; a day without a time means the whole day.

    Raises:
        ExpoFlowError: a time cannot be read, or there is no such version.
    """
    from app.comparison.period_comparison import find_version_period
    from app.core.periods import parse_time

    start, separator, end = text.partition("/")
    if not separator:
        return find_version_period(venue, text)
    return parse_time(venue.exhibition, start, is_end=False), parse_time(venue.exhibition, end, is_end=True)


def _parse_metrics(names: list[str]) -> tuple[Metric, ...]:
    from analytics.comparison.block_figures import Metric

    known = {metric.value: metric for metric in Metric}
    for name in names:
        if name not in known:
            raise typer.BadParameter(tr("'{name}' is not one of: {names}", name=name, names=", ".join(known)))
    return tuple(known[name] for name in dict.fromkeys(names))


def _print_comparison(compared: ComparisonResults, *, show_all: bool) -> None:
    """Print the significant changes, then either all other comparisons or their names, then the notes."""
    from analytics.comparison.block_figures import Verdict

    by_verdict: dict[Verdict, list[DescribedChange]] = {}
    for found in compared.changes:
        by_verdict.setdefault(found.change.verdict, []).append(found)
    significant = [*by_verdict.get(Verdict.RISE, ()), *by_verdict.get(Verdict.FALL, ())]
    made = len(compared.changes) - len(by_verdict.get(Verdict.REFUSED, ()))
    if made:
        print_message(
            tr("Significant changes: {count} of {made} comparisons.", count=len(significant), made=made)
        )
    _print_phrases(found.sentence for found in significant)
    for verdict, heading in (
        (Verdict.UNCERTAIN, tr("May be chance")),
        (Verdict.NO_EVIDENCE, tr("No evidence of a change")),
        (Verdict.REFUSED, tr("Not compared")),
    ):
        others = by_verdict.get(verdict, ())
        if show_all:
            _print_phrases(found.sentence for found in others)
        elif others:
            print_message(f"{heading} ({len(others)}): {_list_changes(others)}")
    if not show_all and len(significant) < len(compared.changes):
        print_message(tr("Add --all for a sentence on each of them."))
    _print_phrases(compared.notes)


def _print_phrases(phrases: Iterable[Phrase]) -> None:
    from analytics.domain.errors import fill_template

    for phrase in phrases:
        print_message(fill_template(phrase.template, phrase.fields, translate))


def _list_changes(changes: Sequence[DescribedChange]) -> str:
    """Return the zones of changes with the metrics of each."""
    from analytics.comparison.block_figures import WHOLE_HALL
    from app.comparison.comparison_figures import METRIC_NAMES

    metrics: dict[str, list[str]] = {}
    for found in changes:
        zone = tr("the whole hall") if found.change.zone == WHOLE_HALL else found.change.zone
        metrics.setdefault(zone, []).append(translate(METRIC_NAMES[found.change.metric].template))
    return "; ".join(f"{zone}: {', '.join(names)}" for zone, names in metrics.items())


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

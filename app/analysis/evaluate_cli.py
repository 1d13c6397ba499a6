"""``evaluate``: how far results are from the truth."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_table, say
from app.console.language import tr
from app.console.summary_table import NOT_OBSERVED

if TYPE_CHECKING:
    from analytics.evaluation.scores import Score, Scores

_LABELS = {
    "visits": "visits, found / true",
    "mean_dwell": "mean dwell, found / true",
    "median_dwell": "median dwell, found / true",
    "person_seconds": "person-seconds, found / true",
    "whole_long_stays": "stays of a minute or more kept whole",
    "identities_per_person": "identities per person",
    "double_people": "people with two identities at once",
    "idf1": "IDF1 within 1 m",
    "hota": "HOTA within 1 m",
    "floor_error_rms_m": "floor error, root mean square, m",
    "floor_error_median_m": "floor error, median, m",
    "crossings": "crossings, found / true",
    "crossing_recall": "true crossings that were found",
    "crossing_precision": "found crossings that are true",
}


def evaluate(
    truth: Annotated[Path, typer.Option(help="Folder with the four files of the truth.")],
    against: Annotated[Path, typer.Option(help="Folder with the four files of a result.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the scores for a machine to read.")] = False,
) -> None:
    """Compare results with the truth: visits, dwell, identities, positions and crossings, with intervals."""
    from analytics.evaluation.result_reading import read_result_files
    from analytics.evaluation.truth_comparison import compare_results

    true, found = read_result_files(truth), read_result_files(against)
    begins = [result.summary.get("start_utc") for result in (true, found)]
    if _differ(*begins):
        say(
            tr(
                "The truth begins at {truth}, the result at {result}; seconds are counted from each one's "
                "own beginning.",
                truth=begins[0],
                result=begins[1],
            )
        )
    scores = compare_results(truth=true, against=found)
    if as_json:
        print_json(scores.to_dict())
        return
    _print_scores(scores)


def _differ(one: object, other: object) -> bool:
    """Whether two moments, as they are written, are known to be different."""
    from analytics.domain.clock import parse_utc
    from analytics.domain.errors import ExpoFlowError

    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    try:
        return parse_utc(one) != parse_utc(other)
    except ExpoFlowError:
        return one != other


def _print_scores(scores: Scores) -> None:
    print_table(
        ("score", "value", "interval"),
        [(label, *_format(getattr(scores, name))) for name, label in _LABELS.items()],
    )
    print_table(
        ("zone", "true visits", "found", "visits", "mean dwell", "median", "person-seconds"),
        [
            (
                zone.zone,
                zone.true_visits,
                NOT_OBSERVED if zone.found_visits is None else f"{zone.found_visits:g}",
                *map(_number, (zone.visits, zone.mean_dwell, zone.median_dwell, zone.person_seconds)),
            )
            for zone in scores.zones
        ],
    )
    if scores.lines:
        print_table(
            ("line", "direction", "true", "found", "at the same time"),
            [(line.line, line.direction, line.true, line.found, line.matched) for line in scores.lines],
        )
    say(
        tr(
            "{people} people, {identities} identities, {stays} stays of a minute or more.",
            people=scores.people,
            identities=scores.identities,
            stays=scores.long_stays,
        )
    )
    say(tr("Intervals: {method}; blocks of {seconds:g} s.", method=scores.method, seconds=scores.block_s))


def _format(score: Score) -> tuple[str, str]:
    if score.interval is None:
        return _number(score.value), NOT_OBSERVED
    low, high = score.interval
    return _number(score.value), f"{low:.3f} to {high:.3f}"


def _number(value: float | None) -> str:
    return NOT_OBSERVED if value is None else f"{value:.3f}"

"""``findings``: what can be found out about a layout from what visitors did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.comparison.cli import parse_period
from app.console.console import print_json, show_progress
from app.console.language import check_language, tr, translate
from resources.translations import load_translations

if TYPE_CHECKING:
    from analytics.domain.errors import Phrase
    from analytics.findings.finding import LayoutFinding
    from app.findings.findings_figures import FoundLayout


def findings(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    start: Annotated[str, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="The same; a day means until its end.")],
    language: Annotated[
        str | None,
        typer.Option(help="Of the sentences; by default that of the settings.", callback=check_language),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Say which zones stay cold, where it jams, which stands differ from their place, and more."""
    from analytics.domain.errors import fill_template
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.findings.layout_findings import search_venue

    opened = read_venue(venue)
    period_s = parse_period(opened, start, end)
    with show_progress(tr("Looking for findings"), is_hidden=as_json) as listen:
        found = search_venue(venue=opened, period_s=period_s, context=JobContext(on_progress=listen))
    look_up = translate if language is None else load_translations(language).gettext

    def tell(phrase: Phrase) -> str:
        return fill_template(phrase.template, phrase.fields, look_up) if phrase.template else ""

    time_zone = opened.exhibition.time_zone
    if as_json:
        print_json(_describe(found, time_zone, tell))
        return
    for line in _list_lines(found, time_zone, tell):
        typer.echo(line)


def _list_lines(found: FoundLayout, time_zone: str, tell: Callable[[Phrase], str]) -> Iterator[str]:
    from analytics.domain.errors import Phrase
    from app.findings.findings_figures import find_decision
    from app.findings.layout_finding_words import describe_finding, describe_outcomes

    if not found.outcomes:
        yield tell(Phrase("Nothing was observed in this period."))
        return
    told = [f for f in found.findings if not find_decision(f, found.decisions).is_dismissed]
    if not told:
        yield tell(Phrase("Nothing was found that has to be told."))
    for finding in told:
        words = describe_finding(finding, time_zone=time_zone)
        yield f"{tell(words.what)}. {tell(words.impact)}."
        yield f"  {tell(words.why)}"
        if words.hours.template:
            yield f"  {tell(words.hours)}."
        yield f"  {tell(words.advice)}"
        note = find_decision(finding, found.decisions).note
        if note:
            yield "  " + tell(Phrase("Note: {note}", {"note": note}))
    dismissed = len(found.findings) - len(told)
    if dismissed:
        yield tell(Phrase("Dismissed, and not told again: {count}.", {"count": dismissed}))
    yield ""
    for phrase in describe_outcomes(found.outcomes):
        yield tell(phrase)


def _describe(found: FoundLayout, time_zone: str, tell: Callable[[Phrase], str]) -> dict[str, object]:
    from app.findings.layout_finding_words import describe_outcomes

    return {
        "period_s": list(found.period_s),
        "observed_s": round(found.observed_s, 1),
        "findings": [_describe_finding(finding, found, time_zone, tell) for finding in found.findings],
        "notes": [tell(phrase) for phrase in describe_outcomes(found.outcomes)],
    }


def _describe_finding(
    finding: LayoutFinding, found: FoundLayout, time_zone: str, tell: Callable[[Phrase], str]
) -> dict[str, object]:
    from app.findings.findings_figures import find_decision
    from app.findings.layout_finding_words import describe_finding

    words = describe_finding(finding, time_zone=time_zone)
    decision = find_decision(finding, found.decisions)
    interval = finding.effect.interval
    return {
        "kind": finding.kind.value,
        "place": finding.place,
        "zone": finding.zone,
        "others": list(finding.others),
        "point_m": [round(value, 2) for value in finding.point_m],
        "hours_s": [list(hours) for hours in finding.hours_s],
        "event": finding.event or None,
        "effect": round(finding.effect.value, 4),
        "interval": None if interval is None else [round(limit, 4) for limit in interval],
        "impact": round(finding.impact.amount, 2),
        "impact_unit": finding.impact.unit.value,
        "person_minutes": round(finding.impact.person_minutes, 2),
        "evidence": {name: round(value, 4) for name, value in finding.evidence.items()},
        "dismissed": decision.is_dismissed,
        "note": decision.note or None,
        "sentences": [tell(part) for part in (words.what, words.why, words.advice)],
    }

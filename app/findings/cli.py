"""``findings``: layout findings from the movements of visitors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, show_progress
from app.console.language import check_language, tr, translate
from app.core.periods import parse_period
from resources.translations import load_translations

if TYPE_CHECKING:
    from analytics.domain.errors import Phrase
    from analytics.findings.finding import LayoutFinding
    from app.findings.finding_decisions import FindingDecision
    from app.findings.findings_figures import FindingsResults


def findings(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    start: Annotated[str, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="End, in the same form; a day is included in full.")],
    language: Annotated[
        str | None,
        typer.Option(
            help="Language of the sentences; default: that of the settings.", callback=check_language
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List layout findings: cold zones, bottlenecks, exceptional stands and more."""
    from analytics.domain.errors import fill_template
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.findings.layout_findings import search_venue

    opened = read_venue(venue)
    period_s = parse_period(opened.exhibition, start, end)
    with show_progress(tr("Searching for findings"), is_hidden=as_json) as listen:
        found = search_venue(venue=opened, period_s=period_s, context=JobContext(on_progress=listen))
    look_up = translate if language is None else load_translations(language).gettext

    def render(phrase: Phrase) -> str:
        return fill_template(phrase.template, phrase.fields, look_up) if phrase.template else ""

    time_zone = opened.exhibition.time_zone
    if as_json:
        print_json(_describe(found, time_zone, render))
        return
    for line in _list_lines(found, time_zone, render):
        typer.echo(line)


def _list_lines(found: FindingsResults, time_zone: str, render: Callable[[Phrase], str]) -> Iterator[str]:
    from analytics.domain.errors import Phrase
    from app.findings.finding_text import (
        describe_decision,
        describe_finding,
        describe_outcomes,
        name_past_finding,
    )
    from app.findings.findings_figures import find_decision, list_open_findings

    def list_decided(decision: FindingDecision) -> Iterator[str]:
        if parts := describe_decision(decision):
            yield "  " + " · ".join(map(render, parts))
        for sentence in found.effects.get(decision.key, ()):
            yield f"  {render(sentence)}"

    if not found.outcomes:
        yield render(Phrase("No data for this period."))
        return
    open_findings = list_open_findings(found)
    if not open_findings:
        yield render(Phrase("No findings for this period."))
    for finding in open_findings:
        text = describe_finding(finding, time_zone=time_zone)
        yield render(Phrase("{what}. {impact}.", {"what": text.what, "impact": text.impact}))
        yield f"  {render(text.why)}"
        for part in (text.interval, text.hours):
            if part.template:
                yield f"  {render(Phrase('{part}.', {'part': part}))}"
        yield f"  {render(text.advice)}"
        yield from list_decided(find_decision(finding, found.decisions))
    if past := found.list_past():
        yield render(Phrase("Decided, and not found in this period:"))
        for decision in past:
            yield render(name_past_finding(decision))
            yield from list_decided(decision)
    rejected = len(found.findings) - len(open_findings)
    if rejected:
        yield render(Phrase("Rejected findings: {count}.", {"count": rejected}))
    yield ""
    for phrase in describe_outcomes(found.outcomes):
        yield render(phrase)


def _describe(found: FindingsResults, time_zone: str, render: Callable[[Phrase], str]) -> dict[str, object]:
    from app.findings.finding_text import describe_outcomes

    return {
        "period_s": list(found.period_s),
        "observed_s": round(found.observed_s, 1),
        "findings": [_describe_finding(finding, found, time_zone, render) for finding in found.findings],
        "past": [
            {"kind": one.kind, "place": one.place, **_describe_decision(one, found, render)}
            for one in found.list_past()
        ],
        "notes": [render(phrase) for phrase in describe_outcomes(found.outcomes)],
    }


def _describe_decision(
    decision: FindingDecision, found: FindingsResults, render: Callable[[Phrase], str]
) -> dict[str, object]:
    return {
        "state": decision.state.value,
        "reason": decision.reason or None,
        "owner": decision.owner or None,
        "due_on": None if decision.due_on is None else decision.due_on.isoformat(),
        "changed_on": None if decision.changed_on is None else decision.changed_on.isoformat(),
        "note": decision.note or None,
        "effect_since_change": [render(sentence) for sentence in found.effects.get(decision.key, ())],
    }


def _describe_finding(
    finding: LayoutFinding, found: FindingsResults, time_zone: str, render: Callable[[Phrase], str]
) -> dict[str, object]:
    from app.findings.finding_text import describe_finding
    from app.findings.findings_figures import find_decision

    text = describe_finding(finding, time_zone=time_zone)
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
        **_describe_decision(decision, found, render),
        "sentences": [render(part) for part in (text.what, text.why, text.advice)],
    }

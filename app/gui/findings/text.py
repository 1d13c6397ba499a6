"""Texts of the findings page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from analytics.domain.errors import Phrase, fill_template
from analytics.findings.finding import FindingKind, LayoutFinding
from app.core.view_link import ViewLink
from app.findings.finding_decisions import FindingDecision
from app.findings.finding_text import (
    KIND_NAMES,
    describe_decision,
    describe_finding,
    describe_outcomes,
    name_past_finding,
)
from app.findings.findings_figures import FindingsResults, find_decision, link_comparison, link_finding
from app.gui.session.translation import display_name, tr

_TONES: Mapping[FindingKind, str] = {FindingKind.BETTER_STAND: "good"}


@dataclass(frozen=True, slots=True)
class LayoutFindingRow:
    """One card of a finding, or of a decision about one that is not found any more.

    Attributes:
        tone: ``warning``, or ``good`` for a better stand.
        decided: decision about it; empty for none.
        is_overdue: whether it should have been done by now.
        effects: what became of it since the layout was changed.
        link: page that shows it.
        comparison: before and after a change; None if not available.
    """

    finding: LayoutFinding | None
    decision: FindingDecision
    kind_name: str
    tone: str
    what: str
    impact: str
    why: str
    interval: str
    hours: str
    advice: str
    method: str
    decided: str
    is_overdue: bool
    effects: tuple[str, ...]
    link: ViewLink | None
    comparison: ViewLink | None


def describe_rows(found: FindingsResults, *, time_zone: str, today: date) -> tuple[LayoutFindingRow, ...]:
    """Return all findings including rejected ones, most important first."""
    return tuple(_describe_row(finding, found, time_zone, today) for finding in found.findings)


def describe_past(found: FindingsResults, *, time_zone: str, today: date) -> tuple[LayoutFindingRow, ...]:
    """Return the decisions about findings that this period does not show."""
    return tuple(
        _make_row(
            decision,
            found,
            time_zone,
            today,
            finding=None,
            kind_name=tr("Not found in this period"),
            what=translate_phrase(name_past_finding(decision, display_name)),
        )
        for decision in found.list_past()
    )


def describe_kinds(rows: Sequence[LayoutFindingRow]) -> tuple[tuple[str, str], ...]:
    """Return the kinds found, as (value, name with count)."""
    kinds = []
    for kind, name in KIND_NAMES.items():
        count = sum(row.finding is not None and row.finding.kind is kind for row in rows)
        if count:
            kinds.append((kind.value, tr("{name} ({count})", name=translate_phrase(name), count=count)))
    return tuple(kinds)


def describe_assessed(found: FindingsResults) -> tuple[str, ...]:
    """Return sentences on what was and was not assessed."""
    return tuple(
        translate_phrase(phrase) for phrase in describe_outcomes(found.outcomes, name_zone=display_name)
    )


def translate_phrase(phrase: Phrase) -> str:
    return fill_template(phrase.template, phrase.fields, tr) if phrase.template else ""


def _translate_effect(sentence: Phrase) -> str:
    zone = sentence.fields.get("zone")
    named = {"zone": display_name(zone)} if isinstance(zone, str) else {}
    return translate_phrase(Phrase(sentence.template, {**sentence.fields, **named}))


def _describe_row(
    finding: LayoutFinding, found: FindingsResults, time_zone: str, today: date
) -> LayoutFindingRow:
    texts = describe_finding(finding, time_zone=time_zone, name_zone=display_name)
    return _make_row(
        find_decision(finding, found.decisions),
        found,
        time_zone,
        today,
        finding=finding,
        kind_name=translate_phrase(KIND_NAMES[finding.kind]),
        tone=_TONES.get(finding.kind, "warning"),
        what=translate_phrase(texts.what),
        impact=translate_phrase(texts.impact),
        why=translate_phrase(texts.why),
        interval=translate_phrase(texts.interval),
        hours=translate_phrase(texts.hours),
        advice=tr("Suggestion: {advice}", advice=translate_phrase(texts.advice)),
        method=translate_phrase(texts.method),
        link=link_finding(finding),
    )


def _make_row(
    decision: FindingDecision,
    found: FindingsResults,
    time_zone: str,
    today: date,
    *,
    finding: LayoutFinding | None,
    kind_name: str,
    what: str,
    tone: str = "",
    impact: str = "",
    why: str = "",
    interval: str = "",
    hours: str = "",
    advice: str = "",
    method: str = "",
    link: ViewLink | None = None,
) -> LayoutFindingRow:
    zone = decision.place if finding is None else finding.zone
    is_overdue = decision.is_overdue(today)
    decided = [translate_phrase(part) for part in describe_decision(decision)]
    return LayoutFindingRow(
        finding=finding,
        decision=decision,
        kind_name=kind_name,
        tone=tone,
        what=what,
        impact=impact,
        why=why,
        interval=interval,
        hours=hours,
        advice=advice,
        method=method,
        decided=" · ".join([*decided, *([tr("overdue")] if is_overdue else [])]),
        is_overdue=is_overdue,
        effects=tuple(_translate_effect(sentence) for sentence in found.effects.get(decision.key, ())),
        link=link,
        comparison=link_comparison(zone, decision, history_s=found.history_s, time_zone=time_zone),
    )

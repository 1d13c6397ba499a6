"""Texts of the findings page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.domain.errors import Phrase, fill_template
from analytics.findings.finding import FindingKind, LayoutFinding
from app.core.view_link import ViewLink
from app.findings.finding_decisions import FindingDecision
from app.findings.finding_text import KIND_NAMES, describe_finding, describe_outcomes
from app.findings.findings_figures import FindingsResults, find_decision, link_comparison, link_finding
from app.gui.session.translation import display_name, tr

_TONES: Mapping[FindingKind, str] = {FindingKind.BETTER_STAND: "good"}

REASONS = ("intended", "accepted", "measurement", "other")
"""Reasons for dismissing a finding, as stored."""


@dataclass(frozen=True, slots=True)
class LayoutFindingRow:
    """One card of a finding.

    Attributes:
        tone: ``warning``, or ``good`` for a better stand.
        decided: decision about it; empty for none.
        link: page that shows it.
        comparison: before and after a change; None if not available.
    """

    finding: LayoutFinding
    decision: FindingDecision
    kind_name: str
    tone: str
    what: str
    impact: str
    why: str
    hours: str
    advice: str
    method: str
    decided: str
    link: ViewLink
    comparison: ViewLink | None


def describe_rows(found: FindingsResults, *, time_zone: str) -> tuple[LayoutFindingRow, ...]:
    """Return all findings including dismissed ones, most important first."""
    return tuple(_describe_row(finding, found, time_zone) for finding in found.findings)


def describe_kinds(rows: Sequence[LayoutFindingRow]) -> tuple[tuple[str, str], ...]:
    """Return the kinds found, as (value, name with count)."""
    kinds = []
    for kind, name in KIND_NAMES.items():
        count = sum(row.finding.kind is kind for row in rows)
        if count:
            kinds.append((kind.value, tr("{name} ({count})", name=translate_phrase(name), count=count)))
    return tuple(kinds)


def describe_assessed(found: FindingsResults) -> tuple[str, ...]:
    """Return sentences on what was and was not assessed."""
    return tuple(
        translate_phrase(phrase) for phrase in describe_outcomes(found.outcomes, name_zone=display_name)
    )


def describe_reason(reason: str) -> str:
    """Return the reason for dismissing a finding."""
    return {
        "intended": tr("It is intended"),
        "accepted": tr("Known, no action planned"),
        "measurement": tr("The measurement is wrong"),
        "other": tr("Another reason"),
    }.get(reason, reason)


def translate_phrase(phrase: Phrase) -> str:
    """Return a phrase in the current language."""
    return fill_template(phrase.template, phrase.fields, tr) if phrase.template else ""


def _describe_row(finding: LayoutFinding, found: FindingsResults, time_zone: str) -> LayoutFindingRow:
    texts = describe_finding(finding, time_zone=time_zone, name_zone=display_name)
    decision = find_decision(finding, found.decisions)
    return LayoutFindingRow(
        finding=finding,
        decision=decision,
        kind_name=translate_phrase(KIND_NAMES[finding.kind]),
        tone=_TONES.get(finding.kind, "warning"),
        what=translate_phrase(texts.what),
        impact=translate_phrase(texts.impact),
        why=translate_phrase(texts.why),
        hours=translate_phrase(texts.hours),
        advice=tr("Suggestion: {advice}", advice=translate_phrase(texts.advice)),
        method=translate_phrase(texts.method),
        decided=_describe_decision(decision),
        link=link_finding(finding),
        comparison=link_comparison(finding, decision, history_s=found.history_s, time_zone=time_zone),
    )


def _describe_decision(decision: FindingDecision) -> str:
    parts = []
    if decision.is_dismissed:
        parts.append(tr("Dismissed: {reason}", reason=describe_reason(decision.reason)))
    if decision.changed_on is not None:
        parts.append(tr("Changed on {day}", day=decision.changed_on.isoformat()))
    if decision.note:
        parts.append(tr("Note: {note}", note=decision.note))
    return " · ".join(parts)

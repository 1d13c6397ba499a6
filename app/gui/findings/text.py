"""Findings about the layout in the window's language, ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.domain.errors import Phrase, fill_template
from analytics.findings.finding import FindingKind, LayoutFinding
from app.core.view_link import ViewLink
from app.findings.finding_decisions import FindingDecision
from app.findings.findings_figures import FoundLayout, find_decision, link_comparison, link_finding
from app.findings.layout_finding_words import KIND_NAMES, describe_finding, describe_outcomes
from app.gui.session.translation import display_name, tr

_TONES: Mapping[FindingKind, str] = {FindingKind.BETTER_STAND: "good"}

REASONS = ("intended", "accepted", "measurement", "other")
"""Why a finding is dismissed, as it is kept."""


@dataclass(frozen=True, slots=True)
class LayoutFindingRow:
    """One card.

    Attributes:
        tone: ``warning``, or ``good`` for what is better.
        decided: what was decided about it; empty for nothing.
        link: the view that shows it.
        comparison: before and after a change; None where there is none to compare.
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


def describe_rows(found: FoundLayout, *, time_zone: str) -> tuple[LayoutFindingRow, ...]:
    """All findings, dismissed ones with them, what matters most first."""
    return tuple(_describe_row(finding, found, time_zone) for finding in found.findings)


def describe_kinds(rows: Sequence[LayoutFindingRow]) -> tuple[tuple[str, str], ...]:
    """The kinds that were found, as (value, name with how many)."""
    kinds = []
    for kind, name in KIND_NAMES.items():
        count = sum(row.finding.kind is kind for row in rows)
        if count:
            kinds.append((kind.value, tr("{name} ({count})", name=say(name), count=count)))
    return tuple(kinds)


def describe_looked_at(found: FoundLayout) -> tuple[str, ...]:
    """What was looked at and what could not be told."""
    return tuple(say(phrase) for phrase in describe_outcomes(found.outcomes, name_zone=display_name))


def describe_reason(reason: str) -> str:
    """Why a finding was dismissed, in words."""
    return {
        "intended": tr("It is meant to be so"),
        "accepted": tr("Known, and nothing will be done"),
        "measurement": tr("The measurement is wrong"),
        "other": tr("Another reason"),
    }.get(reason, reason)


def say(phrase: Phrase) -> str:
    """A phrase in the window's language."""
    return fill_template(phrase.template, phrase.fields, tr) if phrase.template else ""


def _describe_row(finding: LayoutFinding, found: FoundLayout, time_zone: str) -> LayoutFindingRow:
    words = describe_finding(finding, time_zone=time_zone, name_zone=display_name)
    decision = find_decision(finding, found.decisions)
    return LayoutFindingRow(
        finding=finding,
        decision=decision,
        kind_name=say(KIND_NAMES[finding.kind]),
        tone=_TONES.get(finding.kind, "warning"),
        what=say(words.what),
        impact=say(words.impact),
        why=say(words.why),
        hours=say(words.hours),
        advice=tr("Suggestion: {advice}", advice=say(words.advice)),
        method=say(words.method),
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

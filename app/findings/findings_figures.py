"""Plain values shown on the findings page, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import find_time_zone
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import Zone
from analytics.findings.finding import FindingKind, LayoutFinding, Outcome
from app.core.view_link import LinkPart, LinkTarget, ViewLink
from app.findings.finding_decisions import FindingDecision

_SHOWN: dict[FindingKind, tuple[LinkTarget, LinkPart | None]] = {
    FindingKind.COLD_ZONE: (LinkTarget.FLOOR_PLAN, None),
    FindingKind.BETTER_STAND: (LinkTarget.EXHIBITION, LinkPart.STAND),
    FindingKind.WORSE_STAND: (LinkTarget.EXHIBITION, LinkPart.STAND),
    FindingKind.BOTTLENECK: (LinkTarget.FLOOR_PLAN, None),
    FindingKind.BLOCKING_QUEUE: (LinkTarget.FLOOR_PLAN, None),
    FindingKind.CAPACITY: (LinkTarget.DWELL, LinkPart.BY_HOUR),
    FindingKind.MISSED_SPONSOR: (LinkTarget.FLOWS, LinkPart.ROUTES),
    FindingKind.EMPTYING_EVENT: (LinkTarget.TIMELINE, LinkPart.EFFECTS),
    FindingKind.FEW_STAFF: (LinkTarget.TIMELINE, LinkPart.STAFF),
}
"""The place that shows the evidence of each kind."""


@dataclass(frozen=True, slots=True)
class FindingsResults:
    """Results of a search for layout findings.

    Attributes:
        findings: most important first.
        outcomes: outcome of every rule, including those without findings.
        plan, zones: those at the end of the period.
        effects: what became of the findings whose layout was changed: sentences that compare before and
            after, by the key of the decision.
        history_s: first and last observation of the venue.
        observed_s: observed seconds of the period.
    """

    period_s: Interval
    findings: tuple[LayoutFinding, ...]
    outcomes: tuple[Outcome, ...]
    decisions: tuple[FindingDecision, ...]
    plan: FloorPlan
    zones: tuple[Zone, ...]
    history_s: Interval | None
    observed_s: float
    effects: Mapping[tuple[str, str], tuple[Phrase, ...]] = field(default_factory=dict)

    def list_past(self) -> list[FindingDecision]:
        """Return the decisions in force about findings that this period does not show."""
        found = {finding.key for finding in self.findings}
        return [one for one in self.decisions if one.key not in found and not one.is_rejected]


def find_decision(finding: LayoutFinding, decisions: Sequence[FindingDecision]) -> FindingDecision:
    """Return the decision about a finding; an empty one if undecided."""
    known = next((decision for decision in decisions if decision.key == finding.key), None)
    return known or FindingDecision(*finding.key)


def list_open_findings(found: FindingsResults) -> list[LayoutFinding]:
    """Return the findings that were not rejected, most important first."""
    return [one for one in found.findings if not find_decision(one, found.decisions).is_rejected]


def link_finding(finding: LayoutFinding) -> ViewLink:
    """Return the link to the page that shows a finding."""
    return ViewLink(*_SHOWN[finding.kind], zone=finding.zone)


def link_comparison(
    zone: str | None, decision: FindingDecision, *, history_s: Interval | None, time_zone: str
) -> ViewLink | None:
    """Return the periods before and after the layout change; None where either was not observed."""
    periods = split_at_change(decision, history_s=history_s, time_zone=time_zone)
    if periods is None:
        return None
    before_s, after_s = periods
    return ViewLink(LinkTarget.COMPARE, zone=zone, period_s=after_s, other_period_s=before_s)


def split_at_change(
    decision: FindingDecision, *, history_s: Interval | None, time_zone: str
) -> tuple[Interval, Interval] | None:
    """Return the history before and after the layout change; None where either was not observed."""
    if decision.changed_on is None or history_s is None:
        return None
    changed_s = datetime.combine(decision.changed_on, time(), find_time_zone(time_zone)).timestamp()
    if not history_s[0] < changed_s < history_s[1]:
        return None
    return (history_s[0], changed_s), (changed_s, history_s[1])

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
class FindingCard:
    """A finding, or a decision about one that is not found any more, as it is shown.

    Attributes:
        sentences: below each other, each with the role of its label; empty ones are not shown.
        what: headline.
        details: what supports it, for screen readers.
        why: the sentence that ``explanation`` belongs to.
        link: page that shows it.
        comparison: before and after a change; None if not available.
    """

    finding: LayoutFinding | None
    decision: FindingDecision
    sentences: tuple[tuple[str, str], ...]
    what: str
    details: tuple[str, ...] = ()
    why: str = ""
    explanation: str = ""
    link: ViewLink | None = None
    comparison: ViewLink | None = None

    @property
    def kind(self) -> str:
        """Value of the kind of finding."""
        return self.decision.kind


def list_cards(found: FindingsResults, *, time_zone: str, today: date) -> list[FindingCard]:
    """Return all findings including rejected ones, most important first."""
    return [_describe_found(finding, found, time_zone, today) for finding in found.findings]


def list_past_cards(found: FindingsResults, *, time_zone: str, today: date) -> list[FindingCard]:
    """Return the decisions about findings that this period does not show."""
    cards = []
    for decision in found.list_past():
        what = translate_phrase(name_past_finding(decision, display_name))
        sentences = (
            (tr("Not found in this period"), "small"),
            (what, "title"),
            *_describe_decided(decision, found, today),
        )
        comparison = _link_comparison(decision.place, decision, found, time_zone)
        cards.append(FindingCard(None, decision, sentences, what, comparison=comparison))
    return cards


def describe_kinds(cards: Sequence[FindingCard]) -> dict[str, str]:
    """Return the kinds found, by value, with their counts."""
    kinds = {}
    for kind, name in KIND_NAMES.items():
        count = sum(card.kind == kind.value for card in cards)
        if count:
            kinds[kind.value] = tr("{name} ({count})", name=translate_phrase(name), count=count)
    return kinds


def describe_assessed(found: FindingsResults) -> tuple[str, ...]:
    """Return sentences on what was and was not assessed."""
    return tuple(
        translate_phrase(phrase) for phrase in describe_outcomes(found.outcomes, name_zone=display_name)
    )


def translate_phrase(phrase: Phrase) -> str:
    """Return a phrase in the current language."""
    return fill_template(phrase.template, phrase.fields, tr) if phrase.template else ""


def _translate_effect(sentence: Phrase) -> str:
    zone = sentence.fields.get("zone")
    named = {"zone": display_name(zone)} if isinstance(zone, str) else {}
    return translate_phrase(Phrase(sentence.template, {**sentence.fields, **named}))


def _describe_found(
    finding: LayoutFinding, found: FindingsResults, time_zone: str, today: date
) -> FindingCard:
    texts = describe_finding(finding, time_zone=time_zone, name_zone=display_name)
    decision = find_decision(finding, found.decisions)
    what, impact, why, hours = map(translate_phrase, (texts.what, texts.impact, texts.why, texts.hours))
    advice = tr("Suggestion: {advice}", advice=translate_phrase(texts.advice))
    return FindingCard(
        finding,
        decision,
        (
            (translate_phrase(KIND_NAMES[finding.kind]), "small"),
            (what, "title"),
            (impact, _TONES.get(finding.kind, "warning")),
            (why, ""),
            (hours, "muted"),
            (advice, "muted"),
            *_describe_decided(decision, found, today),
        ),
        what,
        (impact, why, hours, advice),
        why,
        "\n".join(filter(None, map(translate_phrase, (texts.interval, texts.method)))),
        link_finding(finding),
        _link_comparison(finding.zone, decision, found, time_zone),
    )


def _describe_decided(
    decision: FindingDecision, found: FindingsResults, today: date
) -> list[tuple[str, str]]:
    """Return the decision and what became of it since the layout was changed, each with a role."""
    is_overdue = decision.is_overdue(today)
    decided = [translate_phrase(part) for part in describe_decision(decision)]
    sentence = " · ".join([*decided, *([tr("overdue")] if is_overdue else [])])
    effects = found.effects.get(decision.key, ())
    return [
        (sentence, "warning" if is_overdue else "small"),
        *((_translate_effect(effect), "") for effect in effects),
    ]


def _link_comparison(
    zone: str | None, decision: FindingDecision, found: FindingsResults, time_zone: str
) -> ViewLink | None:
    return link_comparison(zone, decision, history_s=found.history_s, time_zone=time_zone)

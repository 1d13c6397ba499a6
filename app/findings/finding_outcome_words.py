"""What rules looked at and what they could not tell, as phrases to be translated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.domain.errors import Phrase
from analytics.findings.finding import FindingKind, Hindrance, Outcome
from app.core.listed_words import list_words
from app.findings.layout_finding_words import KIND_NAMES, NameZone

_RULE_NAMES: Mapping[FindingKind, Phrase] = {
    **KIND_NAMES,
    # one rule looks for both
    FindingKind.BETTER_STAND: Phrase("Stands better or worse than their place"),
}
_REASONS: Mapping[Hindrance, Phrase] = {
    Hindrance.NO_ZONES: Phrase("there are no stands"),
    Hindrance.TOO_FEW_STANDS: Phrase(
        "fewer than 8 stands were observed, too few to know how much stands differ anyway"
    ),
    Hindrance.TOO_FEW_VISITORS: Phrase("there were too few visitors"),
    Hindrance.NOT_OBSERVED: Phrase("less than 80 % of it was observed"),
    Hindrance.NOT_ENTERED: Phrase("no events are entered (Timeline)"),
    Hindrance.TOO_SHORT: Phrase("the time is too short"),
}
_OWN_REASONS: Mapping[tuple[FindingKind, Hindrance], Phrase] = {
    (FindingKind.BLOCKING_QUEUE, Hindrance.NO_ZONES): Phrase("there is no zone of kind queue"),
    (FindingKind.CAPACITY, Hindrance.NOT_ENTERED): Phrase("no capacity is entered (Now, Alarm rules)"),
    (FindingKind.MISSED_SPONSOR, Hindrance.NOT_ENTERED): Phrase(
        "no zone is marked as a sponsor's (Exhibition, Square metres)"
    ),
    (FindingKind.FEW_STAFF, Hindrance.NOT_ENTERED): Phrase("no staff are entered (Timeline, Staff)"),
}


def describe_outcomes(
    outcomes: Sequence[Outcome], *, name_zone: NameZone = lambda name: name
) -> tuple[Phrase, ...]:
    """A sentence for each rule that looked at something, and one for each reason why it could not."""
    sentences: list[Phrase] = []
    for outcome in outcomes:
        rule = _RULE_NAMES[outcome.kind]
        if outcome.looked_at:
            sentences.append(_describe_looked_at(outcome, rule))
        by_reason: dict[Hindrance, list[str]] = {}
        for place, hindrance in outcome.hindered:
            by_reason.setdefault(hindrance, []).append(place)
        for hindrance, places in by_reason.items():
            fields: dict[str, object] = {
                "rule": rule,
                "reason": _OWN_REASONS.get((outcome.kind, hindrance), _REASONS[hindrance]),
                "places": list_words([name_zone(place) for place in places if place]),
            }
            if fields["places"]:
                sentences.append(Phrase("{rule}: not told of {places}, {reason}.", fields))
            else:
                sentences.append(Phrase("{rule}: cannot be told, {reason}.", fields))
    return tuple(sentences)


def _describe_looked_at(outcome: Outcome, rule: Phrase) -> Phrase:
    if outcome.kind is FindingKind.BOTTLENECK:
        return Phrase("{rule}: all open floor that cameras see was looked at.", {"rule": rule})
    return Phrase("{rule}: places that were looked at: {count}.", {"rule": rule, "count": outcome.looked_at})

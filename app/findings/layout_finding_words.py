"""Findings about a layout in plain words, as phrases to be translated: what, why, and what could be done."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.domain.errors import Phrase
from analytics.domain.exhibition import Interval, find_time_zone
from analytics.findings.finding import FindingKind, Hindrance, ImpactUnit, LayoutFinding, Outcome
from app.core.number_words import list_words

NameZone = Callable[[str], str]
"""How the name of a zone is shown."""

KIND_NAMES: Mapping[FindingKind, Phrase] = {
    FindingKind.COLD_ZONE: Phrase("Cold zones"),
    FindingKind.BETTER_STAND: Phrase("Stands better than their place"),
    FindingKind.WORSE_STAND: Phrase("Stands worse than their place"),
    FindingKind.BOTTLENECK: Phrase("Bottlenecks"),
    FindingKind.BLOCKING_QUEUE: Phrase("Queues in an aisle"),
    FindingKind.CAPACITY: Phrase("Capacity at risk"),
    FindingKind.MISSED_SPONSOR: Phrase("Routes that miss a sponsor"),
    FindingKind.EMPTYING_EVENT: Phrase("Events that empty a zone"),
    FindingKind.FEW_STAFF: Phrase("Hours with too few staff"),
}

METHODS: Mapping[FindingKind, Phrase] = {
    FindingKind.COLD_ZONE: Phrase(
        "Visitors who stop at a zone, against what its place lets expect by the other stands: aisle flow "
        "(visitors within 3 m), size, open sides, way from the entrance. Cold: a quarter of it or less, and "
        "surely less than half."
    ),
    FindingKind.BETTER_STAND: Phrase(
        "Location-adjusted attraction: visitors who stop, over what aisle flow (visitors within 3 m), size, "
        "open sides and the way from the entrance let expect by the other stands. Told where it is an "
        "exception among all stands (5 % for all together)."
    ),
    FindingKind.BOTTLENECK: Phrase(
        "Open floor with more than 1.08 persons per m² (worse than level D, Fruin, walkway) for 1 % of the "
        "time or more (5 minutes in 8 hours), where people get on at less than three quarters of their speed "
        "otherwise."
    ),
    FindingKind.BLOCKING_QUEUE: Phrase(
        "Three people or more wait connected with a queue outside of its zone, for 10 minutes a day or "
        "more, and others who walk past are slower than in other minutes of the same half-hour."
    ),
    FindingKind.CAPACITY: Phrase(
        "Minutes with more than 90 % of the capacity that was entered, 5 a day or more; or peaks that rise "
        "from day to day towards it."
    ),
    FindingKind.MISSED_SPONSOR: Phrase(
        "A route of at least 5 % of the visitors, most of whom never come within 3 m of the sponsor's zone."
    ),
    FindingKind.EMPTYING_EVENT: Phrase(
        "People in a zone during events over those before and after, held against the same of the other "
        "zones; half or less of what they let expect."
    ),
    FindingKind.FEW_STAFF: Phrase(
        "Hours with more than 3 visitors present, or more than 12 engaged visits an hour, for each of the "
        "staff that were entered."
    ),
}
"""How each kind is found, in short; worse stands are found as better ones."""

_MAX_HOURS = 4


@dataclass(frozen=True, slots=True)
class FindingWords:
    """The sentences about one finding.

    Attributes:
        what: in a line.
        impact: what it costs or gains a day.
        why: the evidence, with its interval.
        hours: when; without words for the whole period.
        method: how it is found.
        advice: what could be done; a suggestion.
    """

    what: Phrase
    impact: Phrase
    why: Phrase
    hours: Phrase
    advice: Phrase
    method: Phrase


def describe_finding(
    finding: LayoutFinding, *, time_zone: str, name_zone: NameZone = lambda name: name
) -> FindingWords:
    """The sentences about a finding, its times by the venue's clock."""
    what, why, advice = _DESCRIBERS[finding.kind](finding, _collect_fields(finding, name_zone))
    same = FindingKind.BETTER_STAND if finding.kind is FindingKind.WORSE_STAND else finding.kind
    return FindingWords(
        what=what,
        impact=_describe_impact(finding),
        why=why,
        hours=_describe_hours(finding.hours_s, time_zone),
        advice=advice,
        method=METHODS[same],
    )


def _collect_fields(finding: LayoutFinding, name_zone: NameZone) -> dict[str, object]:
    evidence = finding.evidence
    fields: dict[str, object] = {
        name: f"{value:.0f}" for name, value in evidence.items() if math.isfinite(value)
    }
    low, high = finding.effect.interval or (finding.effect.value, finding.effect.value)
    fields |= {
        "name": name_zone(finding.zone) if finding.zone else "",
        "other": name_zone(finding.others[0]) if finding.others else "",
        "percent": _show_percent(finding.effect.value),
        "low_percent": _show_percent(low),
        "high_percent": _show_percent(high),
        "route": " → ".join(name_zone(zone) for zone in finding.others),
        "times": f"{finding.effect.value:.1f}",
        "low": f"{low:.1f}",
        "high": f"{high:.1f}",
    }
    return fields


def _show_percent(share: float) -> str:
    return f"{100 * share:.0f}"


Described = tuple[Phrase, Phrase, Phrase]


def _describe_cold(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    what = Phrase("'{name}' stays cold", fields)
    if finding.evidence["came_near"] < 1.0:
        return (
            what,
            Phrase(
                "Only {exposed} visitors came within 3 m of it: {percent} % of what its way from the "
                "entrance lets expect (interval {low_percent} to {high_percent} %), although a way leads "
                "there.",
                fields,
            ),
            Phrase(
                "Lead a way past it: a sign at the entrance, a wider opening, or something behind it that "
                "draws visitors."
            ),
        )
    return (
        what,
        Phrase(
            "{stopped} of the {exposed} visitors who came within 3 m stopped there, where {expected} stop at "
            "stands in such places: {percent} % (interval {low_percent} to {high_percent} %).",
            fields,
        ),
        Phrase(
            "Look at it from the aisle: is it open, lit and easy to see? If it is meant to draw visitors, an "
            "opening towards the aisle or something that moves could help."
        ),
    )


def _describe_better(_finding: LayoutFinding, fields: dict[str, object]) -> Described:
    return (
        Phrase("'{name}' attracts more than its place explains", fields),
        Phrase(
            "{stopped} visitors stopped there, where aisle flow, size, open sides and the way from the "
            "entrance let {expected} be expected: {times} times as many (interval {low} to {high}).",
            fields,
        ),
        Phrase(
            "See what it does differently. It could hold a place with less traffic, and draw visitors past "
            "weaker neighbours."
        ),
    )


def _describe_worse(_finding: LayoutFinding, fields: dict[str, object]) -> Described:
    return (
        Phrase("'{name}' attracts less than its place could", fields),
        Phrase(
            "{stopped} visitors stopped there, where aisle flow, size, open sides and the way from the "
            "entrance let {expected} be expected: {percent} % (interval {low_percent} to {high_percent} %).",
            fields,
        ),
        Phrase(
            "The place is not at fault: look at the stand's front, what it shows and its staff before you "
            "think of moving it."
        ),
    )


def _describe_bottleneck(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    evidence = finding.evidence
    fields |= {
        "density": f"{evidence['density_per_m2']:.1f}",
        "speed": f"{evidence['speed_m_s']:.2f}",
        "free_speed": f"{evidence['free_speed_m_s']:.2f}",
        "x": f"{finding.point_m[0]:.0f}",
        "y": f"{finding.point_m[1]:.0f}",
    }
    return (
        Phrase("Bottleneck at '{name}'", fields)
        if finding.zone
        else Phrase("Bottleneck at x = {x} m, y = {y} m", fields),
        Phrase(
            "For {minutes_per_day} minutes a day there are {density} persons per m², worse than level D "
            "(Fruin, walkway), and people move at {speed} m/s instead of {free_speed} m/s: {percent} % "
            "(interval {low_percent} to {high_percent} %).",
            fields,
        ),
        Phrase(
            "Make the passage wider, move away what people stop at, or open a second way. At these hours "
            "one-way traffic could help at once."
        ),
    )


def _describe_queue(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    fields |= {"tail": f"{finding.evidence['tail']:.1f}"}
    return (
        Phrase("The queue '{name}' blocks '{other}'", fields)
        if finding.others
        else Phrase("The queue '{name}' stands in the way", fields),
        Phrase(
            "For {minutes_per_day} minutes a day {tail} people on average wait outside of its zone, "
            "{longest_tail} at most. Who walks past then is slower: {percent} % of the speed otherwise "
            "(interval {low_percent} to {high_percent} %).",
            fields,
        ),
        Phrase(
            "Give the queue room away from the aisle, turn it round, or serve at a second counter at these "
            "hours."
        ),
    )


def _describe_capacity(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    if not finding.zone:
        fields |= {"name": Phrase("the whole hall")}
    fields |= {"peak": f"{finding.evidence['peak']:.0f}"}
    if finding.evidence["is_projected"]:
        return (
            Phrase("Capacity of {name}: soon reached if it goes on", fields),
            Phrase(
                "The peaks rose from day to day, {peak} people at most so far; at this pace the next day has "
                "{projected}, of {capacity} that are allowed.",
                fields,
            ),
            _CAPACITY_ADVICE,
        )
    return (
        Phrase("Capacity of {name}: nearly reached", fields),
        Phrase(
            "For {minutes_near_per_day} minutes a day there were more than 90 % of the {capacity} people "
            "that are allowed, and more than allowed for {minutes_above_per_day}; the fullest minute had "
            "{peak}.",
            fields,
        ),
        _CAPACITY_ADVICE,
    )


_CAPACITY_ADVICE = Phrase(
    "Count at the door at these hours and let fewer in at once, or move away what draws the crowd."
)


def _describe_sponsor(_finding: LayoutFinding, fields: dict[str, object]) -> Described:
    return (
        Phrase("A popular route misses the sponsor '{name}'", fields),
        Phrase(
            "{route_visitors} visitors went {route}; {percent} % of them (interval {low_percent} to "
            "{high_percent} %) never came within 3 m of it.",
            fields,
        ),
        Phrase("Put a sign for it on that route, or give it a place there."),
    )


def _describe_event(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    evidence = finding.evidence
    fields |= {
        "event": finding.event,
        "during": f"{evidence['people_during']:.1f}",
        "expected": f"{evidence['people_expected']:.1f}",
    }
    return (
        Phrase("'{event}' empties '{name}'", fields),
        Phrase(
            "While it lasts ({events} times), {during} people are there on average, where the other zones "
            "let {expected} be expected: {percent} % (interval {low_percent} to {high_percent} %).",
            fields,
        ),
        Phrase("Hold it at another hour or nearer to that zone, or let the zone pause meanwhile."),
    )


def _describe_staff(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    evidence = finding.evidence
    fields |= {
        "hours": f"{evidence['hours_per_day']:.1f}",
        "visitors": f"{evidence['visitors_per_staff']:.1f}",
        "engaged": f"{evidence['engaged_per_staff_hour']:.0f}",
        "staff": f"{evidence['staff']:g}",
    }
    return (
        Phrase("Too few staff at '{name}' at some hours", fields),
        Phrase(
            "In {hours} hours a day there are {visitors} visitors for each of {staff} staff, and {engaged} "
            "engaged visits an hour for each.",
            fields,
        ),
        Phrase("{staff_wanted} staff would do at these hours; quiet hours may spare them.", fields),
    )


_DESCRIBERS: Mapping[FindingKind, Callable[[LayoutFinding, dict[str, object]], Described]] = {
    FindingKind.COLD_ZONE: _describe_cold,
    FindingKind.BETTER_STAND: _describe_better,
    FindingKind.WORSE_STAND: _describe_worse,
    FindingKind.BOTTLENECK: _describe_bottleneck,
    FindingKind.BLOCKING_QUEUE: _describe_queue,
    FindingKind.CAPACITY: _describe_capacity,
    FindingKind.MISSED_SPONSOR: _describe_sponsor,
    FindingKind.EMPTYING_EVENT: _describe_event,
    FindingKind.FEW_STAFF: _describe_staff,
}


def _describe_impact(finding: LayoutFinding) -> Phrase:
    amount = finding.impact.amount
    fields = {"amount": f"{amount:.0f}" if amount >= 10 else f"{amount:.1f}"}
    if finding.kind is FindingKind.BETTER_STAND:
        return Phrase("Gains about {amount} visitors a day", fields)
    match finding.impact.unit:
        case ImpactUnit.VISITORS:
            return Phrase("Misses about {amount} visitors a day", fields)
        case ImpactUnit.MINUTES:
            return Phrase("About {amount} minutes a day", fields)
        case ImpactUnit.PERSON_MINUTES:
            return Phrase("Costs about {amount} person-minutes a day", fields)


def _describe_hours(hours_s: tuple[Interval, ...], time_zone: str) -> Phrase:
    """The longest times, in order."""
    if not hours_s:
        return Phrase("")
    longest = sorted(sorted(hours_s, key=lambda hours: hours[0] - hours[1])[:_MAX_HOURS])
    fields = {"hours": list_words([_show_hours(hours, time_zone) for hours in longest])}
    if len(longest) < len(hours_s):
        return Phrase("Above all {hours}", fields)
    return Phrase("At {hours}", fields)


def _show_hours(hours_s: Interval, time_zone: str) -> str:
    zone = find_time_zone(time_zone)
    start, end = (datetime.fromtimestamp(moment, zone) for moment in hours_s)
    return f"{start:%Y-%m-%d %H:%M}–{end:%H:%M}"


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

"""Layout findings as translatable text: finding, cause and advice."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.domain.exhibition import find_time_zone
from analytics.findings.finding import FindingKind, ImpactUnit, LayoutFinding, Outcome, SkipReason
from analytics.results.cell_text import format_rounded
from app.core.number_words import join_list
from app.findings.finding_decisions import FindingDecision, FindingState

NameZone = Callable[[str], str]
"""Function that returns the displayed name of a zone."""

KIND_NAMES: Mapping[FindingKind, Phrase] = {
    FindingKind.COLD_ZONE: Phrase("Cold zones"),
    FindingKind.BETTER_STAND: Phrase("Stands above the level of their location"),
    FindingKind.WORSE_STAND: Phrase("Stands below the level of their location"),
    FindingKind.BOTTLENECK: Phrase("Bottlenecks"),
    FindingKind.BLOCKING_QUEUE: Phrase("Queues blocking an aisle"),
    FindingKind.CAPACITY: Phrase("Capacity risks"),
    FindingKind.MISSED_SPONSOR: Phrase("Popular routes missing a sponsor"),
    FindingKind.EMPTYING_EVENT: Phrase("Events that draw visitors away"),
    FindingKind.FEW_STAFF: Phrase("Hours with too few staff"),
}

METHODS: Mapping[FindingKind, Phrase] = {
    FindingKind.COLD_ZONE: Phrase(
        "Visitors who stop, relative to what an average stand of its size could expect at its place (the "
        "figure 'Of its place' of all pages). Cold: with 95 % certainty less than a quarter of that, and an "
        "exception among all stands."
    ),
    FindingKind.BETTER_STAND: Phrase(
        "Visitors who stop, relative to what an average stand of its size could expect at its place (the "
        "figure 'Of its place' of all pages). Reported where that is with 95 % certainty more than 150 % or "
        "less than 67 %, and an exception among all stands: farther from 100 % than twice their usual "
        "difference."
    ),
    FindingKind.BOTTLENECK: Phrase(
        "Open floor with more than 1.08 persons per m² (worse than level D, Fruin, walkway) for at least "
        "1 % of the time (5 minutes in 8 hours), where people walk at less than three quarters of their "
        "usual speed."
    ),
    FindingKind.BLOCKING_QUEUE: Phrase(
        "At least three people wait outside a queue's zone, connected with it, for at least 10 minutes a "
        "day, and passers-by are slower than in other minutes of the same half-hour."
    ),
    FindingKind.CAPACITY: Phrase(
        "At least 5 minutes a day above 90 % of the entered capacity; or daily peaks rising towards it."
    ),
    FindingKind.MISSED_SPONSOR: Phrase(
        "A route taken by at least 5 % of the visitors, most of whom never come within 3 m of the "
        "sponsor's zone."
    ),
    FindingKind.EMPTYING_EVENT: Phrase(
        "People in a zone during events relative to before and after, compared with the other zones; at "
        "most half of the expected number."
    ),
    FindingKind.FEW_STAFF: Phrase(
        "Hours with more than 3 visitors present, or more than 12 engaged visits per hour, per entered "
        "member of staff."
    ),
}
"""Methods by kind of finding; worse stands share that of better ones."""

_MAX_HOURS = 4


STATE_NAMES: Mapping[FindingState, Phrase] = {
    FindingState.OPEN: Phrase("Still open"),
    FindingState.PLANNED: Phrase("Planned"),
    FindingState.DONE: Phrase("Done"),
    FindingState.REJECTED: Phrase("Rejected"),
}
REASONS: Mapping[str, Phrase] = {
    "intended": Phrase("It is intended"),
    "accepted": Phrase("Known, no action planned"),
    "measurement": Phrase("The measurement is wrong"),
    "other": Phrase("Another reason"),
}
"""Reasons for rejecting a finding, as stored."""


def describe_decision(decision: FindingDecision) -> tuple[Phrase, ...]:
    """Return what was decided about a finding, part by part; nothing where nothing was."""
    if decision.is_empty:
        return ()
    state = STATE_NAMES[decision.state]
    if decision.is_rejected and decision.reason:
        reason = REASONS.get(decision.reason, decision.reason)
        state = Phrase("{state}: {reason}", {"state": state, "reason": reason})
    parts = [state]
    for template, value in (
        ("Owner: {value}", decision.owner),
        ("Due on {value}", decision.due_on),
        ("Changed on {value}", decision.changed_on),
        ("Note: {value}", decision.note),
    ):
        if value:
            parts.append(Phrase(template, {"value": value}))
    return tuple(parts)


def name_past_finding(decision: FindingDecision, name_zone: NameZone = lambda name: name) -> Phrase:
    """Return the headline of a decision whose finding is not among those of the period."""
    kind = next((KIND_NAMES[kind] for kind in FindingKind if kind.value == decision.kind), decision.kind)
    return Phrase("{kind}: {place}", {"kind": kind, "place": name_zone(decision.place)})


@dataclass(frozen=True, slots=True)
class FindingText:
    """Text of one finding.

    Attributes:
        what: headline.
        impact: cost or gain per day.
        why: evidence.
        interval: that of the evidence; empty without one.
        hours: times; empty for the whole period.
        method: detection method.
        advice: suggested remedy.
    """

    what: Phrase
    impact: Phrase
    why: Phrase
    interval: Phrase
    hours: Phrase
    advice: Phrase
    method: Phrase


def describe_finding(
    finding: LayoutFinding, *, time_zone: str, name_zone: NameZone = lambda name: name
) -> FindingText:
    """Return the text of a finding, with times by the venue's clock."""
    fields = _collect_fields(finding, name_zone)
    what, why, advice = _DESCRIBERS[finding.kind](finding, fields)
    same = FindingKind.BETTER_STAND if finding.kind is FindingKind.WORSE_STAND else finding.kind
    return FindingText(
        what=what,
        impact=_describe_impact(finding),
        why=why,
        interval=_describe_interval(finding, fields),
        hours=_describe_hours(finding.hours_s, time_zone),
        advice=advice,
        method=METHODS[same],
    )


def _collect_fields(finding: LayoutFinding, name_zone: NameZone) -> dict[str, object]:
    evidence = finding.evidence
    fields: dict[str, object] = {
        name: format_rounded(value, 0) for name, value in evidence.items() if math.isfinite(value)
    }
    low, high = finding.effect.interval or (finding.effect.value, finding.effect.value)
    fields |= {
        "name": name_zone(finding.zone) if finding.zone else "",
        "event": name_zone(finding.event) if finding.event else "",
        "other": name_zone(finding.others[0]) if finding.others else "",
        "percent": _show_percent(finding.effect.value),
        "low_percent": _show_percent(low),
        "high_percent": _show_percent(high),
        "route": " → ".join(name_zone(zone) for zone in finding.others),
    }
    return fields


def _describe_interval(finding: LayoutFinding, fields: dict[str, object]) -> Phrase:
    if finding.effect.interval is None:
        return Phrase("")
    return Phrase("Likely range (95 %): {low_percent} to {high_percent} %", fields)


def _show_percent(share: float) -> str:
    return format_rounded(100 * share, 0)


Described = tuple[Phrase, Phrase, Phrase]


def _describe_cold(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    what = Phrase("Few visitors at '{name}'", fields)
    if finding.evidence["attraction"] > 0.5 * finding.evidence["median_attraction"]:
        return (
            what,
            Phrase(
                "{stopped} visitors stopped there; {expected} are expected for its location: {percent} %. Of "
                "the visitors within 3 m as many stop as elsewhere, but only {exposed} came that near.",
                fields,
            ),
            Phrase(
                "Guide visitors past it: with a sign at the entrance, a wider opening, or an attraction "
                "behind it."
            ),
        )
    return (
        what,
        Phrase(
            "{stopped} of the {exposed} visitors within 3 m stopped there; {expected} are expected for "
            "its location: {percent} %.",
            fields,
        ),
        Phrase(
            "View it from the aisle: is it open, lit and easy to see? If it should draw visitors, an "
            "opening towards the aisle or something moving could help."
        ),
    )


def _describe_better(_finding: LayoutFinding, fields: dict[str, object]) -> Described:
    return (
        Phrase("'{name}' attracts more visitors than its location suggests", fields),
        Phrase(
            "{stopped} visitors stopped there; {expected} could be expected of an average stand of its size "
            "at its place: {percent} %.",
            fields,
        ),
        Phrase(
            "See what it does differently. It could do well with less traffic and draw visitors past "
            "weaker neighbours."
        ),
    )


def _describe_worse(_finding: LayoutFinding, fields: dict[str, object]) -> Described:
    return (
        Phrase("'{name}' attracts fewer visitors than its location suggests", fields),
        Phrase(
            "{stopped} visitors stopped there; {expected} could be expected of an average stand of its size "
            "at its place: {percent} %.",
            fields,
        ),
        Phrase(
            "The location is not the cause: check the stand's front, exhibits and staff before moving it."
        ),
    )


def _describe_bottleneck(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    evidence = finding.evidence
    fields |= {
        "density": f"{evidence['density_per_m2']:.1f}",
        "speed": f"{evidence['speed_m_s']:.2f}",
        "free_speed": f"{evidence['free_speed_m_s']:.2f}",
        "x": format_rounded(finding.point_m[0], 0),
        "y": format_rounded(finding.point_m[1], 0),
    }
    return (
        Phrase("Bottleneck at '{name}'", fields)
        if finding.zone
        else Phrase("Bottleneck at x = {x} m, y = {y} m", fields),
        Phrase(
            "For {minutes_per_day} minutes a day there are {density} persons per m², worse than level D "
            "(Fruin, walkway), and people walk at {speed} m/s instead of {free_speed} m/s: {percent} %.",
            fields,
        ),
        Phrase(
            "Widen the passage, move attractions away from it, or open a second one. One-way traffic at "
            "these hours could help at once."
        ),
    )


def _describe_queue(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    fields |= {"tail": f"{finding.evidence['tail']:.1f}"}
    return (
        Phrase("The queue '{name}' blocks '{other}'", fields)
        if finding.others
        else Phrase("The queue '{name}' blocks passers-by", fields),
        Phrase(
            "For {minutes_per_day} minutes a day, {tail} people on average wait outside its zone, at "
            "most {longest_tail}. Passers-by then walk at {percent} % of their usual speed.",
            fields,
        ),
        Phrase("Give the queue room away from the aisle, turn it, or open a second counter at these hours."),
    )


def _describe_capacity(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    if not finding.zone:
        fields |= {"name": Phrase("the whole hall")}
    fields |= {"peak": format_rounded(finding.evidence["peak"], 0)}
    if finding.evidence["is_projected"]:
        return (
            Phrase("Capacity of {name}: will soon be reached", fields),
            Phrase(
                "Daily peaks are rising, at most {peak} people so far; at this rate the next day reaches "
                "{projected} of {capacity} allowed.",
                fields,
            ),
            _CAPACITY_ADVICE,
        )
    return (
        Phrase("Capacity of {name}: nearly reached", fields),
        Phrase(
            "More than 90 % of the capacity ({capacity} people) was in use for {minutes_near_per_day} "
            "minutes a day, and the capacity was exceeded for {minutes_above_per_day}; the peak was "
            "{peak}.",
            fields,
        ),
        _CAPACITY_ADVICE,
    )


_CAPACITY_ADVICE = Phrase("Limit admission at the door at these hours, or move the attraction elsewhere.")


def _describe_sponsor(_finding: LayoutFinding, fields: dict[str, object]) -> Described:
    return (
        Phrase("A popular route misses the sponsor '{name}'", fields),
        Phrase(
            "{route_visitors} visitors took {route}; {percent} % of them never came within 3 m of it.",
            fields,
        ),
        Phrase("Put up a sign on that route, or move the sponsor there."),
    )


def _describe_event(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    evidence = finding.evidence
    fields |= {
        "during": f"{evidence['people_during']:.1f}",
        "expected": f"{evidence['people_expected']:.1f}",
    }
    return (
        Phrase("'{event}' draws visitors away from '{name}'", fields),
        Phrase(
            "During the event ({events} times), {during} people are present on average; the other zones "
            "suggest {expected}: {percent} %.",
            fields,
        ),
        Phrase("Hold it at another time or closer to that zone, or pause the zone meanwhile."),
    )


def _describe_staff(finding: LayoutFinding, fields: dict[str, object]) -> Described:
    evidence = finding.evidence
    fields |= {
        "hours": f"{round(evidence['hours_per_day'], 1):g}",
        "visitors": f"{evidence['visitors_per_staff']:.1f}",
        "engaged": format_rounded(evidence["engaged_per_staff_hour"], 0),
        "staff": f"{evidence['staff']:g}",
    }
    return (
        Phrase("Too few staff at '{name}' at some hours", fields),
        Phrase(
            "For {hours} h a day, each staff member has {visitors} visitors and {engaged} engaged visits "
            "an hour (staff present: {staff}).",
            fields,
        ),
        Phrase(
            "{staff_wanted} staff would be enough at these hours; they may be free at quiet hours.", fields
        ),
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


_LEAST_PERSON_MIN = 0.05
"""Less is shown as zero."""


def _describe_impact(finding: LayoutFinding) -> Phrase:
    amount = finding.impact.amount
    if finding.impact.unit is ImpactUnit.PERSON_MINUTES and amount < _LEAST_PERSON_MIN:
        return Phrase("No loss measured")
    fields = {"amount": format_rounded(amount, 0 if amount >= 10 else 1)}
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
    """Return the longest intervals in order of time."""
    if not hours_s:
        return Phrase("")
    longest = sorted(sorted(hours_s, key=lambda hours: hours[0] - hours[1])[:_MAX_HOURS])
    zone = find_time_zone(time_zone)
    shown: list[Phrase | str] = []
    last_day = None
    for start_s, end_s in longest:
        start, end = datetime.fromtimestamp(start_s, zone), datetime.fromtimestamp(end_s, zone)
        hours, day = f"{start:%H:%M}–{end:%H:%M}", start.date()
        # several hours of a day follow its date
        shown.append(
            hours if day == last_day else Phrase("{day} {hours}", {"day": _name_day(day), "hours": hours})
        )
        last_day = day
    template = "Mainly {hours}" if len(longest) < len(hours_s) else "At {hours}"
    return Phrase(template, {"hours": join_list(shown)})


def _name_day(day: date) -> Phrase:
    return Phrase("{year}-{month:02d}-{day:02d}", {"year": day.year, "month": day.month, "day": day.day})


_RULE_NAMES: Mapping[FindingKind, Phrase] = {
    **KIND_NAMES,
    # one rule covers both
    FindingKind.BETTER_STAND: Phrase("Stands above or below the level of their location"),
}
_REASONS: Mapping[SkipReason, Phrase] = {
    SkipReason.NO_ZONES: Phrase("there is no queue zone"),
    SkipReason.TOO_FEW_VISITORS: Phrase("there were too few visitors"),
    SkipReason.NOT_OBSERVED: Phrase("less than 80 % of it was observed"),
    SkipReason.NOT_ENTERED: Phrase("no events have been entered (Timeline)"),
    SkipReason.TOO_SHORT: Phrase("the period is too short"),
}
_OWN_REASONS: Mapping[tuple[FindingKind, SkipReason], Phrase] = {
    (FindingKind.CAPACITY, SkipReason.NOT_ENTERED): Phrase("no capacity has been entered (Now, Alarm rules)"),
    (FindingKind.MISSED_SPONSOR, SkipReason.NOT_ENTERED): Phrase(
        "no zone is marked as a sponsor (Exhibition, Rents and targets)"
    ),
    (FindingKind.FEW_STAFF, SkipReason.NOT_ENTERED): Phrase("no staff have been entered (Timeline, Staff)"),
}


def describe_outcomes(
    outcomes: Sequence[Outcome], *, name_zone: NameZone = lambda name: name
) -> tuple[Phrase, ...]:
    """Return a sentence for each assessed rule, and one for each obstacle."""
    sentences: list[Phrase] = []
    for outcome in outcomes:
        rule = _RULE_NAMES[outcome.kind]
        if outcome.refusal is not None:
            sentences.append(
                Phrase("{rule}: not assessed. {reason}", {"rule": rule, "reason": outcome.refusal})
            )
        if outcome.assessed:
            sentences.append(_describe_assessed(outcome, rule))
        by_reason: dict[SkipReason, list[str]] = {}
        for place, hindrance in outcome.skipped:
            by_reason.setdefault(hindrance, []).append(place)
        for hindrance, places in by_reason.items():
            fields: dict[str, object] = {
                "rule": rule,
                "reason": _OWN_REASONS.get((outcome.kind, hindrance), _REASONS[hindrance]),
                "places": join_list([name_zone(place) for place in places if place]),
            }
            if fields["places"]:
                sentences.append(Phrase("{rule}: not assessed for {places}, {reason}.", fields))
            else:
                sentences.append(Phrase("{rule}: not assessed, {reason}.", fields))
    return tuple(sentences)


def _describe_assessed(outcome: Outcome, rule: Phrase) -> Phrase:
    if outcome.kind is FindingKind.BOTTLENECK:
        return Phrase("{rule}: all observed open floor was assessed.", {"rule": rule})
    return Phrase("{rule}: places assessed: {count}.", {"rule": rule, "count": outcome.assessed})

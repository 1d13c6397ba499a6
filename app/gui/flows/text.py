"""What the page of flows says: the period, why it is empty, and what has to be known to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from analytics.metrics.estimate import Estimate
from app.flows.flow_figures import (
    MIN_COUNT,
    FlowFigures,
    FunnelStepFigures,
    LineFigures,
    Place,
    PlaceKind,
    StepNode,
    StepStream,
    Transition,
)
from app.gui.flows.model import FlowsPhase, FlowsState
from app.gui.session.cell_text import (
    ABSENT,
    format_number,
    format_period,
    format_share,
    format_share_interval,
    format_with_interval,
)
from app.gui.session.translation import display_name, tr, trn

ARROW = " → "


def name_place(place: Place) -> str:
    """A zone's name, or what else stands at an end of a stream."""
    match place.kind:
        case PlaceKind.ZONE:
            return display_name(place.zone)
        case PlaceKind.OUTSIDE:
            return tr("outside or not observed")
        case PlaceKind.CAME:
            return tr("came in")
        case PlaceKind.LEFT:
            return tr("left the hall")
        case PlaceKind.LOST:
            return tr("lost from sight")
        case PlaceKind.OTHERS:
            return tr("other zones")


def name_route(zones: Sequence[str]) -> str:
    """Zones one after the other."""
    return ARROW.join(display_name(zone) for zone in zones)


def format_count(count: int | None) -> str:
    """A count; few are said to be few, and none is a dash."""
    if count is None:
        return ABSENT
    return tr("fewer than {n}", n=MIN_COUNT) if 0 < count < MIN_COUNT else format_number(count)


def format_rate_interval(rate: Estimate, *, decimals: int = 1) -> str:
    """A rate with its 95 % interval; a dash for no value."""
    return format_with_interval(rate, partial(format_number, decimals=decimals))


def export_count(count: int | None) -> str:
    """For a file: fewer than ``MIN_COUNT`` are not told; nothing for none."""
    if count is None:
        return ""
    return f"<{MIN_COUNT}" if 0 < count < MIN_COUNT else str(count)


_S_PER_H = 3600.0
MUCH_LOST = 0.1
"""Of those who began a way: from here on it is said that they were lost."""


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Why there is nothing to see; ``way_out``: what its button says, empty for none."""

    title: str
    text: str
    way_out: str = ""


def describe_period(state: FlowsState) -> str:
    """Which period is shown, in the venue's own time."""
    if state.period is None:
        return ""
    words = format_period(*state.period, time_zone=state.time_zone)
    return tr("Last hour: {period}", period=words) if state.is_now else words


def describe_emptiness(state: FlowsState) -> Emptiness | None:
    """Instead of figures; None while there are some, or while the first are computed."""
    if state.phase is FlowsPhase.NO_VENUE:
        return Emptiness(tr("No venue is open"), tr("Open a venue to see where its visitors go."))
    if not state.has_zones:
        return Emptiness(
            tr("No zones are drawn yet"),
            tr("Flows lead from zone to zone. Draw them on the Edit plan page; the past is counted anew."),
            tr("Edit plan"),
        )
    if state.phase is FlowsPhase.NOTHING_OBSERVED:
        return _describe_nothing(state)
    if state.figures is None and state.phase in (FlowsPhase.STOPPED, FlowsPhase.FAILED):
        return Emptiness(tr("Nothing was computed"), "", tr("Compute again"))
    return None


def _describe_nothing(state: FlowsState) -> Emptiness:
    if state.history is None:
        return Emptiness(
            tr("This venue has no history yet"),
            tr("Start recording on the Live page, or import a recording; the flows appear here."),
        )
    return Emptiness(
        tr("Nothing was observed"),
        tr(
            "Nothing was observed in this period. The history covers {history}.",
            history=format_period(*state.history, time_zone=state.time_zone),
        ),
        tr("Show the last observed day"),
    )


def describe_key_figures(figures: FlowFigures) -> str:
    """Visitors, moves and predictability in one line."""
    parts = [
        trn("{count} move", "{count} moves", figures.moves, count=format_number(figures.moves)),
    ]
    if not figures.days_without_ways:
        # visitors of some days beside the moves of all would be read as their makers
        parts = [
            trn("{count} visitor of a zone", "{count} visitors of a zone", figures.visitors,
                count=format_number(figures.visitors)),
            tr("{share} of them seen from coming to going",
               share=format_share(figures.whole / figures.visitors if figures.visitors else None)),
            *parts,
        ]  # fmt: skip
    if figures.entropy_bits is not None and figures.entropy_most_bits is not None:
        parts.append(
            tr("openness of the next zone: {bits} of {most} bits",
               bits=format_number(figures.entropy_bits, decimals=1),
               most=format_number(figures.entropy_most_bits, decimals=1))
        )  # fmt: skip
    return " · ".join(parts)


def explain_key_figures() -> str:
    """What they mean."""
    return tr(
        "A visitor whose track was lost on the way counts as two, of whom none was seen whole. "
        "Bits say how unpredictable the next zone is (path entropy): 0 where all go one way."
    )


def describe_notes(figures: FlowFigures, *, time_zone: str) -> str:
    """What has to be known of the period; empty for nothing."""
    notes = []
    if figures.is_cut:
        period = format_period(*figures.period, time_zone=time_zone)
        notes.append(tr("The zones changed within the period; counted is {period}.", period=period))
    if figures.missing_s > 0:
        hours = format_number(figures.missing_s / _S_PER_H, decimals=1)
        notes.append(tr("{hours} h of the period are not counted: tracks are kept no longer.", hours=hours))
    if figures.days_without_ways:
        notes.append(
            trn(
                "Routes, first steps, chosen ways, first and last zones and returns leave out {n} day: they "
                "need tracks, which were deleted for their age.",
                "Routes, first steps, chosen ways, first and last zones and returns leave out {n} days: they "
                "need tracks, which were deleted for their age.",
                figures.days_without_ways,
            )
            if figures.has_ways
            else tr(
                "Routes, first steps, chosen ways, first and last zones and returns cannot be told: they "
                "need tracks, which were deleted for their age."
            )
        )
    return "  ".join(notes)


def describe_matrix(figures: FlowFigures) -> str:
    """How to read the matrix, and of which places it tells nothing."""
    words = tr(
        "Of the moves out of a row's zone, the share that leads to the column's, and in brackets how many "
        "were seen. Moves that are lost with their track are made up for. The stronger the colour, the "
        "larger."
    )
    if figures.few_from:
        names = tr(", ").join(name_place(place) for place in figures.few_from)
        words += " " + tr("Not told, because fewer than {n} moves lead from there: {names}.",
                          n=MIN_COUNT, names=names)  # fmt: skip
    return words


def describe_pair(there: Transition, back: Transition | None) -> str:
    """Both directions between two places."""
    lines = [_describe_transition(there)]
    if back is not None:
        lines.append(_describe_transition(back))
    return "\n".join(lines)


def _describe_transition(cell: Transition) -> str:
    return trn(
        "{origin} → {destination}: {count} move, {share}",
        "{origin} → {destination}: {count} moves, {share}",
        cell.moves,
        origin=name_place(cell.origin),
        destination=name_place(cell.destination),
        count=format_number(cell.moves),
        share=format_share_interval(cell.share),
    )


def describe_chord(figures: FlowFigures) -> str:
    """How to read the chord diagram, and what it leaves out."""
    left_out = sum(cell.moves for cell in figures.transitions if cell.is_small)
    words = tr("A ribbon is as wide at each end as the moves that leave there; it has the colour of the "
               "place that more leave.")  # fmt: skip
    if left_out:
        words += " " + trn(
            "Not drawn: {count} move in streams of fewer than {least}.",
            "Not drawn: {count} moves in streams of fewer than {least}.",
            left_out,
            count=format_number(left_out),
            least=MIN_COUNT,
        )
    return words


def describe_steps(figures: FlowFigures) -> str:
    """How to read the Sankey diagram, and whom it leaves out."""
    steps = figures.first_steps
    words = tr("The first three zones of visitors who were seen to come in.")
    if steps.unseen:
        words += " " + trn(
            "Not in it: {count} visitor whose coming was not seen.",
            "Not in it: {count} visitors whose coming was not seen.",
            steps.unseen,
            count=format_number(steps.unseen),
        )
    if steps.thin:
        words += " " + trn(
            "Not drawn: {count} step in streams of fewer than {least} visitors.",
            "Not drawn: {count} steps in streams of fewer than {least} visitors.",
            steps.thin,
            count=format_number(steps.thin),
            least=MIN_COUNT,
        )
    return words


def name_steps() -> tuple[str, ...]:
    """Titles of the columns of the Sankey diagram."""
    return tr("Came in"), tr("First zone"), tr("Second zone"), tr("Third zone")


def describe_node(node: StepNode) -> str:
    """A place at a step."""
    name = name_place(node.place)
    if node.place.kind is PlaceKind.OTHERS:
        name = trn("{n} other zone", "{n} other zones", node.zones)
    return tr("{place}: {visitors}", place=name, visitors=_count_visitors(node.visitors))


def describe_step(stream: StepStream, *, of: int) -> str:
    """A stream of the Sankey diagram; ``of``: who were at its beginning."""
    return tr(
        "{origin} → {destination}: {visitors}, {share} of those there",
        origin=name_place(stream.origin),
        destination=name_place(stream.destination),
        visitors=_count_visitors(stream.visitors),
        share=format_share(stream.visitors / of),
    )


def describe_origins(figures: FlowFigures) -> str:
    """Of whom ways in and out are told."""
    words = trn(
        "Of {count} visitor who was seen from coming to going.",
        "Of {count} visitors who were seen from coming to going.",
        figures.whole,
        count=format_number(figures.whole),
    )
    if figures.origins_left_out:
        words += " " + trn(
            "{count} of them made a pair that fewer than {least} did.",
            "{count} of them made pairs that fewer than {least} did.",
            figures.origins_left_out,
            count=format_number(figures.origins_left_out),
            least=MIN_COUNT,
        )
    return words


def describe_funnel_step(step: FunnelStepFigures, *, is_first: bool) -> str:
    """What stands beside a bar of the funnel."""
    visitors = _count_visitors(step.reached)
    if is_first:
        return visitors
    words = tr(
        "{visitors}, at least {share} of the start",
        visitors=visitors,
        share=format_share(step.reached_of_start),
    )
    if step.undecided:
        undecided = trn("{count} undecided", "{count} undecided", step.undecided,
                        count=format_number(step.undecided))  # fmt: skip
        words += f" · {undecided}"
    return words


def warn_of_undecided(funnel: tuple[FunnelStepFigures, ...]) -> str:
    """That so many were lost on the way that the shares are limits; empty where they are not."""
    start = funnel[0].reached if funnel else 0
    lost = sum(step.undecided for step in funnel)
    if not start or lost < MUCH_LOST * start:
        return ""
    return tr(
        "{share} of those who began were lost from sight on the way. Where they went is not known: the "
        "shares are lower limits.",
        share=format_share(lost / start),
    )


def describe_line(line: LineFigures) -> str:
    """The flow through a line in one sentence."""
    return tr(
        "{line}: {rate} people a minute, {specific} a minute and metre of its {width} m",
        line=display_name(line.name),
        rate=format_rate_interval(line.per_minute),
        specific=format_rate_interval(line.per_minute_m, decimals=2),
        width=format_number(line.width_m, decimals=1),
    )


def describe_turns(line: LineFigures) -> str:
    """Where visitors turned behind an entrance; empty for another line."""
    turns = line.turns
    if turns is None:
        return ""
    if turns.right + turns.left < MIN_COUNT:
        return tr("Fewer than {n} visitors were seen to turn behind it.", n=MIN_COUNT)
    return tr(
        "Of those who turned behind it, {share} turned right: {right} right, {left} left, "
        "{straight} straight on, {lost} lost before 5 m.",
        share=format_share_interval(turns.share),
        right=format_number(turns.right),
        left=format_number(turns.left),
        straight=format_number(turns.straight),
        lost=format_number(turns.lost),
    )


def _count_visitors(count: int) -> str:
    if 0 < count < MIN_COUNT:
        return tr("fewer than {n} visitors", n=MIN_COUNT)
    return trn("{count} visitor", "{count} visitors", count, count=format_number(count))

"""Texts of the flows page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from analytics.flows.places import OUTSIDE
from analytics.metrics.estimate import Estimate
from app.flows.flow_figures import MIN_COUNT, FlowFigures, LineFigures
from app.gui.flows.model import FlowsState
from app.gui.session.cell_text import (
    format_number,
    format_period,
    format_share,
    format_share_interval,
    format_with_interval,
)
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.translation import display_name, join_sentences, tr, trn

if TYPE_CHECKING:
    from analytics.flows.routes import FunnelStep

ARROW = " → "


def name_place(place: str) -> str:
    """Return the name of a zone or of `OUTSIDE`."""
    return tr("outside or not observed") if place == OUTSIDE else display_name(place)


def name_route(zones: Sequence[str]) -> str:
    return ARROW.join(display_name(zone) for zone in zones)


def format_rate_interval(rate: Estimate, *, decimals: int = 1) -> str:
    """Return a rate with its 95 % interval; a dash for no value."""
    return format_with_interval(rate, partial(format_number, decimals=decimals))


_S_PER_H = 3600.0
MUCH_LOST = 0.1
"""Share of lost visitors from which the funnel shows a warning."""


@dataclass(frozen=True, slots=True)
class EmptyState:
    """Reason why nothing is shown; ``action``: label of the button, empty for none."""

    title: str
    text: str
    action: str = ""


def describe_period(state: FlowsState) -> str:
    if state.period is None:
        return ""
    text = format_period(*state.period, time_zone=state.time_zone)
    return tr("Last hour: {period}", period=text) if state.is_now else text


def describe_empty_state(state: FlowsState) -> EmptyState | None:
    """Return why nothing is shown; None with figures or while the first are computed."""
    if state.phase is PeriodPhase.NO_VENUE:
        return EmptyState(tr("No venue is open"), tr("Open a venue to see its flows."))
    if not state.has_zones:
        return EmptyState(
            tr("No zones yet"),
            tr("Flows lead from zone to zone. Draw zones on the Edit plan page; past data are recounted."),
            tr("Edit plan"),
        )
    if state.phase is PeriodPhase.NOTHING_OBSERVED:
        return _describe_missing_data(state)
    if state.figures is None and state.phase in (PeriodPhase.CANCELLED, PeriodPhase.FAILED):
        return EmptyState(tr("No results"), "", tr("Compute again"))
    return None


def _describe_missing_data(state: FlowsState) -> EmptyState:
    if state.history is None:
        return EmptyState(
            tr("No data yet"),
            tr("Start recording on the Live page, or import a recording, to see flows."),
        )
    return EmptyState(
        tr("No data for this period"),
        tr(
            "No data for this period. The history covers {history}.",
            history=format_period(*state.history, time_zone=state.time_zone),
        ),
        tr("Show the last observed day"),
    )


def describe_key_figures(figures: FlowFigures) -> str:
    parts = [
        trn("{count} move", "{count} moves", figures.moves, count=format_number(figures.moves)),
    ]
    if not figures.days_without_paths:
        # visitors of some days beside the moves of all days would mislead
        parts = [
            trn("{count} visitor to zones", "{count} visitors to zones", figures.visitors,
                count=format_number(figures.visitors)),
            tr("{share} of them seen from entry to exit",
               share=format_share(figures.whole / figures.visitors if figures.visitors else None)),
            *parts,
        ]  # fmt: skip
    return " · ".join(parts)


def define_key_figures() -> str:
    return tr("A visitor whose track breaks counts as two, neither of them seen from entry to exit.")


def describe_notes(figures: FlowFigures, *, time_zone: str) -> str:
    """Return notes on the period; empty for none."""
    notes = []
    if figures.is_cut:
        period = format_period(*figures.period, time_zone=time_zone)
        notes.append(tr("The zones changed within the period; only {period} is counted.", period=period))
    if figures.missing_s > 0:
        hours = format_number(figures.missing_s / _S_PER_H, decimals=1)
        notes.append(
            tr("{hours} h of the period are not counted, as their tracks were deleted.", hours=hours)
        )
    if figures.days_without_paths:
        notes.append(
            trn(
                "Routes, funnel, first and last zones and returns exclude {n} day whose "
                "tracks were deleted after the retention period.",
                "Routes, funnel, first and last zones and returns exclude {n} days "
                "whose tracks were deleted after the retention period.",
                figures.days_without_paths,
            )
            if figures.has_ways
            else tr(
                "Routes, funnel, first and last zones and returns are not available: "
                "the tracks were deleted after the retention period."
            )
        )
    return join_sentences(notes)


def describe_matrix(figures: FlowFigures) -> str:
    """Return how to read the matrix, and the places left out."""
    text = tr(
        "Share of the moves out of the row's zone that lead to the column's zone, with the observed "
        "number in brackets. Shares are corrected for lost tracks. Stronger colours mean larger shares."
    )
    if figures.few_from:
        names = tr(", ").join(name_place(place) for place in figures.few_from)
        text += " " + tr("Not shown, with fewer than {n} moves out: {names}.",
                          n=MIN_COUNT, names=names)  # fmt: skip
    return text


def describe_origins(figures: FlowFigures) -> str:
    text = trn(
        "{count} visitor seen from entry to exit.",
        "{count} visitors seen from entry to exit.",
        figures.whole,
        count=format_number(figures.whole),
    )
    if figures.origins_left_out:
        text += " " + trn(
            "{count} of them in pairs with fewer than {least} visitors.",
            "{count} of them in pairs with fewer than {least} visitors.",
            figures.origins_left_out,
            count=format_number(figures.origins_left_out),
            least=MIN_COUNT,
        )
    return text


def describe_funnel_step(step: FunnelStep, *, is_first: bool) -> str:
    visitors = _count_visitors(step.reached)
    if is_first:
        return visitors
    text = tr(
        "{visitors}, at least {share} of the start",
        visitors=visitors,
        share=format_share(step.share_of_start),
    )
    if step.undecided:
        undecided = trn("{count} undecided", "{count} undecided", step.undecided,
                        count=format_number(step.undecided))  # fmt: skip
        text += f" · {undecided}"
    return text


def describe_undecided(funnel: tuple[FunnelStep, ...]) -> str:
    """Return a warning if lost visitors turn the shares into limits; else empty."""
    start = funnel[0].reached if funnel else 0
    lost = sum(step.undecided for step in funnel)
    if not start or lost < MUCH_LOST * start:
        return ""
    return tr(
        "{share} of the visitors at the start were lost on the way, so the shares are lower limits.",
        share=format_share(lost / start),
    )


def describe_line(line: LineFigures) -> str:
    return tr(
        "{line}: {rate} people per minute, {specific} per minute and metre of its {width} m",
        line=display_name(line.name),
        rate=format_rate_interval(line.flow.per_minute),
        specific=format_rate_interval(line.flow.per_minute_m, decimals=2),
        width=format_number(line.width_m, decimals=1),
    )


def describe_turns(line: LineFigures) -> str:
    """Return a sentence on turns behind an entrance; empty for other lines."""
    turns = line.turns
    if turns is None:
        return ""
    if turns.right + turns.left < MIN_COUNT:
        return tr("Fewer than {n} turns were seen after entry.", n=MIN_COUNT)
    return tr(
        "After entry, {share} of the turns were to the right: {right} right, {left} left, {straight} "
        "straight on, {lost} lost within 5 m.",
        share=format_share_interval(turns.share_right),
        right=format_number(turns.right),
        left=format_number(turns.left),
        straight=format_number(turns.straight),
        lost=format_number(turns.lost),
    )


def _count_visitors(count: int) -> str:
    if 0 < count < MIN_COUNT:
        return tr("fewer than {n} visitors", n=MIN_COUNT)
    return trn("{count} visitor", "{count} visitors", count, count=format_number(count))

"""Texts of the page What if."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.domain.errors import Phrase, fill_template
from analytics.domain.zone import ZoneKind
from analytics.forecast.placement_rules import NeighbourRule, Rule, SizeClass
from app.core.number_words import rename_zones
from app.error_reporting import ErrorReport
from app.forecast.forecast_rows import find_ratio, is_proven
from app.gui.session.cell_text import (
    ABSENT,
    format_change,
    format_number,
    format_period,
    format_share,
)
from app.gui.session.translation import display_name, join_names, join_sentences, tr, trn
from app.gui.session.units import current_units

if TYPE_CHECKING:
    from analytics.forecast.layout_forecast import ZoneForecast
    from app.forecast.forecast_layout import EntranceArrivals
    from app.forecast.search_layouts import ProposedLayout, StandMove
    from app.gui.forecast.model import WhatIfState


def format_visits(value: float | None) -> str:
    """Format a number of visits."""
    return format_number(value, decimals=0 if value is None or value >= 100 else 1)


def format_visits_interval(row: ZoneForecast) -> str:
    """Format the interval of a forecast."""
    low, high = format_visits(row.visits_low), format_visits(row.visits_high)
    return ABSENT if row.visits_low == row.visits_high else tr("{low}–{high}", low=low, high=high)


def format_zone_change(row: ZoneForecast) -> str:
    """Format the change of a zone's visits in per cent."""
    return tr("new") if row.visits_before is None else format_change(find_ratio(row))


def translate_statement(phrase: Phrase) -> str:
    """Return a sentence of a forecast, with the displayed names of zones."""
    return fill_template(phrase.template, rename_zones(phrase.fields, display_name), tr)


def rename_fault(fault: ErrorReport) -> ErrorReport:
    """Return an error with the displayed names of zones."""
    if fault.words is None:
        return fault
    details = rename_zones(fault.words.details, display_name)
    return dataclasses.replace(fault, words=dataclasses.replace(fault.words, details=details))


def list_sentences(row: ZoneForecast) -> tuple[str, ...]:
    """Return the forecast of a zone in one sentence, and what is to be said with it."""
    note = "" if row.note is None else translate_statement(row.note)
    zone, before = display_name(row.zone), format_visits(row.visits_before)
    fields = {"zone": zone, "value": format_visits(row.visits), "interval": format_visits_interval(row)}
    if row.visits_low == row.visits_high:
        first = tr("{zone}: {value} visits now.", zone=zone, value=before)
    elif row.visits_before is None:
        first = tr("{zone}: {value} visits expected ({interval}).", **fields)
    else:
        first = tr("{zone}: {before} visits now, {value} expected ({interval}).", before=before, **fields)
    return (first, note) if note else (first,)


def describe_headline(state: WhatIfState) -> str:
    """Return the result of the shown draft in one sentence."""
    forecast = state.forecast
    if forecast is None:
        if state.is_reading:
            return tr("Reading the visits of the period…")
        if state.draft is None and state.fault is None and state.basis_s is not None:
            return tr("This is today's plan. Drag a stand to another place to see what would change.")
        return tr("Forecasting…") if state.is_forecasting else ""
    if state.is_observed and not state.moves:
        return tr("This draft is the layout now.")
    stands = [row for row in forecast.rows if row.visits_before is not None]
    gains = sum(is_proven(row) and row.visits > (row.visits_before or 0.0) for row in stands)
    losses = sum(is_proven(row) and row.visits < (row.visits_before or 0.0) for row in stands)
    if not gains and not losses:
        return tr("No zone changes by more than the forecast's uncertainty.")
    return join_sentences(
        (
            trn("{n} zone gains visits.", "{n} zones gain visits.", gains),
            trn("{n} zone loses visits.", "{n} zones lose visits.", losses),
            tr("All other changes are smaller than the uncertainty."),
        )
    )


def list_outcomes(state: WhatIfState) -> tuple[str, ...]:
    """Return how right the forecast of a draft was that was built; nothing for others."""
    if not state.is_observed or state.draft is None:
        return ()
    from app.forecast.hindcast import describe_hindcast

    if state.hindcast is None or state.hindcast.is_pseudo:
        return (tr("What came true is not known yet."),)
    return tuple(map(translate_statement, describe_hindcast(state.hindcast)))


def describe_outcome(state: WhatIfState, zone: str) -> str:
    """Return what was forecast for a zone of a draft that was built, and what came true; else empty."""
    if not state.is_observed or state.hindcast is None or state.hindcast.is_pseudo:
        return ""
    # the newest change is the last
    row = next((row for row in reversed(state.hindcast.rows) if row.forecast.zone == zone), None)
    if row is None:
        return ""
    return tr(
        "{zone}: {value} visits were forecast ({interval}), {real} came.",
        zone=display_name(zone),
        value=format_visits(row.forecast.visits),
        interval=format_visits_interval(row.forecast),
        real=format_visits(row.visits_real),
    )


def describe_basis(state: WhatIfState) -> str:
    """Return which visitors the forecast starts from."""
    if state.basis_s is None or state.exhibition is None:
        return ""
    period = format_period(*state.basis_s, time_zone=state.exhibition.time_zone)
    return tr("From the visitors of {period}", period=period)


def describe_entrance(entrance: EntranceArrivals) -> str:
    """Return the name of an entrance with its observed share of the arrivals."""
    name = display_name(entrance.name)
    if entrance.observed is None:
        return tr("{entrance} (new)", entrance=name)
    return tr("{entrance} ({share} observed)", entrance=name, share=format_share(entrance.observed))


def describe_shares(entrances: Sequence[EntranceArrivals]) -> str:
    """Return the sum of the shares of the arrivals, and which entrances share what is left."""
    others = [display_name(one.name) for one in entrances if not one.is_given]
    # below zero where those given leave nothing for the others
    total = tr("Together {share}.", share=format_share(sum(max(0.0, one.share) for one in entrances)))
    if len(others) == len(entrances):
        return total
    return join_sentences(
        (total, tr("What you do not give comes by {entrances}.", entrances=join_names(others)))
    )


def describe_empty_page(state: WhatIfState) -> tuple[str, str]:
    """Return title and text where there is nothing to change; else empty."""
    if not state.has_venue:
        return tr("No venue is open"), tr("Open a venue to try out changes of its layout.")
    if not state.today and not state.drafts:
        return (
            tr("No stands yet"),
            tr("Draw the stands on Edit plan; then move them here and see what would change."),
        )
    return "", ""


def describe_rule(rule: Rule) -> str:
    """Return a rule for the places of stands in words."""
    if isinstance(rule, str):
        return tr("{stand} stays where it is", stand=display_name(rule))
    if isinstance(rule, SizeClass):
        names = join_names([display_name(name) for name in rule.stands])
        return tr("{stands}: exchange places only with each other, whatever their size", stands=names)
    if isinstance(rule, NeighbourRule):
        first, second = (display_name(name) for name in rule.stands)
        units = current_units()
        fields = {
            "first": first,
            "second": second,
            "distance": format_number(units.from_metres(rule.distance_m), decimals=1),
            "unit": units.symbol,
        }
        if rule.is_wanted:
            return tr("{first} and {second}: at most {distance} {unit} apart", **fields)
        return tr("{first} and {second}: at least {distance} {unit} apart", **fields)
    return tr("Fire lane: {name}", name=rule.name)


MOST_NAMED = 3
"""Number of stands named that gain or lose most in a layout."""


def describe_proposal(found: ProposedLayout, goal: str) -> str:
    """Return what a better layout promises, what it moves, and who loses by it.

    Args:
        goal: in the window's language.
    """
    first = tr(
        "{goal}: {gain} ({interval}, in 80 of 100 cases)",
        goal=goal,
        gain=format_gain(found.promise.gain),
        interval=format_gain_interval(found),
    )
    stands = [row for row in found.forecast.rows if row.visits_before and row.kind == ZoneKind.BOOTH]
    ranked = sorted(stands, key=lambda row: row.visits - (row.visits_before or 0.0))
    lines = [first, *list_exchanges(found.moves)]
    for rows, sign in ((ranked[::-1], 1), (ranked, -1)):
        named = [
            tr("{zone} {change}", zone=display_name(row.zone), change=format_zone_change(row))
            for row in rows[:MOST_NAMED]
            if sign * (row.visits - (row.visits_before or 0.0)) > 0
        ]
        if named and sign > 0:
            lines.append(tr("Gains most: {zones}", zones=join_names(named)))
        elif named:
            lines.append(tr("Loses most: {zones}", zones=join_names(named)))
    return "\n".join(lines)


def list_exchanges(moves: Sequence[StandMove]) -> list[str]:
    """Return who takes whose place: two stands that swap, or a circle of them."""
    place_of = {move.stand: move.to for move in moves}
    lines = []
    while place_of:
        circle = [next(iter(place_of))]
        while (following := place_of.pop(circle[-1])) != circle[0]:
            circle.append(following)
        names = [display_name(name) for name in circle]
        if len(names) == 2:
            lines.append(tr("{stand} and {other} swap places", stand=names[0], other=names[1]))
        else:
            lines.append(tr("Each to the place of the next: {stands}", stands=" → ".join([*names, names[0]])))
    return lines


def format_gain(gain: float) -> str:
    """Format a promised gain in per cent with a decimal, as gains are small."""
    return ("+" if gain > 0 else "") + format_share(gain, decimals=1).replace("-", "−")


def format_gain_interval(found: ProposedLayout) -> str:
    """Format the interval of a promised gain."""
    low, high = (format_gain(limit) for limit in found.promise.gain_interval)
    return tr("{low} to {high}", low=low, high=high)

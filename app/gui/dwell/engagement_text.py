"""Texts on visitor engagement and on the reliability of dwell times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.dwell.engagement_tier import Tier
from analytics.results.zone_figures import (
    COVERAGE,
    MISSING_VISITS,
    SURPLUS_VISITS,
    UNSEEN_SHARE,
    UNSURE_VISITS,
)
from app.dwell.dwell_figures import EngagementFigures, TierFigures, find_holding_power
from app.gui.charts.funnel_chart import FunnelBar
from app.gui.dwell.model import DwellState
from app.gui.session.cell_text import (
    ABSENT,
    format_number,
    format_seconds,
    format_share,
    format_with_interval,
)
from app.gui.session.experts_view import is_experts_view
from app.gui.session.translation import tr, translate_phrase, trn
from app.gui.session.units import current_units


def name_tier(tier: Tier) -> str:
    """Return the name of what a bar of the funnel counts: visits, not visitors."""
    return {
        Tier.PASS_BY: tr("Visits and pass-bys"),
        Tier.VISIT: tr("Visits"),
        Tier.STOP: tr("Visits with a stop"),
        Tier.ENGAGED: tr("Engaged visits"),
        Tier.LONG: tr("Visits with a long stop"),
    }[tier]


_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class FigureRow:
    name: str
    value: str
    definition: str
    is_expert: bool = False


def define_tier(tier: Tier, figures: EngagementFigures) -> str:
    if tier is Tier.PASS_BY:
        return tr("visits, and visitors who pass within {reach}", reach=_format_reach(figures))
    if tier is Tier.VISIT:
        return tr("a stay of at least the zone's shortest visit")
    settings = figures.settings
    least_s = {Tier.STOP: settings.stop_s, Tier.ENGAGED: settings.engaged_s, Tier.LONG: settings.long_s}[tier]
    return tr("stopped for at least {least} in one visit", least=format_seconds(least_s))


def describe_funnel(state: DwellState) -> tuple[FunnelBar, ...]:
    if state.shown is None:
        return ()
    figures = state.shown.engagement
    widest = max((tier.reached for tier in figures.tiers), default=0)
    if not widest:
        return ()
    return tuple(_make_bar(tier, figures, widest) for tier in figures.tiers)


def _make_bar(entry: TierFigures, figures: EngagementFigures, widest: int) -> FunnelBar:
    share = format_with_interval(entry.share, format_share)
    count = format_number(entry.reached)
    is_visit = entry.tier is not Tier.PASS_BY
    figure = count if entry.share.value is None else f"{count} · {format_share(entry.share.value)}"
    words = [
        tr("{tier} ({definition}): {count}", tier=name_tier(entry.tier),
           definition=define_tier(entry.tier, figures), count=count)
    ]  # fmt: skip
    if is_visit and entry.share.value is not None:
        words.append(tr("{share} of the visits", share=share))
    if entry.undecided:
        words.append(
            trn("up to {n} more, cut off too early to tell", "up to {n} more, cut off too early to tell",
                entry.undecided)
        )  # fmt: skip
    return FunnelBar(
        name=entry.tier.value,
        label=name_tier(entry.tier),
        share=entry.reached / widest,
        undecided=entry.undecided / widest,
        figure=figure,
        words="; ".join(words),
        can_be_listed=is_visit,
    )


def describe_engagement(state: DwellState) -> tuple[FigureRow, ...]:
    if state.shown is None:
        return ()
    figures, zone = state.shown.engagement, state.zone
    rows = [
        FigureRow(
            tr("Capture rate"),
            format_with_interval(figures.capture_rate, format_share),
            tr(
                "Visits divided by visits plus pass-bys. A pass-by comes within {reach} without a visit.",
                reach=_format_reach(figures),
            ),
        ),
        FigureRow(
            tr("Attraction"),
            format_with_interval(figures.attraction_power, format_share),
            tr("Visitors who stop, divided by visitors near."),
        ),
        FigureRow(
            tr("Penetration"),
            format_with_interval(figures.penetration, format_share),
            tr("Visitors of the zone, divided by all visitors of the exhibition."),
        ),
    ]
    if zone is not None:
        rows += _describe_zone(figures, state.needed_s.get(zone))
    return tuple(row for row in rows if is_experts_view() or not row.is_expert)


def _describe_zone(figures: EngagementFigures, needed_s: float | None) -> Sequence[FigureRow]:
    power = find_holding_power(figures.median_stop_s, needed_s)
    held = (
        ABSENT
        if figures.median_stop_s is None
        else tr("enter the time needed on Exhibition, Rents and targets")
    )
    if power is not None and needed_s is not None:
        held = tr(
            "{power}: {median} of {needed}",
            power=format_number(power, decimals=2),
            median=format_seconds(figures.median_stop_s),
            needed=format_seconds(needed_s),
        )
    return (
        FigureRow(
            tr("Bounce"),
            format_share(figures.bounce),
            tr("Share of visits shorter than {least}.", least=format_seconds(figures.settings.bounce_s)),
        ),
        FigureRow(
            tr("Median stop"),
            format_seconds(figures.median_stop_s),
            tr("Median length of stops in the zone: slower than 0.3 m/s for at least 3 s."),
        ),
        FigureRow(
            tr("Holding power"),
            held,
            tr("Median stop, divided by the time needed for the zone."),
        ),
        FigureRow(
            tr("Stand load"),
            format_load(figures.stand_load),
            tr("Time that people spend in the zone per area and observed hour."),
            is_expert=True,
        ),
    )


def _format_reach(figures: EngagementFigures) -> str:
    units = current_units()
    return f"{format_number(units.from_metres(figures.reach_m))} {units.symbol}"


def format_load(load: float | None) -> str:
    """Return the stand load in person-seconds per m² or ft² and hour."""
    if load is None:
        return ABSENT
    units = current_units()
    return tr(
        "{load} person-s per {area} and h",
        load=format_number(load * units.per_m2),
        area=units.area_symbol,
    )


def describe_certainty(state: DwellState) -> tuple[FigureRow, ...]:
    zone = state.shown
    if zone is None or state.zone is None:
        return ()
    figures, cut = zone.figures, round(float(zone.cut.sum()))
    visits = round(float(zone.complete.sum() + zone.cut.sum()))
    hidden, cut_share = figures.unseen_share, cut / visits if visits else None
    return (
        *(
            FigureRow(
                translate_phrase(column.title),
                format_number(column.read(figures)),
                translate_phrase(column.definition),
            )
            for column in (SURPLUS_VISITS, MISSING_VISITS, UNSURE_VISITS)
        ),
        FigureRow(
            translate_phrase(UNSEEN_SHARE.title),
            tr("{share} of the time", share=format_share(hidden, decimals=UNSEEN_SHARE.decimals)),
            translate_phrase(UNSEEN_SHARE.definition),
        ),
        FigureRow(
            tr("Incomplete visits"),
            tr("{cut} of {visits} ({share})", cut=format_number(cut),
               visits=format_number(visits), share=format_share(cut_share)),
            tr("Visits whose start or end was not seen; they lasted at least as long as observed."),
        ),
        FigureRow(
            translate_phrase(COVERAGE.title),
            tr("{share} of time and area", share=format_share(figures.coverage)),
            translate_phrase(COVERAGE.definition),
        ),
    )  # fmt: skip

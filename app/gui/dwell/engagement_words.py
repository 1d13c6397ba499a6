"""What visits were worth, and how sure the dwell times are, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.dwell.engagement_tier import Tier
from app.dwell.engagement_figures import EngagementFigures, TierFigures, find_holding_power
from app.gui.charts.chart_marks import TierBar
from app.gui.dwell.model import DwellState
from app.gui.session.cell_text import (
    ABSENT,
    format_number,
    format_seconds,
    format_share,
    format_with_interval,
)
from app.gui.session.translation import display_name, tr, trn
from app.gui.session.units import current_units


def name_tier(tier: Tier) -> str:
    """Of a bar and of a cell."""
    return {
        Tier.PASS_BY: tr("Came near"),
        Tier.VISIT: tr("Visited"),
        Tier.STOP: tr("Stopped"),
        Tier.ENGAGED: tr("Engaged"),
        Tier.LONG: tr("Stayed long"),
    }[tier]


_MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A name, its value, and what the number is."""

    name: str
    value: str
    definition: str


def define_tier(tier: Tier, figures: EngagementFigures) -> str:
    """What it takes."""
    return {
        Tier.PASS_BY: tr("within {reach} of the zone, or in it", reach=_format_reach(figures)),
        Tier.VISIT: tr("a stay of at least the zone's shortest visit"),
        Tier.STOP: tr("stood for at least {least} within one visit", least=format_seconds(figures.stop_s)),
        Tier.ENGAGED: tr(
            "stood for at least {least} within one visit", least=format_seconds(figures.engaged_s)
        ),
        Tier.LONG: tr("stood for at least {least} within one visit", least=format_seconds(figures.long_s)),
    }[tier]


def describe_funnel(state: DwellState) -> tuple[TierBar, ...]:
    """A bar for each tier, the widest first."""
    if state.view is None:
        return ()
    figures = state.view.detail.engagement
    widest = max((tier.reached for tier in figures.tiers), default=0)
    if not widest:
        return ()
    return tuple(_make_bar(tier, figures, widest) for tier in figures.tiers)


def _make_bar(entry: TierFigures, figures: EngagementFigures, widest: int) -> TierBar:
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
            trn("up to {n} more was cut before it could", "up to {n} more were cut before they could",
                entry.undecided)
        )  # fmt: skip
    return TierBar(
        tier=entry.tier.value,
        label=name_tier(entry.tier),
        share=entry.reached / widest,
        undecided=entry.undecided / widest,
        figure=figure,
        words="; ".join(words),
        can_be_listed=is_visit,
    )


def describe_engagement(state: DwellState) -> tuple[FigureRow, ...]:
    """The figures of the selected zone, or of the zones that are counted together."""
    if state.view is None:
        return ()
    figures, zone = state.view.detail.engagement, state.view.zone
    rows = [
        FigureRow(
            tr("Capture rate"),
            format_with_interval(figures.capture_rate, format_share),
            tr(
                "Visits over visits and pass-bys; a pass-by comes within {reach} without a visit.",
                reach=_format_reach(figures),
            ),
        ),
        FigureRow(
            tr("Attraction power"),
            format_with_interval(figures.attraction_power, format_share),
            tr("Visitors who stop at it over visitors exposed to it (Serrell; Bitgood)."),
        ),
        FigureRow(
            tr("Penetration"),
            format_with_interval(figures.penetration, format_share),
            tr("Visitors with a visit to it over all visitors of the exhibition."),
        ),
    ]
    if zone is not None:
        rows += _describe_zone(figures, state.needed_s.get(zone))
    return tuple(rows)


def _describe_zone(figures: EngagementFigures, needed_s: float | None) -> Sequence[FigureRow]:
    power = find_holding_power(figures.median_stop_s, needed_s)
    held = ABSENT if figures.median_stop_s is None else tr("say below how long it needs")
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
            tr("Visits shorter than {least} over visits.", least=format_seconds(figures.bounce_s)),
        ),
        FigureRow(
            tr("Median stop"),
            format_seconds(figures.median_stop_s),
            tr("Of those who stood in the zone, slower than 0.3 m/s for at least 3 s."),
        ),
        FigureRow(
            tr("Holding power"),
            held,
            tr("Median stop over the time that the zone needs (Serrell)."),
        ),
        FigureRow(
            tr("Stand load"),
            format_load(figures.stand_load),
            tr("Person-seconds per area and observed hour; right even where identities break."),
        ),
    )


def _format_reach(figures: EngagementFigures) -> str:
    units = current_units()
    return f"{format_number(units.from_metres(figures.reach_m))} {units.symbol}"


def format_load(load: float | None) -> str:
    """Person-seconds per m² or ft² and hour."""
    if load is None:
        return ABSENT
    units = current_units()
    return tr(
        "{load} person-s per {area} and h",
        load=format_number(load * units.per_m2),
        area=units.area_symbol,
    )


def describe_certainty(state: DwellState) -> tuple[FigureRow, ...]:
    """What the mean of the selected zone stands on; of all zones, which of them are flagged."""
    view = state.view
    if view is None:
        return ()
    if view.zone is None:
        flagged = [zone.name for zone in view.zones if zone.figures.estimates_disagree]
        names = tr(", ").join(map(display_name, flagged)) if flagged else tr("none")
        return (
            FigureRow(
                tr("Zones whose estimates disagree"),
                names,
                tr("The two estimates of the mean dwell differ by more than 10 %."),
            ),
        )
    sure = view.detail.certainty
    if sure is None:
        return ()
    difference = ABSENT
    if sure.difference is not None:
        share = format_share(sure.difference, decimals=1)
        difference = (
            tr("{share}: they disagree", share=share)
            if sure.is_flagged
            else tr("{share}: they agree", share=share)
        )
    lost = None if sure.loss_per_s is None else sure.loss_per_s * _MINUTE_S
    cut_share = sure.cut_visits / sure.visits if sure.visits else None
    return (
        FigureRow(
            tr("Mean without identities"),
            format_seconds(sure.mean_littles_law_s),
            tr("Of whole visits, by Little's law from what was tracked, whoever it was."),
        ),
        FigureRow(
            tr("Mean of followed visits"),
            format_seconds(sure.mean_visits_s),
            tr("Of whole visits, from the stays of those who were followed (stitched estimate)."),
        ),
        FigureRow(
            tr("Difference"), difference, tr("More than 10 % is flagged: identities break often then.")
        ),
        FigureRow(
            tr("Identities lost"),
            ABSENT if lost is None else tr("{n} per person-minute", n=format_number(lost, decimals=2)),
            tr("How often the tracker loses somebody within the zone, before stitching."),
        ),
        FigureRow(
            tr("Unseen in between"),
            format_seconds(sure.mean_gap_s),
            tr("How long a person goes unseen between two pieces of a track, on average."),
        ),
        FigureRow(
            tr("Tracked"),
            tr("{share} of the time", share=format_share(sure.tracked_share, decimals=1)),
            tr("Share of a person's time in the zone for which somebody follows: 1 / (1 + losses x gap)."),
        ),
        FigureRow(
            tr("Cut visits"),
            tr("{cut} of {visits} ({share})", cut=format_number(sure.cut_visits),
               visits=format_number(sure.visits), share=format_share(cut_share)),
            tr("Start or end was not seen; they lasted at least as long as they were seen."),
        ),
        FigureRow(
            tr("Time and floor seen"),
            tr("{share} of time and area", share=format_share(sure.coverage)),
            tr("Share of the period's time and of the zone's floor that a camera looked at."),
        ),
    )  # fmt: skip

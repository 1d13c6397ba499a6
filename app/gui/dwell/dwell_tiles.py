"""Texts of the key figures on the dwell page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import Estimate
from analytics.results.content import CellKind
from analytics.results.day_quality import DayQuality
from analytics.results.zone_figures import (
    DWELL_TILES,
    MEAN_DWELL,
    MEDIAN_DWELL,
    PEOPLE,
    PERSON_SECONDS,
    ZoneColumn,
)
from app.facts.day_quality import mark_estimate
from app.gui.dwell.model import DwellState
from app.gui.session.cell_text import (
    format_date_time,
    format_figure,
    format_number,
    format_period,
    format_rough,
    format_share,
)
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.quality_words import explain_loss
from app.gui.session.translation import display_name, join_sentences, tr, translate_phrase, trn

MIN_SHOWN_CHANGE = 0.0005
_S_PER_H = 3600.0


@dataclass(frozen=True, slots=True)
class TileText:
    """Texts of a tile.

    Attributes:
        detail: interval or reference of the number.
        change: with an arrow; empty without a comparison.
        tone: ``good`` or ``bad`` where the change exceeds the uncertainty, else ``muted``.
        explanation: sentence on the change.
        definition: meaning of the number.
        is_expert: shown in the experts' view only.
    """

    title: str
    value: str
    detail: str
    change: str
    tone: str
    explanation: str
    definition: str
    is_expert: bool = False


def describe_tiles(state: DwellState) -> tuple[TileText, ...]:
    """Return a tile for each of ``DWELL_TILES``, with dashes without figures."""
    now, then = ZoneFigures(), ZoneFigures()
    if state.shown is not None and state.analysis is not None:
        now, then = state.shown.figures, state.analysis.previous.get(state.zone, then)
    compared = _describe_compared(state)
    quality = (None if state.analysis is None else state.analysis.quality) or DayQuality()
    return tuple(
        TileText(
            _name_tile(column, state),
            format_rough(
                mark_estimate(Estimate(column.read(now)), quality, column.key),
                partial(format_figure, column=column),
            ),
            _describe_detail(column, now),
            *_describe_change(column, now, then),
            compared,
            join_sentences([translate_phrase(column.definition), explain_loss(quality, column.key)]),
            column is PERSON_SECONDS,
        )
        for column in DWELL_TILES
    )


def _name_tile(column: ZoneColumn, state: DwellState) -> str:
    if column is PERSON_SECONDS and (state.shown is None or state.zone is None):
        return tr("Person-seconds in zones")
    return translate_phrase(column.title)


def _describe_detail(column: ZoneColumn, figures: ZoneFigures) -> str:
    found = column.read_estimate(figures)
    if column is MEDIAN_DWELL and found.value is None and figures.visits.value is not None:
        return tr("too few complete visits for a median")
    if found.value is None:
        return ""
    if column is PERSON_SECONDS:
        hours = found.value / _S_PER_H
        return tr("{hours} person-hours", hours=format_number(hours, decimals=1 if hours >= 1 else 2))
    if found.interval is None or column is MEDIAN_DWELL:
        return {
            MEDIAN_DWELL.key: tr("half of the visits are shorter"),
            PEOPLE.key: tr("weighted by time"),
            MEAN_DWELL.key: tr("no interval known"),
        }.get(column.key, "")
    low, high = (format_figure(limit, column) for limit in found.interval)
    return tr("likely {low} to {high}", low=low, high=high)


def _describe_change(column: ZoneColumn, now: ZoneFigures, then: ZoneFigures) -> tuple[str, str]:
    """Return the relative change with an arrow, and its tone; empty without a comparison."""
    after, before = column.read_estimate(now), column.read_estimate(then)
    if after.value is None or before.value is None or before.value <= 0:
        return "", "muted"
    relative = after.value / before.value - 1
    if abs(relative) < MIN_SHOWN_CHANGE:
        return tr("unchanged"), "muted"
    tone = "muted"
    # intervals of medians say nothing of a difference
    if after.interval is not None and before.interval is not None and column is not MEDIAN_DWELL:
        is_clear = after.interval[0] > before.interval[1] or after.interval[1] < before.interval[0]
        tone = ("good" if relative > 0 else "bad") if is_clear else tone
    share = format_share(abs(relative), decimals=1)
    if column.kind is CellKind.SECONDS:
        words = tr("▲ {share} longer", share=share) if relative > 0 else tr("▼ {share} shorter", share=share)
    else:
        words = tr("▲ {share} more", share=share) if relative > 0 else tr("▼ {share} less", share=share)
    return words, tone


def _describe_compared(state: DwellState) -> str:
    analysis = state.analysis
    if state.shown is not None and analysis is not None and not analysis.is_compared:
        return tr("Computing the previous period for comparison.")
    if (
        state.shown is None
        or analysis is None
        or analysis.previous_period is None
        or (state.zone not in analysis.previous)
    ):
        return tr("No comparison: the previous period was not observed for as long.")
    return tr(
        "Changes are relative to {period}; coloured where they are clearer than chance.",
        period=format_period(*analysis.previous_period, time_zone=state.time_zone),
    )


def describe_period(state: DwellState) -> str:
    if state.period is None:
        return ""
    words = format_period(*state.period, time_zone=state.time_zone)
    return tr("Last hour: {period}", period=words) if state.is_now else words


def describe_notes(state: DwellState) -> tuple[str, ...]:
    analysis = state.analysis
    if state.shown is None or analysis is None:
        return ()
    notes = [_describe_compared(state)]
    if state.zone is None and analysis.pooled_zones:
        count = len(analysis.pooled_zones)
        notes.append(
            trn("Visits and dwell times are those of {n} zone.",
                "Visits and dwell times are those of {n} zones together.", count)
        )  # fmt: skip
    changed = [zone.since_utc_s for zone in analysis.list_counted(state.zone) if zone.since_utc_s is not None]
    if state.zone is not None and changed:
        notes.append(
            tr("This zone changed at {moment}; earlier data are not counted.",
               moment=format_date_time(changed[0], time_zone=state.time_zone))
        )  # fmt: skip
    elif changed:
        notes.append(
            trn("{n} zone changed within the period and counts only since then.",
                "{n} zones changed within the period and count only since then.", len(changed))
        )  # fmt: skip
    if analysis.missing_days:
        notes.append(
            trn("The data of {n} day were deleted and are not counted.",
                "The data of {n} days were deleted and are not counted.", analysis.missing_days)
        )  # fmt: skip
    return tuple(notes)


def describe_pooled_zones(state: DwellState) -> str:
    """Return the names of the pooled zones; empty for a selected zone."""
    if state.shown is None or state.analysis is None or state.zone is not None:
        return ""
    return tr(", ").join(map(display_name, state.analysis.pooled_zones))


def _describe_missing_data(state: DwellState) -> str:
    history = None if state.analysis is None else state.analysis.history
    if history is None:
        return tr("No data yet. Start recording on the Live page, or import a recording, to see dwell times.")
    return tr(
        "No data for this period. The history covers {history}.",
        history=format_period(*history, time_zone=state.time_zone),
    )


def describe_empty_state(state: DwellState) -> str:
    """Return why nothing is shown, with a remedy; empty where figures are shown."""
    match state.phase:
        case PeriodPhase.NO_VENUE:
            return tr("Open a venue to see its dwell times.")
        case PeriodPhase.COMPUTING if state.shown is None and state.period is not None:
            return tr(
                "Computing dwell times: {period}.\nThe status bar shows the progress; you can use other "
                "pages meanwhile.",
                period=format_period(*state.period, time_zone=state.time_zone),
            )
        case PeriodPhase.NOTHING_OBSERVED:
            return _describe_missing_data(state)
        case PeriodPhase.NO_SUCH_ZONE:
            return tr(
                "The zone '{zone}' did not exist in this period. Choose another zone or period.",
                zone=display_name(state.zone or ""),
            )
        case PeriodPhase.READY if state.shown is not None and not state.zones:
            return tr("No zones yet. Draw zones on the Edit plan page to see dwell times.")
        case _:
            return ""

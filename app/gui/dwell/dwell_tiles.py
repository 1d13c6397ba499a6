"""Texts of the key figures on the dwell page."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.results.zone_figures import (
    MEAN_DWELL,
    MEDIAN_DWELL,
    PEOPLE,
    PERSON_SECONDS,
    VISITS,
    ZoneFigures,
)
from app.dwell.dwell_figures import DwellResults
from app.gui.dwell.model import DwellState
from app.gui.session.camera_words import describe_low_count
from app.gui.session.cell_text import (
    format_date_time,
    format_duration,
    format_number,
    format_period,
    format_share,
)
from app.gui.session.period_figures import PeriodPhase
from app.gui.session.translation import display_name, tr, translate_phrase, trn

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
    """Return five tiles, with dashes without figures."""
    results = state.results
    figures = None if results is None else results.figures
    before = None if results is None else results.previous
    compared = _describe_compared(results, state.time_zone)
    now, then = figures or ZoneFigures(), before or ZoneFigures()
    is_zone = results is not None and results.zone is not None
    visits_change = _compare(now.visits, then.visits, now.visits_interval, then.visits_interval)
    mean_change = _compare(
        now.mean_dwell_s, then.mean_dwell_s, now.mean_dwell_interval_s, then.mean_dwell_interval_s
    )
    return (
        TileText(
            tr("Visits"),
            format_number(now.visits),
            _describe_count_interval(now.visits_interval),
            *_format_quantity(visits_change),
            compared,
            translate_phrase(VISITS.definition),
        ),
        TileText(
            translate_phrase(PEOPLE.title),
            format_number(now.people_mean, decimals=2),
            "" if now.people_mean is None else tr("weighted by time"),
            *_format_quantity(_compare(now.people_mean, then.people_mean)),
            compared,
            translate_phrase(PEOPLE.definition),
        ),
        TileText(
            tr("Mean dwell"),
            format_duration(now.mean_dwell_s),
            _describe_mean_interval(now),
            *_format_duration_change(mean_change),
            compared,
            translate_phrase(MEAN_DWELL.definition),
        ),
        TileText(
            tr("Median dwell"),
            format_duration(now.median_dwell_s),
            _describe_median(now),
            *_format_duration_change(_compare(now.median_dwell_s, then.median_dwell_s)),
            compared,
            translate_phrase(MEDIAN_DWELL.definition),
        ),
        TileText(
            tr("Person-seconds") if is_zone else tr("Person-seconds in zones"),
            format_number(now.person_seconds),
            ""
            if now.person_seconds is None
            else tr("{hours} person-hours", hours=_format_hours(now.person_seconds / _S_PER_H)),
            *_format_quantity(_compare(now.person_seconds, then.person_seconds)),
            compared,
            translate_phrase(PERSON_SECONDS.definition),
            is_expert=True,
        ),
    )


def describe_period(state: DwellState) -> str:
    if state.period is None:
        return ""
    words = format_period(*state.period, time_zone=state.time_zone)
    return tr("Last hour: {period}", period=words) if state.is_now else words


def describe_notes(state: DwellState) -> tuple[str, ...]:
    results = state.results
    if results is None:
        return ()
    notes = [_describe_compared(results, state.time_zone)]
    if results.zone is None and results.pooled_zones:
        count = len(results.pooled_zones)
        notes.append(
            trn("Visits and dwell times are those of {n} zone.",
                "Visits and dwell times are those of {n} zones together.", count)
        )  # fmt: skip
    if results.zone is not None and results.changed_zones:
        since_s = results.changed_zones[0][1]
        notes.append(
            tr("This zone changed at {moment}; earlier data are not counted.",
               moment=format_date_time(since_s, time_zone=state.time_zone))
        )  # fmt: skip
    elif results.changed_zones:
        notes.append(
            trn("{n} zone changed within the period and counts only since then.",
                "{n} zones changed within the period and count only since then.", len(results.changed_zones))
        )  # fmt: skip
    if results.missing_days:
        notes.append(
            trn("The data of {n} day were deleted and are not counted.",
                "The data of {n} days were deleted and are not counted.", results.missing_days)
        )  # fmt: skip
    return tuple(notes)


def describe_pooled_zones(state: DwellState) -> str:
    """Return the names of the pooled zones; empty for a selected zone."""
    results = state.results
    return (
        ""
        if results is None or results.zone is not None
        else tr(", ").join(map(display_name, results.pooled_zones))
    )


def describe_warnings(state: DwellState) -> str:
    """Return warnings about cameras that count too few; or nothing."""
    return "\n".join(describe_low_count(one) for one in state.low_counts)


def _describe_missing_data(state: DwellState) -> str:
    if state.history is None:
        return tr("No data yet. Start recording on the Live page, or import a recording, to see dwell times.")
    return tr(
        "No data for this period. The history covers {history}.",
        history=format_period(*state.history, time_zone=state.time_zone),
    )


def describe_empty_state(state: DwellState) -> str:
    """Return why nothing is shown, with a remedy; empty where figures are shown."""
    match state.phase:
        case PeriodPhase.NO_VENUE:
            return tr("Open a venue to see its dwell times.")
        case PeriodPhase.COMPUTING if state.results is None and state.period is not None:
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
        case PeriodPhase.READY if state.results is not None and not state.results.zones:
            return tr("No zones yet. Draw zones on the Edit plan page to see dwell times.")
        case _:
            return ""


@dataclass(frozen=True, slots=True)
class _Change:
    """Relative change, None without a comparison; ``tone`` as in `TileText`."""

    relative: float | None
    tone: str = "muted"


def _compare(
    now: float | None,
    before: float | None,
    now_interval: tuple[float, float] | None = None,
    before_interval: tuple[float, float] | None = None,
) -> _Change:
    if now is None or before is None or before <= 0:
        return _Change(None)
    relative = now / before - 1
    is_clear = (
        now_interval is not None
        and before_interval is not None
        and (now_interval[0] > before_interval[1] or now_interval[1] < before_interval[0])
    )
    return _Change(relative, ("good" if relative > 0 else "bad") if is_clear else "muted")


def _format_quantity(change: _Change) -> tuple[str, str]:
    return _word(change, tr("▲ {share} more"), tr("▼ {share} less"))


def _format_duration_change(change: _Change) -> tuple[str, str]:
    return _word(change, tr("▲ {share} longer"), tr("▼ {share} shorter"))


def _word(change: _Change, more: str, less: str) -> tuple[str, str]:
    if change.relative is None:
        return "", "muted"
    if abs(change.relative) < MIN_SHOWN_CHANGE:
        return tr("unchanged"), "muted"
    words = more if change.relative > 0 else less
    return words.format(share=format_share(abs(change.relative), decimals=1)), change.tone


def _describe_count_interval(interval: tuple[float, float] | None) -> str:
    if interval is None:
        return ""
    low, high = (format_number(limit) for limit in interval)
    return tr("likely {low} to {high}", low=low, high=high)


def _describe_mean_interval(figures: ZoneFigures) -> str:
    if figures.mean_dwell_s is None:
        return ""
    if figures.mean_dwell_interval_s is None:
        return tr("no interval known")
    low, high = (format_duration(limit) for limit in figures.mean_dwell_interval_s)
    return tr("likely {low} to {high}", low=low, high=high)


def _describe_median(figures: ZoneFigures) -> str:
    if figures.median_dwell_s is not None:
        return tr("half of the visits are shorter")
    return "" if figures.visits is None else tr("too few complete visits for a median")


def _format_hours(hours: float) -> str:
    return format_number(hours, decimals=1 if hours >= 1 else 2)


def _describe_compared(results: DwellResults | None, time_zone: str) -> str:
    if results is not None and not results.is_compared:
        return tr("Computing the previous period for comparison.")
    if results is None or results.previous_period is None:
        return tr("No comparison: the previous period was not observed for as long.")
    return tr(
        "Changes are relative to {period}; coloured where they are clearer than chance.",
        period=format_period(*results.previous_period, time_zone=time_zone),
    )

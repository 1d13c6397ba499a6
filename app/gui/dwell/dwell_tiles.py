"""The key figures of the dwell page in words: value, interval, and the change against the period before."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.reports.zone_figures import ZoneFigures
from app.dwell.dwell_figures import DwellView
from app.gui.dwell.model import DwellState, Phase
from app.gui.dwell.zone_table import format_interval
from app.gui.session.cell_text import (
    format_duration,
    format_moment,
    format_number,
    format_period,
    format_share,
)
from app.gui.session.translation import display_name, tr, trn

MIN_SHOWN_CHANGE = 0.0005
_S_PER_H = 3600.0


@dataclass(frozen=True, slots=True)
class TileText:
    """What a tile says.

    Attributes:
        detail: the interval or what the number refers to.
        change: with an arrow; empty where there is nothing to compare with.
        tone: ``good`` or ``bad`` where the change is larger than the uncertainty, else ``muted``.
        explanation: of the change, in a sentence.
    """

    title: str
    value: str
    detail: str
    change: str
    tone: str
    explanation: str


def describe_tiles(state: DwellState) -> tuple[TileText, ...]:
    """Five tiles; dashes while there are no figures."""
    view = state.view
    figures = None if view is None else view.figures
    before = None if view is None else view.previous
    compared = _describe_compared(view, state.time_zone)
    now, then = figures or ZoneFigures(), before or ZoneFigures()
    is_zone = view is not None and view.zone is not None
    visits_change = _compare(now.visits, then.visits, now.visits_interval, then.visits_interval)
    mean_change = _compare(
        now.mean_dwell_s, then.mean_dwell_s, now.mean_dwell_interval_s, then.mean_dwell_interval_s
    )
    return (
        TileText(
            tr("Visits"),
            format_number(now.visits),
            _describe_count_interval(now.visits_interval),
            *_word_quantity(visits_change),
            compared,
        ),
        TileText(
            tr("People in the zone, mean") if is_zone else tr("People in view, mean"),
            format_number(now.people_mean, decimals=2),
            "" if now.people_mean is None else tr("weighted by time"),
            *_word_quantity(_compare(now.people_mean, then.people_mean)),
            compared,
        ),
        TileText(
            tr("Mean dwell"),
            format_duration(now.mean_dwell_s),
            _describe_mean_interval(now),
            *_word_duration(mean_change),
            compared,
        ),
        TileText(
            tr("Median dwell"),
            format_duration(now.median_dwell_s),
            _describe_median(now),
            *_word_duration(_compare(now.median_dwell_s, then.median_dwell_s)),
            compared,
        ),
        TileText(
            tr("Person-seconds"),
            format_number(now.person_seconds),
            ""
            if now.person_seconds is None
            else tr("{hours} person-hours", hours=_format_hours(now.person_seconds / _S_PER_H)),
            *_word_quantity(_compare(now.person_seconds, then.person_seconds)),
            compared,
        ),
    )


def describe_period(state: DwellState) -> str:
    """Which period is shown, in the venue's own time."""
    if state.period is None:
        return ""
    words = format_period(*state.period, time_zone=state.time_zone)
    return tr("Last hour: {period}", period=words) if state.is_now else words


def describe_notes(state: DwellState) -> tuple[str, ...]:
    """What has to be known to read the figures."""
    view = state.view
    if view is None:
        return ()
    notes = [_describe_compared(view, state.time_zone)]
    if view.zone is None and view.pooled_zones:
        count = len(view.pooled_zones)
        notes.append(
            trn("Visits and dwell times are those of {n} zone.",
                "Visits and dwell times are those of {n} zones together.", count)
        )  # fmt: skip
    if view.zone is not None and view.changed_zones:
        since_s = view.changed_zones[0][1]
        notes.append(
            tr("This zone is as it is now since {moment}; what came before is not counted.",
               moment=format_moment(since_s, time_zone=state.time_zone))
        )  # fmt: skip
    elif view.changed_zones:
        notes.append(
            trn("{n} zone changed within the period and counts only since then.",
                "{n} zones changed within the period and count only since then.", len(view.changed_zones))
        )  # fmt: skip
    if view.missing_days:
        notes.append(
            trn("Of {n} day nothing is kept any more; it is not counted.",
                "Of {n} days nothing is kept any more; they are not counted.", view.missing_days)
        )  # fmt: skip
    return tuple(notes)


def describe_pooled_zones(state: DwellState) -> str:
    """Which zones are counted together; empty for one that was chosen."""
    view = state.view
    return (
        "" if view is None or view.zone is not None else tr(", ").join(map(display_name, view.pooled_zones))
    )


def describe_disagreement(state: DwellState) -> str:
    """A warning where the two estimates of the mean dwell differ by more than a tenth; else nothing."""
    if state.view is None or not state.view.figures.estimates_disagree:
        return ""
    return tr(
        "Two estimates of the mean dwell disagree by more than 10 %: identities break often here. "
        "The mean does not depend on them; take the median and the distribution with care."
    )


def _describe_nothing(state: DwellState) -> str:
    if state.history is None:
        return tr(
            "This venue has no history yet. Start recording on the Live page, "
            "or import a recording; the dwell times appear here."
        )
    return tr(
        "Nothing was observed in this period. The history covers {history}.",
        history=format_period(*state.history, time_zone=state.time_zone),
    )


def describe_emptiness(state: DwellState) -> str:
    """Why there is nothing to see, and what to do; empty where there is."""
    match state.phase:
        case Phase.NO_VENUE:
            return tr("Open a venue to see how long its visitors stay.")
        case Phase.COMPUTING if state.view is None and state.period is not None:
            return tr(
                "Finding out who was where, and for how long: {period}.\n"
                "The status bar shows how far it is; other pages can be looked at meanwhile.",
                period=format_period(*state.period, time_zone=state.time_zone),
            )
        case Phase.NOTHING_OBSERVED:
            return _describe_nothing(state)
        case Phase.NO_SUCH_ZONE:
            return tr(
                "There was no zone '{zone}' in this period. Choose another zone or another period.",
                zone=display_name(state.zone or ""),
            )
        case Phase.READY if state.view is not None and not state.view.zones:
            return tr("No zones are drawn yet. Draw them on the Edit plan page to see dwell times.")
        case _:
            return ""


@dataclass(frozen=True, slots=True)
class _Change:
    """Relative change; None for nothing to compare. ``tone`` as in `TileText`."""

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


def _word_quantity(change: _Change) -> tuple[str, str]:
    return _word(change, tr("▲ {share} more"), tr("▼ {share} less"))


def _word_duration(change: _Change) -> tuple[str, str]:
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
    return tr("95 % interval {interval}", interval=f"{low}–{high}")


def _describe_mean_interval(figures: ZoneFigures) -> str:
    if figures.mean_dwell_s is None:
        return ""
    if figures.mean_dwell_interval_s is None:
        return tr("too short for an interval")
    return tr("95 % interval {interval}", interval=format_interval(figures.mean_dwell_interval_s))


def _describe_median(figures: ZoneFigures) -> str:
    if figures.median_dwell_s is not None:
        return tr("half of the visits are shorter")
    return "" if figures.visits is None else tr("too few complete visits for a median")


def _format_hours(hours: float) -> str:
    return format_number(hours, decimals=1 if hours >= 1 else 2)


def _describe_compared(view: DwellView | None, time_zone: str) -> str:
    if view is not None and not view.is_compared:
        return tr("The period before is being computed, to compare with it.")
    if view is None or view.previous_period is None:
        return tr("No comparison: the period before was not observed as long.")
    return tr(
        "Changes are against {period}; coloured where they exceed the 95 % intervals.",
        period=format_period(*view.previous_period, time_zone=time_zone),
    )

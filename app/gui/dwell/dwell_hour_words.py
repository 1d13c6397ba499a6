"""Hours and weekdays of the dwell page in words: bars, cells and what they are called."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale

from app.gui.charts.chart_marks import ClockBar, ClockCell
from app.gui.dwell.model import DwellState, Measure
from app.gui.session.cell_text import (
    ABSENT,
    format_duration,
    format_estimate,
    format_number,
    format_seconds,
)
from app.gui.session.translation import tr, trn

if TYPE_CHECKING:
    from analytics.metrics.clock_profile import ClockFigures, ClockProfile

HOURS, WEEKDAYS = 24, 7
_MINUTE_S = 60.0


def name_measure(measure: Measure) -> str:
    """Of a button."""
    return {
        Measure.MEAN_DWELL: tr("Mean dwell"),
        Measure.VISITS: tr("Visits"),
        Measure.PEOPLE: tr("People"),
    }[measure]


def name_axis(measure: Measure) -> str:
    """With the unit."""
    return {
        Measure.MEAN_DWELL: tr("Mean dwell (m:ss)"),
        Measure.VISITS: tr("Visits per observed hour"),
        Measure.PEOPLE: tr("People present, mean"),
    }[measure]


def define_measure(measure: Measure) -> str:
    """What the number is."""
    return {
        Measure.MEAN_DWELL: tr(
            "Person-seconds of the visits over half the sum of their entries and exits (Little's law): "
            "who stays over the full hour counts in both with the part in each."
        ),
        Measure.VISITS: tr("Visits that began, per hour in which somebody looked."),
        Measure.PEOPLE: tr("People present, weighted by time; everybody counts, however short."),
    }[measure]


def name_weekday(weekday: int, *, is_short: bool = True) -> str:
    """0 for Monday, in the window's language."""
    length = QLocale.FormatType.ShortFormat if is_short else QLocale.FormatType.LongFormat
    return QLocale().standaloneDayName(weekday + 1, length)


def name_hour(hour: int) -> str:
    """From when to when, by the venue's clock."""
    return f"{hour:02d}:00–{hour + 1:02d}:00"


def list_hours(state: DwellState) -> tuple[int, ...]:
    """From the first to the last hour of the day in which anything was observed."""
    if state.view is None:
        return ()
    seen = [hour for hour in range(HOURS) if state.view.detail.by_hour.observed_s[hour] > 0]
    return tuple(range(seen[0], seen[-1] + 1)) if seen else ()


def describe_hours(state: DwellState) -> tuple[ClockBar, ...]:
    """One bar an hour."""
    if state.view is None:
        return ()
    profile = state.view.detail.by_hour
    return tuple(
        _make_bar(profile, hour, state.measure, label=f"{hour:02d}", name=name_hour(hour))
        for hour in list_hours(state)
    )


def describe_weekdays(state: DwellState) -> tuple[ClockBar, ...]:
    """One bar a weekday; none where only one was observed."""
    if state.view is None or state.view.weekdays < 2:
        return ()
    profile = state.view.detail.by_weekday
    return tuple(
        _make_bar(
            profile,
            weekday,
            state.measure,
            label=name_weekday(weekday),
            name=name_weekday(weekday, is_short=False),
        )
        for weekday in range(WEEKDAYS)
    )


def describe_cells(state: DwellState) -> dict[tuple[int, int], ClockCell]:
    """Weekday by hour, coloured from zero to the largest value; none where only one weekday was observed."""
    if state.view is None or state.view.weekdays < 2:
        return {}
    profile = state.view.detail.by_both
    figures = _choose(profile, state.measure)
    known = [value for value in figures.value.tolist() if math.isfinite(value)]
    top = max(known, default=0.0)
    cells = {}
    for weekday in range(WEEKDAYS):
        for hour in list_hours(state):
            cell = weekday * HOURS + hour
            value = _read(figures.value[cell])
            name = tr(
                "{weekday}, {hour}", weekday=name_weekday(weekday, is_short=False), hour=name_hour(hour)
            )
            cells[weekday, hour] = ClockCell(
                share=None if value is None or top <= 0 else value / top,
                text=_format_short(value, state.measure),
                words=_say(profile, cell, state.measure, name),
                is_observed=profile.observed_s[cell] > 0,
            )
    return cells


def _make_bar(profile: ClockProfile, cell: int, measure: Measure, *, label: str, name: str) -> ClockBar:
    figures = _choose(profile, measure)
    return ClockBar(
        cell=cell,
        label=label,
        value=_read(figures.value[cell]),
        low=_read(figures.low[cell]),
        high=_read(figures.high[cell]),
        is_observed=profile.observed_s[cell] > 0,
        words=_say(profile, cell, measure, name),
    )


def _say(profile: ClockProfile, cell: int, measure: Measure, name: str) -> str:
    if profile.observed_s[cell] <= 0:
        return tr("{name}: not observed", name=name)
    figures = _choose(profile, measure)
    value, low, high = (_read(part[cell]) for part in (figures.value, figures.low, figures.high))
    words = _format(value, measure)
    if low is not None and high is not None:
        words = format_estimate(words, _format(low, measure), _format(high, measure))
    visits = int(profile.visits[cell])
    return tr(
        "{name}: {measure} {value}; {visits}; observed for {minutes} min",
        name=name,
        measure=name_axis(measure) if measure is not Measure.MEAN_DWELL else name_measure(measure),
        value=words,
        visits=trn("{count} visit began", "{count} visits began", visits, count=format_number(visits)),
        minutes=format_number(profile.observed_s[cell] / _MINUTE_S),
    )


def _choose(profile: ClockProfile, measure: Measure) -> ClockFigures:
    return {
        Measure.MEAN_DWELL: profile.mean_dwell_s,
        Measure.VISITS: profile.visits_per_h,
        Measure.PEOPLE: profile.people,
    }[measure]


def _read(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _format(value: float | None, measure: Measure) -> str:
    if measure is Measure.MEAN_DWELL:
        return format_seconds(value)
    return format_number(value, decimals=0 if value is not None and value >= 100 else 1)


def _format_short(value: float | None, measure: Measure) -> str:
    if value is None:
        return ABSENT
    if measure is Measure.MEAN_DWELL:
        return format_duration(value)
    return format_number(value, decimals=0 if value >= 10 else 1)

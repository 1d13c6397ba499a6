"""Bar and line charts on paper."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from analytics.results.content import BarChart, LineChart
from app.print.page_painter import FAINT, INK, MUTED, PANEL, PagePainter
from app.print.report_styles import AXIS, AXIS_CENTRE, AXIS_RIGHT, CELL, SMALL

BAR_ROW = 15.0
MAX_BARS = 36
"""Maximum bars of a chart, so that it fits on a page."""
LINE_HEIGHT = 170.0
AXIS_WIDTH, AXIS_HEIGHT = 34.0, 26.0
LINE_COLOURS = ("#12a594", "#8e6cef", "#e5484d", "#0ea5e9", "#f59e0b", "#d6409f", "#65a30d", "#a0785a")
_MAX_NAME_ROWS = 6
_NAMES_SHARE = 0.27
_VALUE_WIDTH = 64.0
_TARGET_TICKS = 5
_DAY_S = 86_400.0
_TIME_STEPS_S = (60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800)


def measure_bars(chart: BarChart) -> float:
    """Return the height of a bar chart in points."""
    return BAR_ROW * len(chart.categories) + 16.0


def split_bars(chart: BarChart) -> list[BarChart]:
    """Split a chart into charts of at most ``MAX_BARS`` bars each, in order."""
    return [
        replace(
            chart,
            categories=chart.categories[first : first + MAX_BARS],
            values=chart.values[first : first + MAX_BARS],
            intervals=None if chart.intervals is None else chart.intervals[first : first + MAX_BARS],
            colours=None if chart.colours is None else chart.colours[first : first + MAX_BARS],
        )
        for first in range(0, max(1, len(chart.categories)), MAX_BARS)
    ]


def find_top(chart: BarChart) -> float:
    """Return the end of a bar chart's scale: the largest value or limit."""
    ends = [chart.values[np.isfinite(chart.values)]]
    if chart.intervals is not None:
        ends.append(chart.intervals[np.isfinite(chart.intervals)])
    return max((float(part.max()) for part in ends if len(part)), default=0.0) or 1.0


def paint_bars(
    page: PagePainter,
    chart: BarChart,
    place: tuple[float, float, float],
    colour: str,
    *,
    top: float | None = None,
) -> None:
    """Paint bars at x, y within a width; values at their ends, unknown ones as a dash.

    Args:
        top: end of the scale; by default that of ``find_top``.
    """
    x, y, width = place
    names = _NAMES_SHARE * width
    left, room = x + names + 6, width - names - 6 - _VALUE_WIDTH
    top = top or find_top(chart)
    for row, (name, value) in enumerate(zip(chart.categories, chart.values, strict=True)):
        at = y + row * BAR_ROW
        middle = at + BAR_ROW / 2
        page.text(x, at + 3, names, name, CELL)
        if not math.isfinite(float(value)):
            page.text(left + 4, at + 3, room, "–", CELL)
            continue
        own = (chart.colours[row] if chart.colours else "") or colour
        page.fill(left, at + 2.5, max(0.6, room * float(value) / top), BAR_ROW - 5, own, radius=1.5)
        reach = float(value)
        if chart.intervals is not None and np.isfinite(chart.intervals[row]).all():
            low, high = (float(limit) for limit in chart.intervals[row])
            page.line([(left + room * low / top, middle), (left + room * high / top, middle)], colour=INK)
            reach = max(reach, high)
        page.text(left + room * reach / top + 4, at + 3, _VALUE_WIDTH, format_tick(float(value), top), CELL)
    below = y + BAR_ROW * len(chart.categories)
    page.line([(left, y), (left, below)], colour=MUTED)
    page.text(left, below + 3, room, chart.unit, AXIS)


def paint_lines(
    page: PagePainter, chart: LineChart, place: tuple[float, float, float], *, colour: str, time_zone: str
) -> None:
    """Paint curves at x, y within a width, with gaps for unknown values."""
    x, y, width = place
    left, right = x + AXIS_WIDTH, x + width
    bottom = y + LINE_HEIGHT - AXIS_HEIGHT
    known = [line.values[np.isfinite(line.values)] for line in chart.lines]
    top = max((float(values.max()) for values in known if len(values)), default=0.0) or 1.0
    ticks = find_ticks(top)
    top = max(top, ticks[-1])
    start, end = (float(chart.x[0]), float(chart.x[-1])) if len(chart.x) else (0.0, 1.0)
    span = (end - start) or 1.0

    def at(value_x: float, value_y: float) -> tuple[float, float]:
        return left + (right - left) * (value_x - start) / span, bottom - (bottom - y - 6) * value_y / top

    marks: list[tuple[float, float, str]] = []
    for from_x, to_x, name in chart.marks:
        begin, stop = at(max(from_x, start), 0)[0], at(min(to_x, end), 0)[0]
        page.fill(begin, y + 6, max(0.8, stop - begin), bottom - y - 6, PANEL)
        marks.append((begin, stop, name))
    # after all backgrounds, which would otherwise cover the names
    row_ends: list[float] = []
    marks.sort()
    for number, (begin, stop, name) in enumerate(marks):
        following = marks[number + 1][0] if number + 1 < len(marks) else right
        room = max(40.0, stop - begin, following - begin - 6)
        row = next((free for free, end_x in enumerate(row_ends) if end_x <= begin), len(row_ends))
        row_ends[row : row + 1] = [begin + min(room, page.measure_text(name, AXIS)) + 4]
        page.fill(begin, y + 6, 0.6, bottom - y - 6, FAINT)
        if row < _MAX_NAME_ROWS:
            # a name at the right edge is moved left to stay on the paper
            shown = page.measure_text(name, AXIS) + 1
            is_beyond = begin + 2 + min(room, shown) > right
            name_x, name_room = (right - shown, shown) if is_beyond else (begin + 2, room)
            page.text(name_x, y + 6 + row * page.measure_line(AXIS), name_room, name, AXIS)
    for tick in ticks:
        level = at(start, tick)[1]
        page.rule(left, level, right - left)
        page.text(x, level - 5, AXIS_WIDTH - 4, format_tick(tick, top), AXIS_RIGHT)
    for moment, text in _find_x_ticks(start, end, time_zone):
        place_x = at(moment, 0)[0]
        page.line([(place_x, bottom), (place_x, bottom + 3)], colour=MUTED)
        page.text(place_x - 30, bottom + 4, 60, text, AXIS_CENTRE)
    page.line([(left, bottom), (right, bottom)], colour=MUTED)
    page.text(x, y - 5, width / 2, chart.unit, AXIS)
    for number, line in enumerate(chart.lines):
        own = line.colour or (colour if number == 0 else LINE_COLOURS[(number - 1) % len(LINE_COLOURS)])
        for first, last in _find_runs(np.isfinite(line.values)):
            points = [at(float(chart.x[i]), float(line.values[i])) for i in range(first, last)]
            if len(points) == 1:
                page.dot(*points[0], 1.2, own)
            page.line(points, colour=own, thick=1.4)
    _paint_legend(page, chart, (left, y + LINE_HEIGHT - 11, right - left), colour)


def _paint_legend(
    page: PagePainter, chart: LineChart, place: tuple[float, float, float], colour: str
) -> None:
    x, y, width = place
    if len(chart.lines) > 1:
        at = x
        for number, line in enumerate(chart.lines):
            own = line.colour or (colour if number == 0 else LINE_COLOURS[(number - 1) % len(LINE_COLOURS)])
            page.line([(at, y + 5), (at + 12, y + 5)], colour=own, thick=2)
            page.text(at + 15, y, width, line.name, SMALL)
            at += 24 + page.measure_text(line.name, SMALL)
    elif chart.x_title:
        page.text(x, y, width, chart.x_title, AXIS_CENTRE)


def find_ticks(top: float) -> list[float]:
    """Return round numbers from 0 to about ``top``."""
    rough = top / _TARGET_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if factor * power >= rough * 0.999)
    return [step * number for number in range(math.ceil(top / step - 1e-9) + 1)]


def format_tick(value: float, top: float) -> str:
    """Format a tick with the decimals that a scale up to ``top`` needs."""
    decimals = 0 if top >= 20 or (top >= 4 and value == round(value)) else 1 if top >= 2 else 2
    return f"{value:,.{decimals}f}"


def _find_x_ticks(start: float, end: float, time_zone: str) -> list[tuple[float, str]]:
    zone = ZoneInfo(time_zone)
    shows_days = end - start > 2 * _DAY_S
    steps = [s for s in _TIME_STEPS_S if s >= _DAY_S or not shows_days]
    step = next((s for s in steps if (end - start) / s <= 8), steps[-1])
    midnight = datetime.fromtimestamp(start, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if shows_days:
        # by the calendar, as days with a clock change are longer or shorter
        days = (midnight + timedelta(seconds=step) * n for n in range(math.ceil((end - start) / step) + 2))
        return [(day.timestamp(), f"{day:%m-%d}") for day in days if start <= day.timestamp() <= end]
    first = midnight.timestamp()
    moments = first + step * np.arange(
        math.ceil((start - first) / step), math.floor((end - first) / step) + 1
    )
    return [(float(moment), f"{datetime.fromtimestamp(float(moment), zone):%H:%M}") for moment in moments]


def _find_runs(is_known: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], is_known.astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in zip(edges[::2], edges[1::2], strict=True)]

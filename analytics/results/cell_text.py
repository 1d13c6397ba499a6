"""Text of a report table's cells."""

from __future__ import annotations

import math
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from analytics.results.content import Cell, CellKind, ReportColumn, ReportContent

DASH = "–"
"""Text of an unknown value; never a zero."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def format_cell(cell: Cell, column: ReportColumn, content: ReportContent) -> tuple[str, str]:
    """Format a value with its interval; a dash if unknown, nothing for a missing interval."""
    if column.has_interval:
        value, low, high = cell if isinstance(cell, tuple) else (None, None, None)
        interval = "" if low is None or high is None else _show_interval(low, high, column, content)
        return (DASH if value is None else _show(value, column, content)), interval
    if cell is None or isinstance(cell, tuple):
        return DASH, ""
    if isinstance(cell, str):
        return cell, ""
    if column.kind is CellKind.TIME:
        return _show_time(float(cell), content), ""
    return _show(float(cell), column, content), ""


def format_heading(title: str, unit: str, content: ReportContent) -> str:
    """Return the title of a column or chart with its unit, in the language's parentheses."""
    return content.words.get("heading", "{title} ({unit})").format(title=title, unit=unit) if unit else title


def disarm(cell: str) -> str:
    """Return a text that no spreadsheet evaluates as a formula; numbers are unchanged."""
    if not cell.startswith(_FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell


def format_rounded(value: float, decimals: int) -> str:
    """Format a number with thousands separators; halves round away from zero, as in the window.

    Python's own formatting rounds halves to even: 640.5 visitors would be 640 on paper and
    641 in the window.
    """
    if not math.isfinite(value):
        return f"{value}"
    exact = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{exact:,}"


def _show_time(time_s: float, content: ReportContent) -> str:
    """Format a venue time by the minute, without its day in a report of one day."""
    zone = ZoneInfo(content.time_zone)
    moment = datetime.fromtimestamp(time_s, zone)
    start_s, end_s = content.period_s
    first, last = (datetime.fromtimestamp(at_s, zone).date() for at_s in (start_s, end_s - 1))
    return f"{moment:%H:%M}" if first == moment.date() == last else f"{moment:%Y-%m-%d %H:%M}"


def _show(value: float, column: ReportColumn, content: ReportContent) -> str:
    return _add_unit(_round(value, column), column, content)


def _show_interval(low: float, high: float, column: ReportColumn, content: ReportContent) -> str:
    # a dash between two minus signs would be hard to read
    form = content.words.get("interval", "{low} to {high}") if low < 0 or high < 0 else "{low}–{high}"
    shown = form.format(low=_round(low, column), high=_round(high, column))
    return _add_unit(shown, column, content)


def _add_unit(shown: str, column: ReportColumn, content: ReportContent) -> str:
    if column.kind is not CellKind.SHARE:
        return shown
    return content.words.get("share", "{share} %").format(share=shown)


def _round(value: float, column: ReportColumn) -> str:
    factor = 100 if column.kind is CellKind.SHARE else 1
    return format_rounded(factor * value, column.decimals).replace("-", "−")

"""Rows of a layout forecast as the page and the report show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.forecast.layout_forecast import LayoutForecast, ZoneForecast

MIN_REACH, MAX_REACH = 20.0, 200.0
"""Ends of the scale of changes, percent, as on *Compare*."""


def rank_rows(forecast: LayoutForecast) -> tuple[ZoneForecast, ...]:
    """Return the zones with visits in order of what they gain, the largest loss last."""
    rows = [row for row in forecast.rows if row.visits_before or row.visits]
    return tuple(sorted(rows, key=lambda row: row.visits - (row.visits_before or 0.0), reverse=True))


def find_ratio(row: ZoneForecast) -> float | None:
    """Return the expected visits over those observed; None for a new zone, or without visits."""
    return row.visits / row.visits_before if row.visits_before else None


def is_proven(row: ZoneForecast) -> bool:
    """Return whether a change lies outside of the forecast's interval."""
    before = row.visits_before
    return before is not None and not row.visits_low <= before <= row.visits_high


def find_reach(forecast: LayoutForecast | None) -> float:
    """Return the end of the scale of changes on either side, percent."""
    rows = () if forecast is None else forecast.rows
    changes = [100 * abs(ratio - 1) for row in rows if (ratio := find_ratio(row)) is not None]
    return min(MAX_REACH, max([MIN_REACH, *changes]))


def scale_change(row: ZoneForecast, reach: float) -> float:
    """Return the place of a change on the scale, from -1 (largest loss) to 1; a new zone is at its end."""
    ratio = find_ratio(row)
    return 1.0 if ratio is None else max(-1.0, min(1.0, 100 * (ratio - 1) / reach))

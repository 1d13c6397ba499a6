"""What the floor plan says of two periods, in the window's language."""

from __future__ import annotations

from app.floor_plan.floor_comparison import ComparedWith, FloorComparison, Period
from app.floor_plan.floor_map import FloorLayer
from app.gui.session.cell_text import format_number, format_period
from app.gui.session.translation import tr
from app.gui.session.units import current_units


def name_choices() -> dict[ComparedWith, str]:
    """What can be compared with, in the order in which it is offered."""
    return {
        ComparedWith.NOTHING: tr("Compare with: nothing"),
        ComparedWith.DAY_BEFORE: tr("With the day before"),
        ComparedWith.WEEK_BEFORE: tr("With the week before"),
        ComparedWith.OWN: tr("From a moment on"),
    }


def name_change_unit(layer: FloorLayer) -> str:
    """Of the difference's scale."""
    units = current_units()
    match layer:
        case FloorLayer.VISITORS:
            return tr("± visitors per {area} for each hour that somebody spends here", area=units.area_symbol)
        case FloorLayer.STOP_TIME:
            return tr("± s of the mean stop")
        case FloorLayer.STOP_SHARE:
            return tr("± percentage points of the visitors who stop")
        case FloorLayer.SPEED:
            return tr("± {speed} of the mean speed of who walks", speed=f"{units.symbol}/s")
    return tr("± s per {area} of each hour that somebody spends here", area=units.area_symbol)


def label_change(top: float) -> tuple[str, str, str]:
    """At the most less, no change and the most more."""
    text = format_number(top, decimals=0 if top >= 20 else 1 if top >= 2 else 2)
    return f"≤ −{text}", "0", f"≥ +{text}"


def describe_reading_change(
    value: float | None, *, is_real: bool, unit: str | None, layer: FloorLayer
) -> str:
    """The change at a place, one line each.

    Args:
        unit: of the test; None where there was none.
    """
    if value is None:
        return tr("Not compared: too little observed in one of the periods")
    sign = "+" if value >= 0 else "−"
    size = format_number(abs(value), decimals=2 if layer in (FloorLayer.SPEED, FloorLayer.VISITORS) else 1)
    lines = [_tell_change(sign + size, layer)]
    if unit is not None and not is_real:
        lines.append(tr("No more than chance"))
    return "\n".join(lines)


def _tell_change(change: str, layer: FloorLayer) -> str:
    units = current_units()
    match layer:
        case FloorLayer.VISITORS:
            return tr("{change} visitors per {area} for each hour", change=change, area=units.area_symbol)
        case FloorLayer.STOP_TIME:
            return tr("{change} s of the mean stop", change=change)
        case FloorLayer.STOP_SHARE:
            return tr("{change} percentage points", change=change)
        case FloorLayer.SPEED:
            return f"{change} {units.symbol}/s"
    return tr("{change} s per {area} of each hour", change=change, area=units.area_symbol)


def describe_change(
    comparison: FloorComparison, period_s: Period, *, time_zone: str, is_difference: bool
) -> str:
    """What is compared, and what has to be known of it.

    Args:
        is_difference: the difference is shown, not the two periods.
    """
    other = format_period(*comparison.other_s, time_zone=time_zone)
    if comparison.other is None:
        return tr("Nothing to compare with: nothing was observed in {other}.", other=other)
    parts = [
        tr("{period} against {other}", period=format_period(*period_s, time_zone=time_zone), other=other)
    ]
    change = comparison.change
    if change is None:
        return parts[0]
    before, after = (format_number(people, decimals=1) for people in change.people)
    parts.append(
        tr("{after} people on the compared floor on average, instead of {before}", after=after, before=before)
    )
    if not is_difference:
        return tr("; ").join(parts)
    if change.unit is None:
        parts.append(tr("too short to tell a change from chance: all changes are coloured"))
    elif not change.is_real.any():
        parts.append(tr("no place changed by more than chance"))
    else:
        blocks = {
            "day": tr("{before} and {after} days"),
            "hour": tr("{before} and {after} hours"),
            "quarter": tr("{before} and {after} quarters of an hour"),
        }[change.unit].format(before=change.blocks[0], after=change.blocks[1])
        parts.append(tr("coloured where the change is more than chance (over {blocks})", blocks=blocks))
    return tr("; ").join(parts)

"""What the floor plan says, in the window's language."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.floor_plan.compute_views import HeatmapView
from app.floor_plan.floor_map import FloorLayer
from app.gui.session.cell_text import format_number, format_period, format_share
from app.gui.session.translation import display_name, tr
from app.gui.session.units import current_units

LEAST_SEEN = 0.2
"""A place that was seen for a smaller share of the time has no value."""


@dataclass(frozen=True, slots=True)
class HoverReading:
    """What is known of one place.

    Attributes:
        value: in the unit that is shown; None where there is none.
        coverage: share of the observed time in which a camera saw this cell; None beside the floor.
    """

    x_m: float
    y_m: float
    value: float | None
    coverage: float | None
    zone: str | None


def name_layers() -> dict[FloorLayer, str]:
    """Every layer, in the order in which they are offered."""
    return {
        FloorLayer.PRESENCE: tr("Presence"),
        FloorLayer.VISITORS: tr("Unique visitors"),
        FloorLayer.STOP_TIME: tr("Stop time"),
        FloorLayer.STOP_SHARE: tr("Share that stops"),
        FloorLayer.SPEED: tr("Walking speed"),
        FloorLayer.CROWDING: tr("Crowded minutes"),
    }


def define_layer(layer: FloorLayer) -> str:
    """What a layer says, in a sentence."""
    return {
        FloorLayer.PRESENCE: tr("How long all people together were at each place"),
        FloorLayer.VISITORS: tr("How many different people were in each half metre of floor"),
        FloorLayer.STOP_TIME: tr(
            "Median length of the stops (under 0.3 m/s for 3 s or more) of 5 people or more"
        ),
        FloorLayer.STOP_SHARE: tr("Of the people at each place, the share that stops there; of 5 or more"),
        FloorLayer.SPEED: tr("How fast people walk who are faster than 0.3 m/s; of 5 or more"),
        FloorLayer.CROWDING: tr("Minutes with less than 1.39 m² for each person: level of service D to F"),
    }[layer]


def name_unit(layer: FloorLayer, *, is_per_hour: bool, is_by_hours: bool = False) -> str:
    """Of a layer, for its legend."""
    area, symbol = current_units().area_symbol, current_units().symbol
    return {
        FloorLayer.PRESENCE: tr("person-seconds per {area} and hour", area=area)
        if is_per_hour
        else tr("person-seconds per {area}", area=area),
        FloorLayer.VISITORS: tr("visitors of each hour, added, per {area}", area=area)
        if is_by_hours
        else tr("visitors per {area}", area=area),
        FloorLayer.SPEED: tr("{unit}/s, mean of those who walk", unit=symbol)
        if is_by_hours
        else tr("{unit}/s, median of those who walk", unit=symbol),
        FloorLayer.STOP_TIME: tr("s, median stop"),
        FloorLayer.STOP_SHARE: tr("% of the visitors there stop"),
        FloorLayer.CROWDING: tr("min at level D or worse (Fruin, walkway)"),
    }[layer]


def label_scale(top: float) -> tuple[str, str, str]:
    """At nothing, half and all of a scale; larger values have the last colour too."""
    decimals = 0 if top >= 20 else 1 if top >= 2 else 2
    return "0", format_number(top / 2, decimals=decimals), "≥ " + format_number(top, decimals=decimals)


def describe_reading(reading: HoverReading, *, unit: str, decimals: int = 1) -> str:
    """A place, one line each."""
    lines = [] if reading.zone is None else [display_name(reading.zone)]
    if reading.coverage is not None:
        if reading.value is not None:
            lines.append(f"{format_number(reading.value, decimals=decimals)} {unit}")
        elif reading.coverage < LEAST_SEEN:
            lines.append(tr("Too little observed for a value"))
        else:
            lines.append(tr("Too few people for a value"))
        lines.append(tr("Seen {share} of the time", share=format_share(reading.coverage)))
    units = current_units()
    x, y = (format_number(units.from_metres(length_m), decimals=1) for length_m in (reading.x_m, reading.y_m))
    lines.append(tr("x {x} {unit}, y {y} {unit}", x=x, y=y, unit=units.symbol))
    return "\n".join(lines)


def describe_emptiness(
    venue: Venue | None, view: HeatmapView | None, failure: ErrorReport | None, *, is_now: bool
) -> str:
    """Why there is no heat and what to do about it; empty where there is some, or it is being computed."""
    if venue is None:
        return tr("No venue is open.")
    if failure is not None:
        told = failure.tell_again(tr)
        return f"{told.problem} {told.remedy}".strip()
    if view is None or view.floor is not None:
        return ""
    if view.heatmap is not None:
        return tr(
            "Crowding is computed for periods of a day at most. Choose a shorter one, or another layer."
        )
    if view.history_s is None:
        return tr("There is no history yet. Start recording, and people's paths appear here.")
    return (
        tr("Nothing was observed in the last hour. Start recording, or choose another period.")
        if is_now
        else tr("Nothing was observed in this period. Choose another one.")
    )


def describe_computing(period_s: tuple[float, float] | None, *, time_zone: str) -> str:
    """What is being done while there is nothing to show yet; None is the hour until now."""
    if period_s is None:
        return tr("Finding out who was where in the last hour.")
    return tr(
        "Finding out who was where: {period}.",
        period=format_period(*period_s, time_zone=time_zone),
    )


def describe_note(view: HeatmapView, *, time_zone: str) -> str:
    """What has to be known of the figures."""
    parts = []
    if view.mean_people is not None:
        mean = format_number(view.mean_people, decimals=1)
        if view.peak_people is None:
            parts.append(tr("{mean} people on average", mean=mean))
        else:
            peak = format_number(view.peak_people, decimals=1)
            parts.append(tr("{mean} people on average, {peak} at most", mean=mean, peak=peak))
    if view.heatmap is not None:
        parts.append(tr("{share} of the floor observed", share=format_share(view.heatmap.coverage)))
    if view.zones_since_s is not None:
        since = format_period(view.zones_since_s, view.period_s[1], time_zone=time_zone)
        parts.append(tr("The zones changed; their figures are of {period}", period=since))
    return tr("; ").join(parts)

"""What the floor plan says, in the window's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.floor_plan.compute_views import HeatmapView
from app.floor_plan.corrected_period import (
    CorrectedPeriod,
    ListedPlace,
    PlaceState,
    StaffComparison,
    list_places,
    sum_left_out,
)
from app.floor_plan.floor_comparison import ComparedWith, FloorComparison, Period
from app.floor_plan.floor_map import FloorLayer
from app.gui.session.cell_text import format_duration, format_number, format_period, format_share
from app.gui.session.translation import display_name, say_error, tr, trn
from app.gui.session.units import current_units

if TYPE_CHECKING:
    from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks
    from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks


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


def describe_places(
    places: Sequence[ListedPlace],
    apparitions: ShortFalseTracks | None,
    lone_sights: UncorroboratedTracks | None = None,
) -> str:
    """How many there are of each kind.

    Args:
        apparitions: what was seen too briefly to have a place; None: nothing was observed.
        lone_sights: what was seen by one camera alone where others should have seen it.
    """
    if apparitions is None and not places:
        return tr("Nothing was observed in this period.")
    parts = []
    proposed = sum(place.state is PlaceState.PROPOSED for place in places)
    if proposed:
        parts.append(trn("{n} place to be decided", "{n} places to be decided", proposed))
    parts += [
        describe_left_out(places),
        _describe_short_false_tracks(apparitions),
        _describe_uncorroborated(lone_sights),
    ]
    if said := tr("; ").join(part for part in parts if part):
        return said
    if places:
        return tr("Every place was decided to be a person.")
    return tr("Nothing in this period stood so still that it may be no person.")


def _describe_short_false_tracks(apparitions: ShortFalseTracks | None) -> str:
    if apparitions is None or not apparitions.count:
        return ""
    return trn(
        "{n} brief appearance without a person left out ({seen})",
        "{n} brief appearances without a person left out ({seen})",
        apparitions.count,
        seen=format_duration(apparitions.seconds),
    )


def _describe_uncorroborated(lone_sights: UncorroboratedTracks | None) -> str:
    if lone_sights is None or not lone_sights.count:
        return ""
    return trn(
        "{n} appearance before one camera alone, where others saw nobody, left out ({seen})",
        "{n} appearances before one camera alone, where others saw nobody, left out ({seen})",
        lone_sights.count,
        seen=format_duration(lone_sights.seconds),
    )


def describe_left_out(places: Sequence[ListedPlace]) -> str:
    """How many places are in no number, and how long something was seen there; empty for none."""
    count, seconds = sum_left_out(places)
    if not count:
        return ""
    return trn(
        "{n} place without a person left out ({seen})",
        "{n} places without a person left out ({seen})",
        count,
        seen=format_duration(seconds),
    )


def add_left_out(note: str, venue: Venue, corrected: CorrectedPeriod | None) -> str:
    """What has to be known of a period's figures, and what was left out of them."""
    if corrected is None:
        return note
    places = list_places(venue.corrections, corrected.identified)
    return tr("; ").join(part for part in (note, describe_left_out(places)) if part)


def describe_staff(found: StaffComparison | None, *, is_left_out: bool) -> str:
    """How many are likely to work here, and what becomes of them."""
    if found is None:
        return ""
    if not found.people:
        return tr("Nobody was here so long, and so much at one place, that they are likely to work here.")
    here = trn(
        "{n} person is likely to work here ({seen} in view).",
        "{n} people are likely to work here ({seen} in view together).",
        len(found.people),
        seen=format_duration(sum(person.presence_s for person in found.people)),
    )
    counted = tr("Staff are in no number.") if is_left_out else tr("Staff are counted.")
    return tr("{sentence} {next_sentence}", sentence=here, next_sentence=counted)


MIN_SEEN = 0.2
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
        elif reading.coverage < MIN_SEEN:
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
        return say_error(failure)
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
    return tr("Finding out who was where: {period}.", period=format_period(*period_s, time_zone=time_zone))


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

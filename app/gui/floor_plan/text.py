"""Texts of the floor plan page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.metrics.estimate import Estimate
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.exhibition.exhibition_figures import OF_PLACE, PLACE_WORTH, PlaceVerdict, judge_place
from app.floor_plan.corrected_period import (
    CorrectedPeriod,
    ListedPlace,
    PlaceState,
    StaffComparison,
    list_places,
    sum_left_out,
)
from app.floor_plan.floor_comparison import ComparedWith, FloorComparison
from app.floor_plan.floor_map import FloorLayer, FloorResults
from app.gui.session.cell_text import (
    format_duration,
    format_number,
    format_period,
    format_rough,
    format_share,
    format_share_interval,
)
from app.gui.session.translation import display_name, tr, translate_phrase, translate_report, trn
from app.gui.session.units import current_units

if TYPE_CHECKING:
    from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks
    from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks


def name_choices() -> dict[ComparedWith, str]:
    """Return the choices of comparison in the order in which they are offered."""
    return {
        ComparedWith.NOTHING: tr("Compare with: nothing"),
        ComparedWith.DAY_BEFORE: tr("With the day before"),
        ComparedWith.WEEK_BEFORE: tr("With the week before"),
        ComparedWith.OWN: tr("From a chosen time"),
    }


def name_change_unit(layer: FloorLayer) -> str:
    units = current_units()
    match layer:
        case FloorLayer.VISITORS:
            return tr("± visitors per {area} per person-hour", area=units.area_symbol)
        case FloorLayer.STOP_TIME:
            return tr("± s of mean stop")
        case FloorLayer.STOP_SHARE:
            return tr("± percentage points of visitors who stop")
        case FloorLayer.SPEED:
            return tr("± {speed} of mean walking speed", speed=f"{units.symbol}/s")
    return tr("± s per {area} per person-hour", area=units.area_symbol)


def label_change(top: float) -> tuple[str, str, str]:
    """Return the labels of a difference's scale: minimum, no change, maximum."""
    text = format_number(top, decimals=0 if top >= 20 else 1 if top >= 2 else 2)
    return f"≤ −{text}", "0", f"≥ +{text}"


def describe_reading_change(
    value: float | None, *, is_real: bool, unit: str | None, layer: FloorLayer
) -> str:
    """Return a description of the change at a place, one line each.

    Args:
        unit: blocks of the test; None if there was none.
    """
    if value is None:
        return tr("Not compared: too little observed in one of the periods")
    sign = "+" if value >= 0 else "−"
    size = format_number(abs(value), decimals=2 if layer in (FloorLayer.SPEED, FloorLayer.VISITORS) else 1)
    lines = [_format_change(sign + size, layer)]
    if unit is not None and not is_real:
        lines.append(tr("Not significant"))
    return "\n".join(lines)


def _format_change(change: str, layer: FloorLayer) -> str:
    units = current_units()
    match layer:
        case FloorLayer.VISITORS:
            return tr("{change} visitors per {area} per person-hour", change=change, area=units.area_symbol)
        case FloorLayer.STOP_TIME:
            return tr("{change} s of mean stop", change=change)
        case FloorLayer.STOP_SHARE:
            return tr("{change} percentage points", change=change)
        case FloorLayer.SPEED:
            return f"{change} {units.symbol}/s"
    return tr("{change} s per {area} per person-hour", change=change, area=units.area_symbol)


def describe_change(
    comparison: FloorComparison, period_s: Interval, *, time_zone: str, is_difference: bool
) -> str:
    """Return what is compared, with notes.

    Args:
        is_difference: whether the difference is shown, not the two periods.
    """
    other = format_period(*comparison.other_s, time_zone=time_zone)
    if comparison.other is None:
        return tr("No data for {other}.", other=other)
    parts = [
        tr(
            "{period} compared with {other}",
            period=format_period(*period_s, time_zone=time_zone),
            other=other,
        )
    ]
    change = comparison.change
    if change is None:
        return parts[0]
    found = change.difference
    before, after = (format_number(people, decimals=1) for people in (found.people_a, found.people_b))
    parts.append(
        tr("{after} people on the compared floor on average, {before} before", after=after, before=before)
    )
    if not is_difference:
        return tr("; ").join(parts)
    if found.unit is None:
        parts.append(tr("too short for a significance test: all changes are coloured"))
    elif not found.is_real.any():
        parts.append(tr("no significant change at any place"))
    else:
        blocks = {
            "day": tr("{before} days before, {after} days after"),
            "hour": tr("{before} h before, {after} h after"),
            "quarter": tr("{before} quarter-hours before, {after} after"),
        }[found.unit].format(before=found.blocks[0], after=found.blocks[1])
        parts.append(tr("coloured where the change is significant (over {blocks})", blocks=blocks))
    return tr("; ").join(parts)


def describe_places(
    places: Sequence[ListedPlace],
    short_false_tracks: ShortFalseTracks | None,
    uncorroborated: UncorroboratedTracks | None = None,
) -> str:
    """Return the number of places of each kind.

    Args:
        short_false_tracks: short false tracks; None where nothing was observed.
        uncorroborated: tracks not confirmed by other cameras that cover the place.
    """
    if short_false_tracks is None and not places:
        return tr("No data for this period.")
    parts = []
    proposed = sum(place.state is PlaceState.PROPOSED for place in places)
    if proposed:
        parts.append(trn("{n} place to be decided", "{n} places to be decided", proposed))
    parts += [
        describe_left_out(places),
        _describe_short_false_tracks(short_false_tracks),
        _describe_uncorroborated(uncorroborated),
    ]
    if text := tr("; ").join(part for part in parts if part):
        return text
    if places:
        return tr("All places were confirmed as people.")
    return tr("No questionable stationary detections in this period.")


def _describe_short_false_tracks(short_false_tracks: ShortFalseTracks | None) -> str:
    if short_false_tracks is None or not short_false_tracks.count:
        return ""
    return trn(
        "{n} short false track left out ({seen})",
        "{n} short false tracks left out ({seen})",
        short_false_tracks.count,
        seen=format_duration(short_false_tracks.seconds),
    )


def _describe_uncorroborated(uncorroborated: UncorroboratedTracks | None) -> str:
    if uncorroborated is None or not uncorroborated.count:
        return ""
    return trn(
        "{n} track not confirmed by other cameras left out ({seen})",
        "{n} tracks not confirmed by other cameras left out ({seen})",
        uncorroborated.count,
        seen=format_duration(uncorroborated.seconds),
    )


def describe_left_out(places: Sequence[ListedPlace]) -> str:
    """Return the number of places left out and their time; empty for none."""
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
    if corrected is None:
        return note
    places = list_places(venue.corrections, corrected.identified)
    return tr("; ").join(part for part in (note, describe_left_out(places)) if part)


def describe_staff(found: StaffComparison | None, *, is_left_out: bool) -> str:
    if found is None:
        return ""
    if not found.people:
        return tr("No likely staff found.")
    here = trn(
        "{n} person is likely staff ({seen} in view).",
        "{n} people are likely staff ({seen} in view together).",
        len(found.people),
        seen=format_duration(sum(person.presence_s for person in found.people)),
    )
    counted = tr("Staff are left out of all numbers.") if is_left_out else tr("Staff are counted.")
    return tr("{sentence} {next_sentence}", sentence=here, next_sentence=counted)


MIN_SEEN = 0.2
"""Minimum coverage of a place for a value."""


@dataclass(frozen=True, slots=True)
class HoverReading:
    """Value of one place.

    Attributes:
        value: in the displayed unit; None where there is none.
        coverage: share of the observed time in which a camera saw this cell; None off the floor.
    """

    x_m: float
    y_m: float
    value: float | None
    coverage: float | None
    zone: str | None


PLACE_FIGURES = {FloorLayer.OF_PLACE: OF_PLACE, FloorLayer.PLACE_WORTH: PLACE_WORTH}
"""Figures that the layers of ``PLACE_LAYERS`` show of a stand and its place."""


def name_layers() -> dict[FloorLayer, str]:
    """Return every layer in the order in which they are offered."""
    return {
        FloorLayer.PRESENCE: tr("Presence"),
        FloorLayer.VISITORS: tr("Unique visitors"),
        FloorLayer.STOP_TIME: tr("Stop time"),
        FloorLayer.STOP_SHARE: tr("Share that stops"),
        FloorLayer.SPEED: tr("Walking speed"),
        FloorLayer.CROWDING: tr("Crowded minutes"),
        FloorLayer.PLACE_WORTH: tr("What each place is worth"),
        FloorLayer.OF_PLACE: tr("Stands against their place"),
    }


def define_layer(layer: FloorLayer) -> str:
    return {
        FloorLayer.PRESENCE: tr("Total time of all people at each place"),
        FloorLayer.VISITORS: tr("Different people in each half-metre cell"),
        FloorLayer.STOP_TIME: tr(
            "Median length of stops (under 0.3 m/s for at least 3 s), for at least 5 people"
        ),
        FloorLayer.STOP_SHARE: tr("Share of the people at each place who stop there, for at least 5 people"),
        FloorLayer.SPEED: tr("Speed of people faster than 0.3 m/s, for at least 5 people"),
        FloorLayer.CROWDING: tr("Minutes with less than 1.39 m² per person: level of service D to F"),
        **{layer: translate_phrase(figure.definition) for layer, figure in PLACE_FIGURES.items()},
    }[layer]


def name_unit(layer: FloorLayer, *, is_per_hour: bool, is_by_hours: bool = False) -> str:
    area, symbol = current_units().area_symbol, current_units().symbol
    return {
        FloorLayer.PRESENCE: tr("person-seconds per {area} and hour", area=area)
        if is_per_hour
        else tr("person-seconds per {area}", area=area),
        FloorLayer.VISITORS: tr("sum of hourly visitors per {area}", area=area)
        if is_by_hours
        else tr("visitors per {area}", area=area),
        FloorLayer.SPEED: tr("{unit}/s, mean walking speed", unit=symbol)
        if is_by_hours
        else tr("{unit}/s, median walking speed", unit=symbol),
        FloorLayer.STOP_TIME: tr("s, median stop"),
        FloorLayer.STOP_SHARE: tr("% of visitors who stop there"),
        FloorLayer.CROWDING: tr("min at level D or worse (Fruin, walkway)"),
        FloorLayer.OF_PLACE: tr("visitors who stop, of those expected for the place"),
        FloorLayer.PLACE_WORTH: tr("visitors to be expected there, of those at the average place"),
    }[layer]


PLACE_LABELS = ("≤ 50 %", "100 %", "≥ 200 %")
"""Labels of the scale of stands against their places."""
_PLACE_MARKS = {PlaceVerdict.ABOVE: " ▲", PlaceVerdict.BELOW: " ▼"}


def format_of_place(of_place: Estimate, *, has_interval: bool = False) -> str:
    """Return a ratio of a stand or its place, with a mark where it is proven to differ from 100 %."""
    shown = format_share_interval(of_place) if has_interval else format_rough(of_place, format_share)
    return shown + _PLACE_MARKS.get(judge_place(of_place), "")


def describe_of_place(of_place: Estimate, layer: FloorLayer) -> str:
    is_worth = layer is FloorLayer.PLACE_WORTH
    verdict = {
        PlaceVerdict.ABOVE: tr("above the average place")
        if is_worth
        else tr("above what is expected for its place"),
        PlaceVerdict.BELOW: tr("below the average place")
        if is_worth
        else tr("below what is expected for its place"),
        PlaceVerdict.NOT_PROVEN: tr("no difference proven"),
        PlaceVerdict.UNKNOWN: tr("not compared"),
    }[judge_place(of_place)]
    title = translate_phrase(PLACE_FIGURES[layer].title)
    if of_place.value is None:
        return tr("{name}: {value}", name=title, value=verdict)
    value = format_share_interval(of_place)
    return tr("{title}: {value}, {verdict}", title=title, value=value, verdict=verdict)


def list_places_for_file(
    of_place: Mapping[str, Estimate], layer: FloorLayer
) -> tuple[list[str], list[list[str]]]:
    """Return titles and rows of the stands with their limits and verdicts, as plain values."""
    rows = []
    for name, one in of_place.items():
        numbers = (one.value, *(one.interval or (None, None)))
        shown = ("" if number is None else f"{number:.4f}" for number in numbers)
        rows.append([name, *shown, judge_place(one).value])
    key = PLACE_FIGURES[layer].key
    return ["stand", key, f"{key}_low", f"{key}_high", "place_verdict"], rows


def label_scale(top: float) -> tuple[str, str, str]:
    """Return the labels of a scale: zero, half and maximum."""
    decimals = 0 if top >= 20 else 1 if top >= 2 else 2
    return "0", format_number(top / 2, decimals=decimals), "≥ " + format_number(top, decimals=decimals)


def describe_reading(reading: HoverReading, *, unit: str, decimals: int = 1) -> str:
    lines = [] if reading.zone is None else [display_name(reading.zone)]
    if reading.coverage is not None:
        if reading.value is not None:
            lines.append(f"{format_number(reading.value, decimals=decimals)} {unit}")
        elif reading.coverage < MIN_SEEN:
            lines.append(tr("Not enough observations for a value"))
        else:
            lines.append(tr("Too few people for a value"))
        lines.append(tr("Seen {share} of the time", share=format_share(reading.coverage)))
    units = current_units()
    x, y = (format_number(units.from_metres(length_m), decimals=1) for length_m in (reading.x_m, reading.y_m))
    lines.append(tr("x {x} {unit}, y {y} {unit}", x=x, y=y, unit=units.symbol))
    return "\n".join(lines)


def describe_empty_state(
    venue: Venue | None, results: FloorResults | None, failure: ErrorReport | None, *, is_now: bool
) -> str:
    """Return why there is no heat, with a remedy; else empty."""
    if venue is None:
        return tr("No venue is open.")
    if failure is not None:
        return translate_report(failure)
    note = "" if results is None or results.places_note is None else translate_phrase(results.places_note)
    if results is None or results.floor is not None or results.of_place:
        return note
    if results.heatmap is not None:
        if results.layer in PLACE_FIGURES:
            reason = note or tr("Too few visitors for a comparison. Choose a longer period.")
        else:
            reason = tr(
                "Crowding is available for periods of up to one day. Choose a shorter period or another "
                "layer."
            )
        return reason
    if results.history_s is None:
        return tr("No data yet. Presence appears here some seconds after recording starts.")
    return (
        tr("No data for the last hour. Start recording, or choose another period.")
        if is_now
        else tr("No data for this period. Choose another one.")
    )


def describe_computing(period_s: tuple[float, float] | None, *, time_zone: str) -> str:
    """Return a message on the period being computed; None for the last hour."""
    if period_s is None:
        return tr("Computing positions of the last hour.")
    return tr("Computing positions: {period}.", period=format_period(*period_s, time_zone=time_zone))


def describe_note(results: FloorResults) -> str:
    parts = []
    if results.mean_people is not None:
        mean = format_number(results.mean_people, decimals=1)
        # the peak is that of whole minutes, which a short period may not have
        if results.peak_people is None or results.peak_people < results.mean_people:
            parts.append(tr("{mean} people on average", mean=mean))
        else:
            peak = format_number(results.peak_people)
            parts.append(tr("{mean} people on average, {peak} at most", mean=mean, peak=peak))
    if results.heatmap is not None:
        parts.append(tr("time and floor seen: {share}", share=format_share(results.heatmap.coverage)))
    if results.have_zones_changed:
        parts.append(tr("zones that changed count since then"))
    return tr("; ").join(parts)

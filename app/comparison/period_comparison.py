"""Comparison of two periods, layouts or halls, with a sentence on every change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from analytics.comparison.block_figures import (
    OF_DWELL,
    WHOLE_HALL,
    Block,
    Metric,
    Refusal,
    Side,
    Verdict,
)
from analytics.comparison.matched_hours import MatchedHours, match_hours
from analytics.comparison.period_comparison import (
    MIN_DAYS,
    PeriodComparison,
    Unit,
    ZoneChange,
    choose_unit,
    compare_blocks,
)
from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase, StoreError, VenueError
from analytics.domain.exhibition import find_time_zone
from analytics.domain.floor_plan import FloorGeometry
from analytics.rollups.period_facts import PeriodFacts
from analytics.store.sql_event_store import open_reader
from app.comparison.comparison_blocks import (
    ComparedSide,
    OpenDays,
    average_halls,
    find_open_days,
    make_blocks,
    read_side,
)
from app.comparison.comparison_figures import (
    METRICS,
    PRIMARY_METRICS,
    ComparisonResults,
    DescribedChange,
)
from app.core.document import Venue
from app.core.job import JobContext
from app.core.number_words import join_list

_REASONS: Mapping[Refusal, Phrase] = {
    Refusal.NOT_ON_BOTH_SIDES: Phrase("the zone does not exist on one side"),
    Refusal.HARDLY_OBSERVED: Phrase("less than 80 % was observed on one side"),
    Refusal.NOT_KNOWN: Phrase("the value is not known for every day"),
    Refusal.TOO_FEW_VISITS: Phrase("there were fewer than 5 visits on some days"),
    Refusal.TOO_FEW_DAYS: Phrase("there are too few days"),
    Refusal.NO_CONTROLS: Phrase("too few data for the unchanged zones"),
    Refusal.TOO_FEW_BLOCKS: Phrase("too few days with observations are left"),
    Refusal.REFERENCE: Phrase("the other zones are compared with the unchanged ones"),
}
_LEVELS = Phrase("{metric} at {zone}: {before}, then {after}; not compared, {reason}.")
_SENTENCES: Mapping[Verdict, Phrase] = {
    Verdict.RISE: Phrase(
        "{metric} at {zone} rose from {before} to {after} (likely range {low} to {high}), significant."
    ),
    Verdict.FALL: Phrase(
        "{metric} at {zone} fell from {before} to {after} (likely range {low} to {high}), significant."
    ),
    Verdict.UNCERTAIN: Phrase(
        "{metric} at {zone} changed from {before} to {after} (likely range {low} to {high}), "
        "which may be chance in {count} comparisons."
    ),
    Verdict.NO_EVIDENCE: Phrase(
        "{metric} at {zone}: no evidence of a change ({before}, then {after}, likely range "
        "{low} to {high}). Only changes above {noticed} % are detectable with this many visitors."
    ),
}
_RELATIVE_SENTENCES: Mapping[Verdict, Phrase] = {
    Verdict.RISE: Phrase(
        "{metric} at {zone} rose to {after}; the unchanged zones suggest {before} (likely range {low} "
        "to {high}), significant."
    ),
    Verdict.FALL: Phrase(
        "{metric} at {zone} fell to {after}; the unchanged zones suggest {before} (likely range {low} "
        "to {high}), significant."
    ),
    Verdict.UNCERTAIN: Phrase(
        "{metric} at {zone} is {after}; the unchanged zones suggest {before} (likely range "
        "{low} to {high}), which may be chance in {count} comparisons."
    ),
    Verdict.NO_EVIDENCE: Phrase(
        "{metric} at {zone}: no evidence of a change ({after}; the unchanged zones suggest "
        "{before}, likely range {low} to {high}). Only changes above {noticed} % are detectable "
        "with this many visitors."
    ),
}
_UNITS: Mapping[Unit, Phrase] = {
    Unit.DAYS: Phrase("Days compared: {a} and {b}, from {start} to {end}."),
    Unit.RELATIVE_DAYS: Phrase(
        "Days compared: {a} and {b}, from {start} to {end}, relative to the unchanged zones: {controls}."
    ),
    Unit.HALF_DAYS: Phrase(
        "Half-days compared: from {a} and {b} days, {start} to {end}, relative to the unchanged "
        "zones: {controls}."
    ),
    Unit.ZONES: Phrase(
        "Days compared: {a} and {b}, from {start} to {end}; changes are relative to those of the "
        "unchanged zones: {controls}."
    ),
}


def describe_change(change: ZoneChange, comparison: PeriodComparison) -> Phrase:
    """Return the sentence about one change."""
    zone = Phrase("the whole hall") if change.zone == WHOLE_HALL else change.zone
    fields: dict[str, object] = {"metric": METRICS[change.metric].title, "zone": zone}
    effect = change.effect
    if change.level_a is None or change.level_b is None:
        reason = _REASONS[change.refusal or Refusal.NOT_KNOWN]
        return Phrase("{metric} at {zone}: not compared, {reason}.", {**fields, "reason": reason})
    if effect is None or change.refusal is not None:
        levels = {
            "before": _show(change.level_a, change.metric),
            "after": _show(change.level_b, change.metric),
            "reason": _REASONS[change.refusal or Refusal.NOT_KNOWN],
        }
        return replace(_LEVELS, fields=fields | levels)
    is_relative = comparison.unit is not Unit.DAYS
    # expected B without the change: A, or A changed like the other zones
    before = change.level_b / effect.ratio if is_relative else change.level_a
    low, high = (before * (limit - 1) for limit in effect.interval)
    fields |= {
        "before": _show(before, change.metric),
        "after": _show(change.level_b, change.metric),
        "low": _show(low, change.metric, is_signed=True),
        "high": _show(high, change.metric, is_signed=True),
        "noticed": f"{100 * (effect.min_detectable_ratio - 1):,.0f}",
        "count": sum(other.effect is not None for other in comparison.changes),
    }
    sentences = _RELATIVE_SENTENCES if is_relative else _SENTENCES
    return replace(sentences[change.verdict], fields=fields)


def describe_comparison(
    comparison: PeriodComparison,
    *,
    hours: MatchedHours | None,
    days: Sequence[Sequence[date]],
    unobserved: Sequence[date],
    forgotten: Sequence[date] = (),
    counted_otherwise: Sequence[str] = (),
    redrawn: Sequence[str],
    counts_footfall: bool,
    is_mean: bool = False,
) -> tuple[Phrase, ...]:
    """Return sentences on how it was compared and on its limits.

    Args:
        days: comparable days of either side.
        forgotten: observed days without stored tracks or sums.
        counted_otherwise: zones with another outline on some days whose tracks were deleted.
        redrawn: zones whose outlines differ between the sides.
        counts_footfall: whether visitors are counted at the entrance lines.
        is_mean: whether a side is the mean of several halls, which have no zones in common.
    """
    notes = [_describe_unit(comparison, hours, days, is_mean=is_mean)]
    is_short = any(change.refusal is Refusal.TOO_FEW_DAYS for change in comparison.changes)
    if comparison.unit is not None and is_short:
        more = [max(0, MIN_DAYS - len(of_side)) for of_side in days]
        notes.append(
            Phrase(
                "Values with too few days have no likely range: less than a doubling could not be told from "
                "chance. More days needed: {more_a} before, {more_b} after.",
                {"more_a": more[0], "more_b": more[1]},
            )
        )
    if hours is not None and hours.left_out:
        notes.append(Phrase("Left out, open for too few hours: {days}.", {"days": _list(hours.left_out)}))
    if unobserved:
        notes.append(Phrase("No data for {days}.", {"days": _list(unobserved)}))
    if forgotten:
        notes.append(
            Phrase(
                "Left out, as their data were deleted after the retention period: {days}.",
                {"days": _list(forgotten)},
            )
        )
    if counted_otherwise:
        notes.append(
            Phrase(
                "Redrawn for past data: {zones}. Days whose tracks were deleted after the retention "
                "period cannot be recounted and are left out for these zones.",
                {"zones": join_list(counted_otherwise)},
            )
        )
    if redrawn:
        notes.append(
            Phrase(
                "The outlines differ between the periods: {zones}. This may explain the changes.",
                {"zones": join_list(redrawn)},
            )
        )
    losing = dict.fromkeys(change.zone for change in comparison.changes if change.is_tracked_differently)
    if losing:
        notes.append(
            Phrase(
                "Tracking was worse in one of the periods: {zones}. This may explain the changes.",
                {"zones": join_list(list(losing))},
            )
        )
    is_per_visitor = any(change.metric is Metric.VISITS_PER_100 for change in comparison.changes)
    if comparison.unit is not None and is_per_visitor and not counts_footfall:
        notes.append(
            Phrase(
                "Visitors are counted by their tracks, as there is no entrance line in both periods; "
                "broken tracks make the number appear larger."
            )
        )
    return tuple(notes)


def _describe_unit(
    comparison: PeriodComparison,
    hours: MatchedHours | None,
    days: Sequence[Sequence[date]],
    *,
    is_mean: bool,
) -> Phrase:
    if hours is None:
        return Phrase("The two periods have no common hour of the day that was open and observed.")
    fields: dict[str, object] = {
        "a": len(days[0]),
        "b": len(days[1]),
        "start": _show_hour(hours.start_s),
        "end": _show_hour(hours.end_s),
        "controls": _list_controls(comparison.controls),
        "more_a": max(0, MIN_DAYS - len(days[0])),
        "more_b": max(0, MIN_DAYS - len(days[1])),
    }
    if comparison.unit is None:
        if is_mean:
            return Phrase(
                "Comparable days: {a} and {b}. More days needed to tell a change from chance: {more_a} "
                "before, {more_b} after.",
                fields,
            )
        return Phrase(
            "Comparable days: {a} and {b}. More days needed to tell a change from chance: {more_a} before, "
            "{more_b} after; or unchanged zones: one with two days on each side, four with one day.",
            fields,
        )
    return replace(_UNITS[comparison.unit], fields=fields)


_MAX_LISTED = 6
"""Longest list of zones in a sentence; longer ones are counted, and told apart in the table."""


def _list_controls(zones: Sequence[str]) -> Phrase | str:
    if len(zones) > _MAX_LISTED:
        return Phrase("{count} zones", {"count": len(zones)})
    return join_list(zones)


def _show(value: float, metric: Metric, *, is_signed: bool = False) -> Phrase:
    if metric is Metric.CAPTURE:
        value *= 100
    if metric in OF_DWELL and round(abs(value)) >= _S_PER_MIN:
        minutes, seconds = divmod(round(abs(value)), _S_PER_MIN)
        sign = "−" if value < 0 else "+" if is_signed else ""
        return Phrase("{minutes}:{seconds} min", {"minutes": f"{sign}{minutes}", "seconds": f"{seconds:02d}"})
    digits = 0 if abs(value) >= 100 or (abs(value) >= 10 and metric in _WHOLE) else 1
    text = f"{value:{'+' if is_signed else ''}.{digits}f}".replace("-", "−")
    return replace(_VALUES.get(metric, _PLAIN), fields={"value": text})


_S_PER_MIN = 60
_WHOLE = (Metric.MEAN_DWELL, Metric.MEDIAN_DWELL, Metric.FOOTFALL)
_PLAIN = Phrase("{value}")
_VALUES: Mapping[Metric, Phrase] = {
    Metric.MEAN_DWELL: Phrase("{value} s"),
    Metric.MEDIAN_DWELL: Phrase("{value} s"),
    Metric.CAPTURE: Phrase("{value} %"),
}


def _show_hour(wall_s: float) -> str:
    minutes = round(wall_s / 60)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _list(days: Sequence[date]) -> Phrase | str:
    return join_list([day.isoformat() for day in days])


_STEPS = 1.0
_READING = 0.9
"""Share of the progress for reading; half the work once days are prepared."""


@dataclass(frozen=True, slots=True)
class ComparisonPeriod:
    """One side of a comparison.

    Attributes:
        period_s: start and end, seconds since the epoch.
        more: further halls; the side is then the mean of them all.
    """

    venue: Venue
    period_s: Interval
    more: tuple[Venue, ...] = ()


def compare_periods(
    a: ComparisonPeriod,
    b: ComparisonPeriod,
    *,
    metrics: Sequence[Metric] = PRIMARY_METRICS,
    zones: Sequence[str] = (),
    unchanged: Sequence[str] = (),
    job: JobContext | None = None,
) -> ComparisonResults:
    """Compare the observations of two periods, of one venue or two, in their common hours of the day.

    Zones are matched by name; of a mean of several halls, only the whole halls are compared. With four days
    or more on each side, days are compared with days. With fewer, zones are compared with unchanged ones:
    ``unchanged`` or, where the zones were redrawn between the periods, those that were not.

    Missing tables of past days are computed and stored; days whose tracks were deleted use the stored sums.

    Args:
        zones: to compare; by default all zones of either side, and the whole hall.
        unchanged: zones known to be unchanged; all others are then compared with
            them, whatever the number of days.

    Raises:
        StoreError: the zones changed within a period, or a history cannot be read.
        VenueError: there is no such zone.
        JobCancelled: ``job`` was cancelled.
    """
    job = job or JobContext()
    is_mean = bool(a.more or b.more)
    sides = (*_make_sides(Side.A, a), *_make_sides(Side.B, b))
    names = () if is_mean else _list_names(sides)
    _require_names(sides, (*zones, *unchanged), names)
    redrawn = () if is_mean else _find_redrawn(sides[0].geometry, sides[1].geometry)
    controls = () if is_mean else tuple(unchanged) or _find_unchanged(sides, redrawn)
    known = _read_sides(sides, job)
    open_days = [find_open_days(side, of_side) for side, of_side in zip(sides, known, strict=True)]
    left_out = []
    if is_mean:
        left_out = [side.venue.name for side, of in zip(sides, open_days, strict=True) if not of.comparable]
        sides, known, open_days = _keep_comparable(sides, known, open_days)
    counts_footfall = all(side.list_entrances() for side in sides)
    hours = match_hours(
        open_a=_find_common([of for s, of in zip(sides, open_days, strict=True) if s.side is Side.A]),
        open_b=_find_common([of for s, of in zip(sides, open_days, strict=True) if s.side is Side.B]),
        time_zone_a=a.venue.exhibition.time_zone,
        time_zone_b=b.venue.exhibition.time_zone,
    )
    days = ((), ()) if hours is None else (hours.days_a, hours.days_b)
    unit = choose_unit(
        days_a=len(days[0]), days_b=len(days[1]), controls=len(controls), is_relative=bool(unchanged)
    )
    blocks: list[Block] = []
    if hours is not None:
        parts = hours.cut(2 if unit is Unit.HALF_DAYS else 1)
        of_sides: dict[Side, list[list[Block]]] = {Side.A: [], Side.B: []}
        for side, of_side in zip(sides, known, strict=True):
            # common hours imply that both sides were observed
            assert of_side is not None
            own_days = days[side.side is Side.B]
            of_sides[side.side].append(
                make_blocks(
                    side,
                    of_side,
                    days=own_days,
                    parts=parts,
                    metrics=metrics,
                    counts_footfall=counts_footfall,
                )
            )
        for of_halls in of_sides.values():
            blocks += of_halls[0] if len(of_halls) == 1 else average_halls(of_halls)
    job.checkpoint(_READING, _STEPS)
    comparison = compare_blocks(
        blocks,
        unit=unit,
        zones=tuple(zones) or (WHOLE_HALL, *sorted(names, key=controls.__contains__)),
        metrics=[m for m in metrics if m is not Metric.FOOTFALL or counts_footfall],
        controls=controls,
    )
    is_one_hall = a.venue.folder == b.venue.folder
    return ComparisonResults(
        comparison=comparison,
        hours=hours,
        changes=tuple(
            DescribedChange(change, describe_change(change, comparison)) for change in comparison.changes
        ),
        notes=(
            *_describe_mean(a, b, sides, left_out),
            *describe_comparison(
                comparison,
                hours=hours,
                days=days,
                unobserved=_list_unobserved(sides, open_days),
                forgotten=tuple(sorted({day for of_side in open_days for day in of_side.forgotten})),
                counted_otherwise=_list_counted_otherwise(blocks, names),
                redrawn=redrawn if is_one_hall else (),
                counts_footfall=counts_footfall,
                is_mean=is_mean,
            ),
        ),
        redrawn=redrawn,
    )


def _describe_mean(
    a: ComparisonPeriod, b: ComparisonPeriod, sides: Sequence[ComparedSide], left_out: Sequence[str]
) -> Iterator[Phrase]:
    for side, compared in ((Side.A, a), (Side.B, b)):
        if compared.more:
            halls = [one.venue.name for one in sides if one.side is side]
            yield Phrase(
                "Side {side} is the mean of these halls, day by day: {halls}.",
                {"side": side.value.upper(), "halls": join_list(halls)},
            )
    if left_out:
        yield Phrase("Left out, without a day to compare: {halls}.", {"halls": join_list(left_out)})


def _keep_comparable(
    sides: tuple[ComparedSide, ...], known: list[PeriodFacts | None], open_days: list[OpenDays]
) -> tuple[tuple[ComparedSide, ...], list[PeriodFacts | None], list[OpenDays]]:
    """Leave out halls without a day to compare, but not a whole side."""
    kept = [number for number, days in enumerate(open_days) if days.comparable]
    kept_sides = {sides[number].side for number in kept}
    chosen = kept if len(kept_sides) == len(Side) else range(len(sides))
    return tuple(sides[n] for n in chosen), [known[n] for n in chosen], [open_days[n] for n in chosen]


def _find_common(halls: Sequence[OpenDays]) -> dict[date, tuple[Interval, ...]]:
    """Return the opening times that all halls of a side have in common, by day."""
    first, *others = (of_hall.comparable for of_hall in halls)
    common = dict(first)
    for other in others:
        common = {
            day: tuple(
                (max(a[0], b[0]), min(a[1], b[1]))
                for a in hours
                for b in other[day]
                if max(a[0], b[0]) < min(a[1], b[1])
            )
            for day, hours in common.items()
            if day in other
        }
    return {day: hours for day, hours in common.items() if hours}


def _read_sides(sides: Sequence[ComparedSide], job: JobContext) -> list[PeriodFacts | None]:
    found, share = [], _READING / len(sides)
    for number, side in enumerate(sides):

        def report(done: float, total: float, before: float = number * share) -> None:
            job.checkpoint(before + (share * done / total if total > 0 else 0.0), _STEPS)

        reading = JobContext(is_cancelled=lambda: job.is_cancelled, on_progress=report)
        found.append(read_side(side, reading))
    return found


def _list_counted_otherwise(blocks: Sequence[Block], names: Sequence[str]) -> tuple[str, ...]:
    """Return the zones that have no day counted by their present outline."""
    return tuple(
        name
        for name in names
        if any(
            len(have := [name in block.zones for block in blocks if block.side is side])
            and any(have)
            and not all(have)
            for side in Side
        )
    )


def parse_side(venue: Venue, text: str) -> Interval:
    """Parse one side of a comparison, seconds since the epoch; a day without a time means the whole day.

    Raises:
        ExpoFlowError: a time cannot be read, or there is no such version.
    """
    from app.core.periods import parse_time

    start, separator, end = text.partition("/")
    if not separator:
        return find_version_period(venue, text)
    return parse_time(venue.exhibition, start, is_end=False), parse_time(venue.exhibition, end, is_end=True)


def find_version_period(venue: Venue, version: str) -> Interval:
    """Return the observed period of a version of the zones, seconds since the epoch.

    Args:
        version: its label, or its number in order of time from 1.

    Raises:
        VenueError: there is no such version.
        StoreError: nothing was observed while it was in force, or the history cannot be read.
    """
    versions = venue.geometry_versions
    found = [index for index, known in enumerate(versions) if known.label and known.label == version]
    if not found and version.isdecimal() and 1 <= int(version) <= len(versions):
        found = [int(version) - 1]
    if len(found) != 1:
        raise VenueError(
            "'{venue}' has no unique layout version '{version}'.",
            "Enter a label, a number from 1 to {count}, or a first and a last day such as "
            "2026-03-02/2026-03-05.",
            venue=venue.name,
            version=version,
            count=len(versions),
        )
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
    finally:
        reader.close()
    history = (0.0, 0.0) if extent is None else (extent.start_s, extent.end_s)
    for geometry, start_s, end_s in venue.geometries_between(*history):
        if geometry is versions[found[0]]:
            return start_s, end_s
    raise StoreError(
        "'{venue}' has no data for the layout version '{version}'.",
        "Choose another version.",
        venue=venue.name,
        version=version,
    )


def _make_sides(side: Side, compared: ComparisonPeriod) -> tuple[ComparedSide, ...]:
    return tuple(_make_side(side, venue, compared.period_s) for venue in (compared.venue, *compared.more))


def _make_side(side: Side, venue: Venue, period_s: Interval) -> ComparedSide:
    start_s, end_s = period_s
    if end_s <= start_s:
        raise StoreError(
            "Period {side} ends before it begins.", "Choose a start before the end.", side=side.value.upper()
        )
    versions = list(venue.geometries_between(start_s, end_s))
    if len(versions) > 1:
        zone = find_time_zone(venue.exhibition.time_zone)
        raise StoreError(
            "The zones of '{venue}' changed within the period, at {changed}.",
            "Compare the parts before and after the change.",
            venue=venue.name,
            changed=datetime.fromtimestamp(versions[1][1], zone).isoformat(timespec="seconds"),
        )
    geometry = versions[0][0] if versions else venue.geometry_at(start_s)
    return ComparedSide(side, venue, period_s, geometry)


def _list_names(sides: Sequence[ComparedSide]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(zone.name) for side in sides for zone in side.geometry.zones))


def _require_names(sides: Sequence[ComparedSide], requested: Iterable[str], names: Sequence[str]) -> None:
    for name in requested:
        if name != WHOLE_HALL and name not in names:
            raise VenueError(
                "The venue '{venue}' has no zone '{name}' in either period.",
                "Its zones are: {names}.",
                venue=sides[0].venue.name,
                name=name,
                names=join_list([f"'{known}'" for known in names]) or Phrase("none yet"),
            )


def _find_redrawn(a: FloorGeometry, b: FloorGeometry) -> tuple[str, ...]:
    outlines = {str(zone.name): zone.outline for zone in b.zones}
    return tuple(
        str(zone.name)
        for zone in a.zones
        if str(zone.name) in outlines and outlines[str(zone.name)] != zone.outline
    )


def _find_unchanged(sides: Sequence[ComparedSide], redrawn: Sequence[str]) -> tuple[str, ...]:
    """Return the zones unchanged by a new layout; none unless both sides are layouts of one hall."""
    a, b = sides[0], sides[-1]
    if a.venue.folder != b.venue.folder or a.geometry == b.geometry:
        return ()
    of_b = {str(zone.name) for zone in b.geometry.zones}
    return tuple(
        str(zone.name)
        for zone in a.geometry.zones
        if str(zone.name) in of_b and str(zone.name) not in redrawn
    )


def _list_unobserved(sides: Sequence[ComparedSide], open_days: Sequence[OpenDays]) -> tuple[date, ...]:
    missing = {
        day
        for side, known in zip(sides, open_days, strict=True)
        for day in side.list_days()
        if day not in known.comparable and day not in known.forgotten and _is_expected(side, day)
    }
    return tuple(sorted(missing))


def _is_expected(side: ComparedSide, day: date) -> bool:
    """Return whether a day's opening hours, or all of it without opening hours, lie in the period."""
    exhibition, (start_s, end_s) = side.venue.exhibition, side.period_s
    if exhibition.opening_hours:
        return any(
            opens < end_s and closes > start_s for opens, closes in exhibition.opening_intervals_utc(day)
        )
    from_s, to_s = exhibition.day_interval_utc(day)
    return start_s <= from_s and to_s <= end_s

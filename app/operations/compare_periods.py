"""Two periods, layouts or halls compared: what changed, in figures and in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from analytics.comparison.block_figures import WHOLE_HALL, Block, Metric, Side
from analytics.comparison.matched_hours import MatchedHours, match_hours
from analytics.comparison.period_comparison import (
    PeriodComparison,
    Unit,
    ZoneChange,
    choose_unit,
    compare_blocks,
)
from analytics.domain.errors import Phrase, StoreError, VenueError
from analytics.domain.exhibition import Interval, find_time_zone
from analytics.domain.floor_plan import FloorGeometry
from analytics.rollups.period_facts import PeriodFacts
from analytics.store.sql_event_store import open_reader
from app.jobs.job import JobContext
from app.operations.comparison_blocks import (
    LENGTHS,
    ComparedSide,
    OpenDays,
    find_open_days,
    make_blocks,
    read_side,
)
from app.operations.comparison_words import describe_change, describe_comparison
from app.venue.document import Venue

PRIMARY_METRICS = (Metric.FOOTFALL, Metric.VISITS_PER_100, Metric.MEAN_DWELL, Metric.MEDIAN_DWELL)
"""What is compared unless somebody asks for more: each further figure makes a finding harder to believe."""


_STEPS = 1.0
_READING = 0.9
"""Of the work where days must be counted first; of prepared ones reading is half of it."""


@dataclass(frozen=True, slots=True)
class ComparedPeriod:
    """What one side of a comparison is.

    Attributes:
        period_s: start and end, seconds since the epoch.
    """

    venue: Venue
    period_s: Interval


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """One change and its sentence, to be translated."""

    change: ZoneChange
    words: Phrase


@dataclass(frozen=True, slots=True)
class ComparedPeriods:
    """What came of a comparison.

    Attributes:
        hours: the hours of the day that were compared; None where the sides have none in common.
        changes: by zone and figure, the whole hall first.
        notes: how it was compared, and what to be careful about, each a sentence to be translated.
        redrawn: the zones whose outline is not the same on both sides.
    """

    comparison: PeriodComparison
    hours: MatchedHours | None
    changes: tuple[ChangeInWords, ...]
    notes: tuple[Phrase, ...]
    redrawn: tuple[str, ...]


def compare_periods(
    a: ComparedPeriod,
    b: ComparedPeriod,
    *,
    metrics: Sequence[Metric] = PRIMARY_METRICS,
    zones: Sequence[str] = (),
    unchanged: Sequence[str] = (),
    job: JobContext | None = None,
) -> ComparedPeriods:
    """Compare what was observed in two periods, of one venue or of two, in the hours that both have.

    Zones are the same where they have the same name. With four days or more on each side, days are compared
    with days. With fewer, zones are held against those that did not change: ``unchanged`` or, where the
    zones were redrawn between the periods, those that were not.

    It reads what is kept of days that are over, and computes and keeps it where it is not yet; days whose
    tracks were deleted for their age are compared as they were counted then.

    Args:
        zones: to compare; all that either side has by default, and the whole hall.
        unchanged: zones of which it is known that nothing changed about them; everything is then held
            against them, however many days there are.

    Raises:
        StoreError: the zones changed within a period, or a history cannot be read.
        VenueError: there is no such zone.
        JobCancelled: by ``job``.
    """
    job = job or JobContext()
    sides = (_make_side(Side.A, a), _make_side(Side.B, b))
    names = _list_names(sides)
    _require_names(sides, (*zones, *unchanged), names)
    redrawn = _find_redrawn(sides[0].geometry, sides[1].geometry)
    controls = tuple(unchanged) or _find_kept(sides, redrawn)
    counts_footfall = all(side.list_entrances() for side in sides)
    known = _read_sides(sides, job)
    open_days = [find_open_days(side, of_side) for side, of_side in zip(sides, known, strict=True)]
    hours = match_hours(
        open_a=open_days[0].kept,
        open_b=open_days[1].kept,
        time_zone_a=a.venue.exhibition.time_zone,
        time_zone_b=b.venue.exhibition.time_zone,
    )
    days = ((), ()) if hours is None else (hours.days_a, hours.days_b)
    unit = choose_unit(
        days_a=len(days[0]), days_b=len(days[1]), controls=len(controls), is_relative=bool(unchanged)
    )
    blocks: list[Block] = []
    if hours is not None and unit is not None:
        parts = hours.cut(2 if unit is Unit.HALF_DAYS else 1)
        for side, of_side, own_days in zip(sides, known, days, strict=True):
            # there are no hours in common unless both were observed
            assert of_side is not None
            blocks += make_blocks(
                side, of_side, days=own_days, parts=parts, metrics=metrics, counts_footfall=counts_footfall
            )
    job.checkpoint(_READING, _STEPS)
    comparison = compare_blocks(
        blocks,
        unit=unit,
        zones=tuple(zones) or (WHOLE_HALL, *names),
        metrics=[m for m in metrics if m is not Metric.FOOTFALL or counts_footfall],
        controls=controls,
    )
    is_one_hall = a.venue.folder == b.venue.folder
    return ComparedPeriods(
        comparison=comparison,
        hours=hours,
        changes=tuple(
            ChangeInWords(change, describe_change(change, comparison)) for change in comparison.changes
        ),
        notes=describe_comparison(
            comparison,
            hours=hours,
            days=days,
            unobserved=_list_unobserved(sides, open_days),
            forgotten=tuple(sorted({day for of_side in open_days for day in of_side.forgotten})),
            without_lengths=_list_without_lengths(sides, known, hours, metrics),
            counted_otherwise=_list_counted_otherwise(blocks, names),
            redrawn=redrawn if is_one_hall else (),
            counts_footfall=counts_footfall,
        ),
        redrawn=redrawn,
    )


def _read_sides(sides: Sequence[ComparedSide], job: JobContext) -> list[PeriodFacts | None]:
    found, share = [], _READING / len(sides)
    for number, side in enumerate(sides):

        def report(done: float, total: float, before: float = number * share) -> None:
            job.checkpoint(before + (share * done / total if total > 0 else 0.0), _STEPS)

        reading = JobContext(is_cancelled=lambda: job.is_cancelled, on_progress=report)
        found.append(read_side(side, reading))
    return found


def _list_without_lengths(
    sides: Sequence[ComparedSide],
    known: Sequence[PeriodFacts | None],
    hours: MatchedHours | None,
    metrics: Sequence[Metric],
) -> tuple[date, ...]:
    """The days of which it is not kept how long each visit lasted, if that is asked for."""
    if hours is None or Metric.MEDIAN_DWELL not in metrics:
        return ()
    return tuple(
        sorted(
            {
                day
                for side, of_side, days in zip(sides, known, (hours.days_a, hours.days_b), strict=True)
                for day in days
                if of_side is not None
                and of_side.is_lacking(
                    LENGTHS, *hours.find_interval_utc(day, time_zone=side.venue.exhibition.time_zone)
                )
            }
        )
    )


def _list_counted_otherwise(blocks: Sequence[Block], names: Sequence[str]) -> tuple[str, ...]:
    """The zones that have days only by other outlines, and none of the present ones."""
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


def find_version_period(venue: Venue, version: str) -> Interval:
    """When a version of the zones held and something was observed, seconds since the epoch.

    Args:
        version: its label, or its number in the order of time from 1 on.

    Raises:
        VenueError: there is no such version.
        StoreError: nothing was observed while it held, or the history cannot be read.
    """
    versions = venue.geometry_versions
    found = [index for index, known in enumerate(versions) if known.label and known.label == version]
    if not found and version.isdecimal() and 1 <= int(version) <= len(versions):
        found = [int(version) - 1]
    if len(found) != 1:
        raise VenueError(
            "'{venue}' has no one version of its zones '{version}'.",
            "Give the label of one, a number from 1 to {count}, or a first and a last day as "
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
        "Nothing was observed in '{venue}' while the zones of '{version}' held.",
        "Choose another version.",
        venue=venue.name,
        version=version,
    )


def _make_side(side: Side, compared: ComparedPeriod) -> ComparedSide:
    venue, (start_s, end_s) = compared.venue, compared.period_s
    if end_s <= start_s:
        raise StoreError(
            "Period {side} ends before it begins.", "Let it begin before it ends.", side=side.value.upper()
        )
    versions = list(venue.geometries_between(start_s, end_s))
    if len(versions) > 1:
        zone = find_time_zone(venue.exhibition.time_zone)
        raise StoreError(
            "The zones of '{venue}' changed within the period, at {changed}.",
            "Compare what lies before it with what lies after it.",
            venue=venue.name,
            changed=datetime.fromtimestamp(versions[1][1], zone).isoformat(timespec="seconds"),
        )
    geometry = versions[0][0] if versions else venue.geometry_at(start_s)
    return ComparedSide(side, venue, compared.period_s, geometry)


def _list_names(sides: Sequence[ComparedSide]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(zone.name) for side in sides for zone in side.geometry.zones))


def _require_names(sides: Sequence[ComparedSide], asked: Iterable[str], names: Sequence[str]) -> None:
    for name in asked:
        if name != WHOLE_HALL and name not in names:
            raise VenueError(
                "The venue '{venue}' has no zone '{name}' in either period.",
                "Its zones are: {names}.",
                venue=sides[0].venue.name,
                name=name,
                names=", ".join(f"'{known}'" for known in names) or Phrase("none yet"),
            )


def _find_redrawn(a: FloorGeometry, b: FloorGeometry) -> tuple[str, ...]:
    outlines = {str(zone.name): zone.outline for zone in b.zones}
    return tuple(
        str(zone.name)
        for zone in a.zones
        if str(zone.name) in outlines and outlines[str(zone.name)] != zone.outline
    )


def _find_kept(sides: Sequence[ComparedSide], redrawn: Sequence[str]) -> tuple[str, ...]:
    """The zones that a new layout left alone; none where there is no new layout of one hall."""
    a, b = sides
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
        if day not in known.kept and day not in known.forgotten and _is_expected(side, day)
    }
    return tuple(sorted(missing))


def _is_expected(side: ComparedSide, day: date) -> bool:
    """Whether a day's opening hours, or all of it where none are known, lie in the period."""
    exhibition, (start_s, end_s) = side.venue.exhibition, side.period_s
    if exhibition.opening_hours:
        return any(
            opens < end_s and closes > start_s for opens, closes in exhibition.opening_intervals_utc(day)
        )
    from_s, to_s = exhibition.day_interval_utc(day)
    return start_s <= from_s and to_s <= end_s

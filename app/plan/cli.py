"""``venue check``, ``try-zones``, ``import-plan`` and ``hours``: the plan and the show days of a venue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, print_table
from app.console.language import tr, translate

if TYPE_CHECKING:
    from analytics.domain.errors import Phrase
    from analytics.domain.exhibition import OpeningHours
    from app.core.check_results import GeometryFault
    from app.core.document import Venue
    from app.plan.geometry_replay import Replay


def import_plan(
    folder: Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")],
    file: Annotated[Path, typer.Argument(help="PNG, JPEG, SVG, PDF or DXF.")],
    page: Annotated[int, typer.Option(help="Page of a PDF file.", min=1)] = 1,
    metres_per_pixel: Annotated[float | None, typer.Option(help="Scale of a picture.")] = None,
    one_to: Annotated[float | None, typer.Option(help="200 for a 1:200 drawing.", min=1)] = None,
    unit: Annotated[
        str | None, typer.Option(help="Unit for a DXF file that specifies none: mm, cm, m, in, ft.")
    ] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="Read this layer of a DXF file; may be repeated.")
    ] = None,
    keep_hall: Annotated[bool, typer.Option(help="Leave the hall's outline as it is.")] = False,
) -> None:
    """Place a plan below the zones. Without a scale, a picture is fitted to the width of the hall."""
    from app.plan.import_plan import PlanScale
    from app.plan.import_plan import import_plan as import_file
    from app.plan_import.plan_file import ReadingOptions

    saved = import_file(
        folder,
        file,
        options=ReadingOptions(page, unit, tuple(layer or ())),
        scale=PlanScale(metres_per_pixel, one_to),
        takes_hall=not keep_hall,
    )
    left, bottom, right, top = saved.venue.plan.outline.to_shape().bounds
    print_message(
        tr(
            "The hall is {width:.1f} m x {depth:.1f} m, with {obstacles} obstacles.",
            width=right - left,
            depth=top - bottom,
            obstacles=len(saved.venue.plan.obstacles),
        )
    )


FirstDay = Annotated[str | None, typer.Option("--from", help="First show day, such as 2026-11-25.")]
LastDay = Annotated[str | None, typer.Option("--to", help="Last show day; without it, the first alone.")]
OpenHours = Annotated[
    str | None,
    typer.Option("--open", help="Opening hours, such as 10:00-18:00 or '10:00-13:00, 14:00-18:00'."),
]


def hours(
    folder: Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")],
    first: FirstDay = None,
    last: LastDay = None,
    opening: OpenHours = None,
    weekdays: Annotated[
        str | None, typer.Option(help="Only these days of the week, 1 is Monday, such as 2,3,4,5,6,7.")
    ] = None,
    closed: Annotated[bool, typer.Option("--closed", help="These days are no show days.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the show days and opening hours; with --from and --open, set them."""
    from app.core.file_format import read_venue
    from app.plan.opening_hours import ALL_WEEKDAYS, change_hours, list_days, parse_hours

    if first is not None:
        if (opening is None) is not closed:
            raise typer.BadParameter(tr("specify --open or --closed"))
        chosen = ALL_WEEKDAYS if weekdays is None else _parse_weekdays(weekdays)
        days = list_days(_parse_day(first), _parse_day(last or first), chosen)
        venue = change_hours(folder, days, () if opening is None else parse_hours(opening))
    elif last or opening or weekdays or closed:
        raise typer.BadParameter(tr("specify --from, the first show day"))
    else:
        venue = read_venue(folder)
    _print_hours(venue.exhibition.opening_hours, as_json=as_json)


def parse_show_days(first: str | None, last: str | None, opening: str | None) -> tuple[OpeningHours, ...]:
    """Parse the options of the first and last show day and their opening hours; nothing for none of them."""
    from app.plan.opening_hours import list_days, make_hours, parse_hours

    if first is None and last is None and opening is None:
        return ()
    if first is None or opening is None:
        raise typer.BadParameter(tr("specify --from and --open together"))
    return make_hours(list_days(_parse_day(first), _parse_day(last or first)), parse_hours(opening))


def _parse_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(tr("'{day}' is not a day, such as 2026-11-25", day=text)) from None


def _parse_weekdays(text: str) -> frozenset[int]:
    found = [part.strip() for part in text.split(",")]
    if not all(part in "1234567" and len(part) == 1 for part in found):
        raise typer.BadParameter(tr("'{days}' is not a list of days of the week from 1 to 7", days=text))
    return frozenset(int(part) - 1 for part in found)


def _print_hours(entries: Sequence[OpeningHours], *, as_json: bool) -> None:
    from app.plan.opening_hours import format_hours

    days = sorted({entry.day for entry in entries})
    if as_json:
        print_json(
            [
                {
                    "day": entry.day.isoformat(),
                    "opens": f"{entry.opens:%H:%M}",
                    "closes": f"{entry.closes:%H:%M}",
                }
                for entry in entries
            ]
        )
    elif not days:
        print_message(tr("No show days are set. Set them with --from, --to and --open."))
    else:
        print_table(
            (tr("show day"), tr("opening hours")),
            [(day.isoformat(), format_hours(e for e in entries if e.day == day)) for day in days],
        )


SHOWN_DIGITS = 2


def find_faults(venue: Venue, *, last_minutes: float) -> list[GeometryFault]:
    """Check a venue's newest zones and lines, using its last minutes of history if there are any."""
    from analytics.domain.errors import CalibrationError
    from app.plan.geometry_check import check_geometry
    from app.plan.geometry_replay import read_recent_tracks

    geometry = venue.geometry_at(None)
    recent = read_recent_tracks(venue, last_s=last_minutes * 60) if last_minutes > 0 else None
    try:
        watched = None if recent is None else recent.watch(venue, geometry)
    except CalibrationError:
        # the check reports the camera; without views ID switches cannot be resolved
        watched = None
    return check_geometry(venue, geometry=geometry, watched=watched)


def describe_faults(findings: Sequence[GeometryFault]) -> list[dict[str, object]]:
    """Convert findings to JSON-ready values, in English."""
    return [
        {
            "rule": finding.rule,
            "verdict": finding.verdict.value,
            "part": finding.part,
            "name": finding.name,
            "x_m": None if finding.place_m is None else round(finding.place_m[0], SHOWN_DIGITS),
            "y_m": None if finding.place_m is None else round(finding.place_m[1], SHOWN_DIGITS),
            "share": None if finding.share is None else round(finding.share, 4),
            "problem": str(finding.problem),
            "remedy": str(finding.remedy),
        }
        for finding in findings
    ]


def print_faults(findings: Sequence[GeometryFault]) -> None:
    """Print findings as a table, in the user's language."""
    if not findings:
        print_message(tr("No problems with the zones and lines."))
        return
    print_table(
        (tr("where"), tr("result"), tr("place (m)"), tr("problem"), tr("what to do")),
        [
            (
                _translate_phrase(finding.subject),
                translate(finding.verdict.value),
                "" if finding.place_m is None else "{:.1f}, {:.1f}".format(*finding.place_m),
                _translate_phrase(finding.problem),
                _translate_phrase(finding.remedy),
            )
            for finding in findings
        ],
    )


def try_zones(
    folder: Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")],
    zones: Annotated[Path, typer.Option(help="GeoJSON of the zones and lines to try.")],
    minutes: Annotated[float, typer.Option(help="Minutes at the end of the history.", min=0.1)] = 1.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Count the last minutes of the history with other zones and lines, before they are saved."""
    from analytics.domain.errors import StoreError
    from app.core.file_format import read_venue
    from app.plan.geojson import read_floor_geojson
    from app.plan.geometry_replay import read_recent_tracks, replay_geometry

    venue, changed = read_venue(folder), read_floor_geojson(zones)
    recent = read_recent_tracks(venue, last_s=minutes * 60)
    if recent is None:
        raise StoreError(
            "'{venue}' has no history to try the zones on.",
            "Record first: python -m app record --venue {folder}",
            venue=venue.name,
            folder=folder,
        )
    replay = replay_geometry(venue, changed=changed, recent=recent)
    if as_json:
        print_json(_describe_replay(replay))
        return
    _print_replay(replay, venue)


def _describe_replay(replay: Replay) -> dict[str, object]:
    return {
        "from_utc_s": replay.period_s[0],
        "to_utc_s": replay.period_s[1],
        "people": replay.people,
        "zones": {
            name: {"before": asdict(before), "after": asdict(after)}
            for name, (before, after) in replay.zones.items()
        },
        "lines": {
            name: {
                "before": {"in": before.into, "out": before.out},
                "after": {"in": after.into, "out": after.out},
            }
            for name, (before, after) in replay.lines.items()
        },
    }


def _print_replay(replay: Replay, venue: Venue) -> None:
    from analytics.domain.exhibition import find_time_zone

    zone = find_time_zone(venue.exhibition.time_zone)
    start, end = (datetime.fromtimestamp(moment, zone) for moment in replay.period_s)
    print_message(
        tr(
            "{people} people from {start:%H:%M:%S} to {end:%H:%M:%S}.",
            people=replay.people,
            start=start,
            end=end,
        )
    )
    rows: list[tuple[object, ...]] = [
        (name, tr("visits"), _show(before.visits), _show(after.visits))
        for name, (before, after) in replay.zones.items()
    ]
    rows += [
        (name, tr("person-seconds"), _show(before.person_seconds), _show(after.person_seconds))
        for name, (before, after) in replay.zones.items()
    ]
    for name, (before, after) in replay.lines.items():
        rows.append((name, tr("in"), _show(before.into), _show(after.into)))
        rows.append((name, tr("out"), _show(before.out), _show(after.out)))
    print_table((tr("zone or line"), tr("figure"), tr("before"), tr("after")), rows)


def _show(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, int) else f"{value:.1f}"


def _translate_phrase(phrase: Phrase) -> str:
    from analytics.domain.errors import fill_template

    return fill_template(phrase.template, phrase.fields, translate)

"""Show days of ``venue create``, and faults of the plan for ``venue check``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_message, print_table
from app.console.language import tr, translate, translate_phrase

if TYPE_CHECKING:
    from analytics.domain.exhibition import OpeningHours
    from app.core.check_results import GeometryFault
    from app.core.document import Venue


FirstDay = Annotated[str | None, typer.Option("--from", help="First show day, such as 2026-11-25.")]
LastDay = Annotated[str | None, typer.Option("--to", help="Last show day; without it, the first alone.")]
OpenHours = Annotated[
    str | None,
    typer.Option("--open", help="Opening hours, such as 10:00-18:00 or '10:00-13:00, 14:00-18:00'."),
]


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
                translate_phrase(finding.subject),
                translate(finding.verdict.value),
                "" if finding.place_m is None else "{:.1f}, {:.1f}".format(*finding.place_m),
                translate_phrase(finding.problem),
                translate_phrase(finding.remedy),
            )
            for finding in findings
        ],
    )

"""``venue prepare``: compute the tables of past days, so that long periods load at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json_line, print_message, show_progress
from app.console.language import tr
from app.console.options import VenueFolder

if TYPE_CHECKING:
    from app.core.document import Venue

_NICENESS = 10
"""Nice value that gives cameras and pages priority."""


def prepare(
    folder: VenueFolder,
    start: Annotated[
        str | None, typer.Option("--from", help="A day such as 2026-11-25, or a time; default: all.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="A day, which includes all of it, or a time.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Progress as JSON lines.")] = False,
) -> None:
    """Compute missing or outdated tables of past days from the stored tracks."""
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.facts.prepared_facts import ALL_TIME, prepare_facts

    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    venue = read_venue(folder)
    period_s = (
        ALL_TIME[0] if start is None else parse_limit(venue, start, is_end=False),
        ALL_TIME[1] if end is None else parse_limit(venue, end, is_end=True),
    )
    with show_progress(tr("Preparing past days"), is_hidden=as_json) as update:
        prepared = prepare_facts(
            venue=venue,
            period_s=period_s,
            context=JobContext(on_progress=_print_progress if as_json else update),
        )
    if not as_json:
        print_message(
            tr(
                "Days prepared: {days}, {made} of them now. Total size: {size:.1f} MB.",
                days=prepared.stretches,
                made=prepared.made,
                size=prepared.size_bytes / 1e6,
            )
        )


def parse_limit(venue: Venue, text: str, *, is_end: bool) -> float:
    """Parse a day in venue time, a time, or ``@`` and seconds since the epoch.

    Raises:
        ExpoFlowError: it is none of these.
    """
    from app.core.periods import parse_time

    if text.startswith("@"):
        try:
            return float(text[1:])
        except ValueError:
            raise typer.BadParameter(
                tr("'{given}' is not a number of seconds since the epoch", given=text)
            ) from None
    return parse_time(venue.exhibition, text, is_end=is_end)


def _print_progress(done: float, total: float) -> None:
    print_json_line({"done": done, "total": total})

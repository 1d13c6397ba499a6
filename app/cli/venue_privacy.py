"""``venue erase`` and ``venue privacy``: delete a period for ever, and say what is stored of visitors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import print_json, say, show_progress
from app.cli.language import tr
from app.cli.venue_facts import parse_limit

if TYPE_CHECKING:
    from app.operations.erase_period import Erasure

Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]


def erase(
    folder: Folder,
    start: Annotated[str, typer.Option("--from", help="A day such as 2026-11-25, or a time in UTC.")],
    end: Annotated[str, typer.Option("--to", help="A day, with all of it, or a time in UTC.")],
    confirm: Annotated[
        str | None, typer.Option(help="The venue's name, in place of the question; for programs.")
    ] = None,
    with_copies: Annotated[
        bool, typer.Option("--with-copies", help="Delete backups and files put aside as well, all of them.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would go, and change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Erase for ever what was observed in a period, and all that was made of it. Stop the recording first."""
    from app.jobs.job import JobContext
    from app.operations.erase_period import erase_period, plan_erasure, require_word
    from app.operations.erasure_words import describe_erasure
    from app.venue.file_format import read_venue

    venue = read_venue(folder)
    period_s = parse_limit(venue, start, is_end=False), parse_limit(venue, end, is_end=True)
    planned = plan_erasure(venue, period_s)
    if not as_json:
        for sentence in describe_erasure(venue, planned, has_copies_deleted=with_copies, tr=tr):
            say(sentence)
    if dry_run and as_json:
        print_json(_describe(planned))
    if dry_run or not planned:
        return
    typed = confirm if confirm is not None else typer.prompt(tr("Type {name} to erase it", name=venue.name))
    require_word(venue, typed)
    with show_progress(tr("Erasing the period"), is_hidden=as_json) as update:
        erased = erase_period(
            venue, period_s, with_copies=with_copies, context=JobContext(on_progress=update)
        )
    if as_json:
        print_json(_describe(erased))
    else:
        say(tr("The period was erased: {points} track points are gone.", points=erased.part.points))


def _describe(erasure: Erasure) -> dict[str, object]:
    part = erasure.part
    return {
        "from_utc_s": erasure.period_s[0],
        "to_utc_s": erasure.period_s[1],
        "points": part.points,
        "whole_files": part.whole_files,
        "cut_files": part.cut_files,
        "visits": part.visits,
        "crossings": part.crossings,
        "observed_s": part.observed_s,
        "cameras": list(part.cameras),
        "recordings": list(part.recordings),
        "kept_days": erasure.kept_days,
        "lost_days": erasure.lost_days,
        "clips": erasure.clips,
        "copies": list(erasure.copies),
    }

"""Define the commands ``privacy-pack`` and ``venue erase``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, show_progress
from app.console.language import check_language, tr, translate
from app.console.options import AsJson, VenueFolder, VenueOption
from app.facts.cli import parse_limit

if TYPE_CHECKING:
    from app.privacy.erase_period import Erasure


def privacy_pack(
    venue: VenueOption,
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    language: Annotated[
        str,
        typer.Option(help="Language of the documents; the sign always has both.", callback=check_language),
    ] = "en",
) -> None:
    """Create documents for visitors and authorities from the venue's actual settings; not legal advice."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.core.file_format import read_venue
    from app.print.privacy_files import write_privacy_pack
    from app.privacy.privacy_pack import NO_ADVICE, make_privacy_pack

    known = read_venue(venue)
    with doing(known.folder, Permission.EXPORT_REPORTS, "privacy pack written", {"folder": out.name}):
        files = write_privacy_pack(out, make_privacy_pack(known, language=language))
    for file in files:
        print_message(tr("{file} was written.", file=str(file)))
    print_message(translate(NO_ADVICE.template))


def erase(
    folder: VenueFolder,
    start: Annotated[str, typer.Option("--from", help="Start: a day such as 2026-11-25, or a time in UTC.")],
    end: Annotated[str, typer.Option("--to", help="End: a day (inclusive), or a time in UTC.")],
    camera: Annotated[
        str | None, typer.Option(help="Only observations of this camera; defaults to all.")
    ] = None,
    confirm: Annotated[
        str | None, typer.Option(help="The venue's name, to skip the confirmation in scripts.")
    ] = None,
    with_copies: Annotated[
        bool, typer.Option("--with-copies", help="Also delete all backups and quarantined files.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be erased without changing anything.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Permanently erase the observations of a period and all derived data. Stop the recording first."""
    from app.access.guard import require
    from app.access.roles import Permission
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.privacy.erase_period import describe_erasure, erase_period, plan_erasure, require_confirmation

    venue = read_venue(folder)
    period_s = parse_limit(venue, start, is_end=False), parse_limit(venue, end, is_end=True)
    planned = plan_erasure(venue, period_s, camera=camera)
    if not as_json:
        for sentence in describe_erasure(venue, planned, has_copies_deleted=with_copies, tr=tr):
            print_message(sentence)
    if dry_run and as_json:
        print_json(_describe(planned))
    has_something = bool(planned) or (with_copies and bool(planned.copies))
    if dry_run or not has_something:
        return
    # report missing permission before the question
    require(venue.folder, Permission.ERASE, action="period erased")
    typed = confirm if confirm is not None else typer.prompt(tr("Type {name} to erase it", name=venue.name))
    require_confirmation(venue, typed)
    with show_progress(tr("Erasing period"), is_hidden=as_json) as update:
        erased = erase_period(
            venue, period_s, camera=camera, with_copies=with_copies, context=JobContext(on_progress=update)
        )
    if as_json:
        print_json(_describe(erased))
    else:
        print_message(
            tr("The period was erased: {points} track points were deleted.", points=erased.part.points)
        )


def _describe(erasure: Erasure) -> dict[str, object]:
    part = erasure.part
    return {
        "from_utc_s": erasure.period_s[0],
        "to_utc_s": erasure.period_s[1],
        "camera": erasure.camera,
        "points": part.points,
        "whole_files": part.deleted_files,
        "cut_files": part.rewritten_files,
        "observed_s": part.observed_s,
        "cameras": list(part.cameras),
        "recordings": list(part.recordings),
        "kept_days": erasure.day_tables,
        "lost_days": erasure.lost_day_tables,
        "clips": erasure.clips,
        "copies": list(erasure.copies),
    }

"""Define the commands ``privacy-pack``, ``venue erase`` and ``venue privacy``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.domain.errors import Phrase, fill_template
from app.console.console import print_json, print_message, print_table, show_progress
from app.console.language import check_language, tr, translate
from app.facts.cli import parse_limit

if TYPE_CHECKING:
    from app.core.privacy_file import PreviewMode
    from app.privacy.erase_period import Erasure


def privacy_pack(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
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


Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]


def erase(
    folder: Folder,
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
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
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


def privacy(
    folder: Folder,
    previews: Annotated[
        str | None, typer.Option(help="Display of pictures in the window: plain, blurred or silhouettes.")
    ] = None,
    organiser: Annotated[
        str | None, typer.Option(help="Organisation responsible for the processing.")
    ] = None,
    contact: Annotated[str | None, typer.Option(help="Contact for visitors.")] = None,
    purpose: Annotated[
        str | None, typer.Option(help="Purpose of counting visitors, in your own words.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before showing more of visitors.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Show which visitor data is stored and shown, for how long, and its recipients. Options change this."""
    from app.core.file_format import read_venue
    from app.core.privacy_file import PreviewMode, find_privacy
    from app.privacy.edit_privacy import change_privacy
    from app.privacy.privacy_facts import PREVIEWS, read_privacy_facts

    venue = read_venue(folder)
    given = {
        name: value
        for name, value in (("organiser", organiser), ("contact", contact), ("purpose", purpose))
        if value is not None
    }
    if previews is not None or given:
        before = find_privacy(venue.folder)
        if previews is not None and previews not in list(PreviewMode):
            raise typer.BadParameter(
                tr("'{name}' is not one of: {names}", name=previews, names=", ".join(PreviewMode))
            )
        mode = before.previews if previews is None else PreviewMode(previews)
        _warn_of_weakening(venue.folder, before.previews, mode, is_agreed=yes)
        change_privacy(venue.folder, replace(before, previews=mode, **given))
    facts = read_privacy_facts(venue)
    if as_json:
        print_json(
            {
                "previews": facts.settings.previews.value,
                "organiser": facts.settings.organiser,
                "contact": facts.settings.contact,
                "purpose": facts.settings.purpose,
                "kept_days": facts.kept_days,
                "stored": {kind.key: kind.size_bytes for kind in facts.stored},
                "pictures": {one.key: one.count for one in facts.exceptions},
                "recipients": [str(one.what) for one in facts.recipients],
                "privacy_masks": dict(facts.cameras),
                "unreadable": [str(phrase) for phrase in facts.unreadable],
            }
        )
        return
    print_table(
        (tr("What is stored"), tr("Where"), tr("Kept for"), "MB"),
        [
            (
                _translate(kind.what),
                ", ".join(kind.where),
                _translate(kind.kept),
                f"{kind.size_bytes / 1e6:.1f}",
            )
            for kind in facts.stored
        ],
    )
    print_table(
        (tr("Stored pictures"), tr("Number")),
        [(_translate(one.what), "–" if one.count is None else one.count) for one in facts.exceptions],
    )
    print_message(tr("The window shows: {previews}.", previews=_translate(PREVIEWS[facts.settings.previews])))
    for recipient in facts.recipients:
        print_message(_translate(recipient.what))
    for phrase in facts.unreadable:
        print_message(_translate(phrase))


def _warn_of_weakening(folder: Path, before: PreviewMode, after: PreviewMode, *, is_agreed: bool) -> None:
    """Describe what more would be shown of visitors and ask for confirmation."""
    from app.access.guard import require
    from app.access.roles import Permission
    from app.privacy.edit_privacy import describe_weakening
    from app.privacy.privacy_facts import PREVIEWS

    weakening = describe_weakening(before, after)
    if weakening is None:
        return
    # report missing permission before the question
    require(folder, Permission.CHANGE_SETTINGS, action="privacy changed", what={"previews": after.value})
    print_message(
        tr(
            "Now: {now}. From now on: {then}.",
            now=_translate(PREVIEWS[before]),
            then=_translate(PREVIEWS[after]),
        )
    )
    print_message(_translate(weakening))
    if not is_agreed:
        typer.confirm(tr("Show more of visitors than before?"), abort=True, err=True)


def _translate(phrase: Phrase) -> str:
    return fill_template(phrase.template, phrase.fields, translate)

"""``venue backup``, ``restore``, ``repair`` and ``retention``: a history that lasts, as long as is wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import EXIT_FAILED, print_json, print_table, say, show_progress
from app.cli.language import tr, translate

if TYPE_CHECKING:
    from analytics.store.folder_backup import Backup
    from app.venue.document import Venue

Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]
AsJson = Annotated[bool, typer.Option("--json", help="For a machine to read.")]


def backup(
    folder: Folder,
    show: Annotated[bool, typer.Option("--list", help="Only list the backups that there are.")] = False,
    as_json: AsJson = False,
) -> None:
    """Back up everything but the tracks, now. A recording does so every hour, and keeps a week of days."""
    from analytics.store.folder_backup import list_backups
    from app.operations.venue_backups import back_up_venue, describe_size

    if show:
        known = list_backups(folder)
        if as_json:
            print_json([_describe(backup) for backup in known])
        else:
            rows = [(b.name, str(b.files), describe_size(b.size_bytes)) for b in known]
            print_table((tr("backup"), tr("files"), tr("size")), rows)
        return
    made = back_up_venue(folder)
    if as_json:
        print_json(_describe(made))
    else:
        say(
            tr(
                "Backup {name}: {files} files, {size}.",
                name=made.name,
                files=made.files,
                size=describe_size(made.size_bytes),
            )
        )


def restore(
    folder: Folder,
    name: Annotated[str | None, typer.Option("--backup", help="Which one; the newest if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup back. What it replaces keeps another name, and tracks stay. Stop the recording first."""
    from app.operations.venue_backups import restore_venue

    report = restore_venue(folder, name)
    if as_json:
        print_json(
            {
                **_describe(report.backup),
                "put_back": list(report.files),
                "kept_aside": report.kept_aside,
                "track_files": report.track_files,
            }
        )
        return
    say(
        tr(
            "{count} files of the backup {name} were put back; what they replaced has '.replaced-{mark}' in "
            "its name. {tracks} track files are listed.",
            count=len(report.files),
            name=report.backup.name,
            mark=report.kept_aside,
            tracks=report.track_files,
        )
    )


def repair(folder: Folder, as_json: AsJson = False) -> None:
    """Make a damaged history again from its newest backup and all that can be read; says what is lost."""
    from app.operations.venue_backups import check_history, join_phrases, repair_history

    repairs = [report.describe() for report in repair_history(folder)]
    faults = check_history(folder).faults
    if as_json:
        print_json(
            {
                "was_damaged": bool(repairs),
                "report": str(join_phrases(repairs)) if repairs else None,
                "faults": [str(fault) for fault in faults],
            }
        )
    else:
        if not repairs and not faults:
            say(tr("The history is sound; there was nothing to repair."))
        for words in repairs:
            say(_word(words))
        for fault in faults:
            say(_word(fault))
    raise typer.Exit(EXIT_FAILED if faults else 0)


def retention(
    folder: Folder,
    keep_days: Annotated[
        float | None, typer.Option(help="Days after which tracks are deleted; 0: never.", min=0.0)
    ] = None,
    most_gb: Annotated[
        float | None,
        typer.Option(help="GB that tracks may take; the oldest go first. 0: without limit.", min=0.0),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Delete now what is too old; a recording does so every day.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before tracks go sooner.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say or change how long tracks are kept. What was counted of days that are over is kept for ever."""
    from app.jobs.job import JobContext
    from app.operations.edit_retention import choose_retention, enforce_retention, measure_tracks
    from app.operations.venue_backups import describe_size
    from app.venue.file_format import read_venue

    venue = read_venue(folder)
    if keep_days is not None or most_gb is not None:
        _warn_of_loss(venue, keep_days, most_gb, is_agreed=yes)
        venue = choose_retention(folder, kept_days=keep_days, most_gb=most_gb)
    deleted = None
    if apply:
        with show_progress(tr("Preparing days that are over"), is_hidden=as_json) as update:
            deleted = enforce_retention(folder, JobContext(on_progress=update))
    kept, settings = measure_tracks(venue), venue.settings
    if as_json:
        print_json(
            {
                "tracks_kept_days": settings.tracks_kept_days,
                "tracks_most_gb": settings.tracks_most_gb,
                "track_files": kept.files,
                "track_bytes": kept.size_bytes,
                "oldest_utc_s": kept.oldest_s,
                "deleted_positions": deleted,
            }
        )
        return
    if settings.tracks_kept_days:
        say(tr("Tracks are kept for {days:g} days.", days=settings.tracks_kept_days))
    else:
        say(tr("Tracks are kept for ever."))
    if settings.tracks_most_gb:
        say(tr("They may take {size:g} GB; then the oldest go.", size=settings.tracks_most_gb))
    if kept.oldest_s is not None:
        say(
            tr(
                "There are {files} track files of {size}, the oldest of {day} (UTC).",
                files=kept.files,
                size=describe_size(kept.size_bytes),
                day=f"{datetime.fromtimestamp(kept.oldest_s, tz=UTC):%Y-%m-%d}",
            )
        )
    if deleted is not None:
        say(tr("{count} positions were deleted.", count=deleted))


def _warn_of_loss(venue: Venue, keep_days: float | None, most_gb: float | None, *, is_agreed: bool) -> None:
    """Say what tighter limits cost, and go on if somebody agrees."""
    from app.access.guard import require
    from app.access.roles import Permission
    from app.operations.edit_retention import describe_lost_days, find_lost_days, is_shortened

    if not is_shortened(venue.settings, kept_days=keep_days, most_gb=most_gb):
        return
    # who may not change it is told before a question
    require(venue.folder, Permission.CHANGE_SETTINGS, action="retention changed")
    days = find_lost_days(venue, kept_days=keep_days, most_gb=most_gb)
    for sentence in describe_lost_days(days, tr=tr):
        say(sentence)
    if not is_agreed:
        typer.confirm(tr("Delete tracks sooner from now on?"), abort=True, err=True)


def print_soundness(folder: Path) -> bool:
    """Look at all of the history and say what is wrong with it; whether it is sound."""
    from app.jobs.job import JobContext
    from app.operations.venue_backups import check_history

    with show_progress(tr("Reading the history")) as update:
        found = check_history(folder, JobContext(on_progress=update))
    for fault in found.faults:
        say(_word(fault))
    if found.faults:
        say(tr("Mend it with: python -m app venue repair {folder}", folder=str(folder)))
    else:
        say(tr("The history is sound: databases and {files} track files.", files=found.track_files))
    if found.backups:
        say(tr("The newest of {count} backups: {name}", count=len(found.backups), name=found.backups[0].name))
    else:
        say(tr("There is no backup yet; a recording makes one every hour."))
    return not found.faults


def _describe(backup: Backup) -> dict[str, object]:
    return {
        "name": backup.name,
        "made_utc_s": backup.made_s,
        "files": backup.files,
        "size_bytes": backup.size_bytes,
    }


def _word(phrase: object) -> str:
    from analytics.domain.errors import Phrase, fill_template

    assert isinstance(phrase, Phrase)
    return fill_template(phrase.template, phrase.fields, translate)

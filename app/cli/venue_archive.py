"""``venue archive`` and ``venue unarchive``: a whole venue in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import say, show_progress
from app.cli.language import tr
from app.cli.recording_troubles import tell

MEGABYTE = 1e6


def archive(
    folder: Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")],
    file: Annotated[Path, typer.Argument(help="The file to write, NAME.expoflow.zip.")],
) -> None:
    """Put a whole venue into one file, also while it is recorded. It holds tracks: keep it safe.

    Left out: passwords (they are never in a venue), users and their PINs, backups, and reports that wait.
    """
    from app.jobs.job import JobContext
    from app.operations.archive_venue import archive_venue

    with show_progress(tr("Archiving the venue")) as listener:
        made = archive_venue(folder, file, JobContext(on_progress=listener))
    size = made.size_bytes / MEGABYTE
    say(tr("{files} files are in {file}, {size:.1f} MB.", files=made.files, file=str(file), size=size))
    say(tr("Restore it with: python -m app venue unarchive {file} FOLDER", file=str(file)))


def upgrade(
    folder: Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")],
) -> None:
    """Bring the history of an older ExpoFlow up to date; a copy is kept, and put back where that fails."""
    from app.operations.upgrade_venue import upgrade_venue

    if upgrade_venue(folder):
        say(
            tr(
                "The history is up to date; a copy of how it was is in {folder}.",
                folder=str(folder / "backups"),
            )
        )
    else:
        say(tr("Nothing had to be changed."))


def unarchive(
    file: Annotated[Path, typer.Argument(help="An archive, NAME.expoflow.zip.")],
    folder: Annotated[Path, typer.Argument(help="The folder to make, NAME.expoflow.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask, however large the venue is.")] = False,
) -> None:
    """Restore a venue from an archive. Every part is checked; nothing is left if one is damaged.

    REST, tokens, brokers, webhooks and scheduled reports in it are switched off.
    """
    from app.jobs.job import JobContext
    from app.operations.unarchive_venue import inspect_archive, unarchive_venue

    contents = inspect_archive(file)
    if contents.is_large and not yes:
        typer.confirm(
            tr(
                "{file} is {size:.1f} MB, and the venue in it takes {content:.1f} MB. Restore it?",
                file=str(file),
                size=contents.size_bytes / MEGABYTE,
                content=contents.content_bytes / MEGABYTE,
            ),
            abort=True,
            err=True,
        )
    with show_progress(tr("Restoring the venue")) as listener:
        restored = unarchive_venue(file, folder, JobContext(on_progress=listener), is_agreed=True)
    venue = restored.venue
    say(tr("'{venue}' is in {folder}.", venue=venue.exhibition.name, folder=str(venue.folder)))
    switched_off = restored.describe_switched_off()
    if switched_off is not None:
        say(tell(switched_off))
        say(
            tr(
                "Switch on what you know with rest on, token add, mqtt on, webhook on NAME and "
                "schedule on NAME, each with --venue {folder}",
                folder=str(venue.folder),
            )
        )
    say(tr("Enter the cameras' passwords on this machine, and set its users up again."))

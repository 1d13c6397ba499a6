"""``venue archive`` and ``venue unarchive``: a whole venue in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import say, show_progress
from app.cli.language import tr

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
) -> None:
    """Restore a venue from an archive. Every part is checked; nothing is left if one is damaged."""
    from app.jobs.job import JobContext
    from app.operations.unarchive_venue import unarchive_venue

    with show_progress(tr("Restoring the venue")) as listener:
        venue = unarchive_venue(file, folder, JobContext(on_progress=listener))
    say(tr("'{venue}' is in {folder}.", venue=venue.exhibition.name, folder=str(venue.folder)))
    say(tr("Enter the cameras' passwords on this machine, and set its users up again."))

"""``venue remove-camera``: a camera that is no longer there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import say
from app.cli.language import tr

Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]


def remove_camera(
    folder: Folder,
    name: Annotated[str, typer.Argument(help="The camera's name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a camera out of a venue, with its calibration and masks. What was recorded stays."""
    from app.operations.remove_camera import RemoveCamera
    from app.operations.saved_edits import save_edit
    from app.venue.file_format import read_venue

    known = read_venue(folder).camera(name)
    if not yes:
        typer.confirm(
            tr(
                "Its calibration and masks go. What was recorded stays, but floor that only this camera saw "
                "counts as not observed, in the past too. Remove {camera}?",
                camera=name,
            ),
            abort=True,
        )
    save_edit(folder, RemoveCamera(known.name))
    say(tr("{camera} was removed. The file before is kept as venue.toml.bak.", camera=name))

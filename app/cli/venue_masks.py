"""``venue masks``, ``add-mask``, ``remove-mask``, ``may-be-dark``: what a picture hides or may be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import print_json, print_table, say
from app.cli.language import tr

# read when the command line is put together, and of the standard library alone
from app.operations.mask_kind import MaskKind

Folder = Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")]
CameraName = Annotated[str, typer.Argument(help="The camera's name.")]
Kind = Annotated[
    MaskKind,
    typer.Argument(help="privacy: blackened before anybody sees it; ignore: people there do not count."),
]
AsJson = Annotated[bool, typer.Option("--json", help="For a machine to read.")]


def masks(folder: Folder, as_json: AsJson = False) -> None:
    """List what the pictures of a venue's cameras hide or ignore."""
    from app.operations.edit_masks import list_polygons
    from app.venue.file_format import read_venue

    found = [
        (entry, kind, number, polygon)
        for entry in read_venue(folder).cameras
        for kind in MaskKind
        for number, polygon in enumerate(list_polygons(entry.camera, kind), start=1)
    ]
    if as_json:
        print_json(
            [
                {
                    "camera": str(entry.name),
                    "kind": kind.value,
                    "number": number,
                    "frame_size": entry.camera.frame_size_wh,
                    "corners_px": [list(corner) for corner in polygon],
                }
                for entry, kind, number, polygon in found
            ]
        )
    elif not found:
        say(tr("No picture hides or ignores anything."))
    else:
        print_table(
            (tr("camera"), tr("mask"), tr("number"), tr("corners in pixels")),
            [
                (str(entry.name), kind.value, number, " ".join(f"{u:g},{v:g}" for u, v in polygon))
                for entry, kind, number, polygon in found
            ],
        )


def add_mask(
    folder: Folder,
    camera: CameraName,
    kind: Kind,
    corners: Annotated[str, typer.Option(help="At least three, in pixels, such as '0,0 400,0 400,300'.")],
    frame_size: Annotated[
        str | None, typer.Option(help="Of the picture that they are of, such as 1280x720.")
    ] = None,
) -> None:
    """Hide or ignore a part of a camera's picture, from the next start of its recording."""
    from app.operations.edit_masks import AddMask
    from app.operations.frame_sizes import parse_frame_sizes
    from app.operations.saved_edits import save_edit
    from app.venue.file_format import read_venue

    known = read_venue(folder).camera(camera)
    frame_wh = known.camera.frame_size_wh
    if frame_size is not None:
        frame_wh = parse_frame_sizes([frame_size])[None]
    if frame_wh is None:
        raise typer.BadParameter(tr("the size of its pictures is not known: give --frame-size"))
    save_edit(folder, AddMask(known.name, kind, parse_corners(corners), frame_wh))
    say(tr("It holds from the next start of the recording."))


def remove_mask(
    folder: Folder,
    camera: CameraName,
    kind: Kind,
    number: Annotated[int, typer.Option(help="As `venue masks` lists it.", min=1)],
) -> None:
    """Show, or count, a part of a camera's picture again, from the next start of its recording."""
    from app.operations.edit_masks import MaskPart, RemoveMask
    from app.operations.saved_edits import save_edit
    from app.venue.file_format import read_venue

    known = read_venue(folder).camera(camera)
    save_edit(folder, RemoveMask(MaskPart(known.name, kind, number - 1)))
    say(tr("It holds from the next start of the recording."))


def may_be_dark(
    folder: Folder,
    camera: CameraName,
    is_allowed: Annotated[
        bool,
        typer.Option("--yes/--no", help="Whether black pictures count as observed; else they are a gap."),
    ] = True,
) -> None:
    """Say that a camera may be dark, such as where the lights are out at night, or that it may not."""
    from app.operations.edit_masks import SetMayBeDark
    from app.operations.saved_edits import save_edit
    from app.venue.file_format import read_venue

    known = read_venue(folder).camera(camera)
    save_edit(folder, SetMayBeDark(known.name, is_allowed))
    if is_allowed:
        say(tr("Darkness at camera '{camera}' counts as observed from now on.", camera=camera))
    else:
        say(tr("Darkness at camera '{camera}' is a gap from now on.", camera=camera))


def parse_corners(text: str) -> tuple[tuple[float, float], ...]:
    """Pairs of numbers from ``0,0 400,0 400,300``."""
    number = r"[+-]?\d+(?:\.\d+)?"
    if re.fullmatch(rf"\s*(?:{number},{number}\s*)+", text) is None:
        raise typer.BadParameter(
            tr("'{given}' is no list of corners such as '0,0 400,0 400,300'", given=text)
        )
    return tuple((float(u), float(v)) for u, v in (pair.split(",") for pair in text.split()))

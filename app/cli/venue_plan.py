"""``venue import-plan``: a picture or a drawing of the hall below the zones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import say
from app.cli.language import tr


def import_plan(
    folder: Annotated[Path, typer.Argument(help="The venue's folder, NAME.expoflow.")],
    file: Annotated[Path, typer.Argument(help="PNG, JPEG, SVG, PDF or DXF.")],
    page: Annotated[int, typer.Option(help="Of a PDF file.", min=1)] = 1,
    metres_per_pixel: Annotated[float | None, typer.Option(help="Of a picture.")] = None,
    one_to: Annotated[float | None, typer.Option(help="200 for a drawing of 1:200.", min=1)] = None,
    unit: Annotated[
        str | None, typer.Option(help="Of a DXF file that names none: mm, cm, m, in, ft.")
    ] = None,
    layer: Annotated[list[str] | None, typer.Option(help="Read this layer of a DXF file; repeat.")] = None,
    keep_hall: Annotated[bool, typer.Option(help="Leave the hall's outline as it is.")] = False,
) -> None:
    """Lay a plan below the zones. Without a scale, a picture becomes as wide as the hall."""
    from app.operations.import_plan import PlanScale
    from app.operations.import_plan import import_plan as import_file
    from app.plan_import.plan_file import ReadingOptions

    saved = import_file(
        folder,
        file,
        options=ReadingOptions(page, unit, tuple(layer or ())),
        scale=PlanScale(metres_per_pixel, one_to),
        takes_hall=not keep_hall,
    )
    left, bottom, right, top = saved.venue.plan.outline.to_shape().bounds
    say(
        tr(
            "The hall is {width:.1f} m x {depth:.1f} m, with {obstacles} obstacles.",
            width=right - left,
            depth=top - bottom,
            obstacles=len(saved.venue.plan.obstacles),
        )
    )

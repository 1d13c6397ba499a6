"""``demo-clip``: render a small exhibition, analyse the clip, and put the result beside the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import print_table, say, show_progress
from app.cli.language import tr
from app.cli.summary_table import print_summary


def demo_clip(
    out: Annotated[Path, typer.Option(help="Folder for the clip and what was found.")] = Path("demo-output"),
    seed: Annotated[int, typer.Option(help="Another number is another crowd.")] = 1,
) -> None:
    """Show in a minute what ExpoFlow does, without a camera and without a network connection."""
    from app.operations.demonstration import compare_with_truth, render_demonstration, run_demonstration

    with show_progress(tr("Rendering a small exhibition")) as update:
        clip = render_demonstration(out, seed=seed, on_progress=update)
    with show_progress(tr("Analysing it")) as update:
        summary = run_demonstration(
            clip, out, on_progress=lambda p: update(p.fraction or 0.0, 1.0 if p.fraction is not None else 0.0)
        )
    print_summary(summary)
    print_table(
        ("number", "truth", "found"), compare_with_truth(clip, summary), title=tr("Against the truth")
    )
    say(tr("The clip, its truth, the result files and the heatmap are in {place}", place=out))

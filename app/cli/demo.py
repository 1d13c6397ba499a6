"""``demo``: the window on the demo exhibition, or, where there is no display, pictures of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.gui import open_window
from app.console.console import say
from app.console.language import tr
from app.console.summary_table import print_summary

SCREENSHOTS = "screenshots"


def demo(
    out: Annotated[Path, typer.Option(help="For pictures and results without a display.")] = Path(
        "demo-output"
    ),
    offscreen: Annotated[
        bool, typer.Option("--offscreen", help="Pictures though there is a display.")
    ] = False,
) -> None:
    """Show a hall with four cameras and detection at work; needs no camera and no network connection."""
    if has_display() and not offscreen:
        raise typer.Exit(open_window(demo=True))
    say(tr("The window works unseen and leaves pictures of every page; this takes ten to fifteen minutes."))
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    status = open_window(demo=True, screenshots=out / SCREENSHOTS)
    from analytics.store.sql_event_store import open_reader
    from app.core.file_format import read_venue
    from app.demo.demo_exhibition import find_demo_folder
    from app.facts.export_period import export_period

    if not find_demo_folder().exists():
        raise typer.Exit(status or 1)
    venue = read_venue(find_demo_folder())
    reader = open_reader(venue.folder)
    try:
        spans = reader.read_spans()
    finally:
        reader.close()
    if spans.empty:
        say(tr("Nothing was recorded, so there are no numbers and no heatmap."))
        raise typer.Exit(status or 1)
    # the newest observation is what the window has just recorded; the prepared days lie before it
    newest_end_s = float(spans["end_s"].max())
    newest_start_s = float(spans.loc[spans["end_s"] > newest_end_s - 60.0, "start_s"].min())
    exported = export_period(venue=venue, start_utc_s=newest_start_s, end_utc_s=newest_end_s, out_folder=out)
    print_summary(exported.summary)
    say(
        tr(
            "Pictures of the window, what it counted (visits.csv, summary.json) and the heatmap: {place}",
            place=out,
        )
    )
    if status:
        raise typer.Exit(status)


def has_display() -> bool:
    """Whether a window could be seen here."""
    return sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )

"""Commands ``gui`` and ``demo``: open the window, or show the demonstration."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from analytics.domain.errors import OutputError
from app.console.console import print_message
from app.console.language import tr


def gui(
    venue: Annotated[Path | None, typer.Option(help="A venue's folder to open.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Open the demo exhibition; needs no camera.")] = False,
    screenshots: Annotated[
        Path | None, typer.Option(help="Save pictures of every page in this folder, then close.")
    ] = None,
    kiosk: Annotated[
        bool, typer.Option("--kiosk", help="Run as a full-screen wall display; Esc leaves it.")
    ] = False,
    pages: Annotated[
        str,
        typer.Option("--kiosk-pages", help=("Pages to show, separated by commas: now, live and floor-plan.")),
    ] = "",
) -> None:
    """Open the window."""
    wall_pages = [name for name in pages.split(",") if name] if kiosk else None
    raise typer.Exit(open_window(venue=venue, demo=demo, screenshots=screenshots, wall_pages=wall_pages))


def is_window_possible() -> bool:
    """Return whether the window's libraries are installed."""
    return importlib.util.find_spec("PySide6") is not None


def open_window(
    *,
    venue: Path | None = None,
    demo: bool = False,
    screenshots: Path | None = None,
    wall_pages: Sequence[str] | None = None,
    has_all_pictures: bool = True,
) -> int:
    """Open the window, and return the exit status when it is closed.

    Args:
        wall_pages: pages to show in turn on a public display; empty: the default ones.
        has_all_pictures: pictures in every language, theme and size; otherwise one of each page.

    Raises:
        OutputError: the window's libraries are not installed.
    """
    if not is_window_possible():
        raise OutputError(
            "The window needs PySide6, which is not installed.",
            "Install it with: pip install 'expoflow[gui]', or use the commands: python -m app --help",
        )
    from app.gui.window.startup import run_gui

    return run_gui(venue, demo, screenshots, print_message, wall_pages, has_all_pictures=has_all_pictures)


SCREENSHOTS = "screenshots"


def demo(
    out: Annotated[Path, typer.Option(help="Create pictures and results without a display.")] = Path(
        "demo-output"
    ),
    offscreen: Annotated[
        bool, typer.Option("--offscreen", help="Create pictures even if there is a display.")
    ] = False,
    all_pictures: Annotated[
        bool, typer.Option("--all-pictures", help="Take pictures in every language, theme and size.")
    ] = False,
) -> None:
    """Show a fair with four cameras and live detection; needs no camera and no network connection."""
    if has_display() and not offscreen:
        raise typer.Exit(open_window(demo=True))
    print_message(tr("The window runs hidden and saves a picture of every page; results and reports follow."))
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    status = open_window(demo=True, screenshots=out / SCREENSHOTS, has_all_pictures=all_pictures)
    from app.demo.ready_venue import find_demo_folder

    if not find_demo_folder().exists():
        raise typer.Exit(status or 1)
    _write_demo_results(find_demo_folder(), out)
    print_message(
        tr(
            "Pictures of the window, results (visits.csv, summary.json), heatmap and reports: {place}",
            place=out,
        )
    )
    if status:
        raise typer.Exit(status)


def _write_demo_results(folder: Path, out: Path) -> None:
    """Write the results of the show's last day, and its report in every language."""
    from app.console.summary_table import print_summary
    from app.core.file_format import read_venue
    from app.demo.ready_venue import list_show_days
    from app.facts.period_export import export_period
    from app.reports.cli import report
    from resources.translations import LANGUAGES

    venue = read_venue(folder)
    start_s, end_s = list_show_days(venue)[-1]
    day = venue.exhibition.local_day(start_s).isoformat()
    for language in LANGUAGES:
        report(out / f"report-{language}.pdf", demo=True, start=day, language=language)
    exported = export_period(venue=venue, start_utc_s=start_s, end_utc_s=end_s, out_folder=out)
    print_summary(exported.summary)


def has_display() -> bool:
    """Return whether a window can be displayed."""
    return sys.platform in ("win32", "darwin") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )

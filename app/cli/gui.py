"""``gui``: open the window."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from analytics.domain.errors import OutputError
from app.console.console import say


def gui(
    venue: Annotated[Path | None, typer.Option(help="A venue's folder to open.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Open the demo exhibition; needs no camera.")] = False,
    screenshots: Annotated[
        Path | None, typer.Option(help="Keep pictures of every page in this folder, then close.")
    ] = None,
    kiosk: Annotated[
        bool, typer.Option("--kiosk", help="Be a full-screen wall for everybody to look at; Esc leaves it.")
    ] = False,
    pages: Annotated[
        str, typer.Option("--kiosk-pages", help="Of now, live and floor-plan, with commas between them.")
    ] = "",
) -> None:
    """Open the window."""
    wall_pages = [name for name in pages.split(",") if name] if kiosk else None
    raise typer.Exit(open_window(venue=venue, demo=demo, screenshots=screenshots, wall_pages=wall_pages))


def is_window_possible() -> bool:
    """Whether the libraries of the window are installed."""
    return importlib.util.find_spec("PySide6") is not None


def open_window(
    *,
    venue: Path | None = None,
    demo: bool = False,
    screenshots: Path | None = None,
    wall_pages: Sequence[str] | None = None,
) -> int:
    """Open the window, and give the exit status when it was closed.

    Args:
        wall_pages: be a screen for everybody that shows these pages in turn; empty: the usual ones.

    Raises:
        OutputError: the window's libraries are not installed.
    """
    if not is_window_possible():
        raise OutputError(
            "The window needs PySide6, which is not installed.",
            "Install it with: pip install 'expoflow[gui]', or use the commands: python -m app --help",
        )
    from app.gui.window.startup import run_gui

    return run_gui(venue, demo, screenshots, say, wall_pages)

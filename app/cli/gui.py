"""``gui``: open the window."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Annotated

import typer

from analytics.domain.errors import OutputError
from app.cli.console import say


def gui(
    venue: Annotated[Path | None, typer.Option(help="A venue's folder to open.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Open the demo exhibition; needs no camera.")] = False,
    screenshots: Annotated[
        Path | None, typer.Option(help="Keep pictures of every page in this folder, then close.")
    ] = None,
) -> None:
    """Open the window."""
    raise typer.Exit(open_window(venue=venue, demo=demo, screenshots=screenshots))


def is_window_possible() -> bool:
    """Whether the libraries of the window are installed."""
    return importlib.util.find_spec("PySide6") is not None


def open_window(*, venue: Path | None = None, demo: bool = False, screenshots: Path | None = None) -> int:
    """Open the window, and give the exit status when it was closed.

    Raises:
        OutputError: the window's libraries are not installed.
    """
    if not is_window_possible():
        raise OutputError(
            "The window needs PySide6, which is not installed.",
            "Install it with: pip install 'expoflow[gui]', or use the commands: python -m app --help",
        )
    from app.gui.startup import run_gui

    return run_gui(venue, demo, screenshots, say)

"""The command that unpacks the demonstration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_json_line, print_message, show_progress
from app.console.language import tr


def demo_exhibition(
    venue: Annotated[Path, typer.Option(help="The venue's folder; created if missing.")] = Path(
        "demo.expoflow"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the progress as JSON lines.")] = False,
) -> None:
    """Unpack the demo exhibition: a fair of three days that ended yesterday, with four live cameras."""
    from app.demo.ready_venue import open_demo_venue

    with show_progress(tr("Opening the demo"), is_hidden=as_json) as update:
        open_demo_venue(venue.absolute(), on_progress=_print_progress if as_json else update)
    print_message(
        tr(
            "The demo exhibition is in {venue}. Record it with: python -m app record --venue {venue}",
            venue=venue,
        )
    )


def _print_progress(done: float, total: float) -> None:
    print_json_line({"done": done, "total": total})

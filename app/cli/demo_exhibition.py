"""``demo-exhibition``: make the demo exhibition and its history, and put the history beside the truth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import print_json_line, print_table, say, show_progress
from app.cli.language import tr


def demo_exhibition(
    venue: Annotated[Path, typer.Option(help="The venue's folder; made where there is none.")] = Path(
        "demo.expoflow"
    ),
    truth: Annotated[bool, typer.Option(help="Print each day's numbers beside the truth.")] = True,
    history: Annotated[bool, typer.Option(help="Prepare the two days of history.")] = True,
    time_zone: Annotated[str, typer.Option(help="Of the exhibition, such as Europe/Berlin.")] = "UTC",
    as_json: Annotated[
        bool, typer.Option("--json", help="Progress as one line after the other, for a machine to read.")
    ] = False,
) -> None:
    """Make an exhibition with four live cameras and two days of history, without a camera."""
    from app.jobs.job import JobContext
    from app.operations.demo_exhibition import create_demo_venue, list_prepared_days
    from app.operations.demo_truth import compare_day_with_truth
    from app.operations.prepared_days import generate_prepared_days
    from app.operations.prepared_facts import EVER, prepare_facts
    from app.venue.file_format import read_venue

    if venue.exists():
        opened = read_venue(venue)
    else:
        with show_progress(tr("Letting visitors in"), is_hidden=as_json) as update:
            opened = create_demo_venue(
                venue, time_zone=time_zone, on_progress=_print_progress if as_json else update
            )
    if history:
        with show_progress(tr("Preparing two days of history"), is_hidden=as_json) as update:
            generate_prepared_days(opened, _print_progress if as_json else update, lambda: False)
        with show_progress(tr("Preparing days that are over"), is_hidden=as_json) as update:
            # a report of a day that is over, and its first sight in the window, need what is kept of it
            prepare_facts(venue=opened, period_s=EVER, context=JobContext(on_progress=update))
    for day in list_prepared_days(opened) if truth and history else ():
        rows = [
            (row.name, _format(row.truth, row.unit), _format(row.found, row.unit))
            for row in compare_day_with_truth(opened, day)
        ]
        print_table(
            ("number", "truth", "found"),
            rows,
            title=tr("Day {number}, layout {layout}", number=day.number, layout=day.layout),
        )
    say(tr("The demo exhibition is in {venue}. Watch it: python -m app record --venue {venue}", venue=venue))


def _print_progress(done: float, total: float) -> None:
    print_json_line({"done": done, "total": total})


def _format(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.4g} {unit}".rstrip()

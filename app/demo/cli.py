"""Commands that create the demo exhibition and the demo clip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.console.console import print_json_line, print_message, print_table, show_progress
from app.console.language import tr
from app.console.summary_table import print_summary


def demo_exhibition(
    venue: Annotated[Path, typer.Option(help="The venue's folder; created if missing.")] = Path(
        "demo.expoflow"
    ),
    truth: Annotated[bool, typer.Option(help="Compare each day's numbers with the ground truth.")] = True,
    history: Annotated[bool, typer.Option(help="Prepare the two days of history.")] = True,
    time_zone: Annotated[
        str, typer.Option(help="Time zone of the exhibition, such as Europe/Berlin.")
    ] = "UTC",
    as_json: Annotated[bool, typer.Option("--json", help="Print the progress as JSON lines.")] = False,
) -> None:
    """Create a demo exhibition with four simulated live cameras and two days of history."""
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.demo.demo_exhibition import create_demo_venue, list_prepared_days
    from app.demo.demo_truth import compare_day_with_truth
    from app.demo.prepared_days import generate_prepared_days
    from app.facts.prepared_facts import ALL_TIME, prepare_facts

    if venue.exists():
        opened = read_venue(venue)
    else:
        with show_progress(tr("Opening the demo"), is_hidden=as_json) as update:
            opened = create_demo_venue(
                venue, time_zone=time_zone, on_progress=_print_progress if as_json else update
            )
    if history:
        with show_progress(tr("Preparing two days of history"), is_hidden=as_json) as update:
            generate_prepared_days(opened, _print_progress if as_json else update, lambda: False)
        with show_progress(tr("Preparing past days"), is_hidden=as_json) as update:
            # reports of past days and their first display in the window need these tables
            prepare_facts(venue=opened, period_s=ALL_TIME, context=JobContext(on_progress=update))
    for day in list_prepared_days(opened) if truth and history else ():
        rows = [
            (row.name, _format(row.truth, row.unit), _format(row.measured, row.unit))
            for row in compare_day_with_truth(opened, day)
        ]
        print_table(
            ("number", "truth", "found"),
            rows,
            title=tr("Day {number}, layout {layout}", number=day.number, layout=day.layout),
        )
    print_message(
        tr(
            "The demo exhibition is in {venue}. Record it with: python -m app record --venue {venue}",
            venue=venue,
        )
    )


def _print_progress(done: float, total: float) -> None:
    print_json_line({"done": done, "total": total})


def _format(value: float | None, unit: str) -> str:
    return "–" if value is None else f"{value:.4g} {unit}".rstrip()


def demo_clip(
    out: Annotated[Path, typer.Option(help="Folder for the clip and the results.")] = Path("demo-output"),
    seed: Annotated[int, typer.Option(help="Random seed of the crowd.")] = 1,
) -> None:
    """Render and analyse a demo clip within a minute, without a camera or a network."""
    from app.demo.demonstration import compare_with_truth, render_demonstration, run_demonstration

    with show_progress(tr("Rendering the clip")) as update:
        clip = render_demonstration(out, seed=seed, on_progress=update)
    with show_progress(tr("Analysing the clip")) as update:
        summary = run_demonstration(
            clip, out, on_progress=lambda p: update(p.fraction or 0.0, 1.0 if p.fraction is not None else 0.0)
        )
    print_summary(summary)
    print_table(
        ("number", "truth", "found"),
        compare_with_truth(clip, summary),
        title=tr("Compared with the ground truth"),
    )
    print_message(tr("The clip, the ground truth, the results and the heatmap are in {place}", place=out))

"""``export``: a period of a venue's history as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.console import print_json, say
from app.cli.summary_table import print_summary


def export(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    out: Annotated[Path, typer.Option(help="Folder for the result files.")],
    start: Annotated[str | None, typer.Option("--from", help="Such as 2026-11-25T09:00:00Z.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Such as 2026-11-25T17:00:00Z.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary for a machine to read.")] = False,
) -> None:
    """Write visits, crossings, tracks, summary and heatmap of a period, or of the whole history."""
    from analytics.domain.clock import parse_utc
    from app.operations.export_period import export_period
    from app.venue.file_format import read_venue

    exported = export_period(
        venue=read_venue(venue),
        start_utc_s=parse_utc(start) if start else None,
        end_utc_s=parse_utc(end) if end else None,
        out_folder=out,
    )
    if as_json:
        print_json(exported.summary)
        return
    print_summary(exported.summary)
    gaps: Iterator[Any] = exported.gaps.itertuples(index=False)
    for gap in gaps:
        say(f"Camera {gap.camera} was not observed for {gap.end_s - gap.start_s:.1f} s ({gap.cause}).")
    moved: Iterator[Any] = exported.moved.itertuples(index=False)
    for span in moved:
        say(
            f"Positions of camera {span.camera} are doubtful for {span.end_s - span.start_s:.1f} s: "
            "it was moved, and not calibrated again."
        )
    say(f"Written to {out}")

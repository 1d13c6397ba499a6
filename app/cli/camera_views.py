"""``cameras check-view``: whether each camera still looks where it was calibrated."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import EXIT_FAILED, print_json
from app.cli.doctor import print_findings


def check_view(
    venue: Annotated[Path, typer.Argument(help="The venue's folder.")],
    seconds: Annotated[
        float, typer.Option(help="How long to look at each camera.", min=2.0, max=120.0)
    ] = 20.0,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Compare each camera's view with the one that it was calibrated in; the status is 1 if one differs."""
    from app.operations.finding_lines import pack_finding
    from app.operations.findings import Verdict, worst_verdict
    from app.operations.view_check import check_views
    from app.venue.file_format import read_venue

    findings = list(check_views(read_venue(venue), duration_s=seconds))
    if as_json:
        print_json([pack_finding(finding) for finding in findings])
    else:
        print_findings(findings)
    if worst_verdict(findings) is Verdict.FAILED:
        raise typer.Exit(EXIT_FAILED)

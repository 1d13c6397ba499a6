"""``doctor``: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import EXIT_FAILED, print_json, print_table


def doctor(
    venue: Annotated[Path | None, typer.Option(help="Check this venue's folder and cameras too.")] = None,
    camera_timeout_s: Annotated[float, typer.Option(help="Seconds a camera may take.", min=0.5)] = 10.0,
    nvidia: Annotated[bool, typer.Option(help="Ask torch for NVIDIA devices; takes seconds.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Check system, decoders, models, cameras and disk; the status is 1 if anything fails."""
    from app.operations.diagnosis import diagnose
    from app.operations.findings import Verdict, worst_verdict
    from app.settings.paths import data_folder
    from app.venue.file_format import read_venue

    document = read_venue(venue) if venue else None
    findings = list(
        diagnose(
            venue=document,
            data_folder=data_folder(),
            camera_timeout_s=camera_timeout_s,
            ask_torch=nvidia,
        )
    )
    if as_json:
        print_json([dataclasses.asdict(finding) for finding in findings])
    else:
        print_table(
            ("checked", "result", "detail", "what to do"),
            [(f.what, f.verdict.value, f.detail, f.remedy) for f in findings],
        )
    if worst_verdict(findings) is Verdict.FAILED:
        raise typer.Exit(EXIT_FAILED)

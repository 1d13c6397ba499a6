"""Define the command ``doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import EXIT_FAILED, print_json, print_json_line, print_message, print_table
from app.console.language import tr, translate, translate_phrase
from app.console.options import AsJson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.check_results import CheckResult
    from app.core.document import Venue


def doctor(
    venue: Annotated[
        Path | None, typer.Option(help="Also check this venue's folder, plan, history and cameras.")
    ] = None,
    cameras: Annotated[bool, typer.Option(help="Open the venue's cameras.")] = True,
    camera_timeout_s: Annotated[float, typer.Option(help="Seconds to wait for a camera.", min=0.5)] = 10.0,
    view_s: Annotated[
        float,
        typer.Option(help="Seconds to check whether each camera was moved; 0 to skip.", min=0.0, max=120.0),
    ] = 0.0,
    nvidia: Annotated[
        bool, typer.Option(help="Look for NVIDIA devices with torch, which takes seconds.")
    ] = False,
    as_json: AsJson = False,
    as_json_lines: Annotated[
        bool,
        typer.Option(
            "--json-lines", help="Print each result as a JSON line as soon as it is known; exit status 0."
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Save the report as text to this file, without passwords.")
    ] = None,
    bundle: Annotated[
        Path | None,
        typer.Option(help="Create a support bundle (.zip) with this report, logs, settings and health."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Create the bundle without asking.")] = False,
) -> None:
    """Check system, decoders, models, disk, plan and cameras. Exit status 1 if a check fails."""
    from app.core.file_format import read_venue
    from app.doctor.diagnosis import Examination, diagnose
    from app.doctor.finding_lines import pack_finding
    from app.settings.paths import data_folder

    document = read_venue(venue) if venue else None
    examination = Examination(
        data_folder=data_folder(),
        venue=document,
        camera_timeout_s=camera_timeout_s,
        opens_cameras=cameras,
        view_s=view_s,
        checks_torch=nvidia,
    )
    if as_json_lines:
        for finding in diagnose(
            examination, on_progress=lambda done, total: print_json_line({"done": done, "total": total})
        ):
            print_json_line(pack_finding(finding))
        return
    findings = list(diagnose(examination))
    if out is not None:
        _write_report(out, findings, venue="" if document is None else document.exhibition.name)
    if bundle is not None:
        _write_bundle(bundle, findings, venue=document, is_agreed=yes)
        return
    _print_results(findings, as_json=as_json)


def _print_results(findings: Sequence[CheckResult], *, as_json: bool) -> None:
    """Print check results; exit with 1 if one has failed."""
    from app.core.check_results import Verdict, worst_verdict
    from app.doctor.finding_lines import pack_finding

    if as_json:
        print_json([pack_finding(finding) for finding in findings])
    else:
        print_findings(findings)
    if worst_verdict(findings) is Verdict.FAILED:
        raise typer.Exit(EXIT_FAILED)


def print_findings(findings: Sequence[CheckResult]) -> None:
    """Print check results as a translated table without passwords."""
    from vision.sources.redaction import redact_url

    print_table(
        (tr("checked"), tr("result"), tr("detail"), tr("what to do")),
        [
            (
                redact_url(translate_phrase(f.subject)),
                translate(f.verdict.value),
                redact_url(translate_phrase(f.detail)),
                redact_url(translate_phrase(f.remedy)),
            )
            for f in findings
        ],
    )


def _write_bundle(
    file: Path, findings: Sequence[CheckResult], *, venue: Venue | None, is_agreed: bool
) -> None:
    from app.doctor.support_bundle import plan_bundle, write_bundle

    report = _format(findings, venue="" if venue is None else venue.exhibition.name)
    parts = plan_bundle(None if venue is None else venue.folder, findings=report)
    rows = [(part.name, translate_phrase(part.what)) for part in parts]
    print_table((tr("file"), tr("contents")), rows)
    print_message(tr("It contains no pictures, tracks or passwords."))
    if not is_agreed and not typer.confirm(tr("Write it to {file}?", file=str(file)), err=True):
        return
    write_bundle(file, parts)
    print_message(tr("The support bundle was saved to {file}. Review it before you send it.", file=str(file)))


def _format(findings: Sequence[CheckResult], *, venue: str) -> str:
    from analytics.domain.clock import SystemClock
    from app.doctor.doctor_report import format_report

    return format_report(findings, at_utc_s=SystemClock().now_utc_s(), venue=venue, translate=translate)


def _write_report(file: Path, findings: Sequence[CheckResult], *, venue: str) -> None:
    from app.doctor.doctor_report import save_report

    save_report(file, _format(findings, venue=venue))
    print_message(tr("The report was saved to {file}.", file=str(file)))

"""``audit``: who changed, exported and tried what in a venue, and whether the log of it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.console import EXIT_FAILED, print_json, print_table, say
from app.cli.language import tr, translate

app = typer.Typer(help="Read, check and export a venue's audit log.", no_args_is_help=True)
_Venue = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]
_From = Annotated[str | None, typer.Option("--from", help="Such as 2026-11-25T09:00:00Z.")]
_To = Annotated[str | None, typer.Option("--to", help="Such as 2026-11-25T17:00:00Z.")]
_Of = Annotated[str | None, typer.Option("--of", help="Only what this user did.")]
_Refused = Annotated[bool, typer.Option("--refused", help="Only what was refused.")]
_Json = Annotated[bool, typer.Option("--json", help="For a machine to read.")]


@app.command("show")
def show(
    venue: _Venue,
    start: _From = None,
    end: _To = None,
    of: _Of = None,
    refused: _Refused = False,
    text: Annotated[str, typer.Option(help="Only entries that hold this text.")] = "",
    last: Annotated[int, typer.Option(help="At most so many of the newest.", min=1)] = 50,
    as_json: _Json = False,
) -> None:
    """Show the newest entries, in UTC."""
    from app.access.audit_entry import Outcome
    from app.operations.audit_view import AuditFilter, describe_entry, list_entries

    wanted = AuditFilter(
        _parse(start), _parse(end), of, Outcome.REFUSED if refused else None, text, most=last
    )
    entries = list_entries(venue, wanted)
    if as_json:
        print_json([describe_entry(entry) for entry in entries])
        return
    rows = []
    for entry in entries:
        said = describe_entry(entry)
        what = tr("; ").join(
            tr("{key}: {name}", key=translate(key), name=name) for key, name in entry.what.items()
        )
        rows.append(
            (
                entry.number,
                said["time_utc"],
                entry.user or translate(entry.role),
                translate(entry.action),
                translate(entry.outcome.value),
                what,
            )
        )
    print_table((tr("No."), tr("Time (UTC)"), tr("User"), tr("Action"), tr("Outcome"), tr("What")), rows)


@app.command("verify")
def verify(venue: _Venue, as_json: _Json = False) -> None:
    """Check that no entry was changed, taken out or put in; status 1: one was."""
    from analytics.domain.errors import fill_template
    from app.operations.audit_view import check_entries

    verdict = check_entries(venue)
    faults = [fill_template(fault.template, fault.fields, translate) for fault in verdict.faults]
    if as_json:
        print_json(
            {
                "entries": verdict.entries,
                "is_sound": verdict.is_sound,
                "is_witnessed": verdict.is_witnessed,
                "faults": [str(fault) for fault in verdict.faults],
            }
        )
    else:
        for fault in faults:
            say(fault)
        if verdict.is_sound:
            say(tr("All {count} entries are as they were written.", count=verdict.entries))
        if not verdict.is_witnessed:
            say(tr("This account has not written to the log: a cut-off end would not be noticed here."))
    raise typer.Exit(0 if verdict.is_sound else EXIT_FAILED)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="CSV, or lines of JSON if it ends in .jsonl.")],
    venue: _Venue,
    start: _From = None,
    end: _To = None,
) -> None:
    """Write the log to a file, with the hashes by which it can be checked."""
    from app.operations.audit_view import AuditFilter, export_entries

    count = export_entries(venue, file, AuditFilter(_parse(start), _parse(end)))
    say(tr("{count} entries are in {path}.", count=count, path=file))


def _parse(text: str | None) -> float | None:
    from analytics.domain.clock import parse_utc

    return None if text is None else parse_utc(text)

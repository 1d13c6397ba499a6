"""``export``: a period of a venue's history as files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.reports.data_sets import Step
from app.cli.console import print_json, print_table, say, show_progress
from app.cli.language import tr, translate
from app.cli.summary_table import print_gaps, print_summary

if TYPE_CHECKING:
    from app.venue.document import Venue


def _show_columns(is_asked: bool) -> None:
    if not is_asked:
        return
    from analytics.domain.errors import fill_template
    from analytics.reports.data_sets import list_columns

    print_table(
        (tr("Data set"), tr("Column"), tr("Kind"), tr("Unit"), tr("Meaning")),
        [
            (
                data_set.value,
                name,
                "text" if name.endswith("_local") else column.kind.value,
                column.unit,
                fill_template(column.meaning.template, column.meaning.fields, translate),
            )
            for data_set, name, column in list_columns()
        ],
    )
    raise typer.Exit


def export(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    start: Annotated[
        str | None, typer.Option("--from", help="Such as 2026-11-25T09:00:00Z; with --what also a day.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="Such as 2026-11-25T17:00:00Z; a day means until its end.")
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(
            help="Data for other programs, with commas between: visits, occupancy, crossings (sums); "
            "each-visit, each-crossing, tracks (single persons)."
        ),
    ] = None,
    file_format: Annotated[
        str, typer.Option("--format", help="csv, parquet or jsonl (JSON lines), of --what.")
    ] = "csv",
    by: Annotated[Step, typer.Option(help="Steps of sums, by the venue's clock.")] = Step.HOUR,
    zone: Annotated[
        list[str] | None,
        typer.Option(help="Only this zone, and lines that meet it, of --what; may be repeated."),
    ] = None,
    personal_data: Annotated[
        bool,
        typer.Option(
            "--personal-data",
            help="I may and want to export data in which single persons are told apart.",
        ),
    ] = False,
    _columns: Annotated[
        bool,
        typer.Option("--columns", is_eager=True, callback=_show_columns, help="Show what the columns mean."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary for a machine to read.")] = False,
) -> None:
    """Write data sets of a period for other programs (--what), or else its results.

    The results are visits, crossings, tracks, summary and heatmap of the period or the whole history, such
    as 'analyse' writes and 'evaluate' reads. With --what nothing but sums is written unless --personal-data
    says so; counts of fewer than five people are left out of sums.
    """
    from app.venue.file_format import read_venue

    opened = read_venue(venue)
    if what:
        _export_data(
            opened, what, start, end, out=out, file_format=file_format, by=by, zones=zone or (),
            may_be_personal=personal_data, as_json=as_json,
        )  # fmt: skip
        return
    if zone or file_format != "csv" or personal_data:
        raise typer.BadParameter(tr("--zone, --format and --personal-data belong to --what"))
    _export_results(opened, start, end, out=out, as_json=as_json)


def _export_data(
    venue: Venue,
    what: list[str],
    start: str | None,
    end: str | None,
    *,
    out: Path,
    file_format: str,
    by: Step,
    zones: list[str] | tuple[str, ...],
    may_be_personal: bool,
    as_json: bool,
) -> None:
    from analytics.reports.data_sets import RowFormat
    from app.cli.compare import parse_moment
    from app.jobs.job import JobContext
    from app.operations.export_data import DataOrder, export_data, parse_data_sets

    try:
        row_format = RowFormat(file_format.lower())
    except ValueError:
        raise typer.BadParameter(
            tr("'{name}' is none of {names}", name=file_format, names=", ".join(RowFormat))
        ) from None
    period_s = (
        float("-inf") if start is None else parse_moment(venue, start, is_end=False),
        float("inf") if end is None else parse_moment(venue, end, is_end=True),
    )
    order = DataOrder(parse_data_sets(what), period_s, by, tuple(zones), may_be_personal)
    with show_progress(tr("Exporting"), is_hidden=as_json) as listen:
        exported = export_data(
            venue, order, out_folder=out, row_format=row_format, context=JobContext(on_progress=listen)
        )
    if as_json:
        print_json(
            {
                "files": {str(path): rows for path, rows in exported.rows.items()},
                "missing": [list(period) for period in exported.missing_s],
            }
        )
        return
    for path, rows in exported.rows.items():
        say(tr("{path}: {rows} rows", path=path, rows=rows))
    if exported.missing_s:
        say(tr("Of {count} days not everything is kept any more; it is not in the files.",
               count=len(exported.missing_s)))  # fmt: skip
    if any(one.is_personal for one in order.data_sets):
        _warn_of_persons()


def _warn_of_persons() -> None:
    say(tr("Single persons are told apart in these files: keep them safe, and delete them in time."))


def _export_results(venue: Venue, start: str | None, end: str | None, *, out: Path, as_json: bool) -> None:
    from analytics.domain.clock import parse_utc
    from app.operations.export_period import export_period

    exported = export_period(
        venue=venue,
        start_utc_s=parse_utc(start) if start else None,
        end_utc_s=parse_utc(end) if end else None,
        out_folder=out,
    )
    if as_json:
        print_json(exported.summary)
        return
    print_summary(exported.summary)
    print_gaps(exported.gaps)
    moved: Iterator[Any] = exported.moved.itertuples(index=False)
    for span in moved:
        say(
            tr(
                "Positions of camera {camera} are doubtful for {seconds:.1f} s: it was moved, and not "
                "calibrated again.",
                camera=span.camera,
                seconds=span.end_s - span.start_s,
            )
        )
    say(tr("Written to {place}", place=out))
    _warn_of_persons()

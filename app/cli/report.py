"""``report``: a document about a period, in any format and language."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.console import say, show_progress
from app.cli.language import check_language, tr

if TYPE_CHECKING:
    from analytics.domain.exhibition import Interval
    from app.venue.document import Venue


def report(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    venue: Annotated[Path | None, typer.Option(help="The venue's folder.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="The demo exhibition.")] = False,
    template: Annotated[
        str, typer.Option(help="daily, week, exhibition, stand, comparison, operations or certificate.")
    ] = "daily",
    start: Annotated[
        str | None, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="The same; a day means until its end.")] = None,
    language: Annotated[str, typer.Option(help="Of the report.", callback=check_language)] = "en",
    file_format: Annotated[
        str | None,
        typer.Option("--format", help="pdf, xlsx, html, pptx, csv or parquet; by default the file's ending."),
    ] = None,
    stand: Annotated[str | None, typer.Option(help="Whose report it is, of the template stand.")] = None,
    before: Annotated[
        str | None, typer.Option(help="FROM/TO of what is compared with, of the template comparison.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="A section to leave out.")] = None,
    organiser: Annotated[str, typer.Option(help="Whose report it is.")] = "",
    logo: Annotated[Path | None, typer.Option(help="A PNG, JPEG or SVG file.")] = None,
    colour: Annotated[str, typer.Option(help="Of headings and bars, such as #2563eb.")] = "#2563eb",
) -> None:
    """Write a report of a period: what happened, how sure that is, and what could be done."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.cli.compare import parse_side
    from app.jobs.job import JobContext
    from app.operations.make_report import ReportOrder, make_report
    from app.operations.report_format import find_format
    from app.operations.report_order import parse_sections, parse_template, read_branding
    from app.print.report_files import write_report_file

    opened = _open_venue(venue, demo=demo)
    chosen = find_format(out, file_format)
    order = ReportOrder(
        template=parse_template(template),
        period_s=_find_period(opened, start, end),
        language=language,
        branding=read_branding(organiser, logo, colour),
        left_out=parse_sections(without or ()),
        stand=stand,
        before_s=None if before is None else parse_side(opened, before),
    )
    with show_progress(tr("Making the report")) as listen:
        content = make_report(opened, order, context=JobContext(on_progress=listen))
        what = {"template": order.template.value, "file": out.name}
        with doing(opened.folder, Permission.EXPORT_REPORTS, "report exported", what):
            written = write_report_file(out, content, chosen)
    say(tr("The report is in {path}.", path=written))


def exhibitor_packs(
    out: Annotated[Path, typer.Option(help="A new folder, or a file that ends in .zip.")],
    venue: Annotated[Path | None, typer.Option(help="The venue's folder.")] = None,
    demo: Annotated[bool, typer.Option("--demo", help="The demo exhibition.")] = False,
    start: Annotated[
        str | None, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")
    ] = None,
    end: Annotated[str | None, typer.Option("--to", help="The same; a day means until its end.")] = None,
    language: Annotated[
        str, typer.Option(help="Of every stand that no other is given for.", callback=check_language)
    ] = "en",
    stand_language: Annotated[
        list[str] | None, typer.Option(help="STAND=en or STAND=zh_CN, for each that differs.")
    ] = None,
    stand: Annotated[list[str] | None, typer.Option(help="A stand to report; all by default.")] = None,
    file_format: Annotated[
        str, typer.Option("--format", help="pdf, xlsx, html, pptx, csv or parquet.")
    ] = "pdf",
    organiser: Annotated[str, typer.Option(help="Whose reports they are.")] = "",
    logo: Annotated[Path | None, typer.Option(help="A PNG, JPEG or SVG file.")] = None,
    colour: Annotated[str, typer.Option(help="Of headings and bars, such as #2563eb.")] = "#2563eb",
) -> None:
    """Write each stand its own report: its visitors, and its place among others, who stay anonymous."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.jobs.job import JobContext
    from app.operations.exhibitor_packs import make_packs
    from app.operations.report_format import find_format
    from app.operations.report_order import parse_languages, read_branding
    from app.print.pack_files import write_packs

    opened = _open_venue(venue, demo=demo)
    with show_progress(tr("Making the reports of all stands")) as listen:
        packs = make_packs(
            opened,
            _find_period(opened, start, end),
            languages=parse_languages(stand_language or ()),
            default_language=language,
            stands=stand or (),
            branding=read_branding(organiser, logo, colour),
            context=JobContext(on_progress=listen),
        )
        with doing(opened.folder, Permission.EXPORT_REPORTS, "exhibitor packs exported", {"file": out.name}):
            written = write_packs(out, packs, find_format(out, file_format))
    say(tr("{count} reports are in {path}.", count=len(written), path=out))


def _open_venue(folder: Path | None, *, demo: bool) -> Venue:
    from app.operations.demo_exhibition import find_demo_folder
    from app.venue.file_format import read_venue

    if (folder is None) != demo:
        raise typer.BadParameter(tr("give the venue's folder with --venue, or --demo"))
    return read_venue(find_demo_folder() if folder is None else folder)


def _find_period(venue: Venue, start: str | None, end: str | None) -> Interval:
    """What was asked for, or else the last observed day; a start alone means its day."""
    from app.cli.compare import parse_period
    from app.operations.report_order import find_last_day

    first, last = start or end, end or start
    if first is None or last is None:
        return find_last_day(venue)
    return parse_period(venue, first, last)

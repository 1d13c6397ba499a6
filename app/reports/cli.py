"""Commands that export data, write reports and send scheduled ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.results.data_sets import Step
from app.console.console import print_json, print_message, print_table, show_progress
from app.console.language import check_language, tr, translate, translate_phrase
from app.console.options import VenueOption
from app.console.summary_table import print_gaps, print_summary

if TYPE_CHECKING:
    from analytics.domain.arrays import Interval
    from app.core.document import Venue
    from app.reports.report_outbox import Outbox

schedule_app = typer.Typer(help="Create and send reports automatically.")
CHECK_INTERVAL_S = 60.0
_OneVenue = Annotated[Path | None, typer.Option(help="The venue's folder.")]
_Demo = Annotated[bool, typer.Option("--demo", help="The demo exhibition.")]
_Start = Annotated[str | None, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")]
_End = Annotated[str | None, typer.Option("--to", help="End, in the same form; a day is included in full.")]
_Language = Annotated[str, typer.Option(help="Language of the report.", callback=check_language)]
_Logo = Annotated[Path | None, typer.Option(help="PNG, JPEG or SVG file of the logo.")]
_Colour = Annotated[str, typer.Option(help="Colour of headings and bars, such as #2563eb.")]
_Format = Annotated[str, typer.Option("--format", help="Format: pdf, xlsx, html, pptx, csv or parquet.")]
_Stand = Annotated[str | None, typer.Option(help="Stand to report on, for the stand template.")]
_Template = Annotated[
    str, typer.Option(help="Template: daily, week, exhibition, stand, comparison, operations or certificate.")
]


@schedule_app.command("mail-server")
def mail_server(
    host: Annotated[str, typer.Argument(help="Host of the mail server.")],
    venue: VenueOption,
    sender: Annotated[str, typer.Option(help="Sender address.")],
    user: Annotated[str, typer.Option(help="User name; empty for no login.")] = "",
    port: Annotated[int, typer.Option(help="Port: 587, or 465 with implicit TLS.")] = 587,
    tls_at_once: Annotated[bool, typer.Option(help="Use implicit TLS instead of STARTTLS.")] = False,
) -> None:
    """Set the mail server; prompts for its password, which is stored in the keyring."""
    from app.access.guard import require
    from app.access.roles import Permission
    from app.core.credentials import Credential, open_credential_store
    from app.reports.report_outbox import make_mail_key
    from app.reports.schedule_file import MailServer, set_mail_server

    mail = MailServer(host, port, user, sender, tls_at_once)
    require(venue, Permission.SCHEDULE, action="mail server set", what={"host": host})
    if user:
        password = typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True)
        open_credential_store().store(make_mail_key(mail), Credential(user, password))
    set_mail_server(venue, mail)
    print_message(tr("Mail is sent by {host}.", host=host))


@schedule_app.command("webhook-secret")
def webhook_secret(
    url: Annotated[str, typer.Argument(help="The https address that receives the reports.")],
) -> None:
    """Store the secret that signs the reports of a webhook (HMAC-SHA256)."""
    from app.core.credentials import Credential, open_credential_store
    from app.core.signed_post import make_webhook_key

    secret = typer.prompt(tr("Secret of the webhook"), hide_input=True, err=True)
    open_credential_store().store(make_webhook_key(url), Credential("", secret))
    print_message(tr("The secret was stored."))


@schedule_app.command("run")
def run(
    venue: VenueOption,
    watch: Annotated[bool, typer.Option("--watch", help="Keep running, and check every minute.")] = False,
    now: Annotated[
        str | None, typer.Option(help="Also send a report of this schedule now, to test the delivery.")
    ] = None,
) -> None:
    """Create due reports and send waiting ones; for cron, Task Scheduler or a service."""
    from app.core.credentials import open_credential_store
    from app.print.report_files import write_report_file
    from app.reports.scheduled_reports import run_schedules

    while True:
        outbox = run_schedules(
            venue, write_file=write_report_file, credentials=open_credential_store(), at_once=now
        )
        _print_deliveries(outbox)
        if not watch:
            return
        now = None
        time.sleep(CHECK_INTERVAL_S)


def _print_deliveries(outbox: Outbox) -> None:
    for delivery in outbox.deliveries[-20:]:
        name, problem = delivery.title or delivery.schedule, delivery.describe_problem(translate)
        if delivery.sent_s is not None and not delivery.problem:
            typer.echo(tr("Sent: {name}", name=name))
        elif delivery.problem and delivery.sent_s is not None:
            typer.echo(tr("Not created: {name}: {problem}", name=name, problem=problem))
        else:
            typer.echo(
                tr(
                    "Waiting after {tries} attempts: {name}: {problem}",
                    name=name,
                    tries=delivery.tries,
                    problem=problem,
                )
            )


def _show_columns(is_requested: bool) -> None:
    if not is_requested:
        return
    from analytics.results.data_sets import list_columns

    print_table(
        (tr("Data set"), tr("Column"), tr("Kind"), tr("Unit"), tr("Meaning")),
        [
            (
                data_set.value,
                name,
                "text" if name.endswith("_local") else column.kind.value,
                column.unit,
                translate_phrase(column.meaning),
            )
            for data_set, name, column in list_columns()
        ],
    )
    raise typer.Exit


def export(
    venue: VenueOption,
    out: Annotated[Path, typer.Option(help="Folder for the files.")],
    start: Annotated[
        str | None,
        typer.Option("--from", help="Start: a day such as 2026-11-25, or a time in UTC."),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", help="End: a day (inclusive), or a time in UTC."),
    ] = None,
    what: Annotated[
        list[str] | None,
        typer.Option(
            help="Data sets, separated by commas: visits, occupancy, crossings (sums); each-visit, "
            "each-crossing, tracks (individuals)."
        ),
    ] = None,
    file_format: Annotated[
        str, typer.Option("--format", help="Format of --what: csv, parquet or jsonl (JSON lines).")
    ] = "csv",
    by: Annotated[Step, typer.Option(help="Step length of sums, in venue time.")] = Step.HOUR,
    zone: Annotated[
        list[str] | None,
        typer.Option(help="Restrict --what to this zone and the lines that meet it; may be repeated."),
    ] = None,
    personal_data: Annotated[
        bool,
        typer.Option(
            "--personal-data", help="Confirm that you are authorised to export data about individuals."
        ),
    ] = False,
    _columns: Annotated[
        bool,
        typer.Option(
            "--columns", is_eager=True, callback=_show_columns, help="Show the meaning of the columns."
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Export data sets of a period for other programs (--what), or its results.

    The results are visits, crossings, tracks, summary and heatmap of the period or the whole history, as
    written by 'analyse' and read by 'evaluate'. With --what only sums are written, without counts of fewer
    than five people; individual records need --personal-data.
    """
    from app.core.file_format import read_venue

    opened = read_venue(venue)
    if what:
        _export_data(
            opened, what, start, end, out=out, file_format=file_format, by=by, zones=zone or (),
            may_be_personal=personal_data, as_json=as_json,
        )  # fmt: skip
        return
    if zone or file_format != "csv" or personal_data:
        raise typer.BadParameter(tr("--zone, --format and --personal-data require --what"))
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
    from analytics.results.data_sets import RowFormat
    from app.core.job import JobContext
    from app.core.periods import parse_limits
    from app.reports.export_data import DataOrder, export_data, parse_data_sets

    try:
        row_format = RowFormat(file_format.lower())
    except ValueError:
        raise typer.BadParameter(
            tr("'{name}' is not one of {names}", name=file_format, names=", ".join(RowFormat))
        ) from None
    start_s, end_s = parse_limits(venue.exhibition, start, end)
    period_s = (float("-inf") if start_s is None else start_s, float("inf") if end_s is None else end_s)
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
        print_message(tr("{path}: {rows} rows", path=path, rows=rows))
    if exported.missing_s:
        print_message(tr("Some data of {count} days have been deleted and are missing from the files.",
               count=len(exported.missing_s)))  # fmt: skip
    if any(one.is_personal for one in order.data_sets):
        _warn_about_personal_data()


def _warn_about_personal_data() -> None:
    print_message(
        tr(
            "These files contain data about individuals: store them safely, and delete them when no "
            "longer needed."
        )
    )


def _export_results(venue: Venue, start: str | None, end: str | None, *, out: Path, as_json: bool) -> None:
    from app.core.periods import parse_limits
    from app.facts.period_export import export_period

    start_s, end_s = parse_limits(venue.exhibition, start, end)
    exported = export_period(venue=venue, start_utc_s=start_s, end_utc_s=end_s, out_folder=out)
    if as_json:
        print_json(exported.summary)
        return
    print_summary(exported.summary)
    print_gaps(exported.gaps)
    moved: Iterator[Any] = exported.moved.itertuples(index=False)
    for span in moved:
        print_message(
            tr(
                "Positions of camera {camera} are unreliable for {seconds:.1f} s: it was moved and not "
                "recalibrated.",
                camera=span.camera,
                seconds=span.end_s - span.start_s,
            )
        )
    print_message(tr("Written to {place}", place=out))
    _warn_about_personal_data()


def report(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    venue: _OneVenue = None,
    demo: _Demo = False,
    template: _Template = "daily",
    start: _Start = None,
    end: _End = None,
    language: _Language = "en",
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            help="Format: pdf, xlsx, html, pptx, csv or parquet; by default taken from the file name.",
        ),
    ] = None,
    stand: _Stand = None,
    before: Annotated[
        str | None, typer.Option(help="Earlier period as FROM/TO, for the comparison template.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="A section to leave out.")] = None,
    organiser: Annotated[str, typer.Option(help="Organiser's name on the report.")] = "",
    logo: _Logo = None,
    colour: _Colour = "#2563eb",
) -> None:
    """Write a report of a period: results, their reliability and recommendations."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.comparison.period_comparison import parse_side
    from app.core.job import JobContext
    from app.print.report_files import write_report_file
    from app.reports.make_report import ReportOrder, make_report
    from app.reports.report_template import find_format, parse_sections, parse_template, read_branding

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
    with show_progress(tr("Creating the report")) as listen:
        content = make_report(opened, order, context=JobContext(on_progress=listen))
        what = {"template": order.template.value, "file": out.name}
        with doing(opened.folder, Permission.EXPORT_REPORTS, "report exported", what):
            written = write_report_file(out, content, chosen)
    print_message(tr("The report was saved to {path}.", path=written))


def exhibitor_packs(
    out: Annotated[Path, typer.Option(help="A new folder, or a file that ends in .zip.")],
    venue: _OneVenue = None,
    demo: _Demo = False,
    start: _Start = None,
    end: _End = None,
    language: Annotated[
        str, typer.Option(help="Default language of the reports.", callback=check_language)
    ] = "en",
    stand_language: Annotated[
        list[str] | None, typer.Option(help="STAND=en or STAND=zh_CN for stands with another language.")
    ] = None,
    stand: Annotated[list[str] | None, typer.Option(help="A stand to report; all by default.")] = None,
    file_format: _Format = "pdf",
    organiser: Annotated[str, typer.Option(help="Organiser's name on the reports.")] = "",
    logo: _Logo = None,
    colour: _Colour = "#2563eb",
) -> None:
    """Write a report for each stand, compared with the other stands, which stay anonymous."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.core.job import JobContext
    from app.print.pack_files import write_packs
    from app.reports.exhibitor_packs import make_packs
    from app.reports.report_template import find_format, parse_languages, read_branding

    opened = _open_venue(venue, demo=demo)
    with show_progress(tr("Creating the reports of all stands")) as listen:
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
    print_message(tr("{count} reports were saved to {path}.", count=len(written), path=out))


def _open_venue(folder: Path | None, *, demo: bool) -> Venue:
    from app.core.file_format import read_venue
    from app.demo.ready_venue import find_demo_folder

    if (folder is None) != demo:
        raise typer.BadParameter(tr("specify the venue's folder with --venue, or use --demo"))
    return read_venue(find_demo_folder() if folder is None else folder)


def _find_period(venue: Venue, start: str | None, end: str | None) -> Interval:
    """Return the requested period, else the last observed day; a start alone stands for its day."""
    from app.core.periods import parse_period
    from app.reports.report_template import find_last_day

    first, last = start or end, end or start
    if first is None or last is None:
        return find_last_day(venue)
    return parse_period(venue.exhibition, first, last)

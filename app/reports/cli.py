"""``report``: a document about a period, in any format and language."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.domain.errors import VenueError
from analytics.reports.data_sets import Step
from app.console.console import print_json, print_table, say, show_progress
from app.console.language import check_language, tr, translate
from app.console.summary_table import print_gaps, print_summary
from app.reports.schedule_file import Rhythm

if TYPE_CHECKING:
    from analytics.domain.exhibition import Interval
    from app.core.credentials import CredentialStore
    from app.core.document import Venue
    from app.reports.report_outbox import Outbox
    from app.reports.schedule_file import Target

schedule_app = typer.Typer(help="Reports that are made and sent by themselves.")
WATCH_EVERY_S = 60.0
_OneVenue = Annotated[Path | None, typer.Option(help="The venue's folder.")]
_Demo = Annotated[bool, typer.Option("--demo", help="The demo exhibition.")]
_Start = Annotated[str | None, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")]
_End = Annotated[str | None, typer.Option("--to", help="The same; a day means until its end.")]
_Language = Annotated[str, typer.Option(help="Of the report.", callback=check_language)]
_Logo = Annotated[Path | None, typer.Option(help="A PNG, JPEG or SVG file.")]
_Colour = Annotated[str, typer.Option(help="Of headings and bars, such as #2563eb.")]
_Format = Annotated[str, typer.Option("--format", help="pdf, xlsx, html, pptx, csv or parquet.")]
_Stand = Annotated[str | None, typer.Option(help="Whose report it is, of the template stand.")]
_Template = Annotated[
    str, typer.Option(help="daily, week, exhibition, stand, comparison, operations or certificate.")
]
_VenueOption = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]


@schedule_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Of the schedule; one of that name is replaced.")],
    venue: _VenueOption,
    template: _Template = "daily",
    every: Annotated[Rhythm, typer.Option(help="How often it comes.")] = Rhythm.DAY,
    at: Annotated[str, typer.Option(help="HH:MM by the venue's clock.")] = "19:00",
    weekday: Annotated[int, typer.Option(help="0 for Monday to 6 for Sunday, of every week.")] = 0,
    to_folder: Annotated[
        Path | None, typer.Option(help="Put it into this folder, also a network path.")
    ] = None,
    to_mail: Annotated[
        str | None, typer.Option(help="Mail it to these addresses, with commas between.")
    ] = None,
    to_webhook: Annotated[str | None, typer.Option(help="Post it to this https address.")] = None,
    language: _Language = "en",
    file_format: _Format = "pdf",
    stand: _Stand = None,
) -> None:
    """Make a report every evening, every week or at the end of the show, and send it."""
    from app.reports.schedule_file import Schedule, save_schedule

    target, to = _find_target(to_folder, to_mail, to_webhook)
    try:
        clock = datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007
    except ValueError as error:
        raise VenueError(
            "'{at}' is no time of day.", "Write hours and minutes, such as 19:00.", at=at
        ) from error
    save_schedule(
        venue,
        Schedule(name, template, every, clock, target, to, language, file_format, weekday, stand=stand),
    )
    say(tr("'{name}' is scheduled.", name=name))


@schedule_app.command("list")
def list_schedules(
    venue: _VenueOption,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Show what is scheduled, what was sent, and what waits."""
    from app.reports.report_outbox import read_outbox
    from app.reports.schedule_file import read_schedules

    schedules, outbox = read_schedules(venue), read_outbox(venue)
    if as_json:
        print_json(
            {
                "schedules": [
                    {"name": s.name, "template": s.template, "every": s.rhythm.value, "at": f"{s.at:%H:%M}",
                     "target": s.target.value, "to": s.to, "is_enabled": s.is_enabled}
                    for s in schedules.schedules
                ],
                "deliveries": [
                    {"schedule": d.schedule, "title": d.title, "sent_s": d.sent_s, "tries": d.tries,
                     "problem": d.tell_problem()}
                    for d in outbox.deliveries
                ],
            }
        )  # fmt: skip
        return
    for schedule in schedules.schedules:
        when = f"{schedule.rhythm.value}, {schedule.at:%H:%M}"
        off = "" if schedule.is_enabled else f" ({tr('switched off')})"
        typer.echo(f"{schedule.name}: {schedule.template}, {when} → {schedule.to}{off}")
    _tell(outbox)


@schedule_app.command("on")
def switch_on(name: Annotated[str, typer.Argument(help="Of the schedule.")], venue: _VenueOption) -> None:
    """Make and send a report again that was switched off."""
    from app.reports.schedule_file import switch_schedule

    switch_schedule(venue, name, is_enabled=True)
    say(tr("'{name}' is scheduled.", name=name))


@schedule_app.command("off")
def switch_off(name: Annotated[str, typer.Argument(help="Of the schedule.")], venue: _VenueOption) -> None:
    """Make and send a report no more; the schedule stays."""
    from app.reports.schedule_file import switch_schedule

    switch_schedule(venue, name, is_enabled=False)
    say(tr("'{name}' is switched off.", name=name))


@schedule_app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="Of the schedule.")], venue: _VenueOption) -> None:
    """Make a report no more."""
    from app.reports.schedule_file import remove_schedule

    remove_schedule(venue, name)
    say(tr("'{name}' is no longer scheduled.", name=name))


@schedule_app.command("mail-server")
def mail_server(
    host: Annotated[str, typer.Argument(help="Of the server that sends mail.")],
    venue: _VenueOption,
    sender: Annotated[str, typer.Option(help="The address that mail comes from.")],
    user: Annotated[str, typer.Option(help="Who logs in; empty for nobody.")] = "",
    port: Annotated[int, typer.Option(help="587, or 465 with TLS at once.")] = 587,
    tls_at_once: Annotated[bool, typer.Option(help="TLS from the first byte, in place of STARTTLS.")] = False,
) -> None:
    """Say who sends mail; the password is asked for and kept in the keyring."""
    from app.access.guard import require
    from app.access.roles import Permission
    from app.core.credentials import Credential
    from app.reports.report_outbox import make_mail_key
    from app.reports.schedule_file import MailServer, set_mail_server

    mail = MailServer(host, port, user, sender, tls_at_once)
    require(venue, Permission.SCHEDULE, action="mail server set", what={"host": host})
    if user:
        password = typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True)
        _open_credentials().store(make_mail_key(mail), Credential(user, password))
    set_mail_server(venue, mail)
    say(tr("Mail is sent by {host}.", host=host))


@schedule_app.command("webhook-secret")
def webhook_secret(
    url: Annotated[str, typer.Argument(help="The address that reports are posted to.")],
) -> None:
    """Keep the secret by which a webhook knows our reports: they are signed with HMAC-SHA256."""
    from app.core.credentials import Credential
    from app.core.signed_post import make_webhook_key

    secret = typer.prompt(tr("Secret of the webhook"), hide_input=True, err=True)
    _open_credentials().store(make_webhook_key(url), Credential("", secret))
    say(tr("The secret is kept."))


@schedule_app.command("run")
def run(
    venue: _VenueOption,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and look every minute.")] = False,
    now: Annotated[
        str | None, typer.Option(help="Make one of this schedule at once, to see whether it arrives.")
    ] = None,
) -> None:
    """Make what is due and send what waits; for cron, Task Scheduler or a service."""
    from app.print.report_files import write_report_file
    from app.reports.scheduled_reports import run_schedules

    while True:
        outbox = run_schedules(
            venue, write_file=write_report_file, credentials=_open_credentials(), at_once=now
        )
        _tell(outbox)
        if not watch:
            return
        now = None
        time.sleep(WATCH_EVERY_S)


def _find_target(folder: Path | None, mail: str | None, webhook: str | None) -> tuple[Target, str]:
    from app.reports.schedule_file import Target

    given = [
        (target, str(to))
        for target, to in ((Target.FOLDER, folder), (Target.MAIL, mail), (Target.WEBHOOK, webhook))
        if to is not None
    ]
    if len(given) != 1:
        raise typer.BadParameter(tr("give one of --to-folder, --to-mail and --to-webhook"))
    return given[0]


def _tell(outbox: Outbox) -> None:
    for delivery in outbox.deliveries[-20:]:
        name, problem = delivery.title or delivery.schedule, delivery.tell_problem(translate)
        if delivery.sent_s is not None and not delivery.problem:
            typer.echo(tr("Sent: {name}", name=name))
        elif delivery.problem and delivery.sent_s is not None:
            typer.echo(tr("Not made: {name}: {problem}", name=name, problem=problem))
        else:
            typer.echo(
                tr(
                    "Waits, tried {tries} times: {name}: {problem}",
                    name=name,
                    tries=delivery.tries,
                    problem=problem,
                )
            )


def _open_credentials() -> CredentialStore:
    from app.core.credentials import open_credential_store
    from app.settings.paths import settings_folder

    return open_credential_store(settings_folder())


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
            "--personal-data", help="I may and want to export data in which single persons are told apart."
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
    from app.core.file_format import read_venue

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
    from app.comparison.cli import parse_time
    from app.core.job import JobContext
    from app.reports.export_data import DataOrder, export_data, parse_data_sets

    try:
        row_format = RowFormat(file_format.lower())
    except ValueError:
        raise typer.BadParameter(
            tr("'{name}' is none of {names}", name=file_format, names=", ".join(RowFormat))
        ) from None
    period_s = (
        float("-inf") if start is None else parse_time(venue, start, is_end=False),
        float("inf") if end is None else parse_time(venue, end, is_end=True),
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
    from app.facts.period_export import export_period

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
        typer.Option("--format", help="pdf, xlsx, html, pptx, csv or parquet; by default the file's ending."),
    ] = None,
    stand: _Stand = None,
    before: Annotated[
        str | None, typer.Option(help="FROM/TO of what is compared with, of the template comparison.")
    ] = None,
    without: Annotated[list[str] | None, typer.Option(help="A section to leave out.")] = None,
    organiser: Annotated[str, typer.Option(help="Whose report it is.")] = "",
    logo: _Logo = None,
    colour: _Colour = "#2563eb",
) -> None:
    """Write a report of a period: what happened, how sure that is, and what could be done."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.comparison.cli import parse_side
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
    with show_progress(tr("Making the report")) as listen:
        content = make_report(opened, order, context=JobContext(on_progress=listen))
        what = {"template": order.template.value, "file": out.name}
        with doing(opened.folder, Permission.EXPORT_REPORTS, "report exported", what):
            written = write_report_file(out, content, chosen)
    say(tr("The report is in {path}.", path=written))


def exhibitor_packs(
    out: Annotated[Path, typer.Option(help="A new folder, or a file that ends in .zip.")],
    venue: _OneVenue = None,
    demo: _Demo = False,
    start: _Start = None,
    end: _End = None,
    language: Annotated[
        str, typer.Option(help="Of every stand that no other is given for.", callback=check_language)
    ] = "en",
    stand_language: Annotated[
        list[str] | None, typer.Option(help="STAND=en or STAND=zh_CN, for each that differs.")
    ] = None,
    stand: Annotated[list[str] | None, typer.Option(help="A stand to report; all by default.")] = None,
    file_format: _Format = "pdf",
    organiser: Annotated[str, typer.Option(help="Whose reports they are.")] = "",
    logo: _Logo = None,
    colour: _Colour = "#2563eb",
) -> None:
    """Write each stand its own report: its visitors, and its place among others, who stay anonymous."""
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.core.job import JobContext
    from app.print.pack_files import write_packs
    from app.reports.exhibitor_packs import make_packs
    from app.reports.report_template import find_format, parse_languages, read_branding

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
    from app.core.file_format import read_venue
    from app.demo.demo_exhibition import find_demo_folder

    if (folder is None) != demo:
        raise typer.BadParameter(tr("give the venue's folder with --venue, or --demo"))
    return read_venue(find_demo_folder() if folder is None else folder)


def _find_period(venue: Venue, start: str | None, end: str | None) -> Interval:
    """What was asked for, or else the last observed day; a start alone means its day."""
    from app.comparison.cli import parse_period
    from app.reports.report_template import find_last_day

    first, last = start or end, end or start
    if first is None or last is None:
        return find_last_day(venue)
    return parse_period(venue, first, last)

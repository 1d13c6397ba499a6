"""``schedule``: reports that are made and sent by themselves."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics.domain.errors import VenueError
from app.cli.console import print_json, say
from app.cli.language import check_language, tr, translate
from app.venue.schedule_file import Rhythm

if TYPE_CHECKING:
    from app.operations.report_outbox import Outbox
    from app.venue.credentials import CredentialStore
    from app.venue.schedule_file import Target

app = typer.Typer(help="Reports that are made and sent by themselves.")
WATCH_EVERY_S = 60.0
_VenueOption = Annotated[Path, typer.Option("--venue", help="The venue's folder.")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Of the schedule; one of that name is replaced.")],
    venue: _VenueOption,
    template: Annotated[
        str, typer.Option(help="daily, week, exhibition, stand, comparison, operations or certificate.")
    ] = "daily",
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
    language: Annotated[str, typer.Option(help="Of the report.", callback=check_language)] = "en",
    file_format: Annotated[
        str, typer.Option("--format", help="pdf, xlsx, html, pptx, csv or parquet.")
    ] = "pdf",
    stand: Annotated[str | None, typer.Option(help="Whose report it is, of the template stand.")] = None,
) -> None:
    """Make a report every evening, every week or at the end of the show, and send it."""
    from app.operations.edit_schedules import save_schedule
    from app.venue.schedule_file import Schedule

    target, to = _find_target(to_folder, to_mail, to_webhook)
    try:
        clock = datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007
    except ValueError as error:
        raise VenueError(
            "'{at}' is no time of day.", "Write hours and minutes, such as 19:00.", at=at
        ) from error
    save_schedule(
        venue,
        Schedule(name, template, every, clock, target, to, language, file_format, weekday, stand),
    )
    say(tr("'{name}' is scheduled.", name=name))


@app.command("list")
def list_schedules(
    venue: _VenueOption,
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
) -> None:
    """Show what is scheduled, what was sent, and what waits."""
    from app.operations.report_outbox import read_outbox
    from app.venue.schedule_file import read_schedules

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


@app.command("on")
def switch_on(name: Annotated[str, typer.Argument(help="Of the schedule.")], venue: _VenueOption) -> None:
    """Make and send a report again that was switched off."""
    from app.operations.edit_schedules import switch_schedule

    switch_schedule(venue, name, is_enabled=True)
    say(tr("'{name}' is scheduled.", name=name))


@app.command("off")
def switch_off(name: Annotated[str, typer.Argument(help="Of the schedule.")], venue: _VenueOption) -> None:
    """Make and send a report no more; the schedule stays."""
    from app.operations.edit_schedules import switch_schedule

    switch_schedule(venue, name, is_enabled=False)
    say(tr("'{name}' is switched off.", name=name))


@app.command("remove")
def remove(name: Annotated[str, typer.Argument(help="Of the schedule.")], venue: _VenueOption) -> None:
    """Make a report no more."""
    from app.operations.edit_schedules import remove_schedule

    remove_schedule(venue, name)
    say(tr("'{name}' is no longer scheduled.", name=name))


@app.command("mail-server")
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
    from app.operations.edit_schedules import set_mail_server
    from app.operations.report_sending import make_mail_key
    from app.venue.credentials import Credential
    from app.venue.schedule_file import MailServer

    mail = MailServer(host, port, user, sender, tls_at_once)
    require(venue, Permission.SCHEDULE, action="mail server set", what={"host": host})
    if user:
        password = typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True)
        _open_credentials().store(make_mail_key(mail), Credential(user, password))
    set_mail_server(venue, mail)
    say(tr("Mail is sent by {host}.", host=host))


@app.command("webhook-secret")
def webhook_secret(
    url: Annotated[str, typer.Argument(help="The address that reports are posted to.")],
) -> None:
    """Keep the secret by which a webhook knows our reports: they are signed with HMAC-SHA256."""
    from app.operations.signed_post import make_webhook_key
    from app.venue.credentials import Credential

    secret = typer.prompt(tr("Secret of the webhook"), hide_input=True, err=True)
    _open_credentials().store(make_webhook_key(url), Credential("", secret))
    say(tr("The secret is kept."))


@app.command("run")
def run(
    venue: _VenueOption,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, and look every minute.")] = False,
    now: Annotated[
        str | None, typer.Option(help="Make one of this schedule at once, to see whether it arrives.")
    ] = None,
) -> None:
    """Make what is due and send what waits; for cron, Task Scheduler or a service."""
    from app.operations.scheduled_reports import run_schedules
    from app.print.report_files import write_report_file

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
    from app.venue.schedule_file import Target

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
    from app.settings.paths import settings_folder
    from app.venue.credentials import open_credential_store

    return open_credential_store(settings_folder())

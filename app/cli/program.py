"""All commands, and the one place where an error becomes words and an exit status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from app.access import cli as access
from app.analysis import cli as analysis
from app.calibration import cli as calibration
from app.cameras import cli as cameras
from app.cli import gui, venue
from app.cli.help_translation import EXIT_USAGE_ERROR, describe_usage_error, translate_help
from app.cli.sign_in import USER_VARIABLE, require_sign_in, set_sign_in_user
from app.comparison import cli as comparison
from app.console.console import exit_with_error, print_json, print_message, print_table
from app.console.language import tr, translate
from app.demo import cli as demonstration
from app.doctor import cli as doctor
from app.findings import cli as findings
from app.integrations import cli as integrations
from app.integrations.mqtt import cli as mqtt
from app.integrations.rest import cli as rest
from app.integrations.webhooks import cli as webhooks
from app.maintenance import cli as maintenance
from app.privacy import cli as privacy
from app.recording import cli as recording
from app.reports import cli as reports
from app.validation import cli as validation

EXIT_OK = 0
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="expoflow",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("gui")(gui.gui)
app.command("analyse")(analysis.analyse)
app.command("replay")(analysis.replay)
app.command("record")(recording.record)
app.command("serve")(integrations.serve)
app.command("calibrate")(calibration.calibrate)
app.command("export")(reports.export)
app.command("report")(reports.report)
app.command("exhibitor-packs")(reports.exhibitor_packs)
app.command("privacy-pack")(privacy.privacy_pack)
app.command("compare")(comparison.compare)
app.command("findings")(findings.findings)
app.command("evaluate")(analysis.evaluate)
app.command("demo")(gui.demo)
app.command("demo-clip")(demonstration.demo_clip)
app.command("demo-exhibition")(demonstration.demo_exhibition)
app.command("doctor")(doctor.doctor)
app.command("health")(recording.health)
app.add_typer(access.audit_app, name="audit")
app.add_typer(cameras.app, name="cameras")
app.add_typer(maintenance.models_app, name="models")
app.add_typer(mqtt.app, name="mqtt")
app.add_typer(rest.app, name="rest")
app.add_typer(reports.schedule_app, name="schedule")
app.add_typer(recording.service_app, name="service")
app.add_typer(rest.token_app, name="token")
app.add_typer(access.user_app, name="user")
app.add_typer(validation.app, name="validate")
app.add_typer(venue.app, name="venue")
app.add_typer(webhooks.app, name="webhook")


@app.command("version")
def version(
    as_json: Annotated[bool, typer.Option("--json", help="For a machine to read.")] = False,
    licences: Annotated[
        bool, typer.Option("--licences", help="Every package inside, with its version and licence.")
    ] = False,
) -> None:
    """Say which version this is, and of which libraries."""
    if licences:
        _print_licences(as_json=as_json)
        return
    from app.core.versions import collect_versions

    versions = collect_versions()
    if as_json:
        print_json(versions)
    else:
        print_table(("component", "version"), [(name, text) for name, text in versions.items()])


def _print_licences(*, as_json: bool) -> None:
    from app.doctor.licences import WITHIN, read_licences, sort_licences

    packages = [(each.name, each.version, each.licence) for each in sort_licences(read_licences())]
    packages += [(name, "", licence) for name, licence in WITHIN]
    if as_json:
        print_json([dict(zip(("name", "version", "licence"), row, strict=True)) for row in packages])
        return
    for name, number, licence in packages:
        typer.echo(f"{name} {number}".strip() + ": " + (licence or tr("not stated")))


@app.callback()
def open_window_or_help(
    context: typer.Context,
    user: Annotated[
        str | None,
        typer.Option(
            envvar=USER_VARIABLE,
            help="Who gives the command, where the venue has users; the password is asked for.",
        ),
    ] = None,
) -> None:
    """Exhibition analytics from camera feeds: visitors, dwell times and heatmaps in metres.

    Without a command, the window opens; where its libraries are not installed, the commands are shown.
    """
    set_sign_in_user(user)
    if context.invoked_subcommand is not None:
        return
    if gui.is_window_possible():
        raise typer.Exit(gui.open_window())
    typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every foreseeable failure is a sentence on standard error and a status above 0."""
    try:
        command = require_sign_in(typer.main.get_command(app))
        translate_help(command, translate)
        status = command.main(args=arguments, prog_name="expoflow", standalone_mode=False)
    except SystemExit as exit_request:
        return exit_request.code if isinstance(exit_request.code, int) else 1
    except (KeyboardInterrupt, typer.Abort):
        print_message(tr("Stopped."))
        return EXIT_INTERRUPTED
    except typer.TyperException as error:
        # one that only shows the help has been told already
        if type(error).__name__ != "NoArgsIsHelpError":
            exit_with_error(describe_usage_error(error))
        return EXIT_USAGE_ERROR
    except Exception as error:  # the one place that turns any error into words
        return exit_with_error(error)
    return status if isinstance(status, int) else EXIT_OK

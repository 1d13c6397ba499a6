"""All commands, and the one place where an error becomes words and an exit status."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from app.cli import (
    analyse,
    audit,
    calibrate,
    cameras,
    compare,
    demo,
    demo_clip,
    demo_exhibition,
    doctor,
    evaluate,
    export,
    findings,
    gui,
    health,
    models,
    mqtt,
    privacy_pack,
    record,
    replay,
    report,
    rest,
    schedule,
    serve,
    service,
    user,
    validate,
    venue,
    version,
    webhook,
)
from app.cli.console import exit_with_error, say
from app.cli.language import tr, translate
from app.cli.sign_in import USER_VARIABLE, ask_as, guard_commands
from app.cli.spoken_commands import EXIT_MISUSED, explain_misuse, speak_help

EXIT_OK = 0
EXIT_INTERRUPTED = 130

app = typer.Typer(
    name="expoflow",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("gui")(gui.gui)
app.command("analyse")(analyse.analyse)
app.command("replay")(replay.replay)
app.command("record")(record.record)
app.command("serve")(serve.serve)
app.command("calibrate")(calibrate.calibrate)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("exhibitor-packs")(report.exhibitor_packs)
app.command("privacy-pack")(privacy_pack.privacy_pack)
app.command("compare")(compare.compare)
app.command("findings")(findings.findings)
app.command("evaluate")(evaluate.evaluate)
app.command("demo")(demo.demo)
app.command("demo-clip")(demo_clip.demo_clip)
app.command("demo-exhibition")(demo_exhibition.demo_exhibition)
app.command("doctor")(doctor.doctor)
app.command("health")(health.health)
app.command("version")(version.version)
app.add_typer(audit.app, name="audit")
app.add_typer(cameras.app, name="cameras")
app.add_typer(models.app, name="models")
app.add_typer(mqtt.app, name="mqtt")
app.add_typer(rest.app, name="rest")
app.add_typer(schedule.app, name="schedule")
app.add_typer(service.app, name="service")
app.add_typer(rest.token_app, name="token")
app.add_typer(user.app, name="user")
app.add_typer(validate.app, name="validate")
app.add_typer(venue.app, name="venue")
app.add_typer(webhook.app, name="webhook")


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
    ask_as(user)
    if context.invoked_subcommand is not None:
        return
    if gui.is_window_possible():
        raise typer.Exit(gui.open_window())
    typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every foreseeable failure is a sentence on standard error and a status above 0."""
    try:
        command = guard_commands(typer.main.get_command(app))
        speak_help(command, translate)
        status = command.main(args=arguments, prog_name="expoflow", standalone_mode=False)
    except SystemExit as exit_request:
        return exit_request.code if isinstance(exit_request.code, int) else 1
    except (KeyboardInterrupt, typer.Abort):
        say(tr("Stopped."))
        return EXIT_INTERRUPTED
    except typer.TyperException as error:
        # one that only shows the help has been told already
        if type(error).__name__ != "NoArgsIsHelpError":
            exit_with_error(explain_misuse(error))
        return EXIT_MISUSED
    except Exception as error:  # the one place that turns any error into words
        return exit_with_error(error)
    return status if isinstance(status, int) else EXIT_OK

"""All commands, and the one place where an error becomes words and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from app.cli import (
    analyse,
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
    models,
    record,
    replay,
    report,
    schedule,
    validate,
    venue,
    version,
)
from app.cli.console import exit_with_error

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
app.command("calibrate")(calibrate.calibrate)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("exhibitor-packs")(report.exhibitor_packs)
app.command("compare")(compare.compare)
app.command("findings")(findings.findings)
app.command("evaluate")(evaluate.evaluate)
app.command("demo")(demo.demo)
app.command("demo-clip")(demo_clip.demo_clip)
app.command("demo-exhibition")(demo_exhibition.demo_exhibition)
app.command("doctor")(doctor.doctor)
app.command("version")(version.version)
app.add_typer(cameras.app, name="cameras")
app.add_typer(models.app, name="models")
app.add_typer(schedule.app, name="schedule")
app.add_typer(validate.app, name="validate")
app.add_typer(venue.app, name="venue")


@app.callback()
def open_window_or_help(context: typer.Context) -> None:
    """Exhibition analytics from camera feeds: visitors, dwell times and heatmaps in metres.

    Without a command, the window opens; where its libraries are not installed, the commands are shown.
    """
    if context.invoked_subcommand is not None:
        return
    if gui.is_window_possible():
        raise typer.Exit(gui.open_window())
    typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every foreseeable failure is a sentence on standard error and a status above 0."""
    try:
        status = app(args=arguments, prog_name="expoflow", standalone_mode=True)
    except SystemExit as exit_request:
        return exit_request.code if isinstance(exit_request.code, int) else 1
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return EXIT_INTERRUPTED
    except Exception as error:  # the one place that turns any error into words
        return exit_with_error(error)
    return status if isinstance(status, int) else EXIT_OK

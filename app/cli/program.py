"""The commands by name, and the conversion of errors to messages and exit statuses."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from app.cli import gui
from app.cli.help_translation import EXIT_USAGE_ERROR, describe_usage_error, translate_help
from app.cli.sign_in import USER_VARIABLE, require_sign_in, set_sign_in_user
from app.console.console import exit_with_error, print_json, print_message
from app.console.language import tr, translate

EXIT_OK = 0
EXIT_INTERRUPTED = 130

COMMANDS = {
    "gui": "app.cli.gui:gui",
    "analyse": "app.analysis.cli:analyse",
    "replay": "app.analysis.cli:replay",
    "record": "app.recording.cli:record",
    "serve": "app.integrations.cli:serve",
    "calibrate": "app.calibration.cli:calibrate",
    "export": "app.reports.cli:export",
    "report": "app.reports.cli:report",
    "exhibitor-packs": "app.reports.cli:exhibitor_packs",
    "privacy-pack": "app.privacy.cli:privacy_pack",
    "evaluate": "app.analysis.cli:evaluate",
    "validate": "app.validation.cli:validate",
    "demo": "app.cli.gui:demo",
    "demo-exhibition": "app.demo.cli:demo_exhibition",
    "doctor": "app.doctor.cli:doctor",
    "version": "app.cli.program:version",
}
"""Module and function of each command; only those of the requested command are loaded."""
GROUPS = {
    "audit": "app.access.cli:audit_app",
    "cameras": "app.cameras.cli:app",
    "models": "app.maintenance.cli:models_app",
    "mqtt": "app.integrations.mqtt.cli:app",
    "rest": "app.integrations.rest.cli:app",
    "schedule": "app.reports.cli:schedule_app",
    "service": "app.recording.cli:service_app",
    "site": "app.site.cli:app",
    "token": "app.integrations.rest.cli:token_app",
    "user": "app.access.cli:user_app",
    "venue": "app.cli.venue:app",
    "webhook": "app.integrations.webhooks.cli:app",
}
"""Module and Typer application of each group of commands."""


def make_app(name: str | None = None) -> typer.Typer:
    """Return the program with only the command or group of this name; with all of them for None."""
    app = typer.Typer(
        name="expoflow",
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(open_window_or_help)
    for command, place in COMMANDS.items():
        if name in (None, command):
            app.command(command)(_load(place))
    for group, place in GROUPS.items():
        if name in (None, group):
            app.add_typer(_load(place), name=group)
    return app


def _load(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(importlib.import_module(module), attribute)


def find_command(arguments: Sequence[str]) -> str | None:
    """Return the requested command or group; None if there is none, or for general help."""
    words = iter(arguments)
    for word in words:
        if word == "--version":
            return "version"
        if word == "--user":
            next(words, None)
        elif not word.startswith("--user="):
            return word if word in COMMANDS or word in GROUPS else None
    return None


def version(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    licences: Annotated[
        bool, typer.Option("--licences", help="Every package inside, with its version and licence.")
    ] = False,
) -> None:
    """Show the version of ExpoFlow and its libraries."""
    if licences:
        _print_licences(as_json=as_json)
        return
    from app.core.versions import print_versions

    print_versions(as_json=as_json)


def _print_licences(*, as_json: bool) -> None:
    from app.doctor.licences import WITHIN, read_licences, sort_licences

    packages = [(each.name, each.version, each.licence) for each in sort_licences(read_licences())]
    packages += [(name, "", licence) for name, licence in WITHIN]
    if as_json:
        print_json([dict(zip(("name", "version", "licence"), row, strict=True)) for row in packages])
        return
    for name, number, licence in packages:
        typer.echo(f"{name} {number}".strip() + ": " + (licence or tr("not stated")))


def open_window_or_help(
    context: typer.Context,
    user: Annotated[
        str | None,
        typer.Option(
            envvar=USER_VARIABLE,
            help="User running the command, if the venue has users; prompts for the password.",
        ),
    ] = None,
    shows_version: Annotated[bool, typer.Option("--version", help="Show the version of ExpoFlow.")] = False,
) -> None:
    """Exhibition analytics from camera feeds: visitors, dwell times and heatmaps in metres.

    Without a command, the window opens; if its libraries are not installed, the commands are shown.
    """
    set_sign_in_user(user)
    if context.invoked_subcommand is not None:
        return
    if shows_version:
        from app.core.versions import find_expoflow_version

        typer.echo(f"expoflow {find_expoflow_version()}")
        return
    if gui.is_window_possible():
        raise typer.Exit(gui.open_window())
    typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every expected failure is a sentence on standard error and a status above 0."""
    try:
        name = find_command(sys.argv[1:] if arguments is None else arguments)
        command = require_sign_in(typer.main.get_command(make_app(name)))
        translate_help(command, translate)
        status = command.main(args=arguments, prog_name="expoflow", standalone_mode=False)
    except SystemExit as exit_request:
        return exit_request.code if isinstance(exit_request.code, int) else 1
    except (KeyboardInterrupt, typer.Abort):
        print_message(tr("Stopped."))
        return EXIT_INTERRUPTED
    except typer.TyperException as error:
        # a command that only shows the help has printed it already
        if type(error).__name__ != "NoArgsIsHelpError":
            exit_with_error(describe_usage_error(error))
        return EXIT_USAGE_ERROR
    except Exception as error:  # the one place that turns any error into a message
        return exit_with_error(error)
    return status if isinstance(status, int) else EXIT_OK

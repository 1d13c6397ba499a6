"""The commands by name, and the conversion of errors to messages and exit statuses."""

from __future__ import annotations

import functools
import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analytics.domain.errors import ExpoFlowError, Phrase
from app.cli import gui
from app.console.console import exit_with_error, print_json, print_message
from app.console.language import tr, translate
from app.console.options import AsJson

if TYPE_CHECKING:
    from app.access.guard import Actor


EXIT_USAGE_ERROR = 2
_PANELS = {
    "ERRORS_PANEL_TITLE": "Error",
    "OPTIONS_PANEL_TITLE": "Options",
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "COMMANDS_PANEL_TITLE": "Commands",
    "DEFAULT_STRING": "[default: {}]",
    "REQUIRED_LONG_STRING": "[required]",
    "ABORTED_TEXT": "Stopped.",
}
"""Headings of Typer's help besides our own texts."""
_USAGE = "Usage:"
_HELP_OF_HELP = "Show this message and exit."
_SAME_AS = {"float_parsing": "float_type", "int_parsing": "int_type"}
"""pydantic's fault types for texts that are not numbers, mapped to those of other invalid values."""
Translate = Callable[[str], str]


class CommandError(ExpoFlowError):
    """A usage error on the command line."""


def list_help_texts(command: Any) -> Iterator[str]:
    """Return all our texts in the help of a command and its subcommands."""
    yield from (text for text in (command.help,) if text)
    yield from (text for parameter in command.params if (text := getattr(parameter, "help", None)))
    for below in getattr(command, "commands", {}).values():
        yield from list_help_texts(below)


def translate_help(command: Any, translate: Translate) -> None:
    """Translate the help of a command and its subcommands when it is shown."""
    show_help = command.format_help

    def show_translated_help(context: Any, formatter: Any) -> None:
        _translate_panels(translate)
        _translate_texts(command, translate)
        show_help(context, formatter)

    command.format_help = show_translated_help
    for below in getattr(command, "commands", {}).values():
        translate_help(below, translate)


def _translate_panels(translate: Translate) -> None:
    from rich.columns import Columns
    from rich.table import Table
    from rich.text import Text
    from typer import rich_utils

    class FoldingTable(Table):
        """Table that wraps long text, also within a word."""

        def add_row(self, *cells: Any, **options: Any) -> None:
            super().add_row(*cells, **options)
            for column in self.columns:
                column.overflow = "fold"

    def fold_columns(items: list[Any]) -> Columns:
        for item in items:
            if isinstance(item, Text):
                item.overflow = "fold"
        return Columns(items)

    for name, text in _PANELS.items():
        setattr(rich_utils, name, translate(text))
    # Typer truncates text without spaces, such as Chinese, at the end of a line
    for name, folding in (("Table", FoldingTable), ("Columns", fold_columns)):
        setattr(rich_utils, name, folding)


def _translate_texts(command: Any, translate: Translate) -> None:
    command.help = translate(command.help) if command.help else command.help
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = translate(parameter.help)
    option = command.get_help_option(typer.Context(command))
    if option is not None:
        option.help = translate(_HELP_OF_HELP)
    get_usage = command.get_usage
    command.get_usage = lambda context: get_usage(context).replace(_USAGE, translate(_USAGE), 1)
    for below in getattr(command, "commands", {}).values():
        _translate_texts(below, translate)


def describe_usage_error(error: typer.TyperException) -> CommandError:
    """Describe a usage error found by Typer as a translatable problem and remedy."""
    context = getattr(error, "ctx", None)
    command = "expoflow" if context is None else str(context.command_path)
    return CommandError(
        "{what}",
        "Run '{command} --help' for usage.",
        what=_find_problem(error),
        command=command,
    )


def _find_problem(error: typer.TyperException) -> Phrase | str:  # noqa: PLR0911 - one for each kind
    text = error.message
    name = getattr(error, "option_name", None)
    hint = _find_parameter(error)
    match type(error).__name__:
        case "NoSuchOption":
            possible = getattr(error, "possibilities", None)
            if possible:
                return Phrase(
                    "There is no option {name}. Did you mean {others}?",
                    {"name": name, "others": ", ".join(sorted(possible))},
                )
            return Phrase("There is no option {name}.", {"name": name})
        case "MissingParameter":
            return Phrase("{name} is missing.", {"name": hint})
        case "BadOptionUsage" if "does not take" in text:
            return Phrase("The option {name} takes no value.", {"name": name})
        case "BadOptionUsage":
            return Phrase("The option {name} needs a value.", {"name": name})
        case "BadParameter" if hint:
            return Phrase("{name}: {fault}", {"name": hint, "fault": _describe_invalid_value(error)})
        case "BadParameter":
            return _format_sentence(text)
    if found := re.match(r"No such command '(.*?)'\.?(?: Did you mean (.*)\?)?", text):
        wrong, others = found.groups()
        if others:
            return Phrase(
                "There is no command {name}. Did you mean {others}?", {"name": wrong, "others": others}
            )
        return Phrase("There is no command {name}.", {"name": wrong})
    if text.startswith("Missing command"):
        return Phrase("No command was given.")
    if found := re.match(r"Got unexpected extra argument\(?s?\)? \((.*)\)", text):
        return Phrase("Unexpected argument: '{words}'.", {"words": found.group(1)})
    return _format_sentence(text)


def _describe_invalid_value(error: typer.TyperException) -> Phrase | str:
    """Describe an invalid value in the words of our files or, failing that, in our own."""
    from pydantic import ValidationError

    from app.settings.field_faults import FAULT_TEXTS

    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return _format_sentence(error.message)
    fault = cause.errors(include_url=False)[0]
    given, fields = fault.get("input"), fault.get("ctx", {})
    wrong = re.match(r"(?:Value error, )?'?(.*?)'? is not one of (.*)\.", str(fault["msg"]))
    if wrong is not None:
        return Phrase("'{given}' is not one of {expected}", {"given": given, "expected": wrong.group(2)})
    fault["type"] = _SAME_AS.get(fault["type"], fault["type"])
    if fault["type"] not in FAULT_TEXTS:
        return Phrase("'{given}' cannot be used", {"given": given})
    words = Phrase(FAULT_TEXTS[fault["type"]], {"number": "", "text": f"'{given}'", **fields})
    return Phrase("{fault} (given: '{given}')", {"fault": words, "given": given})


def _find_parameter(error: typer.TyperException) -> str:
    hint = getattr(error, "param_hint", None)
    parameter = getattr(error, "param", None)
    if hint is None and parameter is not None:
        hint = parameter.get_error_hint()
    return hint if isinstance(hint, str) else " / ".join(hint or ())


def _format_sentence(text: str) -> str:
    """Return a command's own message as a sentence."""
    return text if text.endswith((".", "。", "?")) else f"{text[:1].upper()}{text[1:]}"


USER_VARIABLE = "EXPOFLOW_USER"
PASSWORD_VARIABLE = "EXPOFLOW_PASSWORD"  # noqa: S105 - the name of a variable
VENUE_PARAMETERS = ("venue", "folder", "into", "other_venue")
"""Parameter names of commands for the venue's folder."""
UNATTENDED = frozenset({"record", "schedule run", "serve", "venue prepare"})
"""Commands run unattended by the system, with the permissions of the role *service*."""
WITHOUT_SIGN_IN = frozenset({"gui", "doctor", "demo-exhibition", "venue create"})
"""Commands without sign-in: the window has its own, and the doctor must work if signing in fails."""


COMMAND_PERMISSIONS = {
    "service install": "CHANGE_SETTINGS",
    "service remove": "CHANGE_SETTINGS",
    "service password": "EDIT_CAMERAS",
}
"""Permissions of commands that work outside the venue, where no operation checks them."""
MACHINE_PERMISSIONS = {
    "cameras share": "EDIT_CAMERAS",
    "models get": "CHANGE_SETTINGS",
    "models import": "CHANGE_SETTINGS",
    "models export": "CHANGE_SETTINGS",
    "schedule webhook-secret": "SCHEDULE",
}
"""Permissions of commands that change this machine for all venues, checked in the venue opened last."""


def require_sign_in(command: Any, path: tuple[str, ...] = ()) -> Any:
    """Wrap every command of a tree in a sign-in check; returns the same tree.

    Args:
        command: a Typer command; its type is internal to Typer.
    """
    name = " ".join(path)
    if path and command.callback is not None and name not in WITHOUT_SIGN_IN:
        command.callback = _wrap_with_sign_in(command.callback, name)
    for sub_name, sub_command in getattr(command, "commands", {}).items():
        require_sign_in(sub_command, (*path, sub_name))
    return command


def set_sign_in_user(user: str | None) -> None:
    """Start a command without a signed-in user; ``user`` is the name to sign in with."""
    from app.access.guard import clear_actors, set_sign_in_prompt

    clear_actors()
    set_sign_in_prompt(functools.partial(_sign_in, user))


def _wrap_with_sign_in(callback: Callable[..., Any], name: str) -> Callable[..., Any]:
    @functools.wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        venue = find_last_venue() if name in MACHINE_PERMISSIONS else None
        if venue is not None:
            from app.access.guard import doing
            from app.access.roles import Permission

            with doing(venue, Permission[MACHINE_PERMISSIONS[name]], "command given", {"command": name}):
                return callback(*args, **kwargs)
        for parameter in VENUE_PARAMETERS:
            folder = kwargs.get(parameter)
            if isinstance(folder, Path) and folder.is_dir():
                _check_permission(folder, name, is_stop_request=bool(kwargs.get("stop")))
        return callback(*args, **kwargs)

    return run


def find_last_venue() -> Path | None:
    """Return the most recently opened venue that has users, else the most recently opened one.

    None if there is none, or in the child process of a window, which has its own sign-in.

    Raises:
        VenueError: the access file of one of them cannot be read.
    """
    from app.access.access_file import read_access
    from app.error_reporting import PACKED_ERRORS
    from app.settings.file import read_settings

    if os.environ.get(PACKED_ERRORS):
        return None
    existing = [folder for folder in read_settings().settings.recent_venues if folder.is_dir()]
    return next(
        (folder for folder in existing if not read_access(folder).is_open), existing[0] if existing else None
    )


def _check_permission(folder: Path, name: str, *, is_stop_request: bool) -> None:
    from app.access.guard import SERVICE, act_as, require
    from app.access.roles import Permission

    if name in UNATTENDED and not is_stop_request:
        act_as(folder, SERVICE)
        return
    needed = (
        Permission.RECORD if is_stop_request else Permission[COMMAND_PERMISSIONS.get(name, "SEE_FIGURES")]
    )
    require(folder, needed, action="command given", what={"command": name})


def _sign_in(user: str | None, folder: Path) -> Actor:
    from analytics.domain.errors import AccessError
    from app.access.signing_in import sign_in

    password = os.environ.pop(PASSWORD_VARIABLE, None)
    if not user or (password is None and not sys.stdin.isatty()):
        raise AccessError(
            "'{venue}' has users; sign in to run this command.",
            "Put python -m app --user NAME before the command, or set {user_variable}; you are "
            "asked for the password unless {password_variable} is set.",
            venue=folder.stem,
            user_variable=USER_VARIABLE,
            password_variable=PASSWORD_VARIABLE,
        )
    if password is None:
        password = typer.prompt(tr("Password of {user}", user=user), hide_input=True, err=True)
    return sign_in(folder, user, password)


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
    "public": "app.integrations.public.cli:app",
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
    as_json: AsJson = False,
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

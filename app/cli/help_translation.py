"""Translation of the commands' help and of Typer's usage errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import typer

from analytics.domain.errors import ExpoFlowError, Phrase

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

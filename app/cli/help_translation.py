"""The help of commands, and what Typer says of one that it does not understand, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import typer
from rich.columns import Columns
from rich.table import Table
from rich.text import Text

from analytics.domain.errors import ExpoFlowError, Phrase

EXIT_MISUSED = 2
_PANELS = {
    "ERRORS_PANEL_TITLE": "Error",
    "OPTIONS_PANEL_TITLE": "Options",
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "COMMANDS_PANEL_TITLE": "Commands",
    "DEFAULT_STRING": "[default: {}]",
    "REQUIRED_LONG_STRING": "[required]",
    "ABORTED_TEXT": "Stopped.",
}
"""What Typer's help is made of besides our own texts."""
_USAGE = "Usage:"
_HELP_OF_HELP = "Show this message and exit."
_SAME_AS = {"float_parsing": "float_type", "int_parsing": "int_type"}
"""What pydantic calls texts that are no numbers, by what it calls other values that are none."""
Translate = Callable[[str], str]


class CommandError(ExpoFlowError):
    """A command line that cannot be understood."""


def list_help_texts(command: Any) -> Iterator[str]:
    """Every text of ours that the help of a command and of those below it shows."""
    yield from (text for text in (command.help,) if text)
    yield from (text for parameter in command.params if (text := getattr(parameter, "help", None)))
    for below in getattr(command, "commands", {}).values():
        yield from list_help_texts(below)


def translate_help(command: Any, translate: Translate) -> None:
    """Put the help of a command, and of those below it, into another language."""
    from typer import rich_utils

    for name, text in _PANELS.items():
        setattr(rich_utils, name, translate(text))
    # Typer cuts what has no spaces at a line's end, as Chinese has none
    for name, folding in (("Table", _FoldingTable), ("Columns", _fold_columns)):
        setattr(rich_utils, name, folding)
    _speak(command, translate)


def _speak(command: Any, translate: Translate) -> None:
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
        _speak(below, translate)


class _FoldingTable(Table):
    """Goes on in the next line, also within a word."""

    def add_row(self, *cells: Any, **options: Any) -> None:
        super().add_row(*cells, **options)
        for column in self.columns:
            column.overflow = "fold"


def _fold_columns(items: list[Any]) -> Columns:
    for item in items:
        if isinstance(item, Text):
            item.overflow = "fold"
    return Columns(items)


def explain_misuse(error: typer.TyperException) -> CommandError:
    """What Typer found wrong, as a sentence and a remedy that can be translated."""
    context = getattr(error, "ctx", None)
    command = "expoflow" if context is None else str(context.command_path)
    return CommandError(
        "{what}",
        "'{command} --help' says what can be given.",
        what=_find_problem(error),
        command=command,
    )


def _find_problem(error: typer.TyperException) -> Phrase | str:  # noqa: PLR0911 - one for each kind
    said = error.message
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
        case "BadOptionUsage" if "does not take" in said:
            return Phrase("The option {name} takes no value.", {"name": name})
        case "BadOptionUsage":
            return Phrase("The option {name} needs a value.", {"name": name})
        case "BadParameter" if hint:
            return Phrase("{name}: {fault}", {"name": hint, "fault": _find_fault(error)})
        case "BadParameter":
            return _end(said)
    if found := re.match(r"No such command '(.*?)'\.?(?: Did you mean (.*)\?)?", said):
        wrong, others = found.groups()
        if others:
            return Phrase(
                "There is no command {name}. Did you mean {others}?", {"name": wrong, "others": others}
            )
        return Phrase("There is no command {name}.", {"name": wrong})
    if said.startswith("Missing command"):
        return Phrase("It was not said what is to be done.")
    if found := re.match(r"Got unexpected extra argument\(?s?\)? \((.*)\)", said):
        return Phrase("'{words}' is too much: nothing more is taken here.", {"words": found.group(1)})
    return _end(said)


def _find_fault(error: typer.TyperException) -> Phrase | str:
    """What is wrong with a value: in the words of files that people write, or in our own."""
    from pydantic import ValidationError

    from app.settings.field_faults import FAULT_WORDS

    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return _end(error.message)
    fault = cause.errors(include_url=False)[0]
    given, fields = fault.get("input"), fault.get("ctx", {})
    wrong = re.match(r"(?:Value error, )?'?(.*?)'? is not one of (.*)\.", str(fault["msg"]))
    if wrong is not None:
        return Phrase("'{given}' is not one of {expected}", {"given": given, "expected": wrong.group(2)})
    fault["type"] = _SAME_AS.get(fault["type"], fault["type"])
    if fault["type"] not in FAULT_WORDS:
        return Phrase("'{given}' cannot be used", {"given": given})
    words = Phrase(FAULT_WORDS[fault["type"]], {"number": "", "text": f"'{given}'", **fields})
    return Phrase("{fault} (it is '{given}')", {"fault": words, "given": given})


def _find_parameter(error: typer.TyperException) -> str:
    hint = getattr(error, "param_hint", None)
    parameter = getattr(error, "param", None)
    if hint is None and parameter is not None:
        hint = parameter.get_error_hint()
    return hint if isinstance(hint, str) else " / ".join(hint or ())


def _end(said: str) -> str:
    """What a command said itself, as a sentence."""
    return said if said.endswith((".", "。", "?")) else f"{said[:1].upper()}{said[1:]}"

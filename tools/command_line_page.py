"""Write docs/command-line.md from the commands themselves: ``make command-line``."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import typer

from app.cli.program import make_app

PAGE = Path(__file__).parents[1] / "docs" / "command-line.md"
PROGRAM = "expoflow"
INTRODUCTION = """\
# Command line

<!-- Made by `make command-line` from the commands. Change the help texts in the code, not this page. -->

Every command of ExpoFlow with its arguments and options. From a clone of the repository, `expoflow` means
`.venv/bin/python -m app`. [Common tasks](tasks.md) shows the commands at work.

- `expoflow` alone opens the window. `expoflow COMMAND --help` shows the same as this page, in the language of
  the settings.
- Where a venue has users, name yourself with `--user NAME` before the command, or in `EXPOFLOW_USER`. The
  password is asked for, or taken from `EXPOFLOW_PASSWORD`.
- Exit status: 0 if all went well, 1 if something failed or was found wrong, 2 if the command cannot be
  understood, 130 if it was stopped by Ctrl+C.
"""


def make_page() -> str:
    """Return the page as Markdown, in English whatever the language of the settings."""
    program = typer.main.get_command(make_app())
    commands = list(list_commands(program, ""))
    index = [
        f"| [`{path}`](#{path.replace(' ', '-')}) | {first_paragraph(command.help)} |"
        for path, command in commands
        if not is_group(command)
    ]
    parts = [INTRODUCTION, "\n".join(["| Command | What it does |", "|---|---|", *index, ""])]
    parts += [describe(path, command) for path, command in commands]
    return "\n".join(parts)


def list_commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each command below this one with the words that call it, in the order of the help."""
    for name, below in getattr(command, "commands", {}).items():
        if below.hidden:
            continue
        words = f"{path} {name}".strip()
        yield words, below
        yield from list_commands(below, words)


def is_group(command: Any) -> bool:
    """Return whether this only holds other commands."""
    return bool(getattr(command, "commands", None)) and not command.invoke_without_command


def describe(path: str, command: Any) -> str:
    """Return the section of one command: what it does, how it is called, arguments and options."""
    if is_group(command):
        return f"## {path}\n\n{clean(command.help)}\n"
    hints = typing.get_type_hints(inspect.unwrap(command.callback))
    parameters = [parameter for parameter in command.params if not getattr(parameter, "hidden", False)]
    arguments = [parameter for parameter in parameters if parameter.param_type_name == "argument"]
    options = [parameter for parameter in parameters if parameter.param_type_name == "option"]
    calling = [PROGRAM, path, *(name_argument(argument) for argument in arguments)]
    calling += [f"{option.opts[0]} {name_type(hints[option.name])}" for option in options if option.required]
    if any(not option.required for option in options):
        calling.append("[OPTIONS]")
    lines = [f"## {path}", "", clean(command.help), "", "```", " ".join(calling), "```", ""]
    if arguments:
        lines += ["| Argument | Meaning |", "|---|---|"]
        lines += [f"| `{name_argument(one)}` | {explain(one, hints[one.name])} |" for one in arguments]
        lines.append("")
    if options:
        lines += ["| Option | Value | Meaning |", "|---|---|---|"]
        lines += [
            f"| {name_option(one)} | {quote(name_type(hints[one.name]))} | {explain(one, hints[one.name])} |"
            for one in options
        ]
        lines.append("")
    return "\n".join(lines)


def name_argument(argument: Any) -> str:
    """Return an argument as it stands in a call, in brackets if it may be left out."""
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def name_option(option: Any) -> str:
    """Return all spellings of an option, quoted."""
    return ", ".join(f"`{one}`" for one in (*option.opts, *option.secondary_opts))


def name_type(hint: Any) -> str:
    """Return the value that an option takes: its choices, or a word for its type; nothing for a switch."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return name_type(next(one for one in typing.get_args(hint) if one is not type(None)))
    if typing.get_origin(hint) is list:
        return f"{name_type(typing.get_args(hint)[0])} …"
    if typing.get_origin(hint) is typing.Literal:
        return "|".join(str(one) for one in typing.get_args(hint))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "|".join(str(one.value) for one in hint)
    names = {bool: "", str: "TEXT", int: "NUMBER", float: "NUMBER", Path: "PATH"}
    return names[hint]


def explain(parameter: Any, hint: Any) -> str:
    """Return what a parameter means, with its limits, its default and its environment variable."""
    words = [clean(parameter.help)]
    least, most = getattr(parameter, "min", None), getattr(parameter, "max", None)
    if least is not None and most is not None:
        words.append(f"From {least:g} to {most:g}.")
    elif least is not None:
        words.append(f"At least {least:g}.")
    elif most is not None:
        words.append(f"At most {most:g}.")
    if parameter.param_type_name == "option" and parameter.required:
        words.append("Required.")
    default = parameter.default.value if isinstance(parameter.default, Enum) else parameter.default
    if default not in (None, "", (), []) and hint is not bool:
        words.append(f"Default: `{default:g}`." if isinstance(default, float) else f"Default: `{default}`.")
    if parameter.envvar:
        words.append(f"Environment: `{parameter.envvar}`.")
    return " ".join(word for word in words if word).replace("|", "\\|")


def clean(text: str | None) -> str:
    """Return a help text as one paragraph or several, its lines joined."""
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(re.sub(r"\s+", " ", one).strip() for one in paragraphs)


def first_paragraph(text: str | None) -> str:
    """Return the first paragraph of a help text, for the list of commands."""
    return clean(text).split("\n\n", maxsplit=1)[0].replace("|", "\\|")


def quote(text: str) -> str:
    """Return the text as code in a table, or nothing."""
    return f"`{text}`".replace("|", "\\|") if text else ""


if __name__ == "__main__":
    PAGE.write_text(make_page(), encoding="utf-8")

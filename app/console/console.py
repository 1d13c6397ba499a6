"""Output of the command line: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TextIO

import typer

from analytics.domain.errors import Phrase
from app.console.language import tr, translate
from app.error_reporting import PACKED_ERRORS, describe_error, pack_error
from resources.translations import name_command

EXIT_FAILED = 1

ProgressListener = Callable[[float, float], None]
"""Called with (done, total) in the same unit."""


def print_json(value: object) -> None:
    """Print a JSON document on standard output.

    Raises:
        TypeError: it holds anything but JSON values, phrases, paths and dates, such as bytes.
    """
    sys.stdout.write(_write_json(value, indent=2) + "\n")


def print_json_line(value: object) -> None:
    """Print one line of a stream of JSON documents and flush it.

    Raises:
        TypeError: see `print_json`.
    """
    sys.stdout.write(_write_json(value) + "\n")
    sys.stdout.flush()


def _write_json(value: object, *, indent: int | None = None) -> str:
    # escaped where not every letter can be written, as in a pipe on Windows
    is_ascii = not _takes_all(sys.stdout)
    return json.dumps(value, ensure_ascii=is_ascii, indent=indent, default=_convert)


def _takes_all(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").startswith("utf")


def set_encodings() -> None:
    """Write UTF-8 to a program of ours, else the system's encoding with ``?`` for letters that it lacks."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        # a window of Windows has no streams
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if PACKED_ERRORS in os.environ:
            stream.reconfigure(encoding="utf-8")
        elif stream is sys.stdout and not _takes_all(stream):
            stream.reconfigure(errors="replace")


def _convert(value: object) -> str:
    if isinstance(value, (Phrase, Path, date)):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is not printed as JSON")


def print_table(
    headings: Sequence[str], rows: Sequence[Sequence[object]], *, title: str | None = None
) -> None:
    """Print a table on standard output, its headings in the user's language.

    Words are broken only if they are very long or the terminal is too narrow for any arrangement.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table(title=title, title_justify="left")
    cells = [[translate(heading), *(str(row[at]) for row in rows)] for at, heading in enumerate(headings)]
    widths = _fit_columns(cells, console.width - _FRAME_CELLS * len(cells) - 1)
    if widths is None:
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
        table.padding = (0, 1, 0, 0)
        widths = _fit_columns(cells, console.width - _GAP_CELLS * len(cells))
    for at, column in enumerate(cells):
        table.add_column(column[0], overflow="fold", width=None if widths is None else widths[at])
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # a camera's name may look like markup
    console.print(table)


_FRAME_CELLS, _GAP_CELLS = 3, 2
"""Terminal cells beside each column, in a table with a frame and in one without."""
_WORD_CELLS, _WIDE_WORD_CELLS = 24, 6
"""Cells of a word from which on it may be broken; the second for Chinese, which has no spaces."""


def _fit_columns(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Return the width of each column so that no word is broken, in cells; None if that is impossible.

    Args:
        columns: the texts of each column.
    """
    from rich.cells import cell_len

    def measure_word(word: str) -> int:
        cells = cell_len(word)
        return min(cells, _WORD_CELLS if cells == len(word) else _WIDE_WORD_CELLS)

    widths = [max(map(measure_word, " ".join(texts).split()), default=1) for texts in columns]
    if sum(widths) > room:
        return None
    # room for the cells first, then for the headings, which may well take several lines
    for first in (1, 0):
        full = [
            max([width, *(cell_len(line) for text in texts[first:] for line in text.splitlines())])
            for width, texts in zip(widths, columns, strict=True)
        ]
        for _ in range(min(room, sum(full)) - sum(widths)):
            neediest = max(range(len(full)), key=lambda at: full[at] / widths[at])
            widths[neediest] += 1
    return widths


def print_message(text: str) -> None:
    """Print a message on standard error."""
    from rich.console import Console

    Console(stderr=True, highlight=False).print(name_command(text), markup=False)


@contextmanager
def show_progress(what: str, *, is_hidden: bool = False) -> Iterator[ProgressListener]:
    """Show a progress bar with the time left on standard error; a child process tells its parent."""
    if os.environ.get(PACKED_ERRORS):
        yield lambda done, total: print_json_line({"done": done, "total": total})
        return
    if is_hidden:
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn(translate("left")),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = progress.add_task(what, total=None)
    with progress:
        yield lambda done, total: progress.update(task, completed=done, total=total or None)


def exit_with_error(error: BaseException) -> int:
    """Print an error and its remedy, log the details, and return the exit status."""
    report = describe_error(error, translate=translate)
    logging.getLogger(__name__).info("%s", report.detail)
    if os.environ.get(PACKED_ERRORS):
        sys.stderr.write(json.dumps({"failed": pack_error(error)}) + "\n")
        return EXIT_FAILED
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    console.print(report.problem, markup=False, style="bold red")
    console.print(report.remedy, markup=False)
    return EXIT_FAILED


def parse_size(text: str) -> tuple[float, float]:
    """Parse a size such as ``40x25``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)", text.strip())
    if match is None:
        raise typer.BadParameter(tr("'{given}' is not a size such as 40x25", given=text))
    return float(match[1]), float(match[2])

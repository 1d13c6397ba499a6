"""The one place that turns any exception into words for a person."""

from __future__ import annotations

import errno
import logging
import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from analytics.domain.errors import ExpoFlowError, Phrase, fill_template
from vision.sources.redaction import redact_text, redact_url

PACKED_ERRORS = "EXPOFLOW_PACKED_ERRORS"
"""The environment variable by which a window that runs a command asks for its error as a line of JSON."""
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
ErrorKind = TypeVar("ErrorKind", bound=ExpoFlowError)


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """What to show of an exception; no part of it holds a password of an address.

    Attributes:
        problem: the sentence that says what went wrong.
        remedy: the sentence that says what to do.
        detail: the traceback, for the log and for a report to the developers.
        words: what both sentences were made of; None where they are all that is known.
    """

    problem: str
    remedy: str
    detail: str
    words: ErrorWords | None = field(default=None, compare=False, repr=False)

    def say(self, translate: Callable[[str], str]) -> str:
        """Return both sentences in one line, in another language."""
        told = self.render(translate)
        return f"{told.problem} {told.remedy}".strip()

    def render(self, translate: Callable[[str], str]) -> ErrorReport:
        """The same in another language, ``translate`` as for `describe_error`."""
        return self if self.words is None else _tell(self.words, self.detail, translate)


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """Both sentences of an exception as templates, and what fills their fields."""

    problem_template: str
    remedy_template: str
    details: Mapping[str, object] = field(default_factory=dict)


def describe_error(
    error: BaseException, *, translate: Callable[[str], str] = lambda text: text
) -> ErrorReport:
    """Words for an exception, foreseen or not.

    Args:
        translate: gives the template of a sentence in another language, its fields kept.
    """
    detail = redact_text("".join(traceback.format_exception(error)))
    return _tell(find_words(error), detail, translate)


def _tell(words: ErrorWords, detail: str, translate: Callable[[str], str]) -> ErrorReport:
    problem = fill_template(words.problem_template, words.details, translate)
    remedy = fill_template(words.remedy_template, words.details, translate)
    return ErrorReport(redact_url(problem), redact_url(remedy), detail, words)


def explain_error(kind: type[ErrorKind], error: BaseException, *, file: Path | None = None) -> ErrorKind:
    """An error of ours that says what another one says, its sentences still to be translated.

    Args:
        file: named instead of the file that the system named, which may be a temporary one.
    """
    if isinstance(error, OSError) and file is not None:
        error = OSError(error.errno, os.strerror(error.errno or 0), str(file))
    words = find_words(error)
    details = {
        name: redact_url(value) if isinstance(value, str) else value for name, value in words.details.items()
    }
    return kind(words.problem_template, words.remedy_template, **details)


def pack_words(error: BaseException) -> dict[str, object]:
    """The sentences for an exception as a JSON object that `unpack_words` reads in another process."""
    words = find_words(error)
    return {
        "problem": words.problem_template,
        "remedy": words.remedy_template,
        "details": _pack_fields(words.details),
    }


def unpack_words(kind: type[ErrorKind], packed: Mapping[str, Any]) -> ErrorKind:
    """The error that another process packed.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return kind(str(packed["problem"]), str(packed["remedy"]), **_unpack_fields(packed["details"]))


def pack_phrase(phrase: Phrase) -> dict[str, object]:
    """A phrase as a JSON object that `unpack_phrase` reads in another process, without passwords."""
    return {"template": phrase.template, "fields": _pack_fields(phrase.fields)}


def unpack_phrase(packed: Mapping[str, Any]) -> Phrase:
    """The phrase that another process packed.

    Raises:
        KeyError, TypeError: it is none.
    """
    return Phrase(str(packed["template"]), _unpack_fields(packed["fields"]))


def _pack_fields(fields: Mapping[str, object]) -> dict[str, object]:
    packed: dict[str, object] = {}
    for name, value in fields.items():
        if isinstance(value, Phrase):
            packed[name] = pack_phrase(value)
        else:
            packed[name] = value if isinstance(value, int | float) else redact_url(str(value))
    return packed


def _unpack_fields(packed: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: unpack_phrase(value) if isinstance(value, dict) else value for name, value in packed.items()
    }


def find_words(error: BaseException) -> ErrorWords:
    """The sentences for an exception, foreseen or not, as templates."""
    match error:
        case ExpoFlowError():
            return ErrorWords(error.problem_template, error.remedy_template, error.details)
        case KeyboardInterrupt():
            return ErrorWords("Stopped at your request.", "Start it again whenever you like.")
        case MemoryError():
            return ErrorWords(
                "There is not enough memory.",
                "Close other programs, or analyse fewer cameras or a shorter period at a time.",
            )
        case OSError():
            return _find_os_words(error)
        case _:
            return _find_unexpected_words(error)


def _find_os_words(error: OSError) -> ErrorWords:
    for matches, problem, remedy in (
        (
            error.errno in _DISK_FULL,
            "The disk is full; {file} was not written.",
            "Make room, then try again.",
        ),
        (
            error.errno == errno.EROFS,
            "{file} lies on a disk that cannot be written to.",
            "Choose another disk.",
        ),
        (
            isinstance(error, PermissionError),
            "There is no permission to use {file}.",
            "Choose another place, close the program that has it open, or ask for the right to use it.",
        ),
        (isinstance(error, FileNotFoundError), "There is no {file}.", "Check the name and the folder."),
        (
            error.errno == errno.EFBIG,
            "{file} is larger than such a file can be.",
            "Check that it is the right one, and not damaged.",
        ),
        (
            isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError),
            "{file} is in the way: {cause}.",
            "Choose another name.",
        ),
        (
            error.filename is not None,
            "The system refused to use {file}: {cause}.",
            "Check the disk or network drive, then try again.",
        ),
    ):
        if matches:
            return ErrorWords(problem, remedy, {"file": _name_file(error), "cause": error.strerror})
    return _find_unexpected_words(error)


def _name_file(error: OSError) -> str | Phrase:
    if error.filename is None:
        return Phrase("a file")
    name = error.filename
    return Phrase("'{name}'", {"name": name.decode(errors="replace") if isinstance(name, bytes) else name})


def _find_unexpected_words(error: BaseException) -> ErrorWords:
    said = str(error).strip().splitlines()
    log = _find_log_file()
    return ErrorWords(
        "Something unexpected happened: {kind}: {said}" if said else "Something unexpected happened: {kind}",
        "This is a defect in ExpoFlow. Please report it with the log {log}."
        if log
        else "This is a defect in ExpoFlow. Please report it with what a run with logging to a file writes.",
        {"kind": type(error).__name__, "said": redact_text(said[0]) if said else "", "log": log},
    )


def _find_log_file() -> str | None:
    for sink in logging.getLogger().handlers:
        if isinstance(sink, logging.FileHandler) and sink.baseFilename != os.devnull:
            return sink.baseFilename
    return None

"""Conversion of any exception into a problem and a remedy."""

from __future__ import annotations

import errno
import logging
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from analytics.domain.errors import ExpoFlowError, Phrase, fill_template
from vision.sources.redaction import redact_text, redact_url

PACKED_ERRORS = "EXPOFLOW_PACKED_ERRORS"
"""Environment variable by which the window requests a command's error as a line of JSON."""
_PATH_TOO_LONG = 206
"""Windows: ERROR_FILENAME_EXCED_RANGE."""
_LONGEST_FOLDER = 248
"""Windows, unless long paths are permitted, in characters."""
_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
ErrorKind = TypeVar("ErrorKind", bound=ExpoFlowError)


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """The texts to show for an exception, without passwords from addresses.

    Attributes:
        problem: the sentence that says what went wrong.
        remedy: the sentence that says what to do.
        detail: the traceback, for the log and for a report to the developers.
        words: templates of both sentences; None if there are none.
    """

    problem: str
    remedy: str
    detail: str
    words: ErrorTemplates | None = field(default=None, compare=False, repr=False)

    def to_text(self, translate: Callable[[str], str]) -> str:
        """Return problem and remedy in one line, translated."""
        rendered = self.render(translate)
        return f"{rendered.problem} {rendered.remedy}".strip()

    def render(self, translate: Callable[[str], str]) -> ErrorReport:
        """Return the report in another language, ``translate`` as for `describe_error`."""
        return self if self.words is None else _render_report(self.words, self.detail, translate)


@dataclass(frozen=True, slots=True)
class ErrorTemplates:
    """Problem and remedy of an exception as templates, and the values of their fields."""

    problem_template: str
    remedy_template: str
    details: Mapping[str, object] = field(default_factory=dict)


def describe_error(
    error: BaseException, *, translate: Callable[[str], str] = lambda text: text
) -> ErrorReport:
    """Describe an exception, expected or not.

    Args:
        translate: translates a template, keeping its fields.
    """
    detail = redact_text("".join(traceback.format_exception(error)))
    return _render_report(find_error_templates(error), detail, translate)


def _render_report(words: ErrorTemplates, detail: str, translate: Callable[[str], str]) -> ErrorReport:
    problem = fill_template(words.problem_template, words.details, translate)
    remedy = fill_template(words.remedy_template, words.details, translate)
    return ErrorReport(redact_url(problem), redact_url(remedy), detail, words)


def convert_error(kind: type[ErrorKind], error: BaseException, *, file: Path | None = None) -> ErrorKind:
    """Return one of our errors with the sentences of another exception, untranslated.

    Args:
        file: named instead of the system's file, which may be a temporary one.
    """
    if isinstance(error, OSError) and file is not None:
        error = OSError(error.errno, os.strerror(error.errno or 0), str(file))
    words = find_error_templates(error)
    details = {
        name: redact_url(value) if isinstance(value, str) else value for name, value in words.details.items()
    }
    return kind(words.problem_template, words.remedy_template, **details)


def pack_error(error: BaseException) -> dict[str, object]:
    """Serialise the sentences of an exception as JSON for `unpack_words` in another process."""
    words = find_error_templates(error)
    return {
        "problem": words.problem_template,
        "remedy": words.remedy_template,
        "details": _pack_fields(words.details),
    }


def unpack_error(kind: type[ErrorKind], packed: Mapping[str, Any]) -> ErrorKind:
    """Return the error serialised by another process.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return kind(str(packed["problem"]), str(packed["remedy"]), **_unpack_fields(packed["details"]))


def pack_phrase(phrase: Phrase) -> dict[str, object]:
    """Serialise a phrase as JSON for `unpack_phrase` in another process, without passwords."""
    return {"template": phrase.template, "fields": _pack_fields(phrase.fields)}


def unpack_phrase(packed: Mapping[str, Any]) -> Phrase:
    """Return the phrase serialised by another process.

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


def find_error_templates(error: BaseException) -> ErrorTemplates:
    """Return the sentences of an exception, expected or not, as templates."""
    match error:
        case ExpoFlowError():
            return ErrorTemplates(error.problem_template, error.remedy_template, error.details)
        case KeyboardInterrupt():
            return ErrorTemplates("Stopped at your request.", "You can start it again at any time.")
        case MemoryError():
            return ErrorTemplates(
                "There is not enough memory.",
                "Close other programs, or analyse fewer cameras or a shorter period at a time.",
            )
        case OSError():
            return _find_os_templates(error)
        case _:
            return _make_unexpected_templates(error)


def _find_os_templates(error: OSError) -> ErrorTemplates:
    for matches, problem, remedy in (
        (
            error.errno in _DISK_FULL,
            "The disk is full; {file} was not written.",
            "Free some space, then try again.",
        ),
        (
            error.errno == errno.EROFS,
            "{file} is on a read-only disk.",
            "Choose another disk.",
        ),
        (
            error.errno == errno.ENAMETOOLONG or getattr(error, "winerror", None) == _PATH_TOO_LONG,
            "The name of {file} is too long.",
            "Choose a shorter name, or a folder nearer to the top of the drive.",
        ),
        (
            sys.platform == "win32"
            and isinstance(error, FileNotFoundError)
            and len(str(error.filename)) >= _LONGEST_FOLDER,
            "There is no {file}, or its name is too long for Windows.",
            "Choose a folder nearer to the top of the drive, or permit long paths in Windows' settings.",
        ),
        (
            isinstance(error, PermissionError),
            "There is no permission to use {file}.",
            "Choose another location, close the program that has it open, or get permission to use it.",
        ),
        (
            isinstance(error, FileNotFoundError) and _lacks_folder(error),
            "The folder of {file} does not exist.",
            "Check its name, or create the folder.",
        ),
        (isinstance(error, FileNotFoundError), "There is no {file}.", "Check the name and the folder."),
        (
            error.errno == errno.EFBIG,
            "{file} is too large for a file of its kind.",
            "Check that it is the right one, and not damaged.",
        ),
        (isinstance(error, IsADirectoryError), "{file} is a folder, not a file.", "Choose another name."),
        (
            isinstance(error, NotADirectoryError | FileExistsError),
            "{file} prevents writing: {cause}.",
            "Choose another name.",
        ),
        (
            error.filename is not None,
            "The system refused to use {file}: {cause}.",
            "Check the disk or network drive, then try again.",
        ),
    ):
        if matches:
            return ErrorTemplates(problem, remedy, {"file": _name_file(error), "cause": error.strerror})
    return _make_unexpected_templates(error)


def _lacks_folder(error: OSError) -> bool:
    return isinstance(error.filename, str) and not Path(error.filename).parent.is_dir()


def _name_file(error: OSError) -> str | Phrase:
    if error.filename is None:
        return Phrase("a file")
    name = error.filename
    return Phrase("'{name}'", {"name": name.decode(errors="replace") if isinstance(name, bytes) else name})


def _make_unexpected_templates(error: BaseException) -> ErrorTemplates:
    message_lines = str(error).strip().splitlines()
    log = _find_log_file()
    return ErrorTemplates(
        "Unexpected error: {kind}: {said}" if message_lines else "Unexpected error: {kind}",
        "This is a defect in ExpoFlow. Please report it with the log {log}."
        if log
        else "This is a defect in ExpoFlow. Please report it with the log file of another run.",
        {
            "kind": type(error).__name__,
            "said": redact_text(message_lines[0]) if message_lines else "",
            "log": log,
        },
    )


def _find_log_file() -> str | None:
    for sink in logging.getLogger().handlers:
        if isinstance(sink, logging.FileHandler) and sink.baseFilename != os.path.abspath(os.devnull):
            return sink.baseFilename
    return None

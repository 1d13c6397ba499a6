"""The one place that turns any exception into words for a person."""

from __future__ import annotations

import errno
import logging
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from analytics.domain.errors import ExpoFlowError
from vision.sources.redaction import redact_url

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class ErrorReport:
    """What to show of an exception; no part of it holds a password of an address.

    Attributes:
        problem: the sentence that says what went wrong.
        remedy: the sentence that says what to do.
        detail: the traceback, for the log and for a report to the developers.
    """

    problem: str
    remedy: str
    detail: str


def describe_error(
    error: BaseException, *, translate: Callable[[str], str] = lambda text: text
) -> ErrorReport:
    """Words for an exception, foreseen or not.

    Args:
        translate: gives the template of a sentence in another language, its fields kept.
    """
    problem, remedy = _find_words(error, translate)
    detail = "".join(traceback.format_exception(error))
    return ErrorReport(redact_url(problem), redact_url(remedy), redact_url(detail))


def _find_words(error: BaseException, translate: Callable[[str], str]) -> tuple[str, str]:
    match error:
        case ExpoFlowError():
            problem = translate(error.problem_template).format(**error.details)
            return problem, translate(error.remedy_template).format(**error.details)
        case KeyboardInterrupt():
            return translate("Stopped at your request."), translate("Start it again whenever you like.")
        case MemoryError():
            return (
                translate("There is not enough memory."),
                translate("Close other programs, or analyse fewer cameras or a shorter period at a time."),
            )
        case OSError():
            return _describe_os_error(error, translate)
        case _:
            return _describe_unexpected(error)


def _describe_os_error(error: OSError, translate: Callable[[str], str]) -> tuple[str, str]:
    file = _name_file(error)
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
            return translate(problem).format(file=file, cause=error.strerror), translate(remedy)
    return _describe_unexpected(error)


def _name_file(error: OSError) -> str:
    if error.filename is None:
        return "a file"
    name = error.filename
    return f"'{name.decode(errors='replace') if isinstance(name, bytes) else name}'"


def _describe_unexpected(error: BaseException) -> tuple[str, str]:
    said = str(error).strip().splitlines()
    problem = f"Something unexpected happened: {type(error).__name__}{f': {said[0]}' if said else ''}"
    log = _find_log_file()
    where = f"the log {log}" if log else "the output of a run with logging to a file"
    return problem, f"This is a defect in ExpoFlow. Please report it with {where}."


def _find_log_file() -> str | None:
    for sink in logging.getLogger().handlers:
        if isinstance(sink, logging.FileHandler) and sink.baseFilename != os.devnull:
            return sink.baseFilename
    return None

from __future__ import annotations

import errno
import json
import logging
import pickle
import sys
from pathlib import Path

import pytest

from analytics.domain.errors import OutputError, Phrase, SourceError, VenueError
from app.error_reporting import convert_error, describe_error, pack_error, unpack_error


def catch(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def test_a_foreseen_error_keeps_its_own_words() -> None:
    report = describe_error(
        catch(SourceError("Camera '{name}' is silent.", "Check its cable.", name="north {1}"))
    )
    assert report.problem == "Camera 'north {1}' is silent."
    assert report.remedy == "Check its cable."
    assert "test_error_reporting.py" in report.detail


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/t.parquet"),
            "disk is full; '/data/t.parquet'",
        ),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "disk is full; a file"),
        (OSError(errno.ENAMETOOLONG, "File name too long", "/data/z"), "The name of '/data/z' is too long"),
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "no permission to use '/data/x'"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", b"/data/y"), "There is no '/data/y'"),
        (
            FileNotFoundError(errno.ENOENT, "No such file", "/none/y"),
            "The folder of '/none/y' does not",
        ),
        (
            OSError(errno.EROFS, "Read-only file system", "/cd/x"),
            "'/cd/x' is on a read-only disk",
        ),
        (OSError(errno.EFBIG, "File too large", "/data/z"), "'/data/z' is too large for a file of its kind"),
        (FileExistsError(errno.EEXIST, "File exists", "/data"), "'/data' prevents writing: File exists"),
        (IsADirectoryError(errno.EISDIR, "Is a directory", "/data"), "'/data' is a folder, not a file"),
        (OSError(errno.EIO, "Input/output error", "/nfs/x"), "refused to use '/nfs/x': Input/output error"),
        (KeyboardInterrupt(), "Stopped at your request"),
        (MemoryError(), "not enough memory"),
        (OSError("nothing known"), "Unexpected error: OSError: nothing known"),
        (RuntimeError(), "Unexpected error: RuntimeError"),
    ],
)
def test_every_kind_of_error_has_a_problem_and_a_remedy(error: BaseException, words: str) -> None:
    report = describe_error(catch(error))
    assert words in report.problem
    assert report.remedy.endswith(".")
    assert "\n" not in report.problem + report.remedy


def test_an_unexpected_error_says_where_the_log_lies(tmp_path: Path) -> None:
    sink = logging.FileHandler(tmp_path / "expoflow.log")
    logging.getLogger().addHandler(sink)
    try:
        report = describe_error(catch(ZeroDivisionError("division by zero")))
    finally:
        logging.getLogger().removeHandler(sink)
        sink.close()
    assert str(tmp_path / "expoflow.log") in report.remedy


def test_no_part_shows_a_password() -> None:
    cause = OSError(errno.ECONNREFUSED, "Connection refused", "rtsp://guard:p%40ss-wort@10.0.0.7/s1")
    error = RuntimeError("opening rtsp://guard:p%40ss-wort@10.0.0.7/s1 failed")
    error.__cause__ = cause
    for report in (describe_error(catch(error)), describe_error(catch(cause))):
        assert "ss-wort" not in f"{report}"
        assert "10.0.0.7" in report.problem


GERMAN = {
    "There is no permission to use {file}.": "{file} darf nicht benutzt werden.",
    "a file": "eine Datei",
    "The outline of {what} crosses itself.": "Der Umriss von {what} schneidet sich.",
    "zone '{name}'": "Zone \u201e{name}\u201c",
}


def translate(text: str) -> str:
    return GERMAN.get(text, text)


def test_an_error_of_another_kind_says_the_same_in_every_language(tmp_path: Path) -> None:
    cause = PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".x.tmp"))
    error = convert_error(VenueError, cause, file=tmp_path / "x")
    assert isinstance(error, VenueError)
    assert error.problem == f"There is no permission to use '{tmp_path / 'x'}'."
    assert (
        describe_error(error, translate=translate).problem == f"'{tmp_path / 'x'}' darf nicht benutzt werden."
    )
    nameless = convert_error(OutputError, PermissionError(errno.EACCES, "Permission denied"))
    assert describe_error(nameless, translate=translate).problem == "eine Datei darf nicht benutzt werden."


def test_a_phrase_in_a_sentence_is_translated_too() -> None:
    error = VenueError(
        "The outline of {what} crosses itself.",
        "Draw it again.",
        what=Phrase("zone '{name}'", {"name": "A{1}"}),
    )
    assert error.problem == "The outline of zone 'A{1}' crosses itself."
    for same in (error, pickle.loads(pickle.dumps(error))):
        assert (
            describe_error(same, translate=translate).problem == "Der Umriss von Zone „A{1}“ schneidet sich."
        )


def test_an_error_comes_back_from_json_in_any_language() -> None:
    address = "rtsp://guard:p%40ss-wort@10.0.0.7/s1"
    error = SourceError(
        "{what} at {place} is silent for {age_s:.0f} s.",
        "Wait.",
        what=Phrase("zone '{name}'", {"name": address}),
        place=address,
        age_s=3.2,
    )
    text = json.dumps(pack_error(error))
    assert "ss-wort" not in text
    back = unpack_error(OutputError, json.loads(text))
    assert back.problem.endswith("is silent for 3 s.")
    assert "Zone „rtsp" in describe_error(back, translate=translate).problem


def test_a_path_that_windows_may_not_take_is_said_to_be_long(monkeypatch: pytest.MonkeyPatch) -> None:
    long, short = "C:\\venues\\" + "a" * 250, "C:\\venues\\a"
    monkeypatch.setattr(sys, "platform", "win32")

    reports = [describe_error(catch(FileNotFoundError(errno.ENOENT, "", name))) for name in (long, short)]

    assert ["too long for Windows" in report.problem for report in reports] == [True, False]

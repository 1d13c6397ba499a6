from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.credentials import Credential
from app.logging_setup import OUR_PACKAGES, RedactionFilter, configure_logging, locate_log, redact

PASSWORDS = ["plain", "p%40ss%2Fword%3A1", "p@ss", "sl/ash", "que?ry", "quo'te", "a:b:c"]


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    root = logging.getLogger()
    sinks, level = list(root.handlers), root.level
    yield
    for sink in [s for s in root.handlers if s not in sinks]:
        root.removeHandler(sink)
        sink.close()
    root.setLevel(level)
    logging.captureWarnings(False)
    for package in OUR_PACKAGES:
        logging.getLogger(package).setLevel(logging.NOTSET)


def record_of(message: str, *args: object, with_exception: bool = False) -> logging.LogRecord:
    exc_info = sys.exc_info() if with_exception else None
    return logging.LogRecord("vision.sources", logging.ERROR, __file__, 1, message, args, exc_info)


@pytest.mark.parametrize("password", PASSWORDS)
def test_masks_a_password_in_the_arguments_of_a_message(password: str) -> None:
    record = record_of("cannot open %s: %s", f"rtsp://admin:{password}@10.0.0.9:554/live", "timed out")
    assert RedactionFilter().filter(record)
    assert record.getMessage() == "cannot open rtsp://***@10.0.0.9:554/live: timed out"


@pytest.mark.parametrize("password", PASSWORDS)
def test_masks_a_password_in_the_text_of_a_decoder_error(password: str) -> None:
    try:
        raise ConnectionRefusedError(111, "Connection refused", f"rtsp://admin:{password}@10.0.0.9/live")
    except ConnectionRefusedError:
        record = record_of("lost the camera", with_exception=True)
    RedactionFilter().filter(record)
    text = logging.Formatter().format(record)
    assert password not in text.replace("test_logging_setup.py", "")
    assert "Connection refused" in text
    assert "10.0.0.9" in text


def test_masks_the_fields_of_a_query() -> None:
    assert "geheim" not in redact("GET http://10.0.0.9/snap?user=admin&pwd=geheim&channel=1")


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer geheim",
        "headers={'Authorization': 'Basic geheim'}",
        '{"password": "geheim", "user": "anna"}',
        "smtp_password=geheim;",
        "webhook secret: geheim",
        "retry with Bearer geheim",
    ],
)
def test_masks_the_values_of_named_secrets(text: str) -> None:
    assert "geheim" not in redact(text)
    assert "***" in redact(text)


def test_masks_a_secret_that_the_process_knows_wherever_it_stands() -> None:
    assert "f4ir-Tr4de?" in redact("f4ir-Tr4de?")
    Credential("anna", "f4ir-Tr4de?")
    assert redact("it said f4ir-Tr4de? and f4ir-Tr4de%3F, no more") == "it said *** and ***, no more"


def test_what_runs_for_days_has_a_log_of_its_own(tmp_path: Path) -> None:
    names = [["record", "--venue", "x"], ["--user", "anna", "serve"], ["gui"], []]
    assert [locate_log(tmp_path, arguments).name for arguments in names] == [
        "expoflow-record.log",
        "expoflow-serve.log",
        "expoflow.log",
        "expoflow.log",
    ]


def test_leaves_text_without_an_address_alone() -> None:
    text = "camera 'north' at http://10.0.0.9/a sent 5 frames; write to a@b.example // or not"
    assert redact(text) == text


def test_a_message_whose_arguments_do_not_fit_does_not_stop_the_program() -> None:
    record = record_of("%d frames", "many")
    assert RedactionFilter().filter(record)
    assert "%d frames" in record.getMessage()


def test_writes_one_json_object_a_line_with_the_exception(tmp_path: Path) -> None:
    file = tmp_path / "logs" / "expoflow.log"
    configure_logging("info", True, file)
    log = logging.getLogger("app.cli.test")
    log.debug("not shown")
    try:
        raise ValueError("rtsp://u:secret@h/1 is not\nuseful")
    except ValueError:
        log.info("名称 %s", "x", exc_info=True)

    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    entry = json.loads(lines[0])
    assert (entry["level"], entry["logger"], entry["message"]) == ("INFO", "app.cli.test", "名称 x")
    assert entry["time_utc"].endswith("Z")
    assert "ValueError: rtsp://***@h/1 is not\nuseful" in entry["exception"]


def test_a_second_call_replaces_the_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", False, tmp_path / "first.log")
    configure_logging("INFO", False, tmp_path / "second.log")
    logging.getLogger("vision.x").info("hello")

    assert (tmp_path / "first.log").read_text() == ""
    assert (tmp_path / "second.log").read_text().count("hello") == 1
    assert capsys.readouterr().err.count("hello") == 1


def test_standard_error_may_say_less_than_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_guard: object
) -> None:
    log_guard.expect("trouble")  # type: ignore[attr-defined]
    configure_logging("info", False, tmp_path / "x.log", console_level="warning")
    logging.getLogger("app.x").info("detail")
    logging.getLogger("app.x").warning("trouble")
    assert "detail" in (tmp_path / "x.log").read_text()
    said = capsys.readouterr().err
    assert "trouble" in said
    assert "detail" not in said


def test_other_packages_speak_from_warning_on(tmp_path: Path) -> None:
    configure_logging("DEBUG", False, tmp_path / "x.log")
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("important")
    assert [line.split(": ")[-1] for line in (tmp_path / "x.log").read_text().splitlines()] == ["important"]


def test_a_log_file_that_cannot_be_opened_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], log_guard: object
) -> None:
    log_guard.expect("cannot be written")  # type: ignore[attr-defined]
    (tmp_path / "taken").write_text("")
    configure_logging("INFO", False, tmp_path / "taken" / "x.log")
    assert "cannot be written" in capsys.readouterr().err

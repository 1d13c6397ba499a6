from __future__ import annotations

import pickle

import av.error
import pytest

from analytics.domain.errors import SourceError
from vision.sources.live_source import classify_opening, classify_reading, describe_safely
from vision.sources.redaction import redact_url
from vision.sources.source_faults import SourceFault, fault_of, make_source_error

URL = "rtsp://admin:s3cret@10.0.0.5/Streaming"


@pytest.mark.parametrize("fault", list(SourceFault))
def test_every_cause_has_a_sentence_and_a_remedy_without_the_password(fault: SourceFault) -> None:
    error = make_source_error(
        fault, camera="hall", location=URL, limit_s=5.0, transport="TCP", reason=f"cannot open {URL}"
    )
    assert error.problem.endswith(".")
    assert error.remedy.endswith(".")
    assert "hall" in error.problem
    assert "s3cret" not in f"{error} {error!r} {error.details}"
    again = pickle.loads(pickle.dumps(error))
    assert fault_of(again) is fault
    assert str(again) == str(error)


def test_an_error_of_another_origin_has_no_known_cause() -> None:
    assert fault_of(SourceError("A.", "B.")) is SourceFault.UNKNOWN


def error_of(kind: str, errno: int = 1) -> av.error.FFmpegError:
    made = getattr(av.error, kind)(errno, "text", URL)
    assert isinstance(made, av.error.FFmpegError)
    return made


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (error_of("HTTPUnauthorizedError"), SourceFault.WRONG_PASSWORD),
        (error_of("HTTPForbiddenError"), SourceFault.WRONG_PASSWORD),
        (error_of("HTTPNotFoundError"), SourceFault.NOT_FOUND),
        (error_of("HTTPOtherClientError"), SourceFault.TOO_MANY_VIEWERS),
        (error_of("HTTPServerError"), SourceFault.TOO_MANY_VIEWERS),
        (error_of("ConnectionRefusedError"), SourceFault.REFUSED),
        (error_of("TimeoutError"), SourceFault.NO_ANSWER),
        (error_of("ExitError"), SourceFault.NO_ANSWER),
        (error_of("InvalidDataError"), SourceFault.UNDECODABLE),
        (error_of("ProtocolNotFoundError"), SourceFault.BAD_ADDRESS),
        (error_of("OSError", 5), SourceFault.UNREACHABLE),
        (error_of("OSError", 113), SourceFault.UNREACHABLE),
        (error_of("OSError", 93), SourceFault.TRANSPORT_REFUSED),
        (ValueError("anything"), SourceFault.UNKNOWN),
    ],
)
def test_an_opening_that_fails_has_a_cause(error: Exception, fault: SourceFault) -> None:
    assert classify_opening(error, elapsed_s=0.1, limit_s=5.0) is fault


def test_an_opening_that_uses_up_its_time_got_no_answer_whatever_the_error_says() -> None:
    error = error_of("InvalidDataError")
    assert classify_opening(error, elapsed_s=5.0, limit_s=5.0) is SourceFault.NO_ANSWER


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (error_of("ExitError"), SourceFault.SILENT),
        (error_of("TimeoutError"), SourceFault.SILENT),
        (error_of("OSError", 5), SourceFault.LOST),
        (error_of("ConnectionResetError"), SourceFault.LOST),
        (error_of("EOFError"), SourceFault.LOST),
    ],
)
def test_a_reading_that_fails_has_a_cause(error: Exception, fault: SourceFault) -> None:
    assert classify_reading(error) is fault


def test_the_library_names_the_password_and_we_do_not() -> None:
    error = error_of("InvalidDataError")
    assert "s3cret" in str(error), "if this no longer holds, the caution may be relaxed"
    assert describe_safely(error) == "text"
    assert describe_safely(ValueError(URL)) == "ValueError"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no address here", "no address here"),
        ("open rtsp://u:p@h/x failed", "open rtsp://***@h/x failed"),
        ("rtsp://u:p/w@d@h/x", "rtsp://***@h/x"),
        ("'http://u:p@h/a' and 'http://h/b'", "'http://***@h/a' and 'http://h/b'"),
        ("http://h/v.cgi?user=a&pwd=b&size=1", "http://h/v.cgi?user=a&pwd=***&size=1"),
        ("rtsp://h/?PASSWORD=x;token=y", "rtsp://h/?PASSWORD=***;token=***"),
    ],
)
def test_credentials_are_masked_wherever_they_stand(text: str, expected: str) -> None:
    assert redact_url(text) == expected

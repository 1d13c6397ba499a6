"""Why a camera's ONVIF service gave no answer that can be used, in sentences for people."""

from __future__ import annotations

from analytics.domain.errors import SourceError
from vision.sources.redaction import redact_url
from vision.sources.source_faults import SourceFault

_SENTENCES: dict[SourceFault, tuple[str, str]] = {
    SourceFault.WRONG_PASSWORD: (
        "{host} refuses the user name or password for ONVIF.",
        "Enter a user who may use ONVIF: many cameras keep such users apart from those of their web page. "
        "If the password is right, check the camera's clock too.",
    ),
    SourceFault.NOT_FOUND: (
        "{host} answers, but not as an ONVIF camera (HTTP status {status}).",
        "Check the port and that ONVIF is switched on in the camera; or enter the stream's rtsp:// address.",
    ),
    SourceFault.REFUSED: (
        "{host} is reached, but nothing there accepts a connection for ONVIF.",
        "Check the port (80, 8000, 8080, 8899 and 2020 are usual), and that ONVIF is switched on there.",
    ),
    SourceFault.UNREACHABLE: (
        "{host} cannot be reached.",
        "Check the host name or address, the network cable and the camera's power.",
    ),
    SourceFault.NO_ANSWER: (
        "{host} did not answer a question by ONVIF within {limit_s:.0f} s.",
        "Check that the camera is switched on and the address is right, and that no firewall is in between.",
    ),
    SourceFault.LOST: (
        "{host} closed the connection instead of answering by ONVIF.",
        "Check the port, and whether the camera expects https://; try again if it is just restarting.",
    ),
    SourceFault.NO_VIDEO: (
        "{host} names no video stream by ONVIF.",
        "Set up a media profile in the camera, or enter the stream's rtsp:// address.",
    ),
    SourceFault.BAD_ADDRESS: (
        "'{host}' is not an address of an ONVIF camera.",
        "Write the camera's address, such as 192.0.2.10, 192.0.2.10:8080 or "
        "http://192.0.2.10/onvif/device_service.",
    ),
    SourceFault.UNKNOWN: (
        "{host} answers by ONVIF with something that cannot be used: {reason}.",
        "Update the camera's firmware, or enter the stream's rtsp:// address.",
    ),
}
_NO_CREDENTIAL = (
    "{host} wants a user name and a password before it names its streams by ONVIF.",
    "Enter a user who may use ONVIF: many cameras keep such users apart from those of their web page.",
)


def make_onvif_error(fault: SourceFault, *, host: str, **details: object) -> SourceError:
    """The error of one cause, which `source_faults.fault_of` tells again.

    Args:
        host: without any credentials.
        details: ``limit_s`` for NO_ANSWER, ``status`` for NOT_FOUND, ``reason`` for UNKNOWN.
    """
    problem, remedy = _SENTENCES[fault]
    return SourceError(problem, remedy, host=redact_url(host), fault=fault.value, **details)


def make_missing_credential_error(*, host: str) -> SourceError:
    """The error of a camera that wants a user where none was given."""
    problem, remedy = _NO_CREDENTIAL
    return SourceError(problem, remedy, host=redact_url(host), fault=SourceFault.WRONG_PASSWORD.value)

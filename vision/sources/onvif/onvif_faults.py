"""Causes of failed ONVIF requests, as sentences for users."""

from __future__ import annotations

from analytics.domain.errors import SourceError
from vision.sources.redaction import redact_url
from vision.sources.source_faults import SourceFault

_SENTENCES: dict[SourceFault, tuple[str, str]] = {
    SourceFault.WRONG_PASSWORD: (
        "{host} rejected the ONVIF user name or password.",
        (
            "Enter an ONVIF user: many cameras manage these separately from web page users. If the "
            "password is right, check the camera's clock too."
        ),
    ),
    SourceFault.NOT_FOUND: (
        "{host} answers, but not as an ONVIF camera (HTTP status {status}).",
        "Check the port and that ONVIF is enabled in the camera, or enter the stream's rtsp:// address.",
    ),
    SourceFault.REFUSED: (
        "{host} is reachable, but does not accept ONVIF connections.",
        "Check the port (usually 80, 8000, 8080, 8899 or 2020), and that ONVIF is enabled in the camera.",
    ),
    SourceFault.UNREACHABLE: (
        "{host} cannot be reached.",
        "Check the host name or address, the network cable and the camera's power.",
    ),
    SourceFault.NO_ANSWER: (
        "{host} did not answer an ONVIF request within {limit_s:.0f} s.",
        "Check that the camera is switched on, that the address is right, and that no firewall blocks it.",
    ),
    SourceFault.LOST: (
        "{host} closed the connection without answering the ONVIF request.",
        "Check the port, and whether the camera expects https://; try again if it is just restarting.",
    ),
    SourceFault.NO_VIDEO: (
        "{host} offers no video stream by ONVIF.",
        "Set up a media profile in the camera, or enter the stream's rtsp:// address.",
    ),
    SourceFault.BAD_ADDRESS: (
        "'{host}' is not an address of an ONVIF camera.",
        (
            "Enter the camera's address, such as 192.0.2.10, 192.0.2.10:8080 or "
            "http://192.0.2.10/onvif/device_service."
        ),
    ),
    SourceFault.UNKNOWN: (
        "The ONVIF response of {host} cannot be used: {reason}.",
        "Update the camera's firmware, or enter the stream's rtsp:// address.",
    ),
}
_NO_CREDENTIAL = (
    "{host} requires a user name and password to list its streams by ONVIF.",
    "Enter an ONVIF user: many cameras manage these separately from web page users.",
)


def make_onvif_error(fault: SourceFault, *, host: str, **details: object) -> SourceError:
    """Return the error of one cause, which `source_faults.fault_of` recognises.

    Args:
        host: without any credentials.
        details: ``limit_s`` for NO_ANSWER, ``status`` for NOT_FOUND, ``reason`` for UNKNOWN.
    """
    problem, remedy = _SENTENCES[fault]
    return SourceError(problem, remedy, host=redact_url(host), fault=fault.value, **details)


def make_missing_credential_error(*, host: str) -> SourceError:
    """Return the error for a camera that requires a user where none was given."""
    problem, remedy = _NO_CREDENTIAL
    return SourceError(problem, remedy, host=redact_url(host), fault=SourceFault.WRONG_PASSWORD.value)

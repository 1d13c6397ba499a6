"""Causes of a source's failure, each a code for programs and a sentence for users."""

from __future__ import annotations

from enum import StrEnum

from analytics.domain.errors import SourceError
from vision.sources.redaction import redact_url


class SourceFault(StrEnum):
    """The cause of a source's failure."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - the name of a cause
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    NO_ANSWER = "no_answer"
    SILENT = "silent"
    LOST = "lost"
    TOO_MANY_VIEWERS = "too_many_viewers"
    TRANSPORT_REFUSED = "transport_refused"
    NO_VIDEO = "no_video"
    UNDECODABLE = "undecodable"
    NO_DEVICE = "no_device"
    DEVICE_BUSY = "device_busy"
    NO_PERMISSION = "no_permission"
    UNREADABLE_FILE = "unreadable_file"
    BAD_ADDRESS = "bad_address"
    UNKNOWN = "unknown"


_SENTENCES: dict[SourceFault, tuple[str, str]] = {
    SourceFault.WRONG_PASSWORD: (
        "Camera '{camera}' rejected the user name or password.",
        (
            "Enter the user name and password set in the camera; retries are slow, because many "
            "cameras lock the account after failed logins."
        ),
    ),
    SourceFault.NOT_FOUND: (
        "Camera '{camera}' answers, but has no stream at {location}.",
        "Check the part of the address after the host; see the camera's manual or web page.",
    ),
    SourceFault.REFUSED: (
        "Camera '{camera}' is reachable, but does not accept connections ({location}).",
        "Check the port number, and that the stream is enabled in the camera.",
    ),
    SourceFault.UNREACHABLE: (
        "Camera '{camera}' cannot be reached at {location}.",
        "Check the host name or address, the network cable and the camera's power.",
    ),
    SourceFault.NO_ANSWER: (
        "Camera '{camera}' did not answer within {limit_s:.0f} s ({location}).",
        "Check that the camera is switched on, that the address is right, and that no firewall blocks it.",
    ),
    SourceFault.SILENT: (
        "Camera '{camera}' has sent no picture for {limit_s:.0f} s.",
        (
            "No action is needed if it recovers by itself; otherwise, check the network and restart "
            "the camera. A firewall may block pictures over UDP: try TCP."
        ),
    ),
    SourceFault.LOST: (
        "The connection to camera '{camera}' was closed by the remote end.",
        "No action is needed if it recovers by itself; otherwise, check whether the camera restarts.",
    ),
    SourceFault.TOO_MANY_VIEWERS: (
        "Camera '{camera}' accepts no more viewers at the moment.",
        "Close other programs that show this camera, use its second stream, or raise its client limit.",
    ),
    SourceFault.TRANSPORT_REFUSED: (
        "Camera '{camera}' does not offer RTSP over {transport}.",
        "Choose the other transport (tcp or udp) for this camera.",
    ),
    SourceFault.NO_VIDEO: (
        "{location} of camera '{camera}' contains no video.",
        "Check the address or the file; it may contain only sound.",
    ),
    SourceFault.UNDECODABLE: (
        "The data of camera '{camera}' from {location} cannot be decoded as video.",
        "Set the camera to H.264 or H.265, and check that the address is that of a video stream.",
    ),
    SourceFault.NO_DEVICE: (
        "There is no USB camera {location} for camera '{camera}'.",
        "Plug it in, or choose another number or name; the system's settings list the cameras.",
    ),
    SourceFault.DEVICE_BUSY: (
        (
            "The USB camera {location} of camera '{camera}' is in use, or this user has no "
            "permission to open it."
        ),
        "Close other programs that use it; on Linux, add the user to the group 'video'.",
    ),
    SourceFault.NO_PERMISSION: (
        "This user has no permission to read {location} of camera '{camera}'.",
        "Change the permissions of the file, or copy it to a folder of your own.",
    ),
    SourceFault.UNREADABLE_FILE: (
        "{location} for camera '{camera}' cannot be read as a video: it is damaged, empty or unfinished.",
        "Play it in a video player; if that fails too, copy or export the recording again.",
    ),
    SourceFault.BAD_ADDRESS: (
        (
            "The address {location} of camera '{camera}' cannot be opened: this kind of address is "
            "not supported."
        ),
        "Use an rtsp:// or http:// address, a USB camera, a video file or a folder of pictures.",
    ),
    SourceFault.UNKNOWN: (
        "Camera '{camera}' cannot be read ({location}): {reason}.",
        "Check the address and the camera; the connection is retried automatically.",
    ),
}


def make_source_error(fault: SourceFault, *, camera: str, location: str, **details: object) -> SourceError:
    """Return the error of a cause, with its sentence and remedy, and the cause itself in ``details``.

    Args:
        location: may hold credentials; they are masked here.
        details: ``limit_s`` for NO_ANSWER and SILENT, ``transport`` for TRANSPORT_REFUSED, ``reason`` for
            UNKNOWN, without any credentials.
    """
    problem, remedy = _SENTENCES[fault]
    safe = {name: redact_url(value) if isinstance(value, str) else value for name, value in details.items()}
    return SourceError(
        problem, remedy, camera=camera, location=redact_url(location), fault=fault.value, **safe
    )


def fault_of(error: SourceError) -> SourceFault:
    """Return the cause of a source's error; UNKNOWN if it has none."""
    try:
        return SourceFault(str(error.details.get("fault")))
    except ValueError:
        return SourceFault.UNKNOWN

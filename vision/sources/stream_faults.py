"""The cause behind an exception of FFmpeg. Its text holds the password, so only its type is used."""

from __future__ import annotations

import av
import av.error

from vision.sources.source_faults import SourceFault

_TOO_LATE_PART = 0.95
_FAULT_BY_TYPE: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], SourceFault], ...] = (
    ((av.error.HTTPUnauthorizedError, av.error.HTTPForbiddenError), SourceFault.WRONG_PASSWORD),
    (av.error.HTTPNotFoundError, SourceFault.NOT_FOUND),
    ((av.error.HTTPServerError, av.error.HTTPOtherClientError), SourceFault.TOO_MANY_VIEWERS),
    (ConnectionRefusedError, SourceFault.REFUSED),
    ((ConnectionResetError, ConnectionAbortedError, BrokenPipeError, EOFError), SourceFault.LOST),
    ((av.error.ExitError, TimeoutError), SourceFault.NO_ANSWER),
    (av.error.DecoderNotFoundError, SourceFault.UNDECODABLE),
    ((av.error.ProtocolNotFoundError, av.error.DemuxerNotFoundError), SourceFault.BAD_ADDRESS),
    (PermissionError, SourceFault.DEVICE_BUSY),
    (FileNotFoundError, SourceFault.NOT_FOUND),
)
_EPROTONOSUPPORT = (93, 135, 43)
"""On Linux, Windows and macOS."""
_EBUSY = 16


def classify_opening(error: BaseException, *, elapsed_s: float, limit_s: float) -> SourceFault:
    """Why a connection could not be made.

    Args:
        elapsed_s: how long the attempt took. A camera that accepts the connection and never answers ends in
            an error about its data, so the time tells the two apart.
        limit_s: how long it could have taken.
    """
    if elapsed_s >= _TOO_LATE_PART * limit_s:
        return SourceFault.NO_ANSWER
    if isinstance(error, av.error.FFmpegError) and error.errno in _EPROTONOSUPPORT:
        return SourceFault.TRANSPORT_REFUSED
    return _classify_by_type(error)


def classify_reading(error: BaseException) -> SourceFault:
    """Why a connection that stood was lost."""
    fault = _classify_by_type(error)
    if fault is SourceFault.NO_ANSWER:
        return SourceFault.SILENT
    return SourceFault.LOST if fault is SourceFault.UNREACHABLE else fault


def describe_safely(error: BaseException) -> str:
    """The error without its address: the system's words for its number, or its type."""
    if isinstance(error, av.error.FFmpegError) and error.strerror:
        return error.strerror
    return type(error).__name__


def _classify_by_type(error: BaseException) -> SourceFault:
    for kinds, fault in _FAULT_BY_TYPE:
        if isinstance(error, kinds):
            return fault
    if isinstance(error, av.error.InvalidDataError):
        return SourceFault.UNDECODABLE
    if isinstance(error, OSError):
        return SourceFault.DEVICE_BUSY if error.errno == _EBUSY else SourceFault.UNREACHABLE
    return SourceFault.UNKNOWN

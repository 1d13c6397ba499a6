"""Find the cameras of a network, and ask one of them which streams it has."""

from __future__ import annotations

from analytics.domain.clock import Clock, SystemClock
from app.core.job import JobContext
from vision.sources.onvif.device import OnvifReport, parse_device_address, read_device
from vision.sources.onvif.discovery import Discovery, find_devices
from vision.sources.onvif.session import OnvifLogin

USUAL_SEARCH_S = 4.0
SUB_STREAM_EXPLANATION = (
    "A camera sends the same picture several times over: the main stream with all its pixels, and a "
    "sub-stream with fewer. To find people, a width of 640 to 1280 pixels is enough. The sub-stream then "
    "takes several times less of the processor and of the network; whoever records the main stream goes on."
)


def find_cameras(
    *, context: JobContext, duration_s: float = USUAL_SEARCH_S, clock: Clock | None = None
) -> Discovery:
    """Ask every network of this machine for ONVIF cameras; the cameras that answer are asked nothing more.

    Progress is in seconds.

    Raises:
        JobCancelled: the context was cancelled.
    """
    return find_devices(duration_s=duration_s, clock=clock or SystemClock(), checkpoint=context.checkpoint)


def read_streams(
    address: str,
    *,
    context: JobContext,
    user: str | None = None,
    password: str | None = None,
    clock: Clock | None = None,
) -> OnvifReport:
    """Ask one camera by ONVIF for its clock, its make and its streams.

    Progress is in questions that were answered. Nothing is sent to any other host, whatever the camera says.

    Args:
        address: as a person types it, or the ``device_url`` of a camera that was found; a user and password
            in it are used where none are given.

    Raises:
        SourceError: with the cause (`vision.sources.source_faults.fault_of`) and a remedy.
        JobCancelled: the context was cancelled.
    """
    url, login = parse_device_address(address)
    if user:
        login = OnvifLogin(user, password or "")
    return read_device(url, login, clock=clock or SystemClock(), checkpoint=context.checkpoint)

"""Whether each camera of a venue shows a picture now, and is ready to be counted with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, SourceError
from analytics.domain.identifiers import CameraId
from app.operations.findings import Finding, Verdict
from app.settings.paths import settings_folder
from app.venue.credentials import CredentialStore, add_credential, open_credential_store
from app.venue.document import Venue
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress
from vision.sources.source_factory import open_source

MOST_AT_ONCE = 8


def check_cameras(venue: Venue, *, timeout_s: float) -> Iterator[Finding]:
    """One finding per camera, several cameras at a time.

    Args:
        timeout_s: a camera that has shown no picture by then has failed.
    """
    store = open_credential_store(settings_folder())
    clock = SystemClock()
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        yield from pool.map(
            lambda name: _check_camera(venue, name, store, clock, timeout_s), venue.camera_names
        )


def _check_camera(
    venue: Venue, name: CameraId, store: CredentialStore, clock: Clock, timeout_s: float
) -> Finding:
    what = f"camera {name}"
    try:
        geometry = venue.camera_geometry(name)
        address = venue.address_of(name)
        if address is None:
            return Finding(
                what, Verdict.FAILED, "no address", f"Add one: venue add-camera {venue.folder} {name} URL"
            )
        size_wh, seconds = _read_first_picture(
            add_credential(address, camera=name, store=store), name, clock, timeout_s
        )
    except ExpoFlowError as error:
        return Finding(what, Verdict.FAILED, error.problem, error.remedy)
    detail = f"{size_wh[0]}x{size_wh[1]}, first picture after {seconds:.1f} s"
    if geometry is None:
        return Finding(
            what, Verdict.WARNING, f"{detail}; not calibrated", "Import at least four point pairs."
        )
    return Finding(what, Verdict.OK, detail)


def _read_first_picture(
    address: SourceAddress, name: CameraId, clock: Clock, timeout_s: float
) -> tuple[tuple[int, int], float]:
    source = open_source(address, Camera(name), FrameSampler(analysed_fps=None), clock)
    started_s = clock.monotonic_s()
    try:
        source.open()
        while clock.monotonic_s() - started_s < timeout_s:
            frame = source.read()
            if frame is not None:
                return frame.size_wh, clock.monotonic_s() - started_s
            break
    finally:
        source.close()
    raise SourceError(
        "Camera '{camera}' showed no picture.",
        "Check that the recording or stream is not empty.",
        camera=name,
    )

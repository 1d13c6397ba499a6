"""Whether each camera of a venue shows a picture now, and is ready to be counted with."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import CredentialError, ExpoFlowError, Phrase, SourceError
from analytics.domain.identifiers import CameraId
from app.cameras.probe_camera import LARGEST_SKEW_S
from app.core.credentials import CredentialStore, add_credential, open_credential_store
from app.core.document import Venue
from app.core.findings import NO_WORDS, Finding, Mend, Topic, Verdict
from app.settings.paths import settings_folder
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.device import measure_clock_skew, parse_device_address
from vision.sources.source_factory import open_source
from vision.sources.source_faults import SourceFault, fault_of

MOST_AT_ONCE = 8
CLOCK_LIMIT_S = 2.0
"""A camera that speaks ONVIF tells its clock within a fraction of a second."""


def check_cameras(venue: Venue, *, timeout_s: float, clock: Clock | None = None) -> Iterator[Finding]:
    """One or two findings per camera, several cameras at a time.

    Args:
        timeout_s: a camera that has shown no picture by then has failed.

    Raises:
        CredentialError: the store of passwords cannot be opened.
    """
    store = open_credential_store(settings_folder())
    used = clock or SystemClock()
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        for found in pool.map(
            lambda name: list(_check_camera(venue, name, store, used, timeout_s)), venue.camera_names
        ):
            yield from found


def _check_camera(
    venue: Venue, name: CameraId, store: CredentialStore, clock: Clock, timeout_s: float
) -> Iterator[Finding]:
    try:
        address = venue.address_of(name)
        if address is None:
            remedy = Phrase(
                "Enter its address: python -m app venue add-camera {folder} {camera} URL",
                {"folder": venue.folder, "camera": name},
            )
            yield _tell(
                "no-address", name, Verdict.FAILED, Phrase("no address"), remedy, mend=Mend.CHANGE_CAMERA
            )
            return
        size_wh, seconds = _read_first_picture(
            add_credential(address, camera=name, store=store), name, clock, timeout_s
        )
    except ExpoFlowError as error:
        yield _tell_of_failure(name, error)
        return
    detail = Phrase(
        "{width}x{height}, first picture after {seconds:.1f} s",
        {"width": size_wh[0], "height": size_wh[1], "seconds": seconds},
    )
    # whether it is calibrated is told with the plan, which needs no picture
    yield _tell("picture", name, Verdict.OK, detail)
    yield from _check_clock(address, name, clock)


def _check_clock(address: SourceAddress, name: CameraId, clock: Clock) -> Iterator[Finding]:
    host = urlsplit(address.location).hostname if address.kind is SourceKind.RTSP else None
    if host is None:
        return
    try:
        device_url, _login = parse_device_address(f"[{host}]" if ":" in host else host)
        skew_s = measure_clock_skew(
            device_url, clock=clock, checkpoint=lambda _done, _total: None, answer_limit_s=CLOCK_LIMIT_S
        )
    except SourceError:
        return
    if skew_s is not None and abs(skew_s) > LARGEST_SKEW_S:
        yield _tell(
            "clock",
            name,
            Verdict.WARNING,
            Phrase("its clock is {seconds:+.0f} s off this machine's", {"seconds": skew_s}),
            Phrase(
                "Let the camera and this machine take their time from the network (NTP). Counting is by this "
                "machine's clock; a recorder's pictures would not match it."
            ),
        )


def _tell_of_failure(name: CameraId, error: ExpoFlowError) -> Finding:
    mend = Mend.CHANGE_CAMERA
    if isinstance(error, CredentialError) or (
        isinstance(error, SourceError) and fault_of(error) is SourceFault.WRONG_PASSWORD
    ):
        mend = Mend.ENTER_PASSWORD
    elif not isinstance(error, SourceError):
        mend = Mend.CALIBRATE
    rule = fault_of(error).value.replace("_", "-") if isinstance(error, SourceError) else "camera-unusable"
    problem = Phrase(error.problem_template, error.details)
    return _tell(rule, name, Verdict.FAILED, problem, Phrase(error.remedy_template, error.details), mend=mend)


def _tell(
    rule: str,
    name: CameraId,
    verdict: Verdict,
    detail: Phrase,
    remedy: Phrase = NO_WORDS,
    *,
    mend: Mend = Mend.NOTHING,
) -> Finding:
    subject = Phrase("camera {name}", {"name": name})
    return Finding(rule, Topic.CAMERAS, verdict, subject, detail, remedy, mend, str(name))


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

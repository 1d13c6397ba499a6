"""Checks that each camera of a venue delivers a picture now and is ready for counting."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import urlsplit

import numpy as np

from analytics.domain.camera import Camera
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import CredentialError, ExpoFlowError, Phrase, SourceError
from analytics.domain.identifiers import CameraId
from app.cameras.probe_camera import MAX_SKEW_S
from app.core.check_results import NO_WORDS, CheckResult, Fix, Topic, Verdict
from app.core.credentials import CredentialStore, add_credential, open_credential_store
from app.core.document import Venue
from vision.alignment.background import SAMPLES, BackgroundModel, shrink_picture
from vision.alignment.blindness import find_blindness
from vision.alignment.reference_file import read_reference
from vision.alignment.reference_place import locate_reference
from vision.alignment.registration import Registration, register_view
from vision.alignment.view_features import ViewFeatures, find_features
from vision.alignment.view_report import BlindCause, ViewVerdict
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import Pacing, SourceAddress, SourceKind
from vision.sources.onvif.device import measure_clock_skew, parse_device_address
from vision.sources.source_factory import open_source
from vision.sources.source_faults import SourceFault, fault_of

MAX_AT_ONCE = 8
_RECORD_FIRST = "Record for a minute first: python -m app record --venue {folder}"
_CAUSES = {
    BlindCause.DARK: Phrase("it is dark"),
    BlindCause.COVERED: Phrase("its lens is covered"),
    BlindCause.DEFOCUSED: Phrase("it is out of focus"),
}


def check_views(venue: Venue, *, duration_s: float, clock: Clock | None = None) -> Iterator[CheckResult]:
    """Check the view of every calibrated camera, several at a time; return one result each.

    Args:
        duration_s: how long each is looked at; people who walk on within it are left out.
    """
    store = open_credential_store()
    names = [name for name in venue.camera_names if venue.camera(name).camera.pairs]
    with ThreadPoolExecutor(MAX_AT_ONCE) as pool:
        yield from pool.map(
            lambda name: _check_view(venue, name, store, clock or SystemClock(), duration_s), names
        )


def _check_view(
    venue: Venue, name: CameraId, store: CredentialStore, clock: Clock, duration_s: float
) -> CheckResult:
    reference = read_reference(locate_reference(venue.views_folder, venue.camera(name).camera))
    if reference is None:
        detail = Phrase("there is no reference of the calibrated view")
        remedy = Phrase(_RECORD_FIRST, {"folder": venue.folder})
        return _report("view-unknown", name, Verdict.ABSENT, detail, remedy, fix=Fix.START_RECORDING)
    try:
        background = _film_background(venue, name, store, clock, duration_s)
    except ExpoFlowError as error:
        detail = Phrase(error.problem_template, error.details)
        remedy = Phrase(error.remedy_template, error.details)
        return _report("view-unread", name, Verdict.FAILED, detail, remedy, fix=Fix.CHANGE_CAMERA)
    if background is None:
        remedy = Phrase("Check the camera: python -m app doctor")
        return _report(
            "view-unread", name, Verdict.FAILED, Phrase("no picture"), remedy, fix=Fix.CHANGE_CAMERA
        )
    return _judge(venue, name, reference, background)


def _film_background(
    venue: Venue, name: CameraId, store: CredentialStore, clock: Clock, duration_s: float
) -> BackgroundModel | None:
    address = venue.address_of(name)
    if address is None:
        return None
    address = add_credential(address, camera=name, store=store)
    if not address.is_live:
        address = replace(address, pacing=Pacing.REAL_TIME, start_utc_s=clock.now_utc_s())
    model = BackgroundModel()
    sampler = FrameSampler(analysed_fps=SAMPLES / duration_s)
    source = open_source(address, venue.camera(name).camera, sampler, clock)
    count = 0
    try:
        source.open()
        while count < SAMPLES and (frame := source.read()) is not None:
            model.add(shrink_picture(frame.picture))
            count += 1
    finally:
        source.close()
    return model if count else None


def _judge(venue: Venue, name: CameraId, reference: ViewFeatures, background: BackgroundModel) -> CheckResult:
    picture, unknown = background.estimate()
    camera = venue.camera(name).camera
    size_wh = picture.shape[1], picture.shape[0]
    cause = find_blindness(reference, picture.astype(np.float32))
    if cause is not None:
        detail = Phrase("the camera has no usable picture: {cause}", {"cause": _CAUSES[cause]})
        return _report("view-blind", name, Verdict.FAILED, detail, Phrase("Clean or uncover its lens."))
    hidden = camera.scaled_to(size_wh).privacy_mask
    found = register_view(
        reference,
        find_features(picture, unknown=unknown, hidden=hidden),
        lens=None if camera.lens is None else camera.lens.in_picture(size_wh),
    )
    if found.verdict is ViewVerdict.MOVED:
        remedy = Phrase("Turn it back, or realign it in the window.")
        return _report("view-moved", name, Verdict.FAILED, _describe_move(found), remedy, fix=Fix.SHOW_VIEW)
    if found.verdict is ViewVerdict.UNKNOWN:
        detail = Phrase("too few points are recognised ({points})", {"points": found.points})
        remedy = Phrase("Check again with fewer people in view; if there are none, the camera was turned.")
        return _report("view-unsure", name, Verdict.WARNING, detail, remedy, fix=Fix.SHOW_VIEW)
    return _report(
        "view", name, Verdict.OK, Phrase("as calibrated ({points} points)", {"points": found.points})
    )


def _describe_move(found: Registration) -> Phrase:
    return Phrase(
        "moved by {percent:.1f} % of the picture's width, {degrees:.1f} degrees",
        {"percent": 100 * found.shift_part, "degrees": abs(math.degrees(found.rotation_rad))},
    )


CLOCK_LIMIT_S = 2.0
"""Maximum clock difference; ONVIF cameras report their clock within a fraction of a second."""


def check_cameras(venue: Venue, *, timeout_s: float, clock: Clock | None = None) -> Iterator[CheckResult]:
    """Check every camera, several at a time; return one or two results each.

    Args:
        timeout_s: a camera that has shown no picture by then has failed.

    Raises:
        CredentialError: the store of passwords cannot be opened.
    """
    store = open_credential_store()
    used = clock or SystemClock()
    with ThreadPoolExecutor(MAX_AT_ONCE) as pool:
        for found in pool.map(
            lambda name: list(_check_camera(venue, name, store, used, timeout_s)), venue.camera_names
        ):
            yield from found


def _check_camera(
    venue: Venue, name: CameraId, store: CredentialStore, clock: Clock, timeout_s: float
) -> Iterator[CheckResult]:
    try:
        address = venue.address_of(name)
        if address is None:
            remedy = Phrase(
                "Enter its address: python -m app venue add-camera {folder} {camera} URL",
                {"folder": venue.folder, "camera": name},
            )
            yield _report(
                "no-address", name, Verdict.FAILED, Phrase("no address"), remedy, fix=Fix.CHANGE_CAMERA
            )
            return
        size_wh, seconds = _read_first_picture(
            add_credential(address, camera=name, store=store), name, clock, timeout_s
        )
    except ExpoFlowError as error:
        yield _report_failure(name, error)
        return
    detail = Phrase(
        "{width}x{height}, first picture after {seconds:.1f} s",
        {"width": size_wh[0], "height": size_wh[1], "seconds": seconds},
    )
    # the plan's check reports the calibration, which needs no picture
    yield _report("picture", name, Verdict.OK, detail)
    yield from _check_clock(address, name, clock)


def _check_clock(address: SourceAddress, name: CameraId, clock: Clock) -> Iterator[CheckResult]:
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
    if skew_s is not None and abs(skew_s) > MAX_SKEW_S:
        yield _report(
            "clock",
            name,
            Verdict.WARNING,
            Phrase("its clock differs from this machine's by {seconds:+.0f} s", {"seconds": skew_s}),
            Phrase(
                "Synchronise the camera and this machine with a time server (NTP). Counting uses "
                "this machine's clock; a recorder's pictures would not match it."
            ),
        )


def _report_failure(name: CameraId, error: ExpoFlowError) -> CheckResult:
    fix = Fix.CHANGE_CAMERA
    if isinstance(error, CredentialError) or (
        isinstance(error, SourceError) and fault_of(error) is SourceFault.WRONG_PASSWORD
    ):
        fix = Fix.ENTER_PASSWORD
    elif not isinstance(error, SourceError):
        fix = Fix.CALIBRATE
    rule = fault_of(error).value.replace("_", "-") if isinstance(error, SourceError) else "camera-unusable"
    problem = Phrase(error.problem_template, error.details)
    return _report(rule, name, Verdict.FAILED, problem, Phrase(error.remedy_template, error.details), fix=fix)


def _report(
    rule: str,
    name: CameraId,
    verdict: Verdict,
    detail: Phrase,
    remedy: Phrase = NO_WORDS,
    *,
    fix: Fix = Fix.NOTHING,
) -> CheckResult:
    template = Phrase("view of {name}") if rule.startswith("view") else Phrase("camera {name}")
    subject = replace(template, fields={"name": name})
    return CheckResult(rule, Topic.CAMERAS, verdict, subject, detail, remedy, fix, str(name))


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
        "Camera '{camera}' delivered no picture.",
        "Check that the recording or stream is not empty.",
        camera=name,
    )

"""Whether each camera of a venue still looks where it was calibrated, found out without a recording."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from analytics.domain.identifiers import CameraId
from app.operations.findings import Finding, Verdict
from app.settings.paths import settings_folder
from app.venue.credentials import CredentialStore, add_credential, open_credential_store
from app.venue.document import Venue
from vision.alignment.background import SAMPLES, BackgroundModel, shrink_picture
from vision.alignment.blindness import find_blindness
from vision.alignment.reference_file import read_reference
from vision.alignment.reference_place import locate_reference
from vision.alignment.registration import Registration, register_view
from vision.alignment.view_features import ViewFeatures, find_features
from vision.alignment.view_report import ViewVerdict
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import Pacing
from vision.sources.source_factory import open_source

MOST_AT_ONCE = 8
_RECORD_FIRST = "Record for a minute, so that there is one: python -m app record --venue {folder}"


def check_views(venue: Venue, *, duration_s: float, clock: Clock | None = None) -> Iterator[Finding]:
    """One finding per calibrated camera, several cameras at a time.

    Args:
        duration_s: how long each is looked at; people who walk on within it are left out.
    """
    store = open_credential_store(settings_folder())
    names = [name for name in venue.camera_names if venue.camera(name).camera.pairs]
    with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
        yield from pool.map(
            lambda name: _check_view(venue, name, store, clock or SystemClock(), duration_s), names
        )


def _check_view(
    venue: Venue, name: CameraId, store: CredentialStore, clock: Clock, duration_s: float
) -> Finding:
    what = f"view of {name}"
    reference = read_reference(locate_reference(venue.views_folder, venue.camera(name).camera))
    if reference is None:
        remedy = _RECORD_FIRST.format(folder=venue.folder)
        return Finding(what, Verdict.ABSENT, "nothing is kept of the calibrated view", remedy)
    try:
        background = _film_background(venue, name, store, clock, duration_s)
    except ExpoFlowError as error:
        return Finding(what, Verdict.FAILED, error.problem, error.remedy)
    if background is None:
        return Finding(what, Verdict.FAILED, "no picture", "Check the camera: python -m app doctor")
    return _judge(what, venue, name, reference, background)


def _film_background(
    venue: Venue, name: CameraId, store: CredentialStore, clock: Clock, duration_s: float
) -> BackgroundModel | None:
    address = venue.address_of(name)
    if address is None:
        return None
    address = add_credential(address, camera=name, store=store)
    if not address.is_live:
        address = replace(address, pacing=Pacing.BY_ITS_OWN_TIME, start_utc_s=clock.now_utc_s())
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


def _judge(
    what: str, venue: Venue, name: CameraId, reference: ViewFeatures, background: BackgroundModel
) -> Finding:
    picture, unknown = background.estimate()
    camera = venue.camera(name).camera
    size_wh = picture.shape[1], picture.shape[0]
    cause = find_blindness(reference, picture.astype(np.float32))
    if cause is not None:
        return Finding(what, Verdict.FAILED, f"the camera sees nothing: {cause}", "Clean or free its lens.")
    hidden = camera.scaled_to(size_wh).privacy_mask
    found = register_view(
        reference,
        find_features(picture, unknown=unknown, hidden=hidden),
        lens=None if camera.lens is None else camera.lens.in_picture(size_wh),
    )
    if found.verdict is ViewVerdict.MOVED:
        return Finding(
            what, Verdict.FAILED, _describe_move(found), "Turn it back, or align it again in the window."
        )
    if found.verdict is ViewVerdict.UNKNOWN:
        remedy = "Look again when fewer people are there; if nobody is, it looks somewhere else."
        return Finding(what, Verdict.WARNING, f"too little is recognised ({found.points} points)", remedy)
    return Finding(what, Verdict.OK, f"as calibrated ({found.points} points)")


def _describe_move(found: Registration) -> str:
    turn_deg = abs(math.degrees(found.rotation_rad))
    return f"moved by {100 * found.shift_part:.1f} % of the picture's width, {turn_deg:.1f} degrees"

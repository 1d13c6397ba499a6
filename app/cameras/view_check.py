"""Whether each camera of a venue still looks where it was calibrated, found out without a recording."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, Phrase
from analytics.domain.identifiers import CameraId
from app.core.credentials import CredentialStore, add_credential, open_credential_store
from app.core.document import Venue
from app.core.findings import NO_WORDS, Finding, Mend, Topic, Verdict
from app.settings.paths import settings_folder
from vision.alignment.background import SAMPLES, BackgroundModel, shrink_picture
from vision.alignment.blindness import find_blindness
from vision.alignment.reference_file import read_reference
from vision.alignment.reference_place import locate_reference
from vision.alignment.registration import Registration, register_view
from vision.alignment.view_features import ViewFeatures, find_features
from vision.alignment.view_report import BlindCause, ViewVerdict
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import Pacing
from vision.sources.source_factory import open_source

MOST_AT_ONCE = 8
_RECORD_FIRST = "Record for a minute, so that there is one: python -m app record --venue {folder}"
_CAUSES = {
    BlindCause.DARK: Phrase("it is dark"),
    BlindCause.COVERED: Phrase("its lens is covered"),
    BlindCause.DEFOCUSED: Phrase("it is out of focus"),
}


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
    reference = read_reference(locate_reference(venue.views_folder, venue.camera(name).camera))
    if reference is None:
        detail = Phrase("nothing is kept of the calibrated view")
        remedy = Phrase(_RECORD_FIRST, {"folder": venue.folder})
        return _tell("view-unknown", name, Verdict.ABSENT, detail, remedy, mend=Mend.START_RECORDING)
    try:
        background = _film_background(venue, name, store, clock, duration_s)
    except ExpoFlowError as error:
        detail = Phrase(error.problem_template, error.details)
        remedy = Phrase(error.remedy_template, error.details)
        return _tell("view-unread", name, Verdict.FAILED, detail, remedy, mend=Mend.CHANGE_CAMERA)
    if background is None:
        remedy = Phrase("Check the camera: python -m app doctor")
        return _tell(
            "view-unread", name, Verdict.FAILED, Phrase("no picture"), remedy, mend=Mend.CHANGE_CAMERA
        )
    return _judge(venue, name, reference, background)


def _tell(
    rule: str,
    name: CameraId,
    verdict: Verdict,
    detail: Phrase,
    remedy: Phrase = NO_WORDS,
    *,
    mend: Mend = Mend.NOTHING,
) -> Finding:
    subject = Phrase("view of {name}", {"name": name})
    return Finding(rule, Topic.CAMERAS, verdict, subject, detail, remedy, mend, str(name))


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


def _judge(venue: Venue, name: CameraId, reference: ViewFeatures, background: BackgroundModel) -> Finding:
    picture, unknown = background.estimate()
    camera = venue.camera(name).camera
    size_wh = picture.shape[1], picture.shape[0]
    cause = find_blindness(reference, picture.astype(np.float32))
    if cause is not None:
        detail = Phrase("the camera sees nothing: {cause}", {"cause": _CAUSES[cause]})
        return _tell("view-blind", name, Verdict.FAILED, detail, Phrase("Clean or free its lens."))
    hidden = camera.scaled_to(size_wh).privacy_mask
    found = register_view(
        reference,
        find_features(picture, unknown=unknown, hidden=hidden),
        lens=None if camera.lens is None else camera.lens.in_picture(size_wh),
    )
    if found.verdict is ViewVerdict.MOVED:
        remedy = Phrase("Turn it back, or align it again in the window.")
        return _tell("view-moved", name, Verdict.FAILED, _describe_move(found), remedy, mend=Mend.SHOW_VIEW)
    if found.verdict is ViewVerdict.UNKNOWN:
        detail = Phrase("too little is recognised ({points} points)", {"points": found.points})
        remedy = Phrase("Look again when fewer people are there; if nobody is, it looks somewhere else.")
        return _tell("view-unsure", name, Verdict.WARNING, detail, remedy, mend=Mend.SHOW_VIEW)
    return _tell(
        "view", name, Verdict.OK, Phrase("as calibrated ({points} points)", {"points": found.points})
    )


def _describe_move(found: Registration) -> Phrase:
    return Phrase(
        "moved by {percent:.1f} % of the picture's width, {degrees:.1f} degrees",
        {"percent": 100 * found.shift_part, "degrees": abs(math.degrees(found.rotation_rad))},
    )

"""All that can be told to be wrong with this machine and a venue, one check after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, Phrase
from app.operations.findings import NO_WORDS, Finding, Topic, Verdict
from app.operations.machine_checks import (
    check_decoders,
    check_devices,
    check_disk,
    check_keyring,
    check_models,
    check_processor,
    check_python,
    check_shared_memory,
)

if TYPE_CHECKING:
    from app.venue.document import Venue


@dataclass(frozen=True, slots=True)
class Examination:
    """What is to be looked at.

    Attributes:
        venue: its folder, plan, history and cameras are checked too.
        data_folder: where models and settings live.
        camera_timeout_s: how long a camera may take to show its first picture.
        opens_cameras: not where a recording reads them, for many cameras serve few viewers; who else writes
            the history is then known, too.
        view_s: how long to look whether each camera looks where it was calibrated; 0: not at all.
        asks_torch: whether to import torch, which takes seconds, to ask it for NVIDIA devices.
    """

    data_folder: Path
    venue: Venue | None = None
    camera_timeout_s: float = 10.0
    opens_cameras: bool = True
    view_s: float = 0.0
    asks_torch: bool = False


@dataclass(frozen=True, slots=True)
class _Check:
    topic: Topic
    subject: Phrase
    find: Callable[[], Iterator[Finding]]


def diagnose(
    examination: Examination,
    *,
    clock: Clock | None = None,
    on_progress: Callable[[float, float], None] = lambda _done, _total: None,
) -> Iterator[Finding]:
    """Check one thing after another, giving each finding as soon as it is known.

    A check that fails itself is a finding, and the others go on.

    Args:
        on_progress: called with the number of checks that are done, and of all.
    """
    checks = _list_checks(examination, clock or SystemClock())
    for number, check in enumerate(checks):
        on_progress(number, len(checks))
        try:
            yield from check.find()
        except (ExpoFlowError, OSError) as error:
            yield _tell_of_failure(check, error)
    on_progress(len(checks), len(checks))


def _list_checks(examination: Examination, clock: Clock) -> list[_Check]:
    venue = examination.venue
    cameras = len(venue.cameras) if venue else 1
    checks = [
        _Check(Topic.MACHINE, Phrase("system"), check_python),
        _Check(Topic.MACHINE, Phrase("processor"), check_processor),
        _Check(Topic.MACHINE, Phrase("shared memory"), lambda: check_shared_memory(cameras=cameras)),
        _Check(Topic.MACHINE, Phrase("decoders"), check_decoders),
        _Check(Topic.MACHINE, Phrase("devices"), lambda: check_devices(ask_torch=examination.asks_torch)),
        _Check(Topic.MODELS, Phrase("models"), check_models),
        _Check(
            Topic.DISK,
            Phrase("disk"),
            lambda: check_disk(venue.folder if venue else examination.data_folder),
        ),
        _Check(Topic.PASSWORDS, Phrase("passwords"), check_keyring),
    ]
    return checks if venue is None else [*checks, *_list_venue_checks(examination, venue, clock)]


def _list_venue_checks(examination: Examination, venue: Venue, clock: Clock) -> list[_Check]:
    # here, for they load the store and what opens cameras
    from app.operations.camera_check import check_cameras
    from app.operations.mounting_check import check_mountings
    from app.operations.venue_checks import check_log, check_plan, check_stored, check_writers
    from app.operations.view_check import check_views

    checks = [
        _Check(Topic.DISK, Phrase("history"), lambda: check_stored(venue)),
        _Check(Topic.GEOMETRY, Phrase("zones and lines"), lambda: check_plan(venue)),
        _Check(Topic.CAMERAS, Phrase("mounting"), lambda: check_mountings(venue)),
        _Check(Topic.CAMERAS, Phrase("log"), lambda: check_log(venue, now_utc_s=clock.now_utc_s())),
    ]
    if not examination.opens_cameras:
        return checks
    checks.append(_Check(Topic.MACHINE, Phrase("history"), lambda: check_writers(venue, clock=clock)))
    checks.append(
        _Check(
            Topic.CAMERAS,
            Phrase("cameras"),
            lambda: check_cameras(venue, timeout_s=examination.camera_timeout_s, clock=clock),
        )
    )
    if examination.view_s > 0:
        checks.append(
            _Check(
                Topic.CAMERAS,
                Phrase("views"),
                lambda: check_views(venue, duration_s=examination.view_s, clock=clock),
            )
        )
    return checks


def _tell_of_failure(check: _Check, error: ExpoFlowError | OSError) -> Finding:
    from app.error_reporting import find_words

    words = find_words(error)
    return Finding(
        "check-failed",
        check.topic,
        Verdict.FAILED,
        check.subject,
        Phrase(words.problem_template, words.details),
        Phrase(words.remedy_template, words.details) if words.remedy_template else NO_WORDS,
    )

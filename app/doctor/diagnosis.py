"""Check this machine and a venue for faults, one check after the other."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, Phrase
from app.core.check_results import NO_WORDS, CheckResult, Fix, Topic, Verdict
from vision.detection.model_catalogue import DEMONSTRATION_MODEL, SHIPPED_MODEL

if TYPE_CHECKING:
    from app.core.document import Venue
    from vision.detection.compute_device import ComputeDevice

NEEDED_DECODERS = ("h264", "hevc", "mjpeg", "mpeg4")
BYTES_PER_DAY = 250e6
"""Size of the track points and events of 200 people at 5 Hz for 8 hours, with a margin."""
ENOUGH_DAYS = 14
SLOTS_BYTES_PER_CAMERA = 3 * 1920 * 1080 * 3
"""Size of three full frames of the largest common stream in shared memory."""
ANALYSED_FPS = 5.0
DECODING_CORE_SHARE = 0.05
"""Share of one core for 15 frames a second of 1280 x 720 and tracking, by `benchmarks.live_cameras`."""
MEASURED_S = 2.0
OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)


def check_python() -> Iterator[CheckResult]:
    """Check Python's version and report the operating system."""
    detail = Phrase(
        "Python {version} on {system}", {"version": platform.python_version(), "system": platform.platform()}
    )
    subject = Phrase("system")
    if OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        yield CheckResult("python", Topic.MACHINE, Verdict.OK, subject, detail)
        return
    remedy = Phrase("ExpoFlow is tested on Python 3.11 to 3.13.")
    yield CheckResult("python", Topic.MACHINE, Verdict.WARNING, subject, detail, remedy)


def check_processor() -> Iterator[CheckResult]:
    """Check the number of cores and the free memory."""
    import psutil

    free_gib = psutil.virtual_memory().available / 2**30
    detail = Phrase(
        "{cores} cores, {free:.1f} GiB of memory free", {"cores": os.cpu_count() or 1, "free": free_gib}
    )
    is_short = free_gib < 2
    yield CheckResult(
        "memory",
        Topic.MACHINE,
        Verdict.WARNING if is_short else Verdict.OK,
        Phrase("processor"),
        detail,
        Phrase("Close other programs: the analysis needs about 1 GiB.") if is_short else NO_WORDS,
    )


def check_shared_memory(*, cameras: int) -> Iterator[CheckResult]:
    """Check the shared memory that passes frames from decoders to the detector."""
    subject = Phrase("shared memory")
    folder = Path("/dev/shm")  # noqa: S108 the kernel's shared memory, not a temporary file
    if not folder.is_dir():
        detail = Phrase("managed by the operating system")
        yield CheckResult("shared-memory", Topic.MACHINE, Verdict.OK, subject, detail)
        return
    free = shutil.disk_usage(folder).free
    needed = SLOTS_BYTES_PER_CAMERA * max(1, cameras)
    is_short = free < needed
    yield CheckResult(
        "shared-memory",
        Topic.MACHINE,
        Verdict.FAILED if is_short else Verdict.OK,
        subject,
        Phrase(
            "{free:.0f} MiB free, {needed:.0f} MiB needed", {"free": free / 2**20, "needed": needed / 2**20}
        ),
        Phrase("Enlarge /dev/shm; start a container with --shm-size=1g.") if is_short else NO_WORDS,
    )


def check_decoders() -> Iterator[CheckResult]:
    """Check the decoders that cameras and recordings need."""
    import av

    subject = Phrase("decoders")
    missing = [name for name in NEEDED_DECODERS if name not in av.codecs_available]
    if missing:
        yield CheckResult(
            "decoders",
            Topic.MACHINE,
            Verdict.FAILED,
            subject,
            Phrase("missing: {names}", {"names": ", ".join(missing)}),
            Phrase("Reinstall the package av from a wheel."),
        )
        return
    detail = Phrase(
        "{names} (PyAV {version})", {"names": ", ".join(NEEDED_DECODERS), "version": av.__version__}
    )
    yield CheckResult("decoders", Topic.MACHINE, Verdict.OK, subject, detail)


def check_devices(*, probe_torch: bool) -> Iterator[CheckResult]:
    """Check the devices on which networks can run."""
    from vision.detection.compute_device import list_compute_devices

    devices = list_compute_devices(probe_torch=probe_torch)
    for device in devices:
        yield CheckResult(
            "device",
            Topic.MACHINE,
            Verdict.OK if device.is_usable else Verdict.ABSENT,
            Phrase("device {name}", {"name": device.device}),
            Phrase("{title}: {reason}", {"title": device.title, "reason": device.reason}),
            name=device.device,
        )
    yield _weigh_larger_model(devices)


def _weigh_larger_model(devices: Sequence[ComputeDevice]) -> CheckResult:
    """Say what a larger model would gain and cost on this machine."""
    graphics = [device.title for device in devices if device.is_usable and device.device != "CPU"]
    detail = (
        Phrase(
            "{title} has room for one such as yolo26s: it finds more distant people, for three times the "
            "work and a download of 20 MB.",
            {"title": graphics[0]},
        )
        if graphics
        else Phrase(
            "One such as yolo26s finds more distant people, but this processor would serve a third of the "
            "cameras or fewer. NVIDIA graphics run it with PyTorch, a download of some 5 GB."
        )
    )
    return CheckResult("larger-model", Topic.MODELS, Verdict.OK, Phrase("a larger model"), detail)


def check_models() -> Iterator[CheckResult]:
    """Check that models are present and match their checksums."""
    from app.maintenance.model_library import list_models
    from app.settings.file import models_folder

    models = list_models(user_folder=models_folder())
    for model in models:
        subject = Phrase("model {name}", {"name": model.name})
        if model.state == "ready":
            detail = Phrase("{path}", {"path": str(model.path)})
            yield CheckResult("model", Topic.MODELS, Verdict.OK, subject, detail, name=model.name)
        elif model.state in ("damaged", "missing"):
            remedy = (
                Phrase("Install ExpoFlow again.")
                if model.name in (SHIPPED_MODEL, DEMONSTRATION_MODEL)
                else Phrase(
                    "Download or import it again: python -m app models get {name} --replace",
                    {"name": model.name},
                )
            )
            yield CheckResult(
                f"model-{model.state}",
                Topic.MODELS,
                Verdict.FAILED,
                subject,
                Phrase("damaged" if model.state == "damaged" else "missing"),
                remedy,
                Fix.CHOOSE_MODEL,
                model.name,
            )


def check_capacity(*, cameras: int, clock: Clock) -> Iterator[CheckResult]:
    """Estimate how many cameras this machine can read and analyse, from the speed of the installed network.

    Args:
        cameras: number of cameras of the venue.
    """
    from app.maintenance.model_library import bench_model, list_models
    from app.settings.file import models_folder

    ready = [model for model in list_models(user_folder=models_folder()) if model.state == "ready"]
    # the user's own first; then the one that ships
    ready.sort(key=lambda model: model.name == DEMONSTRATION_MODEL)
    if not ready:
        return
    rate = bench_model(ready[0].name, user_folder=models_folder(), clock=clock, duration_s=MEASURED_S)
    cores = os.cpu_count() or 1
    share = ANALYSED_FPS * cores / rate + DECODING_CORE_SHARE
    most = max(1, int(cores / share))
    is_short = cameras > most
    yield CheckResult(
        "capacity",
        Topic.MACHINE,
        Verdict.WARNING if is_short else Verdict.OK,
        Phrase("simultaneous cameras"),
        Phrase(
            "about {cameras} of 1280 x 720 at {fps:g} frames a second with {model} "
            "({rate:.0f} pictures a second)",
            {
                "cameras": most,
                "fps": ANALYSED_FPS,
                "model": ready[0].name,
                "rate": rate,
            },
        ),
        Phrase("Analyse fewer frames per second, use a sub-stream, or use a faster machine.")
        if is_short
        else NO_WORDS,
    )


def check_disk(folder: Path) -> Iterator[CheckResult]:
    """Check that the folder is writable and has room for two weeks of history."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    subject, place = Phrase("disk"), str(existing)
    if not os.access(existing, os.W_OK):
        yield CheckResult(
            "disk-read-only",
            Topic.DISK,
            Verdict.FAILED,
            subject,
            Phrase("{folder} is not writable", {"folder": place}),
            Phrase("Choose a folder that you can write to."),
            Fix.OPEN_FOLDER,
            place,
        )
        return
    free = shutil.disk_usage(existing).free
    days = free / BYTES_PER_DAY
    detail = Phrase(
        "{free:.1f} GiB free in {folder}: about {days:.0f} days of a busy hall",
        {"free": free / 2**30, "folder": place, "days": days},
    )
    if days < ENOUGH_DAYS:
        remedy = Phrase("Free some space, or shorten the retention of tracks.")
        yield CheckResult(
            "disk-room", Topic.DISK, Verdict.WARNING, subject, detail, remedy, Fix.OPEN_FOLDER, place
        )
        return
    yield CheckResult("disk-room", Topic.DISK, Verdict.OK, subject, detail, name=place)


def check_keyring() -> Iterator[CheckResult]:
    """Check where camera passwords are stored."""
    from app.core.credentials import KeyringCredentialStore, open_credential_store

    subject = Phrase("passwords")
    try:
        store = open_credential_store()
    except ExpoFlowError as error:
        yield CheckResult(
            "password-store",
            Topic.PASSWORDS,
            Verdict.WARNING,
            subject,
            Phrase(error.problem_template, error.details),
            Phrase(error.remedy_template, error.details),
        )
        return
    detail = (
        Phrase("stored in the system's keyring")
        if isinstance(store, KeyringCredentialStore)
        else Phrase("stored in an encrypted file in the settings folder")
    )
    yield CheckResult("password-store", Topic.PASSWORDS, Verdict.OK, subject, detail)


@dataclass(frozen=True, slots=True)
class Examination:
    """The scope of an examination.

    Attributes:
        venue: venue whose folder, plan, history and cameras are checked too.
        data_folder: folder of models and settings.
        camera_timeout_s: timeout for a camera's first picture.
        opens_cameras: whether to open cameras and look for other writers; False while a recording reads
            the cameras, because many serve few viewers.
        view_s: seconds to compare each camera's view with its calibration; 0 to skip.
        checks_torch: whether to import torch, which takes seconds, to find NVIDIA devices.
    """

    data_folder: Path
    venue: Venue | None = None
    camera_timeout_s: float = 10.0
    opens_cameras: bool = True
    view_s: float = 0.0
    checks_torch: bool = False


@dataclass(frozen=True, slots=True)
class _Check:
    topic: Topic
    subject: Phrase
    find: Callable[[], Iterator[CheckResult]]


def diagnose(
    examination: Examination,
    *,
    clock: Clock | None = None,
    on_progress: Callable[[float, float], None] = lambda _done, _total: None,
) -> Iterator[CheckResult]:
    """Run all checks and yield each result as soon as it is known.

    A check that fails yields a failed result, and the others continue.

    Args:
        on_progress: called with the numbers of completed and of all checks.
    """
    checks = _list_checks(examination, clock or SystemClock())
    for number, check in enumerate(checks):
        on_progress(number, len(checks))
        try:
            yield from check.find()
        except (ExpoFlowError, OSError) as error:
            yield _make_failed_result(check, error)
    on_progress(len(checks), len(checks))


def _list_checks(examination: Examination, clock: Clock) -> list[_Check]:
    venue = examination.venue
    cameras = len(venue.cameras) if venue else 1
    checks = [
        _Check(Topic.MACHINE, Phrase("system"), check_python),
        _Check(Topic.MACHINE, Phrase("processor"), check_processor),
        _Check(Topic.MACHINE, Phrase("shared memory"), lambda: check_shared_memory(cameras=cameras)),
        _Check(Topic.MACHINE, Phrase("decoders"), check_decoders),
        _Check(Topic.MACHINE, Phrase("devices"), lambda: check_devices(probe_torch=examination.checks_torch)),
        _Check(Topic.MODELS, Phrase("models"), check_models),
        _Check(
            Topic.DISK,
            Phrase("disk"),
            lambda: check_disk(venue.folder if venue else examination.data_folder),
        ),
        _Check(Topic.PASSWORDS, Phrase("passwords"), check_keyring),
    ]
    if examination.opens_cameras:
        # a recording would take the processor from what is measured
        checks.append(
            _Check(
                Topic.MACHINE,
                Phrase("simultaneous cameras"),
                lambda: check_capacity(cameras=cameras, clock=clock),
            )
        )
    return checks if venue is None else [*checks, *_list_venue_checks(examination, venue, clock)]


def _list_venue_checks(examination: Examination, venue: Venue, clock: Clock) -> list[_Check]:
    # imported here because they load the store and camera sources
    from app.cameras.camera_check import check_cameras, check_views
    from app.coverage.camera_mounting import check_mountings
    from app.doctor.venue_checks import check_log, check_plan, check_stored, check_writers

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


def _make_failed_result(check: _Check, error: ExpoFlowError | OSError) -> CheckResult:
    from app.error_reporting import find_error_templates

    words = find_error_templates(error)
    return CheckResult(
        "check-failed",
        check.topic,
        Verdict.FAILED,
        check.subject,
        Phrase(words.problem_template, words.details),
        Phrase(words.remedy_template, words.details) if words.remedy_template else NO_WORDS,
    )

"""Whether this machine can do the work: system, memory, decoders, devices, models, disk, passwords."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from analytics.domain.errors import ExpoFlowError, Phrase
from app.operations.findings import NO_WORDS, Finding, Mend, Topic, Verdict

NEEDED_DECODERS = ("h264", "hevc", "mjpeg", "mpeg4")
BYTES_PER_DAY = 250e6
"""Track points and events of 200 people at 5 Hz for 8 hours, with a margin."""
ENOUGH_DAYS = 14
SLOTS_BYTES_PER_CAMERA = 3 * 1920 * 1080 * 3
"""Three full frames of the largest usual stream in shared memory."""
DEMONSTRATION_MODEL = "expoflow-demo"
OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)


def check_python() -> Iterator[Finding]:
    """Python's version and the operating system."""
    detail = Phrase(
        "Python {version} on {system}", {"version": platform.python_version(), "system": platform.platform()}
    )
    subject = Phrase("system")
    if OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        yield Finding("python", Topic.MACHINE, Verdict.OK, subject, detail)
        return
    remedy = Phrase("ExpoFlow is tested on Python 3.11 to 3.13.")
    yield Finding("python", Topic.MACHINE, Verdict.WARNING, subject, detail, remedy)


def check_processor() -> Iterator[Finding]:
    """Cores and memory."""
    import psutil

    free_gib = psutil.virtual_memory().available / 2**30
    detail = Phrase(
        "{cores} cores, {free:.1f} GiB of memory free", {"cores": os.cpu_count() or 1, "free": free_gib}
    )
    is_short = free_gib < 2
    yield Finding(
        "memory",
        Topic.MACHINE,
        Verdict.WARNING if is_short else Verdict.OK,
        Phrase("processor"),
        detail,
        Phrase("Close other programs: analysing takes about 1 GiB.") if is_short else NO_WORDS,
    )


def check_shared_memory(*, cameras: int) -> Iterator[Finding]:
    """Room for frames on their way from the decoders to the detector."""
    subject = Phrase("shared memory")
    folder = Path("/dev/shm")  # noqa: S108 the kernel's shared memory, not a temporary file
    if not folder.is_dir():
        detail = Phrase("managed by the operating system")
        yield Finding("shared-memory", Topic.MACHINE, Verdict.OK, subject, detail)
        return
    free = shutil.disk_usage(folder).free
    needed = SLOTS_BYTES_PER_CAMERA * max(1, cameras)
    is_short = free < needed
    yield Finding(
        "shared-memory",
        Topic.MACHINE,
        Verdict.FAILED if is_short else Verdict.OK,
        subject,
        Phrase(
            "{free:.0f} MiB free, {needed:.0f} MiB needed", {"free": free / 2**20, "needed": needed / 2**20}
        ),
        Phrase("Enlarge /dev/shm; in a container, start it with --shm-size=1g.") if is_short else NO_WORDS,
    )


def check_decoders() -> Iterator[Finding]:
    """The codecs that cameras and recordings use."""
    import av

    subject = Phrase("decoders")
    missing = [name for name in NEEDED_DECODERS if name not in av.codecs_available]
    if missing:
        yield Finding(
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
    yield Finding("decoders", Topic.MACHINE, Verdict.OK, subject, detail)


def check_devices(*, ask_torch: bool) -> Iterator[Finding]:
    """What the networks can run on."""
    from vision.detection.compute_device import list_compute_devices

    for device in list_compute_devices(ask_torch=ask_torch):
        yield Finding(
            "device",
            Topic.MACHINE,
            Verdict.OK if device.is_usable else Verdict.ABSENT,
            Phrase("device {name}", {"name": device.device}),
            Phrase("{title}: {reason}", {"title": device.title, "reason": device.reason}),
            name=device.device,
        )


def check_models() -> Iterator[Finding]:
    """Weights that are there, and whether they are what was once put there."""
    from app.operations.model_library import list_models
    from app.settings.models_location import models_folder

    models = list_models(user_folder=models_folder())
    ready = [model for model in models if model.state == "ready"]
    for model in models:
        subject = Phrase("model {name}", {"name": model.name})
        if model.state == "ready":
            detail = Phrase("{path}", {"path": str(model.path)})
            yield Finding("model", Topic.MODELS, Verdict.OK, subject, detail, name=model.name)
        elif model.state in ("damaged", "missing"):
            remedy = Phrase(
                "Fetch or import it again: python -m app models get {name} --replace", {"name": model.name}
            )
            yield Finding(
                f"model-{model.state}",
                Topic.MODELS,
                Verdict.FAILED,
                subject,
                Phrase("damaged" if model.state == "damaged" else "missing"),
                remedy,
                Mend.CHOOSE_MODEL,
                model.name,
            )
    if not any(model.name != DEMONSTRATION_MODEL for model in ready):
        yield Finding(
            "no-official-model",
            Topic.MODELS,
            Verdict.WARNING,
            Phrase("models"),
            Phrase("no weights for real cameras on this machine"),
            Phrase(
                "Fetch official weights, or bring a file: python -m app models get yolo26n; "
                "python -m app models import FILE"
            ),
            Mend.CHOOSE_MODEL,
        )


def check_disk(folder: Path) -> Iterator[Finding]:
    """Room for two weeks of history, and whether the folder can be written."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    subject, place = Phrase("disk"), str(existing)
    if not os.access(existing, os.W_OK):
        yield Finding(
            "disk-read-only",
            Topic.DISK,
            Verdict.FAILED,
            subject,
            Phrase("{folder} cannot be written", {"folder": place}),
            Phrase("Choose a folder that you may write."),
            Mend.OPEN_FOLDER,
            place,
        )
        return
    free = shutil.disk_usage(existing).free
    days = free / BYTES_PER_DAY
    detail = Phrase(
        "{free:.1f} GiB free at {folder}: about {days:.0f} days of a busy hall",
        {"free": free / 2**30, "folder": place, "days": days},
    )
    if days < ENOUGH_DAYS:
        remedy = Phrase("Make room, or shorten how long track points are kept.")
        yield Finding(
            "disk-room", Topic.DISK, Verdict.WARNING, subject, detail, remedy, Mend.OPEN_FOLDER, place
        )
        return
    yield Finding("disk-room", Topic.DISK, Verdict.OK, subject, detail, name=place)


def check_keyring() -> Iterator[Finding]:
    """Where camera passwords are kept."""
    from app.settings.paths import settings_folder
    from app.venue.credentials import KeyringCredentialStore, open_credential_store

    subject = Phrase("passwords")
    try:
        store = open_credential_store(settings_folder())
    except ExpoFlowError as error:
        yield Finding(
            "password-store",
            Topic.PASSWORDS,
            Verdict.WARNING,
            subject,
            Phrase(error.problem_template, error.details),
            Phrase(error.remedy_template, error.details),
        )
        return
    detail = (
        Phrase("kept by the system's keyring")
        if isinstance(store, KeyringCredentialStore)
        else Phrase("kept in an encrypted file in the folder of the settings")
    )
    yield Finding("password-store", Topic.PASSWORDS, Verdict.OK, subject, detail)

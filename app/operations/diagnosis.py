"""Whether this machine can do the work: system, decoders, models, cameras, disk, each with a remedy."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from analytics.domain.errors import ExpoFlowError
from app.operations.findings import Finding, Verdict

if TYPE_CHECKING:
    from app.venue.document import Venue

NEEDED_DECODERS = ("h264", "hevc", "mjpeg", "mpeg4")
BYTES_PER_DAY = 250e6
"""Track points and events of 200 people at 5 Hz for 8 hours, with a margin: see ARCHITECTURE.md, store."""
ENOUGH_DAYS = 14
SLOTS_BYTES_PER_CAMERA = 3 * 1920 * 1080 * 3
"""Three full frames of the largest usual stream in shared memory."""
DEMONSTRATION_MODEL = "expoflow-demo"
OLDEST_PYTHON = (3, 11)
NEWEST_PYTHON = (3, 13)


def diagnose(
    *, venue: Venue | None, data_folder: Path, camera_timeout_s: float, ask_torch: bool
) -> Iterator[Finding]:
    """Check one thing after another, giving each finding as soon as it is known.

    Args:
        venue: its folder and cameras are checked too.
        data_folder: where models and settings live.
        camera_timeout_s: how long a camera may take to show its first picture.
        ask_torch: whether to import torch, which takes seconds, to ask it for NVIDIA devices.
    """
    yield check_python()
    yield check_processor()
    yield check_shared_memory(cameras=len(venue.cameras) if venue else 1)
    yield check_decoders()
    yield from check_devices(ask_torch=ask_torch)
    yield from check_models()
    yield check_disk(venue.folder if venue else data_folder)
    yield check_keyring()
    if venue is not None:
        from app.operations.camera_check import check_cameras

        yield from check_cameras(venue, timeout_s=camera_timeout_s)


def check_python() -> Finding:
    """Python's version and the operating system."""
    detail = f"Python {platform.python_version()} on {platform.platform()}"
    if OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        return Finding("system", Verdict.OK, detail)
    return Finding("system", Verdict.WARNING, detail, "ExpoFlow is tested on Python 3.11 to 3.13.")


def check_processor() -> Finding:
    """Cores and memory."""
    import psutil

    cores = os.cpu_count() or 1
    free_gib = psutil.virtual_memory().available / 2**30
    detail = f"{cores} cores, {free_gib:.1f} GiB of memory free"
    if free_gib < 2:
        return Finding(
            "processor", Verdict.WARNING, detail, "Close other programs: analysing takes about 1 GiB."
        )
    return Finding("processor", Verdict.OK, detail)


def check_shared_memory(*, cameras: int) -> Finding:
    """Room for frames on their way from the decoders to the detector."""
    folder = Path("/dev/shm")  # noqa: S108 the kernel's shared memory, not a temporary file
    if not folder.is_dir():
        return Finding("shared memory", Verdict.OK, "managed by the operating system")
    free = shutil.disk_usage(folder).free
    needed = SLOTS_BYTES_PER_CAMERA * max(1, cameras)
    detail = f"{free / 2**20:.0f} MiB free, {needed / 2**20:.0f} MiB needed"
    if free < needed:
        return Finding(
            "shared memory",
            Verdict.FAILED,
            detail,
            "Enlarge /dev/shm; in a container, start it with --shm-size=1g.",
        )
    return Finding("shared memory", Verdict.OK, detail)


def check_decoders() -> Finding:
    """The codecs that cameras and recordings use."""
    import av

    missing = [name for name in NEEDED_DECODERS if name not in av.codecs_available]
    if missing:
        return Finding(
            "decoders",
            Verdict.FAILED,
            f"missing: {', '.join(missing)}",
            "Reinstall the package av from a wheel.",
        )
    return Finding("decoders", Verdict.OK, f"{', '.join(NEEDED_DECODERS)} (PyAV {av.__version__})")


def check_devices(*, ask_torch: bool) -> Iterator[Finding]:
    """What the networks can run on."""
    from vision.detection.compute_device import list_compute_devices

    for device in list_compute_devices(ask_torch=ask_torch):
        verdict = Verdict.OK if device.is_usable else Verdict.ABSENT
        yield Finding(f"device {device.device}", verdict, f"{device.title}: {device.reason}")


def check_models() -> Iterator[Finding]:
    """Weights that are there, and whether they are what was once put there."""
    from app.operations.model_library import list_models
    from app.settings.models_location import models_folder

    models = list_models(user_folder=models_folder())
    ready = [model for model in models if model.state == "ready"]
    yield from (Finding(f"model {model.name}", Verdict.OK, str(model.path)) for model in ready)
    for model in models:
        if model.state in ("damaged", "missing"):
            yield Finding(
                f"model {model.name}",
                Verdict.FAILED,
                f"{model.state}: {model.path}",
                f"Fetch or import it again: python -m app models get {model.name} --replace",
            )
    if not any(model.name != DEMONSTRATION_MODEL for model in ready):
        yield Finding(
            "models",
            Verdict.WARNING,
            "no weights for real cameras on this machine",
            "Fetch them: python -m app models get yolo26n; or bring a file: python -m app models import FILE",
        )


def check_disk(folder: Path) -> Finding:
    """Room for two weeks of history, and whether the folder can be written."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    days = free / BYTES_PER_DAY
    detail = f"{free / 2**30:.1f} GiB free at {existing}: about {days:.0f} days of a busy hall"
    if not os.access(existing, os.W_OK):
        return Finding(
            "disk", Verdict.FAILED, f"{existing} cannot be written", "Choose a folder that you may write."
        )
    if days < ENOUGH_DAYS:
        return Finding(
            "disk", Verdict.WARNING, detail, "Make room, or shorten how long track points are kept."
        )
    return Finding("disk", Verdict.OK, detail)


def check_keyring() -> Finding:
    """Where camera passwords are kept."""
    from app.settings.paths import settings_folder
    from app.venue.credentials import open_credential_store

    try:
        store = open_credential_store(settings_folder())
    except ExpoFlowError as error:
        return Finding("passwords", Verdict.WARNING, error.problem, error.remedy)
    return Finding("passwords", Verdict.OK, f"kept by {type(store).__name__}")

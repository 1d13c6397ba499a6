"""The location of view references; loads no OpenCV, as the window uses it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from analytics.domain.camera import Camera


def locate_reference(folder: Path, camera: Camera) -> Path:
    """Return the reference file of a camera's calibration.

    A calibration is the pairs, the lens and the size of the pictures; another one has another reference.
    """
    calibration = repr((camera.frame_size_wh, camera.pairs, camera.lens))
    return folder / f"{_name(camera)}-{hashlib.sha256(calibration.encode()).hexdigest()[:16]}.npz"


def _name(camera: Camera) -> str:
    """Return a file name of letters and digits for any camera name."""
    return hashlib.sha256(camera.name.encode()).hexdigest()[:12]

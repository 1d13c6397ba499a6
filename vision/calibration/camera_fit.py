"""The geometry of a camera from its stored calibration."""

from __future__ import annotations

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError, Phrase
from analytics.domain.lens import PictureLens
from vision.calibration.click_noise import KNOWN_DEGREES_OF_FREEDOM, PRIOR_NOISE, ClickNoise
from vision.calibration.homography import HomographyFit, estimate_homography

FIT_VERSION = 1
"""Version of ``fit_camera``, raised when it gives another geometry for the same calibration."""


def fit_camera(camera: Camera) -> HomographyFit:
    """Fit the mapping from a camera's pixels, in pictures of its own frame size, to metres.

    Raises:
        CalibrationError: its pairs give no homography, or its lens is of pictures of an unknown size.
    """
    what = Phrase("camera '{name}'", {"name": camera.name})
    sigma = 0.0 if camera.lens is None else camera.lens.division_sigma
    return estimate_homography(
        camera.pairs, what=what, lens=place_lens(camera), division_sigma=sigma, noise=find_pair_noise(camera)
    )


def find_pair_noise(camera: Camera) -> ClickNoise:
    """Return the prior noise of the pixels of a camera's pairs."""
    if camera.pair_sigma_px is None:
        return PRIOR_NOISE
    return ClickNoise(camera.pair_sigma_px, KNOWN_DEGREES_OF_FREEDOM)


def place_lens(camera: Camera) -> PictureLens | None:
    """Return a camera's lens scaled to its pictures; None without distortion.

    Raises:
        CalibrationError: the size of the pictures is not known.
    """
    if camera.lens is None:
        return None
    if camera.frame_size_wh is None:
        raise CalibrationError(
            "Camera '{camera}' has a lens, but its frame size is unknown.",
            "Enter its frame size, or remove the lens.",
            camera=camera.name,
        )
    return camera.lens.in_picture(camera.frame_size_wh)

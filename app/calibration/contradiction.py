"""Point pairs of a calibration that contradict each other."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.camera import Camera
from analytics.domain.errors import Phrase
from vision.calibration.camera_fit import find_pair_noise, fit_camera, place_lens
from vision.calibration.homography import HomographyFit
from vision.calibration.outlying_pair import OutlyingPair, find_outlying_pair, is_consistent_with_clicking


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Point pairs that disagree by more than clicking errors.

    Attributes:
        sentence: the cause, as far as it is known.
        wrong_pair: the number of the one wrong pair, from 1; None if no single pair explains it.
        rms_m: root mean square of all residuals.
    """

    sentence: Phrase
    wrong_pair: int | None
    rms_m: float


def find_contradiction(camera: Camera) -> Contradiction | None:
    """Return the contradiction of a camera's pairs; None if they agree.

    Raises:
        CalibrationError: its pairs give no homography.
    """
    fit = fit_camera(camera)
    outlying = find_outlying(fit, camera)
    sentence = describe_contradiction(fit, outlying, camera)
    if sentence is None:
        return None
    return Contradiction(sentence, None if outlying is None else outlying.index + 1, fit.rms_m)


def find_outlying(fit: HomographyFit, camera: Camera) -> OutlyingPair | None:
    """Return the one pair of a camera that disagrees with the others; None without one."""
    return find_outlying_pair(camera.pairs, fit, lens=place_lens(camera), noise=find_pair_noise(camera))


def describe_contradiction(
    fit: HomographyFit, outlying: OutlyingPair | None, camera: Camera
) -> Phrase | None:
    """Return a sentence on pairs that disagree by more than clicking errors; None if they agree."""
    if outlying is not None:
        return Phrase(
            "Point {number} is wrong: without it the others agree to {rms_cm:.0f} cm.",
            {"number": outlying.index + 1, "rms_cm": 100 * outlying.others_rms_m},
        )
    if not is_consistent_with_clicking(fit, find_pair_noise(camera)):
        return Phrase(
            "The points disagree by more than clicking errors, and no single point explains it: "
            "measure them again, add more points, or estimate the lens."
        )
    return None

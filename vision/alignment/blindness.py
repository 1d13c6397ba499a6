"""Detection of a blind camera and its cause: edges are missing everywhere."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from vision.alignment.view_features import COARSE_PX, FINE_PX, ViewFeatures, measure_edges, measure_tones
from vision.alignment.view_report import BlindCause

BLIND_PART = 0.85
"""Share of the places with edges; a crowd hides edges, too, but has its own."""
_LEFT_COARSE_PART, _LEFT_FINE_PART = 0.3, 0.4
"""Remaining share of a place's edges, corrected for light; less counts as none. Half the light leaves 1.0, a
tenth of it with noise 0.5, a covered lens 0.05 to 0.15, a lens far out of focus 0.2 of the fine ones."""
_PLAIN_PART, _MIN_EDGES = 0.35, 0.3
"""Share of the upper quartile, and grey levels: a place with fewer edges is plain, or noise."""
_MIN_PLACES = 6
_DARK_LEVEL, _DARK_PART = 24.0, 0.35
"""Grey levels, and share of the reference's brightness."""
_BLACK_LEVEL = 8.0
"""Grey levels of sensor noise."""
_MIN_LIGHT_SHARE = 0.2
"""Light level down to which edges are expected to fade with the light; noise hides them below."""


def find_blindness(reference: ViewFeatures, picture: npt.NDArray[np.float32]) -> BlindCause | None:
    """Return why a picture shows nothing of the view; None if it does, or if that is undecidable.

    Args:
        picture: shape (height, width), grey levels; the mean of several has less noise.
    """
    tones = measure_tones(picture)
    brightness = float(reference.tones.mean())
    if tones.mean() < min(_BLACK_LEVEL, _DARK_PART * brightness):
        return BlindCause.DARK
    light = float(np.clip(tones.mean() / max(brightness, 1.0), _MIN_LIGHT_SHARE, 1.0))
    coarse = _measure_remaining(measure_edges(picture, sigma_px=COARSE_PX) / light, reference.structure)
    if coarse is not None and np.mean(coarse < _LEFT_COARSE_PART) >= BLIND_PART:
        is_dark = tones.mean() < min(_DARK_LEVEL, _DARK_PART * brightness)
        return BlindCause.DARK if is_dark else BlindCause.COVERED
    fine = _measure_remaining(measure_edges(picture, sigma_px=FINE_PX) / light, reference.edges)
    if fine is not None and np.mean(fine < _LEFT_FINE_PART) >= BLIND_PART:
        return BlindCause.DEFOCUSED
    return None


def _measure_remaining(edges: FloatArray, reference: FloatArray) -> FloatArray | None:
    """Return the remaining share of each place's edges, shape (n,); None if the reference has too few."""
    has_edges = reference >= max(_PLAIN_PART * float(np.quantile(reference, 0.75)), _MIN_EDGES)
    return edges[has_edges] / reference[has_edges] if has_edges.sum() >= _MIN_PLACES else None

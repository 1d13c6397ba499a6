"""Probability that a stay reached its zone's minimum, and the visits that stays therefore count as."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.metrics.presence import TIME_TOLERANCE_S

CELL_S = 0.1
REACH_S = 4.0
"""Only stays up to so much longer than the minimum tell how many lasted about as long as that."""
ITERATIONS = 20
MIN_LISTED = 0.05
"""Stays that are less likely to be visits are not listed, and count nowhere."""


def rate_stays(*, stays: pd.DataFrame, minimum_stay_s: float) -> pd.DataFrame:
    """Return the stays of a zone with ``probability``: that each lasted the minimum, 0 to 1.

    Length is measured with the errors of both edges. Where many people walk through a zone in somewhat less
    than the minimum, most stays that seem to have just reached it did not: how many lasted how long is
    therefore estimated first, from all stays, by a few steps of expectation maximisation (Richardson 1972, J.
    Opt. Soc. Am. 62, 55), and the probability is that of Bayes' rule. Few stays say little: one more,
    of any length, is added. Probabilities under ``MIN_LISTED`` become 0, and those as close to 1 become 1.

    Args:
        stays: columns of ``STAY_COLUMN_NAMES`` of one zone, after ``join_continuations``.
    """
    seconds = stays["seconds"].to_numpy(np.float64)
    error_s = np.hypot(*(stays[name].to_numpy(np.float64) for name in ("start_error_s", "end_error_s")))
    probability = np.asarray(seconds >= minimum_stay_s - TIME_TOLERANCE_S, np.float64)
    near = np.flatnonzero((error_s > 0) & (seconds < minimum_stay_s + REACH_S))
    if len(near) and minimum_stay_s > 0:
        found = _rate_near(seconds[near], np.maximum(error_s[near], CELL_S / 2), minimum_stay_s)
        probability[near] = np.where(found < MIN_LISTED, 0.0, np.where(found > 1.0 - MIN_LISTED, 1.0, found))
    return stays.assign(probability=probability)


def choose_visits(stays: pd.DataFrame, minimum_stay_s: float) -> pd.DataFrame:
    """Return the stays that may be visits, as visits, with their ``probability``.

    A stay that seems too short is as long as the minimum in case that it is a visit: its ends move outwards.

    Args:
        stays: of ``rate_stays``; those of a table without probabilities are exact.
    """
    if "probability" not in stays:
        chosen = stays[stays["seconds"] >= minimum_stay_s - TIME_TOLERANCE_S]
        return chosen.assign(probability=np.ones(len(chosen)))
    chosen = stays[stays["probability"] > 0]
    lacking_s = np.maximum(minimum_stay_s - chosen["seconds"].to_numpy(np.float64), 0.0)
    if not lacking_s.any():
        return chosen
    return chosen.assign(
        entered_s=chosen["entered_s"] - lacking_s / 2,
        left_s=chosen["left_s"] + lacking_s / 2,
        seconds=chosen["seconds"] + lacking_s,
    )


def choose_short_stays(stays: pd.DataFrame, minimum_stay_s: float) -> pd.DataFrame:
    """Return the stays that may be no visits, as such: shorter, with the ``probability`` that they are none.

    Args:
        stays: see ``choose_visits``.
    """
    if "probability" not in stays:
        chosen = stays[stays["seconds"] < minimum_stay_s - TIME_TOLERANCE_S]
        return chosen.assign(probability=np.ones(len(chosen)))
    chosen = stays[stays["probability"] < 1]
    longest_s = max(0.0, minimum_stay_s - TIME_TOLERANCE_S)
    return chosen.assign(
        seconds=np.minimum(chosen["seconds"].to_numpy(np.float64), longest_s),
        probability=1.0 - chosen["probability"],
    )


def _rate_near(seconds: FloatArray, error_s: FloatArray, minimum_stay_s: float) -> FloatArray:
    below = int(np.ceil(minimum_stay_s / CELL_S - 1e-9))
    above = int(np.ceil((REACH_S + 1.0) / CELL_S))
    middle_s = minimum_stay_s + (np.arange(-below, above) + 0.5) * CELL_S
    likelihood = np.exp(-0.5 * ((seconds[:, None] - middle_s) / error_s[:, None]) ** 2)
    likelihood /= np.maximum(likelihood.sum(axis=1, keepdims=True), 1e-300)
    any_length = np.full(len(middle_s), 1.0 / len(middle_s))
    density = likelihood.sum(axis=0) + any_length
    for _ in range(ITERATIONS):
        share = 1.0 / np.maximum(likelihood @ density, 1e-300)
        density = density * (share @ likelihood) + any_length
    reached = likelihood[:, below:] @ density[below:]
    return np.asarray(reached / np.maximum(likelihood @ density, 1e-300), np.float64)

"""Whether cameras were off between two moments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.metrics.observation import find_unobserved, unite_spans
from analytics.visitors.tracklet_ends import EndStates

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SLACK_S = 0.5
"""A track may end so long before the frames of its camera do."""


def make_outage_check(
    *, spans: pd.DataFrame | None, camera_names: tuple[str, ...], longest_outage_s: float
) -> Callable[[EndStates, EndStates], BoolArray]:
    """A function that tells for pairs (last, first) of states whether their cameras were off in between.

    They were if neither of the two was analysed for more than ``longest_outage_s`` within the gap. Without
    ``spans`` they never were.
    """
    outages: dict[tuple[int, int], FloatArray] = {}

    def find_outages(a: int, b: int) -> FloatArray:
        if (a, b) not in outages:
            assert spans is not None
            observed = unite_spans(spans, cameras={camera_names[a], camera_names[b]})
            unobserved = find_unobserved(observed)
            outages[a, b] = unobserved[np.diff(unobserved, axis=1)[:, 0] > longest_outage_s]
        return outages[a, b]

    def is_outage_between(last: EndStates, first: EndStates) -> BoolArray:
        found = np.zeros(len(last), bool)
        if spans is None or not len(spans):
            return found
        low, high = np.minimum(last.camera, first.camera), np.maximum(last.camera, first.camera)
        for a in np.unique(low).tolist():
            for b in np.unique(high[low == a]).tolist():
                pairs = (low == a) & (high == b)
                off = find_outages(a, b)
                over = np.searchsorted(off[:, 1], first.time_s[pairs] + SLACK_S, side="right")
                begun = np.searchsorted(off[:, 0], last.time_s[pairs] - SLACK_S, side="left")
                found[pairs] = over > begun
        return found

    return is_outage_between

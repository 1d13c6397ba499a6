"""Where people were in the frames in which they were not seen: between two sightings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vision.tracking.track_record import TrackRecord

FloatArray = npt.NDArray[np.float64]

STRAIGHT_LINE_M2_PER_S = 0.04
"""Variance along each axis, in the middle of a hidden second, of a person around the straight line between
two sightings, for each quarter of the second: a walker who turns meanwhile is some 0.2 m off."""


def interpolate(
    time_s: float,
    hidden: Sequence[tuple[int, TrackRecord]],
    before: FloatArray,
    after: FloatArray,
    *,
    unit_m: float,
) -> tuple[list[int], FloatArray]:
    """Places on straight lines, one for each of the records' ``unseen_times_s``.

    Args:
        hidden: the tracks that are seen again at ``time_s``, with their numbers.
        before, after: at the last and at this sighting of all tracks, by their numbers, shape (6, n): the
            probability that the person stands, and the place as in ``FloorMotion``.

    Returns:
        The number of the track of each place, and the places, shape (5, k).
    """
    rows = [row for row, record in hidden for _ in record.unseen_times_s]
    since_s, span_s = np.array(
        [
            (unseen_s - record.seen_s, time_s - record.seen_s)
            for _, record in hidden
            for unseen_s in record.unseen_times_s
        ]
    ).T
    share = since_s / span_s
    of_rows = np.array(rows)
    before, after = before.take(of_rows, axis=1), after.take(of_rows, axis=1)
    stands = np.minimum(before[0], after[0])
    density = 4 * STRAIGHT_LINE_M2_PER_S * (1 - 0.75 * stands) * unit_m**2
    places = np.empty((5, len(rows)))
    places[:2] = before[1:3] + share * (after[1:3] - before[1:3])
    places[2:] = (1 - share) * before[3:] + share * after[3:]
    places[2:4] += density * span_s * share * (1 - share)
    return rows, places

"""Days of a simulated fair as track tables, within about a second each: for what needs hundreds of fairs.

Nobody gives way to anybody here; where bodies matter, take a simulated crowd (`planted_hall`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.columns import SPAN_COLUMNS, TRACK_COLUMNS
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackState
from tools.fairs.fair_hall import FairHall
from tools.fairs.fair_itineraries import DayWalks, FairDay, VisitorHabits
from tools.fairs.fair_programme import FairProgramme

CAMERA = CameraId("hall")
_DEFAULT_HABITS = VisitorHabits()
_DEFAULT_PROGRAMME = FairProgramme()


@dataclass(frozen=True, slots=True, eq=False)
class TrackedDay:
    """One day, everybody seen all the time.

    Attributes:
        tracks: columns of ``TRACK_COLUMNS``, ``visitor`` known; times count from the opening.
        spans: columns of ``SPAN_COLUMNS``: one, until the last has left.
        walks: what the tracks were made of.
    """

    tracks: pd.DataFrame
    spans: pd.DataFrame
    walks: DayWalks

    @property
    def duration_s(self) -> float:
        """Until the last has left."""
        return float(self.spans["end_s"].max())


def simulate_tracked_day(
    *,
    hall: FairHall,
    seed: int,
    programme: FairProgramme = _DEFAULT_PROGRAMME,
    habits: VisitorHabits = _DEFAULT_HABITS,
    interval_s: float = 1.0,
    position_error_m: float = 0.05,
) -> TrackedDay:
    """A day of a fair; the same arguments give the same day, bit by bit.

    Args:
        interval_s: between two rows of one visitor; all are seen at the same moments.
        position_error_m: standard deviation of each coordinate, independent from row to row.
    """
    walks = FairDay(hall, programme, habits, np.random.default_rng([seed, 21])).run()
    random = np.random.default_rng([seed, 22])
    return track_walks(walks, interval_s=interval_s, position_error_m=position_error_m, random=random)


def track_walks(
    walks: DayWalks, *, interval_s: float, position_error_m: float, random: np.random.Generator
) -> TrackedDay:
    """Where everybody was at equal moments."""
    starts = np.flatnonzero(np.diff(walks.person, prepend=-1))
    ends = np.append(starts[1:], len(walks.person)) - 1
    first = np.ceil(walks.time_s[starts] / interval_s - 1e-9).astype(np.int64)
    last = np.floor(walks.time_s[ends] / interval_s + 1e-9).astype(np.int64)
    counts = np.maximum(last - first + 1, 0)
    person = np.repeat(walks.person[starts], counts)
    frame = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)
    # all persons' ways one after the other on one axis, so that a single interpolation does for all
    apart_s = float(walks.time_s.max(initial=0.0)) + 10.0
    place = person * apart_s + frame * interval_s
    knots = walks.person * apart_s + walks.time_s
    order = np.argsort(frame, kind="stable")
    errors = random.normal(0.0, position_error_m, (2, len(place)))
    x, y = (np.interp(place, knots, walks.xy_m[:, axis]) + errors[axis] for axis in (0, 1))
    tracks = pd.DataFrame(
        {
            "time_s": frame[order] * interval_s,
            "camera": str(CAMERA),
            "tracklet": person[order],
            "visitor": person[order],
            "x_m": x[order],
            "y_m": y[order],
            "sigma_m": position_error_m,
            "height_m": np.nan,
            "state": TrackState.TRUTH.value,
        }
    ).astype({column.name: column.dtype for column in TRACK_COLUMNS})
    frames = int(frame.max(initial=0)) + 1
    spans = pd.DataFrame(
        {"camera": [str(CAMERA)], "start_s": [0.0], "end_s": [frames * interval_s], "frames": [frames]}
    ).astype({column.name: column.dtype for column in SPAN_COLUMNS})
    return TrackedDay(tracks, spans, walks)

"""Who and what stands still in a known history: a poster, a shelf where visitors stop, an attendant."""

from __future__ import annotations

import numpy as np
import pandas as pd

from app.core.document import Venue
from tests.support.halls.known_crowd import make_track_table
from tests.support.halls.known_history import write_crowd

POSTER_M = (9.0, 5.0)
"""Outside every zone, and of the way of the known crowd."""
POSTER_S = 700.0
"""For so long it is taken for a person, in two pieces."""
SHELF_M = (9.0, -2.0)
SHELF_S = 240.0


def add_poster(venue: Venue, *, start_s: float, at_m: tuple[float, float] = POSTER_M) -> None:
    """Something that comes from nowhere twice, and never moves."""
    pieces = [
        _stand(1, from_s=20.0, seconds=400.0, at_m=at_m),
        _stand(2, from_s=1200.0, seconds=300.0, at_m=at_m),
    ]
    write_crowd(venue, pd.concat(pieces), start_s=start_s)


def add_shelf(venue: Venue, *, start_s: float, at_m: tuple[float, float] = SHELF_M) -> None:
    """Something that never moves, between two tracks of somebody who came and went: a person, or not."""
    arrival = _walk(3, from_s=190.0, start_m=(at_m[0] + 4.0, at_m[1]), end_m=at_m)
    still = _stand(4, from_s=195.5, seconds=SHELF_S, at_m=at_m)
    departure = _walk(5, from_s=196.0 + SHELF_S, start_m=at_m, end_m=(at_m[0] + 4.0, at_m[1]))
    write_crowd(venue, pd.concat([arrival, still, departure]), start_s=start_s)


def add_attendant(venue: Venue, *, start_s: float, duration_s: float) -> None:
    """Somebody who is at the stand all the time, and walks about in it."""
    times_s = np.arange(0.0, duration_s, 0.2)
    table = make_track_table(
        time_s=times_s,
        tracklet=[6] * len(times_s),
        x_m=3.0 + np.sin(times_s / 20.0),
        y_m=2.0 + 0.5 * np.cos(times_s / 13.0),
        sigma_m=0.1,
    )
    write_crowd(venue, table, start_s=start_s)


def _stand(tracklet: int, *, from_s: float, seconds: float, at_m: tuple[float, float]) -> pd.DataFrame:
    rng = np.random.default_rng(tracklet)
    times_s = from_s + np.arange(0.0, seconds, 0.2)
    return make_track_table(
        time_s=times_s,
        tracklet=[tracklet] * len(times_s),
        x_m=at_m[0] + rng.normal(0, 0.05, len(times_s)),
        y_m=at_m[1] + rng.normal(0, 0.05, len(times_s)),
        sigma_m=0.1,
    )


def _walk(
    tracklet: int, *, from_s: float, start_m: tuple[float, float], end_m: tuple[float, float]
) -> pd.DataFrame:
    times_s = from_s + np.arange(0.0, 5.0, 0.2)
    way = np.linspace(0.0, 1.0, len(times_s))
    return make_track_table(
        time_s=times_s,
        tracklet=[tracklet] * len(times_s),
        x_m=start_m[0] + way * (end_m[0] - start_m[0]),
        y_m=start_m[1] + way * (end_m[1] - start_m[1]),
        sigma_m=0.1,
    )

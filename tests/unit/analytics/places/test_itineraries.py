"""Itineraries of visitors from the kept tables."""

from __future__ import annotations

import pandas as pd

from analytics.places.itineraries import make_itineraries


def test_who_crosses_an_entrance_was_seen_to_come_wherever_the_track_begins() -> None:
    """As where a camera looks at the floor before the entrance line, too."""
    journeys = pd.DataFrame(
        {"visitor": [1, 2, 3], "start_s": [0.0, 0.0, 0.0], "end_s": [90.0, 90.0, 90.0],
         "is_start_seen": [False, False, True], "is_end_seen": False}
    )  # fmt: skip
    visits = pd.DataFrame(
        {"visitor": [1, 2, 3], "zone": "A", "entered_s": 20.0, "left_s": 50.0, "stop_s": 20.0}
    )  # fmt: skip
    crossings = pd.DataFrame(
        {"visitor": [1, 1, 2], "line": ["Door", "Door", "Door"], "time_s": [3.0, 80.0, 80.0],
         "direction": ["in", "out", "out"]}
    )  # fmt: skip
    found = make_itineraries(
        visits=visits, journeys=journeys, crossings=crossings, zones=["A"], entrances=["Door"], exits=["Door"]
    )
    assert found.is_start_seen.tolist() == [True, False, True]
    assert found.is_end_seen.tolist() == [True, True, False]

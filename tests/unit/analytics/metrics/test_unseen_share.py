from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.unseen_share import measure_unseen_shares
from tests.support.halls.known_crowd import make_track_table

ZONES = [
    Zone(ZoneId(name), ZoneKind.BOOTH, Polygon.from_points(corners, what=name))
    for name, corners in (
        ("triangle", [(0, 0), (4, 0), (0, 4)]),
        ("empty", [(20, 20), (22, 20), (22, 22)]),
    )
]


def measure(states: list[str], x_m: list[float]) -> dict[str, float | None]:
    tracks = make_track_table(
        time_s=0.2 * np.arange(len(x_m)), tracklet=[1] * len(x_m), x_m=x_m, y_m=[1.0] * len(x_m)
    )
    return measure_unseen_shares(
        tracks=tracks.assign(state=pd.array(states, dtype=tracks["state"].dtype)), zones=ZONES
    )


def test_the_unseen_share_is_that_of_rows_in_the_zone_without_a_detection() -> None:
    # the last is within the box about the triangle, and outside of it
    states = ["confirmed", "coasted", "interpolated", "confirmed", "confirmed", "interpolated"]
    assert measure(states, [1.0, 1.5, 2.0, 2.2, 2.4, 3.5])["triangle"] == pytest.approx(0.4)


def test_exact_positions_are_seen_and_an_empty_zone_has_no_share() -> None:
    assert measure(["truth", "truth"], [1.0, 2.0]) == {"triangle": 0.0, "empty": None}

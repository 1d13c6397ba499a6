"""Visitors near a stand: who stops is who has a visit with a stop."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.dwell.engagement_tier import Tier
from analytics.rollups.exposed_visitors import tabulate_exposed
from analytics.rollups.stretch import Stretch
from tests.support.halls.known_crowd import STAND, make_track_table

FLOOR = Polygon.from_points([(-10, -5), (16, -5), (16, 12), (-10, 12)], what="floor")


def test_who_stops_on_a_visit_and_drifts_out_of_the_stand_stops_there() -> None:
    left, _, right, top = STAND.outline.to_shape().bounds
    # within the stand for eight seconds, slowly out of it, and long in front of it: one stop, mostly outside
    time_s = np.arange(0.0, 60.0, 0.5)
    y_m = top + np.interp(time_s, [0.0, 8.0, 18.0, 60.0], [-0.5, -0.5, 1.5, 1.5])
    tracks = make_track_table(
        time_s=time_s,
        tracklet=np.ones(len(time_s)),
        visitor=np.ones(len(time_s)),
        x_m=np.full(len(time_s), (left + right) / 2),
        y_m=y_m,
        camera="hall",
    )
    stretch = Stretch(
        tracks=tracks,
        spans=pd.DataFrame({"camera": ["hall"], "start_s": [0.0], "end_s": [60.0], "frames": [120]}),
        start_utc_s=0.0,
        duration_s=60.0,
        plan=FloorPlan(FLOOR),
        geometry=FloorGeometry(zones=(STAND,)),
        views=(),
    )
    (stop,) = stretch.stops.itertuples()
    assert stop.y_m > top
    (visit,) = stretch.visits.itertuples()
    assert visit.tier == Tier.ENGAGED.value
    (near,) = tabulate_exposed(stretch).itertuples()
    assert near.did_stop

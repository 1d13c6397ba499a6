"""A hall of 20 m x 10 m of which one camera, straight above, sees the left half."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import CameraId
from analytics.domain.zone import CountingLine, Zone
from app.core.document import Venue, VenueCamera
from tests.support.halls.builder import box, line, pair, zone
from tests.support.halls.known_crowd import make_track_table

__all__ = ["SEEN_UNTIL_X_M", "box", "line", "make_seen_hall", "walk", "zone"]
SEEN_UNTIL_X_M = 10.0


def make_seen_hall(
    *,
    zones: Sequence[Zone] = (),
    lines: Sequence[CountingLine] = (),
    obstacles: Sequence[Obstacle] = (),
    is_calibrated: bool = True,
) -> Venue:
    corners = ((0, 0), (1000, 0), (1000, 1000), (0, 1000))
    pairs = pair(corners, [(u / 100, (1000 - v) / 100) for u, v in corners])
    camera = Camera(CameraId("above"), (1000, 1000), pairs if is_calibrated else ())
    return Venue(
        folder=Path("seen.expoflow"),
        exhibition=Exhibition("Seen fair", "Asia/Shanghai"),
        plan=FloorPlan(box(0, 0, 20, 10), obstacles=tuple(obstacles)),
        cameras=(VenueCamera(camera),),
        geometry_versions=(FloorGeometry(tuple(zones), tuple(lines)),),
    )


def walk(*paths: Sequence[tuple[float, float, float]]) -> pd.DataFrame:
    """Everybody's path through corners (time_s, x_m, y_m), seen five times a second."""
    tables = []
    for number, path in enumerate(paths):
        times, xs, ys = (np.array([corner[axis] for corner in path]) for axis in (0, 1, 2))
        time_s = np.arange(times[0], times[-1] + 1e-9, 0.2)
        tables.append(
            make_track_table(
                time_s=time_s,
                tracklet=np.full(len(time_s), number + 1),
                visitor=np.full(len(time_s), number + 1),
                x_m=np.interp(time_s, times, xs),
                y_m=np.interp(time_s, times, ys),
                sigma_m=0.05,
            )
        )
    return pd.concat(tables).sort_values("time_s", kind="stable", ignore_index=True)

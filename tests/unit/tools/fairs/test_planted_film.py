from __future__ import annotations

import numpy as np

from tools.fairs.fair_hall import FairHall
from tools.fairs.planted_fair import plan_planted_fair
from tools.fairs.planted_film import hang_cameras
from tools.scenes.scene_cameras import find_seen


def list_floor(hall: FairHall) -> np.ndarray:
    x, y = (np.arange(0.25, side_m, 0.5) for side_m in hall.size_m)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def test_every_zone_is_in_a_cameras_view() -> None:
    hall = plan_planted_fair().halls[0]
    cameras = hang_cameras(hall, seed=1)
    floor = list_floor(hall)
    is_seen = np.any([find_seen(view=camera.view, xy_m=floor) for camera in cameras], axis=0)
    assert len({camera.name for camera in cameras}) == 10
    for zone in hall.make_geometry().zones:
        corners = np.asarray(zone.outline.points)
        inside = ((floor >= corners.min(axis=0)) & (floor <= corners.max(axis=0))).all(axis=1)
        assert is_seen[inside].all()

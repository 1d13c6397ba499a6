from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.support.simulator import needs_simulator
from tools.fairs.fair_hall import FairHall
from tools.fairs.planted_fair import plan_planted_fair
from tools.fairs.planted_film import film_hall, hang_cameras
from tools.fairs.planted_hall import simulate_planted_day
from tools.scenes.scene_cameras import find_seen


def list_floor(hall: FairHall) -> np.ndarray:
    x, y = (np.arange(0.25, side_m, 0.5) for side_m in hall.size_m)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def test_every_zone_is_in_some_camera_s_view() -> None:
    hall = plan_planted_fair().halls[0]
    cameras = hang_cameras(hall, seed=1)
    floor = list_floor(hall)
    is_seen = np.any([find_seen(view=camera.view, xy_m=floor) for camera in cameras], axis=0)
    assert len({camera.name for camera in cameras}) == 10
    for zone in hall.make_geometry().zones:
        corners = np.asarray(zone.outline.points)
        inside = ((floor >= corners.min(axis=0)) & (floor <= corners.max(axis=0))).all(axis=1)
        assert is_seen[inside].all()


@needs_simulator
def test_most_of_those_who_are_in_view_are_reported_and_the_same_seed_reports_the_same() -> None:
    fair = plan_planted_fair()
    hall, busy = fair.halls[0], replace(fair.programmes[0], visitors=6000.0)
    paths = simulate_planted_day(hall=hall, programme=busy, seed=1, until_s=60.0).paths
    film, again = (film_hall(hall=hall, paths=paths, seed=2, fps=2.0) for _ in range(2))
    lobby = film.detections[0]
    assert np.array_equal(lobby.xyxy, again.detections[0].xyxy)
    assert (np.diff(lobby.frame_times_s) > 0).all()
    shown = np.concatenate([filmed.visitor for filmed in film.detections])
    assert len(set(shown[shown >= 0].tolist())) > 0.9 * len(paths.paths)

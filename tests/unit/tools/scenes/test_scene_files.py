from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.identifiers import CameraId
from app.analysis.detection_file import read_detection_rows
from app.core.calibration_csv import read_calibration
from app.plan.geojson import read_floor_geojson
from tools.scenes.scene_cameras import FrameTiming, SceneCamera, film_crowd, measure_pairs
from tools.scenes.scene_files import write_scene
from tools.scenes.scenes import Bodies, SyntheticScene
from tools.simulation.crowd.truth import make_true_crossings, make_true_visits
from tools.simulation.crowd.visitor_paths import WalkSettings, simulate_visitors
from tools.simulation.crowd.walk_hall import make_demo_hall
from tools.simulation.detector_simulation import DetectorErrors
from tools.simulation.pinhole_camera import PinholeCamera

SIZE_WH = (1280, 720)


def hang(name: str, x_m: float) -> SceneCamera:
    view = PinholeCamera((x_m, -1.0, 4.0), math.pi / 2, math.radians(35), math.radians(60), SIZE_WH)
    places = [(x_m - 1, 3.0), (x_m + 1, 3.0), (x_m - 2, 6.0), (x_m + 2, 6.0), (x_m, 7.0)]
    return SceneCamera(
        CameraId(name), view, measure_pairs(view=view, points_m=places, rng=np.random.default_rng(1))
    )


@pytest.fixture(scope="module")
def scene() -> SyntheticScene:
    """The demonstration's hall between two cameras whose views overlap."""
    hall = make_demo_hall()
    paths = simulate_visitors(hall=hall, duration_s=40.0, seed=1, settings=WalkSettings(arrivals_per_s=0.1))
    bodies = Bodies(np.full(len(paths.paths), 1.7), np.full(len(paths.paths), 0.25))
    cameras = (hang("left", 4.5), hang("right", 7.5))
    detections = tuple(
        film_crowd(
            paths=paths,
            camera=camera,
            furniture=(),
            banners_m=(),
            fps=5.0,
            timing=FrameTiming(),
            errors=DetectorErrors(score_threshold=0.8),
            height_m=bodies.height_m,
            half_width_m=bodies.half_width_m,
            seed=1,
        )
        for camera in cameras
    )
    zones = tuple(stand.zone for stand in hall.stands)
    return SyntheticScene("test", 1, paths, bodies, zones, hall.lines, cameras, detections)


@pytest.fixture(scope="module")
def folder(scene: SyntheticScene, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("scenes") / "one"
    write_scene(scene, written)
    return written


def test_detections_and_empty_frames_are_read_back(scene: SyntheticScene, folder: Path) -> None:
    rows = read_detection_rows(folder / "detections.csv")
    assert set(rows.cameras) == {"left", "right"}
    assert (np.diff(rows.time_s) >= 0).all()
    for filmed in scene.detections:
        own = rows.camera == rows.cameras.index(str(filmed.camera))
        assert np.unique(rows.time_s[own]).tolist() == filmed.frame_times_s.tolist()
        boxes = rows.xyxy[own & ~rows.is_blank]
        assert np.abs(boxes - filmed.xyxy).max() <= 0.051
        assert np.abs(rows.score[own & ~rows.is_blank] - filmed.score).max() <= 0.00051
        empty = len(filmed.frame_times_s) - len(np.unique(filmed.frame))
        assert (own & rows.is_blank).sum() == empty > 0


def test_zones_lines_and_pairs_are_read_back(scene: SyntheticScene, folder: Path) -> None:
    floor = read_floor_geojson(folder / "zones.geojson")
    assert floor.zones == scene.zones
    assert floor.lines == scene.lines
    pairs = read_calibration(folder / "calibration.csv")
    assert pairs == {camera.name: camera.pairs for camera in scene.cameras}
    sizes = (folder / "frame_sizes.txt").read_text(encoding="utf-8").split()
    assert sizes == ["left=1280x720", "right=1280x720"]


def test_the_truth_follows_the_visit_rule(scene: SyntheticScene, folder: Path) -> None:
    visits = pd.read_csv(folder / "truth" / "visits.csv")
    expected = make_true_visits(paths=scene.paths, zones=scene.zones)
    assert len(visits) > 3
    assert visits["zone"].tolist() == expected["zone"].tolist()
    assert visits["seconds"].to_numpy() == pytest.approx(expected["seconds"].to_numpy(), abs=1e-3)
    assert visits["seconds"].min() >= 3
    crossings = pd.read_csv(folder / "truth" / "crossings.csv")
    assert len(crossings) == len(make_true_crossings(paths=scene.paths, lines=scene.lines)) > 0

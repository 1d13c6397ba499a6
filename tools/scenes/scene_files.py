"""A synthetic scene as files: what a camera's software would have, and the truth beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from analytics.domain.identifiers import CameraId
from resources.atomic_file import write_text_atomically
from tools.scenes.scene_cameras import find_seen
from tools.scenes.scenes import SyntheticScene
from tools.simulation.crowd.floor_files import format_calibration, format_floor
from tools.simulation.crowd.truth import make_true_tracks, write_truth

DETECTIONS_FILE = "detections.csv"
ZONES_FILE = "zones.geojson"
CALIBRATION_FILE = "calibration.csv"
FRAME_SIZES_FILE = "frame_sizes.txt"
TRUTH_FOLDER = "truth"

TRUTH_STEP_S = 0.2
"""Between two positions in the truth's tracks."""


def write_scene(scene: SyntheticScene, folder: Path) -> None:
    """Write detections, zones and lines, calibration, frame sizes, and the truth as a result of its own.

    ``frame_sizes.txt`` holds one ``CAMERA=WIDTHxHEIGHT`` a line. The truth's tracks are of those whose foot
    point is in a camera's picture; its visits and crossings are everybody's.

    Raises:
        OSError: the folder cannot be written.
    """
    write_detections(scene, folder)
    write_truth(
        folder / TRUTH_FOLDER,
        paths=scene.paths,
        zones=scene.zones,
        lines=scene.lines,
        tracks=make_seen_tracks(scene),
        frame_counts={filmed.camera: len(filmed.frame_times_s) for filmed in scene.detections},
    )


def write_detections(scene: SyntheticScene, folder: Path) -> None:
    """The same without the truth, which takes minutes for a whole day of a large hall.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_text_atomically(folder / DETECTIONS_FILE, _format_detections(scene))
    write_text_atomically(folder / ZONES_FILE, format_floor(zones=scene.zones, lines=scene.lines))
    pairs = {camera.name: camera.pairs for camera in scene.cameras}
    write_text_atomically(folder / CALIBRATION_FILE, format_calibration(pairs))
    sizes = [f"{c.name}={c.frame_size_wh[0]}x{c.frame_size_wh[1]}\n" for c in scene.cameras]
    write_text_atomically(folder / FRAME_SIZES_FILE, "".join(sizes))


def make_seen_tracks(scene: SyntheticScene) -> pd.DataFrame:
    """Exact positions, once each, of everybody whose foot point is in a picture: `TRACK_COLUMNS`.

    The camera is the first that has the person in its picture.
    """
    times_s = np.arange(0.0, scene.paths.duration_s - 1e-9, TRUTH_STEP_S)
    tracks = make_true_tracks(paths=scene.paths, times_s=times_s, camera=CameraId(""))
    xy_m = tracks[["x_m", "y_m"]].to_numpy(np.float64)
    seen_by = np.full(len(tracks), "", dtype=object)
    for camera in reversed(scene.cameras):
        seen_by[find_seen(view=camera.view, xy_m=xy_m)] = str(camera.name)
    tracks["camera"] = pd.Series(seen_by, dtype="str")
    return tracks[tracks["camera"] != ""].reset_index(drop=True)


def _format_detections(scene: SyntheticScene) -> str:
    """All cameras' frames in the order of time; a frame without a box is a row with the time alone."""
    rows = []
    for filmed in scene.detections:
        for time_s, xyxy, score in filmed.frames():
            if not len(score):
                rows.append((time_s, f"{time_s:.3f},{filmed.camera},,,,,\n"))
            for box, value in zip(xyxy.tolist(), score.tolist(), strict=True):
                edges = ",".join(f"{edge:.1f}" for edge in box)
                rows.append((time_s, f"{time_s:.3f},{filmed.camera},{edges},{value:.3f}\n"))
    rows.sort(key=lambda row: row[0])
    return "time_s,camera,x1,y1,x2,y2,score\n" + "".join(text for _, text in rows)

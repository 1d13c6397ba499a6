"""How long history takes to be recomputed: an hour with two hundred people at once, and a busy camera."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone
from analytics.evaluation.result_reading import ResultFiles
from analytics.results.summary import compute_results
from app.analysis.detection_file import check_detections, read_detection_rows
from app.analysis.recording_scene import read_scene
from app.analysis.replay_detections import track_frames
from app.cameras.frame_sizes import parse_frame_sizes
from app.facts.identified_period import identify_period
from benchmarks.tracking_methods import METHODS, run_method
from tools.memory_event_store import MemoryEventStore
from tools.scenes.scene_files import write_scene
from tools.scenes.scenes import make_scene

_HALLS, _TIMES = 6, 6
_APART_M = 100.0
_PART_S = 600.0


def measure_recompute(*, seed: int) -> str:
    """A sentence on an hour of six halls with the scene ``dense``, side by side and six times in a row."""
    with tempfile.TemporaryDirectory(prefix="expoflow-speed-") as name:
        folder = Path(name)
        write_scene(make_scene("dense", seed=seed, duration_s=_PART_S, fps=5.0), folder)
        scene = read_scene(folder / "zones.geojson", folder / "calibration.csv")
        sizes = parse_frame_sizes((folder / "frame_sizes.txt").read_text(encoding="utf-8").split())
        sizes_wh = {camera: sizes[str(camera)] for camera in scene.camera_names}
        rows = read_detection_rows(folder / "detections.csv")
        frames, _ = check_detections(rows, known=scene.camera_names, frame_sizes_wh=sizes_wh, file="")
    store = MemoryEventStore()
    track_frames(frames, scene=scene, sizes_wh=sizes_wh, start_s=0.0, sink=store)
    tracks = _tile(store.read_tracks())
    zones = [_shift(zone, number) for zone in scene.geometry.zones for number in range(_HALLS)]
    spans = pd.DataFrame(
        {
            "camera": "cam",
            "start_s": [0.0],
            "end_s": [_PART_S * _TIMES],
            "frames": [round(_PART_S * _TIMES * 5)],
        }
    )
    began_s = time.process_time()
    period = identify_period(
        tracks=tracks, spans=spans, period_s=(0.0, _PART_S * _TIMES), views=(), zones=zones
    )
    identified_s = time.process_time() - began_s
    results = compute_results(
        tracks=period.tracks, spans=spans, zones=zones, lines=(), duration_s=_PART_S * _TIMES
    )
    whole_s = time.process_time() - began_s
    people = results.summary["people_in_view"]
    assert isinstance(people, dict)
    size = f"{len(tracks):,} track points and {len(zones)} zones"
    return (
        f"An hour with {people['mean']:.0f} people at once, {size}: "
        f"identified in {identified_s:.1f} s, all numbers in {whole_s:.1f} s of one processor."
    )


def measure_frame(*, seed: int, fps: float = 15.0, minutes: float = 3.0) -> str:
    """A sentence on what a frame of a camera with 16 people takes, from its boxes to the numbers."""
    with tempfile.TemporaryDirectory(prefix="expoflow-speed-") as name:
        folder = Path(name)
        write_scene(make_scene("busy", seed=seed, duration_s=minutes * 60, fps=fps), folder)
        run = run_method(METHODS[0], folder)
    return (
        f"A frame of a camera with {_count_in_view(run.result):.0f} people at {fps:g}/s: tracking "
        f"{1000 * run.tracking_s / run.frames:.2f} ms, identities and numbers "
        f"{1000 * run.numbers_s / run.frames:.2f} ms of one processor."
    )


def _count_in_view(result: ResultFiles) -> float:
    people = result.summary["people_in_view"]
    assert isinstance(people, dict)
    return float(people["mean"])


def _tile(tracks: pd.DataFrame) -> pd.DataFrame:
    step = int(tracks["tracklet"].max()) + 1
    copies = [
        tracks.assign(
            time_s=tracks["time_s"] + _PART_S * repetition,
            x_m=(tracks["x_m"] + _APART_M * hall).astype("float32"),
            tracklet=tracks["tracklet"] + step * (hall * _TIMES + repetition),
        )
        for hall in range(_HALLS)
        for repetition in range(_TIMES)
    ]
    return pd.concat(copies, ignore_index=True).sort_values("time_s", kind="stable", ignore_index=True)


def _shift(zone: Zone, hall: int) -> Zone:
    outline = Polygon(tuple((x + _APART_M * hall, y) for x, y in zone.outline.points))
    return replace(zone, name=ZoneId(f"{zone.name} {hall}"), outline=outline)

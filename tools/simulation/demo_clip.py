"""Rendered demonstration clip with the files to analyse it and to check the result."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.domain.camera import PointPair
from analytics.domain.identifiers import CameraId
from resources.atomic_file import write_text_atomically
from tools.simulation.crowd.floor_files import format_calibration, format_floor
from tools.simulation.crowd.truth import make_true_tracks, write_truth
from tools.simulation.crowd.visitor_paths import WalkSettings, simulate_visitors
from tools.simulation.crowd.walk_hall import WalkHall, make_demo_hall
from tools.simulation.pinhole_camera import PinholeCamera
from tools.simulation.rendered_scene import RenderedSceneSource
from tools.simulation.rendering.clip_writer import write_video
from vision.pixel_types import Picture

CAMERA = CameraId("demo")
FPS = 10.0
SIZE_WH = (960, 540)


@dataclass(frozen=True, slots=True)
class DemoClip:
    """The files of a rendered clip.

    Attributes:
        video: H.264 in MP4.
        zones: GeoJSON of the zones and lines, in metres.
        calibration: CSV of pixel and floor pairs.
        truth_folder: the exact tracks, visits, crossings and summary.
        labels: CSV of every person's exact boxes in every frame.
    """

    video: Path
    zones: Path
    calibration: Path
    truth_folder: Path
    labels: Path


def render_demo_clip(
    folder: Path,
    *,
    seed: int = 7,
    on_progress: Callable[[float], None] = lambda _: None,
    duration_s: float = 80.0,
    size_wh: tuple[int, int] = SIZE_WH,
) -> DemoClip:
    """Render visitors of a hall with three stands into ``folder``; equal seeds give equal clips.

    ``on_progress`` gets 0 to 1.

    Raises:
        OutputError: the clip cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clip = DemoClip(
        folder / "demo.mp4",
        folder / "demo_zones.geojson",
        folder / "demo_calibration.csv",
        folder / "truth",
        folder / "demo_boxes.csv",
    )
    hall = make_demo_hall()
    paths = simulate_visitors(
        hall=hall, duration_s=duration_s, seed=seed, settings=WalkSettings(arrivals_per_s=0.15)
    )
    source = RenderedSceneSource(camera=CAMERA, hall=hall, paths=paths, fps=FPS, size_wh=size_wh, seed=seed)
    labels = io.StringIO()
    source.open()
    try:
        pictures = _read_all(source, labels, on_progress)
        write_video(clip.video, pictures=pictures, fps=FPS, size_wh=size_wh)
    finally:
        source.close()
    write_text_atomically(clip.labels, labels.getvalue())
    write_text_atomically(
        clip.zones, format_floor(zones=tuple(stand.zone for stand in hall.stands), lines=hall.lines)
    )
    write_text_atomically(clip.calibration, format_calibration({CAMERA: _measure_pairs(hall, source.view)}))
    write_truth(
        clip.truth_folder,
        paths=paths,
        zones=tuple(stand.zone for stand in hall.stands),
        lines=hall.lines,
        tracks=make_true_tracks(paths=paths, times_s=np.arange(source.frame_count) / FPS, camera=CAMERA),
        frame_counts={CAMERA: source.frame_count},
    )
    return clip


def _read_all(
    source: RenderedSceneSource, labels: io.StringIO, on_progress: Callable[[float], None]
) -> Iterator[Picture]:
    writer = csv.writer(labels, lineterminator="\n")
    writer.writerow(["time_s", "visitor", "x1", "y1", "x2", "y2", "covered_share"])
    while (frame := source.read()) is not None:
        for visitor, person in source.people:
            box = [round(edge, 1) for edge in person.whole_xyxy]
            writer.writerow([f"{frame.time_s:.3f}", visitor, *box, round(person.covered_share, 3)])
        on_progress((frame.number + 1) / source.frame_count)
        yield frame.picture


def _measure_pairs(hall: WalkHall, view: PinholeCamera) -> tuple[PointPair, ...]:
    width, depth = hall.size_m
    grid = [
        (x, y)
        for y in (depth * 0.2, depth * 0.5, depth * 0.9)
        for x in (width * 0.2, width * 0.5, width * 0.8)
    ]
    pixels = view.to_geometry().project_to_pixel(np.array(grid))
    return tuple(
        PointPair(u, v, x, y)
        for (x, y), (u, v) in zip(grid, pixels.tolist(), strict=True)
        if 0 <= u < view.size_wh[0] and 0 <= v < view.size_wh[1]
    )

"""Detections of three people on a floor in perspective, whose visits and crossings are exact."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.simulation.body_boxes import project_bodies
from tools.simulation.pinhole_camera import PinholeCamera

FPS = 10.0
DURATION_S = 30.0
SIZE_WH = (1280, 720)
HEADING = "time_s,camera,x1,y1,x2,y2,score"
CAMERAS = {
    "north": PinholeCamera((5.0, -3.0, 4.0), math.pi / 2, math.radians(30), math.radians(75), SIZE_WH),
    "东门": PinholeCamera((13.0, 5.0, 4.0), math.pi, math.radians(30), math.radians(75), SIZE_WH),
}
WAYS = (
    ((1.0, 1.0, 3.0), (5.0, 4.0, 5.5), (20.0, 4.0, 5.5), (24.0, 1.0, 3.0)),
    ((3.0, 8.0, 3.5), (12.0, 8.0, 9.5)),
    ((8.0, 2.0, 9.0), (13.0, 6.5, 8.0), (26.0, 6.5, 8.0), (29.0, 9.0, 9.0)),
)
"""Corners of each person's way: seconds, x and y in metres."""
ZONES = {
    "stand": ((3.0, 4.5), (5.0, 4.5), (5.0, 6.5), (3.0, 6.5)),
    "bar": ((5.5, 7.2), (7.5, 7.2), (7.5, 8.8), (5.5, 8.8)),
}
LINES = {"aisle": ((7.0, 6.5), (9.5, 6.5))}


@dataclass(frozen=True, slots=True)
class WalkedFiles:
    """Everything that ``replay`` needs; ``rows`` are those of the detections, without their heading."""

    detections: Path
    zones: Path
    calibration: Path
    rows: tuple[str, ...]

    def write(self, file: Path, rows: list[str] | tuple[str, ...], *, heading: str = HEADING) -> Path:
        """Another file of detections."""
        file.write_text("\n".join([heading, *rows]) + "\n", encoding="utf-8")
        return file


def make_walked_files(folder: Path, *, cameras: tuple[str, ...] = ("north",)) -> WalkedFiles:
    """Write detections, zones and calibration of some of ``CAMERAS``."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = list_rows(cameras)
    files = WalkedFiles(
        folder / "detections.csv", folder / "zones.geojson", folder / "pairs.csv", tuple(rows)
    )
    files.write(files.detections, rows)
    features = [
        _make_feature(name, "booth", "Polygon", [[*map(list, ring), list(ring[0])]])
        for name, ring in ZONES.items()
    ]
    features += [
        _make_feature(name, "aisle", "LineString", list(map(list, path))) for name, path in LINES.items()
    ]
    files.zones.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    write_pairs(files.calibration, cameras)
    return files


def add_bag(rows: Sequence[str], *, from_s: float, to_s: float) -> list[str]:
    """The same rows, and for some seconds those of a thing, found like a person amid the floor."""
    body = project_bodies(
        view=CAMERAS["north"],
        xy_m=np.array([[2.5, 7.0]]),
        height_m=np.array([1.65]),
        half_width_m=np.array([0.25]),
    )
    edges = ",".join(f"{edge:.1f}" for edge in body.xyxy[0])
    times = dict.fromkeys(row.split(",")[0] for row in rows)
    of_bag = [f"{time},north,{edges},0.88" for time in times if from_s <= float(time) <= to_s]
    return sorted([*rows, *of_bag], key=lambda row: float(row.split(",")[0]))


def list_rows(cameras: tuple[str, ...]) -> list[str]:
    """Every frame's boxes in chronological order; a frame without a person is a row without a box."""
    heights, half_widths = np.array([1.7, 1.8, 1.6]), np.full(3, 0.25)
    rows = []
    for number in range(round(DURATION_S * FPS)):
        time_s = number / FPS
        present = [index for index, way in enumerate(WAYS) if way[0][0] <= time_s <= way[-1][0]]
        for name in cameras:
            boxes = []
            if present:
                xy_m = np.array([_place(WAYS[index], time_s) for index in present])
                bodies = project_bodies(
                    view=CAMERAS[name],
                    xy_m=xy_m,
                    height_m=heights[present],
                    half_width_m=half_widths[present],
                )
                boxes = np.clip(bodies.xyxy[bodies.is_visible], 0, [*SIZE_WH, *SIZE_WH]).tolist()
            # a network's boxes are never quite still
            jitter = 0.4 * math.sin(number)
            rows += [
                f"{time_s:.2f},{name},{a + jitter:.1f},{b:.1f},{c + jitter:.1f},{d:.1f},{0.9 - 0.01 * n:.2f}"
                for n, (a, b, c, d) in enumerate(boxes)
            ]
            if not boxes:
                rows.append(f"{time_s:.2f},{name},,,,,")
    return rows


def write_pairs(
    file: Path, cameras: tuple[str, ...], *, points: tuple[tuple[float, float], ...] | None = None
) -> Path:
    """Exact point pairs of cameras."""
    floor = points or ((2.0, 4.0), (8.0, 4.0), (8.0, 9.0), (2.0, 9.0), (5.0, 6.0))
    lines = ["camera,u_px,v_px,x_m,y_m"]
    for name in cameras:
        for (u, v), (x, y) in zip(
            CAMERAS[name].to_geometry().project_to_pixel(np.array(floor)), floor, strict=True
        ):
            lines.append(f"{name},{u:.3f},{v:.3f},{x},{y}")
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def _place(way: tuple[tuple[float, float, float], ...], time_s: float) -> tuple[float, float]:
    times, xs, ys = zip(*way, strict=True)
    return float(np.interp(time_s, times, xs)), float(np.interp(time_s, times, ys))


def _make_feature(name: str, kind: str, shape: str, coordinates: object) -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"name": name, "kind": kind},
        "geometry": {"type": shape, "coordinates": coordinates},
    }

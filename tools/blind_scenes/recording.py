"""What scenes share: how bodies moved, pinhole cameras, what hides what, and the files of a scene."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TICK_S = 0.1
MARGIN_S = 30.0  # truth before the first frame and after the last


@dataclass(frozen=True)
class Body:
    """A person: a number from 1 up, a height and the breadth of the shoulders in metres."""

    number: int
    height_m: float
    breadth_m: float


@dataclass
class Motion:
    """Where bodies were at each tick; `rows` holds (person index, x, y, heading, seated 0..1)."""

    start_tick: int
    bodies: list[Body] = field(default_factory=list)
    rows: list[Array] = field(default_factory=list)

    def at(self, time_s: float) -> Array:
        """Return (N, 5) rows of those who are there at `time_s`, between ticks by interpolation."""
        place = time_s / TICK_S - self.start_tick
        before = int(place)
        part = place - before
        now, then = self.rows[before], self.rows[min(before + 1, len(self.rows) - 1)]
        if len(now) != len(then) or (now[:, 0] != then[:, 0]).any():
            return now
        mixed = now * (1 - part) + then * part
        mixed[:, 3] = now[:, 3]
        return mixed


@dataclass(frozen=True)
class Camera:
    """A pinhole camera that looks from `eye` at `target` (metres, z up)."""

    name: str
    eye: tuple[float, float, float]
    target: tuple[float, float, float]
    width_px: int
    height_px: int
    focal_px: float

    def project(self, points: Array) -> tuple[Array, Array]:
        """Return pixels (..., 2) and depths (...) in metres of `points` (..., 3)."""
        eye = np.array(self.eye)
        forward = np.array(self.target) - eye
        forward /= np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 0.0, 1.0))
        right /= np.linalg.norm(right)
        seen = (points - eye) @ np.stack([right, np.cross(forward, right), forward]).T
        depth = seen[..., 2]
        pixels = seen[..., :2] * (self.focal_px / np.maximum(depth, 0.05))[..., None]
        return pixels + np.array([self.width_px / 2, self.height_px / 2]), depth

    def sees(self, points: Array, margin_px: float = 0.0) -> NDArray[np.bool_]:
        """Return which of `points` (..., 3) fall into the picture, `margin_px` from its edges."""
        pixels, depth = self.project(points)
        size = np.array([self.width_px, self.height_px])
        inside = (pixels >= margin_px) & (pixels <= size - margin_px)
        return np.asarray(inside.all(axis=-1) & (depth > 0.3))


def focal_length_px(width_px: int, view_deg: float) -> float:
    """Return the focal length of a lens that sees `view_deg` across `width_px` pixels."""
    return float(width_px / 2 / np.tan(np.radians(view_deg) / 2))


def hidden_by_blocks(eye: Array, points: Array, blocks: Array) -> NDArray[np.bool_]:
    """Return which of `points` (..., 3) a block hides from `eye`.

    Args:
        eye: place of the camera, (3,).
        points: places looked at.
        blocks: (K, 6), upright boxes: lowest x, y, z, then highest x, y, z.
    """
    if not len(blocks):
        return np.zeros(points.shape[:-1], dtype=bool)
    way = (points - eye)[..., None, :]
    way = np.where(np.abs(way) < 1e-9, 1e-9, way)
    first, second = (blocks[:, :3] - eye) / way, (blocks[:, 3:] - eye) / way
    entry = np.minimum(first, second).max(axis=-1)
    leave = np.maximum(first, second).min(axis=-1)
    return np.asarray(((entry < leave) & (entry > 0) & (entry < 0.995)).any(axis=-1))


def suppress_doubles(boxes: Array, limit: float) -> Array:
    """Return `boxes` (N, 5; the last column is the score) less those that overlap a better one.

    Args:
        boxes: edges and scores.
        limit: intersection over union from which the worse of two boxes goes.
    """
    boxes = boxes[np.argsort(-boxes[:, 4], kind="stable")]
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    common = np.prod((np.minimum(boxes[:, None, 2:4], boxes[None, :, 2:4]) - low).clip(0), axis=2)
    area = np.prod(boxes[:, 2:4] - boxes[:, :2], axis=1)
    doubled = common > limit * (area[:, None] + area - common)
    kept: list[int] = []
    for i in range(len(boxes)):
        if not doubled[i, kept].any():
            kept.append(i)
    return np.asarray(boxes[kept])


def clip_to_picture(boxes: Array, camera: Camera) -> Array:
    """Return `boxes` (N, 5) cut at the picture's edges; slivers and scores below 0.1 are gone."""
    boxes = boxes.copy()
    boxes[:, [0, 2]] = boxes[:, [0, 2]].clip(0, camera.width_px)
    boxes[:, [1, 3]] = boxes[:, [1, 3]].clip(0, camera.height_px)
    size = boxes[:, 2:4] - boxes[:, :2]
    return np.asarray(boxes[(size > (8, 14)).all(axis=1) & (boxes[:, 4] >= 0.1)])


def frame_times(rng: np.random.Generator, duration_s: float, fps: float, jitter_s: float) -> list[float]:
    """Return ascending times of a camera's frames: a phase of its own, and jitter."""
    times = np.arange(int(duration_s * fps)) / fps + rng.uniform(0, 1 / fps)
    times += rng.normal(0, jitter_s, len(times)).clip(-0.3 / fps, 0.3 / fps)
    return [round(float(time), 3) for time in times.clip(0, duration_s)]


def floor_points(
    camera: Camera, size_m: tuple[float, float], blocks: Array, rng: np.random.Generator
) -> list[tuple[float, float, float, float]]:
    """Return 6 to 10 spread points (u, v, x, y) on the floor that `camera` sees, as measured."""
    tries = np.zeros((600, 3))
    tries[:, :2] = rng.uniform((0, 0), size_m, (600, 2))
    tries = tries[camera.sees(tries, 25.0)]
    tries = tries[~hidden_by_blocks(np.array(camera.eye), tries, blocks)]
    pixels, _ = camera.project(tries)
    chosen = [int(np.argmax(pixels[:, 1]))]
    for _ in range(int(rng.integers(5, 10))):
        gaps = np.linalg.norm(pixels[:, None] - pixels[chosen], axis=2).min(axis=1)
        chosen.append(int(np.argmax(gaps)))
    pixels = pixels + rng.normal(0, 1.5, pixels.shape)
    return [(*pixels[i].tolist(), *tries[i, :2].tolist()) for i in chosen]


def rectangle_zone(
    name: str, kind: str, low: tuple[float, float], high: tuple[float, float]
) -> dict[str, object]:
    """Return a GeoJSON feature of a zone between two corners."""
    corners = [low, (high[0], low[1]), high, (low[0], high[1]), low]
    ring = [[round(x, 2), round(y, 2)] for x, y in corners]
    return {
        "type": "Feature",
        "properties": {"name": name, "kind": kind},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def write_files(
    folder: Path,
    frames: Sequence[tuple[float, str, Array]],
    calibration: dict[Camera, list[tuple[float, float, float, float]]],
    zones: Sequence[dict[str, object]],
    motion: Motion,
) -> None:
    """Write the five files of a scene; `frames` are (time, camera, boxes (N, 5))."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["time_s,camera,x1,y1,x2,y2,score"]
    for time_s, name, boxes in sorted(frames, key=lambda frame: frame[:2]):
        for x1, y1, x2, y2, score in boxes.tolist():
            lines.append(f"{time_s:.3f},{name},{x1:.1f},{y1:.1f},{x2:.1f},{y2:.1f},{score:.3f}")
        if not len(boxes):
            lines.append(f"{time_s:.3f},{name},,,,,")
    _write(folder / "detections.csv", lines)
    lines = ["camera,u_px,v_px,x_m,y_m"]
    for camera, points in calibration.items():
        lines += [f"{camera.name},{u:.1f},{v:.1f},{x:.2f},{y:.2f}" for u, v, x, y in points]
    _write(folder / "calibration.csv", lines)
    sizes = [f"{camera.name}={camera.width_px}x{camera.height_px}" for camera in calibration]
    _write(folder / "frame_sizes.txt", sizes)
    features = {"type": "FeatureCollection", "features": list(zones)}
    _write(folder / "zones.geojson", [json.dumps(features, indent=1)])
    lines = ["time_s,person,x_m,y_m"]
    for tick, rows in enumerate(motion.rows, motion.start_tick):
        if tick * TICK_S >= -MARGIN_S - 1e-6:
            lines += [
                f"{tick * TICK_S:.1f},{motion.bodies[int(index)].number},{x:.3f},{y:.3f}"
                for index, x, y in rows[:, :3].tolist()
            ]
    _write(folder / "truth.csv", lines)


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_bytes(("\n".join(lines) + "\n").encode())

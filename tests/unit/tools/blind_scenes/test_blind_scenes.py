from __future__ import annotations

import csv
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tools.blind_scenes import fair_aisle, museum_room
from tools.blind_scenes.recording import Array, Camera, hidden_by_blocks

_FILES = ("calibration.csv", "detections.csv", "frame_sizes.txt", "truth.csv", "zones.geojson")
_SCENES = pytest.mark.parametrize("scene", [museum_room, fair_aisle], ids=["museum", "aisle"])


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _floor_to_picture(folder: Path, camera: str) -> Array:
    """Return the homography (3, 3) that a least-squares fit gives for the measured points."""
    lines = []
    for row in _rows(folder / "calibration.csv"):
        if row["camera"] == camera:
            u, v, x, y = (float(row[key]) for key in ("u_px", "v_px", "x_m", "y_m"))
            lines.append([x, y, 1, 0, 0, 0, -u * x, -u * y, -u])
            lines.append([0, 0, 0, x, y, 1, -v * x, -v * y, -v])
    assert 12 <= len(lines) <= 20
    scale = np.abs(lines).max(axis=0)
    fit = np.linalg.svd(np.array(lines) / scale)[2][-1] / scale
    return np.asarray(fit.reshape(3, 3))


@pytest.mark.slow
@_SCENES
def test_the_same_seed_gives_the_same_bytes(scene: ModuleType, tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        scene.write_scene(tmp_path / name, seed=seed, duration_s=4.0)
    for file in _FILES:
        first = (tmp_path / "a" / file).read_bytes()
        assert first == (tmp_path / "b" / file).read_bytes()
        if file != "frame_sizes.txt":
            assert first != (tmp_path / "c" / file).read_bytes()


@pytest.mark.slow
@_SCENES
def test_people_stay_in_the_hall_and_move_like_people(scene: ModuleType, tmp_path: Path) -> None:
    scene.write_scene(tmp_path, seed=2, duration_s=20.0)
    truth = _rows(tmp_path / "truth.csv")
    times = [float(row["time_s"]) for row in truth]
    assert (min(times), max(times)) == (-30.0, 50.0)
    assert 8 <= len(truth) / len(set(times)) <= 20
    for person in {row["person"] for row in truth}:
        own = [row for row in truth if row["person"] == person]
        track = np.array([(float(r["time_s"]), float(r["x_m"]), float(r["y_m"])) for r in own])
        assert np.allclose(np.diff(track[:, 0]), 0.1)
        assert (np.hypot(*np.diff(track[:, 1:], axis=0).T) < 0.3).all()
        assert (track[:, 1:] >= 0).all()
        assert (track[:, 1:] <= (27.0, 12.5)).all()


@pytest.mark.slow
@_SCENES
def test_boxes_stand_where_the_bodies_stand(scene: ModuleType, tmp_path: Path) -> None:
    scene.write_scene(tmp_path, seed=5, duration_s=12.0)
    truth: dict[str, list[tuple[float, float]]] = {}
    for row in _rows(tmp_path / "truth.csv"):
        truth.setdefault(row["time_s"], []).append((float(row["x_m"]), float(row["y_m"])))
    misses = []
    for line in (tmp_path / "frame_sizes.txt").read_text(encoding="utf-8").split():
        camera, size = line.split("=")
        width, height = (int(part) for part in size.split("x"))
        to_floor = np.linalg.inv(_floor_to_picture(tmp_path, camera))
        for row in _rows(tmp_path / "detections.csv"):
            if row["camera"] != camera or not row["x1"]:
                continue
            x1, y1, x2, y2 = (float(row[key]) for key in ("x1", "y1", "x2", "y2"))
            assert 0 <= x1 < x2 <= width
            assert 0 <= y1 < y2 <= height
            if float(row["score"]) > 0.6 and y2 < height - 5:
                x, y, scale = to_floor @ ((x1 + x2) / 2, y2, 1.0)
                people = np.array(truth[f"{float(row['time_s']):.1f}"])
                misses.append(np.hypot(*(people - (x / scale, y / scale)).T).min())
    assert len(misses) > 200
    assert np.median(misses) < 0.4
    assert np.mean(np.array(misses) < 1.2) > 0.75  # the others: cut feet, seats, false boxes


@pytest.mark.slow
@_SCENES
def test_zones_lie_in_view(scene: ModuleType, tmp_path: Path) -> None:
    for seed in (1, 2, 3):
        scene.write_scene(tmp_path, seed=seed, duration_s=1.0)
        zones = json.loads((tmp_path / "zones.geojson").read_text(encoding="utf-8"))["features"]
        assert 4 <= len(zones) <= 8
        sizes = {}
        for line in (tmp_path / "frame_sizes.txt").read_text(encoding="utf-8").split():
            camera, text = line.split("=")
            sizes[camera] = np.array(text.split("x"), dtype=float)
        for zone in zones:
            ring = np.array(zone["geometry"]["coordinates"][0])
            middle = np.append(ring[:4].mean(axis=0), 1.0)
            seen = False
            for camera, size in sizes.items():
                to_picture = _floor_to_picture(tmp_path, camera)
                known = next(r for r in _rows(tmp_path / "calibration.csv") if r["camera"] == camera)
                before = to_picture[2] @ (float(known["x_m"]), float(known["y_m"]), 1.0)
                u, v, scale = to_picture @ middle
                inside = 0 < u / scale < size[0] and 0 < v / scale < size[1]
                seen |= bool(inside and scale * before > 0)
            assert seen, (seed, zone["properties"]["name"])


def test_a_block_hides_what_is_behind_it_only() -> None:
    camera = Camera("c", (0.0, 0.0, 3.0), (10.0, 0.0, 0.0), 1280, 720, 900.0)
    block = np.array([(4.0, -1.0, 0.0, 4.5, 1.0, 1.0)])
    points = np.array([(5.0, 0.0, 0.0), (5.0, 0.0, 1.7), (3.0, 0.0, 0.0), (5.0, 2.0, 0.0)])
    hidden = hidden_by_blocks(np.array(camera.eye), points, block)
    assert hidden.tolist() == [True, False, False, False]
    pixels, depth = camera.project(np.array([(10.0, 0.0, 0.0), (10.0, 1.0, 0.0)]))
    assert pixels[0] == pytest.approx((640, 360))
    assert pixels[1, 0] < 640  # to the left, for a camera that looks along x
    assert depth[0] == pytest.approx(np.hypot(10, 3))

"""Changed layouts from files: what moves along, and sentences about what cannot be used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from analytics.domain.errors import GeometryError, VenueError
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.zone import ZoneKind
from app.forecast.forecast_layout import move_obstacles, read_changed_plan
from tests.support.halls.builder import box, zone

BEFORE = FloorGeometry(
    zones=(
        zone("A", box(2.0, 2.0, 6.0, 6.0), ZoneKind.BOOTH),
        zone("B", box(12.0, 2.0, 16.0, 6.0), ZoneKind.BOOTH),
        zone("Door", box(0.0, 8.0, 1.0, 10.0), ZoneKind.ENTRANCE),
    )
)
PLAN = FloorPlan(
    box(0.0, 0.0, 20.0, 10.0),
    obstacles=(Obstacle("block", box(3.0, 3.0, 5.0, 5.0)), Obstacle("wall", box(9.0, 0.0, 10.0, 4.0))),
)


def write(folder: Path, *features: dict[str, object]) -> Path:
    file = folder / "changed.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return file


def make_polygon(name: str, kind: str, corners: Sequence[tuple[float, float]]) -> dict[str, object]:
    ring = [list(corner) for corner in (*corners, corners[0])]
    return {
        "type": "Feature",
        "properties": {"name": name, "kind": kind},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


def test_a_stand_takes_its_block_along_and_walls_and_doors_stay(tmp_path: Path) -> None:
    file = write(tmp_path, make_polygon("A", "booth", box(2.0, 4.0, 6.0, 8.0).points))
    plan, geometry = read_changed_plan(file, PLAN, BEFORE)
    assert [str(one.name) for one in geometry.zones] == ["A", "Door"]
    assert plan.obstacles[0].outline.to_shape().bounds == (3.0, 5.0, 5.0, 7.0)
    assert plan.obstacles[1] == PLAN.obstacles[1]


def test_a_removed_stand_takes_its_block_away() -> None:
    after = FloorGeometry(zones=BEFORE.zones[1:])
    assert [obstacle.name for obstacle in move_obstacles(PLAN, BEFORE, after)] == ["wall"]


def test_obstacles_of_the_file_replace_those_of_the_plan(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        make_polygon("A", "booth", box(2.0, 2.0, 6.0, 6.0).points),
        make_polygon("new wall", "obstacle", box(7.0, 0.0, 8.0, 9.0).points),
    )
    plan, _ = read_changed_plan(file, PLAN, BEFORE)
    assert [obstacle.name for obstacle in plan.obstacles] == ["new wall"]


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    file = tmp_path / "changed.geojson"
    file.write_text("not a file of zones", encoding="utf-8")
    with pytest.raises(VenueError, match="is not GeoJSON"):
        read_changed_plan(file, PLAN, BEFORE)
    wall = make_polygon("wall", "obstacle", box(7.0, 0.0, 8.0, 9.0).points)
    shop = make_polygon("B", "shop", box(12.0, 2.0, 16.0, 6.0).points)
    with pytest.raises(VenueError, match=r"changed\.geojson: Feature 2 'B' has the unknown kind 'shop'"):
        read_changed_plan(write(tmp_path, wall, shop), PLAN, BEFORE)
    dot = make_polygon("dot", "obstacle", box(1.0, 1.0, 1.0001, 1.0001).points)
    with pytest.raises(VenueError, match=r"changed\.geojson: .*'dot'"):
        read_changed_plan(write(tmp_path, wall, dot), PLAN, BEFORE)
    crossing = ((0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0))
    with pytest.raises((VenueError, GeometryError), match="crosses itself"):
        read_changed_plan(write(tmp_path, make_polygon("A", "booth", crossing)), PLAN, BEFORE)

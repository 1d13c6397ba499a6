from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from analytics.domain.floor_geometry import Polygon
from app.core.document import Venue
from app.core.file_format import FILE_NAME, read_venue
from app.plan.edit_venue import create_hall
from app.plan.import_plan import PlacePlan, place_plan
from app.plan.saved_edits import SavedEdit, save_edit, save_undo
from app.plan_import.plan_file import read_plan_file
from tests.unit.app.plan_import.test_plan_file import box, draw, encode, save, two_colours


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return create_hall(tmp_path / "hall.expoflow", name="Fair", time_zone="Asia/Shanghai", size_m=(30, 20))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "plan.png"
    file.write_bytes(encode(two_colours(), "PNG"))
    return file


@pytest.fixture
def drawing(tmp_path: Path) -> Path:
    document, space = draw()
    space.add_lwpolyline(box(6000, 6000, 3000, 3000), close=True)
    file = tmp_path / "hall.dxf"
    file.write_bytes(save(document))
    return file


def import_plan(folder: Path, file: Path, *, takes_hall: bool = True) -> SavedEdit:
    return save_edit(folder, place_plan(read_venue(folder), read_plan_file(file), takes_hall=takes_hall))


def test_a_picture_without_a_scale_is_as_wide_as_the_hall(venue: Venue, picture: Path) -> None:
    before = (venue.folder / FILE_NAME).read_bytes()
    saved = import_plan(venue.folder, picture)
    laid = saved.venue.plan
    assert laid.picture is not None
    assert laid.picture.metres_per_pixel == 0.5
    assert laid.outline == venue.plan.outline
    os.unlink(picture)
    kept = saved.venue.plan_picture_file
    assert kept is not None
    with Image.open(kept) as opened:
        assert opened.size == (60, 40)
    assert read_venue(venue.folder) == saved.venue
    assert saved.changes.plan
    save_undo(venue.folder, saved.step)
    assert (venue.folder / FILE_NAME).read_bytes() == before


def test_a_drawing_brings_hall_and_obstacles(venue: Venue, drawing: Path) -> None:
    laid = import_plan(venue.folder, drawing).venue.plan
    assert laid.outline.points[2] == (40.0, 25.0)
    assert [obstacle.name for obstacle in laid.obstacles] == ["obstacle 1"]
    again = import_plan(venue.folder, drawing, takes_hall=False).venue.plan
    assert [obstacle.name for obstacle in again.obstacles] == ["obstacle 1", "obstacle 1 (2)"]
    assert PlacePlan(outline=Polygon(laid.outline.points)).apply(read_venue(venue.folder)).plan == again

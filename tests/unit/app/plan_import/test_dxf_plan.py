from __future__ import annotations

from io import BytesIO, StringIO
from typing import Any

import ezdxf
import pytest

from analytics.domain.errors import VenueError
from app.plan_import import dxf_plan
from app.plan_import.dxf_plan import read_dxf_plan

WALL = [(1000, 1000), (41000, 1000), (41000, 26000), (1000, 26000)]


def box(x: float, y: float, width: float, depth: float) -> list[tuple[float, float]]:
    return [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]


def draw(*, units: int = 4, with_wall: bool = True) -> tuple[Any, Any]:
    document = ezdxf.new("R2010")
    document.header["$INSUNITS"] = units
    space = document.modelspace()
    if with_wall:
        space.add_lwpolyline(WALL, close=True, dxfattribs={"layer": "WALLS"})
    return document, space


def save(document: Any) -> bytes:
    text = StringIO()
    document.write(text)
    return text.getvalue().encode()


def test_hall_and_stands_come_in_metres_from_the_hall_s_corner() -> None:
    document, space = draw()
    space.add_lwpolyline(box(6000, 6000, 3000, 3000), close=True, dxfattribs={"layer": "STANDS"})
    space.add_text("A12", dxfattribs={"insert": (7000, 7000)})
    space.add_circle((20000, 10000), 250)
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None
    assert plan.outline.points == ((0.0, 0.0), (40.0, 0.0), (40.0, 25.0), (0.0, 25.0))
    stand, pillar = plan.obstacles
    assert (stand.name, stand.outline.points) == ("A12", ((5.0, 5.0), (8.0, 5.0), (8.0, 8.0), (5.0, 8.0)))
    assert pillar.name == "obstacle 1"
    assert pillar.outline.to_shape().area == pytest.approx(3.1416 * 0.25**2, rel=0.2)
    assert plan.picture is None


@pytest.mark.parametrize(("units", "metres"), [(4, 40.0), (5, 400.0), (6, 40_000.0)])
def test_units_are_those_of_the_file(units: int, metres: float) -> None:
    document, _space = draw(units=units)
    if metres > dxf_plan.MAX_HALL_M:
        with pytest.raises(VenueError, match=r"in which unit|m long"):
            read_dxf_plan(save(document), unit=None)
        return
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None
    assert plan.outline.points[2][0] == metres


def test_a_file_without_a_unit_wants_one() -> None:
    document, _space = draw(units=0)
    with pytest.raises(VenueError, match="does not say in which unit") as refused:
        read_dxf_plan(save(document), unit=None)
    assert "mm" in refused.value.remedy
    assert read_dxf_plan(save(document), unit="mm").outline is not None
    with pytest.raises(VenueError, match="'mile' is no unit"):
        read_dxf_plan(save(document), unit="mile")


def test_walls_that_are_single_lines_enclose_a_hall() -> None:
    document, space = draw(with_wall=False)
    for start, end in zip(WALL, WALL[1:] + WALL[:1], strict=True):
        space.add_line(start, end)
    space.add_line((20000, 1000), (20000, 15000))
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None
    assert plan.outline.to_shape().area == pytest.approx(1000.0)


def test_stands_within_blocks_and_layers_are_found() -> None:
    document, space = draw()
    block = document.blocks.new("STAND")
    block.add_lwpolyline(box(0, 0, 3000, 3000), close=True)
    block.add_lwpolyline(box(500, 500, 1000, 1000), close=True)
    for x in (5000, 12000):
        space.add_blockref("STAND", (x, 5000), dxfattribs={"layer": "STANDS"})
    space.add_lwpolyline(box(30000, 5000, 2000, 2000), close=True, dxfattribs={"layer": "FURNITURE"})
    assert len(read_dxf_plan(save(document), unit=None).obstacles) == 3
    walls = read_dxf_plan(save(document), unit=None, layers=("WALLS",))
    assert (walls.obstacles, walls.outline is None) == ((), False)


def test_names_are_such_as_a_venue_can_keep() -> None:
    document, space = draw()
    space.add_lwpolyline(box(6000, 6000, 3000, 3000), close=True)
    space.add_text("  A\x0112 \t展台 " + "x" * 53 + " yyy", dxfattribs={"insert": (7000, 7000)})
    (stand,) = read_dxf_plan(save(document), unit=None).obstacles
    assert stand.name == "A12 展台 " + "x" * 53


def test_curves_become_corners() -> None:
    document, space = draw()
    space.add_lwpolyline([(5000, 5000, 1.0), (9000, 5000, 1.0)], format="xyb", close=True)
    (round_stand,) = read_dxf_plan(save(document), unit=None).obstacles
    assert round_stand.outline.to_shape().area == pytest.approx(3.1416 * 4, rel=0.02)


def test_a_binary_file_is_read_too() -> None:
    document, _space = draw()
    content = BytesIO()
    document.write(content, fmt="bin")
    assert read_dxf_plan(content.getvalue(), unit=None).outline is not None


def test_a_block_that_holds_itself_ends() -> None:
    document, space = draw()
    block = document.blocks.new("LOOP")
    block.add_lwpolyline(box(0, 0, 1000, 1000), close=True)
    block.add_blockref("LOOP", (1500, 0))
    block.add_blockref("LOOP", (0, 1500))
    space.add_blockref("LOOP", (5000, 5000))
    plan = read_dxf_plan(save(document), unit=None)
    assert plan.outline is not None


def test_more_lines_than_a_plan_needs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dxf_plan, "MAX_ENTITIES", 20)
    document, space = draw()
    for x in range(30):
        space.add_line((x, 0), (x, 9000))
    with pytest.raises(VenueError, match="more than 20 lines"):
        read_dxf_plan(save(document), unit=None)


@pytest.mark.parametrize(
    "content",
    [
        b"0\nSECTION\n2\nHEADER\n",
        save(draw()[0])[:5000],
        b"  0\nSECTION\n  2\nENTITIES\n  0\nLINE\n 10\nnot a number\n",
        b"AutoCAD Binary DXF\r\n\x1a\x00" + bytes(50),
        bytes(range(256)),
    ],
)
def test_damaged_files_are_refused_in_words(content: bytes) -> None:
    with pytest.raises(VenueError, match=r"damaged|unit|no closed outline"):
        read_dxf_plan(content, unit=None)


def test_a_drawing_without_a_hall_is_refused() -> None:
    document, space = draw(with_wall=False)
    space.add_line((0, 0), (9000, 0))
    with pytest.raises(VenueError, match="no closed outline"):
        read_dxf_plan(save(document), unit=None)

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from analytics.domain.errors import GeometryError, OutputError
from analytics.domain.zone import CountingLine, Zone
from app.core.change_set import Part
from app.plan.copied_shapes import (
    CopyZones,
    PasteNames,
    ZoneTemplate,
    read_templates,
    remove_template,
    save_template,
)
from app.plan.plan_shapes import Shape
from app.plan.stand_grid import MakeStandGrid, Numbering, RowOrder, StandGrid, name_row
from tests.conftest import LogGuard
from tests.support.halls.seen_hall import box, line, zone
from tests.unit.app.plan.test_edit_geometry import A1, AISLE, VENUE, edited

GRID = StandGrid((10.0, 2.0), rows=2, columns=3)


def names(grid: StandGrid) -> list[str]:
    return [name for name, _outline in grid.lay_out()]


def test_stands_are_numbered_as_the_fair_wants_it() -> None:
    assert names(GRID) == ["A1", "A2", "A3", "B1", "B2", "B3"]
    hundreds = dataclasses.replace(GRID, numbering=Numbering.HUNDREDS, prefix="H3-")
    assert names(hundreds) == ["H3-101", "H3-102", "H3-103", "H3-201", "H3-202", "H3-203"]
    long = dataclasses.replace(GRID, rows=1, columns=100, numbering=Numbering.HUNDREDS)
    assert names(long)[::99] == ["1001", "1100"]
    running = dataclasses.replace(GRID, numbering=Numbering.RUNNING)
    assert names(running) == ["1", "2", "3", "4", "5", "6"]
    assert [name_row(row) for row in (0, 25, 26, 27, 701, 702)] == ["A", "Z", "AA", "AB", "ZZ", "AAA"]


def test_a_serpentine_goes_there_and_back() -> None:
    stands = dict(dataclasses.replace(GRID, order=RowOrder.SERPENTINE).lay_out())
    assert stands["A3"].points[0] == (16.0, 2.0)
    assert stands["B1"].points[0] == (16.0, 8.0)
    assert stands["B3"].points[0] == (10.0, 8.0)


def test_aisles_lie_between_the_stands() -> None:
    grid = dataclasses.replace(GRID, rows=3, columns=4, rows_together=2, aisle_m=2.5)
    stands = dict(grid.lay_out())
    assert stands["A2"].points[1] == (16.0, 2.0)
    assert stands["A3"].points[0] == (16.0, 2.0)
    assert stands["B1"].points[0] == (10.0, 5.0)
    assert stands["C1"].points[0] == (10.0, 10.5)


def test_a_turned_grid_turns_about_its_corner() -> None:
    stands = dict(dataclasses.replace(GRID, rotation_deg=90.0).lay_out())
    assert stands["A2"].points[0] == pytest.approx((10.0, 5.0))


def test_a_grid_is_made_in_one_step() -> None:
    made = edited(MakeStandGrid(GRID, with_obstacles=True))
    assert [zone.name for zone in made.geometry_versions[0].zones[2:]] == names(GRID)
    assert [obstacle.name for obstacle in made.plan.obstacles[1:]] == names(GRID)
    with pytest.raises(GeometryError, match="There is already a zone 'A1'"):
        edited(MakeStandGrid(GRID), made)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows": 0}, "number of rows of the grid is 0"),
        ({"rows": 1000, "columns": 1000}, "1000000 stands"),
        ({"stand_width_m": 0.0}, "width of a stand is 0 m"),
        ({"aisle_m": -1.0}, "width of an aisle is -1 m"),
        ({"rotation_deg": float("nan")}, "angle"),
        ({"corner_m": (1e7, 0.0)}, "beyond the size"),
    ],
)
def test_a_grid_that_cannot_be_is_refused(change: dict[str, float], said: str) -> None:
    with pytest.raises(GeometryError, match=said):
        dataclasses.replace(GRID, **change).lay_out()


STANDS = tuple(Shape(Part.ZONES, name) for name in names(GRID))
WITH_STANDS = edited(MakeStandGrid(GRID))


def named(text: str, shapes: tuple[Shape, ...] = STANDS) -> list[str]:
    venue = edited(PasteNames(shapes, text), WITH_STANDS)
    return [str(zone.name) for zone in venue.geometry_versions[0].zones[2:]]


def test_names_are_pasted_row_by_row() -> None:
    assert named("Acme\tBolt\t Cog\r\nDyno\tEcho\tFizz\r\n") == [
        "Acme",
        "Bolt",
        "Cog",
        "Dyno",
        "Echo",
        "Fizz",
    ]
    assert named('"Acme\nLtd."\nB1\nA1\nA2\nB3\nB2')[:3] == ["Acme Ltd.", "B1", "A1"]


def test_two_columns_say_which_name_becomes_which() -> None:
    assert named("B3\tFizz\nA1\tAcme") == ["Acme", "A2", "A3", "B1", "B2", "Fizz"]
    assert named("A1\tA2\nA2\tA1")[:2] == ["A2", "A1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Acme\nBolt", "has 2 names for 6"),
        ("", "has 0 names"),
        ("a\nb\nc\nd\na\ne", "duplicate names: 'a'"),
        ("a\nb\nc\nd\ne\naisle", "There is already a zone 'aisle'"),
        ("A1\tx\nA1\ty", "duplicate"),
    ],
)
def test_a_table_that_does_not_fit_is_explained(text: str, said: str) -> None:
    with pytest.raises(GeometryError, match=said):
        named(text)


def test_zones_are_copied_with_free_names() -> None:
    first = VENUE.geometry_versions[0]
    items: tuple[Zone | CountingLine, ...] = (first.zones[1], first.lines[0])
    copied = edited(CopyZones(items, by_m=(10.0, 1.0))).geometry_versions[0]
    assert (copied.zones[-1].name, copied.lines[-1].name) == ("aisle (2)", "door (2)")
    assert copied.zones[-1].outline.points[0] == (15.0, 2.0)
    with pytest.raises(GeometryError, match="Nothing is selected"):
        edited(CopyZones(()))


def test_a_template_is_placed_by_its_corner() -> None:
    first = VENUE.geometry_versions[0]
    template = ZoneTemplate.of("gate", (first.zones[1], first.lines[0]))
    placed = edited(template.place((20.0, 5.0))).geometry_versions[0]
    assert placed.lines[-1].path.points[0] == pytest.approx((20.0, 5.0))
    assert placed.zones[-1].outline.points[0] == pytest.approx((25.0, 5.5))
    assert [zone.name for zone in template.to_geometry().zones] == [AISLE.name]
    assert A1.name not in [zone.name for zone in template.to_geometry().zones]


GATE = ZoneTemplate.of("门 gate", (zone("in front", box(5, 5, 8, 7)), line("door", (5, 6), (8, 6))))


def test_templates_come_back_from_their_folder(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("notes.geojson is no template")
    folder = tmp_path / "home" / "templates"
    assert read_templates(folder) == ()
    save_template(folder, GATE)
    (folder / "notes.geojson").write_text("not zones", encoding="utf-8")
    assert read_templates(folder) == (GATE,)
    assert GATE.items[0].name == "in front"
    remove_template(folder, GATE.name)
    assert read_templates(folder) == ()


@pytest.mark.parametrize("name", ["../gate", "a/b", ".hidden", "what?"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    template = ZoneTemplate.of(name, GATE.items)
    with pytest.raises(GeometryError, match="is not a valid template name"):
        save_template(tmp_path, template)
    with pytest.raises(GeometryError, match="is not a valid template name"):
        remove_template(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "templates").write_text("prevents writing", encoding="utf-8")
    with pytest.raises(OutputError, match="prevents writing"):
        save_template(tmp_path / "templates", GATE)

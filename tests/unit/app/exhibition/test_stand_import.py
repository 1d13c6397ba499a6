"""Rents and targets of stands from pasted cells and files."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from analytics.domain.errors import VenueError
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.exhibition.stand_import import (
    StandField,
    StandImport,
    preview_stands,
    read_stand_file,
    split_cells,
)
from app.plan.saved_edits import save_edit, save_undo
from tests.support.command_line import run_here
from tests.support.halls.walked_hall import make_hall

TABLE = [
    ["展位", "展商", "租金（CNY）", "每日到访", "每日深度到访", "赞助商", "电话"],
    ["robotics", "Acme", "1,500", "120", "30", "是", "123"],
    ["Café", "", "¥ 800", "-", "", "", ""],
    ["Robotics", "Beta", "1", "1", "1", "", ""],
    ["VR corner", "", "1.500", "", "", "", ""],
    ["Robotic", "", "5", "", "", "", ""],
]


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    venue.folder.mkdir(exist_ok=True)
    write_venue(venue)
    return venue


def describe(found: StandImport) -> list[tuple[int, str, str]]:
    return [(row.number, str(row.problem), str(row.remedy)) for row in found.faults]


def test_titles_in_either_language_name_the_columns_and_wrong_rows_say_what_to_do(venue: Venue) -> None:
    found = preview_stands(TABLE, venue)
    assert describe(found) == [
        (4, "Row 2 has the same stand.", "Keep one row for each stand."),
        (5, "'1.500' can mean two numbers.", "Write it without a point between thousands."),
        (6, "There is no stand 'Robotic'.", "Did you mean 'Robotics'?"),
    ]
    assert (found.currency, found.ignored) == ("CNY", ("电话",))
    saved = save_edit(venue.folder, found.edit)
    robotics, cafe = (saved.venue.targets_of(name) for name in ("Robotics", "Café"))
    assert (robotics.exhibitor, robotics.rent, robotics.is_sponsor) == ("Acme", 1500.0, True)
    assert (robotics.visits_per_day, robotics.engaged_per_day) == (120.0, 30.0)
    assert (cafe.rent, cafe.visits_per_day, cafe.is_sponsor) == (800.0, None, False)
    assert read_venue(venue.folder).targets_of("Robotics") == robotics
    assert save_undo(venue.folder, saved.step).venue.targets == ()


def test_cells_without_titles_fill_on_from_where_they_are_pasted(venue: Venue) -> None:
    order = ["VR corner", "Café"]
    found = preview_stands(split_cells("10\t2\n20\t4\n30\n"), venue, order=order, field=StandField.VISITS)
    edit = {stand.zone: (stand.visits_per_day, stand.engaged_per_day) for stand in found.edit.stands}
    assert edit == {"VR corner": (10.0, 2.0), "Café": (20.0, 4.0)}
    assert [row.number for row in found.faults] == [3]
    named = preview_stands([["Café", "7"], ["Robotics", "8"]], venue, order=order)
    assert {stand.zone: stand.rent for stand in named.edit.stands} == {"Café": 7.0, "Robotics": 8.0}
    with pytest.raises(VenueError, match="no title 'Stand'"):
        preview_stands([["7"], ["8"]], venue)


def test_a_workbook_and_a_table_from_a_spreadsheet_give_the_same(venue: Venue, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in ((None,), ("Stand", "Rent", "Sponsor"), ("Robotics", 1500.5, True), ("Café", 1800, None)):
        book.worksheets[0].append(row)
    book.save(tmp_path / "rents.xlsx")
    (tmp_path / "rents.csv").write_text("Stand;Rent;Sponsor\nRobotics;1500,5;yes\nCafé;1800;\n", "gb18030")
    edits = [
        preview_stands(read_stand_file(tmp_path / name), venue).edit for name in ("rents.xlsx", "rents.csv")
    ]
    assert edits[0] == edits[1]
    assert [stand.rent for stand in edits[0].stands] == [1500.5, 1800.0]
    for name, content in (("a.xlsx", b"PK no workbook"), ("a.csv", b"\0\1")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(VenueError, match="not a readable table"):
            read_stand_file(tmp_path / name)


def test_the_command_line_imports_nothing_of_a_wrong_file_and_undoes_by_an_export(
    venue: Venue, tmp_path: Path
) -> None:
    file, before = tmp_path / "stands.csv", tmp_path / "before.csv"
    file.write_text("Stand,Rent\nRobotics,900\nNobody,1\n", "utf-8")
    folder = str(venue.folder)
    assert run_here("venue", "export", folder, "--stands", str(before)).returncode == 0
    refused = run_here("venue", "import", folder, "--stands", str(file))
    assert refused.returncode == 1
    assert "There is no stand 'Nobody'." in refused.stdout
    assert read_venue(venue.folder).targets == ()
    shown = run_here("venue", "import", folder, "--stands", str(file), "--preview")
    assert "900" in shown.stdout
    assert read_venue(venue.folder).targets == ()
    assert run_here("venue", "import", folder, "--stands", str(file), "--skip-wrong").returncode == 0
    assert read_venue(venue.folder).targets_of("Robotics").rent == 900.0
    assert run_here("venue", "import", folder, "--stands", str(before)).returncode == 0
    assert read_venue(venue.folder).targets == ()

"""The search for better layouts of a venue with its rules, and the files that it writes."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.errors import ForecastError, GeometryError, VenueError
from analytics.forecast.layout_search import Goal
from analytics.forecast.placement_rules import NeighbourRule, PlacementRules, SizeClass
from app.core.file_format import read_venue
from app.core.periods import parse_period
from app.forecast.forecast_layout import VenueBasis, forecast_plan, read_changed_plan, read_forecast_basis
from app.forecast.placement_file import FILE_NAME, change_placement_rules, read_placement_rules
from app.forecast.search_layouts import find_better_layouts, write_proposals
from tests.support.command_line import run_here
from tools.layout_truth.truth_cases import DATE, write_cases

RULES = """
format = 1
fixed = ["Stand 01"]
least_aisle_m = 2.0
keeps_sponsors = false

[[size_classes]]
name = "corner"
stands = ["Stand 02", "Stand 03"]

[[neighbours]]
stands = ["Stand 04", "Stand 05"]
distance_m = 12.0
is_wanted = false

[[fire_lanes]]
name = "north"
outline = [[0.0, 0.0], [10.0, 0.0], [10.0, 1.0], [0.0, 1.0]]
"""


def test_rules_are_read_from_the_venues_folder(tmp_path: Path) -> None:
    assert read_placement_rules(tmp_path) == PlacementRules()
    (tmp_path / FILE_NAME).write_text(RULES, encoding="utf-8")
    rules = read_placement_rules(tmp_path)
    assert rules.fixed == ("Stand 01",)
    assert rules.least_aisle_m == 2.0
    assert rules.size_classes[0].stands == ("Stand 02", "Stand 03")
    assert rules.neighbours == (NeighbourRule(("Stand 04", "Stand 05"), 12.0, is_wanted=False),)
    assert rules.fire_lanes[0].outline.to_shape().area == pytest.approx(10.0)


def test_rules_are_added_and_deleted_one_by_one(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(RULES, encoding="utf-8")
    before = read_placement_rules(tmp_path)
    after = before.with_rule("Stand 07").with_rule(SizeClass("more", ("Stand 03", "Stand 06")))
    assert after.fixed == (*before.fixed, "Stand 07")
    assert after.size_classes == (SizeClass("corner", ("Stand 02", "Stand 03", "Stand 06")),)
    change_placement_rules(tmp_path, before, after)
    assert read_placement_rules(tmp_path) == after
    with pytest.raises(VenueError, match="Someone else"):
        change_placement_rules(tmp_path, before, PlacementRules())
    for rule in after.listed:
        after = after.without_rule(rule)
    assert after == PlacementRules(least_aisle_m=2.0, keeps_sponsors=False)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("format = 2\n", "format 2"),
        ("format = 1\nfixed = 3\n", "fixed"),
        ("format = 1\nleast_aisle = 3.0\n", "least_aisle"),
        ("format = 1\n[[fire_lanes]]\nname = 'a'\noutline = [[0, 0], [1, 1]]\n", "fire"),
        ("format 1", "cannot read"),
    ],
)
def test_a_file_that_is_no_rules_is_refused_with_its_fault(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises((VenueError, GeometryError), match=problem):
        read_placement_rules(tmp_path)


@pytest.fixture(scope="module")
def venue_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agents")
    write_cases(folder, kind="agents", seed=1, changes=(), days=2, visitors=500)
    return folder / "agents-1" / "venue.expoflow"


def _read(folder: Path) -> VenueBasis:
    venue = read_venue(folder)
    return read_forecast_basis(venue, parse_period(venue.exhibition, DATE, DATE))


@pytest.mark.slow
def test_layouts_keep_the_rules_and_their_files_are_forecast_alike(
    venue_folder: Path, tmp_path: Path
) -> None:
    whole, venue = _read(venue_folder), read_venue(venue_folder)
    read = replace(whole, basis=replace(whole.basis, whole_share=0.4))
    fixed = {"Stand 01", "Stand 02", "Stand 03"}
    (venue_folder / FILE_NAME).write_text(
        f"format = 1\nfixed = {json.dumps(sorted(fixed))}\n", encoding="utf-8"
    )
    found = find_better_layouts(venue, read, goal=Goal.WEAKEST_THIRD, most_moves=20)
    assert found.statements[0].template.startswith("Do not rely on forecasts")
    assert found.layouts
    write_proposals(found, tmp_path)
    with (tmp_path / "promises.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, layout in zip(rows, found.layouts, strict=True):
        assert not fixed & {move.stand for move in layout.moves}
        assert int(row["moves"]) == len(layout.moves) <= 20
        plan, geometry = read_changed_plan(tmp_path / row["file"], read.plan, read.geometry)
        again = {one.zone: one for one in forecast_plan(read, plan, geometry).rows}
        for zone in layout.forecast.rows:
            assert again[zone.zone].visits == pytest.approx(zone.visits, rel=1e-3, abs=0.1)


@pytest.mark.slow
def test_a_search_that_cannot_be_is_refused(venue_folder: Path) -> None:
    read, venue = _read(venue_folder), read_venue(venue_folder)
    rules = venue_folder / FILE_NAME
    rules.unlink(missing_ok=True)
    with pytest.raises(ForecastError, match="No stand has a rent"):
        find_better_layouts(venue, read, goal=Goal.RENT, most_moves=3)
    names = [stand.name for stand in read.basis.layout.stands]
    rules.write_text(f"format = 1\nfixed = {json.dumps(names)}\n", encoding="utf-8")
    with pytest.raises(ForecastError, match="No two stands"):
        find_better_layouts(venue, read, goal=Goal.VISITS, most_moves=3)
    rules.write_text('format = 1\nfixed = ["Stand 99"]\n', encoding="utf-8")
    with pytest.raises(GeometryError, match="'Stand 99', which is not on the plan"):
        find_better_layouts(venue, read, goal=Goal.VISITS, most_moves=3)
    rules.unlink()
    day = ("--from", DATE, "--to", DATE)
    refused = run_here("forecast", "--venue", venue_folder, *day, "--search", "--goal", "sales")
    assert refused.returncode != 0
    assert "There is no goal 'sales'" in refused.stderr
    refused = run_here("forecast", "--venue", venue_folder, *day, "--search", "--hindcast")
    assert refused.returncode != 0
    assert "cannot be combined" in refused.stderr

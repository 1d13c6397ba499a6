"""A name stands for one number: on every page, in the report, REST and exports of the same hall and day."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from app.core.document import Venue
from app.core.file_format import write_venue
from app.demo.ready_venue import list_show_days, unpack_demo_venue
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through
from tests.support.reports.shown_figures import (
    ShownFigure,
    find_contradictions,
    list_figures,
    list_stand_figures,
    read_number,
)

SOURCES = {
    "Overview",
    "Exhibition",
    "Dwell",
    "Flows",
    "Floor plan",
    "Now",
    "Halls",
    "Live REST",
    "Report",
    "Stand",
    "REST",
    "Export",
}
"""Where figures must come from for the comparison to mean something."""


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """A hall whose visitors go to both of their stands twice."""
    venue = make_hall(tmp_path_factory.mktemp("equal"))
    walk_through(venue, start_s=NOW_UTC_S - 86_400.0, duration_s=900.0, people=60, rounds=2)
    write_venue(venue)
    return venue


@pytest.fixture(scope="module")
def figures(venue: Venue, tmp_path_factory: pytest.TempPathFactory, qapp: object) -> list[ShownFigure]:
    day_s = venue.exhibition.day_interval_utc(venue.exhibition.local_day(NOW_UTC_S - 86_400.0))
    return list_figures(venue, day_s, tmp_path_factory.mktemp("exported"))


def test_one_name_is_one_number(figures: list[ShownFigure]) -> None:
    assert {figure.place.split(",")[0] for figure in figures if figure.value is not None} >= SOURCES
    assert find_contradictions(figures) == []


@pytest.mark.slow
def test_stands_have_one_number_each_in_the_demonstration(tmp_path: Path, qapp: object) -> None:
    """Whose stands are many enough for *Findings* and for values of places."""
    demo = unpack_demo_venue(tmp_path / "demo.expoflow")
    shown = list_stand_figures(demo, list_show_days(demo)[-1])
    of_place = {figure.place for figure in shown if figure.name == "Of its place"}
    assert {place.split(",")[0] for place in of_place} >= {"Findings", "Overview", "Exhibition"}
    assert of_place >= {"Report, stands", "Report, map"}
    assert find_contradictions(shown) == []
    named = next(figure for figure in shown if (figure.place, figure.name) == ("Findings", "Of its place"))
    planted = dataclasses.replace(named, value=(named.value or 0.0) + 0.05)
    assert planted in find_contradictions([*shown, planted])[0]


def test_visitors_and_visits_differ_here(figures: list[ShownFigure]) -> None:
    def find(name: str) -> float:
        return next(f.value for f in figures if (f.name, f.subject) == (name, "Robotics") and f.value)

    assert find("Visitors who stop") < find("Visits with a stop")
    assert find("Visitors near") < find("Visits and pass-bys")


def test_a_stop_is_one_notion_for_visits_and_for_visitors(figures: list[ShownFigure]) -> None:
    def read(name: str) -> dict[str, float]:
        return {f.subject: f.value for f in figures if f.name == name and f.subject and f.value is not None}

    visits, stopping, engaged = map(read, ("Visits", "Visits with a stop", "Engaged visits"))
    visitors = read("Visitors who stop")
    assert visitors.keys() >= {"Robotics", "VR corner"}
    for stand, count in visitors.items():
        assert engaged[stand] <= stopping[stand] <= visits[stand]
        assert count <= stopping[stand]
        # nobody is engaged, or stops on a visit, without being a visitor who stops
        assert (count > 0) == (stopping[stand] > 0)


def test_a_planted_contradiction_is_found(figures: list[ShownFigure]) -> None:
    shown = next(f for f in figures if (f.place, f.name) == ("REST", "Visits") and f.value)
    assert shown.value is not None
    planted = dataclasses.replace(shown, place="Timeline", value=shown.value + 1.0)
    found = find_contradictions([*figures, planted])
    assert [other for _, other in found] == [planted]


@pytest.mark.parametrize(
    ("text", "number", "step"),
    [
        ("1,234", 1234.0, 0.5),
        ("52 %", 0.52, 0.005),
        ("1:05", 65.0, 0.5),
        ("2:30 h", 9000.0, 30.0),
        ("–", None, 0),
    ],
)
def test_numbers_are_read_as_they_are_shown(text: str, number: float | None, step: float) -> None:
    assert read_number(text) == (pytest.approx(number), pytest.approx(step))

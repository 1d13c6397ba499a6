"""A summary on the command line says what was left out of its numbers."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.dwell.zone_figures import ZoneFigures
from analytics.results.zone_figures import describe_zone_figures
from app.console.summary_table import print_summary

PLACE = {"camera": "north", "x_m": 7.8, "y_m": 11.9, "seconds": 412.4}
NOTHING: dict[str, Any] = {
    "analysed_frames": 100,
    "duration_s": 20.0,
    "identities": 3,
    "people_in_view": {"mean": 1.5, "peak_1min": None},
    "zones": {},
    "lines": {},
    "false_persons": {
        "excluded": [],
        "proposed": [],
        "brief": {"count": 0, "seconds": 0.0},
        "lone": {"count": 0, "seconds": 0.0},
    },
    "staff": {"left_out": False, "proposed": []},
}


def test_nothing_is_said_of_what_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(NOTHING)
    said = capsys.readouterr().out
    assert "identities" in said
    assert "mistaken for a person" not in said
    assert "likely staff" not in said


@pytest.mark.parametrize(
    ("kind", "words"), [("excluded", "left out"), ("proposed", ("counted: needs review"))]
)
def test_every_place_is_listed_with_its_seconds(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    print_summary({**NOTHING, "false_persons": {**NOTHING["false_persons"], kind: [PLACE]}})
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "north" in line]
    assert "7.80,11.90" in row
    assert "412.4 s" in row
    assert words in row


@pytest.mark.parametrize(
    ("kind", "heading"),
    [("brief", "seen briefly, mistaken for a person"), ("lone", "mistaken for a person by one camera only")],
)
def test_appearances_of_nobody_are_summed_up(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, kind: str, heading: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    found = {"count": 3, "seconds": 14.2}
    print_summary({**NOTHING, "false_persons": {**NOTHING["false_persons"], kind: found}})
    said = capsys.readouterr().out
    assert heading in said
    (row,) = [line for line in said.splitlines() if "14.2 s" in line]
    assert "3" in row
    assert "left out" in row


def test_staff_are_summed_up(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    people = [{"presence_s": 1800.0}, {"presence_s": 900.5}]
    print_summary({**NOTHING, "staff": {"left_out": True, "proposed": people}})
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "2700.5" in line]
    assert "left out" in row


def test_what_was_not_observed_is_a_dash_and_no_word_of_the_programs_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    zone = describe_zone_figures(ZoneFigures("far"))
    line = {"in": None, "out": None, "coverage": 0.0}
    print_summary({**NOTHING, "zones": {"far": zone}, "lines": {"door": line}})
    rows = [said for said in capsys.readouterr().out.splitlines() if "far" in said or "door" in said]
    assert [row.count("–") for row in rows] == [5, 2]
    assert not any("None" in row for row in rows)

"""``venue places``, ``venue decide`` and ``venue staff``, as a person uses them."""

from __future__ import annotations

import json
from pathlib import Path

from app.core.file_format import read_venue
from tests.support.command_line import run_app
from tests.support.halls.known_history import FIRST, make_known_venue
from tests.support.halls.still_things import add_attendant, add_poster


def test_a_place_is_listed_decided_and_forgotten(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path)
    add_poster(venue, start_s=FIRST[0])
    (place,) = json.loads(run_app("venue", "places", venue.folder, "--json").stdout)
    assert (place["camera"], place["state"], place["decided"]) == ("cam", "left_out", False)
    assert abs(place["x_m"] - 9.0) + abs(place["y_m"] - 5.0) < 0.1
    at = f"{place['x_m']},{place['y_m']}"
    decided = run_app("venue", "decide", venue.folder, "cam", "person", "--at", at)
    assert "is counted as a person" in decided.stderr
    listed = run_app("venue", "places", venue.folder)
    assert "kept: a person" in listed.stdout
    assert "Places left out of all numbers" in listed.stderr
    assert run_app("venue", "decide", venue.folder, "cam", "undecided", "--at", at).returncode == 0
    assert read_venue(venue.folder).corrections.places == ()


def test_staff_are_listed_and_left_out(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path)
    add_attendant(venue, start_s=FIRST[0], duration_s=3500.0)
    period = ("--from", "2026-03-14T09:00:00Z", "--to", "2026-03-14T09:30:00Z")
    counted = json.loads(run_app("venue", "staff", venue.folder, *period, "--json").stdout)
    assert [person["home_zone"] for person in counted["people"]] == ["stand"]
    assert counted["is_left_out"] is False
    left_out = run_app("venue", "staff", venue.folder, *period, "--leave-out")
    assert "now left out of all numbers" in left_out.stderr
    assert "mean dwell with staff" in left_out.stdout
    assert read_venue(venue.folder).corrections.excludes_staff

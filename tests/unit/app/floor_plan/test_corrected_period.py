"""Corrections of a period: excluded places, and staff figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.errors import VenueError
from analytics.domain.identifiers import CameraId
from analytics.visitors.false_positives.corrections import NO_CORRECTIONS, DecidedPlace, PlaceVerdict
from app.core.document import Venue
from app.core.file_format import read_venue
from app.floor_plan.corrected_period import (
    PlaceState,
    compare_staff,
    decide_place,
    leave_staff_out,
    list_places,
    restore_corrections,
    sum_left_out,
)
from tests.support.halls.known_history import FIRST, make_known_venue
from tests.support.halls.still_things import POSTER_M, POSTER_S, SHELF_M, add_attendant, add_poster, add_shelf
from tools.demo.corrected_days import read_corrected_period

ELSEWHERE = DecidedPlace(CameraId("cam"), 12.0, 7.0, 0.5, PlaceVerdict.PERSON)


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    made = make_known_venue(tmp_path)
    add_poster(made, start_s=FIRST[0])
    add_shelf(made, start_s=FIRST[0])
    return made


def test_places_are_listed_with_state_and_seconds(venue: Venue) -> None:
    decide_place(venue.folder, ELSEWHERE)
    venue = read_venue(venue.folder)
    period = read_corrected_period(venue, start_utc_s=FIRST[0], end_utc_s=FIRST[1]).identified
    proposed, left_out, decided = list_places(venue.corrections, period)
    assert (proposed.state, proposed.is_decided) == (PlaceState.PROPOSED, False)
    assert (proposed.x_m, proposed.y_m) == pytest.approx(SHELF_M, abs=0.05)
    assert (left_out.state, left_out.is_decided) == (PlaceState.LEFT_OUT, False)
    assert (left_out.x_m, left_out.y_m) == pytest.approx(POSTER_M, abs=0.05)
    assert left_out.seconds == pytest.approx(POSTER_S, abs=1.0)
    assert (decided.state, decided.seconds, decided.is_decided) == (PlaceState.KEPT, None, True)
    assert sum_left_out([proposed, left_out, decided]) == (1, left_out.seconds)


def test_a_decision_changes_a_place_and_can_be_removed(venue: Venue) -> None:
    period = read_corrected_period(venue, start_utc_s=FIRST[0], end_utc_s=FIRST[1]).identified
    (place,) = [p for p in list_places(NO_CORRECTIONS, period) if p.state is PlaceState.PROPOSED]
    decision = place.decide(PlaceVerdict.NOT_A_PERSON)
    changed = decide_place(venue.folder, decision)
    assert read_venue(venue.folder).corrections == changed.corrections
    after = read_corrected_period(changed, start_utc_s=FIRST[0], end_utc_s=FIRST[1]).identified
    for listed in (period, after):
        states = [p.state for p in list_places(changed.corrections, listed)]
        assert states == [PlaceState.LEFT_OUT] * 2
    assert len(after.tracks) < len(period.tracks)
    assert restore_corrections(venue.folder, NO_CORRECTIONS).corrections == NO_CORRECTIONS


def test_a_place_of_an_unknown_camera_is_refused_and_nothing_is_written(venue: Venue) -> None:
    before = (venue.folder / "venue.toml").read_bytes()
    with pytest.raises(VenueError, match="no camera 'nope'"):
        decide_place(venue.folder, DecidedPlace(CameraId("nope"), 1.0, 1.0, 0.5, PlaceVerdict.PERSON))
    assert (venue.folder / "venue.toml").read_bytes() == before


def test_without_staff_there_is_no_comparison(venue: Venue) -> None:
    corrected = read_corrected_period(venue, start_utc_s=FIRST[0], end_utc_s=FIRST[1])
    assert compare_staff(venue, corrected).zones == ()


def test_staff_figures_do_not_depend_on_the_setting(tmp_path: Path) -> None:
    venue = make_known_venue(tmp_path)
    add_attendant(venue, start_s=FIRST[0], duration_s=1790.0)
    compared = []
    for is_left_out in (False, True):
        changed = leave_staff_out(venue.folder, is_left_out)
        corrected = read_corrected_period(changed, start_utc_s=FIRST[0], end_utc_s=FIRST[1])
        found = compare_staff(changed, corrected)
        assert found.is_left_out is is_left_out
        assert [person.home_zone for person in found.people] == ["stand"]
        compared.append(found.zones)
    assert compared[0] == compared[1]
    (stand,) = [zone for zone in compared[0] if zone.without.name == "stand"]
    mean_s, mean_without_s = stand.with_staff.mean_dwell_s.value, stand.without.mean_dwell_s.value
    assert mean_s is not None
    assert mean_without_s is not None
    assert mean_s > mean_without_s + 1

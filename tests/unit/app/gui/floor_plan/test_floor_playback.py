"""Playback of a period: clock, gaps and end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtWidgets import QApplication

from app.core.document import Venue
from app.gui.floor_plan.floor_playback import FloorPlaybackViewModel, Pace
from app.gui.session.app_state import AppState
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through
from tests.support.windows.inline_job_runner import InlineJobRunner

START_S = NOW_UTC_S - 2400
PERIOD = (START_S, NOW_UTC_S)


@dataclass
class Played:
    model: FloorPlaybackViewModel
    app_state: AppState
    clock: list[float]

    def pass_time(self, seconds: float) -> None:
        for _picture in range(round(seconds / 0.1)):
            self.clock[0] += 0.1
            self.model.advance()


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """Return a venue observed for ten minutes, unobserved for twenty, observed for ten."""
    venue = make_hall(tmp_path_factory.mktemp("walked"))
    walk_through(venue, start_s=START_S, duration_s=600, people=20)
    walk_through(venue, start_s=START_S + 1800, duration_s=600, people=20, seed=2)
    return venue


@pytest.fixture
def played(qapp: QApplication, walked: Venue) -> Iterator[Played]:
    clock = [100.0]
    app_state = AppState()
    model = FloorPlaybackViewModel(
        app_state=app_state, job_runner=InlineJobRunner(), monotonic_s=lambda: clock[0]
    )
    app_state.show_venue(walked)
    model.follow(requested_s=PERIOD, shown_s=PERIOD)
    model.set_on(True)
    yield Played(model, app_state, clock)
    model.set_on(False)


def test_playback_follows_its_pace(played: Played) -> None:
    assert played.model.state.at_s == START_S
    played.model.set_playing(True)
    played.pass_time(2.0)
    assert played.model.state.at_s == pytest.approx(START_S + 120, abs=1)
    assert played.model.state.dots
    assert played.model.state.heat is not None
    assert played.model.state.description == "2026-03-14 11:22:00"
    played.model.set_pace(Pace.TEN_MINUTES)
    played.pass_time(0.5)
    assert played.model.state.at_s == pytest.approx(START_S + 420, abs=1)
    played.model.set_playing(False)
    assert not played.model.state.is_playing


def test_unobserved_time_is_empty_and_skipped_quickly(played: Played) -> None:
    played.model.move_to(START_S + 900)
    state = played.model.state
    assert state.is_observed is False
    assert (state.dots, state.heat, state.note) == ((), None, "not observed")
    played.model.set_playing(True)
    played.pass_time(1.0)
    assert played.model.state.at_s > START_S + 1600
    played.pass_time(0.6)
    assert played.model.state.is_observed
    assert played.model.state.at_s < START_S + 1900


def test_playback_stops_at_the_end_and_restarts(played: Played) -> None:
    played.model.move_to(NOW_UTC_S - 30)
    played.model.set_playing(True)
    played.pass_time(1.0)
    assert played.model.state.at_s == NOW_UTC_S
    assert not played.model.state.is_playing
    played.model.set_playing(True)
    assert played.model.state.at_s == START_S


def test_playback_survives_a_growing_period_only(played: Played) -> None:
    played.model.move_to(START_S + 100)
    played.model.follow(requested_s=(START_S + 10, NOW_UTC_S + 10), shown_s=(START_S + 10, NOW_UTC_S + 10))
    assert played.model.state.is_on
    assert played.model.state.at_s == START_S + 100
    played.model.follow(requested_s=None, shown_s=None)
    assert not played.model.state.is_on
    assert not played.model.can_play
    played.model.set_on(True)
    assert not played.model.state.is_on

"""The period of the window, set, followed and remembered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from analytics.domain.arrays import Interval
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.periods import PeriodChoice, find_period
from app.gui.session.app_state import AppState
from app.gui.session.period import PeriodViewModel
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall

DAY_S = 86_400.0
CUSTOM = (NOW_UTC_S - 7000, NOW_UTC_S - 3000)
Start = Callable[..., AppState]


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    return make_hall(tmp_path)


@pytest.fixture
def start(qtbot: QtBot, tmp_path: Path) -> Start:
    """What a start of the program makes: an empty window's state that remembers."""
    kept: list[object] = []

    def make(now_s: float = NOW_UTC_S) -> AppState:
        memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
        app_state, clock = AppState(), SetClock()
        clock.now_s = now_s
        kept.extend([memory, PeriodViewModel(app_state=app_state, memory=memory, clock=clock)])
        return app_state

    return make


def today(venue: Venue, now_s: float = NOW_UTC_S, *, only: bool = False) -> Interval | None:
    return find_period(
        PeriodChoice.TODAY, exhibition=venue.exhibition, now_utc_s=now_s, opening_hours_only=only
    )


def test_it_shows_what_is_chosen_and_what_others_choose(venue: Venue) -> None:
    app_state = AppState()
    period = PeriodViewModel(app_state=app_state, clock=SetClock())
    shown: list[Interval | None] = []
    period.state_changed.connect(lambda: shown.append(period.state.period_s))
    assert period.state.exhibition is None
    app_state.show_venue(venue)
    assert period.state.exhibition is venue.exhibition
    period.choose(CUSTOM)
    assert app_state.period == CUSTOM
    app_state.set_period(None)
    assert shown == [None, CUSTOM, None]
    app_state.set_history((1.0, 2.0))
    assert period.state.history_s == (1.0, 2.0)
    before = len(shown)
    app_state.announce(ChangeSet(plan=True), initiator=None)
    assert len(shown) == before + 1


def test_the_whole_history_grows_over_midnight_until_the_show_is_over(venue: Venue) -> None:
    app_state, clock = AppState(), SetClock()
    clock.now_s = NOW_UTC_S - DAY_S
    period = PeriodViewModel(app_state=app_state, clock=clock)
    app_state.show_venue(venue)
    show = venue.exhibition
    closing_s, last_closing_s = (
        show.opening_intervals_utc(show.local_day(at_s))[-1][1] for at_s in (clock.now_s, NOW_UTC_S)
    )
    begun_s = clock.now_s - 3600.0
    app_state.set_history((begun_s, clock.now_s))
    period.choose((begun_s, closing_s))
    app_state.set_history((begun_s, clock.now_s + 60.0))
    assert app_state.period == (begun_s, closing_s)
    for _night in range(2):
        clock.now_s += DAY_S
        app_state.set_history((begun_s, clock.now_s - 10.0))
        assert app_state.period == (begun_s, last_closing_s), "nothing after the show counts"


def test_a_custom_period_is_there_at_the_next_start(start: Start, venue: Venue) -> None:
    first = start()
    first.show_venue(venue)
    first.set_period(CUSTOM)
    second = start(NOW_UTC_S + DAY_S)
    second.show_venue(venue)
    assert second.period == CUSTOM


@pytest.mark.parametrize("only", [False, True])
def test_today_is_another_day_at_the_next_start(start: Start, venue: Venue, only: bool) -> None:
    first = start()
    first.show_venue(venue)
    first.set_period(today(venue, only=only))
    second = start(NOW_UTC_S - DAY_S)
    second.show_venue(venue)
    assert second.period == today(venue, NOW_UTC_S - DAY_S, only=only)
    assert second.period != first.period


def test_now_is_remembered_too(start: Start, venue: Venue) -> None:
    first = start()
    first.show_venue(venue)
    first.set_period(CUSTOM)
    first.set_period(None)
    second = start()
    second.show_venue(venue)
    assert second.period is None


def test_another_venue_begins_with_now(start: Start, venue: Venue, tmp_path: Path) -> None:
    first = start()
    first.show_venue(venue)
    first.set_period(CUSTOM)
    second = start()
    second.show_venue(make_hall(tmp_path / "other"))
    assert second.period is None


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '["a", "never", true, null]', '["a", "custom", true, [1]]']
)
def test_a_damaged_memory_is_no_memory(start: Start, venue: Venue, tmp_path: Path, content: str) -> None:
    memory = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    memory.setValue("period", content.replace('"a"', f'"{venue.folder}"'))
    memory.sync()
    app_state = start()
    app_state.show_venue(venue)
    assert app_state.period is None

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.gui.validation.clip_labelling_model import ClipPlayback
from tests.support.halls.live_venue import FrozenClock

TIMES_S = tuple(100.0 + 0.5 * number for number in range(9))


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(5.0)


@pytest.fixture
def playback(qtbot: QtBot, clock: FrozenClock) -> ClipPlayback:
    made = ClipPlayback(clock=clock)
    made.show(TIMES_S)
    return made


@pytest.mark.parametrize(("speed", "expected"), [(0.5, 1), (1.0, 2), (2.0, 4), (4.0, 8)])
def test_pictures_follow_the_clock_at_each_speed(
    playback: ClipPlayback, clock: FrozenClock, speed: float, expected: int
) -> None:
    playback.set_speed(speed)
    playback.toggle()
    clock.now_s += 1.0
    playback.look()
    assert playback.index == expected
    assert playback.time_utc_s == TIMES_S[expected]
    playback.stop()


def test_it_stops_at_the_end_and_begins_again(playback: ClipPlayback, clock: FrozenClock) -> None:
    playback.toggle()
    clock.now_s += 60.0
    playback.look()
    assert (playback.index, playback.is_playing) == (8, False)
    playback.toggle()
    assert (playback.index, playback.is_playing) == (0, True)
    playback.stop()


def test_a_change_of_speed_does_not_jump(playback: ClipPlayback, clock: FrozenClock) -> None:
    playback.toggle()
    clock.now_s += 1.0
    playback.look()
    playback.change_speed(2)
    assert playback.speed == 4.0
    clock.now_s += 0.25
    playback.look()
    assert playback.index == 4
    playback.change_speed(9)
    assert playback.speed == 4.0
    playback.stop()


def test_a_step_stands_and_stays_within_the_clip(playback: ClipPlayback) -> None:
    playback.toggle()
    playback.step(3)
    assert (playback.index, playback.is_playing) == (3, False)
    playback.step_seconds(-1.0)
    assert playback.index == 1
    playback.step(-5)
    assert playback.index == 0
    playback.step(99)
    assert playback.index == 8


def test_nothing_can_be_played_without_pictures(playback: ClipPlayback) -> None:
    playback.show(())
    playback.toggle()
    playback.step(1)
    assert (playback.index, playback.count, playback.is_playing) == (0, 0, False)

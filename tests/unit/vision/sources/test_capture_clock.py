from __future__ import annotations

import random

import pytest

from vision.sources.live_source import WINDOW_S, CaptureClock

UTC_S = 1_795_000_000.0


def stamp(clock: CaptureClock, *, pts_s: float, arrival_s: float, utc_offset_s: float = UTC_S) -> float:
    """Seconds since ``UTC_S``."""
    return (
        clock.capture_time_s(
            pts_s=pts_s, arrival_monotonic_s=arrival_s, arrival_utc_s=arrival_s + utc_offset_s
        )
        - UTC_S
    )


def test_a_burst_keeps_the_spacing_of_its_frames() -> None:
    clock = CaptureClock()
    for index in range(25):
        stamp(clock, pts_s=index * 0.04, arrival_s=index * 0.04)
    late = [stamp(clock, pts_s=1.0 + index * 0.04, arrival_s=1.5) for index in range(10)]
    assert late == pytest.approx([1.0 + index * 0.04 for index in range(10)], abs=1e-6)


def test_random_delay_vanishes_and_no_frame_is_later_than_its_arrival() -> None:
    clock, source = CaptureClock(), random.Random(3)
    for index in range(2000):
        taken_s = index * 0.04
        arrival_s = taken_s + 0.05 + source.expovariate(20.0)
        estimate_s = stamp(clock, pts_s=taken_s, arrival_s=arrival_s)
        assert estimate_s <= arrival_s + 1e-6
        if index > 300:
            assert estimate_s == pytest.approx(taken_s + 0.05, abs=0.01)


def test_a_camera_clock_that_runs_slow_is_followed() -> None:
    clock = CaptureClock()
    for index in range(25 * 600):
        true_s = index * 0.04
        estimate_s = stamp(clock, pts_s=true_s * 0.999, arrival_s=true_s)
        assert abs(estimate_s - true_s) <= 0.001 * WINDOW_S + 1e-6


@pytest.mark.parametrize("step_s", [-3600.0, 3600.0, -0.2])
def test_setting_our_clock_moves_the_time_at_once(step_s: float) -> None:
    clock = CaptureClock()
    for index in range(25):
        stamp(clock, pts_s=index * 0.04, arrival_s=index * 0.04)
    moved_s = stamp(clock, pts_s=1.0, arrival_s=1.0, utc_offset_s=UTC_S + step_s)
    assert moved_s == pytest.approx(1.0 + step_s, abs=1e-6)
    assert clock.resets == 0


@pytest.mark.parametrize("jump_s", [-3600.0, -2.0, 3600.0, 44123.0])
def test_time_stamps_that_jump_are_anchored_anew(jump_s: float) -> None:
    clock = CaptureClock()
    for index in range(25):
        stamp(clock, pts_s=index * 0.04, arrival_s=index * 0.04 + 0.1)
    times_s = [
        stamp(clock, pts_s=jump_s + index * 0.04, arrival_s=index * 0.04 + 0.1) for index in range(25, 50)
    ]
    assert times_s == pytest.approx([index * 0.04 + 0.1 for index in range(25, 50)], abs=0.11)
    assert clock.resets == 1


def test_the_order_of_frames_with_bidirectional_references_is_no_jump() -> None:
    clock = CaptureClock()
    for pts_s in (0.0, 0.12, 0.04, 0.08, 0.24, 0.16, 0.2):
        stamp(clock, pts_s=pts_s, arrival_s=pts_s + 0.3)
    assert clock.resets == 0

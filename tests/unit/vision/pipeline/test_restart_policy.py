"""When a dead process is started again."""

from __future__ import annotations

from vision.pipeline.supervisor import CrashHistory, RestartPolicy

POLICY = RestartPolicy()


def crash(times_s: list[float], *, uptime_s: float = 1.0) -> CrashHistory:
    history = CrashHistory()
    for time_s in times_s:
        history = history.after_crash(time_s, uptime_s=uptime_s, policy=POLICY)
    return history


def test_the_first_restart_is_at_once_and_later_ones_wait_twice_as_long_each_up_to_a_limit() -> None:
    delays = [crash([float(n) for n in range(count)]).delay_s(POLICY) for count in range(1, 9)]
    assert delays == [0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]


def test_a_process_that_ran_well_for_a_while_is_started_at_once() -> None:
    history = crash([0.0, 1.0, 2.0]).after_crash(100.0, uptime_s=60.0, policy=POLICY)
    assert history.delay_s(POLICY) == 0.0


def test_cameras_that_share_a_crashing_process_are_isolated_but_a_single_one_is_not() -> None:
    history = crash([0.0, 1.0])
    assert history.is_to_isolate(4, POLICY)
    assert not history.is_to_isolate(1, POLICY)
    assert not crash([0.0]).is_to_isolate(4, POLICY)


def test_a_single_camera_that_keeps_crashing_is_set_aside() -> None:
    assert crash([0.0, 1.0, 2.0, 3.0, 4.0]).is_to_quarantine(1, POLICY)
    assert not crash([0.0, 1.0, 2.0, 3.0]).is_to_quarantine(1, POLICY)


def test_crashes_hours_apart_are_not_held_together() -> None:
    assert not crash([n * 3600.0 for n in range(10)], uptime_s=3000.0).is_to_quarantine(1, POLICY)

from __future__ import annotations

import pytest

from vision.sources.reconnect_policy import GOOD_AFTER_S, FeedState, FeedStatus, ReconnectPolicy
from vision.sources.source_faults import SourceFault

POLICY = ReconnectPolicy()


def fail_repeatedly(fault: SourceFault, times: int) -> list[float]:
    """The waiting times of failures in a row, each attempt made as soon as it is due."""
    status, now_s, delays_s = POLICY.begin(now_s=0.0), 0.0, []
    for _ in range(times):
        status = POLICY.fail(status, now_s=now_s, fault=fault)
        assert status.state is FeedState.WAITING
        assert status.next_attempt_s is not None
        delays_s.append(status.next_attempt_s - now_s)
        now_s = status.next_attempt_s
        status = POLICY.advance(status, now_s=now_s)
        assert status.state is FeedState.CONNECTING
    return delays_s


@pytest.mark.parametrize(
    ("fault", "delays_s"),
    [
        (SourceFault.LOST, [0.5, 1, 2, 4, 5, 5]),
        (SourceFault.REFUSED, [0.5, 1, 2, 4, 5, 5]),
        (SourceFault.WRONG_PASSWORD, [30, 60, 120, 240, 300, 300]),
        (SourceFault.NOT_FOUND, [10, 20, 40, 80, 120, 120]),
    ],
)
def test_the_wait_doubles_up_to_the_limit_of_its_cause(fault: SourceFault, delays_s: list[float]) -> None:
    assert fail_repeatedly(fault, 6) == pytest.approx(delays_s)


def test_waits_are_spread_so_that_cameras_do_not_come_back_all_at_once() -> None:
    draws = iter([0.0, 0.5, 1.0])
    policy, status, delays_s = ReconnectPolicy(lambda: next(draws)), POLICY.begin(now_s=0.0), []
    for _ in range(3):
        status = policy.fail(status, now_s=0.0, fault=SourceFault.LOST)
        delays_s.append(status.next_attempt_s)
        status = policy.advance(status, now_s=100.0)
    assert delays_s == [0.5, 0.875, 1.5]


def test_a_password_that_is_refused_after_an_outage_was_refused_once() -> None:
    status = failed_status(8)
    status = POLICY.fail(status, now_s=100.0, fault=SourceFault.WRONG_PASSWORD)
    assert status.next_attempt_s == 130.0
    status = POLICY.advance(status, now_s=130.0)
    status = POLICY.fail(status, now_s=130.0, fault=SourceFault.WRONG_PASSWORD)
    assert status.next_attempt_s == 190.0


def test_a_night_of_failures_does_not_overflow() -> None:
    assert fail_repeatedly(SourceFault.UNREACHABLE, 5000)[-1] == 5.0


def failed_status(times: int) -> FeedStatus:
    status, now_s = POLICY.begin(now_s=0.0), 0.0
    for _ in range(times):
        status = POLICY.fail(status, now_s=now_s, fault=SourceFault.LOST)
        now_s = status.next_attempt_s or 0.0
        status = POLICY.advance(status, now_s=now_s)
    return status


def test_half_a_minute_of_video_makes_the_next_wait_short_again() -> None:
    status = POLICY.record_picture(failed_status(6), now_s=100.0)
    assert status.state is FeedState.STREAMING
    assert status.failures == 6
    assert status.fault is SourceFault.LOST
    status = POLICY.record_picture(status, now_s=100.0 + GOOD_AFTER_S)
    assert (status.failures, status.fault) == (0, None)
    status = POLICY.fail(status, now_s=200.0, fault=SourceFault.LOST)
    assert status.next_attempt_s == 200.5


def test_a_camera_that_flaps_waits_longer_and_longer() -> None:
    status = POLICY.record_picture(failed_status(6), now_s=100.0)
    status = POLICY.fail(status, now_s=100.0 + GOOD_AFTER_S - 1, fault=SourceFault.LOST)
    assert status.failures == 7


def test_good_video_counts_even_if_nobody_asked_in_between() -> None:
    status = POLICY.record_picture(failed_status(6), now_s=100.0)
    assert POLICY.fail(status, now_s=500.0, fault=SourceFault.LOST).failures == 1


def test_an_opened_connection_is_not_streaming_before_its_first_picture() -> None:
    status = POLICY.begin(now_s=0.0)
    assert status.state is not FeedState.STREAMING
    assert POLICY.record_picture(status, now_s=2.0).state is FeedState.STREAMING


def test_waiting_lasts_until_its_time() -> None:
    status = POLICY.fail(POLICY.begin(now_s=0.0), now_s=10.0, fault=SourceFault.LOST)
    assert POLICY.advance(status, now_s=10.4) is status
    assert POLICY.advance(status, now_s=10.5).state is FeedState.CONNECTING
    assert POLICY.record_picture(status, now_s=10.2) is status
    assert POLICY.fail(status, now_s=10.2, fault=SourceFault.LOST) is status


def test_a_disabled_camera_does_nothing_until_it_is_enabled() -> None:
    status = POLICY.disable(POLICY.record_picture(POLICY.begin(now_s=0.0), now_s=1.0), now_s=2.0)
    assert status.state is FeedState.DISABLED
    for unmoved in (
        POLICY.fail(status, now_s=3.0, fault=SourceFault.LOST),
        POLICY.record_picture(status, now_s=3.0),
        POLICY.advance(status, now_s=300.0),
        POLICY.disable(status, now_s=3.0),
    ):
        assert unmoved is status
    assert POLICY.enable(status, now_s=4.0) == POLICY.begin(now_s=4.0)


def test_a_corrected_password_is_tried_at_once() -> None:
    status = POLICY.fail(POLICY.begin(now_s=0.0), now_s=0.0, fault=SourceFault.WRONG_PASSWORD)
    assert POLICY.enable(status, now_s=1.0).state is FeedState.CONNECTING
    streaming = POLICY.record_picture(POLICY.begin(now_s=0.0), now_s=1.0)
    assert POLICY.enable(streaming, now_s=2.0) is streaming

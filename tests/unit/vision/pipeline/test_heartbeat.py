"""Whether a process has to be killed."""

from __future__ import annotations

import pytest

from vision.pipeline.heartbeat import LIVE_LIMITS, choose_limits, find_reason_to_kill


@pytest.mark.parametrize(
    ("since_start_s", "since_beat_s", "is_loading", "camera_silence_s", "reason"),
    [
        (100.0, 0.5, False, 0.0, None),
        (100.0, 4.9, False, 0.0, None),
        (100.0, 5.1, False, 0.0, "said nothing for 5 s"),
        (100.0, 6.0, True, 0.0, None),
        (100.0, 31.0, True, 0.0, "said nothing for 31 s"),
        (181.0, 0.5, True, 0.0, "did not begin to work within 180 s"),
        (4.0, None, True, 0.0, None),
        (31.0, None, True, 0.0, "said nothing for 31 s"),
        (100.0, 0.5, False, 44.0, None),
        (100.0, 0.5, False, 46.0, "was stuck in a camera's connection for 46 s"),
    ],
)
def test_silence_is_judged_by_what_the_process_does(
    since_start_s: float,
    since_beat_s: float | None,
    is_loading: bool,
    camera_silence_s: float,
    reason: str | None,
) -> None:
    found = find_reason_to_kill(
        since_start_s=since_start_s,
        since_beat_s=since_beat_s,
        is_loading=is_loading,
        max_camera_silence_s=camera_silence_s,
        limits=LIVE_LIMITS,
    )
    assert found == reason


@pytest.mark.parametrize("is_loading", [False, True])
def test_the_analysis_of_a_recording_is_waited_for_since_a_kill_would_end_it(is_loading: bool) -> None:
    def judge(since_beat_s: float) -> str | None:
        return find_reason_to_kill(
            since_start_s=200.0,
            since_beat_s=since_beat_s,
            is_loading=is_loading,
            limits=choose_limits(is_live=False),
        )

    assert judge(100.0) is None
    assert judge(130.0) == "said nothing for 130 s"

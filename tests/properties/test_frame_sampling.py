"""What holds for every camera rate, every limit and every jitter."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vision.sources.frame_sampler import FrameSampler

steps_s = st.lists(st.floats(0.001, 2.0), min_size=1, max_size=300)
limits_fps = st.floats(0.2, 60.0)


def sample(times_s: list[float], analysed_fps: float) -> list[float]:
    sampler = FrameSampler(analysed_fps=analysed_fps)
    return [time_s for time_s in times_s if sampler.is_due(time_s)]


def accumulate(start_s: float, given_steps_s: list[float]) -> list[float]:
    times_s = [start_s]
    for step_s in given_steps_s:
        times_s.append(times_s[-1] + step_s)
    return times_s


@settings(deadline=None)
@given(given_steps_s=steps_s, analysed_fps=limits_fps)
def test_never_more_than_the_limit(given_steps_s: list[float], analysed_fps: float) -> None:
    times_s = accumulate(0.0, given_steps_s)
    due = sample(times_s, analysed_fps)
    assert due[0] == times_s[0]
    assert len(due) <= (times_s[-1] - times_s[0]) * analysed_fps + 1.25 + 1e-6


@settings(deadline=None)
@given(given_steps_s=steps_s, analysed_fps=limits_fps)
def test_no_slot_with_frames_in_it_is_left_empty(given_steps_s: list[float], analysed_fps: float) -> None:
    times_s = accumulate(0.0, given_steps_s)
    due = sample(times_s, analysed_fps)
    period_s = 1.0 / analysed_fps
    for time_s in times_s:
        assert any(abs(time_s - chosen_s) <= 1.25 * period_s + 1e-6 for chosen_s in due)


@settings(deadline=None)
@given(
    camera_fps=st.integers(1, 60),
    analysed_fps=st.integers(1, 60),
    start_s=st.floats(0, 2_000_000_000),
)
def test_a_steady_camera_gives_the_smaller_of_both_rates(
    camera_fps: int, analysed_fps: int, start_s: float
) -> None:
    times_s = [start_s + index / camera_fps for index in range(camera_fps * 20)]
    due = sample(times_s, float(analysed_fps))
    assert abs(len(due) - 20 * min(camera_fps, analysed_fps)) <= 1

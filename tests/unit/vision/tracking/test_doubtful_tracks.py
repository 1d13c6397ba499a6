"""What is not sure is held back, and told with its past once it is."""

from __future__ import annotations

import numpy as np
import pytest

from tests.unit.vision.tracking.test_floor_tracker import follow
from vision.pixel_types import TrackedBox
from vision.tracking.floor_tracker_settings import FloorTrackerSettings

FAINT, SURE = 0.5, 0.9
SETTINGS = FloorTrackerSettings()


def span_of(found: list[TrackedBox]) -> tuple[float, float]:
    times_s = [box.time_s for box in found]
    return min(times_s), max(times_s)


@pytest.mark.parametrize("fps", [2.0, 5.0, 15.0])
def test_what_is_faint_and_stays_for_seconds_is_nobody(fps: float) -> None:
    frames = int((SETTINGS.sure_s - 1.0) * fps)
    assert follow([FAINT] * frames, fps=fps) == []
    assert len(follow([SURE] * frames, fps=fps)) == frames


@pytest.mark.parametrize("fps", [2.0, 5.0, 15.0])
def test_who_is_faint_and_stays_longer_is_told_with_the_past(fps: float) -> None:
    frames = int((SETTINGS.sure_s + 1.0) * fps)
    found = follow([FAINT] * frames, fps=fps)
    assert len(found) == frames
    assert span_of(found)[0] == 0.0


def test_who_is_faint_and_walks_is_told_soon() -> None:
    found = follow([FAINT] * 9, fps=5.0, speed_m_s=1.0)
    assert len(found) == 9


def test_who_grows_sure_is_told_then() -> None:
    scores = [FAINT] * 5 + [SURE] * 5
    enough = next(n for n in range(1, 11) if np.mean(scores[:n]) >= SETTINGS.sure_score)
    assert follow(scores[: enough - 1], fps=5.0) == []
    assert len(follow(scores[:enough], fps=5.0)) == enough


def test_one_box_after_a_long_time_is_not_somebody_who_is_back() -> None:
    seen, hidden = [SURE] * 20, [0.0] * 11
    assert span_of(follow(seen + hidden + [SURE] + [0.0] * 3, fps=5.0)) == (0.0, 3.8)
    assert span_of(follow(seen + hidden + [SURE, 0.0, 0.0, 0.0] * 2, fps=5.0)) == (0.0, 3.8)
    back = follow(seen + hidden + [SURE] * 4, fps=5.0)
    assert span_of(back) == (0.0, 6.8)
    assert {box.tracklet for box in back} == {1}
    assert len(back) == 35


@pytest.mark.parametrize(("fps", "missed"), [(5.0, 11), (15.0, 35), (1.0, 3), (0.5, 3)])
def test_who_is_back_with_misses_is_told(fps: float, missed: int) -> None:
    scores = [SURE] * 20 + [0.0] * missed + [SURE, SURE, 0.0] * 10
    last_s = span_of(follow(scores, fps=fps))[1]
    assert last_s == pytest.approx((len(scores) - 2) / fps)


def test_one_missed_frame_a_second_is_no_long_time() -> None:
    assert span_of(follow([SURE] * 6 + [0.0, SURE], fps=1.0)) == (0.0, 7.0)


def test_one_box_after_a_short_time_is_somebody_who_is_back() -> None:
    assert span_of(follow([SURE] * 20 + [0.0] * 5 + [SURE], fps=5.0)) == (0.0, 5.0)

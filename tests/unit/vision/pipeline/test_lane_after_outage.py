"""Whoever stands where somebody stood before a long outage is not known to be the same person."""

from __future__ import annotations

import numpy as np

from tests.unit.vision.pipeline.test_lane_with_lens import RATE_FPS, make_lane
from tests.unit.vision.pipeline.test_straightened_picture import detect, film_bent
from tools.memory_event_store import MemoryEventStore
from vision.pipeline.observation_log import OUTAGE_S

FRAME_S = 1 / RATE_FPS


def count_tracklets(*, pause_s: float) -> list[int]:
    """Rows of each tracklet of somebody who stands for 4 s before a pause and for 4 s after it."""
    store = MemoryEventStore()
    lane = make_lane(store)
    (xyxy,) = film_bent(np.array([[2.5, 5.0]]))
    before_s = np.arange(20) * FRAME_S
    for time_s in [*before_s, *(before_s + before_s[-1] + pause_s)]:
        lane.accept(float(time_s), detect(xyxy[None]))
    lane.finish()
    return store.read_tracks().groupby("tracklet").size().tolist()


def test_tracks_end_in_an_outage() -> None:
    assert count_tracklets(pause_s=OUTAGE_S + 0.5) == [20, 20]
    assert count_tracklets(pause_s=600.0) == [20, 20]


def test_tracks_go_on_after_a_short_pause() -> None:
    assert count_tracklets(pause_s=OUTAGE_S - 0.5) == [40]

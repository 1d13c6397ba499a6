"""What becomes of people in pictures of which it turns out later that they showed nothing of their time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.unit.vision.pipeline.test_lane_with_lens import RATE_FPS, make_lane
from tests.unit.vision.pipeline.test_straightened_picture import detect, film_bent
from tools.memory_event_store import MemoryEventStore
from vision.pipeline.detection_lane import DetectionLane

FRAME_S = 1 / RATE_FPS


def stand(lane: DetectionLane, start_s: float, end_s: float, *, doubted_from_s: float | None = None) -> None:
    (xyxy,) = film_bent(np.array([[2.5, 5.0]]))
    for time_s in np.arange(start_s, end_s, FRAME_S):
        lane.accept(float(time_s), detect(xyxy[None]), doubted_from_s=doubted_from_s)


def freeze(lane: DetectionLane, start_s: float, end_s: float, *, since_s: float) -> None:
    for time_s in np.arange(start_s, end_s, FRAME_S):
        lane.pass_over(float(time_s), since_s=since_s, cause="frozen")


def read(store: MemoryEventStore) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return store.read_tracks(), store.read_spans(), store.read_gaps()


def test_nobody_is_credited_with_what_a_frozen_picture_showed() -> None:
    store = MemoryEventStore()
    lane = make_lane(store)
    stand(lane, 0.0, 10.0)
    stand(lane, 10.0, 40.0, doubted_from_s=10.0)
    assert store.read_tracks()["time_s"].max() <= 10.0, "it is held back"
    freeze(lane, 40.0, 310.0, since_s=10.0)
    stand(lane, 310.0, 320.0)
    lane.finish()
    tracks, spans, gaps = read(store)
    assert not tracks["time_s"].between(10.0, 310.0, inclusive="neither").any()
    assert tracks["time_s"].max() > 318.0
    assert lane.points == len(tracks)
    before, after = spans.sort_values("start_s").itertuples()
    assert before.end_s == pytest.approx(10.0, abs=2 * FRAME_S)
    assert after.start_s == pytest.approx(310.0, abs=FRAME_S)
    (gap,) = gaps.itertuples()
    assert (gap.start_s, gap.end_s, gap.cause) == (before.end_s, after.start_s, "frozen")


def test_nothing_is_lost_of_what_was_doubted_without_reason() -> None:
    doubted, usual = MemoryEventStore(), MemoryEventStore()
    lane = make_lane(doubted)
    stand(lane, 0.0, 10.0)
    stand(lane, 10.0, 15.0, doubted_from_s=10.0)
    stand(lane, 15.0, 20.0)
    stand(lane, 20.0, 22.0, doubted_from_s=20.0)
    lane.finish()
    other = make_lane(usual)
    stand(other, 0.0, 22.0)
    other.finish()
    columns = ["time_s", "x_m", "y_m"]
    pd.testing.assert_frame_equal(
        doubted.read_tracks()[columns].reset_index(drop=True),
        usual.read_tracks()[columns].reset_index(drop=True),
        atol=1e-6,
    )
    assert len(doubted.read_gaps()) == 0

"""Clothes decide where place and speed do not, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.support.halls.scripted_people import find_box, find_sides, make_floor_tracker
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.track_appearance import MAX_COST, Likeness, TrackAppearance

FPS, MEET_S, DURATION_S = 10.0, 4.0, 8.0
RED, BLUE = np.eye(2, 62, dtype=np.float32)
UNKNOWN = np.full(62, np.nan, np.float32)

Dress = Callable[[float], tuple[np.ndarray, np.ndarray]]


def turn_back(time_s: float) -> list[tuple[float, float]]:
    """Two people who walk towards each other, meet side by side and go back as they came."""
    away_m = 0.15 + 0.8 * abs(time_s - MEET_S)
    return [(8.0, -away_m), (8.0, away_m)]


def follow(dress: Dress | None) -> list[TrackedBox]:
    """Track them; while they are together the detector finds neither."""
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(round(DURATION_S * FPS)):
        time_s = frame / FPS
        if abs(time_s - MEET_S) < 0.75:
            found += tracker.update(time_s, Detections.empty())
            continue
        boxes = np.array([find_box(*place) for place in turn_back(time_s)], np.float32)
        score = np.full(2, 0.9, np.float32)
        clothes = None if dress is None else np.array(dress(time_s), np.float32)
        found += tracker.update(time_s, Detections(boxes, score, clothes))
    return found


def test_two_who_meet_and_turn_back_keep_their_tracks_by_their_clothes() -> None:
    plain, dressed = follow(None), follow(lambda _: (RED, BLUE))
    before = find_sides(plain, 2.0)
    assert len(before) == 2
    assert find_sides(plain, 7.0) == before[::-1]  # by place and speed they went on
    assert find_sides(dressed, 7.0) == find_sides(dressed, 2.0) == before


@pytest.mark.parametrize(
    "dress",
    [
        lambda _: (RED, RED),
        lambda _: (UNKNOWN, UNKNOWN),
        lambda t: (RED, BLUE) if t < MEET_S else (UNKNOWN,) * 2,
    ],
    ids=["equal", "unknown", "unknown since"],
)
def test_clothes_that_tell_nothing_change_nothing(dress: Dress) -> None:
    assert follow(dress) == follow(None)


def test_boxes_without_descriptions_are_followed_as_if_there_were_no_clothes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = follow(None)

    def refuse(*_: object) -> None:
        raise AssertionError("nothing is known of clothes")

    for name in ("_average", "_learn"):
        monkeypatch.setattr(TrackAppearance, name, refuse)
    for name in ("weigh", "learn"):
        monkeypatch.setattr(Likeness, name, refuse)
    assert follow(None) == plain
    with pytest.raises(AssertionError, match="nothing is known"):
        follow(lambda _: (RED, BLUE))


def test_a_box_that_the_edge_cuts_is_not_judged_by_its_clothes() -> None:
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(30):
        box = find_box(8.0, 0.0)
        if frame >= 15:
            box = [box[0], box[1], box[2], 720.0]
        colour = RED if frame < 15 else BLUE
        found += tracker.update(
            frame / FPS,
            Detections(np.array([box], np.float32), np.array([0.9], np.float32), colour[None]),
        )
    assert tracker._people.appearance._means[0] == pytest.approx(RED)


def test_the_number_of_descriptions_is_that_of_the_boxes() -> None:
    with pytest.raises(ValueError, match="1 appearances of 2 boxes"):
        Detections(np.zeros((2, 4), np.float32), np.zeros(2, np.float32), RED[None])


def test_a_greater_distance_never_speaks_for_the_same_person() -> None:
    costs = Likeness().weigh(np.linspace(0, 1, 50))
    assert (np.diff(costs) >= 0).all()
    assert costs[0] < 0 < costs[-1]
    assert np.abs(costs).max() <= MAX_COST


def test_where_all_wear_the_same_clothes_they_come_to_say_nothing() -> None:
    likeness = Likeness()
    random = np.random.default_rng(1)
    before = np.abs(likeness.weigh(np.array([0.05, 0.3]))).max()
    for _ in range(2000):
        likeness.learn(random.normal(0.15, 0.05, 4), random.normal(0.15, 0.05, 12), 0.5)
    assert np.abs(likeness.weigh(np.array([0.05, 0.3]))).max() < 0.1 < before


def test_where_clothes_differ_they_come_to_count_for_more() -> None:
    likeness = Likeness()
    random = np.random.default_rng(1)
    before = likeness.weigh(np.array([0.15, 0.55]))
    for _ in range(2000):
        likeness.learn(random.normal(0.15, 0.05, 4), random.normal(0.55, 0.08, 12), 0.5)
    after = likeness.weigh(np.array([0.15, 0.55]))
    assert after[0] < before[0] < 0 < after[1] == MAX_COST

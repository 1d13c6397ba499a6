"""The looks of boxes decide where places do not: how wide they are, how surely found, and how they lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from analytics.domain.arrays import FloatArray
from tests.support.halls.scripted_people import VIEW, find_box, find_sides, make_floor_tracker
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.box_looks import BoxLooks, LooksPersistence, describe_looks, describe_offsets
from vision.tracking.sightings import look_at

FPS, MEET_S, DURATION_S = 5.0, 4.0, 8.0
NOT_MISSED = np.zeros(2)


def lie(*aside: float) -> FloatArray:
    """Offsets of pairs that are only known aside."""
    return np.array([aside, [np.nan] * len(aside)])


def follow(half_heights: tuple[float, float], scores: tuple[float, float]) -> list[TrackedBox]:
    """Two who walk towards each other, meet, and go back as they came; missed while they are together."""
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(round(DURATION_S * FPS)):
        time_s = frame / FPS
        away_m = 0.15 + 0.8 * abs(time_s - MEET_S)
        if abs(time_s - MEET_S) < 0.5:
            found += tracker.update(time_s, Detections.empty())
            continue
        boxes = [find_box(8.0, side * away_m, half_heights=half_heights[side > 0]) for side in (-1, 1)]
        order = np.argsort(-np.array(scores), kind="stable")
        detections = Detections(np.array(boxes, np.float32)[order], np.array(scores, np.float32)[order])
        found += tracker.update(time_s, detections)
    return found


def test_two_who_meet_and_turn_back_keep_their_tracks_by_how_wide_they_are() -> None:
    alike, unlike = follow((0.15, 0.15), (0.9, 0.9)), follow((0.12, 0.2), (0.9, 0.9))
    assert find_sides(alike, 7.0) == find_sides(alike, 2.0)[::-1]  # by place and speed they went on
    assert len(find_sides(unlike, 2.0)) == 2
    assert find_sides(unlike, 7.0) == find_sides(unlike, 2.0)


def test_two_who_meet_and_turn_back_keep_their_tracks_by_how_surely_they_are_found() -> None:
    found = follow((0.15, 0.15), (0.9, 0.55))
    assert len(find_sides(found, 2.0)) == 2
    assert find_sides(found, 7.0) == find_sides(found, 2.0)


def test_the_more_alike_the_less_it_costs_within_bounds() -> None:
    for trait in range(4):
        difference = np.zeros((4, 5))
        difference[trait] = [0.0, 0.1, 0.3, 0.6, 9.0]
        costs = LooksPersistence().weigh(difference)
        assert (np.diff(costs) >= 0).all()
        assert costs[0] < 0 < costs[-1] - costs[0] < 8


def test_what_is_not_known_costs_nothing() -> None:
    persistence = LooksPersistence()
    known = np.array([0.1, 0.05, 0.01, 0.02])
    costs = [persistence.weigh(np.where(np.arange(4) == trait, known, np.nan)[:, None]) for trait in range(4)]
    assert all(cost != 0 for cost in costs)
    assert persistence.weigh(known[:, None]) == pytest.approx(np.sum(costs))
    assert persistence.weigh(np.full((4, 1), np.nan))[0] == 0.0


def test_where_everybody_is_alike_or_nobody_stays_alike_looks_say_nothing() -> None:
    rng = np.random.default_rng(1)
    persistence = LooksPersistence()
    for _ in range(2000):
        persistence.learn(rng.normal(0, 0.3, (4, 4)), rng.normal(0, 0.2, (4, 4)))
    assert persistence.same == pytest.approx([0.09] * 4, rel=0.1)
    assert persistence.other == pytest.approx([0.04] * 4, rel=0.1)
    assert persistence.weigh(np.array([[0.0, 0.5]] * 4)) == pytest.approx(0.0)


def test_one_box_that_is_not_like_boxes_hardly_changes_what_is_learned() -> None:
    persistence = LooksPersistence()
    before = persistence.same.copy()
    persistence.learn(np.full((4, 1), 50.0), np.full((4, 1), np.nan))
    assert (persistence.same < 1.1 * before).all()
    assert (persistence.same > before).all()
    assert persistence.other == pytest.approx(LooksPersistence().other)


def test_looks_fade_while_somebody_is_not_seen() -> None:
    looks = BoxLooks(LooksPersistence())
    seen = np.array([[0.0, 0.4], [0.8, 0.8]])
    nobody = np.empty(0, np.intp)
    looks.weigh(seen, lie(), nobody, nobody, missed_s=np.empty(0))
    looks.add(np.array([0, 1]))
    rows, columns = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    now = looks.weigh(seen, lie(*[np.nan] * 4), rows, columns, missed_s=NOT_MISSED)
    assert now[0] < now[1]
    assert now[3] < now[2]
    later = looks.weigh(seen, lie(*[np.nan] * 4), rows, columns, missed_s=np.full(2, 20.0))
    assert np.abs(later).max() < 0.001 < np.abs(now).min()


def test_the_width_of_a_cut_box_is_not_known_until_the_person_is_seen_whole() -> None:
    boxes = np.array([[300.0, 100, 380, 300], [0.0, 100, 80, 300], [500, 0, 580, 200], [600, 500, 680, 719]])
    sightings = look_at(VIEW, boxes, np.full(4, 0.7))
    described = describe_looks(sightings, np.full(4, 1.2))
    assert described[0] == pytest.approx([np.log(1.2), np.nan, np.nan, np.log(1.2)], nan_ok=True)
    assert described[1] == pytest.approx(0.7)

    looks = BoxLooks(LooksPersistence())
    only, nobody = np.zeros(1, np.intp), np.empty(0, np.intp)
    looks.weigh(described[:, [1]], lie(), nobody, nobody, missed_s=np.empty(0))
    looks.add(only)
    unknown = looks.weigh(described[:, [0]], lie(np.nan), only, only, missed_s=np.zeros(1))
    assert unknown == pytest.approx(LooksPersistence().weigh(np.array([[np.nan], [0.0], [np.nan], [np.nan]])))
    looks.see(only, only, lie(np.nan), np.array([0.2]), 0.2)
    wider = described[:, [0]] + np.array([[0.5], [0.0]])
    assert looks.weigh(wider, lie(np.nan), only, only, missed_s=np.zeros(1)) > unknown


def test_who_was_taken_and_who_was_not_is_learned_of_both_kinds() -> None:
    persistence = LooksPersistence()
    looks = BoxLooks(persistence)
    nobody, both = np.empty(0, np.intp), np.array([0, 1])
    rows, columns = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    seen = np.array([[0.0, 1.0], [0.5, 0.9]])
    looks.weigh(seen, lie(), nobody, nobody, missed_s=np.empty(0))
    looks.add(both)
    for _ in range(200):
        looks.weigh(seen, lie(0.1, 1.1, -0.9, 0.1), rows, columns, missed_s=NOT_MISSED)
        looks.see(both, both, lie(0.1, 0.1), np.full(2, 0.2), 0.2)
    start = LooksPersistence()
    assert (persistence.same < 0.25 * start.same)[:3].all()
    assert (persistence.other > 3 * start.other)[:3].all()
    # of what is never known, nothing is learned
    assert (persistence.same[3], persistence.other[3]) == pytest.approx((start.same[3], start.other[3]))


def watch(looks: BoxLooks, aside: float, *, frames: int, since_s: float = 0.2) -> None:
    only, seen = np.zeros(1, np.intp), np.array([[0.0], [0.8]])
    for frame in range(frames):
        looks.weigh(seen, lie(aside), only, only, missed_s=np.zeros(1))
        looks.see(only, only, lie(aside), np.array([0.2 if frame else since_s]), 0.2)


def begin_one() -> tuple[BoxLooks, Callable[[float], float]]:
    """Somebody who was seen once, and what boxes that lie aside cost."""
    looks, seen = BoxLooks(LooksPersistence()), np.array([[0.0], [0.8]])
    only, nobody = np.zeros(1, np.intp), np.empty(0, np.intp)
    looks.weigh(seen, lie(), nobody, nobody, missed_s=np.empty(0))
    looks.add(only)
    return looks, lambda aside: float(looks.weigh(seen, lie(aside), only, only, missed_s=np.zeros(1))[0])


def test_a_box_that_lies_as_those_before_is_the_likelier_one() -> None:
    looks, weigh = begin_one()
    assert weigh(0.0) == weigh(0.1)  # how the first box lay says nothing
    watch(looks, 0.1, frames=10)
    assert weigh(0.1) < weigh(0.13) < weigh(0.0)


def test_how_boxes_lay_before_somebody_was_hidden_is_forgotten() -> None:
    costs = []
    for hidden_s in (0.2, 5.0):
        looks, weigh = begin_one()
        watch(looks, 0.1, frames=10)
        watch(looks, -0.1, frames=1, since_s=hidden_s)
        costs.append(weigh(-0.1))
    assert costs[1] < costs[0] - 1


def test_who_was_hidden_teaches_nothing_of_how_alike_boxes_are() -> None:
    persistence = LooksPersistence()
    looks, only, nobody = BoxLooks(persistence), np.zeros(1, np.intp), np.empty(0, np.intp)
    seen = np.array([[0.0], [0.8]])
    looks.weigh(seen, lie(), nobody, nobody, missed_s=np.empty(0))
    looks.add(only)
    for missed_s in (0.0, 2.0):
        before = persistence.same[:2].copy()
        looks.weigh(seen + 0.3, lie(0.0), only, only, missed_s=np.array([missed_s]))
        looks.see(only, only, lie(0.0), np.array([missed_s + 0.2]), 0.2)
        assert (persistence.same[:2] == pytest.approx(before)) == (missed_s > 0)


def test_how_boxes_lie_beside_people_who_stand_there_is_told_in_heights() -> None:
    whole, cut, flat = [300.0, 100, 380, 300], [0, 2, 80, 202], [300, 296, 380, 300]
    standing = np.array([whole, whole, whole, cut, flat])
    moved = np.array([[0.0] * 4, [20, -10, 20, 60], [500, 300, 500, 300], [0.0] * 4, [0.0] * 4])
    offsets = describe_offsets(standing.T, look_at(VIEW, standing + moved, np.full(5, 0.7)), np.arange(5))
    assert offsets[0] == pytest.approx([0.0, 0.1, 1.0, np.nan, np.nan], nan_ok=True)
    assert offsets[1] == pytest.approx([0.0, -0.05, 1.0, np.nan, np.nan], nan_ok=True)


def test_what_was_learned_of_a_camera_outlives_a_break() -> None:
    tracker = make_floor_tracker()
    boxes = np.array([find_box(8.0, side, half_heights=0.15) for side in (-1.0, 1.0)], np.float32)
    for frame in range(20):
        tracker.update(frame / FPS, Detections(boxes, np.full(2, 0.9, np.float32)))
    learned = tracker._persistence.same.copy()
    assert (learned < LooksPersistence().same).all()
    tracker.finish()
    assert tracker._people.looks._persistence.same == pytest.approx(learned)

"""Who walked with somebody is where that one goes while hidden."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.halls.scripted_people import find_box, make_floor_tracker
from vision.pixel_types import Detections, TrackedBox
from vision.tracking.companions import COMPANION_S, Companions
from vision.tracking.floor_motion import FloorMotion
from vision.tracking.floor_tracker_settings import FloorTrackerSettings

FRAME_S = 0.2
SETTINGS = FloorTrackerSettings()


def walk(
    velocities_m_s: list[tuple[float, float]], *, apart_m: float, frames: int
) -> tuple[FloorMotion, Companions]:
    """Two people who began ``apart_m`` beside each other and have walked for so many frames."""
    motion, companions = FloorMotion(), Companions()
    places = np.array([[0.0, 0.0], [0.0, apart_m], [0.01, 0.01], [0.01, 0.01], [0.0, 0.0]])
    steps = np.array(velocities_m_s).T * FRAME_S
    motion.add(places)
    companions.add(2)
    both = np.arange(2)
    for _ in range(frames):
        places[:2] += steps
        motion.predict(FRAME_S)
        motion.correct(both, places.copy())
        companions.lead(motion, both, motion.standing <= 0.5, FRAME_S)
    return motion, companions


def hide_second(
    motion: FloorMotion, companions: Companions, velocity_m_s: tuple[float, float], *, frames: int
) -> tuple[float, float]:
    """How far the second is taken to have gone while only the first was seen, who went with a velocity."""
    begun = motion.combine()[:2, 1]
    place = motion.combine()[:, [0]].copy()
    place[2:] = [[0.01], [0.01], [0.0]]
    for _ in range(frames):
        place[:2, 0] += np.array(velocity_m_s) * FRAME_S
        motion.predict(FRAME_S)
        motion.correct(np.array([0]), place.copy())
        companions.lead(motion, np.array([0]), np.ones(2, bool), FRAME_S)
    x_m, y_m = motion.combine()[:2, 1] - begun
    return float(x_m), float(y_m)


def test_who_walked_with_somebody_turns_with_them() -> None:
    together = walk([(1.0, 0.0), (1.0, 0.0)], apart_m=0.7, frames=15)
    # the other one turns to the left by a right angle
    x_m, y_m = hide_second(*together, (0.0, 1.0), frames=15)
    assert y_m > 1.5
    assert x_m < 1.2


@pytest.mark.parametrize(
    ("velocity_m_s", "apart_m", "frames"),
    [
        pytest.param((1.0, 0.0), 3.0, 15, id="far apart"),
        pytest.param((-1.0, 0.0), 0.7, 15, id="the other way"),
        pytest.param((1.0, 0.0), 0.7, round(COMPANION_S / FRAME_S) - 2, id="for a moment"),
    ],
)
def test_who_did_not_walk_with_somebody_does_not(
    velocity_m_s: tuple[float, float], apart_m: float, frames: int
) -> None:
    apart = walk([velocity_m_s, (1.0, 0.0)], apart_m=apart_m, frames=frames)
    x_m, y_m = hide_second(*apart, (0.0, 1.0), frames=15)
    assert abs(y_m) < 0.3
    assert x_m > 1.2


def test_those_who_stand_beside_each_other_are_no_companions() -> None:
    _, companions = walk([(0.0, 0.0), (0.0, 0.0)], apart_m=0.7, frames=30)
    assert not companions.has_any(1)


def test_companions_are_forgotten_with_their_people() -> None:
    _, companions = walk([(1.0, 0.0), (1.0, 0.0)], apart_m=0.7, frames=15)
    assert companions.has_any(0)
    companions.keep(np.array([True, False]))
    assert not companions.has_any(0)
    companions.add(1)
    assert not companions.has_any(1)


@pytest.mark.parametrize("has_company", [True, False])
def test_a_hidden_walker_is_waited_for_longer_in_company(has_company: bool) -> None:
    hidden_s = (SETTINGS.walking_hidden_s + SETTINGS.awaited_s) / 2
    speed_m_s = 0.5
    half_m = speed_m_s * hidden_s / 2
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(round((hidden_s + 8.0) / FRAME_S)):
        y_m = speed_m_s * (frame * FRAME_S - hidden_s / 2 - 4.0)
        # people in a row, behind whom somebody passes
        boxes = [find_box(8.6, side * half_m) for side in (-0.9, -0.45, 0.0, 0.45, 0.9)]
        if abs(y_m) > half_m:
            boxes.append(find_box(9.0, y_m))
        if has_company:
            boxes.append(find_box(8.0, y_m))
        scores = np.full(len(boxes), 0.9, np.float32)
        found += tracker.update(frame * FRAME_S, Detections(np.array(boxes, np.float32), scores))
    behind = {box.tracklet for box in found if box.foot is not None and box.foot.x_m > 8.8}
    assert len(behind) == (1 if has_company else 2)


def test_one_look_after_a_pause_makes_no_companion() -> None:
    motion, companions = FloorMotion(), Companions()
    motion.add(np.array([[0.0, 0.0], [0.0, 0.7], [0.01, 0.01], [0.01, 0.01], [0.0, 0.0]]))
    companions.add(2)
    motion.mean[2] = 1.0
    companions.lead(motion, np.arange(2), np.ones(2, bool), 4.5)
    assert not companions.has_any(0)


def test_who_stands_hidden_stays_when_their_companion_leaves() -> None:
    """Two walk up together and stand; one is hidden by a third, and the other one leaves."""
    tracker = make_floor_tracker()
    found: list[TrackedBox] = []
    for frame in range(round(22.5 / FRAME_S)):
        time_s = frame * FRAME_S
        y_m = min(time_s - 4.0, 0.0)
        is_hidden, left_m = 7.5 <= time_s < 18.5, 1.1 * max(time_s - 13.5, 0.0)
        boxes = [find_box(9.0, y_m + 1.2 + left_m)] if time_s < 18.5 else []
        if time_s >= 6.0:
            # walks up before them, and away
            boxes.append(find_box(7.6, min(time_s - 7.5, 0.0) - 1.1 * max(time_s - 18.5, 0.0)))
        if not is_hidden:
            boxes.append(find_box(9.0, y_m))
        scores = np.full(len(boxes), 0.9, np.float32)
        found += tracker.update(time_s, Detections(np.array(boxes, np.float32), scores))

    def list_tracklets(from_s: float, to_s: float) -> set[int]:
        there = [box for box in found if from_s <= box.time_s <= to_s and box.score and box.foot is not None]
        return {
            int(box.tracklet)
            for box in there
            if abs(box.foot.x_m - 9.0) < 0.4 and abs(box.foot.y_m) < 0.4  # type: ignore[union-attr]
        }

    assert list_tracklets(4.5, 7.0) == list_tracklets(20.0, 22.5) != set()

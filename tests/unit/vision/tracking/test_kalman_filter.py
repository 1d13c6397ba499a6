from __future__ import annotations

import numpy as np
import pytest

from vision.tracking import kalman_filter
from vision.tracking.kalman_filter import (
    ACCELERATION_HEIGHTS2_PER_S3,
    INITIAL_SPEED_SIGMA_HEIGHTS_PER_S,
    MEASUREMENT_SIGMA_HEIGHTS,
    BoxKalmanFilter,
    axes_to_boxes,
    boxes_to_axes,
)

BOX = np.array([[100.0, 50.0, 180.0, 250.0]])
HEIGHT_PX = 200.0


def make_filter(boxes: np.ndarray = BOX) -> BoxKalmanFilter:
    tracks = BoxKalmanFilter.empty()
    tracks.add(boxes_to_axes(boxes))
    return tracks


def test_axes_are_centre_top_bottom_width() -> None:
    np.testing.assert_allclose(boxes_to_axes(BOX), [[140.0, 50.0, 250.0, 80.0]])


def test_axes_and_boxes_are_inverse() -> None:
    boxes = np.random.default_rng(0).uniform(0, 500, (7, 4))
    np.testing.assert_allclose(axes_to_boxes(boxes_to_axes(boxes)), boxes)


def test_agrees_with_the_textbook_filter() -> None:
    """The same steps with full matrices for one axis (the centre), whose noise the box height sets."""
    tracks = make_filter()
    noise = (MEASUREMENT_SIGMA_HEIGHTS[0] * HEIGHT_PX) ** 2
    state = np.array([140.0, 0.0])
    covariance = np.diag([noise, (INITIAL_SPEED_SIGMA_HEIGHTS_PER_S * HEIGHT_PX) ** 2])
    observe = np.array([[1.0, 0.0]])
    for step, measured in enumerate((150.0, 161.0, 168.0, 181.0)):
        dt_s = 0.1 + 0.1 * step
        transition = np.array([[1.0, dt_s], [0.0, 1.0]])
        density = ACCELERATION_HEIGHTS2_PER_S3 * HEIGHT_PX**2
        process = density * np.array([[dt_s**3 / 3, dt_s**2 / 2], [dt_s**2 / 2, dt_s]])
        state = transition @ state
        covariance = transition @ covariance @ transition.T + process
        gain = covariance @ observe.T / (observe @ covariance @ observe.T + noise)
        state = state + gain[:, 0] * (measured - state[0])
        covariance = (np.eye(2) - gain @ observe) @ covariance

        tracks.predict(dt_s)
        axes = tracks.position.copy()
        axes[0, 0] = measured
        axes[0, 1:3] = 50.0, 250.0
        tracks.correct(np.array([0]), axes)

    assert tracks.position[0, 0] == pytest.approx(state[0])
    assert tracks.velocity[0, 0] == pytest.approx(state[1])
    assert tracks.position_variance[0, 0] == pytest.approx(covariance[0, 0])
    assert tracks.cross_covariance[0, 0] == pytest.approx(covariance[0, 1])
    assert tracks.velocity_variance[0, 0] == pytest.approx(covariance[1, 1])


def test_two_short_steps_are_one_long_one() -> None:
    once, twice = make_filter(), make_filter()
    once.predict(0.5)
    twice.predict(0.2)
    twice.predict(0.3)
    np.testing.assert_allclose(once.position_variance, twice.position_variance)
    np.testing.assert_allclose(once.cross_covariance, twice.cross_covariance)
    np.testing.assert_allclose(once.velocity_variance, twice.velocity_variance)


@pytest.mark.parametrize("fps", [2, 5, 25])
def test_learns_a_walkers_speed(fps: int) -> None:
    tracks = make_filter()
    for number in range(1, 3 * fps):
        tracks.predict(1 / fps)
        walked_px = 160 * number / fps
        tracks.correct(np.array([0]), boxes_to_axes(BOX + np.array([walked_px, 0, walked_px, 0])))
    assert tracks.velocity[0, 0] == pytest.approx(160, rel=0.1)
    assert abs(tracks.velocity[0, 2]) < 1.0


def speed_of_feet_after_they_were_hidden() -> float:
    standing = make_filter()
    for _ in range(30):
        standing.predict(0.1)
        standing.correct(np.array([0]), boxes_to_axes(BOX))
    standing.predict(0.1)
    standing.correct(np.array([0]), boxes_to_axes(BOX - np.array([0, 0, 0, 80])))
    assert standing.position[0, 1] == pytest.approx(50)
    return float(-standing.velocity[0, 2])


def test_feet_that_are_suddenly_hidden_throw_the_velocity_less(monkeypatch: pytest.MonkeyPatch) -> None:
    guarded = speed_of_feet_after_they_were_hidden()
    monkeypatch.setattr(kalman_filter, "OUTLIER_SIGMAS", np.inf)
    assert 0 < guarded < 0.7 * speed_of_feet_after_they_were_hidden()


def test_tracks_do_not_touch_each_other() -> None:
    alone, together = make_filter(), make_filter(np.vstack([BOX, BOX + 300]))
    for tracks in (alone, together):
        tracks.predict(0.2)
        tracks.correct(np.array([0]), boxes_to_axes(BOX + 5))
    np.testing.assert_allclose(alone.position[0], together.position[0])
    np.testing.assert_allclose(together.velocity[1], 0)


def test_keep_forgets_the_others() -> None:
    tracks = make_filter(np.vstack([BOX, BOX + 300, BOX + 600]))
    tracks.keep(np.array([True, False, True]))
    assert len(tracks) == 2
    np.testing.assert_allclose(tracks.position[1], boxes_to_axes(BOX + 600)[0])
    assert tracks.velocity_variance.shape == (2, 4)

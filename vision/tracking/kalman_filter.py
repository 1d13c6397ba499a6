"""A constant-velocity Kalman filter over the boxes of all tracks of one camera at once.

A box is four independent axes (centre u, top v, bottom v, width), each with a position and a velocity, so
that the covariance is three numbers an axis and every step is elementwise. Top and bottom are separate
because one of them is often hidden while the other is visible. All noise is proportional to the box's height:
a person 1.7 m tall is the scale of every box, near or far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray

MEASUREMENT_SIGMA_HEIGHTS = np.array([0.05, 0.05, 0.06, 0.12])
"""Jitter of a detector's box (centre u, top, bottom, width) in box heights: a few per cent of the size, the
bottom a little more (feet, shadows, reflections), the width most (arms and stride)."""

ACCELERATION_HEIGHTS2_PER_S3 = 0.36
"""Spectral density of the white acceleration: walkers change their speed by about 1 m/s² (0.6 heights/s²)
and keep that up for about a second."""

INITIAL_SPEED_SIGMA_HEIGHTS_PER_S = 0.8
"""Before a second sighting: walking speed, 1.4 m/s, over 1.7 m a height."""

OUTLIER_SIGMAS = 3.0
"""Distance in sigmas beyond which an axis (such as feet that were just hidden) loses weight, as in Huber's
estimator, so that it does not distort the velocity."""

MINIMUM_HEIGHT_PX = 2.0


def boxes_to_axes(xyxy: npt.NDArray[np.floating]) -> FloatArray:
    """Return centre u, top, bottom and width, shape (n, 4), of boxes left, top, right, bottom."""
    box = np.asarray(xyxy, dtype=np.float64)
    return np.stack([(box[:, 0] + box[:, 2]) / 2, box[:, 1], box[:, 3], box[:, 2] - box[:, 0]], axis=1)


def axes_to_boxes(axes: FloatArray) -> FloatArray:
    """Return boxes from axes: the inverse of ``boxes_to_axes``."""
    half = axes[:, 3] / 2
    return np.stack([axes[:, 0] - half, axes[:, 1], axes[:, 0] + half, axes[:, 2]], axis=1)


@dataclass(slots=True, eq=False)
class BoxKalmanFilter:
    """States of n tracks; every array has the shape (n, 4), in pixels and seconds.

    Attributes:
        position_variance, cross_covariance, velocity_variance: the covariance of each axis.
    """

    position: FloatArray
    velocity: FloatArray
    position_variance: FloatArray
    cross_covariance: FloatArray
    velocity_variance: FloatArray

    @staticmethod
    def empty() -> BoxKalmanFilter:
        """Return a filter without tracks."""
        return BoxKalmanFilter(*(np.empty((0, 4)) for _ in range(5)))

    def __len__(self) -> int:
        return len(self.position)

    @property
    def height_px(self) -> FloatArray:
        """Box heights, shape (n,)."""
        return np.maximum(self.position[:, 2] - self.position[:, 1], MINIMUM_HEIGHT_PX)

    def add(self, axes: FloatArray) -> None:
        """Add a track at each measured box, shape (m, 4), at rest but ready to walk."""
        height = np.maximum(axes[:, 2] - axes[:, 1], MINIMUM_HEIGHT_PX)[:, None]
        zeros = np.zeros_like(axes)
        speed_variance = np.broadcast_to((INITIAL_SPEED_SIGMA_HEIGHTS_PER_S * height) ** 2, axes.shape)
        self.position = np.concatenate([self.position, axes])
        self.velocity = np.concatenate([self.velocity, zeros])
        self.position_variance = np.concatenate(
            [self.position_variance, (MEASUREMENT_SIGMA_HEIGHTS * height) ** 2]
        )
        self.cross_covariance = np.concatenate([self.cross_covariance, zeros])
        self.velocity_variance = np.concatenate([self.velocity_variance, speed_variance])

    def keep(self, is_kept: npt.NDArray[np.bool_]) -> None:
        """Remove the tracks that are not marked."""
        self.position = self.position[is_kept]
        self.velocity = self.velocity[is_kept]
        self.position_variance = self.position_variance[is_kept]
        self.cross_covariance = self.cross_covariance[is_kept]
        self.velocity_variance = self.velocity_variance[is_kept]

    def predict(self, dt_s: float) -> None:
        """Predict every track ``dt_s`` seconds later, by constant velocity and white acceleration."""
        density = (ACCELERATION_HEIGHTS2_PER_S3 * self.height_px**2)[:, None]
        self.position = self.position + dt_s * self.velocity
        self.position_variance = (
            self.position_variance
            + 2 * dt_s * self.cross_covariance
            + dt_s**2 * self.velocity_variance
            + density * dt_s**3 / 3
        )
        self.cross_covariance = self.cross_covariance + dt_s * self.velocity_variance + density * dt_s**2 / 2
        self.velocity_variance = self.velocity_variance + density * dt_s

    def measurement_variance(self) -> FloatArray:
        """Return the variance of a detected box around the true one, shape (n, 4), px²."""
        variance: FloatArray = (MEASUREMENT_SIGMA_HEIGHTS * self.height_px[:, None]) ** 2
        return variance

    def correct(self, rows: npt.NDArray[np.intp], axes: FloatArray) -> None:
        """Update the tracks ``rows``, each row once, with the measured boxes ``axes``, shape (m, 4)."""
        prior = self.position_variance[rows]
        cross = self.cross_covariance[rows]
        innovation = axes - self.position[rows]
        noise = self.measurement_variance()[rows]
        distance2 = innovation**2 / (prior + noise)
        noise = noise * np.maximum(1.0, distance2 / OUTLIER_SIGMAS**2)
        gain = prior / (prior + noise)
        velocity_gain = cross / (prior + noise)
        self.position[rows] += gain * innovation
        self.velocity[rows] += velocity_gain * innovation
        self.velocity_variance[rows] -= velocity_gain * cross
        self.cross_covariance[rows] = (1 - gain) * cross
        self.position_variance[rows] = (1 - gain) * prior

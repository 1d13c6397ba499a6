"""How high people are in the picture, by where they stand: what finds hidden feet below a head.

A vertical segment of h metres on the floor point X ends at G X + h p (p: image of the vertical). With
w = (G X)_3 and the foot at v_f, its top v_t obeys

    w (v_f - v_t) = h (v_t p_3 - p_2),        1 / w = (H_3)·(u_f, v_f, 1),    H = G⁻¹

so w times the pixel height is linear in v_t. Those two numbers, for a person of mean height, are learned from
people who are seen whole; the homography gives them to begin with where it tells the camera's pose. A person
is the mean times their own stature.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vision.tracking.floor_view import FloorView
from vision.tracking.vertical_direction import find_vertical

FloatArray = npt.NDArray[np.float64]

MEAN_HEIGHT_M = 1.70
"""Of adults in shoes, women and men."""
STATURE_SIGMA = 0.07
"""Of people's heights around the mean, in parts: 6 % for adults, and some are younger."""
MEAN_WIDTH_HEIGHTS = 0.36
"""Width of a box to its height, before it is learned."""
_KNOWN_SIGMA, _GUESSED_SIGMA = 0.05, 1.0
"""How far the first guess may be off, in parts, with and without the camera's pose."""
_RESIDUAL_SIGMA = 0.10
"""Of one person's height in the picture around the model, in parts; a person is seen often, so that a second
of watching counts once."""
_UNIT_LIMITS = (0.5, 5.0)
_OUTLIER = 0.2
"""Further off, in parts, is no whole person, once the model has settled."""


class UprightBodies:
    """The body heights of one camera's picture; learns as it goes.

    Attributes:
        has_pose: whether the homography tells the camera's pose, so that heights are metres.
        width_heights: the mean width of a whole person's box in its heights.
    """

    def __init__(self, view: FloorView) -> None:
        matrix = view.geometry.floor_from_pixel
        self._inverse_depth = matrix[2]
        self._frame_height = float(view.frame_size_wh[1])
        vertical = find_vertical(view)
        self.has_pose = vertical is not None
        self.width_heights = MEAN_WIDTH_HEIGHTS
        self._vertical = np.array([0.0, -1.0, 0.0]) if vertical is None else vertical
        # coefficients of (v_t / frame height, 1); the second alone for a camera that looks straight ahead
        if vertical is not None:
            self._height = MEAN_HEIGHT_M * np.array([vertical[2] * self._frame_height, -vertical[1]])
            middle = abs(float(self._height @ (0.5, 1.0)))
            self._covariance = np.eye(2) * (_KNOWN_SIGMA * middle) ** 2
        else:
            self._height = np.zeros(2)
            self._covariance = np.zeros((2, 2))
        self._is_begun = vertical is not None
        self._height_at_first = float(self._height @ (0.5, 1.0))
        self._floor_across = float(np.hypot(*matrix[:2, 0]))

    @property
    def is_known(self) -> bool:
        """False before the first person was seen, where the homography tells nothing."""
        return self._is_begun

    @property
    def mean_height_m(self) -> float:
        """Of the people seen so far, where the pose is known."""
        return MEAN_HEIGHT_M * float(self._height @ (0.5, 1.0)) / self._height_at_first

    @property
    def unit_m(self) -> float:
        """What a real metre is on the plan: 1, unless the plan is a stand-in and people tell its scale."""
        if self.has_pose or not self._is_begun:
            return 1.0
        height_on_plan = float(self._height @ (0.5, 1.0)) * self._floor_across
        return float(np.clip(height_on_plan / MEAN_HEIGHT_M, *_UNIT_LIMITS))

    def scaled_height(self, top_v: FloatArray) -> FloatArray:
        """w times the pixel height of a person of mean height whose top is at ``top_v``."""
        floor = 0.05 * abs(float(self._height @ (0.5, 1.0)))
        scaled: FloatArray = np.maximum(self._height[0] * top_v / self._frame_height + self._height[1], floor)
        return scaled

    def inverse_depth(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """1 / w at floor pixels; not positive at and above the horizon."""
        a, b, c = self._inverse_depth
        scale: FloatArray = a * u + b * v + c
        return scale

    def expected_height_px(self, u: FloatArray, top_v: FloatArray, stature: FloatArray) -> FloatArray:
        """Pixel height of whole people with these tops; see ``find_feet``."""
        feet_v: FloatArray = self.find_feet(u, top_v, stature) - top_v
        return feet_v

    def find_feet(self, u: FloatArray, top_v: FloatArray, stature: FloatArray) -> FloatArray:
        """v of the feet below tops at ``(u, top_v)`` of people of a stature (1: mean height)."""
        a, b, c = self._inverse_depth
        scaled = stature * self.scaled_height(top_v)
        denominator = np.maximum(1.0 - scaled * b, 0.15)
        feet_v: FloatArray = (top_v + scaled * np.maximum(a * u + c, 1e-9 - b * top_v)) / denominator
        return feet_v

    def find_top(self, u: FloatArray, feet_v: FloatArray, stature: FloatArray) -> FloatArray:
        """v of the top above feet at ``(u, feet_v)``: the inverse of ``find_feet``."""
        size = stature * np.maximum(self.inverse_depth(u, feet_v), 1e-12)
        slope, offset = self._height[0] / self._frame_height, self._height[1]
        top_v: FloatArray = (feet_v - size * offset) / np.maximum(1.0 + size * slope, 0.15)
        return top_v

    def measure_stature(self, u: FloatArray, top_v: FloatArray, bottom_v: FloatArray) -> FloatArray:
        """How high boxes are, 1 for a whole person of mean height, if the feet are at their bottom."""
        expected = self.scaled_height(top_v) * np.maximum(self.inverse_depth(u, bottom_v), 1e-12)
        stature: FloatArray = (bottom_v - top_v) / expected
        return stature

    def lean(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """du/dv of the picture of a vertical line through pixels: people lean out at the picture's sides."""
        p = self._vertical
        slope: FloatArray = (u * p[2] - p[0]) / (v * p[2] - p[1])
        return slope

    def learn(self, xyxy: FloatArray, seconds: float) -> None:
        """Take people who are seen whole, boxes of shape (n, 4), watched for so many ``seconds`` each."""
        left, top, right, bottom = xyxy.T
        scale = self.inverse_depth((left + right) / 2, bottom)
        usable = scale > 0
        if not usable.any():
            return
        if not self._is_begun:
            self._height = np.array([0.0, float(np.median((bottom - top)[usable] / scale[usable]))])
            self._covariance = np.eye(2) * (_GUESSED_SIGMA * self._height[1]) ** 2
            self._is_begun = True
        for row in np.flatnonzero(usable):
            self._learn_one(float(top[row]), float((bottom - top)[row] / scale[row]), seconds)
        widths = float(np.mean((right - left) / (bottom - top)))
        self.width_heights += 0.02 * min(seconds, 1.0) * (widths - self.width_heights)

    def _learn_one(self, top_v: float, measured: float, seconds: float) -> None:
        """A step of recursive least squares, with a weight in proportion to the time watched."""
        row = np.array([top_v / self._frame_height, 1.0])
        expected = float(row @ self._height)
        spread = self._covariance @ row
        model_variance = float(row @ spread)
        largest = (_OUTLIER * expected) ** 2 + 9 * model_variance
        if expected <= 0 or (measured - expected) ** 2 > largest:
            return
        variance = (_RESIDUAL_SIGMA * expected) ** 2 / max(min(seconds, 1.0), 1e-3)
        gain = spread / (model_variance + variance)
        self._height = self._height + gain * (measured - expected)
        self._covariance = self._covariance - np.outer(gain, spread)

"""Heights of people in the picture by position, to locate hidden feet below a head.

A vertical segment of h metres on the floor point X ends at G X + h p (p: image of the vertical). With
w = (G X)_3 and the foot at v_f, its top v_t obeys

    w (v_f - v_t) = h (v_t p_3 - p_2),        1 / w = (H_3)·(u_f, v_f, 1),    H = G⁻¹

so w times the pixel height is linear in v_t. Those two numbers, for a person of mean height, are learned from
people seen whole; the homography provides initial values where it determines the camera's pose. A person
is the mean times their own stature.
"""

from __future__ import annotations

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.domain.camera_geometry import MEAN_HEIGHT_M
from vision.tracking.floor_view import FloorView
from vision.tracking.vertical_direction import find_vertical

STATURE_SIGMA = 0.07
"""Relative standard deviation of people's heights: 6 % for adults, more with children."""
MEAN_WIDTH_HEIGHTS = 0.36
"""Prior ratio of a box's width to its height."""
MIN_CLEARANCE, MIN_REACH = 0.15, 0.2
"""Lower limits of clearance and reach: a camera hardly above people's heads cannot locate feet by heads."""
_KNOWN_SIGMA, _GUESSED_SIGMA = 0.05, 1.0
"""Relative standard deviation of the first estimate, with and without the camera's pose."""
_PLACE_SIGMA, _SECOND_SIGMA = 0.3, 0.1
"""Relative standard deviation of a height around the model: for one new place where the pose is known (a
person who walks through the picture is seen in about twenty, and no more than two of them outweigh the pose),
and for a second of observation where the model starts from the first people seen."""
_UNIT_LIMITS = (0.5, 5.0)
_OUTLIER = 0.2
"""Relative deviation beyond which a box is no whole person, once the model has settled."""
_DOUBTED_AFTER = 10.0
"""Seconds of whole people who contradict the model, in excess of those who fit, after which it restarts: the
first person may have been a child, or a strip at the picture's edge. Where the pose is known, the number of
new places after which the pose counts again: the morning's people may have been a school class."""


class UprightBodies:
    """The body heights of one camera's picture, learned continuously.

    Attributes:
        has_pose: whether the homography determines the camera's pose, so that heights are metres.
        width_heights: the mean width of a whole person's box, in heights.
    """

    def __init__(self, view: FloorView) -> None:
        matrix = view.geometry.floor_from_pixel
        self._inverse_depth = tuple(matrix[2].tolist())
        self._frame_height = float(view.frame_size_wh[1])
        vertical = find_vertical(view)
        self.has_pose = vertical is not None
        self.width_heights = MEAN_WIDTH_HEIGHTS
        self._vertical = (0.0, -1.0, 0.0) if vertical is None else tuple(vertical.tolist())
        # coefficients of (v_t / frame height, 1); the second alone for a camera that looks straight ahead
        self._slope, self._offset = 0.0, 0.0
        # variances and covariance of the two coefficients
        self._slope_variance, self._offset_variance, self._covariance = 0.0, 0.0, 0.0
        self._misfits, self._change = 0.0, 1.0
        if self.has_pose:
            self._begin_from_pose()
        self._is_begun = self.has_pose
        self._height_at_first = self._middle_height
        self._floor_across = float(np.hypot(*matrix[:2, 0]))
        self._by_edges = self._make_by_edges()

    @property
    def _middle_height(self) -> float:
        """Return w times the pixel height of a mean person whose top is in the middle of the picture."""
        return 0.5 * self._slope + self._offset

    @property
    def is_known(self) -> bool:
        """Return whether heights are known; False before the first person if the pose is unknown."""
        return self._is_begun

    @property
    def mean_height_m(self) -> float:
        """Mean height of the people seen so far, where the pose is known."""
        return MEAN_HEIGHT_M * self._middle_height / self._height_at_first

    @property
    def unit_m(self) -> float:
        """Length of a real metre on the plan: 1, unless the plan is a stand-in and people tell its scale."""
        if self.has_pose or not self._is_begun:
            return 1.0
        height_on_plan = self._middle_height * self._floor_across
        smallest, largest = _UNIT_LIMITS
        return min(max(height_on_plan / MEAN_HEIGHT_M, smallest), largest)

    def _make_by_edges(self) -> FloatArray:
        """Return the matrix of linear features by left, top, right, bottom and 1; see ``describe``.

        Without the two terms of ``describe``'s scaled height, which are learned.
        """
        across, down, scale = self._vertical
        a, b, c = self._inverse_depth
        return np.array(
            [
                [0.0, 1.0, 0.0, 0.0, 0.0],
                [0.0, 0.0, 0.0, 1.0, 0.0],
                [0.5, 0.0, 0.5, 0.0, 0.0],
                [-1.0, 0.0, 1.0, 0.0, 0.0],
                [0.0, 0.5, 0.0, 0.5, 0.0],
                [0.5 * scale, 0.0, 0.5 * scale, 0.0, -across],
                [0.0, 0.0, 0.0, 0.0, 0.0],
                [0.5 * a, b, 0.5 * a, 0.0, c],
                [0.0, 0.5 * scale, 0.0, 0.5 * scale, -down],
            ]
        )

    def describe(self, edges: FloatArray) -> FloatArray:
        """Return the body features of boxes from their ``edges``, shape (4, m), whatever the stature.

        Returns:
            Shape (9, m): top, bottom, middle across, width and middle down; ``lean`` at the middle; w times
            the pixel height of a mean person with this top; and of people who reach up to it, how high they
            are if their feet are as deep in the picture as the top, and the part by which they are nearer.
        """
        linear = self._by_edges
        linear[6, 1], linear[6, 4] = self._slope / self._frame_height, self._offset
        with_one = np.empty((5, edges.shape[1]))
        with_one[:4], with_one[4] = edges, 1.0
        rows: FloatArray = linear @ with_one
        lean, scaled, height, growth = rows[5], rows[6], rows[7], rows[8]
        lean /= growth
        np.maximum(scaled, 0.05 * abs(self._middle_height), out=scaled)
        np.maximum(height, 1e-9, out=height)
        height *= scaled
        np.multiply(scaled, self._inverse_depth[1], out=growth)
        return rows

    @staticmethod
    def find_clearance(stature: FloatArray | float, growth: FloatArray) -> FloatArray:
        """Return the relative excess of feet depth over top depth for people of a stature in the picture.

        For a level camera that is its height above their heads, relative to its height above the floor.

        Args:
            stature: 1 for people of mean height.
            growth: see ``describe``.
        """
        clearance = np.subtract(1.0, stature * growth)
        np.maximum(clearance, MIN_CLEARANCE, out=clearance)
        return clearance

    @staticmethod
    def find_height(stature: FloatArray | float, height: FloatArray, clearance: FloatArray) -> FloatArray:
        """Return the height in the picture of people of a stature (1: mean height) below their tops.

        Args:
            height: see ``describe``.
        """
        found: FloatArray = stature * height
        found /= clearance
        return found

    def find_reach(self, height: FloatArray, scaled: FloatArray, clearance: FloatArray) -> FloatArray:
        """Return the pixels by which feet found below a top move for each pixel of the top.

        The derivative of top plus ``find_height``, since the scaled height is that of the feet there.

        Args:
            height: in the picture; ``scaled``: w times that of a mean person with this top.
        """
        reach: FloatArray = (1.0 + height * (self._slope / self._frame_height) / scaled) / clearance
        return np.maximum(reach, MIN_REACH)

    def find_feet(self, xyxy: FloatArray, stature: FloatArray) -> FloatArray:
        """Return feet, shape (2, k), of people of a stature with the tops of boxes, shape (k, 4); pixels."""
        rows = self.describe(xyxy.T)
        clearance = self.find_clearance(stature, rows[8])
        return np.stack([rows[2], rows[0] + self.find_height(stature, rows[7], clearance)])

    def find_top(self, feet_v: FloatArray, size: FloatArray) -> FloatArray:
        """Return v of the tops of people above their feet: the inverse of ``find_feet``.

        Args:
            size: their statures over the depth w of their feet.
        """
        slope = self._slope / self._frame_height
        top_v: FloatArray = (feet_v - size * self._offset) / np.maximum(1.0 + size * slope, 0.15)
        return top_v

    def lean(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """Return du/dv of the picture of a vertical line through pixels: people lean out at the sides."""
        across, down, scale = self._vertical
        slope: FloatArray = (u * scale - across) / (v * scale - down)
        return slope

    def learn(self, xyxy: FloatArray, seconds: float, novelty: FloatArray) -> None:
        """Learn from people seen whole, boxes of shape (n, 4), each for a number of ``seconds``.

        Args:
            novelty: weight as evidence where the pose is known, shape (n,); 1 in a place where nobody was
                measured before. Elsewhere the seconds count.
        """
        # usually one or two, for which arrays would take several times as long
        a, b, c = self._inverse_depth
        measured, parts = [], []
        for (left, top, right, bottom), news in zip(xyxy.tolist(), novelty.tolist(), strict=True):
            scale = a * ((left + right) / 2) + b * bottom + c
            height = bottom - top
            parts.append((right - left) / height)
            if scale > 0:
                measured.append((top / self._frame_height, height / scale, news))
        if not measured:
            return
        if not self._is_begun:
            self._guess(float(np.median([height for _, height, _ in measured])))
            self._is_begun = True
        for top, height, news in measured:
            self._learn_one(top, height, seconds, news)
        self.width_heights += 0.02 * min(seconds, 1.0) * (sum(parts) / len(parts) - self.width_heights)

    def take_change(self) -> float:
        """Return the former mean person's height over the present one's, since the last call.

        Differs from 1 only where the pose was initialised again.
        """
        change, self._change = self._change, 1.0
        return change

    def guess(self, xyxy: FloatArray) -> None:
        """Learn from people possibly not seen whole, boxes of shape (n, 4), for lack of others."""
        left, top, right, bottom = xyxy.T
        a, b, c = self._inverse_depth
        scale = a * (left + right) / 2 + b * bottom + c
        usable = scale > 0
        if usable.any():
            self._guess(float(((bottom - top)[usable] / scale[usable]).max()))

    def _guess(self, height: float) -> None:
        self._begin(0.0, height, _GUESSED_SIGMA * height)

    def _begin_from_pose(self) -> None:
        _, down, scale = self._vertical
        slope, offset = MEAN_HEIGHT_M * scale * self._frame_height, -MEAN_HEIGHT_M * down
        self._begin(slope, offset, _KNOWN_SIGMA * abs(0.5 * slope + offset))

    def _begin(self, slope: float, offset: float, sigma: float) -> None:
        self._slope, self._offset, self._covariance = slope, offset, 0.0
        self._slope_variance = self._offset_variance = sigma**2
        self._misfits = 0.0

    def _learn_one(self, top: float, measured: float, seconds: float, novelty: float) -> None:
        """Take a step of weighted recursive least squares.

        Args:
            top: in heights of the picture.
        """
        counts = novelty if self.has_pose else min(seconds, 1.0)
        expected = top * self._slope + self._offset
        spread_slope = self._slope_variance * top + self._covariance
        spread_offset = self._covariance * top + self._offset_variance
        model_variance = top * spread_slope + spread_offset
        largest = (_OUTLIER * expected) ** 2 + 9 * model_variance
        if expected <= 0 or (measured - expected) ** 2 > largest:
            self._misfits += counts
            if self._misfits > _DOUBTED_AFTER:
                if self.has_pose:
                    before = self._middle_height
                    self._begin_from_pose()
                    self._change *= before / self._middle_height
                else:
                    self._guess(measured)
            return
        self._misfits = max(self._misfits - counts, 0.0)
        sigma = _PLACE_SIGMA if self.has_pose else _SECOND_SIGMA
        total = model_variance + (sigma * expected) ** 2 / counts
        gain_slope, gain_offset = spread_slope / total, spread_offset / total
        self._slope += gain_slope * (measured - expected)
        self._offset += gain_offset * (measured - expected)
        self._slope_variance -= gain_slope * spread_slope
        self._offset_variance -= gain_offset * spread_offset
        self._covariance -= gain_slope * spread_offset

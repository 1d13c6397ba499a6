"""True boxes of people in front of a camera, and the hidden parts of their bodies.

Boxes are in pixels (left, top, right, bottom). A body is an upright board that faces the camera, as wide as
its shoulders and as high as the person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray
from tools.simulation.crowd.exhibition_hall import Furniture
from tools.simulation.pinhole_camera import PinholeCamera

ROWS, COLUMNS = 8, 3
"""Grid of points in a box that are tested for being hidden."""
_COLUMN_PARTS = np.array([0.25, 0.5, 0.75])
_POINT_PARTS = np.stack(
    [np.tile(_COLUMN_PARTS, ROWS), np.repeat((np.arange(ROWS) + 0.5) / ROWS, COLUMNS)], axis=1
)
"""Positions of the points in widths and heights of the box, shape (ROWS * COLUMNS, 2)."""
_BODY_PART = 0.7
"""Width of the body relative to its box; the margin beside it hides no one."""
_NEAREST_M = 1.0
_FOOT_AHEAD_M = 0.1
"""Distance of the nearer foot ahead of the body's centre."""
_CHUNK = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class BodyBoxes:
    """People as a camera would see them without occlusion.

    Attributes:
        is_visible: shape (n,): in front of the camera and at least in part in the picture.
        xyxy: whole boxes in pixels, shape (n, 4); they may reach over the picture's edge.
        distance_m: on the floor from below the camera, shape (n,).
    """

    is_visible: BoolArray
    xyxy: FloatArray
    distance_m: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class BodySizes:
    """The bodies of visitors 0 to n - 1.

    Attributes:
        height_m, half_width_m: shape (n,); with a bag, if there is one.
    """

    height_m: FloatArray
    half_width_m: FloatArray


def project_bodies(
    *, view: PinholeCamera, xy_m: FloatArray, height_m: FloatArray, half_width_m: FloatArray
) -> BodyBoxes:
    """Return boxes of people at ``xy_m``, shape (n, 2), with heights and half widths of shape (n,)."""
    way = xy_m - np.asarray(view.position_m[:2])
    distance_m = np.hypot(way[:, 0], way[:, 1])
    towards = -way / np.maximum(distance_m, 1e-6)[:, None]
    across = np.column_stack([half_width_m[:, None] * view.rotation[0, :2], np.zeros(len(way))])
    middle = np.column_stack([xy_m, height_m / 2])
    top = view.project(np.column_stack([xy_m, height_m]))
    foot = view.project(np.column_stack([xy_m + _FOOT_AHEAD_M * towards, np.zeros(len(way))]))
    left, right = view.project(middle - across), view.project(middle + across)
    xyxy = np.column_stack([left[:, 0], top[:, 1], right[:, 0], foot[:, 1]])
    width, height = view.size_wh
    is_in_front = np.minimum(np.minimum(top[:, 2], foot[:, 2]), left[:, 2]) > _NEAREST_M
    is_in_picture = (xyxy[:, 2] > 0) & (xyxy[:, 0] < width) & (xyxy[:, 3] > 0) & (xyxy[:, 1] < height)
    return BodyBoxes(is_in_front & is_in_picture, xyxy, distance_m)


def place_body_points(xyxy: FloatArray) -> FloatArray:
    """Return points on bodies with boxes of shape (n, 4), by row from the top: (n, ROWS * COLUMNS, 2)."""
    points: FloatArray = xyxy[:, None, :2] + (xyxy[:, 2:] - xyxy[:, :2])[:, None] * _POINT_PARTS
    return points


def hide_behind_each_other(*, xyxy: FloatArray, distance_m: FloatArray, points: FloatArray) -> BoolArray:
    """Return which body points, shape (n, ROWS * COLUMNS), a person nearer to the camera hides."""
    margin = (xyxy[:, 2] - xyxy[:, 0]) * (1 - _BODY_PART) / 2
    left, right = xyxy[:, 0] + margin, xyxy[:, 2] - margin
    hidden = np.zeros(points.shape[:2], bool)
    # few of all pairs are one before the other
    may_hide = distance_m < (distance_m - 0.05)[:, None]
    may_hide &= (left < xyxy[:, 2, None]) & (right > xyxy[:, 0, None])
    may_hide &= (xyxy[:, 1] < xyxy[:, 3, None]) & (xyxy[:, 3] > xyxy[:, 1, None])
    behind, before = np.nonzero(may_hide)
    if not len(behind):
        return hidden
    u, v = points[behind, :, 0], points[behind, :, 1]
    top, bottom = xyxy[before, 1, None], xyxy[before, 3, None]
    is_behind = (u > left[before, None]) & (u < right[before, None]) & (v > top) & (v < bottom)
    first = np.flatnonzero(np.concatenate([[True], behind[1:] != behind[:-1]]))
    hidden[behind[first]] = np.logical_or.reduceat(is_behind, first, axis=0)
    return hidden


def hide_behind_furniture(
    *,
    view: PinholeCamera,
    xyxy: FloatArray,
    xy_m: FloatArray,
    height_m: FloatArray,
    furniture: Sequence[Furniture],
) -> BoolArray:
    """Return which body points, shape (n, ROWS * COLUMNS), furniture hides or the picture cuts off."""
    width, height = view.size_wh
    hidden = np.zeros((len(xyxy), ROWS * COLUMNS), bool)
    eye = np.asarray(view.position_m)
    row_heights = 1 - (np.repeat(np.arange(ROWS), COLUMNS) + 0.5) / ROWS
    for start in range(0, len(xyxy), _CHUNK):
        part = slice(start, start + _CHUNK)
        points = place_body_points(xyxy[part])
        u, v = points[:, :, 0], points[:, :, 1]
        hidden[part] = (u < 0) | (u >= width) | (v < 0) | (v >= height)
        target_z = height_m[part, None] * row_heights
        for item in furniture:
            hidden[part] |= _is_cut_by(item, eye, xy_m[part], target_z)
    return hidden


def _is_cut_by(item: Furniture, eye: FloatArray, xy_m: FloatArray, z_m: FloatArray) -> BoolArray:
    """Return whether sight lines from the eye to points over ``xy_m`` at heights ``z_m`` cross a block."""
    left, low, right, high = item.footprint
    way = xy_m - eye[:2]
    safe = np.where(np.abs(way) < 1e-9, 1e-9, way)
    to_low = (np.array([left, low]) - eye[:2]) / safe
    to_high = (np.array([right, high]) - eye[:2]) / safe
    enters = np.minimum(to_low, to_high).max(axis=1)
    leaves = np.minimum(np.maximum(to_low, to_high).min(axis=1), 1.0)
    is_over = (enters < leaves) & (leaves > 0)
    # a straight sight line is lowest in the block where it enters or leaves it
    ends = np.column_stack([np.clip(enters, 0.0, 1.0), leaves])
    lowest = eye[2] + (ends[:, None, :] * (z_m - eye[2])[:, :, None]).min(axis=2)
    return np.asarray(is_over[:, None] & (lowest < item.height_m), np.bool_)

"""How else a camera could hang: a little higher, further down, turned or moved, each with words for it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import shapely

from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Polygon
from vision.calibration.camera_pose import CameraPose


class ChangeKind(IntEnum):
    """What is changed, the cheapest first: a screw, a joint, a longer rod, other holes."""

    TILT = 1
    HEADING = 2
    HEIGHT = 3
    PLACE = 4


HEIGHTS_M = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
TILTS_DEG = (2.0, 5.0, 10.0, 15.0, 20.0)
HEADINGS_DEG = (5.0, 10.0, 20.0, 30.0)
MOVES_M = (0.5, 1.0, 2.0, 3.0)
LOWEST_M, HIGHEST_M = 2.0, 30.0
"""Lower, people reach it; higher, no hall goes."""
STEEPEST_DEG = 85.0
"""Straight down, a camera no longer has a direction."""


@dataclass(frozen=True, slots=True)
class MountingChange:
    """Something that could be done to a camera.

    Attributes:
        amount: in metres or degrees, of the first that is not zero: its size, for the cheapest to be found.
        words: what is done, such as ``0.7 m higher``.
    """

    kind: ChangeKind
    pose: CameraPose
    amount: float
    words: Phrase

    @property
    def cost(self) -> tuple[int, float]:
        """By which changes are put in their order."""
        return int(self.kind), self.amount


def list_changes(pose: CameraPose, *, hall: Polygon) -> Iterator[MountingChange]:
    """What could be done to a camera; never lower than people reach, nor outside of the hall."""
    tilt_deg = math.degrees(pose.tilt_rad)
    for by in TILTS_DEG:
        for sign, words in (
            (1, Phrase("tilted {by:.0f}° further down", {"by": by})),
            (-1, Phrase("tilted {by:.0f}° further up", {"by": by})),
        ):
            if 0.0 <= tilt_deg + sign * by <= STEEPEST_DEG:
                turned = dataclasses.replace(pose, tilt_rad=math.radians(tilt_deg + sign * by))
                yield MountingChange(ChangeKind.TILT, turned, by, words)
    for by in HEADINGS_DEG:
        for sign, words in (
            (1, Phrase("turned {by:.0f}° to the left", {"by": by})),
            (-1, Phrase("turned {by:.0f}° to the right", {"by": by})),
        ):
            turned = dataclasses.replace(pose, heading_rad=pose.heading_rad + sign * math.radians(by))
            yield MountingChange(ChangeKind.HEADING, turned, by, words)
    for by in HEIGHTS_M:
        for sign, words in (
            (1, Phrase("{by:.1f} m higher", {"by": by})),
            (-1, Phrase("{by:.1f} m lower", {"by": by})),
        ):
            if LOWEST_M <= pose.height_m + sign * by <= HIGHEST_M:
                hung = dataclasses.replace(pose, height_m=pose.height_m + sign * by)
                yield MountingChange(ChangeKind.HEIGHT, hung, by, words)
    floor = hall.to_shape()
    for by in MOVES_M:
        for (right, up), words in (
            ((1, 0), Phrase("moved {by:.1f} m to the right on the plan", {"by": by})),
            ((-1, 0), Phrase("moved {by:.1f} m to the left on the plan", {"by": by})),
            ((0, 1), Phrase("moved {by:.1f} m up on the plan", {"by": by})),
            ((0, -1), Phrase("moved {by:.1f} m down on the plan", {"by": by})),
        ):
            moved = dataclasses.replace(pose, x_m=pose.x_m + right * by, y_m=pose.y_m + up * by)
            if shapely.intersects_xy(floor, moved.x_m, moved.y_m):
                yield MountingChange(ChangeKind.PLACE, moved, by, words)

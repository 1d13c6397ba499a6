"""A visitor during the simulation, and the resulting path."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.floor_geometry import Point
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath
from tools.simulation.crowd.walk_hall import Stand

_STALL_S, _STALL_M = 4.0, 0.4
_TURN_RATE_PER_S = 4.0
_STANDING_STEP_M = 0.03
"""Step length below which a visitor sways in place, without moving legs or heading."""


@dataclass(slots=True)
class CrowdVisitor:
    """The state and aims of one visitor.

    Attributes:
        start_s: of the first sample.
        stand: index of the stand to go to or to look at; None on the way out.
        target: where to go, or the own place while standing.
        exit: where to leave.
        dwells_until_s: None while walking.
        leader: whom a companion goes with.
        rank: of a companion in its group, from 1.
        ways: x and y of each sample in turn; a day's samples would take too much room as pairs.
        facing: index of the stand that is looked at, or -1, for each sample.
    """

    number: int
    start_s: float
    speed_m_s: float
    exit: Point
    visited: set[int] = field(default_factory=set)
    stand: int | None = None
    target: Point = (0.0, 0.0)
    dwells_until_s: float | None = None
    leader: CrowdVisitor | None = None
    rank: int = 0
    is_gone: bool = False
    stalled_since_s: float = 0.0
    stalled_at: Point = (0.0, 0.0)
    ways: array[float] = field(default_factory=lambda: array("d"))
    facing: array[int] = field(default_factory=lambda: array("h"))

    @property
    def place(self) -> Point:
        """The latest position."""
        return self.ways[-2], self.ways[-1]

    def record(self, xy: Point) -> None:
        """Add a sample."""
        self.ways.extend(xy)
        is_looking = self.dwells_until_s is not None and self.stand is not None
        self.facing.append(self.stand if is_looking and self.stand is not None else -1)

    def is_stalled(self, xy: Point, now_s: float) -> bool:
        """Return whether a walking visitor has hardly moved for seconds."""
        if math.dist(xy, self.stalled_at) > _STALL_M:
            self.start_walking(xy, now_s)
        return now_s - self.stalled_since_s > _STALL_S

    def start_walking(self, xy: Point, now_s: float) -> None:
        """Restart the check for standstill."""
        self.dwells_until_s = None
        self.stalled_since_s, self.stalled_at = now_s, xy

    def find_direction(self) -> Point:
        """Return the direction of the last half second as a unit vector; zero when standing."""
        if len(self.facing) < 2:
            return (0.0, 0.0)
        (ax, ay), (bx, by) = self.ways[-12:][:2], self.place
        length = math.hypot(bx - ax, by - ay)
        return (0.0, 0.0) if length < 0.1 else ((bx - ax) / length, (by - ay) / length)

    def forget_way(self) -> None:
        """Discard the samples."""
        self.ways, self.facing = array("d"), array("h")

    def to_path(self, stands: tuple[Stand, ...]) -> VisitorPath:
        """Return the path with headings: towards a stand while looking at it, else along the walk."""
        xy = np.array(self.ways).reshape(-1, 2)
        way = np.diff(xy, axis=0, prepend=xy[:1])
        length = np.hypot(way[:, 0], way[:, 1])
        wanted = np.arctan2(way[:, 1], way[:, 0])
        facing = np.array(self.facing)
        for index in np.unique(facing[facing >= 0]):
            left, low, right, high = stands[index].footprint
            rows = facing == index
            aim = np.clip(xy[rows], (left, low), (right, high)) - xy[rows]
            wanted[rows] = np.arctan2(aim[:, 1], aim[:, 0])
        known = (facing >= 0) | (length > _STANDING_STEP_M)
        heading = np.empty(len(xy))
        current = 0.0
        for i, (aimed_at, is_known) in enumerate(zip(wanted.tolist(), known.tolist(), strict=True)):
            if is_known:
                turn = (aimed_at - current + math.pi) % (2 * math.pi) - math.pi
                current += turn * min(1.0, _TURN_RATE_PER_S * STEP_S)
            heading[i] = current
        walked = np.cumsum(np.where((facing < 0) & (length > _STANDING_STEP_M), length, 0.0))
        return VisitorPath(self.number, self.start_s, xy, heading, walked)

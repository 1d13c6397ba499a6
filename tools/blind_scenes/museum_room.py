"""A museum room seen from its corners: groups before pictures, on benches and through doors.

People are pushed by social forces. A body is a stack of ellipses that is cut where other bodies,
plinths, benches and a free-standing wall stand between it and a camera. The detector misses,
cuts, doubles and invents boxes, with faults that last.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.blind_scenes.recording import (
    MARGIN_S,
    TICK_S,
    Array,
    Body,
    Camera,
    Motion,
    clip_to_picture,
    floor_points,
    focal_length_px,
    frame_times,
    hidden_by_blocks,
    rectangle_zone,
    suppress_doubles,
    write_files,
)

_WARM_UP_S = 60.0
_BENCH_M = (1.9, 0.5, 0.45)
_SEATS_M = (-0.65, 0.0, 0.65)
# Levels of a standing body: height as a share of the person's, half breadth as a share of the
# shoulders' breadth, half depth in metres.
_LEVELS = np.array(
    [
        (0.0, 0.32, 0.12),
        (0.06, 0.34, 0.14),
        (0.28, 0.34, 0.09),
        (0.5, 0.4, 0.12),
        (0.66, 0.44, 0.13),
        (0.8, 0.5, 0.13),
        (0.88, 0.19, 0.1),
        (0.95, 0.19, 0.11),
        (1.0, 0.08, 0.05),
    ]
)
_CORNERS = np.array([(1, 0), (0, 1), (-1, 0), (0, -1)])


def write_scene(folder: Path, *, seed: int, duration_s: float = 360.0, fps: float = 5.0) -> None:
    """Write the files of a museum room's scene to `folder`; the same arguments, the same bytes."""
    rng = np.random.default_rng([seed, 71])
    room = _Room(rng)
    motion = _Visit(room, rng).run(duration_s)
    cameras = room.cameras(rng)
    frames = []
    for camera in cameras:
        detector = _Detector(room, camera, motion, rng)
        dropped = rng.random(int(duration_s * fps)) < 0.004
        for time_s, drop in zip(frame_times(rng, duration_s, fps, 0.006), dropped, strict=True):
            boxes = detector.boxes_at(time_s, 1 / fps)
            if not drop:
                frames.append((time_s, camera.name, boxes))
    calibration = {camera: floor_points(camera, room.size_m, room.blocks, rng) for camera in cameras}
    write_files(folder, frames, calibration, room.zones(rng), motion)


@dataclass(frozen=True)
class _Exhibit:
    """A picture on a wall or a plinth: its place, and the way from which it is looked at."""

    place: tuple[float, float]
    look_from: tuple[float, float] | None  # a unit vector off the wall; None: from all round


class _Room:
    """The room of a seed: walls, doors, exhibits, benches and what blocks the view."""

    def __init__(self, rng: np.random.Generator) -> None:
        width, depth = rng.uniform(13, 17), rng.uniform(10, 12.5)
        self.size_m = (float(width), float(depth))
        self.doors = [(0.0, depth * rng.uniform(0.4, 0.6)), (width, depth * rng.uniform(0.3, 0.7))]
        wall_x, half = width * rng.uniform(0.47, 0.53), rng.uniform(1.6, 2.1)
        self.wall = (wall_x, depth / 2 - half, depth / 2 + half)
        self.exhibits = [
            _Exhibit((width * 0.28, 0.0), (0, 1)),
            _Exhibit((width * 0.72, 0.0), (0, 1)),
            _Exhibit((width * 0.25, depth), (0, -1)),
            _Exhibit((width * 0.73, depth), (0, -1)),
            _Exhibit((wall_x - 0.1, depth / 2), (-1, 0)),
            _Exhibit((wall_x + 0.1, depth / 2), (1, 0)),
            _Exhibit((width * 0.2, depth * rng.uniform(0.6, 0.66)), None),
            _Exhibit((width * 0.8, depth * rng.uniform(0.36, 0.44)), None),
        ]
        # A bench and the way in which one looks from it.
        self.benches = [(width * 0.28, 3.1, -1.0), (width * 0.73, depth - 3.1, 1.0)]
        blocks = [(wall_x - 0.1, self.wall[1], 0, wall_x + 0.1, self.wall[2], rng.uniform(2.2, 2.7))]
        for x, y in self.plinths:
            blocks.append((x - 0.3, y - 0.3, 0, x + 0.3, y + 0.3, 0.95))
        for x, y, _ in self.benches:
            length, breadth, height = _BENCH_M
            blocks.append((x - length / 2, y - breadth / 2, 0, x + length / 2, y + breadth / 2, height))
        self.blocks = np.array(blocks)
        # Round obstacles for the feet: x, y, radius.
        rounds = [(x, y, 0.4) for x, y in self.plinths]
        rounds += [(x + side, y, 0.35) for x, y, _ in self.benches for side in _SEATS_M]
        self.rounds = np.array(rounds)

    @property
    def plinths(self) -> list[tuple[float, float]]:
        """Places of the plinths."""
        return [exhibit.place for exhibit in self.exhibits if exhibit.look_from is None]

    def cameras(self, rng: np.random.Generator) -> list[Camera]:
        """Return three or four cameras in the corners."""
        width, depth = self.size_m
        corners = [("sw", 0.2, 0.2), ("se", width - 0.2, 0.2)]
        corners += [("ne", width - 0.2, depth - 0.2), ("nw", 0.2, depth - 0.2)]
        if rng.random() < 0.5:
            del corners[int(rng.integers(4))]
        pixels = (1920, 1080) if rng.random() < 0.5 else (1280, 720)
        cameras = []
        for name, x, y in corners:
            reach = rng.uniform(0.45, 0.6)
            target = (x + (width - 2 * x) * reach, y + (depth - 2 * y) * reach, 0.5)
            focal = focal_length_px(pixels[0], rng.uniform(80, 96))
            cameras.append(Camera(name, (x, y, rng.uniform(2.7, 3.8)), target, *pixels, focal))
        return cameras

    def zones(self, rng: np.random.Generator) -> list[dict[str, object]]:
        """Return the zones that an installer drew; of the doors in about half of the seeds."""
        width, depth = self.size_m
        zones = []
        for name, index in (("Landscape", 0), ("Portrait", 1), ("Still life", 2)):
            (x, y), way = self.exhibits[index].place, self.exhibits[index].look_from
            low, high = (0.0, 2.4) if way == (0, 1) else (depth - 2.4, depth)
            zones.append(rectangle_zone(name, "booth", (x - 1.6, low), (x + 1.6, high)))
        x, y = self.plinths[1]
        zones.append(rectangle_zone("Statue", "booth", (x - 1.5, y - 1.4), (x + 1.5, y + 1.4)))
        x, y, _ = self.benches[0]
        zones.append(rectangle_zone("Bench", "catering", (x - 1.2, y - 0.6), (x + 1.2, y + 0.6)))
        if rng.random() < 0.5:
            for name, (x, y) in zip(("West door", "East door"), self.doors, strict=True):
                low_x = 0.0 if x == 0 else width - 1.2
                zones.append(rectangle_zone(name, "entrance", (low_x, y - 1.1), (low_x + 1.2, y + 1.1)))
        return zones

    def route(self, start: Array, end: tuple[float, float]) -> list[tuple[float, float]]:
        """Return the points to walk to from `start` on the way to `end`, round the wall."""
        x, low, high = self.wall
        if (start[0] - x) * (end[0] - x) < 0:
            share = (x - start[0]) / (end[0] - start[0])
            if low - 0.4 < start[1] + share * (end[1] - start[1]) < high + 0.4:
                off = 0.6 + 0.5 * (start[0] * 7.3 % 1)  # not all on one line
                ends = ((x, low - off), (x, high + off))
                return [min(ends, key=lambda p: math.dist(start, p) + math.dist(p, end)), end]
        return [end]


@dataclass
class _Visitor:
    body: Body
    group: _Group
    position: Array
    heading: float
    speed: float
    velocity: Array = field(default_factory=lambda: np.zeros(2))
    sway: Array = field(default_factory=lambda: np.zeros(2))
    path: list[tuple[float, float]] = field(default_factory=list)
    spot: tuple[float, float] = (0.0, 0.0)
    face: tuple[float, float] = (0.0, 0.0)
    sits: bool = False
    seated: float = 0.0
    starts_s: float = 0.0
    gives_up_s: float = 0.0
    leaves: bool = False


@dataclass
class _Group:
    """People who walk from exhibit to exhibit together; a guard never leaves."""

    stops: list[int]  # exhibit; 100 and up: bench; -1: leave
    to_come: list[float]
    door: tuple[float, float]
    guard: bool = False
    members: list[_Visitor] = field(default_factory=list)
    until_s: float | None = None


class _Visit:
    """The simulation of the people in a room."""

    def __init__(self, room: _Room, rng: np.random.Generator) -> None:
        self.room, self.rng = room, rng
        self.groups: list[_Group] = []
        self.crowd = rng.uniform(12.5, 15.5)
        self.patience = rng.uniform(0.7, 1.4)  # how long these visitors look
        self.seats: dict[tuple[int, float], _Visitor] = {}
        self.bodies: list[Body] = []

    def run(self, duration_s: float) -> Motion:
        """Return the motion of everybody, from before the first frame until after the last."""
        first = -round((MARGIN_S + _WARM_UP_S) / TICK_S)
        motion = Motion(first, self.bodies)
        self._admit(first * TICK_S, guard=True)
        for tick in range(first, round((duration_s + MARGIN_S) / TICK_S) + 1):
            now = tick * TICK_S
            if tick % 10 == 0:
                coming = sum(len(group.members) + len(group.to_come) for group in self.groups)
                if coming < self.crowd + 1.5 * math.sin(now / 50) and self.rng.random() < 0.3:
                    self._admit(now)
            self._enter(now)
            self._plan(now)
            people = [v for group in self.groups for v in group.members]
            self._move(people, now)
            rows = [(v.body.number - 1, *v.position, v.heading, v.seated) for v in people]
            motion.rows.append(np.array(sorted(rows)).reshape(-1, 5))
        return motion

    def _admit(self, now: float, guard: bool = False) -> None:
        rng = self.rng
        size = 1 if guard else int(rng.choice([1, 2, 3, 4], p=[0.42, 0.36, 0.14, 0.08]))
        stops = [int(i) for i in rng.permutation(8)[: rng.integers(2, 6)]]
        if rng.random() < 0.55:
            stops.insert(int(rng.integers(1, len(stops) + 1)), 100 + int(rng.integers(2)))
        times = (now + np.cumsum(rng.uniform(0.6, 1.5, size))).tolist()
        door = self.room.doors[int(rng.integers(2))]
        self.groups.append(_Group([*stops, -1], times, door, guard))

    def _enter(self, now: float) -> None:
        rng, width = self.rng, self.room.size_m[0]
        for group in self.groups:
            if not group.to_come or group.to_come[0] > now:
                continue
            del group.to_come[0]
            child = len(group.members) >= 2 and rng.random() < 0.5
            height = rng.uniform(1.1, 1.45) if child else rng.normal(1.7, 0.09)
            body = Body(len(self.bodies) + 1, float(np.clip(height, 1.1, 1.98)), height * 0.27)
            self.bodies.append(body)
            x, y = group.door
            inward = 1.0 if x == 0 else -1.0
            place = np.array([0.12 if x == 0 else width - 0.12, y + rng.uniform(-0.35, 0.35)])
            visitor = _Visitor(body, group, place, math.atan2(0, inward), rng.uniform(0.75, 1.2))
            group.members.append(visitor)
            spot = (x + inward * rng.uniform(1.0, 1.6), y + rng.uniform(-0.8, 0.8))
            self._send(visitor, spot, (x + inward * 6, y), now, delay_s=0.0)

    def _send(
        self,
        visitor: _Visitor,
        spot: tuple[float, float],
        face: tuple[float, float],
        now: float,
        delay_s: float,
    ) -> None:
        visitor.path = self.room.route(visitor.position, spot)
        visitor.spot, visitor.face, visitor.sits = spot, face, False
        visitor.starts_s = now + delay_s
        visitor.gives_up_s = now + delay_s + 30.0

    def _plan(self, now: float) -> None:
        for group in self.groups:
            for visitor in group.members:
                x = visitor.position[0]
                if visitor.leaves and not 0.08 < x < self.room.size_m[0] - 0.08:
                    visitor.gives_up_s = -math.inf
            group.members = [v for v in group.members if v.gives_up_s > -math.inf]
            if group.to_come or not group.members:
                continue
            if group.until_s is None:
                arrived = [not visitor.path for visitor in group.members]
                if all(arrived) and not group.members[0].leaves:
                    group.until_s = now + self._dwell_s(group)
            elif now >= group.until_s:
                group.until_s = None
                self._next_stop(group, now)
        self.groups = [group for group in self.groups if group.members or group.to_come]

    def _dwell_s(self, group: _Group) -> float:
        if group.members[0].sits:
            return float(self.rng.uniform(25, 110))
        looks = 25.0 * self.patience * math.exp(self.rng.normal(0, 0.7))
        return float(np.clip(looks * (3 if group.guard else 1), 3.0, 150.0))

    def _next_stop(self, group: _Group, now: float) -> None:
        rng = self.rng
        self.seats = {seat: v for seat, v in self.seats.items() if v not in group.members}
        stop = group.stops.pop(0)
        if group.guard:
            group.stops = [int(rng.choice([-2, int(rng.integers(8))], p=[0.6, 0.4]))]
        if stop == -1 and group.guard:
            stop = -2
        if stop == -1 and rng.random() < 0.5:
            group.door = self.room.doors[int(rng.integers(2))]
        for visitor in group.members:
            goal = int(rng.integers(8)) if 0 <= stop < 8 and rng.random() < 0.08 else stop
            delay_s = float(rng.exponential(1.2))
            x, y = group.door
            if goal == -1:
                beyond = -0.7 if x == 0 else self.room.size_m[0] + 0.7
                self._send(visitor, (beyond, y + rng.uniform(-0.3, 0.3)), (beyond, y), now, delay_s)
                visitor.leaves = True
            elif goal == -2:
                inside = 0.9 if x == 0 else self.room.size_m[0] - 0.9
                self._send(visitor, (inside, y + 1.7), (self.room.size_m[0] / 2, y), now, delay_s)
            elif goal >= 100:
                self._send_to_bench(visitor, goal - 100, now, delay_s)
            else:
                exhibit = self.room.exhibits[goal]
                spot = self._look_spot(exhibit, visitor.position)
                self._send(visitor, spot, exhibit.place, now, delay_s)

    def _send_to_bench(self, visitor: _Visitor, bench: int, now: float, delay_s: float) -> None:
        x, y, way = self.room.benches[bench]
        free = [side for side in _SEATS_M if (bench, side) not in self.seats]
        if free:
            side = free[int(self.rng.integers(len(free)))]
            self.seats[bench, side] = visitor
            self._send(visitor, (x + side, y), (x + side, y + 3 * way), now, delay_s)
            visitor.path.insert(-1, (x + side, y + 0.75 * way))
            visitor.sits = True
        else:
            spot = (x + self.rng.uniform(-1, 1), y + self.rng.uniform(0.8, 1.3) * way)
            self._send(visitor, spot, (x, y), now, delay_s)

    def _look_spot(self, exhibit: _Exhibit, start: Array) -> tuple[float, float]:
        """Return a place before `exhibit` where nobody stands."""
        rng = self.rng
        others = np.array([v.spot for group in self.groups for v in group.members])
        best, best_gap = (0.0, 0.0), -1.0
        for _ in range(6):
            if exhibit.look_from is None:
                angle = math.atan2(start[1] - exhibit.place[1], start[0] - exhibit.place[0])
                angle += rng.normal(0, 1.0)
                off, aside = rng.uniform(1.0, 1.6), 0.0
                way = (math.cos(angle), math.sin(angle))
            else:
                way = exhibit.look_from
                off, aside = rng.uniform(1.0, 2.2), rng.uniform(-1.3, 1.3)
            x = exhibit.place[0] + way[0] * off - way[1] * aside
            y = exhibit.place[1] + way[1] * off + way[0] * aside
            gap = float(np.hypot(*(others - (x, y)).T).min())
            if gap > best_gap:
                best, best_gap = (x, y), gap
        return best

    def _move(self, people: list[_Visitor], now: float) -> None:
        if not people:
            return
        rng = self.rng
        position = np.array([v.position for v in people])
        velocity = np.array([v.velocity for v in people])
        wanted = np.zeros_like(position)
        kicks = rng.normal(0, 1, position.shape)
        for i, v in enumerate(people):
            v.sway = v.sway * 0.985 + kicks[i] * 0.015
            if v.path and now > v.gives_up_s and not v.leaves and not v.sits:
                v.path, v.spot = [], (float(v.position[0]), float(v.position[1]))
            if v.path and now >= v.starts_s and v.seated < 0.05:
                away = np.array(v.path[0]) - v.position
                gap = math.hypot(*away)
                last = len(v.path) == 1
                slow = min(1.0, 0.25 + gap) if last and not v.leaves else 1.0
                wanted[i] = away / max(gap, 1e-6) * v.speed * slow
                if gap < (0.12 if v.sits else 0.3 if last else 0.5):
                    del v.path[0]
            elif not v.path and not v.sits:
                pull = np.array(v.spot) + v.sway - v.position
                wanted[i] = pull * min(1.0, 0.4 / max(math.hypot(*pull), 1e-6))
        velocity += (wanted - velocity) * TICK_S / 0.45 + self._pushes(people, position, wanted) * TICK_S
        pace = np.hypot(*velocity.T)[:, None]
        velocity *= np.minimum(1.0, 1.5 / np.maximum(pace, 1e-6))
        width, depth = self.room.size_m
        for i, v in enumerate(people):
            sitting = v.sits and not v.path
            v.seated = min(max(v.seated + (0.08 if sitting else -0.08), 0.0), 1.0)
            if sitting or v.seated > 0.05:
                velocity[i] = 0.0
                if sitting:
                    v.position = v.position + (np.array(v.spot) - v.position) * 0.2
            v.velocity = velocity[i]
            v.position = v.position + v.velocity * TICK_S
            x, y = v.position
            if not v.leaves:
                x = min(max(x, 0.12), width - 0.12)
            v.position = np.array([x, min(max(y, 0.2), depth - 0.2)])
            if v.leaves:
                v.position[0] = min(max(x, 0.0), width)
            way = v.velocity if pace[i] > 0.35 and v.path else np.array(v.face) - v.position
            turn = math.remainder(math.atan2(way[1], way[0]) - v.heading, math.tau)
            v.heading += turn * 0.25

    def _pushes(self, people: list[_Visitor], position: Array, wanted: Array) -> Array:
        """Return the accelerations (N, 2) by which people and things keep people away."""
        gaps = position[:, None] - position[None]
        far = np.hypot(gaps[..., 0], gaps[..., 1])
        np.fill_diagonal(far, 9.0)
        units = gaps / far[..., None]
        groups = np.array([id(v.group) for v in people])
        push = 2.4 * np.exp((0.5 - far) / 0.24) * np.where(groups[:, None] == groups, 0.5, 1.0)
        ways = np.array([(math.cos(v.heading), math.sin(v.heading)) for v in people])
        ahead = -(units * ways[:, None]).sum(axis=2)
        push = (push * (0.65 + 0.35 * ahead)).clip(0, 6)
        total = (push[..., None] * units).sum(axis=1)
        total += (push * (ahead > 0.6))[..., None].sum(axis=1) * 0.4 * ways @ [[0, -1], [1, 0]]
        x, low, high = self.room.wall
        # The wall's nearest point is one more thing; who sits down is not pushed by the benches.
        near = np.stack([np.full(len(people), x), position[:, 1].clip(low, high)], axis=1)
        things = np.broadcast_to(self.room.rounds[:, :2], (len(people), len(self.room.rounds), 2))
        things = np.concatenate([things, near[:, None]], axis=1)
        sizes = np.append(self.room.rounds[:, 2], 0.1)
        away = position[:, None] - things
        gap = np.maximum(np.hypot(away[..., 0], away[..., 1]), 1e-3)
        unit = away / gap[..., None]
        around = np.stack([-unit[..., 1], unit[..., 0]], axis=-1)
        around *= np.where((around * wanted[:, None]).sum(axis=-1) < 0, -1.0, 1.0)[..., None]
        force = (3.0 * np.exp((sizes + 0.2 - gap) / 0.15)).clip(0, 12)
        blocked = ((unit * wanted[:, None]).sum(axis=-1) < -0.2) & (gap < sizes + 0.7)
        sits = np.array([v.sits or v.seated > 0.05 for v in people])
        firm = np.where(sits[:, None] & (np.arange(len(sizes)) >= 2), 0.0, 1.0)
        firm[:, -1] = 1.0
        total += ((force * firm)[..., None] * unit).sum(axis=1)
        total += ((1.2 * blocked * firm)[..., None] * around).sum(axis=1)
        return np.asarray(total)


class _Detector:
    """What a camera's detector reports, with faults that last from frame to frame."""

    def __init__(self, room: _Room, camera: Camera, motion: Motion, rng: np.random.Generator) -> None:
        self.room, self.camera, self.motion, self.rng = room, camera, motion, rng
        self.eye = np.array(camera.eye)
        self.noise = rng.normal(0, 1, (len(motion.bodies) + 3, 8))  # see _age
        self.jitter = rng.uniform(0.012, 0.03)
        self.mean_score = rng.uniform(0.32, 0.52)
        self.sharp_px = rng.uniform(45, 70)  # bodies below this height are missed often
        self.double_from = rng.uniform(1.7, 2.3)
        self.suppress_at = rng.uniform(0.55, 0.75)
        # Things that look like people: the statues on the plinths, and a portrait on a wall.
        statues = [(x, y, 0.95, rng.uniform(1.0, 1.7)) for x, y in room.plinths]
        poster = (room.size_m[0] * rng.uniform(0.4, 0.6), 0.05, 0.6, rng.uniform(1.3, 1.7))
        self.lures = [*statues, poster]
        self.lure_appeal = rng.normal(-0.9, 0.7, len(self.lures))

    def boxes_at(self, time_s: float, step_s: float) -> Array:
        """Return boxes with scores (N, 5) at `time_s`, a frame that follows the last by `step_s`."""
        rng, camera = self.rng, self.camera
        self._age(step_s)
        rows = self.motion.at(time_s)
        indices = rows[:, 0].astype(int)
        bodies = [self.motion.bodies[i] for i in indices]
        heights = np.array([body.height_m for body in bodies])
        tops = heights - rows[:, 4] * (0.53 * heights - 0.5)
        points = np.concatenate([self._person_points(rows, bodies, time_s), self._lure_points()])
        radii = np.array([body.breadth_m * 0.42 for body in bodies])
        hidden = self._hidden(points, rows[:, 1:3], radii, tops)
        pixels, depth = camera.project(points)
        faults = self.noise[np.concatenate([indices, np.arange(-3, 0)])]
        inside = ((pixels >= 0) & (pixels <= (camera.width_px, camera.height_px))).all(axis=2)
        seen = (inside & ~hidden).mean(axis=1) * (depth.min(axis=1) > 0.4)
        masked = hidden[..., None]
        fulls = np.concatenate([pixels.min(axis=1), pixels.max(axis=1)], axis=1)
        lows, highs = np.where(masked, np.inf, pixels), np.where(masked, -np.inf, pixels)
        cuts = np.concatenate([lows.min(axis=1), highs.max(axis=1)], axis=1)
        boxes = []
        for i in np.flatnonzero(seen >= 0.12):
            noise, full, cut, visible = faults[i], fulls[i], cuts[i], float(seen[i])
            size = full[3] - full[1]
            certain = min(7.0 * (visible - 0.22), 2.7) - max(0.0, 2.5 * (1 - size / self.sharp_px))
            if i >= len(rows):
                certain = min(certain, 0.0) + self.lure_appeal[i - len(rows)]
            if certain + noise[4] < 0 or (i < len(rows) and rng.random() < 0.012):
                continue
            # Now and then the detector guesses the hidden part of a body.
            guess = min(max(0.3 + 0.5 * noise[6], 0.0), 1.0) if visible > 0.45 else 0.0
            box = cut * (1 - guess) + full * guess
            broad, tall = box[2] - box[0], box[3] - box[1]
            box = box + noise[:4] * self.jitter * np.array([broad, tall, broad, 1.5 * tall])
            score = self.mean_score + 0.14 * certain - 0.25 * (1 - visible) + 0.06 * noise[5]
            score = min(max(score + rng.normal(0, 0.02), 0.0), 0.98)
            boxes.append([*box, score if i < len(rows) else min(score, 0.6)])
            if noise[7] > self.double_from:
                part = [box[0], box[1], box[2], box[1] + 0.52 * tall]
                whole = [box[0] - 0.3 * broad, box[1] - 0.05 * tall, box[2] + 0.25 * broad, box[3]]
                boxes.append([*(part if i % 2 else whole), 0.7 * score])
        if rng.random() < 0.02:
            x, y = rng.uniform((0, 0), (camera.width_px, camera.height_px))
            tall = rng.uniform(0.1, 0.3) * camera.height_px
            boxes.append([x, y, x + tall * 0.4, y + tall, rng.uniform(0.1, 0.35)])
        clipped = clip_to_picture(np.array(boxes).reshape(-1, 5), camera)
        return suppress_doubles(clipped, self.suppress_at)

    def _age(self, step_s: float) -> None:
        """Let the faults drift: four edges, misses, score, guess of hidden parts, double boxes."""
        keep = np.exp(-step_s / np.array([1.0, 1.0, 1.0, 1.5, 0.7, 2.0, 4.0, 3.0]))
        fresh = self.rng.normal(0, 1, self.noise.shape)
        self.noise = self.noise * keep + fresh * np.sqrt(1 - keep**2)

    def _person_points(self, rows: Array, bodies: list[Body], time_s: float) -> Array:
        """Return points on the outlines of bodies, (N, levels * 4, 3)."""
        heights = np.array([body.height_m for body in bodies])[:, None]
        breadths = np.array([body.breadth_m for body in bodies])[:, None]
        earlier = self.motion.at(time_s - TICK_S)
        _, i, j = np.intersect1d(rows[:, 0], earlier[:, 0], return_indices=True)
        pace = np.zeros(len(rows))
        pace[i] = np.hypot(*(rows[i, 1:3] - earlier[j, 1:3]).T) / TICK_S
        seated = rows[:, 4:5]
        z = _LEVELS[None, :, 0] * heights
        legs = _LEVELS[:, 0] < 0.4
        lowered = z - seated * (0.53 * heights - 0.5)
        z = np.where(legs, z, lowered)
        stride = 0.28 * np.minimum(pace, 1.0) * np.abs(np.sin(time_s * 5.6 + rows[:, 0]))
        deep = _LEVELS[None, :, 2] + legs * (1 - _LEVELS[None, :, 0] / 0.5) * stride[:, None]
        wide = _LEVELS[None, :, 1] * breadths
        forward = np.stack([np.cos(rows[:, 3]), np.sin(rows[:, 3])], axis=1)[:, None, None]
        aside = forward[..., ::-1] * (-1, 1)
        shift = (seated * 0.4) * legs
        along = deep[..., None] * _CORNERS[:, 0] + shift[..., None]
        flat = rows[:, None, None, 1:3] + along[..., None] * forward
        flat = flat + (wide[..., None] * _CORNERS[:, 1])[..., None] * aside
        tall = np.broadcast_to(z[..., None, None], (*flat.shape[:-1], 1))
        return np.concatenate([flat, tall], axis=-1).reshape(len(rows), -1, 3)

    def _lure_points(self) -> Array:
        points = np.zeros((len(self.lures), len(_LEVELS), 4, 3))
        for place, (x, y, base, tall) in zip(points, self.lures, strict=True):
            place[..., 2] = base + _LEVELS[:, None, 0] * tall
            place[..., 0] = x + _LEVELS[:, None, 1] * 0.28 * tall * _CORNERS[:, 1]
            place[..., 1] = y + (_LEVELS[:, None, 2] * _CORNERS[:, 0] if base > 0.9 else 0.0)
        return points.reshape(len(self.lures), -1, 3)

    def _hidden(self, points: Array, places: Array, radii: Array, tops: Array) -> NDArray[np.bool_]:
        """Return which points (N, Q) bodies (upright cylinders) and blocks hide."""
        way = points - self.eye  # the line of sight, from the camera to a point
        flat = (way[..., :2] ** 2).sum(axis=-1)[..., None]
        to_body = places - self.eye[:2]
        share = np.clip(way[..., :2] @ to_body.T / flat, 0, 1)
        gap = to_body - share[..., None] * way[..., None, :2]
        level = self.eye[2] + share * way[..., 2:]
        covers = ((gap**2).sum(axis=-1) < radii**2) & (level < tops) & (share < 0.99)
        covers[np.arange(len(places)), :, np.arange(len(places))] = False
        hidden = covers.any(axis=-1)
        return np.asarray(hidden | hidden_by_blocks(self.eye, points, self.room.blocks))

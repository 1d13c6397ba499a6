"""A trade-fair aisle between counters that hide feet: flows both ways, a queue, a talk with seats.

People look ahead: each chooses, of many velocities, the one with the best progress and the latest
collision. The detector works on silhouettes in the picture; frames are lost and late.
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
_DEPTH_M = 9.0
_SOUTH_M, _NORTH_M = 3.0, 6.0  # the aisle lies between
_DECIDE_TICKS = 3
_LOOK_AHEAD_S = 3.0
_TURNS = np.radians([-100, -70, -45, -25, -10, 0, 10, 25, 45, 70, 100])
_PACES = np.array([0.35, 0.7, 1.0, 1.2])
_CANDIDATES = np.vstack(
    [[(0.0, 0.0)]] + [[(pace * np.cos(turn), pace * np.sin(turn)) for turn in _TURNS] for pace in _PACES]
)
_ROWS, _COLUMNS = 12, 3  # points on a silhouette


def write_scene(folder: Path, *, seed: int, duration_s: float = 360.0, fps: float = 5.0) -> None:
    """Write the files of a trade-fair aisle to `folder`; the same arguments, the same bytes."""
    rng = np.random.default_rng([seed, 97])
    hall = _Hall(rng)
    motion = _Traffic(hall, rng).run(duration_s)
    cameras = hall.cameras(rng)
    frames = []
    for camera in cameras:
        detector = _Detector(hall, camera, motion, rng)
        times = frame_times(rng, duration_s, fps, rng.uniform(0.01, 0.035))
        lost = rng.random(len(times)) < rng.uniform(0.002, 0.03)
        for start in rng.integers(0, len(times), rng.integers(1, 5)):
            lost[start : start + int(rng.uniform(0.6, 4.0) * fps)] = True
        for time_s, drop in zip(times, lost, strict=True):
            boxes = detector.boxes_at(time_s, 1 / fps)
            if not drop:
                frames.append((time_s, camera.name, boxes))
    size_m = (hall.length_m, _DEPTH_M)
    calibration = {camera: floor_points(camera, size_m, hall.blocks, rng) for camera in cameras}
    write_files(folder, frames, calibration, hall.zones(rng), motion)


@dataclass(frozen=True)
class _Counter:
    """A counter at the edge of the aisle; `side` is the way from the aisle into the stand."""

    x: float
    side: int  # -1: south stand, 1: north stand
    length_m: float
    height_m: float

    @property
    def front_m(self) -> float:
        """The y of the edge at the aisle."""
        return _SOUTH_M if self.side < 0 else _NORTH_M

    def off(self, into_aisle_m: float) -> float:
        """Return the y that lies `into_aisle_m` before the counter (negative: in the stand)."""
        return self.front_m - self.side * into_aisle_m


class _Hall:
    """The hall of a seed: counters, walls of stands, rows of seats."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.two_cameras = bool(rng.random() < 0.6)
        self.length_m = float(rng.uniform(22, 27) if self.two_cameras else rng.uniform(17, 20))
        third = self.length_m / 3
        self.counters = [
            _Counter(third * (place + 0.5), side, rng.uniform(1.8, 2.6), rng.uniform(0.95, 1.2))
            for place, side in ((0, -1), (1, -1), (2, -1), (0, 1), (1, 1))
        ]
        self.queue_at, self.queue_way = int(rng.integers(5)), float(rng.choice([-1.0, 1.0]))
        self.seat_rows = [2 * third + 0.9 + 0.95 * k for k in range(3 if third < 6.5 else 4)]
        self.seat_places = [_NORTH_M + 0.75 + 0.6 * k for k in range(4)]
        self.speaker_m = (self.seat_rows[-1] + 1.6, _NORTH_M + 1.6)
        blocks: list[tuple[float, ...]] = []
        for counter in self.counters:
            low, high = sorted((counter.off(0), counter.off(-0.6)))
            half = counter.length_m / 2
            blocks.append((counter.x - half, low, 0, counter.x + half, high, counter.height_m))
        self.solid = np.array(blocks)  # what stops feet; chairs and walls lie off the ways
        wall = rng.uniform(1.0, 2.4)
        blocks += [(x - 0.05, 0, 0, x + 0.05, _SOUTH_M - 1.0, wall) for x in (third, 2 * third)]
        blocks.append((2 * third - 0.05, _NORTH_M + 1.0, 0, 2 * third + 0.05, _DEPTH_M, wall))
        blocks += [(x - 0.3, _NORTH_M + 0.5, 0.1, x - 0.25, _DEPTH_M - 0.2, 0.85) for x in self.seat_rows]
        self.blocks = np.array(blocks)

    def cameras(self, rng: np.random.Generator) -> list[Camera]:
        """Return a camera at one end, and in some halls another, at the far end or across."""
        length = self.length_m
        height = rng.uniform(3.0, 5.0)
        pixels = (1920, 1080) if rng.random() < 0.6 else (1280, 720)
        focal = focal_length_px(pixels[0], rng.uniform(74, 90))
        eye = (0.2, float(rng.uniform(2.5, 6.5)), height)
        cameras = [Camera("gate", eye, (length * 0.42, 4.7, 0.6), *pixels, focal)]
        if self.two_cameras and rng.random() < 0.5:
            eye = (length - 0.2, float(rng.uniform(2.0, 6.0)), rng.uniform(3.0, 5.0))
            cameras.append(Camera("far", eye, (length * 0.6, 4.7, 0.5), *pixels, focal))
        elif self.two_cameras:
            eye = (length * rng.uniform(0.55, 0.75), 0.2, rng.uniform(3.6, 5.0))
            cameras.append(Camera("stand", eye, (length * 0.66, 5.6, 0.5), *pixels, focal))
        return cameras

    def zones(self, rng: np.random.Generator) -> list[dict[str, object]]:
        """Return stands with the strip before their counters, the talk, the aisle, some ends."""
        zones = []
        shown = [self.counters[k] for k in (1, 2, 4)]  # the others stand below the camera
        for name, counter in zip(("Tools", "Robots", "Lamps"), shown, strict=True):
            half = counter.length_m / 2 + 0.5
            low, high = sorted((counter.off(1.3), counter.off(-1.4)))
            zones.append(rectangle_zone(name, "booth", (counter.x - half, low), (counter.x + half, high)))
        low_x, high_x = self.seat_rows[0] - 0.5, self.seat_rows[-1] + 0.6
        high_y = _DEPTH_M - 0.1
        zones.append(rectangle_zone("Talks", "stage", (low_x, _NORTH_M + 0.3), (high_x, high_y)))
        middle = self.length_m / 2
        zones.append(rectangle_zone("Aisle", "aisle", (middle - 2, 3.6), (middle + 2, 5.4)))
        if rng.random() < 0.5:
            length = self.length_m
            zones.append(rectangle_zone("East end", "entrance", (length - 1.5, 3.0), (length, 6.0)))
        return zones


@dataclass
class _Walker:
    body: Body
    position: Array
    speed: float
    tasks: list[str]
    home: int  # the counter of staff; for visitors: the end of the aisle where they leave, 0 or 1
    velocity: Array = field(default_factory=lambda: np.zeros(2))
    choice: Array = field(default_factory=lambda: np.zeros(2))
    heading: float = 0.0
    task: str = ""
    path: list[tuple[float, float]] = field(default_factory=list)
    way_out: list[tuple[float, float]] = field(default_factory=list)
    face: tuple[float, float] | None = None
    until_s: float | None = None
    gives_up_s: float = 0.0
    seat: tuple[float, float] | None = None
    seated: float = 0.0
    friend: _Walker | None = None
    gone: bool = False


class _Traffic:
    """The simulation of visitors and staff."""

    def __init__(self, hall: _Hall, rng: np.random.Generator) -> None:
        self.hall, self.rng = hall, rng
        self.people: list[_Walker] = []
        self.bodies: list[Body] = []
        self.queue: list[_Walker] = []
        self.crowd = rng.uniform(8.5, 12.5)
        self.hurry = rng.uniform(0.35, 0.6)  # the share of those who only pass
        self.talk_s = (rng.uniform(40, 120), rng.uniform(210, 300))
        self.service_s = rng.uniform(12, 35)
        self.keep_m = rng.uniform(0.5, 0.7)  # the distance between bodies that people keep

    def run(self, duration_s: float) -> Motion:
        """Return the motion of everybody, from before the first frame until after the last."""
        rng = self.rng
        for index in rng.permutation(5)[:3]:
            counter = self.hall.counters[int(index)]
            self._add((counter.x, counter.off(-1.0)), ["staff"], int(index))
        self._add(self.hall.speaker_m, ["speak"], 0)
        first = -round((MARGIN_S + _WARM_UP_S) / TICK_S)
        motion = Motion(first, self.bodies)
        for tick in range(first, round((duration_s + MARGIN_S) / TICK_S) + 1):
            now = tick * TICK_S
            free = self.crowd + 2.0 * math.sin(now / 37) - len(self.people) + 4
            if tick % 10 == 0 and free > 0 and rng.random() < 0.35:
                self._arrive(now)
            for walker in self.people:
                self._live(walker, now)
            self._serve(now)
            self.people = [walker for walker in self.people if not walker.gone]
            self._move(tick)
            rows = [(w.body.number - 1, *w.position, w.heading, w.seated) for w in self.people]
            motion.rows.append(np.array(sorted(rows)).reshape(-1, 5))
        return motion

    def _add(self, place: tuple[float, float], tasks: list[str], home: int) -> _Walker:
        rng = self.rng
        height = float(np.clip(rng.normal(1.72, 0.09), 1.5, 1.97))
        body = Body(len(self.bodies) + 1, height, float(rng.uniform(0.42, 0.52)))
        self.bodies.append(body)
        speed = float(np.clip(rng.normal(1.15, 0.2), 0.7, 1.6))
        walker = _Walker(body, np.array(place, dtype=float), speed, tasks, home)
        self.people.append(walker)
        return walker

    def _arrive(self, now: float) -> None:
        rng = self.rng
        end = int(rng.integers(2))
        x = 0.1 if end == 0 else self.hall.length_m - 0.1
        tasks: list[str] = []
        talk = self.talk_s[0] - 60 < now < self.talk_s[0] + 40
        if talk and rng.random() < 0.6:
            tasks = ["talk"]
        elif rng.random() > self.hurry:
            kinds = ["counter", "inside", "queue", "pause"]
            tasks = [str(k) for k in rng.choice(kinds, rng.integers(1, 4), p=[0.5, 0.15, 0.2, 0.15])]
        leave = 1 - end if rng.random() < 0.75 else end
        y = rng.uniform(3.5, 5.5)
        first = self._add((x, y), [*tasks, "leave"], leave)
        first.heading = 0.0 if end == 0 else math.pi
        if rng.random() < 0.25:
            second = self._add((x, y + (0.7 if y < 4.5 else -0.7)), ["with", "leave"], leave)
            second.heading, second.speed, second.friend = first.heading, first.speed * 1.1, first

    def _live(self, walker: _Walker, now: float) -> None:
        """Let a person take up the next task where one is done."""
        length = self.hall.length_m
        if walker.task == "leave":
            x = walker.position[0]
            walker.gone = bool(x < 0.05 if walker.home == 0 else x > length - 0.05)
        if walker.task == "with":
            self._accompany(walker)
        elif walker.task == "queue":
            self._stand_in_line(walker)
        elif not walker.task or (walker.until_s is not None and now >= walker.until_s):
            if walker.seated > 0:
                walker.seat = None  # stands up first
            elif walker.way_out:
                walker.path, walker.way_out, walker.until_s = walker.way_out, [], None
                walker.gives_up_s = now + 25
                walker.task = "out"
            else:
                self._take_up(walker, now)
        elif walker.until_s is None and (not walker.path or now > walker.gives_up_s):
            if walker.task == "leave":
                self._go(walker, [self._exit(walker)], None, now)
            else:
                walker.path = []
                walker.until_s = now + self._stay_s(walker, now)

    def _stay_s(self, walker: _Walker, now: float) -> float:
        rng = self.rng
        if walker.task == "out":
            return 0.0
        if walker.task == "talk":
            return max(self.talk_s[1] - now, 10.0) + float(rng.exponential(8))
        if walker.task in ("staff", "speak"):
            return float(rng.uniform(4, 60))
        return float(np.clip(25 * math.exp(rng.normal(0, 0.9)), 3, 200))

    def _exit(self, walker: _Walker) -> tuple[float, float]:
        x = -0.6 if walker.home == 0 else self.hall.length_m + 0.6
        return (x, float(np.clip(walker.position[1], 3.4, 5.6)))

    def _go(
        self,
        walker: _Walker,
        path: list[tuple[float, float]],
        face: tuple[float, float] | None,
        now: float,
    ) -> None:
        walker.path, walker.face, walker.until_s = path, face, None
        walker.gives_up_s = now + 40

    def _take_up(self, walker: _Walker, now: float) -> None:
        rng, hall = self.rng, self.hall
        if walker.task not in ("staff", "speak"):
            walker.task = walker.tasks.pop(0)
        counter = hall.counters[int(rng.integers(5))]
        if walker.task == "staff":
            counter = hall.counters[walker.home]
            x = counter.x + rng.uniform(-0.5, 0.5) * counter.length_m
            self._go(walker, [(x, counter.off(-rng.uniform(0.9, 1.3)))], (x, 4.5), now)
        elif walker.task == "speak":
            x, y = hall.speaker_m
            self._go(walker, [(x, y + rng.uniform(-1, 1))], (x - 4, y), now)
        elif walker.task == "counter":
            x = counter.x + rng.uniform(-0.5, 0.5) * counter.length_m
            self._go(walker, [(x, counter.off(rng.uniform(0.35, 0.9)))], (x, counter.off(-1)), now)
        elif walker.task == "inside":
            gap = counter.x + float(rng.choice([-1, 1])) * (counter.length_m / 2 + 0.55)
            doors = [(gap, counter.off(0.5)), (gap, counter.off(-1.3))]
            spot = (counter.x + rng.uniform(-1, 1), counter.off(-rng.uniform(1.6, 2.3)))
            self._go(walker, [*doors, spot], (counter.x, counter.off(-3.5)), now)
            walker.way_out = doors[::-1]
        elif walker.task == "pause":
            self._go(walker, [(rng.uniform(2, hall.length_m - 2), rng.uniform(3.9, 5.1))], None, now)
        elif walker.task == "talk":
            taken = {other.seat for other in self.people}
            seats = [(x, y) for x in hall.seat_rows for y in hall.seat_places]
            free = [seat for seat in seats if seat not in taken]
            if free and now < self.talk_s[1] - 30:
                seat = free[int(rng.integers(len(free)))]
                aisle = (seat[0] + 0.2, _NORTH_M - 0.2)
                self._go(walker, [aisle, (seat[0] + 0.2, seat[1])], (seat[0] + 5, seat[1]), now)
                walker.seat, walker.way_out = seat, [aisle]
            else:
                walker.task = ""
        elif walker.task == "leave":
            self._go(walker, [self._exit(walker)], None, now)

    def _accompany(self, walker: _Walker) -> None:
        """Keep beside the friend, who decides; leave when the friend leaves."""
        friend = walker.friend
        if friend is None or friend.gone or friend.task == "leave":
            walker.task, walker.face = "", None
            return
        x, y = friend.position
        if friend.seat or friend.task == "inside" or friend.way_out:
            spot = (min(max(x, 1.5), self.hall.length_m - 1.5), 5.2 if y > 4.5 else 3.8)
        else:
            spot = (x - 0.55 * math.copysign(1, self.hall.length_m / 2 - x), y)
            if math.hypot(*friend.velocity) > 0.3:
                way = friend.velocity / math.hypot(*friend.velocity)
                aside = 1.0 if way[0] * (y - 4.5) < 0 else -1.0
                spot = (x + 0.5 * way[0] - aside * 0.7 * way[1], y + aside * 0.7 * way[0])
        walker.path = [(spot[0], min(max(spot[1], 3.4), 5.6))]
        walker.face = (float(x), float(y))

    def _slot(self, index: int) -> tuple[float, float]:
        counter = self.hall.counters[self.hall.queue_at]
        along = self.hall.queue_way * 0.85 * index
        return (counter.x + along, counter.off(0.45 + 0.12 * math.sin(index * 2.1)))

    def _stand_in_line(self, walker: _Walker) -> None:
        if walker not in self.queue:
            if len(self.queue) >= 6:
                walker.task = ""
                return
            walker.path = [self._slot(len(self.queue))]
            if math.dist(walker.position, walker.path[0]) < 1.2:
                self.queue.append(walker)
            return
        index = self.queue.index(walker)
        walker.path = [self._slot(index)]
        ahead = self._slot(index - 1)
        counter = self.hall.counters[self.hall.queue_at]
        walker.face = ahead if index else (counter.x, counter.off(-1))

    def _serve(self, now: float) -> None:
        if not self.queue:
            return
        head = self.queue[0]
        if head.until_s is None and math.dist(head.position, self._slot(0)) < 0.5:
            head.until_s = now + float(self.rng.exponential(self.service_s)) + 4
        elif head.until_s is not None and now > head.until_s:
            head.task, head.until_s, head.face = "", None, None
            del self.queue[0]

    def _move(self, tick: int) -> None:
        people = self.people
        position = np.array([w.position for w in people])
        velocity = np.array([w.velocity for w in people])
        wanted = np.zeros_like(position)
        for i, walker in enumerate(people):
            if walker.path and walker.seated == 0:
                away = np.array(walker.path[0]) - walker.position
                gap = math.hypot(*away)
                lasting = walker.task in ("queue", "with")
                last = len(walker.path) == 1 and walker.task != "leave"
                wanted[i] = away / max(gap, 1e-6) * walker.speed * (min(1, gap) if last else 1)
                if lasting and gap < 0.15:
                    wanted[i] = 0.0
                elif not lasting and gap < (0.25 if last else 0.45):
                    del walker.path[0]
        self._choose(position, velocity, wanted, tick)
        choices = np.array([w.choice for w in people])
        change = (choices - velocity) * TICK_S / 0.35
        velocity += change * np.minimum(1, 0.3 / np.maximum(np.hypot(*change.T), 1e-9))[:, None]
        position = position + velocity * TICK_S
        gaps = position[:, None] - position[None]
        far = np.hypot(gaps[..., 0], gaps[..., 1])
        np.fill_diagonal(far, 9.0)
        near = (0.42 - far).clip(0)[..., None] / np.maximum(far, 0.05)[..., None]
        position += 0.35 * (near * gaps).sum(axis=1)
        position = self._out_of_counters(position)
        tremble = self.rng.normal(0, 0.004, position.shape)
        for i, walker in enumerate(people):
            walker.velocity = velocity[i]
            at_seat = walker.seat is not None and walker.task == "talk" and not walker.path
            walker.seated = min(max(walker.seated + (0.07 if at_seat else -0.09), 0.0), 1.0)
            if at_seat and walker.seat:
                aim = np.array(walker.seat)
                walker.position = walker.position + 0.15 * (aim - walker.position) + tremble[i] / 2
                walker.velocity = np.zeros(2)
            elif walker.seated == 0:
                walker.position = position[i] + tremble[i]
            ends = [0.0 if walker.task == "leave" and walker.home == end else 0.1 for end in (0, 1)]
            high = (self.hall.length_m - ends[1], _DEPTH_M - 0.2)
            walker.position = walker.position.clip((ends[0], 0.2), high)
            way = walker.velocity
            if math.hypot(*way) < 0.25:
                if walker.face is None:
                    continue
                way = np.array(walker.face) - walker.position
            turn = math.remainder(math.atan2(way[1], way[0]) - walker.heading, math.tau)
            walker.heading += 0.3 * turn

    def _choose(self, position: Array, velocity: Array, wanted: Array, tick: int) -> None:
        """Let a third of the people choose a velocity, by progress and time to collision."""
        chosen = [i for i, w in enumerate(self.people) if (tick + w.body.number) % _DECIDE_TICKS == 0]
        if not chosen:
            return
        pace = np.hypot(*wanted[chosen].T)
        unit = wanted[chosen] / np.maximum(pace, 1e-9)[:, None]
        across = np.stack([-unit[:, 1], unit[:, 0]], axis=1)
        tries = _CANDIDATES[None, :, :1] * unit[:, None] + _CANDIDATES[None, :, 1:] * across[:, None]
        tries = tries * pace[:, None, None]
        gaps = position[None] - position[chosen][:, None]  # (n, N, 2)
        closing = tries[:, :, None] - velocity[None, None]  # (n, C, N, 2)
        # Both evade: each takes half of the change, so the own velocity counts as half.
        closing = closing * 0.75 + 0.25 * (velocity[chosen][:, None, None] - velocity[None, None])
        meet = (closing * gaps[:, None]).sum(axis=-1) / np.maximum((closing**2).sum(axis=-1), 1e-6)
        meet = meet.clip(0, _LOOK_AHEAD_S)
        miss = np.hypot(*np.moveaxis(gaps[:, None] - closing * meet[..., None], -1, 0))
        risk = (1 - miss / self.keep_m).clip(0) / (meet + 0.25)
        for row, i in enumerate(chosen):
            risk[row, :, i] = 0.0
            friend = self.people[i].friend
            if friend is not None:
                risk[row, :, [j for j, w in enumerate(self.people) if w is friend]] *= 0.3
        cost = np.hypot(*np.moveaxis(tries - wanted[chosen][:, None], -1, 0)) + 1.1 * risk.max(axis=2)
        cost[:, _CANDIDATES[:, 1] > 0] += 0.02  # in doubt, people pass on the right
        for ahead_s in (0.35, 0.9):
            then = position[chosen][:, None, None] + ahead_s * tries[:, :, None]
            low, high = self.hall.solid[:, :2] - 0.2, self.hall.solid[:, 3:5] + 0.2
            cost += 2.0 * ((then > low) & (then < high)).all(axis=-1).any(axis=-1)
        best = cost.argmin(axis=1)
        for row, i in enumerate(chosen):
            self.people[i].choice = tries[row, best[row]]

    def _out_of_counters(self, position: Array) -> Array:
        """Return `position` with those in a counter's outline moved to its nearer long side."""
        low, high = self.hall.solid[:, :2] - 0.18, self.hall.solid[:, 3:5] + 0.18
        inside = ((position[:, None] > low) & (position[:, None] < high)).all(axis=-1)
        for i, k in zip(*np.nonzero(inside), strict=True):
            x, y = position[i]
            edges = [(low[k, 0], y), (high[k, 0], y), (x, low[k, 1]), (x, high[k, 1])]
            position[i] = min(edges, key=lambda edge: math.dist(edge, (x, y)))
        return position


class _Detector:
    """What a camera's detector reports of the silhouettes in its picture."""

    def __init__(self, hall: _Hall, camera: Camera, motion: Motion, rng: np.random.Generator) -> None:
        self.hall, self.camera, self.motion, self.rng = hall, camera, motion, rng
        self.eye = np.array(camera.eye)
        # Faults that last: left, right, top, bottom, score, guess of feet.
        self.noise = rng.normal(0, 1, (len(motion.bodies), 6))
        self.slow = rng.normal(0, 0.35, len(motion.bodies))  # clothes that are hard to see
        self.jitter = rng.uniform(0.01, 0.025)
        self.bias = rng.uniform(-3.8, -2.0)  # how ready the network is to see a person
        self.tiny_px = rng.uniform(28, 45)
        self.merges = rng.uniform(0.05, 0.5)
        self.suppress_at = rng.uniform(0.5, 0.7)
        banners = rng.uniform((1.5, 0), (hall.length_m - 1.5, 1), (2, 2))
        self.banners = [(x, 0.3 if side < 0.5 else _DEPTH_M - 0.3) for x, side in banners]
        self.banner_on = [False, False]

    def boxes_at(self, time_s: float, step_s: float) -> Array:
        """Return boxes with scores (N, 5) at `time_s`, a frame that follows the last by `step_s`."""
        rng, camera = self.rng, self.camera
        keep = np.exp(-step_s / np.array([0.8, 0.8, 0.8, 1.2, 1.2, 6.0]))
        fresh = rng.normal(0, 1, self.noise.shape)
        self.noise = self.noise * keep + fresh * np.sqrt(1 - keep**2)
        rows = self.motion.at(time_s)
        full, shown, visible = self._silhouettes(rows, time_s)
        boxes = []
        for i in np.flatnonzero(visible > 0.1):
            index = int(rows[i, 0])
            noise, box = self.noise[index], shown[i].copy()
            if shown[i, 3] < full[i, 3] - 0.08 * (full[i, 3] - full[i, 1]):
                box = self._guess_feet(box, full[i], noise[5])
            broad, tall = box[2] - box[0], box[3] - box[1]
            shakes = noise[:4] + 0.35 * rng.standard_t(4, 4)
            box += shakes[[0, 2, 1, 3]] * self.jitter * np.array([broad, tall, broad, tall])
            logit = 6.5 * visible[i] + self.bias - 3.0 * max(0.0, self.tiny_px / tall - 0.7)
            logit += 0.8 * noise[4] + self.slow[index] - 0.5 * rows[i, 4]
            score = 0.95 / (1 + math.exp(-logit))
            if rng.random() > 0.008:
                boxes.append([*box, score])
        boxes = self._merge(boxes) + self._inventions()
        clipped = clip_to_picture(np.array(boxes).reshape(-1, 5), camera)
        return suppress_doubles(clipped, self.suppress_at)

    def _silhouettes(self, rows: Array, time_s: float) -> tuple[Array, Array, Array]:
        """Return whole boxes (N, 4), boxes of what shows (N, 4) and its share (N,)."""
        indices = rows[:, 0].astype(int)
        bodies = [self.motion.bodies[i] for i in indices]
        heights = np.array([body.height_m for body in bodies])
        tops = heights * (1 - 0.25 * rows[:, 4])
        ground = rows[:, 1:3]
        sight = ground - self.eye[:2]
        sight /= np.maximum(np.hypot(*sight.T), 1e-6)[:, None]
        ways = np.stack([np.cos(rows[:, 3]), np.sin(rows[:, 3])], axis=1)
        cross = np.abs(sight[:, 0] * ways[:, 1] - sight[:, 1] * ways[:, 0])
        turned = np.array([body.breadth_m for body in bodies]) * (1 - 0.35 * cross)
        stride = 0.1 * cross * np.abs(np.sin(5.2 * time_s + indices))
        half = turned / 2 + stride
        level = np.linspace(0.02, 1, _ROWS)[None] * tops[:, None]
        aside = np.stack([-sight[:, 1], sight[:, 0]], axis=1)
        spread = np.linspace(-0.75, 0.75, _COLUMNS)[None, :, None] * half[:, None, None]
        flat = (ground[:, None] + spread * aside[:, None])[:, None]
        flat = np.broadcast_to(flat, (len(rows), _ROWS, _COLUMNS, 2))
        # Seated people's knees and feet lie before them.
        lower = (np.linspace(0, 1, _ROWS) < 0.4)[None] * rows[:, 4:5] * 0.4
        flat = flat + lower[:, :, None, None] * ways[:, None, None]
        high = np.broadcast_to(level[..., None, None], (*flat.shape[:3], 1))
        points = np.concatenate([flat, high], axis=-1)
        pixels, depth = self.camera.project(points)
        middle = depth.mean(axis=(1, 2))
        broad = half * self.camera.focal_px / np.maximum(middle, 0.3)
        u, v = pixels[..., 0], pixels[..., 1]
        low_u, high_u = u.mean(axis=2).min(axis=1) - broad, u.mean(axis=2).max(axis=1) + broad
        feet = 0.06 * self.camera.focal_px / np.maximum(middle, 0.3) * self.eye[2] / middle
        full = np.stack([low_u, v.min(axis=(1, 2)), high_u, v.max(axis=(1, 2)) + feet], axis=1)
        hidden = hidden_by_blocks(self.eye, points, self.hall.blocks)
        hidden |= self._behind_people(pixels, full, middle)
        size = (self.camera.width_px, self.camera.height_px)
        out = ((pixels < 0) | (pixels > size)).any(axis=-1) | (depth < 0.5)
        open_rows = np.asarray((~hidden).any(axis=2))
        open_columns = (~hidden).mean(axis=1) > 0.1
        shown = full.copy()
        rows_v = v.mean(axis=2)
        half_row = (full[:, 3] - full[:, 1]) / (2 * _ROWS)
        shown[:, 1] = np.where(open_rows, rows_v, np.inf).min(axis=1)
        shown[:, 3] = np.where(open_rows, rows_v, -np.inf).max(axis=1) + half_row
        shown[:, 1] = np.where(open_rows[:, -1], full[:, 1], shown[:, 1] - half_row)
        shown[:, 3] = np.where(open_rows[:, 0], full[:, 3], shown[:, 3])
        columns_u = u.mean(axis=1)
        cut_low = np.where(open_columns, columns_u, np.inf).min(axis=1) - 0.3 * broad
        cut_high = np.where(open_columns, columns_u, -np.inf).max(axis=1) + 0.3 * broad
        narrow = open_columns.any(axis=1) & ~open_columns.all(axis=1)
        shown[:, 0] = np.where(narrow, np.maximum(cut_low, full[:, 0]), shown[:, 0])
        shown[:, 2] = np.where(narrow, np.minimum(cut_high, full[:, 2]), shown[:, 2])
        visible = (~hidden & ~out).mean(axis=(1, 2)) * (middle > 0.8)
        return full, shown, visible

    def _behind_people(self, pixels: Array, full: Array, depth: Array) -> NDArray[np.bool_]:
        """Return which points (N, R, C, 2) lie behind the silhouette of somebody nearer."""
        middle = (full[:, 0] + full[:, 2]) / 2
        across = np.abs(pixels[:, :, :, None, 0] - middle) / ((full[:, 2] - full[:, 0]) / 2)
        down = (pixels[:, :, :, None, 1] - full[:, 1]) / (full[:, 3] - full[:, 1])
        outline = np.select([down < 0.14, down < 0.6], [0.4, 0.95], 0.65)
        covers = (down > 0) & (down < 1) & (across < outline)
        nearer = depth[None] < depth[:, None] - 0.1
        return np.asarray((covers & nearer[:, None, None]).any(axis=-1))

    def _guess_feet(self, box: Array, full: Array, guess: float) -> Array:
        """Return the box of a body whose feet are hidden, as a network completes it, or not."""
        if guess > 1.0:
            box[3] = box[1] + 2.7 * (box[2] - box[0])  # by the usual shape of a person
        elif guess > 0.4:
            box[3] += 0.6 * (full[3] - box[3])
        return box

    def _merge(self, boxes: list[list[float]]) -> list[list[float]]:
        """Return the boxes; of two people close behind each other, at times one for both."""
        for i in range(len(boxes) - 1, 0, -1):
            for j in range(i):
                a, b = boxes[i], boxes[j]
                common = min(a[2], b[2]) - max(a[0], b[0])
                deep = min(a[3], b[3]) - max(a[1], b[1])
                part = 0.45 * min((a[2] - a[0]) * (a[3] - a[1]), (b[2] - b[0]) * (b[3] - b[1]))
                near = min(common, deep) > 0 and common * deep > part
                if near and self.rng.random() < 0.25 * self.merges:
                    low, high = np.minimum(a[:2], b[:2]), np.maximum(a[2:4], b[2:4])
                    boxes[j] = [*low, *high, 0.9 * max(a[4], b[4])]
                    del boxes[i]
                    break
        return boxes

    def _inventions(self) -> list[list[float]]:
        """Return false boxes: printed people on banners, for a while, and passing shadows."""
        rng, boxes = self.rng, []
        for k, (x, y) in enumerate(self.banners):
            if rng.random() < (0.02 if self.banner_on[k] else 0.006):
                self.banner_on[k] = not self.banner_on[k]
            pixels, depth = self.camera.project(np.array([(x, y, 0.3), (x, y, 1.8)]))
            if self.banner_on[k] and depth.min() > 1 and rng.random() < 0.8:
                tall = float(pixels[0, 1] - pixels[1, 1])
                u, v = pixels[1] + rng.normal(0, 0.02 * tall, 2)
                score = rng.uniform(0.15, 0.55)
                boxes.append([u - 0.2 * tall, v, u + 0.2 * tall, v + tall, score])
        if rng.random() < 0.03:
            u, v = rng.uniform((0, 0.2), (1, 0.8)) * (self.camera.width_px, self.camera.height_px)
            tall = rng.uniform(40, 200)
            boxes.append([u, v, u + 0.45 * tall, v + tall, rng.uniform(0.1, 0.3)])
        return boxes

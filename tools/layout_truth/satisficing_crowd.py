"""Days in JuPedSim's social force model, of visitors who take the first thing in sight that is good enough.

They know nothing of the hall beforehand. Each looks around from where it stands, goes to the nearest stand
in sight that interests it as much as it expects of one, and otherwise walks on to a crossing and expects
less. Whom a stand in front of which it comes interests may stop there on the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import shapely

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.floor_geometry import Point
from tools.layout_truth.hall_ways import HallWays
from tools.layout_truth.true_halls import CATEGORIES, REACH_M, TrueHall
from tools.simulation.crowd.simulated_crowd import import_jupedsim

STEP_S = 0.5
_SOLVER_S, _RADIUS_M = 0.05, 0.18
_SEEN_M = 2.5
_IMPULSE = 0.12
_APART_M = 0.75
_STANDING_SPEED_M_S = 0.4
_REACHED_M, _STALL_S, _STALL_M = 0.5, 4.0, 0.4


@dataclass(slots=True)
class _Visitor:
    number: int
    speed_m_s: float
    interest: FloatArray
    expects: float
    stops_left: int
    node: int
    goal: int = -1
    stand: int = -1
    target: Point = (0.0, 0.0)
    until_s: float = math.nan
    fruitless: int = 0
    visited: set[int] = field(default_factory=set)
    noticed: set[int] = field(default_factory=set)
    seen_crossings: set[int] = field(default_factory=set)
    stalled_since_s: float = 0.0
    stalled_at: Point = (0.0, 0.0)

    @property
    def stands_still(self) -> bool:
        """Whether it has reached a stand."""
        return not math.isnan(self.until_s)


class SatisficingCrowd:
    """One day's crowd."""

    def __init__(self, hall: TrueHall, ways: HallWays, rng: np.random.Generator) -> None:
        jps = import_jupedsim()
        self._jps, self._hall, self._ways, self._rng = jps, hall, ways, rng
        width, depth = hall.size_m
        blocks = [shapely.box(*area) for _, area in hall.blocks]
        floor = shapely.box(0.05, 0.05, width - 0.05, depth - 0.05).difference(shapely.union_all(blocks))
        # floor that is cut off behind a stand is no floor
        floor = max(shapely.get_parts(floor), key=lambda part: part.area)
        self._free = floor.buffer(-_RADIUS_M - 0.07)
        shapely.prepare(self._free)
        self._simulation = jps.Simulation(model=jps.SocialForceModel(), geometry=floor, dt=_SOLVER_S)
        self._stage = self._simulation.add_direct_steering_stage()
        self._journey = self._simulation.add_journey(jps.JourneyDescription([self._stage]))
        self._areas = np.array([stand.spot.find_area(_SEEN_M) for stand in hall.stands])
        self._inside: dict[int, _Visitor] = {}
        self._appeal = np.log([stand.appeal for stand in hall.stands])
        self._category = np.array([stand.category for stand in hall.stands])

    def run(self, arrivals_s: FloatArray, *, end_s: float) -> tuple[IntArray, FloatArray, FloatArray]:
        """Run the day; return person, time and position, ordered by person and time."""
        rows: list[tuple[int, float, float, float]] = []
        waiting = sorted(arrivals_s.tolist(), reverse=True)
        number = 0
        for step in range(round(end_s / STEP_S)):
            now_s = step * STEP_S
            agents = list(self._simulation.agents())
            places = [(float(agent.position[0]), float(agent.position[1])) for agent in agents]
            self._places = np.array(places).reshape(-1, 2)
            noticed = self._find_noticed()
            for index, (agent, xy) in enumerate(zip(agents, places, strict=True)):
                visitor = self._inside[agent.id]
                rows.append((visitor.number, now_s, *xy))
                if self._decide(agent, visitor, xy, noticed[index], now_s):
                    self._simulation.mark_agent_for_removal(agent.id)
                    del self._inside[agent.id]
            if waiting and waiting[-1] <= now_s and self._admit(number, now_s):
                waiting.pop()
                number += 1
            if not waiting and not self._inside:
                break
            self._simulation.iterate(round(STEP_S / _SOLVER_S))
        table = np.array(rows)
        table = table[np.lexsort([table[:, 1], table[:, 0]])]
        return table[:, 0].astype(np.int64), table[:, 1], table[:, 2:]

    def _find_noticed(self) -> list[IntArray]:
        """Return for each agent the stands before whose open sides it is."""
        if not len(self._places):
            return []
        xy, areas = self._places[:, None], self._areas[None]
        before = ((xy > areas[..., :2]) & (xy < areas[..., 2:])).all(axis=2)
        return [np.flatnonzero(row) for row in before]

    def _admit(self, number: int, now_s: float) -> bool:
        rng, ways = self._rng, self._ways
        node = int(rng.choice(ways.entrances, p=ways.entrance_shares))
        side = ways.outwards[node][::-1] * (1.0, -1.0)
        x, y = ways.xy_m[node] - 0.5 * ways.outwards[node] + rng.uniform(-1.0, 1.0) * side
        place = (float(x), float(y))
        if len(self._places) and np.hypot(*(self._places - place).T).min() < 0.7:
            return False
        speed = float(np.clip(rng.normal(1.1, 0.2), 0.7, 1.6))
        liking = np.zeros(CATEGORIES + 1)
        liking[int(rng.integers(CATEGORIES))] = 0.9
        interest = self._appeal + liking[self._category] + rng.normal(0.0, 0.5, len(self._appeal))
        visitor = _Visitor(number, speed, interest, rng.normal(0.9, 0.3), 2 + int(rng.poisson(4.0)), node)
        try:
            agent_id = self._simulation.add_agent(
                self._jps.SocialForceModelAgentParameters(
                    position=place,
                    orientation=(1.0, 0.0),
                    journey_id=self._journey,
                    stage_id=self._stage,
                    radius=_RADIUS_M,
                    desired_speed=speed,
                )
            )
        except RuntimeError:
            # too close to somebody for the model; tried again
            return False
        self._inside[agent_id] = visitor
        self._choose(visitor, now_s, place)
        self._simulation.agent(agent_id).target = visitor.target
        return True

    def _decide(self, agent: object, visitor: _Visitor, xy: Point, before: IntArray, now_s: float) -> bool:
        """Let a visitor go on, stand, or choose; return whether it has left."""
        if visitor.stands_still:
            if now_s >= visitor.until_s:
                self._leave_stand(agent, visitor, now_s, xy)
            return False
        way_m = math.dist(xy, visitor.target)
        is_stalled = self._is_stalled(visitor, xy, now_s)
        if visitor.stand >= 0:
            if way_m < _REACHED_M or (is_stalled and visitor.stand in before):
                dwell_s = self._hall.stands[visitor.stand].median_dwell_s
                visitor.until_s = now_s + dwell_s * math.exp(float(self._rng.normal(0.0, 0.8)))
                self._steer(agent, xy, _STANDING_SPEED_M_S)
            elif is_stalled and not self._go_to_stand(visitor, visitor.stand):
                self._leave_stand(agent, visitor, now_s, xy)
            elif is_stalled:
                self._steer(agent, visitor.target, visitor.speed_m_s)
            return False
        if visitor.goal in self._ways.exits and way_m < 1.0:
            return True
        if way_m < 1.5 or is_stalled:
            visitor.node = visitor.goal
            self._choose(visitor, now_s, xy)
            self._steer(agent, visitor.target, visitor.speed_m_s)
            return False
        for stand in before.tolist():
            if stand in visitor.noticed or stand in visitor.visited:
                continue
            visitor.noticed.add(stand)
            chance = _IMPULSE * math.exp(0.8 * float(visitor.interest[stand]))
            if self._rng.random() < chance and self._go_to_stand(visitor, stand):
                self._steer(agent, visitor.target, visitor.speed_m_s)
                break
        return False

    def _leave_stand(self, agent: object, visitor: _Visitor, now_s: float, xy: Point) -> None:
        stand = visitor.stand
        own = np.flatnonzero(self._ways.stand == stand)
        visitor.node = int(own[np.argmin(np.hypot(*(self._ways.xy_m[own] - xy).T))])
        visitor.stand, visitor.until_s = -1, math.nan
        visitor.stops_left -= 1
        self._choose(visitor, now_s, xy)
        self._steer(agent, visitor.target, visitor.speed_m_s)

    def _choose(self, visitor: _Visitor, now_s: float, xy: Point) -> None:
        """Choose the nearest stand in sight that is good enough, else a new crossing, else an exit."""
        rng, ways, node = self._rng, self._ways, visitor.node
        visitor.stalled_since_s, visitor.stalled_at = now_s, xy
        visitor.stand = -1
        if visitor.stops_left > 0 and visitor.fruitless < 7:
            is_open = ways.sees[node] & (visitor.interest > visitor.expects)
            is_open[list(visitor.visited)] = False
            way_m = ways.measure_to_stands(np.array([node]))[0] * np.exp(rng.normal(0.0, 0.25, len(is_open)))
            for stand in np.argsort(np.where(is_open, way_m, np.inf))[: int(is_open.sum())].tolist():
                if self._go_to_stand(visitor, stand):
                    return
            visitor.expects -= 0.25
            visitor.fruitless += 1
            new = [int(j) for j in ways.junctions if j != node and int(j) not in visitor.seen_crossings]
            if new:
                felt_m = ways.length_m[node, new] * np.exp(rng.normal(0.0, 0.4, len(new)))
                visitor.goal = new[int(np.argmin(felt_m))]
                visitor.seen_crossings.add(visitor.goal)
                visitor.target = self._find_free(visitor.goal, 0.6)
                return
        visitor.goal = int(ways.find_nearest_exit(np.array([node]))[0])
        visitor.target = self._find_free(visitor.goal, 0.3)

    def _go_to_stand(self, visitor: _Visitor, stand: int) -> bool:
        """Aim at a free place before a stand; False if there is none, and it is not tried again."""
        visitor.visited.add(stand)
        fronts = self._hall.stands[stand].spot.list_fronts()
        targets = [v.target for v in self._inside.values() if v.stand == stand and v is not visitor]
        for _ in range(12):
            (x, y), (dx, dy), width = fronts[int(self._rng.integers(len(fronts)))]
            along, out = self._rng.uniform(-0.45, 0.45) * width, self._rng.uniform(0.4, REACH_M - 0.1)
            place = (x + along * dy + out * dx, y + along * dx + out * dy)
            if all(math.dist(place, other) > _APART_M for other in targets):
                visitor.stand, visitor.target = stand, place
                return True
        return False

    def _find_free(self, node: int, scatter_m: float) -> Point:
        for _ in range(20):
            x, y = self._ways.xy_m[node] + self._rng.normal(0.0, scatter_m, 2)
            if shapely.contains_xy(self._free, x, y):
                return float(x), float(y)
        line = shapely.shortest_line(self._free, shapely.Point(*self._ways.xy_m[node]))
        x, y = shapely.get_coordinates(line)[0]
        return float(x), float(y)

    def _is_stalled(self, visitor: _Visitor, xy: Point, now_s: float) -> bool:
        if math.dist(xy, visitor.stalled_at) > _STALL_M:
            visitor.stalled_since_s, visitor.stalled_at = now_s, xy
        if now_s - visitor.stalled_since_s <= _STALL_S:
            return False
        visitor.stalled_since_s = now_s
        return True

    @staticmethod
    def _steer(agent: object, target: Point, speed_m_s: float) -> None:
        agent.target = target  # type: ignore[attr-defined]
        agent.model.desired_speed = speed_m_s  # type: ignore[attr-defined]

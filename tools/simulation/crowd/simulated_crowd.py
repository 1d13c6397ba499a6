"""A running crowd simulation in JuPedSim: arrivals, destinations and dwell times.

The waiting sets of JuPedSim hold one state for all their members, so each visitor is steered directly and
has a timer of its own. JuPedSim is optional: it is imported where it runs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely

from analytics.domain.errors import ExpoFlowError
from analytics.domain.floor_geometry import Point
from tools.simulation.crowd.crowd_places import draw_way_through, find_free_place_around, find_place_beside
from tools.simulation.crowd.crowd_schedule import CrowdSchedule
from tools.simulation.crowd.crowd_settings import CrowdSettings
from tools.simulation.crowd.crowd_visitor import CrowdVisitor
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout
from tools.simulation.crowd.queue_line import QueueLine
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPath

_RADIUS_M = 0.18
_DWELLING_SPEED_M_S = 0.4
"""Desired speed while standing: enough to return to the place, while 0 would let others push one away."""
_REACHED_M = 0.3
_SPAWN_CLEARANCE_M = 0.7
_BESIDE_M = 0.6
"""Distance between standing companions."""
_NOTICED_S = 0.6
"""Mean delay before a companion follows a leader who leaves."""
_LEFT_BEHIND_M = 1.2
_JOINED_M = 0.8
_QUEUEING_SPEED_M_S = 0.8
_CLOSED_S = 60.0
"""Interval of the check whether the doors are open."""
_SHIFT_SIGMA_M, _SHIFT_CLEARANCE_M = 0.2, 0.5


class SimulatedCrowd:
    """A running simulation."""

    def __init__(
        self,
        layout: ExhibitionLayout,
        settings: CrowdSettings,
        seed: int,
        schedule: CrowdSchedule | None = None,
    ) -> None:
        jps = import_jupedsim()
        self._jps = jps
        self._settings = settings
        self._schedule = schedule
        self._hall = layout.hall
        self._stands = layout.hall.stands
        self._rng = np.random.default_rng([seed, 11])
        self._queues = {
            index: QueueLine(stand.places, np.random.default_rng([seed, 12, index]))
            for index, stand in enumerate(self._stands)
            if stand.is_queue
        }
        self._centres = np.array([np.mean(stand.places, axis=0) for stand in self._stands])
        width, depth = layout.hall.size_m
        blocks = [shapely.box(*item.footprint) for item in layout.furniture]
        walkable = shapely.box(0.15, 0.15, width - 0.15, depth - 0.15).difference(shapely.union_all(blocks))
        self._walkable = walkable.buffer(-_RADIUS_M)
        shapely.prepare(self._walkable)
        self._simulation = jps.Simulation(
            model=jps.SocialForceModel(), geometry=walkable, dt=settings.solver_step_s
        )
        self._stage = self._simulation.add_direct_steering_stage()
        self._journey = self._simulation.add_journey(jps.JourneyDescription([self._stage]))
        self._inside: dict[int, CrowdVisitor] = {}
        self._everyone: list[CrowdVisitor] = []
        self._next_arrival_s = -settings.warm_up_s

    def step(self, now_s: float) -> None:
        """Record everyone at ``now_s``, take decisions, and advance to the next step."""
        agents = {agent.id: agent for agent in self._simulation.agents()}
        positions = {number: agent.position for number, agent in agents.items()}
        for agent_id, agent in agents.items():
            visitor = self._inside[agent_id]
            visitor.record(positions[agent_id])
            if visitor.leader is not None:
                self._follow(agent, visitor, visitor.leader, positions, now_s)
            elif visitor.stand in self._queues:
                self._wait_in_queue(agent, visitor, positions, now_s)
            else:
                self._decide(agent, visitor, positions, now_s)
        for queue in self._queues.values():
            queue.advance()
        if now_s >= self._next_arrival_s:
            # last: what agents() gave is not valid once one is added
            self._admit(now_s, positions)
        self._simulation.iterate(round(STEP_S / self._settings.solver_step_s))

    def collect_paths(self) -> tuple[VisitorPath, ...]:
        """Return the paths of everyone present from time 0 on; to be called once, at the end."""
        paths = []
        for visitor in self._everyone:
            if len(visitor.facing) > 1 and (path := visitor.to_path(self._stands)).times_s[-1] >= 0:
                paths.append(path)
            # a day's crowd is not kept twice
            visitor.forget_way()
        return tuple(paths)

    def _admit(self, now_s: float, positions: dict[int, Point]) -> None:
        place, way_out = draw_way_through(self._hall, self._rng)
        if any(math.dist(place, other) < _SPAWN_CLEARANCE_M for other in positions.values()):
            return
        settings = self._settings
        rate = self._find_arrival_rate(len(positions), now_s)
        if rate <= 0:
            self._next_arrival_s = now_s + _CLOSED_S
            return
        self._next_arrival_s = now_s + float(self._rng.exponential(1 / rate))
        speed = float(
            np.clip(self._rng.normal(settings.walking_speed_m_s, settings.speed_spread_m_s), 0.6, 1.6)
        )
        leader = self._add(
            place, CrowdVisitor(len(self._everyone) + 1, now_s + STEP_S, speed, way_out), now_s
        )
        if leader is None:
            # too close to another visitor for the model; the next arrival is tried
            return
        if settings.passing_share and self._rng.random() < settings.passing_share:
            leader.target = way_out
        else:
            self._choose(leader, place, positions, now_s, is_first=True)
        self._set_targets([leader])
        if settings.companion_shares:
            count = int(self._rng.choice(len(settings.companion_shares), p=settings.companion_shares))
            self._admit_companions(leader, count, place, positions, now_s)

    def _find_arrival_rate(self, present: int, now_s: float) -> float:
        """Return arrivals per second while so many are in the hall."""
        settings = self._settings
        if self._schedule is not None:
            return self._schedule.find_arrivals_per_s(now_s)
        if settings.wanted_crowd is None:
            return settings.arrivals_per_s
        return settings.arrivals_per_s * min(max(1 + 3 * (1 - present / settings.wanted_crowd), 0.2), 3.0)

    def _admit_companions(
        self, leader: CrowdVisitor, count: int, place: Point, positions: dict[int, Point], now_s: float
    ) -> None:
        taken = [*positions.values(), place]
        for rank in range(1, count + 1):
            beside = find_free_place_around(
                place, taken, distance_m=_SPAWN_CLEARANCE_M, is_free=self._is_walkable, rng=self._rng
            )
            if beside is None:
                continue
            companion = CrowdVisitor(
                len(self._everyone) + 1,
                now_s + STEP_S,
                leader.speed_m_s,
                leader.exit,
                leader=leader,
                rank=rank,
            )
            if self._add(beside, companion, now_s) is not None:
                companion.target = leader.target
                self._set_targets([companion])
                taken.append(beside)

    def _add(self, xy: Point, visitor: CrowdVisitor, now_s: float) -> CrowdVisitor | None:
        try:
            agent_id = self._simulation.add_agent(
                self._jps.SocialForceModelAgentParameters(
                    position=xy,
                    orientation=(1.0, 0.0),
                    journey_id=self._journey,
                    stage_id=self._stage,
                    radius=_RADIUS_M,
                    desired_speed=visitor.speed_m_s,
                )
            )
        except RuntimeError:
            return None
        visitor.stalled_since_s, visitor.stalled_at = now_s, xy
        self._inside[agent_id] = visitor
        self._everyone.append(visitor)
        return visitor

    def _set_targets(self, visitors: list[CrowdVisitor]) -> None:
        for agent_id, visitor in self._inside.items():
            if visitor in visitors:
                self._simulation.agent(agent_id).target = visitor.target

    def _decide(self, agent: Any, visitor: CrowdVisitor, positions: dict[int, Point], now_s: float) -> None:
        xy = positions[agent.id]
        if visitor.dwells_until_s is not None:
            if now_s >= visitor.dwells_until_s:
                self._go_on(agent, visitor, positions, now_s)
            else:
                self._shift(agent, visitor, positions)
            return
        is_near = math.dist(xy, visitor.target) < (_REACHED_M if visitor.stand is not None else 0.6)
        if is_near and visitor.stand is None:
            visitor.is_gone = True
            self._simulation.mark_agent_for_removal(agent.id)
            return
        is_stalled = visitor.is_stalled(xy, now_s)
        if visitor.stand is not None and (is_near or (is_stalled and self._is_in_zone(visitor.stand, xy))):
            median_s = self._stands[visitor.stand].median_dwell_s
            until_s = now_s + median_s * math.exp(float(self._rng.normal(0, self._settings.dwell_spread)))
            if self._schedule is not None:
                until_s = self._schedule.draw_leave_s(visitor.stand, now_s, until_s, self._rng)
            self._stand_still(agent, visitor, xy, until_s)
        elif is_stalled:
            visitor.stalled_since_s = now_s
            if visitor.stand is not None:
                visitor.target = self._find_place(visitor.stand, positions)
                agent.target = visitor.target

    def _go_on(self, agent: Any, visitor: CrowdVisitor, positions: dict[int, Point], now_s: float) -> None:
        xy = positions[agent.id]
        visitor.start_walking(xy, now_s)
        self._choose(visitor, xy, positions, now_s)
        agent.model.desired_speed = visitor.speed_m_s
        agent.target = visitor.target

    def _stand_still(self, agent: Any, visitor: CrowdVisitor, xy: Point, until_s: float) -> None:
        visitor.dwells_until_s = until_s
        agent.target = xy
        agent.model.desired_speed = _DWELLING_SPEED_M_S

    def _shift(self, agent: Any, visitor: CrowdVisitor, positions: dict[int, Point]) -> None:
        """Move a little within the place now and then, as people do."""
        rate = self._settings.shifts_per_s
        if not rate or self._rng.random() >= rate * STEP_S:
            return
        x, y = self._rng.normal(visitor.target, _SHIFT_SIGMA_M)
        place = (float(x), float(y))
        others = (other for number, other in positions.items() if number != agent.id)
        if self._is_walkable(place) and all(math.dist(place, other) > _SHIFT_CLEARANCE_M for other in others):
            agent.target = place

    def _wait_in_queue(
        self, agent: Any, visitor: CrowdVisitor, positions: dict[int, Point], now_s: float
    ) -> None:
        assert visitor.stand is not None
        queue = self._queues[visitor.stand]
        xy = positions[agent.id]
        if not queue.has(visitor):
            if queue.is_full:
                self._go_on(agent, visitor, positions, now_s)
                return
            visitor.target = queue.find_tail()
            agent.target = visitor.target
            if math.dist(xy, visitor.target) < _JOINED_M:
                queue.join(visitor)
                visitor.dwells_until_s = math.inf
            return
        assert visitor.dwells_until_s is not None
        if now_s >= visitor.dwells_until_s:
            queue.leave(visitor)
            self._go_on(agent, visitor, positions, now_s)
            return
        place = queue.find_place(visitor)
        is_there = math.dist(xy, place) < _REACHED_M
        agent.target = place
        agent.model.desired_speed = _DWELLING_SPEED_M_S if is_there else _QUEUEING_SPEED_M_S
        if is_there and math.isinf(visitor.dwells_until_s) and queue.is_head(visitor):
            served_s = self._stands[visitor.stand].median_dwell_s
            served_s *= math.exp(float(self._rng.normal(0, self._settings.dwell_spread)))
            visitor.dwells_until_s = now_s + served_s

    def _follow(
        self,
        agent: Any,
        visitor: CrowdVisitor,
        leader: CrowdVisitor,
        positions: dict[int, Point],
        now_s: float,
    ) -> None:
        """Walk beside the leader, and stand beside a standing leader."""
        xy = positions[agent.id]
        if leader.is_gone:
            visitor.leader, visitor.stand, visitor.target = None, None, visitor.exit
            visitor.start_walking(xy, now_s)
            agent.model.desired_speed = visitor.speed_m_s
            agent.target = visitor.target
            return
        if leader.dwells_until_s is None:
            if visitor.dwells_until_s is not None and self._rng.random() >= STEP_S / _NOTICED_S:
                return
            visitor.stand = None
            visitor.start_walking(xy, now_s)
            place = find_place_beside(leader, visitor.rank, is_free=self._is_walkable)
            behind_m = math.dist(xy, place)
            agent.model.desired_speed = visitor.speed_m_s * min(max(0.9 + 0.4 * behind_m, 0.7), 1.35)
            agent.target = place
            return
        if visitor.dwells_until_s is not None:
            if self._is_left_behind(leader, xy):
                # finds a place beside the leader's new one in the next step
                visitor.stand = None
                visitor.start_walking(xy, now_s)
            else:
                self._shift(agent, visitor, positions)
            return
        if visitor.stand != leader.stand:
            visitor.stand = leader.stand
            visitor.start_walking(xy, now_s)
            taken = [other for number, other in positions.items() if number != agent.id]
            beside = find_free_place_around(
                leader.place, taken, distance_m=_BESIDE_M, is_free=self._is_walkable, rng=self._rng
            )
            visitor.target = xy if beside is None else beside
            agent.model.desired_speed = visitor.speed_m_s
            agent.target = visitor.target
        elif math.dist(xy, visitor.target) < _REACHED_M or visitor.is_stalled(xy, now_s):
            self._stand_still(agent, visitor, xy, math.inf)

    def _is_left_behind(self, leader: CrowdVisitor, xy: Point) -> bool:
        """Return whether a standing companion's leader has gone on, for example in a queue."""
        if not self._settings.has_companions_in_line or leader.stand not in self._queues:
            return False
        return math.dist(xy, leader.place) > _LEFT_BEHIND_M

    def _choose(
        self,
        visitor: CrowdVisitor,
        xy: Point,
        positions: dict[int, Point],
        now_s: float,
        *,
        is_first: bool = False,
    ) -> None:
        """Choose the next stand by attraction and distance, or the exit."""
        schedule = self._schedule
        called_to = None if schedule is None else schedule.draw_call(visitor.stand, now_s, self._rng)
        if called_to is None:
            is_leaving = not is_first and self._rng.random() < 1 / self._settings.mean_stops
            if is_leaving or (schedule is not None and schedule.is_closing(now_s)):
                visitor.stand, visitor.target = None, visitor.exit
                return
        visitor.stand = self._draw_stand(visitor, xy, now_s) if called_to is None else called_to
        visitor.visited.add(visitor.stand)
        visitor.target = self._find_place(visitor.stand, positions)

    def _draw_stand(self, visitor: CrowdVisitor, xy: Point, now_s: float) -> int:
        distance_m = np.hypot(*(self._centres - np.asarray(xy)).T)
        if self._schedule is None:
            odds = np.array([stand.attraction for stand in self._stands])
        else:
            odds = self._schedule.find_attractions(now_s)
        odds = odds * np.exp(-self._settings.distance_weight_per_m * distance_m)
        for index in visitor.visited:
            odds[index] *= self._settings.revisit_weight
        if visitor.stand is not None:
            odds[visitor.stand] = 0.0
        return int(self._rng.choice(len(odds), p=odds / odds.sum()))

    def _find_place(self, stand: int, positions: dict[int, Point]) -> Point:
        """Return a free place at a stand, or the last one tried if all are taken."""
        if stand in self._queues:
            return self._queues[stand].find_tail()
        places = self._stands[stand].places
        taken = list(positions.values())
        taken += [visitor.target for visitor in self._inside.values() if visitor.stand == stand]
        best: Point = places[0]
        for index in self._rng.permutation(len(places)):
            candidate = np.asarray(places[index]) + self._rng.normal(0, 0.1, 2)
            best = (float(candidate[0]), float(candidate[1]))
            if not self._is_walkable(best):
                best = places[index]
            if all(math.dist(best, other) >= 0.7 for other in taken):
                break
        return best

    def _is_walkable(self, xy: Point) -> bool:
        return bool(shapely.contains_xy(self._walkable, *xy))

    def _is_in_zone(self, stand: int, xy: Point) -> bool:
        return bool(shapely.contains_xy(self._stands[stand].zone.outline.to_shape(), *xy))


def import_jupedsim() -> Any:
    """Return the JuPedSim module.

    Raises:
        ExpoFlowError: it is not installed.
    """
    try:
        import jupedsim
    except ImportError as error:
        raise ExpoFlowError(
            "The crowd cannot be simulated: JuPedSim is not installed.",
            "Run: make test, or: pip install deprecated wrapt && pip install --no-deps jupedsim",
        ) from error
    return jupedsim

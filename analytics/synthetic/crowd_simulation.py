"""Visitors of an exhibition by JuPedSim: the social force model, steered by our own choices and dwell times.

The waiting sets of JuPedSim hold one state for everybody in them, so each visitor is steered directly and
has a timer of its own. JuPedSim is optional: it is imported where it runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.errors import ExpoFlowError
from analytics.synthetic.exhibition_hall import ExhibitionLayout
from analytics.synthetic.visitor_paths import STEP_S, VisitorPath, VisitorPaths
from analytics.synthetic.walk_hall import Stand

FloatArray = npt.NDArray[np.float64]

_SOLVER_STEP_S = 0.05
_RADIUS_M = 0.18
_DWELLING_SPEED_M_S = 0.4
"""Wished for while standing: enough to return to the own place, where 0 would let others push one away."""
_REACHED_M = 0.3
_STALL_S, _STALL_M = 4.0, 0.4
_SPAWN_CLEARANCE_M = 0.7
_TURN_RATE_PER_S = 4.0
_STANDING_STEP_M = 0.03
"""A shorter way in one step is the sway of somebody who stands, and moves neither legs nor heading."""


@dataclass(frozen=True, slots=True)
class CrowdSettings:
    """How visitors come, choose and stay.

    Attributes:
        arrivals_per_s: mean rate of a Poisson process.
        distance_weight_per_m: visitors choose stand j with odds A_j exp(-weight x distance).
        revisit_weight: factor of the odds of a stand that was visited before.
        mean_stops: stops of a visitor, geometrically distributed, at least one.
        dwell_spread: standard deviation of the logarithm of the dwell time.
        warm_up_s: simulated before time 0, so that the hall is not empty at first.
    """

    arrivals_per_s: float = 0.2
    distance_weight_per_m: float = 0.06
    revisit_weight: float = 0.05
    mean_stops: float = 3.0
    dwell_spread: float = 0.7
    walking_speed_m_s: float = 1.1
    speed_spread_m_s: float = 0.2
    warm_up_s: float = 240.0


DEFAULT_SETTINGS = CrowdSettings()


@dataclass(slots=True)
class _Visitor:
    number: int
    start_s: float
    speed_m_s: float
    visited: set[int] = field(default_factory=set)
    stand: int | None = None
    target: tuple[float, float] = (0.0, 0.0)
    dwells_until_s: float | None = None
    stalled_since_s: float = 0.0
    stalled_at: tuple[float, float] = (0.0, 0.0)
    samples: list[tuple[float, float]] = field(default_factory=list)
    facing: list[int] = field(default_factory=list)


def is_simulator_installed() -> bool:
    """Whether JuPedSim can be imported."""
    try:
        import jupedsim  # noqa: F401
    except ImportError:
        return False
    return True


def simulate_crowd(
    *,
    layout: ExhibitionLayout,
    duration_s: float,
    seed: int,
    settings: CrowdSettings = DEFAULT_SETTINGS,
    on_progress: Callable[[float], None] = lambda _: None,
) -> VisitorPaths:
    """Walk visitors through an exhibition; the same arguments give the same ways.

    Args:
        on_progress: gets 0 to 1 about twice a simulated minute; may raise to stop.

    Raises:
        ExpoFlowError: JuPedSim is not installed.
    """
    crowd = _Crowd(layout, settings, seed)
    steps = round((settings.warm_up_s + duration_s) / STEP_S)
    for step in range(steps + 1):
        crowd.step(step * STEP_S - settings.warm_up_s)
        if step % 300 == 0:
            on_progress(step / max(steps, 1))
    on_progress(1.0)
    return VisitorPaths(duration_s, crowd.collect_paths())


def simulate_endless_crowd(
    *,
    layout: ExhibitionLayout,
    period_s: float,
    seed: int,
    settings: CrowdSettings = DEFAULT_SETTINGS,
    longest_visit_s: float = 600.0,
    on_progress: Callable[[float], None] = lambda _: None,
) -> VisitorPaths:
    """Visitors to be repeated every ``period_s``: those who come within it, with their ways to the end.

    Whoever stays for longer than ``longest_visit_s`` after the period is cut off there.

    Raises:
        ExpoFlowError: JuPedSim is not installed.
    """
    whole = simulate_crowd(
        layout=layout,
        duration_s=period_s + longest_visit_s,
        seed=seed,
        settings=settings,
        on_progress=on_progress,
    )
    kept = (path for path in whole.paths if 0 <= path.start_s < period_s)
    return VisitorPaths(period_s, tuple(kept))


class _Crowd:
    """The simulation while it runs."""

    def __init__(self, layout: ExhibitionLayout, settings: CrowdSettings, seed: int) -> None:
        jps = _import_jupedsim()
        self._jps = jps
        self._settings = settings
        self._stands = layout.hall.stands
        self._rng = np.random.default_rng([seed, 11])
        self._entrance = np.asarray(layout.hall.entrance)
        self._exit = layout.hall.exit
        width, depth = layout.hall.size_m
        blocks = [shapely.box(*item.footprint) for item in layout.furniture]
        walkable = shapely.box(0.15, 0.15, width - 0.15, depth - 0.15).difference(shapely.union_all(blocks))
        self._walkable = walkable.buffer(-_RADIUS_M)
        shapely.prepare(self._walkable)
        self._simulation = jps.Simulation(model=jps.SocialForceModel(), geometry=walkable, dt=_SOLVER_STEP_S)
        self._stage = self._simulation.add_direct_steering_stage()
        self._journey = self._simulation.add_journey(jps.JourneyDescription([self._stage]))
        self._inside: dict[int, _Visitor] = {}
        self._everyone: list[_Visitor] = []
        self._next_arrival_s = -settings.warm_up_s

    def step(self, now_s: float) -> None:
        """Record everybody at ``now_s``, let them decide, and go on to the next moment."""
        agents = {agent.id: agent for agent in self._simulation.agents()}
        positions = {number: agent.position for number, agent in agents.items()}
        for agent_id, agent in agents.items():
            visitor = self._inside[agent_id]
            visitor.samples.append(positions[agent_id])
            standing = visitor.dwells_until_s is not None
            visitor.facing.append(visitor.stand if standing and visitor.stand is not None else -1)
            self._decide(agent, visitor, positions, now_s)
        if now_s >= self._next_arrival_s:
            # last: what agents() gave is not valid once one is added
            self._admit(now_s, positions)
        self._simulation.iterate(round(STEP_S / _SOLVER_STEP_S))

    def collect_paths(self) -> tuple[VisitorPath, ...]:
        """Everybody's way, of those who were there from time 0 on."""
        paths = (_make_path(visitor, self._stands) for visitor in self._everyone if len(visitor.samples) > 1)
        return tuple(path for path in paths if path.times_s[-1] >= 0)

    def _admit(self, now_s: float, positions: dict[int, tuple[float, float]]) -> None:
        place = self._entrance + self._rng.uniform((-0.3, -1.0), (0.3, 1.0))
        if any(math.dist(place, other) < _SPAWN_CLEARANCE_M for other in positions.values()):
            return
        settings = self._settings
        self._next_arrival_s = now_s + float(self._rng.exponential(1 / settings.arrivals_per_s))
        speed = float(
            np.clip(self._rng.normal(settings.walking_speed_m_s, settings.speed_spread_m_s), 0.6, 1.6)
        )
        xy = (float(place[0]), float(place[1]))
        try:
            agent_id = self._simulation.add_agent(
                self._jps.SocialForceModelAgentParameters(
                    position=xy,
                    orientation=(1.0, 0.0),
                    journey_id=self._journey,
                    stage_id=self._stage,
                    radius=_RADIUS_M,
                    desired_speed=speed,
                )
            )
        except RuntimeError:
            # too near to somebody for the model: the next comes after all
            return
        visitor = _Visitor(len(self._everyone) + 1, now_s + STEP_S, speed)
        visitor.stalled_since_s, visitor.stalled_at = now_s, xy
        self._inside[agent_id] = visitor
        self._everyone.append(visitor)
        self._choose(visitor, xy, positions, is_first=True)
        self._simulation.agent(agent_id).target = visitor.target

    def _decide(
        self, agent: Any, visitor: _Visitor, positions: dict[int, tuple[float, float]], now_s: float
    ) -> None:
        xy = positions[agent.id]
        if visitor.dwells_until_s is not None:
            if now_s >= visitor.dwells_until_s:
                visitor.dwells_until_s = None
                visitor.stalled_since_s, visitor.stalled_at = now_s, xy
                self._choose(visitor, xy, positions)
                agent.model.desired_speed = visitor.speed_m_s
                agent.target = visitor.target
            return
        is_near = math.dist(xy, visitor.target) < (_REACHED_M if visitor.stand is not None else 0.6)
        if is_near and visitor.stand is None:
            self._simulation.mark_agent_for_removal(agent.id)
            return
        if math.dist(xy, visitor.stalled_at) > _STALL_M:
            visitor.stalled_since_s, visitor.stalled_at = now_s, xy
        is_stalled = now_s - visitor.stalled_since_s > _STALL_S
        if visitor.stand is not None and (is_near or (is_stalled and self._is_in_zone(visitor.stand, xy))):
            self._stop_at(agent, visitor, xy, now_s)
        elif is_stalled:
            visitor.stalled_since_s = now_s
            if visitor.stand is not None:
                visitor.target = self._find_place(visitor.stand, positions)
                agent.target = visitor.target

    def _stop_at(self, agent: Any, visitor: _Visitor, xy: tuple[float, float], now_s: float) -> None:
        assert visitor.stand is not None
        median_s = self._stands[visitor.stand].median_dwell_s
        dwell_s = median_s * math.exp(float(self._rng.normal(0, self._settings.dwell_spread)))
        visitor.dwells_until_s = now_s + dwell_s
        agent.target = xy
        agent.model.desired_speed = _DWELLING_SPEED_M_S

    def _choose(
        self,
        visitor: _Visitor,
        xy: tuple[float, float],
        positions: dict[int, tuple[float, float]],
        *,
        is_first: bool = False,
    ) -> None:
        """The next stand by attraction and distance, or the way out."""
        if not is_first and self._rng.random() < 1 / self._settings.mean_stops:
            visitor.stand, visitor.target = None, self._exit
            return
        centres = np.array([np.mean(stand.places, axis=0) for stand in self._stands])
        distance_m = np.hypot(*(centres - np.asarray(xy)).T)
        odds = np.array([stand.attraction for stand in self._stands])
        odds = odds * np.exp(-self._settings.distance_weight_per_m * distance_m)
        for index in visitor.visited:
            odds[index] *= self._settings.revisit_weight
        if visitor.stand is not None:
            odds[visitor.stand] = 0.0
        visitor.stand = int(self._rng.choice(len(odds), p=odds / odds.sum()))
        visitor.visited.add(visitor.stand)
        visitor.target = self._find_place(visitor.stand, positions)

    def _find_place(self, stand: int, positions: dict[int, tuple[float, float]]) -> tuple[float, float]:
        """A free place at a stand, or the last that was tried where all are taken."""
        places = self._stands[stand].places
        taken = list(positions.values())
        taken += [visitor.target for visitor in self._inside.values() if visitor.stand == stand]
        best: tuple[float, float] = places[0]
        for index in self._rng.permutation(len(places)):
            candidate = np.asarray(places[index]) + self._rng.normal(0, 0.1, 2)
            best = (float(candidate[0]), float(candidate[1]))
            if not shapely.contains_xy(self._walkable, *best):
                best = places[index]
            if all(math.dist(best, other) >= 0.7 for other in taken):
                break
        return best

    def _is_in_zone(self, stand: int, xy: tuple[float, float]) -> bool:
        return bool(shapely.contains_xy(self._stands[stand].zone.outline.to_shape(), *xy))


def _make_path(visitor: _Visitor, stands: tuple[Stand, ...]) -> VisitorPath:
    xy = np.array(visitor.samples)
    way = np.diff(xy, axis=0, prepend=xy[:1])
    length = np.hypot(way[:, 0], way[:, 1])
    wanted = np.arctan2(way[:, 1], way[:, 0])
    facing = np.array(visitor.facing)
    for index in np.unique(facing[facing >= 0]):
        left, low, right, high = stands[index].footprint
        rows = facing == index
        aim = np.clip(xy[rows], (left, low), (right, high)) - xy[rows]
        wanted[rows] = np.arctan2(aim[:, 1], aim[:, 0])
    known = (facing >= 0) | (length > _STANDING_STEP_M)
    heading = np.empty(len(xy))
    current = 0.0
    for i in range(len(xy)):
        if known[i]:
            turn = (wanted[i] - current + math.pi) % (2 * math.pi) - math.pi
            current += turn * min(1.0, _TURN_RATE_PER_S * STEP_S)
        heading[i] = current
    walked = np.cumsum(np.where((facing < 0) & (length > _STANDING_STEP_M), length, 0.0))
    return VisitorPath(visitor.number, visitor.start_s, xy, heading, walked)


def _import_jupedsim() -> Any:
    try:
        import jupedsim
    except ImportError as error:
        raise ExpoFlowError(
            "The crowd of the demo exhibition cannot be simulated: JuPedSim is not installed.",
            "Run: make demo, or: pip install deprecated wrapt && pip install --no-deps jupedsim",
        ) from error
    return jupedsim

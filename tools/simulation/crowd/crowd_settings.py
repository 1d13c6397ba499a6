"""Settings of a simulated crowd."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CrowdSettings:
    """Parameters of how visitors arrive, choose and stay.

    Attributes:
        arrivals_per_s: mean rate of a Poisson process.
        distance_weight_per_m: visitors choose stand j with odds A_j exp(-weight x distance).
        revisit_weight: factor of the odds of a stand that was visited before.
        mean_stops: stops of a visitor, geometrically distributed, at least one.
        dwell_spread: standard deviation of the logarithm of the dwell time.
        warm_up_s: simulated before time 0, so that the hall is not empty at first.
        wanted_crowd: where given, more come while fewer than so many are in the hall, and vice versa,
            so that different seeds give crowds of about the same size.
        passing_share: of the arrivals that walk through without a stop.
        companion_shares: of the arrivals with no, one, two ... companions, who come in addition.
        has_companions_in_line: whether companions of a queueing visitor move up as well; otherwise they
            stay where the queue was joined.
        shifts_per_s: rate at which a standing visitor takes a small step aside.
        solver_step_s: of the social force model; where a jam presses bodies against walls, its friction is
            stable only with a short one.
    """

    arrivals_per_s: float = 0.11
    distance_weight_per_m: float = 0.06
    revisit_weight: float = 0.05
    mean_stops: float = 3.0
    dwell_spread: float = 0.7
    walking_speed_m_s: float = 1.1
    speed_spread_m_s: float = 0.2
    warm_up_s: float = 240.0
    wanted_crowd: int | None = None
    passing_share: float = 0.0
    companion_shares: tuple[float, ...] = ()
    has_companions_in_line: bool = False
    shifts_per_s: float = 0.0
    solver_step_s: float = 0.05

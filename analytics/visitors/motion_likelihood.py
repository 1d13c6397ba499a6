"""Likelihood of finding a person, last seen at one place and velocity, at another after a while.

A standing person stays with a sway; a walker keeps the velocity for a while (an integrated Ornstein-Uhlenbeck
process); someone who stopped or started meanwhile is somewhere near. Densities are of the state measured
where a tracklet begins: per m² and (m/s)².
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analytics.domain.arrays import FloatArray
from analytics.visitors.tracklet_ends import EndStates
from analytics.visitors.visitor_settings import MOTION, SCALES

POPULATION = ((0.92, 1.70, 0.10), (0.08, 1.35, 0.25))
"""Adults of both sexes, and children: share, mean height and standard deviation, metres."""
WRONG_HEIGHT_SHARE = 0.15
"""Share of pairs of one person's measured heights that are unrelated."""


def compute_log_motion(last: EndStates, first: EndStates) -> FloatArray:
    """Return the log density of the states ``first`` given ``last``, pair by pair, shape (pairs,).

    It includes the errors of both ends, and the calibrations' errors if the cameras differ.
    """
    result = np.full(len(first), -np.inf)
    for share, factor in _weigh_errors():
        found = _log_motion_of(_inflate(last, factor), _inflate(first, factor), factor=factor)
        result = np.logaddexp(result, np.log(share) + found)
    distance_m = np.hypot(first.x_m - last.x_m, first.y_m - last.y_m)
    return np.where(distance_m > compute_reach(last, first), -np.inf, result)


def _weigh_errors() -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the shares of ends with stated or larger errors, and the factors of their variance."""
    return (1 - SCALES.outlying_share, 1.0), (SCALES.outlying_share, MOTION.outlier_factor**2)


def _inflate(states: EndStates, factor: float) -> EndStates:
    return replace(
        states,
        position_var=states.position_var * factor,
        cross_cov=states.cross_cov * factor,
        velocity_var=states.velocity_var * factor,
    )


def _log_motion_of(last: EndStates, first: EndStates, *, factor: float) -> FloatArray:
    lead_s = first.time_s - last.time_s
    gap_s = np.maximum(lead_s, 0.0)
    other_camera = np.where(first.camera != last.camera, MOTION.camera_sigma_m**2, 0.0)
    noise = last.position_var + first.position_var + 2 * MOTION.end_sigma_m**2 * factor + other_camera
    dx, dy = first.x_m - last.x_m, first.y_m - last.y_m
    stands, walks = _log_gaits(last)
    with np.errstate(over="ignore"):
        stood = 1.0 / (1.0 + np.exp(walks - stands))
    stands, walks = _log_gaits(first)
    # whoever has stood for minutes goes on for minutes, and moves as little
    unrest_s = gap_s * MOTION.standing_memory_s / (MOTION.standing_memory_s + last.stood_s)
    stay = _log_normal_2(dx, dy, noise + MOTION.sway_m**2 + MOTION.sway_m2_per_s * unrest_s) + stands
    half_s = np.minimum(gap_s, MOTION.velocity_memory_s) / 2
    about = _log_normal_2(
        dx - last.vx_m_s * half_s,
        dy - last.vy_m_s * half_s,
        noise + (MOTION.sway_m + MOTION.wander_m_s * gap_s) ** 2,
    ) + _log_any_velocity(stands, walks)
    walk = _log_walk(last, first, lead_s=lead_s, noise=noise)
    kept_standing = stood * np.exp(-unrest_s / MOTION.standing_memory_s)
    kept_walking = (1 - stood) * np.exp(-gap_s / MOTION.walking_memory_s)
    with np.errstate(divide="ignore"):
        parts = (
            np.log(kept_standing) + stay,
            np.log(kept_walking) + walk,
            np.log(np.maximum(1 - kept_standing - kept_walking, 0.0)) + about,
        )
    return np.asarray(np.logaddexp(np.logaddexp(parts[0], parts[1]), parts[2]), np.float64)


def compute_reach(last: EndStates, first: EndStates) -> FloatArray:
    """Return how far a person can be found from where they were lost, pair by pair, metres."""
    noise = last.position_var + first.position_var + 2 * MOTION.end_sigma_m**2
    way_m = MOTION.fastest_m_s * np.maximum(first.time_s - last.time_s, 0.0)
    return np.asarray(way_m + 0.3 + 2 * MOTION.outlier_factor * np.sqrt(noise), np.float64)


def compute_log_velocity(states: EndStates) -> FloatArray:
    """Return the log density of anyone's measured velocity: half of the people stand, half walk."""
    result = np.full(len(states), -np.inf)
    for share, factor in _weigh_errors():
        result = np.logaddexp(
            result, np.log(share) + _log_any_velocity(*_log_gaits(_inflate(states, factor)))
        )
    return result


def _log_gaits(states: EndStates) -> tuple[FloatArray, FloatArray]:
    """Return the log densities of measured velocities of people who stand, and who walk."""
    stands = _log_normal_2(states.vx_m_s, states.vy_m_s, MOTION.standing_sigma_m_s**2 + states.velocity_var)
    walks = _log_normal_2(states.vx_m_s, states.vy_m_s, MOTION.walking_sigma_m_s**2 + states.velocity_var)
    return stands, walks


def _log_any_velocity(stands: FloatArray, walks: FloatArray) -> FloatArray:
    return np.asarray(np.logaddexp(stands, walks) - np.log(2.0), np.float64)


def compute_log_height_ratio(last: EndStates, first: EndStates) -> FloatArray:
    """Return the log ratio of two measured heights being of one person or of two; 0 if unknown.

    A measured height may be completely wrong, so that a difference is never proof.
    """
    is_known = np.isfinite(last.height_m) & np.isfinite(first.height_m)
    a, b = (np.where(is_known, states.height_m, 0.0) for states in (last, first))
    var_a, var_b = (np.where(is_known, states.height_var, 1.0) for states in (last, first))
    same = np.full(len(a), -np.inf)
    alone_a, alone_b = same.copy(), same.copy()
    for share, mean_m, sigma_m in POPULATION:
        population = sigma_m**2
        va, vb = population + var_a, population + var_b
        determinant = va * vb - population**2
        da, db = a - mean_m, b - mean_m
        squares = (vb * da**2 - 2 * population * da * db + va * db**2) / determinant
        same = np.logaddexp(same, np.log(share) - 0.5 * (squares + np.log(determinant)))
        alone_a = np.logaddexp(alone_a, np.log(share) - 0.5 * (da**2 / va + np.log(va)))
        alone_b = np.logaddexp(alone_b, np.log(share) - 0.5 * (db**2 / vb + np.log(vb)))
    ratio = same - alone_a - alone_b
    bounded = np.logaddexp(np.log(1 - WRONG_HEIGHT_SHARE) + ratio, np.log(WRONG_HEIGHT_SHARE))
    return np.asarray(np.where(is_known, bounded, 0.0), np.float64)


def _log_walk(last: EndStates, first: EndStates, *, lead_s: FloatArray, noise: FloatArray) -> FloatArray:
    """Return the log density of place and velocity after an integrated Ornstein-Uhlenbeck process."""
    memory_s, sigma2 = MOTION.velocity_memory_s, MOTION.walking_sigma_m_s**2
    gap_s = np.maximum(lead_s, 0.0)
    decay = np.exp(-gap_s / memory_s)
    # a tracklet that begins before the other ends is compared with where that one was
    way_s = np.where(lead_s < 0, lead_s, memory_s * (1 - decay))
    position_var = sigma2 * memory_s**2 * (2 * gap_s / memory_s - 3 + 4 * decay - decay**2)
    cross = sigma2 * memory_s * (1 - decay) ** 2
    velocity_var = sigma2 * (1 - decay**2)
    a = noise + position_var + 2 * way_s * last.cross_cov + way_s**2 * last.velocity_var + 0.1**2
    b = cross + decay * last.cross_cov + way_s * decay * last.velocity_var + first.cross_cov
    c = velocity_var + decay**2 * last.velocity_var + first.velocity_var + 0.1**2
    determinant = np.maximum(a * c - b**2, 1e-9)
    result = -2 * np.log(2 * np.pi) - np.log(determinant)
    for place, before, v_now, v_before in (
        (first.x_m, last.x_m, first.vx_m_s, last.vx_m_s),
        (first.y_m, last.y_m, first.vy_m_s, last.vy_m_s),
    ):
        dp = place - before - v_before * way_s
        dv = v_now - v_before * decay
        result = result - 0.5 * (c * dp**2 - 2 * b * dp * dv + a * dv**2) / determinant
    return np.asarray(result, np.float64)


def _log_normal_2(dx: FloatArray, dy: FloatArray, variance: FloatArray) -> FloatArray:
    return np.asarray(-0.5 * (dx**2 + dy**2) / variance - np.log(2 * np.pi * variance), np.float64)

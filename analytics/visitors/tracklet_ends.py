"""Position, velocity and height of a person at both ends of a tracklet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import SCALES

WINDOW_S = 1.5
"""Part of a tracklet from which the state at its end is estimated."""
CORRELATION_S = 0.7
"""Correlation time of position errors (half the error of a box's foot point lasts about a second)."""
SPEED_PRIOR_M_S = 0.8
"""Prior standard deviation of each component of the velocity."""


@dataclass(frozen=True, slots=True, eq=False)
class EndStates:
    """State at one end of every piece, shape (pieces,) each; the errors hold for both axes.

    Attributes:
        position_var, cross_cov, velocity_var: covariance of position and velocity, m², m²/s, m²/s².
        height_m, height_var: mean height and its variance; NaN where unknown.
        stood_s: for how long the piece stayed at the place of its end until then, or from then on.
    """

    time_s: FloatArray
    x_m: FloatArray
    y_m: FloatArray
    vx_m_s: FloatArray
    vy_m_s: FloatArray
    position_var: FloatArray
    cross_cov: FloatArray
    velocity_var: FloatArray
    height_m: FloatArray
    height_var: FloatArray
    stood_s: FloatArray
    camera: IntArray

    def __len__(self) -> int:
        return len(self.time_s)

    def take(self, index: IntArray) -> EndStates:
        """Return the states of some pieces, in that order."""
        return EndStates(*(getattr(self, name)[index] for name in self.__slots__))


def estimate_first_states(rows: TrackletRows) -> EndStates:
    """Return the states at the first row of every piece."""
    return _estimate(rows, rows.time_s[rows.starts])


def estimate_last_states(rows: TrackletRows) -> EndStates:
    """Return the states at the last row of every piece."""
    return _estimate(rows, rows.time_s[rows.ends - 1])


def _estimate(rows: TrackletRows, at_s: FloatArray) -> EndStates:
    """Fit a weighted straight line to the rows within a window, with a prior on its slope."""
    piece = rows.piece_of_rows()
    elapsed_s = rows.time_s - at_s[piece]
    chosen = np.flatnonzero(np.abs(elapsed_s) <= WINDOW_S)
    piece, elapsed_s = piece[chosen], elapsed_s[chosen]
    count = len(rows)
    weight = rows.is_seen[chosen] / rows.sigma_m[chosen] ** 2
    # a piece without any seen row uses all its rows
    weight = np.where(np.bincount(piece, weight, count)[piece] > 0, weight, 1 / rows.sigma_m[chosen] ** 2)
    samples = np.bincount(piece, weight > 0, count)
    reach_s = np.zeros(count)
    np.maximum.at(reach_s, piece[weight > 0], np.abs(elapsed_s[weight > 0]))
    independent = np.maximum(1.0, np.minimum(samples, 1.0 + reach_s / CORRELATION_S))
    share = independent / np.maximum(samples, 1)
    s0 = np.bincount(piece, weight, count) * share
    s1 = np.bincount(piece, weight * elapsed_s, count) * share
    s2 = np.bincount(piece, weight * elapsed_s**2, count) * share + SPEED_PRIOR_M_S**-2
    determinant = s0 * s2 - s1**2
    states = []
    for values in (rows.x_m, rows.y_m):
        origin = values[rows.starts]
        offset = values[chosen] - origin[piece]
        sx = np.bincount(piece, weight * offset, count) * share
        sxt = np.bincount(piece, weight * offset * elapsed_s, count) * share
        states.append(((s2 * sx - s1 * sxt) / determinant + origin, (s0 * sxt - s1 * sx) / determinant))
    (x_m, vx), (y_m, vy) = states
    height_m, height_var = _measure_heights(rows)
    return EndStates(
        time_s=at_s,
        x_m=x_m,
        y_m=y_m,
        vx_m_s=vx,
        vy_m_s=vy,
        position_var=s2 / determinant,
        cross_cov=-s1 / determinant,
        velocity_var=s0 / determinant,
        height_m=height_m,
        height_var=height_var,
        stood_s=_measure_standing(rows, at_s, x_m, y_m),
        camera=rows.camera,
    )


def _measure_standing(rows: TrackletRows, at_s: FloatArray, x_m: FloatArray, y_m: FloatArray) -> FloatArray:
    """Return for how long each piece was within a place's width of ``x_m``, ``y_m`` around ``at_s``."""
    piece = rows.piece_of_rows()
    stood_s = rows.time_s[rows.ends - 1] - rows.time_s[rows.starts]
    gone = np.flatnonzero(np.hypot(rows.x_m - x_m[piece], rows.y_m - y_m[piece]) > SCALES.place_m)
    np.minimum.at(stood_s, piece[gone], np.abs(rows.time_s[gone] - at_s[piece[gone]]))
    return stood_s


HEIGHT_SIGMA_M = 0.06
"""Standard deviation of one measured height, mostly common to a tracklet's rows of a moment."""
HEIGHT_BIAS_SIGMA_M = 0.025
"""Standard deviation that does not average out: posture, and the place in the picture. Tracklets of one
simulated person differ by 0.02 m and, if short, by 0.04 m."""


def _measure_heights(rows: TrackletRows) -> tuple[FloatArray, FloatArray]:
    piece = rows.piece_of_rows()
    known = np.flatnonzero(np.isfinite(rows.height_m) & rows.is_seen)
    count = np.bincount(piece[known], minlength=len(rows))
    total = np.bincount(piece[known], rows.height_m[known], len(rows))
    with np.errstate(invalid="ignore", divide="ignore"):
        height_m = np.where(count > 0, total / count, np.nan)
    lasted_s = rows.time_s[rows.ends - 1] - rows.time_s[rows.starts]
    independent = np.maximum(1.0, np.minimum(count, 1.0 + lasted_s / CORRELATION_S))
    height_var = HEIGHT_SIGMA_M**2 / independent + HEIGHT_BIAS_SIGMA_M**2
    return height_m, np.where(count > 0, height_var, np.nan)

"""A crowd at equally spaced times, as one table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from tools.simulation.crowd.visitor_paths import VisitorPaths


@dataclass(frozen=True, slots=True, eq=False)
class CrowdSamples:
    """Positions of everyone at each of the times.

    Attributes:
        times_s: the moments, shape (k,).
        frame: index of the moment, shape (n,), not falling.
        visitor: number, shape (n,).
        xy_m: shape (n, 2).
    """

    times_s: FloatArray
    frame: IntArray
    visitor: IntArray
    xy_m: FloatArray


def sample_crowd_at(*, paths: VisitorPaths, times_s: FloatArray) -> CrowdSamples:
    """Return exact positions at the given rising times, shape (k,)."""
    frames, visitors, positions = [np.empty(0, np.int64)], [np.empty(0, np.int64)], [np.empty((0, 2))]
    for path in paths.paths:
        own_s = path.times_s
        first, last = np.searchsorted(times_s, own_s[0]), np.searchsorted(times_s, own_s[-1], side="right")
        if first >= last:
            continue
        at_s = times_s[first:last]
        frames.append(np.arange(first, last))
        visitors.append(np.full(last - first, path.visitor))
        positions.append(np.column_stack([np.interp(at_s, own_s, path.xy_m[:, axis]) for axis in (0, 1)]))
    frame = np.concatenate(frames)
    order = np.argsort(frame, kind="stable")
    return CrowdSamples(
        times_s, frame[order], np.concatenate(visitors)[order], np.concatenate(positions)[order]
    )

"""Positions of lost people predicted from the companions they were with.

People who came together stay together, or wait for each other: ten seconds after someone was lost beside a
companion, the companion's path predicts their position better than their own last movement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.visitors.tracklet_pairs import STEP_S, TrackletSamples, sample_tracklets
from analytics.visitors.tracklet_rows import TrackletRows
from analytics.visitors.visitor_settings import SCALES, STITCH

NOWHERE = -np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """Positions of all groups of pieces at common moments.

    Attributes:
        first_piece, last_piece: of every group, the piece that begins first and the one that ends last.
        key: group times ``steps`` plus step of every sample, ascending; ``sample``: its index.
    """

    samples: TrackletSamples
    group: IntArray
    first_piece: IntArray
    last_piece: IntArray
    steps: int
    key: IntArray
    sample: IntArray

    @staticmethod
    def of(rows: TrackletRows, *, group: IntArray, first_piece: IntArray, last_piece: IntArray) -> Company:
        """Return the company of pieces, ``group`` of shape (pieces,), the other arrays of shape (groups,)."""
        samples = sample_tracklets(rows)
        steps = int(samples.step.max(initial=0)) + 1
        key, sample = np.unique(group[samples.piece] * steps + samples.step, return_index=True)
        return Company(samples, group, first_piece, last_piece, steps, key, sample)

    def weigh(self, end: IntArray, beginning: IntArray, gap_s: FloatArray) -> FloatArray:
        """Return the log density, per m², of where each group begins, given companions of the one that ended.

        Pair by pair, shape (pairs,): the mean over companions; minus infinity for a short gap or without a
        companion who is present again.
        """
        result = np.full(len(end), NOWHERE)
        asked = np.flatnonzero(gap_s >= SCALES.lasting_s)
        if not len(asked):
            return result
        lost, companion = self._find_companions(np.unique(end[asked]))
        low = np.searchsorted(lost, end[asked])
        count = np.searchsorted(lost, end[asked], side="right") - low
        pair = np.repeat(asked, count)
        place = np.arange(len(pair)) + np.repeat(low - (np.cumsum(count) - count), count)
        companion = companion[place]
        offset = self.samples.offset
        first_piece = self.first_piece[beginning[pair]]
        then = offset[self.last_piece[end[pair]] + 1] - 1
        now = np.minimum(offset[first_piece], len(self.samples.step) - 1)
        beside_then = self._find(companion, self.samples.step[then])
        beside_now = self._find(companion, self.samples.step[now])
        is_told = (beside_then >= 0) & (beside_now >= 0) & (offset[first_piece + 1] > offset[first_piece])
        is_told &= companion != beginning[pair]
        pair, then, now = pair[is_told], then[is_told], now[is_told]
        beside_then, beside_now = beside_then[is_told], beside_now[is_told]
        samples = self.samples
        apart2 = sum(
            (values[now] - values[beside_now] - values[then] + values[beside_then]) ** 2
            for values in (samples.x_m, samples.y_m)
        )
        variance = SCALES.apart_m**2 + samples.variance[then] + samples.variance[now]
        np.logaddexp.at(result, pair, -0.5 * apart2 / variance - np.log(2 * np.pi * variance))
        result -= np.log(np.maximum(np.bincount(pair, minlength=len(end)), 1))
        return result

    def _find_companions(self, ended: IntArray) -> tuple[IntArray, IntArray]:
        """Return groups among ``ended``, ascending, and a companion of each, pair by pair."""
        samples = self.samples
        window = round(SCALES.recent_s / STEP_S)
        stop = samples.offset[self.last_piece[ended] + 1]
        start = np.maximum(samples.offset[self.last_piece[ended]], stop - window)
        count = stop - start
        looks = np.arange(count.sum()) + np.repeat(start - (np.cumsum(count) - count), count)
        whose = np.repeat(ended, count)
        near, query = samples.find_around(
            samples.step[looks], samples.x_m[looks], samples.y_m[looks], reach_m=SCALES.nearby_m
        )
        other = self.group[samples.piece[near]]
        is_other = other != whose[query]
        groups = len(self.first_piece)
        # a companion seen by two cameras counts once
        moments = np.unique(np.stack([whose[query] * groups + other, query])[:, is_other], axis=1)
        pair, times = np.unique(moments[0], return_counts=True)
        pair = pair[times * STEP_S >= STITCH.company_s]
        return pair // groups, pair % groups

    def _find(self, group: IntArray, step: IntArray) -> IntArray:
        """Return the sample of each group at a step; -1 if it has none."""
        wanted = group * self.steps + step
        place = np.minimum(np.searchsorted(self.key, wanted), max(len(self.key) - 1, 0))
        return np.where(self.key[place] == wanted, self.sample[place], -1)

"""Links tracklets that continue one another after a time in which the person was unseen.

Every end is a person who leaves, or one who is lost and found again; every beginning is a person who comes,
or one who is found. A possible link is weighed by the log ratio of the two explanations' likelihoods; the
assignment with the largest sum is chosen, and each link's probability among all assignments is its
confidence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.visitors.company import Company
from analytics.visitors.link_assignment import are_found, choose_links, compute_link_probabilities
from analytics.visitors.motion_likelihood import (
    compute_log_height_ratio,
    compute_log_motion,
    compute_log_velocity,
    compute_reach,
)
from analytics.visitors.switches.turnover_map import TurnoverMap, TurnoverPrior
from analytics.visitors.tracklet_ends import EndStates
from analytics.visitors.visitor_settings import SCALES, STITCH

PAIRS_AT_ONCE = 2_000_000
MIN_LOG_RATIO = -6.0
"""Links less likely than this are ignored, also as rivals."""


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Links from the end of one piece to the beginning of another, shape (links,) each."""

    end: IntArray
    beginning: IntArray
    gap_s: FloatArray
    confidence: FloatArray


def stitch_gaps(
    *,
    first: EndStates,
    last: EndStates,
    company: Company,
    turnover: TurnoverPrior,
    is_outage_between: Callable[[EndStates, EndStates], BoolArray],
) -> Links:
    """Link pieces of tracks whose states at both ends are ``first`` and ``last``.

    Args:
        company: of these pieces.
        turnover: prior of where people come and go.
        is_outage_between: function that returns for pairs (last, first) whether the cameras were off too
            long.
    """
    count = len(first)
    end, beginning = _find_candidates(first, last)
    blocked = is_outage_between(last.take(end), first.take(beginning))
    end, beginning = end[~blocked], beginning[~blocked]
    if not len(end):
        empty = np.empty(0, np.int64)
        return Links(empty, empty, np.empty(0), np.empty(0))
    evidence = compute_evidence(
        last.take(end),
        first.take(beginning),
        beside=company.weigh(end, beginning, first.time_s[beginning] - last.time_s[end]),
    )
    is_possible = np.isfinite(evidence)
    end, beginning, evidence = end[is_possible], beginning[is_possible], evidence[is_possible]
    log_ratio, probability = _weigh(end, beginning, evidence, first=first, last=last, turnover=turnover)
    sizes = {"ends": count, "beginnings": count}
    gain = np.where(probability > 0.05, log_ratio + SCALES.sure_log_ratio, 0.0)
    is_chosen = choose_links(end=end, beginning=beginning, gain=gain, **sizes)
    is_found = are_found(
        end=end, beginning=beginning, probability=probability, least=SCALES.majority, **sizes
    )
    kept = np.flatnonzero(is_chosen & is_found)
    end, beginning = end[kept], beginning[kept]
    return Links(end, beginning, first.time_s[beginning] - last.time_s[end], probability[kept])


def compute_evidence(last: EndStates, first: EndStates, *, beside: FloatArray | None = None) -> FloatArray:
    """Return the log density, per m² and second, of finding a lost person so, less that of anyone's state.

    Pair by pair, shape (pairs,); minus infinity if no walk leads there. ``beside`` as of ``Company.weigh``.
    """
    place = compute_log_motion(last, first)
    place -= compute_log_velocity(first)
    if beside is not None:
        share = STITCH.company_share
        mixed = np.logaddexp(np.log(1 - share) + place, np.log(share) + beside)
        place = np.where(np.isfinite(beside) & np.isfinite(place), mixed, place)
    return np.asarray(
        place + compute_log_height_ratio(last, first) + _log_gap(last, first),
        np.float64,
    )


def _log_gap(last: EndStates, first: EndStates) -> FloatArray:
    """Return the log density per second of the time for which a lost person stays unseen.

    Some of those who stand are unseen for about as long as they were seen, behind others who stand.
    """
    gap_s = first.time_s - last.time_s
    unseen_s = np.maximum(gap_s, 0.0)
    share, longer_s = SCALES.outlying_share, STITCH.mean_gap_s + last.stood_s
    density = (1 - share) * np.exp(-unseen_s / STITCH.mean_gap_s) / STITCH.mean_gap_s
    density += share * np.exp(-unseen_s / longer_s) / longer_s
    return np.asarray(np.log(np.where(gap_s > 0, density, STITCH.overlap_odds)), np.float64)


def _weigh(
    end: IntArray,
    beginning: IntArray,
    evidence: FloatArray,
    *,
    first: EndStates,
    last: EndStates,
    turnover: TurnoverPrior,
) -> tuple[FloatArray, FloatArray]:
    """Return log ratio and probability of each possible link."""
    count = len(first)
    period_s = max(float(last.time_s.max() - first.time_s.min()), 1.0)
    leaves, comes = turnover.estimate(last, forward=True), turnover.estimate(first, forward=False)
    arrivals = TurnoverMap(first.x_m, first.y_m, sigma_m=SCALES.place_m).measure_density(comes)
    log_ratio = (
        evidence
        + np.log((1 - leaves) / leaves)[end]
        - np.log(np.maximum(arrivals / period_s, 1e-12))[beginning]
    )
    used = np.flatnonzero(log_ratio >= MIN_LOG_RATIO)
    probability = np.zeros(len(end))
    probability[used] = compute_link_probabilities(
        end=end[used], beginning=beginning[used], log_ratio=log_ratio[used], ends=count, beginnings=count
    )
    return log_ratio, probability


def _find_candidates(first: EndStates, last: EndStates) -> tuple[IntArray, IntArray]:
    """Return pairs (end, beginning) near enough in time and on the floor."""
    order = np.argsort(first.time_s, kind="stable")
    begun_s = first.time_s[order]
    low = np.searchsorted(begun_s, last.time_s - SCALES.lasting_s, side="left")
    horizon_s = np.where(last.stood_s >= SCALES.recent_s, STITCH.longest_hidden_s, SCALES.gone_s)
    high = np.searchsorted(begun_s, last.time_s + horizon_s, side="right")
    ends, beginnings = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for chunk in _chunks(high - low):
        counts = high[chunk] - low[chunk]
        end = np.repeat(chunk, counts)
        place = np.arange(len(end)) - np.repeat(np.cumsum(counts) - counts, counts)
        beginning = order[low[end] + place]
        reach_m = compute_reach(last.take(end), first.take(beginning))
        distance_m = np.hypot(first.x_m[beginning] - last.x_m[end], first.y_m[beginning] - last.y_m[end])
        is_later = (
            (first.time_s[beginning] > first.time_s[end])
            & (last.time_s[beginning] > last.time_s[end])
            & (beginning != end)
        )
        stays = (distance_m <= SCALES.place_m) & (first.stood_s[beginning] >= SCALES.sure_s)
        is_soon = first.time_s[beginning] - last.time_s[end] <= SCALES.gone_s
        near = is_later & (distance_m <= reach_m) & (is_soon | stays)
        ends.append(end[near])
        beginnings.append(beginning[near])
    return np.concatenate(ends), np.concatenate(beginnings)


def _chunks(counts: IntArray) -> Iterator[IntArray]:
    """Yield consecutive indices whose counts add up to about ``PAIRS_AT_ONCE``."""
    if len(counts):
        part = np.cumsum(counts) // PAIRS_AT_ONCE
        yield from np.split(np.arange(len(counts)), np.flatnonzero(np.diff(part)) + 1)

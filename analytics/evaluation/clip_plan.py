"""The number of clips per stratum to label for an interval of a given width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analytics.domain.arrays import FloatArray, IntArray
from analytics.evaluation.clip_strata import MIN_CLIPS, Stratum, StratumLoad, collapse_strata
from analytics.evaluation.stratified_ratio import compute_t_quantile

TARGET_MARGIN = 0.05
CLIP_S = 60.0
PRIOR_ERROR_VARIANCE = 0.15
"""Variance of the errors of a clip per true crossing, before any was seen: in simulated scenes of 16 to 34
people in view it was 0.07 to 0.18 (``benchmarks/validation_intervals``). What is seen in labelled clips
replaces it."""
PRIOR_HEAD_VARIANCE = 0.04
"""The same per head in a head count, where it was 0.01 to 0.04: lost people are often found again at once."""
PRIOR_CLIPS = 4.0
"""Weight of either prior, in labelled clips."""
MAX_CLIPS = 2000
"""Maximum number of clips, more than a day of labelling."""


@dataclass(frozen=True, slots=True)
class ErrorSpread:
    """The variation of errors between clips.

    Attributes:
        variance_per_event: of found less ratio times true in a clip, over the mean number of true events.
        clips: number of labelled clips it is based on, less one per stratum.
    """

    variance_per_event: float = PRIOR_ERROR_VARIANCE
    clips: int = 0


PRIOR_SPREAD = ErrorSpread()
PRIOR_HEAD_SPREAD = ErrorSpread(PRIOR_HEAD_VARIANCE)


@dataclass(frozen=True, slots=True)
class StratumClips:
    """The number of needed clips of one stratum."""

    load: StratumLoad
    clips: int


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """The clips to label.

    Attributes:
        clip_s: length of a clip.
        strata: all of the venue; some may need no clip of their own, as they are merged with others.
        margin: expected half width of the interval; None if the number of events is unknown.
        wanted_margin: requested half width.
        spread: assumed variation of errors.
    """

    clip_s: float
    strata: tuple[StratumClips, ...]
    margin: float | None
    wanted_margin: float = TARGET_MARGIN
    spread: ErrorSpread = field(default_factory=ErrorSpread)

    @property
    def clips(self) -> int:
        """Return the number of clips."""
        return sum(stratum.clips for stratum in self.strata)

    @property
    def minutes(self) -> float:
        """Return the total duration of all clips."""
        return self.clips * self.clip_s / 60.0

    @property
    def is_reachable(self) -> bool:
        """Return whether the clips give the requested interval; there may be too few events in them."""
        return self.margin is not None and self.margin <= self.wanted_margin + 1e-9


def plan_clips(
    loads: Sequence[StratumLoad],
    *,
    events_per_min: Mapping[Stratum, float],
    clip_s: float = CLIP_S,
    margin: float = TARGET_MARGIN,
    spread: ErrorSpread = PRIOR_SPREAD,
) -> ClipPlan:
    """Plan the minimum number of clips that gives found over true to within ``margin``, by stratum.

    The variance of a clip's errors is ``spread.variance_per_event`` times its expected events, so that the
    optimal allocation takes clips in proportion to the stratum's size times the root of its rate (Neyman;
    Cochran 1977, 5.26), two at least of every joined stratum. The half width is Student's t times the
    standard error of the combined ratio (Cochran 6.44), as in ``estimate_ratio``.

    Args:
        events_per_min: expected true events (crossings, or heads for a head count per clip divided by the
            clip's minutes) of each stratum; an absent one has none.
    """
    size = np.array([load.seconds for load in loads])
    events = np.array([events_per_min.get(load.stratum, 0.0) * clip_s / 60.0 for load in loads])
    total = float(size @ events)
    if not len(loads) or total <= 0:
        return ClipPlan(clip_s, tuple(StratumClips(load, 0) for load in loads), None, margin, spread)
    fewest, enough = MIN_CLIPS, MAX_CLIPS
    while fewest < enough:
        middle = (fewest + enough) // 2
        if _predict(loads, size, events, middle, spread)[1] <= margin:
            enough = middle
        else:
            fewest = middle + 1
    allocated, reached = _predict(loads, size, events, enough, spread)
    strata = tuple(
        StratumClips(load, int(count)) for load, count in zip(loads, allocated.tolist(), strict=True)
    )
    return ClipPlan(clip_s, strata, reached, margin, spread)


def allocate_clips(size: FloatArray, deviation: FloatArray, clips: int) -> IntArray:
    """Allocate clips in proportion to size times standard deviation (Neyman).

    Args:
        size: of each stratum, shape (strata,).
        deviation: standard deviation of a clip's errors in it.

    Returns:
        Whole numbers with the sum ``clips``; those with the largest remainders are rounded up.
    """
    share = size * deviation
    ideal = clips * share / share.sum()
    allocated: IntArray = np.floor(ideal).astype(np.int64)
    missed = np.argsort(allocated - ideal, kind="stable")
    allocated[missed[: clips - int(allocated.sum())]] += 1
    return allocated


def learn_spread(
    *, found: FloatArray, true: FloatArray, stratum: IntArray, ratio: float | None, prior: ErrorSpread
) -> ErrorSpread:
    """Estimate the variation of errors from labelled clips and the prior.

    Args:
        found, true, stratum: of each labelled clip, shape (clips,); strata are 0, 1, ….
        ratio: found over true; None: nothing true was labelled, and the assumption stays.
    """
    if ratio is None or true.sum() <= 0:
        return prior
    strata = int(stratum.max(initial=-1)) + 1
    taken = np.bincount(stratum, minlength=strata)
    differences = found - ratio * true
    mean = np.bincount(stratum, differences, strata) / np.maximum(taken, 1)
    freedom = int((taken[taken > 0] - 1).sum())
    if freedom < 1:
        return prior
    squares = float(((differences - mean[stratum]) ** 2).sum())
    # stopping after few errors by chance would be too early (Cochran 1977, 4.7)
    seen = squares / freedom / float(true.mean()) * (1 + 2 / freedom)
    variance = (PRIOR_CLIPS * prior.variance_per_event + freedom * seen) / (PRIOR_CLIPS + freedom)
    return ErrorSpread(variance, freedom)


def _predict(
    loads: Sequence[StratumLoad], size: FloatArray, events: FloatArray, clips: int, spread: ErrorSpread
) -> tuple[IntArray, float]:
    """Return the allocation of a number of clips, and the expected half width of the interval."""
    variance = spread.variance_per_event * events
    strata = [load.stratum for load in loads]
    wanted = allocate_clips(size, np.sqrt(variance), clips)
    groups = collapse_strata(strata, dict(zip(strata, wanted.tolist(), strict=True)))
    place = {stratum: index for index, group in enumerate(groups) for stratum in group}
    group = np.array([place[stratum] for stratum in strata])
    taken = np.bincount(group, wanted, len(groups))
    size_of = np.bincount(group, size, len(groups))
    if (taken < MIN_CLIPS).any():
        return wanted, np.inf
    within = np.bincount(group, size * variance, len(groups)) / size_of
    squared = float((size_of**2 * within / taken).sum()) / float(size @ events) ** 2
    freedom = max(1.0, float((taken - 1).sum()))
    return wanted, compute_t_quantile(freedom) * float(np.sqrt(squared))

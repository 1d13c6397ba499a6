"""Accuracy of a system from labelled clips: counting, occupancy, dwell and floor, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from analytics.domain.arrays import FloatArray
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_comparison import ClipComparison, MatchedCount
from analytics.evaluation.scores import Score

MIN_LABELLED_CLIPS = 6
MIN_EVENTS = 20
"""Minimum events for a score. In 1104 simulated validations with 6 clips and 20 events or more
the 95 % interval held the truth in 98 to 100 %, at half widths of 0.08 to 0.6 by the kind of hall: wide, but
right. With 3 or 4 clips Student's t has one or two degrees of freedom, and the width is an accident."""
MIN_PLACES = 6
"""Minimum marks at different known places; fewer say little about the floor between them."""


@dataclass(frozen=True, slots=True)
class CountScore:
    """Found against true numbers of a counted quantity.

    Attributes:
        count: over all labelled clips.
        clips: number of clips with such labels.
        accuracy: 1 - |found - true| / true, over all clips; no value with too few labels.
        bias: (found - true) / true, signed.
        mape_per_min: mean of |found - true| / true over minutes with crossings; None for other quantities.
        recall, precision: share of true ones that were found, and of found ones that are true.
        is_enough: whether there are enough labels for a number.
    """

    count: MatchedCount
    clips: int
    accuracy: Score
    bias: Score
    mape_per_min: float | None
    recall: Score
    precision: Score
    is_enough: bool


@dataclass(frozen=True, slots=True)
class DwellScore:
    """Labelled stays compared with the visits found for them.

    Attributes:
        count: complete stays, and those with a visit.
        bias: (found - true) / true of the seconds of stays with a visit.
        absolute_error_s: mean of |found - true|.
        found_share: share of labelled stays with a visit.
    """

    count: MatchedCount
    clips: int
    bias: Score
    absolute_error_s: float | None
    found_share: Score
    is_enough: bool


@dataclass(frozen=True, slots=True)
class FloorScore:
    """Position errors on the floor.

    Attributes:
        clicks: number of clicked people who were found.
        rms_m: from their floor point to the found position; the calibration is common to both.
        places: number of clicked marks with a known place.
        place_rms_m: from the calibrated floor point of each mark to its known place.
    """

    clicks: int
    rms_m: Score
    places: int
    place_rms_m: Score
    is_enough: bool


@dataclass(frozen=True, slots=True)
class CameraScores:
    """Scores of one camera, or of all (``camera`` None).

    Attributes:
        minutes: labelled minutes.
    """

    camera: CameraId | None
    clips: int
    minutes: float
    counting: CountScore
    occupancy: CountScore
    dwell: DwellScore
    floor: FloorScore


@dataclass(frozen=True, slots=True)
class ClipScores:
    """Scores of all labels of a venue."""

    total: CameraScores
    cameras: tuple[CameraScores, ...]


def score_clips(comparisons: Sequence[ClipComparison]) -> ClipScores:
    """Score all clips together, and those of each camera.

    Intervals are over clips, drawn at random (``estimate_ratio``); shares have those of Wilson.
    """
    cameras = sorted({comparison.clip.camera for comparison in comparisons})
    return ClipScores(
        _score(comparisons, None),
        tuple(_score([c for c in comparisons if c.clip.camera == name], name) for name in cameras),
    )


def _score(comparisons: Sequence[ClipComparison], camera: CameraId | None) -> CameraScores:
    return CameraScores(
        camera=camera,
        clips=len(comparisons),
        minutes=sum(comparison.clip.seconds for comparison in comparisons) / 60.0,
        counting=_score_count(comparisons, lambda clip: clip.crossings, is_crossing=True),
        occupancy=_score_count(comparisons, lambda clip: clip.heads, is_crossing=False),
        dwell=_score_dwell(comparisons),
        floor=_score_floor(comparisons),
    )


def _score_count(
    comparisons: Sequence[ClipComparison],
    choose: Callable[[ClipComparison], MatchedCount | None],
    *,
    is_crossing: bool,
) -> CountScore:
    clips = [comparison for comparison in comparisons if choose(comparison) is not None]
    counts = [choose(clip) or MatchedCount() for clip in clips]
    total = _add(counts)
    is_enough = len(clips) >= MIN_LABELLED_CLIPS and total.true >= MIN_EVENTS
    if not is_enough:
        return CountScore(total, len(clips), Score(None), Score(None), None, Score(None), Score(None), False)
    ratio = estimate_ratio(
        ClipTotals(
            found=np.array([count.found for count in counts], np.float64),
            true=np.array([count.true for count in counts], np.float64),
            # a head off by more than the gate is missed and too many, and the count is right all the same
            errors=float(total.errors if is_crossing else sum(abs(c.found - c.true) for c in counts)),
        )
    )
    return CountScore(
        count=total,
        clips=len(clips),
        accuracy=_to_accuracy(ratio),
        bias=_to_bias(ratio),
        mape_per_min=_find_mape(clips) if is_crossing else None,
        recall=estimate_share(hits=total.matched, total=total.true),
        precision=estimate_share(hits=total.matched, total=total.found),
        is_enough=True,
    )


def _score_dwell(comparisons: Sequence[ClipComparison]) -> DwellScore:
    clips = [comparison for comparison in comparisons if comparison.stays is not None]
    total = _add([clip.stays or MatchedCount() for clip in clips])
    pairs = np.concatenate([np.empty((0, 2)), *(clip.stay_seconds for clip in clips)])
    if len(clips) < MIN_LABELLED_CLIPS or len(pairs) < MIN_EVENTS:
        return DwellScore(total, len(clips), Score(None), None, Score(None), False)
    ratio = estimate_ratio(
        ClipTotals(
            found=np.array([clip.stay_seconds[:, 1].sum() for clip in clips]),
            true=np.array([clip.stay_seconds[:, 0].sum() for clip in clips]),
        )
    )
    return DwellScore(
        count=total,
        clips=len(clips),
        bias=_to_bias(ratio),
        absolute_error_s=float(np.abs(pairs[:, 1] - pairs[:, 0]).mean()),
        found_share=estimate_share(hits=total.matched, total=total.true),
        is_enough=True,
    )


def _score_floor(comparisons: Sequence[ClipComparison]) -> FloorScore:
    clicks = [clip.click_error_m for clip in comparisons if len(clip.click_error_m)]
    places = [error.reshape(1) for clip in comparisons for error in clip.place_error_m]
    count = sum(map(len, clicks))
    is_enough = len(clicks) >= MIN_LABELLED_CLIPS and count >= MIN_EVENTS
    return FloorScore(
        clicks=count,
        rms_m=_find_rms(clicks) if is_enough else Score(None),
        places=len(places),
        place_rms_m=_find_rms(places) if len(places) >= MIN_PLACES else Score(None),
        is_enough=is_enough,
    )


def _find_rms(errors_m: Sequence[FloatArray]) -> Score:
    """Return the root mean square, with its interval by the ratio estimator over clips (or marks)."""
    mean_square = estimate_ratio(
        ClipTotals(
            found=np.array([float((errors**2).sum()) for errors in errors_m]),
            true=np.array([float(len(errors)) for errors in errors_m]),
        )
    )
    if mean_square.value is None:
        return mean_square
    low, high = mean_square.interval or (mean_square.value, mean_square.value)
    return Score(float(np.sqrt(mean_square.value)), (float(np.sqrt(max(low, 0.0))), float(np.sqrt(high))))


def _find_mape(clips: Sequence[ClipComparison]) -> float | None:
    true = np.concatenate([np.empty(0), *(clip.minute_true for clip in clips)])
    found = np.concatenate([np.empty(0), *(clip.minute_found for clip in clips)])
    counted = true > 0
    return float((np.abs(found - true)[counted] / true[counted]).mean()) if counted.any() else None


def _to_accuracy(ratio: Score) -> Score:
    """Convert to 1 - |ratio - 1|; if 1 lies in the interval, the upper end is exactly 1."""
    if ratio.value is None or ratio.interval is None:
        return Score(None if ratio.value is None else 1 - abs(ratio.value - 1))
    low, high = ratio.interval
    ends = 1 - abs(low - 1), 1 - abs(high - 1)
    best = 1.0 if low <= 1 <= high else max(ends)
    return Score(1 - abs(ratio.value - 1), (min(ends), best))


def _to_bias(ratio: Score) -> Score:
    if ratio.value is None:
        return ratio
    interval = None if ratio.interval is None else (ratio.interval[0] - 1, ratio.interval[1] - 1)
    return Score(ratio.value - 1, interval)


def _add(counts: Sequence[MatchedCount]) -> MatchedCount:
    return MatchedCount(
        sum(count.true for count in counts),
        sum(count.found for count in counts),
        sum(count.matched for count in counts),
    )


CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class ClipTotals:
    """Found and true totals of each clip.

    Attributes:
        found, true: shape (clips,), of one unit such as crossings, heads or seconds.
        errors: number of single errors (missed or false) in all clips together; None for other quantities.
    """

    found: FloatArray
    true: FloatArray
    errors: float | None = None


def estimate_ratio(totals: ClipTotals) -> Score:
    """Estimate found over true, with its 95 % interval; no value if nothing is true.

    The value is the ratio estimator Σ c / Σ t with the variance n / (n - 1) Σ d² / (Σ t)², d = c - R t
    (Cochran 1977, Sampling Techniques, 6.4), and Student's t. There is no correction for finite populations:
    clips tell of the hours to come as well as of those they were drawn from. Clips without any error would
    make this interval empty, and a few errors make it too narrow; so it is at least as wide as the exact
    Poisson limits of the number of errors (Garwood 1936, Biometrika 28, 437) allow, where things are counted.
    """
    found, true, clips = totals.found, totals.true, len(totals.true)
    denominator = float(true.sum())
    if denominator <= 0:
        return Score(None)
    ratio = float(found.sum()) / denominator
    if clips < 2:
        return Score(ratio)
    squares = float(((found - ratio * true) ** 2).sum())
    error = float(np.sqrt(clips / (clips - 1) * squares)) / denominator
    t = float(special.stdtrit(clips - 1, 0.5 + CONFIDENCE / 2))
    reach = max(t * error, _limit_by_errors(totals))
    return Score(ratio, (max(0.0, ratio - reach), ratio + reach))


def limit_poisson(events: float) -> float:
    """Return the distance from a count to Garwood's upper limit of its true mean."""
    return float(special.chdtri(2 * (events + 1), 0.5 - CONFIDENCE / 2) / 2 - events)


def estimate_share(*, hits: int, total: int) -> Score:
    """Estimate a share with the interval of Wilson (1927, JASA 22, 209), valid for small numbers, too."""
    if total <= 0:
        return Score(None)
    z = float(special.ndtri(0.5 + CONFIDENCE / 2))
    share = hits / total
    centre = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    reach = z * np.sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    return Score(share, (max(0.0, float(centre - reach)), min(1.0, float(centre + reach))))


def _limit_by_errors(totals: ClipTotals) -> float:
    true = float(totals.true.sum())
    return 0.0 if totals.errors is None or true <= 0 else limit_poisson(totals.errors) / true

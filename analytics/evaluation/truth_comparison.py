"""Comparison of a result with the truth: all scores printed by ``evaluate``."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.evaluation.block_intervals import Blocks, make_blocks
from analytics.evaluation.crossing_scores import score_crossings
from analytics.evaluation.floor_identities import STEP_S, FloorIdentities, compare_identities, place_on_grid
from analytics.evaluation.result_reading import ResultFiles
from analytics.evaluation.scores import Score, Scores
from analytics.evaluation.visit_scores import score_visits


def compare_results(*, truth: ResultFiles, against: ResultFiles) -> Scores:
    """Compute every score of a result, with intervals over the blocks of the period.

    Raises:
        ResultFileError: the two have no zone in common.
    """
    start_s, end_s = _find_period(truth)
    blocks = make_blocks(start_s=start_s, end_s=end_s)
    visits = score_visits(truth=truth, against=against, blocks=blocks)
    crossings = score_crossings(truth=truth, against=against, blocks=blocks)
    times_s = np.arange(start_s, end_s + 1e-6, STEP_S)
    true_positions = place_on_grid(tracks=truth.tracks, times_s=times_s)
    floor = compare_identities(
        truth=true_positions,
        found=place_on_grid(tracks=against.tracks, times_s=times_s),
        block_of_time=blocks.find(times_s),
    )
    # a person belongs to the block of the first appearance; one seen between two moments alone has none
    people, first = np.unique(true_positions.person, return_index=True)
    person_block = np.zeros(len(true_positions.ids), np.int64)
    person_block[people] = blocks.find(times_s[true_positions.moment[first]])
    followed = floor.identities_of_people > 0
    return Scores(
        visits=visits.visits,
        mean_dwell=visits.mean_dwell,
        median_dwell=visits.median_dwell,
        person_seconds=visits.person_seconds,
        whole_long_stays=visits.whole_long_stays,
        identities_per_person=_average(floor.identities_of_people[followed], person_block[followed], blocks),
        double_people=_average(floor.is_double[followed], person_block[followed], blocks, maximum=1.0),
        idf1=blocks.score(floor.idf1, maximum=1.0),
        hota=blocks.score(floor.hota, maximum=1.0),
        floor_error_rms_m=_score_rms(floor, blocks),
        floor_error_median_m=blocks.score(lambda weight: _find_median(floor, weight)),
        crossings=crossings.ratio,
        crossing_recall=crossings.recall,
        crossing_precision=crossings.precision,
        long_stays=visits.long_stays,
        people=len(people),
        identities=floor.identities,
        zones=visits.zones,
        lines=crossings.lines,
        block_s=round(float(np.diff(blocks.edges_s)[0]), 3),
        blocks=blocks.count,
        method=blocks.method,
    )


def _find_period(truth: ResultFiles) -> tuple[float, float]:
    duration = truth.summary.get("duration_s")
    duration_s = float(duration) if isinstance(duration, int | float) else 0.0
    time_s = truth.tracks["time_s"].to_numpy(np.float64)
    if not len(time_s):
        return 0.0, duration_s
    if 0 <= time_s[0] <= duration_s:
        return 0.0, max(duration_s, float(time_s[-1]))
    return float(time_s[0]), float(time_s[-1])


def _average(
    values: npt.NDArray[np.generic],
    block: npt.NDArray[np.int64],
    blocks: Blocks,
    *,
    maximum: float = math.inf,
) -> Score:
    numbers = values.astype(np.float64)

    def mean(weight: FloatArray) -> float | None:
        total = weight[block].sum()
        return float(weight[block] @ numbers / total) if total > 0 else None

    return blocks.score(mean, maximum=maximum)


def _score_rms(floor: FloorIdentities, blocks: Blocks) -> Score:
    squares = np.bincount(floor.matched_block, weights=floor.squared_error_m2, minlength=blocks.count)
    matches = np.bincount(floor.matched_block, minlength=blocks.count)

    def find_rms(weight: FloatArray) -> float | None:
        total = float(weight @ matches)
        return float(np.sqrt(weight @ squares / total)) if total > 0 else None

    return blocks.score(find_rms)


def _find_median(floor: FloorIdentities, weight: FloatArray) -> float | None:
    cumulative = np.cumsum(weight[floor.matched_block])
    if not len(cumulative) or cumulative[-1] <= 0:
        return None
    return float(np.sqrt(floor.squared_error_m2[np.searchsorted(cumulative, cumulative[-1] / 2)]))

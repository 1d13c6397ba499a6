"""Comparison of a result with the truth: all scores printed by ``evaluate``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.errors import ResultFileError
from analytics.evaluation.block_intervals import Blocks, make_blocks
from analytics.evaluation.crossing_scores import score_crossings
from analytics.evaluation.floor_identities import STEP_S, FloorIdentities, compare_identities, place_on_grid
from analytics.evaluation.result_reading import ResultFiles
from analytics.evaluation.scores import Score, Scores, ZoneScores

LONG_STAY_S = 60.0
WHOLE_SHARE = 0.8
"""Minimum share of a stay covered by one listed visit for the stay to count as whole."""


@dataclass(frozen=True, slots=True)
class VisitScores:
    """The part of ``Scores`` about visits."""

    visits: Score
    mean_dwell: Score
    median_dwell: Score
    person_seconds: Score
    whole_long_stays: Score
    long_stays: int
    zones: tuple[ZoneScores, ...]


def score_visits(*, truth: ResultFiles, against: ResultFiles, blocks: Blocks) -> VisitScores:
    """Compare zone by zone; the zones' ratios are averaged with equal weight.

    The result's numbers are those of its summary, which are estimates; where it has none, those of the
    visits that it lists. True numbers are of the listed visits.

    Raises:
        ResultFileError: no zone has the same name in both.
    """
    true_zones, found_zones = _read_zones(truth), _read_zones(against)
    names = sorted(set(true_zones) | set(truth.visits["zone"]))
    if names and not set(names) & (set(found_zones) | set(against.visits["zone"])):
        raise ResultFileError(
            "{path} has none of the zones of the ground truth: {zones}.",
            "Compare results that were made with the same zones.",
            path=against.folder,
            zones=", ".join(names),
        )
    pairs = [
        _ZonePair(
            name=name,
            true_summary=true_zones.get(name, {}),
            found_summary=found_zones.get(name, {}),
            true=_Listed.select(truth.visits, name, blocks),
            found=_Listed.select(against.visits, name, blocks),
        )
        for name in names
    ]
    is_whole, block = _find_covered_stays(truth.visits, against.visits, blocks)

    def share_whole(weight: FloatArray) -> float | None:
        total = weight[block].sum()
        return float(weight[block] @ is_whole / total) if total > 0 else None

    return VisitScores(
        visits=_average_ratios(pairs, blocks, _ZonePair.visits),
        mean_dwell=_average_ratios(pairs, blocks, _ZonePair.mean_dwell),
        median_dwell=_average_ratios(pairs, blocks, _ZonePair.median_dwell),
        person_seconds=_average_ratios(pairs, blocks, _ZonePair.person_seconds),
        whole_long_stays=blocks.score(share_whole, maximum=1.0),
        long_stays=len(is_whole),
        zones=tuple(pair.to_scores(np.ones(blocks.count)) for pair in pairs),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Listed:
    """The listed visits of a zone, ordered by seconds: seconds and starting block of each."""

    seconds: FloatArray
    block: npt.NDArray[np.int64]

    @staticmethod
    def select(visits: pd.DataFrame, zone: str, blocks: Blocks) -> _Listed:
        own = visits[visits["zone"] == zone].sort_values("seconds", kind="stable")
        return _Listed(
            own["seconds"].to_numpy(np.float64),
            blocks.find(own["entered_s"].to_numpy(np.float64)),
        )

    def count(self, weight: FloatArray) -> float:
        return float(weight[self.block].sum())

    def total_s(self, weight: FloatArray) -> float:
        return float(weight[self.block] @ self.seconds)

    def mean_s(self, weight: FloatArray) -> float | None:
        count = self.count(weight)
        return self.total_s(weight) / count if count > 0 else None

    def median_s(self, weight: FloatArray) -> float | None:
        total = np.cumsum(weight[self.block])
        if not len(total) or total[-1] <= 0:
            return None
        # of an even number of equal weights, the middle of the two in the middle
        low, high = (np.searchsorted(total, total[-1] / 2 + slack, side="right") for slack in (-1e-9, 1e-9))
        return float(self.seconds[[low, min(high, len(total) - 1)]].mean())


@dataclass(frozen=True, slots=True, eq=False)
class _ZonePair:
    name: str
    true_summary: dict[str, object]
    found_summary: dict[str, object]
    true: _Listed
    found: _Listed

    def visits(self, weight: FloatArray) -> float | None:
        return self._compare("visits", _Listed.count, weight)

    def mean_dwell(self, weight: FloatArray) -> float | None:
        return self._compare("mean_dwell_s", _Listed.mean_s, weight)

    def median_dwell(self, weight: FloatArray) -> float | None:
        return self._compare("median_dwell_s", _Listed.median_s, weight)

    def person_seconds(self, weight: FloatArray) -> float | None:
        return self._compare("person_seconds", _Listed.total_s, weight)

    def _compare(
        self, key: str, measure: Callable[[_Listed, FloatArray], float | None], weight: FloatArray
    ) -> float | None:
        """Return found over true; the summary's value varies between blocks like the listed visits."""
        found = self._scale(key, measure, self.found_summary, self.found, weight)
        true = measure(self.true, weight)
        if found is None or not true:
            return None
        return found / true

    @staticmethod
    def _scale(
        key: str,
        measure: Callable[[_Listed, FloatArray], float | None],
        summary: dict[str, object],
        listed: _Listed,
        weight: FloatArray,
    ) -> float | None:
        value = _read_number(summary, key)
        resampled, whole = measure(listed, weight), measure(listed, np.ones_like(weight))
        if value is None:
            return None if key in summary else resampled
        return value * resampled / whole if resampled is not None and whole else value

    def to_scores(self, once: FloatArray) -> ZoneScores:
        found_visits = _read_number(self.found_summary, "visits")
        if found_visits is None and "visits" not in self.found_summary:
            found_visits = float(len(self.found.seconds))
        return ZoneScores(
            zone=self.name,
            true_visits=len(self.true.seconds),
            found_visits=found_visits,
            visits=self.visits(once),
            mean_dwell=self.mean_dwell(once),
            median_dwell=self.median_dwell(once),
            person_seconds=self.person_seconds(once),
            visits_interval_holds=_holds(self.found_summary, "visits_interval", len(self.true.seconds)),
            mean_dwell_interval_holds=_holds(
                self.found_summary, "mean_dwell_interval_s", self.true.mean_s(once)
            ),
            median_dwell_interval_holds=_holds(
                self.found_summary, "median_dwell_interval_s", self.true.median_s(once)
            ),
        )


def _average_ratios(
    pairs: list[_ZonePair], blocks: Blocks, measure: Callable[[_ZonePair, FloatArray], float | None]
) -> Score:
    def mean(weight: FloatArray) -> float | None:
        ratios = [ratio for pair in pairs if (ratio := measure(pair, weight)) is not None]
        return float(np.mean(ratios)) if ratios else None

    return blocks.score(mean)


def _find_covered_stays(
    true: pd.DataFrame, found: pd.DataFrame, blocks: Blocks
) -> tuple[BoolArray, npt.NDArray[np.int64]]:
    """Return which long true visits are covered by one listed visit each, and their blocks.

    No listed visit stands for two true ones.
    """
    long_ones = true[true["seconds"] >= LONG_STAY_S].sort_values(["zone", "entered_s"], kind="stable")
    is_whole = []
    for zone, own in long_ones.groupby("zone", sort=True):
        listed = found[found["zone"] == zone]
        last_start = np.maximum.outer(own["entered_s"].to_numpy(), listed["entered_s"].to_numpy())
        first_end = np.minimum.outer(own["left_s"].to_numpy(), listed["left_s"].to_numpy())
        covers = first_end - last_start >= WHOLE_SHARE * own["seconds"].to_numpy()[:, None]
        row, column = linear_sum_assignment(covers, maximize=True)
        chosen = np.zeros(len(own), bool)
        chosen[row] = covers[row, column]
        is_whole.append(chosen)
    flags = np.concatenate([np.empty(0, bool), *is_whole])
    return flags, blocks.find(long_ones["entered_s"].to_numpy(np.float64))


def _read_zones(files: ResultFiles) -> dict[str, dict[str, object]]:
    zones = files.summary.get("zones")
    if not isinstance(zones, dict):
        return {}
    return {str(name): values for name, values in zones.items() if isinstance(values, dict)}


def _read_number(summary: dict[str, object], key: str) -> float | None:
    value = summary.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _holds(summary: dict[str, object], key: str, true: float | None) -> bool | None:
    limits = summary.get(key)
    if true is None or not isinstance(limits, list) or len(limits) != 2:
        return None
    if not all(isinstance(limit, int | float) for limit in limits):
        return None
    return bool(limits[0] <= true <= limits[1])


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

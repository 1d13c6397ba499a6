"""Visits, dwell and person-seconds of a result over those of the truth, by zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.errors import ResultFileError
from analytics.evaluation.block_intervals import Blocks
from analytics.evaluation.result_reading import ResultFiles
from analytics.evaluation.scores import Score, ZoneScores

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
        visits=_average(pairs, blocks, _ZonePair.visits),
        mean_dwell=_average(pairs, blocks, _ZonePair.mean_dwell),
        median_dwell=_average(pairs, blocks, _ZonePair.median_dwell),
        person_seconds=_average(pairs, blocks, _ZonePair.person_seconds),
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


def _average(
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

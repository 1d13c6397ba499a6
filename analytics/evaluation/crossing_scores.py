"""Scores of counting line crossings against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.evaluation.block_intervals import Blocks
from analytics.evaluation.result_reading import ResultFiles
from analytics.evaluation.scores import LineScores, Score

SAME_WITHIN_S = 2.0
"""Maximum time between a found and a true crossing of one line and direction that are matched."""


@dataclass(frozen=True, slots=True)
class CrossingScores:
    """The part of ``Scores`` about lines."""

    ratio: Score
    recall: Score
    precision: Score
    lines: tuple[LineScores, ...]


def score_crossings(*, truth: ResultFiles, against: ResultFiles, blocks: Blocks) -> CrossingScores:
    """Count and match the crossings of every line and direction."""
    true_s, found_s, true_is_met, found_is_met, lines = [], [], [], [], []
    keys = {
        (str(line), str(direction))
        for table in (truth.crossings, against.crossings)
        for line, direction in zip(table["line"], table["direction"], strict=True)
    }
    for line, direction in sorted(keys):
        true, found = (
            np.sort(
                table.loc[(table["line"] == line) & (table["direction"] == direction), "time_s"].to_numpy(
                    np.float64
                )
            )
            for table in (truth.crossings, against.crossings)
        )
        true_met, found_met = match_times(true, found)
        lines.append(LineScores(line, direction, len(true), len(found), int(true_met.sum())))
        true_s.append(true)
        found_s.append(found)
        true_is_met.append(true_met)
        found_is_met.append(found_met)
    nothing: FloatArray = np.empty(0)
    true_block = blocks.find(np.concatenate([nothing, *true_s]))
    found_block = blocks.find(np.concatenate([nothing, *found_s]))
    true_hit = np.concatenate([nothing, *true_is_met])
    found_hit = np.concatenate([nothing, *found_is_met])

    def ratio(weight: FloatArray) -> float | None:
        true = weight[true_block].sum()
        return float(weight[found_block].sum() / true) if true > 0 else None

    def recall(weight: FloatArray) -> float | None:
        true = weight[true_block].sum()
        return float(weight[true_block] @ true_hit / true) if true > 0 else None

    def precision(weight: FloatArray) -> float | None:
        found = weight[found_block].sum()
        return float(weight[found_block] @ found_hit / found) if found > 0 else None

    return CrossingScores(
        blocks.score(ratio),
        blocks.score(recall, maximum=1.0),
        blocks.score(precision, maximum=1.0),
        tuple(lines),
    )


def match_times(true: FloatArray, found: FloatArray) -> tuple[BoolArray, BoolArray]:
    """Match two ordered lists of times one to one, earliest first, which gives the most pairs.

    Returns:
        Whether each true and each found moment has its like within ``SAME_WITHIN_S``.
    """
    true_met, found_met = np.zeros(len(true), bool), np.zeros(len(found), bool)
    candidate = 0
    for index, moment in enumerate(true):
        while candidate < len(found) and found[candidate] < moment - SAME_WITHIN_S:
            candidate += 1
        if candidate < len(found) and found[candidate] <= moment + SAME_WITHIN_S:
            true_met[index] = found_met[candidate] = True
            candidate += 1
    return true_met, found_met

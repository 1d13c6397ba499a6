"""Coverage of comparison intervals in simulated fairs; ``benchmarks.comparison_intervals`` runs more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.comparison.block_figures import Metric
from analytics.comparison.period_comparison import Unit, choose_unit
from benchmarks.comparison_intervals import DESIGNS, METRICS, Tally, run_pairs

SMALL = 4.0
"""Groups per hour, so that a pair takes a tenth of a second."""


def run_small(name: str, *, pairs: int, is_null: bool = False) -> Tally:
    design = DESIGNS[name]
    design = replace(design, settings=replace(design.settings, groups_per_h=SMALL))
    return run_pairs(design, pairs=pairs, seed=11, is_null=is_null)


@pytest.mark.parametrize(
    ("name", "unit"), [("4 + 4 days", Unit.DAYS), ("2 + 2 days in halves, 5 controls", Unit.HALF_DAYS)]
)
def test_intervals_contain_the_true_change(name: str, unit: Unit) -> None:
    design = DESIGNS[name]
    assert choose_unit(days_a=design.days, days_b=design.days, controls=design.controls) is unit
    tally = run_small(name, pairs=8)
    assert sum(tally.intervals.values()) >= 8 * 7 * len(METRICS) * 0.9
    # the zones of a pair share its days: 8 pairs are not 8 times as many intervals
    assert 0.85 <= sum(tally.held.values()) / sum(tally.intervals.values()) <= 1.0


def test_no_change_is_rarely_called_significant() -> None:
    tally = run_small("4 + 4 days", pairs=8, is_null=True)
    assert tally.falsely_real <= 1
    assert sum(tally.alarms.values()) / sum(tally.unchanged.values()) <= 0.12


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "4 + 4 days",
        "4 + 4 days relative to 5 controls",
        "2 + 2 days in halves, 5 controls",
        "1 + 1 days, 5 controls",
    ],
)
def test_intervals_have_their_nominal_coverage(name: str) -> None:
    tally = run_pairs(DESIGNS[name], pairs=100, seed=3)
    null = run_pairs(DESIGNS[name], pairs=100, seed=4, is_null=True)
    for metric in METRICS:
        held = tally.held[metric] / tally.intervals[metric]
        assert 0.90 <= held <= 0.99, metric
        assert null.alarms[metric] / null.unchanged[metric] <= 0.08, metric
    assert null.falsely_real / null.pairs <= 0.08
    assert tally.found[Metric.MEAN_DWELL] > 0

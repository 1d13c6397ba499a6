"""Whether comparisons of periods hold what they say: intervals that hold the truth, and few false alarms.

Pairs of simulated fairs, of days that differ and of visitors who come in groups; some of the zones change
by a factor that is known, the others do not.

``python -m benchmarks.comparison_intervals [PAIRS [DESIGN ...]]``
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from analytics.comparison.block_figures import Block, Metric, Side, Verdict
from analytics.comparison.period_comparison import (
    PeriodComparison,
    Unit,
    choose_unit,
    compare_blocks,
)
from analytics.domain.arrays import FloatArray
from benchmarks.visit_blocks import tabulate_visits
from tools.fairs.visit_itineraries import ItinerarySettings, simulate_itineraries

OPEN_H = 8.0
METRICS = (
    Metric.VISITS,
    Metric.VISITS_PER_100,
    Metric.MEAN_DWELL,
    Metric.MEDIAN_DWELL,
    Metric.PERSON_SECONDS,
)
LONG_FAIR_H = 4000.0
"""So long a fair without differences between days tells what is expected of each figure."""
FIRST_DAY = date(2026, 3, 2)
CHANGED_SEED, UNCHANGED_SEED = 11, 12


@dataclass(frozen=True, slots=True)
class Design:
    """How many days there are on each side, and how many zones did not change.

    Attributes:
        pull, dwell: what the second side makes of every changed zone.
        controls: zones that are said not to have changed.
    """

    days: int
    settings: ItinerarySettings = field(default_factory=ItinerarySettings)
    controls: int = 0
    is_relative: bool = False
    changed: int = 3
    pull: float = 1.0
    dwell: float = 1.25


@dataclass(slots=True)
class Tally:
    """What came of many pairs, by figure."""

    held: Counter[Metric] = field(default_factory=Counter)
    intervals: Counter[Metric] = field(default_factory=Counter)
    alarms: Counter[Metric] = field(default_factory=Counter)
    unchanged: Counter[Metric] = field(default_factory=Counter)
    found: Counter[Metric] = field(default_factory=Counter)
    changed: Counter[Metric] = field(default_factory=Counter)
    real: Counter[Metric] = field(default_factory=Counter)
    falsely_real: int = 0
    pairs: int = 0
    noticed: dict[Metric, list[float]] = field(default_factory=lambda: defaultdict(list))


def run_pairs(design: Design, *, pairs: int, seed: int, is_null: bool = False) -> Tally:
    """Compare simulated pairs with the truth; with ``is_null`` nothing changed anywhere."""
    tally = Tally()
    truth = find_truth(design, is_null=is_null)
    for pair in range(pairs):
        comparison = compare_pair(design, random=np.random.default_rng([seed, pair]), is_null=is_null)
        tally.pairs += 1
        is_false = False
        for change in comparison.changes:
            if change.effect is None:
                continue
            true_ratio = truth[change.zone, change.metric]
            low, high = change.effect.interval
            tally.intervals[change.metric] += 1
            tally.held[change.metric] += low <= true_ratio <= high
            tally.noticed[change.metric].append(change.effect.min_detectable_ratio)
            is_told = change.verdict in (Verdict.RISE, Verdict.FALL)
            if is_null or change.zone not in list_changed(design):
                tally.unchanged[change.metric] += is_null
                tally.alarms[change.metric] += is_null and change.effect.p_value <= 0.05
                is_false |= is_null and is_told
            else:
                tally.changed[change.metric] += 1
                tally.real[change.metric] += is_told
                tally.found[change.metric] += change.effect.p_value <= 0.05
        tally.falsely_real += is_false
    return tally


def compare_pair(design: Design, *, random: np.random.Generator, is_null: bool = False) -> PeriodComparison:
    """One pair of fairs, simulated and compared."""
    names = design.settings.names()
    controls = names[len(names) - design.controls :] if design.controls else ()
    unit = choose_unit(
        days_a=design.days, days_b=design.days, controls=len(controls), is_relative=design.is_relative
    )
    parts = 2 if unit is Unit.HALF_DAYS else 1
    blocks: list[Block] = []
    for number in range(2 * design.days):
        side = (Side.A, Side.B)[number // design.days]
        day = simulate_itineraries(
            settings=design.settings, open_h=OPEN_H, random=random, **make_change(design, side, is_null)
        )
        blocks += tabulate_visits(
            day.visits,
            side=side,
            day=FIRST_DAY + timedelta(days=number),
            zones=names,
            visitors=day.visitors,
            open_s=OPEN_H * 3600.0,
            parts=parts,
        )
    return compare_blocks(blocks, unit=unit, zones=names, metrics=METRICS, controls=controls)


def make_change(design: Design, side: Side, is_null: bool) -> dict[str, FloatArray]:
    pull, dwell = np.ones(design.settings.zones), np.ones(design.settings.zones)
    if side is Side.B and not is_null:
        pull[: design.changed], dwell[: design.changed] = design.pull, design.dwell
    return {"pull": pull, "dwell": dwell}


def list_changed(design: Design) -> tuple[str, ...]:
    return design.settings.names()[: design.changed]


def find_truth(design: Design, *, is_null: bool) -> dict[tuple[str, Metric], float]:
    """The true ratios, relative to the zones that are held against where there are any.

    Of visits from a fair of years, of dwell times from what the layout makes of them.
    """
    names = design.settings.names()
    quiet = replace(design.settings, day_attendance=0.0, day_dwell=0.0, day_zone_dwell=0.0, day_zone_pull=0.0)
    visits: list[FloatArray] = []
    for side in Side:
        day = simulate_itineraries(
            settings=quiet,
            open_h=1.0 if is_null or design.pull == 1 else LONG_FAIR_H,
            random=np.random.default_rng(7),
            **make_change(design, side, is_null),
        )
        counts = day.visits["zone"].value_counts().reindex(names).to_numpy(np.float64)
        visits.append(counts / day.visitors)
    of_visits = np.ones(len(names)) if is_null or design.pull == 1 else visits[1] / visits[0]
    of_dwell = make_change(design, Side.B, is_null)["dwell"]
    truth: dict[tuple[str, Metric], float] = {}
    for metric in METRICS:
        ratios = np.ones(len(names))
        if metric not in (Metric.MEAN_DWELL, Metric.MEDIAN_DWELL):
            ratios = ratios * of_visits
        if metric not in (Metric.VISITS, Metric.VISITS_PER_100):
            ratios = ratios * of_dwell
        if design.controls:
            ratios = ratios / np.exp(np.log(ratios[len(names) - design.controls :]).mean())
        truth |= {(name, metric): float(ratio) for name, ratio in zip(names, ratios, strict=True)}
    return truth


DESIGNS = {
    "4 + 4 days": Design(4),
    "6 + 6 days": Design(6),
    "4 + 4 days relative to 5 controls": Design(4, controls=5, is_relative=True),
    "2 + 2 days in halves, 5 controls": Design(2, controls=5),
    "3 + 3 days in halves, 2 controls": Design(3, controls=2),
    "1 + 1 days, 5 controls": Design(1, controls=5),
    "2 + 2 days in halves, 5 controls, zones differ by day": Design(
        2, ItinerarySettings(day_zone_dwell=0.05, day_zone_pull=0.05), controls=5
    ),
    "2 + 2 days in halves, 5 controls, zones differ much by day": Design(
        2, ItinerarySettings(day_zone_dwell=0.15, day_zone_pull=0.15), controls=5
    ),
    "1 + 1 days, 5 controls, zones differ by day": Design(
        1, ItinerarySettings(day_zone_dwell=0.05, day_zone_pull=0.05), controls=5
    ),
    "4 + 4 days, zones differ by day": Design(4, ItinerarySettings(day_zone_dwell=0.05, day_zone_pull=0.05)),
    "4 + 4 days, more come, too": Design(4, pull=1.3),
}


def main(pairs: int, *wanted: str) -> None:
    for name in wanted or DESIGNS:
        design = DESIGNS[name]
        tally = run_pairs(design, pairs=pairs, seed=CHANGED_SEED)
        null = run_pairs(design, pairs=pairs, seed=UNCHANGED_SEED, is_null=True)
        print(f"\n{name}: {pairs} pairs with a change, {pairs} without")
        print("figure            holds truth  p<=5% of no change  finds  says 'real'  median least noticed")
        for metric in METRICS:
            held = 100 * tally.held[metric] / max(1, tally.intervals[metric])
            alarms = 100 * null.alarms[metric] / max(1, null.unchanged[metric])
            found = 100 * tally.found[metric] / max(1, tally.changed[metric])
            real = 100 * tally.real[metric] / max(1, tally.changed[metric])
            noticed = 100 * (float(np.median(tally.noticed[metric])) - 1)
            print(
                f"{metric.value:16}  {held:9.1f} %  {alarms:15.1f} %  {found:5.0f} %  {real:7.0f} %"
                f"  {noticed:8.1f} %",
                flush=True,
            )
        print(f"pairs without a change of which one was called real: {100 * null.falsely_real / pairs:.1f} %")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, *sys.argv[2:])

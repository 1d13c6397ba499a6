"""Whether the comparison of one day with another calls a stand changed where nothing was changed.

Pairs of days of fairs without facts, each in a hall of its own, with visitors in groups and days that differ;
what is compared comes from tracks by the product's tables. Two stands of each are said to have changed, as
after a change of layout, and held against the others, which tells how often a pair is called changed. Every
stand held against the others tells how often 95 % intervals hold the truth, which is that nothing changed.

``python -m benchmarks.layout_changes [PAIRS [FIRST_SEED [DAY_PULL]]] [--keep FOLDER]``; DAY_PULL is the
standard deviation of what a day does to the logarithm of a stand's attraction, beside what it does to all.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.comparison.block_figures import Block, Metric, Verdict
from analytics.comparison.period_comparison import choose_unit, compare_blocks
from analytics.rollups.period_facts import StretchFacts
from benchmarks.comparison_intervals import METRICS
from benchmarks.findings import block_day, bound_share, choose_two, tabulate_day
from tools.fairs.fair_hall import FairHall, build_hall, draw_design
from tools.fairs.fair_itineraries import VisitorHabits
from tools.fairs.fair_programme import FairProgramme
from tools.fairs.itinerary_tracks import simulate_tracked_day

TABLES_READ = ("spans", "visits", "journeys")
PROGRAMME = FairProgramme()


@dataclass(frozen=True, slots=True, eq=False)
class DayPair:
    """Two days in which nothing changed.

    Attributes:
        names: of the stands.
        blocks: the days.
    """

    seed: int
    names: tuple[str, ...]
    blocks: tuple[Block, ...]


def simulate_pair(seed: int, *, day_pull: float) -> DayPair:
    """Both days of a fair; without ``day_pull`` those of ``benchmarks.findings``."""
    hall = build_hall(draw_design(np.random.default_rng([seed, 1])))
    days = [
        simulate_day(hall, seed=1000 * seed + number, number=number, day_pull=day_pull) for number in (0, 1)
    ]
    return block_pair(seed, hall, days)


def simulate_day(hall: FairHall, *, seed: int, number: int, day_pull: float) -> StretchFacts:
    """What the product keeps of one day, as far as it is compared."""
    habits = VisitorHabits(day_pull=day_pull)
    day = simulate_tracked_day(hall=hall, programme=PROGRAMME, habits=habits, seed=seed)
    return tabulate_day(hall, day, number=number, names=TABLES_READ)


def block_pair(seed: int, hall: FairHall, days: Sequence[StretchFacts]) -> DayPair:
    """Two days as what is compared."""
    names = tuple(stand.name for stand in hall.booths)
    blocks = [
        block for number, day in enumerate(days) for block in block_day(day, names, PROGRAMME, number=number)
    ]
    return DayPair(seed, names, tuple(blocks))


@dataclass(slots=True)
class Tally:
    """What came of many pairs.

    Attributes:
        called: pairs of which one of two stands was called changed, by how many figures were compared.
        intervals, held: of single stands, by figure.
    """

    pairs: int
    called: Counter[str]
    intervals: Counter[Metric]
    held: Counter[Metric]
    seeds: list[int]


def tally_pairs(pairs: Iterable[DayPair]) -> Tally:
    """Judge pairs one after the other."""
    tally = Tally(0, Counter(), Counter(), Counter(), [])
    for pair in pairs:
        tally.pairs += 1
        two = choose_two(pair.seed, pair.names)
        for title, metrics in (("visits per 100", (Metric.VISITS_PER_100,)), ("all figures", METRICS)):
            is_called = any(is_changed for _, _, is_changed in compare_stands(pair, two, metrics))
            tally.called[title] += is_called
            if is_called and len(metrics) == 1:
                tally.seeds.append(pair.seed)
        for name in pair.names:
            for metric, is_held, _ in compare_stands(pair, (name,), METRICS):
                tally.intervals[metric] += 1
                tally.held[metric] += is_held
    return tally


def compare_stands(
    pair: DayPair, changed: Sequence[str], metrics: Sequence[Metric]
) -> list[tuple[Metric, bool, bool]]:
    """Of each change: the figure, whether the interval holds 1, and whether it is called a change."""
    controls = tuple(name for name in pair.names if name not in changed)
    unit = choose_unit(days_a=1, days_b=1, controls=len(controls), is_relative=True)
    comparison = compare_blocks(pair.blocks, unit=unit, zones=pair.names, metrics=metrics, controls=controls)
    return [
        (
            change.metric,
            change.effect.interval[0] <= 1.0 <= change.effect.interval[1],
            change.verdict in (Verdict.RISE, Verdict.FALL),
        )
        for change in comparison.changes
        if change.effect is not None
    ]


def simulate_pairs(count: int, *, first_seed: int, day_pull: float, keep: Path | None) -> Iterable[DayPair]:
    """Pairs one after the other, from the folder where they were kept."""
    for seed in range(first_seed, first_seed + count):
        path = None if keep is None else keep / f"pair-{day_pull:g}-{seed}.pickle"
        if path is not None and path.exists():
            yield DayPair(*pickle.loads(path.read_bytes()))
            continue
        pair = simulate_pair(seed, day_pull=day_pull)
        if path is not None:
            path.write_bytes(pickle.dumps((pair.seed, pair.names, pair.blocks)))
        yield pair


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=int, nargs="?", default=100)
    parser.add_argument("first_seed", type=int, nargs="?", default=0)
    parser.add_argument("day_pull", type=float, nargs="?", default=0.0)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    if chosen.keep is not None:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    pairs = simulate_pairs(
        chosen.pairs, first_seed=chosen.first_seed, day_pull=chosen.day_pull, keep=chosen.keep
    )
    tally = tally_pairs(pairs)
    print(f"{tally.pairs} pairs of days without a change, stands differ by day by {chosen.day_pull:g}")
    for title, called in tally.called.items():
        low, high = bound_share(called, tally.pairs)
        print(f"one of two stands called changed, {title}: {called} ({100 * low:.1f} to {100 * high:.1f} %)")
    print("seeds:", *tally.seeds)
    for metric in METRICS:
        held, intervals = tally.held[metric], tally.intervals[metric]
        print(
            f"{metric.value:16} intervals that hold the truth: {100 * held / intervals:.1f} % of {intervals}"
        )


if __name__ == "__main__":
    main()

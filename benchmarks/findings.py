"""Whether findings find what is there, and nothing else: fairs with facts built in, and fairs without any.

Facts are made from tracks by the same tables that the product keeps of its days (`analytics/rollups`), and
judged by the same rules. Of the fairs without facts, stands differ by their places alone, days by chance, and
events, capacities and shifts are entered that nothing speaks against. Each is a hall of its own, to which
1,000 visitors a day come in groups; facts are built into two days, every tenth fair without facts has two.
Fairs with bodies are walked by JuPedSim, for four hours a day with 500 visitors.

``python -m benchmarks.findings [NULL_FAIRS [PLANTED_FAIRS [BODIES]]] [--first-seed S] [--keep FOLDER]``
With ``--keep`` the facts of each fair stay in a folder, so that rules can be tried again at once. BODIES
fairs of either sort have bodies, which takes minutes for each: ``python -m benchmarks.findings 0 0 1`` for
one of either.
"""

from __future__ import annotations

import argparse
import pickle
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from scipy import stats

from analytics.comparison.block_figures import Block, Metric, Side, Verdict
from analytics.comparison.period_comparison import choose_unit, compare_blocks
from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.identifiers import ZoneId
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import TimedEvent
from analytics.domain.zone_targets import ZoneTargets
from analytics.findings.finding import FindingKind, LayoutFinding
from analytics.findings.layout_search import find_findings
from analytics.metrics.coverage import CameraView
from analytics.rollups.period_facts import PeriodFacts, StretchFacts, compute_stretch_facts, join_stretches
from analytics.rollups.stretch import Stretch
from app.findings.layout_findings import SPONSOR_COLUMNS, TABLE_NAMES
from app.places.place_values import CHOICE_TABLES, value_places
from benchmarks.visit_blocks import tabulate_visits
from tools.fairs.fair_hall import CAFE, PASSAGE, STAGE, FairHall, build_hall, draw_design
from tools.fairs.fair_programme import FairProgramme
from tools.fairs.itinerary_tracks import CAMERA, TrackedDay, simulate_tracked_day
from tools.fairs.planted_facts import PlantedFact, PlantedKind
from tools.fairs.planted_fair import PlantedFair, plan_planted_fair, plan_short_fair, plant_facts
from tools.fairs.planted_hall import PlantedDay, simulate_planted_day

FIRST_DAY = date(2026, 3, 2)
OPENS_S = 9 * 3600.0
TABLES_READ = tuple(dict.fromkeys(("spans", *CHOICE_TABLES, *TABLE_NAMES, *SPONSOR_COLUMNS)))
PIXEL_M = 0.02
TWO_DAYS_EVERY = 10
NEAR_M = 5.0
"""So near the passage, a jam is that of the passage."""
ENOUGH_STAFF, TOO_FEW_STAFF = 12.0, 1.0
"""At each stand, and at the one that is better than its place: some 60 engaged visits an hour at most."""
TIGHT_CAPACITY, CAPACITY = 40, 60
"""Of the stage where there are talks, which 50 and more attend, and where there are none."""
COMPARED = (Metric.VISITS_PER_100,)

RULE_OF = {
    PlantedKind.COLD_ZONE: (FindingKind.COLD_ZONE,),
    PlantedKind.BETTER_STAND: (FindingKind.BETTER_STAND,),
    PlantedKind.WORSE_STAND: (FindingKind.WORSE_STAND, FindingKind.COLD_ZONE),
    PlantedKind.BOTTLENECK: (FindingKind.BOTTLENECK,),
    PlantedKind.BLOCKING_QUEUE: (FindingKind.BLOCKING_QUEUE,),
    PlantedKind.TALK: (FindingKind.EMPTYING_EVENT,),
}
JUDGED = (
    FindingKind.COLD_ZONE,
    FindingKind.BETTER_STAND,
    FindingKind.WORSE_STAND,
    FindingKind.BOTTLENECK,
    FindingKind.BLOCKING_QUEUE,
    FindingKind.EMPTYING_EVENT,
    FindingKind.CAPACITY,
    FindingKind.FEW_STAFF,
)


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedFair:
    """A fair of two days in the tables of the product.

    Attributes:
        days: the tables of each day.
        events: what was entered as events.
    """

    fair: PlantedFair
    days: tuple[StretchFacts, ...]
    events: tuple[TimedEvent, ...]

    @property
    def facts(self) -> PeriodFacts:
        """Both days, with the zones of the second."""
        hall = self.fair.halls[-1]
        period_s = (self.days[0].start_utc_s, self.days[-1].end_utc_s)
        return join_stretches(
            self.days,
            period_s=period_s,
            plan=hall.make_plan(),
            views=(view_from_above(hall),),
            geometry=hall.make_geometry(),
        )


def view_from_above(hall: FairHall) -> CameraView:
    """A camera that sees all of a hall."""
    width_m, height_m = hall.size_m
    to_floor = np.array([[PIXEL_M, 0.0, 0.0], [0.0, -PIXEL_M, height_m], [0.0, 0.0, 1.0]])
    frame_wh = (int(np.ceil(width_m / PIXEL_M)), int(np.ceil(height_m / PIXEL_M)))
    return CameraView(CAMERA, CameraGeometry(to_floor), frame_wh)


def open_s(day: int) -> float:
    """When a day opens, seconds since the epoch."""
    start = datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), tzinfo=UTC)
    return start.timestamp() + OPENS_S


def simulate_fair(fair: PlantedFair, *, seed: int, has_bodies: bool) -> SimulatedFair:
    """Both days, in tables."""
    days: list[PlantedDay | TrackedDay] = []
    for number, (hall, programme) in enumerate(zip(fair.halls, fair.programmes, strict=True)):
        own_seed = 1000 * seed + number
        if has_bodies:
            days.append(simulate_planted_day(hall=hall, programme=programme, seed=own_seed))
        else:
            days.append(simulate_tracked_day(hall=hall, programme=programme, seed=own_seed))
    return tabulate_fair(fair, days)


def tabulate_fair(fair: PlantedFair, days: Sequence[PlantedDay | TrackedDay]) -> SimulatedFair:
    """What the product keeps of a fair's days."""
    kept = [
        tabulate_day(hall, day, number=number, names=TABLES_READ)
        for number, (hall, day) in enumerate(zip(fair.halls, days, strict=True))
    ]
    return SimulatedFair(fair, tuple(kept), tuple(list_events(fair)))


def tabulate_day(
    hall: FairHall, day: PlantedDay | TrackedDay, *, number: int, names: Sequence[str]
) -> StretchFacts:
    """The named tables of one day."""
    stretch = Stretch(
        tracks=day.tracks,
        spans=day.spans,
        start_utc_s=open_s(number),
        duration_s=float(day.spans["end_s"].max()),
        plan=hall.make_plan(),
        geometry=hall.make_geometry(),
        views=(view_from_above(hall),),
    )
    return compute_stretch_facts(stretch, names)


def list_events(fair: PlantedFair) -> Iterable[TimedEvent]:
    """The talks of both days; where there are none, as many events at which nothing happens."""
    for day, programme in enumerate(fair.programmes):
        for talk in programme.talks or plan_planted_fair(open_s=programme.open_s).programmes[0].talks:
            yield TimedEvent("Talk", open_s(day) + talk.start_s, open_s(day) + talk.end_s, STAGE)


def make_null_fair(seed: int, *, has_bodies: bool = False) -> PlantedFair:
    """A fair without facts, in a hall of its own; every tenth has a second day."""
    hall = build_hall(draw_design(np.random.default_rng([seed, 1])))
    days = 1 if seed % TWO_DAYS_EVERY else 2
    programme = FairProgramme(open_s=4 * 3600.0, visitors=500.0) if has_bodies else FairProgramme()
    return PlantedFair((hall,) * days, (programme,) * days, ())


def make_planted_fair(seed: int, *, has_bodies: bool = False) -> PlantedFair:
    """A fair with all facts; the first is the one that was planned, the others are drawn."""
    design = None if seed == 0 else draw_design(np.random.default_rng([seed, 2]))
    if has_bodies:
        return plan_short_fair(design)
    return plan_planted_fair() if design is None else plant_facts(design)


def search(simulated: SimulatedFair) -> tuple[LayoutFinding, ...]:
    """What the rules say, with capacities and shifts that are enough for a fair without facts."""
    fair = simulated.fair
    busy = {fact.zone for fact in fair.find_facts(PlantedKind.BETTER_STAND)}
    has_talks = bool(fair.programmes[0].talks)
    shifts = [
        StaffShift(stand.name, open_s(day), open_s(day) + fair.programmes[day].open_s, people)
        for day in range(len(fair.halls))
        for stand in fair.halls[day].booths
        for people in (TOO_FEW_STAFF if stand.name in busy else ENOUGH_STAFF,)
    ]
    targets = [
        ZoneTargets(ZoneId(STAGE), capacity=TIGHT_CAPACITY if has_talks else CAPACITY),
        ZoneTargets(ZoneId(CAFE), capacity=CAPACITY),
    ]
    facts = simulated.facts
    return find_findings(facts, value_places(facts), targets=targets, events=simulated.events, shifts=shifts)


def is_about(finding: LayoutFinding, fact: PlantedFact, fair: PlantedFair) -> bool:
    """Whether a finding says what was built in."""
    if finding.kind not in RULE_OF.get(fact.kind, ()):
        return False
    if fact.kind is PlantedKind.BOTTLENECK:
        hall = fair.halls[-1]
        x, y = finding.point_m
        near = float(np.hypot(x - hall.wall_x_m, y - hall.passage_y_m)) < NEAR_M
        return near or finding.zone == PASSAGE
    return finding.zone == (fact.other if fact.kind is PlantedKind.TALK else fact.zone)


def is_true_of_entered(finding: LayoutFinding, fair: PlantedFair) -> bool:
    """Whether a finding is about the capacity or the shift that was entered too low on purpose."""
    if finding.kind is FindingKind.CAPACITY:
        return bool(fair.programmes[0].talks) and finding.zone == STAGE
    busy = {fact.zone for fact in fair.find_facts(PlantedKind.BETTER_STAND)}
    return finding.kind is FindingKind.FEW_STAFF and finding.zone in busy


def compare_days(simulated: SimulatedFair, changed: Sequence[str]) -> dict[str, Verdict]:
    """What the comparison of the second day with the first says of stands that are said to have changed."""
    fair = simulated.fair
    names = tuple(stand.name for stand in fair.halls[0].booths)
    controls = tuple(name for name in names if name not in changed)
    unit = choose_unit(days_a=1, days_b=1, controls=len(controls), is_relative=True)
    blocks: list[Block] = []
    for number, (day, programme) in enumerate(zip(simulated.days, fair.programmes, strict=True)):
        blocks += block_day(day, names, programme, number=number)
    comparison = compare_blocks(blocks, unit=unit, zones=names, metrics=COMPARED, controls=controls)
    return {change.zone: change.verdict for change in comparison.changes if change.zone in changed}


def block_day(
    day: StretchFacts, names: tuple[str, ...], programme: FairProgramme, *, number: int
) -> tuple[Block, ...]:
    """The first or the second day as what is compared."""
    visits = day.tables["visits"]
    return tabulate_visits(
        visits[visits["zone"].isin(names)],
        side=(Side.A, Side.B)[number],
        day=FIRST_DAY + timedelta(days=number),
        zones=names,
        visitors=day.tables["journeys"]["visitor"].nunique(),
        open_s=programme.open_s,
    )


def choose_two(seed: int, names: Sequence[str]) -> tuple[str, ...]:
    """Stands that are said to have changed where nothing did."""
    chosen = np.random.default_rng([seed, 3]).choice(len(names), size=2, replace=False)
    return tuple(names[index] for index in chosen)


@dataclass(slots=True)
class Tally:
    """What came of many fairs.

    Attributes:
        fairs: of them all.
        compared: of them, those of two days.
        false: fairs with at least one finding of a kind that nothing was built in for.
    """

    fairs: int
    compared: int
    planted: Counter[PlantedKind]
    found: Counter[PlantedKind]
    false: Counter[str]
    examples: list[str]
    entered_found: Counter[FindingKind]


def tally_fairs(fairs: Iterable[tuple[int, SimulatedFair]]) -> Tally:
    """Judge fairs one after the other."""
    tally = Tally(0, 0, Counter(), Counter(), Counter(), [], Counter())
    for seed, simulated in fairs:
        tally.fairs += 1
        fair = simulated.fair
        findings = search(simulated)
        for fact in fair.facts:
            if fact.kind in RULE_OF:
                tally.planted[fact.kind] += 1
                tally.found[fact.kind] += any(is_about(finding, fact, fair) for finding in findings)
        tally.entered_found.update(
            {finding.kind for finding in findings if is_true_of_entered(finding, fair)}
        )
        wrong = [
            finding
            for finding in findings
            if not any(is_about(finding, fact, fair) for fact in fair.facts)
            and not is_true_of_entered(finding, fair)
        ]
        tally.false.update({finding.kind.value for finding in wrong})
        tally.examples += [f"{seed}: {describe(finding)}" for finding in wrong]
        if len(simulated.days) > 1:
            tally.compared += 1
            add_comparison(tally, seed, simulated)
    return tally


def add_comparison(tally: Tally, seed: int, simulated: SimulatedFair) -> None:
    """The changed stands, or two of a fair in which nothing changed."""
    moved = simulated.fair.find_facts(PlantedKind.CHANGED_LAYOUT)
    if moved:
        verdicts = compare_days(simulated, [fact.zone for fact in moved])
        for fact in moved:
            right, wrong = (Verdict.RISE, Verdict.FALL) if fact.is_rise else (Verdict.FALL, Verdict.RISE)
            tally.planted[fact.kind] += 1
            tally.found[fact.kind] += verdicts.get(fact.zone) is right
            tally.false["change"] += verdicts.get(fact.zone) is wrong
        return
    names = [stand.name for stand in simulated.fair.halls[0].booths]
    verdicts = compare_days(simulated, choose_two(seed, names))
    tally.false["change"] += any(verdict in (Verdict.RISE, Verdict.FALL) for verdict in verdicts.values())


def describe(finding: LayoutFinding) -> str:
    low, high = finding.effect.interval or (float("nan"), float("nan"))
    evidence = ", ".join(f"{name} {value:.3g}" for name, value in finding.evidence.items())
    return (
        f"{finding.kind.value} at {finding.place}: {finding.effect.value:.2f} ({low:.2f} to {high:.2f}); "
        f"{evidence}"
    )


def simulate_fairs(
    seeds: Iterable[int], *, is_null: bool, has_bodies: bool, keep: Path | None
) -> Iterable[tuple[int, SimulatedFair]]:
    """Fairs one after the other, from the folder where they were kept."""
    for seed in seeds:
        sort = f"{'null' if is_null else 'planted'}-{'bodies' if has_bodies else 'fast'}"
        path = None if keep is None else keep / f"{sort}-{seed}.pickle"
        if path is not None and path.exists():
            yield seed, SimulatedFair(*pickle.loads(path.read_bytes()))
            continue
        fair = (make_null_fair if is_null else make_planted_fair)(seed, has_bodies=has_bodies)
        simulated = simulate_fair(fair, seed=seed + (0 if is_null else 500_000), has_bodies=has_bodies)
        if path is not None:
            path.write_bytes(pickle.dumps((simulated.fair, simulated.days, simulated.events)))
        yield seed, simulated


def print_tally(title: str, tally: Tally) -> None:
    print(f"\n{title}: {tally.fairs} fairs, {tally.compared} of two days")
    if tally.planted:
        print("built in           found")
        for kind in tally.planted:
            low, high = bound_share(tally.found[kind], tally.planted[kind])
            print(
                f"{kind.value:18} {tally.found[kind]:3} of {tally.planted[kind]:3}"
                f"  ({100 * low:.0f} to {100 * high:.0f} %)"
            )
        for entered in (FindingKind.CAPACITY, FindingKind.FEW_STAFF):
            print(f"{entered.value:18} {tally.entered_found[entered]:3} of {tally.fairs:3}")
    print("fairs with a false finding")
    of = {kind.value: tally.fairs for kind in JUDGED} | {"change": tally.compared}
    for name, fairs in of.items():
        low, high = bound_share(tally.false[name], fairs)
        print(f"{name:18} {tally.false[name]:3} of {fairs:3}  ({100 * low:.1f} to {100 * high:.1f} %)")
    for example in tally.examples[:20]:
        print("  false:", example)


def bound_share(found: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Clopper and Pearson 1934)."""
    if not of:
        return 0.0, 1.0
    interval = stats.binomtest(found, of).proportion_ci(confidence_level=0.95, method="exact")
    return float(interval.low), float(interval.high)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("null_fairs", type=int, nargs="?", default=50)
    parser.add_argument("planted_fairs", type=int, nargs="?", default=15)
    parser.add_argument("bodies", type=int, nargs="?", default=0)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    if chosen.keep is not None:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    runs = (
        ("Facts built in", chosen.planted_fairs, False, False),
        ("Facts built in, with bodies", chosen.bodies, False, True),
        ("Without facts, with bodies", chosen.bodies, True, True),
        ("Without facts", chosen.null_fairs, True, False),
    )
    for title, count, is_null, has_bodies in runs:
        if count:
            seeds = range(chosen.first_seed, chosen.first_seed + count)
            fairs = simulate_fairs(seeds, is_null=is_null, has_bodies=has_bodies, keep=chosen.keep)
            print_tally(title, tally_fairs(fairs))


if __name__ == "__main__":
    main()

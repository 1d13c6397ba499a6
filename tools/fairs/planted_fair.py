"""Two days of a fair in which facts are built in that a good analyst would find."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tools.fairs.fair_hall import (
    CAFE,
    COFFEE,
    PASSAGE,
    SOUTH_CROSSING,
    STAGE,
    FairDesign,
    FairHall,
    FairStand,
    build_hall,
)
from tools.fairs.fair_programme import FairProgramme, Talk
from tools.fairs.planted_facts import PlantedFact, PlantedKind

NARROW_PASSAGE_M = 0.84
"""Two can hardly pass each other: a talk's audience jams for a minute. Where it is narrower, the social force
model lets people who meet in it stand face to face for an hour.
"""
_WIDTHS_M = (
    3.5, 2.5, 4.5, 3.5, 3.5,  3.5, 4.5, 2.5, 3.5, 3.5,
    3.5, 3.5, 2.5, 4.5, 2.5,  4.5, 3.5, 3.5, 2.5, 3.5,
)  # fmt: skip
_COLD_PULL, _BETTER_PULL, _WORSE_PULL = 0.03, 2.5, 0.35
_TALK_STARTS_H = (0.75, 1.75, 2.75, 4.0, 5.25, 6.5)
_TALK_S = 1200.0
_SERVED_S, _COFFEE_PULL = 55.0, 4.0
_SHORT_OPEN_S, _SHORT_VISITORS = 4 * 3600.0, 500.0
_SHORT_TALKS_S = tuple((start_s, start_s + 720.0) for start_s in (2100.0, 4800.0, 7500.0, 10200.0, 12600.0))
_SHORT_BETTER_PULL, _SHORT_CAFE_PULL = 5.0, 3.0
"""A visitor hardly returns to a stand: with this, about twice as many stop there as its place explains. More
go to the café, so that there are people whom queue and passage hold up.
"""


@dataclass(frozen=True, slots=True)
class PlantedFair:
    """A fair day by day, and what is true of it.

    Attributes:
        halls, programmes: one for each day.
    """

    halls: tuple[FairHall, ...]
    programmes: tuple[FairProgramme, ...]
    facts: tuple[PlantedFact, ...]

    def find_facts(self, kind: PlantedKind) -> tuple[PlantedFact, ...]:
        """Those of a kind."""
        return tuple(fact for fact in self.facts if fact.kind is kind)


def plan_planted_fair(*, visitors: float = 1000.0, open_s: float = 8 * 3600.0) -> PlantedFair:
    """The fair that is simulated with bodies: 20 stands, all kinds of facts."""
    return plant_facts(
        FairDesign(2, 5, _WIDTHS_M, NARROW_PASSAGE_M, entrance_at=0, exit_at=1),
        visitors=visitors,
        open_s=open_s,
    )


def plan_short_fair(design: FairDesign | None = None) -> PlantedFair:
    """The same on two days of four hours, of 500 visitors each and three talks: for what has bodies.

    Args:
        design: of another hall; its passage is made narrow, and its queue bends.
    """
    if design is None:
        design = FairDesign(2, 5, _WIDTHS_M, NARROW_PASSAGE_M, entrance_at=0, exit_at=1)
    return plant_facts(
        replace(design, passage_m=NARROW_PASSAGE_M, has_bent_queue=True),
        visitors=_SHORT_VISITORS,
        open_s=_SHORT_OPEN_S,
        talks_s=_SHORT_TALKS_S,
        better_pull=_SHORT_BETTER_PULL,
        cafe_pull=_SHORT_CAFE_PULL,
    )


def plant_facts(
    design: FairDesign,
    *,
    names: tuple[str, ...] = (),
    visitors: float = 1000.0,
    open_s: float = 8 * 3600.0,
    passage_per_s: float | None = 0.35,
    talks_s: tuple[tuple[float, float], ...] = (),
    better_pull: float = _BETTER_PULL,
    cafe_pull: float = 1.0,
) -> PlantedFair:
    """Build facts of every kind into a fair of two days.

    On the second day, the stand with the worst place and the one with the best have changed places; of the
    others, those of middling places are made cold, better and worse, so that no place explains what they are.

    Args:
        names: of the stands, as for ``build_hall``.
        passage_per_s: how many people the passage lets through, where nobody's body does it.
        talks_s: when talks begin and end; six over the day by default.
        better_pull: of the stand that is better than its place.
        cafe_pull: of the café, for which there is no place to compare it with.
    """
    before = build_hall(design, names=names)
    by_place = sorted(before.booths, key=lambda stand: (stand.stand.attraction, stand.name))
    worst, best = by_place[0], by_place[-1]
    middling = _choose_apart(by_place[len(by_place) // 4 :], count=3, avoided=(worst, best))
    cold, better, worse = middling
    swapped = tuple(_swap(stand.name, worst.name, best.name) for stand in before.booths)
    after = build_hall(design, names=swapped)
    if not talks_s:
        length_s = min(_TALK_S, open_s / 24.0)
        starts_s = (hour / 8.0 * open_s for hour in _TALK_STARTS_H)
        talks_s = tuple((start, start + length_s) for start in starts_s)
    programme = FairProgramme(
        open_s=open_s,
        visitors=visitors,
        pulls={
            cold.name: _COLD_PULL,
            better.name: better_pull,
            worse.name: _WORSE_PULL,
            COFFEE: _COFFEE_PULL,
            CAFE: cafe_pull,
        },
        talks=tuple(Talk(start, end, empties=CAFE) for start, end in talks_s),
        served_s=_SERVED_S,
        passage_per_s=passage_per_s,
    )
    facts = (
        PlantedFact(PlantedKind.COLD_ZONE, cold.name),
        PlantedFact(PlantedKind.BETTER_STAND, better.name),
        PlantedFact(PlantedKind.WORSE_STAND, worse.name),
        PlantedFact(PlantedKind.TALK, STAGE, hours_s=talks_s, other=CAFE),
        PlantedFact(PlantedKind.BLOCKING_QUEUE, COFFEE, other=SOUTH_CROSSING),
        PlantedFact(PlantedKind.BOTTLENECK, PASSAGE, hours_s=talks_s),
        PlantedFact(PlantedKind.CHANGED_LAYOUT, worst.name, day=1, is_rise=True),
        PlantedFact(PlantedKind.CHANGED_LAYOUT, best.name, day=1, is_rise=False),
    )
    return PlantedFair((before, after), (programme, programme), facts)


def _choose_apart(
    stands: list[FairStand], *, count: int, avoided: tuple[FairStand, ...]
) -> tuple[FairStand, ...]:
    """Stands that are no neighbours of each other: those nearest to the middle of the list first."""
    middle = (len(stands) - 1) / 2
    ordered = sorted(range(len(stands)), key=lambda index: (abs(index - middle), index))
    chosen: list[FairStand] = []
    for index in ordered:
        stand = stands[index]
        if stand in avoided or any(_are_near(stand, other) for other in chosen):
            continue
        chosen.append(stand)
        if len(chosen) == count:
            break
    return tuple(chosen)


def _are_near(first: FairStand, second: FairStand) -> bool:
    (ax, ay), (bx, by) = first.stand.places[0], second.stand.places[0]
    return abs(ax - bx) < 8.0 and abs(ay - by) < 8.0


def _swap(name: str, first: str, second: str) -> str:
    return {first: second, second: first}.get(name, name)

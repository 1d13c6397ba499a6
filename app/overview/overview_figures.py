"""Plain values of the overview and its sentences, importable without heavy libraries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.findings.finding import LayoutFinding
from analytics.metrics.estimate import UNKNOWN, Estimate
from app.core.number_words import Wording
from app.dwell.dwell_figures import OccupancySeries
from app.exhibition.exhibition_figures import CardEntry, StandRow
from app.facts.period_gaps import PeriodGaps
from app.floor_plan.floor_map import FloorMap
from app.plan.floor_scene import FloorScene

if TYPE_CHECKING:
    from analytics.results.day_quality import DayQuality


@dataclass(frozen=True, slots=True)
class RankedStand:
    """A stand among the others.

    Attributes:
        row: as on the page of the exhibition.
        per_hour: visitors who stop per observed hour; None where too little of the stand is seen.
        before: the same in the compared period.
        by_day: the same by day, oldest first; None on days without observation.
    """

    row: StandRow
    per_hour: Estimate = UNKNOWN
    before: Estimate = UNKNOWN
    by_day: tuple[float | None, ...] = ()

    @property
    def change(self) -> float | None:
        """Return the relative change against the compared period; None without one."""
        if self.per_hour.value is None or not self.before.value:
            return None
        return self.per_hour.value / self.before.value - 1.0

    @property
    def is_change_proven(self) -> bool:
        """Return whether the 95 % intervals of both periods do not overlap."""
        one, other = self.per_hour.interval, self.before.interval
        return one is not None and other is not None and (one[0] > other[1] or one[1] < other[0])


@dataclass(frozen=True, slots=True, eq=False)
class OverviewFigures:
    """Figures of a period at a glance.

    Attributes:
        observed_s: seconds in which any camera was analysed.
        before_s: the compared period; None where it was not observed for as long.
        footfall, footfall_before: None without an entrance line.
        quality: who is missed; None until known.
        peak: maximum of the mean people in view per minute, and the start of that minute.
        fullest: the zone with most people in that minute, and their number; None where nobody was in one.
        stands: the most stopped visitors per hour first; stands without figures last.
        longest: zone with the longest mean dwell, and its seconds.
        days: start of each day of ``RankedStand.by_day``, seconds since the epoch.
        scene: plan and zones at the end of the period.
        people: mean people in view over time, in the hall.
        floor: presence on the floor; None until computed.
        places_note: why the stands are not set against their places; else None.
        entries: of the hall as a whole; none until computed.
    """

    period_s: Interval
    observed_s: float
    before_s: Interval | None
    footfall: float | None
    footfall_before: float | None
    peak: tuple[float, float] | None
    fullest: tuple[str, float] | None
    stands: tuple[RankedStand, ...]
    longest: tuple[str, float] | None
    days: tuple[float, ...]
    scene: FloorScene
    people: OccupancySeries
    floor: FloorMap | None = None
    places_note: Phrase | None = None
    quality: DayQuality | None = None
    entries: tuple[CardEntry, ...] = ()

    def list_unseen(self) -> list[str]:
        """Return the stands of which too little is seen for figures."""
        return [stand.row.zone for stand in self.stands if stand.row.exposed is None]


@dataclass(frozen=True, slots=True)
class Attention:
    """Everything in a period that needs somebody.

    Attributes:
        findings: undecided, the most important first.
        gaps: observations that are missing; None where nothing was observed.
    """

    findings: tuple[LayoutFinding, ...]
    gaps: PeriodGaps | None = None


LEAST_RATED_S = 600.0
"""From less observed time, nothing is told by the hour nor beside another period."""


def describe_period_in_sentences(figures: OverviewFigures, text: Wording) -> tuple[str, ...]:
    """Return what stood out: people, peak, best stand, change, and the worst for its place."""
    tellers: Sequence[Callable[[OverviewFigures, Wording], str]] = (
        _describe_people, _describe_doors, _describe_peak, _describe_best, _describe_change,
        _describe_worst_place, _describe_places_note,
    )  # fmt: skip
    return tuple(sentence for tell in tellers if (sentence := tell(figures, text)))


def _describe_people(figures: OverviewFigures, text: Wording) -> str:
    hours = text.number(figures.observed_s / 3600, 1)
    if figures.footfall is None:
        return text.tr(
            "{hours} hours were observed. Footfall is unknown without an entrance line.", hours=hours
        )
    if figures.observed_s < LEAST_RATED_S:
        return text.tr(
            "{footfall} people were counted coming in during {duration} of observation.",
            footfall=text.number(figures.footfall),
            duration=text.duration(figures.observed_s),
        )
    fields = {"footfall": text.number(figures.footfall), "hours": hours}
    if not figures.footfall_before:
        return text.tr("{footfall} people were counted coming in during {hours} observed hours.", **fields)
    change = figures.footfall / figures.footfall_before - 1.0
    fields["share"] = text.share(abs(change))
    fields["before"] = text.number(figures.footfall_before)
    if round(abs(change), 2) == 0:
        return text.tr(
            "{footfall} people were counted coming in during {hours} observed hours, as many as in the "
            "period before.",
            **fields,
        )
    return (
        text.tr(
            "{footfall} people were counted coming in during {hours} observed hours, {share} more than in "
            "the period before ({before}).",
            **fields,
        )
        if change > 0
        else text.tr(
            "{footfall} people were counted coming in during {hours} observed hours, {share} fewer than in "
            "the period before ({before}).",
            **fields,
        )
    )


_NEARER: Mapping[str, Phrase] = {
    "out-as-begun": Phrase("Going out is nearer, as people appear at {ways_in} who were not counted there."),
    "in-as-ended": Phrase("Coming in is nearer, as people vanish at {ways_out} who were not counted there."),
    "in-as-begun": Phrase("Coming in is nearer, as people are counted at {ways_out} who only appear there."),
    "out-as-ended": Phrase("Going out is nearer, as people are counted at {ways_in} who vanish there."),
    "out-as-more": Phrase("Going out is nearer, as hidden people are missed and nobody counts twice."),
    "in-as-more": Phrase("Coming in is nearer, as hidden people are missed and nobody counts twice."),
}
"""Why a direction is nearer, by the values of ``Nearer``."""


def _describe_doors(figures: OverviewFigures, text: Wording) -> str:
    """Say which of two directions that differ by more than chance is nearer, and how many came."""
    doors = None if figures.quality is None else figures.quality.doors
    if doors is None or doors.nearer is None or figures.observed_s < LEAST_RATED_S:
        return ""
    ways = {"ways_in": doors.ways_in, "ways_out": doors.ways_out}
    fields = {key: text.tr(", ").join(map(text.name, names)) for key, names in ways.items()}
    return text.tr(
        "{left} were counted going out, which differs from those who came in by more than chance. {reason} "
        "So about {visitors} visitors came.",
        left=text.number(doors.left),
        reason=text.translate(replace(_NEARER[doors.nearer.value], fields=fields)),
        visitors=text.number(doors.visitors.value),
    )


def _describe_peak(figures: OverviewFigures, text: Wording) -> str:
    if figures.peak is None:
        return ""
    people, at_s = figures.peak
    moment = text.moment(at_s, figures.period_s)
    if figures.fullest is None:
        return text.trn(
            "It was fullest at {moment}, with {n} person in view.",
            "It was fullest at {moment}, with {n} people in view.",
            round(people),
            moment=moment,
        )
    zone, inside = figures.fullest
    return text.trn(
        "It was fullest at {moment}, with {n} person in view, most at {zone} ({inside}).",
        "It was fullest at {moment}, with {n} people in view, most at {zone} ({inside}).",
        round(people),
        moment=moment,
        zone=text.name(zone),
        inside=text.number(inside),
    )


def _describe_best(figures: OverviewFigures, text: Wording) -> str:
    known = [stand for stand in figures.stands if stand.row.stopped and stand.per_hour.value]
    if not known or figures.observed_s < LEAST_RATED_S:
        return ""
    fields = {"zone": text.name(known[0].row.zone), "rate": text.number(known[0].per_hour.value)}
    if figures.longest is None:
        return text.trn(
            "{zone} stopped the most visitors: {n}, {rate} an hour.",
            "{zone} stopped the most visitors: {n}, {rate} an hour.",
            known[0].row.stopped or 0,
            **fields,
        )
    zone, seconds = figures.longest
    if zone == known[0].row.zone:
        return text.trn(
            "{zone} stopped the most visitors: {n}, {rate} an hour; they also stayed longest there, {dwell} "
            "on average.",
            "{zone} stopped the most visitors: {n}, {rate} an hour; they also stayed longest there, {dwell} "
            "on average.",
            known[0].row.stopped or 0,
            dwell=text.duration(seconds),
            **fields,
        )
    return text.trn(
        "{zone} stopped the most visitors: {n}, {rate} an hour; they stayed longest at {longest}, {dwell} on "
        "average.",
        "{zone} stopped the most visitors: {n}, {rate} an hour; they stayed longest at {longest}, {dwell} on "
        "average.",
        known[0].row.stopped or 0,
        longest=text.name(zone),
        dwell=text.duration(seconds),
        **fields,
    )


def _describe_change(figures: OverviewFigures, text: Wording) -> str:
    if figures.before_s is None:
        return text.tr("The period before was not observed for as long, so that changes are unknown.")
    proven = [stand for stand in figures.stands if stand.is_change_proven and stand.change is not None]
    if not proven:
        return text.tr("No stand stopped more or fewer visitors than in the period before, beyond chance.")
    most = max(proven, key=lambda stand: abs(stand.change or 0.0))
    fields = {"zone": text.name(most.row.zone), "share": text.share(abs(most.change or 0.0))}
    return (
        text.tr(
            "{zone} changed most: {share} more visitors stopped there per hour than in the period before, "
            "which is more than chance.",
            **fields,
        )
        if (most.change or 0.0) > 0
        else text.tr(
            "{zone} changed most: {share} fewer visitors stopped there per hour than in the period before, "
            "which is more than chance.",
            **fields,
        )
    )


def _describe_places_note(figures: OverviewFigures, text: Wording) -> str:
    return "" if figures.places_note is None else text.translate(figures.places_note)


def _describe_worst_place(figures: OverviewFigures, text: Wording) -> str:
    known = [stand.row for stand in figures.stands if stand.row.of_place.value is not None]
    if not known:
        return (
            ""
            if figures.places_note
            else text.tr("There are too few visitors to tell which stand falls short of its place.")
        )
    worst = min(known, key=lambda row: row.of_place.value or 0.0)
    if (worst.of_place.value or 0.0) >= 1.0:
        return text.tr("No stand stopped fewer visitors than expected for its place.")
    fields = {"zone": text.name(worst.zone), "share": text.rough(worst.of_place, text.share)}
    if worst.of_place.interval is not None and worst.of_place.interval[1] < 1.0:
        return text.tr(
            "{zone} does worst for its place: it stopped {share} of the visitors to be expected there.",
            **fields,
        )
    return text.tr(
        "{zone} does worst for its place: it stopped {share} of the visitors to be expected there, which may "
        "be chance.",
        **fields,
    )

"""The quality of a period, read from a venue's history and told with the remedy of its greatest cause."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.errors import Phrase
from analytics.domain.uncounted_people import UncountedPeople
from analytics.metrics.estimate import Estimate
from app.core.document import Venue
from app.core.job import JobContext
from app.core.number_words import Words
from app.core.view_link import LinkTarget
from app.facts.period_arrivals import balance_arrivals

if TYPE_CHECKING:
    from analytics.results.day_quality import DayQuality, Loss

_TABLES = {
    "line_minutes": (),
    "minutes": ("zone", "start_s", "person_seconds", "observed_s"),
    "ways": ("is_start_seen", "is_end_seen"),
}
_GRADES: Mapping[str, Phrase] = {
    "good": Phrase("Data quality: good."),
    "limited": Phrase("Data quality: limited."),
    "poor": Phrase("Data quality: poor."),
}


@dataclass(frozen=True, slots=True)
class _Words:
    problem: Phrase
    remedy: Phrase
    target: LinkTarget = LinkTarget.COVERAGE


_LOSSES: Mapping[str, _Words] = {
    "doors": _Words(
        Phrase(
            "About {share} of the visitors were not counted coming in at {places}, where others hide them."
        ),
        Phrase("Mount a camera higher there, looking down steeply."),
    ),
    "seats": _Words(
        Phrase(
            "About {share} of the people in view of {places} were not counted: they sit or are half hidden."
        ),
        Phrase("Mount the camera higher, or choose a larger network."),
    ),
    "breaks": _Words(
        Phrase("Tracks break: {share} of the arrivals and departures were not seen."),
        Phrase("Let the views of cameras overlap, above all at the doors."),
    ),
}
_DRAW_DOORS = _Words(
    _LOSSES["breaks"].problem,
    Phrase("Draw the doors, so that people come and go there."),
    LinkTarget.EDIT_PLAN,
)


def read_day_quality(venue: Venue, period_s: Interval, *, context: JobContext | None = None) -> DayQuality:
    """Return the quality of a period; good where nothing was observed.

    Raises:
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    from analytics.flows.door_balance import list_doors
    from analytics.results.day_quality import DayQuality, measure_day_quality
    from app.facts.period_facts import read_period_facts

    facts = read_period_facts(
        venue=venue, period_s=period_s, context=context, names=_TABLES, optional=("ways",)
    )
    if facts is None:
        return DayQuality()
    ways, geometry = facts.tables.get("ways"), facts.geometry
    return measure_day_quality(
        doors=balance_arrivals(facts),
        low_counts=_read_low_counts(venue, facts.period_s),
        seen_share=float(ways.to_numpy(bool).mean()) if ways is not None and len(ways) else None,
        drawn_doors=[
            *(str(line.name) for line in list_doors(geometry.lines)),
            *(str(zone.name) for zone in geometry.zones if zone.is_door),
        ],
    )


def _read_low_counts(venue: Venue, period_s: Interval) -> tuple[UncountedPeople, ...]:
    from analytics.metrics.low_counts import find_low_counts
    from analytics.store.sql_event_store import open_reader

    with closing(open_reader(venue.folder)) as reader:
        return find_low_counts(reader.read_events(period_s[0], None), period_s)


def mark_estimate(estimate: Estimate, quality: DayQuality, figure: str) -> Estimate:
    """Return an estimate, marked where the figure of that key suffers from who is missed."""
    return replace(estimate, is_rough=estimate.value is not None and quality.find_loss(figure) is not None)


def describe_grade(quality: DayQuality, text: Words) -> str:
    """Return the grade in words."""
    return text.translate(_GRADES[quality.grade.value])


def describe_loss(loss: Loss, text: Words) -> str:
    """Return in a sentence who is missed."""
    words = _find_words(loss).problem
    fields = {"share": text.share(loss.share), "places": text.tr(", ").join(map(text.name, loss.places))}
    return text.translate(replace(words, fields=fields))


def describe_remedy(loss: Loss, text: Words) -> str:
    """Return in a sentence what helps."""
    return text.translate(_find_words(loss).remedy)


def find_remedy(loss: Loss) -> LinkTarget:
    """Return the page on which the remedy is planned."""
    return _find_words(loss).target


def _find_words(loss: Loss) -> _Words:
    return _DRAW_DOORS if loss.cause == "breaks" and not loss.places else _LOSSES[loss.cause.value]

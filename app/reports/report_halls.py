"""The section of a report about all halls of the site, in the report of one of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analytics.domain.arrays import Interval
from analytics.results.content import Block, Cell, CellKind, Paragraph, ReportColumn, Table, Weight
from analytics.store.history_folder import list_sibling_folders
from app.access.guard import act_in_another, find_actor, find_same_user
from app.access.roles import Permission
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.facts.period_arrivals import list_entrances
from app.facts.period_facts import read_period_facts
from app.reports.report_source import ReportSource
from app.reports.report_summary import describe_people_columns

_LEAST_OBSERVED_S = 30.0
"""Observed seconds of a minute from which on its people are compared."""


@dataclass(frozen=True, slots=True)
class _Hall:
    """A hall in a period.

    Attributes:
        entered: inward crossings by entrance line; empty without one.
        people: mean people in view, by the start of the minute.
    """

    name: str
    observed_s: float
    entered: dict[str, float]
    people: pd.Series[float]


def write_halls(source: ReportSource) -> list[Block]:
    """Tabulate every hall of the site that the reader may see, and their sum; none without a site."""
    text, own = source.text, source.venue
    halls, hidden = [], []
    for folder in list_sibling_folders(own.folder):
        venue = own if folder == own.folder else read_venue(folder)
        if not _may_see(source, folder):
            hidden.append(text.name(venue.name))
        else:
            halls.append(_read_hall(venue, source.period_s, source.context))
    if len(halls) + len(hidden) < 2:
        return []
    columns = (
        ReportColumn("hall", text.tr("Hall"), CellKind.TEXT),
        *describe_people_columns(text),
        ReportColumn("observed_h", text.tr("Observed time"), CellKind.NUMBER, text.tr("h"), 1),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            text.name(one.name),
            sum(one.entered.values()) if one.entered else None,
            _find_peak([one]),
            one.observed_s / 3600,
        )
        for one in halls
    ]
    counts = Counter(name for one in halls for name in one.entered)
    doors = [name for name, count in counts.items() if count > 1]
    from_outside = [count for one in halls for name, count in one.entered.items() if name not in doors]
    rows.append((text.tr("All halls"), sum(from_outside) if from_outside else None, _find_peak(halls), None))
    remarks = [
        text.tr(
            "Whoever walks from one hall to another through these doors came in once: {doors}.",
            doors=", ".join(map(text.name, doors)),
        )
        if doors
        else text.tr(
            "Whoever walks from one hall to another is counted in both. If the entrance line of the door "
            "between them has the same name in both halls, they are counted once."
        )
    ]
    if hidden:
        remarks.append(text.tr("Not included for lack of a role there: {halls}.", halls=", ".join(hidden)))
    return [
        Table("halls", text.tr("All halls"), columns, tuple(rows)),
        *(Paragraph(remark, Weight.SMALL) for remark in remarks),
    ]


def _may_see(source: ReportSource, folder: Path) -> bool:
    own = source.venue.folder
    if source.author is None:
        act_in_another(own, folder)
        actor = find_actor(folder)
    elif folder == own:
        return True
    else:
        actor = find_same_user(own, source.author, folder)
    return actor is not None and actor.may(Permission.SEE_FIGURES)


def _read_hall(venue: Venue, period_s: Interval, context: JobContext) -> _Hall:
    facts = read_period_facts(
        venue=venue, period_s=period_s, context=context, names=("minutes", "line_minutes")
    )
    if facts is None:
        return _Hall(venue.name, 0.0, {}, pd.Series(dtype=float))
    lines = facts.tables["line_minutes"].groupby("line")["in"].sum()
    entered = {
        str(line.name): float(lines.get(str(line.name), 0.0)) for line in list_entrances(facts.geometry.lines)
    }
    minutes = facts.tables["minutes"]
    hall = minutes[(minutes["zone"] == "") & (minutes["observed_s"] >= _LEAST_OBSERVED_S)]
    people = (hall["person_seconds"] / hall["observed_s"]).set_axis(hall["start_s"])
    return _Hall(venue.name, facts.observed_s, entered, people)


def _find_peak(halls: list[_Hall]) -> float | None:
    """Return the most people in view at once, in minutes in which all these halls were observed."""
    seen = [one.people for one in halls if len(one.people)]
    together = pd.concat(seen, axis=1).dropna().sum(axis=1) if seen else ()
    return float(max(together)) if len(together) else None

"""How the editor says things: kinds, colours, what an edit is called, what is wrong with the plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.domain.zone import ZoneKind
from app.core.check_results import GeometryFault, Verdict
from app.core.document import Venue
from app.gui.session.cell_text import format_date_time
from app.gui.session.translation import display_name, tr, translate_phrase, trn
from app.gui.tables.record_table import RecordTable, TableColumn
from app.plan.geometry_replay import LineCount, Replay, ZoneCount
from app.plan.plan_shapes import Part, Shape


class CountedTwice(NamedTuple):
    """One zone or line; texts."""

    name: str
    before: str
    after: str


class ReplayTable(RecordTable[CountedTwice]):
    """One row a zone or line."""

    def make_columns(self) -> Sequence[TableColumn[CountedTwice]]:
        """The columns in the window's language."""
        return (
            TableColumn(tr("Name"), lambda row: row.name, lambda row: row.name, is_number=False),
            TableColumn(tr("Before"), lambda row: row.before, lambda row: row.before),
            TableColumn(tr("After"), lambda row: row.after, lambda row: row.after),
        )


COLOURS = ("#e5484d", "#12a594", "#8e6cef", "#0ea5e9", "#f59e0b", "#d6409f", "#65a30d", "#a0785a")
"""Those of the theme's zones, which people who see colours differently can tell apart."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One thing that is wrong, in words.

    Attributes:
        tone: ``bad`` for what can never count, else ``warning``.
        shape: what is to be selected; None where nothing can be.
    """

    text: str
    remedy: str
    tone: str
    shape: Shape | None


def name_kind(kind: ZoneKind) -> str:
    """What a zone or line is for."""
    return {
        ZoneKind.BOOTH: tr("Stand"),
        ZoneKind.AISLE: tr("Aisle"),
        ZoneKind.ENTRANCE: tr("Entrance"),
        ZoneKind.EXIT: tr("Exit"),
        ZoneKind.QUEUE: tr("Queue"),
        ZoneKind.STAGE: tr("Stage"),
        ZoneKind.CATERING: tr("Catering"),
        ZoneKind.STAFF: tr("For staff"),
        ZoneKind.OTHER: tr("Something else"),
    }[kind]


def name_colours() -> tuple[tuple[str, str], ...]:
    """Every colour that is offered, and what it is called."""
    names = (
        tr("Red"),
        tr("Turquoise"),
        tr("Violet"),
        tr("Blue"),
        tr("Amber"),
        tr("Pink"),
        tr("Green"),
        tr("Brown"),
    )
    return tuple(zip(COLOURS, names, strict=True))


def name_shape(shape: Shape) -> str:
    """What a figure is called in the list of all."""
    name = display_name(shape.name)
    match shape.part:
        case Part.ZONES:
            return tr("Zone {name}", name=name)
        case Part.LINES:
            return tr("Line {name}", name=name)
        case Part.OBSTACLES:
            return tr("Obstacle {name}", name=name)
        case _:
            return tr("The hall")


def describe_version(venue: Venue) -> str:
    """From when the zones that are edited hold, and what that means for the past."""
    start_utc_s = venue.geometry_at(None).valid_from_utc_s
    if start_utc_s is None:
        return tr("What you change counts for the whole history.")
    moment = format_date_time(start_utc_s, time_zone=venue.exhibition.time_zone)
    return tr("What you change counts from {moment} on.", moment=moment)


def describe_findings(venue: Venue, findings: tuple[GeometryFault, ...]) -> tuple[FindingRow, ...]:
    """What is wrong, each with what it concerns."""
    start_utc_s = venue.geometry_at(None).valid_from_utc_s
    rows = []
    for finding in findings:
        shape: Shape | None = None
        if finding.part in (Part.ZONES, Part.LINES):
            shape = Shape(Part(finding.part), finding.name, start_utc_s)
        elif finding.part == Part.OBSTACLES:
            shape = Shape(Part.OBSTACLES, finding.name)
        rows.append(
            FindingRow(
                _begin_sentence(
                    tr(
                        "{subject}: {problem}",
                        subject=translate_phrase(finding.subject),
                        problem=translate_phrase(finding.problem),
                    )
                ),
                translate_phrase(finding.remedy),
                "bad" if finding.verdict is Verdict.FAILED else "warning",
                shape,
            )
        )
    return tuple(rows)


def describe_replay(replay: Replay) -> tuple[CountedTwice, ...]:
    """Every zone and line, those that count otherwise first."""
    rows = [
        CountedTwice(display_name(name), _say_zone(before), _say_zone(after))
        for name, (before, after) in replay.zones.items()
    ]
    rows += [
        CountedTwice(display_name(name), _say_line(before), _say_line(after))
        for name, (before, after) in replay.lines.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.before == row.after))


def say_count(count: ZoneCount | LineCount | None) -> str:
    """What a zone or line counts; a dash where nothing was."""
    if count is None:
        return "–"
    return _say_zone(count) if isinstance(count, ZoneCount) else _say_line(count)


def _say_zone(count: ZoneCount) -> str:
    if count.visits is None:
        return "–"
    visits = trn("{n} visit", "{n} visits", count.visits)
    return tr("{visits}, {seconds:.0f} s", visits=visits, seconds=count.person_seconds or 0.0)


def _say_line(count: LineCount) -> str:
    if count.into is None:
        return "–"
    return tr("in {into}, out {out}", into=count.into, out=count.out)


def _begin_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Texts of the plan editor: kinds, colours, names of edits, findings."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from analytics.domain.errors import Phrase
from analytics.domain.zone import ZoneKind
from app.core.change_set import Part
from app.core.check_results import GeometryFault, Verdict
from app.core.document import Venue
from app.gui.session.cell_text import format_day
from app.gui.session.translation import display_name, tr, translate_phrase, trn
from app.gui.tables.record_table import RecordTable, TableColumn
from app.plan.geometry_replay import LineCount, Replay, ZoneCount
from app.plan.plan_shapes import ZONE_KIND_NAMES, Shape


class ReplayRow(NamedTuple):
    """A zone's or line's counts before and after a change, as texts."""

    name: str
    before: str
    after: str


class ReplayTable(RecordTable[ReplayRow]):
    """The table of recounts, one row per zone or line."""

    def make_columns(self) -> Sequence[TableColumn[ReplayRow]]:
        return (
            TableColumn(tr("Name"), lambda row: row.name, lambda row: row.name, is_number=False),
            TableColumn(tr("Before"), lambda row: row.before, lambda row: row.before),
            TableColumn(tr("After"), lambda row: row.after, lambda row: row.after),
        )


COLOURS = ("#e5484d", "#12a594", "#8e6cef", "#0ea5e9", "#f59e0b", "#d6409f", "#65a30d", "#a0785a")
"""Zone colours of the theme, distinguishable with colour vision deficiency."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as text.

    Attributes:
        tone: ``bad`` for a shape that can never count, else ``warning``.
        shape: shape to select; None for none.
    """

    text: str
    remedy: str
    tone: str
    shape: Shape | None


def name_kind(kind: ZoneKind) -> str:
    return translate_phrase(ZONE_KIND_NAMES[kind])


def name_colours() -> tuple[tuple[str, str], ...]:
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
    name = display_name(shape.name)
    match shape.part:
        case Part.ZONES:
            pattern = tr("Zone {name}", name="{name}")
        case Part.LINES:
            pattern = tr("Line {name}", name="{name}")
        case Part.OBSTACLES:
            pattern = tr("Obstacle {name}", name="{name}")
        case _:
            return tr("The hall")
    # "Zone 1" says already that it is a zone
    return name if name.startswith(pattern.replace("{name}", "").strip()) else pattern.format(name=name)


def describe_version(venue: Venue) -> str:
    """Describe from when the edited zones apply, and the effect on the past."""
    start_utc_s = venue.geometry_at(None).valid_from_utc_s
    if start_utc_s is None:
        return tr("Your changes apply to the whole history.")
    start = datetime.fromtimestamp(start_utc_s, ZoneInfo(venue.exhibition.time_zone))
    return tr("Your changes apply from {moment} on.", moment=f"{format_day(start.date())} {start:%H:%M}")


def describe_findings(venue: Venue, findings: tuple[GeometryFault, ...]) -> tuple[FindingRow, ...]:
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
                        subject=_translate_phrase(finding.subject),
                        problem=_translate_phrase(finding.problem),
                    )
                ),
                translate_phrase(finding.remedy),
                "bad" if finding.verdict is Verdict.FAILED else "warning",
                shape,
            )
        )
    return tuple(rows)


def describe_replay(replay: Replay) -> tuple[ReplayRow, ...]:
    rows = [
        ReplayRow(display_name(name), _format_zone(before), _format_zone(after))
        for name, (before, after) in replay.zones.items()
    ]
    rows += [
        ReplayRow(display_name(name), _format_line(before), _format_line(after))
        for name, (before, after) in replay.lines.items()
    ]
    return tuple(sorted(rows, key=lambda row: row.before == row.after))


def format_zone_or_line(count: ZoneCount | LineCount | None) -> str:
    """Format the count of a zone or line; a dash without one."""
    if count is None:
        return "–"
    return _format_zone(count) if isinstance(count, ZoneCount) else _format_line(count)


def _format_zone(count: ZoneCount) -> str:
    if count.visits is None:
        return "–"
    visits = trn("{n} visit", "{n} visits", count.visits)
    return tr("{visits}, {seconds:.0f} s", visits=visits, seconds=count.person_seconds or 0.0)


def _format_line(count: LineCount) -> str:
    if count.into is None:
        return "–"
    return tr("{into} came in, {out} went out", into=count.into, out=count.out)


def _translate_phrase(words: Phrase) -> str:
    return translate_phrase(_show_names(words))


def _show_names(words: Phrase) -> Phrase:
    shown = {
        key: _show_names(value)
        if isinstance(value, Phrase)
        else display_name(str(value))
        if key == "name"
        else value
        for key, value in words.fields.items()
    }
    return dataclasses.replace(words, fields=shown)


def _begin_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]

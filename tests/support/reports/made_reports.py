"""Every template of a report, made of a small fair and of a validated hall; and what it must show."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from filelock import FileLock

from analytics.domain.arrays import Interval
from analytics.results.content import (
    BarChart,
    Branding,
    Bullets,
    CellKind,
    FloorMap,
    KeyFigures,
    Paragraph,
    ReportColumn,
    ReportContent,
    Table,
)
from app.core.document import Venue
from app.core.file_format import read_venue
from app.facts.prepared_facts import prepare_facts
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_template import Template
from app.validation.validation_labels import name_labels_file, write_labels
from tests.support.halls.validated_venue import START_S, label_venue, make_validated_venue
from tests.support.halls.walked_hall import SetClock
from tests.support.reports.reported_hall import (
    AFTER_S,
    BEFORE_S,
    DAY_S,
    FAIR_FOLDER,
    LAST_DAY_S,
    STAND,
    WEEK_S,
    make_reported_hall,
)

MADE_AT_S = LAST_DAY_S[1] + DAY_S
LAST_DAYS_S = (LAST_DAY_S[0] - DAY_S, LAST_DAY_S[1])
PERIODS: dict[Template, Interval] = {
    Template.DAILY: LAST_DAY_S,
    Template.WEEK: WEEK_S,
    Template.EXHIBITION: WEEK_S,
    Template.STAND: LAST_DAY_S,
    Template.COMPARISON: AFTER_S,
    Template.OPERATIONS: LAST_DAYS_S,
    Template.CERTIFICATE: LAST_DAY_S,
}
OF_MANY_DAYS = (Template.WEEK, Template.EXHIBITION, Template.COMPARISON)
BRANDING = Branding("Fair & Sons 深圳会展", None, "#0f766e")


@dataclass(frozen=True, slots=True)
class ReportedVenues:
    """A fair, and a hall whose accuracy was measured."""

    fair: Venue
    validated: Venue

    def make(self, template: Template, language: str) -> ReportContent:
        """The report of the template."""
        order = ReportOrder(
            template,
            PERIODS[template],
            language,
            BRANDING,
            stand=STAND if template is Template.STAND else None,
            before_s=BEFORE_S if template is Template.COMPARISON else None,
        )
        if template in OF_MANY_DAYS:
            # of the fair only the last days are prepared from the start
            prepare_facts(venue=self.fair, clock=SetClock(MADE_AT_S))
        venue = self.validated if template is Template.CERTIFICATE else self.fair
        return make_report(venue, order, clock=SetClock(MADE_AT_S))


def make_reported_venues(folder: Path) -> ReportedVenues:
    """Both, with the fair's last two days prepared as a window does it."""
    fair, validated = make_reported_hall(folder), make_validated_venue(folder)
    prepare_facts(venue=fair, period_s=LAST_DAYS_S, clock=SetClock(MADE_AT_S))
    write_labels(name_labels_file(validated.folder, START_S + DAY_S), label_venue())
    return ReportedVenues(fair, validated)


def share_reported_venues(factory: pytest.TempPathFactory) -> ReportedVenues:
    """The same, made by the first of the workers that run tests at the same time; nobody may change them."""
    own = factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "reported-venues"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / ".lock"):
        made = folder / "made"
        if not made.exists():
            make_reported_venues(folder)
            made.touch()
    return ReportedVenues(read_venue(folder / FAIR_FOLDER), read_venue(folder / "hall3.expoflow"))


def squeeze(text: str) -> str:
    """Without spaces and ends of lines, which layouts are free to change."""
    return "".join(text.split())


def list_words(content: ReportContent) -> Iterator[str]:
    """Every text and every number that a reader must find, as it is written."""
    yield from (content.title, content.subtitle, content.venue, content.period_text)
    yield content.branding.organiser
    for section in content.sections:
        yield section.title
        for block in section.blocks:
            match block:
                case Paragraph():
                    yield block.text
                case Bullets():
                    yield from (block.title, *block.sentences)
                case KeyFigures():
                    for figure in block.figures:
                        yield from (figure.name, figure.shown, figure.interval, figure.change)
                case Table():
                    yield from list_table_words(block, content)
                case BarChart():
                    yield from (block.title, block.unit, *block.categories)
                case FloorMap():
                    yield from (block.title, block.unit, *(zone.label or zone.name for zone in block.zones))
                case _:
                    yield from (block.title, block.unit)


def list_table_words(table: Table, content: ReportContent) -> Iterator[str]:
    """A table's cells as its columns say, written without the product's own code."""
    yield from (table.title, table.note)
    for column in table.columns:
        left, right = ("（", "）") if content.language == "zh_CN" else (" (", ")")
        yield f"{column.title}{left}{column.unit}{right}" if column.unit else column.title
    for row in table.rows:
        for cell, column in zip(row, table.columns, strict=True):
            value = cell[0] if isinstance(cell, tuple) else cell
            yield write_cell(value, column, content)


def write_cell(value: str | float | None, column: ReportColumn, content: ReportContent) -> str:
    """One value."""
    if value is None or isinstance(value, str):
        return "–" if value is None else value
    if column.kind is CellKind.TIME:
        moment = datetime.fromtimestamp(value, ZoneInfo(content.time_zone))
        is_one_day = content.period_s[1] - content.period_s[0] <= 86_400
        return f"{moment:%H:%M}" if is_one_day else f"{moment:%Y-%m-%d %H:%M}"
    exact = Decimal(str(100 * value if column.kind is CellKind.SHARE else value))
    rounded = exact.quantize(Decimal(10) ** -column.decimals, ROUND_HALF_UP)
    written = f"{rounded:,}".replace("-", "−")
    if column.kind is not CellKind.SHARE:
        return written
    return f"{written}%" if content.language == "zh_CN" else f"{written} %"

"""Content of a report in one language, independent of the layout; every format is written from it.

Values keep full precision beside their text, so that a spreadsheet holds what a page shows. None means
unknown, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.exhibition import find_time_zone

Ring = tuple[tuple[float, float], ...]


class CellKind(StrEnum):
    """The kind of a column's values; each format writes it in its own way."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    """A fraction from 0 to 1."""
    SECONDS = "seconds"
    TIME = "moment"
    """Seconds since the epoch; shown in venue time."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a table.

    Attributes:
        key: name in files for machines, such as ``mean_dwell_s``; the same in every language.
        title: in the report's language.
        unit: in the report's language; empty for none.
        decimals: number of decimals shown.
        definition: meaning of the number.
        has_interval: cells are (value, low, high).
    """

    key: str
    title: str
    kind: CellKind
    unit: str = ""
    decimals: int = 0
    definition: str = ""
    has_interval: bool = False


Cell = str | float | int | None | tuple[float | None, float | None, float | None]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of values.

    Attributes:
        key: name in files for machines.
        note: text below the table.
    """

    key: str
    title: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A number in large type.

    Attributes:
        shown: value with its unit, in the report's language; a dash if unknown.
        interval: in words; empty for none.
        change: in words, against the previous period; empty if there is none.
        is_change_real: the change exceeds its uncertainty.
    """

    key: str
    name: str
    value: float | None
    shown: str
    interval: str = ""
    change: str = ""
    is_change_real: bool = False
    definition: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """The main numbers of a section."""

    figures: tuple[KeyFigure, ...]


class Weight(StrEnum):
    """The role of a paragraph."""

    PLAIN = "plain"
    LEAD = "lead"
    """The opening sentence."""
    WARNING = "warning"
    """A caveat about the numbers."""
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that form a paragraph."""

    text: str
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True)
class Bullets:
    """Sentences as a list, below a title if there is one."""

    sentences: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class BarChart:
    """Horizontal bars from zero, one per category.

    Attributes:
        values: shape (n,), NaN where unknown.
        intervals: shape (n, 2); None for none.
        colours: ``#rrggbb`` for each bar, empty for the report's colour; None for one colour.
    """

    key: str
    title: str
    categories: tuple[str, ...]
    values: FloatArray
    unit: str
    intervals: FloatArray | None = None
    colours: tuple[str, ...] | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A curve; it breaks where values are NaN."""

    name: str
    values: FloatArray
    colour: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LineChart:
    """Curves over time.

    Attributes:
        x: shape (n,), seconds since the epoch.
        marks: named spans of x, such as events.
    """

    key: str
    title: str
    x: FloatArray
    lines: tuple[Line, ...]
    unit: str
    x_title: str = ""
    marks: tuple[tuple[float, float, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class FloorZone:
    """A zone of a floor map with the label written in it."""

    name: str
    outline: Ring
    label: str = ""
    colour: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FloorMap:
    """The plan with a layer of values.

    Attributes:
        values: shape (rows, columns), row 0 at the lowest y, NaN off the floor and where it was not
            observed; None for a plan without a layer.
        corner_m, cell_m: lower left corner of the grid and size of a cell.
        unobserved: closed rings around unobserved floor, drawn hatched.
        top: end of the scale.
    """

    key: str
    title: str
    outline: Ring
    obstacles: tuple[Ring, ...]
    zones: tuple[FloorZone, ...]
    values: FloatArray | None = None
    corner_m: tuple[float, float] = (0.0, 0.0)
    cell_m: float = 0.5
    unobserved: tuple[FloatArray, ...] = ()
    top: float = 0.0
    unit: str = ""
    note: str = ""


Block = Paragraph | Bullets | KeyFigures | Table | BarChart | LineChart | FloorMap


def collect_definitions(blocks: Iterable[Block]) -> dict[str, str]:
    """Return what the key figures and columns of blocks mean, by their names."""
    found: dict[str, str] = {}
    for block in blocks:
        if isinstance(block, KeyFigures):
            found |= {figure.name: figure.definition for figure in block.figures if figure.definition}
        elif isinstance(block, Table):
            found |= {column.title: column.definition for column in block.columns if column.definition}
    return found


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report that can be switched on and off.

    Attributes:
        key: name in settings, such as ``dwell``.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Branding:
    """The organiser's name, logo and colour.

    Attributes:
        logo: content of a PNG, JPEG or SVG file.
        colour: ``#rrggbb`` of rules, bars and headings.
    """

    organiser: str = ""
    logo: bytes | None = None
    colour: str = "#2563eb"


@dataclass(frozen=True, slots=True)
class ReportContent:
    """A whole report.

    Attributes:
        template: name in settings, such as ``daily``.
        language: ``en`` or ``zh_CN``.
        period_s: start and end, seconds since the epoch.
        period_text: the period in words, in venue time.
        time_zone: IANA name; all times are shown in it.
        versions: of the program and its main libraries.
        words: what pages need beside the sections, by an English key: ``page``, ``share``, ``interval``,
            ``not known``, ``not observed``, ``contents``, ``definitions``.
    """

    template: str
    language: str
    title: str
    subtitle: str
    venue: str
    period_s: Interval
    period_text: str
    time_zone: str
    sections: tuple[Section, ...]
    branding: Branding = field(default_factory=Branding)
    versions: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def first_day(self) -> str:
        """Return the period's first day in venue time, for names of files in any language: ``2026-03-14``."""
        return f"{datetime.fromtimestamp(self.period_s[0], find_time_zone(self.time_zone)):%Y-%m-%d}"

    def list_blocks(self) -> tuple[Block, ...]:
        """Return every block in reading order."""
        return tuple(block for section in self.sections for block in section.blocks)

    def list_tables(self) -> tuple[Table, ...]:
        """Return every table in reading order."""
        return tuple(block for block in self.list_blocks() if isinstance(block, Table))

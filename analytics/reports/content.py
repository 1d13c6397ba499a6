"""What a report says, in one language, before any layout: every format is written from this one object.

Values keep their full precision beside the words, so that a spreadsheet holds what a page shows. None is what
is not known; it is never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from analytics.domain.arrays import FloatArray, Interval

Ring = tuple[tuple[float, float], ...]


class CellKind(StrEnum):
    """What the values of a column are; formats write each in their own way."""

    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    """0 to 1."""
    SECONDS = "seconds"
    MOMENT = "moment"
    """Seconds since the epoch; shown in the venue's own time."""


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """A column of a table.

    Attributes:
        key: its name in files for machines, such as ``mean_dwell_s``; the same in every language.
        title: in the report's language.
        unit: in the report's language; empty for none.
        decimals: of what is shown.
        definition: what the number means.
        has_interval: its cells are (value, low, high).
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
        key: its name in files for machines.
        note: below it.
    """

    key: str
    title: str
    columns: tuple[ReportColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number, large.

    Attributes:
        shown: with its unit, in the report's language; a dash where it is not known.
        interval: in words; empty for none.
        change: against the period before, in words; empty where there is none to compare with.
        is_change_real: the change is larger than its uncertainty.
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
    """The numbers that somebody in a hurry reads."""

    figures: tuple[KeyFigure, ...]


class Weight(StrEnum):
    """How a paragraph is meant."""

    PLAIN = "plain"
    LEAD = "lead"
    """The first thing that is to be read."""
    WARNING = "warning"
    """Something that makes the numbers less sure."""
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    text: str
    weight: Weight = Weight.PLAIN


@dataclass(frozen=True, slots=True)
class Bullets:
    """Sentences one below the other."""

    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class BarChart:
    """Bars from zero on, one for each category.

    Attributes:
        values: shape (n,), not a number where it is not known.
        intervals: shape (n, 2); None for none.
        colours: ``#rrggbb`` for each bar, empty for the report's own; None for one colour.
    """

    key: str
    title: str
    categories: tuple[str, ...]
    values: FloatArray
    unit: str
    intervals: FloatArray | None = None
    colours: tuple[str, ...] | None = None
    is_horizontal: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A curve; it breaks where values are not a number."""

    name: str
    values: FloatArray
    colour: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LineChart:
    """Curves over time or over another number.

    Attributes:
        x: shape (n,); seconds since the epoch where ``is_time``.
        marks: spans of x with a name, such as events.
    """

    key: str
    title: str
    x: FloatArray
    lines: tuple[Line, ...]
    unit: str
    x_title: str = ""
    is_time: bool = True
    marks: tuple[tuple[float, float, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class FloorZone:
    """A zone of a floor map; ``label`` is written in it."""

    name: str
    outline: Ring
    label: str = ""
    colour: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FloorMap:
    """The plan with a layer of values.

    Attributes:
        values: shape (rows, columns), row 0 at the lowest y, not a number off the floor and where nobody
            looked; None for a plan without a layer.
        corner_m, cell_m: lower left corner of the grid and its cells' size.
        unobserved: closed rings round what nobody looked at, drawn hatched.
        top: where the scale ends.
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
        key: its name for settings, such as ``dwell``.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Branding:
    """Whose report it is.

    Attributes:
        logo: content of a PNG or JPEG file, or of an SVG one.
        colour: ``#rrggbb`` of rules, bars and headings.
    """

    organiser: str = ""
    logo: bytes | None = None
    colour: str = "#2563eb"


@dataclass(frozen=True, slots=True)
class ReportContent:
    """A whole report.

    Attributes:
        template: its name for settings, such as ``daily``.
        language: ``en`` or ``zh_CN``.
        period_s: start and end, seconds since the epoch.
        period_text: the same in words, in the venue's own time.
        time_zone: IANA name; all moments are shown in it.
        versions: of the program and what it stands on.
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

    def list_blocks(self) -> tuple[Block, ...]:
        """Every block, in the order in which it is read."""
        return tuple(block for section in self.sections for block in section.blocks)

    def list_tables(self) -> tuple[Table, ...]:
        """Every table, in the order in which it is read."""
        return tuple(block for block in self.list_blocks() if isinstance(block, Table))

"""What of a period can be exported for other programs: the data sets, and what their columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import Phrase
from analytics.reports.zone_figures import MEAN_DWELL

MIN_VISITORS = 5
"""A count below it, but for zero, is left out: it could be about somebody whom a reader knows."""


class DataSet(StrEnum):
    """What is exported."""

    VISITS = "visits"
    OCCUPANCY = "occupancy"
    CROSSINGS = "crossings"
    EACH_VISIT = "each-visit"
    EACH_CROSSING = "each-crossing"
    TRACKS = "tracks"

    @property
    def is_personal(self) -> bool:
        """Whether single persons are told apart in it."""
        return self in (DataSet.EACH_VISIT, DataSet.EACH_CROSSING, DataSet.TRACKS)


class Step(StrEnum):
    """How long the steps are that sums are given for; they begin with the venue's day."""

    FIVE_MINUTES = "5min"
    QUARTER = "15min"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> float:
        """Its length; a day has at most 25 hours."""
        return {"5min": 300.0, "15min": 900.0, "hour": 3600.0, "day": 90_000.0}[self.value]


class RowFormat(StrEnum):
    """How rows are written."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"


class RowKind(StrEnum):
    """What the values of a column are."""

    TEXT = "text"
    MOMENT = "moment"
    """Seconds since the epoch in a table; two columns, in UTC and in the venue's time, in a file."""
    COUNT = "count"
    NUMBER = "number"
    FLAG = "0 or 1"


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One column; what is missing is not known, never zero."""

    name: str
    kind: RowKind
    meaning: Phrase
    unit: str = ""

    def list_names(self) -> tuple[str, ...]:
        """Its names in a file."""
        if self.kind is RowKind.MOMENT:
            return f"{self.name}_utc", f"{self.name}_local"
        return (self.name,)


_ZONE = RowColumn("zone", RowKind.TEXT, Phrase("Name of the zone"))
_LINE = RowColumn("line", RowKind.TEXT, Phrase("Name of the counting line"))
_KIND = RowColumn("kind", RowKind.TEXT, Phrase("What it is for, such as booth or entrance"))
_VISITOR = RowColumn(
    "visitor",
    RowKind.TEXT,
    Phrase("Who it was, by a random name of this export: another day or file has other names"),
)
_STEP = (
    RowColumn("start", RowKind.MOMENT, Phrase("When the step begins")),
    RowColumn("end", RowKind.MOMENT, Phrase("When it ends")),
    RowColumn(
        "observed_s",
        RowKind.NUMBER,
        Phrase("How long of it somebody looked; a step in which nobody did has no row"),
        "s",
    ),
)
_SUPPRESSED = RowColumn(
    "suppressed", RowKind.FLAG, Phrase("1: a count of fewer than five people was left out")
)

COLUMNS: Mapping[DataSet, tuple[RowColumn, ...]] = {
    DataSet.VISITS: (
        _ZONE,
        _KIND,
        *_STEP,
        RowColumn("visits", RowKind.COUNT, Phrase("Visits that began in it")),
        RowColumn(
            "engaged_visits", RowKind.COUNT, Phrase("Those of them in which somebody stood for at least 5 s")
        ),
        RowColumn(MEAN_DWELL.key, RowKind.NUMBER, MEAN_DWELL.definition, str(MEAN_DWELL.unit)),
        _SUPPRESSED,
    ),
    DataSet.OCCUPANCY: (
        RowColumn("zone", RowKind.TEXT, Phrase("Name of the zone; empty: the whole hall")),
        _KIND,
        *_STEP,
        RowColumn("mean_people", RowKind.NUMBER, Phrase("People present, averaged over the observed time")),
        RowColumn("peak_people", RowKind.NUMBER, Phrase("The same of the fullest minute")),
        RowColumn("person_seconds", RowKind.NUMBER, Phrase("Time that all of them spent there"), "s"),
    ),
    DataSet.CROSSINGS: (
        _LINE,
        _KIND,
        *_STEP,
        RowColumn("in", RowKind.COUNT, Phrase("Crossings from the line's left to its right")),
        RowColumn("out", RowKind.COUNT, Phrase("Crossings the other way")),
        _SUPPRESSED,
    ),
    DataSet.EACH_VISIT: (
        _VISITOR,
        _ZONE,
        RowColumn("entered", RowKind.MOMENT, Phrase("When the visit began")),
        RowColumn("left", RowKind.MOMENT, Phrase("When it ended")),
        RowColumn("seconds", RowKind.NUMBER, Phrase("How long it was seen"), "s"),
        RowColumn("stop_s", RowKind.NUMBER, Phrase("How long of it the visitor stood"), "s"),
        RowColumn("censored_start", RowKind.FLAG, Phrase("1: its beginning was not seen")),
        RowColumn("censored_end", RowKind.FLAG, Phrase("1: its end was not seen")),
    ),
    DataSet.EACH_CROSSING: (
        _VISITOR,
        _LINE,
        RowColumn("time", RowKind.MOMENT, Phrase("When it was")),
        RowColumn("direction", RowKind.TEXT, Phrase("in: from the line's left to its right; out")),
    ),
    DataSet.TRACKS: (
        _VISITOR,
        RowColumn("time", RowKind.MOMENT, Phrase("When it was")),
        RowColumn("x_m", RowKind.NUMBER, Phrase("To the right of the plan's lower left corner"), "m"),
        RowColumn("y_m", RowKind.NUMBER, Phrase("Above the plan's lower left corner"), "m"),
        RowColumn("sigma_m", RowKind.NUMBER, Phrase("Standard deviation of the position"), "m"),
        RowColumn("camera", RowKind.TEXT, Phrase("Which camera saw it")),
        RowColumn("state", RowKind.TEXT, Phrase("confirmed, coasted or interpolated")),
    ),
}


def list_columns() -> Iterator[tuple[DataSet, str, RowColumn]]:
    """Every column of every data set, by its names in a file."""
    for data_set, columns in COLUMNS.items():
        for column in columns:
            for name in column.list_names():
                yield data_set, name, column

"""Data sets that can be exported for other programs, and the meaning of their columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from analytics.domain.errors import Phrase
from analytics.results.zone_figures import MEAN_DWELL

MIN_VISITORS = 5
"""Minimum of a nonzero count; smaller ones are left out, as they might reveal an individual."""


class DataSet(StrEnum):
    """A kind of export."""

    VISITS = "visits"
    OCCUPANCY = "occupancy"
    CROSSINGS = "crossings"
    EACH_VISIT = "each-visit"
    EACH_CROSSING = "each-crossing"
    TRACKS = "tracks"

    @property
    def is_personal(self) -> bool:
        """Return whether the data set describes individuals."""
        return self in (DataSet.EACH_VISIT, DataSet.EACH_CROSSING, DataSet.TRACKS)


class Step(StrEnum):
    """Length of the steps of sums; steps start at local midnight."""

    FIVE_MINUTES = "5min"
    QUARTER = "15min"
    HOUR = "hour"
    DAY = "day"

    @property
    def seconds(self) -> float:
        """Return the length in seconds; a day has at most 25 hours."""
        return {"5min": 300.0, "15min": 900.0, "hour": 3600.0, "day": 90_000.0}[self.value]


class RowFormat(StrEnum):
    """A file format for rows."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"


class RowKind(StrEnum):
    """The kind of a column's values."""

    TEXT = "text"
    TIME = "moment"
    """Seconds since the epoch in a table; a UTC and a local column in a file."""
    COUNT = "count"
    NUMBER = "number"
    FLAG = "0 or 1"


@dataclass(frozen=True, slots=True)
class RowColumn:
    """One column; missing means unknown, never zero."""

    name: str
    kind: RowKind
    meaning: Phrase
    unit: str = ""

    def list_names(self) -> tuple[str, ...]:
        """Return the column's names in a file."""
        if self.kind is RowKind.TIME:
            return f"{self.name}_utc", f"{self.name}_local"
        return (self.name,)


_ZONE = RowColumn("zone", RowKind.TEXT, Phrase("Name of the zone"))
_LINE = RowColumn("line", RowKind.TEXT, Phrase("Name of the counting line"))
_KIND = RowColumn("kind", RowKind.TEXT, Phrase("Kind, such as booth or entrance"))
_VISITOR = RowColumn(
    "visitor",
    RowKind.TEXT,
    Phrase("Random name of the visitor in this export; other days and files have other names"),
)
_STEP = (
    RowColumn("start", RowKind.TIME, Phrase("Start of the step")),
    RowColumn("end", RowKind.TIME, Phrase("End of the step")),
    RowColumn(
        "observed_s",
        RowKind.NUMBER,
        Phrase("Observed time of the step; unobserved steps have no row"),
        "s",
    ),
)
_SUPPRESSED = RowColumn(
    "suppressed", RowKind.FLAG, Phrase("1: a count of fewer than five people is left out")
)

COLUMNS: Mapping[DataSet, tuple[RowColumn, ...]] = {
    DataSet.VISITS: (
        _ZONE,
        _KIND,
        *_STEP,
        RowColumn("visits", RowKind.COUNT, Phrase("Visits that began in the step")),
        RowColumn("engaged_visits", RowKind.COUNT, Phrase("Of these, visits with at least 5 s of standing")),
        RowColumn(MEAN_DWELL.key, RowKind.NUMBER, MEAN_DWELL.definition, str(MEAN_DWELL.unit)),
        _SUPPRESSED,
    ),
    DataSet.OCCUPANCY: (
        RowColumn("zone", RowKind.TEXT, Phrase("Name of the zone; empty for the whole hall")),
        _KIND,
        *_STEP,
        RowColumn("mean_people", RowKind.NUMBER, Phrase("People present, averaged over the observed time")),
        RowColumn("peak_people", RowKind.NUMBER, Phrase("Mean of the busiest minute")),
        RowColumn("present_person_seconds", RowKind.NUMBER, Phrase("Total time of all people present"), "s"),
    ),
    DataSet.CROSSINGS: (
        _LINE,
        _KIND,
        *_STEP,
        RowColumn("in", RowKind.COUNT, Phrase("Crossings from the line's left to its right")),
        RowColumn("out", RowKind.COUNT, Phrase("Crossings from the line's right to its left")),
        _SUPPRESSED,
    ),
    DataSet.EACH_VISIT: (
        _VISITOR,
        _ZONE,
        RowColumn("entered", RowKind.TIME, Phrase("Start of the visit")),
        RowColumn("left", RowKind.TIME, Phrase("End of the visit")),
        RowColumn("seconds", RowKind.NUMBER, Phrase("Observed duration"), "s"),
        RowColumn("stop_s", RowKind.NUMBER, Phrase("Time the visitor stood still"), "s"),
        RowColumn("censored_start", RowKind.FLAG, Phrase("1: the start was not observed")),
        RowColumn("censored_end", RowKind.FLAG, Phrase("1: the end was not observed")),
    ),
    DataSet.EACH_CROSSING: (
        _VISITOR,
        _LINE,
        RowColumn("time", RowKind.TIME, Phrase("Time")),
        RowColumn(
            "direction", RowKind.TEXT, Phrase("in: from the line's left to its right; out: the other way")
        ),
    ),
    DataSet.TRACKS: (
        _VISITOR,
        RowColumn("time", RowKind.TIME, Phrase("Time")),
        RowColumn(
            "x_m", RowKind.NUMBER, Phrase("Distance to the right of the plan's lower left corner"), "m"
        ),
        RowColumn("y_m", RowKind.NUMBER, Phrase("Distance above the plan's lower left corner"), "m"),
        RowColumn("sigma_m", RowKind.NUMBER, Phrase("Standard deviation of the position"), "m"),
        RowColumn("camera", RowKind.TEXT, Phrase("Camera")),
        RowColumn("state", RowKind.TEXT, Phrase("confirmed, coasted or interpolated")),
    ),
}


def list_columns() -> Iterator[tuple[DataSet, str, RowColumn]]:
    """Yield every column of every data set, by its names in a file."""
    for data_set, columns in COLUMNS.items():
        for column in columns:
            for name in column.list_names():
                yield data_set, name, column

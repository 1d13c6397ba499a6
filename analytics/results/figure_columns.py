"""Columns of figures, declared once for pages, reports, files, other systems and the terminal."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from analytics.domain.errors import Phrase
from analytics.metrics.estimate import Estimate
from analytics.results.content import Cell, CellKind, ReportColumn

if TYPE_CHECKING:
    import pandas as pd

R = TypeVar("R")
Row = Mapping[str, Any]
"""A row of a table of figures; None where a figure is not known."""
_NONE = Phrase("")


@dataclass(frozen=True)  # no slots: Python 3.11 cannot combine them with frozen in a generic class
class FigureColumn(Generic[R]):
    """A column for a figure, as tables, reports, files and other systems name it.

    Attributes:
        key: name in files for machines.
        definition: meaning of the number.
        find: returns a record's value or ``Estimate``; by default the entry or attribute named ``key``.
        unit: empty for none.
        decimals: number of decimals shown.
        short: title for narrow tables, such as in a terminal.
        exported_title: title in files that people open, where it differs.
        is_estimate: whether ``find`` returns an ``Estimate``.
        is_expert: shown in the experts' view only, and exported always.
        least: smaller counts are hidden, as they could identify a person.
    """

    key: str
    title: Phrase
    kind: CellKind
    definition: Phrase = _NONE
    find: Callable[[R], Any] | None = None
    unit: Phrase = _NONE
    decimals: int = 0
    short: Phrase = _NONE
    exported_title: Phrase = _NONE
    is_estimate: bool = False
    is_expert: bool = False
    least: int = 0

    def describe(self, translate: Callable[[Phrase], str], *, is_defined: bool = True) -> ReportColumn:
        """Return the column of a report, in the language of ``translate``."""
        return ReportColumn(
            self.key,
            translate(self.title),
            self.kind,
            translate(self.unit),
            self.decimals,
            translate(self.definition) if is_defined else "",
            self.is_estimate,
        )

    @property
    def interval_key(self) -> str:
        """Return the name of the interval in files for machines, before a unit of seconds."""
        stem = self.key.removesuffix("_s")
        return f"{stem}_interval{self.key.removeprefix(stem)}"

    def read(self, record: R) -> Any:
        """Return a record's value; None if unknown."""
        found = self._find(record)
        return found.value if isinstance(found, Estimate) else found

    def read_estimate(self, record: R) -> Estimate:
        """Return a record's value with its interval, if any."""
        found = self._find(record)
        return found if isinstance(found, Estimate) else Estimate(found)

    def fill_cell(self, record: R) -> Cell:
        """Return a record's cell in a report."""
        estimate = self.read_estimate(record)
        return (estimate.value, *(estimate.interval or (None, None))) if self.is_estimate else estimate.value

    def _find(self, record: R) -> Any:
        if self.find is not None:
            return self.find(record)
        return record[self.key] if isinstance(record, Mapping) else getattr(record, self.key)


def describe_record(record: R, columns: Sequence[FigureColumn[R]]) -> dict[str, object]:
    """Return a record's figures and intervals by their names in files; no decimals of counts, else four."""
    described: dict[str, object] = {}
    for column in columns:
        found = column.read_estimate(record)
        digits = None if column.kind is CellKind.COUNT else 4
        described[column.key] = None if found.value is None else round(found.value, digits)
        if column.is_estimate:
            limits = found.interval
            described[column.interval_key] = limits and [round(limit, digits) for limit in limits]
    return described


def list_rows(frame: pd.DataFrame) -> tuple[Row, ...]:
    """Return the rows of a frame: None for NaN, an estimate for columns ``X``, ``X_low`` and ``X_high``."""
    names = [str(name) for name in frame.columns]
    estimated = [name for name in names if f"{name}_low" in names]
    limits = {f"{name}_{end}" for name in estimated for end in ("low", "high")}
    rows = []
    for found in frame.to_dict("records"):
        row = {str(name): None if _is_nan(value) else value for name, value in found.items()}
        for name in estimated:
            low, high = row[f"{name}_low"], row[f"{name}_high"]
            row[name] = Estimate(row[name], None if low is None or high is None else (low, high))
        rows.append({name: value for name, value in row.items() if name not in limits})
    return tuple(rows)


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)

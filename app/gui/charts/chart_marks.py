"""Bars and cells of charts with their texts, made by view-models and drawn by widgets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClockBar:
    """A bar of an hour or a weekday.

    Attributes:
        cell: the hour or the weekday.
        value, low, high: None where nothing was observed or can be told.
        is_observed: otherwise its place is hatched.
    """

    cell: int
    label: str
    value: float | None
    low: float | None
    high: float | None
    is_observed: bool
    words: str


@dataclass(frozen=True, slots=True)
class ClockCell:
    """A cell of a weekday and an hour.

    Attributes:
        share: of the largest value, 0 to 1; None where nothing is known.
        text: the value, short.
        is_observed: otherwise it is hatched.
    """

    share: float | None
    text: str
    words: str
    is_observed: bool

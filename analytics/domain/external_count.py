"""Counts from other systems: sales, badge scans, tickets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CountKind(StrEnum):
    """Kinds of external counts."""

    SALES = "sales"
    """Transactions; their amounts are money."""
    BADGES = "badges"
    """Badge scans at a stand: leads."""
    TICKETS = "tickets"
    """Tickets at a door: people who came in."""


@dataclass(frozen=True, slots=True)
class ExternalCount:
    """A count by another system over a period of time.

    Attributes:
        start_s, end_s: period of the count, seconds since the epoch.
        zone: place of the count; None for the whole hall.
        amount: amount of money; None if not given.
    """

    start_s: float
    end_s: float
    zone: str | None
    count: float
    amount: float | None = None

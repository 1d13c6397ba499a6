"""Something that another system counted: sales, badge scans, tickets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CountKind(StrEnum):
    """What was counted."""

    SALES = "sales"
    """Transactions; their amounts are money."""
    BADGES = "badges"
    """Scans of badges at a stand: leads."""
    TICKETS = "tickets"
    """Tickets at a door: people who came in."""


@dataclass(frozen=True, slots=True)
class ExternalCount:
    """A count of some time.

    Attributes:
        start_s, end_s: when it was taken, seconds since the epoch.
        zone: where; None for the whole hall.
        amount: of money; None where nobody has said.
    """

    start_s: float
    end_s: float
    zone: str | None
    count: float
    amount: float | None = None

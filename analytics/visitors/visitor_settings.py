"""The parameters of identification, each with its default and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VisitorSettings:
    """Parameters of ``identify_visitors``; stored with every result.

    Attributes:
        longest_gap_s: a person unseen for longer is a new visitor.
    """

    longest_gap_s: float = 20.0

"""The steps from passing a stand by to staying long at it."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """How far a visitor of the surroundings of a stand went, in rising order."""

    PASS_BY = "pass-by"  # noqa: S105 -- a person who passes by
    """Came near and did not visit."""
    VISIT = "visit"
    """Stayed, but did not stop: walked through or about."""
    STOP = "stop"
    ENGAGED = "engaged"
    LONG = "long"


VISIT_TIERS = (Tier.VISIT, Tier.STOP, Tier.ENGAGED, Tier.LONG)

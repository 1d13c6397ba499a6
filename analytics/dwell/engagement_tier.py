"""Tiers of engagement, from passing a stand by to a long visit."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """Engagement of a person near a stand, in rising order."""

    PASS_BY = "pass-by"  # noqa: S105 -- a person who passes by
    """Came near and did not visit."""
    VISIT = "visit"
    """Visited without a stop: walked through or about."""
    STOP = "stop"
    ENGAGED = "engaged"
    LONG = "long"


VISIT_TIERS = (Tier.VISIT, Tier.STOP, Tier.ENGAGED, Tier.LONG)

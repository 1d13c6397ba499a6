"""What the tiers of engagement are called."""

from __future__ import annotations

from analytics.dwell.engagement_tier import Tier
from app.gui.session.translation import tr


def name_tier(tier: Tier) -> str:
    """Of a bar and of a cell."""
    return {
        Tier.PASS_BY: tr("Came near"),
        Tier.VISIT: tr("Visited"),
        Tier.STOP: tr("Stopped"),
        Tier.ENGAGED: tr("Engaged"),
        Tier.LONG: tr("Stayed long"),
    }[tier]

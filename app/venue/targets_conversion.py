"""Between the entries of ``targets`` in ``venue.toml`` and capacities and alarm rules, both ways."""

from __future__ import annotations

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import AlarmRule, ZoneTargets, check_targets
from app.venue.file_schema import RawDocument, TargetsEntry


def make_targets(entry: TargetsEntry) -> ZoneTargets:
    """The targets of an entry.

    Raises:
        GeometryError: a figure cannot be.
    """
    return check_targets(
        ZoneTargets(
            zone=ZoneId(entry.zone or ""),
            capacity=entry.capacity,
            needed_s=entry.needed_s,
            rent=entry.rent,
            visits_per_day=entry.visits_per_day,
            engaged_per_day=entry.engaged_per_day,
            is_sponsor=entry.is_sponsor,
            currency=entry.currency,
            rules=tuple(
                AlarmRule(rule.measure, rule.above, rule.below, rule.raise_after_s, rule.clear_after_s)
                for rule in entry.alarms
            ),
        )
    )


def describe_targets(targets: ZoneTargets) -> RawDocument:
    """The entry of targets."""
    return {
        "zone": str(targets.zone) or None,
        "capacity": targets.capacity,
        "needed_s": _show(targets.needed_s),
        "rent": _show(targets.rent),
        "visits_per_day": _show(targets.visits_per_day),
        "engaged_per_day": _show(targets.engaged_per_day),
        "is_sponsor": targets.is_sponsor or None,
        "currency": targets.currency or None,
        "alarms": [
            {
                "measure": rule.measure.value,
                "above": float(rule.above),
                "below": float(rule.below),
                "raise_after_s": float(rule.raise_after_s),
                "clear_after_s": float(rule.clear_after_s),
            }
            for rule in targets.rules
        ],
    }


def _show(value: float | None) -> float | None:
    return None if value is None else float(value)

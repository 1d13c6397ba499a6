"""Starts and ends of conditions in the hall: alarms, zones over capacity, cameras that are down.

A condition that is not observed keeps its state: an unobserved zone neither exceeds its capacity nor falls
below it, and a camera that is not recorded does not come up again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from analytics.domain.clock import format_utc
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.rest.rest_models import AlarmNow
from app.integrations.webhooks.webhook_settings import EventKind

MIN_DURATION_S = 10.0
"""Seconds that a zone or camera must keep a new state before it is reported, since numbers fluctuate."""


_KINDS = {
    "alarm": (EventKind.ALARM_RAISED, EventKind.ALARM_CLEARED),
    "capacity": (EventKind.OVER_CAPACITY, EventKind.CAPACITY_OK),
    "camera": (EventKind.CAMERA_DOWN, EventKind.CAMERA_UP),
}


@dataclass(frozen=True, slots=True)
class HallEvent:
    """The start or end of a condition.

    Attributes:
        detail: JSON values, such as the zone, the people in it and its capacity.
    """

    kind: EventKind
    at_utc_s: float
    detail: Mapping[str, object]

    def describe(self) -> dict[str, object]:
        """Return the event as a JSON document."""
        return {"event": self.kind.value, "at_utc": format_utc(self.at_utc_s), **self.detail}


class EventWatch:
    """Detector of events between successive snapshots."""

    def __init__(self, holding: Mapping[str, Mapping[str, object]] | None = None) -> None:
        """Start from the conditions that held at the end of the last watch; see the attribute."""
        self.holding: dict[str, dict[str, object]] = {
            name: dict(detail) for name, detail in (holding or {}).items()
        }
        """Details of the conditions that hold, by a stable name."""
        self._changed_s: dict[str, float] = {}

    def compare(self, snapshot: HallSnapshot) -> tuple[HallEvent, ...]:
        """Return the events since the last snapshot."""
        seen = _list_conditions(snapshot)
        unknown = _list_unknown(snapshot)
        events = []
        for name in [*self.holding, *(name for name in seen if name not in self.holding)]:
            was, is_now = name in self.holding, name in seen
            if was == is_now or name in unknown:
                self._changed_s.pop(name, None)
                if is_now and was:
                    self.holding[name] = seen[name]
                continue
            since_s = self._changed_s.setdefault(name, snapshot.at_utc_s)
            # an alarm's rule has its own delay
            if not name.startswith("alarm") and snapshot.at_utc_s - since_s < MIN_DURATION_S:
                continue
            del self._changed_s[name]
            began, ended = _KINDS[name.split(":", 1)[0]]
            if is_now:
                self.holding[name] = seen[name]
                events.append(HallEvent(began, snapshot.at_utc_s, seen[name]))
            else:
                events.append(HallEvent(ended, snapshot.at_utc_s, self.holding.pop(name)))
        for name in [name for name in self._changed_s if name not in seen and name not in self.holding]:
            # it ended before the minimum duration
            del self._changed_s[name]
        return tuple(events)


def _list_conditions(snapshot: HallSnapshot) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for alarm in snapshot.alarms:
        key = alarm.key
        name = f"alarm:{key.measure}:{key.zone}:{key.camera}:{format_utc(alarm.raised_utc_s)}"
        found[name] = {"venue": snapshot.venue, **AlarmNow.model_validate(alarm).model_dump(mode="json")}
    places = [("", snapshot.people, snapshot.capacity)]
    places += [(zone.name, zone.people, zone.capacity) for zone in snapshot.zones]
    for zone, people, capacity in places:
        if people is not None and capacity is not None and people > capacity:
            found[f"capacity:{zone}"] = {
                "venue": snapshot.venue, "zone": zone or None, "people": people, "capacity": capacity
            }  # fmt: skip
    for camera in snapshot.cameras:
        if camera.state == "down":
            found[f"camera:{camera.name}"] = {"venue": snapshot.venue, "camera": camera.name}
    return found


def _list_unknown(snapshot: HallSnapshot) -> Collection[str]:
    """Return the conditions whose state the snapshot leaves open."""
    unknown = {f"capacity:{zone.name}" for zone in snapshot.zones if zone.people is None}
    if snapshot.people is None:
        unknown.add("capacity:")
    return unknown | {f"camera:{camera.name}" for camera in snapshot.cameras if camera.state == "idle"}

"""What begins and ends in the hall: alarms, zones over their capacity, cameras that are down.

A condition that cannot be seen at the moment goes on as it was: a zone that is not observed is neither over
its capacity nor below it again, and a camera that nobody records is not up again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from analytics.domain.clock import format_utc
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.rest.rest_models import describe_alarm
from app.integrations.webhooks.webhook_settings import EventKind

HOLD_S = 10.0
"""So long a zone has to be over its capacity or not, and a camera down or up: numbers go to and fro."""


_KINDS = {
    "alarm": (EventKind.ALARM_RAISED, EventKind.ALARM_CLEARED),
    "capacity": (EventKind.OVER_CAPACITY, EventKind.CAPACITY_OK),
    "camera": (EventKind.CAMERA_DOWN, EventKind.CAMERA_UP),
}


@dataclass(frozen=True, slots=True)
class HallEvent:
    """One beginning or end.

    Attributes:
        detail: of JSON values, such as the zone, the people in it and its capacity.
    """

    kind: EventKind
    at_utc_s: float
    detail: Mapping[str, object]

    def describe(self) -> dict[str, object]:
        """As a JSON document."""
        return {"event": self.kind.value, "at_utc": format_utc(self.at_utc_s), **self.detail}


class EventWatch:
    """Compares each snapshot with what held before."""

    def __init__(self, holding: Mapping[str, Mapping[str, object]] | None = None) -> None:
        """``holding``: what held when somebody watched last; see the attribute."""
        self.holding: dict[str, dict[str, object]] = {
            name: dict(detail) for name, detail in (holding or {}).items()
        }
        """Conditions that hold, by a name that stays the same, with their details."""
        self._changing_s: dict[str, float] = {}

    def compare(self, snapshot: HallSnapshot) -> tuple[HallEvent, ...]:
        """What has begun and ended since the last snapshot."""
        seen = _list_conditions(snapshot)
        unknown = _list_unknown(snapshot)
        events = []
        for name in [*self.holding, *(name for name in seen if name not in self.holding)]:
            was, is_now = name in self.holding, name in seen
            if was == is_now or name in unknown:
                self._changing_s.pop(name, None)
                if is_now and was:
                    self.holding[name] = seen[name]
                continue
            since_s = self._changing_s.setdefault(name, snapshot.at_utc_s)
            # an alarm has waited already, by its rule
            if not name.startswith("alarm") and snapshot.at_utc_s - since_s < HOLD_S:
                continue
            del self._changing_s[name]
            began, ended = _KINDS[name.split(":", 1)[0]]
            if is_now:
                self.holding[name] = seen[name]
                events.append(HallEvent(began, snapshot.at_utc_s, seen[name]))
            else:
                events.append(HallEvent(ended, snapshot.at_utc_s, self.holding.pop(name)))
        for name in [name for name in self._changing_s if name not in seen and name not in self.holding]:
            # it ended before it had held for long enough
            del self._changing_s[name]
        return tuple(events)


def _list_conditions(snapshot: HallSnapshot) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for alarm in snapshot.alarms:
        key = alarm.key
        name = f"alarm:{key.measure}:{key.zone}:{key.camera}:{format_utc(alarm.raised_utc_s)}"
        found[name] = {"venue": snapshot.venue, **describe_alarm(alarm).model_dump(mode="json")}
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
    """Names of conditions of which the snapshot says neither that they hold nor that they do not."""
    unknown = {f"capacity:{zone.name}" for zone in snapshot.zones if zone.people is None}
    if snapshot.people is None:
        unknown.add("capacity:")
    return unknown | {f"camera:{camera.name}" for camera in snapshot.cameras if camera.state == "idle"}

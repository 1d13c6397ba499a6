"""What Home Assistant is told so that a hall's figures appear there by themselves (MQTT discovery)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.mqtt_connection import OFFLINE, ONLINE

_SAFE = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Entity:
    """One figure: where it stands, and how it is shown.

    Attributes:
        component: ``sensor`` or ``binary_sensor``.
        part: of the topic that holds it.
        value: a template, of a JSON document.
    """

    component: str
    part: str
    key: str
    name: str
    value: str
    unit: str = ""
    device_class: str = ""
    state_class: str = ""
    icon: str = ""


def make_topic_part(name: str) -> str:
    """A name as a part of a topic: of letters, digits, ``_`` and ``-``, another one for every name."""
    if _SAFE.fullmatch(name):
        return name
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    digest = hashlib.sha256(name.encode("utf-8")).hexdigest()[:6]
    return f"{plain}_{digest}" if plain else digest


def list_discovery(
    snapshot: HallSnapshot, *, topic: str, discovery_topic: str, version: str
) -> dict[str, str]:
    """Messages by topic, to be kept by the broker: one for every figure of the hall.

    Args:
        topic: that all figures' topics begin with.
        discovery_topic: of Home Assistant.
    """
    node = make_topic_part(topic)
    device = {
        "identifiers": [f"expoflow_{node}"],
        "name": snapshot.venue,
        "manufacturer": "ExpoFlow",
        "model": "ExpoFlow",
        "sw_version": version,
    }
    messages = {}
    for entity in _list_entities(snapshot):
        object_id = f"{entity.part.replace('/', '_')}_{entity.key}"
        document: dict[str, object] = {
            "name": entity.name,
            "unique_id": f"expoflow_{node}_{object_id}",
            "state_topic": f"{topic}/{entity.part}",
            "value_template": entity.value,
            "availability_topic": f"{topic}/status",
            "payload_available": ONLINE,
            "payload_not_available": OFFLINE,
            "qos": 1,
            "device": device,
            "origin": {"name": "ExpoFlow", "sw_version": version},
        }
        options = {
            "unit_of_measurement": entity.unit,
            "device_class": entity.device_class,
            "state_class": entity.state_class,
            "icon": entity.icon,
        }
        document |= {name: value for name, value in options.items() if value}
        messages[f"{discovery_topic}/{entity.component}/{node}/{object_id}/config"] = json.dumps(
            document, ensure_ascii=False
        )
    return messages


def _list_entities(snapshot: HallSnapshot) -> Iterator[_Entity]:
    people = {"unit": "people", "state_class": "measurement", "icon": "mdi:account-group"}
    today = {"unit": "people", "state_class": "total_increasing", "icon": "mdi:counter"}
    yield _Entity("sensor", "hall", "people", "People", _read("people"), **people)
    yield _Entity(
        "sensor", "hall", "arrivals_15_min", "Arrivals in 15 minutes", _read("arrivals_15_min"), **people
    )
    yield _Entity("sensor", "hall", "arrivals_today", "Arrivals today", _read("arrivals_today"), **today)
    yield _Entity("binary_sensor", "hall", "alarm", "Alarm", _decide("has_alarm"), device_class="problem")
    for zone in snapshot.zones:
        part = f"zones/{make_topic_part(zone.name)}"
        yield _Entity("sensor", part, "people", f"{zone.name}: people", _read("people"), **people)
        yield _Entity(
            "sensor", part, "density", f"{zone.name}: density", _read("density_per_m2"),
            unit="people/m²", state_class="measurement",
        )  # fmt: skip
        yield _Entity(
            "sensor", part, "visits_today", f"{zone.name}: visits today", _read("visits_today"), **today
        )
        if zone.kind == "queue":
            yield _Entity(
                "sensor", part, "wait", f"{zone.name}: wait", _read("wait_s"),
                unit="s", device_class="duration", state_class="measurement",
            )  # fmt: skip
        yield _Entity(
            "binary_sensor",
            part,
            "alarm",
            f"{zone.name}: alarm",
            _decide("has_alarm"),
            device_class="problem",
        )
    for line in snapshot.lines:
        part = f"lines/{make_topic_part(line.name)}"
        for way in ("in", "out"):
            yield _Entity("sensor", part, way, f"{line.name}: {way} today", _read(f"{way}_today"), **today)
    for camera in snapshot.cameras:
        yield _Entity(
            "binary_sensor",
            f"cameras/{make_topic_part(camera.name)}",
            "state",
            camera.name,
            "{{ {'live': 'ON', 'down': 'OFF'}.get(value_json.state, 'None') }}",
            device_class="connectivity",
        )


def _read(name: str) -> str:
    """What is null is unknown there, not 0."""
    return "{{ value_json." + name + " }}"


def _decide(name: str) -> str:
    return "{{ 'ON' if value_json." + name + " else 'OFF' }}"

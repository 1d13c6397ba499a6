"""What Home Assistant is told so that a hall's figures appear there by themselves (MQTT discovery)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from analytics.domain.errors import Phrase, fill_template
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
    name: str | Phrase
    value: str
    unit: str | Phrase = ""
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
    snapshot: HallSnapshot,
    *,
    topic: str,
    discovery_topic: str,
    version: str,
    translate: Callable[[str], str] = lambda text: text,
) -> dict[str, str]:
    """Messages by topic, to be kept by the broker: one for every figure of the hall.

    Args:
        topic: that all figures' topics begin with.
        discovery_topic: of Home Assistant.
        translate: gives the template of a name in another language, its fields kept.
    """

    def tell(text: str | Phrase) -> str:
        if isinstance(text, str):
            return text
        return fill_template(text.template, text.fields, translate)

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
            "name": tell(entity.name),
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
            "unit_of_measurement": tell(entity.unit),
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
    people: dict[str, Any] = {
        "unit": Phrase("people"),
        "state_class": "measurement",
        "icon": "mdi:account-group",
    }
    today: dict[str, Any] = {
        "unit": Phrase("people"),
        "state_class": "total_increasing",
        "icon": "mdi:counter",
    }
    yield _Entity("sensor", "hall", "people", Phrase("People in the hall"), _read("people"), **people)
    yield _Entity(
        "sensor",
        "hall",
        "arrivals_15_min",
        Phrase("Arrivals in 15 minutes"),
        _read("arrivals_15_min"),
        **people,
    )
    yield _Entity(
        "sensor", "hall", "arrivals_today", Phrase("Arrivals today"), _read("arrivals_today"), **today
    )
    yield _Entity(
        "binary_sensor", "hall", "alarm", Phrase("Alarm"), _decide("has_alarm"), device_class="problem"
    )
    for zone in snapshot.zones:
        part, of_zone = f"zones/{make_topic_part(zone.name)}", {"zone": zone.name}
        yield _Entity("sensor", part, "people", Phrase("{zone}: people", of_zone), _read("people"), **people)
        yield _Entity(
            "sensor", part, "density", Phrase("{zone}: density", of_zone), _read("density_per_m2"),
            unit=Phrase("people/m²"), state_class="measurement",
        )  # fmt: skip
        yield _Entity(
            "sensor",
            part,
            "visits_today",
            Phrase("{zone}: visits today", of_zone),
            _read("visits_today"),
            **today,
        )
        if zone.kind == "queue":
            yield _Entity(
                "sensor", part, "wait", Phrase("{zone}: wait", of_zone), _read("wait_s"),
                unit="s", device_class="duration", state_class="measurement",
            )  # fmt: skip
        yield _Entity(
            "binary_sensor",
            part,
            "alarm",
            Phrase("{zone}: alarm", of_zone),
            _decide("has_alarm"),
            device_class="problem",
        )
    for line in snapshot.lines:
        part, of_line = f"lines/{make_topic_part(line.name)}", {"line": line.name}
        for way, name in (
            ("in", Phrase("{line}: in today", of_line)),
            ("out", Phrase("{line}: out today", of_line)),
        ):
            yield _Entity("sensor", part, way, name, _read(f"{way}_today"), **today)
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

"""Tells a broker what is now, and what begins and ends; connects again by itself, ever more slowly."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError, OutputError, Phrase, fill_template
from app.core.credentials import Credential, open_credential_store
from app.core.versions import find_own_version
from app.integrations.hall_events import EventWatch
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.mqtt.mqtt_connection import OFFLINE, ONLINE, MqttConnection, SentMessage, find_login
from app.integrations.mqtt.mqtt_settings import MqttSettings, read_mqtt
from app.integrations.rest.rest_models import describe_camera, describe_hall, describe_line, describe_zone
from app.settings.paths import settings_folder
from resources.translations import load_translations

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


MAX_EVENTS = 1000
"""So many wait for the broker; of more the oldest are dropped."""
FIRST_WAIT_S, MAX_WAIT_S = 1.0, 60.0
_LOG = logging.getLogger(__name__)
FindLogin = Callable[[], Credential | None]


class MqttPublisher:
    """Under the topic of the settings:

    - ``status``: ``online`` or ``offline``, also when this program or its network dies;
    - ``hall``, ``zones/NAME``, ``lines/NAME``, ``cameras/NAME``: what is now, as JSON, kept by the broker and
      sent when it changes;
    - ``events``: what begins and ends, one message each, not kept; they wait while the broker is away;
    - and what Home Assistant needs, under its own topic.

    What the broker keeps of zones, lines and cameras that are no more is taken away.
    """

    name = "MQTT"

    def __init__(self, settings: MqttSettings, *, find_login: FindLogin, clock: Clock | None = None) -> None:
        self._settings, self._find_login = settings, find_login
        self._clock = clock or SystemClock()
        self._translate = load_translations(settings.language).gettext
        self._connection: MqttConnection | None = None
        self._failure: ExpoFlowError | None = None
        self._wait_s, self._next_try_s = FIRST_WAIT_S, 0.0
        self._watch = EventWatch()
        self._is_first = True
        self._events: deque[_WaitingEvent] = deque()
        self._told: dict[str, str] = {}
        self._told_at_s: dict[str, float] = {}
        self.dropped = 0
        """Events that nobody was told, since the broker was away for too long."""

    def publish(self, snapshot: HallSnapshot) -> None:
        """Tell what has changed.

        Raises:
            OutputError: the broker is away; says why.
            CredentialError: the password cannot be found.
        """
        self._note_events(snapshot)
        connection = self._connect()
        self._tell_states(connection, snapshot)
        self._send_events(connection)

    @property
    def is_connected(self) -> bool:
        """Whether the broker is there at this moment."""
        return self._connection is not None and self._connection.is_up

    def close(self) -> None:
        """Say ``offline`` and disconnect."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _note_events(self, snapshot: HallSnapshot) -> None:
        events = self._watch.compare(snapshot)
        if self._is_first:
            # what held already when this program began is in the states
            self._is_first = False
            return
        for event in events:
            if len(self._events) >= MAX_EVENTS:
                self._events.popleft()
                self.dropped += 1
                _LOG.warning("MQTT: an event was dropped, %d by now.", self.dropped)
            self._events.append(_WaitingEvent(json.dumps(event.describe(), ensure_ascii=False)))

    def _send_events(self, connection: MqttConnection) -> None:
        """Send what was not sent over this connection, and forget what the broker has."""
        while self._events and (sent := self._events[0].sent) is not None and sent.has_arrived:
            self._events.popleft()
        for event in self._events:
            if event.sent is None:
                event.sent = connection.publish(
                    f"{self._settings.topic}/events", event.payload, is_kept=False
                )

    def _connect(self) -> MqttConnection:
        if self._connection is not None and self._connection.is_up:
            return self._connection
        now_s = self._clock.monotonic_s()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._failure = _make_lost_error(self._settings)
            self._wait_s, self._next_try_s = FIRST_WAIT_S, now_s
        if self._failure is not None and now_s < self._next_try_s:
            raise self._failure
        topic, node = self._settings.topic, make_topic_part(self._settings.topic)
        old_topics = tuple(f"{topic}/{part}/+" for part in ("zones", "lines", "cameras"))
        if self._settings.discovery_topic:
            old_topics += (f"{self._settings.discovery_topic}/+/{node}/+/config",)
        try:
            self._connection = MqttConnection(
                self._settings, self._find_login(), status_topic=f"{topic}/status", old_topics=old_topics
            )
        except ExpoFlowError as error:
            self._failure = error
            self._next_try_s = self._clock.monotonic_s() + self._wait_s
            self._wait_s = min(2 * self._wait_s, MAX_WAIT_S)
            raise
        self._failure, self._wait_s = None, FIRST_WAIT_S
        # a broker that was started again may have forgotten everything
        self._told.clear()
        self._told_at_s.clear()
        for event in self._events:
            event.sent = None
        return self._connection

    def _tell_states(self, connection: MqttConnection, snapshot: HallSnapshot) -> None:
        now_s = self._clock.monotonic_s()
        wanted = dict(_list_states(snapshot, self._settings.topic))
        if self._settings.discovery_topic:
            wanted |= list_discovery(
                snapshot,
                topic=self._settings.topic,
                discovery_topic=self._settings.discovery_topic,
                version=find_own_version(),
                translate=self._translate,
            )
        for topic, payload in wanted.items():
            is_new = topic not in self._told
            is_due = now_s - self._told_at_s.get(topic, 0.0) >= self._settings.every_s
            if is_new or (is_due and self._told[topic] != payload):
                connection.publish(topic, payload, is_kept=True)
                self._told[topic], self._told_at_s[topic] = payload, now_s
        for topic in (connection.take_found() | self._told.keys()) - wanted.keys():
            connection.publish(topic, "", is_kept=True)
            self._told.pop(topic, None)


@dataclass(slots=True)
class _WaitingEvent:
    """An event until the broker has it; ``sent`` over the connection that is there."""

    payload: str
    sent: SentMessage | None = None


def _list_states(snapshot: HallSnapshot, topic: str) -> Mapping[str, str]:
    alarmed = {alarm.key.zone for alarm in snapshot.alarms}
    hall = describe_hall(snapshot).model_dump(mode="json", exclude={"zones", "lines", "cameras", "alarms"})
    documents = {
        "hall": {**hall, "has_alarm": bool(snapshot.alarms), "open_alarms": len(snapshot.alarms)},
    }
    for zone in snapshot.zones:
        documents[f"zones/{make_topic_part(zone.name)}"] = {
            **describe_zone(zone).model_dump(mode="json"),
            "has_alarm": zone.name in alarmed,
        }
    for line in snapshot.lines:
        documents[f"lines/{make_topic_part(line.name)}"] = describe_line(line).model_dump(mode="json")
    for camera in snapshot.cameras:
        documents[f"cameras/{make_topic_part(camera.name)}"] = describe_camera(camera).model_dump(mode="json")
    return {
        f"{topic}/{part}": json.dumps(document, ensure_ascii=False) for part, document in documents.items()
    }


def open_mqtt(folder: Path) -> MqttPublisher | None:
    """For a venue's broker; None where there is none, or it is switched off.

    Raises:
        VenueError: the settings cannot be read.
    """
    settings = read_mqtt(folder)
    if settings is None or not settings.is_enabled:
        return None
    return MqttPublisher(
        settings, find_login=lambda: find_login(settings, open_credential_store(settings_folder()))
    )


def _make_lost_error(settings: MqttSettings) -> OutputError:
    return OutputError(
        "The connection to the broker {host} broke.",
        "It is tried again by itself; look whether the broker runs.",
        host=settings.host,
    )

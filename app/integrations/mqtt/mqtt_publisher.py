"""Publisher of the hall's state and events to an MQTT broker, which reconnects with growing delays."""

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
from app.core.versions import find_expoflow_version
from app.integrations.hall_events import EventWatch
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.mqtt.mqtt_connection import OFFLINE, ONLINE, MqttConnection, SentMessage, find_login
from app.integrations.mqtt.mqtt_settings import MqttSettings, read_mqtt
from app.integrations.rest.rest_models import CameraNow, HallNow, LineNow, ZoneNow
from resources.translations import load_translations

_SAFE = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class _Entity:
    """A value for Home Assistant, with its topic and presentation.

    Attributes:
        component: ``sensor`` or ``binary_sensor``.
        part: the part of its state topic.
        value: template that reads the value from a JSON document.
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
    """Return a name as a topic part of letters, digits, ``_`` and ``-``, unique to the name."""
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
    """Return Home Assistant's discovery messages by topic, to be retained: one for every value of the hall.

    Args:
        topic: the prefix of all topics.
        discovery_topic: Home Assistant's discovery prefix.
        translate: returns a name's template in another language, with the same fields.
    """

    def render(text: str | Phrase) -> str:
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
            "name": render(entity.name),
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
            "unit_of_measurement": render(entity.unit),
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
    yield _Entity("sensor", "hall", "people", Phrase("People in the hall"), _value("people"), **people)
    yield _Entity(
        "sensor",
        "hall",
        "arrivals_15_min",
        Phrase("Footfall in 15 minutes"),
        _value("arrivals_15_min"),
        **people,
    )
    yield _Entity(
        "sensor",
        "hall",
        "arrivals_today",
        Phrase("Footfall today"),
        _value("arrivals_today"),
        **today,
    )
    yield _Entity(
        "binary_sensor", "hall", "alarm", Phrase("Alarm"), _flag("has_alarm"), device_class="problem"
    )
    for zone in snapshot.zones:
        part, of_zone = f"zones/{make_topic_part(zone.name)}", {"zone": zone.name}
        yield _Entity("sensor", part, "people", Phrase("{zone}: people", of_zone), _value("people"), **people)
        yield _Entity(
            "sensor", part, "density", Phrase("{zone}: density", of_zone), _value("density_per_m2"),
            unit=Phrase("people/m²"), state_class="measurement",
        )  # fmt: skip
        yield _Entity(
            "sensor",
            part,
            "visits_today",
            Phrase("{zone}: visits today", of_zone),
            _value("visits_today"),
            **today,
        )
        if zone.kind == "queue":
            yield _Entity(
                "sensor", part, "wait", Phrase("{zone}: wait", of_zone), _value("wait_s"),
                unit="s", device_class="duration", state_class="measurement",
            )  # fmt: skip
        yield _Entity(
            "binary_sensor",
            part,
            "alarm",
            Phrase("{zone}: alarm", of_zone),
            _flag("has_alarm"),
            device_class="problem",
        )
    for line in snapshot.lines:
        part, of_line = f"lines/{make_topic_part(line.name)}", {"line": line.name}
        for way, name in (
            ("in", Phrase("{line}: in today", of_line)),
            ("out", Phrase("{line}: out today", of_line)),
        ):
            yield _Entity("sensor", part, way, name, _value(f"{way}_today"), **today)
    for camera in snapshot.cameras:
        yield _Entity(
            "binary_sensor",
            f"cameras/{make_topic_part(camera.name)}",
            "state",
            camera.name,
            "{{ {'live': 'ON', 'down': 'OFF'}.get(value_json.state, 'None') }}",
            device_class="connectivity",
        )


def _value(name: str) -> str:
    """Return a template that reads a value; null means unknown, not 0."""
    return "{{ value_json." + name + " }}"


def _flag(name: str) -> str:
    return "{{ 'ON' if value_json." + name + " else 'OFF' }}"


MAX_EVENTS = 1000
"""Events that may wait for the broker; the oldest are dropped first."""
MIN_RETRY_S, MAX_RETRY_S = 1.0, 60.0
_LOG = logging.getLogger(__name__)
FindLogin = Callable[[], Credential | None]


class MqttPublisher:
    """A publisher of these topics below the topic of the settings:

    - ``status``: ``online`` or ``offline``, also after a crash or network failure;
    - ``hall``, ``zones/NAME``, ``lines/NAME``, ``cameras/NAME``: the current state as JSON, retained and
      sent when it changes;
    - ``events``: one message per event, not retained; events wait while the broker is away;
    - and Home Assistant's discovery messages under its own prefix.

    Retained messages of deleted zones, lines and cameras are removed.
    """

    name = "MQTT"

    def __init__(self, settings: MqttSettings, *, find_login: FindLogin, clock: Clock | None = None) -> None:
        self._settings, self._find_login = settings, find_login
        self._clock = clock or SystemClock()
        self._translate = load_translations(settings.language).gettext
        self._connection: MqttConnection | None = None
        self._failure: ExpoFlowError | None = None
        self._retry_s, self._next_try_s = MIN_RETRY_S, 0.0
        self._watch = EventWatch()
        self._is_first = True
        self._events: deque[_WaitingEvent] = deque()
        self._published: dict[str, str] = {}
        self._published_at_s: dict[str, float] = {}
        self.dropped = 0
        """Events that were dropped because the broker was away too long."""

    def publish(self, snapshot: HallSnapshot) -> None:
        """Publish what has changed.

        Raises:
            OutputError: the broker is not available, with the reason.
            CredentialError: the password cannot be found.
        """
        self._queue_events(snapshot)
        connection = self._connect()
        self._publish_states(connection, snapshot)
        self._send_events(connection)

    @property
    def is_connected(self) -> bool:
        """Return whether the broker is connected."""
        return self._connection is not None and self._connection.is_up

    def close(self) -> None:
        """Send ``offline`` and disconnect."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _queue_events(self, snapshot: HallSnapshot) -> None:
        events = self._watch.compare(snapshot)
        if self._is_first:
            # conditions from before the start are part of the states
            self._is_first = False
            return
        for event in events:
            if len(self._events) >= MAX_EVENTS:
                self._events.popleft()
                self.dropped += 1
                _LOG.warning("MQTT: an event was dropped, %d by now.", self.dropped)
            self._events.append(_WaitingEvent(json.dumps(event.describe(), ensure_ascii=False)))

    def _send_events(self, connection: MqttConnection) -> None:
        """Send events not yet sent over this connection, and discard confirmed ones."""
        while self._events and (sent := self._events[0].sent) is not None and sent.has_arrived:
            self._events.popleft()
        for event in self._events:
            if event.sent is None:
                event.sent = connection.publish(
                    f"{self._settings.topic}/events", event.payload, is_retained=False
                )

    def _connect(self) -> MqttConnection:
        if self._connection is not None and self._connection.is_up:
            return self._connection
        now_s = self._clock.monotonic_s()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._failure = _make_connection_error(self._settings)
            self._retry_s, self._next_try_s = MIN_RETRY_S, now_s
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
            self._next_try_s = self._clock.monotonic_s() + self._retry_s
            self._retry_s = min(2 * self._retry_s, MAX_RETRY_S)
            raise
        self._failure, self._retry_s = None, MIN_RETRY_S
        # a restarted broker may have lost everything
        self._published.clear()
        self._published_at_s.clear()
        for event in self._events:
            event.sent = None
        return self._connection

    def _publish_states(self, connection: MqttConnection, snapshot: HallSnapshot) -> None:
        now_s = self._clock.monotonic_s()
        current = dict(_list_states(snapshot, self._settings.topic))
        if self._settings.discovery_topic:
            current |= list_discovery(
                snapshot,
                topic=self._settings.topic,
                discovery_topic=self._settings.discovery_topic,
                version=find_expoflow_version(),
                translate=self._translate,
            )
        for topic, payload in current.items():
            is_new = topic not in self._published
            is_due = now_s - self._published_at_s.get(topic, 0.0) >= self._settings.every_s
            if is_new or (is_due and self._published[topic] != payload):
                connection.publish(topic, payload, is_retained=True)
                self._published[topic], self._published_at_s[topic] = payload, now_s
        for topic in (connection.take_retained_topics() | self._published.keys()) - current.keys():
            connection.publish(topic, "", is_retained=True)
            self._published.pop(topic, None)


@dataclass(slots=True)
class _WaitingEvent:
    """An event that the broker has not confirmed; ``sent`` over the current connection."""

    payload: str
    sent: SentMessage | None = None


def _list_states(snapshot: HallSnapshot, topic: str) -> Mapping[str, str]:
    alarmed = {alarm.key.zone for alarm in snapshot.alarms}
    hall = HallNow.model_validate(snapshot).model_dump(
        mode="json", exclude={"zones", "lines", "cameras", "alarms"}
    )
    documents = {
        "hall": {**hall, "has_alarm": bool(snapshot.alarms), "open_alarms": len(snapshot.alarms)},
    }
    for zone in snapshot.zones:
        documents[f"zones/{make_topic_part(zone.name)}"] = {
            **ZoneNow.model_validate(zone).model_dump(mode="json"),
            "has_alarm": zone.name in alarmed,
        }
    for line in snapshot.lines:
        documents[f"lines/{make_topic_part(line.name)}"] = LineNow.model_validate(line).model_dump(
            mode="json"
        )
    for camera in snapshot.cameras:
        documents[f"cameras/{make_topic_part(camera.name)}"] = CameraNow.model_validate(camera).model_dump(
            mode="json"
        )
    return {
        f"{topic}/{part}": json.dumps(document, ensure_ascii=False) for part, document in documents.items()
    }


def open_mqtt(folder: Path) -> MqttPublisher | None:
    """Return a publisher for a venue's broker; None if there is none or it is switched off.

    Raises:
        VenueError: the settings cannot be read.
    """
    settings = read_mqtt(folder)
    if settings is None or not settings.is_enabled:
        return None
    return MqttPublisher(settings, find_login=lambda: find_login(settings, open_credential_store()))


def _make_connection_error(settings: MqttSettings) -> OutputError:
    return OutputError(
        "The connection to the broker {host} was lost.",
        "It is retried automatically; check that the broker is running.",
        host=settings.host,
    )

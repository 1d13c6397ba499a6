"""MQTT with a real broker: retained states, last will, waiting events and Home Assistant."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.errors import OutputError
from analytics.domain.zone_targets import AlarmMeasure
from app.core.credentials import Credential
from app.integrations.hall_snapshot import CameraSnapshot, HallSnapshot, LineSnapshot, ZoneSnapshot
from app.integrations.mqtt.mqtt_publisher import MqttPublisher, make_topic_part
from app.integrations.mqtt.mqtt_settings import MqttSettings
from tests.support.halls.walked_hall import SetClock
from tests.support.reports.certificates import write_certificate
from tests.support.servers.mqtt_broker import PASSWORD, USER, Broker, Listener, listen, run_broker
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[2]
NOW_UTC_S = 1_773_460_800.0
ALARM = Alarm(AlarmKey(AlarmMeasure.PEOPLE, "Café"), NOW_UTC_S, 20.0, 23.0)
HALL = HallSnapshot(
    venue="Hall 3",
    at_utc_s=NOW_UTC_S,
    is_observed=True,
    people=41,
    zones=(ZoneSnapshot("Café", "catering", people=12, capacity=20), ZoneSnapshot("stage", "stage")),
    lines=(LineSnapshot("door", "entrance", 210, 190),),
    cameras=(CameraSnapshot("north", "live", 5.0),),
)
CAFE = f"expoflow/hall/zones/{make_topic_part('Café')}"


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with run_broker(tmp_path) as broker:
        yield broker


def make_publisher(
    broker: Broker, *, password: str = PASSWORD, clock: SetClock | None = None, **changes: object
) -> MqttPublisher:
    settings = replace(
        MqttSettings("127.0.0.1", broker.port, uses_tls=False, topic="expoflow/hall", user=USER),
        **changes,  # type: ignore[arg-type]
    )
    return MqttPublisher(settings, find_login=lambda: Credential(USER, password), clock=clock)


def read_hall(listener: Listener) -> dict[str, object]:
    (*_, last) = listener.find("expoflow/hall/hall")
    document: dict[str, object] = json.loads(last)
    return document


def find_configs(listener: Listener) -> list[dict[str, str]]:
    return [json.loads(text) for topic, text in list(listener.kept.items()) if topic.endswith("/config")]


def test_states_are_retained_with_null_for_unobserved_values(broker: Broker) -> None:
    publisher = make_publisher(broker)
    # 4 figures of the hall, 4 of each zone, 2 of the line, 1 of the camera; 5 states, and online
    with listen(broker) as early:
        publisher.publish(HALL)
        wait_until(
            lambda: len({topic for topic, _ in list(early.messages)}) == 15 + 6, what="not all is told"
        )
    with listen(broker) as listener:
        wait_until(lambda: len(listener.kept) == 15 + 6, what="not everything is kept")
        assert listener.kept["expoflow/hall/status"] == "online"
        assert read_hall(listener) | {"people": 41, "arrivals_today": None} == read_hall(listener)
        cafe, stage = (json.loads(listener.kept[t]) for t in (CAFE, "expoflow/hall/zones/stage"))
        assert (cafe["name"], cafe["people"], cafe["has_alarm"]) == ("Café", 12, False)
        assert stage["people"] is None
        config = json.loads(
            listener.kept[f"homeassistant/sensor/expoflow_hall_{_digest()}/{_part('Café')}_people/config"]
        )
        assert config["state_topic"] == CAFE
        assert config["availability_topic"] == "expoflow/hall/status"
        assert config["unit_of_measurement"] == "people"
        assert config["device"]["name"] == "Hall 3"
        assert len({config["unique_id"] for config in find_configs(listener)}) == 15
        # no coordinate and no visitor in any message
        assert not [text for _, text in listener.messages if "visitor" in text or "x_m" in text]
        publisher.close()
        wait_until(lambda: listener.find("expoflow/hall/status")[-1] == "offline", what="no good-bye")


def test_home_assistant_names_are_in_the_chosen_language(broker: Broker) -> None:
    publisher = make_publisher(broker, language="zh_CN")
    with listen(broker) as listener:
        publisher.publish(HALL)
        topic = f"homeassistant/sensor/expoflow_hall_{_digest()}/{_part('Café')}_people/config"
        wait_until(lambda: listener.find(topic), what="not announced")
        config = json.loads(listener.find(topic)[0])
    assert (config["name"], config["unit_of_measurement"]) == ("Café：人数", "人")
    publisher.close()


def _digest() -> str:
    return make_topic_part("expoflow/hall").rpartition("_")[2]


def _part(name: str) -> str:
    return f"zones_{make_topic_part(name)}"


def test_events_are_sent_once_after_the_broker_returns(broker: Broker) -> None:
    clock = SetClock()
    publisher = make_publisher(broker, clock=clock)
    publisher.publish(HALL)
    broker.kill()
    wait_until(lambda: publisher.is_connected is False, what="the end is not noticed")
    alarmed = replace(HALL, at_utc_s=NOW_UTC_S + 5, people=60, alarms=(ALARM,))
    with pytest.raises(OutputError, match=r"127\.0\.0\.1 does not answer"):
        publisher.publish(alarmed)
    # not before the delay, and with the same reason
    broker.start()
    with pytest.raises(OutputError, match="does not answer"):
        publisher.publish(alarmed)
    with listen(broker) as listener:
        clock.now_s += 1.01
        publisher.publish(replace(alarmed, at_utc_s=NOW_UTC_S + 6))
        wait_until(lambda: listener.find("expoflow/hall/events"), what="the event is lost")
        wait_until(lambda: listener.find(CAFE), what="the states are not told again")
        assert read_hall(listener)["people"] == 60
        assert json.loads(listener.find(CAFE)[-1])["has_alarm"] is True
        clock.now_s += 10
        publisher.publish(replace(HALL, at_utc_s=NOW_UTC_S + 20))
        wait_until(
            lambda: len(listener.find("expoflow/hall/events")) == 2, what="the alarm's end is not told"
        )
        raised, cleared = (json.loads(text) for text in listener.find("expoflow/hall/events"))
        assert (raised["event"], raised["zone"], raised["worst"]) == ("alarm_raised", "Café", 23)
        assert (cleared["event"], cleared["at_utc"]) == ("alarm_cleared", "2026-03-14T04:00:20.000Z")
    assert publisher.dropped == 0
    publisher.close()


def test_unconfirmed_events_are_sent_again(broker: Broker) -> None:
    clock = SetClock()
    publisher = make_publisher(broker, clock=clock)
    publisher.publish(HALL)
    broker.freeze()
    publisher.publish(replace(HALL, at_utc_s=NOW_UTC_S + 1, alarms=(ALARM,)))
    broker.kill()
    wait_until(lambda: publisher.is_connected is False, what="the end is not noticed")
    broker.start()
    with listen(broker) as listener:
        clock.now_s += 2
        publisher.publish(replace(HALL, at_utc_s=NOW_UTC_S + 2, alarms=(ALARM,)))
        wait_until(lambda: listener.find("expoflow/hall/events"), what="the event is lost")
    publisher.close()


PUBLISH_AND_WAIT = """
import sys, time
from tests.integration.test_mqtt import HALL, MqttPublisher, MqttSettings, Credential, USER, PASSWORD
settings = MqttSettings("127.0.0.1", int(sys.argv[1]), uses_tls=False, topic="expoflow/hall", user=USER)
MqttPublisher(settings, find_login=lambda: Credential(USER, PASSWORD)).publish(HALL)
time.sleep(30)
"""


def test_a_killed_program_is_reported_offline(broker: Broker) -> None:
    with listen(broker) as listener:
        child = subprocess.Popen([sys.executable, "-c", PUBLISH_AND_WAIT, str(broker.port)], cwd=PROJECT)
        try:
            wait_until(lambda: listener.find("expoflow/hall/status") == ["online"], what="not online")
        finally:
            child.kill()
            child.wait(10)
        wait_until(lambda: listener.find("expoflow/hall/status")[-1] == "offline", what="no last will")


def test_retained_topics_of_deleted_parts_are_removed(broker: Broker) -> None:
    first = make_publisher(broker)
    with listen(broker) as listener:
        first.publish(HALL)
        wait_until(lambda: listener.find(CAFE), what="the zone is not told")
    first.close()
    second = make_publisher(broker)
    without = replace(HALL, zones=HALL.zones[1:])
    with listen(broker) as listener:
        wait_until(lambda: CAFE in listener.kept, what="nothing is kept")

        def is_cleared() -> bool:
            second.publish(without)
            return listener.find(CAFE)[-1] == ""

        wait_until(is_cleared, what="the zone is still there")
    second.close()
    with listen(broker) as listener:
        wait_until(lambda: "expoflow/hall/zones/stage" in listener.kept, what="nothing is kept")
        assert not [topic for topic in listener.kept if make_topic_part("Café") in topic]


def test_a_wrong_password_is_reported(broker: Broker) -> None:
    clock = SetClock()
    publisher = make_publisher(broker, password="guessed", clock=clock)
    with pytest.raises(OutputError, match="rejected the login of 'expoflow'") as caught:
        publisher.publish(HALL)
    assert "guessed" not in str(caught.value)
    publisher.close()


def test_the_brokers_certificate_is_verified(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path, "broker")
    with run_broker(tmp_path, tls=(certificate, key)) as broker:
        trusting = make_publisher(broker, uses_tls=True, ca_file=str(certificate))
        trusting.publish(HALL)
        assert trusting.is_connected
        trusting.close()
        with pytest.raises(OutputError, match="does not trust"):
            make_publisher(broker, uses_tls=True).publish(HALL)


def test_a_port_without_tls_is_reported(broker: Broker) -> None:
    with pytest.raises(OutputError, match="does not use TLS"):
        make_publisher(broker, uses_tls=True).publish(HALL)

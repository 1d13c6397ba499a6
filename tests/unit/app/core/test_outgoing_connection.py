"""Nothing is sent to link-local addresses and metadata services, however they are written or named."""

from __future__ import annotations

import socket
from datetime import time
from pathlib import Path

import pytest

from analytics.domain.errors import OutputError, VenueError
from app.access.audit_log import read_entries
from app.core.outgoing_connection import create_connection
from app.core.web_address import is_metadata_host
from app.integrations.mqtt.mqtt_connection import MqttConnection
from app.integrations.mqtt.mqtt_settings import MqttSettings, save_mqtt, suggest_mqtt
from app.integrations.webhooks.webhook_publisher import make_trial, post_event
from app.integrations.webhooks.webhook_settings import Webhook, save_webhook
from app.reports.schedule_file import Rhythm, Schedule, Target, save_schedule
from tests.support.halls.known_history import make_known_venue
from tests.support.servers.web_receiver import receive

TRIAL = make_trial("hall", now_utc_s=0.0)
BROKER = MqttSettings("2852039166", 1883, uses_tls=False, topic="hall")
SPELLINGS = [
    "169.254.169.254",
    "169.254.1.2",
    "169.254.169.254.",
    "2852039166",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.16689662",
    "[::ffff:169.254.169.254]",
    "::ffff:a9fe:a9fe",
    "::a9fe:a9fe",
    "64:ff9b::169.254.169.254",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "FE80::1%eth0",
    "febf::1",
    "fd00:ec2::254",
    "fd20:ce::254",
    "100.100.100.200",
    "168.63.129.16",
    "metadata.google.internal",
    "METADATA.Google.internal.",
    "metadata",
    "\uff11\uff16\uff19.254.169.254",
    "%31%36%39.254.169.254",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_link_local_and_metadata_addresses_are_known_in_every_spelling(host: str) -> None:
    assert is_metadata_host(host)


@pytest.mark.parametrize(
    "host",
    ["192.168.1.20", "10.0.0.5", "172.16.3.4", "100.64.0.1", "127.0.0.1", "localhost", "::1", "fd12::1",
     "8.8.8.8", "fec0::1", "::ffff:192.168.1.20", "broker.local", "metadata.example.org", "169.255.0.1", "",
     "expo-169.254"],
)  # fmt: skip
def test_addresses_of_a_local_network_are_allowed(host: str) -> None:
    assert not is_metadata_host(host)


@pytest.mark.parametrize("host", ["169.254.169.254", "0xa9fea9fe", "[fe80::1]", "metadata.google.internal"])
def test_they_cannot_be_entered(tmp_path: Path, host: str) -> None:
    folder = make_known_venue(tmp_path, is_recorded=False).folder
    report = Schedule("evening", "day", Rhythm.DAY, time(18), Target.WEBHOOK, f"https://{host}/hook")
    with pytest.raises(VenueError, match="metadata service"):
        save_webhook(folder, Webhook("ops", f"https://{host}/hook"))
    with pytest.raises(VenueError, match="metadata service"):
        save_mqtt(folder, suggest_mqtt(folder, host))
    with pytest.raises(VenueError, match="metadata service"):
        save_schedule(folder, report)
    assert not (folder / "integrations.toml").exists()
    entries = read_entries(folder)
    assert {entry.outcome.value for entry in entries} == {"not completed"}


def test_what_is_on_the_disk_already_is_not_connected_to() -> None:
    # as a file says that was written by hand or by somebody else
    with pytest.raises(OutputError, match="metadata service"):
        post_event(
            Webhook("ops", "https://0xa9fea9fe/hook"),
            make_trial("hall", now_utc_s=0.0),
            secret=None,
            now_utc_s=0.0,
        )
    with pytest.raises(OutputError, match="metadata service"):
        MqttConnection(BROKER, None, status_topic="")


def resolve_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let the name ``tenant.example`` lead to these addresses, as its owner can have it."""
    resolve = socket.getaddrinfo

    def look_up(host: str, port: int, *rest: object, **options: object) -> object:
        if host != "tenant.example":
            return resolve(host, port, *rest, **options)  # type: ignore[arg-type]
        return [found for address in addresses for found in resolve(address, port, type=socket.SOCK_STREAM)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254"])
def test_a_name_that_leads_there_is_looked_at_when_it_is_connected_to(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolve_to(monkeypatch, address)
    with pytest.raises(OutputError, match=r"'tenant\.example' resolves to"):
        post_event(Webhook("ops", "https://tenant.example/hook"), TRIAL, secret=None, now_utc_s=0.0)
    with pytest.raises(OutputError, match=r"'tenant\.example' resolves to"):
        MqttConnection(
            MqttSettings("tenant.example", 1883, uses_tls=False, topic="hall"), None, status_topic=""
        )


def test_a_name_with_a_link_local_address_beside_its_usual_one_is_reached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with receive() as receiver:
        port = receiver.server_address[1]
        resolve_to(monkeypatch, "fe80::1", "127.0.0.1")
        with create_connection(("tenant.example", port), 2.0) as connection:
            assert connection.getpeername() == ("127.0.0.1", port)


def test_a_redirection_there_is_not_followed() -> None:
    with receive() as receiver:
        receiver.answers += [307]
        with pytest.raises(OutputError, match="307"):
            post_event(Webhook("ops", receiver.url), TRIAL, secret=None, now_utc_s=0.0)

"""REST server: addresses, TLS, connection limits, and safety after a kill."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.error import URLError

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import VenueError
from app.core.file_format import write_venue
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.idle_timeout import (
    MAX_ACCEPTED_PER_CLIENT,
    MAX_PER_CLIENT,
    IdleTimeoutConnection,
    name_client,
)
from app.integrations.rest.access_tokens import Scope, read_tokens
from app.integrations.rest.rest_server import RestServer, open_rest
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest, save_rest
from app.integrations.venue_server import VenueServer
from tests.support.command_line import PROJECT, run_app
from tests.support.halls.walked_hall import make_hall
from tests.support.reports.certificates import write_certificate
from tests.support.waiting import wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    return venue.folder


def find_port() -> int:
    """Return a free port below those that systems give to outgoing connections, which would soon take it."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("0.0.0.0", port))
            return port


@pytest.fixture
def certificate(folder: Path) -> tuple[str, str]:
    write_certificate(folder, "hall")
    return "hall.pem", "hall.key"


def request_json(url: str, secret: str, *, trust: Path | None = None) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {secret}"})
    context = None if trust is None else ssl.create_default_context(cafile=str(trust))
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return answer.status, json.loads(answer.read())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (RestSettings(True, host="0.0.0.0"), "Without TLS"),
        (RestSettings(True, host="::"), "Without TLS"),
        (RestSettings(True, host="192.0.2.7"), "Without TLS"),
        (RestSettings(True, host="hall.example"), "is not a valid IP address"),
        (RestSettings(True, tls_certificate="hall.pem"), "needs a certificate and its key"),
        (RestSettings(True, tls_certificate="no.pem", tls_key="no.key"), "There is no"),
        (RestSettings(True, port=80), "Port 80 cannot be used"),
        (RestSettings(True, requests_per_min=0), "0 is not a valid number"),
    ],
)
def test_invalid_settings_are_rejected_without_a_change(
    folder: Path, settings: RestSettings, message: str
) -> None:
    save_rest(folder, RestSettings(True, port=9000))
    with pytest.raises(VenueError, match=message):
        save_rest(folder, settings)
    assert read_rest(folder) == RestSettings(True, port=9000)


def test_settings_written_by_hand_are_validated(folder: Path) -> None:
    save_rest(folder, RestSettings(True))
    file = folder / "integrations.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("127.0.0.1", "0.0.0.0"), encoding="utf-8")
    with pytest.raises(VenueError, match="Without TLS"):
        open_rest(folder)
    file.write_text("format = 1\n[rest]\nenabled = 'yes'\n", encoding="utf-8")
    with pytest.raises(VenueError, match="other systems in"):
        open_rest(folder)


@pytest.fixture
def tls_server(folder: Path, certificate: tuple[str, str]) -> Iterator[RestServer]:
    settings = RestSettings(True, "0.0.0.0", find_port(), *certificate)
    server = RestServer(folder, save_rest(folder, settings))
    yield server
    server.close()


def test_with_tls_the_server_is_reachable_from_the_network(folder: Path, tls_server: RestServer) -> None:
    _, secret = add_token(folder, "city", [Scope.NOW])
    tls_server.publish(HallSnapshot("hall", SystemClock().now_utc_s(), people=7))
    port = read_rest(folder).port
    url = f"https://127.0.0.1:{port}/v1/now"
    assert request_json(url, secret, trust=folder / "hall.pem")[1]["people"] == 7
    with pytest.raises((URLError, ConnectionError, OSError)):
        request_json(url.replace("https", "http"), secret)


def test_a_certificate_with_another_key_is_rejected(folder: Path, certificate: tuple[str, str]) -> None:
    _, other = write_certificate(folder, "other")
    other.replace(folder / "hall.key")
    with pytest.raises(VenueError, match="and its key cannot be used"):
        RestServer(folder, RestSettings(True, "0.0.0.0", find_port(), *certificate))


def test_clients_that_do_not_read_delay_no_others(folder: Path) -> None:
    settings = save_rest(folder, RestSettings(True, port=find_port()))
    _, secret = add_token(folder, "city", [Scope.NOW])
    with (
        socket.create_server((settings.host, settings.port)),
        pytest.raises(VenueError, match="No server can use"),
    ):
        RestServer(folder, settings)
    server = RestServer(folder, settings)
    try:
        now_s = SystemClock().now_utc_s()
        server.publish(HallSnapshot("hall", now_s, people=1))
        request_json(f"{settings.url}/v1/now", secret)
        stalled = [socket.create_connection((settings.host, settings.port)) for _ in range(3)]
        for client in stalled:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.sendall(
                f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n\r\n".encode()
            )
        request = urllib.request.Request(
            f"{settings.url}/v1/events", headers={"Authorization": f"Bearer {secret}", "Last-Event-ID": "99"}
        )
        with urllib.request.urlopen(request, timeout=10) as listened:
            people_read: list[int] = []
            for people in range(2, 6):
                server.publish(HallSnapshot("h" * 60_000, now_s, people=people))
                while not people_read or people_read[-1] != people:
                    line = listened.readline().decode()
                    if line.startswith("data: "):
                        people_read.append(json.loads(line[6:])["people"])
        begun_s = time.monotonic()
        assert request_json(f"{settings.url}/v1/now", secret)[1]["people"] == 5
        assert time.monotonic() - begun_s < 1.0
        for client in stalled:
            client.close()
    finally:
        server.close()
    with pytest.raises(VenueError, match="has stopped"):
        server.publish(HallSnapshot("hall", now_s))


def is_serving(settings: RestSettings, secret: str) -> bool:
    try:
        return request_json(f"{settings.url}/v1/now", secret)[0] == 200
    except OSError:
        return False


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(100) == b""
    except BlockingIOError:
        return False


def test_an_incomplete_request_is_closed_and_an_active_connection_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IdleTimeoutConnection, "check_interval_s", 1.0)
    settings = save_rest(folder, RestSettings(True, port=find_port()))
    _, secret = add_token(folder, "city", [Scope.NOW])
    server = RestServer(folder, settings)
    client = http.client.HTTPConnection(settings.host, settings.port, timeout=5)
    try:
        server.publish(HallSnapshot("hall", SystemClock().now_utc_s()))
        client.connect()
        connection = client.sock
        with socket.create_connection((settings.host, settings.port), timeout=5) as incomplete:
            incomplete.sendall(b"GET /v1/now HTTP/1.1\r\nHost:")
            incomplete.setblocking(False)
            answers, deadline_s = 0, time.monotonic() + 20.0
            while not is_closed(incomplete):
                assert time.monotonic() < deadline_s
                client.request("GET", "/v1/lines", headers={"Authorization": f"Bearer {secret}"})
                assert client.getresponse().read() == b"[]"
                answers += 1
                time.sleep(0.02)  # a steady client
            assert answers > 1
            # over the same connection
            assert client.sock is connection
    finally:
        client.close()
        server.close()


needs_addresses = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has several loopback addresses"
)


@contextlib.contextmanager
def connections(settings: RestSettings, client: str, count: int) -> Iterator[list[socket.socket]]:
    """Open idle connections from one address."""
    with contextlib.ExitStack() as stack:
        opened = [
            socket.create_connection(("127.0.0.1", settings.port), timeout=5, source_address=(client, 0))
            for _ in range(count)
        ]
        for one in opened:
            stack.callback(one.close)
            one.setblocking(False)
        yield opened


def request_from(
    client: str, settings: RestSettings, secret: str, *, trust: Path | None = None
) -> http.client.HTTPResponse:
    if trust is None:
        connection = http.client.HTTPConnection(
            "127.0.0.1", settings.port, timeout=5, source_address=(client, 0)
        )
    else:
        connection = http.client.HTTPSConnection(
            "127.0.0.1",
            settings.port,
            timeout=5,
            source_address=(client, 0),
            context=ssl.create_default_context(cafile=str(trust)),
        )
    with contextlib.closing(connection):
        connection.request("GET", "/v1/now", headers={"Authorization": f"Bearer {secret}"})
        answer = connection.getresponse()
        answer.read()
        return answer


def count_open(opened: list[socket.socket]) -> int:
    def is_open(connection: socket.socket) -> bool:
        try:
            return not is_closed(connection)
        except ConnectionError:
            return False

    return sum(map(is_open, opened))


@pytest.fixture
def open_server(folder: Path) -> Iterator[tuple[RestSettings, str]]:
    settings = save_rest(folder, RestSettings(True, port=find_port()))
    _, secret = add_token(folder, "city", [Scope.NOW])
    server = RestServer(folder, settings)
    server.publish(HallSnapshot("hall", SystemClock().now_utc_s(), people=1))
    yield settings, secret
    server.close()


@needs_addresses
def test_idle_connections_of_one_client_do_not_block_others(open_server: tuple[RestSettings, str]) -> None:
    with connections(open_server[0], "127.0.0.2", 250) as idle:
        assert request_from("127.0.0.3", *open_server).status == 200
        assert request_from("127.0.0.2", *open_server).status == 200
        assert 0 < count_open(idle) <= MAX_PER_CLIENT


@needs_addresses
def test_an_active_stream_is_not_closed_for_idle_connections(open_server: tuple[RestSettings, str]) -> None:
    settings, secret = open_server
    with connections(settings, "127.0.0.2", 1) as (listening,):
        listening.settimeout(5)
        listening.sendall(
            f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n\r\n".encode()
        )
        assert listening.recv(12) == b"HTTP/1.1 200"
        listening.setblocking(False)
        with connections(settings, "127.0.0.2", 250):
            assert request_from("127.0.0.3", *open_server).status == 200
            assert count_open([listening]) == 1


@needs_addresses
def test_connections_without_a_handshake_do_not_block_others(folder: Path, tls_server: RestServer) -> None:
    _, secret = add_token(folder, "city", [Scope.NOW])
    tls_server.publish(HallSnapshot("hall", SystemClock().now_utc_s(), people=7))
    settings = read_rest(folder)
    with connections(settings, "127.0.0.2", 250) as idle:
        assert request_from("127.0.0.3", settings, secret, trust=folder / "hall.pem").status == 200
        assert count_open(idle) <= MAX_ACCEPTED_PER_CLIENT


def test_idle_connections_are_closed_at_the_first_check(
    open_server: tuple[RestSettings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IdleTimeoutConnection, "check_interval_s", 0.5)
    with connections(open_server[0], "127.0.0.1", 3) as idle:
        wait_until(lambda: not count_open(idle), 10.0)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("192.0.2.7", "::ffff:192.0.2.7", True),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_clients_are_ipv4_addresses_or_ipv6_networks(one: str, other: str, *, is_same: bool) -> None:
    assert (name_client(one) == name_client(other)) is is_same


def test_a_venue_is_served_by_one_program_and_only_with_an_enabled_publisher(folder: Path) -> None:
    with pytest.raises(VenueError, match="No other system is set up"):
        VenueServer(folder)
    save_rest(folder, RestSettings(True, port=find_port()))
    server, stop = VenueServer(folder), threading.Event()
    with pytest.raises(VenueError, match="already serves 'hall'"):
        VenueServer(folder)
    stop.set()
    server.run(stop)
    again = VenueServer(folder)
    again.run(stop)


@pytest.mark.slow
def test_a_killed_server_leaves_everything_intact(folder: Path, tmp_path: Path) -> None:
    settings = RestSettings(True, port=find_port())
    home = {"EXPOFLOW_HOME": str(tmp_path / "home")}
    assert run_app("rest", "on", "--venue", folder, "--port", settings.port, environment=home).returncode == 0
    added = run_app("token", "add", "city", "--venue", folder, environment=home)
    secret = added.stdout.strip()
    assert secret.startswith("expoflow_")
    before = {file: file.read_bytes() for file in folder.iterdir() if file.suffix == ".toml"}
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-m", "app", "serve", "--venue", str(folder)],
            cwd=PROJECT,
            env={**os.environ, **home},
            stderr=subprocess.PIPE,
        )
        try:
            wait_until(partial(is_serving, settings, secret), 60)
            status, now = request_json(f"{settings.url}/v1/now", secret)
            assert (status, now["people"]) == (200, None)
            refused = run_app("serve", "--venue", folder, environment=home)
            assert refused.returncode == 1
            assert "already serves 'hall'" in refused.stderr
        finally:
            child.kill()
            _, stderr = child.communicate(timeout=20)
        assert secret.encode() not in stderr
    assert {file: file.read_bytes() for file in before} == before
    logs = list((tmp_path / "home").rglob("*.log"))
    assert logs
    assert not any(secret in log.read_text(encoding="utf-8") for log in logs)
    (token,) = read_tokens(folder)
    assert run_app("token", "revoke", token.token_id, "--venue", folder, environment=home).returncode == 0
    assert (read_rest(folder).port, read_rest(folder).is_enabled) == (settings.port, True)

"""The server itself: where it may listen, TLS, listeners that stall, and what a kill leaves."""

from __future__ import annotations

import contextlib
import dataclasses
import http.client
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import VenueError
from app.core.file_format import write_venue
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.idle_timeout import (
    MAX_CONNECTIONS,
    MAX_OF_CLIENT,
    MAX_TAKEN_OF_CLIENT,
    IdleTimeoutConnection,
    name_client,
)
from app.integrations.rest.rest_server import RestServer, open_rest
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest, save_rest
from app.integrations.venue_server import VenueServer
from tests.support.command_line import PROJECT, run_app
from tests.support.halls.walked_hall import make_hall
from tests.support.reports.certificates import write_certificate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    return venue.folder


def find_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def certificate(folder: Path) -> tuple[str, str]:
    write_certificate(folder, "hall")
    return "hall.pem", "hall.key"


def ask(url: str, secret: str, *, trust: Path | None = None) -> tuple[int, dict[str, object]]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {secret}"})
    context = None if trust is None else ssl.create_default_context(cafile=str(trust))
    with urllib.request.urlopen(request, timeout=10, context=context) as answer:
        return answer.status, json.loads(answer.read())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (RestSettings(True, host="0.0.0.0"), "0.0.0.0: it has no TLS"),
        (RestSettings(True, host="::"), "it has no TLS"),
        (RestSettings(True, host="192.0.2.7"), "it has no TLS"),
        (RestSettings(True, host="hall.example"), "is no address of a machine"),
        (RestSettings(True, tls_certificate="hall.pem"), "needs a certificate and its key"),
        (RestSettings(True, tls_certificate="no.pem", tls_key="no.key"), "There is no"),
        (RestSettings(True, port=80), "80 is no port"),
        (RestSettings(True, requests_per_min=0), "0 answers a minute"),
    ],
)
def test_what_cannot_be_safe_is_refused_and_changes_nothing(
    folder: Path, settings: RestSettings, words: str
) -> None:
    save_rest(folder, RestSettings(True, port=9000))
    with pytest.raises(VenueError, match=words):
        save_rest(folder, settings)
    assert read_rest(folder) == RestSettings(True, port=9000)


def test_settings_that_somebody_wrote_by_hand_are_checked_too(folder: Path) -> None:
    save_rest(folder, RestSettings(True))
    file = folder / "integrations.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("127.0.0.1", "0.0.0.0"), encoding="utf-8")
    with pytest.raises(VenueError, match="it has no TLS"):
        open_rest(folder)
    file.write_text("format = 1\n[rest]\nenabled = 'yes'\n", encoding="utf-8")
    with pytest.raises(VenueError, match="other systems are told"):
        open_rest(folder)


@pytest.fixture
def tls_server(folder: Path, certificate: tuple[str, str]) -> Iterator[RestServer]:
    settings = RestSettings(True, "0.0.0.0", find_port(), *certificate)
    server = RestServer(folder, save_rest(folder, settings))
    yield server
    server.close()


def test_with_tls_others_in_the_network_may_ask(folder: Path, tls_server: RestServer) -> None:
    _, secret = add_token(folder, "city", [Scope.NOW])
    tls_server.publish(HallSnapshot("hall", SystemClock().now_utc_s(), people=7))
    port = read_rest(folder).port
    url = f"https://127.0.0.1:{port}/v1/now"
    assert ask(url, secret, trust=folder / "hall.pem")[1]["people"] == 7
    with pytest.raises((URLError, ConnectionError, OSError)):
        ask(url.replace("https", "http"), secret)


def test_a_certificate_of_another_key_is_refused(folder: Path, certificate: tuple[str, str]) -> None:
    _, other = write_certificate(folder, "other")
    other.replace(folder / "hall.key")
    with pytest.raises(VenueError, match="and its key cannot be used"):
        RestServer(folder, RestSettings(True, "0.0.0.0", find_port(), *certificate))


def test_a_client_that_takes_nothing_holds_no_other(folder: Path) -> None:
    settings = save_rest(folder, RestSettings(True, port=find_port()))
    _, secret = add_token(folder, "city", [Scope.NOW])
    with socket.create_server((settings.host, settings.port)), pytest.raises(VenueError, match="can listen"):
        RestServer(folder, settings)
    server = RestServer(folder, settings)
    try:
        now_s = SystemClock().now_utc_s()
        server.publish(HallSnapshot("hall", now_s, people=1))
        ask(f"{settings.url}/v1/now", secret)
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
            told: list[int] = []
            for people in range(2, 6):
                server.publish(HallSnapshot("h" * 60_000, now_s, people=people))
                while not told or told[-1] != people:
                    line = listened.readline().decode()
                    if line.startswith("data: "):
                        told.append(json.loads(line[6:])["people"])
        begun_s = time.monotonic()
        assert ask(f"{settings.url}/v1/now", secret)[1]["people"] == 5
        assert time.monotonic() - begun_s < 1.0
        for client in stalled:
            client.close()
    finally:
        server.close()
    with pytest.raises(VenueError, match="has ended"):
        server.publish(HallSnapshot("hall", now_s))


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(100) == b""
    except BlockingIOError:
        return False


def test_whoever_never_finishes_a_question_is_let_go_and_whoever_asks_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IdleTimeoutConnection, "look_every_s", 1.0)
    settings = save_rest(folder, RestSettings(True, port=find_port()))
    _, secret = add_token(folder, "city", [Scope.NOW])
    server = RestServer(folder, settings)
    asks = http.client.HTTPConnection(settings.host, settings.port, timeout=5)
    try:
        server.publish(HallSnapshot("hall", SystemClock().now_utc_s()))
        asks.connect()
        connection = asks.sock
        with socket.create_connection((settings.host, settings.port), timeout=5) as slow:
            slow.sendall(b"GET /v1/now HTTP/1.1\r\nHost:")
            slow.setblocking(False)
            answers, deadline_s = 0, time.monotonic() + 20.0
            while not is_closed(slow):
                assert time.monotonic() < deadline_s
                asks.request("GET", "/v1/lines", headers={"Authorization": f"Bearer {secret}"})
                assert asks.getresponse().read() == b"[]"
                answers += 1
                time.sleep(0.02)
            assert answers > 1
            # it did not have to connect again
            assert asks.sock is connection
    finally:
        asks.close()
        server.close()


needs_addresses = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have one address of their own machine"
)


@contextlib.contextmanager
def connections(settings: RestSettings, client: str, count: int) -> Iterator[list[socket.socket]]:
    """So many connections of one address that say nothing."""
    with contextlib.ExitStack() as stack:
        opened = [
            socket.create_connection(("127.0.0.1", settings.port), timeout=5, source_address=(client, 0))
            for _ in range(count)
        ]
        for one in opened:
            stack.callback(one.close)
            one.setblocking(False)
        yield opened


def ask_from(
    client: str, settings: RestSettings, secret: str, *, trust: Path | None = None
) -> http.client.HTTPResponse:
    if trust is None:
        asking = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=5, source_address=(client, 0))
    else:
        asking = http.client.HTTPSConnection(
            "127.0.0.1",
            settings.port,
            timeout=5,
            source_address=(client, 0),
            context=ssl.create_default_context(cafile=str(trust)),
        )
    with contextlib.closing(asking):
        asking.request("GET", "/v1/now", headers={"Authorization": f"Bearer {secret}"})
        answer = asking.getresponse()
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
def test_idle_connections_of_one_client_keep_nobody_out(open_server: tuple[RestSettings, str]) -> None:
    with connections(open_server[0], "127.0.0.2", 250) as idle:
        assert ask_from("127.0.0.3", *open_server).status == 200
        assert ask_from("127.0.0.2", *open_server).status == 200
        assert 0 < count_open(idle) <= MAX_OF_CLIENT


@needs_addresses
def test_idle_connections_of_several_clients_keep_nobody_out(open_server: tuple[RestSettings, str]) -> None:
    with contextlib.ExitStack() as stack:
        idle = [
            one
            for number in range(2, 6)
            for one in stack.enter_context(connections(open_server[0], f"127.0.0.{number}", 70))
        ]
        for _ in range(3):
            assert ask_from("127.0.0.9", *open_server).status == 200
        assert count_open(idle) <= MAX_CONNECTIONS


@needs_addresses
def test_who_is_being_answered_is_not_let_go_for_idle_ones(open_server: tuple[RestSettings, str]) -> None:
    settings, secret = open_server
    with connections(settings, "127.0.0.2", 1) as (listens,):
        listens.settimeout(5)
        listens.sendall(
            f"GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {secret}\r\n\r\n".encode()
        )
        assert listens.recv(12) == b"HTTP/1.1 200"
        listens.setblocking(False)
        with connections(settings, "127.0.0.2", 250):
            assert ask_from("127.0.0.3", *open_server).status == 200
            assert count_open([listens]) == 1


@needs_addresses
def test_connections_that_never_begin_tls_keep_nobody_out(folder: Path, tls_server: RestServer) -> None:
    _, secret = add_token(folder, "city", [Scope.NOW])
    tls_server.publish(HallSnapshot("hall", SystemClock().now_utc_s(), people=7))
    settings = read_rest(folder)
    with connections(settings, "127.0.0.2", 250) as idle:
        assert ask_from("127.0.0.3", settings, secret, trust=folder / "hall.pem").status == 200
        assert count_open(idle) <= MAX_TAKEN_OF_CLIENT


def test_who_asks_nothing_is_let_go_at_the_first_look(
    open_server: tuple[RestSettings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IdleTimeoutConnection, "look_every_s", 0.5)
    with connections(open_server[0], "127.0.0.1", 3) as idle:
        deadline_s = time.monotonic() + 10.0
        while count_open(idle):
            assert time.monotonic() < deadline_s
            time.sleep(0.05)


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
def test_a_client_is_an_address_or_the_network_of_one(one: str, other: str, *, is_same: bool) -> None:
    assert (name_client(one) == name_client(other)) is is_same


def test_a_venue_is_served_once_at_a_time_and_only_if_somebody_is_to_be_told(folder: Path) -> None:
    with pytest.raises(VenueError, match="No other system is to be told"):
        VenueServer(folder)
    save_rest(folder, RestSettings(True, port=find_port()))
    server, stop = VenueServer(folder), threading.Event()
    with pytest.raises(VenueError, match="serves 'hall' already"):
        VenueServer(folder)
    stop.set()
    server.run(stop)
    again = VenueServer(folder)
    again.run(stop)


@pytest.mark.slow
def test_a_server_that_is_killed_leaves_nothing_broken(folder: Path, tmp_path: Path) -> None:
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
            deadline_s = time.monotonic() + 60
            while True:
                try:
                    status, now = ask(f"{settings.url}/v1/now", secret)
                    break
                except OSError:
                    assert time.monotonic() < deadline_s
                    assert child.poll() is None
                    time.sleep(0.1)
            assert (status, now["people"]) == (200, None)
            refused = run_app("serve", "--venue", folder, environment=home)
            assert refused.returncode == 1
            assert "serves 'hall' already" in refused.stderr
        finally:
            child.kill()
            _, said = child.communicate(timeout=20)
        assert secret.encode() not in said
    assert {file: file.read_bytes() for file in before} == before
    logs = list((tmp_path / "home").rglob("*.log"))
    assert logs
    assert not any(secret in log.read_text(encoding="utf-8") for log in logs)
    listed = json.loads(run_app("token", "list", "--venue", folder, "--json", environment=home).stdout)
    assert run_app("token", "revoke", listed[0]["id"], "--venue", folder, environment=home).returncode == 0
    shown = json.loads(run_app("rest", "show", "--venue", folder, "--json", environment=home).stdout)
    assert shown["port"] == settings.port
    assert dataclasses.asdict(read_rest(folder))["is_enabled"]

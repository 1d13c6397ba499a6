"""A real Mosquitto on the loopback interface, with a password, and a client that listens to it."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.waiting import wait_until

USER, PASSWORD = "expoflow", "wide-open-hall"
LIMIT_S = 10.0


def find_mosquitto() -> str:
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if found is None:
        pytest.skip("needs mosquitto (Debian package mosquitto)")
    return found


class Broker:
    """Can be killed and started again, at the same port; it forgets everything meanwhile."""

    def __init__(self, folder: Path, *, tls: tuple[Path, Path] | None = None) -> None:
        """``tls``: files of the certificate and its key."""
        self._program, self._folder = find_mosquitto(), folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        passwords = folder / "passwords"
        subprocess.run(
            ["mosquitto_passwd", "-b", "-c", str(passwords), USER, PASSWORD], check=True, capture_output=True
        )
        lines = [
            f"listener {self.port} 127.0.0.1", "allow_anonymous false", f"password_file {passwords}",
            "persistence false", "user root",
        ]  # fmt: skip
        if tls is not None:
            lines += [f"certfile {tls[0]}", f"keyfile {tls[1]}"]
        (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        log = (self._folder / "mosquitto.log").open("ab")
        self._process = subprocess.Popen(
            [self._program, "-c", str(self._folder / "mosquitto.conf")], stdout=log, stderr=log
        )
        log.close()
        wait_until(self._answers, what="mosquitto does not start")

    def freeze(self) -> None:
        """Let it take what is sent and answer nothing, until it is killed."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(LIMIT_S)
            self._process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Listener:
    """Everything that a broker has, by topic; ``kept`` was there before it asked."""

    def __init__(self, port: int) -> None:
        self.messages: list[tuple[str, str]] = []
        self.kept: dict[str, str] = {}
        self._is_subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.username_pw_set(USER, PASSWORD)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: self._is_subscribed.set()
        self._client.on_message = self._take
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert self._is_subscribed.wait(LIMIT_S)

    def find(self, topic: str) -> list[str]:
        return [payload for name, payload in list(self.messages) if name == topic]

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _take(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        payload = message.payload.decode("utf-8")
        if message.retain:
            self.kept[message.topic] = payload
        self.messages.append((message.topic, payload))


@contextmanager
def run_broker(folder: Path, *, tls: tuple[Path, Path] | None = None) -> Iterator[Broker]:
    broker = Broker(folder, tls=tls)
    try:
        yield broker
    finally:
        broker.kill()


@contextmanager
def listen(broker: Broker) -> Iterator[Listener]:
    listener = Listener(broker.port)
    try:
        yield listener
    finally:
        listener.close()

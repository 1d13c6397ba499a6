"""One connection to a broker: made at once or not at all, and over when it breaks."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from analytics.domain.errors import OutputError
from app.core.credentials import Credential, CredentialStore
from app.core.outgoing_connection import create_connection
from app.integrations.mqtt.mqtt_settings import MqttSettings

CONNECT_LIMIT_S = 5.0
KEEP_ALIVE_S = 20
QOS = 1
ONLINE, OFFLINE = "online", "offline"
_REFUSALS_OF_WHO = {"Bad user name or password", "Not authorized"}


def make_mqtt_key(settings: MqttSettings) -> str:
    """Under which the password of a broker is kept."""
    return f"mqtt:{settings.user}@{settings.host}"


def find_login(settings: MqttSettings, credentials: CredentialStore) -> Credential | None:
    """User and password of a broker; None where nobody logs in.

    Raises:
        CredentialError: the store cannot be asked.
    """
    if not settings.user:
        return None
    return credentials.find(make_mqtt_key(settings)) or Credential(settings.user, "")


class SentMessage:
    """A message on its way."""

    def __init__(self, info: paho.MQTTMessageInfo) -> None:
        self._info = info

    @property
    def has_arrived(self) -> bool:
        """Whether the broker has said that it has it."""
        try:
            return self._info.is_published()
        except (RuntimeError, ValueError):
            return False

    def wait(self, limit_s: float) -> bool:
        """Wait until the broker has it; whether it has."""
        with contextlib.suppress(RuntimeError, ValueError):
            self._info.wait_for_publish(limit_s)
        return self.has_arrived


class MqttConnection:
    """Connects when it is made; every method may be called from any thread.

    Args:
        status_topic: says ``online`` from now on, and ``offline`` whenever the connection is gone; retained.
            Empty: nothing says so.
        old_topics: patterns of topics of which retained messages are wanted.

    Raises:
        OutputError: the broker cannot be reached, or takes nobody of that name; says which.
    """

    def __init__(
        self,
        settings: MqttSettings,
        login: Credential | None,
        *,
        status_topic: str,
        old_topics: tuple[str, ...] = (),
    ) -> None:
        self._settings, self._status_topic = settings, status_topic
        self._old_topics = old_topics
        self._answer: ReasonCode | None = None
        self._is_answered, self._is_gone = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._found: set[str] = set()
        self._tls: _TlsContext | None = None
        self._client = self._make_client(login)
        try:
            self._client.connect(settings.host, settings.port, keepalive=KEEP_ALIVE_S)
            self._client.loop_start()
            self._is_answered.wait(CONNECT_LIMIT_S)
            self._check_answer()
        except BaseException as error:
            self._end()
            if isinstance(error, OSError):
                raise explain_connection(settings, error) from error
            raise

    @property
    def is_up(self) -> bool:
        """Whether the broker is there."""
        return not self._is_gone.is_set()

    def take_found(self) -> frozenset[str]:
        """Topics of ``old_topics`` under which the broker kept something, since this was asked last."""
        with self._lock:
            found, self._found = frozenset(self._found), set()
            return found

    def publish(self, topic: str, payload: str, *, is_kept: bool) -> SentMessage:
        """Send a message; it is sent again until the broker has it, for as long as the connection lasts.

        Args:
            is_kept: whoever asks later gets it, too (retained).
        """
        return SentMessage(self._client.publish(topic, payload.encode("utf-8"), qos=QOS, retain=is_kept))

    def close(self) -> None:
        """Say ``offline``, wait shortly until the broker has it, and disconnect."""
        if self.is_up and self._status_topic:
            # where it broke meanwhile, the broker says it for us
            with contextlib.suppress(RuntimeError, ValueError):
                self._client.publish(self._status_topic, OFFLINE, qos=QOS, retain=True).wait_for_publish(2.0)
        self._end()

    def _make_client(self, login: Credential | None) -> paho.Client:
        client = _Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_LIMIT_S
        client.on_connect, client.on_disconnect = self._note_answer, self._note_end
        client.on_message = self._note_old
        if self._status_topic:
            client.will_set(self._status_topic, OFFLINE, qos=QOS, retain=True)
        if login is not None:
            client.username_pw_set(login.user or self._settings.user, login.password)
        if self._settings.uses_tls:
            self._tls = _make_tls(self._settings.ca_file)
            client.tls_set_context(self._tls)
        return client

    def _check_answer(self) -> None:
        settings, answer = self._settings, self._answer
        if answer is None:
            raise OutputError(
                "What answers at {host}, port {port}, is no MQTT broker, or it is too busy.",
                "Look at the port: it is 1883 as a rule, and 8883 with TLS.",
                host=settings.host,
                port=settings.port,
            )
        if answer.is_failure:
            if str(answer) in _REFUSALS_OF_WHO:
                raise OutputError(
                    "The broker {host} does not let '{user}' in.",
                    "Enter the user and the password again.",
                    host=settings.host,
                    user=settings.user or "–",
                )
            raise OutputError(
                "The broker {host} refuses the connection: {reason}.",
                "Look into the broker's log.",
                host=settings.host,
                reason=str(answer),
            )

    def _end(self) -> None:
        self._is_gone.set()
        self._client.disconnect()
        self._client.loop_stop()
        if self._tls is not None and self._tls.last is not None:
            self._tls.last.close()

    def _note_answer(
        self,
        client: paho.Client,
        _data: object,
        _flags: paho.ConnectFlags,
        answer: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._answer = answer
        if not answer.is_failure:
            if self._status_topic:
                client.publish(self._status_topic, ONLINE, qos=QOS, retain=True)
            for pattern in self._old_topics:
                client.subscribe(pattern, qos=0)
        self._is_answered.set()

    def _note_end(
        self,
        _client: paho.Client,
        _data: object,
        _flags: paho.DisconnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._is_gone.set()
        self._is_answered.set()

    def _note_old(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if message.retain and message.payload:
            with self._lock:
                self._found.add(message.topic)


class _Client(paho.Client):
    """Goes where messages may be sent alone."""

    def _create_socket_connection(self) -> socket.socket:
        return create_connection((self._host, self._port), self._connect_timeout)


class _TlsContext(ssl.SSLContext):
    """Knows its last socket: paho-mqtt leaves one open whose handshake failed."""

    last: ssl.SSLSocket | None = None

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """As that of every context."""
        self.last = super().wrap_socket(*arguments, **options)
        return self.last


def _make_tls(ca_file: str) -> _TlsContext:
    context = _TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
        else:
            context.load_default_certs()
    except OSError as error:
        raise OutputError(
            "'{file}' holds no certificate that can be read.",
            "Give the certificate of the broker's authority as a PEM file.",
            file=ca_file,
        ) from error
    return context


def try_broker(settings: MqttSettings, login: Credential | None) -> None:
    """Connect, send one message under ``TOPIC/trial`` that nobody keeps, and wait until the broker has it.

    Raises:
        OutputError: it cannot be reached, lets nobody of that name in, or does not take the message.
    """
    connection = MqttConnection(settings, login, status_topic="")
    try:
        sent = connection.publish(f"{settings.topic}/trial", "trial", is_kept=False)
        if not sent.wait(CONNECT_LIMIT_S):
            raise OutputError(
                "The broker {host} did not take a message of the topic {topic}.",
                "Look whether the user may write there.",
                host=settings.host,
                topic=f"{settings.topic}/trial",
            )
    finally:
        connection.close()


def explain_connection(settings: MqttSettings, error: OSError) -> OutputError:
    """Why a broker cannot be reached, in words."""
    details: dict[str, object] = {"host": settings.host, "port": settings.port}
    if isinstance(error, ssl.SSLCertVerificationError):
        return OutputError(
            "The broker {host} shows a certificate that this machine does not trust: {reason}.",
            "Give the certificate of the authority that signed it, or the name that stands in it.",
            reason=error.verify_message,
            **details,
        )
    # one that awaits no TLS hangs up as soon as it hears it
    if isinstance(error, ssl.SSLError) or (settings.uses_tls and isinstance(error, ConnectionResetError)):
        return OutputError(
            "What answers at {host}, port {port}, does not speak TLS.",
            "Choose the port with TLS, 8883 as a rule, or switch TLS off where the network is your own.",
            **details,
        )
    if isinstance(error, socket.gaierror):
        return OutputError(
            "There is no machine '{host}' in this network.", "Look at the name of the broker.", **details
        )
    if isinstance(error, ConnectionRefusedError):
        return OutputError(
            "Nobody answers at {host}, port {port}.",
            "Look whether the broker runs, and at which port: 1883 as a rule, and 8883 with TLS.",
            **details,
        )
    return OutputError(
        "The broker {host} cannot be reached at port {port}: {reason}.",
        "Look whether it runs, and whether a firewall is between.",
        reason=str(error) or type(error).__name__,
        **details,
    )

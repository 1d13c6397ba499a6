"""A single MQTT connection, without reconnection."""

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

CONNECT_TIMEOUT_S = 5.0
KEEP_ALIVE_S = 20
QOS = 1
ONLINE, OFFLINE = "online", "offline"
_LOGIN_REFUSALS = {"Bad user name or password", "Not authorized"}


def make_mqtt_key(settings: MqttSettings) -> str:
    """Return the key of a broker's password in the keyring."""
    return f"mqtt:{settings.user}@{settings.host}"


def find_login(settings: MqttSettings, credentials: CredentialStore) -> Credential | None:
    """Return the user and password of a broker; None if no user is set.

    Raises:
        CredentialError: the keyring is not available.
    """
    if not settings.user:
        return None
    return credentials.find(make_mqtt_key(settings)) or Credential(settings.user, "")


class SentMessage:
    """A message that was handed to the client."""

    def __init__(self, info: paho.MQTTMessageInfo) -> None:
        self._info = info

    @property
    def has_arrived(self) -> bool:
        """Return whether the broker has confirmed its receipt."""
        try:
            return self._info.is_published()
        except (RuntimeError, ValueError):
            return False

    def wait(self, limit_s: float) -> bool:
        """Wait for the broker's confirmation; return whether it came."""
        with contextlib.suppress(RuntimeError, ValueError):
            self._info.wait_for_publish(limit_s)
        return self.has_arrived


class MqttConnection:
    """An open connection; its methods may be called from any thread.

    Args:
        status_topic: retained topic with ``online``, and ``offline`` once the connection is lost;
            empty: no status is published.
        old_topics: topic patterns whose retained messages are collected.

    Raises:
        OutputError: the broker cannot be reached or refuses the login.
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
        self._reason_code: ReasonCode | None = None
        self._has_reason_code, self._is_disconnected = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._retained_topics: set[str] = set()
        self._tls: _TlsContext | None = None
        self._client = self._make_client(login)
        try:
            self._client.connect(settings.host, settings.port, keepalive=KEEP_ALIVE_S)
            self._client.loop_start()
            self._has_reason_code.wait(CONNECT_TIMEOUT_S)
            self._check_reason_code()
        except BaseException as error:
            self._end()
            if isinstance(error, OSError):
                raise explain_connection(settings, error) from error
            raise

    @property
    def is_up(self) -> bool:
        """Return whether the broker is connected."""
        return not self._is_disconnected.is_set()

    def take_retained_topics(self) -> frozenset[str]:
        """Return the topics of ``old_topics`` with a retained message, found since the last call."""
        with self._lock:
            found, self._retained_topics = frozenset(self._retained_topics), set()
            return found

    def publish(self, topic: str, payload: str, *, is_retained: bool) -> SentMessage:
        """Send a message; it is repeated until the broker confirms it or the connection ends.

        Args:
            is_retained: the broker retains the message for later subscribers.
        """
        return SentMessage(self._client.publish(topic, payload.encode("utf-8"), qos=QOS, retain=is_retained))

    def close(self) -> None:
        """Send ``offline``, wait shortly for its confirmation, and disconnect."""
        if self.is_up and self._status_topic:
            # after a lost connection the broker publishes the will
            with contextlib.suppress(RuntimeError, ValueError):
                self._client.publish(self._status_topic, OFFLINE, qos=QOS, retain=True).wait_for_publish(2.0)
        self._end()

    def _make_client(self, login: Credential | None) -> paho.Client:
        client = _Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.on_connect, client.on_disconnect = self._on_connect, self._on_disconnect
        client.on_message = self._on_message
        if self._status_topic:
            client.will_set(self._status_topic, OFFLINE, qos=QOS, retain=True)
        if login is not None:
            client.username_pw_set(login.user or self._settings.user, login.password)
        if self._settings.uses_tls:
            self._tls = _make_tls(self._settings.ca_file)
            client.tls_set_context(self._tls)
        return client

    def _check_reason_code(self) -> None:
        settings, reason_code = self._settings, self._reason_code
        if reason_code is None:
            raise OutputError(
                "{host}, port {port}, is not an MQTT broker, or it is too busy.",
                "Check the port: it is usually 1883, or 8883 with TLS.",
                host=settings.host,
                port=settings.port,
            )
        if reason_code.is_failure:
            if str(reason_code) in _LOGIN_REFUSALS:
                raise OutputError(
                    "The broker {host} rejected the login of '{user}'.",
                    "Enter the user name and password again.",
                    host=settings.host,
                    user=settings.user or "–",
                )
            raise OutputError(
                "The broker {host} refused the connection: {reason}.",
                "Check the broker's log.",
                host=settings.host,
                reason=str(reason_code),
            )

    def _end(self) -> None:
        self._is_disconnected.set()
        self._client.disconnect()
        self._client.loop_stop()
        if self._tls is not None and self._tls.last_socket is not None:
            self._tls.last_socket.close()

    def _on_connect(
        self,
        client: paho.Client,
        _data: object,
        _flags: paho.ConnectFlags,
        reason_code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._reason_code = reason_code
        if not reason_code.is_failure:
            if self._status_topic:
                client.publish(self._status_topic, ONLINE, qos=QOS, retain=True)
            for pattern in self._old_topics:
                client.subscribe(pattern, qos=0)
        self._has_reason_code.set()

    def _on_disconnect(
        self,
        _client: paho.Client,
        _data: object,
        _flags: paho.DisconnectFlags,
        _reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._is_disconnected.set()
        self._has_reason_code.set()

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if message.retain and message.payload:
            with self._lock:
                self._retained_topics.add(message.topic)


class _Client(paho.Client):
    """An MQTT client that connects only to permitted addresses."""

    def _create_socket_connection(self) -> socket.socket:
        return create_connection((self._host, self._port), self._connect_timeout)


class _TlsContext(ssl.SSLContext):
    """A TLS context that keeps its last socket: paho-mqtt leaks one after a failed handshake."""

    last_socket: ssl.SSLSocket | None = None

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """Wrap a socket as every context does, and keep it."""
        self.last_socket = super().wrap_socket(*arguments, **options)
        return self.last_socket


def _make_tls(ca_file: str) -> _TlsContext:
    context = _TlsContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if ca_file:
            context.load_verify_locations(ca_file)
        else:
            context.load_default_certs()
    except OSError as error:
        raise OutputError(
            "'{file}' does not contain a readable certificate.",
            "Choose a PEM file with the certificate of the broker's authority.",
            file=ca_file,
        ) from error
    return context


def try_broker(settings: MqttSettings, login: Credential | None) -> None:
    """Connect, send one message under ``TOPIC/trial`` that is not retained, and wait for its receipt.

    Raises:
        OutputError: the broker cannot be reached, refuses the login or does not accept the message.
    """
    connection = MqttConnection(settings, login, status_topic="")
    try:
        sent = connection.publish(f"{settings.topic}/trial", "trial", is_retained=False)
        if not sent.wait(CONNECT_TIMEOUT_S):
            raise OutputError(
                "The broker {host} did not accept a message under {topic}.",
                "Check that the user has permission to publish there.",
                host=settings.host,
                topic=f"{settings.topic}/trial",
            )
    finally:
        connection.close()


def explain_connection(settings: MqttSettings, error: OSError) -> OutputError:
    """Return an error that explains why a broker cannot be reached."""
    details: dict[str, object] = {"host": settings.host, "port": settings.port}
    if isinstance(error, ssl.SSLCertVerificationError):
        return OutputError(
            "This computer does not trust the certificate of the broker {host}: {reason}.",
            "Choose the certificate of its authority, or enter the host name in the certificate.",
            reason=error.verify_message,
            **details,
        )
    # a server without TLS closes the connection at the first TLS message
    if isinstance(error, ssl.SSLError) or (settings.uses_tls and isinstance(error, ConnectionResetError)):
        return OutputError(
            "{host}, port {port}, does not use TLS.",
            "Use the TLS port, usually 8883, or switch TLS off in a network of your own.",
            **details,
        )
    if isinstance(error, socket.gaierror):
        return OutputError("The host '{host}' was not found.", "Check the name of the broker.", **details)
    if isinstance(error, ConnectionRefusedError):
        return OutputError(
            "{host} does not answer on port {port}.",
            "Check that the broker is running, and its port: usually 1883, or 8883 with TLS.",
            **details,
        )
    return OutputError(
        "The broker {host} cannot be reached on port {port}: {reason}.",
        "Check that the broker is running and that no firewall blocks the connection.",
        reason=str(error) or type(error).__name__,
        **details,
    )

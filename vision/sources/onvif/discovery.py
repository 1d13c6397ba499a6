"""Finding cameras on the network by WS-Discovery, on every interface of this machine."""

from __future__ import annotations

import contextlib
import selectors
import socket
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from analytics.domain.clock import Clock
from vision.sources.onvif.soap import UnreadableAnswer, build_envelope, clean_text, parse_message

GROUP = "239.255.255.250"
PORT = 3702
"""Both by WS-Discovery (April 2005), section 2.4."""
PROBE_TIMES_S = (0.0, 0.5, 1.5)
"""Datagrams are lost, and a busy camera overhears one."""
SOUGHT_TYPES = ("dn:NetworkVideoTransmitter", "tds:Device")
"""Asked for one after the other: a camera answers only if it is all that one question names."""
MAX_DATAGRAM = 65535
MAX_DATAGRAMS = 4096
MAX_DEVICES = 512
_POLL_INTERVAL_S = 0.1
_SCOPE = "onvif://www.onvif.org/"


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A camera, or a recorder, that answered.

    Attributes:
        identity: of the device, the same at every address; empty where it gives none.
        device_url: of its ONVIF service, at the address that the answer came from.
        name, hardware, place: as somebody entered them in the camera; may be empty.
        interface: address of this machine on the network where it was found.
    """

    identity: str
    device_url: str
    name: str
    hardware: str
    place: str
    interface: str

    @property
    def host(self) -> str:
        """Its address."""
        return urlsplit(self.device_url).hostname or ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What a search found.

    Attributes:
        devices: in the order of their addresses.
        searched: addresses of this machine on the networks that were searched.
        unsearchable: those on which the question could not be sent.
    """

    devices: tuple[FoundDevice, ...]
    searched: tuple[str, ...]
    unsearchable: tuple[str, ...]


def find_devices(
    *,
    duration_s: float,
    clock: Clock,
    checkpoint: Callable[[float, float], None],
    interfaces: Sequence[str] | None = None,
    group: str = GROUP,
    port: int = PORT,
) -> Discovery:
    """Ask every network for its cameras, and wait for their answers.

    The question goes to the multicast group alone, never beyond the next router, over IPv4. Nothing is asked
    of the cameras that answer.

    Args:
        checkpoint: told ten times a second how many seconds of how many are over; what it raises ends it.
        interfaces: addresses of this machine; None for all that it has.
        group: where to send the question; an address of one machine asks that one alone.
    """
    chosen = list_interfaces() if interfaces is None else interfaces
    found: dict[str, FoundDevice] = {}
    with contextlib.ExitStack() as open_sockets, selectors.DefaultSelector() as selector:
        unsearchable = []
        for address in chosen:
            try:
                sender = open_sockets.enter_context(_open_socket(address))
            except OSError:
                unsearchable.append(address)
                continue
            selector.register(sender, selectors.EVENT_READ, address)
        began_s = clock.monotonic_s()
        due, datagrams = list(PROBE_TIMES_S), 0
        while (elapsed_s := clock.monotonic_s() - began_s) < duration_s:
            checkpoint(elapsed_s, duration_s)
            if due and elapsed_s >= due[0]:
                due.pop(0)
                failed = _send_probes(selector, group, port)
                unsearchable += [address for address in failed if address not in unsearchable]
            if not selector.get_map():
                break
            for key, _events in selector.select(min(_POLL_INTERVAL_S, duration_s - elapsed_s)):
                content, sender_host = _receive(key.fileobj)
                datagrams += 1
                if datagrams <= MAX_DATAGRAMS and len(found) < MAX_DEVICES:
                    for device in read_matches(content, sender=sender_host, interface=str(key.data)):
                        found.setdefault(device.identity or device.device_url, device)
    return Discovery(
        tuple(sorted(found.values(), key=lambda device: _order(device.host))),
        tuple(address for address in chosen if address not in unsearchable),
        tuple(unsearchable),
    )


def list_interfaces() -> tuple[str, ...]:
    """IPv4 addresses of this machine's interfaces that are up, the loopback last."""
    import psutil

    states = psutil.net_if_stats()
    addresses = [
        entry.address
        for name, entries in psutil.net_if_addrs().items()
        if name not in states or states[name].isup
        for entry in entries
        if entry.family == socket.AF_INET
    ]
    return tuple(
        sorted(dict.fromkeys(addresses), key=lambda address: (address.startswith("127."), _order(address)))
    )


def build_probe(sought: str) -> bytes:
    """The question for devices of one type."""
    header = (
        f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
    )
    return build_envelope(f"<d:Probe><d:Types>{sought}</d:Types></d:Probe>", header=header)


def read_matches(content: bytes, *, sender: str, interface: str) -> list[FoundDevice]:
    """The cameras in an answer; whatever is none, or cannot be read, is left out.

    Cameras differ in how they wrap what they say, so a match is taken wherever it stands. Its address is that
    of the sender: what the answer claims may be unreachable from here, or somebody else's.

    Args:
        sender: the IP address that the answer came from.
    """
    try:
        root = parse_message(content)
    except UnreadableAnswer:
        return []
    devices = []
    for match in root.iter("ProbeMatch"):
        words = {part: (match.findtext(f".//{part}") or "").split() for part in ("Types", "Scopes", "XAddrs")}
        scopes = [scope for scope in words["Scopes"] if scope.lower().startswith(_SCOPE)]
        is_camera = scopes or any("networkvideo" in kind.lower() for kind in words["Types"])
        url = _choose_address(words["XAddrs"], sender)
        if not is_camera or url is None:
            continue
        devices.append(
            FoundDevice(
                identity=clean_text(match.findtext("EndpointReference/Address") or ""),
                device_url=url,
                name=_read_scope(scopes, "name"),
                hardware=_read_scope(scopes, "hardware"),
                place=_read_scope(scopes, "location"),
                interface=interface,
            )
        )
    return devices


def _choose_address(claimed: Sequence[str], sender: str) -> str | None:
    """Of the claimed addresses the one at the sender, or else the first, turned to the sender."""
    usable = []
    for text in claimed:
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname and text.isprintable():
            netloc = f"{sender}:{port}" if port else sender
            url = urlunsplit((parts.scheme, netloc, parts.path or "/onvif/device_service", parts.query, ""))
            usable.append((parts.hostname != sender, url))
    return min(usable, key=lambda entry: entry[0])[1] if usable else None


def _read_scope(scopes: Sequence[str], kind: str) -> str:
    prefix = f"{_SCOPE}{kind}/"
    for scope in scopes:
        if scope.lower().startswith(prefix):
            return clean_text(unquote(scope[len(prefix) :]))
    return ""


def _open_socket(interface: str) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        opened.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        opened.bind((interface, 0))
        opened.setblocking(False)
    except OSError:
        opened.close()
        raise
    return opened


def _send_probes(selector: selectors.BaseSelector, group: str, port: int) -> list[str]:
    """Send to every interface; those that refuse are no longer listened to, and returned."""
    failed = []
    for key in list(selector.get_map().values()):
        try:
            assert isinstance(key.fileobj, socket.socket)
            for sought in SOUGHT_TYPES:
                key.fileobj.sendto(build_probe(sought), (group, port))
        except OSError:
            selector.unregister(key.fileobj)
            failed.append(str(key.data))
    return failed


def _receive(receiver: object) -> tuple[bytes, str]:
    """A datagram and the address it came from; empty where the system reports an error instead."""
    assert isinstance(receiver, socket.socket)
    try:
        content, (host, _port) = receiver.recvfrom(MAX_DATAGRAM)
    except OSError:
        return b"", ""
    return content, host


def _order(address: str) -> tuple[int, ...]:
    """Addresses in the order of their numbers."""
    try:
        return tuple(socket.inet_aton(address))
    except OSError:
        return (256,)

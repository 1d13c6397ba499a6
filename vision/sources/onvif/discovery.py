"""Camera discovery by WS-Discovery, on every network interface of this machine."""

from __future__ import annotations

import contextlib
import selectors
import socket
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit, urlunsplit

from analytics.domain.clock import Clock
from vision.sources.onvif.soap import UnreadableResponse, build_envelope, clean_text, parse_message

GROUP = "239.255.255.250"
PORT = 3702
"""Port and address by WS-Discovery (April 2005), section 2.4."""
PROBE_TIMES_S = (0.0, 0.5, 1.5)
"""Send times in seconds: datagrams may be lost, and a busy camera may miss one."""
PROBED_TYPES = ("dn:NetworkVideoTransmitter", "tds:Device")
"""Device types, probed one after the other: a camera answers only if it matches all types of a probe."""
MAX_DATAGRAM = 65535
MAX_DATAGRAMS = 4096
MAX_DEVICES = 512
_POLL_INTERVAL_S = 0.1
_SCOPE = "onvif://www.onvif.org/"


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A camera, or a recorder, that answered.

    Attributes:
        identity: identity of the device, the same at every address; empty if not reported.
        device_url: address of its ONVIF service, at the sender of the answer.
        name, hardware, place: as configured in the camera; may be empty.
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
        """Host of the address."""
        return urlsplit(self.device_url).hostname or ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """Result of a search.

    Attributes:
        devices: in the order of their addresses.
        searched: addresses of this machine on the networks that were searched.
        unsearchable: addresses on which the probe could not be sent.
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
    """Probe every network for cameras, and wait for their answers.

    The probe is sent to the multicast group only, never beyond the next router, over IPv4. Cameras that
    answer are not contacted.

    Args:
        checkpoint: called ten times a second with elapsed and total seconds; an exception ends the search.
        interfaces: addresses of this machine; None for all.
        group: destination of the probe; the address of one machine probes only that machine.
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
    """Return the IPv4 addresses of this machine's active interfaces, the loopback last."""
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


def build_probe(device_type: str) -> bytes:
    """Build the probe for devices of one type."""
    header = (
        f"<a:MessageID>uuid:{uuid.uuid4()}</a:MessageID>"
        "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
        "<a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>"
    )
    return build_envelope(f"<d:Probe><d:Types>{device_type}</d:Types></d:Probe>", header=header)


def read_matches(content: bytes, *, sender: str, interface: str) -> list[FoundDevice]:
    """Return the cameras in an answer; anything else, or unreadable, is left out.

    Cameras differ in how they nest their answers, so a match is accepted anywhere. Its address is the
    sender's: the reported address may be unreachable from here, or belong to another device.

    Args:
        sender: IP address of the answer's sender.
    """
    try:
        root = parse_message(content)
    except UnreadableResponse:
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
    """Return the sender's address among those reported, or else the first, moved to the sender's host."""
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
    """Send to every interface; stop listening to those that refuse, and return them."""
    failed = []
    for key in list(selector.get_map().values()):
        try:
            assert isinstance(key.fileobj, socket.socket)
            for device_type in PROBED_TYPES:
                key.fileobj.sendto(build_probe(device_type), (group, port))
        except OSError:
            selector.unregister(key.fileobj)
            failed.append(str(key.data))
    return failed


def _receive(receiver: object) -> tuple[bytes, str]:
    """Return a datagram and its sender's address; empty where the system reports an error instead."""
    assert isinstance(receiver, socket.socket)
    try:
        content, (host, _port) = receiver.recvfrom(MAX_DATAGRAM)
    except OSError:
        return b"", ""
    return content, host


def _order(address: str) -> tuple[int, ...]:
    """Return a sort key that orders addresses by number."""
    try:
        return tuple(socket.inet_aton(address))
    except OSError:
        return (256,)

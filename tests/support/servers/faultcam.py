"""An RTSP camera on loopback that misbehaves on request: H.264 and H.265, TCP and UDP, basic and digest.

Faults: ``freeze`` no pictures, but RTSP still answers; ``stall`` the sockets stay open and nothing is read
or written; ``corrupt`` bits flipped; ``loss`` packets left out; ``deaf`` connections are accepted and never
answered; ``busy`` answers 453 to every SETUP; ``error`` answers 503; ``jump`` time stamps leap back an hour.
"""

from __future__ import annotations

import base64
import hashlib
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from tests.support.servers.rtp_clip import AccessUnit, RtpClip

_REALM = "faultcam"
_NTP_EPOCH_S = 2208988800
_CLOCK_HZ = 90000
_SESSION = "Session: 1234;timeout=60\r\n"


@dataclass(slots=True, eq=False)
class _Viewer:
    """One RTSP connection."""

    control: socket.socket
    nonce: str
    ended: threading.Event = field(default_factory=threading.Event)
    writing: threading.Lock = field(default_factory=threading.Lock)
    udp: socket.socket | None = None
    udp_port: int = 0
    channel: int = 0
    path: str = ""

    def send_media(self, offset: int, packet: bytes) -> None:
        """One RTP (offset 0) or RTCP (offset 1) packet."""
        if self.udp is not None:
            self.udp.sendto(packet, (self.control.getpeername()[0], self.udp_port + offset))
            return
        with self.writing:
            self.control.sendall(struct.pack(">BBH", 0x24, self.channel + offset, len(packet)) + packet)


class _RequestReader:
    """Reads lines and bodies without ``makefile``, so that closing the socket really closes it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""

    def read(self, count: int) -> bytes:
        while len(self._buffer) < count and self._fill():
            pass
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def read_line(self) -> bytes:
        while b"\n" not in self._buffer and self._fill():
            pass
        end = self._buffer.find(b"\n") + 1 or len(self._buffer)
        return self.read(end)

    def _fill(self) -> bool:
        received = self._connection.recv(65536)
        self._buffer += received
        return bool(received)


class FaultCam:
    """The camera; a context manager that starts and closes it."""

    def __init__(
        self,
        mounts: Mapping[str, Path],
        *,
        user: str | None = None,
        password: str | None = None,
        auth: str = "digest",
        clock_skew_s: float = 0.0,
        transports: tuple[str, ...] = ("tcp", "udp"),
        seed: int = 1,
        follows_clock: bool = False,
    ) -> None:
        """``follows_clock``: all viewers of all clips see the same moment, as of cameras in one hall."""
        self._clips: dict[Path, RtpClip] = {}
        self._mounts = {path: self._load(clip) for path, clip in mounts.items()}
        self._user, self._password, self._auth = user, password, auth
        self._clock_skew_s = clock_skew_s
        self._transports = transports
        self._follows_clock = follows_clock
        self._random = random.Random(seed)
        self._fault: str | None = None
        self._fault_rate = 0.0
        self._replacement: RtpClip | None = None
        self._viewers: set[_Viewer] = set()
        self._listener: socket.socket | None = None
        self.port = 0
        self.requests: list[str] = []
        self.sent_pictures = 0

    def __enter__(self) -> FaultCam:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    def url(self, path: str, *, user: str | None = None, password: str | None = None) -> str:
        """The address with percent-encoded credentials, by default the right ones."""
        user, password = user or self._user, password or self._password
        credentials = f"{quote(user, safe='')}:{quote(password or '', safe='')}@" if user else ""
        return f"rtsp://{credentials}127.0.0.1:{self.port}{path}"

    def fault(self, name: str, *, rate: float = 0.02) -> None:
        """Begin one fault, instead of the one before it."""
        self._fault_rate, self._fault = rate, name

    def clear(self) -> None:
        """End the fault."""
        self._fault = None

    def switch(self, clip: Path) -> None:
        """Go on with another clip in the same stream, as a camera does whose resolution is changed."""
        self._replacement = self._load(clip)

    def start(self) -> FaultCam:
        """Listen; after ``kill`` on the same port as before."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def kill(self, *, reset: bool = False) -> None:
        """Die: the listener and every connection are closed, by FIN or by RST."""
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for viewer in tuple(self._viewers):
            viewer.ended.set()
            try:
                if reset:
                    linger = struct.pack("ii", 1, 0)
                    viewer.control.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    viewer.control.shutdown(socket.SHUT_RD)
                else:
                    viewer.control.shutdown(socket.SHUT_RDWR)
                viewer.control.close()
            except OSError:
                continue
        self._viewers.clear()

    def _load(self, path: Path) -> RtpClip:
        if path not in self._clips:
            self._clips[path] = RtpClip(path)
        return self._clips[path]

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            viewer = _Viewer(connection, f"{self._random.getrandbits(64):016x}")
            self._viewers.add(viewer)
            threading.Thread(target=self._serve, args=(viewer,), daemon=True).start()

    def _serve(self, viewer: _Viewer) -> None:
        reader = _RequestReader(viewer.control)
        try:
            while self._serve_request(viewer, reader):
                pass
        except (OSError, ValueError, struct.error):
            pass
        finally:
            viewer.ended.set()
            self._viewers.discard(viewer)
            viewer.control.close()

    def _serve_request(self, viewer: _Viewer, reader: _RequestReader) -> bool:
        """Answer one request; False at the end of the connection."""
        first = reader.read(1)
        while self._fault in ("stall", "deaf") and not viewer.ended.wait(0.02):
            pass
        if not first:
            return False
        if first == b"$":
            _, length = struct.unpack(">BH", reader.read(3))
            reader.read(length)
            return True
        words = (first + reader.read_line()).decode("latin1").split()
        if len(words) < 2:
            return True
        method, uri = words[0], words[1]
        headers: dict[str, str] = {}
        while line := reader.read_line().decode("latin1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if "content-length" in headers:
            reader.read(int(headers["content-length"]))
        self.requests.append(method)
        status, extra, body = self._answer(viewer, method, uri, headers)
        length_line = f"Content-Length: {len(body)}\r\n" if body else ""
        head = f"RTSP/1.0 {status}\r\nCSeq: {headers.get('cseq', '0')}\r\n{extra}{length_line}\r\n"
        with viewer.writing:
            viewer.control.sendall(head.encode() + body)
        if method == "PLAY" and status.startswith("200"):
            threading.Thread(target=self._play, args=(viewer,), daemon=True).start()
        return method != "TEARDOWN"

    def _answer(
        self, viewer: _Viewer, method: str, uri: str, headers: Mapping[str, str]
    ) -> tuple[str, str, bytes]:
        """Status, further headers and body."""
        if method != "OPTIONS" and not self._is_allowed(viewer, method, uri, headers):
            scheme = "Basic" if self._auth == "basic" else "Digest"
            nonce = "" if self._auth == "basic" else f', nonce="{viewer.nonce}"'
            return "401 Unauthorized", f'WWW-Authenticate: {scheme} realm="{_REALM}"{nonce}\r\n', b""
        if method == "OPTIONS":
            return "200 OK", "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER\r\n", b""
        path = re.sub(r"/track1/?$", "", re.sub(r"^rtsp://[^/]*", "", uri).split("?")[0]).rstrip("/")
        if method == "DESCRIBE":
            if self._fault == "error":
                return "503 Service Unavailable", "", b""
            if path not in self._mounts:
                return "404 Not Found", "", b""
            extra = f"Content-Base: {uri.rstrip('/')}/\r\nContent-Type: application/sdp\r\n"
            return "200 OK", extra, self._mounts[path].describe()
        if method == "SETUP":
            viewer.path = path
            return self._set_up(viewer, headers.get("transport", ""))
        if method == "PLAY":
            return "200 OK", f"{_SESSION}Range: npt=0.000-\r\n", b""
        return "200 OK", _SESSION, b""

    def _set_up(self, viewer: _Viewer, transport: str) -> tuple[str, str, bytes]:
        if self._fault == "busy":
            return "453 Not Enough Bandwidth", "", b""
        is_tcp = "TCP" in transport
        if ("tcp" if is_tcp else "udp") not in self._transports:
            return "461 Unsupported Transport", "", b""
        if is_tcp:
            channels = re.search(r"interleaved=(\d+)", transport)
            viewer.channel = int(channels.group(1)) if channels else 0
            offered = f"RTP/AVP/TCP;unicast;interleaved={viewer.channel}-{viewer.channel + 1}"
            return "200 OK", f"Transport: {offered}\r\n{_SESSION}", b""
        ports = re.search(r"client_port=(\d+)", transport)
        if ports is None:
            return "461 Unsupported Transport", "", b""
        viewer.udp_port = int(ports.group(1))
        viewer.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        viewer.udp.bind(("127.0.0.1", 0))
        server_port = viewer.udp.getsockname()[1]
        client = f"client_port={viewer.udp_port}-{viewer.udp_port + 1}"
        offered = f"RTP/AVP;unicast;{client};server_port={server_port}-{server_port + 1}"
        return "200 OK", f"Transport: {offered}\r\n{_SESSION}", b""

    def _is_allowed(self, viewer: _Viewer, method: str, uri: str, headers: Mapping[str, str]) -> bool:
        if self._user is None:
            return True
        given = headers.get("authorization", "")
        if self._auth == "basic":
            expected = base64.b64encode(f"{self._user}:{self._password}".encode()).decode()
            return given == f"Basic {expected}"
        fields = dict(re.findall(r'(\w+)="?([^",]*)"?', given))
        secret = _md5(f"{self._user}:{_REALM}:{self._password}")
        request = _md5(f"{method}:{fields.get('uri', uri)}")
        return fields.get("response") == _md5(f"{secret}:{viewer.nonce}:{request}")

    def _play(self, viewer: _Viewer) -> None:
        try:
            self._send_pictures(viewer)
        except OSError:
            viewer.ended.set()
        finally:
            if viewer.udp is not None:
                viewer.udp.close()

    def _send_pictures(self, viewer: _Viewer) -> None:
        clip = self._mounts[viewer.path]
        units = clip.access_units()
        sender = _RtpSender(viewer, self._random, self._clock_skew_s)
        began_s, shift_s, last_s, needs_key = time.monotonic(), 0.0, 0.0, False
        passed_s = time.time() % clip.duration_s if self._follows_clock else 0.0
        began_s -= passed_s
        while not viewer.ended.is_set():
            replacement = self._replacement
            if replacement is not None and replacement is not clip:
                clip, units, shift_s = replacement, replacement.access_units(), last_s + 1 / clip.fps
            unit = next(units)
            last_s = unit.time_s + shift_s
            if last_s < passed_s:
                needs_key = True
                continue
            viewer.ended.wait(max(0.0, began_s + last_s - time.monotonic()))
            while self._fault == "stall" and not viewer.ended.wait(0.02):
                needs_key = True
            if self._fault == "freeze":
                needs_key = True
                continue
            if needs_key and not unit.is_key:
                continue
            needs_key = False
            if self._fault == "jump":
                sender.jump_back_s, self._fault = 3600.0, None
            sender.send(clip, unit, last_s, fault=self._fault, rate=self._fault_rate)
            self.sent_pictures += 1


class _RtpSender:
    """Numbers and stamps the packets of one viewer, and spoils them."""

    def __init__(self, viewer: _Viewer, source: random.Random, clock_skew_s: float) -> None:
        self._viewer = viewer
        self._random = source
        self._clock_skew_s = clock_skew_s
        self._sequence = source.getrandbits(15)
        self._ssrc = source.getrandbits(31)
        self._first_stamp = 3601 * _CLOCK_HZ + source.getrandbits(20)
        self._report_due_s = 0.0
        self._packets = self._octets = 0
        self.jump_back_s = 0.0

    def send(self, clip: RtpClip, unit: AccessUnit, time_s: float, *, fault: str | None, rate: float) -> None:
        """One picture, and a sender report every second."""
        stamp = (int((time_s - self.jump_back_s) * _CLOCK_HZ) + self._first_stamp) & 0xFFFFFFFF
        if time.monotonic() >= self._report_due_s:
            self._report_due_s = time.monotonic() + 1.0
            self._send_report(stamp)
        payloads = [payload for nal in unit.nals for payload in clip.payloads(nal)]
        for index, payload in enumerate(payloads):
            self._sequence = (self._sequence + 1) & 0xFFFF
            self._packets += 1
            self._octets += len(payload)
            sent = payload
            is_hit = self._random.random() < rate
            if fault == "loss" and is_hit:
                continue
            if fault == "corrupt" and is_hit and len(payload) > 100:
                sent = self._spoil(payload)
            marker = 0x80 if index == len(payloads) - 1 else 0
            header = struct.pack(">BBHII", 0x80, 96 | marker, self._sequence, stamp, self._ssrc)
            self._viewer.send_media(0, header + sent)

    def _send_report(self, stamp: int) -> None:
        ntp = int((time.time() + self._clock_skew_s + _NTP_EPOCH_S) * 2**32)
        counts = (self._packets, self._octets & 0xFFFFFFFF)
        self._viewer.send_media(1, struct.pack(">BBHIQIII", 0x80, 200, 6, self._ssrc, ntp, stamp, *counts))

    def _spoil(self, payload: bytes) -> bytes:
        spoilt = bytearray(payload)
        start = self._random.randrange(30, len(spoilt) - 40)
        for position in range(start, start + 30):
            spoilt[position] ^= self._random.getrandbits(8)
        return bytes(spoilt)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()

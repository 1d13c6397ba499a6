"""An ONVIF camera on loopback, written from the specifications and not from our client."""

from __future__ import annotations

import base64
import email.utils
import hashlib
import re
import socket
import ssl
import struct
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

WINDOW_S = 5.0
_SCHEMAS = {
    "env": "http://www.w3.org/2003/05/soap-envelope",
    "dev": "http://www.onvif.org/ver10/device/wsdl",
    "med": "http://www.onvif.org/ver10/media/wsdl",
    "med2": "http://www.onvif.org/ver20/media/wsdl",
    "sch": "http://www.onvif.org/ver10/schema",
    "err": "http://www.onvif.org/ver10/error",
    "adr": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "dis": "http://schemas.xmlsoap.org/ws/2005/04/discovery",
    "net": "http://www.onvif.org/ver10/network/wsdl",
}
OPEN_TO_ALL = {"GetSystemDateAndTime", "GetServices", "GetCapabilities"}
REALM = "onvif camera"
NONCE = "0af1b2c3"


@dataclass(frozen=True, slots=True)
class Stream:
    token: str
    codec: str
    width: int
    height: int
    uri: str
    source: str = "lens0"
    fps: int = 25


MAIN_AND_SUB = (
    Stream("main", "H264", 1920, 1080, "rtsp://127.0.0.1:8554/main"),
    Stream("sub", "H264", 640, 360, "rtsp://127.0.0.1:8554/sub"),
)


def wrap(body: str, header: str = "") -> bytes:
    names = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in _SCHEMAS.items())
    return (
        f'<?xml version="1.0"?><env:Envelope {names}><env:Header>{header}</env:Header>'
        f"<env:Body>{body}</env:Body></env:Envelope>"
    ).encode()


def fault(code: str, text: str) -> bytes:
    return wrap(
        "<env:Fault><env:Code><env:Value>env:Sender</env:Value><env:Subcode><env:Value>"
        f"{code}</env:Value></env:Subcode></env:Code><env:Reason><env:Text>{text}</env:Text></env:Reason>"
        "</env:Fault>"
    )


@dataclass
class OnvifCamera:
    """A context manager that serves the camera.

    Attributes:
        auth: ``token`` (WS-UsernameToken), ``digest`` (HTTP Digest) or ``none``.
        clock_needs_user: even the time is told to users only.
        lacking, speechless: actions that it refuses, or answers with an empty error.
        media_2: whether the newer media service is there; it alone names H.265.
        claimed_host: the host in all addresses that it tells.
        answer, status, more: body, status and headers that are sent instead of every answer.
        behaviour: ``deaf`` never answers, ``drip`` never ends.
        certificate: file with certificate and key, for HTTPS.
    """

    streams: Sequence[Stream] = MAIN_AND_SUB
    user: str = "viewer"
    password: str = "p@ss:<&>"
    auth: str = "token"
    algorithm: str = "MD5"
    skew_s: float = 0.0
    clock_needs_user: bool = False
    media_2: bool = False
    claimed_host: str | None = None
    answer: bytes | None = None
    status: int = 200
    more: Sequence[tuple[str, str]] = ()
    certificate: Path | None = None
    behaviour: str = ""
    host: str = "127.0.0.1"
    port: int = 0
    lacking: frozenset[str] = frozenset()
    speechless: frozenset[str] = frozenset()
    counts: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> OnvifCamera:
        camera = self

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                """Keep the test output clean."""

            def date_time_string(self, timestamp: float | None = None) -> str:
                return email.utils.formatdate(camera.now_s(), usegmt=True)

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if camera.behaviour == "deaf":
                    camera.ending.wait(30)
                    return
                status, body, more = camera.respond(content, self.headers.get("Authorization", ""), self.path)
                self.send_response(status)
                for name, value in more:
                    self.send_header(name, value)
                self.send_header(
                    "Content-Length", str(len(body) + (10**9 if camera.behaviour == "drip" else 0))
                )
                self.end_headers()
                try:
                    self.wfile.write(body)
                    while camera.behaviour == "drip" and not camera.ending.wait(0.1):
                        self.wfile.write(b" ")
                except OSError:
                    return

        self._http = ThreadingHTTPServer((self.host, self.port), Answer)
        self._http.daemon_threads = True
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def claim(self, service: str) -> str:
        return f"http://{self.claimed_host or self.address}/onvif/{service}"

    def now_s(self) -> float:
        return time.time() + self.skew_s

    def respond(
        self, content: bytes, authorization: str, path: str
    ) -> tuple[int, bytes, list[tuple[str, str]]]:
        """Status, body and further headers."""
        if self.answer is not None:
            return self.status, self.answer, [("Content-Type", "application/soap+xml"), *self.more]
        root = ElementTree.fromstring(content)
        body = root.find("{*}Body")
        assert body is not None
        asked = body[0]
        space, _, action = asked.tag[1:].partition("}")
        self.actions.append(action)
        if action in self.speechless:
            return 500, b"", []
        is_open = action in OPEN_TO_ALL and not self.clock_needs_user
        if not is_open and self.auth != "none":
            complaint = (
                self.check_digest(authorization, path) if self.auth == "digest" else self.check_token(root)
            )
            if complaint:
                self.refusals.append(complaint)
                if self.auth == "digest":
                    challenge = (
                        f'Digest realm="{REALM}", nonce="{NONCE}", qop="auth", algorithm={self.algorithm}'
                    )
                    return (
                        401,
                        b"",
                        [("WWW-Authenticate", 'Basic realm="x"'), ("WWW-Authenticate", challenge)],
                    )
                return 400, fault("err:NotAuthorized", "Sender not Authorized"), []
        answer = None
        if action not in self.lacking:
            name = f"tell_{re.sub(r'(?<!^)(?=[A-Z])', '_', action).lower()}"
            answer = getattr(self, name, lambda *_: None)(space, asked)
        if answer is None:
            return 400, fault("err:ActionNotSupported", "Optional Action Not Implemented"), []
        return 200, wrap(answer), [("Content-Type", "application/soap+xml; charset=utf-8")]

    def check_token(self, root: ElementTree.Element) -> str:
        """What is wrong with the user's token; empty if nothing."""
        token = root.find("{*}Header/{*}Security/{*}UsernameToken")
        if token is None:
            return "no token"
        user, password, nonce, created = (
            token.findtext("{*}" + part) or "" for part in ("Username", "Password", "Nonce", "Created")
        )
        moment_s = datetime.fromisoformat(created.replace("Z", "+00:00")).astimezone(UTC).timestamp()
        if abs(moment_s - self.now_s()) > WINDOW_S:
            return "stale token"
        known = hashlib.sha1(base64.b64decode(nonce) + created.encode() + self.password.encode()).digest()
        is_right = user == self.user and password == base64.b64encode(known).decode()
        return "" if is_right else "wrong password"

    def check_digest(self, authorization: str, path: str) -> str:
        """What is wrong with the HTTP Digest; empty if nothing."""
        if not authorization.startswith("Digest "):
            self.counts.clear()
            return "no digest"
        told = dict(re.findall(r'(\w+)="?([^",]*)"?', authorization))

        def sign(text: str) -> str:
            return hashlib.new("sha256" if self.algorithm == "SHA-256" else "md5", text.encode()).hexdigest()

        secret = sign(f"{self.user}:{REALM}:{self.password}")
        request = sign(f"POST:{path}")
        wanted = sign(f"{secret}:{NONCE}:{told.get('nc')}:{told.get('cnonce')}:auth:{request}")
        is_right = told.get("username") == self.user and told.get("response") == wanted
        if told.get("nc") in self.counts:
            return "repeated"
        self.counts.append(told.get("nc", ""))
        return "" if is_right else "wrong password"

    def tell_get_system_date_and_time(self, *_: object) -> str:
        now = datetime.fromtimestamp(self.now_s(), tz=UTC)
        return (
            "<dev:GetSystemDateAndTimeResponse><dev:SystemDateAndTime><sch:DateTimeType>NTP</sch:DateTimeType>"
            "<sch:DaylightSavings>false</sch:DaylightSavings><sch:UTCDateTime><sch:Time>"
            f"<sch:Hour>{now.hour}</sch:Hour><sch:Minute>{now.minute}</sch:Minute>"
            f"<sch:Second>{now.second}</sch:Second></sch:Time><sch:Date><sch:Year>{now.year}</sch:Year>"
            f"<sch:Month>{now.month}</sch:Month><sch:Day>{now.day}</sch:Day></sch:Date></sch:UTCDateTime>"
            "</dev:SystemDateAndTime></dev:GetSystemDateAndTimeResponse>"
        )

    def tell_get_services(self, *_: object) -> str:
        offered = [("device", "dev"), ("media", "med")] + ([("media2", "med2")] if self.media_2 else [])
        services = "".join(
            f"<dev:Service><dev:Namespace>{_SCHEMAS[prefix]}</dev:Namespace><dev:XAddr>{self.claim(name)}"
            "</dev:XAddr><dev:Version><sch:Major>2</sch:Major><sch:Minor>60</sch:Minor></dev:Version></dev:Service>"
            for name, prefix in offered
        )
        return f"<dev:GetServicesResponse>{services}</dev:GetServicesResponse>"

    def tell_get_capabilities(self, *_: object) -> str:
        return (
            "<dev:GetCapabilitiesResponse><dev:Capabilities><sch:Media><sch:XAddr>"
            f"{self.claim('media')}</sch:XAddr></sch:Media></dev:Capabilities></dev:GetCapabilitiesResponse>"
        )

    def tell_get_device_information(self, *_: object) -> str:
        return (
            "<dev:GetDeviceInformationResponse><dev:Manufacturer>Loop &amp; Back</dev:Manufacturer>"
            "<dev:Model>C&#x41;M\n 1</dev:Model><dev:FirmwareVersion>1.2</dev:FirmwareVersion>"
            "</dev:GetDeviceInformationResponse>"
        )

    def tell_get_profiles(self, space: str, *_: object) -> str:
        if space == _SCHEMAS["med2"]:
            entries = "".join(
                f'<med2:Profiles token="{s.token}" fixed="true"><med2:Name>{s.token} stream</med2:Name>'
                "<med2:Configurations><med2:VideoSource><sch:SourceToken>"
                f"{s.source}</sch:SourceToken></med2:VideoSource><med2:VideoEncoder>"
                f"<sch:Encoding>{s.codec}</sch:Encoding><sch:Resolution><sch:Width>{s.width}</sch:Width>"
                f"<sch:Height>{s.height}</sch:Height></sch:Resolution><sch:RateControl>"
                f"<sch:FrameRateLimit>{s.fps}.0</sch:FrameRateLimit><sch:BitrateLimit>2048</sch:BitrateLimit>"
                "</sch:RateControl></med2:VideoEncoder></med2:Configurations></med2:Profiles>"
                for s in self.streams
            )
            return f"<med2:GetProfilesResponse>{entries}</med2:GetProfilesResponse>"
        entries = "".join(
            f'<med:Profiles token="{s.token}"><sch:Name>{s.token} stream</sch:Name>'
            f"<sch:VideoSourceConfiguration><sch:SourceToken>{s.source}</sch:SourceToken>"
            "</sch:VideoSourceConfiguration><sch:VideoEncoderConfiguration>"
            f"<sch:Encoding>{s.codec}</sch:Encoding><sch:Resolution><sch:Width>{s.width}</sch:Width>"
            f"<sch:Height>{s.height}</sch:Height></sch:Resolution><sch:RateControl><sch:FrameRateLimit>{s.fps}"
            "</sch:FrameRateLimit><sch:BitrateLimit>4096</sch:BitrateLimit></sch:RateControl>"
            "</sch:VideoEncoderConfiguration></med:Profiles>"
            for s in self.streams
            if s.codec != "H265"
        )
        return f"<med:GetProfilesResponse>{entries}</med:GetProfilesResponse>"

    def tell_get_stream_uri(self, space: str, asked: ElementTree.Element) -> str | None:
        token = asked.findtext("{*}ProfileToken")
        uri = next((s.uri for s in self.streams if s.token == token), None)
        if uri is None:
            return None
        if space == _SCHEMAS["med2"]:
            return f"<med2:GetStreamUriResponse><med2:Uri>{uri}</med2:Uri></med2:GetStreamUriResponse>"
        return (
            f"<med:GetStreamUriResponse><med:MediaUri><sch:Uri>{uri}</sch:Uri></med:MediaUri>"
            "</med:GetStreamUriResponse>"
        )


def describe_match(address: str, *, identity: str = "urn:uuid:1", is_wrapped: bool = True) -> str:
    """The match that a camera announces, in ``ProbeMatches`` or, as some do, without it."""
    match = (
        f"<dis:ProbeMatch><adr:EndpointReference><adr:Address>{identity}</adr:Address></adr:EndpointReference>"
        "<dis:Types>net:NetworkVideoTransmitter dev:Device</dis:Types><dis:Scopes>"
        "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Hall%203%20North "
        "onvif://www.onvif.org/hardware/CAM-1 onvif://www.onvif.org/location/roof</dis:Scopes>"
        f"<dis:XAddrs>{address}</dis:XAddrs><dis:MetadataVersion>1</dis:MetadataVersion></dis:ProbeMatch>"
    )
    return f"<dis:ProbeMatches>{match}</dis:ProbeMatches>" if is_wrapped else match


class DiscoveryResponder:
    """Answers the probes that reach a UDP port; a context manager."""

    def __init__(
        self, answers: Sequence[bytes], *, port: int = 0, group: str | None = None, host: str = "127.0.0.1"
    ) -> None:
        """Args: group: the multicast group to join on the interface of the host."""
        self.answers = answers
        self.probes: list[bytes] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind((group or host, port))
        if group:
            joined = struct.pack("4s4s", socket.inet_aton(group), socket.inet_aton(host))
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
            # IP_MULTICAST_ALL of Linux: otherwise it hears what comes in on other interfaces too
            self._socket.setsockopt(socket.IPPROTO_IP, 49, 0)
        self._socket.settimeout(0.05)
        self._ending = threading.Event()
        self.port = self._socket.getsockname()[1]

    def __enter__(self) -> DiscoveryResponder:
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                probe, sender = self._socket.recvfrom(65535)
            except OSError:
                continue
            self.probes.append(probe)
            for answer in self.answers:
                self._socket.sendto(answer, sender)

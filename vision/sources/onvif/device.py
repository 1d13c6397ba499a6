"""ONVIF information of a camera: its clock, its make and model, and its streams."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from analytics.domain.clock import Clock
from analytics.domain.errors import Phrase, SourceError
from vision.sources.onvif.http_exchange import ANSWER_LIMIT_S
from vision.sources.onvif.media_profiles import MediaProfile, assign_roles
from vision.sources.onvif.onvif_faults import make_onvif_error
from vision.sources.onvif.session import ActionRefused, CredentialRefused, OnvifLogin, OnvifSession
from vision.sources.onvif.soap import clean_text, read_text, read_whole_number
from vision.sources.source_address import parse_source
from vision.sources.source_faults import SourceFault, fault_of

_DEVICE = "http://www.onvif.org/ver10/device/wsdl"
_MEDIA = "http://www.onvif.org/ver10/media/wsdl"
_MEDIA_2 = "http://www.onvif.org/ver20/media/wsdl"
_DEFAULT_PATH = "/onvif/device_service"
_MEAN_TRUNCATION_S = 0.5
"""Cameras report whole seconds; the mean truncation is half a second."""
MAX_PROFILES = 256
"""A recorder with 64 cameras has three or four for each."""

Checkpoint = Callable[[float, float], None]
"""Receives the numbers of answered and of all requests, ten times a second; raise to abort."""


@dataclass(frozen=True, slots=True)
class OnvifReport:
    """Information that a camera reported.

    Attributes:
        device_url: address of the request, without credentials.
        manufacturer, model, firmware: as reported by the camera; empty if not reported.
        clock_skew_s: seconds by which its clock is ahead of ours, to about one; None if not reported.
        profiles: its streams; never empty.
    """

    device_url: str
    manufacturer: str
    model: str
    firmware: str
    clock_skew_s: float | None
    profiles: tuple[MediaProfile, ...]


def parse_device_address(text: str) -> tuple[str, OnvifLogin | None]:
    """Return the address of a camera's ONVIF service, and the user and password in the text, if any.

    Args:
        text: a host, host and port, or an ``http://`` or ``https://`` address.

    Raises:
        SourceError: it is none of these.
    """
    stripped = text.strip()
    try:
        address = parse_source(stripped if "://" in stripped else f"http://{stripped}")
        parts = urlsplit(address.location)
    except (SourceError, ValueError):
        raise make_onvif_error(SourceFault.BAD_ADDRESS, host=stripped) from None
    if parts.scheme not in ("http", "https") or parts.port == 0:
        raise make_onvif_error(SourceFault.BAD_ADDRESS, host=stripped)
    path = parts.path if parts.path not in ("", "/") else _DEFAULT_PATH
    url = urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
    return url, None if address.user is None else OnvifLogin(address.user, address.password or "")


def read_device(
    device_url: str,
    login: OnvifLogin | None,
    *,
    clock: Clock,
    checkpoint: Checkpoint,
    answer_limit_s: float = ANSWER_LIMIT_S,
) -> OnvifReport:
    """Read a camera's clock, make, model and streams; changes nothing on the camera.

    The clock comes first and without a user, because the proof of the password contains the camera's time: a
    wrong clock is the usual reason why a correct password is refused.

    Args:
        device_url: see `parse_device_address`.

    Raises:
        SourceError: with the cause and a remedy.
    """
    progress = [0, 4]
    session = OnvifSession(
        device_url,
        login,
        clock=clock,
        on_wait=lambda: checkpoint(*progress),
        limit_s=answer_limit_s,
    )
    skew_s = _read_clock_skew(session, clock)
    progress[0] = 1
    media_url, media_2_url = _find_media_services(session)
    progress[0] = 2
    profiles = _read_profiles(session, media_url, media_2_url, progress)
    if not profiles:
        raise session.make_error(SourceFault.NO_VIDEO)
    information = _read_information(session)
    return OnvifReport(
        device_url=session.device_url,
        manufacturer=read_text(information, "Manufacturer"),
        model=read_text(information, "Model"),
        firmware=read_text(information, "FirmwareVersion"),
        clock_skew_s=skew_s,
        profiles=assign_roles(profiles),
    )


def measure_clock_skew(
    device_url: str, *, clock: Clock, checkpoint: Checkpoint, answer_limit_s: float = ANSWER_LIMIT_S
) -> float | None:
    """Return seconds by which a camera's clock is ahead, to about one; None if it requires a sign-in.

    Args:
        device_url: see `parse_device_address`.
    """
    session = OnvifSession(
        device_url, None, clock=clock, on_wait=lambda: checkpoint(0, 1), limit_s=answer_limit_s
    )
    with contextlib.suppress(SourceError):
        return _read_clock_skew(session, clock)
    # a camera that requires a login for it has reported its clock in the date of the refusal
    return session.clock_skew_s


def _read_clock_skew(session: OnvifSession, clock: Clock) -> float | None:
    """Return the skew in seconds, and set the session's too.

    Some cameras report their clock to signed-in users only, who cannot sign in without it: there the ``Date``
    header of the refusal is used instead.
    """
    question = (session.device_url, f"{_DEVICE}/GetSystemDateAndTime", "<tds:GetSystemDateAndTime/>")
    requested_s = clock.now_utc_s()
    skew_s = None
    try:
        with contextlib.suppress(ActionRefused):
            body = session.request_without_user(*question)
            skew_s = _compare_clocks(body, (requested_s + clock.now_utc_s()) / 2)
    except CredentialRefused as refused:
        if refused.date_utc_s is not None:
            our_s = (requested_s + clock.now_utc_s()) / 2 - _MEAN_TRUNCATION_S
            skew_s = session.clock_skew_s = refused.date_utc_s - our_s
        requested_s = clock.now_utc_s()
        with contextlib.suppress(ActionRefused):
            body = session.ask(*question)
            reported_s = _compare_clocks(body, (requested_s + clock.now_utc_s()) / 2)
            skew_s = skew_s if reported_s is None else reported_s
    if skew_s is not None:
        session.clock_skew_s = skew_s
    return skew_s


def _compare_clocks(body: Element, our_utc_s: float) -> float | None:
    reported = body.find(".//UTCDateTime")
    paths = ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")
    year, month, day, hour, minute, second = (read_whole_number(reported, path) for path in paths)
    if None in (year, month, day, hour, minute, second):
        return None
    try:
        moment = datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp() + _MEAN_TRUNCATION_S - our_utc_s


def _find_media_services(session: OnvifSession) -> tuple[str, str | None]:
    """Return the addresses of the media service and, if present, of the newer one with H.265."""
    services: dict[str, str] = {}
    with contextlib.suppress(ActionRefused):
        body = _request_with_fallback(
            session,
            f"{_DEVICE}/GetServices",
            "<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>",
        )
        for service in body.iter("Service"):
            services[read_text(service, "Namespace")] = read_text(service, "XAddr")
    if _MEDIA not in services:
        with contextlib.suppress(ActionRefused):
            body = _request_with_fallback(
                session,
                f"{_DEVICE}/GetCapabilities",
                "<tds:GetCapabilities><tds:Category>Media</tds:Category></tds:GetCapabilities>",
            )
            services[_MEDIA] = read_text(body, ".//Media/XAddr")
    media_2 = services.get(_MEDIA_2)
    return session.reach(services.get(_MEDIA, "")), session.reach(media_2) if media_2 else None


def _request_with_fallback(session: OnvifSession, action: str, body: str) -> Element:
    """Request without a user, as the standard allows, then with one if the camera requires it."""
    with _treat_as_refusal():
        try:
            return session.request_without_user(session.device_url, action, body)
        except CredentialRefused:
            return session.ask(session.device_url, action, body)


@contextlib.contextmanager
def _treat_as_refusal() -> Iterator[None]:
    """Treat a reply that is not ONVIF as a refusal: some cameras reply so to newer requests."""
    try:
        yield
    except SourceError as error:
        if fault_of(error) in (SourceFault.NOT_FOUND, SourceFault.UNKNOWN):
            raise ActionRefused(error.problem) from None
        raise


def _read_profiles(
    session: OnvifSession, media_url: str, media_2_url: str | None, progress: list[int]
) -> list[MediaProfile]:
    if media_2_url is not None:
        with contextlib.suppress(ActionRefused), _treat_as_refusal():
            found = list(_request_profiles_2(session, media_2_url, progress))
            if found:
                return found
    try:
        return list(_request_profiles(session, media_url, progress))
    except ActionRefused as refused:
        reason = Phrase("'{name}'", {"name": refused.reason})
    raise session.make_error(SourceFault.UNKNOWN, reason=reason)


def _request_profiles(session: OnvifSession, url: str, progress: list[int]) -> Iterator[MediaProfile]:
    body = session.ask(url, f"{_MEDIA}/GetProfiles", "<trt:GetProfiles/>")
    yield from _locate_profiles(
        session,
        url,
        list(body.iter("Profiles"))[:MAX_PROFILES],
        progress,
        action=f"{_MEDIA}/GetStreamUri",
        question="<trt:GetStreamUri><trt:StreamSetup><tt:Stream>RTP-Unicast</tt:Stream><tt:Transport>"
        "<tt:Protocol>RTSP</tt:Protocol></tt:Transport></trt:StreamSetup>"
        "<trt:ProfileToken>{token}</trt:ProfileToken></trt:GetStreamUri>",
    )


def _request_profiles_2(session: OnvifSession, url: str, progress: list[int]) -> Iterator[MediaProfile]:
    body = session.ask(
        url,
        f"{_MEDIA_2}/GetProfiles",
        "<tr2:GetProfiles><tr2:Type>VideoSource</tr2:Type><tr2:Type>VideoEncoder</tr2:Type></tr2:GetProfiles>",
    )
    yield from _locate_profiles(
        session,
        url,
        list(body.iter("Profiles"))[:MAX_PROFILES],
        progress,
        action=f"{_MEDIA_2}/GetStreamUri",
        question="<tr2:GetStreamUri><tr2:Protocol>RTSP</tr2:Protocol>"
        "<tr2:ProfileToken>{token}</tr2:ProfileToken></tr2:GetStreamUri>",
    )


def _locate_profiles(
    session: OnvifSession,
    url: str,
    entries: list[Element],
    progress: list[int],
    *,
    action: str,
    question: str,
) -> Iterator[MediaProfile]:
    """Request the address of every video profile; profiles without one are left out."""
    progress[1] = 4 + len(entries)
    for entry in entries:
        token = clean_text(entry.get("token") or "")
        progress[0] += 1
        if not token or _find_encoder(entry) is None:
            continue
        try:
            body = session.ask(url, action, question.replace("{token}", escape(token)))
        except ActionRefused:
            continue
        location = _locate_stream(session, read_text(body, ".//Uri"))
        if location is not None:
            yield _describe_profile(entry, token, location)


def _read_information(session: OnvifSession) -> Element | None:
    """Return make and model; optional, as some cameras report them to administrators only."""
    action = f"{_DEVICE}/GetDeviceInformation"
    with contextlib.suppress(ActionRefused, SourceError):
        body = session.ask(session.device_url, action, "<tds:GetDeviceInformation/>")
        return body.find("GetDeviceInformationResponse")
    return None


def _find_encoder(entry: Element) -> Element | None:
    """Return the encoder of a profile, from either media service."""
    older = entry.find("VideoEncoderConfiguration")
    return older if older is not None else entry.find("Configurations/VideoEncoder")


def _describe_profile(entry: Element, token: str, location: str) -> MediaProfile:
    encoder = _find_encoder(entry)
    source = read_text(entry, ".//VideoSourceConfiguration/SourceToken") or read_text(
        entry, "Configurations/VideoSource/SourceToken"
    )
    width, height = (read_whole_number(encoder, f"Resolution/{side}") for side in ("Width", "Height"))
    return MediaProfile(
        token=token,
        name=read_text(entry, "Name"),
        source=source,
        codec=read_text(encoder, "Encoding").upper().replace(".", ""),
        size_wh=(width, height) if width and height else None,
        fps=read_whole_number(encoder, "RateControl/FrameRateLimit"),
        bitrate_kbit_s=read_whole_number(encoder, "RateControl/BitrateLimit"),
        location=location,
    )


def _locate_stream(session: OnvifSession, uri: str) -> str | None:
    """Return the stream's address at the user's host, without credentials; None if not RTSP."""
    host = urlsplit(session.device_url).hostname or ""
    try:
        reported = parse_source(uri)
        parts = urlsplit(reported.location)
        port = parts.port
    except (SourceError, ValueError):
        return None
    if parts.scheme not in ("rtsp", "rtsps"):
        return None
    netloc = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{netloc}:{port}" if port else netloc, parts.path, parts.query, ""))

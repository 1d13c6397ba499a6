"""What a camera tells of itself by ONVIF: its clock, its make, and its streams."""

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
_USUAL_PATH = "/onvif/device_service"
_MEAN_CUT_OFF_S = 0.5
"""Cameras tell whole seconds; what they leave out is half a second in the mean."""
MAX_PROFILES = 256
"""A recorder with 64 cameras has three or four for each."""

Checkpoint = Callable[[float, float], None]
"""Told how many of how many questions are answered, ten times a second; whatever it raises ends the work."""


@dataclass(frozen=True, slots=True)
class OnvifReport:
    """What a camera told.

    Attributes:
        device_url: where it was asked, without credentials.
        manufacturer, model, firmware: as it calls them; empty where it does not tell.
        clock_skew_s: how far its clock is ahead of ours, seconds, to about one; None if it does not tell.
        profiles: its streams; never empty.
    """

    device_url: str
    manufacturer: str
    model: str
    firmware: str
    clock_skew_s: float | None
    profiles: tuple[MediaProfile, ...]


def parse_device_address(text: str) -> tuple[str, OnvifLogin | None]:
    """The address of a camera's ONVIF service, and the user and password if they stand in the text.

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
    path = parts.path if parts.path not in ("", "/") else _USUAL_PATH
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
    """Ask a camera for its clock, its make and its streams. Nothing in it is changed.

    The clock comes first and without a user, because the proof of the password contains the camera's time: it
    is the usual reason for a right password that is refused.

    Args:
        device_url: as `parse_device_address` gives it.

    Raises:
        SourceError: with the cause and a remedy.
    """
    progress = [0, 4]
    session = OnvifSession(
        device_url,
        login,
        clock=clock,
        look=lambda: checkpoint(*progress),
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
    """How far a camera's clock is ahead of ours, seconds, to about one; None if it tells no stranger.

    Args:
        device_url: as `parse_device_address` gives it.
    """
    session = OnvifSession(
        device_url, None, clock=clock, look=lambda: checkpoint(0, 1), limit_s=answer_limit_s
    )
    with contextlib.suppress(SourceError):
        return _read_clock_skew(session, clock)
    # who wants a login for it has told it by the date of the refusal
    return session.clock_skew_s


def _read_clock_skew(session: OnvifSession, clock: Clock) -> float | None:
    """Seconds; sets the session's too.

    Some cameras tell their clock to users only, whom they cannot recognise without it: there the ``Date``
    header of their refusal stands in.
    """
    question = (session.device_url, f"{_DEVICE}/GetSystemDateAndTime", "<tds:GetSystemDateAndTime/>")
    asked_s = clock.now_utc_s()
    skew_s = None
    try:
        with contextlib.suppress(ActionRefused):
            body = session.ask_openly(*question)
            skew_s = _compare_clocks(body, (asked_s + clock.now_utc_s()) / 2)
    except CredentialRefused as refused:
        if refused.date_utc_s is not None:
            our_s = (asked_s + clock.now_utc_s()) / 2 - _MEAN_CUT_OFF_S
            skew_s = session.clock_skew_s = refused.date_utc_s - our_s
        asked_s = clock.now_utc_s()
        with contextlib.suppress(ActionRefused):
            body = session.ask(*question)
            told_s = _compare_clocks(body, (asked_s + clock.now_utc_s()) / 2)
            skew_s = skew_s if told_s is None else told_s
    if skew_s is not None:
        session.clock_skew_s = skew_s
    return skew_s


def _compare_clocks(body: Element, our_utc_s: float) -> float | None:
    told = body.find(".//UTCDateTime")
    paths = ("Date/Year", "Date/Month", "Date/Day", "Time/Hour", "Time/Minute", "Time/Second")
    year, month, day, hour, minute, second = (read_whole_number(told, path) for path in paths)
    if None in (year, month, day, hour, minute, second):
        return None
    try:
        moment = datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, second or 0, tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp() + _MEAN_CUT_OFF_S - our_utc_s


def _find_media_services(session: OnvifSession) -> tuple[str, str | None]:
    """Where the media service is, and the newer one that knows H.265, if there is one."""
    services: dict[str, str] = {}
    with contextlib.suppress(ActionRefused):
        body = _ask_anyhow(
            session,
            f"{_DEVICE}/GetServices",
            "<tds:GetServices><tds:IncludeCapability>false</tds:IncludeCapability></tds:GetServices>",
        )
        for service in body.iter("Service"):
            services[read_text(service, "Namespace")] = read_text(service, "XAddr")
    if _MEDIA not in services:
        with contextlib.suppress(ActionRefused):
            body = _ask_anyhow(
                session,
                f"{_DEVICE}/GetCapabilities",
                "<tds:GetCapabilities><tds:Category>Media</tds:Category></tds:GetCapabilities>",
            )
            services[_MEDIA] = read_text(body, ".//Media/XAddr")
    media_2 = services.get(_MEDIA_2)
    return session.reach(services.get(_MEDIA, "")), session.reach(media_2) if media_2 else None


def _ask_anyhow(session: OnvifSession, action: str, body: str) -> Element:
    """Ask without a user, as the standard allows, and with one where the camera wants it."""
    with _forgive_speechlessness():
        try:
            return session.ask_openly(session.device_url, action, body)
        except CredentialRefused:
            return session.ask(session.device_url, action, body)


@contextlib.contextmanager
def _forgive_speechlessness() -> Iterator[None]:
    """Take an answer that is not ONVIF for a refusal: so some cameras answer to what is newer than they."""
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
        with contextlib.suppress(ActionRefused), _forgive_speechlessness():
            found = list(_ask_media_2(session, media_2_url, progress))
            if found:
                return found
    try:
        return list(_ask_media(session, media_url, progress))
    except ActionRefused as refused:
        reason = Phrase("'{name}'", {"name": refused.reason})
    raise session.make_error(SourceFault.UNKNOWN, reason=reason)


def _ask_media(session: OnvifSession, url: str, progress: list[int]) -> Iterator[MediaProfile]:
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


def _ask_media_2(session: OnvifSession, url: str, progress: list[int]) -> Iterator[MediaProfile]:
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
    """Ask for the address of every profile that has video; one that has none is left out."""
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
    """Make and model, which some cameras tell to administrators only; the streams matter more."""
    action = f"{_DEVICE}/GetDeviceInformation"
    with contextlib.suppress(ActionRefused, SourceError):
        body = session.ask(session.device_url, action, "<tds:GetDeviceInformation/>")
        return body.find("GetDeviceInformationResponse")
    return None


def _find_encoder(entry: Element) -> Element | None:
    """Of the older media service, or of the newer one."""
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
    """The stream's address at the host that was named, without credentials; None if it is none of RTSP."""
    host = urlsplit(session.device_url).hostname or ""
    try:
        told = parse_source(uri)
        parts = urlsplit(told.location)
        port = parts.port
    except (SourceError, ValueError):
        return None
    if parts.scheme not in ("rtsp", "rtsps"):
        return None
    netloc = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, f"{netloc}:{port}" if port else netloc, parts.path, parts.query, ""))

"""Options, timing and time limits of each kind of network stream."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from vision.sources.frame_source import SourceAddress, SourceKind

OPEN_LIMIT_S = 5.0
SILENCE_LIMIT_S = 4.0
HLS_SILENCE_LIMIT_S = 15.0
"""Limit for HLS, where a playlist brings several seconds of video at once, and then pauses."""
_LIVE_DECODER_OPTIONS = {"skip_loop_filter": "all"}


class StreamTiming(StrEnum):
    """Source of a frame's capture time."""

    PRESENTATION = "presentation"
    ARRIVAL = "arrival"
    PACED_PRESENTATION = "paced_presentation"


@dataclass(frozen=True, slots=True)
class StreamProfile:
    """FFmpeg options and time limits of a kind of stream.

    Attributes:
        container_options: demuxer options. ``nobuffer`` is left out on purpose: it discards the first group
            of pictures.
        decoder_options: decoder options; without the loop filter a fifth of the decoding time is saved.
        open_limit_s: time limit for the connection.
        silence_limit_s: time without any packet after which the connection is given up.
    """

    container_options: dict[str, str]
    decoder_options: dict[str, str]
    open_limit_s: float = OPEN_LIMIT_S
    silence_limit_s: float = SILENCE_LIMIT_S


def choose_profile(address: SourceAddress) -> StreamProfile:
    """Return the profile of a network address.

    Raises:
        ValueError: the address is not one of a network stream.
    """
    profile = _choose_default_profile(address)
    return profile if address.open_limit_s is None else replace(profile, open_limit_s=address.open_limit_s)


def choose_timing(format_name: str) -> StreamTiming:
    """Return the timing of frames in a container format, by FFmpeg's name for it.

    Motion JPEG carries no time stamps, so only the arrival counts. HLS delivers segments in bursts, and a
    file on a web server arrives as fast as it can, so they are played out by their own time. All others carry
    usable time stamps and arrive in real time.
    """
    names = set(format_name.split(","))
    if names & {"mpjpeg", "mjpeg", "image2pipe", "jpeg_pipe"}:
        return StreamTiming.ARRIVAL
    if names & {"hls", "applehttp", "mov", "mp4", "matroska", "webm", "avi"}:
        return StreamTiming.PACED_PRESENTATION
    return StreamTiming.PRESENTATION


def _choose_default_profile(address: SourceAddress) -> StreamProfile:
    if address.kind is SourceKind.RTSP:
        options = {
            "rtsp_transport": address.transport,
            "allowed_media_types": "video",
            "fpsprobesize": "0",
            "analyzeduration": "1000000",
        }
        if address.transport == "udp":
            options["buffer_size"] = str(2 * 1024 * 1024)
        return StreamProfile(options, dict(_LIVE_DECODER_OPTIONS))
    if address.kind is SourceKind.HTTP:
        options = {"fpsprobesize": "0", "analyzeduration": "1000000"}
        if urlsplit(address.location).path.lower().endswith((".m3u8", ".m3u")):
            options["live_start_index"] = "-1"
            return StreamProfile(options, dict(_LIVE_DECODER_OPTIONS), silence_limit_s=HLS_SILENCE_LIMIT_S)
        return StreamProfile(options, dict(_LIVE_DECODER_OPTIONS))
    raise ValueError(f"{address.kind.value} is not a network stream")

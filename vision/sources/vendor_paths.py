"""Stream paths of camera makes, for use without ONVIF.

The paths are published by the makers, or by several independent guides. None was tried on a real camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlunsplit

DEFAULT_PORT = 554


@dataclass(frozen=True, slots=True)
class VendorTemplate:
    """The stream paths of one make.

    Attributes:
        vendor: name of the make, and of compatible ones.
        main_path: path of the full-resolution stream, with ``{channel}`` for a recorder's camera number.
        sub_path: path of the smaller stream; None where the make has none by default.
        first_channel: number of the only, or the first, camera.
    """

    vendor: str
    main_path: str
    sub_path: str | None
    first_channel: int = 1

    @property
    def has_channels(self) -> bool:
        """Return whether the path names one of several cameras."""
        return "{channel" in self.main_path


TEMPLATES: tuple[VendorTemplate, ...] = (
    VendorTemplate("Axis", "/axis-media/media.amp", "/axis-media/media.amp?resolution=640x360"),
    VendorTemplate("Bosch", "/video?inst=1", "/video?inst=2"),
    VendorTemplate(
        "Dahua, Amcrest, Imou, Lorex",
        "/cam/realmonitor?channel={channel}&subtype=0",
        "/cam/realmonitor?channel={channel}&subtype=1",
    ),
    VendorTemplate("Ezviz", "/h264/ch{channel}/main/av_stream", "/h264/ch{channel}/sub/av_stream"),
    VendorTemplate("Foscam", "/videoMain", "/videoSub"),
    VendorTemplate("Hanwha Vision, Wisenet", "/profile2/media.smp", None),
    VendorTemplate(
        "Hikvision, HiLook, Annke", "/Streaming/Channels/{channel}01", "/Streaming/Channels/{channel}02"
    ),
    VendorTemplate("i-PRO, Panasonic", "/MediaInput/h264/stream_1", "/MediaInput/h264/stream_2"),
    VendorTemplate("Milesight", "/main", "/sub"),
    VendorTemplate("Reolink", "/h264Preview_{channel:02d}_main", "/h264Preview_{channel:02d}_sub"),
    VendorTemplate("TP-Link Tapo, VIGI", "/stream1", "/stream2"),
    VendorTemplate("Uniview", "/media/video1", "/media/video2"),
    VendorTemplate("Uniview recorder", "/unicast/c{channel}/s0/live", "/unicast/c{channel}/s1/live"),
    VendorTemplate("Vivotek", "/live.sdp", "/live2.sdp"),
)
"""Templates in the order of their names."""


def build_stream_url(
    template: VendorTemplate, host: str, *, is_sub: bool, channel: int | None = None, port: int = DEFAULT_PORT
) -> str:
    """Return the address of a stream, without credentials.

    Args:
        host: name or address; an IPv6 address with or without brackets.
        channel: camera number of a recorder; None for the first.

    Raises:
        ValueError: the host is empty or contains more than a host, a number is invalid, or the make
            has no such stream.
    """
    bare = host.strip().removeprefix("[").removesuffix("]")
    if not bare or any(character in bare for character in "/@?# []") or not 1 <= port <= 65535:
        raise ValueError("a host name or address and a port up to 65535 are needed")
    number = template.first_channel if channel is None else channel
    if number < template.first_channel:
        raise ValueError(f"the first channel is {template.first_channel}")
    chosen = template.sub_path if is_sub else template.main_path
    if chosen is None:
        raise ValueError(f"{template.vendor} has no sub-stream until one is set up")
    netloc = f"[{bare}]" if ":" in bare else bare
    path, _, query = chosen.format(channel=number).partition("?")
    return urlunsplit(("rtsp", f"{netloc}:{port}", path, query, ""))

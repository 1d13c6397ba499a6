"""A video file cut into RTP payloads, for the RTSP test camera."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

_LENGTH_BYTES = 2
_PAYLOAD_LIMIT = 1400
_H264_FRAGMENT = 28
_H265_FRAGMENT = 49


@dataclass(frozen=True, slots=True)
class AccessUnit:
    """One coded picture: its time since the start, and its NAL units with their parameter sets."""

    time_s: float
    is_key: bool
    nals: tuple[bytes, ...]


class RtpClip:
    """An H.264 or H.265 file in MP4, played again and again."""

    def __init__(self, path: Path) -> None:
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            self.codec = "h265" if stream.codec_context.name == "hevc" else "h264"
            extradata = bytes(stream.codec_context.extradata)
            self._nal_length_bytes, self._parameter_sets = _split_extradata(extradata, self.codec)
            self.fps = float(stream.average_rate)
            self._packets = [
                (float(packet.pts * packet.time_base), bool(packet.is_keyframe), bytes(packet))
                for packet in container.demux(stream)
                if packet.pts is not None
            ]
        self.duration_s = len(self._packets) / self.fps

    def access_units(self) -> Iterator[AccessUnit]:
        """The pictures of the clip, without end."""
        start_s = 0.0
        while True:
            for time_s, is_key, data in self._packets:
                parameter_sets = self._parameter_sets if is_key else ()
                yield AccessUnit(start_s + time_s, is_key, (*parameter_sets, *self._split_packet(data)))
            start_s += self.duration_s

    def describe(self) -> bytes:
        """The session description (SDP)."""
        encoded = [base64.b64encode(nal).decode() for nal in self._parameter_sets]
        if self.codec == "h264":
            profile = self._parameter_sets[0][1:4].hex()
            sets = ",".join(encoded[:2])
            parameters = f"packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sets}"
        else:
            parameters = f"sprop-vps={encoded[0]};sprop-sps={encoded[1]};sprop-pps={encoded[2]}"
        lines = (
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=faultcam",
            "c=IN IP4 0.0.0.0",
            "t=0 0",
            "a=control:*",
            "m=video 0 RTP/AVP 96",
            f"a=rtpmap:96 {self.codec.upper()}/90000",
            f"a=fmtp:96 {parameters}",
            "a=control:track1",
        )
        return ("\r\n".join(lines) + "\r\n").encode()

    def payloads(self, nal: bytes) -> Iterator[bytes]:
        """The RTP payloads of one NAL unit: itself, or its fragments (RFC 6184, RFC 7798)."""
        if len(nal) <= _PAYLOAD_LIMIT:
            yield nal
            return
        header_bytes = 1 if self.codec == "h264" else 2
        body = nal[header_bytes:]
        for start in range(0, len(body), _PAYLOAD_LIMIT):
            is_last = start + _PAYLOAD_LIMIT >= len(body)
            flags = (0x80 if start == 0 else 0) | (0x40 if is_last else 0)
            if self.codec == "h264":
                header = bytes([(nal[0] & 0xE0) | _H264_FRAGMENT, flags | (nal[0] & 31)])
            else:
                kind = (nal[0] >> 1) & 63
                header = bytes([(nal[0] & 0x81) | (_H265_FRAGMENT << 1), nal[1], flags | kind])
            yield header + body[start : start + _PAYLOAD_LIMIT]

    def _split_packet(self, data: bytes) -> Iterator[bytes]:
        position = 0
        while position < len(data):
            length = int.from_bytes(data[position : position + self._nal_length_bytes], "big")
            position += self._nal_length_bytes
            yield data[position : position + length]
            position += length


def _split_extradata(extradata: bytes, codec: str) -> tuple[int, tuple[bytes, ...]]:
    """The size of the NAL lengths and the parameter sets in an avcC or hvcC record (ISO/IEC 14496-15)."""
    nals: list[bytes] = []

    def read_nals(position: int, count: int) -> int:
        for _ in range(count):
            length = int.from_bytes(extradata[position : position + _LENGTH_BYTES], "big")
            position += _LENGTH_BYTES
            nals.append(extradata[position : position + length])
            position += length
        return position

    if codec == "h264":
        position = read_nals(6, extradata[5] & 31)
        read_nals(position + 1, extradata[position])
        return (extradata[4] & 3) + 1, tuple(nals)
    position = 23
    for _ in range(extradata[22]):
        count = int.from_bytes(extradata[position + 1 : position + 3], "big")
        position = read_nals(position + 3, count)
    return (extradata[21] & 3) + 1, tuple(nals)

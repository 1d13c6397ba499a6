"""Longer clips from real ones, without encoding anything anew."""

from __future__ import annotations

from pathlib import Path

import av


def repeat_clip(source: Path, target: Path, *, times: int) -> Path:
    """The same packets, several times one after the other."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        video = reader.streams.video[0]
        copied = writer.add_stream_from_template(video)
        packets = [packet for packet in reader.demux(video) if packet.dts is not None]
        length = max(p.pts + (p.duration or 0) for p in packets) - min(p.pts for p in packets)
        for turn in range(times):
            if turn:
                reader.seek(0)
                packets = [packet for packet in reader.demux(video) if packet.dts is not None]
            for packet in packets:
                packet.pts += turn * length
                packet.dts += turn * length
                packet.stream = copied
                writer.mux(packet)
    return target

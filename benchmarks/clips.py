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
        shown = [(packet.pts or 0, packet.duration or 0) for packet in packets]
        length = max(pts + duration for pts, duration in shown) - min(pts for pts, _ in shown)
        for turn in range(times):
            if turn:
                reader.seek(0)
                packets = [packet for packet in reader.demux(video) if packet.dts is not None]
            for packet in packets:
                packet.pts = (packet.pts or 0) + turn * length
                packet.dts = (packet.dts or 0) + turn * length
                packet.stream = copied
                writer.mux(packet)
    return target

"""The parts of live reading that no real camera shows on demand, with a made-up connection."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import av
import pytest

from analytics.domain.errors import SourceError
from tests.support.reports.clips import draw_numbered_picture
from tests.support.servers.opened_sources import HALL
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.live_source import PICTURE_LIMIT_S
from vision.sources.source_faults import SourceFault, fault_of
from vision.sources.stream_source import StreamSource

ADDRESS = SourceAddress(SourceKind.RTSP, "rtsp://cam/x", user="u", password="s3cret")
UTC_S = 1_795_000_000.0


class SteppedClock:
    """Monotonic time that the packets move on."""

    def __init__(self) -> None:
        self.monotonic = 100.0

    def now_utc_s(self) -> float:
        return UTC_S + self.monotonic

    def monotonic_s(self) -> float:
        return self.monotonic


class MadeUpPacket:
    """A packet that holds ready frames, or damage."""

    size = 1000
    time_base = Fraction(1, 25)

    def __init__(self, pts: int, frames: list[Any] | None) -> None:
        self.pts = pts
        self._frames = frames

    def has_sidedata(self, kind: str) -> bool:
        return False

    def decode(self) -> list[Any]:
        if self._frames is None:
            raise av.error.InvalidDataError(1, "damaged", "rtsp://u:s3cret@cam/x")
        return self._frames


class MadeUpConnection:
    """What ``av.open`` would return; its packets come one each ``step_s``."""

    def __init__(
        self,
        clock: SteppedClock,
        packets: list[MadeUpPacket],
        step_s: float,
        format_name: str = "rtsp",
        codec: str = "h264",
    ) -> None:
        self._clock, self._packets, self._step_s = clock, packets, step_s
        decoder = SimpleNamespace(codec=SimpleNamespace(canonical_name=codec))
        self.streams = SimpleNamespace(video=[SimpleNamespace(codec_context=decoder)])
        self.format = SimpleNamespace(name=format_name)
        self.closed = 0

    def demux(self, _: object) -> Iterator[MadeUpPacket]:
        for packet in self._packets:
            self._clock.monotonic += self._step_s
            yield packet

    def close(self) -> None:
        self.closed += 1


def make_frame(number: int, *, is_corrupt: bool = False, pts_s: float | None = None) -> Any:
    picture = av.VideoFrame.from_ndarray(draw_numbered_picture(number), "bgr24")
    return SimpleNamespace(
        width=320,
        height=180,
        is_corrupt=is_corrupt,
        time=number / 25 if pts_s is None else pts_s,
        to_ndarray=picture.to_ndarray,
    )


def make_source(clock: SteppedClock, connection: MadeUpConnection, **sampling: float | None) -> StreamSource:
    return StreamSource(
        address=ADDRESS,
        camera=HALL,
        sampler=FrameSampler(analysed_fps=sampling.get("analysed_fps")),
        clock=clock,
        opener=lambda *_, **__: connection,
    )


def test_a_stream_that_never_decodes_is_given_up_although_its_packets_flow() -> None:
    clock = SteppedClock()
    connection = MadeUpConnection(clock, [MadeUpPacket(index, None) for index in range(100)], 1.0)
    source = make_source(clock, connection)
    source.open()
    with pytest.raises(SourceError) as caught:
        source.read()
    assert fault_of(caught.value) is SourceFault.UNDECODABLE
    assert clock.monotonic == pytest.approx(100.0 + PICTURE_LIMIT_S + 1.0)
    assert source.counters.undecodable == PICTURE_LIMIT_S + 1
    assert connection.closed == 1


def test_a_codec_without_any_decoder_is_told_when_it_is_opened() -> None:
    clock = SteppedClock()
    connection = MadeUpConnection(clock, [], 1.0)
    connection.streams.video[0].codec_context = None
    with pytest.raises(SourceError) as caught:
        make_source(clock, connection).open()
    assert fault_of(caught.value) is SourceFault.UNDECODABLE
    assert connection.closed == 1


def test_corrupt_frames_only_are_no_pictures_either() -> None:
    clock = SteppedClock()
    packets = [MadeUpPacket(index, [make_frame(index, is_corrupt=True)]) for index in range(100)]
    source = make_source(clock, MadeUpConnection(clock, packets, 1.0))
    source.open()
    with pytest.raises(SourceError) as caught:
        source.read()
    assert fault_of(caught.value) is SourceFault.UNDECODABLE
    assert source.counters.corrupt >= PICTURE_LIMIT_S


def test_a_held_back_frame_after_a_time_out_is_no_sign_of_life() -> None:
    clock = SteppedClock()
    source = make_source(clock, MadeUpConnection(clock, [MadeUpPacket(0, [make_frame(0)])], 4.0))
    source.open()
    with pytest.raises(SourceError, match="no picture for 4 s") as caught:
        source.read()
    assert fault_of(caught.value) is SourceFault.SILENT


def test_frames_that_queued_up_while_connecting_are_decoded_but_not_delivered() -> None:
    clock = SteppedClock()
    queued = MadeUpConnection(clock, [MadeUpPacket(i, [make_frame(i)]) for i in range(10)], 0.0)
    live = MadeUpConnection(clock, [MadeUpPacket(i, [make_frame(i)]) for i in range(10, 20)], 0.04)
    both = MadeUpConnection(clock, [], 0.0)
    both.demux = lambda _: (packet for part in (queued, live) for packet in part.demux(_))
    source = make_source(clock, both)
    source.open()
    first, second = source.read(), source.read()
    assert first is not None
    assert second is not None
    assert (first.number, second.number) == (10, 11)
    assert second.time_s - first.time_s == pytest.approx(0.04, abs=1e-6)


def test_a_frame_that_is_not_due_is_never_converted() -> None:
    clock = SteppedClock()
    frames = [make_frame(number) for number in range(51)]
    converted: list[int] = []

    def watch(frame: Any, number: int) -> Any:
        convert = frame.to_ndarray
        frame.to_ndarray = lambda **options: (converted.append(number), convert(**options))[1]
        return frame

    packets = [MadeUpPacket(number, [watch(frame, number)]) for number, frame in enumerate(frames)]
    source = make_source(clock, MadeUpConnection(clock, packets, 0.04), analysed_fps=5.0)
    source.open()
    for _ in range(11):
        assert source.read() is not None
    with pytest.raises(SourceError):
        source.read()
    assert converted == list(range(0, 51, 5))


def test_pictures_coded_by_themselves_are_decoded_only_when_due(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SteppedClock()
    decoded: list[int] = []
    packets = [MadeUpPacket(number, [make_frame(number)]) for number in range(51)]
    decode = MadeUpPacket.decode
    monkeypatch.setattr(
        MadeUpPacket, "decode", lambda packet: (decoded.append(packets.index(packet)), decode(packet))[1]
    )
    source = make_source(clock, MadeUpConnection(clock, packets, 0.04, "mpjpeg", "mjpeg"), analysed_fps=5.0)
    source.open()
    frames = [source.read() for _ in range(11)]
    with pytest.raises(SourceError):
        source.read()
    assert decoded == list(range(0, 51, 5))
    assert [frame.number for frame in frames if frame is not None] == decoded
    assert source.counters.decoded == 51


def test_motion_jpeg_is_timed_by_its_arrival() -> None:
    clock = SteppedClock()
    packets = [MadeUpPacket(index, [make_frame(index, pts_s=index * 9.0)]) for index in range(3)]
    source = make_source(clock, MadeUpConnection(clock, packets, 0.2, "mpjpeg"))
    source.open()
    times_s = [frame.time_s for frame in (source.read(), source.read(), source.read()) if frame is not None]
    assert times_s == pytest.approx([UTC_S + 100.2, UTC_S + 100.4, UTC_S + 100.6])


def test_closing_while_open_is_under_way_lets_go_of_the_connection() -> None:
    clock = SteppedClock()
    connection = MadeUpConnection(clock, [], 0.0)
    source = make_source(clock, connection)

    def open_slowly(*_: object, **__: object) -> MadeUpConnection:
        source.close()
        return connection

    source._opener = open_slowly
    source.open()
    assert connection.closed == 1
    assert source.read() is None

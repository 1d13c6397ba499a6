from __future__ import annotations

import os
import struct
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import av.error
import cv2
import numpy as np
import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import SourceError
from tests.support.reports.clips import draw_numbered_picture, make_clip, read_picture_number
from tests.support.servers.opened_sources import HALL, numbers_of, opened, read_all
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import Pacing, SourceAddress, SourceKind, SourceReport
from vision.sources.source_faults import SourceFault, fault_of
from vision.sources.video_file_source import VideoFileSource


def make_source(
    path: Path,
    *,
    analysed_fps: float | None = None,
    pacing: Pacing = Pacing.AS_FAST_AS_POSSIBLE,
    start_utc_s: float | None = None,
    video_fps: float | None = None,
    reports: list[SourceReport] | None = None,
) -> VideoFileSource:
    return VideoFileSource(
        address=SourceAddress(
            SourceKind.VIDEO, str(path), pacing=pacing, start_utc_s=start_utc_s, video_fps=video_fps
        ),
        camera=HALL,
        sampler=FrameSampler(analysed_fps=analysed_fps),
        clock=SystemClock(),
        listener=None if reports is None else reports.append,
    )


def test_a_known_rate_replaces_the_time_stamps(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=60, b_frames=3)
    with opened(make_source(clip, video_fps=4.0, start_utc_s=100.0)) as source:
        assert source.duration_s == pytest.approx(15.0)
        frames = read_all(source)
    assert [frame.time_s for frame in frames] == [100.0 + number / 4 for number in range(60)]
    with opened(make_source(clip, video_fps=4.0, analysed_fps=2.0)) as source:
        assert numbers_of(read_all(source)) == list(range(0, 60, 2))


@pytest.mark.parametrize(
    ("name", "codec", "b_frames"),
    [
        ("a.mp4", "libx264", 0),
        ("b.mp4", "libx264", 3),
        ("c.mkv", "libx265", 0),
        ("d.mpg", "mpeg2video", 2),
        ("e.avi", "mjpeg", 0),
        ("f.ts", "libx264", 2),
    ],
)
def test_no_frame_is_lost_and_time_is_exact(tmp_path: Path, name: str, codec: str, b_frames: int) -> None:
    clip = make_clip(tmp_path / name, frames=60, codec=codec, b_frames=b_frames)
    with opened(make_source(clip)) as source:
        frames = read_all(source)
        assert source.read() is None, "the end stays the end"
    assert numbers_of(frames) == list(range(60))
    assert [frame.number for frame in frames] == list(range(60))
    assert [frame.time_s for frame in frames] == pytest.approx([index / 25 for index in range(60)], abs=1e-3)
    assert source.counters.delivered == 60
    assert source.counters.missing == source.counters.retimed == source.counters.corrupt == 0


def test_due_frames_only_and_their_time_of_day(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=50)
    with opened(make_source(clip, analysed_fps=5.0, start_utc_s=1_795_000_000.0)) as source:
        frames = read_all(source)
    assert numbers_of(frames) == list(range(0, 50, 5))
    assert [frame.number for frame in frames] == list(range(0, 50, 5))
    assert frames[1].time_s == pytest.approx(1_795_000_000.2, abs=1e-3)
    assert (source.counters.decoded, source.counters.delivered) == (50, 10)


def test_colours_are_blue_green_red(tmp_path: Path) -> None:
    path = tmp_path / "blue.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        blue = np.zeros((64, 64, 3), np.uint8)
        blue[..., 0] = 255
        container.mux(stream.encode(av.VideoFrame.from_ndarray(blue, "bgr24")))
        container.mux(stream.encode())
    with opened(make_source(path)) as source:
        (frame,) = read_all(source)
    assert frame.picture[32, 32].tolist() == pytest.approx([255, 0, 0], abs=6)


def test_a_truncated_recording_gives_what_it_holds_and_counts_the_rest(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "a.mp4", frames=75, container_options={"movflags": "faststart"})
    cut = tmp_path / "cut.mp4"
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) // 2])
    reports: list[SourceReport] = []
    with opened(make_source(cut, reports=reports)) as source:
        frames = read_all(source)
    numbers = numbers_of(frames)
    assert 20 < len(numbers) < 60
    assert numbers == list(range(len(numbers)))
    counters = source.counters
    assert counters.missing == 75 - counters.packets > 0
    assert counters.decoded + counters.undecodable == counters.packets
    assert [report.state for report in reports] == ["shorter_than_announced"]
    assert f"after {counters.packets} of 75 frames" in reports[0].detail


def test_damage_in_the_middle_does_not_end_the_recording(tmp_path: Path) -> None:
    content = bytearray(make_clip(tmp_path / "a.ts", frames=100, codec="mpeg2video").read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = bytes(3000)
    (tmp_path / "damaged.ts").write_bytes(content)
    with opened(make_source(tmp_path / "damaged.ts")) as source:
        frames = read_all(source)
    assert source.counters.corrupt + source.counters.undecodable > 0
    assert numbers_of(frames[-5:]) == [95, 96, 97, 98, 99]
    assert frames[-1].time_s == pytest.approx(99 / 25, abs=1e-3)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", SourceFault.UNREADABLE_FILE),
        (b"this is no video " * 200, SourceFault.UNREADABLE_FILE),
        (None, SourceFault.NOT_FOUND),
    ],
)
def test_a_file_that_is_no_video_is_explained(
    tmp_path: Path, content: bytes | None, fault: SourceFault
) -> None:
    path = tmp_path / "broken.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        make_source(path).open()
    assert fault_of(caught.value) is fault
    assert "broken.mp4" in caught.value.problem
    assert caught.value.remedy


def test_an_unfinished_recording_is_explained(tmp_path: Path) -> None:
    content = make_clip(tmp_path / "a.mp4", frames=50).read_bytes()
    (tmp_path / "unfinished.mp4").write_bytes(content[: len(content) // 2])
    with pytest.raises(SourceError, match="unfinished"):
        make_source(tmp_path / "unfinished.mp4").open()


def test_a_file_that_this_user_may_not_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=2)

    def refuse(*_: object) -> None:
        raise av.error.PermissionError(13, "Permission denied", str(clip))

    monkeypatch.setattr(av, "open", refuse)
    with pytest.raises(SourceError, match="no permission to read"):
        make_source(clip).open()


def test_a_sound_file_has_no_video(tmp_path: Path) -> None:
    path = tmp_path / "sound.wav"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        silence.rate = 8000
        container.mux(stream.encode(silence))
    with pytest.raises(SourceError, match="no video") as caught:
        make_source(path).open()
    assert fault_of(caught.value) is SourceFault.NO_VIDEO


def test_frames_without_time_stamps_are_placed_by_the_frame_rate(tmp_path: Path) -> None:
    path = tmp_path / "raw.h264"
    make_clip(path, frames=30)
    with opened(make_source(path)) as source:
        frames = read_all(source)
    assert numbers_of(frames) == list(range(30))
    assert np.diff([frame.time_s for frame in frames]) == pytest.approx([0.04] * 29, abs=1e-6)


def test_time_stamps_that_go_back_are_put_in_order_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "back.avi"
    first, second = tmp_path / "1.ts", tmp_path / "2.ts"
    make_clip(first, frames=25, codec="mpeg2video")
    make_clip(second, frames=25, codec="mpeg2video", first_number=25)
    path.write_bytes(first.read_bytes() + second.read_bytes())
    with opened(make_source(path)) as source:
        frames = read_all(source)
    assert numbers_of(frames) == list(range(50))
    assert (np.diff([frame.time_s for frame in frames]) > 0).all()
    assert source.counters.retimed > 0


def test_a_recording_by_its_own_time_takes_its_time(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=16)
    with opened(make_source(clip, pacing=Pacing.REAL_TIME)) as source:
        began_s = time.monotonic()
        frames = read_all(source)
        elapsed_s = time.monotonic() - began_s
    assert len(frames) == 16
    assert elapsed_s > 14 / 25


def test_closing_ends_a_paced_read(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=20, fps=1)
    with opened(make_source(clip, pacing=Pacing.REAL_TIME)) as source:
        assert source.read() is not None
        threading.Timer(0.1, source.close).start()
        began_s = time.monotonic()
        assert source.read() is None
    assert time.monotonic() - began_s < 0.9


def test_a_recording_can_be_opened_again_from_its_start(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=10)
    source = make_source(clip)
    for _ in range(2):
        with opened(source):
            frames = read_all(source)
            assert numbers_of(frames) == list(range(10))
            assert frames[0].time_s == 0.0


@pytest.mark.skipif(os.name == "nt", reason="Windows forbids such names")
def test_a_name_with_a_colon_and_a_percent_sign_is_a_file(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=3)
    odd = clip.rename(tmp_path / "http:cam %20 #1?.mp4")
    with opened(make_source(odd)) as source:
        assert len(read_all(source)) == 3


@pytest.mark.footage
@pytest.mark.parametrize(
    "name", ["caviar_EnterExitCrossingPaths1cor.mpg", "caviar_EnterExitCrossingPaths1front.mpg"]
)
def test_a_caviar_clip_is_read_whole(footage: Path, name: str) -> None:
    with opened(make_source(footage / "clips" / name)) as source:
        frames = read_all(source)
    assert len(frames) == 383
    assert {frame.size_wh for frame in frames} == {(384, 288)}
    assert [frame.time_s for frame in frames] == pytest.approx([index / 25 for index in range(383)], abs=1e-6)
    assert source.counters.corrupt == source.counters.undecodable == 0


def test_the_numbered_picture_reads_back() -> None:
    assert [read_picture_number(draw_numbered_picture(number)) for number in (0, 1, 382, 65535)] == [
        0,
        1,
        382,
        65535,
    ]


def test_a_recording_of_a_telephone_held_upright_is_turned(tmp_path: Path) -> None:
    content = bytearray(make_clip(tmp_path / "a.mp4", frames=3).read_bytes())
    quarter_turn_clockwise = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    matrix_at = content.index(b"tkhd") + 4 + 40
    content[matrix_at : matrix_at + 36] = struct.pack(">9i", *quarter_turn_clockwise)
    (tmp_path / "turned.mp4").write_bytes(content)
    with opened(make_source(tmp_path / "turned.mp4")) as source:
        frames = read_all(source)
    assert [frame.size_wh for frame in frames] == [(180, 320)] * 3
    upright = [np.rot90(frame.picture) for frame in frames]
    assert [read_picture_number(picture) for picture in upright] == [0, 1, 2]
    expected = cv2.VideoCapture(str(tmp_path / "turned.mp4")).read()[1]
    assert np.abs(expected.astype(int) - frames[0].picture).mean() < 3


@pytest.mark.parametrize("width", [322, 320])
def test_a_picture_is_one_block_of_memory_whatever_its_width(tmp_path: Path, width: int) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=2, width=width)
    with opened(make_source(clip)) as source:
        frames = read_all(source)
    assert [frame.picture.shape for frame in frames] == [(180, width, 3)] * 2
    assert all(frame.picture.flags.c_contiguous for frame in frames)


def test_a_drive_that_fails_in_the_middle_costs_only_what_was_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(tmp_path / "a.mp4", frames=40, b_frames=2)
    open_really = av.open

    def open_failing(file: str) -> SimpleNamespace:
        container = open_really(file)

        def demux(stream: object) -> Iterator[object]:
            for index, packet in enumerate(container.demux(stream)):
                if index == 20:
                    raise av.error.OSError(5, "Input/output error", file)
                yield packet

        return SimpleNamespace(
            streams=container.streams, demux=demux, close=container.close, duration=container.duration
        )

    monkeypatch.setattr(av, "open", open_failing)
    reports: list[SourceReport] = []
    with opened(make_source(clip, reports=reports)) as source:
        frames = read_all(source)
    assert len(frames) == 20
    assert source.counters.undecodable == 1
    assert source.counters.missing == 20
    assert [report.state for report in reports] == ["shorter_than_announced"]


@pytest.mark.parametrize(
    ("pts", "dts", "first_step_s"),
    [(0, 40, 0.04), (0, 0, 0.08), (40, 0, 0.04), (0, 4000, 0.08), (0, None, 0.08)],
)
def test_a_first_frame_that_is_shown_before_it_is_decoded_is_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pts: int, dts: int | None, first_step_s: float
) -> None:
    stamps = [(pts, dts), (80, 80), (120, 120)]
    pictures = [av.VideoFrame.from_ndarray(draw_numbered_picture(number), "bgr24") for number in range(3)]
    for picture, (frame_pts, frame_dts) in zip(pictures, stamps, strict=True):
        picture.pts, picture.dts, picture.time_base = frame_pts, frame_dts, Fraction(1, 1000)
    packet = SimpleNamespace(size=1, pts=0, is_corrupt=False, decode=lambda: pictures)
    container = SimpleNamespace(
        streams=SimpleNamespace(video=[SimpleNamespace(average_rate=25, frames=0)]),
        demux=lambda _: iter([packet]),
        close=lambda: None,
        duration=None,
    )
    monkeypatch.setattr(av, "open", lambda _: container)
    clip = tmp_path / "a.mpg"
    clip.write_bytes(b"opened by the stand-in")
    with opened(make_source(clip)) as source:
        times_s = [frame.time_s for frame in read_all(source)]
    assert np.diff(times_s) == pytest.approx([first_step_s, 0.04])

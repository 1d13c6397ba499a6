"""Motion JPEG and HLS over HTTP on loopback, from a server of the standard library."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import SourceError
from tests.support.reports.clips import encode_jpegs, make_clip
from tests.support.servers.http_video_server import HttpVideoServer
from tests.support.servers.opened_sources import (
    make_stream_source,
    numbers_of,
    opened,
    read_frames,
    text_of_chain,
)
from vision.sources.source_address import parse_source
from vision.sources.source_faults import SourceFault, fault_of


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("segments")
    make_clip(
        folder / "list.m3u8",
        frames=8 * 25,
        container_options={
            "hls_time": "1",
            "hls_list_size": "0",
            "hls_segment_filename": str(folder / "%d.ts"),
        },
    )
    return folder


def test_motion_jpeg_loses_no_frame_and_is_timed_by_arrival() -> None:
    with HttpVideoServer(jpegs=encode_jpegs(count=100), user="u", password="p@ss") as server:
        address = parse_source(f"http://u:p@ss@127.0.0.1:{server.port}/mjpeg")
        with opened(make_stream_source(address)) as source:
            frames = read_frames(source, 25)
            now_s = time.time()
    numbers = numbers_of(frames)
    assert numbers == list(range(numbers[0], numbers[0] + 25))
    assert now_s - 1.0 < frames[-1].time_s <= now_s
    assert frames[-1].time_s - frames[0].time_s == pytest.approx(24 / 25, rel=0.5)


def test_motion_jpeg_that_freezes_is_silent_and_that_ends_is_lost() -> None:
    with HttpVideoServer(jpegs=encode_jpegs(count=50)) as server:
        source = make_stream_source(
            parse_source(f"http://127.0.0.1:{server.port}/mjpeg"), silence_limit_s=1.0
        )
        with opened(source):
            read_frames(source, 3)
            server.frozen.set()
            with pytest.raises(SourceError, match="no picture for 1 s") as silent:
                read_frames(source, 20)
            server.frozen.clear()
            source.open()
            read_frames(source, 3)
            server.stopping.set()
            with pytest.raises(SourceError) as lost:
                read_frames(source, 20)
    assert fault_of(silent.value) is SourceFault.SILENT
    assert fault_of(lost.value) is SourceFault.LOST


def test_a_web_page_a_wrong_password_and_a_missing_page_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<html><body>Camera</body></html>" * 50)
    with HttpVideoServer(folder=tmp_path, user="u", password="right") as server:
        root = f"127.0.0.1:{server.port}"
        faults = {}
        for name, text in {
            "page": f"http://u:right@{root}/index.html",
            "wrong": f"http://u:wr0ng@{root}/mjpeg",
            "absent": f"http://u:right@{root}/absent",
        }.items():
            with pytest.raises(SourceError) as caught:
                make_stream_source(parse_source(text)).open()
            faults[name] = fault_of(caught.value)
            assert "wr0ng" not in text_of_chain(caught.value)
    assert faults == {
        "page": SourceFault.UNDECODABLE,
        "wrong": SourceFault.WRONG_PASSWORD,
        "absent": SourceFault.NOT_FOUND,
    }


def test_hls_is_played_out_evenly_over_its_segments(segments: Path) -> None:
    with HttpVideoServer(folder=segments) as server:
        address = parse_source(f"http://127.0.0.1:{server.port}/live.m3u8")
        with opened(make_stream_source(address)) as source:
            began_s = time.monotonic()
            frames = read_frames(source, 60)
            elapsed_s = time.monotonic() - began_s
    numbers = numbers_of(frames)
    assert numbers == list(range(numbers[0], numbers[0] + 60))
    assert elapsed_s > 1.5, "a segment must not be handed out in one burst"
    spacing_s = np.diff([frame.time_s for frame in frames])
    assert np.median(spacing_s) == pytest.approx(1 / 25, abs=0.01)
    assert (spacing_s > 0).all()


def test_hls_that_gets_no_new_segment_is_given_up(segments: Path, tmp_path: Path) -> None:
    for index in range(3):
        (tmp_path / f"{index}.ts").write_bytes((segments / f"{index}.ts").read_bytes())
    with HttpVideoServer(folder=tmp_path) as server:
        address = parse_source(f"http://127.0.0.1:{server.port}/live.m3u8")
        source = make_stream_source(replace(address), silence_limit_s=2.0)
        with opened(source), pytest.raises(SourceError) as caught:
            read_frames(source, 1000)
    assert fault_of(caught.value) in (SourceFault.SILENT, SourceFault.LOST)
    assert source.counters.delivered >= 20

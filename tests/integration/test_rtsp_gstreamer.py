"""GStreamer's RTSP server as an independent peer, so that the reader fits not only our own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import SourceError
from tests.support.servers import opened_sources
from tests.support.servers.opened_sources import make_stream_source, opened, read_frames
from vision.sources.source_address import parse_source
from vision.sources.source_faults import SourceFault, fault_of

SCRIPT = Path(opened_sources.__file__).with_name("gst_rtsp_server.py")
PYTHONS = ("/usr/bin/python3", "/usr/bin/python3.13", "/usr/bin/python3.12", "/usr/bin/python3.11")
PROBE = "import gi; gi.require_version('GstRtspServer', '1.0')"
PASSWORD = "p@ss/word"


@pytest.fixture(scope="module")
def python() -> str:
    for candidate in PYTHONS:
        if shutil.which(candidate) is None:
            continue
        if (
            subprocess.run([candidate, "-c", PROBE], capture_output=True, timeout=20, check=False).returncode
            == 0
        ):
            return candidate
    pytest.skip("no system Python has GStreamer's RTSP server (gir1.2-gst-rtsp-server-1.0, python3-gi)")


@contextmanager
def gstreamer_camera(python: str, scheme: str) -> Iterator[str]:
    command = [python, str(SCRIPT), "0", "user", PASSWORD, scheme]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            word, _, port = server.stdout.readline().strip().partition(" ")
            assert word == "ready"
            yield f"rtsp://user:{PASSWORD}@127.0.0.1:{port}/live"
        finally:
            server.kill()


@pytest.mark.parametrize(("scheme", "transport"), [("digest", "tcp"), ("digest", "udp"), ("basic", "tcp")])
def test_frames_arrive_at_25_a_second(python: str, scheme: str, transport: str) -> None:
    with gstreamer_camera(python, scheme) as url:
        address = replace(parse_source(url), transport=transport)
        with opened(make_stream_source(address)) as source:
            frames = read_frames(source, 25)
    spacing_s = np.diff([frame.time_s for frame in frames])
    assert np.median(spacing_s) == pytest.approx(0.04, abs=0.005)
    assert (spacing_s > 0).all()
    assert {frame.size_wh for frame in frames} == {(320, 180)}


def test_refusals_and_the_end_of_the_server_are_told_apart(python: str) -> None:
    with gstreamer_camera(python, "digest") as url:
        address = parse_source(url)
        with pytest.raises(SourceError) as wrong:
            make_stream_source(replace(address, password="wrong")).open()
        with pytest.raises(SourceError) as absent:
            make_stream_source(replace(address, location=address.location + "/absent")).open()
        source = make_stream_source(address)
        source.open()
        read_frames(source, 3)
    with pytest.raises(SourceError) as lost:
        read_frames(source, 200)
    source.close()
    assert fault_of(wrong.value) is SourceFault.WRONG_PASSWORD
    assert fault_of(absent.value) is SourceFault.NOT_FOUND
    assert fault_of(lost.value) is SourceFault.LOST

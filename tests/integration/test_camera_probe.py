"""Trying cameras over real protocols on loopback, decoded in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import SourceError
from app.cameras.probe_camera import probe_camera
from app.core.job import JobContext
from tests.support.command_line import PROJECT, run_app
from tests.support.halls.tiny_networks import write_colour_detector
from tests.support.reports.clips import encode_jpegs, make_clip, read_picture_number
from tests.support.servers import rtp_clip
from tests.support.servers.faultcam import FaultCam
from tests.support.servers.http_video_server import HttpVideoServer
from vision.sources.frame_source import SourceAddress
from vision.sources.source_address import parse_source
from vision.sources.source_faults import SourceFault, fault_of
from vision.sources.stream_probe import ProbeStage, StreamReport

USER, PASSWORD = "opera tor", "p@ss/w:rd#1%"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        "/h264": make_clip(folder / "h264.mp4", frames=50, width=960, height=540),
        "/h265": make_clip(folder / "h265.mp4", frames=50, codec="libx265"),
    }


@pytest.fixture
def camera(clips: dict[str, Path]) -> Iterator[FaultCam]:
    with FaultCam(clips, user=USER, password=PASSWORD, clock_skew_s=7200.0) as started:
        yield started


def probe(address: SourceAddress, measure_s: float = 1.5) -> StreamReport:
    return probe_camera(address, context=JobContext(), measure_s=measure_s)


@pytest.mark.parametrize(
    ("path", "transport", "codec", "size_wh", "preview_wh"),
    [
        ("/h264", "tcp", "H.264", (960, 540), (640, 360)),
        ("/h265", "udp", "H.265", (320, 180), (320, 180)),
    ],
)
def test_a_camera_shows_its_first_picture_and_what_it_costs(
    camera: FaultCam,
    path: str,
    transport: str,
    codec: str,
    size_wh: tuple[int, int],
    preview_wh: tuple[int, int],
) -> None:
    stages: list[float] = []
    context = JobContext(on_progress=lambda done, _total: stages.append(done))
    address = replace(parse_source(camera.url(path)), transport=transport)
    report = probe_camera(address, context=context, measure_s=2.0)
    assert (report.codec, report.size_wh, report.preview_wh) == (codec, size_wh, preview_wh)
    assert report.profile.startswith("Main")
    assert report.measured_fps == pytest.approx(25.0, rel=0.1)
    assert report.announced_fps == pytest.approx(25.0, rel=0.1)
    assert report.clock_skew_s == pytest.approx(7200.0, abs=2.0)
    assert 0 < report.connected_after_s < report.first_picture_after_s < 10.0
    assert report.decode_ms is not None
    assert report.core_share == pytest.approx(report.decode_ms / 1e3 * report.measured_fps)
    assert 0.05 < report.decode_ms < 200.0
    assert report.frames > 30
    width, height = report.preview_wh
    preview = np.frombuffer(report.preview_rgb, np.uint8).reshape(height, width, 3)
    if size_wh == preview_wh:
        assert 0 <= read_picture_number(preview[:, :, ::-1]) < 50
    assert preview.std() > 20
    assert max(stages) >= ProbeStage.MEASURING
    assert stages == sorted(stages)


def test_red_is_red_in_the_preview(tmp_path: Path) -> None:
    import cv2

    red = np.zeros((64, 96, 3), np.uint8)
    red[:, :, 2] = 255
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number}.png"), red)
    report = probe(replace(parse_source(str(tmp_path)), images_fps=5.0))
    assert report.preview_rgb[:3] == b"\xff\x00\x00"
    assert (report.codec, report.size_wh) == ("", (96, 64))


def test_motion_jpeg_is_named() -> None:
    with HttpVideoServer(jpegs=encode_jpegs(count=50), user="u", password="p@ss") as server:
        report = probe(parse_source(f"http://u:p@ss@127.0.0.1:{server.port}/mjpeg"))
    assert (report.codec, report.size_wh, report.clock_skew_s) == ("MJPEG", (320, 180), None)
    assert report.measured_fps == pytest.approx(25.0, rel=0.25)


def test_a_file_is_tried_like_a_camera(clips: dict[str, Path]) -> None:
    report = probe(parse_source(str(clips["/h264"])))
    assert (report.codec, report.size_wh) == ("H.264", (960, 540))
    assert report.measured_fps == pytest.approx(25.0, rel=0.02)


def test_the_first_picture_with_somebody_shows_boxes_before_the_measurement_ends(tmp_path: Path) -> None:
    import cv2

    for number in range(4):
        picture = np.zeros((96, 128, 3), np.uint8)
        if number > 1:
            picture[32:64, 32:64, 2] = 255
        cv2.imwrite(str(tmp_path / f"{number}.png"), picture)
    seen: list[StreamReport] = []
    address = replace(parse_source(str(tmp_path)), images_fps=1.0)
    model = str(write_colour_detector(tmp_path / "network"))
    report = probe_camera(
        address, context=JobContext(), measure_s=0.1, model_name=model, on_picture=seen.append
    )
    assert [None if each.people is None else len(each.people) for each in seen[:3]] == [None, 0, 1]
    assert report.people == seen[2].people
    assert report.people is not None
    assert report.people[0] == pytest.approx((32, 32, 64, 64))
    unknown = probe_camera(address, context=JobContext(), measure_s=0.1, model_name="no such network")
    assert unknown.people is None


@pytest.mark.parametrize(
    ("fault", "path", "password", "expected"),
    [
        (None, "/h264", "geheim", SourceFault.WRONG_PASSWORD),
        (None, "/absent", PASSWORD, SourceFault.NOT_FOUND),
        ("busy", "/h264", PASSWORD, SourceFault.TOO_MANY_VIEWERS),
        ("freeze", "/h264", PASSWORD, SourceFault.SILENT),
    ],
)
def test_every_failure_names_its_cause_and_no_secret(
    camera: FaultCam, fault: str | None, path: str, password: str, expected: SourceFault
) -> None:
    if fault is not None:
        camera.fault(fault)
    address = replace(parse_source(camera.url(path)), password=password, open_limit_s=2.0)
    with pytest.raises(SourceError) as caught:
        probe(address)
    assert fault_of(caught.value) is expected
    assert "127.0.0.1" in caught.value.problem
    assert caught.value.remedy
    assert "geheim" not in str(caught.value) + repr(caught.value.details)


def test_unreachable_refused_and_too_late_are_told_apart(camera: FaultCam) -> None:
    address = parse_source(camera.url("/h264"))
    camera.fault("deaf")
    causes = {}
    with pytest.raises(SourceError) as late:
        probe(replace(address, open_limit_s=1.0))
    causes["late"] = fault_of(late.value)
    camera.kill()
    with pytest.raises(SourceError) as refused:
        probe(address)
    causes["refused"] = fault_of(refused.value)
    with pytest.raises(SourceError) as unreachable:
        probe(replace(address, location="rtsp://no-such-host.invalid/x"))
    causes["unreachable"] = fault_of(unreachable.value)
    assert causes == {
        "late": SourceFault.NO_ANSWER,
        "refused": SourceFault.REFUSED,
        "unreachable": SourceFault.UNREACHABLE,
    }


def test_a_codec_that_nobody_decodes_says_what_to_set(
    camera: FaultCam, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = rtp_clip.RtpClip.describe
    monkeypatch.setattr(
        rtp_clip.RtpClip, "describe", lambda clip: describe(clip).replace(b"H264/", b"X-OWN/")
    )
    with pytest.raises(SourceError, match=r"Set the camera to H\.264 or H\.265") as caught:
        probe(parse_source(camera.url("/h264")))
    assert fault_of(caught.value) is SourceFault.UNDECODABLE


def test_whoever_asks_for_a_probe_loads_no_decoder() -> None:
    statement = (
        "import sys, app.cameras.probe_camera, app.cameras.probe_camera\n"
        "assert not {'av', 'cv2', 'PySide6', 'openvino'} & set(sys.modules), sorted(sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", statement], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_command_tells_a_machine_what_a_camera_sends(camera: FaultCam) -> None:
    address = f"rtsp://127.0.0.1:{camera.port}/h264"
    done = run_app(
        "cameras", "probe", address, "--user", USER, "--password-stdin", "--json", answer=PASSWORD + "\n"
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["codec"], told["size_wh"]) == ("H.264", [960, 540])
    assert any("ahead of this machine's" in sentence for sentence in told["advice"])
    assert "preview_rgb" not in told


def test_the_command_fails_in_words_of_both_languages(camera: FaultCam) -> None:
    wrong = camera.url("/h264", password="geheim")
    english = run_app("cameras", "probe", wrong)
    chinese = run_app("cameras", "probe", wrong, environment={"LC_ALL": "zh_CN.UTF-8"})
    machine = run_app("cameras", "probe", wrong, "--json")
    assert [done.returncode for done in (english, chinese, machine)] == [1, 1, 1]
    assert "rejected the user name or password" in english.stderr
    assert "拒绝了用户名或密码" in chinese.stderr
    assert json.loads(machine.stdout)["fault"] == "wrong_password"
    assert "geheim" not in "".join(done.stdout + done.stderr for done in (english, chinese, machine))

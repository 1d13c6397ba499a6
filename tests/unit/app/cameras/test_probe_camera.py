"""What is made of a probe, and how its process is held to its time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.errors import SourceError
from app.cameras.probe_camera import list_advice, name_source, probe_camera
from app.core import child_command
from app.core.job import JobCancelled, JobContext
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.source_faults import SourceFault, fault_of
from vision.sources.stream_probe import StreamReport, pack_report, unpack_report

ADDRESS = SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.10:554/x", user="viewer", password="geheim")
GOOD = StreamReport(
    size_wh=(640, 360),
    codec="H.264",
    profile="Main",
    announced_fps=25.0,
    measured_fps=25.0,
    connected_after_s=0.1,
    first_picture_after_s=0.4,
    decode_ms=2.0,
    core_share=0.05,
    clock_skew_s=0.3,
    frames=75,
    damaged=0,
    preview_wh=(2, 1),
    preview_rgb=b"\x00\x01\x02\xfd\xfe\xff",
)


class JumpingClock:
    """Monotonic time that leaps a minute whenever it is asked."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        self.now_s += 60.0
        return self.now_s


def write_child(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").touch()  # or the package of this name on PYTHONPATH comes first
    (folder / "app" / "__main__.py").write_text(body, encoding="utf-8")
    monkeypatch.setattr(child_command, "PROGRAM_FOLDER", folder)


def test_a_report_crosses_the_process_border_whole() -> None:
    assert unpack_report(json.loads(json.dumps(pack_report(GOOD)))) == GOOD


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"size_wh": (352, 288)}, "only 352 pixels wide"),
        ({"size_wh": (2560, 1440)}, "2560x1440 pixels, more than needed"),
        ({"measured_fps": 2.0}, "Only 2.0 frames per second"),
        ({"damaged": 5}, "5 of 80 frames"),
        ({"clock_skew_s": 7200.0}, "7200 s ahead"),
        ({"clock_skew_s": -40.0}, "40 s behind"),
    ],
)
def test_what_could_be_better_is_said(changed: dict[str, object], words: str) -> None:
    (advice,) = list_advice(replace(GOOD, **changed))  # type: ignore[arg-type]
    assert words in str(advice)


def test_a_clock_told_by_onvif_stands_in_for_one_that_the_stream_does_not_tell() -> None:
    (advice,) = list_advice(replace(GOOD, clock_skew_s=None), clock_skew_s=100.0)
    assert "100 s ahead" in str(advice)
    assert list_advice(GOOD, clock_skew_s=100.0) == ()


def test_the_password_goes_through_the_pipe_and_not_among_the_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = (
        "import json, os, sys\n"
        "given = json.load(sys.stdin)\n"
        "assert given['password'] == 'geheim' and given['camera'] == '192.0.2.10'\n"
        "assert 'geheim' not in str(sys.argv) + str(dict(os.environ))\n"
        f"print(json.dumps({{'report': {pack_report(GOOD)!r}}}))\n"
    )
    write_child(tmp_path, monkeypatch, body)
    assert probe_camera(ADDRESS, context=JobContext()) == GOOD


def test_a_process_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_child(tmp_path, monkeypatch, "import threading\nthreading.Event().wait(60)\n")
    with pytest.raises(SourceError) as caught:
        probe_camera(ADDRESS, context=JobContext(), clock=JumpingClock())
    assert fault_of(caught.value) is SourceFault.NO_ANSWER
    assert "192.0.2.10" in caught.value.problem


def test_a_cancelled_probe_ends_its_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "import pathlib, threading\npathlib.Path('begun').touch()\nthreading.Event().wait(60)\n"
    write_child(tmp_path, monkeypatch, body)
    with pytest.raises(JobCancelled):
        probe_camera(ADDRESS, context=JobContext(is_cancelled=(tmp_path / "begun").exists))


def test_a_decoder_that_crashes_costs_its_process_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_child(tmp_path, monkeypatch, "import os\nos.abort()\n")
    with pytest.raises(SourceError, match="'cameras' failed"):
        probe_camera(ADDRESS, context=JobContext())


@pytest.mark.parametrize(
    ("kind", "location", "name"),
    [
        (SourceKind.RTSP, "rtsp://cam.local:554/x", "cam.local"),
        (SourceKind.DEVICE, "usb:0", "usb:0"),
        (SourceKind.VIDEO, "/films/hall.mp4", "/films/hall.mp4"),
    ],
)
def test_a_camera_without_a_name_is_called_by_its_host(kind: SourceKind, location: str, name: str) -> None:
    assert name_source(SourceAddress(kind, location)) == name

"""A password that cameras share, from the command line to the camera."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command_line import run_app
from tests.support.reports.clips import make_clip
from tests.support.servers.faultcam import FaultCam


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    folder = tmp_path / "hall.expoflow"
    made = run_app("venue", "create", folder, "--name", "Hall", "--time-zone", "UTC", "--size", "9x9")
    assert made.returncode == 0, made.stderr
    return folder


def test_one_change_reaches_every_camera_and_no_file_of_the_venue(tmp_path: Path, hall: Path) -> None:
    keyless = {"EXPOFLOW_CREDENTIAL_KEY": "long passphrase"}

    def run(*arguments: object, answer: str = "") -> str:
        done = run_app(*arguments, answer=answer, environment=keyless)
        return done.stdout + done.stderr

    clip = make_clip(tmp_path / "clip.mp4", frames=25)
    with FaultCam({"/a": clip, "/b": clip}, user="viewer", password="geheim") as camera:
        refused = run("venue", "add-camera", hall, "a", camera.url("/a"), "--shared", "hall")
        assert "There is no shared password named 'hall'." in refused
        run("cameras", "share", "hall", "--user", "viewer", "--password-stdin", answer="old\n")
        for name in "ab":
            added = run(
                "venue",
                "add-camera",
                hall,
                name,
                f"rtsp://127.0.0.1:{camera.port}/{name}",
                "--shared",
                "hall",
            )
            assert "is in" in added
        before = run("doctor", "--venue", hall)
        run("cameras", "share", "hall", "--user", "viewer", "--password-stdin", answer="geheim\n")
        after = run("doctor", "--venue", hall)
    assert before.count("rejected the user name or password") == 2
    assert after.count("320x180, first picture") == 2
    kept = "".join(file.read_text(errors="replace") for file in hall.rglob("*") if file.is_file())
    assert not any(secret in kept + before + after for secret in ("geheim", "viewer"))

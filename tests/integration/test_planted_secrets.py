"""Secrets are planted everywhere, everything runs, and nothing that is written holds one."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.credentials import Credential, open_credential_store
from app.core.file_format import read_venue, write_venue
from app.plan.edit_venue import add_camera, create_hall
from vision.detection.model_catalogue import DEMONSTRATION_MODEL

pytestmark = pytest.mark.slow
PROJECT = Path(__file__).parents[2]
CAMERA, MAIL, TOKEN, HOOK = "Kam-9pass/w?rd", "SMTP-9secret", "tok-9bearer-value", "Hook-9signs"
SECRETS = tuple(secret.encode() for secret in (CAMERA, MAIL, TOKEN, HOOK))
CLOSED_PORT = "rtsp://127.0.0.1:9/live"
CRASH = f"""
import logging, sys
from app.cli import program
from app.logging_setup import configure_logging
from app.settings.paths import logs_folder
from app.core.file_format import read_venue, write_venue
from app.core.credentials import Credential

configure_logging("debug", file=logs_folder() / "expoflow.log")
known = Credential("mail", "{MAIL}")

def crash():
    raise RuntimeError("rtsp://anna:{CAMERA}@192.0.2.1/s; Authorization: Bearer {TOKEN}")

program.COMMANDS["crash"] = "__main__:crash"
logging.getLogger("app.crash").error("sending with {MAIL} failed; secret={HOOK}")
try:
    crash()
except RuntimeError:
    logging.getLogger("app.crash").exception("it crashed")
sys.exit(program.main(["crash"]))
"""


def run(*arguments: str, within_s: float = 120.0) -> bytes:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=os.environ,
        capture_output=True,
        timeout=within_s,
        check=False,
    )
    return done.stdout + done.stderr


def read_everything(*folders: Path) -> dict[str, bytes]:
    """Every file, and what is in those that are archives."""
    found: dict[str, bytes] = {}
    for folder in folders:
        for file in folder.rglob("*"):
            if not file.is_file():
                continue
            found[str(file)] = file.read_bytes()
            if zipfile.is_zipfile(file):
                with zipfile.ZipFile(file) as archive:
                    found |= {f"{file}:{name}": archive.read(name) for name in archive.namelist()}
    return found


def test_nothing_that_is_written_holds_a_secret(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXPOFLOW_CREDENTIAL_KEY", "a passphrase for this test")
    monkeypatch.setenv("EXPOFLOW_LOG_LEVEL", "debug")
    store = open_credential_store()
    folder = create_hall(tmp_path / "Fair.expoflow", name="Fair", time_zone="UTC", size_m=(10, 8)).folder
    add_camera(
        folder, name="north", address=CLOSED_PORT, user="anna", password=CAMERA,
        frame_size_wh=None, analysed_fps=None, credentials=store, shared_credential=None,
    )  # fmt: skip
    venue = read_venue(folder)
    write_venue(replace(venue, settings=replace(venue.settings, model_name=DEMONSTRATION_MODEL)))
    for key, secret in (("mail:x", MAIL), ("webhook:x", HOOK)):
        store.store(key, Credential("", secret))
    app = ("-m", "app")
    said = run(*app, "record", "--venue", str(folder), "--duration", "3")
    said += run(*app, "cameras", "probe", f"rtsp://anna:{CAMERA.replace('/', '%2F')}@127.0.0.1:9/live")
    said += run("-c", CRASH)
    said += run(*app, "doctor", "--venue", str(folder), "--bundle", str(tmp_path / "b.zip"), "--yes")
    said += run(*app, "venue", "archive", str(folder), str(tmp_path / "fair.expoflow.zip"))
    written = read_everything(tmp_path, home)
    # the proof that everything ran
    assert any(name.endswith("b.zip:logs/expoflow-record.log") for name in written), said.decode()
    assert any(name.endswith("fair.expoflow.zip:events.sqlite") for name in written), said.decode()
    log = next(content for name, content in written.items() if name.endswith("logs/expoflow.log"))
    assert b"it crashed" in log
    assert b"Unexpected error" in said
    leaks = [
        (name, secret)
        for name, content in {**written, "what was said": said}.items()
        for secret in SECRETS
        if secret in content
    ]
    assert not leaks

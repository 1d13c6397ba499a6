"""Official weights are downloaded in a child, from a server of this machine in their place."""

from __future__ import annotations

import importlib.util
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import ModelError
from tests.support.halls.tiny_onnx import write_onnx_detector
from vision.detection.child_task import TaskProgress, ignore_progress
from vision.detection.model_arrival import fetch_model
from vision.detection.model_catalogue import locate_model, read_catalogue
from vision.detection.openvino_detector import OpenVinoDetector

HAS_TORCH = importlib.util.find_spec("torch") is not None
BOXES = np.zeros((1, 8000, 6), np.float32)


def make_onnx() -> bytes:
    with TemporaryDirectory() as folder:
        return write_onnx_detector(Path(folder) / "a.onnx", BOXES).read_bytes()


def make_weights() -> bytes:
    memory = BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("archive/data.pkl", b"x" * 300_000)
    return memory.getvalue()


WEIGHTS = make_weights() if HAS_TORCH else make_onnx()
NAME = "yolo26n.pt" if HAS_TORCH else "yolo26n.onnx"


class WeightsServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), WeightsRequest)
        self.paths: list[str] = []
        self.has_begun = threading.Event()
        self.may_end = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class WeightsRequest(BaseHTTPRequestHandler):
    server: WeightsServer

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        if self.path.startswith("/absent"):
            self.send_error(404)
            return
        content = b"<html>log in</html>" * 10_000 if self.path.startswith("/portal") else WEIGHTS
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.path.startswith("/slow"):
            self.wfile.write(content[:150_000])
            self.server.has_begun.set()
            self.server.may_end.wait(60)
            return
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[WeightsServer]:
    with WeightsServer() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.may_end.set()
        running.shutdown()
        thread.join()


def fetch(url: str, folder: Path, *, sha256: str | None = None, listener: object = ignore_progress) -> Path:
    entry = read_catalogue().find("yolo26n")
    assert entry is not None
    assert callable(listener)
    entry = replace(entry, url=url, sha256=sha256, onnx_sha256=sha256, approximate_bytes=len(WEIGHTS))
    fetch_model(entry, user_folder=folder, clock=SystemClock(), listener=listener)
    return locate_model("yolo26n", user_folder=folder)


def test_weights_arrive_whole_and_are_recorded(tmp_path: Path, server: WeightsServer) -> None:
    stages: set[str] = set()

    def listen(progress: TaskProgress) -> None:
        stages.add(progress.stage)

    path = fetch(f"{server.address}/v8/yolo26n.pt", tmp_path / "models", listener=listen)
    assert server.paths == [f"/v8/{NAME}"]
    assert "downloading" in stages
    if HAS_TORCH:
        assert path.read_bytes() == WEIGHTS
    else:
        OpenVinoDetector.load(path).close()
    assert {file.name for file in path.parent.iterdir()} == {path.name, "models.json"}


@pytest.mark.parametrize(
    ("path", "sha256", "sentence"),
    [
        ("/absent/yolo26n.pt", None, "could not be downloaded from 127.0.0.1"),
        ("/portal/yolo26n.pt", None, f"sent for {NAME} is not weights"),
        ("/v8/yolo26n.pt", "0" * 64, "differ from those in the catalogue"),
    ],
)
def test_what_is_not_the_weights_leaves_nothing(
    tmp_path: Path, server: WeightsServer, path: str, sha256: str | None, sentence: str
) -> None:
    with pytest.raises(ModelError, match=sentence):
        fetch(f"{server.address}{path}", tmp_path / "models", sha256=sha256)
    assert list((tmp_path / "models").iterdir()) == []


def test_without_a_connection_the_remedy_is_to_bring_the_file(tmp_path: Path, server: WeightsServer) -> None:
    server.server_close()
    with pytest.raises(ModelError, match="could not be downloaded") as caught:
        fetch(f"{server.address}/v8/yolo26n.pt", tmp_path / "models")
    assert "python -m app models import FILE" in caught.value.remedy
    assert list((tmp_path / "models").iterdir()) == []


class CancelledError(Exception):
    pass


def test_cancelling_leaves_no_half_file(tmp_path: Path, server: WeightsServer) -> None:
    seen_bytes = 0

    def cancel_when_half(progress: TaskProgress) -> None:
        nonlocal seen_bytes
        seen_bytes = max(seen_bytes, progress.done)
        if server.has_begun.is_set() and seen_bytes:
            raise CancelledError

    with pytest.raises(CancelledError):
        fetch(f"{server.address}/slow/yolo26n.pt", tmp_path / "models", listener=cancel_when_half)
    assert 0 < seen_bytes < len(WEIGHTS)
    assert list((tmp_path / "models").iterdir()) == []

"""While pictures of a moved camera are in memory, nothing that is printed or answered holds one."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import av
import pytest

from analytics.domain.camera import Camera, PointPair
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from app.core.document import Venue, VenueCamera, VenueSettings
from app.core.file_format import create_venue, read_venue
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest, save_rest
from tests.support.command_line import PROJECT, run_app
from tests.support.halls.colour_hall import CELLS_PER_M, SIZE_WH, ColourHall, make_colour_hall
from tests.support.halls.moved_venue import FLOOR
from tests.support.halls.walked_detections import make_walked_files
from tests.support.halls.watched_hall import CAMERA, Crowd, film, nudge_camera
from tests.support.json_commands import COMMANDS, NEEDS_MORE, list_json_commands
from tests.support.picture_search import find_pictures
from tests.support.servers.faultcam import FaultCam
from tests.support.waiting import wait_until
from tools.simulation.pinhole_camera import PinholeCamera
from vision.alignment.background import shrink_picture
from vision.alignment.reference_file import save_reference
from vision.alignment.reference_place import locate_reference
from vision.alignment.view_features import find_features
from vision.sources.source_address import parse_source

CAMERA_BYTES = 4096
"""Promised in the release notes, whatever a camera is called and its state says."""
MOVED_WITHIN_S = 120.0
WATCHED_WH = (CAMERA.size_wh[0], CAMERA.size_wh[1])

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def film_hall(path: Path, camera: PinholeCamera) -> Path:
    """A minute of a hall through which a few people walk, so that nothing looks frozen.

    Without red, which the detector takes for people.
    """
    crowd = Crowd(walking=4, standing=0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = *WATCHED_WH, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "18", "g": "5"}
        for number in range(300):
            picture, _ = film(crowd, number / 5, camera=camera)
            picture[:, :, 2] = 0
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    return path


def make_venue(folder: Path, hall: ColourHall, server: FaultCam) -> Venue:
    """A camera that counts, and one whose view is another than at its calibration."""
    width_m, height_m = (side / CELLS_PER_M for side in SIZE_WH)
    corners = ((0, 0), (SIZE_WH[0], 0), SIZE_WH, (0, SIZE_WH[1]))
    pairs = tuple(PointPair(u, v, u / CELLS_PER_M, height_m - v / CELLS_PER_M) for u, v in corners)
    counting = Camera(CameraId("cam"), SIZE_WH, pairs, analysed_fps=10.0)
    pixels = CAMERA.to_geometry().project_to_pixel(FLOOR).tolist()
    pairs = tuple(PointPair(u, v, x, y) for (x, y), (u, v) in zip(FLOOR, pixels, strict=True))
    moved = Camera(CameraId("moved"), WATCHED_WH, pairs, analysed_fps=5.0)
    outline = Polygon(((0.0, 0.0), (width_m, 0.0), (width_m, height_m), (0.0, height_m)))
    venue = create_venue(
        folder,
        Exhibition("Fair", "UTC"),
        FloorPlan(outline),
        cameras=tuple(
            VenueCamera(camera, parse_source(server.url(f"/{camera.name}"))) for camera in (counting, moved)
        ),
        settings=VenueSettings(model_name=str(hall.model)),
    )
    assert run_app("venue", "import", folder, "--zones", hall.zones).returncode == 0
    empty, _ = film(None, 0.0)
    empty[:, :, 2] = 0
    calibrated = read_venue(folder).camera("moved").camera
    save_reference(locate_reference(venue.views_folder, calibrated), find_features(shrink_picture(empty)))
    return venue


@dataclass(slots=True)
class Recording:
    """A recording by `record --json`, as another program reads it."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(self.process.stdout)

    def wait_for(self, is_so: Callable[[dict[str, object]], bool], within_s: float) -> None:
        def holds() -> bool:
            assert self.process.poll() is None, self.lines[-3:]
            return bool(self.lines) and is_so(json.loads(self.lines[-1]))

        wait_until(holds, within_s=within_s)


@dataclass(frozen=True, slots=True)
class Scene:
    venue: Venue
    recording: Recording
    files: dict[str, object]
    out: Path


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("moved")
    hall = make_colour_hall(folder / "hall")
    walked = make_walked_files(folder / "walked")
    turned = film_hall(folder / "turned.mp4", nudge_camera(0.05))
    (folder / "out").mkdir()
    (folder / "tracks.csv").write_text(
        "track_id,time_s,x_m,y_m\n1,0.0,0.3,0.3\n1,0.5,0.4,0.3\n1,1.0,0.5,0.3\n"
    )
    with FaultCam({"/cam": hall.video, "/moved": turned}, follows_clock=True) as server:
        venue = make_venue(folder / "fair.expoflow", hall, server)
        save_rest(venue.folder, RestSettings(True, "127.0.0.1", find_port()))
        copy = make_venue(folder / "copy.expoflow", hall, server)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("EXPOFLOW_HOME", str(folder / "home"))
            patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
            process = subprocess.Popen(
                [sys.executable, "-m", "app", "record", "--venue", str(venue.folder), "--json"],
                cwd=PROJECT, env=os.environ, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            recording = Recording(process)
            reader = threading.Thread(target=recording.read)
            reader.start()
            begin = datetime.now(UTC).replace(microsecond=0)
            try:
                recording.wait_for(lambda line: "moved" in str(line["cameras"][1]["view"]), MOVED_WITHIN_S)
                files = {
                    "venue": venue.folder, "copy": copy.folder, "video": hall.video, "zones": hall.zones,
                    "pairs": hall.calibration, "model": hall.model, "out": folder / "out",
                    "detections": walked.detections, "walked_zones": walked.zones,
                    "walked_pairs": walked.calibration, "tracks": folder / "tracks.csv",
                    "address": server.url("/moved"), "day": begin.date(),
                }  # fmt: skip
                yield Scene(venue, recording, files, folder / "out")
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)
                reader.join()
                assert process.stdout is not None
                process.stdout.close()


def test_every_status_line_of_a_recording_is_small_and_has_no_picture(scene: Scene) -> None:
    lines = list(scene.recording.lines)
    assert max(len(line.encode()) for line in lines) <= 2 * CAMERA_BYTES
    assert [found for line in lines for found in find_pictures(line)] == []
    last = json.loads(lines[-1])
    assert [camera["view"] for camera in last["cameras"]] != ["moved", "moved"]
    assert last["cameras"][1]["view"] == "moved"


def test_every_command_with_json_is_tried() -> None:
    assert list_json_commands() == sorted([*COMMANDS, "record"])


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_command_prints_a_picture(scene: Scene, command: str) -> None:
    arguments = COMMANDS[command].format(**scene.files).split()
    if command == "venue restore":
        assert run_app("venue", "backup", scene.files["copy"]).returncode == 0
    if command == "evaluate":
        run_app(*command_of("analyse", scene))
    done = run_app(*command.split(), *arguments, "--json")
    assert find_pictures(done.stdout) == find_pictures(done.stderr) == []
    if command in NEEDS_MORE:
        return
    documents = (
        [done.stdout] if done.stdout.startswith(("{\n", "[\n", "[]", "null")) else done.stdout.splitlines()
    )
    assert documents, done.stderr
    for document in documents:
        json.loads(document)


def command_of(command: str, scene: Scene) -> list[str]:
    return [*command.split(), *COMMANDS[command].format(**scene.files).split()]


def test_the_health_of_a_moved_camera_is_small(scene: Scene) -> None:
    health = json.loads(run_app("health", "--venue", scene.venue.folder, "--json").stdout)
    assert [camera["camera"] for camera in health["cameras"]] == ["cam", "moved"]
    assert health["cameras"][1]["view"] == "moved"
    assert max(len(json.dumps(camera)) for camera in health["cameras"]) <= CAMERA_BYTES


def test_no_support_bundle_log_and_rest_answer_holds_a_picture(scene: Scene) -> None:
    bundle = scene.out / "support.zip"
    run_app("doctor", "--venue", scene.venue.folder, "--no-cameras", "--bundle", bundle, "--yes")
    with zipfile.ZipFile(bundle) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    now, *_samples = map(json.loads, texts["health.jsonl"].splitlines())
    assert now["cameras"][1]["view"] == "moved"
    for log in (scene.venue.folder.parent / "home").rglob("*.log"):
        texts[str(log)] = log.read_text()
    assert len(texts) > 5
    texts |= dict(read_answers(scene.venue))
    assert {name: found for name, text in texts.items() if (found := find_pictures(text))} == {}


def read_answers(venue: Venue) -> Iterator[tuple[str, str]]:
    """What the REST server answers to every address without parameters."""
    base = read_rest(venue.folder).url
    _, secret = add_token(venue.folder, "reader", list(Scope))
    with subprocess.Popen(
        [sys.executable, "-m", "app", "serve", "--venue", str(venue.folder), "--json"],
        cwd=PROJECT, stdout=subprocess.PIPE, text=True,
    ) as serving:  # fmt: skip
        try:
            assert serving.stdout is not None
            first = serving.stdout.readline()
            yield "serve --json", first
            description = ask(f"{base}/openapi.json", secret)
            paths = [path for path, does in json.loads(description)["paths"].items() if "get" in does]
            assert "/v1/cameras" in paths
            for path in paths:
                if "{" not in path and "events" not in path:
                    yield path, ask(f"{base}{path}", secret)
        finally:
            serving.send_signal(signal.SIGINT)


def find_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def ask(address: str, secret: str) -> str:
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as refusal:
        # an address that wants parameters says so
        with refusal:
            return refusal.read().decode()

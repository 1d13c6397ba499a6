"""The commands that look after the rest: version, doctor, models, record, venue."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.file_format import read_venue
from app.maintenance.model_library import list_models
from tests.support.command_line import run_app
from tests.support.halls.colour_hall import ColourHall, make_colour_hall


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> ColourHall:
    return make_colour_hall(tmp_path_factory.mktemp("hall"))


def test_doctor_checks_the_machine() -> None:
    findings = json.loads(run_app("doctor", "--json").stdout)
    by_name = {finding["what"]: finding for finding in findings}
    assert {"system", "processor", "shared memory", "decoders", "disk", "passwords"} <= by_name.keys()
    assert by_name["decoders"]["verdict"] == "ok"
    for finding in findings:
        assert finding["verdict"] in ("ok", "absent") or finding["remedy"], finding


def test_doctor_fails_for_an_unreachable_camera(tmp_path: Path) -> None:
    venue = tmp_path / "v.expoflow"
    run_app("venue", "create", venue, "--name", "V", "--time-zone", "UTC", "--size", "4x3")
    run_app("venue", "add-camera", venue, "north", "rtsp://127.0.0.1:9/stream")
    result = run_app("doctor", "--venue", venue, "--camera-timeout-s", 3, "--json")
    assert result.returncode == 1
    (camera,) = [f for f in json.loads(result.stdout) if f["what"] == "camera north"]
    assert camera["verdict"] == "failed"
    assert camera["remedy"]


def test_a_password_never_reaches_the_folder(tmp_path: Path) -> None:
    venue = tmp_path / "v.expoflow"
    run_app("venue", "create", venue, "--name", "V", "--time-zone", "UTC", "--size", "4x3")
    added = run_app(
        "venue", "add-camera", venue, "north", "rtsp://127.0.0.1:9/stream", "--user", "viewer",
        answer="s3cret-word\n", environment={"EXPOFLOW_CREDENTIAL_KEY": "a passphrase for the test"},
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"s3cret-word" not in file.read_bytes(), file


def find_state(home: Path) -> str:
    """State of the imported network."""
    return {model.name: model.state for model in list_models(user_folder=home / "models")}["colours"]


def test_a_damaged_imported_model_is_detected(hall: ColourHall, home: Path) -> None:
    assert run_app("models", "import", hall.model, "--name", "colours").returncode == 0
    assert find_state(home) == "ready"
    weights = next((home / "models").rglob("colours.bin"))
    weights.write_bytes(weights.read_bytes() + b"x")
    assert find_state(home) == "damaged"


def test_obstacles_are_imported_with_the_zones_and_stay_without(hall: ColourHall, tmp_path: Path) -> None:
    venue, file = tmp_path / "v.expoflow", tmp_path / "floor.geojson"
    run_app("venue", "create", venue, "--name", "V", "--time-zone", "UTC", "--size", "4x3")
    document = json.loads(hall.zones.read_text())
    square = [[2.0, 1.0], [3.0, 1.0], [3.0, 2.0], [2.0, 1.0]]
    pillar = {
        "type": "Feature",
        "properties": {"name": "pillar", "kind": "obstacle", "height_m": 2.5},
        "geometry": {"type": "Polygon", "coordinates": [square]},
    }
    file.write_text(json.dumps({**document, "features": [*document["features"], pillar]}))
    for zones in (file, hall.zones):
        done = run_app("venue", "import", venue, "--zones", zones)
        assert done.returncode == 0, done.stderr
        (found,) = read_venue(venue).plan.obstacles
        assert (found.name, found.height_m) == ("pillar", 2.5)
        assert [str(zone.name) for zone in read_venue(venue).geometry_at(None).zones] == ["stand"]
    file.write_text(json.dumps({**document, "features": [pillar, pillar]}))
    assert "two obstacles" in run_app("venue", "import", venue, "--zones", file).stderr


@pytest.mark.slow
def test_recording_fills_the_history(hall: ColourHall, tmp_path: Path) -> None:
    venue = tmp_path / "v.expoflow"
    run_app("models", "import", hall.model, "--name", "colours")
    run_app("venue", "create", venue, "--name", "V", "--time-zone", "UTC", "--size", "1.28x0.96")
    run_app("venue", "add-camera", venue, "cam", hall.video, "--frame-size", "128x96", "--analysed-fps", 10)
    run_app("venue", "import", venue, "--zones", hall.zones, "--calibration", hall.calibration)
    text = (venue / "venue.toml").read_text()
    (venue / "venue.toml").write_text(text.replace('"yolo11n-int8"', '"colours"'))
    recorded = run_app("record", "--venue", venue, "--duration", 6, "--json")
    assert recorded.returncode == 0, recorded.stderr
    lines = [json.loads(line) for line in recorded.stdout.splitlines()]
    assert max(camera["people"] for line in lines for camera in line["cameras"]) == 2
    exported = run_app("export", "--venue", venue, "--out", tmp_path / "out", "--json")
    assert exported.returncode == 0, exported.stderr
    summary = json.loads(exported.stdout)
    assert summary["cameras"]["cam"]["observed_s"] > 4.0
    assert summary["identities"] == 2


def test_recording_without_the_model_is_explained(hall: ColourHall, tmp_path: Path) -> None:
    venue = tmp_path / "v.expoflow"
    run_app("venue", "create", venue, "--name", "V", "--time-zone", "UTC", "--size", "1.28x0.96")
    run_app("venue", "add-camera", venue, "cam", hall.video)
    text = (venue / "venue.toml").read_text()
    (venue / "venue.toml").write_text(text.replace('"yolo11n-int8"', '"yolo26n"'))
    result = run_app("record", "--venue", venue, "--duration", 2)
    assert result.returncode == 1
    assert "yolo26n" in result.stderr
    assert "models get yolo26n" in result.stderr
    assert "Traceback" not in result.stderr

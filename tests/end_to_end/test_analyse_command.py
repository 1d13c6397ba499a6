"""``python -m app analyse`` from pixels to files, on a scene whose answer is exact."""

from __future__ import annotations

import json
import math
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from analytics.domain.camera import Camera
from analytics.domain.exhibition import Exhibition
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.identifiers import CameraId
from app.core.calibration_csv import read_calibration
from app.core.document import VenueCamera
from app.core.file_format import create_venue
from app.plan.geojson import read_floor_geojson
from tests.support.command_line import run_app, run_here
from tests.support.halls.colour_hall import (
    CELLS_PER_M,
    SIZE_WH,
    ColourHall,
    make_colour_hall,
    write_pairs,
    write_zone,
)

RESULT_NAMES = {"tracks.parquet", "visits.csv", "crossings.csv", "summary.json", "heatmap.png"}
START = "2026-11-25T09:00:00Z"
CORNERS = ((0, 0), (1, 0), (1, 1), (0, 1))


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> ColourHall:
    return make_colour_hall(tmp_path_factory.mktemp("hall"))


def analyse(hall: ColourHall, *more: object, **changed: object) -> subprocess.CompletedProcess[str]:
    parts = {"video": hall.video, "zones": hall.zones, "calibration": hall.calibration, "model": hall.model}
    parts |= changed  # type: ignore[arg-type]
    return run_here(
        "analyse", parts["video"], "--zones", parts["zones"], "--calibration", parts["calibration"],
        "--model", parts["model"], *more,
    )  # fmt: skip


@pytest.fixture
def poisoned(tmp_path: Path) -> dict[str, str]:
    """An environment in which Qt and torch cannot be imported without being noticed."""
    folder = tmp_path / "poisoned"
    for name in ("torch", "ultralytics", "PySide6", "shiboken6"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(f"raise SystemExit('{name} was imported')\n")
    return {"PYTHONPATH": str(folder)}


def test_a_film_alone_tells_who_is_in_the_picture(hall: ColourHall, tmp_path: Path) -> None:
    result = run_here("analyse", hall.video, "--model", hall.model, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert "A calibration" in result.stderr
    people = pd.read_csv(tmp_path / "out" / "people.csv")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["peak_people"] == people["people"].max() >= 1
    assert len(people) == math.ceil(summary["duration_s"])
    assert summary["regions"]["picture"]["visits"] >= 1
    assert not {"identities", "parameters"} & set(summary)
    width, height = SIZE_WH
    left = [[0, 0], [width / 2, 0], [width / 2, height], [0, height], [0, 0]]
    region = {
        "type": "Feature",
        "properties": {"name": "left", "kind": "booth"},
        "geometry": {"type": "Polygon", "coordinates": [left]},
    }
    regions = tmp_path / "regions.geojson"
    regions.write_text(json.dumps({"type": "FeatureCollection", "features": [region]}))
    options = ("--model", hall.model, "--zones", regions, "--out", tmp_path / "left", "--json")
    told = json.loads(run_here("analyse", hall.video, *options).stdout)
    assert list(told["regions"]) == ["left"]
    visits = pd.read_csv(tmp_path / "left" / "visits.csv")
    assert set(visits["zone"]) <= {"left"}


def test_pixels_become_visits_and_a_heatmap(
    hall: ColourHall, tmp_path: Path, poisoned: dict[str, str]
) -> None:
    out = tmp_path / "out"
    result = run_app(
        "analyse", hall.video, "--zones", hall.zones, "--calibration", hall.calibration,
        "--model", hall.model, "--out", out, "--json", environment=poisoned,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert {path.name for path in out.iterdir()} == RESULT_NAMES
    summary = json.loads((out / "summary.json").read_text())
    assert json.loads(result.stdout) == summary
    assert summary["analysed_frames"] == 110
    assert summary["identities"] == 2
    assert summary["start_utc"] is None
    assert set(summary["zones"]) == {"stand"}
    visits = pd.read_csv(out / "visits.csv")
    assert len(visits) == 1
    assert visits["seconds"][0] == pytest.approx(8.0, abs=0.25)
    tracks = pd.read_parquet(out / "tracks.parquet")
    first = tracks[tracks["visitor"] == visits["visitor"][0]]
    # the middle of the lower edge of cell (1, 1): 48 px right, 64 px down of 96
    assert first["x_m"].median() == pytest.approx(0.48, abs=0.03)
    assert first["y_m"].median() == pytest.approx(0.32, abs=0.03)
    assert (out / "heatmap.png").read_bytes().startswith(b"\x89PNG")


def test_the_true_rate_of_a_film_replaces_its_clock(hall: ColourHall, tmp_path: Path) -> None:
    """The film says ten frames a second; with eight, everything lasts a quarter longer."""
    result = analyse(hall, "--fps", 8, "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["analysed_frames"] == 110
    assert summary["duration_s"] == pytest.approx(13.75)
    assert summary["parameters"]["fps"] == 8.0
    assert pd.read_csv(tmp_path / "visits.csv")["seconds"][0] == pytest.approx(10.0, abs=0.3)


def test_each_kind_of_recording_has_its_rate_option(hall: ColourHall, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "1.jpg").write_bytes(b"")
    for video, options, named in (
        (hall.video, ("--images-fps", 7), "state the true rate of a film with --fps"),
        (pictures, ("--fps", 7), "with --images-fps"),
        (pictures, (), "such as --images-fps 5"),
        ("/no/such/clip.mp4", (), "/no/such/clip.mp4"),
    ):
        result = run_here("analyse", video, *options)
        assert result.returncode in (1, 2)
        assert named in result.stderr
        assert "--out" not in result.stderr, "what is wrong with the recording comes first"


@pytest.mark.slow
def test_a_recording_is_added_to_the_history_once(hall: ColourHall, tmp_path: Path) -> None:
    venue = tmp_path / "hall.expoflow"
    created = run_app(
        "venue", "create", venue, "--name", "Hall", "--time-zone", "Asia/Shanghai", "--size", "1.28x0.96"
    )
    assert created.returncode == 0, created.stderr
    assert run_app("venue", "add-camera", venue, "cam", hall.video, "--frame-size", "128x96").returncode == 0
    imported = run_app("venue", "import", venue, "--zones", hall.zones, "--calibration", hall.calibration)
    assert "0.0 cm" in imported.stderr
    arguments = ("analyse", hall.video, "--into", venue, "--start-utc", START, "--model", hall.model)
    first = run_app(*arguments)
    assert first.returncode == 0, first.stderr
    again = run_app(*arguments)
    assert again.returncode == 1
    assert "already part of the history" in again.stderr
    out = tmp_path / "day"
    exported = run_app(
        "export", "--venue", venue, "--out", out, "--from", START, "--to", "2026-11-25T09:00:11Z"
    )
    assert exported.returncode == 0, exported.stderr
    summary = json.loads((out / "summary.json").read_text())
    assert summary["start_utc"] == "2026-11-25T09:00:00.000Z"
    assert summary["zones"]["stand"]["visits"] >= 1
    assert pd.read_csv(out / "visits.csv")["seconds"][0] == pytest.approx(8.0, abs=0.25)


def test_a_privacy_mask_hides_people_and_its_floor_counts_as_not_observed(
    hall: ColourHall, tmp_path: Path
) -> None:
    """The mask covers the person in the zone: whoever is found without it is not found with it."""
    corner_px, side_px = (30.0, 30.0), 40.0
    mask = tuple((corner_px[0] + side_px * u, corner_px[1] + side_px * v) for u, v in CORNERS)
    width_m, height_m = SIZE_WH[0] / CELLS_PER_M, SIZE_WH[1] / CELLS_PER_M
    pairs = read_calibration(hall.calibration)[CameraId("cam")]
    # what is left of this hall without its people is black
    camera = Camera(CameraId("cam"), SIZE_WH, pairs, privacy_mask=(mask,), may_be_dark=True)
    venue = create_venue(
        tmp_path / "hall.expoflow",
        Exhibition("Hall", "UTC"),
        FloorPlan(Polygon(tuple((width_m * x, height_m * y) for x, y in CORNERS))),
        cameras=(VenueCamera(camera),),
        geometry=read_floor_geojson(hall.zones),
    )
    out = tmp_path / "out"
    result = run_app("analyse", hall.video, "--venue", venue.folder, "--out", out, "--model", hall.model)
    assert result.returncode == 0, result.stderr
    summary = json.loads((out / "summary.json").read_text())
    assert summary["identities"] == 1
    assert summary["zones"]["stand"]["visits"] == 0
    tracks = pd.read_parquet(out / "tracks.parquet")
    assert tracks["x_m"].min() > 0.9
    # 0.4 m by 0.4 m of a zone of 0.6 m by 0.7 m, and a few pixels round it
    assert summary["zones"]["stand"]["coverage"] == pytest.approx(1 - 0.16 / 0.42, abs=0.05)


def make_bad_input(folder: Path) -> dict[str, tuple[dict[str, object], str]]:
    """Return an option and the name in its error message, by case."""
    broken, letter = folder / "broken.mp4", folder / "weights.txt"
    broken.write_bytes(b"\x00\x01nothing like a film" * 500)
    letter.write_text("dear network")
    bow_tie = write_zone(folder / "bow.geojson", [(0, 0), (1, 1), (1, 0), (0, 1)], name="bow tie")
    return {
        "no such video": ({"video": "/no/such/clip.mp4"}, "/no/such/clip.mp4"),
        "no such model": ({"model": "/no/such/model"}, "/no/such/model"),
        "unknown model": ({"model": "yolo99z"}, "yolo99z"),
        "corrupt video": ({"video": broken}, "broken.mp4"),
        "no weights": ({"model": letter}, "weights.txt"),
        "three pairs": ({"calibration": write_pairs(folder / "three.csv", rows=3)}, "cam"),
        "crossing zone": ({"zones": bow_tie}, "bow tie"),
    }


def test_invalid_input_is_named(hall: ColourHall, tmp_path: Path) -> None:
    for case, (changed, name) in make_bad_input(tmp_path).items():
        out = tmp_path / case
        expect_refusal(analyse(hall, "--out", out, **changed), name, out)


def test_a_venue_of_a_newer_format_is_rejected(hall: ColourHall, tmp_path: Path) -> None:
    venue = tmp_path / "future.expoflow"
    assert (
        run_app("venue", "create", venue, "--name", "F", "--time-zone", "UTC", "--size", "2x2").returncode
        == 0
    )
    file = venue / "venue.toml"
    text = file.read_text()
    assert "format = 3" in text
    file.write_text(text.replace("format = 3", "format = 99"))
    result = run_app(
        "analyse", hall.video, "--venue", venue, "--out", tmp_path / "out", "--model", hall.model
    )
    expect_refusal(result, "newer", tmp_path / "out")


@pytest.mark.slow
def test_a_full_disk_leaves_no_partial_files(hall: ColourHall, small_disk: Path) -> None:
    expect_refusal(analyse(hall, "--out", small_disk / "out"), "full", small_disk / "out")


def test_a_read_only_folder_is_reported_before_the_analysis(hall: ColourHall, small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    expect_refusal(analyse(hall, "--out", small_disk / "out"), str(small_disk / "out"), small_disk / "out")


def expect_refusal(result: subprocess.CompletedProcess[str], named: str, out: Path) -> None:
    """A sentence that names the thing and a remedy, a status above 0, and no result."""
    assert result.returncode == 1, result.stderr
    assert named in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) >= 2, "a problem and a remedy"
    leftovers = [path for path in out.rglob("*") if path.is_file()] if out.exists() else []
    assert not leftovers

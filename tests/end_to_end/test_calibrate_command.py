"""``calibrate``: from files of points to a venue's calibration, and what it says on the way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.core.file_format import read_venue
from tests.support.command_line import run_app, run_here
from tests.support.halls.bent_views import bend_as_fisheye, click_lines, click_pairs
from tests.support.halls.walking_people import film_walkers
from tests.unit.app.calibration.test_calibrate_camera import PAIRS, SIZE_WH, VIEW


@pytest.fixture
def straight(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.csv"
    rows = [f"north,{p.u_px},{p.v_px},{p.x_m},{p.y_m}" for p in PAIRS]
    file.write_text("\n".join(["camera,u_px,v_px,x_m,y_m", *rows]), encoding="utf-8")
    return file


@pytest.fixture
def venue(tmp_path: Path) -> Path:
    folder = tmp_path / "hall.expoflow"
    run_app("venue", "create", folder, "--name", "V", "--time-zone", "UTC", "--size", "20x15")
    run_app("venue", "add-camera", folder, "north", "rtsp://127.0.0.1:9/stream", "--frame-size", "1280x720")
    return folder


def test_pairs_are_saved_and_rated(straight: Path, venue: Path) -> None:
    result = run_app("calibrate", straight, "--venue", venue)
    assert result.returncode == 0, result.stderr
    assert "error if left out, cm" in result.stdout
    assert "7 points, error 0.0 cm (RMS)" in result.stderr
    assert "accurate to 0.2 m" in result.stderr
    camera = read_venue(venue).camera("north").camera
    assert len(camera.pairs) == 7
    assert camera.frame_size_wh == SIZE_WH


def test_the_frame_size_is_asked_for_where_it_is_unknown(straight: Path) -> None:
    assert "Add --frame-size" in run_here("calibrate", straight).stderr
    result = run_here("calibrate", straight, "--frame-size", "1280x720")
    assert "Add --frame-size" not in result.stderr
    assert "is accurate to 0.2 m" in result.stderr


def test_an_outlying_point_is_named(straight: Path) -> None:
    lines = straight.read_text().splitlines()
    camera, u, v, x, y = lines[3].split(",")
    lines[3] = f"{camera},{u},{v},{float(x) + 1},{y}"
    straight.write_text("\n".join(lines))
    result = run_app("calibrate", straight)
    assert "Point 3 is wrong: without it the others agree to 0 cm." in result.stderr
    assert "│ wrong │" in next(line for line in result.stdout.splitlines() if line.startswith("│ 3"))
    chinese = run_app("calibrate", straight, environment={"LC_ALL": "zh_CN.UTF-8"})
    assert "第 3 个点有问题" in chinese.stderr


def test_lines_give_a_lens_that_is_stored(tmp_path: Path, venue: Path) -> None:
    rng = np.random.default_rng(0)
    pairs, lines, out = tmp_path / "pairs.csv", tmp_path / "lines.csv", tmp_path / "north.json"
    rows = [f"north,{p.u_px},{p.v_px},{p.x_m},{p.y_m}" for p in click_pairs(bend_as_fisheye, rng, count=8)]
    pairs.write_text("\n".join(["camera,u_px,v_px,x_m,y_m", *rows]))
    rows = [
        f"north,{number},{u},{v}"
        for number, line in enumerate(click_lines(bend_as_fisheye, rng))
        for u, v in line
    ]
    lines.write_text("\n".join(["camera,line,u_px,v_px", *rows]))
    result = run_app("calibrate", pairs, "--lines", lines, "--venue", venue, "--out", out)
    assert result.returncode == 0, result.stderr
    assert "Line 3: " in result.stderr
    described = json.loads(out.read_text(encoding="utf-8"))
    division = described["cameras"]["north"]["lens"]["division"]
    assert -0.35 < division < -0.22
    assert described["cameras"]["north"]["rms_m"] < 0.3
    lens = read_venue(venue).camera("north").camera.lens
    assert lens is not None
    assert (lens.division, lens.division_sigma > 0) == (division, True)


def test_walkers_and_two_points_give_the_pose(tmp_path: Path) -> None:
    pairs, walkers = tmp_path / "pairs.csv", tmp_path / "walkers.csv"
    rows = [f"north,{p.u_px},{p.v_px},{p.x_m},{p.y_m}" for p in (PAIRS[0], PAIRS[3])]
    pairs.write_text("\n".join(["camera,u_px,v_px,x_m,y_m", *rows]))
    view = type(VIEW)((0.0, 0.0, 4.2), np.pi / 2, VIEW.tilt_rad, VIEW.horizontal_fov_rad, SIZE_WH)
    rows = [
        f"north,{number}," + ",".join(map(str, box))
        for number, track in enumerate(film_walkers(view, np.random.default_rng(1)))
        for box in track.tolist()
    ]
    walkers.write_text("\n".join(["camera,walker,x1,y1,x2,y2", *rows]))
    arguments = ("calibrate", pairs, "--walkers", walkers, "--fov", 80, "--frame-size", "1280x720", "--json")
    described = json.loads(run_app(*arguments).stdout)["cameras"]["north"]
    assert described["pose"]["height_m"] == pytest.approx(4.2, abs=0.3)
    assert described["pose"]["tilt_deg"] == pytest.approx(28, abs=1.5)


def test_a_rectangle_and_two_points_calibrate(tmp_path: Path) -> None:
    pairs, corners = tmp_path / "pairs.csv", tmp_path / "corners.csv"
    rows = [f"north,{p.u_px},{p.v_px},{p.x_m},{p.y_m}" for p in (PAIRS[0], PAIRS[3])]
    pairs.write_text("\n".join(["camera,u_px,v_px,x_m,y_m", *rows]))
    corners_m = np.array([[9.0, 5.0], [11.0, 5.0], [11.0, 8.0], [9.0, 8.0]])
    rows = [f"north,{u},{v}" for u, v in VIEW.to_geometry().project_to_pixel(corners_m)]
    corners.write_text("\n".join(["camera,u_px,v_px", *rows]))
    arguments = ("calibrate", pairs, "--rectangle", corners, "--sides", "2x3", "--json")
    described = json.loads(run_app(*arguments).stdout)["cameras"]["north"]
    assert len(described["pairs"]) == 6
    assert described["rms_m"] < 1e-6
    assert "such as --sides" in run_app("calibrate", pairs, "--rectangle", corners).stderr


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--lens", "3"], "not between -0.9 and 0.5"),
        (["--lens", "-0.2"], "its frame size is unknown"),
        (["--lens", "0", "--data-sheet", "2.8,5.4,105"], "not both"),
        (["--data-sheet", "2.8,wide"], "not three numbers"),
        (["--data-sheet", "2.8,5.4,105"], "needs the frame size"),
        (["--data-sheet", "2.8,5.4,185", "--frame-size", "1280x720"], "impossible value"),
        (["--camera", "south"], "no camera 'south'; it has 'north'"),
        (["--walkers", "boxes.csv"], "field of view"),
        (["--lines", "pairs.csv"], "lacks the columns line"),
        (["--venue", "nowhere.expoflow"], "There is no venue"),
    ],
)
def test_unusable_input_is_rejected(straight: Path, options: list[str], sentence: str) -> None:
    options = [str(straight) if option == "pairs.csv" else option for option in options]
    result = run_here("calibrate", straight, *options)
    assert result.returncode != 0
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr

"""``python -m app replay`` from detections to files: exact visits, and bad rows that disturb nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from app.cli.program import main
from tests.conftest import LogGuard
from tests.support.command_line import run_app
from tests.support.halls.walked_detections import (
    SIZE_WH,
    WalkedFiles,
    add_bag,
    make_walked_files,
    write_pairs,
)

SIZE = f"{SIZE_WH[0]}x{SIZE_WH[1]}"
DATA_FILES = ("tracks.parquet", "visits.csv", "crossings.csv")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> WalkedFiles:
    return make_walked_files(tmp_path_factory.mktemp("walked"))


@pytest.fixture(scope="module")
def clean(walked: WalkedFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of the detections as they are, by a process of its own."""
    out = tmp_path_factory.mktemp("clean") / "out"
    result = run_app(*arguments(walked, walked.detections, out))
    assert result.returncode == 0, result.stderr
    assert "skipped" not in result.stderr
    return out


def arguments(walked: WalkedFiles, detections: Path, out: Path, *more: object, size: str = SIZE) -> list[str]:
    parts = ["replay", detections, "--zones", walked.zones, "--calibration", walked.calibration]
    return [str(part) for part in (*parts, "--frame-size", size, "--out", out, *more)]


def replay(walked: WalkedFiles, detections: Path, out: Path, *more: object) -> dict[str, Any]:
    assert main(arguments(walked, detections, out, *more)) == 0
    summary: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return summary


def test_detections_become_visits_and_crossings(clean: Path) -> None:
    summary = json.loads((clean / "summary.json").read_text(encoding="utf-8"))
    assert summary["duration_s"] == 30.0
    assert summary["analysed_frames"] == 300
    assert summary["cameras"]["north"]["frames"] == 300
    assert summary["identities"] == 3
    assert summary["skipped_rows"] == {}
    assert {"tracking", "visitors", "metrics"} <= set(summary["parameters"])
    assert summary["parameters"]["tracking"]["low_score"] > 0
    visits = pd.read_csv(clean / "visits.csv").set_index("zone")
    # enters at 1.6 m before its place on a way of 3.9 m that takes 4 s, and leaves likewise
    assert visits.loc["stand", "seconds"] == pytest.approx(17.7, abs=0.6)
    assert visits.loc["bar", "seconds"] == pytest.approx(15.0, abs=1.0)
    assert summary["lines"] == {"aisle": {"in": 0, "out": 1, "coverage": pytest.approx(1.0, abs=0.01)}}
    assert summary["parameters"]["calibration_rms_m"] == {"north": pytest.approx(0.0, abs=0.01)}
    tracks = pd.read_parquet(clean / "tracks.parquet")
    standing = tracks[
        (tracks["time_s"] > 7) & (tracks["time_s"] < 18) & (tracks["y_m"] < 6.6) & (tracks["x_m"] < 6)
    ]
    assert standing["x_m"].median() == pytest.approx(4.0, abs=0.1)
    assert standing["y_m"].median() == pytest.approx(5.5, abs=0.15)
    assert standing["visitor"].nunique() == 1


def test_the_same_input_gives_the_same_bytes(walked: WalkedFiles, clean: Path, tmp_path: Path) -> None:
    replay(walked, walked.detections, tmp_path)
    for file in clean.iterdir():
        assert (tmp_path / file.name).read_bytes() == file.read_bytes(), file.name


def test_a_briefly_detected_bag_is_not_a_visitor(
    walked: WalkedFiles, clean: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = add_bag(walked.rows, from_s=12.0, to_s=18.0)
    summary = replay(walked, walked.write(tmp_path / "bag.csv", rows), tmp_path / "out")
    assert summary["false_persons"]["brief"] == {"count": 1, "seconds": pytest.approx(6.0)}
    assert "seen briefly, mistaken for a person" in " ".join(capsys.readouterr().out.split())
    assert summary["identities"] == 3
    visits, without = (pd.read_csv(folder / "visits.csv") for folder in (tmp_path / "out", clean))
    assert visits["zone"].tolist() == without["zone"].tolist()
    assert visits["seconds"].tolist() == pytest.approx(without["seconds"].tolist(), abs=0.3)
    longer = add_bag(walked.rows, from_s=6.0, to_s=24.0)
    summary = replay(walked, walked.write(tmp_path / "longer.csv", longer), tmp_path / "counted")
    assert summary["false_persons"]["brief"] == {"count": 0, "seconds": 0.0}
    assert summary["identities"] == 4


BAD_ROWS = {
    "nan_box": ("5.00,north,nan,100,200,300,0.9", "5.00,north,100,,200,300,0.9", "5.00,north,a,1,2,3,0.9"),
    "nan_score": ("5.00,north,100,100,200,300,", "5.00,north,100,100,200,300,nan"),
    "inverted_box": ("5.00,north,200,100,100,300,0.9", "5.00,north,100,300,200,300,0.9"),
    "outside_frame": ("5.00,north,1300,100,1400,300,0.9", "5.00,north,-900,-900,-800,-700,0.9"),
    "oversized_box": ("5.00,north,-500,0,1500,300,0.9",),
    "score_out_of_range": ("5.00,north,100,100,200,300,1.2", "5.00,north,100,100,200,300,-0.1"),
    "unknown_camera": ("5.00,south,100,100,200,300,0.9", "5.00,,100,100,200,300,0.9"),
    "bad_time": (",north,100,100,200,300,0.9", "-3,north,100,100,200,300,0.9", "inf,north,1,1,20,30,0.9"),
    "too_few_columns": ("5.00,north,100",),
    "out_of_order": ("2.00,north,100,100,200,300,0.9", "25.00,north,100,100,200,300,0.9"),
    "clock_set_back": ("1.00,north,100,100,200,300,0.9", "1.10,north,100,100,200,300,0.9"),
}


def test_bad_rows_are_skipped_and_counted(
    walked: WalkedFiles, clean: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, lines = [], {}
    bad = {row: reason for reason, of_reason in BAD_ROWS.items() for row in of_reason}
    pending = list(bad)
    for row in walked.rows:
        rows.append(row)
        # one after each row from 5.1 s on: slips far apart, except of the clock, whose time runs
        if pending and row > "5.10,":
            count = len(BAD_ROWS["clock_set_back"]) if bad[pending[0]] == "clock_set_back" else 1
            for added in pending[:count]:
                rows.append(added)
                lines[added] = len(rows) + 1
            del pending[:count]
    summary = replay(walked, walked.write(tmp_path / "bad.csv", rows), tmp_path / "out")
    assert summary["skipped_rows"] == {reason: len(found) for reason, found in sorted(BAD_ROWS.items())}
    assert_same_data(tmp_path / "out", clean)
    message = " ".join(capsys.readouterr().err.split())
    for reason, of_reason in BAD_ROWS.items():
        numbers = ", ".join(str(line) for line in sorted(lines[row] for row in of_reason))
        assert f"(line {numbers})." in message, reason


def test_two_cameras_share_a_floor(tmp_path: Path, log_guard: LogGuard) -> None:
    log_guard.expect("No font on this machine")
    files = make_walked_files(tmp_path / "two", cameras=("north", "东门"))
    summary = replay(files, files.detections, tmp_path / "out", "--frame-size", f"东门={SIZE}")
    assert set(summary["cameras"]) == {"north", "东门"}
    assert summary["cameras"]["东门"]["frames"] == 300
    assert set(summary["zones"]) == {"stand", "bar"}
    only = replay(files, files.detections, tmp_path / "one", "--camera", "north")
    assert set(only["cameras"]) == {"north"}
    assert only["skipped_rows"] == {}


def test_a_replay_is_added_to_the_history_once(
    walked: WalkedFiles, clean: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    venue = tmp_path / "hall.expoflow"
    for command in (
        ["venue", "create", venue, "--name", "Hall", "--time-zone", "UTC", "--size", "10x10"],
        ["venue", "add-camera", venue, "north", "rtsp://192.0.2.1/1", "--frame-size", SIZE],
        ["venue", "import", venue, "--zones", walked.zones, "--calibration", walked.calibration],
    ):
        assert main([str(part) for part in command]) == 0
    start = "2026-11-25T09:00:00Z"
    join = ["replay", str(walked.detections), "--into", str(venue), "--start-utc", start]
    assert main(join) == 0
    assert main(join) == 1
    assert "already part of the history" in capsys.readouterr().err.replace("\n", " ")
    out = tmp_path / "day"
    assert main(["export", "--venue", str(venue), "--out", str(out), "--from", start]) == 0
    visits, expected = (pd.read_csv(folder / "visits.csv") for folder in (out, clean))
    assert visits["zone"].tolist() == expected["zone"].tolist()
    assert visits["seconds"].to_numpy() == pytest.approx(expected["seconds"].to_numpy(), abs=0.05)


REFUSED = {
    "empty": (b"", "empty"),
    "only blank lines": (b"\n\n", "empty"),
    "only a heading": (b"time_s,camera,x1,y1,x2,y2,score\n", "no detections"),
    "columns missing": (b"time_s,camera,x1,y1,x2\n1,north,1,1,2\n", "y2, score"),
    "semicolons": (b"time_s;camera;x1;y1;x2;y2;score\n0;north;1;1;2;2;0.9\n", "separated by commas"),
    "quotation mark": (
        b'time_s,camera,x1,y1,x2,y2,score\n0,north,1,1,20,30,0.9\n1,"north,1,1,20,30,0.9\n2,north,1,1,2,3,0.9\n',
        "line 3",
    ),
    "quotation mark before a long rest": (
        b'time_s,camera,x1,y1,x2,y2,score\n0,"north,1,1,20,30,0.9\n' + b"1,north,1,1,20,30,0.9\n" * 9000,
        "line 2",
    ),
    "no CSV": (bytes(range(256)) * 20, "neither UTF-8 text nor Parquet"),
    "cut off Parquet": (b"PAR1" + b"\x00" * 100, "Parquet"),
    "JSON": (b'{"detections": []}', "columns"),
    "MOT without rate": (b"1,-1,1,1,20,30,0.9\n", "--fps"),
    "other cameras": (b"time_s,camera,x1,y1,x2,y2,score\n0,south,1,1,20,30,0.9\n", "'south'"),
    "nothing usable": (b"time_s,camera,x1,y1,x2,y2,score\nx,north,1,1,20,30,0.9\n", "line 2"),
    "time of day": (b"time_s,camera,x1,y1,x2,y2,score\n1764061200,north,1,1,20,30,0.9\n", "--start-utc"),
}


@pytest.mark.parametrize("case", sorted(REFUSED))
def test_an_unusable_file_is_rejected(
    case: str, walked: WalkedFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content, name = REFUSED[case]
    file = tmp_path / "odd.csv"
    file.write_bytes(content)
    assert main(arguments(walked, file, tmp_path / "out")) == 1
    expect_sentence(capsys, "odd.csv", name)
    assert not (tmp_path / "out").exists()


def test_an_outlying_pair_ends_the_run_unless_it_is_accepted(
    walked: WalkedFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = ((2.0, 4.0), (8.0, 4.0), (8.0, 9.0), (2.0, 9.0), (5.0, 6.0), (3.0, 7.0), (7.0, 7.0), (5.0, 5.0))
    pairs = write_pairs(tmp_path / "pairs.csv", ("north",), points=points)
    line = [
        str(pairs) if part == str(walked.calibration) else part
        for part in arguments(walked, walked.detections, tmp_path / "out")
    ]
    assert main(line) == 0
    assert "calibration" not in capsys.readouterr().err
    rows = pairs.read_text(encoding="utf-8").splitlines()
    *pixel, x_m, y_m = rows[5].split(",")
    pairs.write_text("\n".join([*rows[:5], ",".join([*pixel, y_m, x_m]), *rows[6:]]), encoding="utf-8")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["warnings"] == []
    assert main([*line, "--json"]) == 1
    captured = capsys.readouterr()
    message = " ".join(captured.err.split())
    assert "The calibration of camera 'north' is" in message
    assert "Point 5 is wrong" in message
    assert not captured.out
    assert main([*line, "--json", "--keep-going"]) == 0
    captured = capsys.readouterr()
    assert "Point 5 is wrong" in " ".join(captured.err.split())
    (warning,) = json.loads(captured.out)["warnings"]
    assert (warning["kind"], warning["camera"]) == ("calibration", "north")
    assert "Point 5 is wrong" in warning["text"]


def test_a_missing_file_is_named_before_missing_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", "nowhere.csv"]) == 1
    expect_sentence(capsys, "nowhere.csv")


def test_an_unobserved_line_has_no_counts(
    walked: WalkedFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(walked.zones.read_text(encoding="utf-8"))
    far_away = {"type": "LineString", "coordinates": [[5.0, -40.0], [8.0, -40.0]]}
    document["features"].append(
        {"type": "Feature", "properties": {"name": "yard", "kind": "entrance"}, "geometry": far_away}
    )
    zones = tmp_path / "zones.geojson"
    zones.write_text(json.dumps(document), encoding="utf-8")
    out = tmp_path / "out"
    line = arguments(walked, walked.detections, out)
    assert main([str(zones) if part == str(walked.zones) else part for part in line]) == 0
    lines = json.loads((out / "summary.json").read_text(encoding="utf-8"))["lines"]
    assert lines["yard"] == {"in": None, "out": None, "coverage": 0.0}
    assert lines["aisle"]["out"] == 1
    (message,) = (row for row in capsys.readouterr().out.splitlines() if "yard" in row)
    assert message.count("–") == 2


def test_invalid_calibrations_and_sizes_are_rejected(
    walked: WalkedFiles, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    for points, name in (
        (((2.0, 4.0), (8.0, 4.0), (8.0, 9.0)), "3 point pairs"),
        (((2.0, 4.0), (3.0, 5.0), (4.0, 6.0), (5.0, 7.0)), "one line"),
    ):
        pairs = write_pairs(tmp_path / "few.csv", ("north",), points=points)
        line = arguments(walked, walked.detections, out)
        assert main([str(pairs) if part == str(walked.calibration) else part for part in line]) == 1
        expect_sentence(capsys, "north", name)
    for size, name in (
        ("1920", "not a frame size"),
        ("1280x720x3", "not a frame size"),
        ("other=1280x720", "is unknown"),
    ):
        assert main(arguments(walked, walked.detections, out, size=size)) == 1
        expect_sentence(capsys, name)
    assert main(arguments(walked, tmp_path / "no.csv", out)) == 1
    expect_sentence(capsys, "no.csv")
    (tmp_path / "taken").write_text("a file")
    assert main(arguments(walked, walked.detections, tmp_path / "taken")) == 1
    expect_sentence(capsys, "taken")
    assert not out.exists()


def expect_sentence(capsys: pytest.CaptureFixture[str], *names: str) -> None:
    error = capsys.readouterr().err
    assert "Traceback" not in error
    assert len(error.strip().splitlines()) >= 2, "a problem and a remedy"
    for name in names:
        assert name in error.replace("\n", " ")


def assert_same_data(folder: Path, expected: Path) -> None:
    for name in DATA_FILES:
        assert (folder / name).read_bytes() == (expected / name).read_bytes(), name

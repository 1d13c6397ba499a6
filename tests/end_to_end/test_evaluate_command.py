"""``python -m app evaluate``: a result against itself is perfect, and a worse one is told as such."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from app.cli.program import main
from tests.support.halls.walked_detections import SIZE_WH, make_walked_files


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluated")
    files = make_walked_files(folder)
    line = ["replay", files.detections, "--zones", files.zones, "--calibration", files.calibration]
    size = "{}x{}".format(*SIZE_WH)
    assert main([str(part) for part in (*line, "--frame-size", size, "--out", folder / "out")]) == 0
    return folder / "out"


def test_a_result_against_itself_is_perfect(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--truth", str(result), "--against", str(result), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    for name in ("visits", "idf1", "hota", "crossings", "crossing_recall", "identities_per_person"):
        assert scores[name]["value"] == pytest.approx(1.0, abs=0.02), name
    assert scores["floor_error_rms_m"]["value"] == pytest.approx(0.0, abs=1e-6)
    assert scores["people"] == scores["identities"] == 3


def test_half_a_minute_gives_no_intervals(result: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--truth", str(result), "--against", str(result), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["blocks"] < 5
    assert scores["method"].startswith("none: ")
    assert all(score["interval"] is None for score in scores.values() if isinstance(score, dict))
    assert main(["evaluate", "--truth", str(result), "--against", str(result)]) == 0
    assert "No intervals: the period is too short." in " ".join(capsys.readouterr().err.split())


def test_a_broken_identity_lowers_the_scores(
    result: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worse = tmp_path / "worse"
    shutil.copytree(result, worse)
    tracks = pd.read_parquet(worse / "tracks.parquet")
    tracks.loc[tracks["time_s"] > 12, "visitor"] += 100
    tracks.to_parquet(worse / "tracks.parquet")
    assert main(["evaluate", "--truth", str(result), "--against", str(worse), "--json"]) == 0
    scores = json.loads(capsys.readouterr().out)
    assert scores["identities_per_person"]["value"] > 1.5
    assert scores["idf1"]["value"] < 0.8
    assert main(["evaluate", "--truth", str(result), "--against", str(worse)]) == 0
    output = capsys.readouterr().out
    assert "identities per person" in output
    assert "stand" in output


def test_different_start_times_are_reported(
    result: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = []
    for moment in ("2026-11-25T09:00:00Z", "2026-11-25T09:00:00+00:00", "2026-11-25T10:00:00Z"):
        folder = tmp_path / str(len(folders))
        shutil.copytree(result, folder)
        summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
        summary["start_utc"] = moment
        (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        folders.append(str(folder))
    for against, is_reported in ((folders[0], False), (folders[1], False), (folders[2], True)):
        assert main(["evaluate", "--truth", folders[0], "--against", against]) == 0
        assert ("2026-11-25T10:00:00Z" in capsys.readouterr().err) is is_reported

"""Real people on real film through the whole command, against what was counted by eye."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.support.command_line import run_app

MAX_MEAN_ERROR_S = 0.5


@pytest.mark.slow
@pytest.mark.footage
@pytest.mark.timeout(400)
def test_six_visitors_and_how_long_each_was_present(footage: Path, tmp_path: Path) -> None:
    truth = footage / "clips" / "gt"
    result = run_app(
        "analyse", footage / "clips" / "one-by-one-person-detection.mp4",
        "--zones", truth / "one-by-one_zones.geojson",
        "--calibration", truth / "one-by-one_pairs.csv",
        "--out", tmp_path / "out", timeout_s=360,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    visits = pd.read_csv(tmp_path / "out" / "visits.csv").sort_values("entered_s")
    seen_by_eye = pd.read_csv(truth / "one-by-one_presence_gt.csv")
    assert summary["identities"] == len(seen_by_eye) == 6
    assert len(visits) == 6
    errors_s = abs(visits["seconds"].to_numpy() - seen_by_eye["presence_s_at_10fps"].to_numpy())
    assert errors_s.mean() < MAX_MEAN_ERROR_S


@pytest.mark.slow
@pytest.mark.footage
@pytest.mark.timeout(400)
def test_a_film_alone_tells_how_many_people_are_in_a_corridor(footage: Path, tmp_path: Path) -> None:
    clips = footage / "clips"
    film = clips / "caviar_EnterExitCrossingPaths1cor.mpg"
    result = run_app("analyse", film, "--out", tmp_path / "out", timeout_s=360)
    assert result.returncode == 0, result.stderr
    found = pd.read_csv(tmp_path / "out" / "people.csv")["people"].to_numpy()
    truth = pd.read_csv(clips / "gt" / "EnterExitCrossingPaths1cor_gt_people.csv")[
        "people_in_frame"
    ].to_numpy()
    seconds = min(len(found), len(truth))
    assert abs(found[:seconds] - truth[:seconds]).mean() < 0.7
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["peak_people"] == truth.max() == 4

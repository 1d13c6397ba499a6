from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tools.training import train_demo_model
from vision.detection.detector import detect
from vision.detection.openvino_detector import OpenVinoDetector


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.filterwarnings("ignore")
def test_the_script_trains_a_usable_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train_demo_model, "_HELD_OUT_HALLS", 2)
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    options = ["--out", str(tmp_path / "model"), "--work", str(tmp_path / "work"), "--steps", "2"]
    status = train_demo_model.main([*options, "--halls", "16", "--pictures-per-hall", "1"])
    assert status == 0, capsys.readouterr().out
    detector = OpenVinoDetector.load(tmp_path / "model", device="CPU")
    assert detector.input_wh == train_demo_model.INPUT_WH
    assert len(detect(detector, [np.zeros((540, 960, 3), np.uint8)])) == 1
    detector.close()
    scores = json.loads((tmp_path / "work" / "scores.json").read_text(encoding="utf-8"))
    assert [row["minimum_score"] for row in scores] == list(train_demo_model.MINIMUM_SCORES)
    assert train_demo_model.main([*options, "--halls", "16", "--pictures-per-hall", "1"]) == 1

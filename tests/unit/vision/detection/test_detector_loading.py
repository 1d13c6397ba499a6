"""The right adapter is chosen for a model, and a choice becomes a detector."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import ModelError
from tests.support.halls.tiny_networks import write_colour_detector
from vision.detection.detector import detect
from vision.detection.detector_choice import DetectorChoice
from vision.detection.detector_loading import choose_adapter, load_detector
from vision.detection.ultralytics_detector import UltralyticsDetector


def test_openvino_models_need_no_torch(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours")
    assert choose_adapter(folder) == "openvino"
    assert choose_adapter(folder / "colours.xml") == "openvino"


@pytest.mark.parametrize("name", ["a.pt", "a.PT", "a.engine", "a.onnx", "a.torchscript"])
def test_other_weights_go_to_ultralytics(tmp_path: Path, name: str) -> None:
    assert choose_adapter(tmp_path / name) == "ultralytics"


def test_a_folder_of_another_kind_goes_to_ultralytics(tmp_path: Path) -> None:
    assert choose_adapter(tmp_path) == "ultralytics"


@pytest.mark.parametrize(
    ("name", "sentence"), [("absent", "There is no model at"), ("notes.txt", "is not a detection model")]
)
def test_what_no_adapter_reads_is_refused(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(ModelError, match=sentence):
        choose_adapter(tmp_path / name)


def test_a_choice_becomes_a_detector_with_its_thresholds(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours")
    grey = np.full((96, 128, 3), 128, np.uint8)
    counts = [
        len(detect(load_detector(DetectorChoice(folder, minimum_score=score)), [grey])[0])
        for score in (0.4, 0.6)
    ]
    assert counts == [12, 0]


def test_clothes_are_described_for_the_tracker(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours")
    grey = np.full((96, 128, 3), 128, np.uint8)
    (found,) = detect(load_detector(DetectorChoice(folder, minimum_score=0.4)), [grey])
    assert len(found) == 12
    assert found.appearance is not None


def test_an_unknown_adapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no detector adapter called 'magic'"):
        load_detector(DetectorChoice(tmp_path, adapter="magic"))


def test_without_torch_the_remedy_is_its_installation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    monkeypatch.setitem(sys.modules, "torch", None)
    weights = tmp_path / "weights.pt"
    weights.write_bytes(b"")
    with pytest.raises(ModelError) as caught:
        UltralyticsDetector.load(weights)
    assert "pip install 'expoflow[torch]'" in caught.value.remedy


def test_a_damaged_cache_of_compiled_networks_is_made_anew(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours")
    grey = np.full((96, 128, 3), 128, np.uint8)
    choice = DetectorChoice(folder, cache_folder=tmp_path / "cache")
    expected = len(detect(load_detector(choice), [grey])[0])
    blobs = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert blobs
    for blob in blobs:
        blob.write_bytes(blob.read_bytes()[: blob.stat().st_size // 2])
    assert len(detect(load_detector(choice), [grey])[0]) == expected

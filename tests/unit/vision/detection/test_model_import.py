"""Models come in from files whole or not at all, under a name, and are remembered."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import ModelError
from tests.support.halls.tiny_networks import write_colour_detector
from tests.support.halls.tiny_onnx import write_onnx_detector
from vision.detection.model_arrival import import_model
from vision.detection.model_catalogue import locate_model
from vision.detection.model_metadata import read_metadata
from vision.detection.openvino_detector import OpenVinoDetector


class StoppedClock:
    def now_utc_s(self) -> float:
        return 1_764_061_200.0

    def monotonic_s(self) -> float:
        return 0.0


def write_checkpoint(path: Path, content: str = "weights") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
    return path


def test_a_folder_is_copied_recorded_and_found_by_name(tmp_path: Path) -> None:
    source = write_colour_detector(tmp_path / "colours_openvino_model")
    user = tmp_path / "models"
    record = import_model(source, user_folder=user, clock=StoppedClock())
    assert (record.name, record.origin) == ("colours", "file colours_openvino_model")
    assert record.recorded_utc == "2025-11-25T09:00:00.000Z"
    path = locate_model("colours", user_folder=user)
    assert path == user / "colours"
    OpenVinoDetector.load(path).close()
    assert {file.name for file in user.iterdir()} == {"colours", "models.json"}


def test_the_xml_of_a_folder_stands_for_the_folder(tmp_path: Path) -> None:
    source = write_colour_detector(tmp_path / "colours")
    record = import_model(
        source / "colours.xml", user_folder=tmp_path / "models", clock=StoppedClock(), name="hall-2"
    )
    assert record.name == "hall-2"
    assert (tmp_path / "models" / "hall-2" / "metadata.yaml").is_file()


def test_an_onnx_file_runs_without_torch_and_finds_the_same_boxes(tmp_path: Path) -> None:
    boxes = np.zeros((1, 4, 6), np.float32)
    boxes[0, :2] = [[10, 12, 40, 80, 0.9, 0], [50, 10, 70, 60, 0.8, 1]]
    metadata = {"task": "detect", "stride": "32", "imgsz": "[96, 128]", "names": "{0: 'person', 1: 'dog'}"}
    source = write_onnx_detector(tmp_path / "yolo99n.onnx", boxes, metadata=metadata)
    user = tmp_path / "models"
    assert import_model(source, user_folder=user, clock=StoppedClock()).name == "yolo99n"
    path = locate_model("yolo99n", user_folder=user)
    read = read_metadata(path)
    assert read is not None
    assert (read.person_class, read.class_count, read.largest_wh, read.stride) == (0, 2, (128, 96), 32)
    detector = OpenVinoDetector.load(path)
    try:
        (found,) = detector.submit([np.zeros((96, 128, 3), np.uint8)]).wait()
    finally:
        detector.close()
    assert found.xyxy == pytest.approx(boxes[0, :1, :4])


def test_a_damaged_onnx_file_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "yolo26n.onnx").write_bytes(b"<html>log in</html>")
    with pytest.raises(ModelError, match="yolo26n is damaged"):
        import_model(tmp_path / "yolo26n.onnx", user_folder=tmp_path / "models", clock=StoppedClock())
    assert list((tmp_path / "models").iterdir()) == []


NEEDS_TORCH = pytest.mark.skipif(
    importlib.util.find_spec("torch") is not None, reason="PyTorch is installed, and reads such files"
)


@NEEDS_TORCH
@pytest.mark.parametrize("name", ["Mine.PT", "mine.engine"])
def test_weights_that_this_machine_cannot_load_are_not_called_ready(tmp_path: Path, name: str) -> None:
    source = write_checkpoint(tmp_path / name)
    with pytest.raises(ModelError, match="needs PyTorch and Ultralytics"):
        import_model(source, user_folder=tmp_path / "models", clock=StoppedClock())
    assert list((tmp_path / "models").iterdir()) == []


def test_a_network_that_reads_and_does_not_run_is_not_called_ready(tmp_path: Path) -> None:
    source = write_colour_detector(tmp_path / "colours")
    weights = source / "colours.bin"
    weights.write_bytes(weights.read_bytes()[:10])
    with pytest.raises(ModelError):
        import_model(source, user_folder=tmp_path / "models", clock=StoppedClock())
    assert not (tmp_path / "models" / "colours").exists()


@pytest.mark.torch
@pytest.mark.parametrize("content", ["weights", "\x80\x02}q\x00."])
def test_weights_that_pytorch_does_not_read_are_not_called_ready(tmp_path: Path, content: str) -> None:
    source = write_checkpoint(tmp_path / "mine.pt", content)
    with pytest.raises(ModelError):
        import_model(source, user_folder=tmp_path / "models", clock=StoppedClock())
    assert list((tmp_path / "models").iterdir()) == []


def test_a_model_is_replaced_only_when_asked(tmp_path: Path) -> None:
    user = tmp_path / "models"
    source = write_colour_detector(tmp_path / "mine")
    import_model(source, user_folder=user, clock=StoppedClock())
    (source / "note.txt").write_text("second")
    with pytest.raises(ModelError, match="a model called mine already"):
        import_model(source, user_folder=user, clock=StoppedClock())
    import_model(source, user_folder=user, clock=StoppedClock(), replace=True)
    assert (locate_model("mine", user_folder=user) / "note.txt").exists()
    assert {file.name for file in user.iterdir()} == {"mine", "models.json"}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("absent.pt", "There is no model at"),
        ("notes.txt", "notes.txt is not a detection model"),
        ("page.pt", "page.pt is damaged or not written by PyTorch"),
        ("empty", "contains 0 files ending in .xml"),
        ("broken", "lacks its weights"),
    ],
)
def test_what_is_no_model_leaves_nothing_behind(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    (tmp_path / "page.pt").write_text("<html>log in</html>", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (write_colour_detector(tmp_path / "broken") / "colours.bin").unlink()
    with pytest.raises(ModelError) as caught:
        import_model(tmp_path / name, user_folder=tmp_path / "models", clock=StoppedClock())
    assert sentence in caught.value.problem
    assert not (tmp_path / "models").exists()


def test_a_name_that_no_folder_can_have_is_refused(tmp_path: Path) -> None:
    source = write_checkpoint(tmp_path / "mine.pt")
    with pytest.raises(ModelError, match="cannot be the name of a model"):
        import_model(source, user_folder=tmp_path / "models", clock=StoppedClock(), name="../mine")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    source = write_checkpoint(tmp_path / "mine.pt")
    with pytest.raises(ModelError, match="cannot be written"):
        import_model(source, user_folder=tmp_path / "file" / "models", clock=StoppedClock())

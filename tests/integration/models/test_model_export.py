"""Weights become an OpenVINO folder of the wanted size, which finds the same people."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from analytics.domain.errors import ModelError
from app.maintenance.model_library import export_model, list_models
from tools.training.detection_accuracy import compare_detections
from vision.detection.child_task import TaskProgress
from vision.detection.detector import detect
from vision.detection.detector_choice import DetectorChoice
from vision.detection.detector_loading import load_detector
from vision.detection.model_digest import digest_model
from vision.detection.model_export import Precision, export_openvino
from vision.detection.openvino_detector import OpenVinoDetector
from vision.pixel_types import Detections, Picture

pytestmark = pytest.mark.torch

CAVIAR = ("caviar_EnterExitCrossingPaths1cor.mpg", "caviar_OneStopEnter1front.mp4")


class StoppedClock:
    def now_utc_s(self) -> float:
        return 1_764_061_200.0

    def monotonic_s(self) -> float:
        return 0.0


def read_every(video: Path, step: int) -> list[Picture]:
    capture = cv2.VideoCapture(str(video))
    pictures = []
    while capture.grab():
        if int(capture.get(cv2.CAP_PROP_POS_FRAMES)) % step == 0:
            pictures.append(np.asarray(capture.retrieve()[1], np.uint8))
    capture.release()
    assert pictures
    return pictures


def find(model: Path, pictures: list[Picture]) -> list[Detections]:
    detector = OpenVinoDetector.load(model)
    found = [
        each for start in range(0, len(pictures), 8) for each in detect(detector, pictures[start : start + 8])
    ]
    detector.close()
    return found


def share_found(reference: list[Detections], other: list[Detections], *, minimum_score: float) -> float:
    """Of the reference's boxes with a score of at least 0.5, the share that the other model finds."""
    labels = [each.xyxy[each.score >= 0.5] for each in reference]
    return compare_detections(zip(labels, other, strict=True), minimum_score=minimum_score).recall


@pytest.mark.footage
@pytest.mark.slow
def test_half_precision_at_16_to_9_finds_the_boxes_of_the_checkpoint(tmp_path: Path, footage: Path) -> None:
    weights = footage / "weights" / "yolo11n_from_int8.pt"
    stages: list[str] = []

    def listen(progress: TaskProgress) -> None:
        stages.append(progress.stage)

    folder = export_openvino(
        weights, tmp_path / "wide", input_wh=(640, 384), precision=Precision.FP16, listener=listen
    )
    assert [path.name for path in tmp_path.glob("*wide*")] == ["wide"]
    assert {"converting", "writing"} <= set(stages)
    metadata = yaml.safe_load((folder / "metadata.yaml").read_text(encoding="utf-8"))
    assert metadata["imgsz"] == [384, 640]
    assert metadata["names"][0] == "person"
    assert metadata["origin"]["sha256"] == digest_model(weights)
    pictures = read_every(footage / "clips" / "one-by-one-person-detection.mp4", 100)
    whole = find(folder, pictures)
    assert sum(len(each) for each in whole) > 5
    with_torch = load_detector(DetectorChoice(weights, adapter="ultralytics"))
    expected = detect(with_torch, pictures)
    assert share_found(expected, whole, minimum_score=0.4) == 1
    assert share_found(whole, expected, minimum_score=0.4) == 1


@pytest.mark.footage
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_8_bits_at_16_to_9_find_what_the_square_model_finds(tmp_path: Path, footage: Path) -> None:
    """Of the square model's boxes with a score of 0.5, on clips that it was not quantised with.

    The other model may score them from 0.25 on: a 4:3 picture has a fifth fewer pixels a side in a 16:9
    input, which costs score in full precision too.
    """
    record = export_model(
        str(footage / "weights" / "yolo11n_from_int8.pt"),
        user_folder=tmp_path,
        clock=StoppedClock(),
        input_wh=(640, 384),
        videos=[footage / "clips" / name for name in CAVIAR],
        name="wide",
    )
    assert record.origin == "export of yolo11n_from_int8.pt"
    first = list_models(user_folder=tmp_path)[0]
    assert (first.name, first.state) == ("wide", "ready")
    square, wide = footage / "weights" / "yolo11n_int8_openvino_model", tmp_path / "wide"
    reference: list[Detections] = []
    found: list[Detections] = []
    shares = {}
    for clip, step in (
        ("one-by-one-person-detection.mp4", 20),
        ("caviar_ShopAssistant1cor.mp4", 24),
        ("caviar_OneStopMoveNoEnter1front.mp4", 10),
        ("caviar_EnterExitCrossingPaths1front.mpg", 4),
    ):
        pictures = read_every(footage / "clips" / clip, step)
        expected, got = find(square, pictures), find(wide, pictures)
        shares[clip] = share_found(expected, got, minimum_score=0.25)
        reference += expected
        found += got
    assert shares["one-by-one-person-detection.mp4"] >= 0.97, shares
    assert share_found(reference, found, minimum_score=0.25) >= 0.97, shares
    # two boxes more or less are 4 % of the smallest clip
    assert min(shares.values()) >= 0.93, shares


class CancelledError(Exception):
    pass


@pytest.mark.footage
def test_cancelling_an_export_leaves_nothing(tmp_path: Path, footage: Path) -> None:
    def cancel(progress: TaskProgress) -> None:
        if progress.stage == "reading pictures":
            raise CancelledError

    with pytest.raises(CancelledError):
        export_openvino(
            footage / "weights" / "yolo11n_from_int8.pt",
            tmp_path / "models" / "wide",
            input_wh=(640, 384),
            precision=Precision.INT8,
            videos=[footage / "clips" / CAVIAR[0]],
            listener=cancel,
        )
    assert list((tmp_path / "models").iterdir()) == []


def test_weights_that_are_none_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(ModelError, match=r"The weights bad\.pt cannot be loaded"):
        export_openvino(
            tmp_path / "bad.pt", tmp_path / "models" / "bad", input_wh=(64, 64), precision=Precision.FP32
        )
    assert list((tmp_path / "models").iterdir()) == []


@pytest.mark.footage
def test_a_size_that_the_network_cannot_take_is_named(tmp_path: Path, footage: Path) -> None:
    weights = footage / "weights" / "yolo11n_from_int8.pt"
    with pytest.raises(ModelError, match=r"360x640 \(height x width\) does not suit"):
        export_openvino(weights, tmp_path / "wide", input_wh=(640, 360), precision=Precision.FP16)


def test_8_bits_need_recordings_that_can_be_read(tmp_path: Path) -> None:
    weights = tmp_path / "some.pt"
    weights.write_bytes(b"PK")
    with pytest.raises(ModelError, match="needs recordings"):
        export_openvino(weights, tmp_path / "a", input_wh=(64, 64), precision=Precision.INT8)
    with pytest.raises(ModelError, match="no recording at"):
        export_openvino(
            weights, tmp_path / "a", input_wh=(64, 64), precision=Precision.INT8, videos=[tmp_path / "absent"]
        )
    unreadable = tmp_path / "notes.txt"
    unreadable.write_text("hello", encoding="utf-8")
    with pytest.raises(ModelError, match=r"notes\.txt cannot be read"):
        export_openvino(
            weights, tmp_path / "a", input_wh=(64, 64), precision=Precision.INT8, videos=[unreadable]
        )


@pytest.mark.parametrize(
    ("choice", "precision", "name", "sentence"),
    [
        ("some.pt", "int4", "a", "no precision called 'int4'"),
        ("some.pt", "fp16", "../a", "cannot be the name of a model"),
        ("notes.txt", "fp16", "a", "is not a file of weights"),
        ("some.pt", "fp16", "taken", "already a model at"),
    ],
)
def test_requests_that_cannot_be_met_are_named(
    tmp_path: Path, choice: str, precision: str, name: str, sentence: str
) -> None:
    for file in ("some.pt", "notes.txt"):
        (tmp_path / file).write_bytes(b"PK")
    (tmp_path / "models" / "taken").mkdir(parents=True)
    with pytest.raises(ModelError, match=sentence):
        export_model(
            str(tmp_path / choice),
            user_folder=tmp_path / "models",
            clock=StoppedClock(),
            input_wh=(64, 64),
            precision=precision,
            name=name,
        )

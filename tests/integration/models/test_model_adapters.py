"""Both adapters, and our decoding and Ultralytics' own, give the same boxes for the same weights."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tools.training.detection_accuracy import intersection_over_union
from vision.detection.detector import detect
from vision.detection.detector_choice import DetectorChoice
from vision.detection.detector_loading import load_detector
from vision.detection.letterbox import letterbox_picture
from vision.detection.model_export import Precision, export_openvino
from vision.detection.openvino_detector import OpenVinoDetector
from vision.detection.openvino_network import read_network
from vision.detection.ultralytics_runtime import import_ultralytics
from vision.pixel_types import Detections, Picture

CLIPS = (
    "one-by-one-person-detection.mp4",
    "caviar_EnterExitCrossingPaths1cor.mpg",
    "caviar_OneStopEnter1front.mp4",
)


def read_some(video: Path, *, every: int, count: int) -> list[Picture]:
    capture = cv2.VideoCapture(str(video))
    pictures: list[Picture] = []
    index = 0
    while len(pictures) < count and capture.grab():
        index += 1
        if index % every == 0:
            pictures.append(np.asarray(capture.retrieve()[1], np.uint8))
    capture.release()
    return pictures


def assert_all_found(strong: Detections, other: Detections) -> None:
    boxes = strong.xyxy[strong.score >= 0.4]
    if len(boxes):
        assert intersection_over_union(boxes, other.xyxy).max(axis=1, initial=0).min() > 0.9


@pytest.mark.footage
@pytest.mark.torch
@pytest.mark.parametrize("weights", ["yolo11n_int8_openvino_model", "yolov8n_320_int8_openvino_model"])
def test_both_adapters_find_the_same_people(
    footage: Path, weights: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    pictures = [
        picture for clip in CLIPS for picture in read_some(footage / "clips" / clip, every=60, count=5)
    ]
    assert len(pictures) == 15
    ours, theirs = (
        detect(load_detector(DetectorChoice(footage / "weights" / weights, adapter=adapter)), pictures)
        for adapter in ("openvino", "ultralytics")
    )
    assert sum(int((each.score >= 0.4).sum()) for each in ours) >= 10
    for one, two in zip(ours, theirs, strict=True):
        assert_all_found(one, two)
        assert_all_found(two, one)


@pytest.mark.footage
@pytest.mark.slow
@pytest.mark.parametrize("weights", ["yolo11n_int8_openvino_model", "yolov8n_320_int8_openvino_model"])
def test_a_cut_network_finds_the_boxes_of_the_whole_one(footage: Path, weights: str) -> None:
    network = read_network(footage / "weights" / weights, device="CPU", person_class=0, cache_folder=None)
    # a processor with bfloat16 would round the boxes of the whole network by up to 2 pixels
    network.core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    limits = {"minimum_score": 0.1, "iou_threshold": 0.7, "requests": None}
    whole = OpenVinoDetector(network, **limits, keeps_head=True)
    cut = OpenVinoDetector(network, **limits, keeps_head=False)
    people = 0
    for clip in sorted((footage / "clips").glob("*.mp*")):
        pictures = read_some(clip, every=60, count=20)
        for one, other in zip(detect(cut, pictures), detect(whole, pictures), strict=True):
            people += len(other)
            assert one.xyxy == pytest.approx(other.xyxy, abs=0.5)
            assert one.score == pytest.approx(other.score, abs=0.002)
    assert people > 300


@pytest.mark.torch
@pytest.mark.parametrize("source_wh", [(1280, 720), (384, 288), (333, 501), (31, 640)])
@pytest.mark.parametrize("target_wh", [(640, 640), (640, 384)])
def test_the_letterbox_is_that_of_ultralytics_to_the_pixel(
    source_wh: tuple[int, int], target_wh: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    import_ultralytics()
    from ultralytics.data.augment import LetterBox

    picture = np.random.default_rng(1).integers(0, 256, (source_wh[1], source_wh[0], 3), np.uint8)
    theirs = LetterBox((target_wh[1], target_wh[0]), auto=False)(image=picture)
    np.testing.assert_array_equal(letterbox_picture(picture, target_wh), theirs)


@pytest.mark.slow
@pytest.mark.torch
def test_boxes_of_an_end_to_end_head_are_those_of_ultralytics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YOLO_CONFIG_DIR", str(tmp_path))
    ultralytics = import_ultralytics()
    import torch

    torch.manual_seed(0)
    network = ultralytics.YOLO("yolo26n.yaml")
    # a network that was never trained is sure of nothing: raise the scores to where boxes are reported
    for head in (network.model.model[-1].cv3, network.model.model[-1].one2one_cv3):
        for branch in head:
            branch[-1].bias.data += 10
            branch[-1].weight.data *= 30
    network.model.names = {index: "person" if index == 0 else f"thing {index}" for index in range(80)}
    network.save(tmp_path / "random26.pt")
    folder = export_openvino(
        tmp_path / "random26.pt",
        tmp_path / "random26_openvino_model",
        input_wh=(320, 192),
        precision=Precision.FP32,
    )
    rng = np.random.default_rng(2)
    pictures = [
        cv2.resize(rng.integers(0, 256, (9, 12, 3), np.uint8), (480, 360), interpolation=cv2.INTER_CUBIC)
        for _ in range(6)
    ]
    ours = detect(OpenVinoDetector.load(folder, minimum_score=0.02), pictures)
    theirs = detect(
        load_detector(DetectorChoice(folder, adapter="ultralytics", minimum_score=0.02)), pictures
    )
    assert sum(len(each) for each in ours) >= 20
    for one, two in zip(ours, theirs, strict=True):
        # boxes wholly in the grey are ours to drop
        inside = (two.xyxy[:, 2] > two.xyxy[:, 0]) & (two.xyxy[:, 3] > two.xyxy[:, 1])
        np.testing.assert_allclose(one.score, two.score[inside], atol=1e-4)
        np.testing.assert_allclose(one.xyxy, two.xyxy[inside], atol=0.05)

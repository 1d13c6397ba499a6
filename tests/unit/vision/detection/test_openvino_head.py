"""A cut network finds the boxes of the whole one, and what cannot be cut stays whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.support.halls.tiny_networks import write_colour_detector, write_yolo_network
from vision.detection.openvino_network import CompiledNetwork, Floats, read_network
from vision.pixel_types import Picture

HEADS = [
    (16, False, 3),
    (1, False, 3),
    (1, True, 3),
    (16, True, 3),
    (16, False, 1),
    (16, False, 64),
    (1, False, 4),
]


def compile_network(folder: Path, *, keeps_head: bool = False) -> CompiledNetwork:
    network = read_network(folder, device="CPU", person_class=0, cache_folder=None)
    # a processor with bfloat16 would round the boxes and scores of a whole network
    network.core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return network.compile(network.largest_wh, keeps_head=keeps_head)


def find(network: CompiledNetwork, picture: Picture) -> tuple[Floats, Floats]:
    request = network.model.create_infer_request()
    request.infer([picture[None]])
    return network.decode(request, minimum_score=0.1, iou_threshold=0.7)


@pytest.mark.parametrize(("bins", "is_end_to_end", "classes"), HEADS)
def test_a_cut_network_finds_what_the_whole_one_finds(
    tmp_path: Path, bins: int, is_end_to_end: bool, classes: int
) -> None:
    folder = write_yolo_network(tmp_path / "yolo", bins=bins, classes=classes, is_end_to_end=is_end_to_end)
    whole, cut = compile_network(folder, keeps_head=True), compile_network(folder)
    assert whole.decoder is None
    assert cut.decoder is not None
    assert (cut.decoder.strides_px, cut.decoder.bins) == ((8, 16, 32), bins)
    people = 0
    for picture in np.random.default_rng(5).integers(0, 255, (8, 64, 96, 3), np.uint8):
        (xyxy, score), (known_xyxy, known_score) = find(cut, picture), find(whole, picture)
        people += len(known_score)
        assert xyxy == pytest.approx(known_xyxy, abs=0.01)
        assert score == pytest.approx(known_score, abs=1e-4)
    assert people


def test_a_network_that_makes_other_boxes_of_its_outputs_stays_whole(tmp_path: Path) -> None:
    assert compile_network(write_yolo_network(tmp_path / "large", scale=1.5)).decoder is None


@pytest.mark.parametrize("is_end_to_end", [False, True])
def test_a_network_without_such_a_head_stays_whole(tmp_path: Path, is_end_to_end: bool) -> None:
    folder = write_colour_detector(tmp_path / "colours", is_end_to_end=is_end_to_end)
    assert compile_network(folder).decoder is None

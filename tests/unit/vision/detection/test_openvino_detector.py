"""Pictures go in as BGR of any size and come out as boxes of people, in their order, whoever waits when."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import ModelError
from tests.support.halls.tiny_networks import paint_cells, write_colour_detector
from vision.detection.detector import Detector, detect
from vision.detection.openvino_detector import OpenVinoDetector
from vision.pixel_types import Detections


@pytest.fixture(params=[False, True], ids=["dense", "end-to-end"])
def detector(request: pytest.FixtureRequest, tmp_path: Path) -> OpenVinoDetector:
    folder = write_colour_detector(tmp_path / "colours", is_end_to_end=request.param)
    return OpenVinoDetector.load(folder, minimum_score=0.3)


def test_implements_the_protocol_and_says_what_it_sees(detector: OpenVinoDetector) -> None:
    as_protocol: Detector = detector
    assert as_protocol.input_wh == (128, 96)
    assert detector.device == "CPU"


def test_red_cells_are_people_strongest_first_and_blue_ones_are_not(detector: OpenVinoDetector) -> None:
    picture = paint_cells((128, 96), red={(1, 0): 0.6, (3, 2): 0.8, (0, 0): 0.2}, blue={(2, 1): 1.0})
    (found,) = detect(detector, [picture])
    assert found.xyxy.tolist() == [[96, 64, 128, 96], [32, 0, 64, 32]]
    assert found.score == pytest.approx([0.8, 0.6], abs=0.005)
    assert found.xyxy.dtype == found.score.dtype == np.float32


def test_a_person_box_with_a_stronger_other_class_is_not_a_person(detector: OpenVinoDetector) -> None:
    picture = paint_cells((128, 96), red={(1, 1): 0.6}, blue={(1, 1): 0.9})
    assert len(detect(detector, [picture])[0]) == 0


def test_boxes_come_back_through_the_letterbox_into_the_picture(detector: OpenVinoDetector) -> None:
    # 64x96 lies in 128x96 with 32 grey pixels on both sides, and grey (114/255) is a person to this network
    picture = paint_cells((64, 96), red={(1, 2): 1.0}, blue={})
    (found,) = detect(detector, [picture])
    assert found.xyxy[0].tolist() == [32, 64, 64, 96]
    assert len(found) == 1  # what was seen in the grey alone is gone


def test_a_large_picture_is_scaled(detector: OpenVinoDetector) -> None:
    small = paint_cells((128, 96), red={(2, 1): 1.0}, blue={})
    (found,) = detect(detector, [small.repeat(4, axis=0).repeat(4, axis=1)])
    assert found.xyxy[0].tolist() == [256, 128, 384, 256]


def test_results_wait_for_their_reader_in_any_order(detector: OpenVinoDetector) -> None:
    places = [(column, row) for row in range(3) for column in range(4)]
    batches = [
        detector.submit([paint_cells((128, 96), red={place: 1.0}, blue={}) for place in (first, second)])
        for first, second in zip(places, places[::-1], strict=True)
    ]
    results = [batch.wait() for batch in batches[::-1]][::-1]
    expected = [
        [[[32.0 * column, 32.0 * row, 32.0 * column + 32, 32.0 * row + 32]] for column, row in pair]
        for pair in zip(places, places[::-1], strict=True)
    ]
    assert [[found.xyxy.tolist() for found in pair] for pair in results] == expected
    assert batches[0].wait() == results[0]


def test_a_picture_may_change_once_submitted(detector: OpenVinoDetector) -> None:
    picture = paint_cells((128, 96), red={(0, 0): 1.0}, blue={})
    batch = detector.submit([picture])
    picture[...] = 0
    assert len(batch.wait()[0]) == 1


def test_pictures_of_mixed_sizes_leave_no_trace_in_each_other(detector: OpenVinoDetector) -> None:
    wide = paint_cells((128, 96), red={(0, 0): 1.0, (3, 2): 1.0}, blue={})
    dark = np.zeros((96, 64, 3), np.uint8)
    fresh = detect(detector, [dark])[0]
    mixed = detect(detector, [wide, dark, wide, dark, wide, dark, dark, dark])
    assert [len(found) for found in mixed[:5:2]] == [2, 2, 2]
    for found in (mixed[1], mixed[3], *mixed[5:]):
        np.testing.assert_array_equal(found.xyxy, fresh.xyxy)
        np.testing.assert_array_equal(found.score, fresh.score)


def test_an_empty_batch_is_empty(detector: OpenVinoDetector) -> None:
    assert detector.submit([]).wait() == []


def test_close_finishes_what_is_under_way_and_takes_nothing_more(detector: OpenVinoDetector) -> None:
    batch = detector.submit([paint_cells((128, 96), red={(0, 0): 1.0}, blue={})])
    detector.close()
    assert len(batch.wait()[0]) == 1
    with pytest.raises(RuntimeError, match="closed"):
        detector.submit([])


@pytest.mark.parametrize("requests", [1, 2, 5])
def test_any_number_of_requests_gives_the_same(tmp_path: Path, requests: int) -> None:
    detector = OpenVinoDetector.load(write_colour_detector(tmp_path / "colours"), requests=requests)
    pictures = [paint_cells((128, 96), red={(index % 4, 0): 1.0}, blue={}) for index in range(7)]
    found = detect(detector, pictures)
    assert [box.xyxy[0, 0] for box in found] == [32 * (index % 4) for index in range(7)]


def test_a_flexible_network_sees_no_more_than_the_picture_needs(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours", input_wh=None, largest_wh=(128, 128))
    detector = OpenVinoDetector.load(folder, minimum_score=0.6)
    assert detector.input_wh == (128, 128)
    wide = paint_cells((128, 64), red={(3, 1): 1.0}, blue={})
    high = paint_cells((64, 128), red={(1, 3): 1.0}, blue={})
    found = detect(detector, [wide, high, wide])
    assert [each.xyxy.tolist() for each in found] == [
        [[96, 32, 128, 64]],
        [[32, 96, 64, 128]],
        [[96, 32, 128, 64]],
    ]


def test_a_flexible_network_keeps_working_through_many_sizes(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours", input_wh=None, largest_wh=(256, 256))
    detector = OpenVinoDetector.load(folder, minimum_score=0.6)
    pictures = [
        paint_cells((256, height), red={(7, height // 32 - 1): 1.0}, blue={}) for height in range(32, 257, 32)
    ]
    found: list[Detections] = detect(detector, pictures)
    assert [each.xyxy.tolist() for each in found] == [
        [[224, picture.shape[0] - 32, 256, picture.shape[0]]] for picture in pictures
    ]


def test_without_metadata_the_named_class_counts(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours")
    (folder / "metadata.yaml").unlink()
    picture = paint_cells((128, 96), red={(0, 0): 1.0}, blue={(1, 0): 1.0})
    found = detect(OpenVinoDetector.load(folder, person_class=1), [picture])[0]
    assert found.xyxy[0].tolist() == [32, 0, 64, 32]


def test_metadata_says_which_class_is_a_person(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours", names={0: "chair", 1: "Person"})
    picture = paint_cells((128, 96), red={(0, 0): 1.0}, blue={(1, 0): 1.0})
    found = detect(OpenVinoDetector.load(folder / "colours.xml"), [picture])[0]
    assert found.xyxy.tolist() == [[32, 0, 64, 32]]


def test_a_compiled_network_is_kept_for_the_next_start(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours")
    OpenVinoDetector.load(folder, cache_folder=tmp_path / "cache").close()
    assert list((tmp_path / "cache").iterdir())


def lose_weights(folder: Path) -> Path:
    (folder / "colours.bin").unlink()
    return folder


def empty_weights(folder: Path) -> Path:
    (folder / "colours.bin").write_bytes(b"")
    return folder


def damage_description(folder: Path) -> Path:
    text = (folder / "colours.xml").read_text(encoding="utf-8")
    (folder / "colours.xml").write_text(text[: len(text) // 2], encoding="utf-8")
    return folder


def damage_weights(folder: Path) -> Path:
    (folder / "colours.bin").write_bytes(b"x")
    return folder


def damage_metadata(folder: Path) -> Path:
    (folder / "metadata.yaml").write_text("names: [", encoding="utf-8")
    return folder


def add_second_network(folder: Path) -> Path:
    (folder / "second.xml").write_text("<net/>", encoding="utf-8")
    return folder


def name_absent_folder(folder: Path) -> Path:
    return folder.parent / "absent"


def name_text_file(folder: Path) -> Path:
    (folder.parent / "notes.txt").write_text("hello", encoding="utf-8")
    return folder.parent / "notes.txt"


def name_checkpoint(folder: Path) -> Path:
    (folder.parent / "weights.pt").write_bytes(b"PK")
    return folder.parent / "weights.pt"


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (lose_weights, "lacks its weights colours.bin"),
        (empty_weights, "lacks its weights colours.bin"),
        (damage_description, "The model colours is damaged"),
        (damage_weights, "The model colours is damaged"),
        (damage_metadata, "metadata.yaml of the model colours cannot be parsed"),
        (add_second_network, "contains 2 files ending in .xml"),
        (name_absent_folder, "There is no model at"),
        (name_text_file, "notes.txt is not an OpenVINO model"),
        (name_checkpoint, "weights.pt is not an OpenVINO model"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, harm: object, sentence: str) -> None:
    assert callable(harm)
    path = harm(write_colour_detector(tmp_path / "colours"))
    with pytest.raises(ModelError) as caught:
        OpenVinoDetector.load(path)
    assert sentence in caught.value.problem
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("names", "task", "outputs", "sentence"),
    [
        ({0: "cat", 1: "dog"}, "detect", 1, "has no class 'person', only cat, dog"),
        ({0: "person", 1: "dog"}, "segment", 1, "made for 'segment' rather than for detection"),
        ({0: "person", 1: "dog"}, "detect", 2, "does not detect objects"),
        ({0: "person", 1: "dog", 2: "cat"}, "detect", 1, "does not detect objects"),
    ],
)
def test_models_of_another_purpose_are_refused(
    tmp_path: Path, names: dict[int, str], task: str, outputs: int, sentence: str
) -> None:
    folder = write_colour_detector(tmp_path / "colours", names=names, task=task, outputs=outputs)
    with pytest.raises(ModelError, match=sentence):
        OpenVinoDetector.load(folder)


def test_an_unknown_device_is_named_with_those_there_are(tmp_path: Path) -> None:
    folder = write_colour_detector(tmp_path / "colours")
    with pytest.raises(ModelError, match=r"no device GPU\.7 on this machine, only CPU"):
        OpenVinoDetector.load(folder, device="GPU.7")

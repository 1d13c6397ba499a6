"""Raw output becomes boxes of people, one per person, strongest first."""

from __future__ import annotations

import numpy as np
import pytest

from vision.detection.openvino_network import (
    MAX_PEOPLE,
    HeadKind,
    decode_dense,
    decode_end_to_end,
    recognise_head,
    suppress_overlaps,
)


@pytest.mark.parametrize(
    ("shape", "class_count", "expected"),
    [
        ((1, 84, 8400), 80, HeadKind.DENSE),
        ((1, 5, 8400), 1, HeadKind.DENSE),
        ((1, 84, 8400), None, HeadKind.DENSE),
        ((1, 300, 6), 80, HeadKind.END_TO_END),
        ((1, 300, 6), None, HeadKind.END_TO_END),
        ((1, 84, 8400), 3, None),
        ((1, 1000), 80, None),
        ((1, 8400, 84), None, None),
        ((1, 32, 160, 160), 80, None),
    ],
)
def test_heads_are_recognised_by_shape(
    shape: tuple[int, ...], class_count: int | None, expected: HeadKind | None
) -> None:
    assert recognise_head(shape, class_count) is expected


def dense(rows: list[tuple[float, ...]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array(rows, np.float32).T


def test_dense_boxes_are_centre_and_size() -> None:
    xyxy, score = decode_dense(
        dense([(50, 40, 20, 10, 0.5, 0.1), (200, 40, 20, 10, 0.9, 0.1)]),
        person_class=0,
        minimum_score=0.25,
        iou_threshold=0.7,
    )
    assert xyxy.tolist() == [[190, 35, 210, 45], [40, 35, 60, 45]]
    assert score.tolist() == pytest.approx([0.9, 0.5])


def test_dense_boxes_at_the_threshold_or_of_a_stronger_class_are_dropped() -> None:
    xyxy, score = decode_dense(
        dense([(50, 40, 20, 10, 0.25, 0.0), (90, 40, 20, 10, 0.5, 0.6), (99, 40, 20, 10, 0.1, 0.9)]),
        person_class=0,
        minimum_score=0.25,
        iou_threshold=0.7,
    )
    assert xyxy.shape == (0, 4)
    assert score.shape == (0,)


def test_a_network_with_one_class_has_no_rivals() -> None:
    xyxy, _ = decode_dense(
        dense([(50, 40, 20, 10, 0.5)]), person_class=0, minimum_score=0.1, iou_threshold=0.7
    )
    assert xyxy.tolist() == [[40, 35, 60, 45]]


def test_overlapping_boxes_leave_the_strongest() -> None:
    xyxy, score = decode_dense(
        dense([(51, 40, 20, 10, 0.5), (50, 40, 20, 10, 0.9), (60, 40, 20, 10, 0.4)]),
        person_class=0,
        minimum_score=0.1,
        iou_threshold=0.7,
    )
    assert score.tolist() == pytest.approx([0.9, 0.4])
    assert xyxy[:, 0].tolist() == [40, 50]


def test_no_more_than_the_limit_is_reported() -> None:
    rows = [(100.0 * index, 0.0, 10.0, 10.0, 0.5) for index in range(MAX_PEOPLE + 50)]
    xyxy, _ = decode_dense(dense(rows), person_class=0, minimum_score=0.1, iou_threshold=0.7)
    assert len(xyxy) == MAX_PEOPLE


def test_end_to_end_rows_are_taken_as_they_are() -> None:
    output = np.array(
        [[0, 0, 10, 20, 0.5, 0], [5, 5, 9, 9, 0.9, 0], [1, 1, 2, 2, 0.8, 1], [0, 0, 0, 0, 0.1, 0]], np.float32
    )
    xyxy, score = decode_end_to_end(output, person_class=0, minimum_score=0.1)
    assert xyxy.tolist() == [[5, 5, 9, 9], [0, 0, 10, 20]]
    assert score.tolist() == pytest.approx([0.9, 0.5])


def test_decoded_boxes_are_copies_of_the_networks_memory() -> None:
    output = np.array([[0, 0, 10, 20, 0.5, 0]], np.float32)
    raw = dense([(50, 40, 20, 10, 0.5)])
    one, one_score = decode_end_to_end(output, person_class=0, minimum_score=0.1)
    two, two_score = decode_dense(raw, person_class=0, minimum_score=0.1, iou_threshold=0.7)
    output[...] = raw[...] = 7
    assert one.tolist() == [[0, 0, 10, 20]]
    assert two.tolist() == [[40, 35, 60, 45]]
    assert one_score.tolist() == two_score.tolist() == [0.5]


def test_suppression_equals_a_plain_double_loop() -> None:
    rng = np.random.default_rng(3)
    corner = rng.uniform(0, 200, (300, 2))
    xyxy = np.hstack((corner, corner + rng.uniform(0, 60, (300, 2)))).astype(np.float32)
    kept: list[int] = []
    for index, box in enumerate(xyxy):
        if all(overlap(box, xyxy[other]) <= 0.5 for other in kept):
            kept.append(index)
    assert suppress_overlaps(xyxy, iou_threshold=0.5).tolist() == kept
    assert 0 < len(kept) < 300


def overlap(
    one: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    two: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> float:
    width = max(0.0, float(min(one[2], two[2]) - max(one[0], two[0])))
    height = max(0.0, float(min(one[3], two[3]) - max(one[1], two[1])))
    areas = [float((box[2] - box[0]) * (box[3] - box[1])) for box in (one, two)]
    return width * height / (sum(areas) - width * height)

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tools.training.hall_kinds import TRAINING_KINDS
from tools.training.rendered_dataset import write_dataset
from tools.training.training_batches import augment, make_batches


def marked_picture(box: tuple[int, int, int, int]) -> np.ndarray:
    picture = np.full((448, 768, 3), 20, np.uint8)
    x1, y1, x2, y2 = box
    picture[y1:y2, x1:x2] = 250
    return picture


@pytest.mark.parametrize("seed", range(12))
def test_augmented_boxes_still_enclose_the_person(seed: int) -> None:
    box = (300, 150, 400, 350)
    picture, boxes = augment(
        picture=marked_picture(box),
        boxes=np.array([[*box, 0.0]], np.float32),
        input_wh=(384, 224),
        rng=np.random.default_rng(seed),
    )
    assert picture.shape == (224, 384, 3)
    grey = picture.mean(axis=2)
    # padding is grey, the person nearly white
    bright = grey > grey.max() * 0.8
    rows, columns = np.nonzero(bright)
    if len(boxes):
        expected = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert boxes[0] == pytest.approx(expected, abs=2.5)
    else:
        assert bright.sum() < 5000


@pytest.mark.slow
def test_batches_have_the_expected_shapes_and_repeat(tmp_path: Path) -> None:
    write_dataset(tmp_path, kinds=TRAINING_KINDS, halls=3, pictures_per_hall=1, seed=0)
    cv2.imwrite(str(tmp_path / "999999.jpg"), np.full((448, 768, 3), 90, np.uint8))
    batches = make_batches(folders=(tmp_path,), size=4, input_wh=(384, 224), rng=np.random.default_rng(0))
    for _ in range(2):
        batch = next(batches)
        assert batch.pictures.shape == (4, 3, 224, 384)
        assert batch.pictures.dtype == np.float32
        assert 0.0 <= batch.pictures.min() < batch.pictures.max() <= 1.0
        assert len(batch.boxes) == len(batch.picture_of_box) > 0
        assert ((batch.boxes >= 0) & (batch.boxes <= 1)).all()
        assert set(batch.picture_of_box.tolist()) <= {0, 1, 2, 3}

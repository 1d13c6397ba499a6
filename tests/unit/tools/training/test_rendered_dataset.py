from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.training.hall_kinds import HELD_OUT_KINDS, TRAINING_KINDS, HallKind
from tools.training.rendered_dataset import RENDER_WH, read_dataset, render_pictures, write_dataset


@pytest.mark.parametrize("kind", TRAINING_KINDS + HELD_OUT_KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_hall_renders_labelled_pictures(kind: HallKind) -> None:
    labelled = render_pictures(kind=kind, pictures=3, rng=np.random.default_rng(8), size_wh=(384, 224))
    assert len(labelled) == 3
    assert sum(len(one.boxes) for one in labelled) > 0
    for one in labelled:
        assert one.picture.shape == (224, 384, 3)
        assert one.picture.std() > 5
        assert (one.boxes[:, :2] >= 0).all()
        assert (one.boxes[:, 2:4] <= (384, 224)).all()
        assert (one.boxes[:, 2:4] > one.boxes[:, :2]).all()
        assert ((one.boxes[:, 4] >= 0) & (one.boxes[:, 4] < 1)).all()


@pytest.mark.slow
def test_a_data_set_is_read_back_and_depends_on_the_seed(tmp_path: Path) -> None:
    progress: list[float] = []
    for name, seed in (("first", 4), ("again", 4), ("other", 5)):
        count = write_dataset(
            tmp_path / name,
            kinds=TRAINING_KINDS[:2],
            halls=2,
            pictures_per_hall=2,
            seed=seed,
            on_progress=progress.append,
        )
        assert count == 4
    assert progress[:2] == [0.5, 1.0]
    first, again, other = (read_dataset(tmp_path / name) for name in ("first", "again", "other"))
    assert sorted(first) == [f"{n:06d}.jpg" for n in range(4)]
    assert sum(len(boxes) for boxes in first.values()) > 0
    for name, boxes in first.items():
        np.testing.assert_array_equal(boxes, again[name])
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
        assert (boxes[:, 2] <= RENDER_WH[0]).all()
    assert any(not np.array_equal(first[name], other[name]) for name in first)

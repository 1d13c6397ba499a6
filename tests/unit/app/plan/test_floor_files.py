"""Point pairs of a file are judged as the camera's lens bends them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from analytics.domain.camera import PointPair
from analytics.domain.lens import Lens
from app.core.calibration_csv import write_calibration
from app.plan.edit_venue import check_pairs
from tests.support.halls.bent_views import SIZE_WH, VIEW
from tests.support.halls.live_venue import make_live_venue

LENS = Lens(-0.3)


def test_exact_pairs_of_a_bent_picture_have_no_error(tmp_path: Path) -> None:
    floor = np.array([(4, -3), (4, 3), (8, -5), (8, 5), (12, 0), (6, 1)], np.float64)
    straight = VIEW.project(np.column_stack([floor, np.zeros(len(floor))]))[:, :2]
    bent = LENS.in_picture(SIZE_WH).distort(straight)
    pairs = tuple(
        PointPair(*pixel, *place) for pixel, place in zip(bent.tolist(), floor.tolist(), strict=True)
    )
    venue = make_live_venue(tmp_path, 1)
    (entry,) = venue.cameras
    file = tmp_path / "pairs.csv"
    write_calibration(file, {entry.name: pairs})
    lensed = venue.with_camera(replace(entry, camera=replace(entry.camera, frame_size_wh=SIZE_WH, lens=LENS)))
    straightened = venue.with_camera(
        replace(entry, camera=replace(entry.camera, frame_size_wh=SIZE_WH, lens=None))
    )
    assert check_pairs(lensed, file).rms_m[entry.name] < 0.01
    assert check_pairs(straightened, file).rms_m[entry.name] > 0.05

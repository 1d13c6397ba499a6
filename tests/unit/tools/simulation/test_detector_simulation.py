from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tools.simulation.body_boxes import COLUMNS, ROWS
from tools.simulation.detector_simulation import (
    BodiesInFrame,
    DetectorErrors,
    DetectorSimulation,
    ReportedBoxes,
    compute_overlap,
)

SIZE_WH = (1920, 1080)
FLAWLESS = DetectorErrors(
    missed_share=0.0,
    bursts_per_s=0.0,
    bursts_per_s_cover=0.0,
    edge_sigma_parts=0.0,
    edge_sigma_px=0.0,
    guessed_feet_share=0.0,
    score_sigma=0.0,
    ghosts_per_s=0.0,
    banners_per_s=0.0,
    duplicates_per_s=0.0,
    merges_per_s=0.0,
)
"""What is left is the loss by cover."""
PLAIN = np.zeros(ROWS * COLUMNS, bool)
BOX = (100.0, 200.0, 180.0, 440.0)


def watch(
    errors: DetectorErrors,
    *,
    boxes: tuple[tuple[float, float, float, float], ...] = (BOX,),
    hidden: npt.NDArray[np.bool_] = PLAIN,
    distance_m: float = 6.0,
    duration_s: float = 20.0,
    fps: float = 5.0,
    banners: npt.NDArray[np.float64] | None = None,
    seed: int = 1,
) -> list[ReportedBoxes]:
    """People who never move."""
    count = len(boxes)
    detector = DetectorSimulation(
        errors=errors,
        size_wh=SIZE_WH,
        count=count,
        banners=np.empty((0, 4)) if banners is None else banners,
        rng=np.random.default_rng(seed),
    )
    return [
        detector.report(
            BodiesInFrame(
                frame / fps,
                np.arange(count),
                np.array(boxes),
                np.full(count, distance_m),
                np.tile(hidden, (count, 1)),
            )
        )
        for frame in range(round(duration_s * fps))
    ]


def test_a_flawless_detector_gives_the_exact_box_in_every_frame() -> None:
    for report in watch(FLAWLESS):
        assert report.xyxy.tolist() == [list(BOX)]
        assert report.number.tolist() == [0]


def test_people_in_front_hide_those_behind() -> None:
    before, behind = (100.0, 240.0, 200.0, 560.0), (100.0, 200.0, 180.0, 440.0)
    detector = DetectorSimulation(
        errors=FLAWLESS, size_wh=SIZE_WH, count=2, banners=np.empty((0, 4)), rng=np.random.default_rng(1)
    )
    found = np.zeros(2)
    for frame in range(200):
        report = detector.report(
            BodiesInFrame(
                frame / 5,
                np.arange(2),
                np.array([before, behind]),
                np.array([4.0, 6.0]),
                np.tile(PLAIN, (2, 1)),
            )
        )
        found[report.number] += 1
    assert found[0] == 200
    assert found[1] < 40


def test_the_same_seed_gives_the_same_boxes_and_another_seed_others() -> None:
    first, again, other = (watch(DetectorErrors(), seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a.xyxy, b.xyxy) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a.xyxy, b.xyxy) for a, b in zip(first, other, strict=True))


def test_overlap_is_intersection_over_union() -> None:
    boxes = np.array([(0.0, 0.0, 2.0, 2.0), (1.0, 0.0, 3.0, 2.0), (5.0, 5.0, 6.0, 6.0)])
    overlap = compute_overlap(boxes)
    assert overlap[0].tolist() == pytest.approx([1.0, 1 / 3, 0.0])

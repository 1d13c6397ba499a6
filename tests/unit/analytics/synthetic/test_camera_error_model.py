from __future__ import annotations

import numpy as np

from analytics.synthetic.camera_error_model import (
    COLUMNS,
    ROWS,
    CameraErrorModel,
    hide_behind_each_other,
    place_body_points,
    report_boxes,
)

PLAIN = np.array([[100.0, 100.0, 130.0, 190.0]])
EXACT = CameraErrorModel(
    detected_share=1.0, edge_sigma_parts=0.0, edge_sigma_px=0.0, score_sigma=0.0, ghosts_per_frame=0.0
)


def report(
    xyxy: np.ndarray, hidden: np.ndarray, model: CameraErrorModel, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    return report_boxes(
        xyxy=xyxy, hidden=hidden, size_wh=(640, 360), rng=np.random.default_rng(seed), model=model
    )


def test_without_errors_the_true_box_is_reported() -> None:
    boxes, score = report(PLAIN, np.zeros((1, ROWS * COLUMNS), bool), EXACT)

    np.testing.assert_allclose(boxes, PLAIN)
    assert score[0] == np.float32(EXACT.plain_score)


def test_a_body_hidden_from_the_hips_down_ends_where_it_is_seen() -> None:
    hidden = np.zeros((1, ROWS * COLUMNS), bool)
    hidden[0, ROWS * COLUMNS // 2 :] = True

    found = [report(PLAIN, hidden, EXACT, seed=seed) for seed in range(30)]

    boxes = np.vstack([boxes for boxes, _ in found])
    assert 10 < len(boxes) < 30, "half hidden: found now and then"
    np.testing.assert_allclose(boxes[:, 3], 145.0)
    np.testing.assert_allclose(boxes[:, 1], 100.0)


def test_who_is_hidden_wholly_is_never_reported() -> None:
    hidden = np.ones((1, ROWS * COLUMNS), bool)

    assert all(len(report(PLAIN, hidden, EXACT, seed=seed)[0]) == 0 for seed in range(50))


def test_the_nearer_person_hides_the_farther_one_and_not_the_other_way_round() -> None:
    xyxy = np.array([[100.0, 100.0, 130.0, 190.0], [98.0, 120.0, 134.0, 230.0], [400.0, 100.0, 430.0, 190.0]])

    hidden = hide_behind_each_other(
        xyxy=xyxy, distance_m=np.array([9.0, 6.0, 7.0]), points=place_body_points(xyxy)
    )

    assert hidden[0].mean() > 0.5
    assert not hidden[1:].any()


def test_misses_jitter_and_ghosts_have_the_rates_of_the_model() -> None:
    model = CameraErrorModel(ghosts_per_frame=0.2)
    rng = np.random.default_rng(1)
    hidden = np.zeros((1, ROWS * COLUMNS), bool)
    found, ghosts, left = 0, 0, []
    for _ in range(2000):
        boxes, score = report_boxes(xyxy=PLAIN, hidden=hidden, size_wh=(640, 360), rng=rng, model=model)
        assert (np.diff(score) <= 0).all()
        is_person = np.abs(boxes[:, 0] - 100) < 15
        found += int(is_person.any())
        ghosts += int((~is_person).sum())
        left += boxes[is_person, 0].tolist()

    assert abs(found / 2000 - model.detected_share) < 0.015
    assert abs(ghosts / 2000 - 0.2) < 0.03
    assert abs(np.std(left) - (model.edge_sigma_parts * 90 + model.edge_sigma_px)) < 0.25
    assert abs(np.mean(left) - 100) < 0.2

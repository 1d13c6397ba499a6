from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from vision.simulation.body_boxes import COLUMNS, ROWS
from vision.simulation.detector_simulation import (
    NOBODY,
    BodiesInFrame,
    DetectorErrors,
    DetectorSimulation,
    ReportedBoxes,
    compute_detection_chance,
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


def hide_from(row: int) -> npt.NDArray[np.bool_]:
    """Everything below the first rows is hidden."""
    return np.repeat(np.arange(ROWS) >= row, COLUMNS)


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


def find_sightings(reports: list[ReportedBoxes], count: int) -> npt.NDArray[np.bool_]:
    """Who is seen in which frame, shape (frames, count)."""
    seen = np.zeros((len(reports), count), bool)
    for frame, report in enumerate(reports):
        seen[frame, report.number[report.number != NOBODY]] = True
    return seen


def find_outages_s(seen: npt.NDArray[np.bool_], fps: float) -> npt.NDArray[np.float64]:
    """Lengths of the gaps between two sightings of anybody, without the frame's own interval."""
    gaps = np.concatenate([np.diff(np.nonzero(one)[0]) for one in seen.T])
    return np.asarray((gaps[gaps > 1] - 1) / fps, np.float64)


def test_a_flawless_detector_gives_the_exact_box_in_every_frame() -> None:
    for report in watch(FLAWLESS):
        assert report.xyxy.tolist() == [list(BOX)]
        assert report.number.tolist() == [0]


@pytest.mark.parametrize("missed", [0.0, 0.1, 0.4])
def test_in_plain_view_the_set_share_is_missed(missed: float) -> None:
    reports = watch(replace(FLAWLESS, missed_share=missed), boxes=(BOX,) * 50)
    assert find_sightings(reports, 50).mean() == pytest.approx(1 - missed, abs=0.02)


def test_outages_come_as_often_and_last_as_long_as_set() -> None:
    fps, people, duration_s = 12.0, 40, 40.0
    errors = replace(FLAWLESS, bursts_per_s=0.2, burst_median_s=1.0, burst_spread=0.5)
    seen = find_sightings(watch(errors, boxes=(BOX,) * people, fps=fps, duration_s=duration_s), people)
    lengths = find_outages_s(seen, fps)

    # between two outages are 5 s on average
    expected = people * duration_s / (1 / 0.2 + np.exp(0.5**2 / 2))
    assert len(lengths) == pytest.approx(expected, rel=0.15)
    assert np.median(lengths) == pytest.approx(1.0, abs=0.12)
    assert np.quantile(lengths, 0.9) == pytest.approx(np.exp(0.5 * 1.28), rel=0.2)


@pytest.mark.parametrize("fps", [2.0, 12.0])
def test_the_share_that_outages_cost_does_not_depend_on_the_frame_rate(fps: float) -> None:
    errors = replace(FLAWLESS, bursts_per_s=0.2, burst_median_s=1.5, burst_spread=0.4)
    seen = find_sightings(watch(errors, boxes=(BOX,) * 40, fps=fps, duration_s=40.0), 40)
    mean_s = 1.5 * np.exp(0.4**2 / 2)
    # after the first seconds, in which nobody has been lost yet
    assert 1 - seen[round(10 * fps) :].mean() == pytest.approx(mean_s / (mean_s + 5), abs=0.05)


def test_the_chance_falls_with_cover_and_rises_with_size() -> None:
    errors = DetectorErrors()
    cover = np.linspace(0, 1, 21)
    tall = np.full(21, 300.0)
    chance = compute_detection_chance(cover=cover, height_px=tall, errors=errors)
    assert (np.diff(chance) < 0).all()
    assert chance[0] == pytest.approx(1 - errors.missed_share)
    half = compute_detection_chance(
        cover=np.array([errors.half_missed_cover]), height_px=np.array([300.0]), errors=errors
    )
    assert half[0] == pytest.approx(0.5, abs=0.02)
    by_size = compute_detection_chance(cover=np.zeros(21), height_px=np.linspace(5, 60, 21), errors=errors)
    assert by_size[0] == 0
    assert (np.diff(by_size) >= 0).all()
    assert by_size[-1] == chance[0]


def test_what_stands_before_somebody_hides_them() -> None:
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


def test_a_box_ends_where_the_feet_are_hidden_unless_they_are_guessed() -> None:
    bottoms = {}
    for guessed in (0.0, 0.6):
        errors = replace(FLAWLESS, guessed_feet_share=guessed)
        reports = watch(errors, hidden=hide_from(6), duration_s=60.0)
        bottoms[guessed] = np.array([report.xyxy[0, 3] for report in reports if len(report.xyxy)])
    cut_at = BOX[1] + 6 / ROWS * (BOX[3] - BOX[1])
    assert bottoms[0.0].min() == pytest.approx(cut_at, abs=0.01)
    assert bottoms[0.0].mean() < bottoms[0.6].mean() < BOX[3]
    # it changes slowly, not from frame to frame
    assert np.abs(np.diff(bottoms[0.6])).mean() < bottoms[0.6].std()


def test_edges_err_more_far_away_and_partly_for_a_while() -> None:
    errors = replace(FLAWLESS, edge_sigma_parts=0.02, drift_share=0.5, drift_s=1.0)
    people, bottom = 40, 3
    spread, correlation = {}, {}
    for distance_m in (2.0, 15.0):
        reports = watch(errors, boxes=(BOX,) * people, distance_m=distance_m, duration_s=30.0)
        error = np.array([report.xyxy[np.argsort(report.number), bottom] for report in reports]) - BOX[bottom]
        spread[distance_m] = error.std()
        correlation[distance_m] = [(error[:-lag] * error[lag:]).mean() / error.var() for lag in (1, 25)]
    height = BOX[3] - BOX[1]
    assert spread[2.0] == pytest.approx(0.02 * height * (1 + 2 / errors.edge_sigma_doubles_m), rel=0.1)
    assert spread[15.0] == pytest.approx(0.02 * height * 2, rel=0.1)
    assert correlation[2.0][0] == pytest.approx(0.5 * np.exp(-0.2), abs=0.08)
    assert abs(correlation[2.0][1]) < 0.1


def test_scores_fall_with_cover_and_distance_and_low_ones_are_not_reported() -> None:
    def mean_score(hidden: npt.NDArray[np.bool_], distance_m: float) -> float:
        reports = watch(FLAWLESS, hidden=hidden, distance_m=distance_m)
        return float(np.mean([report.score[0] for report in reports if len(report.score)]))

    plain = mean_score(PLAIN, 4.0)
    assert mean_score(hide_from(4), 4.0) == pytest.approx(plain - 0.5 * FLAWLESS.hidden_score_loss, abs=1e-3)
    assert mean_score(PLAIN, 14.0) == pytest.approx(plain - FLAWLESS.distant_score_loss, abs=1e-3)
    assert all(len(report.score) == 0 for report in watch(replace(FLAWLESS, score_threshold=0.9)))


def test_boxes_of_nobody_come_at_the_set_rate() -> None:
    errors = replace(FLAWLESS, ghosts_per_s=2.0, ghost_s=0.4)
    reports = watch(errors, duration_s=120.0, fps=10.0)
    ghosts = np.array([(report.number == NOBODY).sum() for report in reports])
    assert ghosts.mean() == pytest.approx(2.0 * 0.4, rel=0.3)


def test_a_banner_is_taken_for_a_person_for_minutes_at_one_place() -> None:
    places = np.arange(40) * 45.0
    banners = np.column_stack([places, np.full(40, 300.0), places + 40, np.full(40, 420.0)])
    errors = replace(FLAWLESS, banners_per_s=0.01, banner_s=120.0, banner_share=0.8)
    reports = watch(errors, duration_s=500.0, fps=1.0, banners=banners)
    seen = np.zeros((500, 40), bool)
    for frame, report in enumerate(reports):
        boxes = report.xyxy[report.number == NOBODY]
        which = np.rint(boxes[:, 0] / 45).astype(int)
        assert np.abs(boxes - banners[which]).max(initial=0) < 10
        seen[frame, which] = True
    # on for 120 s, off for 100 s on average
    assert seen[200:].mean() == pytest.approx(0.8 * 120 / 220, abs=0.12)
    per_minute = seen[:480].reshape(8, 60, 40).mean(axis=1)
    # a minute is mostly wholly on or wholly off
    assert ((per_minute > 0.6) | (per_minute < 0.05)).mean() > 0.5


def test_now_and_then_a_person_has_two_boxes() -> None:
    errors = replace(FLAWLESS, duplicates_per_s=0.1, duplicate_s=0.5)
    reports = watch(errors, boxes=(BOX,) * 40, duration_s=60.0)
    extra = sum(len(report.number) - 40 for report in reports)
    assert extra / (40 * len(reports)) == pytest.approx(0.1 * 0.5, rel=0.25)
    # the true box has the better score
    assert all(len(set(report.number[:40].tolist())) == 40 for report in reports)


def test_two_who_overlap_are_reported_as_one_for_a_while() -> None:
    pair = (BOX, (120.0, 196.0, 200.0, 436.0))
    errors = replace(FLAWLESS, merges_per_s=0.3, merge_s=1.0, half_missed_cover=2.0)
    reports = watch(errors, boxes=pair, duration_s=200.0)
    merged = [report for report in reports if len(report.number) == 1]
    assert len(merged) / len(reports) == pytest.approx(0.3 / 1.3, abs=0.1)
    assert merged[0].xyxy[0].tolist() == [100.0, 196.0, 200.0, 440.0]
    apart = watch(errors, boxes=(BOX, (400.0, 200.0, 480.0, 440.0)))
    assert all(len(report.number) == 2 for report in apart)


def test_the_same_seed_gives_the_same_boxes_and_another_seed_others() -> None:
    first, again, other = (watch(DetectorErrors(), seed=seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a.xyxy, b.xyxy) for a, b in zip(first, again, strict=True))
    assert any(not np.array_equal(a.xyxy, b.xyxy) for a, b in zip(first, other, strict=True))


def test_nobody_before_the_camera_is_a_frame_without_boxes() -> None:
    reports = watch(FLAWLESS, boxes=(BOX,), hidden=np.ones(ROWS * COLUMNS, bool), duration_s=2.0)
    assert [len(report.score) for report in reports] == [0] * 10


def test_overlap_is_intersection_over_union() -> None:
    boxes = np.array([(0.0, 0.0, 2.0, 2.0), (1.0, 0.0, 3.0, 2.0), (5.0, 5.0, 6.0, 6.0)])
    overlap = compute_overlap(boxes)
    assert overlap[0].tolist() == pytest.approx([1.0, 1 / 3, 0.0])

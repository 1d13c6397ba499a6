from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_plan import (
    MAX_CLIPS,
    PRIOR_CLIPS,
    PRIOR_ERROR_VARIANCE,
    PRIOR_SPREAD,
    ClipPlan,
    allocate_clips,
    learn_spread,
    plan_clips,
)
from analytics.evaluation.clip_strata import Crowding, Stratum, StratumLoad
from analytics.evaluation.stratified_ratio import estimate_ratio
from tests.support.reports.labelled_clips import MINUTES, KnownHall, make_known_hall


def label_as_planned(hall: KnownHall, rng: np.random.Generator) -> tuple[int, float, float, bool]:
    """Label what the plan asks for, plan again with what was seen, until it asks for no more.

    Returns:
        Clips, half width, error, and whether the interval holds the truth.
    """
    order = [rng.permutation(MINUTES) for _ in hall.loads]
    events = {load.stratum: load.crossings_per_min for load in hall.loads}
    wanted = count(plan_clips(hall.loads, events_per_min=events))
    for _ in range(6):
        totals = hall.label([minutes[:n] for minutes, n in zip(order, wanted, strict=True)])
        score = estimate_ratio(totals)
        assert score.value is not None
        assert score.interval is not None
        spread = learn_spread(
            found=totals.found,
            true=totals.true,
            stratum=totals.stratum,
            ratio=score.value,
            prior=PRIOR_SPREAD,
        )
        more = np.maximum(wanted, count(plan_clips(hall.loads, events_per_min=events, spread=spread)))
        if (more == wanted).all():
            break
        wanted = more
    low, high = score.interval
    return int(wanted.sum()), (high - low) / 2, score.value - hall.ratio, low <= hall.ratio <= high


def count(plan: ClipPlan) -> np.ndarray:
    return np.array([stratum.clips for stratum in plan.strata])


@pytest.mark.parametrize(
    ("missed", "doubled"), [(0.08, 0.05), pytest.param(0.15, 0.10, marks=pytest.mark.slow)]
)
def test_the_promised_minutes_give_the_promised_interval(missed: float, doubled: float) -> None:
    runs = []
    for seed in range(120):
        rng = np.random.default_rng(seed)
        runs.append(label_as_planned(make_known_hall(rng, missed=missed, doubled=doubled), rng))
    clips, half_width, error, holds = (np.array(column) for column in zip(*runs, strict=True))
    assert 0.90 <= holds.mean() <= 0.98
    assert half_width.mean() <= 0.055
    assert (np.abs(error) <= 0.05).mean() >= 0.90
    assert clips.mean() < 48 * MINUTES / 30  # far less than to look at everything


def test_a_better_system_needs_less_labelling() -> None:
    needed = []
    for missed, doubled in ((0.02, 0.01), (0.15, 0.10)):
        rng = np.random.default_rng(1)
        needed.append(label_as_planned(make_known_hall(rng, missed=missed, doubled=doubled), rng)[0])
    assert needed[0] < needed[1] / 2


def make_load(camera: str, hour: int, seconds: float, rate: float) -> StratumLoad:
    return StratumLoad(Stratum(CameraId(camera), hour, Crowding.LOW), seconds, 3.0, rate)


def test_clips_go_where_there_is_more_to_count() -> None:
    loads = [make_load("quiet", 9, 36000, 1.0), make_load("busy", 9, 36000, 16.0)]
    plan = plan_clips(loads, events_per_min={load.stratum: load.crossings_per_min for load in loads})
    quiet, busy = (stratum.clips for stratum in plan.strata)
    # Neyman: in proportion to the root of the rate
    assert busy / quiet == pytest.approx(4.0, rel=0.25)
    assert plan.is_reachable


def test_a_narrower_interval_needs_more() -> None:
    loads = [make_load("cam", 9, 360000, 5.0)]
    events = {loads[0].stratum: 5.0}
    wide, narrow = (plan_clips(loads, events_per_min=events, margin=m).clips for m in (0.05, 0.025))
    assert narrow / wide == pytest.approx(4.0, rel=0.2)
    # 1.96² times the variance of an event over the margin squared, in events, at 5 events a clip
    assert wide == pytest.approx(1.96**2 * PRIOR_ERROR_VARIANCE / 0.05**2 / 5, rel=0.1)


def test_what_cannot_be_reached_is_said() -> None:
    loads = [make_load("cam", 9, 3600, 0.2)]
    events = {loads[0].stratum: 0.2}
    plan = plan_clips(loads, events_per_min=events, margin=0.005)
    assert plan.clips == MAX_CLIPS
    assert not plan.is_reachable
    assert plan.margin is not None
    # what so many clips give
    assert plan.margin == pytest.approx(1.96 * np.sqrt(PRIOR_ERROR_VARIANCE / (0.2 * MAX_CLIPS)), rel=0.01)


def test_a_short_history_is_no_limit() -> None:
    hour, week = ([make_load("cam", 9, seconds, 5.0)] for seconds in (3600, 5 * 3600))
    short, long = (plan_clips(loads, events_per_min={loads[0].stratum: 5.0}) for loads in (hour, week))
    assert short.clips == long.clips


def test_without_events_there_is_no_plan() -> None:
    plan = plan_clips([make_load("cam", 9, 3600, 0.0)], events_per_min={})
    assert plan.margin is None
    assert plan.clips == 0
    assert not plan.is_reachable


def test_allocation_shares_out_every_clip() -> None:
    size, deviation = np.array([10.0, 30.0, 60.0]), np.array([2.0, 1.0, 0.5])
    assert allocate_clips(size, deviation, 8).tolist() == [2, 3, 3]
    for clips in range(1, 40):
        assert allocate_clips(size, deviation, clips).sum() == clips


def test_what_was_seen_replaces_the_assumption() -> None:
    rng = np.random.default_rng(0)
    true = rng.poisson(8.0, 400).astype(float)
    found = true + rng.normal(0.0, np.sqrt(8.0 * 0.6), 400)
    spread = learn_spread(
        found=found, true=true, stratum=np.zeros(400, np.int64), ratio=1.0, prior=PRIOR_SPREAD
    )
    assert spread.variance_per_event == pytest.approx(0.6, rel=0.15)
    few = learn_spread(
        found=true[:3], true=true[:3], stratum=np.zeros(3, np.int64), ratio=1.0, prior=PRIOR_SPREAD
    )
    assert few.variance_per_event == pytest.approx(PRIOR_ERROR_VARIANCE * PRIOR_CLIPS / (PRIOR_CLIPS + 2))

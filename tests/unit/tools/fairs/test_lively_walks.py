from __future__ import annotations

import numpy as np
import pytest
import shapely
from scipy.spatial import cKDTree

from analytics.domain.arrays import FloatArray, IntArray
from tools.fairs.fair_hall import COFFEE, STAGE, FairHall, build_hall, draw_design
from tools.fairs.fair_itineraries import DayWalks, FairDay, VisitorHabits
from tools.fairs.fair_programme import FairProgramme, Talk
from tools.fairs.itinerary_tracks import track_walks
from tools.fairs.lively_walks import draw_bodies, sample_lively_crowd
from tools.simulation.crowd.crowd_samples import CrowdSamples

FPS, FRAMES = 5.0, 12_000
TALK = Talk(900.0, 1500.0)


@pytest.fixture(scope="module")
def hall() -> FairHall:
    return build_hall(draw_design(np.random.default_rng(4)))


@pytest.fixture(scope="module")
def walks(hall: FairHall) -> DayWalks:
    programme = FairProgramme(
        open_s=2400.0, visitors=150.0, talks=(TALK,), pulls={COFFEE: 6.0}, served_s=40.0, passage_per_s=0.35
    )
    return FairDay(hall, programme, VisitorHabits(), np.random.default_rng(4)).run()


def sample(walks: DayWalks, hall: FairHall) -> CrowdSamples:
    return sample_lively_crowd(walks, hall, frames=FRAMES, fps=FPS, random=np.random.default_rng(5))


@pytest.fixture(scope="module")
def crowd(walks: DayWalks, hall: FairHall) -> CrowdSamples:
    return sample(walks, hall)


def count_too_near(frame: IntArray, xy_m: FloatArray, *, below_m: float) -> int:
    """Count pairs in every tenth frame."""
    borders = np.searchsorted(frame, np.arange(FRAMES + 1))
    return sum(
        len(cKDTree(xy_m[begin:end]).query_pairs(below_m))
        for begin, end in zip(borders[:-1:10].tolist(), borders[1::10].tolist(), strict=True)
        if end > begin
    )


def follow(crowd: CrowdSamples, person: int, from_s: float, until_s: float) -> FloatArray:
    time_s = crowd.times_s[crowd.frame]
    rows = (crowd.visitor == person) & (time_s >= from_s) & (time_s <= until_s)
    return np.asarray(crowd.xy_m[rows], np.float64)


def test_people_keep_apart_where_their_ways_meet(walks: DayWalks, crowd: CrowdSamples) -> None:
    plain = track_walks(
        walks, interval_s=1 / FPS, position_error_m=0.0, random=np.random.default_rng(0)
    ).tracks
    frame = np.round(plain["time_s"].to_numpy() * FPS).astype(np.int64)
    xy_m = plain[["x_m", "y_m"]].to_numpy(np.float64)
    before = count_too_near(frame[frame < FRAMES], xy_m[frame < FRAMES], below_m=0.35)
    after = count_too_near(crowd.frame, crowd.xy_m, below_m=0.35)
    assert before > 500
    assert after < before / 20


def test_nobody_jumps_or_walks_through_a_stand(hall: FairHall, crowd: CrowdSamples) -> None:
    order = np.lexsort((crowd.frame, crowd.visitor))
    same = (np.diff(crowd.visitor[order]) == 0) & (np.diff(crowd.frame[order]) == 1)
    speed_m_s = np.hypot(*np.diff(crowd.xy_m[order], axis=0).T)[same] * FPS
    assert np.quantile(speed_m_s, 0.999) < 2.0
    assert speed_m_s.max() < 4.0
    blocked = shapely.union_all([shapely.box(*item.footprint) for item in hall.furniture])
    assert shapely.contains_xy(blocked, *crowd.xy_m.T).mean() < 0.001


def test_who_stands_sways_and_steps_aside_and_who_sits_stays(
    hall: FairHall, walks: DayWalks, crowd: CrowdSamples
) -> None:
    standing: list[float] = []
    sitting: list[float] = []
    for person, stand, from_s, until_s in walks.stays.tolist():
        name = hall.stands[int(stand)].name
        if name == COFFEE or until_s - from_s < 120.0 or until_s > FRAMES / FPS:
            continue
        own = follow(crowd, int(person), from_s + 20.0, until_s - 5.0)
        (sitting if name == STAGE else standing).append(float(own.std(axis=0).max()))
    assert len(standing) > 20
    assert len(sitting) > 10
    assert 0.1 < np.median(standing) < 0.5
    assert 0.01 < np.median(sitting) < 0.1


def test_seats_at_the_stage_are_taken_once(hall: FairHall, walks: DayWalks, crowd: CrowdSamples) -> None:
    stage = hall.find_stand(STAGE)
    seated = [
        int(person)
        for person, stand, from_s, until_s in walks.stays.tolist()
        if int(stand) == stage and from_s < 1100.0 and until_s > 1300.0
    ]
    places = np.array([follow(crowd, person, 1200.0, 1200.2)[0] for person in seated])
    assert len(places) > 10
    assert not cKDTree(places).query_pairs(0.6)


def test_queue_steps_up_one_after_the_other(hall: FairHall, walks: DayWalks, crowd: CrowdSamples) -> None:
    coffee = hall.find_stand(COFFEE)
    waits = [stay for stay in walks.stays.tolist() if int(stay[1]) == coffee and stay[3] < FRAMES / FPS]
    apart = []
    for _, _, _, until_s in waits:
        # who waited with them begins to move after the head has gone
        others = [o for o in waits if o[2] < until_s - 10.0 and o[3] > until_s + 15.0]
        if len({o[0] for o in others}) < 2:
            continue
        starts = []
        for other in others:
            way = follow(crowd, int(other[0]), until_s - 0.4, until_s + 12.0)
            moved = np.flatnonzero(np.hypot(*(way - way[0]).T) > 0.35)
            if len(moved):
                starts.append(moved[0] / FPS)
        if len(starts) > 1:
            apart.append(max(starts) - min(starts))
    assert len(apart) > 5
    assert np.median(apart) > 0.5


def test_same_day_twice_is_the_same(walks: DayWalks, hall: FairHall, crowd: CrowdSamples) -> None:
    again = sample(walks, hall)
    assert np.array_equal(again.xy_m, crowd.xy_m)
    assert np.array_equal(again.visitor, crowd.visitor)


def test_some_bodies_are_children_s_and_some_carry_bags() -> None:
    bodies = draw_bodies(5000, np.random.default_rng(1))
    assert 0.02 < (bodies.height_m < 1.45).mean() < 0.08
    assert 1.6 < np.median(bodies.height_m) < 1.8
    wide = bodies.half_width_m > 0.31
    assert 0.1 < wide.mean() < 0.35

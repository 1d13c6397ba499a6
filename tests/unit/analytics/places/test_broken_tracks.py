"""Estimates from itineraries that break at random on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.domain.arrays import FloatArray, IntArray
from analytics.places.choice_model import fit_choice_model
from analytics.places.itineraries import UNKNOWN, Itineraries, measure_losses
from analytics.places.layout import measure_ways
from analytics.places.location_effect import GROUPS, Marks, expect_share
from tests.support.halls.choosing_visitors import STANDS, make_rows, walk

WALKING_PER_S, STAYING_PER_S = 0.02, 0.004
BETA_PER_M = 0.12
LEAST_STAY_S = 3.0
"""What is left of a stay by a break, and shorter, is no visit."""


def break_itineraries(
    whole: Itineraries, rng: np.random.Generator, *, walking_per_s: float, staying_per_s: float
) -> Itineraries:
    """Return itineraries whose visitors are lost at random, and go on as others.

    Args:
        walking_per_s, staying_per_s: breaks per second of walking, and of a stop.
    """
    begins_s, lasts_s = whole.start_utc_s, whole.end_utc_s - whole.start_utc_s
    apart_s = float(whole.end_utc_s.max() - begins_s.min()) + 1.0

    def order(visitor: IntArray, utc_s: FloatArray) -> FloatArray:
        return visitor * apart_s + utc_s - begins_s.min()

    most_per_s = max(walking_per_s, staying_per_s)
    lost = np.repeat(np.arange(len(whole)), rng.poisson(most_per_s * lasts_s))
    lost_s = begins_s[lost] + rng.random(len(lost)) * lasts_s[lost]
    stops, of_step = np.flatnonzero(whole.stopped), whole.visitor
    latest = np.searchsorted(order(of_step[stops], whole.entered_utc_s[stops]), order(lost, lost_s)) - 1
    latest = stops[np.maximum(latest, 0)]
    stands = (of_step[latest] == lost) & (whole.entered_utc_s[latest] < lost_s)
    stands &= lost_s < whole.left_utc_s[latest]
    kept = rng.random(len(lost)) * most_per_s < np.where(stands, staying_per_s, walking_per_s)
    who, from_s = np.append(np.arange(len(whole)), lost[kept]), np.append(begins_s, lost_s[kept])
    by_time = np.lexsort((from_s, who))
    who, from_s = who[by_time], from_s[by_time]
    is_first, is_last = np.diff(who, prepend=-1) > 0, np.diff(who, append=len(whole)) > 0
    until_s = np.where(is_last, whole.end_utc_s[who], np.append(from_s[1:], 0.0))
    # a stay belongs to each part that it overlaps
    parts = order(who, from_s)
    one = np.searchsorted(parts, order(of_step, whole.entered_utc_s), side="right") - 1
    other = np.searchsorted(parts, order(of_step, whole.left_utc_s)) - 1
    count = np.maximum(other - one, 0) + 1
    step = np.repeat(np.arange(len(of_step)), count)
    part = one[step] + np.arange(len(step)) - np.repeat(np.cumsum(count) - count, count)
    entered_s = np.maximum(whole.entered_utc_s[step], from_s[part])
    left_s = np.minimum(whole.left_utc_s[step], until_s[part])
    stays = (count[step] == 1) | (left_s - entered_s >= LEAST_STAY_S)
    step, part = step[stays], part[stays]
    return replace(
        whole,
        first=np.append(0, np.cumsum(np.bincount(part, minlength=len(who)))),
        zone=whole.zone[step],
        entered_utc_s=entered_s[stays],
        left_utc_s=left_s[stays],
        stopped=whole.stopped[step],
        start_utc_s=from_s,
        end_utc_s=until_s,
        is_start_seen=whole.is_start_seen[who] & is_first,
        is_end_seen=whole.is_end_seen[who] & is_last,
        entrance=np.where(is_first | (len(whole.entrances) == 1), whole.entrance[who], UNKNOWN),
    )


def break_whole(whole: Itineraries) -> Itineraries:
    rng = np.random.default_rng(7)
    return break_itineraries(whole, rng, walking_per_s=WALKING_PER_S, staying_per_s=STAYING_PER_S)


def test_the_resistance_of_a_metre_comes_back_from_tracks_that_break_on_the_way() -> None:
    layout = make_rows()
    whole = walk(layout, visitors=3000, seed=1, beta=BETA_PER_M)
    broken = break_whole(whole)
    assert np.mean(broken.is_start_seen) < 0.5
    walking_per_s, staying_per_s = measure_losses(broken)
    assert walking_per_s == pytest.approx(WALKING_PER_S, rel=0.1)
    assert staying_per_s == pytest.approx(STAYING_PER_S, rel=0.1)
    model = fit_choice_model(broken, layout)
    error: FloatArray = np.sqrt(np.diag(model.covariance))[STANDS:]
    assert model.beta_per_m == pytest.approx(BETA_PER_M, abs=2 * error[0])
    biased_per_m = model.beta_per_m + walking_per_s / model.walking_m_s
    assert biased_per_m > BETA_PER_M + 4 * error[0]
    assert measure_losses(whole) == (0.0, 0.0)


def test_stands_far_apart_share_as_many_visitors_when_tracks_break_on_the_way() -> None:
    layout = make_rows()
    whole = walk(layout, visitors=3000, seed=3, listed=5)
    broken = break_whole(whole)
    is_far = measure_ways(layout).distance_m[:STANDS, :STANDS] > 25.0

    def count(itineraries: Itineraries) -> tuple[float, float]:
        pairs, _ = Marks(itineraries, list(whole.zones)).count_pairs(np.arange(len(itineraries)) % GROUPS)
        stops = pairs.sum(axis=0)[0]
        return float(stops.sum()), float(stops[is_far].sum())

    assert count(broken) == pytest.approx(count(whole), rel=0.1)


def test_a_share_that_a_small_hall_hardly_shows_is_neither_none_nor_all() -> None:
    assert expect_share(0.3, 0.02) == pytest.approx((0.3, 0.02), abs=0.001)
    for found in (4.8, -4.8):
        mean, error = expect_share(found, 6.0)
        assert 0.3 < mean < 0.7
        assert error > 0.25

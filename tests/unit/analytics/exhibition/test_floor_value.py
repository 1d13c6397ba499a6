"""Fair rents with intervals from blocks, by hand and by simulation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from analytics.domain.arrays import FloatArray
from analytics.exhibition.floor_value import estimate_stand_values, find_common_time
from analytics.exhibition.stand_value import PriceVerdict, StandValue

AREAS_M2 = {"a": 10.0, "b": 20.0, "c": 30.0}
HOUR_S = 3600.0


def value(
    values: Mapping[str, FloatArray], rents: Mapping[str, float], *, show_s: float | None = None
) -> dict[str, StandValue]:
    """Value stands over one day of fully observed hours."""
    count = len(next(iter(values.values())))
    return estimate_stand_values(
        values=values,
        seconds=np.full(count, HOUR_S),
        days=np.zeros(count, np.int64),
        rents=rents,
        areas_m2=AREAS_M2,
        blocks=np.arange(count),
        block_s=HOUR_S,
        show_s=show_s,
    )


def test_the_total_rent_is_divided_by_value() -> None:
    found = value(
        {name: np.full(6, each) for name, each in (("a", 10.0), ("b", 30.0), ("c", 20.0))},
        {"a": 1000.0, "b": 1000.0},
        show_s=12 * HOUR_S,
    )
    assert found["a"].fair_rent.value == pytest.approx(500.0)
    assert found["b"].fair_rent.value == pytest.approx(1500.0)
    assert found["b"].fair_price_m2.value == pytest.approx(75.0)
    # half of the show's rent, for 60 visitors
    assert found["a"].cost == pytest.approx(500.0 / 60.0)
    assert found["a"].verdict is PriceVerdict.DEAR
    assert found["b"].verdict is PriceVerdict.CHEAP
    # at the same price for its value, though it pays nothing
    assert found["c"].fair_rent.value == pytest.approx(1000.0)
    assert found["c"].verdict is PriceVerdict.UNKNOWN
    assert found["c"].cost is None


def test_few_blocks_give_no_interval() -> None:
    found = value({"a": np.array([5.0, 6.0]), "b": np.array([15.0, 16.0])}, {"a": 1000.0, "b": 1000.0})
    assert found["a"].fair_rent.value is not None
    assert found["a"].fair_rent.interval is None
    assert {one.verdict for one in found.values()} == {PriceVerdict.UNKNOWN}
    assert found["a"].cost is None


def test_without_observation_or_rent_there_is_no_price() -> None:
    unseen = value({"a": np.zeros(6), "b": np.zeros(6)}, {"a": 1.0, "b": 1.0}, show_s=6 * HOUR_S)
    assert unseen["a"].fair_rent.value is None
    free = value({"a": np.ones(6)}, {}, show_s=6 * HOUR_S)
    assert free["a"].fair_rent.value is None


def test_the_interval_contains_the_true_value() -> None:
    """Simulate hourly visitors with a common variation of a fifth."""
    random, held, runs = np.random.default_rng(5), 0, 400
    for _ in range(runs):
        hours = random.lognormal(0.0, 0.2, 24)
        found = value(
            {
                "a": random.poisson(20 * hours).astype(float),
                "b": random.poisson(60 * hours).astype(float),
            },
            {"a": 1000.0, "b": 1000.0},
        )
        limits = found["a"].fair_rent.interval
        assert limits is not None
        held += limits[0] <= 500.0 <= limits[1]
    assert 0.92 <= held / runs <= 0.98


def test_a_day_counts_by_its_counted_hours() -> None:
    # four hours of few visitors, eight of three times as many, and an hour that was not observed alike
    seconds = np.append(np.full(12, HOUR_S), 0.0)
    days = np.array([0] * 4 + [1] * 9)
    found = estimate_stand_values(
        values={
            "a": np.array([10.0] * 4 + [15.0] * 8 + [999.0]),
            "b": np.array([10.0] * 4 + [45.0] * 8 + [0.0]),
        },
        seconds=seconds,
        days=days,
        rents={"a": 1000.0, "b": 2000.0},
        areas_m2=AREAS_M2,
        blocks=np.arange(13),
        block_s=HOUR_S,
        show_s=24 * HOUR_S,
    )
    # half of the rent of a third of the hours, and a quarter of the rest
    assert found["a"].fair_rent.value == pytest.approx(3000.0 * (0.5 * 4 + 0.25 * 8) / 12)
    # each day is as steady as can be: what differs between days is no chance
    assert found["a"].fair_rent.interval == pytest.approx((1000.0, 1000.0))
    assert found["a"].cost == pytest.approx(1000.0 * 12 / 24 / (10 * 4 + 15 * 8))


def test_stands_are_compared_in_their_common_time() -> None:
    observed_s = np.array(
        [
            [300.0] * 10,
            [300.0] * 8 + [0.0, 100.0],
            [300.0] * 5 + [0.0] * 5,
            # a corner that no camera sees is the same in every step
            [250.0] * 10,
        ]
    )
    found = find_common_time(observed_s)
    assert found.is_compared.tolist() == [True, True, False, True]
    assert found.seconds.tolist() == [300.0] * 8 + [0.0, 0.0]


def test_a_lone_camera_at_night_excludes_no_stand() -> None:
    observed_s = np.zeros((4, 24))
    observed_s[:, 10:18] = 300.0
    observed_s[0] = 300.0
    found = find_common_time(observed_s)
    assert found.is_compared.all()
    assert found.seconds.nonzero()[0].tolist() == list(range(10, 18))


def test_without_common_time_there_is_no_result() -> None:
    found = find_common_time(np.zeros((2, 5)))
    assert not found.is_compared.any()
    assert not found.seconds.any()
    apart = np.full((6, 6), 300.0)
    np.fill_diagonal(apart, 0.0)
    common = find_common_time(apart)
    assert common.is_compared.all()
    assert not common.seconds.any()
    told = estimate_stand_values(
        values={"a": np.ones(6), "b": np.ones(6)},
        seconds=common.seconds,
        days=np.zeros(6, np.int64),
        rents={"a": 1.0, "b": 1.0},
        areas_m2=AREAS_M2,
        blocks=np.arange(6),
        block_s=HOUR_S,
        show_s=None,
    )
    assert told["a"].fair_rent.value is None
    assert told["a"].verdict is PriceVerdict.UNKNOWN

"""Fair rents: shared out by what stands have, with an interval from blocks, by hand and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.metrics.block_ratio import BlockSettings, PeriodBlocks, make_period_blocks
from analytics.metrics.floor_value import PriceVerdict, value_stands

AREAS_M2 = {"a": 10.0, "b": 20.0, "c": 30.0}


def make_blocks(count: int) -> PeriodBlocks:
    settings = BlockSettings(block_s=3600.0, wanted_blocks=1)
    return make_period_blocks(period_s=(0.0, 3600.0 * count), observed=None, settings=settings)


def test_the_total_rent_is_shared_out_by_value() -> None:
    found = value_stands(
        values={name: np.full(6, each) for name, each in (("a", 10.0), ("b", 30.0), ("c", 20.0))},
        rents={"a": 1000.0, "b": 1000.0},
        areas_m2=AREAS_M2,
        blocks=make_blocks(6),
        share_of_show=0.5,
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


def test_few_blocks_and_unknown_shows_prove_nothing() -> None:
    found = value_stands(
        values={"a": np.array([5.0, 6.0]), "b": np.array([15.0, 16.0])},
        rents={"a": 1000.0, "b": 1000.0},
        areas_m2=AREAS_M2,
        blocks=make_blocks(2),
        share_of_show=None,
    )
    assert found["a"].fair_rent.value is not None
    assert found["a"].fair_rent.interval is None
    assert {one.verdict for one in found.values()} == {PriceVerdict.UNKNOWN}
    assert found["a"].cost is None


def test_nothing_seen_or_nothing_paid_gives_no_price() -> None:
    blocks = make_blocks(6)
    unseen = value_stands(
        values={"a": np.zeros(6), "b": np.zeros(6)},
        rents={"a": 1.0, "b": 1.0},
        areas_m2=AREAS_M2,
        blocks=blocks,
        share_of_show=1.0,
    )
    assert unseen["a"].fair_rent.value is None
    free = value_stands(
        values={"a": np.ones(6)}, rents={}, areas_m2=AREAS_M2, blocks=blocks, share_of_show=1.0
    )
    assert free["a"].fair_rent.value is None


def test_the_interval_holds_the_truth() -> None:
    """Visitors by the hour are not independent: their number swings by a fifth, both stands alike."""
    random, held, runs = np.random.default_rng(5), 0, 400
    blocks = make_blocks(24)
    for _ in range(runs):
        hours = random.lognormal(0.0, 0.2, 24)
        found = value_stands(
            values={
                "a": random.poisson(20 * hours).astype(float),
                "b": random.poisson(60 * hours).astype(float),
            },
            rents={"a": 1000.0, "b": 1000.0},
            areas_m2=AREAS_M2,
            blocks=blocks,
            share_of_show=1.0,
        )
        limits = found["a"].fair_rent.interval
        assert limits is not None
        held += limits[0] <= 500.0 <= limits[1]
    assert 0.92 <= held / runs <= 0.98

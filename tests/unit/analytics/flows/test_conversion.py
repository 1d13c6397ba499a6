"""Conversions by hand: hours shared out over blocks, visits without a sale, and counts of a door."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.external_count import ExternalCount
from analytics.flows.conversion import count_in_blocks, estimate_agreement, estimate_conversion
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks

BLOCKS = make_period_blocks(
    period_s=(0.0, 7200.0), observed=None, settings=BlockSettings(block_s=600.0, wanted_blocks=1)
)


def test_an_hours_count_belongs_to_all_of_its_blocks() -> None:
    counts = [ExternalCount(0.0, 3600.0, None, 12.0), ExternalCount(6900.0, 7500.0, None, 4.0)]
    np.testing.assert_allclose(count_in_blocks(counts, BLOCKS), [*[2.0] * 6, *[0.0] * 5, 2.0])
    assert count_in_blocks([ExternalCount(5.0, 5.0, None, 3.0)], BLOCKS).sum() == 0


def test_sales_without_observation_are_ignored() -> None:
    blocks = make_period_blocks(
        period_s=(0.0, 7200.0),
        observed=np.array([[0.0, 3600.0]]),
        settings=BlockSettings(block_s=600.0, wanted_blocks=1),
    )
    hours = [ExternalCount(0.0, 3600.0, None, 12.0), ExternalCount(3600.0, 7200.0, None, 50.0)]
    visits_s = np.arange(30.0, 3600.0, 60.0)
    assert count_in_blocks(hours, blocks).sum() == pytest.approx(12.0)
    found = estimate_conversion(counts=hours, came=blocks.count(visits_s), blocks=blocks)
    assert found.value == pytest.approx(12 / 60)
    whole = [ExternalCount(0.0, 7200.0, None, 60.0)]
    assert count_in_blocks(whole, blocks).sum() == pytest.approx(60.0)


def test_conversion_is_the_external_count_per_visit() -> None:
    visits = BLOCKS.count(np.arange(30.0, 7200.0, 60.0))
    found = estimate_conversion(counts=[ExternalCount(0.0, 7200.0, "A", 30.0)], came=visits, blocks=BLOCKS)
    assert found.value == pytest.approx(0.25)
    assert found.interval == pytest.approx((0.25, 0.25))
    assert estimate_conversion(counts=[], came=visits, blocks=BLOCKS).value == 0.0
    assert estimate_conversion(counts=[], came=0 * visits, blocks=BLOCKS).value is None


def test_agreement_compares_our_count_with_the_doors() -> None:
    random = np.random.default_rng(1)
    came = BLOCKS.count(np.sort(random.uniform(0, 7200, 190)))
    counts = [
        ExternalCount(start, start + 600.0, None, float(random.poisson(16.7)))
        for start in range(0, 7200, 600)
    ]
    found = estimate_agreement(counts=counts, came=came, blocks=BLOCKS)
    assert found.value == pytest.approx(190 / sum(one.count for one in counts))
    assert found.interval is not None
    assert found.interval[0] < found.value < found.interval[1]
    assert estimate_agreement(counts=[], came=came, blocks=BLOCKS).value is None

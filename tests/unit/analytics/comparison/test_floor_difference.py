"""Floor differences: by hand, without a change, and with one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analytics.comparison.floor_difference import (
    BlockUnit,
    FloorBlocks,
    FloorRatio,
    compare_floor,
    make_floor_blocks,
    tabulate_presence,
)
from analytics.domain.arrays import FloatArray
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.presence import OrderedRows

GRID = FloorGrid(0.0, 0.0, 0.5, 40, 24)
AREA = np.full(GRID.shape, 0.25)
STANDS = np.array([(2.0 + 4 * column, 2.0 + 4 * row) for column in range(5) for row in range(3)])


def make_blocks(presence: FloatArray, *, day: list[int] | None = None, block_s: float = 900.0) -> FloorBlocks:
    blocks = len(presence)
    return FloorBlocks(
        grid=GRID,
        presence=presence,
        observed_s=np.full((blocks, *GRID.shape), block_s),
        block_s=block_s,
        day=np.zeros(blocks, np.int64) if day is None else np.array(day),
        duration_s=np.full(blocks, block_s),
    )


def walk(random: np.random.Generator, blocks: int, *, favourite: float = 1.0) -> FloorBlocks:
    """Simulate groups at stands, more at noon and on some days, with varied stays."""
    popularity = np.exp(0.5 * np.sin(np.arange(len(STANDS))))
    popularity[7] *= favourite
    rate = 30.0 * np.exp(random.normal(0, 0.2)) * (0.5 + np.sin(np.linspace(0.1, 3.0, blocks)))
    presence = np.zeros((blocks, GRID.rows * GRID.columns))
    for block in range(blocks):
        visits = random.poisson(rate[block] * len(STANDS) * popularity / popularity.sum())
        stand = np.repeat(np.arange(len(STANDS)), visits)
        size = random.geometric(0.6, len(stand))
        dwell_s = random.lognormal(3.5, 1.0, len(stand))
        who = np.repeat(np.arange(len(stand)), size)
        x, y = (STANDS[stand[who]] + random.normal(0, 0.8, (len(who), 2))).T
        cell = GRID.find_cells(x, y)
        np.add.at(presence[block], cell[cell >= 0], dwell_s[who[cell >= 0]])
        np.add.at(presence[block], random.integers(0, presence.shape[1], 200), 0.7)
    return make_blocks(presence.reshape(blocks, *GRID.shape))


def test_shares_do_not_depend_on_the_number_of_visitors() -> None:
    presence = np.zeros((4, *GRID.shape))
    presence[:, 6, 10], presence[:, 18, 30] = 300.0, 100.0
    difference = compare_floor(make_blocks(presence), make_blocks(3 * presence), area_m2=AREA)
    assert difference is not None
    assert (difference.share_a * AREA).sum() == pytest.approx(3600)
    assert np.abs(difference.change).max() == pytest.approx(0, abs=1e-9)
    assert difference.people_b == pytest.approx(3 * difference.people_a)
    sharp = compare_floor(make_blocks(presence), make_blocks(presence), area_m2=AREA, bandwidth_m=0.0)
    assert sharp is not None
    assert sharp.share_a[6, 10] == pytest.approx(3600 * 0.75 / 0.25)
    assert not sharp.is_real.any()


def test_similar_periods_show_few_significant_changes() -> None:
    masked = []
    for seed in range(12):
        random = np.random.default_rng(seed)
        difference = compare_floor(walk(random, 16), walk(random, 16), area_m2=AREA)
        assert difference is not None
        assert difference.unit is BlockUnit.QUARTER
        masked.append(1 - difference.is_real.mean())
    assert np.mean(masked) >= 0.95
    assert np.mean(np.array(masked) < 1) <= 0.25


def test_a_doubled_stand_is_significant_and_bare_floor_is_not() -> None:
    random = np.random.default_rng(5)
    difference = compare_floor(walk(random, 16), walk(random, 16, favourite=2.0), area_m2=AREA)
    assert difference is not None
    xy = GRID.centres()
    distance = np.hypot(*(xy[:, None] - STANDS).T).T
    at_stand = (distance[:, 7] < 0.8).reshape(GRID.shape)
    assert difference.is_real[at_stand].mean() > 0.8
    assert (difference.change[at_stand & difference.is_real] > 0).all()
    # what one stand gains all other places lose together, each a little
    bare = difference.change[(distance.min(axis=1) > 2.2).reshape(GRID.shape)]
    assert np.median(np.abs(bare)) < 0.1 * difference.change[at_stand].mean()


def make_counted(random: np.random.Generator, *, share: float) -> FloorBlocks:
    """Return twenty visitors per cell and block, of whom a share stops in the left half; speed 1 m/s."""
    blocks = 12
    visitors = random.poisson(20, (blocks, *GRID.shape)).astype(np.float64)
    chance = np.full(GRID.shape, 0.2)
    chance[:, : GRID.columns // 2] = share
    walking_s = 3.0 * visitors
    return dataclasses.replace(
        make_blocks(10.0 * visitors),
        sums={
            "visitors": visitors,
            "stopped_visitors": random.binomial(visitors.astype(np.int64), chance).astype(np.float64),
            "walking_s": walking_s,
            "speed_sum_m": walking_s * random.normal(1.0, 0.1, walking_s.shape),
        },
    )


def test_a_changed_ratio_is_significant_only_where_it_changed() -> None:
    random = np.random.default_rng(4)
    before, after = make_counted(random, share=0.2), make_counted(random, share=0.3)
    stopping = FloorRatio("stopped_visitors", "visitors")
    found = compare_floor(before, after, area_m2=AREA, ratio=stopping)
    assert found is not None
    left, right = np.s_[4:-4, 4:14], np.s_[4:-4, 26:-4]
    assert found.share_a[left].mean() == pytest.approx(0.2, abs=0.01)
    assert found.change[left].mean() == pytest.approx(0.1, abs=0.01)
    assert found.is_real[left].all()
    assert found.is_real[right].mean() < 0.1
    speed = compare_floor(before, after, area_m2=AREA, ratio=FloorRatio("speed_sum_m", "walking_s"))
    assert speed is not None
    assert speed.share_b[left].mean() == pytest.approx(1.0, abs=0.02)
    assert speed.is_real.mean() < 0.05


def test_a_ratio_to_person_hours_does_not_depend_on_visitors() -> None:
    random = np.random.default_rng(5)
    one = make_counted(random, share=0.2)
    three = dataclasses.replace(one, presence=3 * one.presence, sums={"visitors": 3 * one.sums["visitors"]})
    found = compare_floor(one, three, area_m2=AREA, ratio=FloorRatio("visitors", None))
    assert found is not None
    # who comes stays for ten seconds: a visitor of a square metre for each tenth of a second of presence
    everywhere = GRID.rows * GRID.columns * 0.25
    assert found.share_a[8:-8, 8:-8].mean() == pytest.approx(3600 / 10 / everywhere, rel=0.02)
    assert np.nanmax(np.abs(found.change)) == pytest.approx(0.0, abs=1e-9)


def test_a_place_with_few_visitors_has_no_ratio() -> None:
    random = np.random.default_rng(6)
    one, other = make_counted(random, share=0.2), make_counted(random, share=0.2)
    for values in one.sums.values():
        values[:, :5] = 0.0
    found = compare_floor(one, other, area_m2=AREA, ratio=FloorRatio("stopped_visitors", "visitors"))
    assert found is not None
    assert np.isnan(found.change[:5]).all()
    assert np.isfinite(found.change[5:]).all()


def test_four_days_on_both_sides_become_blocks() -> None:
    random = np.random.default_rng(3)
    sides = [walk(random, 16) for _ in range(2)]
    by_day = [make_blocks(side.presence, day=[n // 4 for n in range(16)]) for side in sides]
    difference = compare_floor(*by_day, area_m2=AREA)
    assert difference is not None
    assert (difference.unit, difference.blocks) == (BlockUnit.DAY, (4, 4))
    mixed = compare_floor(by_day[0], sides[1], area_m2=AREA)
    assert mixed is not None
    assert (mixed.unit, mixed.blocks) == (BlockUnit.QUARTER, (16, 16))


def test_too_few_blocks_give_no_test() -> None:
    random = np.random.default_rng(3)
    difference = compare_floor(walk(random, 3), walk(random, 3, favourite=5), area_m2=AREA)
    assert difference is not None
    assert difference.unit is None
    assert not difference.is_real.any()
    assert np.isfinite(difference.change).all()


def test_floor_hidden_on_one_side_is_not_compared() -> None:
    random = np.random.default_rng(3)
    a, b = walk(random, 8), walk(random, 8)
    b.observed_s[:3, :, 30:] = 0.0
    difference = compare_floor(a, b, area_m2=AREA)
    assert difference is not None
    assert np.isnan(difference.change[:, 30:]).all()
    assert (np.nan_to_num(difference.share_a) * AREA).sum() == pytest.approx(3600)
    b.observed_s[:] = 0.0
    assert compare_floor(a, b, area_m2=AREA) is None


def test_blocks_are_the_observed_parts_of_the_clock() -> None:
    ordered = OrderedRows(
        person=np.zeros(4, np.int64),
        person_ids=np.array([7]),
        time_s=np.array([10.0, 20.0, 910.0, 920.0]),
        x_m=np.full(4, 0.1),
        y_m=np.full(4, 0.1),
        sigma_m=np.zeros(4),
    )
    rows = ordered.cut(longest_gap_s=1000.0)
    table = tabulate_presence(rows, GRID, start_s=86_400.0)
    assert table["hour_s"].tolist() == [86_400.0, 87_300.0]
    assert table["person_seconds"].tolist() == [10 + 890, 10 + 10]
    spans = pd.DataFrame(
        {"camera": ["a", "b"], "start_s": [86_400.0] * 2, "end_s": [87_300.0, 88_000.0], "frames": 1}
    )
    blocks = make_floor_blocks(
        hours=table,
        grid=GRID,
        views=(),
        spans=spans,
        period_s=(86_400.0, 90_000.0),
        block_s=900.0,
        time_zone_offset_s=8 * 3600.0,
    )
    assert blocks.duration_s.tolist() == [900.0, 700.0]
    assert blocks.presence[:, 0, 0].tolist() == [900.0, 20.0]
    assert blocks.observed_s[1].min() == 700.0
    assert blocks.day.tolist() == [1, 1]

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from analytics.comparison.block_figures import (
    WHOLE_HALL,
    Block,
    Metric,
    Refusal,
    Side,
    Verdict,
    ZoneBlock,
    measure,
)
from analytics.comparison.period_comparison import (
    Unit,
    ZoneChange,
    choose_unit,
    compare_blocks,
)

FIRST = date(2026, 3, 2)
NAMES = ("A", "B", "C", "D", "E", "F")
NOISE = (0.97, 1.02, 1.01, 0.99, 1.03)
"""Effects of days, equal for all zones."""
OWN = ((1.004, 0.996, 1.0), (0.998, 1.003, 0.999), (1.002, 0.997, 1.001))
"""Effects of single zones by zone and day, a few thousandths."""


def make_zone(mean_dwell_s: float | None, **fields: Any) -> ZoneBlock:
    figures: dict[str, Any] = {
        "coverage": 1.0,
        "visits": 100,
        "mean_dwell_s": mean_dwell_s,
        "median_dwell_s": 28.0,
        "person_seconds": 4000.0,
    }
    return ZoneBlock(**{**figures, **fields})


def make_blocks(
    factors: Mapping[str, float], *, days: int = 4, parts: int = 1, names: tuple[str, ...] = NAMES
) -> list[Block]:
    """Return days with the dwell times of side B's zones multiplied."""
    blocks = []
    for number in range(2 * days):
        side = (Side.A, Side.B)[number // days]
        for part in range(parts):
            zones = {}
            for index, name in enumerate(names):
                factor = factors.get(name, 1.0) if side is Side.B else 1.0
                own = OWN[(index + part) % 3][(number * (index + 1)) % 3]
                zones[name] = make_zone(40.0 * NOISE[number % len(NOISE)] * factor * own)
            day = FIRST + timedelta(days=number)
            blocks.append(Block(side, day, part, 8.0 / parts, zones, visitors=400, footfall=380))
    return blocks


def compare(blocks: list[Block], unit: Unit | None, controls: tuple[str, ...] = ()) -> dict[str, ZoneChange]:
    found = compare_blocks(
        blocks, unit=unit, zones=NAMES, metrics=[Metric.MEAN_DWELL], controls=controls
    ).changes
    return {change.zone: change for change in found}


def test_only_the_changed_zone_is_significant() -> None:
    found = compare(make_blocks({"B": 1.4}), Unit.DAYS)
    assert {name: change.verdict for name, change in found.items()} == {
        name: Verdict.RISE if name == "B" else Verdict.NO_EVIDENCE for name in NAMES
    }
    change = found["B"]
    assert change.effect is not None
    assert change.effect.ratio == pytest.approx(1.4, rel=0.04)
    assert change.level_a == pytest.approx(40, rel=0.02)
    assert change.adjusted_p is not None
    assert change.adjusted_p >= change.effect.p_value
    assert compare(make_blocks({"B": 0.6}), Unit.DAYS)["B"].verdict is Verdict.FALL


def test_unchanged_zones_reveal_smaller_changes() -> None:
    blocks = make_blocks({"A": 1.02})
    assert compare(blocks, Unit.DAYS)["A"].verdict is Verdict.NO_EVIDENCE
    found = compare(blocks, Unit.RELATIVE_DAYS, ("C", "D", "E"))
    assert {name for name, change in found.items() if change.refusal is None} == {"A", "B", "F"}
    assert {change.refusal for change in found.values()} == {None, Refusal.REFERENCE}
    assert found["A"].verdict is Verdict.RISE
    assert found["A"].effect is not None
    assert found["A"].effect.ratio == pytest.approx(1.02, abs=0.005)
    assert found["B"].verdict is Verdict.NO_EVIDENCE


@pytest.mark.parametrize(("unit", "days", "parts"), [(Unit.HALF_DAYS, 2, 2), (Unit.ZONES, 1, 1)])
def test_few_days_suffice_with_unchanged_zones(unit: Unit, days: int, parts: int) -> None:
    controls = ("B", "C", "D", "E", "F")
    found = compare(make_blocks({"A": 1.3}, days=days, parts=parts), unit, controls)
    assert {name for name, change in found.items() if change.effect is not None} == {"A"}
    assert found["B"].ratio.value == pytest.approx(1, abs=0.1)
    assert found["B"].ratio.interval is None
    assert found["A"].verdict is Verdict.RISE
    assert (
        compare(make_blocks({}, days=days, parts=parts), unit, controls)["A"].verdict is Verdict.NO_EVIDENCE
    )


def test_a_range_that_says_nothing_is_replaced_by_too_few_days() -> None:
    controls = ("B", "C", "D", "E", "F")
    factors = {"A": 1.5, "B": 0.4, "C": 2.2, "D": 0.6, "E": 1.7}
    change = compare(make_blocks(factors, days=1), Unit.ZONES, controls)["A"]
    assert change.effect is not None
    assert change.effect.min_detectable_ratio > 2
    assert (change.verdict, change.refusal) == (Verdict.REFUSED, Refusal.TOO_FEW_DAYS)
    assert change.ratio.value == pytest.approx(1.5, rel=0.1)
    assert change.ratio.interval is None


def test_one_chance_change_among_many_is_not_significant() -> None:
    blocks = make_blocks({"A": 1.055})
    alone = compare_blocks(blocks, unit=Unit.DAYS, zones=["A"], metrics=[Metric.MEAN_DWELL]).changes[0]
    among = compare(blocks, Unit.DAYS)["A"]
    assert alone.effect == among.effect
    assert alone.effect is not None
    assert alone.effect.p_value < 0.05
    assert alone.verdict is Verdict.RISE
    assert among.verdict is Verdict.UNCERTAIN


def test_a_change_matched_by_permutation_is_not_significant() -> None:
    dwell_s = (37.0, 35.0, 38.0, 40.0, 39.0, 48.0, 43.0, 45.0)
    blocks = [
        replace(block, zones={"A": make_zone(seconds)})
        for block, seconds in zip(make_blocks({}), dwell_s, strict=True)
    ]
    (change,) = compare_blocks(blocks, unit=Unit.DAYS, zones=["A"], metrics=[Metric.MEAN_DWELL]).changes
    assert change.effect is not None
    assert change.effect.p_value < 0.05 < change.effect.permutation_p == pytest.approx(4 / 70)
    assert change.verdict is Verdict.UNCERTAIN


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"coverage": 0.7}, Refusal.HARDLY_OBSERVED),
        ({"visits": 4}, Refusal.TOO_FEW_VISITS),
        ({"visits": None}, Refusal.NOT_KNOWN),
        ({"mean_dwell_s": None}, Refusal.NOT_KNOWN),
    ],
)
def test_insufficient_data_are_refused(fields: Mapping[str, Any], refusal: Refusal) -> None:
    blocks = []
    for block in make_blocks({}):
        zones = dict(block.zones)
        if block.side is Side.B:
            zones["A"] = make_zone(**{"mean_dwell_s": 40.0, **fields})
        blocks.append(replace(block, zones=zones))
    found = compare(blocks, Unit.DAYS)
    assert (found["A"].verdict, found["A"].refusal) == (Verdict.REFUSED, refusal)
    assert found["A"].effect is None
    assert found["A"].adjusted_p is None
    assert found["B"].verdict is Verdict.NO_EVIDENCE


def test_a_zone_of_one_side_is_not_compared() -> None:
    blocks = [
        replace(b, zones={k: v for k, v in b.zones.items() if k != "A" or b.side is Side.A})
        for b in make_blocks({})
    ]
    assert compare(blocks, Unit.DAYS)["A"].refusal is Refusal.NOT_ON_BOTH_SIDES


def test_a_day_with_a_hidden_zone_is_left_out() -> None:
    blocks = make_blocks({})
    blocks[0] = replace(blocks[0], zones={**blocks[0].zones, "A": make_zone(400.0, coverage=0.5)})
    found = compare(blocks, Unit.DAYS)["A"]
    assert found.level_a == pytest.approx(40, rel=0.03)


@pytest.mark.parametrize(
    ("days", "controls", "unit"),
    [
        ((4, 5), 0, Unit.DAYS),
        ((4, 5), 9, Unit.DAYS),
        ((3, 9), 0, None),
        ((3, 9), 1, Unit.HALF_DAYS),
        ((1, 9), 3, None),
        ((1, 1), 4, Unit.ZONES),
        ((0, 9), 9, None),
    ],
)
def test_the_unit_depends_on_days_and_unchanged_zones(
    days: tuple[int, int], controls: int, unit: Unit | None
) -> None:
    assert choose_unit(days_a=days[0], days_b=days[1], controls=controls) is unit


def test_enough_days_can_be_compared_relative_to_unchanged_zones() -> None:
    options = {"days_a": 4, "days_b": 4, "is_relative": True}
    assert choose_unit(**options, controls=2) is Unit.RELATIVE_DAYS
    assert choose_unit(**options, controls=0) is Unit.DAYS


def test_counts_are_corrected_for_unobserved_time() -> None:
    zone = make_zone(40.0, coverage=0.4)
    block = Block(Side.A, FIRST, 0, 5.0, {WHOLE_HALL: zone}, visitors=250, footfall=300, observed_share=0.5)
    assert measure(block, WHOLE_HALL, Metric.FOOTFALL) == pytest.approx(120)
    # 100 visits on four fifths of its floor, of 250 visitors who came meanwhile
    assert measure(block, WHOLE_HALL, Metric.VISITS_PER_100) == pytest.approx(50)


def test_unchanged_zones_need_figures_of_their_own() -> None:
    blocks = [
        replace(b, zones={**b.zones, "C": make_zone(40.0, coverage=0.5)}) for b in make_blocks({"A": 1.3})
    ]
    assert compare(blocks, Unit.RELATIVE_DAYS, ("C",))["A"].refusal is Refusal.NO_CONTROLS
    found = compare(blocks, Unit.RELATIVE_DAYS, ("C", "D"))["A"]
    assert found.verdict is Verdict.RISE
    four = ("C", "D", "E", "F")
    assert compare(blocks, Unit.ZONES, four)["A"].refusal is Refusal.NO_CONTROLS


def test_counts_are_per_open_and_observed_hour() -> None:
    zone = make_zone(40.0, coverage=0.8, passbys=300)
    block = Block(Side.A, FIRST, 0, 5.0, {"A": zone, WHOLE_HALL: zone}, visitors=250, footfall=300)
    assert measure(block, "A", Metric.VISITS) == pytest.approx(25)
    assert measure(block, "A", Metric.VISITS_PER_100) == pytest.approx(50)
    assert measure(block, "A", Metric.PERSON_SECONDS) == pytest.approx(1000)
    assert measure(block, "A", Metric.CAPTURE) == pytest.approx(0.25)
    assert measure(block, WHOLE_HALL, Metric.FOOTFALL) == pytest.approx(60)
    assert measure(block, "elsewhere", Metric.VISITS) is None


def test_counts_alike_by_chance_are_not_significant() -> None:
    blocks = []
    for block in make_blocks({}):
        visits = 100 if block.side is Side.A else 101
        blocks.append(replace(block, zones={"A": replace(block.zones["A"], visits=visits)}))
    (change,) = compare_blocks(blocks, unit=Unit.DAYS, zones=["A"], metrics=[Metric.VISITS]).changes
    assert change.effect is not None
    assert change.verdict is Verdict.NO_EVIDENCE
    # 400 and 404 visitors who come independently differ by 7 % one time of three
    error = np.sqrt(1 / 400 + 1 / 404)
    assert change.effect.min_detectable_ratio > np.exp(2.8 * error)


def test_footfall_is_compared_for_the_hall_only() -> None:
    blocks = [replace(b, zones={**b.zones, WHOLE_HALL: b.zones["A"]}) for b in make_blocks({})]
    found = compare_blocks(
        blocks, unit=Unit.DAYS, zones=[WHOLE_HALL, "A"], metrics=[Metric.FOOTFALL, Metric.VISITS]
    )
    assert [(change.zone, change.metric) for change in found.changes] == [
        (WHOLE_HALL, Metric.FOOTFALL),
        (WHOLE_HALL, Metric.VISITS),
        ("A", Metric.VISITS),
    ]
    assert found.changes[0].level_a == pytest.approx(380 / 8)


def test_worse_tracking_on_one_side_is_flagged() -> None:
    blocks = [
        replace(
            b, zones={**b.zones, "A": replace(b.zones["A"], seen_share=0.95 if b.side is Side.A else 0.8)}
        )
        for b in make_blocks({})
    ]
    found = compare(blocks, Unit.DAYS)
    assert found["A"].is_tracked_differently
    assert not found["B"].is_tracked_differently

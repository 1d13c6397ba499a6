"""Effects of events, with and without a true effect."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.arrays import FloatArray
from analytics.exhibition.event_effect import EventVerdict, measure_event_effect

NAN = float("nan")
Parts = tuple[FloatArray, FloatArray, FloatArray]


def simulate(random: np.random.Generator, *, factor: float, blocks: int = 30) -> tuple[Parts, Parts]:
    """Simulate people by block with serial correlation; the hour affects all zones alike."""
    hour = np.cumsum(random.normal(0, 0.05, 3 * blocks))
    zones = []
    for level in (8.0, 60.0):
        noise = np.zeros(3 * blocks)
        for index in range(1, len(noise)):
            noise[index] = 0.6 * noise[index - 1] + random.normal(0, 0.12)
        zones.append(level * np.exp(hour + noise))
    zones[0][blocks : 2 * blocks] *= factor
    return cut(zones[0]), cut(zones[1])


def cut(zone: FloatArray) -> Parts:
    before, during, after = np.split(zone, 3)
    return before, during, after


@pytest.mark.parametrize(("factor", "least"), [(1.0, 0.90), (0.5, 0.90), (2.0, 0.90)])
def test_the_interval_contains_the_true_value(factor: float, least: float) -> None:
    random, held, runs = np.random.default_rng(3), 0, 300
    for _ in range(runs):
        zone, others = simulate(random, factor=factor)
        effect = measure_event_effect(zone=zone, others=others)
        assert effect.interval is not None
        held += effect.interval[0] <= factor <= effect.interval[1]
    assert least <= held / runs <= 0.99


def test_an_emptying_talk_gets_its_verdict() -> None:
    zone, others = simulate(np.random.default_rng(4), factor=0.4)
    effect = measure_event_effect(zone=zone, others=others)
    assert effect.verdict is EventVerdict.EMPTIER
    assert effect.ratio == pytest.approx(0.4, rel=0.3)
    assert effect.before == pytest.approx(zone[0].mean())
    assert effect.after == pytest.approx(zone[2].mean())


def test_too_little_data_give_no_effect() -> None:
    short = (np.array([5.0, 6.0]), np.array([1.0, 1.0, 1.0, 1.0, 1.0]), np.empty(0))
    effect = measure_event_effect(zone=short, others=None)
    assert (effect.verdict, effect.ratio, effect.after) == (EventVerdict.TOO_LITTLE, None, None)
    empty = (np.full(10, 0.1), np.full(10, 0.1), np.full(10, 0.1))
    assert measure_event_effect(zone=empty, others=None).verdict is EventVerdict.TOO_LITTLE


def test_unobserved_blocks_are_not_zero() -> None:
    zone = (np.array([NAN, *np.full(8, 4.0)]), np.array([*np.full(8, 8.0), NAN, NAN]), np.full(3, NAN))
    effect = measure_event_effect(zone=zone, others=None)
    assert (effect.before, effect.during, effect.after) == (4.0, 8.0, None)
    assert effect.verdict is EventVerdict.FULLER

"""Error of forecasts of changes that happened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.forecast.hindcast import HindcastPair, compare_entrances, hindcast
from analytics.forecast.itineraries import OF_STEPS, OF_VISITORS
from analytics.forecast.layout import LayoutDoor
from analytics.forecast.layout_forecast import CHANGE_SD, LayoutForecast, ObservedZone, ZoneForecast
from tests.support.halls.choosing_visitors import make_rows, walk


def observe(visits: float) -> ObservedZone:
    return ObservedZone(visits, 60 * visits, 1.0, 1.0, 0.03, 1.0)


def forecast(zone: str, before: float, visits: float) -> ZoneForecast:
    seconds = 60 * visits
    return ZoneForecast(
        zone, "booth", before, visits, 0.9 * visits, 1.1 * visits, 60 * before, seconds, seconds, seconds
    )


def test_half_of_the_forecast_change_coming_true_is_said() -> None:
    pair = HindcastPair(
        LayoutForecast((forecast("A", 1000, 1440), forecast("B", 1000, 1000)), ()),
        {"A": observe(1000), "B": observe(1000)},
        {"A": observe(1200), "B": observe(1000)},
        1.0,
    )
    found = hindcast([pair])
    assert found is not None
    assert found.weighted_error == pytest.approx(240 / 2200)
    assert found.no_change_error == pytest.approx(200 / 2200)
    assert found.slope == pytest.approx(0.5)
    assert (found.held_share, found.signs_share) == (0.5, 1.0)
    # one stand, and the error of simulated halls counts like ten
    assert found.error[1] == pytest.approx(((10 * CHANGE_SD**2 + 0.5**2) / 11) ** 0.5, abs=0.01)


def test_without_a_stand_of_both_layouts_nothing_is_said() -> None:
    pair = HindcastPair(LayoutForecast((forecast("A", 10, 10),), ()), {}, {"A": observe(10)}, 1.0)
    assert hindcast([pair]) is None
    assert hindcast([]) is None


def test_visitors_of_one_entrance_are_forecast_from_those_of_another() -> None:
    one = make_rows()
    layout = replace(one, entrances=(*one.entrances, LayoutDoor("east", (52.0, 9.0))))
    west = walk(one, visitors=1200, seed=1).itineraries
    east = walk(replace(one, entrances=layout.entrances[1:]), visitors=1200, seed=2).itineraries
    both = replace(
        west,
        entrances=("in", "east"),
        first=np.append(west.first, west.first[-1] + east.first[1:]),
        entrance=np.repeat([0, 1], 1200),
        **{
            name: np.append(getattr(west, name), getattr(east, name))
            for name in (*OF_STEPS, *OF_VISITORS)
            if name != "entrance"
        },
    )
    found = compare_entrances(both, layout)
    assert found is not None
    assert (found.is_pseudo, found.pairs) == (True, 2)
    assert found.weighted_error < 0.75 * found.no_change_error
    assert compare_entrances(west, one) is None

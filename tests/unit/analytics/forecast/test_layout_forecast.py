"""Forecasts against planted visitors: their own family, another one, and layouts without a change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from analytics.domain.errors import ForecastError
from analytics.domain.floor_geometry import Polygon
from analytics.forecast.layout import Layout, LayoutDoor
from analytics.forecast.layout_forecast import (
    ForecastBasis,
    LayoutForecast,
    ObservedZone,
    forecast_layout,
    make_basis,
)
from analytics.forecast.location_effect import LocationEffect
from tests.support.halls.choosing_visitors import STANDS, Walkers, make_rows, walk

SWAPPED = [11, 10, 9, 3, 4, 5, 6, 7, 8, 2, 1, 0]
DAYS = 5


def find_basis(layout: Layout, walkers: Walkers, *, coverage: float = 1.0) -> ForecastBasis:
    observed = {
        f"S{at}": ObservedZone(float(stops), 65.0 * float(stops), 1.0, 1.0, 1 / np.sqrt(stops), coverage)
        for at, stops in enumerate(walkers.stops)
    }
    return make_basis(walkers.itineraries, layout, observed)


def list_visits(forecast: LayoutForecast) -> np.ndarray:
    return np.array([row.visits for row in forecast.rows])


@pytest.mark.parametrize("is_gravity", [False, True])
def test_swapped_stands_are_forecast_better_than_by_no_change(is_gravity: bool) -> None:
    before, after = make_rows(), make_rows(SWAPPED)
    observed = walk(before, visitors=1500, seed=1, is_gravity=is_gravity)
    truth = np.mean(
        [walk(after, visitors=1500, seed=10 + day, is_gravity=is_gravity).stops for day in range(DAYS)],
        axis=0,
    )
    forecast = forecast_layout(find_basis(before, observed), after)
    error = np.abs(list_visits(forecast) - truth).sum() / truth.sum()
    no_change = np.abs(observed.stops - truth).sum() / truth.sum()
    assert error < 0.5 * no_change
    held = [row.visits_low <= true <= row.visits_high for row, true in zip(forecast.rows, truth, strict=True)]
    assert np.mean(held) >= 0.75


def test_a_layout_without_a_change_gives_what_was_observed() -> None:
    layout = make_rows()
    walkers = walk(layout, visitors=800, seed=2)
    forecast = forecast_layout(find_basis(layout, walkers), layout)
    np.testing.assert_allclose(list_visits(forecast), walkers.stops, rtol=1e-9)
    assert all(row.visits_low < row.visits < row.visits_high for row in forecast.rows)


def test_a_plan_digitised_again_changes_no_stand_by_two_percent() -> None:
    layout = make_rows()
    walkers = walk(layout, visitors=800, seed=3)
    basis = find_basis(layout, walkers)
    for seed in range(3):
        again = list_visits(forecast_layout(basis, make_rows(off_m=0.05, seed=seed)))
        assert np.abs(again / walkers.stops - 1).max() < 0.02


def test_half_of_the_arrivals_make_half_of_the_visits() -> None:
    layout = make_rows()
    basis = find_basis(layout, walk(layout, visitors=800, seed=2))
    whole, half = (list_visits(forecast_layout(basis, make_rows(SWAPPED), scale)) for scale in (1.0, 0.5))
    np.testing.assert_allclose(half, whole / 2)


def test_too_little_is_refused_with_a_sentence() -> None:
    layout = make_rows()
    with pytest.raises(ForecastError, match="followed from stand to stand only"):
        find_basis(layout, walk(layout, visitors=30, seed=4))
    with pytest.raises(ForecastError, match="Only 0 stands were observed"):
        find_basis(layout, walk(layout, visitors=300, seed=4), coverage=0.5)
    assert len(layout.stands) == STANDS


@pytest.mark.parametrize(("share", "is_warned"), [(0.4, True), (0.6, False)])
def test_forecasts_from_broken_tracks_begin_with_a_warning(share: float, is_warned: bool) -> None:
    layout = make_rows()
    walkers = walk(layout, visitors=800, seed=2)
    seen = np.arange(800) < share * 800
    broken = replace(walkers.itineraries, is_start_seen=seen, is_end_seen=seen)
    statements = forecast_layout(find_basis(layout, replace(walkers, itineraries=broken)), layout).statements
    assert statements[0].template.startswith("Do not rely on forecasts") == is_warned
    assert statements[0].fields["percent"] == pytest.approx(40.0 if is_warned else 100.0)


def test_a_wall_that_closes_every_way_is_refused() -> None:
    layout = make_rows()
    basis = find_basis(layout, walk(layout, visitors=800, seed=2))
    wall = Polygon(((3.0, -1.0), (3.5, -1.0), (3.5, 19.0), (3.0, 19.0)))
    with pytest.raises(ForecastError, match="No way leads to 'in'"):
        forecast_layout(basis, replace(layout, obstacles=(*layout.obstacles, wall)))
    with pytest.raises(ForecastError, match="has no stands"):
        forecast_layout(basis, replace(layout, zones=()))


def test_removed_and_new_stands_have_rows_of_their_own() -> None:
    layout = make_rows()
    walkers = walk(layout, visitors=800, seed=2)
    new = replace(layout.zones[0], name="New")
    rows = forecast_layout(find_basis(layout, walkers), replace(layout, zones=(new, *layout.zones[1:]))).rows
    by_name = {row.zone: row for row in rows}
    assert (by_name["S0"].visits, by_name["S0"].visits_before) == (0.0, float(walkers.stops[0]))
    assert by_name["New"].visits_before is None
    assert by_name["New"].visits_low < by_name["New"].visits < by_name["New"].visits_high


def test_a_new_stand_depends_on_its_place_no_more_than_the_others() -> None:
    layout = make_rows()
    basis = find_basis(layout, walk(layout, visitors=800, seed=2))
    listed = replace(basis, location_effect=LocationEffect(reach=0.0, impulse=0.0))

    def forecast_new(basis: ForecastBasis, at: int) -> float:
        zones = [zone if zone.name != f"S{at}" else replace(zone, name="New") for zone in layout.zones]
        rows = forecast_layout(basis, replace(layout, zones=tuple(zones))).rows
        return next(row.visits for row in rows if row.zone == "New")

    assert forecast_new(listed, 0) == pytest.approx(forecast_new(listed, 11), rel=0.02)
    assert forecast_new(basis, 0) != pytest.approx(forecast_new(basis, 11), rel=0.2)


def test_a_removed_stands_visits_are_bounded_between_leaving_earlier_and_stopping_elsewhere() -> None:
    layout = make_rows()
    walkers = walk(layout, visitors=800, seed=2)
    found = forecast_layout(find_basis(layout, walkers), replace(layout, zones=layout.zones[1:]))
    kept = [row for row in found.rows if row.zone != "S0"]
    most = [float(row.note.fields["most"]) if row.note else 0.0 for row in kept]  # type: ignore[arg-type]
    # the time of a stop at the removed one is enough for fewer stops with the ways to them
    assert 0.3 * walkers.stops[0] < sum(most) <= walkers.stops[0]
    for row, gained in zip(kept, most, strict=True):
        assert row.visits_before is not None
        assert row.visits_low <= row.visits_before <= row.visits_before + gained <= row.visits_high + 1e-6
    # S1 and S6 are its neighbours, S5 stands at the other end of its row
    assert min(most[0], most[5]) > 5 * most[4]


def test_the_share_of_arrivals_by_an_entrance_is_an_input() -> None:
    layout = make_rows()
    basis = find_basis(layout, walk(layout, visitors=800, seed=2))
    two = replace(layout, entrances=(*layout.entrances, LayoutDoor("east", (52.0, 9.0))))

    def forecast_row(shares: dict[str, float]) -> np.ndarray:
        return list_visits(forecast_layout(basis, two, entrance_shares=shares))

    west, east = forecast_row({"in": 1.0}), forecast_row({"east": 1.0})
    np.testing.assert_allclose(west, list_visits(forecast_layout(basis, layout)), rtol=1e-6)
    assert east[5] > 1.1 * west[5]
    assert west[0] > 1.1 * east[0]
    said = forecast_layout(basis, two, entrance_shares={"east": 0.25}).statements
    assert {phrase.fields["percent"] for phrase in said if "entrance" in phrase.fields} == {25.0, 75.0}
    (effect,) = [phrase for phrase in said if "most" in phrase.fields]
    assert (effect.fields["first"], effect.fields["second"]) == ("S0", "S5")
    assert effect.fields["most"] > 5 > -5 > effect.fields["least"]
    for wrong in ({"north": 0.5}, {"east": 1.2}, {"in": 0.5, "east": 0.2}):
        with pytest.raises(ForecastError):
            forecast_row(wrong)

"""Visiting parties in hand-written walks and simulated days."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

from analytics.exhibition.companions import find_parties
from analytics.metrics.presence import order_rows
from tools.fairs.fair_hall import build_hall, draw_design
from tools.fairs.itinerary_tracks import simulate_tracked_day

POSITION_ERROR_M = 0.3
"""Position error of a camera at a middle distance."""


def make_rows(ways: dict[int, list[tuple[float, float, float]]]) -> pd.DataFrame:
    rows = [(time_s, visitor, x, y) for visitor, way in ways.items() for time_s, x, y in way]
    table = pd.DataFrame(rows, columns=["time_s", "visitor", "x_m", "y_m"]).sort_values("time_s")
    return table.assign(
        camera="c", tracklet=table["visitor"], sigma_m=0.1, height_m=np.nan, state="confirmed"
    )


def walk(
    start_s: float, y: float, *, speed: float = 1.0, until_s: float = 60.0
) -> list[tuple[float, float, float]]:
    return [(start_s + t, speed * t, y) for t in np.arange(0.0, until_s, 1.0)]


def stand(start_s: float, x: float, y: float, until_s: float = 60.0) -> list[tuple[float, float, float]]:
    return [(start_s + t, x, y) for t in np.arange(0.0, until_s, 1.0)]


def test_people_walking_side_by_side_form_a_party() -> None:
    tracks = make_rows({1: walk(0, 0.0), 2: walk(1, 0.9), 3: walk(0, 8.0), 4: walk(0, 1.6)})
    parties = find_parties(order_rows(tracks))
    assert parties.set_index("visitor")["party"].pipe(lambda p: p[1] == p[2] == p[4] != p[3])


def test_people_who_only_meet_form_no_party() -> None:
    crossing = [(t, 60.0 - t, 0.5) for t in np.arange(0.0, 60.0, 1.0)]
    tracks = make_rows(
        {1: stand(0, 5, 5), 2: stand(0, 5.5, 5), 3: walk(0, 0.0), 4: crossing, 5: walk(40, 0.0)}
    )
    assert find_parties(order_rows(tracks))["party"].nunique() == 5


def test_briefly_seen_people_are_left_out() -> None:
    assert len(find_parties(order_rows(make_rows({1: walk(0, 0.0, until_s=20.0)})))) == 0
    assert len(find_parties(order_rows(make_rows({1: walk(0, 0.0)}).iloc[:0]))) == 0


@pytest.mark.parametrize("seed", [11, pytest.param(12, marks=pytest.mark.slow)])
def test_parties_of_a_simulated_day_are_found(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    day = simulate_tracked_day(
        hall=build_hall(draw_design(np.random.default_rng(seed))),
        seed=seed,
        position_error_m=POSITION_ERROR_M,
    )
    tracks = day.tracks
    true_start = pd.Series(day.walks.time_s).groupby(day.walks.person).min()
    parties = find_parties(order_rows(tracks)).set_index("visitor")["party"]
    visitors = parties.index.to_numpy()
    # companions of the simulation enter at the very same moment, others never do
    truth = true_start.reindex(visitors).to_numpy()
    found = parties.to_numpy()
    same_truth, same_found = (np.equal.outer(labels, labels) for labels in (truth, found))
    above = np.triu(np.ones_like(same_truth, bool), 1)
    hits = int((same_truth & same_found & above).sum())
    precision, recall = hits / int((same_found & above).sum()), hits / int((same_truth & above).sum())
    with capsys.disabled():
        sys.stdout.write(f"\ncompanions: precision {precision:.3f}, recall {recall:.3f}\n")
    assert precision > 0.95
    assert recall > 0.93

"""Ten visitors along an aisle, of whom six stop at x = 5 m."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.columns import CROSSING_COLUMNS, TRACK_COLUMNS, empty_table
from analytics.density.floor_layers import FloorLayers, compute_floor_layers
from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.identifiers import LineId
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.dwell.stops import find_stops
from analytics.flows.first_turns import FirstTurns, Turn, list_first_turns, summarise_turns
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks
from analytics.metrics.coverage import FloorGrid
from analytics.metrics.presence import order_by_person, order_rows
from tests.support.halls.known_crowd import make_track_table
from tests.support.oracles import EXACT_STOPS

AISLE = FloorGrid.around(Polygon.from_points([(0, 0), (10, 0), (10, 4), (0, 4)], what="aisle"), cell_m=2.0)
BLOCKS = make_period_blocks(period_s=(0.0, 600.0), observed=None, settings=BlockSettings())


def walk(visitor: int, knots_s: list[float], xy: list[tuple[float, float]]) -> pd.DataFrame:
    moments = np.arange(0.0, knots_s[-1], 0.2)
    x, y = (np.interp(moments, knots_s, [point[axis] for point in xy]) for axis in (0, 1))
    who = np.full(len(x), visitor)
    return make_track_table(time_s=10.0 * visitor + moments, tracklet=who, visitor=who, x_m=x, y_m=y)


def join(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(tables).sort_values("time_s", kind="stable", ignore_index=True)


STOPPED = [walk(n, [0, 5, 10 + n, 15 + n], [(0, 1), (5, 1), (5, 1), (10, 1)]) for n in range(1, 7)]
PASSED = [walk(n, [0, 10], [(0, 1), (10, 1)]) for n in range(7, 11)]


def lay(tracks: pd.DataFrame, **options: object) -> FloorLayers:
    rows = order_by_person(tracks=tracks, longest_gap_s=2.0)
    stops = find_stops(tracks=tracks, settings=EXACT_STOPS)
    return compute_floor_layers(rows=rows, stops=stops, grid=AISLE, **options)  # type: ignore[arg-type]


def test_each_visitor_counts_once_in_each_cell() -> None:
    layers = lay(join([*STOPPED, *PASSED]))
    assert layers.visitors_per_m2[0].tolist() == [10 / 4] * 5
    assert layers.visitors_per_m2[1].tolist() == [0.0] * 5


def test_stops_have_their_probability_and_median() -> None:
    tracks = join([*STOPPED, *PASSED])
    layers = lay(tracks)
    assert layers.stop_probability[0].tolist() == [0.0, 0.0, 0.6, 0.0, 0.0]
    stops = find_stops(tracks=tracks, settings=EXACT_STOPS)
    assert layers.median_stop_s[0, 2] == pytest.approx(stops["seconds"].median())
    assert np.isnan(layers.median_stop_s[0, 1])


def test_too_few_visitors_have_no_stop_figures() -> None:
    assert np.isnan(lay(join(STOPPED[:4])).median_stop_s).all()


EAST_DOOR = CountingLine(
    LineId("door"), ZoneKind.ENTRANCE, Polyline.from_points([(2, -2), (2, 6)], what="door")
)


def turn(tracks: pd.DataFrame) -> FirstTurns:
    crossings = compute_crossings(
        tracks=tracks, lines=[EAST_DOOR], settings=CrossingSettings(sigma_factor=0.0)
    )
    return share(list_first_turns(ordered=order_rows(tracks), crossings=crossings, line=EAST_DOOR))


def share(turns: pd.DataFrame) -> FirstTurns:
    counts = {turn: np.asarray(turns["turn"] == turn.value, np.float64) for turn in Turn}
    return summarise_turns(turns["time_s"].to_numpy(np.float64), counts, blocks=BLOCKS)


def test_turns_are_distinguished_from_walking_straight_in() -> None:
    # in is from left to right of the line, so towards larger x; right is then towards smaller y
    right = [walk(n, [0, 3, 12], [(0, 2), (3, 2), (3, -8)]) for n in (1, 2, 3)]
    left = [walk(4, [0, 3, 12], [(0, 2), (3, 2), (3, 12)])]
    straight = [walk(5, [0, 12], [(0, 2), (12, 2)])]
    lost = [walk(6, [0, 4], [(0, 2), (4, 2)])]
    goes_out = [walk(7, [0, 12], [(12, 2), (0, 2)])]
    turns = turn(join([*right, *left, *straight, *lost, *goes_out]))
    assert (turns.right, turns.left, turns.straight, turns.lost) == (3, 1, 1, 1)
    assert turns.share_right.value == pytest.approx(0.75)


def test_an_empty_table_has_no_turns() -> None:
    turns = list_first_turns(
        ordered=order_rows(empty_table(TRACK_COLUMNS)),
        crossings=empty_table(CROSSING_COLUMNS),
        line=EAST_DOOR,
    )
    assert share(turns).share_right.value is None

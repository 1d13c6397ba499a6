"""Flow figures from hand-written journeys."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId
from analytics.flows.places import OUTSIDE
from analytics.flows.routes import compute_funnel
from analytics.flows.ways import JOURNEY_COLUMN_NAMES, Ways
from analytics.metrics.coverage import CameraView
from app.facts.period_facts import read_period_facts
from app.flows.flow_analysis import analyse_flows, describe_flows
from app.flows.flow_figures import (
    FIRST_STOP_COLUMNS,
    FUNNEL_COLUMNS,
    LINE_COLUMNS,
    MOVE_COLUMNS,
    ORIGIN_COLUMNS,
    PASSAGE_COLUMNS,
    ROUTE_COLUMNS,
    FlowFigures,
)
from tests.support.halls.walked_hall import NOW_UTC_S, make_hall, walk_through
from tests.support.reports.flow_facts import DAY_S, GEOMETRY, START_S, make_facts

WAYS = [*["abc"] * 8, *["ab"] * 6, *["ac!"] * 5, *["b"] * 3]


@pytest.fixture(scope="module")
def figures() -> FlowFigures:
    return describe_flows(make_facts(WAYS, came_in_s=[10, 70, 75, 80]), time_zone="Asia/Shanghai")[0]


def test_transitions_have_shares(figures: FlowFigures) -> None:
    cells = {(cell["from"], cell["to"]): cell for cell in figures.transitions}
    assert cells["a", "b"]["moves"] == 14
    assert cells["a", "b"]["share"].value == pytest.approx(14 / 19)
    assert cells["a", "b"]["share"].interval is not None
    assert cells[OUTSIDE, "b"]["moves"] == 3
    assert cells["c", OUTSIDE]["share"].value == 1.0
    assert figures.few_from == ()
    assert (figures.visitors, figures.whole) == (22, 17)


def test_a_zone_with_few_moves_out_is_listed_separately() -> None:
    found, _ = describe_flows(make_facts(["ab"] * 6 + ["c"] * 2), time_zone="UTC")
    assert found.few_from == ("c",)
    assert not [cell for cell in found.transitions if cell["from"] == "c"]


@pytest.mark.parametrize(("left_m", "is_seen"), [(-1.0, True), (5.0, False)])
def test_an_unobserved_line_has_no_counts(left_m: float, is_seen: bool) -> None:
    # from straight above, from there on to the right
    geometry = CameraGeometry(np.array([[0.01, 0.0, left_m], [0.0, -0.01, 8.0], [0.0, 0.0, 1.0]]))
    view = CameraView(CameraId("cam"), geometry, (600, 800))
    facts = make_facts(WAYS)
    spans = facts.tables["spans"].assign(camera="cam")
    facts = dataclasses.replace(facts, views=(view,), tables={**facts.tables, "spans": spans})
    (door,) = describe_flows(facts, time_zone="UTC")[0].lines
    assert (door.inward, door.outward) == ((0, 0) if is_seen else (None, None))
    assert (door.flow.per_minute.value is None) is not is_seen
    assert (door.peak is None) is not is_seen
    assert all(bar.inward is None for bar in door.bars) is not is_seen


def test_routes_first_and_last_zones_and_first_stops(figures: FlowFigures) -> None:
    assert [(row["route"], row["visitors"]) for row in figures.routes] == [
        (("a", "b"), 14), (("a", "b", "c"), 8), (("b", "c"), 8), (("a", "c"), 5),
    ]  # fmt: skip
    assert [(row["from"], row["to"], row["visitors"]) for row in figures.origins] == [
        ("a", "c", 8), ("a", "b", 6),
    ]  # fmt: skip
    assert figures.origins_left_out == 3
    assert [(stop["zone"], stop["visitors"]) for stop in figures.first_stops] == [("a", 19), ("b", 3)]


def test_every_declared_column_finds_its_figure(figures: FlowFigures) -> None:
    funnel = compute_funnel(describe_flows(make_facts(WAYS), time_zone="UTC")[1], steps=["a", "b"])
    for columns, rows in (
        (MOVE_COLUMNS, figures.transitions),
        (ROUTE_COLUMNS, figures.routes),
        (ORIGIN_COLUMNS, figures.origins),
        (FIRST_STOP_COLUMNS, figures.first_stops),
        (PASSAGE_COLUMNS, figures.passages),
        (LINE_COLUMNS, figures.lines),
        (FUNNEL_COLUMNS, funnel),
    ):
        for column in columns:
            estimates = [column.read_estimate(row) for row in rows]
            if column.key not in ("returns", "turn_right"):
                assert [estimate for estimate in estimates if estimate.value is not None], column.key
            assert any(estimate.interval for estimate in estimates) <= column.is_estimate, column.key


def test_passages_and_returns_are_counted() -> None:
    found, _ = describe_flows(make_facts(["aba"] * 4 + ["abc"] * 2 + ["bc"]), time_zone="UTC")
    passages = {passage.name: passage for passage in found.passages}
    assert passages["b"].passages == 6
    assert passages["b"].returns == pytest.approx(4 / 6)
    assert (passages["a"].passages, passages["a"].returns) == (0, None)
    assert passages["a"].traffic.through.value == 1.0
    assert passages["a"].traffic.turned_back.value == 0.0
    assert (passages["c"].traffic.stays, passages["c"].traffic.cut) == (3, 0)


def test_a_line_has_its_peak_minute_its_mean_and_the_turns_behind_it(figures: FlowFigures) -> None:
    (door,) = figures.lines
    assert (door.inward, door.outward, door.width_m) == (4, 0, 2.0)
    assert door.flow.per_minute.value == pytest.approx(4 / 60)
    assert door.flow.per_minute_m.value == pytest.approx(4 / 120)
    assert (door.peak, door.peak_at_s) == (3.0, START_S + 60)
    assert door.turns is not None
    assert (door.turns.right, door.turns.share_right.value) == (4, 1.0)
    assert not figures.is_by_hour_of_day
    assert sum(bar.inward * (bar.end_s - bar.start_s) / 60 for bar in door.bars if bar.inward) == 4


def test_bars_of_several_days_are_by_hour_of_the_day() -> None:
    observed = [(0.0, 3600.0), (2 * 3600.0, 3 * 3600.0)]
    facts = make_facts(WAYS, observed=observed, came_in_s=[30, 40, 2 * 3600 + 30], days=2)
    found, _ = describe_flows(dataclasses.replace(facts, period_s=(START_S, START_S + DAY_S + 4 * 3600)),
                              time_zone="Asia/Shanghai")  # fmt: skip
    assert found.is_by_hour_of_day
    bars = {bar.start_s / 3600: bar.inward for bar in found.lines[0].bars}
    assert bars[9] == pytest.approx(2 / 60)
    assert bars[10] is None
    assert bars[11] == pytest.approx(1 / 60)
    assert bars[3] is None


def test_only_time_after_a_zone_change_is_counted() -> None:
    moved = dataclasses.replace(
        GEOMETRY.zones[0], outline=Polygon.from_points([(1, 5), (4, 5), (4, 7), (1, 7)], what="a")
    )
    before = dataclasses.replace(GEOMETRY, zones=(moved, *GEOMETRY.zones[1:]))
    facts = make_facts(WAYS, days=2, geometry_before=before, came_in_s=[10, 70])
    found, ways = describe_flows(facts, time_zone="UTC")
    (door,) = found.lines
    assert door.inward == 2
    assert door.turns is not None
    assert door.turns.right == 2
    assert door.flow.per_minute.value == pytest.approx(2 / 60)
    assert found.is_cut
    assert found.period[0] == START_S + 7200
    assert (found.visitors, len(ways)) == (len(WAYS), len(WAYS))
    facts = make_facts(["ab"] * 6, days=2)
    steps = facts.tables["way_steps"]
    steps["place"] = pd.Categorical(["gone", *steps["place"].astype(object)[1:]])
    assert describe_flows(facts, time_zone="UTC")[0].period[0] == START_S + 7200


def test_a_funnel_is_counted() -> None:
    _, ways = describe_flows(make_facts(WAYS), time_zone="UTC")
    funnel = compute_funnel(ways, steps=["a", "b", "c"])
    assert [(step.reached, step.undecided) for step in funnel] == [(19, 0), (14, 5), (8, 0)]
    assert funnel[2].share_of_start == pytest.approx(8 / 19)
    assert funnel[2].maybe_of_start == pytest.approx(5 / 19)
    assert funnel[1].share_of_step == 1.0
    nobody = Ways.of(pd.DataFrame(columns=list(JOURNEY_COLUMN_NAMES)))
    assert compute_funnel(nobody, steps=["a", "b"])[1].share_of_start is None


def test_flows_are_read_from_the_history(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    assert analyse_flows(venue=venue, period=(0.0, 1.0)).history is None
    start_s = NOW_UTC_S - 3600 + 130.0
    walk_through(venue, start_s=start_s, duration_s=600, people=25)
    found = analyse_flows(venue=venue, period=(start_s, start_s + 600))
    assert found.figures is not None
    assert found.figures.visitors > 10
    assert found.figures.lines[0].inward > 10
    # what is kept begins at midnight, and its steps before the period does
    facts = read_period_facts(venue=venue, period_s=(start_s, start_s + 600))
    assert facts is not None
    crossings = facts.tables["crossings"]
    assert found.figures.moves == len(facts.tables["moves"])
    assert found.figures.lines[0].inward == (crossings["direction"] == "in").sum()
    nothing = analyse_flows(venue=venue, period=(start_s - 7200, start_s - 3600))
    assert nothing.figures is None
    assert nothing.history is not None

"""Sums of days against the visits, moves, ways and crossings of the whole period."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polygon, Polyline
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import LineId, ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.flows.first_turns import Turn
from analytics.flows.places import OUTSIDE
from analytics.flows.transitions import TransitionSettings, estimate_transition_shares
from analytics.flows.ways import Ways
from analytics.rollups.clock_steps import STEP_S
from analytics.rollups.period_facts import PeriodFacts, StretchFacts, join_stretches
from analytics.rollups.period_ways import read_ways
from analytics.rollups.tables import (
    list_way_steps,
    list_ways,
    sum_crossings,
    sum_moves_by_clock,
    sum_turns,
    sum_zone_uses,
)

DAY_S = 86_400.0
START_S = 20_520 * DAY_S
DAYS, VISITORS = 3, 120
NAMES = ("a", "b", "c", "d")
MIN_STOP_S = 3.0
ZONES = tuple(
    Zone(
        ZoneId(name), ZoneKind.BOOTH, Polygon.from_points([(x, 0), (x + 2, 0), (x + 2, 2), (x, 2)], what=name)
    )
    for x, name in enumerate(NAMES)
)
GONE = Zone(ZoneId("gone"), ZoneKind.BOOTH, Polygon.from_points([(0, 5), (2, 5), (2, 7)], what="gone"))
LINES = tuple(
    CountingLine(LineId(name), ZoneKind.ENTRANCE, Polyline.from_points([(0, y), (0, y + 2)], what=name))
    for y, name in enumerate(("east", "west"))
)


def draw_day(random: np.random.Generator, day: int) -> dict[str, pd.DataFrame]:
    """Draw the tables of a random day, in seconds from its start; the first day has one more stand."""
    visits, journeys, moves = [], [], []
    names = (*NAMES, "gone") if day == 0 else NAMES
    for visitor in range(VISITORS):
        start_s = float(random.uniform(0.0, DAY_S - 4000.0))
        zones = random.choice(names, int(random.integers(0, 9))).tolist()
        at_s = start_s + np.cumsum(random.uniform(1.0, 400.0, len(zones)))
        stop_s = np.where(random.random(len(zones)) < 0.5, random.uniform(0.1, 9.0, len(zones)), 0.0)
        visits += [
            (visitor, zone, at, stop, "engaged" if stop > 5 else "stop" if stop > 3 else "visit")
            for zone, at, stop in zip(zones, at_s.tolist(), stop_s.tolist(), strict=True)
        ]
        way = [
            (zone, at)
            for n, (zone, at) in enumerate(zip(zones, at_s, strict=True))
            if zones[n - 1 : n] != [zone]
        ]
        seen = random.random(2) < 0.7
        journeys.append((visitor, start_s, start_s + 4000.0, *seen, tuple(zone for zone, _at in way)))
        moves += [
            (begin, end, at, float(random.uniform(1.0, 3.0)))
            for (begin, at), (end, _) in itertools.pairwise([(OUTSIDE, start_s), *way])
        ]
    crossed = int(random.integers(50, 90))
    return {
        "visits": pd.DataFrame(visits, columns=["visitor", "zone", "entered_s", "stop_s", "tier"]),
        "journeys": pd.DataFrame(
            journeys, columns=["visitor", "start_s", "end_s", "is_start_seen", "is_end_seen", "zones"]
        ),
        "moves": pd.DataFrame(moves, columns=["from", "to", "at_s", "weight"]),
        "crossings": pd.DataFrame(
            {
                "line": random.choice(["east", "west"], crossed),
                "time_s": random.uniform(0.0, DAY_S, crossed),
                "direction": random.choice(["in", "out"], crossed),
                "turn": random.choice([turn.value for turn in Turn], crossed),
            }
        ),
    }


@pytest.fixture(scope="module")
def days() -> list[dict[str, pd.DataFrame]]:
    random = np.random.default_rng(11)
    return [draw_day(random, day) for day in range(DAYS)]


@pytest.fixture(scope="module")
def facts(days: list[dict[str, pd.DataFrame]]) -> PeriodFacts:
    spans = pd.DataFrame({"camera": ["one"], "start_s": [0.0], "end_s": [DAY_S], "frames": [9]})
    stretches = []
    for day, known in enumerate(days):
        start_s = START_S + day * DAY_S
        visits, journeys = known["visits"], known["journeys"]
        zones = (*ZONES, GONE) if day == 0 else ZONES
        tables = {
            "spans": spans,
            "zone_uses": sum_zone_uses(visits, journeys, start_utc_s=start_s, min_stop_s=MIN_STOP_S),
            "move_sums": sum_moves_by_clock(known["moves"], start_utc_s=start_s),
            "line_minutes": sum_crossings(known["crossings"], start_utc_s=start_s),
            "line_turns": sum_turns(known["crossings"], start_utc_s=start_s),
            "ways": list_ways(journeys),
            "way_steps": list_way_steps(visits, journeys, min_stop_s=MIN_STOP_S),
        }
        stretches.append(StretchFacts(start_s, start_s + DAY_S, FloorGeometry(zones, LINES), tables))
    return join_stretches(
        stretches,
        period_s=(START_S, START_S + DAYS * DAY_S),
        plan=FloorPlan(Polygon.from_points([(0, 0), (9, 0), (9, 9), (0, 9)], what="hall")),
        views=(),
        geometry=FloorGeometry(ZONES, LINES),
    )


def join(days: list[dict[str, pd.DataFrame]], name: str, times: tuple[str, ...]) -> pd.DataFrame:
    """Join a table of all days on one clock, with visitors renumbered."""
    parts = []
    for day, known in enumerate(days):
        moved = {time: known[name][time] + START_S + day * DAY_S for time in times}
        part = known[name].assign(**moved)
        parts.append(part.assign(visitor=part["visitor"] + 1000 * day) if "visitor" in part else part)
    return pd.concat(parts, ignore_index=True)


def test_shares_of_moves_and_their_intervals_are_those_of_all_moves(
    days: list[dict[str, pd.DataFrame]], facts: PeriodFacts
) -> None:
    blocks, moves = facts.make_blocks(), join(days, "moves", ("at_s",))
    shares = estimate_transition_shares(
        facts.tables["move_sums"],
        zones=ZONES,
        blocks=len(blocks.edges_s) - 1,
        settings=TransitionSettings(confidence=blocks.settings.confidence),
    )
    assert len(shares) >= 16
    for row in shares.itertuples(index=False):
        begin, end, count = row[0], row[1], row[2]
        of_begin = moves[moves["from"] == begin]
        own = of_begin[of_begin["to"] == end]
        slow = blocks.divide(
            blocks.count(own["at_s"].to_numpy(), own["weight"].to_numpy()),
            blocks.count(of_begin["at_s"].to_numpy(), of_begin["weight"].to_numpy()),
            high=1.0,
        )
        assert count == len(own)
        assert row.share == pytest.approx(slow.value)
        assert (row.share_low, row.share_high) == pytest.approx(slow.interval)


def test_zones_are_used_as_by_looking_at_every_visitor(
    days: list[dict[str, pd.DataFrame]], facts: PeriodFacts
) -> None:
    visits = join(days, "visits", ("entered_s",))
    journeys = join(days, "journeys", ("start_s", "end_s"))
    came = set(journeys.loc[journeys["is_start_seen"], "visitor"])
    slow: dict[tuple[str, str, float], float] = {}

    def add(column: str, visit: object, value: float = 1.0) -> None:
        key = column, str(visit.zone), STEP_S * (visit.entered_s // STEP_S)  # type: ignore[attr-defined]
        slow[key] = slow.get(key, 0.0) + value

    for visitor, own in visits.sort_values("entered_s").groupby("visitor"):
        stops = [visit for visit in own.itertuples() if visit.stop_s > 0]
        if stops and visitor in came:
            add("first_stops", stops[0])
        for visit in stops:
            add("stop_visits", visit)
            add("stop_s", visit, visit.stop_s)
            add("engaged_stop_s", visit, visit.stop_s if visit.tier == "engaged" else 0.0)
        for _zone, at_zone in own.groupby("zone"):
            add("came", next(at_zone.itertuples()))
            long = at_zone[at_zone["stop_s"] >= MIN_STOP_S]
            if len(long):
                add("stopped", next(long.itertuples()))
    table = facts.tables["zone_uses"].melt(["zone", "start_s"])
    found = {
        (column, str(zone), start_s): value
        for zone, start_s, column, value in table.itertuples(index=False)
        if value
    }
    # a zone that is no more has no rows
    expected = {key: value for key, value in slow.items() if value and key[1] != "gone"}
    assert found == pytest.approx(expected)
    assert len(expected) > 500


def test_ways_are_those_of_the_journeys(days: list[dict[str, pd.DataFrame]], facts: PeriodFacts) -> None:
    journeys = join(days, "journeys", ("start_s", "end_s"))
    ways, slow = read_ways(facts), Ways.of(journeys)
    names, slow_names = np.array(ways.names), np.array(slow.names)
    assert names[ways.zone].tolist() == slow_names[slow.zone].tolist()
    for name in ("first", "start_s", "end_s", "is_start_seen", "is_end_seen"):
        np.testing.assert_array_equal(getattr(ways, name), getattr(slow, name))


def test_lines_are_crossed_as_often_and_turns_are_as_many(
    days: list[dict[str, pd.DataFrame]], facts: PeriodFacts
) -> None:
    crossings = join(days, "crossings", ("time_s",))
    for name, step_s, column in (("line_minutes", 60.0, "direction"), ("line_turns", STEP_S, "turn")):
        slow = crossings.groupby(["line", step_s * (crossings["time_s"] // step_s), column]).size()
        table = facts.tables[name].melt(["line", "start_s"])
        found = {tuple(row[:3]): row[3] for row in table.itertuples(index=False) if row[3]}
        assert found == slow.to_dict()


def test_a_step_that_a_change_of_zones_cuts_counts_from_the_change_on() -> None:
    changed_s = START_S + 130.0
    crossings = pd.DataFrame({"line": ["east"], "time_s": [20.0], "direction": ["in"]})
    assert sum_crossings(crossings, start_utc_s=changed_s)["start_s"].tolist() == [0.0]

"""Visitors by the lines of all doors together: planted differences, and tracks that tell which is nearer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polyline
from analytics.domain.identifiers import LineId
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.flows.door_balance import DOOR_REACH_M, DoorBalance, Nearer, balance_doors, list_door_ends
from analytics.flows.footfall import CrossingSettings, compute_crossings
from analytics.metrics.presence import order_rows
from tests.support.halls.known_crowd import make_track_table

ENTRANCE = CountingLine(LineId("Entrance"), ZoneKind.ENTRANCE, Polyline(((0.0, 0.0), (0.0, 4.0))))
EXIT = CountingLine(LineId("Exit"), ZoneKind.EXIT, Polyline(((0.0, 30.0), (0.0, 34.0))))
OBSERVED = np.array([[0.0, 100_000.0]])


def balance(
    entrance: tuple[int, int],
    leaving: tuple[int, int],
    *,
    at_in: tuple[int, int] = (0, 0),
    at_out: tuple[int, int] = (0, 0),
    gained: float = 0.0,
) -> DoorBalance:
    rows = [(*entrance, *at_in), (*leaving, *at_out)]
    doors = pd.DataFrame(rows, index=["Entrance", "Exit"], columns=["in", "out", "begun", "ended"])
    return balance_doors(doors, gained=gained, gained_variance=gained)


def test_counts_that_agree_are_averaged_with_an_interval_on_both_sides() -> None:
    found = balance((800, 10), (5, 812))
    assert found.nearer is None
    assert found.missed_share == 0.0
    assert found.visitors.value == pytest.approx(813.5, abs=2)
    assert found.visitors.interval is not None
    low, high = found.visitors.interval
    assert low < 805 < 822 < high


@pytest.mark.parametrize(
    ("at_in", "at_out", "nearer", "visitors"),
    [
        ((145, 45), (80, 90), Nearer.OUT_AS_BEGUN, 826),
        ((145, 45), (40, 90), Nearer.OUT_AS_BEGUN, 876),
        ((50, 45), (120, 20), Nearer.IN_AS_BEGUN, 626),
        ((50, 45), (40, 35), Nearer.OUT_AS_MORE, 826),
    ],
)
def test_fewer_in_than_out(
    at_in: tuple[int, int], at_out: tuple[int, int], nearer: Nearer, visitors: float
) -> None:
    found = balance((626, 0), (0, 826), at_in=at_in, at_out=at_out)
    assert (found.came, found.left, found.nearer) == (626, 826, nearer)
    assert found.visitors.value == visitors
    assert found.visitors.interval is None, "what disagrees has no interval that holds"
    assert found.missed_share == pytest.approx(1 - 626 / visitors)
    assert (found.ways_in, found.ways_out) == (("Entrance",), ("Exit",))


@pytest.mark.parametrize(
    ("at_in", "at_out", "nearer", "visitors"),
    [
        ((50, 45), (40, 100), Nearer.IN_AS_ENDED, 826),
        ((20, 120), (40, 45), Nearer.OUT_AS_ENDED, 626),
        ((50, 45), (40, 45), Nearer.IN_AS_MORE, 826),
    ],
)
def test_fewer_out_than_in(
    at_in: tuple[int, int], at_out: tuple[int, int], nearer: Nearer, visitors: float
) -> None:
    found = balance((826, 0), (0, 626), at_in=at_in, at_out=at_out)
    assert (found.nearer, found.visitors.value) == (nearer, visitors)


def test_people_who_stay_explain_a_difference() -> None:
    assert balance((800, 0), (0, 600)).nearer is Nearer.IN_AS_MORE
    full = balance((800, 0), (0, 600), gained=195.0)
    assert full.nearer is None
    assert full.visitors.value == pytest.approx(798, abs=5)


def test_a_door_without_a_line_says_nothing_about_the_others() -> None:
    found = balance((800, 20), (0, 0))
    assert (found.nearer, found.visitors.value, found.visitors.interval) == (None, 800, None)
    assert balance((0, 0), (0, 0)).visitors.value is None


@pytest.mark.parametrize(("people", "share"), [(400, 1.0), (400, 0.75), (1500, 0.9)])
def test_binomial_misses_at_both_doors_are_chance_and_more_at_one_is_not(people: int, share: float) -> None:
    """At both lines 98 % are counted, or at one the given share of these."""
    rng = np.random.default_rng(people)
    found = [
        balance((int(rng.binomial(people, 0.98 * share)), 0), (0, int(rng.binomial(people, 0.98)))).nearer
        is not None
        for _ in range(100)
    ]
    assert np.mean(found) <= 0.05 if share == 1.0 else np.mean(found) >= 0.95


def walk(
    visitor: int, begin: tuple[float, float], end: tuple[float, float], *, start_s: float = 10.0
) -> pd.DataFrame:
    time_s = np.arange(0.0, 20.5, 0.5)
    share = np.clip(time_s / 10.0, 0.0, 1.0)
    return make_track_table(
        time_s=start_s + time_s,
        tracklet=[visitor] * len(time_s),
        x_m=begin[0] + share * (end[0] - begin[0]),
        y_m=begin[1] + share * (end[1] - begin[1]),
    )


def list_ends(*walks: pd.DataFrame) -> list[tuple[str, str]]:
    tracks, lines = pd.concat(walks, ignore_index=True), [ENTRANCE, EXIT]
    ordered = order_rows(tracks)
    crossings = compute_crossings(tracks=tracks, lines=lines, settings=CrossingSettings(), ordered=ordered)
    found = list_door_ends(ordered=ordered, crossings=crossings, lines=lines, observed=OBSERVED)
    return sorted(zip(found["line"], found["direction"], strict=True))


def test_who_is_counted_coming_and_going_leaves_no_end() -> None:
    assert list_ends(walk(1, (-2.0, 2.0), (20.0, 2.0))) == []
    assert list_ends(walk(1, (20.0, 32.0), (-2.0, 32.0))) == []


def test_who_comes_uncounted_only_begins_and_a_broken_track_does_both() -> None:
    assert list_ends(walk(1, (3.0, 2.0), (20.0, 2.0))) == [("Entrance", "begun")]
    assert list_ends(walk(1, (20.0, 31.0), (3.0, 31.0))) == [("Exit", "ended")]
    broken = walk(1, (-2.0, 2.0), (4.0, 2.0)), walk(2, (4.5, 2.0), (20.0, 2.0), start_s=31.0)
    assert list_ends(*broken) == [("Entrance", "begun"), ("Entrance", "ended")]
    assert list_ends(walk(1, (DOOR_REACH_M + 0.5, 2.0), (20.0, 2.0))) == []


def test_who_is_there_when_the_observation_begins_has_not_come() -> None:
    assert list_ends(walk(1, (3.0, 2.0), (20.0, 2.0), start_s=0.5)) == []

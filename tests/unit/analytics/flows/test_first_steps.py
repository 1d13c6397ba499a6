from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.flows.places import CAME, LEFT, LOST
from analytics.flows.routes import count_first_steps
from analytics.flows.ways import Ways


def make_ways(*ways: str) -> Ways:
    """Make ways, a zone per letter; ``!`` at the end: lost; ``?`` at the beginning: start not seen."""
    return Ways.of(
        pd.DataFrame(
            {
                "start_s": np.zeros(len(ways)),
                "end_s": np.ones(len(ways)),
                "is_start_seen": np.array([not way.startswith("?") for way in ways], bool),
                "is_end_seen": np.array([not way.endswith("!") for way in ways], bool),
                "zones": pd.Series([tuple(way.strip("?!")) for way in ways], dtype=object),
            }
        )
    )


def list_counts(table: pd.DataFrame, step: int) -> dict[tuple[str, str], int]:
    own = table[table["step"] == step]
    return {(a, b): n for a, b, n in zip(own["from"], own["to"], own["visitors"], strict=True)}


def test_every_step_leads_on_or_out_once() -> None:
    table = count_first_steps(make_ways("abcd", "ab", "ab!", "", "a!", "?ab"))
    assert list_counts(table, 1) == {(CAME, "a"): 4, (CAME, LEFT): 1}
    assert list_counts(table, 2) == {("a", "b"): 3, ("a", LOST): 1}
    assert list_counts(table, 3) == {("b", "c"): 1, ("b", LEFT): 1, ("b", LOST): 1}


def test_an_entrance_zone_is_where_people_come_in_and_not_their_first_zone() -> None:
    table = count_first_steps(make_ways("eab", "ae", "e"), entrances=["e"], steps=2)
    assert list_counts(table, 1) == {("e", "a"): 1, ("e", LEFT): 1, (CAME, "a"): 1}
    assert list_counts(table, 2) == {("a", "b"): 1, ("a", "e"): 1}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text("abc", max_size=6).map(lambda way: way + "!" * (len(way) % 2)), max_size=25))
def test_arrivals_of_a_step_equal_departures_of_the_next(ways: list[str]) -> None:
    table = count_first_steps(make_ways(*ways))
    assert table.loc[table["step"] == 1, "visitors"].sum() == len(ways)
    for step in (1, 2):
        arriving = table[(table["step"] == step) & ~table["to"].isin([LEFT, LOST])]
        leaving = table[table["step"] == step + 1]
        assert (
            arriving.groupby("to")["visitors"].sum().to_dict()
            == leaving.groupby("from")["visitors"].sum().to_dict()
        )

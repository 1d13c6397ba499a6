"""Visit lengths by quarter of an hour against the visits that began in given hours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.rollups.visit_lengths import (
    QUARTER_S,
    VISIT_LENGTH_COLUMN_NAMES,
    VisitLengths,
    count_visit_lengths,
)

START_UTC_S = 1_700_000_100.0
HOURS = np.array([[900.0, 3600.0], [5400.0, 9000.0]])


def make_visits() -> pd.DataFrame:
    random = np.random.default_rng(8)
    count = 600
    return pd.DataFrame(
        {
            "zone": pd.Series(random.choice(["a", "b"], count), dtype="str"),
            "entered_s": random.uniform(0.0, 10_000.0, count),
            "seconds": random.exponential(40.0, count),
        }
    )


def test_any_quarters_hold_the_visits_that_began_in_them() -> None:
    visits = make_visits()
    table = count_visit_lengths(visits, start_utc_s=START_UTC_S)
    assert tuple(table.columns) == VISIT_LENGTH_COLUMN_NAMES
    # quarters are those of the clock
    first_s = -(START_UTC_S % QUARTER_S)
    hours = HOURS + first_s
    lengths = VisitLengths(table, hours)
    for zone in ("a", "b"):
        for number, (start_s, end_s) in enumerate(hours):
            is_in = (visits["zone"] == zone) & visits["entered_s"].between(start_s, end_s, inclusive="left")
            expected = np.bincount(visits.loc[is_in, "seconds"].astype(int))
            found = lengths.read(zone, number)
            assert found.sum() > 40
            np.testing.assert_array_equal(found, expected)
    assert not len(lengths.read("c", 0))
    assert not len(count_visit_lengths(visits.iloc[:0], start_utc_s=START_UTC_S))

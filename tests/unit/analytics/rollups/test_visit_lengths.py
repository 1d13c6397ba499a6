"""Visit lengths by quarter of an hour against the visits that began in given hours."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.dwell import DwellSettings
from analytics.dwell.survival_curve import EnteredVisits, count_entered, estimate_median
from analytics.rollups.visit_lengths import (
    QUARTER_S,
    VISIT_LENGTH_COLUMN_NAMES,
    VisitLengths,
    add_entered_visits,
    count_visit_lengths,
)

START_UTC_S = 1_700_000_100.0
HOURS = np.array([[900.0, 3600.0], [5400.0, 9000.0]])
ZONES = tuple(
    Zone(ZoneId(name), ZoneKind.BOOTH, Polygon.from_points([(x, 0), (x + 2, 0), (x + 2, 2)], what=name))
    for x, name in enumerate("abc")
)


def make_stays() -> pd.DataFrame:
    random = np.random.default_rng(8)
    count = 600
    entered_s = random.uniform(0.0, 10_000.0, count)
    seconds = random.exponential(40.0, count)
    return pd.DataFrame(
        {
            "visitor": np.arange(count),
            "zone": pd.Series(random.choice(["a", "b"], count), dtype="str"),
            "entered_s": entered_s,
            "left_s": entered_s + seconds,
            "seconds": seconds,
            "start_edge": pd.Series(random.choice(["seen", "view", "gap"], count), dtype="str"),
            "end_edge": pd.Series(random.choice(["seen", "period", "gap", "lost"], count), dtype="str"),
            # nobody goes on where another was lost
            **{name: np.arange(count) * 50.0 for name in ("start_x_m", "start_y_m", "end_x_m", "end_y_m")},
            "start_error_s": 0.0,
            "end_error_s": 0.0,
        }
    )


def test_any_quarters_hold_the_visits_that_began_in_them() -> None:
    stays, settings = make_stays(), DwellSettings()
    table = count_visit_lengths(stays, ZONES, start_utc_s=START_UTC_S, settings=settings)
    assert tuple(table.columns) == VISIT_LENGTH_COLUMN_NAMES
    # quarters are those of the clock
    first_s = -(START_UTC_S % QUARTER_S)
    hours = HOURS + first_s
    lengths = VisitLengths(table, hours)
    for zone in ("a", "b"):
        for number, (start_s, end_s) in enumerate(hours):
            is_in = (stays["zone"] == zone) & stays["entered_s"].between(start_s, end_s, inclusive="left")
            expected = count_entered(
                stays=stays[is_in],
                minimum_stay_s=ZONES[0].minimum_stay_s,
                ended_share=settings.ended_share,
            )
            found = lengths.read(zone, number)
            assert found.count.sum() > 40
            np.testing.assert_array_equal(found.count, expected.count)
            np.testing.assert_allclose(found.ended, expected.ended)
    assert not len(lengths.read("c", 0).count)
    assert not len(lengths.read("nobody", 1).count)
    assert not len(count_visit_lengths(stays, (), start_utc_s=START_UTC_S, settings=settings))


def test_the_median_is_that_of_the_visits_or_of_those_that_were_cut_as_well() -> None:
    assert estimate_median(EnteredVisits(np.empty(0), np.empty(0))) is None
    # two of 10 s, one of 12 s, one of 20 s: half are over where the second of 10 s is
    count = np.bincount([10, 10, 12, 20]).astype(np.float64)
    assert estimate_median(EnteredVisits(count, count)) == pytest.approx(11.0)
    cut = np.bincount([3, 3, 3, 3], minlength=21).astype(np.float64)
    # who was cut at once says nothing of the rest
    assert estimate_median(EnteredVisits(count + cut, count)) == pytest.approx(11.0)
    assert estimate_median(EnteredVisits(count, np.zeros(21))) is None


def test_visits_of_zones_are_added_by_their_length() -> None:
    one, other = (EnteredVisits(np.ones(length), np.full(length, 0.5)) for length in (3, 5))
    both = add_entered_visits([one, other])
    assert both.count.tolist() == [2, 2, 2, 1, 1]
    assert both.ended.tolist() == [1, 1, 1, 0.5, 0.5]
    assert not len(add_entered_visits([]).count)

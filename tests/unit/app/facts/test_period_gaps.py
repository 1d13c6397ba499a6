"""Unobserved time of a period, of all cameras and of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

import pandas as pd
import pytest

from analytics.columns import GAP_COLUMNS
from analytics.domain.event_sink import ObservedSpan
from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.domain.identifiers import CameraId
from analytics.store.sql_event_store import open_store
from app.facts.period_gaps import PeriodGaps, find_period_gaps, measure_period_gaps
from app.plan.edit_venue import create_hall
from tests.support.halls.walked_hall import SetClock

DAY = date(2026, 3, 14)
NINE_S = datetime(2026, 3, 14, 9, tzinfo=UTC).timestamp()
HOUR_S = 3600.0
DAY_S = (NINE_S - 9 * HOUR_S, NINE_S + 15 * HOUR_S)


def make_exhibition(*hours: tuple[int, int]) -> Exhibition:
    opening = tuple(OpeningHours(DAY, time(opens), time(closes)) for opens, closes in hours)
    return Exhibition(name="Fair", time_zone="UTC", opening_hours=opening)


def make_spans(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Return spans of cameras, in hours after nine."""
    return pd.DataFrame(
        [
            {
                "camera": name,
                "start_s": NINE_S + from_h * HOUR_S,
                "end_s": NINE_S + to_h * HOUR_S,
                "frames": 9,
            }
            for name, from_h, to_h in rows
        ]
    )


def test_opening_hours_without_a_camera_are_missing() -> None:
    spans = make_spans(("north", 1.0, 3.0), ("south", 2.0, 4.0), ("north", 6.0, 9.0))
    found = find_period_gaps(
        spans, ["north", "south"], exhibition=make_exhibition((9, 17)), period_s=DAY_S, expired_days=2
    )
    assert found is not None
    assert (found.expected_s, found.unobserved_s) == (8 * HOUR_S, pytest.approx(3 * HOUR_S))
    assert found.is_open_hours
    assert found.is_reportable
    assert found.cameras == (("north", pytest.approx(4 * HOUR_S)), ("south", pytest.approx(6 * HOUR_S)))
    assert found.expired_days == 2


def test_why_cameras_are_missing_is_summed_within_what_was_wanted() -> None:
    spans = make_spans(("north", -1.0, 3.0), ("south", 0.0, 8.0))
    rows = [
        ("north", 3.0, 4.0, "frozen"),
        ("north", 5.0, 5.5, "frozen"),
        ("north", 7.0, 20.0, "not running"),
        ("south", 1.0, 1.01, "stall"),
        ("south", -3.0, 0.0, "dark"),
    ]
    gaps = pd.DataFrame(
        [(name, NINE_S + a * HOUR_S, NINE_S + b * HOUR_S, cause) for name, a, b, cause in rows],
        columns=[column.name for column in GAP_COLUMNS],
    )
    found = find_period_gaps(
        spans, ["north", "south"], exhibition=make_exhibition((9, 17)), period_s=DAY_S, gaps=gaps
    )
    assert found is not None
    assert found.reasons == (
        ("north", "frozen", pytest.approx(1.5 * HOUR_S)),
        ("north", "not running", pytest.approx(HOUR_S)),
    )


def test_without_opening_hours_only_pauses_are_missing() -> None:
    spans = make_spans(("north", 1.0, 3.0), ("north", 3.5, 5.0))
    found = find_period_gaps(spans, ["north"], exhibition=make_exhibition(), period_s=DAY_S)
    assert found == PeriodGaps(4 * HOUR_S, False, pytest.approx(0.5 * HOUR_S))


def test_seconds_at_the_edges_are_not_worth_telling() -> None:
    spans = make_spans(("north", 0.0, 7.99))
    found = find_period_gaps(spans, ["north"], exhibition=make_exhibition((9, 17)), period_s=DAY_S)
    assert found is not None
    assert not found.is_reportable
    assert found.cameras == ()


def test_a_camera_whose_calibration_is_gone_is_named() -> None:
    spans = make_spans(("north", 0.0, 8.0), ("south", 0.0, 8.0))
    found = find_period_gaps(spans, ["south"], exhibition=make_exhibition((9, 17)), period_s=DAY_S)
    assert found is not None
    assert (found.unplaced, found.is_floor_unknown) == (("north",), False)
    found = find_period_gaps(spans, ["north", "south"], exhibition=make_exhibition((9, 17)), period_s=DAY_S)
    assert found is not None
    assert (found.unplaced, found.is_floor_unknown) == ((), False)


def test_a_period_of_which_nothing_was_observed_says_nothing() -> None:
    spans = make_spans(("north", 30.0, 31.0))
    assert find_period_gaps(spans, [], exhibition=make_exhibition((9, 17)), period_s=DAY_S) is None


def test_a_day_that_goes_on_is_missing_up_to_now_only(tmp_path: Path) -> None:
    venue = create_hall(tmp_path / "fair.expoflow", name="Fair", time_zone="UTC", size_m=(40, 25))
    assert measure_period_gaps(venue=venue, period_s=DAY_S) is None
    writer = open_store(venue.folder, clock=SetClock(NINE_S + HOUR_S))
    writer.write_span(ObservedSpan(CameraId("north"), NINE_S, NINE_S + HOUR_S, 100))
    writer.close()
    clock = SetClock(NINE_S + 2 * HOUR_S)
    venue = type(venue)(venue.folder, make_exhibition((9, 17)), venue.plan)
    found = measure_period_gaps(venue=venue, period_s=DAY_S, clock=clock)
    assert found == PeriodGaps(
        2 * HOUR_S, True, pytest.approx(HOUR_S), unplaced=("north",), is_floor_unknown=True
    )

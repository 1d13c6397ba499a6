"""Names of visitors are random, of one file, and end with the day and at closing time."""

from __future__ import annotations

import json
from datetime import date, time

import numpy as np
import pandas as pd

from analytics.domain.exhibition import Exhibition, OpeningHours
from analytics.results.visitor_names import VisitorNames

KEY = bytes(32)
DAY_S = 86_400.0


def make_visitor_names(
    names: VisitorNames, visitors: list[int], at_s: list[float], start_s: float = 0.0
) -> list[str]:
    return names.name(pd.Series(visitors), np.array(at_s), stretch_start_utc_s=start_s).tolist()


def test_names_are_stable_within_a_file_and_differ_between_files() -> None:
    names = VisitorNames()
    first = make_visitor_names(names, [1, 2, 1, 3], [0.0, 1.0, 2.0, 3.0])
    assert first[0] == first[2]
    assert len(set(first)) == 3
    assert make_visitor_names(names, [2], [50.0]) == [first[1]]
    assert not set(first) & set(make_visitor_names(VisitorNames(), [1, 2, 1, 3], [0.0, 1.0, 2.0, 3.0]))
    assert make_visitor_names(VisitorNames(key=KEY), [1], [0.0]) == make_visitor_names(
        VisitorNames(key=KEY), [1], [0.0]
    )
    assert make_visitor_names(names, [], []) == []


def test_names_reveal_neither_order_nor_other_days() -> None:
    names = VisitorNames()
    many = make_visitor_names(names, list(range(200)), [0.0] * 200)
    assert len(set(many)) == 200
    assert many != sorted(many)
    assert not set(many) & set(make_visitor_names(names, list(range(200)), [DAY_S] * 200, start_s=DAY_S))


def test_a_name_ends_at_closing_time() -> None:
    names = VisitorNames([100.0, 200.0])
    before, at_closing, after, next_day = make_visitor_names(names, [7, 7, 7, 7], [99.9, 100.0, 150.0, 200.0])
    assert at_closing == after
    assert len({before, after, next_day}) == 3


def test_numbers_are_exact_as_floats_and_differ_from_tracklets() -> None:
    names = VisitorNames()
    numbers = names.number(pd.Series(range(1000)), np.zeros(1000), stretch_start_utc_s=0.0)
    assert numbers.dtype == np.int64
    assert 2**40 < numbers.max() < 2**53
    assert [int(float(json.dumps(value))) for value in numbers.tolist()] == numbers.tolist()
    tracklets = names.number_tracklets(pd.Series([5, 6, 5], index=[9, 3, 1]))
    assert tracklets.index.tolist() == [9, 3, 1]
    assert tracklets[9] == tracklets[1] != tracklets[3]
    assert not set(tracklets) & set(numbers)


def test_the_last_closing_of_a_day_counts_also_after_midnight() -> None:
    day = date(2026, 3, 14)
    hours = (
        OpeningHours(day, time(9), time(12)),
        OpeningHours(day, time(13), time(17)),
        OpeningHours(date(2026, 3, 15), time(20), time(1)),
        OpeningHours(date(2026, 4, 1), time(9), time(17)),
    )
    exhibition = Exhibition("Expo", "UTC", hours)
    start_s, end_s = exhibition.day_interval_utc(day)
    assert exhibition.closings_utc(start_s, end_s - 1) == (start_s + 17 * 3600,)
    assert exhibition.closings_utc(end_s, end_s + 2 * DAY_S) == (end_s + DAY_S + 3600,)
    assert len(exhibition.closings_utc(-1e30, 1e30)) == 3
    assert Exhibition("Expo", "UTC").closings_utc(start_s, end_s) == ()

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.exhibition import published_bands
from analytics.exhibition.exhibition_use import ExhibitionUse, measure_exhibition_use
from analytics.flows.ways import Ways
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks
from analytics.metrics.observation import clip_intervals

HOUR_S = 3600.0
OBSERVED = np.array([[0.0, HOUR_S]])
ELEMENTS = ["a", "b", "c", "d"]


def make_visitors(count: int = 100) -> pd.DataFrame:
    """Return visitors who stay for 20 minutes and visit two zones; those at the ends are cut."""
    start_s = np.linspace(-1200.0, HOUR_S, count, endpoint=False)
    return pd.DataFrame(
        {
            "visitor": np.arange(count),
            "start_s": np.maximum(start_s, 0.0),
            "end_s": np.minimum(start_s + 1200.0, HOUR_S),
            "is_start_seen": start_s > 0,
            "is_end_seen": start_s + 1200.0 < HOUR_S,
            "zones": pd.Series([("a", "b", "a")] * count, dtype=object),
        }
    )


def make_stopped(journeys: pd.DataFrame) -> pd.DataFrame:
    """Return stops: even visitors stop at three elements, odd ones at one, twice."""
    rows = [
        (visitor, zone, start_s + 60.0)
        for visitor, start_s in zip(journeys["visitor"], journeys["start_s"], strict=True)
        for zone in (["a", "b", "c"] if visitor % 2 == 0 else ["a", "a"])
    ]
    return pd.DataFrame(rows, columns=["visitor", "zone", "entered_s"])


def make_visited(journeys: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            (visitor, zone, start_s + 30.0)
            for visitor, start_s in zip(journeys["visitor"], journeys["start_s"], strict=True)
            for zone in ("a", "b", "a")
        ],
        columns=["visitor", "zone", "entered_s"],
    )


def choose_seen(journeys: pd.DataFrame) -> pd.DataFrame:
    """Return the visitors who stopped in the period; all do so within a minute of entry."""
    return journeys[journeys["is_start_seen"]]


def measure(journeys: pd.DataFrame, observed: np.ndarray = OBSERVED) -> ExhibitionUse:
    blocks = make_period_blocks(period_s=(0.0, HOUR_S), observed=observed, settings=BlockSettings())
    presence = journeys[["start_s", "end_s"]].to_numpy(np.float64)
    visited, stopped = make_visited(choose_seen(journeys)), make_stopped(choose_seen(journeys))
    firsts = [table.drop_duplicates(["visitor", "zone"]) for table in (visited, stopped)]
    stops = firsts[1].groupby("visitor")["zone"].count()
    return measure_exhibition_use(
        ways=Ways.of(journeys),
        came=None,
        visited=blocks.count(firsts[0]["entered_s"].to_numpy(np.float64)),
        stopped=blocks.count(firsts[1]["entered_s"].to_numpy(np.float64)),
        stops=journeys["visitor"].map(stops).fillna(0).to_numpy(np.int64),
        elements=len(ELEMENTS),
        area_m2=500.0,
        net_area_m2=200.0,
        person_seconds=sum(
            blocks.sum_overlap(clip_intervals(presence, start_s=float(begin_s), end_s=float(end_s)))
            for begin_s, end_s in observed
        ),
        observed_s=blocks.sum_overlap(observed),
        blocks=blocks,
    )


def test_the_figures_are_those_of_the_definitions() -> None:
    use = measure(make_visitors())
    assert use.mean_total_time_s.value == pytest.approx(1200.0, rel=0.02)
    assert use.sweep_rate_m2_min.value == pytest.approx(500.0 / 20.0, rel=0.02)
    assert use.minutes_per_100_m2.value == pytest.approx(4.0, rel=0.02)
    assert use.diligent.value == pytest.approx(0.5, abs=0.02)
    assert use.stops_per_element.value == pytest.approx((3 / 4 + 1 / 4) / 2, abs=0.01)
    assert use.zones_visited.value == pytest.approx(0.5)
    # 25 people on average on 200 m²
    assert use.traffic_density.value == pytest.approx(25.0 / 200.0 * 9.29, rel=0.02)


def test_broken_tracks_do_not_change_time_or_sweep_rate() -> None:
    journeys = make_visitors()
    first = journeys.assign(end_s=(journeys["start_s"] + journeys["end_s"]) / 2, is_end_seen=False)
    second = journeys.assign(visitor=journeys["visitor"] + 1000, start_s=first["end_s"], is_start_seen=False)
    whole, broken = measure(journeys), measure(pd.concat([first, second], ignore_index=True))
    assert broken.sweep_rate_m2_min.value == pytest.approx(whole.sweep_rate_m2_min.value)
    assert broken.diligent.value is None


def test_interval_limits_of_the_sweep_rate_are_swapped() -> None:
    use = measure(make_visitors())
    limits, time_s = use.sweep_rate_m2_min.interval, use.mean_total_time_s.interval
    assert limits is not None
    assert time_s is not None
    assert limits[0] < use.sweep_rate_m2_min.value < limits[1]
    assert limits[0] == pytest.approx(500.0 * 60.0 / time_s[1])


def test_unobserved_figures_are_unknown() -> None:
    use = measure(make_visitors().iloc[:0], observed=np.empty((0, 2)))
    assert use.mean_total_time_s.value is None
    assert use.sweep_rate_m2_min.value is None
    assert use.traffic_density.value is None


def test_published_bands_have_source_and_value() -> None:
    bands = [
        band for band in vars(published_bands).values() if isinstance(band, published_bands.PublishedBand)
    ]
    assert len(bands) == 5
    for band in bands:
        assert any(char.isdigit() for char in band.source)
        assert (band.low is None) == (band.high is None)
        assert band.typical is not None or band.low is not None
        if band.low is not None and band.high is not None:
            assert band.low < (band.typical or (band.low + band.high) / 2) < band.high
    sweep = published_bands.SWEEP_RATE
    assert (sweep.low, sweep.high) == (pytest.approx(18.6, abs=0.05), pytest.approx(37.2, abs=0.05))

"""A counter with one server: people come at random, wait in line, are served in turn, and some give up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.exhibition.exposure import Exposure
from analytics.exhibition.queues import (
    Outcome,
    QueueFigures,
    QueueSettings,
    find_balking,
    find_waits,
    list_services,
    summarise_queue,
)
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks

HOURS_S = 4 * 3600.0
OBSERVED = np.array([[0.0, HOURS_S]])
BLOCKS = make_period_blocks(period_s=(0.0, HOURS_S), observed=OBSERVED, settings=BlockSettings())


def make_queue(*, seed: int = 1, patience_s: float = np.inf) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stays in the queue and services; a server takes 25 s on average, somebody comes every 35 s."""
    random = np.random.default_rng(seed)
    joined_s = np.cumsum(random.exponential(35.0, int(HOURS_S / 35 * 1.5)))
    joined_s = joined_s[joined_s < HOURS_S - 600.0]
    free_s = 0.0
    rows, services = [], []
    for visitor, came_s in enumerate(joined_s):
        begin_s = max(came_s + 4.0, free_s)
        if begin_s - came_s > patience_s:
            rows.append((visitor, came_s, came_s + patience_s))
            continue
        free_s = begin_s + random.exponential(25.0)
        rows.append((visitor, came_s, begin_s))
        services.append((visitor, begin_s + 1.0))
    stays = pd.DataFrame(rows, columns=["visitor", "entered_s", "left_s"])
    stays = stays.assign(
        zone="queue", seconds=stays["left_s"] - stays["entered_s"], start_edge="seen", end_edge="seen"
    )
    crossings = pd.DataFrame(services, columns=["visitor", "time_s"])
    return stays, list_services(crossings=crossings)


def lose_tracks(stays: pd.DataFrame, *, every_s: float) -> pd.DataFrame:
    """Every visitor is lost at random, and found again at once as somebody else."""
    random = np.random.default_rng(9)
    rows, number = [], 1000
    for stay in stays.itertuples():
        cuts = np.cumsum(random.exponential(every_s, 200)) + stay.entered_s
        edges = [stay.entered_s, *cuts[cuts < stay.left_s].tolist(), stay.left_s]
        for part in range(len(edges) - 1):
            is_last = part == len(edges) - 2
            number += 1
            rows.append(
                (
                    stay.visitor if is_last else number, edges[part], edges[part + 1],
                    "seen" if part == 0 else "lost", "seen" if is_last else "lost",
                )
            )  # fmt: skip
    table = pd.DataFrame(rows, columns=["visitor", "entered_s", "left_s", "start_edge", "end_edge"])
    return table.assign(zone="queue", seconds=table["left_s"] - table["entered_s"])


def summarise(stays: pd.DataFrame, services: pd.DataFrame, **options: float) -> QueueFigures:
    settings = QueueSettings(**options)
    waits = find_waits(stays=stays, services=services, settings=settings)
    return summarise_queue(waits=waits, observed=OBSERVED, blocks=BLOCKS, settings=settings)


def test_the_figures_are_those_of_the_line() -> None:
    stays, services = make_queue()
    figures = summarise(stays, services, target_s=60.0)
    wait_s = stays["seconds"].to_numpy()
    assert (figures.joined, figures.served, figures.reneged) == (len(stays), len(stays), 0)
    assert figures.length.value == pytest.approx(wait_s.sum() / HOURS_S)
    assert figures.wait_median_s == pytest.approx(np.median(wait_s), abs=1.0)
    assert figures.wait_p90_s == pytest.approx(np.quantile(wait_s, 0.9), abs=2.0)
    assert figures.within_target == pytest.approx((wait_s < 60.0).mean(), abs=0.01)
    assert figures.service_per_minute.value == pytest.approx(len(services) / HOURS_S * 60)
    assert figures.expected_length == pytest.approx(figures.length.value, rel=0.02)
    assert not figures.is_little_violated


def test_who_leaves_without_service_has_given_up_and_has_no_short_wait() -> None:
    stays, services = make_queue(patience_s=90.0)
    figures = summarise(stays, services)
    gave_up = ~stays["visitor"].isin(services["visitor"]).to_numpy()
    assert figures.reneged == gave_up.sum() > 20
    assert figures.reneging.value == pytest.approx(gave_up.mean())
    served_s = stays["seconds"].to_numpy()[~gave_up]
    assert figures.wait_median_s == pytest.approx(np.median(served_s), abs=1.5)


def test_lost_tracks_leave_length_and_waits_right() -> None:
    stays, services = make_queue()
    broken = lose_tracks(stays, every_s=60.0)
    assert len(broken) > 1.5 * len(stays)
    figures = summarise(broken, services)
    assert figures.unknown > 100
    # pieces under the minimum are lost with their seconds
    assert figures.length.value == pytest.approx(stays["seconds"].sum() / HOURS_S, rel=0.05)
    assert figures.wait_median_s == pytest.approx(np.median(stays["seconds"]), rel=0.15)
    plain = broken.loc[broken["end_edge"] == "seen", "seconds"].median()
    assert plain < 0.75 * np.median(stays["seconds"])


def test_littles_law_tells_of_waits_that_are_wrong() -> None:
    stays, services = make_queue()
    # half of the time of every other visitor is missing, as by a track that another one took over
    halved = stays.copy()
    halved.loc[::2, "left_s"] = (halved["entered_s"] + halved["left_s"])[::2] / 2
    halved["seconds"] = halved["left_s"] - halved["entered_s"]
    waits = find_waits(stays=halved, services=services, settings=QueueSettings())
    doubled = pd.concat([waits, waits.assign(start_edge="lost")], ignore_index=True)
    figures = summarise_queue(waits=doubled, observed=OBSERVED, blocks=BLOCKS, settings=QueueSettings())
    assert figures.is_little_violated


def test_a_wait_ends_with_service_or_when_the_queue_is_left() -> None:
    stays = pd.DataFrame(
        {
            "visitor": [1, 2, 3, 4, 5],
            "zone": "queue",
            "entered_s": [0.0, 0, 0, 0, 0],
            "left_s": [60.0, 60, 60, 60, 2],
            "seconds": [60.0, 60, 60, 60, 2],
            "start_edge": "seen",
            "end_edge": ["seen", "seen", "seen", "lost", "seen"],
        }
    )
    services = list_services(visits=pd.DataFrame({"visitor": [1, 2, 3], "entered_s": [50.0, 64.0, 70.0]}))
    waits = find_waits(stays=stays, services=services, settings=QueueSettings()).set_index("visitor")
    assert waits["outcome"].to_dict() == {
        1: Outcome.SERVED, 2: Outcome.SERVED, 3: Outcome.RENEGED, 4: Outcome.UNKNOWN,
    }  # fmt: skip
    assert waits["wait_s"].to_dict() == {1: 50.0, 2: 60.0, 3: 60.0, 4: 60.0}


def test_who_stops_before_a_queue_and_goes_has_balked() -> None:
    exposure = Exposure(
        pd.DataFrame({"visitor": [1, 2, 3], "time_s": [10.0, 20.0, 30.0]}),
        np.array([False, True, True]),
        np.ones(3),
    )
    balked = find_balking(exposure=exposure, stops=pd.DataFrame({"visitor": [1, 3]}))
    assert balked["visitor"].tolist() == [3]
    stays, services = make_queue()
    waits = find_waits(stays=stays, services=services, settings=QueueSettings())
    figures = summarise_queue(
        waits=waits, observed=OBSERVED, blocks=BLOCKS, settings=QueueSettings(), balking=balked
    )
    assert figures.balked == 1
    assert figures.balking.value == pytest.approx(1 / (1 + len(waits)))


def test_nothing_observed_is_no_empty_queue() -> None:
    stays, services = make_queue()
    waits = find_waits(stays=stays.iloc[:0], services=services.iloc[:0], settings=QueueSettings())
    nobody = make_period_blocks(period_s=(0.0, 600.0), observed=np.empty((0, 2)), settings=BlockSettings())
    figures = summarise_queue(waits=waits, observed=np.empty((0, 2)), blocks=nobody, settings=QueueSettings())
    assert (figures.length.value, figures.wait_median_s, figures.arrivals_per_s) == (None, None, None)
    assert figures.balked is None
    empty = summarise(stays.iloc[:0], services.iloc[:0])
    assert empty.length.value == 0.0

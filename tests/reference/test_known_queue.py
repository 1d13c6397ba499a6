"""Queue figures of a simulated counter: from exact tracks, and from tracks with errors that break."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.stops import EXACT_STOPS, StopSettings, find_stops
from analytics.dwell.visits import EXACT_VISITS, VisitSettings, compute_stays
from analytics.exhibition.queues import (
    Outcome,
    QueueFigures,
    QueueSettings,
    find_waits,
    list_services,
    summarise_queue,
)
from analytics.metrics.block_ratio import BlockSettings, make_period_blocks
from tests.support.halls.known_crowd import break_tracks
from tests.support.simulator import needs_simulator
from tools.scenes.scene_halls import make_queue_hall
from tools.scenes.scenes import simulate_scene
from vision.simulation.crowd.truth import make_true_tracks

DURATION_S = 1200.0
QUEUE = next(stand.zone for stand in make_queue_hall("queue").hall.stands if stand.is_queue)
HEAD = Zone(
    ZoneId("head"),
    ZoneKind.OTHER,
    Polygon.from_points([(11.3, 4.3), (12.1, 4.3), (12.1, 5.7), (11.3, 5.7)], what="head"),
)


@cache
def make_exact() -> pd.DataFrame:
    paths = simulate_scene("queue", seed=2, duration_s=DURATION_S)
    tracks = make_true_tracks(paths=paths, times_s=np.arange(0.0, DURATION_S, 0.2), camera=CameraId("cam"))
    return tracks.assign(visitor=tracks["tracklet"].astype("Int64"))


def summarise(tracks: pd.DataFrame, *, is_exact: bool) -> tuple[QueueFigures, pd.DataFrame]:
    spans = pd.DataFrame({"camera": ["cam"], "start_s": [0.0], "end_s": [DURATION_S], "frames": [6000]})
    rule = EXACT_VISITS if is_exact else VisitSettings()
    stays = compute_stays(tracks=tracks, zones=[QUEUE, HEAD], spans=spans, settings=rule)
    served = stays[(stays["zone"] == "head") & (stays["start_edge"] == "seen")]
    waits = find_waits(
        stays=stays[stays["zone"] == str(QUEUE.name)],
        services=list_services(visits=served),
        settings=QueueSettings(),
        stops=find_stops(tracks=tracks, settings=EXACT_STOPS if is_exact else StopSettings()),
    )
    observed = np.array([[0.0, DURATION_S]])
    blocks = make_period_blocks(period_s=(0.0, DURATION_S), observed=observed, settings=BlockSettings())
    figures = summarise_queue(waits=waits, observed=observed, blocks=blocks, settings=QueueSettings())
    return figures, waits


@needs_simulator
def test_exact_tracks_give_the_line_that_is_there() -> None:
    figures, waits = summarise(make_exact(), is_exact=True)
    # who stands in the line from when they come to when they are at its head, second by second
    served = waits[waits["outcome"] == Outcome.SERVED.value]
    present = [
        ((waits["joined_s"] <= second) & (waits["left_s"] > second)).sum()
        for second in np.arange(0.5, DURATION_S)
    ]
    assert figures.length.value == pytest.approx(np.mean(present), rel=0.02)
    assert figures.served > 30
    came = served[served["start_edge"] == "seen"]
    assert figures.wait_median_s == pytest.approx(came["wait_s"].median(), rel=0.08)
    # who walked through it did not join
    assert (waits.loc[waits["outcome"] == Outcome.RENEGED.value, "wait_s"] > 4.0).all()
    assert not figures.is_little_violated


@needs_simulator
def test_broken_tracks_give_the_same_figures() -> None:
    exact, _ = summarise(make_exact(), is_exact=True)
    seen = break_tracks(make_exact(), seed=1, sigma_m=0.15, break_every_s=30.0, stitched_share=0.9)
    figures, _ = summarise(seen, is_exact=False)
    assert figures.unknown > 2 * exact.unknown
    assert figures.served == pytest.approx(exact.served, rel=0.05)
    assert figures.length.value == pytest.approx(exact.length.value, rel=0.03)
    assert figures.wait_median_s == pytest.approx(exact.wait_median_s, rel=0.10)
    assert figures.service_per_minute.value == pytest.approx(exact.service_per_minute.value, rel=0.05)
    assert not figures.is_little_violated

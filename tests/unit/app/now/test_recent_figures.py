"""Arrivals and waits of the last quarter of an hour, from a history whose people are known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.identifiers import TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.domain.zone import ZoneKind
from analytics.store.sql_event_store import open_store
from app.core.document import Venue
from app.now.recent_figures import RECENT_S, compute_recent_figures
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, SetClock, make_hall

WAIT_S = 60.0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    """Somebody comes in every 20 s for half an hour, waits a minute at the desk, and leaves to the right."""
    venue = make_hall(tmp_path_factory.mktemp("recent"))
    geometry = venue.geometry_at(None)
    zones = (dataclasses.replace(geometry.zones[0], kind=ZoneKind.QUEUE), *geometry.zones[1:])
    venue = dataclasses.replace(venue, geometry_versions=(dataclasses.replace(geometry, zones=zones),))
    venue.folder.mkdir(parents=True)
    start_s, end_s = NOW_UTC_S - 1800, NOW_UTC_S
    way = [(0.3, 6.0), (1.2, 4.0), (4.0, 3.0), (4.0, 3.0), (7.5, 3.0), (14.9, 6.0)]
    times_s = np.cumsum([0.0, 2.0, 2.8, WAIT_S, 3.0, 8.0])
    points = []
    for number, begin_s in enumerate(np.arange(start_s, end_s, 20.0).tolist()):
        for after_s in np.arange(0.0, times_s[-1], 0.5).tolist():
            x_m, y_m = (float(np.interp(after_s, times_s, [place[axis] for place in way])) for axis in (0, 1))
            if begin_s + after_s < end_s:
                points.append(TrackPoint(begin_s + after_s, CAMERA, TrackletId(number), x_m, y_m, 0.05, None,
                                         TrackState.CONFIRMED))  # fmt: skip
    writer = open_store(venue.folder, clock=SetClock(end_s))
    writer.reserve_tracklets(200)
    writer.write_points(sorted(points, key=lambda point: point.time_s))
    writer.write_span(ObservedSpan(CAMERA, start_s, end_s, 3600))
    writer.close()
    return venue


def test_arrivals_and_wait_are_those_of_the_last_quarter_of_an_hour(venue: Venue) -> None:
    recent = compute_recent_figures(venue=venue, now_utc_s=NOW_UTC_S)
    assert recent.observed_s == pytest.approx(RECENT_S)
    assert recent.has_entrance
    assert recent.arrivals == pytest.approx(45, abs=1)
    wait = recent.waits["Robotics"]
    assert wait.wait_s == pytest.approx(WAIT_S, abs=6)
    assert wait.is_steady


def test_a_queue_that_grows_is_not_steady(venue: Venue) -> None:
    """The first people came a quarter of an hour ago, and none has left yet when the window ends."""
    recent = compute_recent_figures(venue=venue, now_utc_s=NOW_UTC_S - 1700)
    wait = recent.waits["Robotics"]
    assert wait.entries >= 4
    assert not wait.is_steady


def test_where_nothing_was_observed_there_are_no_figures(venue: Venue, tmp_path: Path) -> None:
    later = compute_recent_figures(venue=venue, now_utc_s=NOW_UTC_S + 3600)
    assert (later.observed_s, later.arrivals, dict(later.waits)) == (0.0, None, {})
    new = compute_recent_figures(venue=make_hall(tmp_path), now_utc_s=NOW_UTC_S)
    assert (new.observed_s, new.arrivals) == (0.0, None)


def test_without_an_entrance_line_nobody_arrives(venue: Venue) -> None:
    geometry = dataclasses.replace(venue.geometry_at(None), lines=())
    bare = dataclasses.replace(venue, geometry_versions=(geometry,))
    recent = compute_recent_figures(venue=bare, now_utc_s=NOW_UTC_S)
    assert (recent.has_entrance, recent.arrivals) == (False, None)

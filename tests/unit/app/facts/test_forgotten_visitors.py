"""Visitor numbers are not linked between days."""

from __future__ import annotations

import math
from pathlib import Path

from analytics.domain.event_sink import ObservedSpan
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.sql_event_store import open_store
from app.core.file_format import write_venue
from app.facts.period_facts import read_period_facts
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, STOPS, SetClock, make_hall

MIDNIGHT_S = NOW_UTC_S - 12 * 3600
LATER = SetClock(NOW_UTC_S + 2 * 86_400)


def test_visitors_get_new_numbers_each_day(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    writer = open_store(venue.folder, clock=SetClock(MIDNIGHT_S + 3600))
    person = writer.reserve_tracklets(1)
    # a thing that is taken for a person comes back to the very same spot; people do not
    for start_s, (x_m, y_m) in ((MIDNIGHT_S - 300, STOPS["Robotics"]), (MIDNIGHT_S + 30_000, STOPS["Café"])):
        places = [(start_s + step / 2, x_m + math.sin(step / 9)) for step in range(1200)]
        writer.write_points(
            [
                TrackPoint(at_s, CAMERA, person, at_x_m, y_m, 0.1, None, TrackState.CONFIRMED)
                for at_s, at_x_m in places
            ]
        )
        writer.write_span(ObservedSpan(CAMERA, start_s, start_s + 600, 1200))
    writer.close()
    write_venue(venue)

    facts = read_period_facts(venue=venue, period_s=(MIDNIGHT_S - 3600, MIDNIGHT_S + 40_000), clock=LATER)
    assert facts is not None
    visits = facts.tables["visits"]
    before = set(visits["visitor"][visits["entered_s"] < MIDNIGHT_S])
    after = set(visits["visitor"][visits["entered_s"] >= MIDNIGHT_S])
    assert before
    assert after
    assert not before & after
    assert visits["left_s"][visits["entered_s"] < MIDNIGHT_S].max() <= MIDNIGHT_S + 1e-6

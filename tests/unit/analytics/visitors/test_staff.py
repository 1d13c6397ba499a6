"""Proposals of staff."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.dwell.visits import VisitSettings, compute_stays
from analytics.visitors.false_positives.staff import propose_staff
from tests.support.halls.known_crowd import STAND, make_track_table

STAFF_ROOM = Zone(
    ZoneId("room"), ZoneKind.STAFF, Polygon.from_points([(20, 0), (24, 0), (24, 4), (20, 4)], what="room")
)


def make_person(*, visitor: int, inside_s: float, outside_s: float, x_m: float = 3.0) -> pd.DataFrame:
    """Make a person first at a place, then far from every zone; a row a second."""
    x = np.concatenate([np.full(round(inside_s), x_m), np.full(round(outside_s), 50.0)])
    times_s = np.arange(len(x), dtype=float)
    table = make_track_table(
        time_s=times_s, tracklet=[visitor] * len(x), x_m=x, y_m=np.full(len(x), 2.0), sigma_m=0.1
    )
    table["visitor"] = pd.array([visitor] * len(x), dtype="Int64")
    return table


def propose(*people: pd.DataFrame, duration_s: float) -> pd.DataFrame:
    tracks = pd.concat(people).sort_values("time_s", kind="stable", ignore_index=True)
    zones = [STAND, STAFF_ROOM]
    stays = compute_stays(tracks=tracks, zones=zones, spans=None, settings=VisitSettings())
    return propose_staff(tracks=tracks, stays=stays, zones=zones, duration_s=duration_s)


def test_a_person_at_one_stand_for_over_an_hour_is_proposed() -> None:
    staff = propose(
        make_person(visitor=1, inside_s=3700, outside_s=100),
        make_person(visitor=2, inside_s=600, outside_s=600),
        duration_s=10800,
    )
    assert staff["visitor"].tolist() == [1]
    assert staff["home_zone"].tolist() == ["stand"]
    assert staff["home_share"].iloc[0] > 0.95
    assert 3700 < staff["presence_s"].iloc[0] <= 3801


def test_a_person_walking_about_for_an_hour_is_not_proposed() -> None:
    assert len(propose(make_person(visitor=1, inside_s=1000, outside_s=3000), duration_s=10800)) == 0


def test_a_short_period_needs_most_of_it() -> None:
    person = make_person(visitor=1, inside_s=1200, outside_s=0)
    assert len(propose(person, duration_s=1800)) == 1
    assert len(propose(person, duration_s=3600)) == 0


def test_a_person_from_the_staff_room_is_proposed_as_staff() -> None:
    staff = propose(make_person(visitor=7, inside_s=40, outside_s=0, x_m=22.0), duration_s=10800)
    assert staff["visitor"].tolist() == [7]
    assert staff["home_zone"].tolist() == ["room"]


def test_an_empty_table_proposes_no_staff() -> None:
    person = make_person(visitor=1, inside_s=10, outside_s=0)
    assert len(propose(person.iloc[:0], duration_s=100)) == 0

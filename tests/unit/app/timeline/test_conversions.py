"""What tills counted, against visits to a zone and against visitors of the whole hall."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from analytics.domain.external_count import CountKind, ExternalCount
from analytics.domain.floor_geometry import Polyline
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.identifiers import LineId
from analytics.domain.zone import CountingLine, ZoneKind
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.zone_blocks import ZONE_BLOCK_COLUMN_NAMES
from app.timeline.counts_store import CountSource
from app.timeline.timeline_figures import ZoneConversion
from app.timeline.timeline_view import measure_conversions
from tests.support.reports.made_facts import OPENS_S, make_facts, make_stands

VISITORS, VISITS_OF_A_STAND = 60, 48
DOOR = CountingLine(LineId("Door"), ZoneKind.ENTRANCE, Polyline(((0.0, 1.0), (0.0, 9.0))))


def make_hall(*, has_door: bool) -> PeriodFacts:
    """An hour in which sixty visitors came, and each of four stands had forty-eight visits."""
    stands = make_stands(4)
    starts_s = OPENS_S + 300.0 * np.arange(12)
    blocks = pd.DataFrame(
        [
            {"zone": str(stand.name), "start_s": start_s, "reached_visit": VISITS_OF_A_STAND / 12}
            for stand in stands
            for start_s in starts_s
        ]
    ).reindex(columns=list(ZONE_BLOCK_COLUMN_NAMES), fill_value=0.0)
    came = pd.DataFrame({"line": "Door", "start_s": starts_s, "in": VISITORS / 12, "out": 0.0})
    facts = make_facts(stands, days=1)
    return dataclasses.replace(
        facts,
        tables={**facts.tables, "zone_blocks": blocks, "line_minutes": came},
        geometry=FloorGeometry(stands, (DOOR,) if has_door else ()),
    )


def convert(facts: PeriodFacts, zone: str | None, kind: CountKind = CountKind.SALES) -> ZoneConversion:
    counts = (ExternalCount(OPENS_S, OPENS_S + 3600.0, zone, 12.0),)
    (found,) = measure_conversions(facts, (CountSource("Till", kind, counts),))
    return found


def test_a_stand_sells_per_visit_and_the_hall_per_visitor() -> None:
    hall = make_hall(has_door=True)
    stand = convert(hall, "S1")
    assert (stand.own, stand.per_one) == (VISITS_OF_A_STAND, pytest.approx(12 / VISITS_OF_A_STAND))
    whole = convert(hall, None)
    # the visitors of four stands are the same people
    assert (whole.own, whole.per_one) == (VISITORS, pytest.approx(12 / VISITORS))


def test_without_a_door_nobody_knows_how_many_came() -> None:
    hall = make_hall(has_door=False)
    for kind in (CountKind.SALES, CountKind.TICKETS):
        found = convert(hall, None, kind)
        assert (found.own, found.per_one, found.interval) == (None, None, None)
    assert convert(hall, "S1").own == VISITS_OF_A_STAND


def test_tickets_are_held_against_who_came() -> None:
    found = convert(make_hall(has_door=True), None, CountKind.TICKETS)
    assert found.per_one == pytest.approx(VISITORS / 12)

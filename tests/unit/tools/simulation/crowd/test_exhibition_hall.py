from __future__ import annotations

import itertools

import numpy as np
import pytest
import shapely

from analytics.domain.zone import ZoneKind
from tools.simulation.crowd.exhibition_hall import LAYOUT_NAMES, SIZE_M, make_exhibition


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_a_dozen_stands_a_stage_and_a_cafe_lie_apart_within_the_hall(name: str) -> None:
    layout = make_exhibition(name)
    kinds = [zone.kind for zone in layout.zones]
    assert kinds.count(ZoneKind.BOOTH) == 12
    assert kinds.count(ZoneKind.STAGE) == kinds.count(ZoneKind.CATERING) == 1
    hall = shapely.box(0, 0, *SIZE_M)
    zones = [zone.outline.to_shape() for zone in layout.zones]
    assert all(hall.contains(zone) for zone in zones)
    assert not any(a.intersection(b).area for a, b in itertools.combinations(zones, 2))
    assert {line.kind for line in layout.hall.lines} == {ZoneKind.ENTRANCE, ZoneKind.EXIT}


@pytest.mark.parametrize("name", LAYOUT_NAMES)
def test_visitors_stop_inside_of_the_zones_and_off_the_furniture(name: str) -> None:
    layout = make_exhibition(name)
    blocked = shapely.union_all([shapely.box(*item.footprint) for item in layout.furniture]).buffer(0.2)
    for stand in layout.hall.stands:
        places = np.array(stand.places)
        assert shapely.contains_xy(stand.zone.outline.to_shape(), places[:, 0], places[:, 1]).all(), stand
        assert not shapely.contains_xy(blocked, places[:, 0], places[:, 1]).any(), stand.zone.name

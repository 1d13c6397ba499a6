"""Crowded floor and queue tails of people at known places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.rollups.crowding import find_block_middles, make_crowding_grid, tabulate_crowding
from analytics.rollups.queue_tails import tabulate_queue_tails
from analytics.rollups.stretch import Stretch
from tests.support.halls.known_crowd import make_track_table

START_UTC_S = 1_772_409_600.0
_DURATION_S = 900


def _box(left: float, low: float, right: float, high: float) -> Polygon:
    return Polygon(((left, low), (right, low), (right, high), (left, high)))


def _make_stretch(
    ways: list[tuple[range, float, float, float]],
    zones: tuple[Zone, ...] = (),
    served: list[tuple[range, float, float, float]] | None = None,
) -> Stretch:
    """Make a stretch of ways (seconds, first x, y, speed); ``served``: later ways of the first people."""
    numbered = [*enumerate(ways, start=1), *enumerate(served or [], start=1)]
    tracks = pd.concat(
        [
            make_track_table(
                time_s=seconds,
                tracklet=np.full(len(seconds), visitor),
                visitor=np.full(len(seconds), visitor),
                x_m=x_m + speed * (np.array(seconds) - seconds[0]),
                y_m=np.full(len(seconds), y_m),
                camera="hall",
            )
            for visitor, (seconds, x_m, y_m, speed) in numbered
        ]
    )
    return Stretch(
        tracks=tracks.sort_values("time_s", kind="stable", ignore_index=True),
        spans=pd.DataFrame({"camera": ["hall"], "start_s": [0.0], "end_s": [900.0], "frames": [900]}),
        start_utc_s=START_UTC_S,
        duration_s=float(_DURATION_S),
        plan=FloorPlan(_box(0, 0, 20, 10)),
        geometry=FloorGeometry(zones),
        views=(),
    )


def _crowd(seconds: range) -> list[tuple[range, float, float, float]]:
    return [(seconds, 10.2 + 0.6 * (n % 3), 5.2 + 0.7 * (n // 3), 0.0) for n in range(6)]


def test_people_close_together_are_crowded_for_as_long_as_they_are() -> None:
    walker = [(range(600, 620), 3.0, 5.6, 1.0)]
    stretch = _make_stretch([*_crowd(range(120)), *walker])
    table = tabulate_crowding(stretch)
    grid = make_crowding_grid(stretch.plan)
    middles = find_block_middles(grid, table["block"].to_numpy(np.int64))
    here = table[(middles == (11.0, 6.0)).all(axis=1)]
    crowded = here[here["minutes"] > 0]
    # six people on 4 m² for two minutes; the walker is there alone later
    assert crowded["minutes"].tolist() == [2.0]
    assert crowded["person_seconds"].iloc[0] == pytest.approx(720.0, abs=6.0)
    assert crowded["way_m"].iloc[0] == pytest.approx(0.0, abs=0.1)
    free = here[here["free_person_seconds"] > 0]
    assert free["slot_s"].tolist() == [600.0]
    assert (free["free_way_m"] / free["free_person_seconds"]).iloc[0] == pytest.approx(1.0, abs=0.01)


def test_a_visitor_in_two_cells_of_a_crowded_block_counts_once() -> None:
    about = [(range(120), 10.3, 5.9, 0.01)]
    stretch = _make_stretch([*_crowd(range(120)), *about])
    table = tabulate_crowding(stretch)
    middles = find_block_middles(make_crowding_grid(stretch.plan), table["block"].to_numpy(np.int64))
    here = table[(middles == (11.0, 6.0)).all(axis=1)]
    # in two cells of the block in the second minute
    assert here["visitors"].sum() == 2 * 7


def test_a_zone_for_standing_is_never_crowded() -> None:
    stage = Zone(ZoneId("Stage"), ZoneKind.STAGE, _box(9, 4, 13, 8))
    assert tabulate_crowding(_make_stretch(_crowd(range(120)), (stage,))).empty
    assert len(tabulate_crowding(_make_stretch(_crowd(range(120)))))


def test_a_tail_is_the_people_standing_in_line_outside_the_queue_zone() -> None:
    queue = Zone(ZoneId("Coffee"), ZoneKind.QUEUE, _box(0, 0, 3, 2))
    waiting = [(range(120), 2.0 + 0.9 * n, 1.0, 0.0) for n in range(6)]
    alone = [(range(120), 16.0, 8.0, 0.0)]
    walker = [(range(60, 70), 2.0, 2.4, 0.8)]
    served = [(range(400, 410), 1.0, 1.0, 0.0)] * len(waiting)
    table = tabulate_queue_tails(_make_stretch([*waiting, *alone, *walker], (queue,), served))
    # at x = 3.8, 4.7, 5.6 and 6.5; with the one at 2.9 inside
    first = table.iloc[0]
    assert first["minute_s"] == 0.0
    assert first["tail"] == pytest.approx(4.0, abs=0.7)
    assert first["tail_x_m"] / first["tail"] == pytest.approx((3.8 + 4.7 + 5.6 + 6.5) / 4, abs=0.05)
    second = table[table["minute_s"] == 60.0].iloc[0]
    assert second["walkers"] == 1.0
    assert second["way_m"] / second["walking_s"] == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(("served_at_s", "walkers"), [(400, 1), (100, 0)])
def test_people_on_the_way_to_the_counter_are_no_passers_by(served_at_s: int, walkers: int) -> None:
    queue = Zone(ZoneId("Coffee"), ZoneKind.QUEUE, _box(0, 0, 3, 2))
    walker = (range(60, 70), 2.0, 2.4, 0.8)
    waiting = [(range(120), 2.0 + 0.9 * n, 1.0, 0.0) for n in range(6)]
    served = [(range(at_s, at_s + 10), 1.0, 1.0, 0.0) for at_s in [served_at_s] + [400] * len(waiting)]
    table = tabulate_queue_tails(_make_stretch([walker, *waiting], (queue,), served))
    assert table.loc[table["minute_s"] == 60.0, "walkers"].tolist() == [walkers]


def test_a_queue_within_its_zone_has_no_tail() -> None:
    queue = Zone(ZoneId("Coffee"), ZoneKind.QUEUE, _box(0, 0, 8, 2))
    waiting = [(range(120), 2.0 + 0.9 * n, 1.0, 0.0) for n in range(6)]
    assert tabulate_queue_tails(_make_stretch(waiting, (queue,))).empty


def test_waiting_people_are_not_crowding_but_blocked_people_are() -> None:
    queue = Zone(ZoneId("Coffee"), ZoneKind.QUEUE, _box(8, 4, 13, 5))
    tail = _crowd(range(120))
    strangers = _make_stretch(tail, (queue,))
    assert tabulate_queue_tails(strangers).empty
    assert tabulate_crowding(strangers)["minutes"].sum() > 0

    served = [(range(400, 430), 9.0 + 0.6 * n, 4.5, 0.0) for n in range(len(tail))]
    queueing = _make_stretch(tail, (queue,), served)
    assert tabulate_queue_tails(queueing)["tail"].max() == pytest.approx(6.0, abs=0.5)
    assert tabulate_crowding(queueing).empty

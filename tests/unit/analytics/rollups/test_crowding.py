"""Crowded floor and tails of queues, by people whose places are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.columns import TRACK_COLUMNS
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.rollups.crowding import find_block_middles, make_crowding_grid, tabulate_crowding
from analytics.rollups.queue_tails import tabulate_queue_tails
from analytics.rollups.stretch import Stretch

START_UTC_S = 1_772_409_600.0
_DURATION_S = 900


def _box(left: float, low: float, right: float, high: float) -> Polygon:
    return Polygon(((left, low), (right, low), (right, high), (left, high)))


def _make_stretch(
    ways: list[tuple[range, float, float, float]],
    zones: tuple[Zone, ...] = (),
    served: list[tuple[range, float, float, float]] | None = None,
) -> Stretch:
    """Ways as (seconds, x at the first, y, metres a second along x); ``served``: later ones of the first."""
    parts = []
    numbered = [*enumerate(ways, start=1), *enumerate(served or [], start=1)]
    for visitor, (seconds, x_m, y_m, speed) in numbered:
        times = np.array(seconds, np.float64)
        parts.append(
            pd.DataFrame(
                {
                    "time_s": times,
                    "camera": "hall",
                    "tracklet": visitor,
                    "visitor": visitor,
                    "x_m": x_m + speed * (times - times[0]),
                    "y_m": y_m,
                    "sigma_m": 0.0,
                    "height_m": 1.7,
                    "state": "confirmed",
                }
            )
        )
    tracks = pd.concat(parts).sort_values("time_s", kind="stable", ignore_index=True)
    return Stretch(
        tracks=tracks.astype({column.name: column.dtype for column in TRACK_COLUMNS}),
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


def test_somebody_who_walks_about_on_crowded_floor_is_one_visitor_of_it() -> None:
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


def test_a_tail_is_who_stands_connected_with_the_queue_outside_of_it() -> None:
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
def test_who_is_served_later_walks_past_and_who_comes_to_be_served_does_not(
    served_at_s: int, walkers: int
) -> None:
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


def test_who_waits_outside_of_a_full_queue_crowds_no_floor_and_who_cannot_get_past_does() -> None:
    queue = Zone(ZoneId("Coffee"), ZoneKind.QUEUE, _box(8, 4, 13, 5))
    tail = _crowd(range(120))
    strangers = _make_stretch(tail, (queue,))
    assert tabulate_queue_tails(strangers).empty
    assert tabulate_crowding(strangers)["minutes"].sum() > 0

    served = [(range(400, 430), 9.0 + 0.6 * n, 4.5, 0.0) for n in range(len(tail))]
    queueing = _make_stretch(tail, (queue,), served)
    assert tabulate_queue_tails(queueing)["tail"].max() == pytest.approx(6.0, abs=0.5)
    assert tabulate_crowding(queueing).empty

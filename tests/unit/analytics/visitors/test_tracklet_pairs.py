"""Searches over all tracklets at once against searches one by one."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.visitors.tracklet_pairs import CROWDING_STEPS, find_pairs, measure_crowding, sample_tracklets
from analytics.visitors.tracklet_rows import find_first, read_tracklet_rows
from tests.support.halls.known_crowd import make_track_table


def test_first_places_are_those_of_a_search_in_each_slice() -> None:
    rng = np.random.default_rng(1)
    lengths = rng.integers(0, 9, 40)
    ends = np.cumsum(lengths)
    starts = ends - lengths
    values = np.concatenate([np.sort(rng.integers(0, 9, length)) for length in lengths]).astype(float)
    slices = rng.integers(0, 40, 300)
    wanted = rng.integers(-1, 11, 300).astype(float)
    found = find_first(values, starts[slices], ends[slices], wanted)
    expected = [
        starts[at] + np.searchsorted(values[starts[at] : ends[at]], value)
        for at, value in zip(slices, wanted, strict=True)
    ]
    assert found.tolist() == expected


def test_pairs_are_those_that_a_search_of_all_pairs_finds() -> None:
    rng = np.random.default_rng(2)
    tables = [
        make_track_table(
            time_s=rng.uniform(0, 60) + np.arange(rows) * 0.4,
            tracklet=[number] * rows,
            x_m=np.zeros(rows),
            y_m=np.zeros(rows),
            camera=str(rng.choice(["north", "south"])),
        )
        for number, rows in enumerate(rng.integers(2, 80, 60).tolist())
    ]
    tracks = pd.concat(tables, ignore_index=True)
    # some are off the floor by kilometres, as a bad calibration places them
    places_m = rng.uniform(0, 8, (60, 2)) + np.where(rng.random(60) < 0.1, 3000.0, 0.0)[:, None]
    way_m = places_m[tracks["tracklet"]] + rng.normal(0, 0.5, (len(tracks), 2))
    tracks = tracks.assign(x_m=way_m[:, 0].astype("float32"), y_m=way_m[:, 1].astype("float32"))
    rows = read_tracklet_rows(tracks)
    samples = sample_tracklets(rows)
    members = rows.camera == 0, rows.camera == 1
    for every_steps in (1, 2):
        found = find_pairs(
            samples,
            members_a=members[0],
            members_b=members[1],
            reach_m=1.8,
            every_steps=every_steps,
        )
        looked_at = samples.step % every_steps == 0
        expected = {
            (int(samples.piece[i]), int(samples.piece[j]))
            for i in np.flatnonzero(looked_at & members[0][samples.piece])
            for j in np.flatnonzero(looked_at & members[1][samples.piece] & (samples.step == samples.step[i]))
            if np.hypot(samples.x_m[i] - samples.x_m[j], samples.y_m[i] - samples.y_m[j]) <= 1.8
        }
        assert list(zip(found.a.tolist(), found.b.tolist(), strict=True)) == sorted(expected)
        assert len(expected) > 20
    at_twenty = samples.step % CROWDING_STEPS == 0
    distance_m = np.hypot(
        samples.x_m[at_twenty, None] - samples.x_m[at_twenty],
        samples.y_m[at_twenty, None] - samples.y_m[at_twenty],
    )
    same = samples.step[at_twenty, None] == samples.step[at_twenty]
    others = ((distance_m <= 1.8) & same).sum() - at_twenty.sum()
    crowding = measure_crowding(samples, members=np.ones(len(rows), bool), reach_m=1.8)
    assert crowding == others / at_twenty.sum() / (np.pi * 1.8**2)
    assert others > 0

from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_strata import (
    Crowding,
    Stratum,
    collapse_strata,
    find_crowding_bounds,
    group_minutes,
)

CAMERA = CameraId("north")


def test_crowding_is_by_thirds_of_the_minutes() -> None:
    people = np.append(np.arange(9.0), np.nan)
    bounds = find_crowding_bounds(people)
    classes = [bounds.classify(count) for count in range(9)]
    assert classes == [Crowding.LOW] * 3 + [Crowding.MEDIUM] * 3 + [Crowding.HIGH] * 3


def test_a_camera_that_never_looked_has_no_crowd() -> None:
    assert find_crowding_bounds(np.full(5, np.nan)).classify(1000.0) is Crowding.LOW


def test_minutes_are_grouped_by_hour_and_crowding() -> None:
    people = np.array([0.0, 3.0, 6.0, 1.0, 2.0, 5.0, np.nan])
    loads = group_minutes(
        camera=CAMERA,
        hour=np.array([9, 9, 9, 10, 10, 10, 10]),
        people=people,
        crossings=np.array([0.0, 2.0, 8.0, 1.0, 0.0, 0.0, 50.0]),
        observed_s=np.array([60.0, 60.0, 30.0, 60.0, 60.0, 60.0, 0.0]),
        bounds=find_crowding_bounds(people),
    )
    found = [(load.stratum.hour, load.stratum.crowding.value, load.seconds, load.people) for load in loads]
    assert found == [
        (9, "low", 60.0, 0.0),
        (9, "medium", 60.0, 3.0),
        (9, "high", 30.0, 6.0),
        (10, "low", 60.0, 1.0),
        (10, "medium", 60.0, 2.0),
        (10, "high", 60.0, 5.0),
    ]
    assert sum(load.seconds * load.crossings_per_min / 60 for load in loads) == pytest.approx(11.0)


def make_strata() -> list[Stratum]:
    return [Stratum(CameraId(c), hour, crowding) for c in "ab" for hour in (9, 10) for crowding in Crowding]


def test_strata_are_joined_until_each_has_two_clips() -> None:
    strata = make_strata()
    clips = dict.fromkeys(strata, 1)
    groups = collapse_strata(strata, clips)
    assert {stratum for group in groups for stratum in group} == set(strata)
    # two neighbouring hours of one camera and crowding suffice
    assert all(len(group) == 2 for group in groups)
    assert all(len({(s.camera, s.crowding) for s in group}) == 1 for group in groups)


def test_cameras_are_joined_last() -> None:
    strata = make_strata()
    clips = {stratum: 1 for stratum in strata if stratum.camera == "a"}
    groups = collapse_strata(strata, clips)
    assert all(sum(clips.get(stratum, 0) for stratum in group) >= 2 for group in groups)
    # those of the other camera went to a neighbour, the three of this one stayed apart
    assert sum({stratum.camera for stratum in group} == {"a"} for group in groups) == 2
    assert len(collapse_strata(strata, {})) == 1


def test_an_empty_hall_is_not_crowded() -> None:
    bounds = find_crowding_bounds(np.array([0.0] * 8 + [1.0]))
    assert bounds.classify(0.0) is Crowding.LOW

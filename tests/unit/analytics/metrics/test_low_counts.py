"""By how much counts may be low, from what the cameras' logs say."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics.columns import EVENT_COLUMNS
from analytics.domain.event_sink import CameraEvent, CameraEventKind
from analytics.domain.identifiers import CameraId
from analytics.domain.uncounted_people import UncountedPeople
from analytics.metrics.low_counts import describe_low_counts, find_low_counts

CAFE, DOOR = CameraId("cafe"), CameraId("door")


def make_log(events: list[CameraEvent]) -> pd.DataFrame:
    rows = [(one.time_s, str(one.camera), one.kind.value, one.detail, one.count) for one in events]
    return pd.DataFrame(rows, columns=[column.name for column in EVENT_COLUMNS])


def test_stretches_of_a_camera_are_joined_by_their_lengths_within_the_period() -> None:
    log = make_log(
        [
            UncountedPeople(CAFE, 0.0, 600.0, 10.0, 6.0).to_event(),
            UncountedPeople(CAFE, 600.0, 1200.0, 10.0, 2.0).to_event(),
            UncountedPeople(CAFE, 5000.0, 5600.0, 1.0, 9.0).to_event(),
            UncountedPeople(DOOR, 0.0, 600.0, 10.0, 1.0).to_event(),
            CameraEvent(10.0, DOOR, CameraEventKind.LOST, "1 2 3"),
            CameraEvent(20.0, DOOR, CameraEventKind.UNCOUNTED, "of another version"),
        ]
    )
    (found,) = find_low_counts(log, (300.0, 1200.0))
    assert (found.camera, found.start_s, found.end_s) == (CAFE, 300.0, 1200.0)
    assert found.counted == pytest.approx(10.0)
    assert found.uncounted == pytest.approx((6 * 300 + 2 * 600) / 900)


def test_a_low_count_is_told_with_its_share_and_none_as_none() -> None:
    found = (UncountedPeople(CAFE, 1300.0, 1900.0, 7.0, 3.0),)
    warning = describe_low_counts(found, 1000.0)["low_count_warning"]
    assert isinstance(warning, dict)
    assert warning["cameras"]["cafe"] == {
        "start_s": 300.0,
        "end_s": 900.0,
        "people_counted": 7.0,
        "people_not_counted": 3.0,
        "missing_share": 0.3,
    }
    assert describe_low_counts((), 0.0) == {"low_count_warning": None}

"""A wrong clock shows in how fast people walk; a wrong point pair ends an analysis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import CalibrationError
from analytics.domain.identifiers import CameraId
from app.analysis.recording_warnings import check_calibrations, check_clock, measure_walking_speed
from tests.unit.app.calibration.test_calibrate_camera import PAIRS, SIZE_WH

WALKING_M_PER_S = 1.3


def make_tracks(*, clock: float = 1.0, people: int = 5, stand_s: float = 120.0) -> pd.DataFrame:
    """Return tracks of people who walk 5 m, stand for long, and walk on, at ten frames a second.

    Args:
        clock: seconds of the file for each true one.
    """
    rng = np.random.default_rng(1)
    walk_s = np.arange(0, 5 / WALKING_M_PER_S, 0.1)
    tables = []
    for person in range(people):
        x_m = (
            np.concatenate([walk_s, np.full(round(stand_s * 10), walk_s[-1]), walk_s[-1] + 0.1 + walk_s])
            * WALKING_M_PER_S
        )
        y_m = person + rng.normal(0, 0.03, len(x_m))
        time_s = clock * 0.1 * np.arange(len(x_m))
        tables.append(pd.DataFrame({"tracklet": person, "time_s": time_s, "x_m": x_m, "y_m": y_m}))
    # as a store with several cameras returns them
    return pd.concat(tables).sort_values("time_s", kind="stable")


@pytest.mark.parametrize("clock", [0.2, 1.0, 5.0])
def test_the_walking_speed_follows_the_clock_whatever_the_standing(clock: float) -> None:
    speed_m_per_s = measure_walking_speed(make_tracks(clock=clock))
    assert speed_m_per_s == pytest.approx(WALKING_M_PER_S / clock, rel=0.1)


def test_only_an_implausible_clock_is_reported() -> None:
    assert check_clock(make_tracks()) == []
    (slow,) = check_clock(make_tracks(clock=3.0))
    (fast,) = check_clock(make_tracks(clock=0.4))
    assert "walk at 0.4 m/s" in str(slow.sentence)
    assert "walk at 3." in str(fast.sentence)
    assert slow.to_dict()["kind"] == "clock"


def test_too_little_walking_says_nothing() -> None:
    assert measure_walking_speed(make_tracks(clock=5.0, people=1).query("x_m < 6")) is None
    assert check_clock(make_tracks().iloc[:0]) == []


def test_a_wrong_pair_ends_the_analysis_unless_it_is_accepted() -> None:
    wrong = replace(PAIRS[2], x_m=PAIRS[2].x_m + 1)
    camera = Camera(CameraId("north"), SIZE_WH, (*PAIRS[:2], wrong, *PAIRS[3:]))
    assert check_calibrations([replace(camera, pairs=PAIRS)], accepts_wrong_pairs=False) == []
    with pytest.raises(CalibrationError, match=r"'north'.*Point 3 is wrong.*--keep-going"):
        check_calibrations([camera], accepts_wrong_pairs=False)
    (warning,) = check_calibrations([camera], accepts_wrong_pairs=True)
    assert warning.to_dict()["camera"] == "north"
    assert "Point 3 is wrong" in str(warning.sentence)

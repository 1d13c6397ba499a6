"""What speaks for a tracklet's having gone over to another person at a moment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.visitors.switches.swap_splitting import weigh_blame
from analytics.visitors.tracklet_pairs import STEP_S, sample_tracklets
from analytics.visitors.tracklet_rows import read_tracklet_rows
from analytics.visitors.visitor_settings import BlameSettings
from tests.unit.analytics.visitors.walks import join, walk

AT_S = 20.0
FAR_M = 30.0


def blame(*walks: pd.DataFrame) -> float:
    """What speaks against tracklet 1 at 20 s."""
    rows = read_tracklet_rows(join(*walks))
    piece = np.flatnonzero(rows.number == 1)
    step = np.array([round(AT_S / STEP_S)])
    (found,) = weigh_blame(rows, sample_tracklets(rows), piece, step, settings=BlameSettings())
    return float(found)


def stand(height_m: float = 1.7) -> pd.DataFrame:
    return walk(1, start_s=0, end_s=40, height_m=height_m)


def pass_by(apart_m: float, *, camera: str = "cam", until_s: float = 40.0) -> pd.DataFrame:
    return walk(2, start_s=0, end_s=until_s, at_m=(-AT_S, apart_m), velocity_m_s=(1.0, 0.0), camera=camera)


def test_the_nearer_another_of_the_camera_came_the_more() -> None:
    assert blame(stand(), pass_by(0.3)) > blame(stand(), pass_by(1.0)) + 2
    assert blame(stand(), pass_by(1.0)) > blame(stand(), pass_by(FAR_M)) + 2


def test_another_camera_s_tracklet_is_nobody_to_go_over_to() -> None:
    assert blame(stand(), pass_by(0.3, camera="east")) == pytest.approx(blame(stand(), pass_by(FAR_M)))


def test_who_ends_beside_it_counts() -> None:
    assert blame(stand(), pass_by(0.3, until_s=21.0)) > blame(stand(), pass_by(0.3)) + 0.5


def test_another_height_afterwards_counts() -> None:
    changed = stand()
    changed.loc[changed["time_s"] > AT_S, "height_m"] = 1.82
    assert blame(changed, pass_by(FAR_M)) > blame(stand(), pass_by(FAR_M)) + 1
    unknown = stand(height_m=float("nan"))
    assert blame(unknown, pass_by(FAR_M)) == pytest.approx(blame(stand(), pass_by(FAR_M)))


def test_a_jump_and_an_unsure_place_count_only_around_the_moment() -> None:
    plain = blame(stand(), pass_by(FAR_M))
    for name, value in (("sigma_m", 0.6), ("x_m", 0.7)):
        then, later = stand(), stand()
        then.loc[then["time_s"].between(19.9, 20.5), name] = value
        later.loc[later["time_s"].between(29.9, 30.5), name] = value
        assert blame(then, pass_by(FAR_M)) > plain + 0.5
        assert blame(later, pass_by(FAR_M)) == pytest.approx(plain)


def test_the_last_row_of_all_is_looked_at() -> None:
    ends = walk(1, start_s=0, end_s=22)
    unsure = ends.copy()
    unsure.loc[unsure.index[-1], "sigma_m"] = 0.6
    assert blame(unsure) > blame(ends) + 0.5


def test_nobody_is_asked() -> None:
    rows = read_tracklet_rows(stand())
    nobody = np.empty(0, np.int64)
    assert not len(weigh_blame(rows, sample_tracklets(rows), nobody, nobody, settings=BlameSettings()))

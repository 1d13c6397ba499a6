"""Nobody appears in the middle of the floor, stays and vanishes; everybody else is kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.floor_geometry import Polygon
from analytics.domain.identifiers import CameraId, ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.metrics.coverage import CameraView
from analytics.visitors.false_positives.false_persons import FalsePlace
from analytics.visitors.false_positives.false_positive_settings import ApparitionSettings
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks
from analytics.visitors.identification import IdentifiedVisitors, identify_visitors
from tests.unit.analytics.visitors.walks import join, spans, walk

ACROSS = walk(1, start_s=0, end_s=60, at_m=(0.2, 9.0), velocity_m_s=(0.32, 0.0))
"""Somebody who is always there, so that there is a floor and a time."""
VIEW = CameraView(
    CameraId("cam"),
    CameraGeometry(np.diag([0.01, 0.01, 1.0])),
    (2000, 1000),
)
"""20 by 10 metres."""
SETTINGS = ApparitionSettings()
BRIEF_S = SETTINGS.longest_s - 4.0


def identify(*tracks: pd.DataFrame, **known: object) -> IdentifiedVisitors:
    arguments = {"views": [VIEW], "spans": spans(("cam", 0.0, 60.0)), **known}
    return identify_visitors(tracks=join(ACROSS, *tracks), **arguments)  # type: ignore[arg-type]


def is_counted(tracklet: int, result: IdentifiedVisitors) -> bool:
    return bool((result.tracks["tracklet"] == tracklet).any())


def appear(
    *, at_m: tuple[float, float] = (10.0, 4.0), for_s: float = BRIEF_S, **of_walk: object
) -> pd.DataFrame:
    start_s = float(of_walk.pop("start_s", 20.0))  # type: ignore[arg-type]
    return walk(2, start_s=start_s, end_s=start_s + for_s, at_m=at_m, **of_walk)  # type: ignore[arg-type]


def test_who_appears_stays_and_vanishes_is_left_out_and_counted() -> None:
    result = identify(appear(seed=1, sigma_m=0.08))
    assert not is_counted(2, result)
    assert is_counted(1, result)
    assert result.apparitions == ShortFalseTracks(1, pytest.approx(BRIEF_S))
    assert list(result.tracks.index) == list(range(len(result.tracks)))


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(appear(for_s=SETTINGS.longest_s + 1.0), id="longer"),
        pytest.param(appear(at_m=(-2.0, 4.0), velocity_m_s=(0.5, 0.0)), id="walking"),
        pytest.param(appear(at_m=(0.6, 4.0)), id="at the edge of the view"),
        pytest.param(appear(start_s=0.4), id="when the camera began to watch"),
        pytest.param(appear(start_s=60.0 - BRIEF_S), id="when the camera ceased to watch"),
    ],
)
def test_who_may_be_somebody_is_kept(kept: pd.DataFrame) -> None:
    result = identify(kept)
    assert is_counted(2, result)
    assert result.apparitions == ShortFalseTracks(0, 0.0)


def test_who_comes_through_a_door_is_kept() -> None:
    door = Polygon(((9.5, 3.5), (10.5, 3.5), (10.5, 4.5), (9.5, 4.5)))
    assert is_counted(2, identify(appear(), zones=[Zone(ZoneId("door"), ZoneKind.ENTRANCE, door)]))


def test_who_was_there_when_a_camera_fell_out_is_kept() -> None:
    off_after_s = 20.0 + BRIEF_S + 0.4
    watched = spans(("cam", 0.0, off_after_s), ("cam", off_after_s + 8.0, 60.0))
    assert is_counted(2, identify(appear(), spans=watched))


def test_who_is_found_again_is_no_apparition() -> None:
    later = walk(3, start_s=20.0 + BRIEF_S + 2.0, end_s=55.0, at_m=(10.0, 4.0))
    result = identify(appear(), later)
    assert is_counted(2, result)
    assert is_counted(3, result)


def test_who_stands_where_a_neighbouring_camera_would_see_them_is_kept() -> None:
    neighbour = CameraView(
        CameraId("next"), CameraGeometry(np.array([[0.01, 0, 19.9], [0, 0.01, 0], [0, 0, 1]])), (2000, 1000)
    )
    off = spans(("cam", 0.0, 60.0))
    assert is_counted(2, identify(appear(at_m=(19.4, 4.0)), views=[VIEW, neighbour], spans=off))


def test_each_camera_must_have_watched_its_own_end() -> None:
    begun = appear(for_s=BRIEF_S / 2)
    ended = walk(3, start_s=20.4, end_s=20.0 + BRIEF_S, at_m=(10.0, 4.0), camera="other")
    other = CameraView(CameraId("other"), VIEW.geometry, VIEW.frame_size_wh)
    for since_s, is_kept in ((0.0, False), (19.8, True)):
        watched = spans(("cam", since_s, 60.0), ("other", 0.0, 60.0))
        result = identify(begun, ended, views=[VIEW, other], spans=watched)
        assert is_counted(2, result) == is_kept


@pytest.mark.parametrize(("at_m", "is_kept"), [((10.2, 4.0), True), ((12.0, 4.0), False)])
def test_where_somebody_looked_nobody_is_left_out(at_m: tuple[float, float], is_kept: bool) -> None:
    place = FalsePlace(CameraId("cam"), *at_m, 0.5, 0.0, 0, 0.0, 0.0, is_certain=False)
    assert is_counted(2, identify(appear(), kept_places=[place])) == is_kept


def test_where_no_view_is_known_nobody_is_left_out() -> None:
    assert is_counted(2, identify(appear(), views=()))


def test_without_spans_a_camera_watched_as_long_as_it_saw_somebody() -> None:
    assert not is_counted(2, identify(appear(), spans=None))

"""Brief tracks that appear and vanish in the middle of the floor."""

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
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks
from analytics.visitors.identification import IdentifiedVisitors, identify_visitors
from analytics.visitors.visitor_settings import FALSE_TRACKS
from tests.unit.analytics.visitors.walks import join, spans, walk

ACROSS = walk(1, start_s=0, end_s=60, at_m=(0.2, 9.0), velocity_m_s=(0.32, 0.0))
"""A visitor present throughout, who defines floor and time."""
VIEW = CameraView(
    CameraId("cam"),
    CameraGeometry(np.diag([0.01, 0.01, 1.0])),
    (2000, 1000),
)
"""20 by 10 metres."""
BRIEF_S = FALSE_TRACKS.longest_s - 4.0


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


def test_a_brief_track_in_the_middle_is_excluded_and_counted() -> None:
    result = identify(appear(seed=1, sigma_m=0.08))
    assert not is_counted(2, result)
    assert is_counted(1, result)
    assert result.apparitions == ShortFalseTracks(1, pytest.approx(BRIEF_S))
    assert list(result.tracks.index) == list(range(len(result.tracks)))


DOOR = Zone(ZoneId("door"), ZoneKind.ENTRANCE, Polygon(((9.5, 3.5), (10.5, 3.5), (10.5, 4.5), (9.5, 4.5))))
OFF_AFTER_S = 20.0 + BRIEF_S + 0.4


@pytest.mark.parametrize(
    ("kept", "known"),
    [
        pytest.param(appear(for_s=FALSE_TRACKS.longest_s + 1.0), {}, id="longer"),
        pytest.param(appear(at_m=(-2.0, 4.0), velocity_m_s=(0.5, 0.0)), {}, id="walking"),
        pytest.param(appear(at_m=(0.6, 4.0)), {}, id="at the edge of the view"),
        pytest.param(appear(start_s=0.4), {}, id="when the camera began to watch"),
        pytest.param(appear(start_s=60.0 - BRIEF_S), {}, id="when the camera ceased to watch"),
        pytest.param(appear(), {"zones": [DOOR]}, id="in a door"),
        pytest.param(appear(), {"views": ()}, id="no view known"),
        pytest.param(
            appear(),
            {"spans": spans(("cam", 0.0, OFF_AFTER_S), ("cam", OFF_AFTER_S + 8.0, 60.0))},
            id="when the camera failed",
        ),
    ],
)
def test_possible_visitors_are_kept(kept: pd.DataFrame, known: dict[str, object]) -> None:
    result = identify(kept, **known)
    assert is_counted(2, result)
    assert result.apparitions == ShortFalseTracks(0, 0.0)


def test_a_track_that_is_found_again_is_kept() -> None:
    later = walk(3, start_s=20.0 + BRIEF_S + 2.0, end_s=55.0, at_m=(10.0, 4.0))
    result = identify(appear(), later)
    assert is_counted(2, result)
    assert is_counted(3, result)


def test_a_track_next_to_a_camera_that_is_off_is_kept() -> None:
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
def test_a_place_confirmed_as_real_is_kept(at_m: tuple[float, float], is_kept: bool) -> None:
    place = FalsePlace(CameraId("cam"), *at_m, 0.5, 0.0, 0, 0.0, 0.0, is_certain=False)
    assert is_counted(2, identify(appear(), kept_places=[place])) == is_kept


def test_without_spans_the_tracks_define_the_observation() -> None:
    assert not is_counted(2, identify(appear(), spans=None))

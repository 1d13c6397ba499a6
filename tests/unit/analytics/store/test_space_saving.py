"""What is written while the disk has little room."""

from __future__ import annotations

import pytest

from analytics.domain.event_sink import Gap, ObservedSpan
from analytics.domain.history_condition import HistoryMode
from analytics.domain.identifiers import CameraId, TrackletId
from analytics.domain.track import TrackPoint, TrackState
from analytics.store.retention import DAY_S, RetentionPolicy, plan_retention
from analytics.store.space_saving import DiskLimits, SpaceSaving, choose_limits, choose_mode
from analytics.store.track_files import TrackFile
from tests.unit.analytics.store.store_contents import NINE_S

CAM = CameraId("cam")
MIB = 2**20


class Written:
    """A sink that keeps the newest of what is told again."""

    def __init__(self) -> None:
        self.points: list[TrackPoint] = []
        self.spans: dict[float, ObservedSpan] = {}
        self.gaps: dict[float, Gap] = {}

    def write_points(self, points: list[TrackPoint]) -> None:
        self.points += points

    def write_span(self, span: ObservedSpan) -> None:
        self.spans[span.start_s] = span

    def write_gap(self, gap: Gap) -> None:
        self.gaps[gap.start_s] = gap


def make_point(time_s: float, tracklet: int) -> TrackPoint:
    return TrackPoint(time_s, CAM, TrackletId(tracklet), 1.0, 2.0, 0.1, None, TrackState.CONFIRMED)


def test_less_is_written_the_less_room_there_is_and_the_way_back_needs_more() -> None:
    limits = DiskLimits(thin_below=1000, pause_below=100)
    modes = []
    mode = HistoryMode.FULL
    for free in (1000, 999, 1400, 1500, 99, 149, 150, 1500):
        mode = choose_mode(free, present=mode, limits=limits)
        modes.append(mode.value)
    assert modes == ["full", "thinned", "thinned", "full", "paused", "paused", "thinned", "full"]
    assert choose_limits(10**12) == DiskLimits(2048 * MIB, 256 * MIB)
    assert choose_limits(2000 * MIB) == DiskLimits(100 * MIB, 20 * MIB)


def test_thinned_tracks_keep_a_point_of_each_person_and_second() -> None:
    sink = Written()
    saving = SpaceSaving(sink)  # type: ignore[arg-type]
    points = [make_point(10.0 + frame * 0.2, person) for frame in range(15) for person in (1, 2)]
    saving.write_points(points[:10])
    assert len(sink.points) == 10
    saving.change_mode(HistoryMode.THINNED)
    saving.write_points(points[10:20])
    saving.write_points(points[20:])
    assert [(point.time_s, point.tracklet) for point in sink.points[10:]] == [
        (time_s, person) for time_s in (11.0, 12.0) for person in (1, 2)
    ]
    saving.change_mode(HistoryMode.FULL)
    saving.write_points(points)
    assert len(sink.points) == 14 + 30


def test_a_pause_is_a_gap_and_splits_the_observation_that_goes_on() -> None:
    sink = Written()
    saving = SpaceSaving(sink)  # type: ignore[arg-type]

    def observe(until_s: float) -> None:
        saving.write_span(ObservedSpan(CAM, 0.0, until_s, round(until_s * 10)))
        saving.write_points([make_point(until_s, 1)])

    observe(5.0)
    saving.change_mode(HistoryMode.PAUSED)
    for until_s in (5.5, 6.0, 8.0):
        observe(until_s)
    saving.change_mode(HistoryMode.THINNED)
    observe(9.0)
    observe(10.0)
    saving.change_mode(HistoryMode.PAUSED)
    observe(10.5)
    observe(11.0)
    saving.change_mode(HistoryMode.FULL)
    observe(12.0)
    assert [(span.start_s, span.end_s, span.frames) for span in sink.spans.values()] == [
        (0.0, 5.0, 50),
        (8.0, 10.0, 20),
        (11.0, 12.0, 10),
    ]
    assert list(sink.gaps.values()) == [Gap(CAM, 5.0, 8.0, "disk full"), Gap(CAM, 10.0, 11.0, "disk full")]
    assert [point.time_s for point in sink.points] == [5.0, 9.0, 10.0, 12.0]
    saving.write_span(ObservedSpan(CAM, 20.0, 21.0, 9))
    assert sink.spans[20.0].frames == 9


@pytest.mark.parametrize(("max_bytes", "kept"), [(1000, 10), (650, 6), (1, 3)])
def test_the_oldest_hours_go_while_all_take_too_much_but_not_the_last_two_days(
    max_bytes: int, kept: int
) -> None:
    days = [NINE_S + day * DAY_S for day in range(10)]
    files = [TrackFile(f"{day}", round(day * 1e6), 0, 9, round(day * 1e6), 0, 5, 100) for day in days]
    policy = RetentionPolicy(max_bytes=max_bytes)
    plan = plan_retention(files=files, now_s=days[-1] + 1800, policy=policy)
    assert plan.to_delete == tuple(files[: 10 - kept])
    some = plan_retention(files=files, now_s=days[-1] + 1800, policy=policy, max_files=2)
    assert some.to_delete == tuple(files[: min(2, 10 - kept)])

"""Spans and gaps from the times of analysed frames."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from analytics.domain.event_sink import CameraEvent, CameraEventKind, Gap, ObservedSpan
from analytics.domain.identifiers import CameraId
from analytics.domain.track import TrackPoint
from vision.pipeline.observation_log import ObservationLog, TimeOrder

CAM = CameraId("cam")
FIRST_LINK, RECONNECTED, RESTARTED = (1 << 32) | 1, (1 << 32) | 2, (2 << 32) | 3


class ListSink:
    def __init__(self) -> None:
        self.spans: dict[float, ObservedSpan] = {}
        self.gaps: list[Gap] = []
        self.events: list[CameraEvent] = []

    def write_points(self, points: Sequence[TrackPoint]) -> None:
        raise AssertionError("not its business")

    def write_span(self, span: ObservedSpan) -> None:
        self.spans[span.start_s] = span

    def write_gap(self, gap: Gap) -> None:
        self.gaps.append(gap)

    def write_event(self, event: CameraEvent) -> None:
        self.events.append(event)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def make_log(
    sink: ListSink,
    *,
    fps: float = 5.0,
    observed_until_s: float | None = None,
    recorded: Sequence[tuple[float, float]] = (),
) -> ObservationLog:
    return ObservationLog(
        CAM,
        sink,
        interval_s=1.0 / fps,
        observed_until_s=observed_until_s,
        first_cause="not running",
        recorded=recorded,
    )


def spans_of(sink: ListSink) -> list[tuple[float, float, int]]:
    return [(span.start_s, span.end_s, span.frames) for span in sink.spans.values()]


def test_frames_without_a_pause_are_one_span_that_grows() -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK)
    log.observe(100.2, link=FIRST_LINK)
    log.write()
    assert spans_of(sink) == [(100.0, 100.2, 2)]
    log.observe(102.2, link=FIRST_LINK)  # two seconds are not longer than two seconds
    log.write()
    assert spans_of(sink) == [(100.0, 102.2, 3)]
    assert sink.gaps == []


@pytest.mark.parametrize(
    ("link", "cause"),
    [(FIRST_LINK, "stall"), (RECONNECTED, "camera lost"), (RESTARTED, "restarted")],
    ids=["the same connection", "another connection", "another process"],
)
def test_a_longer_pause_is_a_gap_with_its_cause(link: int, cause: str) -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK)
    log.observe(102.5, link=link)
    log.finish(102.6, is_lost=False)
    assert sink.gaps == [Gap(CAM, 100.0, 102.5, cause)]
    assert spans_of(sink) == [(100.0, 100.0, 1), (102.5, 102.5, 1)]


def test_a_slow_camera_has_no_gaps_between_its_frames() -> None:
    sink = ListSink()
    log = make_log(sink, fps=0.5)
    for time_s in (0.0, 5.0, 11.0, 17.5):
        log.observe(time_s, link=FIRST_LINK)
    assert sink.gaps == [Gap(CAM, 11.0, 17.5, "stall")]


def test_the_time_since_the_last_run_is_a_gap() -> None:
    sink = ListSink()
    log = make_log(sink, observed_until_s=50.0)
    log.observe(100.0, link=FIRST_LINK)
    assert sink.gaps == [Gap(CAM, 50.0, 100.0, "not running")]


def test_a_recording_that_nobody_stopped_ends_with_a_gap_and_its_cause() -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK)
    log.finish(100.3, is_lost=False, cause="terminated")
    assert spans_of(sink) == [(100.0, 100.0, 1)]
    assert sink.gaps == [Gap(CAM, 100.0, 100.3, "terminated")]


def test_a_picture_from_before_the_end_of_the_last_recording_does_not_count_again() -> None:
    sink = ListSink()
    log = make_log(sink, observed_until_s=50.0)
    assert log.observe(49.0, link=FIRST_LINK) is TimeOrder.REPEATED
    assert log.observe(50.6, link=FIRST_LINK) is TimeOrder.LATER
    log.finish(None, is_lost=False)
    assert spans_of(sink) == [(50.6, 50.6, 1)]
    assert sink.gaps == [Gap(CAM, 50.0, 50.6, "not running")]
    assert sink.events == []


def test_time_that_goes_back_begins_a_new_span_and_is_logged() -> None:
    sink = ListSink()
    log = make_log(sink)
    assert log.observe(100.0, link=FIRST_LINK) is TimeOrder.LATER
    assert log.observe(90.0, link=FIRST_LINK) is TimeOrder.BACK
    assert log.observe(90.2, link=FIRST_LINK) is TimeOrder.LATER
    log.finish(None, is_lost=False)
    assert spans_of(sink) == [(100.0, 100.0, 1), (90.0, 90.2, 2)]
    assert [event.kind for event in sink.events] == [CameraEventKind.CLOCK_SET_BACK]
    assert sink.gaps == []


def observe_every_second(log: ObservationLog, start_s: int, end_s: int) -> list[TimeOrder]:
    return [log.observe(float(time_s), link=FIRST_LINK) for time_s in range(start_s, end_s)]


def test_time_that_is_on_record_does_not_count_again() -> None:
    sink = ListSink()
    log = make_log(sink)
    observe_every_second(log, 100, 121)
    assert set(observe_every_second(log, 110, 121)) == {TimeOrder.REPEATED}
    assert log.repeats_until_s == 120.0
    assert set(observe_every_second(log, 121, 130)) == {TimeOrder.LATER}
    assert log.repeats_until_s is None
    log.finish(130.0, is_lost=False)
    assert spans_of(sink) == [(100.0, 120.0, 21), (121.0, 129.0, 9)]
    assert sink.gaps == []
    assert [(event.kind, event.detail) for event in sink.events] == [
        (CameraEventKind.CLOCK_SET_BACK, "its next 10.0 s are on record and do not count again")
    ]


def test_a_moment_that_is_on_record_is_met_again_some_microseconds_beside_it() -> None:
    sink = ListSink()
    log = make_log(sink)
    observe_every_second(log, 100, 121)
    orders = [log.observe(time_s + 3e-6, link=FIRST_LINK) for time_s in range(110, 123)]
    assert orders == [TimeOrder.REPEATED] * 11 + [TimeOrder.LATER] * 2
    for glitch_s in (130.0, 122.5):
        log.observe(glitch_s, link=FIRST_LINK)
    assert log.observe(129.99999, link=FIRST_LINK) is TimeOrder.REPEATED


def test_a_clock_that_was_far_ahead_for_a_moment_loses_only_that_moment() -> None:
    sink = ListSink()
    log = make_log(sink)
    observe_every_second(log, 1000, 1011)
    assert observe_every_second(log, 100, 1020)[:901] == [TimeOrder.BACK] + [TimeOrder.LATER] * 899 + [
        TimeOrder.REPEATED
    ]
    log.finish(1020.0, is_lost=False)
    assert spans_of(sink) == [(1000.0, 1010.0, 11), (100.0, 999.0, 900), (1011.0, 1019.0, 9)]
    assert sink.gaps == []


def test_what_an_earlier_process_recorded_ahead_does_not_count_again() -> None:
    sink = ListSink()
    log = make_log(sink, recorded=[(105.0, 110.0)])
    observe_every_second(log, 100, 115)
    log.finish(115.0, is_lost=False)
    assert spans_of(sink) == [(100.0, 104.0, 5), (111.0, 114.0, 4)]
    assert [event.kind for event in sink.events] == [CameraEventKind.CLOCK_SET_BACK]


def test_a_pause_after_repeated_time_is_a_gap() -> None:
    sink = ListSink()
    log = make_log(sink)
    observe_every_second(log, 100, 121)
    observe_every_second(log, 110, 115)
    observe_every_second(log, 150, 152)
    assert sink.gaps == [Gap(CAM, 120.0, 150.0, "stall")]


@pytest.mark.parametrize(("is_lost", "cause"), [(True, "camera lost"), (False, "stall")])
def test_a_gap_that_lasts_at_the_end_is_recorded(is_lost: bool, cause: str) -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK)
    log.finish(110.0, is_lost=is_lost)
    assert sink.gaps == [Gap(CAM, 100.0, 110.0, cause)]


def test_a_camera_that_never_came_back_keeps_the_first_cause() -> None:
    sink = ListSink()
    make_log(sink, observed_until_s=50.0).finish(110.0, is_lost=False)
    assert sink.gaps == [Gap(CAM, 50.0, 110.0, "not running")]


def test_nothing_is_written_twice() -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(1.0, link=FIRST_LINK)
    log.write()
    sink.spans.clear()
    log.write()
    log.finish(None, is_lost=False)
    assert spans_of(sink) == []


@pytest.mark.parametrize(("first_s", "gaps"), [(50.25, []), (51.0, [Gap(CAM, 50.0, 51.0, "not running")])])
def test_even_a_short_pause_between_two_processes_is_a_gap(first_s: float, gaps: list[Gap]) -> None:
    sink = ListSink()
    make_log(sink, fps=5.0, observed_until_s=50.0).observe(first_s, link=FIRST_LINK)
    assert sink.gaps == gaps


def test_a_camera_that_sees_nothing_is_a_gap_with_its_cause_and_the_span_is_cut() -> None:
    sink = ListSink()
    log = make_log(sink)
    for tick in range(51):
        log.observe(100.0 + tick / 5, link=FIRST_LINK)
    log.write()
    assert spans_of(sink) == [(100.0, 110.0, 51)]
    log.blind(110.2, since_s=105.0, cause="covered")  # noticed five seconds later
    log.blind(112.0, since_s=105.0, cause="covered")
    log.write()
    assert spans_of(sink) == [(100.0, 105.0, 26)]
    assert sink.gaps[-1] == Gap(CAM, 105.0, 112.0, "covered")
    assert log.observe(115.0, link=FIRST_LINK) is TimeOrder.LATER
    log.observe(115.2, link=FIRST_LINK)
    log.finish(115.4, is_lost=False)
    assert sink.gaps[-1] == Gap(CAM, 105.0, 115.0, "covered")
    assert spans_of(sink) == [(100.0, 105.0, 26), (115.0, 115.2, 2)]


def test_a_camera_that_is_blinded_to_the_end_is_a_gap_until_its_last_frame() -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK)
    log.blind(100.2, since_s=None, cause="dark")
    log.blind(130.0, since_s=None, cause="dark")
    log.finish(130.2, is_lost=False)
    assert sink.gaps == [Gap(CAM, 100.0, 130.0, "dark")]


def test_even_a_short_pause_between_two_capture_processes_is_a_gap() -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK)
    log.observe(100.2, link=FIRST_LINK)
    assert log.observe(101.9, link=RESTARTED) is TimeOrder.LATER
    log.finish(102.0, is_lost=False)
    assert sink.gaps == [Gap(CAM, 100.2, 101.9, "restarted")]
    assert spans_of(sink) == [(100.0, 100.2, 2), (101.9, 101.9, 1)]


def test_a_clock_that_is_set_forward_is_named_as_the_cause() -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK, uptime_s=7.0)
    log.observe(3700.2, link=FIRST_LINK, uptime_s=7.2)
    assert sink.gaps == [Gap(CAM, 100.0, 3700.2, "clock")]
    log.finish(7300.4, is_lost=False, uptime_s=7.4)
    assert sink.gaps[1:] == [Gap(CAM, 3700.2, 7300.4, "clock")]


@pytest.mark.parametrize("waited_s", [None, 30.0, 31.0], ids=["of a recording", "as long", "a little longer"])
def test_a_pause_that_really_passed_is_not_of_the_clock(waited_s: float | None) -> None:
    sink = ListSink()
    log = make_log(sink)
    log.observe(100.0, link=FIRST_LINK, uptime_s=None if waited_s is None else 7.0)
    log.observe(130.0, link=FIRST_LINK, uptime_s=None if waited_s is None else 7.0 + waited_s)
    assert sink.gaps == [Gap(CAM, 100.0, 130.0, "stall")]


def newest_gaps(sink: ListSink) -> list[tuple[float, float, str]]:
    """As a store has them: a gap of the same start takes the place of an older one."""
    return sorted(
        (start, end, cause)
        for start, end, cause in {
            gap.start_s: (gap.start_s, gap.end_s, gap.cause) for gap in sink.gaps
        }.values()
    )


def check_apart(sink: ListSink) -> None:
    stretches = sorted(
        [(start, end) for start, end, _ in spans_of(sink)] + [g[:2] for g in newest_gaps(sink)]
    )
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(stretches)), stretches


def test_a_gap_ends_where_a_clock_that_is_set_back_comes_by_it() -> None:
    sink = ListSink()
    log = make_log(sink)
    observe_every_second(log, 100, 111)
    observe_every_second(log, 3700, 3711)
    observe_every_second(log, 120, 131)
    log.finish(131.0, is_lost=False)
    assert newest_gaps(sink) == [(110.0, 120.0, "stall")]
    assert spans_of(sink) == [(100.0, 110.0, 11), (3700.0, 3710.0, 11), (120.0, 130.0, 11)]
    check_apart(sink)


def test_a_gap_ends_too_where_time_that_counts_again_lies_in_it() -> None:
    sink = ListSink()
    log = make_log(sink)
    observe_every_second(log, 100, 111)
    observe_every_second(log, 3700, 3711)
    observe_every_second(log, 105, 121)
    log.finish(121.0, is_lost=False)
    assert newest_gaps(sink) == [(110.0, 111.0, "stall")]
    check_apart(sink)


def test_a_picture_that_stands_still_is_a_gap_since_it_stood_and_until_it_moves() -> None:
    sink = ListSink()
    log = make_log(sink)
    for tick in range(5 * 320):
        time_s = 100.0 + tick / 5
        if 130.0 < time_s <= 150.0 or time_s > 410.0:
            log.observe(time_s, link=FIRST_LINK)  # not known yet, and again alive
        elif time_s > 150.0:
            log.blind(time_s, since_s=130.0, cause="frozen", link=FIRST_LINK)
        else:
            log.observe(time_s, link=FIRST_LINK)
    log.write()
    assert [span[:2] for span in spans_of(sink)] == [(100.0, 130.0), (410.2, pytest.approx(419.8))]
    assert newest_gaps(sink) == [(130.0, 410.2, "frozen")]


def test_what_stood_still_before_a_process_began_is_a_gap_of_its_own_cause() -> None:
    sink = ListSink()
    log = make_log(sink, observed_until_s=50.0)
    log.blind(100.0, since_s=90.0, cause="frozen", link=FIRST_LINK)
    log.blind(105.0, since_s=90.0, cause="frozen", link=FIRST_LINK)
    log.write()
    assert newest_gaps(sink) == [(50.0, 90.0, "not running"), (90.0, 105.0, "frozen")]


def test_a_gap_does_not_reach_back_into_what_another_process_recorded() -> None:
    sink = ListSink()
    log = make_log(sink, observed_until_s=95.0)
    log.blind(100.0, since_s=90.0, cause="frozen", link=FIRST_LINK)
    log.finish(None, is_lost=False)
    assert newest_gaps(sink) == [(95.0, 100.0, "frozen")]


def test_darkness_in_time_that_is_on_record_adds_no_gap() -> None:
    sink = ListSink()
    log = make_log(sink)
    observe_every_second(log, 100, 121)
    log.blind(110.0, since_s=109.0, cause="dark", link=FIRST_LINK)
    log.blind(115.0, since_s=109.0, cause="dark", link=FIRST_LINK)
    log.finish(115.0, is_lost=False)
    assert spans_of(sink) == [(100.0, 120.0, 21)]
    assert sink.gaps == []

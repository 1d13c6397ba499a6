"""A recorder is followed by its board, and by its history where it has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.domain.event_sink import ObservedSpan
from analytics.store.sql_event_store import open_store
from app.core.document import Venue
from app.facts.camera_outages import list_live_cameras
from app.integrations.hall_watch import RecorderStatus
from app.recording.announcement import Announcement, RecorderKind, announce, make_announcement, withdraw
from app.recording.status_board import StatusBoard
from tests.support.halls.live_people import make_status
from tests.support.halls.walked_hall import CAMERA, NOW_UTC_S, SetClock, make_hall


@pytest.fixture
def venue(tmp_path: Path) -> Venue:
    hall = make_hall(tmp_path)
    hall.folder.mkdir()
    return hall


@pytest.fixture
def board() -> Iterator[StatusBoard]:
    made = StatusBoard()
    yield made
    made.close()


def begin(venue: Venue, board: StatusBoard) -> Announcement:
    made = make_announcement(RecorderKind.SERVICE, board=board.name, slots=())
    announce(venue.folder, made)
    return made


def test_the_board_of_a_recorder_tells_who_is_seen(venue: Venue, board: StatusBoard) -> None:
    status = RecorderStatus(venue)
    assert status.read_status(NOW_UTC_S) is None
    recorder = begin(venue, board)
    shown = make_status({str(CAMERA): [(4.0, 3.0), (5.0, 3.0)]}, time_s=NOW_UTC_S)
    board.show(shown, now_utc_s=NOW_UTC_S)
    seen = status.read_status(NOW_UTC_S + 0.5)
    assert seen is not None
    assert list_live_cameras(seen) == {str(CAMERA)}
    assert [(track.x_m, track.y_m) for track in seen.cameras[0].tracks] == [(4.0, 3.0), (5.0, 3.0)]
    # a recorder that hangs shows what was: nobody is claimed to be there now
    late = status.read_status(NOW_UTC_S + 5.0)
    assert late is not None
    assert list_live_cameras(late) == frozenset()
    withdraw(venue.folder, recorder)
    assert status.read_status(NOW_UTC_S + 6.0) is None
    status.close()


def test_a_recorder_without_a_board_is_followed_by_what_it_writes(venue: Venue) -> None:
    gone = StatusBoard()
    begin(venue, gone)
    gone.close()
    writer = open_store(venue.folder, clock=SetClock())
    writer.write_span(ObservedSpan(CAMERA, NOW_UTC_S - 60.0, NOW_UTC_S - 1.0, 300))
    writer.close()
    status = RecorderStatus(venue)
    seen = status.read_status(NOW_UTC_S)
    assert seen is not None
    assert list_live_cameras(seen) == {str(CAMERA)}
    assert status.read_status(NOW_UTC_S + 10.0) is None
    status.close()

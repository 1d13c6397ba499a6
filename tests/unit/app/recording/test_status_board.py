"""What is written on the board is read as it was, without pictures and passwords."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from analytics.domain.errors import Phrase, PipelineError, SourceError
from analytics.domain.history_condition import HistoryCondition, HistoryMode
from app.recording.status_board import BOARD_BYTES, BoardReader, StatusBoard, pack_status
from tests.support.windows.scripted_monitor import make_status, make_track
from vision.alignment.view_report import BlindCause, ViewPictures, ViewReport, ViewVerdict
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import PipelineStatus, ProcessStatus

BOX = (1.0, 2.0, 3.0, 4.0)
VIEW = ViewReport(
    ViewVerdict.BLINDED,
    1.0,
    2.0,
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    size_wh=(64, 36),
    cause=BlindCause.DARK,
)
LOST = SourceError("Camera '{camera}' is lost.", "Check {what}.", camera="b", what=Phrase("the cable"))
STATUS = PipelineStatus(
    cameras=(
        make_status(
            "a",
            detail=Phrase("{n} pairs", {"n": 3}),
            tracks=(make_track(7, BOX),),
            tracks_time_s=5.0,
            found_xyxy=(BOX,),
            view=VIEW,
            view_pictures=ViewPictures((2, 2), b"\x00" * 4, b"\x01" * 4),
            size_wh=(64, 36),
        ),
        make_status("b", CameraState.LOST, error=LOST),
    ),
    processes=(ProcessStatus("inference", 1, 5.0, 2, False, "killed"),),
    failure=PipelineError("It stopped.", "Start it."),
    stage_seconds=(("read", 1.5),),
    pictures_under_way=3,
    history=HistoryCondition(HistoryMode.THINNED, 7, 8, Phrase("full {n}", {"n": 1}), Phrase("mended")),
)


def test_a_status_is_read_as_it_was_shown() -> None:
    board = StatusBoard()
    reader = BoardReader(board.name)
    try:
        assert reader.read() is None
        board.show(STATUS, now_utc_s=10.0)
        shown = reader.read()
        assert shown is not None
        status, written_utc_s = shown
        assert written_utc_s == 10.0
        expected = replace(STATUS.cameras[0], view_pictures=None)
        assert status.cameras[0] == expected
        for had, has in ((LOST, status.cameras[1].error), (STATUS.failure, status.failure)):
            assert had is not None
            assert has is not None
            assert (has.problem, has.remedy) == (had.problem, had.remedy)
        assert replace(status, cameras=(), failure=None) == replace(STATUS, cameras=(), failure=None)
    finally:
        reader.close()
        board.close()
    if sys.platform != "win32":
        with pytest.raises(FileNotFoundError):
            BoardReader(board.name)


def test_more_people_than_fit_leave_the_figures() -> None:
    crowd = replace(STATUS.cameras[0], tracks=tuple(make_track(n, BOX) for n in range(12000)), people=12000)
    assert len(json.dumps(pack_status(replace(STATUS, cameras=(crowd,))))) > BOARD_BYTES
    board = StatusBoard()
    reader = BoardReader(board.name)
    try:
        board.show(replace(STATUS, cameras=(crowd,)), now_utc_s=1.0)
        shown = reader.read()
        assert shown is not None
        assert shown[0].cameras[0].people == 12000
        assert shown[0].cameras[0].tracks == ()
    finally:
        reader.close()
        board.close()

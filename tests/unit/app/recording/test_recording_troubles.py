"""What `health` and `record` say of a recording that is not well: reasons, in the reader's language."""

from __future__ import annotations

from dataclasses import replace

from analytics.domain.errors import Phrase
from analytics.domain.history_condition import HistoryCondition, HistoryMode
from app.recording.cli import list_problems
from tests.support.windows.scripted_monitor import make_status
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import PipelineStatus, ProcessStatus
from vision.sources.source_faults import SourceFault, make_source_error

LOST = make_source_error(SourceFault.LOST, camera="north", location="rtsp://192.0.2.1/stream")
WELL = ProcessStatus("inference", 4, 90.0, 0, is_loading=False, detail="")
TROUBLED = PipelineStatus(
    cameras=(
        make_status("east"),
        make_status("north", CameraState.LOST, error=LOST),
        make_status("south", CameraState.QUARANTINED, detail="killed by SIGABRT"),
        make_status("west", detail=Phrase("The clock was set back by {s} s.", {"s": 8})),
    ),
    processes=(WELL, replace(WELL, name="capture of south", restarts=5, detail="killed by SIGABRT")),
    history=HistoryCondition(HistoryMode.PAUSED, free_bytes=2**20),
)


def test_nothing_is_said_of_a_recording_that_is_well() -> None:
    assert list(list_problems(PipelineStatus(cameras=(make_status("east"),), processes=(WELL,)))) == []


def test_every_trouble_is_told_with_its_reason() -> None:
    north, south, west, restarts, disk = list_problems(TROUBLED)
    assert north == f"north: {LOST.problem} {LOST.remedy}"
    assert south.startswith("south: This camera's video repeatedly crashed its reader")
    assert south.endswith("(killed by SIGABRT)")
    assert west == "west: The clock was set back by 8 s."
    assert restarts == ("capture of south was restarted 5 times, most recently because: killed by SIGABRT")
    assert disk.startswith("The disk is full (1 MiB left)")
